"""Latin single-byte sets, told by alphabets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.extract.alphabets import latin_charset


@pytest.mark.parametrize(
    ("text", "codec", "name"),
    [
        ("perché la città è più", "cp1252", "windows-1252"),
        ("não são corações à vontade", "cp1252", "windows-1252"),
        ("příliš žluťoučký kůň úpěl ďábelské ódy", "cp1250", "windows-1250"),
        ("příliš žluťoučký kůň úpěl ďábelské ódy", "iso8859_2", "iso-8859-2"),
        ("ačiū už žinią apie šį įvykį", "cp1257", "windows-1257"),
        ("glāžšķūņa rūķīši dzērumā čiepj", "cp1257", "windows-1257"),
        ("ışık değişti, çünkü güneş doğdu", "cp1254", "windows-1254"),
        ("ħobż ġdid u żejt, iċ-ċirasa", "iso8859_3", "iso-8859-3"),
    ],
)
def test_known_languages(text: str, codec: str, name: str) -> None:
    assert latin_charset(text.encode(codec)) == name


@pytest.mark.parametrize(
    ("text", "codec"), [("мягких французских булок", "cp1251"), ("東京は日本の首都", "cp932"), ("plain", "ascii")]
)
def test_other_scripts_and_ascii_fit_no_alphabet(text: str, codec: str) -> None:
    assert latin_charset(text.encode(codec)) is None


@given(st.binary(max_size=200))
def test_any_bytes(sample: bytes) -> None:
    """Never raises, and what it names can decode every letter it counted."""
    name = latin_charset(sample)
    assert name is None or not sample.isascii()
