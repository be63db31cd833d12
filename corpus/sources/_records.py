"""Records of WARC (0.17 to 1.1) and ARC (1 and 2) in a stream of bytes."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone

from warcio.recordloader import ArcWarcRecordLoader
from warcio.statusandheaders import StatusAndHeaders, StatusAndHeadersParser, StatusAndHeadersParserException

from corpus.sources._members import BrokenMember, Budget
from corpus.sources._window import Window

#: Longer ones are taken for broken: servers limit a URL, the longest part, to some kilobytes.
MAX_HEADER = 256 << 10
MAX_LINE = 16 << 10
#: How much of a record above the limit is kept: enough for its HTTP header.
HEAD = 64 << 10

# ARC: URL, IP address, date, type, length; version 2: status, checksum, location, offset, file name before the length.
# Source: Burner and Kahle, "Arc File Format", archive.org/web/researcher/ArcFileFormat.php
_ARC_LINE = (
    rb"(?P<url>[A-Za-z][A-Za-z0-9+.\-]{0,31}:[^\n]{0,8192}) [0-9A-Fa-f.:]+ (?P<date>\d{8,18}) (?P<media>[^ \n]{1,512})"
    rb"(?: \d{3} [^ \n]{1,512} [^ \n]{1,8192} \d{1,20} [^ \n]{1,512})? (?P<length>[^ \r\n]{1,32})[ \t]*\r?\n"
)
ARC_LINE = re.compile(_ARC_LINE)
#: How a member begins that holds a record.
RECORD_START = re.compile(rb"[\r\n]*(?:WARC/\d|" + _ARC_LINE + rb")")
# Behind damage more is asked for, as pages may speak of the format.
_NEXT_WARC = rb"WARC/\d\.\d{1,3}[ \t]*\r?\n[A-Za-z-]{1,64}[ \t]*:"
NEXT = {
    "warc": re.compile(rb"(?<=\n)" + _NEXT_WARC),
    "arc": re.compile(rb"(?<=\n)" + _ARC_LINE),
    None: re.compile(rb"(?<=\n)(?:" + _NEXT_WARC + rb"|" + _ARC_LINE + rb")"),
}
_WARC_END = b"\r\n\r\n"
_BLANK_LINE = re.compile(rb"\n[ \t\r]*\n")
_WARC_PARSER = StatusAndHeadersParser(ArcWarcRecordLoader.WARC_TYPES)
_WARC_DATE = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:Z|([+-])(\d\d):?(\d\d))?", re.ASCII | re.IGNORECASE
)
_SHORT_DATE = re.compile(r"\d{4}(?:-\d\d(?:-\d\d(?:T\d\d(?::\d\d)?Z)?)?)?", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Record:
    """One record; what its header leaves out is None."""

    offset: int
    format: str  # warc or arc
    type: str  # WARC-Type in lower case; `response` or `arc_header` in ARC
    url: str | None = None
    date: str | None = None
    id: str | None = None
    media: str | None = None  # Content-Type of the record, not of the page
    truncated: str | None = None
    language: str | None = None
    block: bytes = b""
    complete: bool = True  # False: `block` is only the beginning, as the record is above the limit or has a fault
    fault: tuple[str, str] | None = None  # why it cannot be used: reason and detail


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Bytes of the stream in which no record begins, or with which one breaks off."""

    offset: int
    end: int
    reason: str
    detail: str


class Framer:
    """Iterates over the records of a window.

    A record counts as read when it is followed by two line ends, a record or the end; anything else says that its
    Content-Length is wrong. With `resync` the next record is then looked for; without it (one record per member) the
    rest is left alone.
    """

    def __init__(self, window: Window, budget: Budget, max_record_bytes: int, *, resync: bool) -> None:
        self._window = window
        self._budget = budget
        self._max = max_record_bytes
        self._resync = resync
        self._format: str | None = None
        self._done = False
        self.offset = window.start  # where the record begins that is being read
        self.url: str | None = None  # and what it says it is

    def __iter__(self) -> Iterator[Record | Gap]:
        """Raises BrokenMember where the compressed data ends badly."""
        while not self._done:
            self._budget.reset()
            start = self._window.skip(b"\r\n", self.offset)
            if start is None:
                return
            self.offset, self.url = start, None
            yield self._next(start)

    def _next(self, start: int) -> Record | Gap:
        window = self._window
        if self._begins(start) is None:
            end = self._seek(start)
            return Gap(offset=start, end=end, reason="garbage", detail="no record begins here")
        record, body, length = self._header(start)
        self.url = record.url
        if record.fault:
            self._seek(start + 1)
            return record
        end = body + length
        if length > self._max:
            return self._large(record, body, end)
        if not window.reach(end):
            return self._cut(record, body, end)
        if not self._border(end):
            return self._misplaced(record, body)
        self.offset = end
        return replace(record, block=window.get(body, end))

    def _large(self, record: Record, body: int, end: int) -> Record | Gap:
        window = self._window
        # As much is taken in as of any record, so that the records of a short stream survive a length without measure.
        if not window.may_reach(end) or not window.reach(body + self._max):
            return self._cut(record, body, end)
        window.reach(body + HEAD)
        head = window.get(body, body + HEAD)
        if not window.move(end):
            return self._cut(record, body, end)
        if not self._border(end):
            return self._misplaced(record, body, head)
        self.offset = end
        return replace(record, block=head, complete=False)

    def _misplaced(self, record: Record, body: int, head: bytes = b"") -> Record:
        """A record that does not end where it says: it, and no other, is lost."""
        head = head or self._window.get(body, body + HEAD)
        self._seek(body)  # if the member is broken as well, only that is said
        return _mismatch(record, head, "no record follows where the Content-Length says")

    def _cut(self, record: Record, body: int, end: int) -> Record | Gap:
        """The stream ends before the record does: it was cut, unless there are more records or the member is whole."""
        detail = f"the record lacks its last bytes: it should end at {end}"
        head = self._window.get(body, body + HEAD)
        stop = self._seek(body)
        if not self._resync or not self._done:
            return _mismatch(record, head, detail)
        about = f" ({record.url})" if record.url else ""
        return Gap(offset=record.offset, end=stop, reason="record_truncated", detail=detail + about)

    def _seek(self, offset: int) -> int:
        """Go to the next record, or to the end."""
        found = None
        if self._resync:
            found = self._window.seek(NEXT[self._format], offset, MAX_LINE)
        else:
            self._window.exhaust()
        self._done = found is None
        self.offset = self._window.end if found is None else found
        return self.offset

    def _border(self, end: int) -> bool:
        """Whether a record can end here."""
        try:
            self._window.reach(end + len(_WARC_END))
            if self._format == "warc" and self._window.get(end, end + len(_WARC_END)) == _WARC_END:
                return True  # whatever follows: it is not this record that is wrong
            while self._window.reach(end + 1):
                rest = self._window.get(end, end + 16)
                wanted = rest.lstrip(b"\r\n")
                end += len(rest) - len(wanted)
                if wanted:
                    return self._begins(end) is not None
        except BrokenMember:
            # In a stream the record is whole although the next is not; a single member is as good as its checksum.
            if not self._resync:
                raise
        return True

    def _begins(self, offset: int) -> str | None:
        """The format of the record that begins here."""
        self._window.reach(offset + 6)
        if self._window.get(offset, offset + 5) == b"WARC/" and self._window.get(offset + 5, offset + 6).isdigit():
            return "warc"
        return "arc" if ARC_LINE.match(self._window.line(offset, MAX_LINE)) else None

    def _header(self, start: int) -> tuple[Record, int, int]:
        """The record without its block, where the block begins, and how long it is."""
        self._format = self._begins(start)
        if self._format == "arc":
            line = self._window.line(start, MAX_LINE)
            record, length = _arc_record(start, line)
            return record, start + len(line), length
        blank = self._window.search(_BLANK_LINE, start, MAX_HEADER)
        if blank is None:
            fault = ("warc_header_broken", "the WARC header does not end")
            return Record(offset=start, format="warc", type="", fault=fault), start, 0
        record, length = _warc_record(start, self._window.get(start, blank[1]))
        return record, blank[1], length


def _mismatch(record: Record, head: bytes, detail: str) -> Record:
    return replace(record, block=head, complete=False, fault=("content_length_mismatch", detail))


def _warc_record(offset: int, header: bytes) -> tuple[Record, int]:
    try:
        fields: StatusAndHeaders = _WARC_PARSER.parse(io.BytesIO(header))
    except (StatusAndHeadersParserException, EOFError) as error:
        return Record(offset=offset, format="warc", type="", fault=("warc_header_broken", str(error))), 0

    def get(name: str) -> str | None:
        value: str | None = fields.get_header(name)
        return value.strip() or None if value else None

    record = Record(
        offset=offset,
        format="warc",
        type=(get("WARC-Type") or "").lower(),
        url=clean_url(get("WARC-Target-URI")),
        date=iso_date(get("WARC-Date")),
        id=(get("WARC-Record-ID") or "").strip("<> \t") or None,
        media=get("Content-Type"),
        truncated=(get("WARC-Truncated") or "").lower() or None,
        language=get("WARC-Identified-Content-Language"),
    )
    if not record.type:
        return replace(record, fault=("warc_header_broken", "the header has no WARC-Type")), 0
    return _with_length(record, get("Content-Length"))


def _arc_record(offset: int, line: bytes) -> tuple[Record, int]:
    found = ARC_LINE.match(line)
    assert found is not None
    url, date, media, length = (found[name].decode("utf-8", "replace") for name in ("url", "date", "media", "length"))
    kind = "arc_header" if url.startswith("filedesc:") else "response"
    return _with_length(
        Record(offset=offset, format="arc", type=kind, url=clean_url(url), date=_arc_date(date), media=media), length
    )


def _with_length(record: Record, length: str | None) -> tuple[Record, int]:
    if length is None or not (length.isascii() and length.isdigit()) or len(length) > 18:
        return replace(record, fault=("content_length_invalid", f"the Content-Length is {length!r}")), 0
    return record, int(length)


def clean_url(url: str | None) -> str | None:
    """Without the brackets that some crawlers add, control characters and outer space; inner spaces are escaped."""
    if url is None:
        return None
    url = url.strip().removeprefix("<").removesuffix(">")
    url = "".join(character for character in url if character >= " " and character != "\x7f").strip()
    return url.replace(" ", "%20") or None


def iso_date(date: str | None) -> str | None:
    """A WARC-Date in UTC without fractions, or with the lower precision that WARC 1.1 allows; None if it is no date."""
    if date is None:
        return None
    found = _WARC_DATE.fullmatch(date)
    if not found:
        return date if _SHORT_DATE.fullmatch(date) else None
    try:
        shift = timedelta(hours=int(found[8] or 0), minutes=int(found[9] or 0)) * (-1 if found[7] == "-" else 1)
        year, month, day, hour, minute, second = (int(found[index]) for index in range(1, 7))
        moment = datetime(year, month, day, hour, minute, second, tzinfo=timezone(shift))
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").zfill(20)
    except (ValueError, OverflowError):
        return None


def _arc_date(digits: str) -> str | None:
    parts = digits[:14].ljust(14, "0")
    date = f"{parts[:4]}-{parts[4:6]}-{parts[6:8]}T{parts[8:10]}:{parts[10:12]}:{parts[12:]}Z"
    return iso_date(date)
