"""Croatian, Serbian and the rest of Serbo-Croatian, by words."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.language import serbo_croatian as rules


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("tko je ovdje bio prije tjedan dana, u siječnju?", "hrv"),
        ("vijeće europe traži uvjete za novi sustav u općini.", "hrv"),
        ("ko je ovde bio pre nedelju dana, u januaru?", "srp"),
        ("savet evrope traži uslove za novi sistem u opštini.", "srp"),
        ("deca mogu da idu kući.", "srp"),
        ("ko je ovdje bio prije sedmicu dana, u januaru, i šta je htio?", "hbs"),
        ("mali pas spava na travi.", None),
        ("", None),
    ],
)
def test_words_decide(text: str, answer: str | None) -> None:
    assert rules.decide(rules.evidence(text)) == answer


def test_each_kind_of_evidence_is_counted() -> None:
    found = rules.evidence("vreme vrijeme tjedan sedmica mora da ide, treba se da zna")
    assert found == rules.Evidence(ekavian=1, ijekavian=1, croatian=1, serbian=3)


def test_whole_words_are_not_beginnings_of_others() -> None:
    assert rules.evidence("kosa kora marta").serbian == 1, "`ko.` is a word, `marta.` is one too"
    assert rules.evidence("zaboravilo").ekavian == 0, "stems match at the beginning of a word"


@given(st.text(max_size=200))
def test_any_text_has_evidence_and_no_more_than_words(text: str) -> None:
    found = rules.evidence(text.lower())
    words = len(re.findall("[a-zčćžšđ]+", text.lower()))
    assert max(found.ekavian, found.ijekavian, found.croatian) <= words
    assert rules.decide(found) in {"hrv", "srp", "hbs", None}
