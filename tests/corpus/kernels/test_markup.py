"""Counting markup without a tree, against rules written out and a slow reference."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.kernels.markup import count_markup

FLAT = {"br", "p", "li"}
RAW = {"script"}


def scan(html: bytes, elements: int = 10**6, depth: int = 1000) -> tuple[int, int]:
    return tuple(map(int, count_markup(np.frombuffer(html, dtype=np.uint8), elements, depth)))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (b"", (0, 0)),
        (b"<", (0, 0)),
        (b"text < 3 and <3", (0, 0)),
        (b"<div><span>x</span></div>", (2, 2)),
        (b"<DIV><Div></dIv></div><div>", (3, 2)),
        (b"<div" * 9, (0, 0)),  # a tag that does not end is no tag
        (b"<br>" * 9, (9, 0)),
        (b"<p>" * 9 + b"<li>" * 9 + b"<td>" * 9, (27, 0)),
        (b"<b>" * 9, (9, 9)),
        (b"<div><b></div>" * 9, (18, 2)),  # the end of the outer closes the inner
        (b"<b><div></b>" * 9, (18, 18)),  # but an inline end does not close a div
        (b"<table><div></table>" * 9, (18, 2)),
        (b"</div>" * 9 + b"<div>", (1, 1)),
        (b"<path/>" * 9, (9, 0)),
        (b"<a href=x/>" * 9, (9, 9)),  # the slash belongs to the value
        (b"<a title='<b><b>'><i>", (2, 2)),
        (b"<a title = \"<b>\" x='>'>", (1, 1)),
        (b"<!-- <div> --><div>", (1, 1)),
        (b"<!--><div>", (1, 1)),
        (b"<!---><div>", (1, 1)),
        (b"<!-- <div>", (0, 0)),
        (b"<!doctype html><?php <div> ?><div>", (1, 1)),
        (b"<script>'<div><div>'</script><div>", (2, 1)),
        (b"<script></scriptx><div></SCRIPT ><div>", (2, 1)),
        (b"<title><div>", (1, 0)),
    ],
)
def test_rules(html: bytes, expected: tuple[int, int]) -> None:
    assert scan(html) == expected


def test_the_scan_ends_above_either_maximum() -> None:
    assert scan(b"<br>" * 50, elements=10) == (11, 0)
    assert scan(b"<div>" * 50, depth=10) == (11, 11)


TOKEN = re.compile(r"<(/?)([a-z]+)([^>]*)>")


def reference(html: str) -> tuple[int, int]:
    """The same counts with Python objects, for markup without comments and quotes."""
    stack: list[str] = []
    elements = deepest = position = 0
    rank = {"table": 2, "div": 1}
    while match := TOKEN.search(html, position):
        position = match.end()
        closing, name, rest = match.groups()
        if closing:
            for level in range(len(stack) - 1, -1, -1):
                if stack[level] == name:
                    del stack[level:]
                    break
                if rank.get(stack[level], 0) > rank.get(name, 0):
                    break
            continue
        elements += 1
        if name in RAW:
            end = html.find(f"</{name}>", position)
            position = end if end >= 0 else len(html)
        elif name not in FLAT and not rest.endswith("/"):
            stack.append(name)
            deepest = max(deepest, len(stack))
    return elements, deepest


NAMES = ["div", "table", "b", "span", "p", "br", "script", "ul", "li"]
PIECES = [f"<{name}>" for name in NAMES] + [f"</{name}>" for name in NAMES] + ["<svg/>", "text", "ü", " < ", "<a x>"]


@given(st.lists(st.sampled_from(PIECES), max_size=60))
def test_agrees_with_the_reference(pieces: list[str]) -> None:
    html = "".join(pieces)
    assert scan(html.encode()) == reference(html)


@given(
    st.lists(
        st.sampled_from(
            [b"<", b">", b"</", b"/", b"!--", b"-->", b"'", b'"', b"=", b" ", b"div", b"script", b"?", b"\xff"]
        )
    )
)
def test_any_torn_markup_stays_in_bounds(pieces: list[bytes]) -> None:
    html = b"".join(pieces)
    elements, depth = scan(html)
    assert 0 <= depth <= elements <= html.count(b"<")
