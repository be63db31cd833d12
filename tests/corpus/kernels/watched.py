"""Runs the kernels as plain Python over arrays that check and count every access. Needs NUMBA_DISABLE_JIT=1.

Not a test by itself: `test_bounds.py` runs it in a process of its own and reads the object it prints.
"""

from __future__ import annotations

import json
import random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.kernels import counts, normalise, quality, repetition
from corpus.kernels.stop_words import prepare
from corpus.kernels.tables import unicode_tables

from .texts import BROKEN, PIECES

_GUARD = b"\xe2\x80\xa6'a\n"  # what would go on with a word, a line or a run of dots, were it read
TABLES = unicode_tables()
STOP_WORDS = prepare(["the", "l'", "中文"])


class Watched(np.ndarray[Any, Any]):
    """An array that may be read from `low` to `high` only, and counts the reads of single items."""

    low: int
    high: int
    reads: int

    def __getitem__(self, index: Any) -> Any:
        if not isinstance(index, slice):
            self.reads += 1
            if not self.low <= index < self.high:
                raise IndexError(f"read at {index}, outside [{self.low}, {self.high})")
        return np.asarray(self)[index]


def watched(array: NDArray[Any], low: int, high: int) -> Watched:
    view = array.view(Watched)
    view.low, view.high, view.reads = low, high, 0
    return view


def run(text: bytes) -> int:
    """All kernels over one text in the middle of a buffer; how often they read its bytes."""
    start, stop = len(_GUARD), len(_GUARD) + len(text)
    data = watched(np.frombuffer(_GUARD + text + _GUARD, dtype=np.uint8), start, stop)
    offsets = np.array([start, stop], dtype=np.int32)
    classes = watched(TABLES.classes.copy(), 0, len(TABLES.classes))
    lower = watched(TABLES.lower.copy(), 0, len(TABLES.lower))
    words, ends = np.empty((len(text) + 1) // 2 + 1, dtype=np.uint64), np.empty(2, dtype=np.int64)
    seen, chains = np.full(STOP_WORDS.count, -1, dtype=np.int32), np.empty(STOP_WORDS.longest, dtype=np.uint64)
    room = np.empty(len(text) * 3 // 2, dtype=np.uint8)

    def out(columns: int) -> NDArray[np.int64]:
        return np.empty((1, columns), dtype=np.int64)

    counts._counts(data, offsets, classes, out(len(counts.COLUMNS)))
    counts._word_hashes(data, offsets, classes, lower, words, ends)
    normalise._normalise(data, offsets, classes, lower, room, ends)
    repetition._repetition(data, offsets, classes, out(len(repetition.COLUMNS)))
    columns = out(len(quality.COLUMNS))
    quality._quality(data, offsets, classes, lower, STOP_WORDS.keys, STOP_WORDS.numbers, seen, chains, columns)
    return data.reads


def probes(items: int) -> float:
    """Reads of the hash table per item and pass, over items half of which are duplicates."""
    rng = np.random.default_rng(items)
    hashes = rng.integers(0, 2**64, items // 2, dtype=np.uint64)
    hashes = np.concatenate([hashes, hashes])
    ends = np.arange(items + 1, dtype=np.int32)
    slots = watched(np.empty(1 << repetition.slot_bits(items), dtype=np.int32), 0, 1 << 62)
    found, _ = repetition.duplicate_items(hashes, ends, items, slots)
    assert found == items // 2
    return slots.reads / items


def main() -> None:
    rng = random.Random(0)
    pieces = [*map(str.encode, PIECES), *BROKEN]
    texts = [b"", *pieces, *(piece[:cut] for piece in pieces for cut in range(1, len(piece)))]
    texts += [b"".join(rng.choices(pieces, k=rng.randrange(30))) for _ in range(150)]
    for text in texts:
        run(text)
    # Shapes that tempt a scanner to look ahead or back again and again.
    shapes = [
        b"a",
        b"-",
        b"a-",
        b"'",
        b".",
        b"\n",
        b"\r",
        b"a\n",
        b" ",
        b"\xe2\x80",
        b"\xcc\x81",
        "中".encode(),
        b"ab cd ef ",
    ]
    reads = {repr(shape): [run(shape * times) / times for times in (100, 200, 400)] for shape in shapes}
    print(json.dumps({"texts": len(texts), "reads": reads, "probes": [probes(items) for items in (100, 1000, 10_000)]}))


if __name__ == "__main__":
    with np.errstate(over="ignore"):  # hashes wrap
        main()
