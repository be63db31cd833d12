"""Lines of plain and compressed files."""

from __future__ import annotations

import bz2
import gzip
import itertools
import lzma
import random
import tempfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from corpus.sources import ReadLog
from corpus.sources._lines import compression, plan_lines, read_lines
from tests.corpus.sources.reading import input_file, task

LIMIT = 1 << 20
CODECS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "zstd": zstandard.ZstdCompressor(write_checksum=True).compress,
    "bzip2": lambda data: bz2.compress(data, 1),  # the smallest blocks: a damaged block is lost whole
    "xz": lzma.compress,
}
codecs = pytest.mark.parametrize("codec", CODECS)


def lines_of(data: bytes) -> list[tuple[int, bytes]]:
    """The obvious reference: offset and bytes of each line; no line after a final newline."""
    found, position = [], 0
    for line in data.split(b"\n"):
        found.append((position, line))
        position += len(line) + 1
    return found if found[-1][1] else found[:-1]


def write(folder: Path, data: bytes, name: str = "x") -> Path:
    (folder / name).write_bytes(data)
    return folder / name


def noise(count: int) -> bytes:
    """Lines that compress badly, so that streams have some length."""
    return b"".join(b"%064x\n" % random.Random(number).getrandbits(256) for number in range(count))


@given(
    data=st.lists(st.sampled_from([b"\n", b"\r\n", b"a", b"bcd", b"\x00", b"\xff", "é".encode()]), max_size=40).map(
        b"".join
    ),
    cuts=st.lists(st.integers(0, 100), max_size=6),
)
def test_any_cut_gives_the_same_lines(data: bytes, cuts: list[int]) -> None:
    """Each line once, whole, in the range in which it begins; and progress adds up to the file."""
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder), b"x" + data)  # no file of UTF-16 by accident, none without bytes
        size = path.stat().st_size
        borders = [0, *sorted(min(cut, size) for cut in cuts), size]
        log, found = ReadLog(), []
        for start, end in itertools.pairwise(borders):
            part = list(read_lines(task(path, start, end), LIMIT, log))
            assert all(start <= position < end for position, _ in part)
            found += part
    assert found == lines_of(b"x" + data)
    assert log.bytes_read == size
    assert not log.quarantined


@given(data=st.binary(max_size=200), codec=st.sampled_from(sorted(CODECS)))
def test_compressed_files_have_the_lines_of_what_they_hold(data: bytes, codec: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder), CODECS[codec](b"x" + data))
        log = ReadLog()
        assert list(read_lines(task(path), LIMIT, log)) == lines_of(b"x" + data)
        assert log.bytes_read == path.stat().st_size


@codecs
def test_compression_is_told_by_content_not_by_name(tmp_path: Path, codec: str) -> None:
    path = write(tmp_path, CODECS[codec](b"a\nb"), "plain.json")
    assert compression(path.read_bytes()[:10]) == codec
    assert list(read_lines(task(path), LIMIT, ReadLog())) == [(0, b"a"), (2, b"b")]
    plain = write(tmp_path, b"a\nb", "plain.json.gz")
    assert list(read_lines(task(plain), LIMIT, ReadLog())) == [(0, b"a"), (2, b"b")]


@codecs
def test_many_members_are_one_stream(tmp_path: Path, codec: str) -> None:
    """Offsets go on through members, and a line may lie across them; zeros pad the end."""
    members = [b"a\nb", b"", b"c\n", b"d"]
    path = write(tmp_path, b"".join(map(CODECS[codec], members)) + bytes(512))
    log = ReadLog()
    assert list(read_lines(task(path), LIMIT, log)) == [(0, b"a"), (2, b"bc"), (5, b"d")]
    assert not log.quarantined


def test_zstd_skippable_frames_are_skipped(tmp_path: Path) -> None:
    skippable = b"\x50\x2a\x4d\x18" + (4).to_bytes(4, "little") + b"abcd"
    path = write(tmp_path, skippable + CODECS["zstd"](b"a\n") + skippable)
    assert list(read_lines(task(path), LIMIT, ReadLog())) == [(0, b"a")]


@codecs
def test_a_truncated_stream_keeps_whole_lines_before_the_end(tmp_path: Path, codec: str) -> None:
    data = noise(20_000)
    whole = CODECS[codec](data)
    path = write(tmp_path, whole[: len(whole) * 3 // 4])
    log = ReadLog()
    found = list(read_lines(task(path), LIMIT, log))
    assert found == lines_of(data)[: len(found)]
    assert len(found) > 5_000
    (damage,) = log.quarantined
    assert (damage.reason, damage.end) == ("truncated_stream", path.stat().st_size)


@codecs
def test_a_corrupt_stream_keeps_whole_lines_before_the_damage(tmp_path: Path, codec: str) -> None:
    data = noise(20_000)
    whole = bytearray(CODECS[codec](data))
    middle = len(whole) // 2
    whole[middle : middle + 64] = bytes(64)
    log = ReadLog()
    found = [line for _, line in read_lines(task(write(tmp_path, bytes(whole))), LIMIT, log)]
    assert found[:5_000] == data.split(b"\n")[:5_000]
    (damage,) = log.quarantined
    assert damage.reason == "corrupt_stream"
    assert codec in damage.detail


def test_gzip_damage_costs_no_decodable_byte(tmp_path: Path) -> None:
    """A wrong checksum shows at the very end of the member; all lines before are there."""
    whole = bytearray(gzip.compress(noise(1_000)))
    whole[-8] ^= 1
    log = ReadLog()
    assert len(list(read_lines(task(write(tmp_path, bytes(whole))), LIMIT, log))) == 1_000
    assert [damage.reason for damage in log.quarantined] == ["corrupt_stream"]


@codecs
def test_rubbish_after_the_stream_is_reported(tmp_path: Path, codec: str) -> None:
    log = ReadLog()
    path = write(tmp_path, CODECS[codec](b"a\nb\n") + b"rubbish, and more of it")
    assert list(read_lines(task(path), LIMIT, log)) == [(0, b"a"), (2, b"b")]
    assert len(log.quarantined) == 1


@given(
    data=st.binary(max_size=120),
    codec=st.sampled_from(sorted(CODECS)),
    at=st.integers(0, 400),
    flip=st.integers(1, 255),
)
def test_no_damage_raises(data: bytes, codec: str, at: int, flip: int) -> None:
    whole = bytearray(CODECS[codec](data))
    whole[at % len(whole)] ^= flip
    with tempfile.TemporaryDirectory() as folder:
        list(read_lines(task(write(Path(folder), bytes(whole))), LIMIT, ReadLog()))


@codecs
def test_a_bomb_stays_flat(tmp_path: Path, codec: str) -> None:
    """A line of many megabytes is passed over within the memory that a few blocks take."""
    size, limit = (300 << 20, 120 << 20) if codec == "zstd" else (64 << 20, 24 << 20)  # see `_Zstd.piece_bytes`
    bomb = CODECS[codec](b'{"text": "' + bytes(size) + b'"}\nafter\n')
    path = write(tmp_path, bomb)
    del bomb
    log = ReadLog()
    tracemalloc.start()
    found = [line for _, line in read_lines(task(path), LIMIT, log)]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == [b"after"]
    assert [bad.reason for bad in log.quarantined] == ["record_too_large"]
    assert peak < limit


@given(st.lists(st.integers(0, 40), min_size=1, max_size=8), st.lists(st.integers(0, 300), max_size=5))
def test_long_lines_are_reported_once_whatever_the_cut(lengths: list[int], cuts: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder), b"\n".join(b"x" * length for length in [1, *lengths]))
        size = path.stat().st_size
        whole, parts = ReadLog(), ReadLog()
        expected = list(read_lines(task(path), 20, whole))
        borders = [0, *sorted(min(cut, size) for cut in cuts), size]
        found = [
            line for start, end in itertools.pairwise(borders) for line in read_lines(task(path, start, end), 20, parts)
        ]
    assert (found, parts.quarantined) == (expected, whole.quarantined)
    assert len(whole.quarantined) == sum(length > 20 for length in lengths)


def test_a_line_of_exactly_the_limit_is_read(tmp_path: Path) -> None:
    log = ReadLog()
    assert [len(line) for _, line in read_lines(task(write(tmp_path, b"x" * 20 + b"\n" + b"y" * 21)), 20, log)] == [20]
    assert [bad.position for bad in log.quarantined] == [21]


def test_a_line_over_many_blocks_is_whole(tmp_path: Path) -> None:
    path = write(tmp_path, b"a\n" + b"x" * (5 << 20) + b"\nb")
    found = list(read_lines(task(path), 64 << 20, ReadLog()))
    assert [(position, len(line)) for position, line in found] == [(0, 1), (2, 5 << 20), ((5 << 20) + 3, 1)]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_utf16_is_refused_as_a_whole(tmp_path: Path, encoding: str, pack: Callable[[bytes], bytes]) -> None:
    path = write(tmp_path, pack("\ufeffa\nb\n".encode(encoding)))
    log = ReadLog()
    assert [line for cut in (0, 4) for line in read_lines(task(path, cut, 4 if cut == 0 else None), LIMIT, log)] == []
    assert [damage.reason for damage in log.quarantined] == ["not_utf8"]


def test_an_empty_file_is_reported(tmp_path: Path) -> None:
    log = ReadLog()
    assert list(read_lines(task(write(tmp_path, b"")), LIMIT, log)) == []
    assert [damage.reason for damage in log.quarantined] == ["empty_file"]


def test_plain_files_are_cut_and_compressed_ones_are_not(tmp_path: Path) -> None:
    data = noise(1_000)
    plain, packed = write(tmp_path, data, "plain"), write(tmp_path, gzip.compress(data), "packed")
    ranges = plan_lines(input_file(plain), 10_000)
    assert len(ranges) > 3
    assert (ranges[0][0], ranges[-1][1]) == (0, len(data))
    assert plan_lines(input_file(packed), 10_000) == [(0, packed.stat().st_size)]
