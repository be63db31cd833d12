"""How much of a text repeats itself: the counts behind Gopher's repetition rules.

After Rae et al. 2021 (arXiv 2112.11446, table A1), counted the way datatrove's `GopherRepetitionFilter` does:

- a line or paragraph that was there before is a duplicate, each further time anew, with all its characters;
- the top n-gram is the one that occurs most often, the longest of those that occur equally often. If it occurs at least
  twice, its characters (words joined by one space) times its occurrences count, overlapping ones too; else nothing;
- duplicate n-grams are found from left to right: an n-gram that was there before adds its characters (words joined by
  nothing) and the scan goes on n words later; any other is remembered and the scan goes on one word later.

Lines, paragraphs and words are those of `corpus.kernels.segment`; they are equal if their 64-bit hashes are, see
`utf8.hash_span` for the odds. n-grams are equal if their words are, and are compared by a 64-bit polynomial in
their words' hashes. Letter case counts.

Time is linear in the text. Memory, shared by all documents of a call, is that of the largest: about 36 bytes per word
or line (measured: three bytes per byte of prose, fifteen per byte of a text of one-letter words).
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from .compile import kernel
from .inline import at, inlined, signed
from .segment import next_line, next_paragraph, next_word
from .tables import CLASSES, Classes, unicode_tables
from .utf8 import BYTES, OFFSETS, Bytes, Offsets, decode, hash_span, views

TOP_NGRAMS = (2, 3, 4)
DUPLICATE_NGRAMS = (5, 6, 7, 8, 9, 10)

#: Columns of `repetition`.
COLUMNS = (
    "characters",
    "lines",
    "duplicate_lines",
    "duplicate_line_characters",
    "paragraphs",
    "duplicate_paragraphs",
    "duplicate_paragraph_characters",
    *(f"top_{n}gram_characters" for n in TOP_NGRAMS),
    *(f"duplicate_{n}gram_characters" for n in DUPLICATE_NGRAMS),
)

_LINES, _PARAGRAPHS, _GRAMS = 1, 4, 7
_FIRST_GRAM, _FIRST_DUPLICATE_GRAM, _LAST_GRAM = TOP_NGRAMS[0], DUPLICATE_NGRAMS[0], DUPLICATE_NGRAMS[-1]

_BASE = np.uint64(0xD6E8FEB86659FD93)  # of the polynomial; any large odd number but that of the slots will do
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # 2**64 divided by the golden ratio: Fibonacci hashing (Knuth, 6.4)

Hashes = NDArray[np.uint64]
Ints = NDArray[np.int32]


@inlined
def slot_bits(items: int) -> int:
    """Smallest b >= 4 with 2**b >= 2 * items: a table of that size is at most half full, so that probes stay short."""
    bits = 4
    while 1 << bits < 2 * items:
        bits += 1
    return bits


@inlined
def earlier(hashes: Hashes, item: int, slots: Ints, bits: int) -> int:
    """The first item with the hash of `item`, or -1 after entering `item` as the first.

    `slots` holds, in its first 2**bits entries, item + 1 or 0 for a free slot (open addressing, linear probing).
    """
    value = hashes[item]
    slot = signed((value * _GOLDEN) >> np.uint64(64 - bits))
    last = (1 << bits) - 1
    while slots[slot]:
        first = at(slots, slot) - 1
        if hashes[first] == value:
            return first
        slot = slot + 1 & last
    slots[slot] = item + 1
    return -1


@kernel("UniTuple(int64, 2)(uint64[::1], int32[::1], int64, int32[::1])")
def duplicate_items(hashes: Hashes, ends: Ints, items: int, slots: Ints) -> tuple[int, int]:
    """Items that were there before, and their characters; item i has the characters `ends[i]` to `ends[i + 1]`."""
    bits = slot_bits(items)
    slots[: 1 << bits] = 0
    found, characters = 0, 0
    for item in range(items):
        if earlier(hashes, item, slots, bits) >= 0:
            found += 1
            characters += at(ends, item + 1) - at(ends, item)
    return found, characters


@kernel("int64(uint64[::1], int32[::1], int64, int64, int32[::1], int32[::1])")
def top_ngram(grams: Hashes, ends: Ints, words: int, n: int, counts: Ints, slots: Ints) -> int:
    """Characters of the top n-gram times its occurrences; 0 if no n-gram occurs twice."""
    bits = slot_bits(words - n + 1)
    slots[: 1 << bits] = 0
    most, longest = 1, 0
    for word in range(words - n + 1):
        first = earlier(grams, word, slots, bits)
        if first < 0:
            counts[word] = 1
            continue
        counts[first] += 1
        count = at(counts, first)
        length = at(ends, word + n) - at(ends, word) + n - 1
        if count > most:
            most, longest = count, length
        elif count == most:
            longest = max(longest, length)
    return most * longest


@kernel("int64(uint64[::1], int32[::1], int64, int64, int32[::1])")
def duplicate_ngrams(grams: Hashes, ends: Ints, words: int, n: int, slots: Ints) -> int:
    """Characters of the n-grams that a scan from left to right has met before."""
    bits = slot_bits(words - n + 1)
    slots[: 1 << bits] = 0
    characters, word = 0, 0
    while word + n <= words:
        if earlier(grams, word, slots, bits) >= 0:
            characters += at(ends, word + n) - at(ends, word)
            word += n
        else:
            word += 1
    return characters


@kernel(f"void({BYTES}, {OFFSETS}, {CLASSES}, int64[:, ::1])")
def _repetition(data: Bytes, offsets: Offsets, classes: Classes, out: NDArray[np.int64]) -> None:
    largest = 0
    for text in range(len(offsets) - 1):
        largest = max(largest, at(offsets, text + 1) - at(offsets, text))
    # Two words, or two lines, have at least one byte between them, or three bytes each. Pages of these arrays that no
    # text reaches are never touched, so they cost no memory.
    room = largest // 2 + 1
    hashes = np.empty(room, dtype=np.uint64)
    grams = np.empty(room, dtype=np.uint64)
    ends = np.empty(room + 1, dtype=np.int32)
    counts = np.empty(room, dtype=np.int32)
    slots = np.empty(1 << slot_bits(room), dtype=np.int32)
    ends[0] = 0
    for text in range(len(offsets) - 1):
        start, stop = at(offsets, text), at(offsets, text + 1)
        position, characters = start, 0
        while position < stop:
            _, width = decode(data, position, stop)
            position += width
            characters += 1
        out[text, 0] = characters

        items, position = 0, start
        while position < stop:
            begin, end, length, _, _, position = next_line(data, position, stop, classes)
            if begin < stop:
                hashes[items] = hash_span(data, begin, end)
                ends[items + 1] = ends[items] + length
                items += 1
        out[text, _LINES] = items
        out[text, _LINES + 1], out[text, _LINES + 2] = duplicate_items(hashes, ends, items, slots)

        items, position = 0, start
        while position < stop:
            begin, end, length, position = next_paragraph(data, position, stop, classes)
            if begin < stop:
                hashes[items] = hash_span(data, begin, end)
                ends[items + 1] = ends[items] + length
                items += 1
        out[text, _PARAGRAPHS] = items
        out[text, _PARAGRAPHS + 1], out[text, _PARAGRAPHS + 2] = duplicate_items(hashes, ends, items, slots)

        items, position = 0, start
        while position < stop:
            begin, position, length, _ = next_word(data, position, stop, classes)
            if begin < stop:
                hashes[items] = hash_span(data, begin, position)
                grams[items] = hashes[items]
                ends[items + 1] = ends[items] + length
                items += 1
        repeated = True
        for n in range(_FIRST_GRAM, _LAST_GRAM + 1):
            characters = 0
            # Where all n-grams differ, all longer ones differ.
            if repeated and n <= items:
                for word in range(items - n + 1):
                    grams[word] = grams[word] * _BASE + hashes[word + n - 1]
                if n < _FIRST_DUPLICATE_GRAM:
                    characters = top_ngram(grams, ends, items, n, counts, slots)
                else:
                    characters = duplicate_ngrams(grams, ends, items, n, slots)
                repeated = characters > 0
            out[text, _GRAMS + n - _FIRST_GRAM] = characters


def repetition(texts: pa.Array) -> dict[str, NDArray[np.int64]]:
    """Columns `COLUMNS` of each text (string or binary array without nulls); zeros for an empty one."""
    data, offsets = views(texts)
    out = np.empty((len(texts), len(COLUMNS)), dtype=np.int64)
    _repetition(data, offsets, unicode_tables().classes, out)
    return {name: out[:, column] for column, name in enumerate(COLUMNS)}
