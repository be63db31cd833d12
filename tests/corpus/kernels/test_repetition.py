"""Counts of repetition, by example and against the reference."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given

from corpus.kernels.repetition import COLUMNS, repetition

from . import reference
from .texts import batches


def measured(text: str) -> dict[str, int]:
    return {name: int(values[0]) for name, values in repetition(pa.array([text])).items()}


@given(batches())
def test_batches_agree_with_the_reference(batch: tuple[list[bytes], pa.Array]) -> None:
    """Row by row on any bytes: nothing of one text is left in the scratch of the next."""
    texts, array = batch
    columns = repetition(array)
    rows = [{name: int(column[i]) for name, column in columns.items()} for i in range(len(texts))]
    assert rows == [reference.repetition(text) for text in texts]


def test_long_texts_agree_with_the_reference() -> None:
    """Tables of several sizes, filled by texts of several lengths in one batch, with ties and overlaps."""
    texts = []
    for size in (700, 3, 2000, 0, 90):
        numbers = [(7 * i * i + i // 5) % (11 + size // 4) for i in range(size)]
        texts.append(" ".join(f"w{n}" + ("\n\n" if n % 13 == 0 else "\n" if n % 5 == 0 else "") for n in numbers))
    columns = repetition(pa.array(texts))
    for i, text in enumerate(texts):
        assert {name: int(column[i]) for name, column in columns.items()} == reference.repetition(text.encode())


def test_empty_text_gives_zeros() -> None:
    """No line, no word, no division by what is not there."""
    assert measured("") == dict.fromkeys(COLUMNS, 0)


def test_lines_and_paragraphs_count_each_further_time() -> None:
    """Three equal lines are two duplicates; characters are code points."""
    values = measured("ää\nää\nb\nää\n\nc\n\nc")
    assert (values["lines"], values["duplicate_lines"], values["duplicate_line_characters"]) == (6, 3, 5)
    assert (values["paragraphs"], values["duplicate_paragraphs"], values["duplicate_paragraph_characters"]) == (3, 1, 1)


def test_top_ngram_is_the_longest_of_the_most_frequent_joined_by_spaces() -> None:
    """ "a b" and "long word" both occur twice: the longer counts, with its space."""
    assert measured("a b x long word y a b z long word")["top_2gram_characters"] == 2 * len("long word")
    assert measured("a b, a b, a b; long word long word")["top_2gram_characters"] == 3 * len("a b")


def test_duplicate_ngrams_do_not_overlap() -> None:
    """Ten equal words hold one duplicate 5-gram after the first, at the second word; its characters have no spaces."""
    values = measured("ab " * 11)
    assert values["duplicate_5gram_characters"] == 20  # words 2-6 and 7-11
    assert values["duplicate_10gram_characters"] == 20  # words 2-11


def test_letter_case_and_word_borders_matter() -> None:
    """ "ab c" is not "a bc", and "A b" is not "a b"."""
    assert measured("ab c x a bc y A b z a b")["top_2gram_characters"] == 0
