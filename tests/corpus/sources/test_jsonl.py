"""Format `jsonl`."""

from __future__ import annotations

import gzip
import json
import tempfile
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.sources import ReadOptions
from corpus.sources.jsonl import READER
from tests.corpus.sources.reading import Result, read


def write(folder: Path, *lines: bytes) -> Path:
    path = folder / "x.jsonl"
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return path


def one(folder: Path, row: dict[str, Any], options: ReadOptions | None = None) -> dict[str, Any]:
    (found,) = read(READER, write(folder, orjson.dumps(row)), options=options).rows
    return found


def between(folder: Path, line: bytes, **options: Any) -> Result:
    """The line among two good ones, both of which must survive it."""
    result = read(READER, write(folder, b'{"text":"one"}', line, b'{"text":"two"}'), options=ReadOptions(**options))
    assert (result.texts[0], result.texts[-1]) == ("one", "two")
    return result


def test_fineweb2_needs_no_map(tmp_path: Path) -> None:
    row = {"text": "Hallo", "id": "<urn:uuid:1>", "dump": "CC-MAIN-2013-20", "url": "https://a.example/"}
    row |= {"date": "2013-05-18T05:48:59Z", "file_path": "s3://x", "language": "deu", "language_score": 0.99}
    found = one(tmp_path, row | {"language_script": "Latn", "minhash_cluster_size": 3})
    assert (found["key"], found["url"], found["date"]) == (row["id"], row["url"], row["date"])
    assert (found["language_claim"], found["origin"]) == ("deu_Latn", row["url"])


def test_short_names_are_mapped(tmp_path: Path) -> None:
    """HPLT: `u` and `ts`."""
    row = {"u": "https://a.example/", "text": "Hej", "ts": "2020-01-02T03:04:05Z", "lang": "swe_Latn"}
    found = one(tmp_path, row, ReadOptions(columns={"url": "u", "date": "ts"}))
    assert (found["url"], found["date"], found["language_claim"]) == (row["u"], row["ts"], "swe_Latn")


def test_nested_objects_are_reached_with_dots(tmp_path: Path) -> None:
    """datatrove's output; a key that has the dots itself comes first."""
    row = {
        "text": "x",
        "id": "7",
        "metadata": {"url": "https://a.example/", "license": "CC0-1.0"},
        "metadata.date": "2020",
    }
    columns = {"url": "metadata.url", "date": "metadata.date", "license": "metadata.license"}
    found = one(tmp_path, row, ReadOptions(columns=columns))
    assert (found["url"], found["date"], found["license"]) == ("https://a.example/", "2020", "CC0-1.0")


def test_markup_is_read_instead_of_text(tmp_path: Path) -> None:
    found = one(tmp_path, {"text": "t", "raw": "<p>é</p>"}, ReadOptions(columns={"html": "raw"}))
    assert (found["text"], found["html"]) == (None, "<p>é</p>".encode())


def test_keys_fall_back_to_url_date_and_digest(tmp_path: Path) -> None:
    url = {"url": "https://a.example/", "date": "2020-01-01"}
    keys = {one(tmp_path, {"text": text} | extra)["key"] for text in ("a", "b") for extra in ({}, url)}
    assert len(keys) == 4
    assert sum(key.startswith("https://a.example/ 2020-01-01 ") for key in keys) == 2


def test_ids_may_be_numbers(tmp_path: Path) -> None:
    assert one(tmp_path, {"text": "x", "id": 17})["key"] == "17"


def test_the_configured_language_is_claimed_where_the_row_claims_none(tmp_path: Path) -> None:
    options = ReadOptions(language="mlt_Latn")
    assert one(tmp_path, {"text": "x"}, options)["language_claim"] == "mlt_Latn"
    assert one(tmp_path, {"text": "x", "language": "de"}, options)["language_claim"] == "deu_Latn"
    assert one(tmp_path, {"text": "x", "language": "no such language"}, options)["language_claim"] == "mlt_Latn"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"text":', "invalid_json"),
        (b"\x00" * 50, "invalid_json"),
        (b'{"text":"a\x00b"}', "invalid_json"),
        (b"[" * 100_000, "invalid_json"),
        (b'{"text":"a","n":' + b"1" * 6_000 + b"}", "invalid_json"),
        (b'{"text":"\xff"}', "invalid_utf8"),
        (b'{"text":"\xed\xa0\x80"}', "invalid_utf8"),
        (b'{"text":"\\ud800"}', "lone_surrogate"),
        (b"[1]", "not_an_object"),
        (b"null", "not_an_object"),
        (b'"text"', "not_an_object"),
        (b'{"url":"https://a.example/"}', "missing_text"),
        (b'{"text":null}', "missing_text"),
        (b'{"text":17}', "text_not_string"),
        (b'{"text":["a"]}', "text_not_string"),
        (b'{"text":"' + b"x" * 300 + b'"}', "record_too_large"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_line_costs_itself(tmp_path: Path, line: bytes, reason: str) -> None:
    limit = 200 if reason == "record_too_large" else 1 << 20
    result = between(tmp_path, line, max_record_bytes=limit)
    assert result.reasons == [(len(b'{"text":"one"}\n'), reason)]
    assert len(result.rows) == 2


@pytest.mark.parametrize("line", [b"", b"  ", b"\r", b"\t\r"])
def test_blank_lines_are_skipped_and_counted(tmp_path: Path, line: bytes) -> None:
    result = between(tmp_path, line)
    assert (result.log.skipped, result.reasons) == ({"blank_line": 1}, [])


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (b'{"text":""}', ""),
        (b'{"text":"a"}\r', "a"),
        (b'{"text":"a","text":"b"}', "b"),
        (b'{"text":"a\\u0000b"}', "a\x00b"),
        (b'{"text":"\\ud83d\\ude00"}', "😀"),
        (b'{"text":"a","n":123456789012345678901234567890}', "a"),
    ],
)
def test_odd_lines_are_documents(tmp_path: Path, line: bytes, text: str) -> None:
    assert between(tmp_path, line).texts == ["one", text, "two"]


def test_byte_order_mark_and_missing_last_newline(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"text":"a"}\r\n{"text":"b"}')
    assert read(READER, path).texts == ["a", "b"]


def test_one_line_of_fifty_megabytes_is_a_document(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"text":"' + b"word " * 10_000_000 + b'"}', 1))
    (row,) = read(READER, path).rows
    assert len(row["text"]) == 50_000_000


@given(
    values=st.lists(st.text(max_size=8) | st.none() | st.integers(), max_size=12),
    cuts=st.lists(st.integers(0, 300), max_size=5),
)
def test_any_cut_gives_the_same_records(values: list[object], cuts: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        lines = [json.dumps({"text": value}, ensure_ascii=False).encode("utf-8", "replace") for value in values]
        path = write(Path(folder), b"", *lines)
        whole = read(READER, path)
        cut = read(READER, path, [min(at, path.stat().st_size) for at in cuts])
    assert (cut.rows, cut.log) == (whole.rows, whole.log)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_reported(line: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        result = between(Path(folder), line)
    lines = len(line.split(b"\n"))
    assert len(result.rows) - 2 + len(result.reasons) + result.log.skipped["blank_line"] == lines
