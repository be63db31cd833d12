"""Main text of a decoded page, by trafilatura with the settings that docs/extraction.md measures."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import Literal

import trafilatura.baseline
import trafilatura.utils
from trafilatura import bare_extraction
from trafilatura.settings import DEFAULT_CONFIG, Extractor

# Its messages name pages and parser errors, which this package reports as data.
for _name in ("trafilatura", "htmldate", "courlan", "justext"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)

# Controls, lone surrogates, noncharacters and private use (icon fonts); format characters of no use outside a renderer
# (soft hyphen, zero-width space, word joiner, directional marks and embeddings, byte order mark, interlinear annotation,
# tags). The joiners U+200C and U+200D stay: Persian, the Indic scripts and emoji spell with them.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\U000e0000-\U000e007f\U000f0000-\U0010ffff]"
)
_LINE_END = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# References to characters that XML forbids. libxml2 resolves them, lxml then refuses to write the text back, and
# trafilatura answers the ValueError by dropping the whole page (3 of 2,487 real pages hold one).
_FORBIDDEN_REFERENCE = re.compile(
    "&#(?:0*(?:[1-8]|1[124-9]|2[0-9]|3[01]|6553[45])(?![0-9])|[xX]0*(?:[1-8bBcCeEfF]|1[0-9a-fA-F]|[fF]{3}[eEfF])(?![0-9a-fA-F]));?"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_SPACES = re.compile("[ \t\xa0]{2,}")
_BLANK_LINES = re.compile("\n{3,}")

#: Characters of white space at the start of a line that may be the indent of code; in real pages deeper ones are not.
MAX_INDENT = 16


def _remove_unwanted(string: str) -> str:
    return _UNWANTED.sub("", string)


# trafilatura drops every character that `str.isprintable` denies. That table differs between versions of Python (a letter
# that Unicode 15 brought is lost in 3.11 and kept in 3.12), and it denies the two joiners. A fixed list takes its place.
trafilatura.utils.remove_control_characters = _remove_unwanted
trafilatura.baseline.remove_control_characters = _remove_unwanted


Focus = Literal["balanced", "precision", "recall"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Choices left to trafilatura's user that change the text. The defaults gave the best F1 on real pages."""

    fast: bool = False
    """Leave out the comparison with readability and jusText."""
    focus: Focus = "balanced"
    tables: bool = True
    comments: bool = False


CHOSEN = Settings()


def main_text(html: str, settings: Settings = CHOSEN) -> str | None:
    """Main text of the page in canonical form, or None if it has none. Raises whatever the parser raises."""
    options = Extractor(
        config=DEFAULT_CONFIG,
        output_format="python",  # text as it stands in the page: the other formats are normalised to NFC
        fast=settings.fast,
        precision=settings.focus == "precision",
        recall=settings.focus == "recall",
        comments=settings.comments,
        tables=settings.tables,
        dedup=False,  # it remembers paragraphs of earlier pages
        with_metadata=False,  # title, date and author cost time and change no text
        date_params={"original_date": True, "extensive_search": False, "max_date": "2100-01-01"},  # not today
    )
    document = bare_extraction(_FORBIDDEN_REFERENCE.sub("", html), options=options)
    return canonical(document.text) if document is not None and document.text else None


def canonical(text: str) -> str | None:
    """`\\n` as the only line end, no control character but it and `\\t`, no lone surrogate, stripped; None if empty.

    White space as HTML means it: no runs of it inside a line or at its end, one blank line at most.
    """
    text = _LINE_END.sub("\n", text)
    text = _remove_unwanted(_SURROGATE.sub("\ufffd", text))
    text = _BLANK_LINES.sub("\n\n", "\n".join(_tidy(line) for line in text.split("\n"))).strip()
    return text or None


def _tidy(line: str) -> str:
    """A line as a browser shows it: runs of spaces are one space. An indent stays, since code is read by it, unless it is
    so deep that it can only be that of the page's source."""
    body = line.strip()
    shown = _SPACES.sub(" ", body)
    indent = line[: len(line) - len(line.lstrip())]
    return shown if not body or len(indent) > MAX_INDENT else indent + shown
