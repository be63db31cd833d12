"""What goes into extraction and what comes out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why a page has no text although it was read. The values are written to files: do not rename."""

    PAGE_TOO_LARGE = "page_too_large"
    TOO_MANY_NODES = "too_many_nodes"
    TOO_DEEP = "too_deep"
    PARSER_ERROR = "parser_error"
    PARSER_CRASH = "parser_crash"
    TIME_OUT = "time_out"


@dataclass(frozen=True, slots=True)
class Failure:
    """The verdict on a page that could not be extracted; `detail` is for people and depends on no clock."""

    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Page:
    """An HTML page as it was fetched: `charset` is what the HTTP header named, `url` only serves messages."""

    html: bytes
    charset: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Extraction:
    """Main text of one page.

    `text` is None if the page holds no main text or failed. `charset` is the WHATWG name of the encoding used,
    `charset_evidence` where that name came from (`bom`, `header`, `meta`, `detection`, `fallback`), and
    `charset_rejected` the claims found false before it, as `evidence:label`.
    """

    text: str | None
    charset: str | None
    charset_evidence: str | None
    failure: Failure | None = None
    charset_rejected: tuple[str, ...] = ()
