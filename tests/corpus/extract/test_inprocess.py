"""The whole extraction as one function: what it promises for any page."""

from __future__ import annotations

import random
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.extract import inprocess
from corpus.extract.inprocess import extract_page, extract_text
from corpus.extract.maintext import canonical
from corpus.extract.model import Page, Reason

SENTENCE = "Der Fluss fließt an der alten Stadt vorbei, und die Leute sitzen abends lange am Ufer. "


def article(body: str, head: str = "") -> str:
    return (
        f"<!doctype html><html><head><title>Titel</title>{head}</head><body><nav><a href=/>Start</a> <a href=/b>Impressum</a>"
        f"</nav><article><h1>Am Fluss</h1>{body}</article><footer>Alle Rechte vorbehalten</footer></body></html>"
    )


def valid(text: str | None) -> bool:
    """Canonical form: see `corpus.extract.maintext.canonical`."""
    if text is None:
        return True
    text.encode()
    return text == text.strip() != "" and not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", text)


def test_main_text_without_boilerplate() -> None:
    text = extract_text(article(f"<p>{SENTENCE * 3}</p><p>{SENTENCE * 2}</p>").encode())
    assert text is not None
    assert text.count("Fluss fließt") == 5
    assert "Impressum" not in text
    assert "Rechte" not in text


def test_tables_are_kept_and_comments_are_not() -> None:
    body = f"<p>{SENTENCE * 4}</p><table><tr><td>Pegel</td><td>{SENTENCE}</td></tr></table>"
    text = extract_text(
        article(body).replace("</article>", f"</article><div id=comments><p>{'Ganz toll! ' * 9}</p></div>").encode()
    )
    assert text is not None
    assert "Pegel" in text
    assert "Ganz toll" not in text


@pytest.mark.parametrize(
    ("codec", "charset"), [("cp1252", "latin1"), ("cp1252", None), ("utf-16", None), ("utf-8", "koi8-r")]
)
def test_header_charset_is_evidence(codec: str, charset: str | None) -> None:
    text = extract_text(article(f"<p>{SENTENCE * 4}</p>").encode(codec), charset=charset)
    assert text is not None
    assert "fließt" in text


def test_nul_does_not_cut_the_page() -> None:
    html = article(f"<p>{SENTENCE * 3}</p>\0<p>{SENTENCE * 3} Ende gut.</p>").encode()
    assert (extract_text(html) or "").endswith("Ende gut.")


def test_text_is_not_normalised_and_keeps_joiners() -> None:
    """Decomposed letters stay as they are; Persian keeps its zero-width non-joiner, which `str.isprintable` denies."""
    decomposed = unicodedata.normalize("NFD", SENTENCE) + "می\u200cخواهم. "
    text = extract_text(article(f"<p>{decomposed * 4}</p>").encode())
    assert text is not None
    assert unicodedata.normalize("NFD", "fließt an der alten Stadt") in text
    assert "می\u200cخواهم" in text


def test_controls_soft_hyphens_and_carriage_returns_go() -> None:
    body = f"<p>{SENTENCE * 4}Donau\u00addampf\x01schiff&#13;&#10;fahrt\u2028weiter &#xD800; &#1;</p>\r\n<p>{SENTENCE}</p>\r\n"
    text = extract_text(article(body).encode())
    assert text is not None
    assert valid(text)
    assert "Donaudampfschiff" in text


@pytest.mark.parametrize("reference", ["&#1;", "&#31", "&#0008;", "&#11;", "&#31;", "&#xFFFE;", "&#65535;", "&#Xb;"])
def test_a_reference_to_a_forbidden_character_does_not_cost_the_page(reference: str) -> None:
    """lxml refuses such characters and trafilatura then drops all of the page."""
    assert "Anfang Ende" in (extract_text(article(f"<p>{SENTENCE * 4} Anfang {reference}Ende</p>").encode()) or "")


@pytest.mark.parametrize(
    ("reference", "character"), [("&#33;", "!"), ("&#x10D;", "č"), ("&#100;", "d"), ("&#xE9;", "é")]
)
def test_other_references_stand(reference: str, character: str) -> None:
    assert f"Anfang{character} Ende" in (
        extract_text(article(f"<p>{SENTENCE * 4}Anfang{reference} Ende</p>").encode()) or ""
    )


def test_letters_that_this_unicode_version_does_not_know_stay() -> None:
    """U+1E4D0 came with Unicode 15: Python 3.11 calls it unprintable, 3.12 does not; the text must not depend on that."""
    assert "\U0001e4d0" in (extract_text(article(f"<p>{SENTENCE * 4}\U0001e4d0</p>").encode()) or "")


def test_no_text_is_none() -> None:
    assert extract_text(b"") is None
    assert extract_text(b"<html><head></head><body></body></html>") is None


def test_capped_pages_are_none() -> None:
    assert extract_text(b"<div>" * 100_000) is None
    assert extract_text(b"<br>" * 200_001) is None


def test_fifty_megabytes_on_one_line_are_none() -> None:
    assert extract_text(b"<p>" + b"word " * 10_000_000) is None


def test_parser_exception_costs_the_page_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception is a failure with its name; addresses, which differ from run to run, are cut out of it."""

    def broken(html: str) -> str:
        raise RecursionError("at <object at 0x7f01ab>")

    monkeypatch.setattr(inprocess, "main_text", broken)
    failure = extract_page(Page(b"<p>x")).failure
    assert failure is not None
    assert (failure.reason, failure.detail) == (Reason.PARSER_ERROR, "RecursionError: at <object at 0x>")


def test_order_of_pages_does_not_matter() -> None:
    """Caches of the parser and its helpers carry nothing from one page to the next, not even between like pages."""
    rng = random.Random(7)
    pages = [
        article(
            "".join(f"<p>{SENTENCE * rng.randint(1, 4)}{rng.randint(0, 5)}</p>" for _ in range(rng.randint(1, 6)))
        ).encode()
        for _ in range(30)
    ]
    forward = [extract_text(page) for page in pages]
    assert [extract_text(page) for page in reversed(pages)] == forward[::-1]
    assert [extract_text(page) for page in pages for _ in range(2)][::2] == forward


@given(st.binary(max_size=300))
def test_any_bytes_give_canonical_text_or_none(html: bytes) -> None:
    assert valid(extract_text(html))


_MARKUP = st.sampled_from(
    [
        "<p>",
        "</p>",
        "<div>",
        "</div>",
        "<table><tr><td>",
        "<ul><li>",
        "<!--",
        "-->",
        "<script>",
        "</script>",
        "<a href='",
        "'>",
        "&#xD83D;",
        "&#0;",
        "&amp;#1;",
        "&lt;",
        "\0",
        "\r\n",
        "\x0b",
        "\u2028",
        "\ud7ff",
        "\U0010ffff",
        "<![CDATA[",
        "]]>",
        "<?xml encoding='x'?>",
        "<br/",
    ]
)


@given(st.lists(_MARKUP | st.text(max_size=12) | st.just(SENTENCE), max_size=40))
def test_any_markup_gives_canonical_text_or_none(pieces: list[str]) -> None:
    html = article("".join(pieces)).encode("utf-8", "replace")
    assert valid(extract_text(html))
    page = extract_page(Page(html))
    assert page.failure is None


def test_white_space_is_what_html_makes_of_it() -> None:
    """Runs of spaces, ends of lines and the indent of the page's source go; a small indent, as in code, stays."""
    source = " " * 40
    text = f"one \t  two  \n{source}three\n \n\n\n    four\xa0 five\n"
    assert canonical(text) == "one two\nthree\n\n    four five"
    assert canonical("\n".join(["x"] + [" " * 30] * 1000 + ["y"])) == "x\n\ny"
