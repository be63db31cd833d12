"""The Unicode tables are those of the version they name, and agree with every other version where they can."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest

from corpus.kernels import classes as c
from corpus.kernels.make_tables import classify, lower, tables
from corpus.kernels.tables import unicode_tables

from .reference import CLASSES, LOWER, lookup

if unicodedata.unidata_version == unicode_tables().version:

    def test_rebuilding_gives_the_shipped_tables() -> None:
        """The file is what its script makes; only an interpreter of the same Unicode version can tell."""
        made = tables()
        assert np.array_equal(made["classes"], unicode_tables().classes)
        assert np.array_equal(made["lower"], unicode_tables().lower)


def test_code_points_known_to_the_interpreter_have_its_class_and_lower_case() -> None:
    """Versions add code points and change almost none, so interpreters of all versions check most of the tables."""
    known = [point for point in range(0x110000) if unicodedata.category(chr(point)) not in ("Cn", "Cs", "Co")]
    assert len(known) > 140_000
    different = [point for point in known if lookup(CLASSES, point) != classify(point)]
    assert len(different) <= 5, [hex(point) for point in different]
    assert [point for point in known if lookup(LOWER, point) != lower(point) - point] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("aßЖعक한", c.LETTER),
        ("中あカーกລខမ〇々", c.SPACELESS_LETTER),
        ("0٣½Ⅷ²", c.NUMBER),
        ("\u0301\u200d\u200c\ufe0f\u00ad\u093e", c.MARK),
        ("'’ʼ-‐‑·‧", c.JOINER),
        (".,#…“。", c.PUNCTUATION),
        ("€+😀`", c.SYMBOL),
        (" \t\r\x0b\u0085\u00a0\u2028\u3000", c.WHITE_SPACE),
        ("\n", c.LINE_BREAK),
        ("\x00\x1f\u200b\ue000\U0010ffff\ud800", c.OTHER),
    ],
)
def test_class(text: str, expected: int) -> None:
    """Each class has the members its description names."""
    assert {char: lookup(CLASSES, ord(char)) for char in text} == dict.fromkeys(text, expected)


def test_lower_case_is_one_to_one() -> None:
    """The dotted capital I becomes i alone; capitals of all lengths in UTF-8 are mapped."""
    for upper, small in zip("AÄЖİȺ\u212aẞ𐐀", "aäжiⱥkß𐐨", strict=True):
        assert chr(ord(upper) + lookup(LOWER, ord(upper))) == small


def test_lower_case_needs_at_most_half_as_many_bytes_again() -> None:
    """The bound on which the normalising kernel sizes its output."""
    for point in range(0x110000):
        if distance := lookup(LOWER, point):
            assert 2 * len(chr(point + distance).encode()) <= 3 * len(chr(point).encode()), hex(point)


def test_ascii_is_the_first_block() -> None:
    """Kernels look ASCII up without the first stage."""
    assert unicode_tables().classes[0] == 0
    assert unicode_tables().lower[0] == 0
