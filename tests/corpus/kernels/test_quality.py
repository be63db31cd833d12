"""Counts of words, symbols and line shapes, by example and against the reference."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given

from corpus.kernels.quality import BULLETS, COLUMNS, quality
from corpus.kernels.stop_words import prepare

from . import reference
from .texts import batches

LISTED = ["the", "a", "l'", "中"]


def measured(text: str) -> dict[str, int]:
    return {name: int(values[0]) for name, values in quality(pa.array([text]), prepare([])).items()}


@given(batches())
def test_batches_agree_with_the_reference(batch: tuple[list[bytes], pa.Array]) -> None:
    """Row by row on any bytes."""
    texts, array = batch
    columns = quality(array, prepare(LISTED))
    rows = [{name: int(column[i]) for name, column in columns.items()} for i in range(len(texts))]
    assert rows == [reference.quality(text, LISTED) for text in texts]


def test_empty_text_gives_zeros() -> None:
    """All columns exist and are zero."""
    assert measured("") == dict.fromkeys(COLUMNS, 0)


@pytest.mark.parametrize(
    ("text", "ellipses"),
    [("a...", 1), ("a......", 1), ("a..", 0), ("a…", 1), ("……", 1), ("….", 1), (". . .", 0), ("...a…b....", 3)],
)
def test_a_run_of_dots_is_one_ellipsis(text: str, ellipses: int) -> None:
    """However long, and however it is typed."""
    assert measured(text)["ellipses"] == ellipses


@pytest.mark.parametrize("bullet", [chr(point) for point in BULLETS])
def test_bullets(bullet: str) -> None:
    """Each bullet counts at the start of a line, after white space too, and nowhere else."""
    assert measured(f"{bullet} one\n \u3000{bullet}two\nthree {bullet}")["bullet_lines"] == 2


def test_ellipsis_lines_may_end_in_white_space() -> None:
    """Two dots, or an ellipsis inside the line, are not enough."""
    assert measured("one...\ntwo… \u3000\r\nthree..\n… four\n...")["ellipsis_lines"] == 3


def test_words_and_their_characters() -> None:
    """Lengths are code points, of words between spaces alone; words of digits have no letter."""
    values = measured("Größe 中文 2024 # l'été")
    assert (values["words"], values["spaced_words"], values["word_characters"]) == (5, 3, 14)
    assert (values["alpha_words"], values["hashes"]) == (4, 1)
