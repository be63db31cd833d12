"""Which words of a list a text holds, compared in lower case, by 64-bit hashes of folded words.

Folding: the lower-case table, and the plain form of each joiner (`’` is `'`), so that typography makes no difference.

- A stop word that is one word of `corpus.kernels.segment` is present where the text has that word.
- One that ends in a joiner (French `l'`, Maltese `il-`, `ta'`) is present where a word begins with the letters before
  the joiner and the joiner follows them, inside the word (*l'eau*) or right behind it (*ta' Malta*).
- One that is several words touching each other, as all are in scripts without spaces, is present where the same words
  touch in the same order. Without a dictionary, that may be inside a longer expression.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus.errors import CorpusError

from .classes import JOINER, JOINERS
from .compile import kernel
from .inline import at, inlined, signed
from .segment import next_word
from .tables import CLASSES, LOWER, Classes, Lower, class_of, lower_of, unicode_tables
from .utf8 import BYTES, OFFSETS, Bytes, Offsets, decode, finish, mix, views

Keys = NDArray[np.uint64]

_APOSTROPHE, _HYPHEN, _MIDDLE_DOT = sorted(set(JOINERS.values()))
_APOSTROPHES = tuple(sorted(point for point, plain in JOINERS.items() if plain == _APOSTROPHE))
_MIDDLE_DOTS = tuple(sorted(point for point, plain in JOINERS.items() if plain == _MIDDLE_DOT))
_CHAIN = np.uint64(0xD6E8FEB86659FD93)  # base of the polynomial in the keys of touching words
_ZERO = np.uint64(0)


@dataclass(frozen=True, kw_only=True)
class StopWords:
    """A list made ready for matching."""

    keys: Keys  # open addressing by the low bits; 0 is free; at most half full
    numbers: NDArray[np.int32]  # of the stop word in the slot of its key
    count: int  # different stop words
    longest: int  # most touching words that one of them has


@inlined
def fold_joiner(state: np.uint64, point: int) -> np.uint64:
    """The state of a folded word's hash after a joiner."""
    plain = _HYPHEN
    if point in _APOSTROPHES:
        plain = _APOSTROPHE
    elif point in _MIDDLE_DOTS:
        plain = _MIDDLE_DOT
    return mix(state, np.uint64(plain))


@inlined
def key_of(state: np.uint64) -> np.uint64:
    """The key of a folded word, never 0."""
    key = finish(state)
    return key if key != _ZERO else np.uint64(1)


@inlined
def slot_of(keys: Keys, key: np.uint64) -> int:
    """The slot that holds `key`, or the free one where it belongs."""
    last = len(keys) - 1
    slot = signed(key & np.uint64(last))
    while keys[slot] != _ZERO and keys[slot] != key:
        slot = slot + 1 & last
    return slot


@inlined
def newly_seen(keys: Keys, numbers: NDArray[np.int32], seen: NDArray[np.int32], key: np.uint64, text: int) -> int:
    """1 if `key` is that of a stop word which `text` did not have until now, else 0."""
    slot = slot_of(keys, key)
    if keys[slot] == _ZERO or seen[numbers[slot]] == text:
        return 0
    seen[numbers[slot]] = text
    return 1


@inlined
def folded_state(data: Bytes, start: int, stop: int, classes: Classes, lower: Lower) -> np.uint64:
    """State of the hash of the word `[start, stop)`, folded; `key_of` ends it."""
    state = _ZERO
    position = start
    while position < stop:
        point, width = decode(data, position, stop)
        if class_of(classes, point) == JOINER:
            state = fold_joiner(state, point)
        else:
            state = mix(state, np.uint64(lower_of(lower, point)))
        position += width
    return state


@kernel("void(uint64[::1], int32[::1], uint64[::1])")
def _fill(keys: Keys, numbers: NDArray[np.int32], different: Keys) -> None:
    """Enter the keys `different`, numbered in their order, into the empty table `keys`."""
    for number in range(len(different)):
        slot = slot_of(keys, different[number])
        keys[slot] = different[number]
        numbers[slot] = number


@kernel(f"void({BYTES}, {OFFSETS}, {CLASSES}, {LOWER}, uint64[::1], int64[::1])")
def _keys_of_list(
    data: Bytes, offsets: Offsets, classes: Classes, lower: Lower, keys: Keys, words: NDArray[np.int64]
) -> None:
    """Key of each stop word and the touching words it has; 0 for what can never be matched."""
    for item in range(len(offsets) - 1):
        position, stop = at(offsets, item), at(offsets, item + 1)
        chain, count = _ZERO, 0
        while position < stop:
            start, end, _, _ = next_word(data, position, stop, classes)
            if start > position or start >= stop:
                break
            state = folded_state(data, start, end, classes, lower)
            chain = chain * _CHAIN + key_of(state)
            count += 1
            position = end
            if count == 1 and end < stop:
                point, width = decode(data, end, stop)
                if class_of(classes, point) == JOINER and end + width == stop:
                    chain = key_of(fold_joiner(state, point))
                    position = stop
        keys[item] = chain
        words[item] = count if position >= stop else 0


@kernel(f"int64({BYTES}, int64, int64, {CLASSES}, {LOWER}, uint64[::1], int32[::1], int32[::1], int64, uint64[::1])")
def distinct_stop_words(
    data: Bytes,
    position: int,
    stop: int,
    classes: Classes,
    lower: Lower,
    keys: Keys,
    numbers: NDArray[np.int32],
    seen: NDArray[np.int32],
    text: int,
    chains: Keys,
) -> int:
    """Different stop words in the text `[position, stop)`.

    `seen`, one entry per stop word, holds the number of the text that last had it, so `text` must be new.
    `chains` is room for the keys of the last 1, 2, ... touching words, as many as the longest stop word has.
    """
    found, touching = 0, 0
    while position < stop:
        start, end, _, _ = next_word(data, position, stop, classes)
        if start >= stop:
            break
        touching = touching + 1 if start == position else 1
        position = start
        state = _ZERO
        while position < end:
            point, width = decode(data, position, stop)
            position += width
            if class_of(classes, point) == JOINER:
                state = fold_joiner(state, point)
                found += newly_seen(keys, numbers, seen, key_of(state), text)
            else:
                state = mix(state, np.uint64(lower_of(lower, point)))
        key = key_of(state)
        found += newly_seen(keys, numbers, seen, key, text)
        if end < stop:
            point, width = decode(data, end, stop)
            if class_of(classes, point) == JOINER:
                found += newly_seen(keys, numbers, seen, key_of(fold_joiner(state, point)), text)
        for before in range(min(touching, len(chains)) - 1, 0, -1):
            chains[before] = chains[before - 1] * _CHAIN + key
            found += newly_seen(keys, numbers, seen, chains[before], text)
        chains[0] = key
    return found


def prepare(stop_words: Sequence[str]) -> StopWords:
    """The list `stop_words`, folded and without repetitions.

    Raises CorpusError for an entry that no text can match, such as one with white space or of punctuation only.
    """
    data, offsets = views(pa.array(stop_words, pa.string()))
    tables = unicode_tables()
    chains = np.empty(len(stop_words), dtype=np.uint64)
    words = np.empty(len(stop_words), dtype=np.int64)
    _keys_of_list(data, offsets, tables.classes, tables.lower, chains, words)
    for stop_word, count in zip(stop_words, words, strict=True):
        if not count:
            raise CorpusError(
                f"stop word {stop_word!r} can never be found: give one word without white space or punctuation, "
                "which may end in one apostrophe or hyphen; correct the profile's list of stop words"
            )
    different = np.unique(chains)
    size = 16
    while size < 2 * len(different):
        size *= 2
    keys, numbers = np.zeros(size, dtype=np.uint64), np.zeros(size, dtype=np.int32)
    _fill(keys, numbers, different)
    return StopWords(keys=keys, numbers=numbers, count=len(different), longest=int(words.max(initial=1)))
