"""Normalised bytes against the reference."""

from __future__ import annotations

import itertools

import pyarrow as pa
from hypothesis import given

from corpus.kernels.normalise import normalise

from . import reference
from .texts import batches


@given(batches())
def test_batches_agree_with_the_reference(batch: tuple[list[bytes], pa.Array]) -> None:
    """Row by row, bytes that are not UTF-8 included."""
    texts, array = batch
    content, ends = normalise(array)
    rows = [content[start:stop].tobytes() for start, stop in itertools.pairwise(ends)]
    assert rows == [reference.normalise(text) for text in texts]
    assert ends[0] == 0
    assert ends[-1] == len(content)


def test_output_may_be_longer_than_the_text() -> None:
    """Letters whose lower case needs three bytes for two fit."""
    content, _ = normalise(pa.array(["Ⱥ" * 1001]))
    assert content.tobytes().decode() == "ⱥ" * 1001
