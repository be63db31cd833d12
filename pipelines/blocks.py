"""What crosses a shuffle: packed arrays of small fixed records, at most 1 MB each. Never text."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa

#: Flink fails on records near 10 MB; well below it, a block still holds tens of thousands of records.
BLOCK_BYTES = 1 << 20

Array = np.ndarray[Any, np.dtype[Any]]


def pack(keys: Array, records: Array) -> Iterator[tuple[int, bytes]]:
    """Group records by their key and cut each group into blocks."""
    order = np.argsort(keys, kind="stable")
    keys, records = keys[order], records[order]
    limit = max(1, BLOCK_BYTES // records.dtype.itemsize)
    borders = [0, *(np.flatnonzero(np.diff(keys)) + 1).tolist(), len(keys)]
    for start, end in itertools.pairwise(borders):
        for first in range(start, end, limit):
            yield int(keys[start]), records[first : min(first + limit, end)].tobytes()


def unpack(blocks: Iterable[bytes], dtype: Any) -> Array:
    return np.frombuffer(b"".join(blocks), dtype=dtype)


def runs(*columns: Array) -> list[tuple[int, int]]:
    """Borders `[start, end)` of runs of equal values, two records or longer, in sorted columns."""
    starts, ends = run_borders(*columns)
    long = ends - starts > 1
    return list(zip(starts[long].tolist(), ends[long].tolist(), strict=True))


def run_borders(*columns: Array) -> tuple[Array, Array]:
    """Starts and ends of all runs of equal values in sorted columns."""
    size = len(columns[0])
    if size == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    change = np.zeros(size - 1, bool)
    for column in columns:
        change |= column[1:] != column[:-1]
    border = np.flatnonzero(change) + 1
    return np.concatenate([[0], border]), np.concatenate([border, [size]])


def halves(digits: pa.Array) -> tuple[Array, Array]:
    """High and low 64 bits of hashes and ids written as 32 hexadecimal digits."""
    raw = np.frombuffer(bytes.fromhex("".join(digits.to_pylist())), dtype=">u8").astype(np.uint64)
    return raw[0::2].copy(), raw[1::2].copy()


def digits(high: int, low: int) -> str:
    return f"{high:016x}{low:016x}"


def partition(high: Array, count: int) -> Array:
    """Partition of each key: equal ranges of its highest 32 bits."""
    return ((high >> np.uint64(32)) * np.uint64(count) >> np.uint64(32)).astype(np.int64)
