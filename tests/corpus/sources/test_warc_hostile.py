"""Broken and malicious archives: what is wrong costs itself and is reported, what is right is read."""

from __future__ import annotations

import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.sources import ReadLog, ReadOptions, warc
from corpus.sources import _members as members
from tests.corpus.sources.warc_files import (
    CONTAINERS,
    arc_header,
    arc_record,
    gz,
    http_page,
    page,
    pages,
    raw_record,
    read_bytes,
    read_ranges,
    record,
    skippable,
    task,
    warcinfo,
    zst,
)

PAGE = page(1)
SHARED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
ONE_BY_ONE = ["plain", "gzip_per_record", "gzip_whole", "zstd_per_record", "zstd_whole"]


def damaged(item: bytes, old: bytes, new: bytes) -> bytes:
    assert old in item
    return item.replace(old, new, 1)


def with_length(item: bytes, change: int) -> bytes:
    head, _, rest = item.partition(b"Content-Length: ")
    number, _, tail = rest.partition(b"\r\n")
    return head + b"Content-Length: %d\r\n" % (int(number) + change) + tail


@pytest.mark.parametrize("container", ONE_BY_ONE)
@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (with_length(pages(2)[1], -20), "content_length_mismatch"),
        (with_length(pages(2)[1], 20), "content_length_mismatch"),
        (with_length(pages(2)[1], 10**15), "content_length_mismatch"),
        (damaged(pages(2)[1], b"Content-Length: ", b"Content-Length: -"), "content_length_invalid"),
        (damaged(pages(2)[1], b"Content-Length: ", b"Content-Length: x"), "content_length_invalid"),
        (damaged(pages(2)[1], b"Content-Length: ", b"Content-Size: "), "content_length_invalid"),
        (damaged(pages(2)[1], b"WARC/1.1", b"WARC/7.3"), "warc_header_broken"),
        (damaged(pages(2)[1], b"WARC-Type: response\r\n", b""), "warc_header_broken"),
        (raw_record(b"<html>no header"), "http_header_broken"),
        (raw_record(b""), "http_header_broken"),
        (raw_record(b"\r\n\r\n"), "http_header_broken"),
        (raw_record(b"HTTP/1.1 OK\r\n\r\n<html>"), "http_header_broken"),
        (raw_record(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000), "http_header_broken"),
        (raw_record(bytes(500)), "http_header_broken"),
    ],
)
def test_a_broken_record_costs_itself(tmp_path: Path, container: str, item: bytes, reason: str) -> None:
    """Between two good records, in every container: one document quarantined, two read."""
    first, _, last = pages(3)
    read = read_bytes(tmp_path, CONTAINERS[container][0]([first, item, last]))
    assert read.pages == [page(0), page(2)]
    assert read.reasons == [reason]
    assert read.log.quarantined[0].end is None


@pytest.mark.parametrize("container", ["gzip_whole", "zstd_whole"])
def test_a_length_above_the_limit_in_a_compressed_stream_may_cost_the_rest(tmp_path: Path, container: str) -> None:
    """Looking for the next record would mean to inflate the file again for each such lie."""
    first, middle, last = pages(3)
    records = [first, with_length(middle, 10**15), *pages(40), last]
    read = read_bytes(tmp_path, CONTAINERS[container][0](records), ReadOptions(max_record_bytes=10_000))
    assert read.pages == [page(0)]
    assert read.reasons == ["record_truncated"]
    assert read.holes[0][:2] == (len(first), len(b"".join(records)))
    plain = read_bytes(tmp_path, b"".join(records), ReadOptions(max_record_bytes=10_000))
    assert len(plain.rows) == 42


def test_a_length_that_lacks_only_line_ends_is_harmless(tmp_path: Path) -> None:
    """Crawlers that count the blank lines as well, or end a record with one instead of two."""
    for change in (2, 4):
        records = [with_length(item, change) for item in pages(2)]
        for name in ("plain", "gzip_per_record"):
            read = read_bytes(tmp_path, CONTAINERS[name][0](records))
            assert len(read.rows) == 2
            assert read.reasons == []
    read = read_bytes(tmp_path, b"".join(item.rstrip() for item in pages(3)))
    assert len(read.rows) == 3


def test_faults_of_records_that_are_no_documents_quarantine_none(tmp_path: Path) -> None:
    items = [
        with_length(record(b"GET / HTTP/1.1\r\n\r\n", "request", http=None), -4),
        with_length(record(b"\x89PNG" * 9, http=[("Content-Type", "image/png")]), -4),
        with_length(record(PAGE, status="404 Not Found"), -4),
    ]
    read = read_bytes(tmp_path, b"".join(gz(item) for item in [*items, record(PAGE)]))
    assert read.pages == [PAGE]
    assert read.reasons == []
    assert read.log.skipped == {"request": 1, "response:not_html": 1, "response:status_4xx": 1}


def test_a_page_that_quotes_an_archive_is_one_page(tmp_path: Path) -> None:
    """A record inside a record, whose lengths are right, is content."""
    outer = record(b"<html><pre>\r\n\r\n" + record(PAGE) + b"</pre>")
    for name in ONE_BY_ONE:
        read = read_bytes(tmp_path, CONTAINERS[name][0]([outer, record(page(2))]))
        assert len(read.rows) == 2
        assert read.reasons == []


@pytest.mark.parametrize("container", CONTAINERS)
def test_truncated_files_keep_the_records_before(tmp_path: Path, container: str) -> None:
    """Cut anywhere: rows are a prefix, nothing is raised, and a cut inside a record is reported."""
    data = CONTAINERS[container][0](pages(6))
    seen = set()
    for size in range(1, len(data), max(1, len(data) // 60)):
        read = read_bytes(tmp_path, data[:size])
        assert read.pages == [page(number) for number in range(len(read.rows))]
        assert read.log.bytes_read == size
        assert len(read.rows) == 6 or read.reasons or _at_border(read.rows, data, size)
        seen.add(len(read.rows))
    assert {0, 5} <= seen or container in ("gzip_whole", "zstd_whole")


def _at_border(rows: list[dict[str, Any]], data: bytes, size: int) -> bool:
    """A file cut behind a record, in the blank lines or in a skippable frame there, is a shorter one and not broken."""
    note = skippable(b"note", 3)
    if 0 <= size - data.rfind(note, 0, size + len(note)) <= len(note):
        return True
    return data[size - 4 : size + 4].strip(b"\r\nWARC/1") == b"" or data[size : size + 2] in (b"\x1f\x8b", b"\x28\xb5")


def test_a_truncated_whole_gzip_keeps_most(tmp_path: Path) -> None:
    """All that inflates before the cut is read: also of the last piece."""
    data = gz(b"".join(pages(30)))
    read = read_bytes(tmp_path, data[: len(data) * 9 // 10])
    assert 24 <= len(read.rows) < 30
    assert read.reasons == ["member_truncated"]


def test_damage_in_a_whole_gzip_costs_only_what_follows(tmp_path: Path) -> None:
    data = bytearray(gz(b"".join(pages(30))))
    data[len(data) * 9 // 10] ^= 0xFF
    read = read_bytes(tmp_path, bytes(data))
    assert len(read.rows) >= 24
    assert read.pages[:24] == [page(number) for number in range(24)]
    assert len(read.reasons) >= 1


def test_a_wrong_checksum_costs_its_record(tmp_path: Path) -> None:
    parts = [gz(item) for item in pages(3)]
    parts[1] = parts[1][:-8] + bytes(4) + parts[1][-4:]
    read = read_bytes(tmp_path, b"".join(parts))
    assert read.pages == [page(0), page(2)]
    start = len(parts[0])
    assert read.holes == [(start, start + len(parts[1]), "member_broken")]
    assert "http://example.org/1" in read.log.quarantined[0].detail


def test_garbage_between_members(tmp_path: Path) -> None:
    """Bytes of any kind, magic numbers among them, are one hole; zero padding at the end as well."""
    first, second = (gz(item) for item in pages(2))
    garbage = b"\x1f\x8b\x08\x00" * 50 + gz(b"not a record") + bytes(100)
    read = read_bytes(tmp_path, garbage + first + garbage + second + bytes(512))
    assert read.pages == [page(0), page(1)]
    one = len(garbage) + len(first)
    two = one + len(garbage) + len(second)
    assert read.holes == [
        (0, len(garbage), "garbage"),
        (one, one + len(garbage), "garbage"),
        (two, two + 512, "garbage"),
    ]


def test_garbage_in_plain_files(tmp_path: Path) -> None:
    first, second = pages(2)
    garbage = bytes(1000) + b"\nWARC is a format\n"
    read = read_bytes(tmp_path, garbage + first + garbage + second + garbage)
    assert read.pages == [page(0), page(1)]
    one = len(garbage) + len(first)
    two = one + len(garbage) + len(second)
    assert read.holes == [
        (0, len(garbage), "garbage"),
        (one, one + len(garbage), "garbage"),
        (two, two + len(garbage), "garbage"),
    ]


def test_garbage_inside_a_member(tmp_path: Path) -> None:
    """Behind a record that ends where it says, in the same member."""
    first, second = pages(2)
    member = gz(first + b"garbage")
    read = read_bytes(tmp_path, gz(warcinfo()) + member + gz(second))
    assert read.pages == [page(0), page(1)]
    start = len(gz(warcinfo()))
    assert read.holes == [(start + 1, start + len(member), "garbage")]


def test_much_garbage_before_the_first_record(tmp_path: Path) -> None:
    """More than the look that decides what a file is: a lost disk block at its start."""
    hole = bytes(members.BLOCK + 12345)
    for data in (gz(record(PAGE)) + gz(record(page(2))), record(PAGE) + record(page(2))):
        lead = hole + (b"\n" if data.startswith(b"W") else b"")
        read = read_bytes(tmp_path, lead + data)
        assert read.pages == [PAGE, page(2)]
        assert read.holes == [(0, len(lead), "garbage")]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x04\x22\x4d\x18" + bytes(50), "compression_unsupported"),
        (b"BZh9" + bytes(50), "compression_unsupported"),
        (b"\xfd7zXZ\x00" + bytes(50), "compression_unsupported"),
        (b"just some text\n" * 10, "not_warc"),
        (bytes(3000), "not_warc"),
        (gz(b"just some text\n" * 10), "not_warc"),
        (zst(b"just some text\n" * 10), "not_warc"),
        (b"\x1f\x8b", "not_warc"),
        (b"W", "not_warc"),
        (b"\x28\xb5\x2f\xfd", "not_warc"),
        (skippable(b"x" * 5000, 0xD)[:100], "dictionary_broken"),
        (skippable(zst(b"y" * 5000)[:-9], 0xD), "dictionary_broken"),
        (skippable(b"", 0xD), "dictionary_broken"),
        (b"\x5d\x2a\x4d\x18\xff\xff\xff\xff" + bytes(100), "dictionary_broken"),
    ],
)
def test_files_that_are_no_archives_are_one_hole(tmp_path: Path, data: bytes, reason: str) -> None:
    read = read_bytes(tmp_path, data)
    assert read.rows == []
    assert read.holes == [(0, len(data), reason)]
    assert read.log.bytes_read == len(data)


def test_an_empty_file(tmp_path: Path) -> None:
    assert read_bytes(tmp_path, b"").holes == [(0, 0, "empty_file")]


def test_a_missing_file_is_a_hole(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(gz(record(PAGE)))
    job = task(path)
    path.unlink()
    log = ReadLog()
    assert list(warc.READER.read(job, ReadOptions(), log)) == []
    assert [(item.position, item.end, item.reason) for item in log.quarantined] == [
        (0, job.file_bytes, "storage_error")
    ]


@pytest.mark.parametrize("container", ["plain", "gzip_per_record", "gzip_whole"])
def test_a_storage_error_leaves_a_hole_to_the_end(
    tmp_path: Path, container: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Records before the failing block are kept."""
    monkeypatch.setattr(members, "BLOCK", 4096)
    monkeypatch.setattr(members.ZlibDecoder, "input_step", 2048)
    data = CONTAINERS[container][0](pages(40))
    bad = len(data) * 3 // 4
    original = members.Source._load

    def failing(self: members.Source, offset: int, length: int) -> None:
        if offset + length > bad:
            raise OSError(5, "Input/output error")
        original(self, offset, length)

    path = tmp_path / "file"
    path.write_bytes(data)
    if container == "plain":
        monkeypatch.setattr("corpus.sources._window.STEP", 4096)
    monkeypatch.setattr(members.Source, "_load", failing)
    read = read_ranges(path, [(0, len(data))])
    assert 15 <= len(read.rows) < 40
    assert read.pages == [page(number) for number in range(len(read.rows))]
    assert read.reasons == ["storage_error"]
    if container != "gzip_whole":
        assert read.holes[0][1] == len(data)


SMALL = ReadOptions(max_record_bytes=100_000)


@pytest.mark.parametrize("container", ONE_BY_ONE)
def test_records_above_the_limit_are_quarantined_unread(tmp_path: Path, container: str) -> None:
    """Only a page counts as a document: an image of that size is passed over like any other."""
    large = record(b"<html>" + b"x" * 300_000, number=1)
    image = record(b"x" * 300_000, http=[("Content-Type", "image/png")])
    text = record(b"x" * 300_000, "conversion", headers={"Content-Type": "text/plain"})
    records = [record(page(0)), large, image, text, record(page(2))]
    read = read_bytes(tmp_path, CONTAINERS[container][0](records), SMALL)
    assert read.pages == [page(0), page(2)]
    assert read.reasons == ["record_too_large"] * 2
    assert read.log.skipped == {"response:not_html": 1}


@pytest.mark.parametrize("coding", ["gzip", "deflate", "zstd", "br"])
def test_bodies_that_decode_beyond_the_limit(tmp_path: Path, coding: str) -> None:
    """100 MB behind a few kilobytes are not decoded to the end."""
    bomb = bytes(100 << 20)
    if coding == "br":
        body = pytest.importorskip("brotli").compress(bomb[: 20 << 20])
    else:
        compress: dict[str, Callable[[bytes], bytes]] = {"gzip": gz, "deflate": zlib.compress, "zstd": zst}
        body = compress[coding](bomb)
    del bomb
    data = gz(record(body, http=[("Content-Type", "text/html"), ("Content-Encoding", coding)])) + gz(record(PAGE))
    tracemalloc.start()
    try:
        read = read_bytes(tmp_path, data, ReadOptions(max_record_bytes=1 << 20))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert read.pages == [PAGE]
    assert read.reasons == ["record_too_large"]
    assert peak < 90 << 20


@pytest.mark.parametrize("compress", [gz, zst])
def test_a_bomb_is_given_up_and_the_next_record_found(tmp_path: Path, compress: Any) -> None:
    """A member of 200 MB under a limit of 10 kB is left at 64 times the limit, with little memory."""
    body = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + bytes(200 << 20)
    bomb = compress(raw_record(body))
    del body
    data = compress(record(page(0))) + bomb + compress(record(page(2)))
    tracemalloc.start()
    try:
        read = read_bytes(tmp_path, data, ReadOptions(max_record_bytes=10_000))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert read.pages == [page(0), page(2)]
    assert read.reasons == ["member_too_large"]
    assert read.holes[0][:2] == (len(compress(record(page(0)))), len(compress(record(page(0)))) + len(bomb))
    assert peak < 50 << 20


def test_large_records_that_do_not_compress_are_no_bombs(tmp_path: Path) -> None:
    """A video of any size is skipped to its end: only what also grows out of proportion is given up."""
    noise = b"".join(zlib.compress(str(number).encode()) for number in range(60_000))
    data = gz(record(noise, http=[("Content-Type", "video/mp4")])) + gz(record(PAGE))
    read = read_bytes(tmp_path, data, ReadOptions(max_record_bytes=5_000))
    assert read.pages == [PAGE]
    assert read.reasons == []


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """40 MB of pages in one gzip are read in a few batches' worth of memory."""
    path = tmp_path / "file"
    deflate = zlib.compressobj(1, wbits=31)
    with path.open("wb") as file:
        for number in range(40):
            file.write(deflate.compress(record(b"<html>" + page(number, 50) * 2000, number=number)))
        file.write(deflate.flush())
    count = 0
    tracemalloc.start()
    try:
        for batch in warc.READER.read(task(path), ReadOptions(), ReadLog()):
            count += batch.num_rows
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 40
    assert peak < 30 << 20


def test_broken_arc_records(tmp_path: Path) -> None:
    good = arc_record("http://example.org/good", "text/html", http_page(PAGE))
    records = [
        arc_header(),
        arc_record("http://example.org/1", "text/html", http_page(PAGE), length=-1),
        good,
        arc_record("http://example.org/2", "text/html", http_page(PAGE), length=10),
        good,
        arc_record("http://example.org/3", "text/html", http_page(PAGE), length=100_000),
        good,
        arc_record("http://example.org/4", "text/html", b"<html>no header"),
        arc_record("http://example.org/5", "image/gif", b"GIF89a"),
        good,
    ]
    expected = ["content_length_invalid", *["content_length_mismatch"] * 2, "http_header_broken"]
    for data in (b"".join(records), b"".join(gz(item) for item in records)):
        read = read_bytes(tmp_path, data)
        assert read.pages == [PAGE] * 4
        assert read.reasons == expected
        assert read.log.skipped == {"arc_header": 1, "response:not_html": 1}


@SHARED
@given(data=st.binary(max_size=4000))
def test_random_bytes_never_raise(tmp_path: Path, data: bytes) -> None:
    read = read_bytes(tmp_path, data)
    assert read.rows == []
    assert len(read.reasons) == 1


@SHARED
@given(data=st.binary(max_size=2000), container=st.sampled_from(sorted(CONTAINERS)))
def test_random_records_never_raise(tmp_path: Path, data: bytes, container: str) -> None:
    """Random bytes behind a genuine beginning of a record, or as the body under every claim that a header can make."""
    http = [("Content-Type", "text/html"), ("Content-Encoding", "br, gzip"), ("Transfer-Encoding", "chunked")]
    records = [warcinfo(), b"WARC/1.0\r\n" + data, record(data, http=http), record(PAGE)]
    read_bytes(tmp_path, CONTAINERS[container][0](records))


MEMBERS = [gz(item) for item in [warcinfo(), *pages(12)]]


@SHARED
@given(
    flips=st.lists(st.tuples(st.integers(0, sum(map(len, MEMBERS)) - 1), st.integers(1, 255)), min_size=1, max_size=6)
)
def test_flipped_bytes_cost_no_untouched_member(tmp_path: Path, flips: list[tuple[int, int]]) -> None:
    data = bytearray(b"".join(MEMBERS))
    borders = [sum(map(len, MEMBERS[:index])) for index in range(len(MEMBERS) + 1)]
    for offset, mask in flips:
        data[offset] ^= mask
    untouched = [
        page(index - 1)
        for index in range(1, len(MEMBERS))
        if data[borders[index] : borders[index + 1]] == MEMBERS[index]
    ]
    read = read_bytes(tmp_path, bytes(data))
    assert [html for html in read.pages if html in untouched] == untouched
