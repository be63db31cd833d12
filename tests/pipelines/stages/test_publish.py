"""Cutting sequences into slices: every place belongs to one slice, and the cut does not depend on the pieces."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from corpus.task import Task
from pipelines.stages.publish import Piece, _append, _cut, stream_name


def _pieces(lengths: list[int]) -> list[Piece]:
    pieces: list[Piece] = []
    for ordinal, length in enumerate(lengths):
        task = Task(ordinal=ordinal, source="s", name="n", start=0, end=1, path="p", file_bytes=1, stamp="x")
        _append(pieces, task, length, (), "m")
    return pieces


@given(st.lists(st.integers(0, 50), max_size=20), st.integers(1, 40))
def test_slices_cover_the_sequence(lengths: list[int], size: int) -> None:
    """Slice k is [kT, (k+1)T); its pieces are those that reach into it, in order; nothing is left out."""
    pieces = _pieces(lengths)
    slices = _cut("shard", "web/deu_Latn", "deu_Latn", pieces, size)
    total = sum(lengths)
    assert [one.number for one in slices] == list(range(-(-total // size)))
    for one in slices:
        assert (one.start, one.end) == (one.number * size, (one.number + 1) * size)
        assert list(one.pieces) == [
            piece for piece in pieces if piece.first < one.end and piece.first + piece.length > one.start
        ]


@given(st.lists(st.integers(1, 50), min_size=1, max_size=10), st.integers(1, 40))
def test_borders_do_not_depend_on_the_cut_into_pieces(lengths: list[int], size: int) -> None:
    whole = _cut("ledger", "", "", _pieces([sum(lengths)]), size)
    parts = _cut("ledger", "", "", _pieces(lengths), size)
    assert [(one.start, one.end) for one in whole] == [(one.start, one.end) for one in parts]


def test_streams_that_are_not_open_have_their_access_in_front() -> None:
    assert stream_name("web", "mlt_Latn", "open") == "web/mlt_Latn"
    assert stream_name("web", "mlt_Latn", "restricted") == "restricted/web/mlt_Latn"
