"""Builders of archive files for tests: genuine records, written by warcio, in every container that readers meet."""

from __future__ import annotations

import gzip
import io
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import zstandard
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from corpus.sources import ReadLog, ReadOptions, warc
from corpus.storage import InputFile
from corpus.task import Task

DATE = "2024-05-06T07:08:09Z"


def page(number: int, filler: int = 200) -> bytes:
    words = " ".join(f"word{(number * 7919 + index * 104729) % 9973}" for index in range(filler))
    return f"<!DOCTYPE html><html><body><p>Page {number}: {words}</p></body></html>".encode()


def record(
    block: bytes = b"",
    kind: str = "response",
    url: str | None = "http://example.org/",
    headers: dict[str, str] | None = None,
    http: Sequence[tuple[str, str]] | None = (("Content-Type", "text/html; charset=UTF-8"),),
    status: str = "200 OK",
    number: int = 0,
) -> bytes:
    """One WARC record, not compressed; `http=None` gives the block as it is, which warcio would not write."""
    if http is None:
        return raw_record(block, kind, url, headers, number)
    buffer = io.BytesIO()
    writer = WARCWriter(buffer, gzip=False, warc_version="1.1")
    fields = {
        "WARC-Date": DATE,
        "WARC-Record-ID": f"<urn:uuid:00000000-0000-0000-0000-{number:012d}>",
        **(headers or {}),
    }
    envelope = None
    if kind in ("response", "revisit", "request"):
        envelope = StatusAndHeaders(status, list(http), protocol="HTTP/1.1")
    made = writer.create_warc_record(
        url, kind, payload=io.BytesIO(block), http_headers=envelope, warc_headers_dict=fields, length=len(block)
    )
    writer.write_record(made)
    return buffer.getvalue()


def raw_record(
    block: bytes,
    kind: str = "response",
    url: str | None = "http://example.org/",
    headers: dict[str, str] | None = None,
    number: int = 0,
) -> bytes:
    fields = {"WARC-Type": kind, "WARC-Date": DATE, "WARC-Record-ID": f"<urn:uuid:00000000-{number:012d}>"}
    fields |= {"WARC-Target-URI": url} if url else {}
    fields |= {"Content-Type": "application/http; msgtype=response", "Content-Length": str(len(block))} | (
        headers or {}
    )
    lines = [f"{name}: {value}\r\n" for name, value in fields.items()]
    return b"WARC/1.0\r\n" + "".join(lines).encode() + b"\r\n" + block + b"\r\n\r\n"


def pages(count: int, filler: int = 200) -> list[bytes]:
    return [record(page(number, filler), url=f"http://example.org/{number}", number=number) for number in range(count)]


def warcinfo() -> bytes:
    return record(b"software: tests\r\n", kind="warcinfo", url=None, number=999)


def arc_record(url: str, media: str, block: bytes, date: str = "20240506070809", length: int | None = None) -> bytes:
    line = f"{url} 192.0.2.1 {date} {media} {len(block) if length is None else length}\n"
    return line.encode() + block + b"\n"


def arc_header() -> bytes:
    return arc_record(
        "filedesc://tests.arc", "text/plain", b"1 0 Tests\nURL IP-address Archive-date Content-type Archive-length\n\n"
    )


def http_page(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *(headers or ("Content-Type: text/html",)), "", ""]).encode() + body


def gz(data: bytes, level: int = 6) -> bytes:
    return gzip.compress(data, level, mtime=0)


def zst(data: bytes, dictionary: zstandard.ZstdCompressionDict | None = None) -> bytes:
    return zstandard.ZstdCompressor(level=3, dict_data=dictionary, write_checksum=True).compress(data)


def skippable(payload: bytes, nibble: int = 0xD) -> bytes:
    return struct.pack("<II", 0x184D2A50 + nibble, len(payload)) + payload


def with_dictionary(records: Sequence[bytes], *, compressed: bool) -> bytes:
    """A .warc.zst as the IIPC describes it: the dictionary in a skippable first frame, then a frame per record."""
    dictionary = zstandard.train_dictionary(4096, [*records] * 8)
    raw = dictionary.as_bytes()
    first = skippable(zst(raw) if compressed else raw)
    return first + b"".join(zst(item, dictionary) for item in records)


#: Every container, from records to the bytes of a file; the second value says whether positions are those of members.
CONTAINERS: dict[str, tuple[Callable[[Sequence[bytes]], bytes], bool]] = {
    "plain": (lambda records: b"".join(records), False),
    "gzip_per_record": (lambda records: b"".join(gz(item) for item in records), True),
    "gzip_whole": (lambda records: gz(b"".join(records)), False),
    "gzip_blocks": (lambda records: _blocks(b"".join(records)), False),
    "zstd_per_record": (lambda records: b"".join(zst(item) for item in records), True),
    "zstd_whole": (lambda records: zst(b"".join(records)), False),
    "zstd_dictionary": (lambda records: with_dictionary(records, compressed=False), True),
    "zstd_compressed_dictionary": (lambda records: with_dictionary(records, compressed=True), True),
    "zstd_skippable_between": (lambda records: skippable(b"note", 3).join(zst(item) for item in records), True),
}


def _blocks(data: bytes, size: int = 1000) -> bytes:
    """Members whose borders have nothing to do with those of records."""
    return b"".join(gz(data[start : start + size]) for start in range(0, len(data), size))


@dataclass
class Reading:
    """All that reading a file gave."""

    rows: list[dict[str, Any]]
    log: ReadLog
    plan: list[tuple[int, int]] = field(default_factory=list)

    @property
    def pages(self) -> list[bytes]:
        return [row["html"] for row in self.rows]

    @property
    def reasons(self) -> list[str]:
        return [item.reason for item in self.log.quarantined]

    @property
    def holes(self) -> list[tuple[int, int | None, str]]:
        return [(item.position, item.end, item.reason) for item in self.log.quarantined if item.end is not None]


def input_file(path: Path) -> InputFile:
    return InputFile(name=path.name, path=str(path), bytes=path.stat().st_size, stamp="")


def task(path: Path, start: int = 0, end: int | None = None) -> Task:
    size = path.stat().st_size
    return Task(
        ordinal=0,
        source="tests",
        name=path.name,
        start=start,
        end=size if end is None else end,
        path=str(path),
        file_bytes=size,
        stamp="",
    )


def read_ranges(path: Path, ranges: Sequence[tuple[int, int]], options: ReadOptions | None = None) -> Reading:
    log, rows = ReadLog(), []
    for start, end in ranges:
        for batch in warc.READER.read(task(path, start, end), options or ReadOptions(), log):
            rows += batch.to_pylist()
    return Reading(rows, log, list(ranges))


def read_file(path: Path, options: ReadOptions | None = None, split_bytes: int = 0) -> Reading:
    return read_ranges(path, warc.READER.plan(input_file(path), options or ReadOptions(), split_bytes), options)


def read_bytes(folder: Path, data: bytes, options: ReadOptions | None = None) -> Reading:
    path = folder / "file"
    path.write_bytes(data)
    return read_file(path, options)
