"""The script of a text, by our own table of letters."""

from __future__ import annotations

import unicodedata
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.language import scripts
from tests.corpus.language.sentences import OTHERS, SENTENCES


@pytest.mark.parametrize("tag", sorted(SENTENCES | OTHERS))
def test_prose_has_the_script_of_its_tag(tag: str) -> None:
    assert scripts.dominant_script((SENTENCES | OTHERS)[tag]) == tag.partition("_")[2]


def test_the_table_agrees_with_the_unicode_database() -> None:
    """Every assigned code point that the table lists has that script; every letter of a listed script is listed.

    As far as the interpreter's Unicode version knows the character: the table is of one version, `regex` of its own.
    """
    regex = pytest.importorskip("regex")
    everything = "".join(chr(c) for c in range(0x40000) if not 0xD800 <= c < 0xE000)  # no script has letters beyond
    for line in (files("corpus.language") / "script_ranges.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        code, *ranges = line.split()
        listed: set[int] = set()
        for span in ranges:
            first, _, last = span.partition("-")
            listed |= set(range(int(first, 16), int(last or first, 16) + 1))
        others = regex.compile(rf"(?V1)[\P{{Script={code}}}--\p{{Cn}}]")
        assert [hex(c) for c in sorted(listed) if others.match(chr(c))] == [], code
        runs = regex.finditer(rf"(?V1)[\p{{Script={code}}}&&[\p{{L}}\p{{M}}\p{{Nl}}]]+", everything)
        assert {ord(letter) for run in runs for letter in run[0] if unicodedata.category(letter) != "Cn"} <= listed, (
            code
        )


def test_han_with_kana_is_japanese_and_with_hangul_korean() -> None:
    assert scripts.dominant_script("漢字") == "Hani"
    assert scripts.dominant_script("漢字を") == "Jpan"
    assert scripts.dominant_script("漢字는") == "Hang"
    assert scripts.dominant_script("漢字" * 50 + "の") == "Hani", "one Japanese brand name makes no Japanese text"


def test_the_script_of_a_language_is_one_it_is_written_in_where_the_text_has_it() -> None:
    program = scripts.script_counts("for x in range(10): print(x)  # 打印")
    assert scripts.choose_script(program, ("Hani",)) == "Hani"
    assert scripts.choose_script(program, ("Cyrl",)) == "Latn", "a transliteration"
    assert scripts.choose_script(scripts.script_counts("zdravo свима"), ("Cyrl", "Latn")) == "Latn"
    assert scripts.choose_script({}, ("Latn",)) is None


@pytest.mark.parametrize("text", ["", "123 !?", "🙂", "\ud800", "\U0010ffff", "𐍈"])
def test_without_letters_of_listed_scripts_there_is_no_script(text: str) -> None:
    assert scripts.dominant_script(text) is None


@given(st.text(st.characters(), max_size=60))
def test_counts_are_those_of_single_characters(text: str) -> None:
    """Any text, lone surrogates included."""
    counted: dict[str, int] = {}
    for character in text:
        for code, n in scripts.script_counts(character).items():
            counted[code] = counted.get(code, 0) + n
    assert scripts.script_counts(text) == counted
