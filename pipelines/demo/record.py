"""What the demo's crawl consists of: kinds of records, their dates and their ids, all derived from content."""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from pipelines.demo.prose import dice

FIRST_DAY = datetime(2024, 3, 4, tzinfo=UTC)
HTML = "text/html; charset=utf-8"


class Kind(StrEnum):
    """Why a record is in the demo. The first block are pages worth keeping; the names of the rest say what is odd."""

    CLEAN = "clean"
    LEGACY_CHARSET = "legacy_charset"
    NO_CHARSET = "no_charset"
    BOM = "bom"
    UTF16 = "utf16"
    ENCODED_BODY = "encoded_body"
    BROKEN_MARKUP = "broken_markup"
    PERSONAL_DATA = "personal_data"
    DEEP = "deep"

    LARGE = "large"

    MIRROR = "mirror"
    NEAR_DUPLICATE = "near_duplicate"
    REVISIT = "revisit"

    WRONG_CHARSET = "wrong_charset"
    WRONG_LANGUAGE = "wrong_language"
    KEYWORD_SPAM = "keyword_spam"
    HASHTAG_SPAM = "hashtag_spam"
    ELLIPSIS = "ellipsis"
    LINK_LIST = "link_list"
    SYMBOLS = "symbols"
    NAVIGATION_ONLY = "navigation_only"
    SHORT = "short"
    EMPTY = "empty"
    OPT_OUT = "opt_out"

    NOT_HTML = "not_html"
    ROBOTS = "robots"
    REDIRECT = "redirect"
    NOT_FOUND = "not_found"
    REQUEST = "request"
    METADATA = "metadata"
    CONVERSION = "conversion"
    TRUNCATED = "truncated"


@dataclass(frozen=True, kw_only=True)
class Record:
    """One WARC record to be written. ``day`` counts from the crawl's first day; ``refers`` is the record that a
    revisit, request, metadata or conversion record belongs to."""

    kind: Kind
    url: str
    body: bytes
    type: str = "response"
    status: str = "200 OK"
    content_type: str = HTML
    headers: tuple[tuple[str, str], ...] = ()
    day: int = 0
    refers: "Record | None" = None

    @property
    def captured(self) -> datetime:
        """The time of the capture: the day, and a second of it that depends on the URL alone."""
        return FIRST_DAY + timedelta(days=self.day, seconds=dice(86400, "second", self.url))

    @property
    def date(self) -> str:
        """``captured`` as a WARC-Date."""
        return self.captured.strftime("%Y-%m-%dT%H:%M:%SZ")

    @property
    def id(self) -> str:
        """A WARC-Record-ID that depends on type, URL, date and body alone."""
        name = "\n".join((self.type, self.url, self.date, hashlib.sha256(self.body).hexdigest()))
        return f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, name)}>"


# Records that belong next to one another in a file, such as a response and its request.
Unit = tuple[Record, ...]
