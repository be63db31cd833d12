"""Extraction in the calling process: what the child runs, and the one-function form for everyone else."""

from __future__ import annotations

import re

from corpus.extract.charset import decode
from corpus.extract.limits import Limits, violation
from corpus.extract.maintext import main_text
from corpus.extract.model import Extraction, Failure, Page, Reason

_ADDRESS = re.compile(r"0x[0-9a-fA-F]+")
_DETAIL_LENGTH = 200


def extract_text(html: bytes, *, charset: str | None = None, url: str | None = None) -> str | None:
    """Main text of an HTML page, or None: no main text, a broken cap (`Limits`), or markup that no parser can read.

    `charset` is what the HTTP header named. `url` is for the caller's convenience: the text depends on the page alone.
    There is no time limit here; `Extractor` has one.
    """
    if violation(html, Limits()) is not None:
        return None
    return extract_page(Page(html, charset, url)).text


def extract_page(page: Page) -> Extraction:
    """Decode and extract, without caps. An exception of the parser becomes a `parser_error`."""
    decoded = decode(page.html, page.charset)
    text: str | None = None
    failure: Failure | None = None
    try:
        text = main_text(decoded.text)
    except Exception as error:  # noqa: BLE001 - whatever a parser makes of a hostile page must cost that page alone
        # Memory addresses differ from run to run, and the detail is written to the ledger.
        message = _ADDRESS.sub("0x", f"{type(error).__name__}: {error}")
        failure = Failure(Reason.PARSER_ERROR, message[:_DETAIL_LENGTH])
    return Extraction(text, decoded.charset, decoded.evidence.value, failure, decoded.rejected)
