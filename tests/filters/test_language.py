"""The language family: its signal is the probability to the millionth, and its rule is decided exactly."""

from __future__ import annotations

from fractions import Fraction

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from corpus.document import DOCUMENT_SCHEMA
from corpus.language.identifier import DIGITS
from corpus.language.profile import load_profiles
from filters import families, family_schema
from filters.judge import failures
from filters.language import FAMILY, SCALE


def batch(scores: list[float]) -> pa.RecordBatch:
    """Documents as working files hold them: float32."""
    field = DOCUMENT_SCHEMA.field("language_score")
    return pa.RecordBatch.from_arrays([pa.array(scores, field.type)], names=[field.name])


def test_the_family_is_found_and_consistent() -> None:
    assert families()["language"] is FAMILY
    assert [(rule.name, rule.signal, rule.keeps) for rule in FAMILY.rules] == [
        ("min_score", "language_score", "at_least")
    ]
    assert [(one.name, one.numerator, one.denominator) for one in FAMILY.signals] == [
        ("language_score", "score", "scale")
    ]
    assert SCALE == 10**DIGITS, "identification rounds to what the signal can hold"


def test_the_batch_has_the_family_s_schema_even_if_empty() -> None:
    for scores in ([0.25, 1.0], []):
        measured = FAMILY.measure(batch(scores), {})
        assert measured.schema == family_schema(FAMILY)
        assert measured.num_rows == len(scores)


@given(st.lists(st.integers(0, SCALE)))
def test_every_probability_of_six_decimals_survives_float32(millionths: list[int]) -> None:
    measured = FAMILY.measure(batch([n / SCALE for n in millionths]), {})
    assert measured.column("score").to_pylist() == millionths
    assert measured.column("scale").to_pylist() == [SCALE] * len(millionths)


@given(st.integers(0, SCALE), st.integers(0, SCALE))
def test_the_threshold_is_compared_exactly(score: int, threshold: int) -> None:
    """Not a millionth more or less is asked for than the profile says."""
    measured = FAMILY.measure(batch([score / SCALE]), {})
    failed = list(failures(FAMILY, {"min_score": Fraction(threshold, SCALE)}, measured))
    assert bool(failed) == (score < threshold)


def test_no_language_fails_every_shipped_threshold() -> None:
    """`und` has probability 0."""
    for profile in load_profiles().by_language.values():
        [failure] = failures(FAMILY, profile.thresholds("language"), FAMILY.measure(batch([0.0, 1.0]), {}))
        assert (failure.row, failure.rule, failure.numerator) == (0, "min_score", 0)


def test_shipped_profiles_name_every_rule_of_every_family_and_no_other() -> None:
    """A rule that a profile does not name is off; switching off is written down as null."""
    profiles = load_profiles(known=families())
    for profile in profiles.by_language.values():
        assert set(profile.families) == set(families()), profile.language
        for name, family in families().items():
            assert set(profile.thresholds(name)) == {rule.name for rule in family.rules}, profile.language
            assert set(profile.settings(name)) <= set(family.settings), profile.language


def test_shipped_thresholds_are_on_but_for_stop_words_of_unknown_languages() -> None:
    for profile in load_profiles().by_language.values():
        off = {rule for name in families() for rule, limit in profile.thresholds(name).items() if limit is None}
        assert off == ({"min_stop_words"} if profile.language == "default" else set())


def test_every_shipped_threshold_is_a_short_decimal() -> None:
    """0.1 in the file is one tenth here: no denominator comes from binary fractions."""
    for profile in load_profiles().by_language.values():
        limits = [limit for name in families() for limit in profile.thresholds(name).values() if limit is not None]
        assert all(100 % limit.denominator == 0 for limit in limits), profile.language
        assert profile.thresholds("gopher_quality")["max_hash_ratio"] == Fraction(1, 10)
