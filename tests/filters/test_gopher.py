"""The two Gopher families: their shape, their nulls, and that they measure what the kernels count."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from corpus.errors import CorpusError
from filters import Family, families, family_schema
from filters.gopher_quality import FAMILY as QUALITY
from filters.gopher_repetition import FAMILY as REPETITION
from tests.corpus.kernels import reference

BOTH: list[Family] = [QUALITY, REPETITION]
TEXTS = ["The cat and the dog.\nThe cat and the dog.\n\n- end…", "", "l'eau est là # " * 20]


def batch(texts: list[str]) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array(texts, pa.string())], names=["text"])


@pytest.mark.parametrize("family", BOTH, ids=lambda family: family.name)
def test_family_is_found_and_consistent(family: Family) -> None:
    """Signals stand on columns, rules on signals, and the batch has the schema."""
    assert families()[family.name] is family
    columns, signals = set(family.columns), {signal.name for signal in family.signals}
    assert all({signal.numerator, signal.denominator or signal.numerator} <= columns for signal in family.signals)
    assert {rule.signal for rule in family.rules} == signals
    assert all(rule.name.startswith("max_" if rule.keeps == "at_most" else "min_") for rule in family.rules)
    for texts in (TEXTS, []):
        measured = family.measure(batch(texts), {})
        assert measured.schema == family_schema(family)
        assert measured.num_rows == len(texts)


def test_rule_names_of_quality() -> None:
    """Profiles name these rules."""
    assert [rule.name for rule in QUALITY.rules] == [
        "min_words",
        "max_words",
        "min_mean_word_length",
        "max_mean_word_length",
        "max_hash_ratio",
        "max_ellipsis_ratio",
        "max_bullet_line_ratio",
        "max_ellipsis_line_ratio",
        "min_alpha_word_ratio",
        "min_stop_words",
    ]


def test_rule_names_of_repetition() -> None:
    """Profiles name these rules."""
    assert [rule.name for rule in REPETITION.rules] == [
        "max_duplicate_line_ratio",
        "max_duplicate_paragraph_ratio",
        "max_duplicate_line_char_ratio",
        "max_duplicate_paragraph_char_ratio",
        *(f"max_top_{n}gram_char_ratio" for n in (2, 3, 4)),
        *(f"max_duplicate_{n}gram_char_ratio" for n in (5, 6, 7, 8, 9, 10)),
    ]


def test_quality_measures_what_the_reference_counts() -> None:
    """Row by row, with the profile's stop words."""
    rows = QUALITY.measure(batch(TEXTS), {"stop_words": ["the", "and", "l'"]}).to_pylist()
    assert rows == [reference.quality(text.encode(), ["the", "and", "l'"]) for text in TEXTS]
    assert [row["stop_words"] for row in rows] == [2, 0, 1]


def test_repetition_measures_what_the_reference_counts() -> None:
    """Row by row."""
    assert REPETITION.measure(batch(TEXTS), {}).to_pylist() == [reference.repetition(text.encode()) for text in TEXTS]


@pytest.mark.parametrize("settings", [{}, {"stop_words": None}, {"stop_words": []}])
def test_without_a_list_stop_words_are_null(settings: dict[str, Any]) -> None:
    """Not known is not zero."""
    measured = QUALITY.measure(batch(TEXTS), settings)
    assert measured.column("stop_words").null_count == len(TEXTS)
    assert measured.column("words").null_count == 0


def test_a_stop_word_that_cannot_match_is_an_error_of_the_profile() -> None:
    """The message names the entry."""
    with pytest.raises(CorpusError, match="'in the'"):
        QUALITY.measure(batch(TEXTS), {"stop_words": ["in the"]})
