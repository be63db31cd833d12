"""Our walk over py3langid's model against the package itself."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from py3langid.langid import LanguageIdentifier

from corpus.language import naive_bayes
from corpus.language.automaton import add_rows
from tests.corpus.language.sentences import OTHERS, SENTENCES


@pytest.fixture(scope="module")
def package() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file("data/model.npz.xz", norm_probs=True)


def expected(package: LanguageIdentifier, text: str) -> list[float]:
    """ln p by the package's own feature counts and table, in float64."""
    data = package._encode(text)
    scores = package._raw_score(data).astype(np.float64) / math.sqrt(len(data) or 1)
    scores -= scores.max()
    normalised: list[float] = (scores - np.log(np.exp(scores).sum())).tolist()
    return normalised


def test_scores_are_the_package_s_own(package: LanguageIdentifier) -> None:
    texts = [text.lower() for text in (SENTENCES | OTHERS).values()] + ["", "1", "🙂"]
    texts.append(" ".join(texts))
    ours = naive_bayes.load().log_probabilities(texts)
    assert ours.shape == (len(texts), len(naive_bayes.load().classes))
    for text, row in zip(texts, ours, strict=True):
        # The package adds up in float32: 24 bits of sums that reach some thousands.
        np.testing.assert_allclose(row, expected(package, text), atol=0.01)


@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=80))
def test_scores_agree_on_any_text(package: LanguageIdentifier, text: str) -> None:
    text = text.lower()
    if text.isupper():  # the package would lower it again
        return
    np.testing.assert_allclose(naive_bayes.load().log_probabilities([text])[0], expected(package, text), atol=0.01)


def test_each_text_is_scored_by_itself() -> None:
    """To the last bit, whatever else is in the batch."""
    texts = [text.lower() for text in SENTENCES.values()]
    model = naive_bayes.load()
    alone = np.vstack([model.log_probabilities([text]) for text in texts])
    assert np.array_equal(model.log_probabilities(texts), alone)
    assert np.array_equal(model.log_probabilities(texts[::-1]), alone[::-1])


def test_float16_is_read_exactly_bit_by_bit() -> None:
    """All finite halves, subnormal ones and both signs of zero included."""
    bits = np.arange(1 << 16, dtype=np.uint16)
    bits = bits[np.isfinite(bits.view(np.float16))]
    scores = np.zeros(len(bits))
    add_rows(np.ones(1), np.zeros(1, np.int32), bits[np.newaxis, :].copy(), scores)
    assert np.array_equal(scores, bits.view(np.float16).astype(np.float64))


def test_a_feature_may_occur_more_often_than_the_table_of_logarithms_is_long(package: LanguageIdentifier) -> None:
    text = "the " * 40_000
    np.testing.assert_allclose(naive_bayes.load().log_probabilities([text])[0], expected(package, text), atol=0.01)
