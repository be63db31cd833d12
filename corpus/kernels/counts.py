"""Counts of a text's parts, and the hashes of its words: what other modules build statistics and shingles on."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from .compile import kernel
from .inline import at
from .segment import next_line, next_paragraph, next_word
from .stop_words import folded_state, key_of
from .tables import CLASSES, LOWER, Classes, Lower, unicode_tables
from .utf8 import BYTES, OFFSETS, Bytes, Offsets, decode, views

#: Columns of `counts`.
COLUMNS = ("characters", "words", "lines", "paragraphs")


@kernel(f"void({BYTES}, {OFFSETS}, {CLASSES}, int64[:, ::1])")
def _counts(data: Bytes, offsets: Offsets, classes: Classes, out: NDArray[np.int64]) -> None:
    for text in range(len(offsets) - 1):
        start, stop = at(offsets, text), at(offsets, text + 1)
        characters, words, lines, paragraphs = 0, 0, 0, 0
        position = start
        while position < stop:
            position += decode(data, position, stop)[1]
            characters += 1
        position = start
        while position < stop:
            begin, position, _, _ = next_word(data, position, stop, classes)
            words += 1 if begin < stop else 0
        position = start
        while position < stop:
            begin, _, _, _, _, position = next_line(data, position, stop, classes)
            lines += 1 if begin < stop else 0
        position = start
        while position < stop:
            begin, _, _, position = next_paragraph(data, position, stop, classes)
            paragraphs += 1 if begin < stop else 0
        out[text, 0], out[text, 1], out[text, 2], out[text, 3] = characters, words, lines, paragraphs


@kernel(f"int64({BYTES}, {OFFSETS}, {CLASSES}, {LOWER}, uint64[::1], int64[::1])")
def _word_hashes(
    data: Bytes, offsets: Offsets, classes: Classes, lower: Lower, out: NDArray[np.uint64], ends: NDArray[np.int64]
) -> int:
    words = 0
    ends[0] = 0
    for text in range(len(offsets) - 1):
        position, stop = at(offsets, text), at(offsets, text + 1)
        while position < stop:
            begin, position, _, _ = next_word(data, position, stop, classes)
            if begin < stop:
                out[words] = key_of(folded_state(data, begin, position, classes, lower))
                words += 1
        ends[text + 1] = words
    return words


def counts(texts: pa.Array) -> dict[str, NDArray[np.int64]]:
    """Columns `COLUMNS` of each text, by the definitions of `corpus.kernels.segment`; zeros for an empty text."""
    data, offsets = views(texts)
    out = np.empty((len(texts), len(COLUMNS)), dtype=np.int64)
    _counts(data, offsets, unicode_tables().classes, out)
    return {name: out[:, column] for column, name in enumerate(COLUMNS)}


def word_hashes(texts: pa.Array) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """64-bit hashes, never 0, of all words in lower case, text after text, and the `len + 1` borders between texts.

    Spellings of apostrophes and hyphens make no difference (see `corpus.kernels.stop_words`).
    """
    data, offsets = views(texts)
    tables = unicode_tables()
    # A word has one byte and one byte that parts it from the next, or three bytes; unused pages cost no memory.
    out = np.empty((int(offsets[-1]) - int(offsets[0]) + len(texts)) // 2 + 1, dtype=np.uint64)
    ends = np.empty(len(texts) + 1, dtype=np.int64)
    words = _word_hashes(data, offsets, tables.classes, tables.lower, out, ends)
    return out[:words].copy(), ends
