"""Format `parquet`."""

from __future__ import annotations

import datetime as dt
import functools
import itertools
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import storage
from corpus.sources import ReadOptions
from corpus.sources.parquet import READER
from tests.corpus.sources.reading import input_file, read

TEXTS = [f"text number {number} " * 20 for number in range(40)]


def write(folder: Path, columns: dict[str, Any], **options: Any) -> Path:
    pq.write_table(pa.table(columns), folder / "x.parquet", **options)
    return folder / "x.parquet"


def invalid_strings(*values: bytes) -> pa.Array:
    """Strings as a careless writer makes them: the bytes are believed."""
    return pa.Array.from_buffers(pa.string(), len(values), pa.array(values, pa.binary()).buffers())


def footer_bytes(data: bytes) -> int:
    return int.from_bytes(data[-8:-4], "little")


def group_starts(path: Path) -> list[int]:
    metadata = pq.ParquetFile(path).metadata
    groups = (metadata.row_group(number) for number in range(metadata.num_row_groups))
    return [group.column(0).dictionary_page_offset or group.column(0).data_page_offset for group in groups]


def test_rows_are_records(tmp_path: Path) -> None:
    path = write(
        tmp_path, {"text": ["a", "b"], "id": [7, 8], "url": ["https://a.example/", None], "language": ["de", None]}
    )
    one, two = read(READER, path).rows
    assert (one["key"], one["url"], one["origin"], one["language_claim"]) == (
        "7",
        "https://a.example/",
        one["url"],
        "deu_Latn",
    )
    assert (two["key"], two["origin"], two["position"], two["language_claim"]) == ("8", "x.parquet#1", 1, None)


def test_nested_columns_are_reached_with_dots(tmp_path: Path) -> None:
    metadata = [{"url": "https://a.example/", "n": 1}, {"url": None, "n": 2}, None]
    path = write(tmp_path, {"text": ["a", "b", "c"], "metadata": metadata})
    rows = read(READER, path, options=ReadOptions(columns={"url": "metadata.url"})).rows
    assert [row["url"] for row in rows] == ["https://a.example/", None, None]


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (pa.array([1556197074123456789], pa.timestamp("ns")), "2019-04-25T12:57:54Z"),
        (pa.array([1556197074], pa.timestamp("s", "Europe/Berlin")), "2019-04-25T12:57:54Z"),
        (pa.array([-1], pa.timestamp("ms")), "1969-12-31T23:59:59Z"),
        (pa.array([dt.date(2019, 4, 25)]), "2019-04-25"),
        (pa.array([2**50], pa.timestamp("ms")), None),
        (pa.array([2**31 - 1], pa.int32()).view(pa.date32()), None),
        (pa.array(["2019-04-25T12:57:54Z"]), "2019-04-25T12:57:54Z"),
    ],
)
def test_times_become_iso_8601(tmp_path: Path, array: pa.Array, expected: str | None) -> None:
    (row,) = read(READER, write(tmp_path, {"text": ["a"], "date": array})).rows
    assert row["date"] == expected


@pytest.mark.parametrize(
    "kind", [pa.string(), pa.large_string(), pa.binary(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())]
)
def test_text_may_be_of_any_string_type(tmp_path: Path, kind: pa.DataType) -> None:
    result = read(READER, write(tmp_path, {"text": pa.array(["é", "", None], pa.string()).cast(kind)}))
    assert (result.texts, result.reasons) == (["é", ""], [(2, "missing_text")])


@pytest.mark.parametrize("kind", [pa.string(), pa.binary()])
def test_markup_comes_with_its_charset_if_it_is_known(tmp_path: Path, kind: pa.DataType) -> None:
    path = write(tmp_path, {"page": pa.array(["<p>é</p>"]).cast(kind)})
    (row,) = read(READER, path, options=ReadOptions(columns={"html": "page"})).rows
    assert (row["html"], row["http_charset"]) == ("<p>é</p>".encode(), "utf-8" if kind == pa.string() else None)


def test_an_invalid_text_costs_its_row(tmp_path: Path) -> None:
    result = read(READER, write(tmp_path, {"text": invalid_strings(b"one", b"\xff\xfe", b"two")}))
    assert (result.texts, result.reasons) == (["one", "two"], [(1, "invalid_utf8")])


def test_an_invalid_url_costs_only_the_url(tmp_path: Path) -> None:
    (row,) = read(READER, write(tmp_path, {"text": ["a"], "url": invalid_strings(b"https://\xff")})).rows
    assert (row["text"], row["url"]) == ("a", None)


def test_long_texts_are_reported(tmp_path: Path) -> None:
    path = write(tmp_path, {"text": ["é" * 10, "é" * 11, None]})
    result = read(READER, path, options=ReadOptions(max_record_bytes=20))
    assert (result.texts, result.reasons) == (["é" * 10], [(1, "record_too_large"), (2, "missing_text")])


@pytest.mark.parametrize(
    ("columns", "mapped", "reason", "said"),
    [
        ({"body": ["a"], "n": [1]}, {}, "missing_column", "body, n"),
        ({"text": ["a"]}, {"url": "link"}, "missing_column", "link"),
        ({"text": [1]}, {}, "text_not_string", "int64"),
        ({"text": [{"a": "x"}]}, {}, "text_not_string", "struct"),
        ({"text": [["x"]]}, {}, "text_not_string", "list"),
    ],
)
def test_an_unusable_file_is_reported_once_as_a_whole(
    tmp_path: Path, columns: dict[str, Any], mapped: dict[str, str], reason: str, said: str
) -> None:
    path = write(tmp_path, columns)
    result = read(READER, path, cuts=[10, 100], options=ReadOptions(columns=mapped))
    assert (result.rows, result.ranges) == ([], [reason])
    assert said in result.log.quarantined[0].detail


def test_no_rows_is_no_problem(tmp_path: Path) -> None:
    result = read(READER, write(tmp_path, {"text": pa.array([], pa.string())}))
    assert (result.rows, result.log.quarantined) == ([], [])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda data: b"no table" * 100, "not_parquet"),
        (lambda data: data[:-100], "truncated_file"),
        (lambda data: data[: -8 - footer_bytes(data)] + b"\xff" * footer_bytes(data) + data[-8:], "not_parquet"),
    ],
    ids=["text", "truncated", "footer"],
)
def test_a_file_without_footer_is_reported_once(tmp_path: Path, change: Callable[[bytes], bytes], reason: str) -> None:
    path = write(tmp_path, {"text": TEXTS})
    path.write_bytes(change(path.read_bytes()))
    result = read(READER, path, cuts=[min(20, path.stat().st_size)])
    assert (result.rows, result.ranges) == ([], [reason])


def test_a_corrupt_row_group_costs_itself(tmp_path: Path) -> None:
    options = {"use_dictionary": False, "compression": "none", "write_page_checksum": True}  # nearly all bytes are text
    path = write(tmp_path, {"text": TEXTS}, row_group_size=10, **options)
    data = bytearray(path.read_bytes())
    start, after = group_starts(path)[1:3]
    data[(start + after) // 2] ^= 0xFF
    path.write_bytes(data)
    result = read(READER, path)
    assert result.texts == TEXTS[:10] + TEXTS[20:]
    assert [row["position"] for row in result.rows] == [*range(10), *range(20, 40)]
    (damage,) = result.log.quarantined
    assert damage.reason == "row_group_broken"
    assert "row group 1 from row 10" in damage.detail
    assert damage.end is not None
    assert damage.position < (start + after) // 2 < damage.end
    assert result.log.bytes_read == len(data)


@given(cuts=st.lists(st.integers(0, 10_000), max_size=6), rows=st.integers(1, 15))
def test_any_cut_gives_the_same_records(cuts: list[int], rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder), {"text": TEXTS, "n": list(range(40))}, row_group_size=rows)
        cut = read(READER, path, [min(at, path.stat().st_size) for at in cuts])
    assert (cut.texts, [row["position"] for row in cut.rows]) == (TEXTS, list(range(40)))


def test_the_plan_covers_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, {"text": TEXTS}, row_group_size=5)
    ranges = READER.plan(input_file(path), ReadOptions(), 300)
    assert (ranges[0][0], ranges[-1][1]) == (0, path.stat().st_size)
    assert all(one[1] == two[0] for one, two in itertools.pairwise(ranges))


@functools.cache
def sound_file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        columns = {"text": TEXTS, "id": TEXTS, "date": pa.array(range(40), pa.timestamp("ms"))}
        return write(Path(folder), columns, row_group_size=10).read_bytes()


@given(st.lists(st.tuples(st.floats(0, 0.999), st.integers(1, 255)), min_size=1, max_size=3))
def test_no_damage_raises(flips: list[tuple[float, int]]) -> None:
    data = bytearray(sound_file())
    for place, flip in flips:
        data[int(place * len(data))] ^= flip
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.parquet"
        path.write_bytes(data)
        read(READER, path)


class Interrupted:
    """A file whose connection is lost after some reads."""

    def __init__(self, file: IO[bytes], reads: int) -> None:
        self.file, self.reads = file, reads

    def __enter__(self) -> Interrupted:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)

    def read(self, size: int = -1) -> bytes:
        self.reads -= 1
        if self.reads < 0:
            raise TimeoutError("connection lost")
        return self.file.read(size)


@pytest.mark.parametrize("reads", range(6))
def test_a_lost_connection_is_no_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reads: int) -> None:
    """It is raised, so that the task is tried again: taken for damage, it would cost the documents silently."""
    path = write(tmp_path, {"text": TEXTS}, row_group_size=5)
    opened = storage.open_read
    monkeypatch.setattr(storage, "open_read", lambda url: Interrupted(opened(url), reads))
    with pytest.raises(TimeoutError, match="connection lost"):
        read(READER, path)


class _PlainKeys(pe.KmsClient):  # type: ignore[misc]
    def __init__(self, _: object) -> None:
        pe.KmsClient.__init__(self)

    def wrap_key(self, key_bytes: bytes, master_key_identifier: str) -> bytes:
        return key_bytes.hex().encode()

    def unwrap_key(self, wrapped_key: bytes, master_key_identifier: str) -> bytes:
        return bytes.fromhex(wrapped_key.decode())


@pytest.mark.parametrize(("plaintext_footer", "reason"), [(False, "encrypted"), (True, "row_group_broken")])
def test_an_encrypted_file_is_reported(tmp_path: Path, plaintext_footer: bool, reason: str) -> None:
    path, table = tmp_path / "x.parquet", pa.table({"text": TEXTS})
    how = pe.EncryptionConfiguration(footer_key="f", column_keys={"c": ["text"]}, plaintext_footer=plaintext_footer)
    properties = pe.CryptoFactory(_PlainKeys).file_encryption_properties(pe.KmsConnectionConfig(), how)
    with pq.ParquetWriter(path, table.schema, encryption_properties=properties) as writer:
        writer.write_table(table)
    result = read(READER, path)
    assert (result.rows, result.ranges) == ([], [reason])
