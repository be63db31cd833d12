"""Views of Arrow arrays, decoding and hashing of bytes."""

from __future__ import annotations

import itertools

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.kernels.utf8 import BAD, decode, encode, hash_span, views

from .texts import BROKEN, byte_strings


def test_views_share_the_memory_of_the_array() -> None:
    """No byte is copied, not even of a slice."""
    array = pa.array(["one", "zwei", "три"]).slice(1)
    data, offsets = views(array)
    assert data.ctypes.data == array.buffers()[2].address
    assert offsets.ctypes.data == array.buffers()[1].address + 4
    assert [bytes(data[a:b]).decode() for a, b in itertools.pairwise(offsets)] == ["zwei", "три"]


@pytest.mark.parametrize("array", [pa.array([], pa.string()), pa.array(["a"]).slice(1), pa.array(["a", ""]).slice(1)])
def test_views_of_nothing(array: pa.Array) -> None:
    """Arrays without rows or without bytes have views as well."""
    _, offsets = views(array)
    assert len(offsets) == len(array) + 1
    assert offsets[-1] - offsets[0] == 0


def test_nulls_and_other_types_are_refused() -> None:
    """A null text is a mistake of the caller, as is a column of another type."""
    with pytest.raises(ValueError, match="1 of 2 texts are null"):
        views(pa.array(["a", None]))
    with pytest.raises(TypeError, match="large_string"):
        views(pa.array(["a"], pa.large_string()))


def decoded(data: bytes) -> list[int]:
    buffer = np.frombuffer(data, dtype=np.uint8)
    points, position = [], 0
    while position < len(data):
        point, width = decode(buffer, position, len(data))
        points.append(point)
        position += width
    assert position == len(data)
    return points


@given(byte_strings)
def test_decode_as_python_does_with_one_bad_character_per_bad_byte(data: bytes) -> None:
    """Valid sequences give their code point, all other bytes `BAD` one by one."""
    text = data.decode("utf-8", "surrogateescape")
    assert decoded(data) == [BAD if 0xD800 <= ord(char) < 0xE000 else ord(char) for char in text]


@pytest.mark.parametrize("data", BROKEN)
def test_broken_sequences_are_bad_byte_by_byte(data: bytes) -> None:
    """Each known way to break UTF-8, at the end of a text and before ASCII."""
    assert decoded(data) == [BAD] * len(data)
    assert decoded(data + b"a") == [BAD] * len(data) + [ord("a")]


@given(st.characters(exclude_categories=["Cs"]))
def test_encode_is_the_inverse(char: str) -> None:
    """What encode writes is the character's UTF-8."""
    out = np.zeros(4, dtype=np.uint8)
    assert bytes(out[: encode(ord(char), out, 0)]) == char.encode()


@given(byte_strings, byte_strings, st.binary(max_size=9))
def test_hashes_of_spans_are_equal_exactly_if_the_bytes_are(one: bytes, other: bytes, before: bytes) -> None:
    """Neither the place of a span nor what follows it matters."""
    whole = np.frombuffer(before + one + b"x", dtype=np.uint8)
    alone = np.frombuffer(other, dtype=np.uint8)
    same = hash_span(whole, len(before), len(before) + len(one)) == hash_span(alone, 0, len(other))
    assert same == (one == other)


def test_hashes_of_similar_spans_differ() -> None:
    """No two of all spans of up to 1000 zeros, nor of 200,000 numbers, agree."""
    zeros = np.zeros(1000, dtype=np.uint8)
    assert len({int(hash_span(zeros, 0, stop)) for stop in range(1001)}) == 1001
    numbers = np.arange(200_000, dtype=np.uint32).view(np.uint8)
    assert len({int(hash_span(numbers, 4 * i, 4 * i + 4)) for i in range(200_000)}) == 200_000
