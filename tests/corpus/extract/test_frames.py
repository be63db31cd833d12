"""Messages between parent and child survive any content and any cutting."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st

from corpus.extract import frames
from corpus.extract.model import Extraction, Failure, Page, Reason

PARTS = st.lists(st.none() | st.binary(max_size=40), max_size=6)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(st.lists(PARTS, max_size=5), st.integers(1, 30))
def test_messages_cut_anywhere_come_out_whole(messages: list[frames.Parts], step: int) -> None:
    stream = b"".join(map(frames.pack, messages))
    buffer, out = bytearray(), []
    for start in range(0, len(stream), step):
        buffer += stream[start : start + step]
        while (parts := frames.unpack(buffer)) is not None:
            out.append(parts)
    assert out == messages
    assert not buffer


@given(st.lists(PARTS, max_size=4), st.integers(0, 200))
def test_reading_a_torn_stream_ends_without_a_torn_message(messages: list[frames.Parts], cut: int) -> None:
    stream = io.BytesIO(b"".join(map(frames.pack, messages))[:cut])
    out = []
    while (parts := frames.read(stream)) is not None:
        out.append(parts)
    assert out == messages[: len(out)]


@given(st.binary(max_size=50), st.none() | st.text(max_size=9))
def test_page_round_trip(html: bytes, charset: str | None) -> None:
    parts = frames.unpack(bytearray(frames.pack_page(Page(html, charset), 2.5)))
    assert parts is not None
    page, seconds = frames.page_of(parts)
    assert (page.html, seconds) == (html, 2.5)
    assert page.charset == (charset if charset is None else charset.encode("utf-8", "replace").decode())


@given(
    st.none() | TEXT.filter(bool),
    st.lists(st.sampled_from(["header:a", "meta:b"]), max_size=2),
    st.sampled_from([None, *Reason]),
)
def test_extraction_round_trip(text: str | None, rejected: list[str], reason: Reason | None) -> None:
    extraction = Extraction(text, "utf-8", "meta", Failure(reason, "why") if reason else None, tuple(rejected))
    parts = frames.unpack(bytearray(frames.pack_extraction(extraction)))
    assert parts is not None
    assert frames.extraction_of(parts) == extraction
