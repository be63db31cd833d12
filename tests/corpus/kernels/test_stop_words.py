"""Stop words: one word, a beginning up to a mark, or several touching words."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import CorpusError
from corpus.kernels.quality import quality
from corpus.kernels.stop_words import prepare

from . import reference
from .texts import strings

LISTED = ["the", "A", "l'", "ta'", "il-", "l'eau", "中", "文中", "ไม่", "קול", "می\u200cخواهم", "İ", "the"]


def found(text: str, *listed: str) -> int:
    return int(quality(pa.array([text]), prepare(listed))["stop_words"][0])


@pytest.mark.parametrize(
    ("text", "listed", "expected"),
    [
        ("The the THE", ["the"], 1),
        ("the and of", ["the", "of", "with"], 2),
        ("others", ["the"], 0),
        ("L’eau", ["l'"], 1),
        ("l'eau", ["l’"], 1),
        ("leau l", ["l'"], 0),
        ("all'ora", ["l'", "all'"], 1),
        ("Il-kelb", ["il-"], 1),
        ("ta' Malta", ["ta'"], 1),
        ("ta Malta", ["ta'"], 0),
        ("qu'est-ce", ["qu'", "qu'est-", "est-"], 2),
        ("我们是", ["我们", "们是", "是我"], 2),
        ("我，们", ["我们"], 0),
        ("我 们", ["我们"], 0),
        ("ไม่เป็นไร", ["ไม่", "เป็น"], 2),
        ("", ["the"], 0),
    ],
)
def test_examples(text: str, listed: list[str], expected: int) -> None:
    """What is and what is not a stop word of the text."""
    assert found(text, *listed) == expected


@given(st.lists(strings, max_size=4), st.lists(st.sampled_from(LISTED), max_size=6))
def test_batches_agree_with_the_reference(texts: list[str], listed: list[str]) -> None:
    """Any list, also with repetitions, over any batch."""
    values = quality(pa.array(texts, pa.string()), prepare(listed))["stop_words"].tolist()
    assert values == [reference.stop_words(text, listed) for text in texts]


def test_a_long_list_is_found_whole() -> None:
    """Five thousand stop words fill a table of that size."""
    listed = [f"word{i}" for i in range(5000)]
    assert found(" ".join(listed[1:]), *listed) == 4999


@pytest.mark.parametrize("stop_word", ["", " ", ",", "in the", "'s", "a--", "我,", "the ", "我们'"])
def test_entries_that_can_never_match_are_refused(stop_word: str) -> None:
    """A list that silently does nothing is worse than an error."""
    with pytest.raises(CorpusError, match="can never be found"):
        prepare(["the", stop_word])
