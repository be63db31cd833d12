"""The page's own declaration, by the rules of the HTML standard's prescan."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.extract.prescan import PRESCAN_BYTES, declared_charset


@pytest.mark.parametrize(
    ("html", "label"),
    [
        (b"<meta charset=utf-8>", "utf-8"),
        (b"<META CHARSET = ' koi8-r '/>", "koi8-r"),
        (b'<meta name=a content=b charset="big5">', "big5"),
        (b"<meta http-equiv=content-type content='text/html; charset=gbk'>", "gbk"),
        (b"<meta content='text/html;charset = \"euc-jp\"' http-equiv='Content-Type'>", "euc-jp"),
        (b"<meta content='text/html; charset=gbk'>", None),  # no http-equiv
        (b"<meta name=description content='charset=gbk'>", None),
        (b"<!-- <meta charset=gbk> --><meta charset=utf-8>", "utf-8"),
        (b"<!--><meta charset=gbk>", "gbk"),
        (b"<!-- <meta charset=gbk>", None),
        (b"<script src='a>b' x='<meta charset=gbk>'></script><meta charset=utf-8>", "utf-8"),
        (b"<metadata charset=gbk><meta charset=utf-8>", "utf-8"),
        (b"<meta charset=''><meta charset=utf-8>", "utf-8"),
        (b"<meta charset=one charset=two>", "one"),
        (b"</meta charset=gbk>", None),
        (b"<!doctype html><? x ?><meta charset=utf-8>", "utf-8"),
        (b"<?xml version='1.0' encoding='iso-8859-2'?><html>", "iso-8859-2"),
        (b"<?xml version='1.0' encoding='iso-8859-2'?><meta charset=utf-8>", "utf-8"),
        (b"charset=utf-8", None),
        (b"< meta charset=utf-8>", None),
        (b"", None),
    ],
)
def test_declarations(html: bytes, label: str | None) -> None:
    assert declared_charset(html) == label


def test_a_declaration_beyond_the_prescan_counts_for_nothing() -> None:
    assert declared_charset(b" " * PRESCAN_BYTES + b"<meta charset=utf-8>") is None


@given(
    st.lists(
        st.sampled_from(
            [b"<meta ", b"charset", b"=", b"'", b'"', b">", b"<!--", b"-->", b"</", b"/", b" ", b"x", b"<?xml "]
        )
    )
)
def test_any_markup_ends(pieces: list[bytes]) -> None:
    """Torn tags and quotes neither raise nor loop."""
    label = declared_charset(b"".join(pieces))
    assert label is None or label
