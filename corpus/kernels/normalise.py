"""Texts in the one form under which they count as the same: lower case, single spaces, trimmed."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from .classes import LINE_BREAK, WHITE_SPACE
from .compile import kernel
from .inline import at
from .tables import CLASSES, LOWER, Classes, Lower, class_of, lower_of, unicode_tables
from .utf8 import BAD, BYTES, OFFSETS, Bytes, Offsets, decode, encode, views

_SPACE = 0x20


@kernel(f"int64({BYTES}, {OFFSETS}, {CLASSES}, {LOWER}, uint8[::1], int64[::1])")
def _normalise(
    data: Bytes, offsets: Offsets, classes: Classes, lower: Lower, out: Bytes, ends: NDArray[np.int64]
) -> int:
    written = 0
    ends[0] = 0
    for text in range(len(offsets) - 1):
        position, stop = at(offsets, text), at(offsets, text + 1)
        first, spaced = written, False
        while position < stop:
            point, width = decode(data, position, stop)
            kind = class_of(classes, point)
            if kind in (WHITE_SPACE, LINE_BREAK):
                spaced = True
            else:
                if spaced and written > first:
                    out[written] = _SPACE
                    written += 1
                spaced = False
                if point == BAD:
                    out[written] = data[position]
                    written += 1
                else:
                    written = encode(lower_of(lower, point), out, written)
            position += width
        ends[text + 1] = written
    return written


def normalise(texts: pa.Array) -> tuple[Bytes, NDArray[np.int64]]:
    """UTF-8 of all normalised texts, one after the other, and the `len + 1` borders between them.

    Each character becomes its lower-case one, each run of white space one space, but none at the two ends; bytes that
    are not UTF-8 stay as they are.
    """
    data, offsets = views(texts)
    tables = unicode_tables()
    # No lower-case character has more than 3/2 of the bytes of its upper-case one: Ⱥ has 2, ⱥ has 3.
    size = int(offsets[-1]) - int(offsets[0])
    out = np.empty(size + size // 2, dtype=np.uint8)
    ends = np.empty(len(texts) + 1, dtype=np.int64)
    written = _normalise(data, offsets, tables.classes, tables.lower, out, ends)
    return out[:written], ends
