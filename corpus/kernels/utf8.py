"""UTF-8 in Arrow buffers: views without copies, code points out and in, hashes of spans.

Every kernel that reads text goes through `decode`, which reads inside `[position, stop)` only and gives each byte that
is no part of well-formed UTF-8 (Unicode 15, table 3-7) as one character `BAD`.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from .inline import at, inlined

Bytes = NDArray[np.uint8]
Offsets = NDArray[np.int32]

#: Types of the arguments that all kernels share, as numba writes them; Arrow's buffers are read-only.
BYTES = "Array(uint8, 1, 'C', readonly=True)"
OFFSETS = "Array(int32, 1, 'C', readonly=True)"

#: What `decode` gives for a byte that is not UTF-8.
BAD = -1

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # 2**64 divided by the golden ratio, made odd (Knuth, 6.4)
_FINAL_1 = np.uint64(0xFF51AFD7ED558CCD)  # the finaliser of MurmurHash3, 64 bits
_FINAL_2 = np.uint64(0xC4CEB9FE1A85EC53)
_HALF = np.uint64(32)
_SHIFT = np.uint64(33)


def views(texts: pa.Array) -> tuple[Bytes, Offsets]:
    """The bytes of a string or binary array and its `len + 1` offsets, which start anywhere in a sliced array.

    No byte is copied. Raises TypeError for another type and ValueError where a text is null.
    """
    if not (pa.types.is_string(texts.type) or pa.types.is_binary(texts.type)):
        raise TypeError(f"texts must be a string or binary array with 32-bit offsets, not {texts.type}")
    if texts.null_count:
        raise ValueError(f"{texts.null_count} of {len(texts)} texts are null")
    if not len(texts):
        return np.zeros(0, dtype=np.uint8), np.zeros(1, dtype=np.int32)
    _, positions, content = texts.buffers()
    offsets = np.frombuffer(positions, dtype=np.int32, count=len(texts) + 1, offset=4 * texts.offset)
    data = np.zeros(0, dtype=np.uint8) if content is None else np.frombuffer(content, dtype=np.uint8)
    return data, offsets


@inlined
def _decode_long(data: Bytes, position: int, stop: int) -> tuple[int, int]:
    """`decode` where the byte at `position` is not ASCII."""
    lead = at(data, position)
    if lead < 0xC2 or lead > 0xF4 or position + 1 >= stop:
        return BAD, 1
    second = at(data, position + 1)
    if second & 0xC0 != 0x80:
        return BAD, 1
    if lead < 0xE0:
        return (lead & 0x1F) << 6 | second & 0x3F, 2
    if position + 2 >= stop:
        return BAD, 1
    third = at(data, position + 2)
    if third & 0xC0 != 0x80:
        return BAD, 1
    if lead < 0xF0:
        point = (lead & 0x0F) << 12 | (second & 0x3F) << 6 | third & 0x3F
        if point < 0x800 or 0xD800 <= point < 0xE000:
            return BAD, 1
        return point, 3
    if position + 3 >= stop:
        return BAD, 1
    fourth = at(data, position + 3)
    point = (lead & 0x07) << 18 | (second & 0x3F) << 12 | (third & 0x3F) << 6 | fourth & 0x3F
    if fourth & 0xC0 != 0x80 or point < 0x10000 or point > 0x10FFFF:
        return BAD, 1
    return point, 4


@inlined
def decode(data: Bytes, position: int, stop: int) -> tuple[int, int]:
    """Code point at `position` < `stop`, and its length in bytes; (`BAD`, 1) for a byte that is not UTF-8."""
    if data[position] < 0x80:
        return at(data, position), 1
    return _decode_long(data, position, stop)


@inlined
def encode(point: int, out: Bytes, position: int) -> int:
    """Write a code point at `position` of `out`, which has room for it; the position after it."""
    if point < 0x80:
        out[position] = point
        return position + 1
    if point < 0x800:
        out[position] = 0xC0 | point >> 6
        out[position + 1] = 0x80 | point & 0x3F
        return position + 2
    if point < 0x10000:
        out[position] = 0xE0 | point >> 12
        out[position + 1] = 0x80 | point >> 6 & 0x3F
        out[position + 2] = 0x80 | point & 0x3F
        return position + 3
    out[position] = 0xF0 | point >> 18
    out[position + 1] = 0x80 | point >> 12 & 0x3F
    out[position + 2] = 0x80 | point >> 6 & 0x3F
    out[position + 3] = 0x80 | point & 0x3F
    return position + 4


@inlined
def mix(state: np.uint64, value: np.uint64) -> np.uint64:
    """The next state of a hash that takes in `value`; different states stay different under the same value."""
    state = (state ^ value) * _MULTIPLIER
    return state ^ (state >> _HALF)


@inlined
def finish(state: np.uint64) -> np.uint64:
    """Spread a state over all 64 bits, one to one."""
    state = (state ^ (state >> _SHIFT)) * _FINAL_1
    state = (state ^ (state >> _SHIFT)) * _FINAL_2
    return state ^ (state >> _SHIFT)


@inlined
def hash_span(data: Bytes, start: int, stop: int) -> np.uint64:
    """64-bit hash of the bytes `[start, stop)`, hence of their code points.

    Two given different spans agree with odds of about 2**-64, and some two of m different spans with about
    m**2 / 2**65: 3e-8 for a million lines. It is no defence against someone who builds collisions.
    """
    state = mix(np.uint64(0), np.uint64(stop - start))
    position = start
    while position + 8 <= stop:
        word = np.uint64(0)
        for byte in range(8):
            word |= np.uint64(data[position + byte]) << np.uint64(8 * byte)
        state = mix(state, word)
        position += 8
    word = np.uint64(0)
    for byte in range(stop - position):
        word |= np.uint64(data[position + byte]) << np.uint64(8 * byte)
    return finish(mix(state, word))
