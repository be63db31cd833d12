"""Rules against signals, compared exactly."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters import Rule, Signal
from filters.judge import MAX_DENOMINATOR, Failure, decimal_text, failures


class Family:
    """A count and a ratio, each with a rule of either kind."""

    name = "test"
    version = 1
    columns: tuple[str, ...] = ("words", "lines", "bullets")
    signals: tuple[Signal, ...] = (
        Signal(name="words", numerator="words", denominator=None, definition="Words."),
        Signal(name="bullet_ratio", numerator="bullets", denominator="lines", definition="Bullets per line."),
    )
    rules: tuple[Rule, ...] = (
        Rule(name="min_words", signal="words", keeps="at_least"),
        Rule(name="max_words", signal="words", keeps="at_most"),
        Rule(name="min_bullet_ratio", signal="bullet_ratio", keeps="at_least"),
        Rule(name="max_bullet_ratio", signal="bullet_ratio", keeps="at_most"),
    )
    settings: tuple[str, ...] = ()

    def measure(self, documents: pa.RecordBatch, settings: Mapping[str, Any]) -> pa.RecordBatch:
        raise NotImplementedError


def batch(*rows: tuple[int | None, int | None, int | None]) -> pa.RecordBatch:
    columns = [pa.array([row[index] for row in rows], pa.int64()) for index in range(3)]
    return pa.RecordBatch.from_arrays(columns, names=list(Family.columns))


def failed(measured: pa.RecordBatch, **thresholds: str | None) -> list[tuple[int, str]]:
    exact = {name: None if text is None else Fraction(text) for name, text in thresholds.items()}
    return [(one.row, one.rule) for one in failures(Family(), exact, measured)]


def test_value_at_the_threshold_stays() -> None:
    """`min` and `max` both include their threshold."""
    measured = batch((49, 10, 3), (50, 10, 4), (51, 10, 5))
    assert failed(measured, min_words="50") == [(0, "min_words")]
    assert failed(measured, max_words="50") == [(2, "max_words")]
    assert failed(measured, min_bullet_ratio="0.4") == [(0, "min_bullet_ratio")]
    assert failed(measured, max_bullet_ratio="0.4") == [(2, "max_bullet_ratio")]


def test_failure_says_all_that_proves_it() -> None:
    (count,) = failures(Family(), {"min_words": Fraction(50)}, batch((3, 10, 9)))
    assert count == Failure(
        row=0, family="test", rule="min_words", signal="words", numerator=3, denominator=None, threshold="50"
    )
    (ratio,) = failures(Family(), {"max_bullet_ratio": Fraction("0.9")}, batch((3, 20, 19)))
    assert (ratio.numerator, ratio.denominator, ratio.threshold) == (19, 20, "0.9")


def test_rule_without_threshold_is_off() -> None:
    assert failed(batch((0, 1, 1))) == []
    assert failed(batch((0, 1, 1)), min_words=None) == []


def test_what_could_not_be_measured_fails_nothing() -> None:
    """A null, or a ratio of nothing; the other rules apply all the same."""
    measured = batch((None, 10, 9), (1, None, 9), (1, 10, None), (1, 0, 0))
    assert failed(measured, min_words="50") == [(1, "min_words"), (2, "min_words"), (3, "min_words")]
    assert failed(measured, max_bullet_ratio="0.1") == [(0, "max_bullet_ratio")]
    assert failed(measured, min_bullet_ratio="1") == [(0, "min_bullet_ratio")]


def test_document_may_fail_several_rules() -> None:
    assert failed(batch((1, 10, 9)), min_words="50", max_bullet_ratio="0.5") == [
        (0, "min_words"),
        (0, "max_bullet_ratio"),
    ]


def test_slices_of_a_batch_are_judged_like_copies() -> None:
    measured = batch((1, 10, 9), (60, 10, 9), (None, 10, 1), (2, 10, 9)).slice(1)
    assert failed(measured, min_words="50", max_bullet_ratio="0.5") == [
        (2, "min_words"),
        (0, "max_bullet_ratio"),
        (2, "max_bullet_ratio"),
    ]


def test_empty_batch_fails_nothing() -> None:
    assert failed(batch(), min_words="50", max_bullet_ratio="0.1") == []


_counts = st.none() | st.integers(0, 10**9)
_decimals = st.integers(0, 9_000 * MAX_DENOMINATOR).map(lambda number: Fraction(number, MAX_DENOMINATOR))


@given(
    st.lists(st.tuples(_counts, _counts, _counts), max_size=20),
    st.sampled_from(Family.rules),
    _decimals,
)
def test_judgement_is_that_of_exact_fractions(
    rows: list[tuple[int | None, int | None, int | None]], rule: Rule, threshold: Fraction
) -> None:
    """Up to counts of a thousand million and thresholds of six decimals, nothing is rounded and nothing overflows."""
    expected = []
    for number, (words, lines, bullets) in enumerate(rows):
        value: Fraction | None
        if rule.signal == "words":
            value = None if words is None else Fraction(words)
        else:
            value = Fraction(bullets, lines) if bullets is not None and lines else None
        if value is not None and (value < threshold if rule.keeps == "at_least" else value > threshold):
            expected.append(number)
    assert [one.row for one in failures(Family(), {rule.name: threshold}, batch(*rows))] == expected


@given(st.integers(1, 10**9), st.integers(0, 10**9), st.sampled_from(["at_least", "at_most"]))
def test_ratio_that_equals_the_threshold_stays_for_any_terms(
    lines: int, share: int, keeps: Literal["at_least", "at_most"]
) -> None:
    """3/10 and 30/100 are 0.3, though no float is."""
    threshold = Fraction(share % 1000, 1000)
    bullets = threshold * lines
    rule = "min_bullet_ratio" if keeps == "at_least" else "max_bullet_ratio"
    if bullets.denominator == 1:
        assert failed(batch((1, lines, int(bullets))), **{rule: str(threshold)}) == []


def test_threshold_of_more_than_six_decimals_is_refused() -> None:
    with pytest.raises(ValueError, match="min_words has more than six decimals"):
        failed(batch((1, 1, 1)), min_words="0.0000001")


@pytest.mark.parametrize(
    ("threshold", "text"),
    [("1/10", "0.1"), ("50", "50"), ("100000", "100000"), ("0", "0"), ("1/1000000", "0.000001"), ("5/2", "2.5")],
)
def test_threshold_is_shown_as_a_profile_writes_it(threshold: str, text: str) -> None:
    assert decimal_text(Fraction(threshold)) == text


@given(_decimals)
def test_shown_threshold_is_the_threshold(threshold: Fraction) -> None:
    assert Fraction(Decimal(decimal_text(threshold))) == threshold
    assert "E" not in decimal_text(threshold)
