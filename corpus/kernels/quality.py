"""The counts behind Gopher's quality rules (Rae et al. 2021, arXiv 2112.11446, A.1), in one call per batch."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from .classes import SPACELESS_LETTER
from .compile import kernel
from .inline import at, inlined
from .segment import next_line, next_word
from .stop_words import StopWords, distinct_stop_words
from .tables import CLASSES, LOWER, Classes, Lower, class_of, unicode_tables
from .utf8 import BYTES, OFFSETS, Bytes, Offsets, decode, views

#: The ten bullets of RedPajama-V2 (`rps_lines_start_with_bulletpoint`), then those of datatrove and dolma besides.
BULLETS = (
    0x2022,  # BULLET
    0x2023,  # TRIANGULAR BULLET
    0x25B6,  # BLACK RIGHT-POINTING TRIANGLE
    0x25C0,  # BLACK LEFT-POINTING TRIANGLE
    0x25E6,  # WHITE BULLET
    0x25A0,  # BLACK SQUARE
    0x25A1,  # WHITE SQUARE
    0x25AA,  # BLACK SMALL SQUARE
    0x25AB,  # WHITE SMALL SQUARE
    0x2013,  # EN DASH
    0x002D,  # HYPHEN-MINUS
    0x002A,  # ASTERISK
)

#: Columns of `quality`.
COLUMNS = (
    "words",
    "spaced_words",
    "word_characters",
    "alpha_words",
    "hashes",
    "ellipses",
    "lines",
    "bullet_lines",
    "ellipsis_lines",
    "stop_words",
)

_HASH, _DOT = 0x23, 0x2E
_ELLIPSIS_1, _ELLIPSIS_2, _ELLIPSIS_3 = "…".encode()


@inlined
def ellipsis_at(data: Bytes, position: int, stop: int) -> int:
    """1 for a full stop, 3 for the character `…` (the dots they show), 0 for anything else at `position` < `stop`."""
    byte = data[position]
    if byte == _DOT:
        return 1
    if byte != _ELLIPSIS_1 or position + 2 >= stop:
        return 0
    return 3 if data[position + 1] == _ELLIPSIS_2 and data[position + 2] == _ELLIPSIS_3 else 0


@kernel(f"UniTuple(int64, 2)({BYTES}, int64, int64)")
def hashes_and_ellipses(data: Bytes, position: int, stop: int) -> tuple[int, int]:
    """Number signs, and ellipses: runs of full stops and `…` that show at least three dots, each run once."""
    hashes, ellipses, dots = 0, 0, 0
    while position < stop:
        shown = ellipsis_at(data, position, stop)
        if shown:
            ellipses += 1 if dots < 3 <= dots + shown else 0
            dots += shown
            position += shown  # as many bytes as dots
            continue
        dots = 0
        hashes += 1 if data[position] == _HASH else 0
        position += 1
    return hashes, ellipses


@inlined
def ends_in_ellipsis(data: Bytes, start: int, stop: int) -> int:
    """1 if the line `[start, stop)` without trailing white space ends in `...` or `…`."""
    if stop - start < 3:
        return 0
    if ellipsis_at(data, stop - 3, stop) == 3:
        return 1
    return 1 if data[stop - 1] == _DOT and data[stop - 2] == _DOT and data[stop - 3] == _DOT else 0


@kernel(
    f"void({BYTES}, {OFFSETS}, {CLASSES}, {LOWER}, uint64[::1], int32[::1], int32[::1], uint64[::1], int64[:, ::1])"
)
def _quality(
    data: Bytes,
    offsets: Offsets,
    classes: Classes,
    lower: Lower,
    keys: NDArray[np.uint64],
    numbers: NDArray[np.int32],
    seen: NDArray[np.int32],
    chains: NDArray[np.uint64],
    out: NDArray[np.int64],
) -> None:
    for text in range(len(offsets) - 1):
        start, stop = at(offsets, text), at(offsets, text + 1)
        words, spaced, characters, alphabetic = 0, 0, 0, 0
        position = start
        while position < stop:
            begin, position, length, letters = next_word(data, position, stop, classes)
            if begin < stop:
                words += 1
                alphabetic += 1 if letters else 0
                # A letter of a script without spaces stands for a word, but its length says nothing about words.
                if class_of(classes, decode(data, begin, stop)[0]) != SPACELESS_LETTER:
                    spaced += 1
                    characters += length
        lines, bullets, ellipses = 0, 0, 0
        position = start
        while position < stop:
            begin, _, _, first, last, position = next_line(data, position, stop, classes)
            if begin < stop:
                lines += 1
                bullets += 1 if decode(data, first, last)[0] in BULLETS else 0
                ellipses += ends_in_ellipsis(data, first, last)
        out[text, 0], out[text, 1], out[text, 2], out[text, 3] = words, spaced, characters, alphabetic
        out[text, 4], out[text, 5] = hashes_and_ellipses(data, start, stop)
        out[text, 6], out[text, 7], out[text, 8] = lines, bullets, ellipses
        out[text, 9] = 0
        if len(seen):
            out[text, 9] = distinct_stop_words(data, start, stop, classes, lower, keys, numbers, seen, text, chains)


def quality(texts: pa.Array, stop_words: StopWords) -> dict[str, NDArray[np.int64]]:
    """Columns `COLUMNS` of each text (string or binary array without nulls); zeros for an empty one."""
    data, offsets = views(texts)
    tables = unicode_tables()
    seen = np.full(stop_words.count, -1, dtype=np.int32)
    chains = np.empty(stop_words.longest, dtype=np.uint64)
    out = np.empty((len(texts), len(COLUMNS)), dtype=np.int64)
    _quality(data, offsets, tables.classes, tables.lower, stop_words.keys, stop_words.numbers, seen, chains, out)
    return {name: out[:, column] for column, name in enumerate(COLUMNS)}
