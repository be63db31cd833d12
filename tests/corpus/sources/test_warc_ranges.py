"""Reading ranges: any cut of a file gives what reading it whole gives, damage included."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.sources import ReadOptions, warc
from tests.corpus.sources.warc_files import (
    CONTAINERS,
    Reading,
    gz,
    input_file,
    page,
    pages,
    read_file,
    read_ranges,
    record,
    warcinfo,
)

SHARED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)


def cut(size: int, borders: Sequence[int]) -> list[tuple[int, int]]:
    inside = sorted({border % size for border in borders} - {0})
    return list(zip([0, *inside], [*inside, size], strict=True))


def same(left: Reading, right: Reading) -> None:
    assert left.rows == right.rows
    assert left.log.quarantined == right.log.quarantined
    assert left.log.skipped == right.log.skipped
    assert left.log.bytes_read == right.log.bytes_read


@pytest.fixture(scope="module")
def members() -> list[bytes]:
    others = [record(b"x", "request", http=None), record(b"x" * 50, http=[("Content-Type", "image/png")])]
    return [gz(item) for item in [warcinfo(), *pages(10, 40), *others, *pages(5, 400)]]


def test_plans_cover_the_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"".join(gz(item) for item in pages(50)))
    size = path.stat().st_size
    plan = warc.READER.plan(input_file(path), ReadOptions(), 5000)
    assert len(plan) > 3
    assert plan[0][0] == 0
    assert plan[-1][1] == size
    assert all(left[1] == right[0] for left, right in itertools.pairwise(plan))


@pytest.mark.parametrize("container", [name for name in CONTAINERS if name != "gzip_per_record"])
def test_what_cannot_be_cut_is_one_range(tmp_path: Path, container: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(CONTAINERS[container][0](pages(50)))
    assert warc.READER.plan(input_file(path), ReadOptions(), 1000) == [(0, path.stat().st_size)]


def test_plans_for_unreadable_files_are_one_range(tmp_path: Path) -> None:
    """It is `read` that reports them."""
    path = tmp_path / "file"
    for data in (b"nothing", b"\x04\x22\x4d\x18" + bytes(99)):
        path.write_bytes(data)
        assert warc.READER.plan(input_file(path), ReadOptions(), 10) == [(0, len(data))]
    missing = input_file(path)
    path.unlink()
    assert warc.READER.plan(missing, ReadOptions(), 10) == [(0, missing.bytes)]


def test_planned_ranges_give_the_whole(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"".join(gz(item) for item in pages(50)))
    for split in (300, 1000, 5000):
        same(read_file(path, split_bytes=split), read_file(path))
    assert read_file(path).pages == [page(number) for number in range(50)]


@SHARED
@given(borders=st.lists(st.integers(0, 1 << 20), max_size=12))
def test_any_cut_gives_the_same(tmp_path: Path, members: list[bytes], borders: list[int]) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"".join(members))
    size = path.stat().st_size
    same(read_ranges(path, cut(size, borders)), read_ranges(path, [(0, size)]))


@SHARED
@given(seed=st.integers(0, 1 << 30), borders=st.lists(st.integers(0, 1 << 20), max_size=12))
def test_any_cut_of_a_damaged_file_gives_the_same(
    tmp_path: Path, members: list[bytes], seed: int, borders: list[int]
) -> None:
    """Flipped, cut out, inserted and overwritten bytes; ranges that begin at, in and behind the damage."""
    choose = random.Random(seed)
    parts = list(members)
    for _ in range(choose.randint(1, 4)):
        index = choose.randrange(len(parts))
        part = bytearray(parts[index])
        where = choose.randrange(len(part) or 1)
        action = choose.randrange(6)
        if action == 0 and part:
            part[where] ^= 1 << choose.randrange(8)
        elif action == 1:
            del part[where:]
        elif action == 2:
            part[:0] = choose.randbytes(choose.randint(1, 60))
        elif action == 3:
            part = bytearray(len(part))
        elif action == 4:
            part += b"\x1f\x8b\x08\x00garbage"
        else:
            part[:0] = gz(b"no record")
        parts[index] = bytes(part)
    data = b"".join(parts)
    path = tmp_path / "file"
    path.write_bytes(data)
    # Borders of members, where a range begins exactly with damage or with a good member, are the delicate ones.
    exact = [sum(map(len, parts[:index])) for index in range(1, len(parts))]
    picked = [*borders, *(place for place in exact if choose.random() < 0.4)]
    same(read_ranges(path, cut(len(data), picked)), read_ranges(path, [(0, len(data))]))


def test_each_member_as_a_range_of_its_own(tmp_path: Path, members: list[bytes]) -> None:
    """With every second one destroyed, each range begins exactly with a good or a bad member."""
    parts = [bytes(len(part)) if index % 2 else part for index, part in enumerate(members)]
    path = tmp_path / "file"
    path.write_bytes(b"".join(parts))
    borders = [sum(map(len, parts[:index])) for index in range(len(parts) + 1)]
    whole = read_ranges(path, [(0, borders[-1])])
    same(read_ranges(path, list(itertools.pairwise(borders))), whole)
    assert len(whole.holes) == len(members) // 2
