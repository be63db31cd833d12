"""Caps on pages, each at its border."""

from __future__ import annotations

import pytest

from corpus.extract.limits import Limits, violation
from corpus.extract.model import Failure, Reason

SMALL = Limits(max_bytes=1000, max_elements=20, max_depth=5)


def reason(html: bytes, limits: Limits = SMALL) -> Reason | None:
    failure = violation(html, limits)
    return None if failure is None else failure.reason


def test_bytes() -> None:
    assert reason(b"x" * 1000) is None
    assert violation(b"x" * 1001, SMALL) == Failure(Reason.PAGE_TOO_LARGE, "more than 1000 bytes")


def test_elements() -> None:
    assert reason(b"<br>" * 20) is None
    assert violation(b"<br>" * 21, SMALL) == Failure(Reason.TOO_MANY_NODES, "more than 20 elements")


def test_depth() -> None:
    assert reason(b"<div>" * 5) is None
    assert violation(b"<div>" * 6, SMALL) == Failure(Reason.TOO_DEEP, "nested deeper than 5 elements")


def test_elements_are_counted_even_where_depth_allows_more() -> None:
    assert reason(b"<br>" * 4, Limits(max_elements=3, max_depth=100)) is Reason.TOO_MANY_NODES


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf16_pages_are_measured_like_any_other(codec: str) -> None:
    assert reason(("<div>" * 6).encode(codec)) is Reason.TOO_DEEP
    assert reason(("<div></div>" * 6).encode(codec)) is None


def test_a_hundred_thousand_nested_divs_are_too_deep() -> None:
    assert reason(b"<div>" * 100_000, Limits()) is Reason.TOO_DEEP


def test_depth_cap_stands_below_what_the_parser_drops() -> None:
    """A page at the cap is still extracted whole by libxml2; what the cap lets pass is not lost in silence."""
    from corpus.extract.maintext import main_text

    depth = Limits().max_depth
    body = "<div>" * depth + "<p>" + "The innermost paragraph is there. " * 10 + "</p>" + "</div>" * depth
    html = f"<html><head><title>t</title></head><body>{body}</body></html>"
    assert violation(html.encode(), Limits()) is None
    assert "innermost" in (main_text(html) or "")
