"""Format `c4`."""

from __future__ import annotations

import gzip
from pathlib import Path

import orjson
import pytest
import xxhash
import zstandard

from corpus.document import document_id
from corpus.sources.c4 import READER
from tests.corpus.sources.reading import read

ROW = {"text": "Ein Text.\nZwei Zeilen.", "timestamp": "2019-04-25T12:57:54Z", "url": "https://beispiel.example/ä"}


def write(folder: Path, *rows: object, name: str = "c4-de.tfrecord-00000-of-00001.json.gz") -> Path:
    (folder / name).write_bytes(gzip.compress(b"".join(orjson.dumps(row) + b"\n" for row in rows)))
    return folder / name


def test_a_row_is_a_record(tmp_path: Path) -> None:
    """The key is URL, time stamp and digest; text is left as it is; the language in the name is a claim."""
    (row,) = read(READER, write(tmp_path, ROW)).rows
    digest = xxhash.xxh3_128_hexdigest(ROW["text"].encode())
    assert row["key"] == f"{ROW['url']} {ROW['timestamp']} {digest}"
    assert (row["text"], row["url"], row["origin"]) == (ROW["text"], ROW["url"], ROW["url"])
    assert (row["date"], row["language_claim"], row["position"]) == (ROW["timestamp"], "deu_Latn", 0)


def test_the_file_has_no_part_in_the_identity(tmp_path: Path) -> None:
    """The same rows under another name and compression have the same keys."""
    one = read(READER, write(tmp_path, ROW)).rows
    other = tmp_path / "renamed.json.zst"
    other.write_bytes(zstandard.compress(orjson.dumps(ROW)))
    assert [row["key"] for row in read(READER, other).rows] == [row["key"] for row in one]
    assert document_id(READER.namespace, one[0]["key"])


def test_rows_that_differ_in_text_alone_are_two_documents(tmp_path: Path) -> None:
    keys = {row["key"] for row in read(READER, write(tmp_path, ROW, ROW | {"text": "Anders."})).rows}
    assert len(keys) == 2


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("c4-train.00000-of-00512.json.gz", "eng_Latn"),
        ("c4-mt-validation.tfrecord-00000-of-00001.json.gz", "mlt_Latn"),
        ("part-7.json", None),
    ],
)
def test_the_language_is_claimed_by_the_name(tmp_path: Path, name: str, tag: str | None) -> None:
    (row,) = read(READER, write(tmp_path, ROW, name=name)).rows
    assert row["language_claim"] == tag


def test_without_a_url_the_origin_is_file_and_offset(tmp_path: Path) -> None:
    path = write(tmp_path, ROW, {"text": "x"})
    row = read(READER, path).rows[1]
    assert row["origin"] == f"{path.name}#{row['position']}"


@pytest.mark.realdata
def test_real_c4(realdata: Path) -> None:
    (path,) = (realdata / "web_json" / "c4-sample").rglob("*.json.gz")
    result = read(READER, path)
    assert len(result.rows) == 1_000
    assert not result.log.quarantined
    assert len({row["key"] for row in result.rows}) == 1_000
    assert all(row["url"] == row["origin"] and row["date"].endswith("Z") for row in result.rows)
    assert result.log.bytes_read == path.stat().st_size
