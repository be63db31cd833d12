"""HTTP responses in archives: header parameters, transfer and content codings, sniffing."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from warcio.bufferedreaders import ChunkedDataReader

from corpus.sources import _http as http
from tests.corpus.sources.warc_files import gz, http_page


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("text/html; charset=UTF-8", ("text/html", "utf-8")),
        ("TEXT/HTML;CHARSET=Windows-1252", ("text/html", "windows-1252")),
        ('text/html; charset="utf-8"; charset=latin1', ("text/html", "utf-8")),
        ("text/html; charset='utf-8'", ("text/html", "utf-8")),
        ("text/html; charset = utf-8 ", ("text/html", "utf-8")),
        ("text/html; charset=; charset=koi8-r", ("text/html", "koi8-r")),
        ('text/html; title="a;charset=wrong"; charset=right', ("text/html", "right")),
        ("text/html;", ("text/html", None)),
        ("; charset=utf-8", (None, "utf-8")),
        ("html", (None, None)),
        ("", (None, None)),
        (None, (None, None)),
    ],
)
def test_media_types(value: str | None, expected: tuple[str | None, str | None]) -> None:
    assert http.media_type(value) == expected


@given(st.text())
def test_any_content_type_is_survived(value: str) -> None:
    media, charset = http.media_type(value)
    assert media is None or "/" in media
    assert charset is None or charset


@given(st.binary(max_size=300), st.integers(1, 50))
def test_chunks_are_joined(data: bytes, size: int) -> None:
    parts = [data[start : start + size] for start in range(0, len(data), size)]
    chunked = b"".join(b"%X\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    assert http.dechunk(chunked) == data
    assert http.dechunk(chunked) == ChunkedDataReader(io.BytesIO(chunked)).read()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html>",
        b"zz\r\nabc\r\n",
        b"5\r\nab",
        b"5\r\nabcde\r\n",
        b"3;x=y\r\nabc\r\n0\r\n\r\n",
        b"0\r\n\r\n",
    ],
)
def test_what_is_not_chunked_is_taken_as_warcio_takes_it(data: bytes) -> None:
    assert http.dechunk(data) == ChunkedDataReader(io.BytesIO(data)).read()


def test_a_body_cut_behind_a_chunk_is_chunked() -> None:
    assert http.dechunk(b"5\r\nabcde") == b"abcde"


def test_a_wrong_chunk_size_keeps_what_follows() -> None:
    assert http.dechunk(b"3\r\nabc\r\n9\r\nshort\r\nmore text") == b"abc9\r\nshort\r\nmore text"


@given(st.binary(max_size=500), st.sampled_from(["gzip", "deflate", "br", "zstd", "gzip, br", "x, y", "gzip," * 9]))
def test_any_body_under_any_coding_is_survived(body: bytes, coding: str) -> None:
    response = http.parse(http_page(body, "200 OK", f"Content-Encoding: {coding}"))
    assert len(response.payload(1 << 16)) <= 1 << 16


def test_a_truncated_coding_gives_what_it_can() -> None:
    """Crawlers cut long bodies: the beginning of a page is worth having."""
    text = b"".join(b"%d " % (number * number) for number in range(20_000))
    response = http.parse(http_page(gz(text)[: len(gz(text)) // 2], "200 OK", "Content-Encoding: gzip"))
    payload = response.payload(1 << 20)
    assert text.startswith(payload)
    assert len(payload) > len(text) // 3


def test_an_encoded_empty_body_is_empty() -> None:
    assert http.parse(http_page(gz(b""), "200 OK", "Content-Encoding: gzip")).payload(100) == b""


def test_the_limit_is_on_what_is_decoded() -> None:
    response = http.parse(http_page(gz(bytes(1001)), "200 OK", "Content-Encoding: gzip"))
    assert len(response.payload(1001)) == 1001
    with pytest.raises(http.TooLarge):
        response.payload(1000)


@given(st.binary(max_size=200))
def test_any_block_parses_or_is_refused(block: bytes) -> None:
    for prefix in (b"", b"HTTP/1.1 200 OK\r\n"):
        try:
            response = http.parse(prefix + block)
        except http.BrokenHeader:
            continue
        assert (prefix + block).endswith(response.body)
