"""Language profiles: what is shipped, and what is refused."""

from __future__ import annotations

import json
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import CorpusError
from corpus.kernels.stop_words import prepare
from corpus.language import tags
from corpus.language.profile import DEFAULT, Profile, load_profiles, parse_profile
from tests.corpus.language.sentences import SENTENCES

GOOD = """
language: deu_Latn
version: 3
families:
  gopher_quality:
    settings: {stop_words: [der, die]}
    rules: {min_words: 50, max_hash_ratio: 0.1, max_words: null}
"""


@dataclass(frozen=True)
class Rule:
    name: str


@dataclass(frozen=True)
class Family:
    rules: tuple[Rule, ...]
    settings: tuple[str, ...] = ()


KNOWN = {
    "gopher_quality": Family((Rule("min_words"), Rule("max_words"), Rule("max_hash_ratio")), ("stop_words",)),
    "language": Family((Rule("min_score"),)),
}


def test_every_eu_language_has_a_profile_and_the_others_the_default() -> None:
    profiles = load_profiles()
    assert set(profiles.by_language) == set(SENTENCES) | {DEFAULT}
    for tag in SENTENCES:
        assert profiles.for_language(tag).language == tag
        assert tags.name(tag) != tag
    for tag in ("rus_Cyrl", "deu_Cyrl", "und"):
        assert profiles.for_language(tag).language == DEFAULT


def test_all_shipped_profiles_speak_of_the_same_rules() -> None:
    """So that no language is asked for less because a line was forgotten."""
    shipped = load_profiles().by_language
    rules = {name: sorted(limits) for name, (_, limits) in shipped["eng_Latn"].families.items()}
    for tag, profile in shipped.items():
        assert {name: sorted(limits) for name, (_, limits) in profile.families.items()} == rules, tag
        assert profile.thresholds("language")["min_score"] == Fraction(1, 2)


@pytest.mark.parametrize("tag", sorted(SENTENCES))
def test_stop_words_are_eight_to_twenty_and_can_be_found(tag: str) -> None:
    words = load_profiles().for_language(tag).settings("gopher_quality")["stop_words"]
    assert 8 <= len(words) == len(set(words)) <= 20
    assert all(word == word.lower() for word in words)
    prepare(words)  # refuses a word that no text can have


def test_no_two_languages_have_the_same_stop_words() -> None:
    """A list may share words with neighbours, but never so many that it says nothing about its language."""
    profiles = load_profiles()
    lists = {tag: set(profiles.for_language(tag).settings("gopher_quality")["stop_words"]) for tag in SENTENCES}
    for tag, words in lists.items():
        for other, others in lists.items():
            assert tag == other or len(words - others) >= 4, (tag, other)


def test_thresholds_are_exact() -> None:
    """0.1 is one tenth, not the nearest binary fraction."""
    limits = parse_profile(GOOD, "deu_Latn.yaml", "deu_Latn").thresholds("gopher_quality")
    assert limits == {"min_words": 50, "max_hash_ratio": Fraction(1, 10), "max_words": None}


@given(st.integers(-(10**15), 10**15))
def test_any_number_with_six_decimals_is_read_as_it_is_written(millionths: int) -> None:
    number = Fraction(millionths, 10**6)
    sign = "-" if millionths < 0 else ""
    written = f"{sign}{abs(millionths) // 10**6}.{abs(millionths) % 10**6:06d}"
    text = GOOD.replace("0.1", written)
    assert parse_profile(text, "x", "deu_Latn").thresholds("gopher_quality")["max_hash_ratio"] == number


def test_a_profile_survives_being_published() -> None:
    for profile in load_profiles().by_language.values():
        again = Profile.from_dict(json.loads(json.dumps(profile.to_dict())))
        assert again == profile
        assert again.fingerprint == profile.fingerprint


def test_the_fingerprint_changes_with_anything_the_profile_says() -> None:
    variants = [GOOD, GOOD.replace("50", "51"), GOOD.replace("der", "das"), GOOD.replace("version: 3", "version: 4")]
    variants.append(GOOD.replace("max_words: null", "max_words: 9"))
    prints = {parse_profile(text, "x", "deu_Latn").fingerprint for text in variants}
    assert len(prints) == len(variants)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD + "author: me\n", r"p\.yaml: author: unknown key\. Allowed: language, version, families"),
        (GOOD.replace("rules:", "rule:"), r"families\.gopher_quality\.rule: unknown key\. Allowed: settings, rules"),
        (GOOD.replace("version: 3\n", ""), r"version: Field required"),
        (GOOD.replace("version: 3", "version: 0"), r"version: .*greater than or equal to 1"),
        (GOOD.replace("0.1", "0.1234567"), r"rules\.max_hash_ratio: .*six decimals, found 0\.1234567"),
        (GOOD.replace("0.1", "'0.10000000000000000000000000000000001'"), r"rules\.max_hash_ratio: .*six decimals"),
        (GOOD.replace("0.1", "yes"), r"rules\.max_hash_ratio: a threshold is a number or null, found True"),
        (GOOD.replace("0.1", "much"), r"rules\.max_hash_ratio: a threshold is a number or null, found 'much'"),
        (GOOD.replace("0.1", ".inf"), r"rules\.max_hash_ratio: a threshold lies between .*found inf"),
        (GOOD.replace("0.1", "1e30"), r"rules\.max_hash_ratio: a threshold lies between"),
        (GOOD.replace("0.1", ".nan"), r"rules\.max_hash_ratio: a threshold lies between .*found nan"),
        (GOOD.replace("0.1", "1e-999999999"), r"rules\.max_hash_ratio: a threshold has at most six decimals"),
        (GOOD.replace("0.1", "1e999999999"), r"rules\.max_hash_ratio: a threshold lies between"),
        (
            GOOD.replace("min_words: 50", "min_words: [50]"),
            r"rules\.min_words: a threshold is a number or null, found \[50\]",
        ),
        (GOOD.replace("version: 3", "version: three"), r"p\.yaml: version: "),
        (GOOD.replace("[der, die]", "der"), r"settings\.stop_words: "),
        (GOOD.replace("max_words: null", "min_words: 9"), r"p\.yaml: .*min_words is written twice, again in line 7"),
        (GOOD.replace("[der, die]", "[no, die]"), r"stop_words\.0: write it in quotes"),
        (GOOD.replace("deu_Latn", "fra_Latn"), r"language is 'fra_Latn', but the file is named for 'deu_Latn'"),
        ("a: [", r"p\.yaml: is not YAML"),
        ("a: 2001-99-99", r"p\.yaml: is not YAML"),
        ("[" * 5000, r"p\.yaml: is not YAML"),
        ("- a", r"p\.yaml: is no mapping of language, version, families"),
        ("", r"p\.yaml: is no mapping"),
        (
            GOOD.replace("max_hash_ratio", "max_hash_ration"),
            r"unknown rule .*did you mean 'max_hash_ratio'\? Allowed: min",
        ),
        (GOOD.replace("stop_words", "stopwords"), r"settings\.stopwords: unknown setting .*Allowed: stop_words"),
        (
            GOOD.replace("gopher_quality", "gopher"),
            r"families\.gopher: unknown family .*Allowed: gopher_quality, language",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_place_and_remedy(text: str, message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        parse_profile(text, "p.yaml", "deu_Latn", KNOWN)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["language", "version", "families", "rules", "settings", "x", 1]), inner, max_size=4
            )
        ),
        max_leaves=8,
    )
)
def test_any_yaml_is_read_or_refused_clearly(content: object) -> None:
    try:
        profile = parse_profile(yaml.safe_dump(content), "p.yaml", "deu_Latn", KNOWN)
    except CorpusError as error:
        message = str(error)
    else:
        message = f"p.yaml: is for {profile.language}"
    assert message.startswith("p.yaml: ")


def test_a_folder_of_the_user_s_replaces_by_tag_and_adds(tmp_path: Path) -> None:
    (tmp_path / "deu_Latn.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "rus_Cyrl.yaml").write_text(GOOD.replace("deu_Latn", "rus_Cyrl"), encoding="utf-8")
    (tmp_path / "README.md").write_text("not a profile", encoding="utf-8")
    profiles = load_profiles(tmp_path)
    assert profiles.for_language("deu_Latn").version == 3
    assert profiles.for_language("rus_Cyrl").settings("gopher_quality") == {"stop_words": ("der", "die")}
    assert profiles.for_language("fra_Latn") == load_profiles().for_language("fra_Latn")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("de.yaml", r"de\.yaml: a profile is named deu_Latn\.yaml"),
        ("ekk_Latn.yaml", r"a profile is named est_Latn\.yaml"),
        ("deu_Latn.yml", r"a profile is named deu_Latn\.yaml"),
        ("my rules.yaml", r"a profile is named by language and script"),
    ],
)
def test_a_file_that_no_language_would_ever_find_is_refused(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / name).write_text(GOOD, encoding="utf-8")
    with pytest.raises(CorpusError, match=message):
        load_profiles(tmp_path)


def test_a_missing_folder_and_a_file_in_another_encoding_are_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="is no folder"):
        load_profiles(tmp_path / "absent")
    (tmp_path / "deu_Latn.yaml").write_text(GOOD.replace("der", "für"), encoding="latin-1")
    with pytest.raises(CorpusError, match=r"deu_Latn\.yaml: is not UTF-8"):
        load_profiles(tmp_path)


def test_overrides_replace_a_rule_in_every_profile() -> None:
    changed = load_profiles().with_overrides({"gopher_quality": {"min_words": 20, "max_words": None}})
    for tag in (*SENTENCES, DEFAULT):
        limits = changed.for_language(tag).thresholds("gopher_quality")
        assert limits["min_words"] == 20
        assert limits["max_words"] is None
        assert limits["max_hash_ratio"] == Fraction(1, 10)


def test_overrides_change_the_fingerprint_and_leave_the_rest() -> None:
    before = load_profiles()
    after = before.with_overrides({"language": {"min_score": 0.7}})
    assert after.for_language("mlt_Latn").thresholds("language")["min_score"] == Fraction(7, 10)
    assert after.for_language("mlt_Latn").fingerprint != before.for_language("mlt_Latn").fingerprint
    assert (
        after.for_language("mlt_Latn").families["gopher_quality"]
        == before.for_language("mlt_Latn").families["gopher_quality"]
    )
    assert before.for_language("mlt_Latn") == load_profiles().for_language("mlt_Latn"), "the original is untouched"
    assert before.with_overrides({}) == before


shipped = cache(load_profiles)


@given(st.sampled_from(sorted(SENTENCES)), st.data())
def test_no_threshold_of_a_shipped_profile_can_change_unnoticed(tag: str, data: st.DataObject) -> None:
    profiles = shipped()
    profile = profiles.for_language(tag)
    family = data.draw(st.sampled_from(sorted(profile.families)))
    rule = data.draw(st.sampled_from(sorted(profile.thresholds(family))))
    changed = profiles.with_overrides({family: {rule: 123.456789}}).for_language(tag)
    assert changed.fingerprint != profile.fingerprint
