"""What crosses a shuffle."""

from __future__ import annotations

import itertools

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines import blocks
from pipelines.blocks import digits, halves, pack, partition, run_borders, runs, unpack

DTYPE = np.dtype([("a", "<u8"), ("b", "<i4")])


def records(values: list[int]) -> blocks.Array:
    made = np.zeros(len(values), DTYPE)
    made["a"] = values
    made["b"] = np.arange(len(values))
    return made


@given(st.lists(st.integers(0, 5), max_size=60), st.integers(1, 100))
def test_packed_records_come_back_by_key_in_order(keys: list[int], size: int) -> None:
    """Whatever the size of a block; no block is larger than that, unless one record is."""
    made = records([key * 10 for key in keys])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK_BYTES", size)
        packed = list(pack(np.array(keys, np.int64), made))
    assert [key for key, _ in packed] == sorted(key for key, _ in packed)
    for _, block in packed:
        assert 0 < len(block) <= max(size, DTYPE.itemsize)
    for key in set(keys):
        back = unpack((block for other, block in packed if other == key), DTYPE)
        assert back.tolist() == made[np.array(keys) == key].tolist()
    assert {key for key, _ in packed} == set(keys)


def test_block_is_a_megabyte_at_most() -> None:
    """Flink fails on records near ten."""
    packed = list(pack(np.zeros(200_000, np.int64), records(list(range(200_000)))))
    assert max(len(block) for _, block in packed) <= 1 << 20
    assert len(packed) == -(-200_000 * DTYPE.itemsize // (1 << 20))


def test_keys_of_all_64_bits_are_kept_apart() -> None:
    """Differences of unsigned numbers wrap; neighbours must still differ."""
    keys = np.array([2**63, 0, 2**63 + 1, 2**62], np.uint64)
    assert [key for key, _ in pack(keys, records([1, 2, 3, 4]))] == [0, 2**62, 2**63, 2**63 + 1]


def test_nothing_packs_to_nothing() -> None:
    assert list(pack(np.zeros(0, np.int64), records([]))) == []
    assert unpack([], DTYPE).tolist() == []


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), max_size=40))
def test_runs_are_stretches_of_equal_values(values: list[tuple[int, int]]) -> None:
    values.sort()
    columns = [np.array([value[index] for value in values], np.int64) for index in (0, 1)]
    starts, ends = run_borders(*columns)
    covered = [number for start, end in zip(starts, ends, strict=True) for number in range(start, end)]
    assert covered == list(range(len(values)))
    for start, end in zip(starts, ends, strict=True):
        assert len(set(values[start:end])) == 1
    for first, second in itertools.pairwise(starts.tolist()):
        assert values[first] != values[second]
    assert runs(*columns) == [(s, e) for s, e in zip(starts.tolist(), ends.tolist(), strict=True) if e - s >= 2]


@given(st.lists(st.tuples(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1)), max_size=10))
def test_halves_and_digits_are_inverse(pairs: list[tuple[int, int]]) -> None:
    texts = [digits(high, low) for high, low in pairs]
    assert all(len(text) == 32 for text in texts)
    high, low = halves(pa.array(texts, pa.string()))
    assert list(zip(high.tolist(), low.tolist(), strict=True)) == pairs
    assert high.dtype == low.dtype == np.uint64


def test_halves_of_slices_and_chunks() -> None:
    texts = [digits(number, number + 1) for number in range(6)]
    assert halves(pa.array(texts).slice(2, 2))[0].tolist() == [2, 3]
    assert halves(pa.chunked_array([texts[:4], texts[4:]]))[1].tolist() == [1, 2, 3, 4, 5, 6]


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=20), st.integers(1, 4096))
def test_partitions_are_equal_ranges_of_keys(keys: list[int], count: int) -> None:
    keys.sort()
    parts = partition(np.array(keys, np.uint64), count).tolist()
    assert parts == sorted(parts)
    assert all(0 <= part < count for part in parts)
    assert parts == [(key >> 32) * count // 2**32 for key in keys]
