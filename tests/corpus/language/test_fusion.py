"""Two opinions made one."""

from __future__ import annotations

import math

import pytest

from corpus.language import fusion, lid176, naive_bayes
from corpus.language.fusion import Fusion
from tests.corpus.language.sentences import SENTENCES


@pytest.fixture(scope="module")
def both() -> Fusion:
    return Fusion.of(lid176.load(lid176.embedded_model_path()).labels)


def test_the_classes_are_those_of_both_models_with_serbo_croatian_as_one(both: Fusion) -> None:
    assert {"hbs", "deu", "ceb", "ltg"} <= set(both.classes), "ceb is lid.176's alone, ltg py3langid's"
    assert not {"hrv", "srp", "bos"} & set(both.classes)
    columns = sorted(column for columns in both.naive_bayes_columns for column in columns)
    assert columns == list(range(len(naive_bayes.load().classes))), "every opinion counts once"


def test_wikipedia_s_own_codes_are_not_taken_for_iso_codes() -> None:
    assert fusion.language_of("als") == "gsw", "Alemannic; in ISO 639-3 it would be Tosk Albanian"
    assert fusion.language_of("no") == "nob"
    assert fusion.language_of("no such label") == "no such label"


def test_probabilities_follow_the_formula(both: Fusion) -> None:
    line = SENTENCES["slk_Latn"].lower()
    lid = {"slk": 0.2, "ces": 0.7}
    [found] = both.probabilities([line], [lid])
    assert sum(found.values()) == pytest.approx(1.0)
    classes = naive_bayes.load().classes
    second = naive_bayes.load().log_probabilities([line])[0]
    slk, ces = (max(second[classes.index(code)], math.log(fusion.NAIVE_BAYES_FLOOR)) for code in ("sk", "cs"))
    expected = 0.3 * math.log(0.2 / 0.7) + 1.5 * (slk - ces)
    assert math.log(found["slk"] / found["ces"]) == pytest.approx(expected)


def test_where_the_rules_are_silent_both_models_are_heard() -> None:
    line = "mali pas spava na travi"
    assert fusion.leans_croatian(line, {"hr": 0.9, "sr": 1e-4})
    assert not fusion.leans_croatian(line, {"hr": 1e-5, "sr": 0.99})
