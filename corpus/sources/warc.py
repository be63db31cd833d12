"""Web archives: WARC and ARC, plain, gzip (one member per record or one for all) or zstd; WET text as well.

Documents are responses with status 200 and HTML in them, and conversions to text. Positions are offsets of the
compressed member where each holds one record, and offsets in the uncompressed stream otherwise.
"""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import xxhash

from corpus import storage
from corpus.document import UNDETERMINED, batches
from corpus.errors import CorpusError
from corpus.sources import ReadLog, ReadOptions, split_evenly
from corpus.sources import _http as http
from corpus.sources._members import (
    BLOCK,
    GZIP,
    GZIP_MAGIC,
    SKIPPABLE_MAGIC,
    ZSTD_MAGIC,
    BrokenMember,
    Budget,
    Codec,
    Damage,
    Joined,
    Member,
    Source,
    begins_record,
    find_member,
    walk,
    zstd,
)
from corpus.sources._records import MAX_LINE, NEXT, RECORD_START, Framer, Gap, Record
from corpus.sources._window import Plain, Window
from corpus.storage import InputFile
from corpus.task import Task

#: Magic numbers of compressions that web archives are found in but which are not read.
_UNSUPPORTED = {
    b"\x04\x22\x4d\x18": "lz4",
    b"\x02\x21\x4c\x18": "lz4 (legacy)",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"PK\x03\x04": "zip",
}
# Types of the standard, each counted under its name; any other is `unknown_type`, so that files invent no counters.
_TYPES = frozenset({"warcinfo", "request", "metadata", "resource", "continuation", "revisit", "arc_header"})
_WEB = re.compile(r"https?:", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class _Container:
    """How a file holds its records."""

    codec: Codec | None  # None: not compressed
    first: int  # where the first record, or the member with it, begins
    aligned: bool  # one member per record

    @property
    def cut(self) -> bool:
        """Whether ranges of the file can be read apart."""
        return self.aligned and self.codec is GZIP


class _Unreadable(Exception):
    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class WarcReader:
    format = "warc"
    kind = "web"
    namespace = "warc"
    version = 1
    markup = True
    columns: tuple[str, ...] = ()

    def plan(self, file: InputFile, options: ReadOptions, split_bytes: int) -> list[tuple[int, int]]:
        """Cut where each record has its gzip member. Whatever is wrong with the file is left for `read` to report."""
        try:
            with storage.open_read(file.path) as opened:
                found = _identify(Source(opened, file.bytes), options, whole=False)
        except (OSError, CorpusError, _Unreadable):
            found = None
        return split_evenly(file.bytes, split_bytes) if found and found.cut else [(0, file.bytes)]

    def read(self, task: Task, options: ReadOptions, log: ReadLog) -> Iterator[pa.RecordBatch]:
        yield from batches(_Reading(task, options, log).rows())


READER = WarcReader()


def _identify(source: Source, options: ReadOptions, *, whole: bool) -> _Container | None:
    """What the file is, by its content; None if that takes a look at the whole of it. Raises _Unreadable, OSError."""
    head = source.read(0, 8)
    for magic, name in _UNSUPPORTED.items():
        if head.startswith(magic):
            raise _Unreadable(
                "compression_unsupported", f"{name} is not supported: recompress the file with gzip or zstd"
            )
    if ZSTD_MAGIC.match(head) or SKIPPABLE_MAGIC.match(head):
        try:
            codec = zstd(source)
        except BrokenMember as error:
            raise _Unreadable(error.reason, error.detail) from error
        first = codec.after_padding(source, 0)
        found = find_member(source, first, codec, RECORD_START, None if whole else first + BLOCK)
        return None if found is None else _compressed(source, codec, found, options)
    if begins_record(source, 0, GZIP, RECORD_START):
        return _compressed(source, GZIP, 0, options)
    if RECORD_START.match(Window(Plain(source)).line(0, MAX_LINE)):
        return _Container(codec=None, first=0, aligned=False)
    return _search(source, options, None if whole else BLOCK)


def _search(source: Source, options: ReadOptions, limit: int | None) -> _Container | None:
    """The first record, plain or in a gzip member, of a file that does not begin with one."""
    member = find_member(source, 0, GZIP, RECORD_START, limit)
    if not GZIP_MAGIC.match(source.read(0, 4)):
        plain = Window(Plain(source)).seek(NEXT[None], 0, MAX_LINE, limit if member is None else member)
        if plain is not None:
            return _Container(codec=None, first=plain, aligned=False)
    return None if member is None else _compressed(source, GZIP, member, options)


def _compressed(source: Source, codec: Codec, first: int, options: ReadOptions) -> _Container:
    """One member per record, if the first holds exactly one; a broken one is taken for that too."""
    budget = Budget(options.max_record_bytes)
    member = Member(source, first, codec, budget, salvage=True)
    try:
        framer = Framer(Window(member), budget, options.max_record_bytes, resync=True)
        held = list(itertools.islice(framer, 2))
        after = codec.after_padding(source, member.drain()) if len(held) < 2 else 0
    except BrokenMember:
        return _Container(codec=codec, first=first, aligned=True)
    aligned = len(held) == 1 and (
        isinstance(held[0], Record) or after >= source.size or begins_record(source, after, codec, RECORD_START)
    )
    return _Container(codec=codec, first=first, aligned=aligned)


class _Reading:
    """One task: rows go to the caller, all else to the log."""

    def __init__(self, task: Task, options: ReadOptions, log: ReadLog) -> None:
        self._task = task
        self._options = options
        self._log = log
        self._done = task.start  # how far the file was read, for progress
        self._at = task.start  # where a storage error leaves a hole
        self._budget = Budget(options.max_record_bytes)

    def rows(self) -> Iterator[Mapping[str, Any]]:
        task, log = self._task, self._log
        if task.file_bytes == 0:
            log.unreadable(0, 0, "empty_file", "the file is empty")
            return
        try:
            with storage.open_read(task.path) as file:
                yield from self._container(Source(file, task.file_bytes))
        except _Unreadable as error:
            if task.start == 0:
                log.unreadable(0, task.file_bytes, error.reason, str(error))
        except (OSError, CorpusError) as error:
            log.unreadable(self._at, max(self._at, task.end), "storage_error", str(error) or type(error).__name__)
        self._progress(task.end)

    def _container(self, source: Source) -> Iterator[Mapping[str, Any]]:
        container = _identify(source, self._options, whole=False)
        if container is None and self._task.start == 0:
            container = _identify(source, self._options, whole=True)
            if container is None:
                raise _Unreadable("not_warc", "no WARC or ARC record begins anywhere in the file")
        if container is None:
            return
        if container.cut:
            yield from self._members(source, container, self._task.start, self._task.end)
        elif self._task.start == 0:
            if container.aligned:
                yield from self._members(source, container, 0, source.size)
            else:
                yield from self._stream(source, container)

    def _members(self, source: Source, container: _Container, start: int, end: int) -> Iterator[Mapping[str, Any]]:
        assert container.codec is not None
        about = ""
        for item in walk(source, start, end, container.codec, RECORD_START, self._budget):
            if isinstance(item, Damage):
                self._log.unreadable(item.start, item.end, item.reason, item.detail + about)
                self._at = item.end
                self._progress(item.end)
                continue
            self._at = item.start
            framer = Framer(Window(item), self._budget, self._options.max_record_bytes, resync=False)
            about = ""
            try:
                for number, record in enumerate(framer):
                    if isinstance(record, Gap):
                        self._log.unreadable(item.start + number, item.offset, record.reason, record.detail)
                    elif row := self._row(record, item.start + number):
                        yield row
            except BrokenMember:  # which `walk` meets again and hands back as damage
                about = self._about(source, item.start, container.codec)
            self._at = item.offset
            self._progress(item.offset)

    def _about(self, source: Source, start: int, codec: Codec) -> str:
        """What a broken member says it is: for people only."""
        self._budget.reset()
        member = Member(source, start, codec, self._budget, salvage=True)
        framer = Framer(Window(member), self._budget, self._options.max_record_bytes, resync=False)
        with contextlib.suppress(BrokenMember):
            next(iter(framer), None)
        return f" ({framer.url})" if framer.url else ""

    def _stream(self, source: Source, container: _Container) -> Iterator[Mapping[str, Any]]:
        position = 0
        resume: int | None = container.first
        begin = container.codec.after_padding(source, 0) if container.codec else container.first
        if begin < container.first:
            self._log.unreadable(begin, container.first, "garbage", "no record begins at the start of the file")
        while resume is not None:
            pieces = Joined(source, resume, container.codec, self._budget) if container.codec else Plain(source)
            window = Window(pieces, position)
            framer = Framer(window, self._budget, self._options.max_record_bytes, resync=True)
            resume = None
            try:
                for record in framer:
                    self._progress(pieces.offset)
                    if isinstance(record, Gap):
                        self._log.unreadable(record.offset, record.end, record.reason, record.detail)
                    elif row := self._row(record, record.offset):
                        yield row
            except OSError as error:
                # Offsets are those of the stream, so that they can be told from those of the records around.
                end = source.size if isinstance(pieces, Plain) else window.end
                self._log.unreadable(
                    framer.offset, end, "storage_error", f"from byte {pieces.offset} of the file on: {error}"
                )
            except BrokenMember as failure:
                assert container.codec is not None
                assert isinstance(pieces, Joined)
                resume = find_member(source, pieces.resume, container.codec, RECORD_START)
                lost = f"bytes {pieces.offset} to {source.size if resume is None else resume} of the file"
                about = f" ({framer.url})" if framer.url else ""
                detail = f"{failure.detail}{about}; lost: {lost}"
                self._log.unreadable(framer.offset, window.end, failure.reason, detail)
                position = window.end

    def _progress(self, offset: int) -> None:
        offset = min(offset, self._task.end)
        if offset > self._done:
            self._log.bytes_read += offset - self._done
            self._done = offset

    def _row(self, record: Record, position: int) -> Mapping[str, Any] | None:
        if record.type not in ("response", "conversion", ""):
            self._log.skip(record.type if record.type in _TYPES else "unknown_type")
        elif record.fault and not record.block:
            self._log.document(position, *record.fault, record.url)
        elif record.type == "conversion":
            return self._conversion(record, position)
        else:
            return self._response(record, position)
        return None

    def _response(self, record: Record, position: int) -> Mapping[str, Any] | None:
        log, limit = self._log, self._options.max_record_bytes
        envelope, _ = http.media_type(record.media)
        if record.url and not _WEB.match(record.url):
            log.skip("response:not_http")
            return None
        try:
            response = http.parse(record.block)
        except http.BrokenHeader as error:
            if record.format == "warc" and envelope not in (None, "application/http"):
                log.skip("response:not_http")
            elif record.format == "arc" and not http.may_be_html(envelope):
                log.skip("response:not_html")
            else:
                log.document(position, *(record.fault or ("http_header_broken", str(error))), record.url)
            return None
        if response.status != 200:
            log.skip(f"response:status_{response.status // 100}xx")
            return None
        if not http.may_be_html(response.media):
            log.skip("response:not_html")
            return None
        if record.fault:
            log.document(position, *record.fault, record.url)
            return None
        try:
            if not record.complete:
                raise http.TooLarge(f"the record is larger than {limit} bytes")
            payload = response.payload(limit)
        except http.TooLarge as error:
            log.document(position, "record_too_large", str(error), record.url)
            return None
        if not http.is_html(response.media, payload):
            log.skip("response:not_html")
            return None
        return self._columns(record, position, payload) | {
            "html": payload,
            "http_charset": response.charset,
            "language_claim": _language(response.languages) or self._options.language,
        }

    def _conversion(self, record: Record, position: int) -> Mapping[str, Any] | None:
        if http.media_type(record.media)[0] not in (None, "text/plain"):
            self._log.skip("conversion:not_text")
            return None
        if not record.complete:
            too_large = ("record_too_large", f"the record is larger than {self._options.max_record_bytes} bytes")
            self._log.document(position, *(record.fault or too_large), record.url)
            return None
        return self._columns(record, position, record.block) | {
            "text": record.block.decode("utf-8-sig", "replace"),
            "language_claim": _language(record.language) or self._options.language,
        }

    def _columns(self, record: Record, position: int, payload: bytes) -> dict[str, Any]:
        digest = xxhash.xxh3_128_hexdigest
        return {
            "position": position,
            "key": record.id or f"{record.url or ''} {record.date or ''} {digest(payload)}",
            "url": record.url,
            "origin": record.url or f"{self._task.name}#{position}",
            "date": record.date,
            "truncated": record.truncated,
        }


def _language(value: str | None) -> str | None:
    """The tag of a language header that names exactly one language."""
    codes = [code for part in (value or "").split(",") if (code := part.strip())]
    if len(codes) != 1:
        return None
    # Imported here as plans and files without such headers need no language tables.
    from corpus.language.tags import to_tag

    try:
        tag = to_tag(codes[0])
    except CorpusError:
        return None
    return None if tag == UNDETERMINED else tag
