"""Working files: one language per row group, and whole or not there."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import storage
from corpus.document import DOCUMENT_SCHEMA, document_id
from pipelines import documents
from pipelines.documents import DocumentWriter, SignalWriter, one_batch, read_parquet, row_groups, total, write_parquet


def batch(*rows: tuple[int, str, int]) -> pa.RecordBatch:
    """Documents given as (position, language, bytes of text)."""
    return pa.RecordBatch.from_pylist(
        [
            {
                "id": document_id("test", str(position)),
                "text": "x" * size,
                "text_bytes": size,
                "language": language,
                "language_score": 1.0,
                "language_candidates": [],
                "origin": "o",
                "position": position,
                "content_hash": "0" * 32,
            }
            for position, language, size in rows
        ],
        schema=DOCUMENT_SCHEMA,
    )


def ignore(language: str, rows: pa.RecordBatch) -> None:
    """Measures nothing."""


_rows = st.lists(st.tuples(st.sampled_from(["deu_Latn", "fra_Latn", "und"]), st.integers(0, 40)), max_size=40)


@given(_rows, st.integers(1, 7), st.integers(1, 60), st.integers(1, 100))
def test_row_groups_hold_one_language_each_in_order(
    rows: list[tuple[str, int]], cut: int, group: int, budget: int
) -> None:
    """Whatever the batches, the size of a group and the budget: nothing is lost, and a language keeps its order."""
    numbered = [(position, language, size) for position, (language, size) in enumerate(rows)]
    seen: list[tuple[str, pa.RecordBatch]] = []
    url = "memory://documents.parquet"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(documents, "GROUP_BYTES", group)
        patch.setattr(documents, "BUDGET_BYTES", budget)
        with DocumentWriter(url, lambda language, found: seen.append((language, found))) as writer:
            for start in range(0, len(numbered), cut):
                writer.add(batch(*numbered[start : start + cut]))
                assert writer._bytes < budget
    groups = list(row_groups(url))
    assert [(language, found.num_rows) for language, found in seen] == writer.groups
    assert [found.to_pylist() for found in groups] == [found.to_pylist() for _, found in seen]
    positions: dict[str, list[int]] = {}
    for (language, count), found in zip(writer.groups, groups, strict=True):
        assert set(found.column("language").to_pylist()) == {language}
        assert found.num_rows == count > 0
        positions.setdefault(language, []).extend(found.column("position").to_pylist())
    expected: dict[str, list[int]] = {}
    for position, language, _ in numbered:
        expected.setdefault(language, []).append(position)
    assert positions == expected
    assert writer.languages == {
        language: Counter(rows=len(there), text_bytes=sum(rows[position][1] for position in there))
        for language, there in expected.items()
    }


def test_largest_language_goes_first_when_the_budget_is_spent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "BUDGET_BYTES", 100)
    with DocumentWriter(str(tmp_path / "d"), ignore) as writer:
        writer.add(batch((0, "deu_Latn", 20), (1, "fra_Latn", 50), (2, "nld_Latn", 29)))
        assert writer.groups == []
        writer.add(batch((3, "deu_Latn", 1)))
        assert writer.groups == [("fra_Latn", 1)]
    assert writer.groups == [("fra_Latn", 1), ("deu_Latn", 2), ("nld_Latn", 1)]


def test_full_language_is_written_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "GROUP_BYTES", 10)
    with DocumentWriter(str(tmp_path / "d"), ignore) as writer:
        writer.add(batch((0, "deu_Latn", 9), (1, "fra_Latn", 10)))
        assert writer.groups == [("fra_Latn", 1)]


def test_file_without_documents_has_no_row_group(tmp_path: Path) -> None:
    url = str(tmp_path / "d")
    with DocumentWriter(url, ignore) as writer:
        writer.add(batch())
    assert writer.groups == []
    assert list(row_groups(url)) == []
    assert read_parquet(url).schema.names == DOCUMENT_SCHEMA.names


@pytest.mark.parametrize("where", ["block", "measure", "end"])
def test_nothing_appears_when_something_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    """In the block, or while measuring, during it or at its end."""
    if where == "measure":
        monkeypatch.setattr(documents, "GROUP_BYTES", 1)

    def measure(language: str, rows: pa.RecordBatch) -> None:
        if where != "block":
            raise RuntimeError("cannot measure")

    def write() -> None:
        with DocumentWriter(str(tmp_path / "d"), measure) as writer:
            writer.add(batch((0, "deu_Latn", 5)))
            if where == "block":
                raise RuntimeError("cannot go on")

    with pytest.raises(RuntimeError, match="cannot"):
        write()
    assert list(tmp_path.iterdir()) == []


def test_signals_lie_row_group_by_row_group_beside_the_documents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both files are written side by side, on any store, and either both hold all or neither is there."""
    monkeypatch.setattr(documents, "GROUP_BYTES", 10)
    schema = pa.schema([("size", pa.int64())])
    for folder in (str(tmp_path), "memory://signals"):
        with SignalWriter(f"{folder}/s", schema) as signals:

            def measure(language: str, rows: pa.RecordBatch, signals: SignalWriter = signals) -> None:
                signals.add(pa.RecordBatch.from_arrays([rows.column("text_bytes")], schema=schema))

            with DocumentWriter(f"{folder}/d", measure) as writer:
                writer.add(batch((0, "deu_Latn", 4), (1, "fra_Latn", 11), (2, "deu_Latn", 7), (3, "und", 0)))
        pairs = list(zip(row_groups(f"{folder}/d", ["text_bytes"]), row_groups(f"{folder}/s"), strict=True))
        assert [one.column(0).to_pylist() for one, _ in pairs] == [[4, 7], [11], [0]]
        assert all(one.column(0).equals(other.column(0)) for one, other in pairs)


def test_nothing_appears_of_signals_when_something_fails(tmp_path: Path) -> None:
    def write() -> None:
        with SignalWriter(str(tmp_path / "s"), pa.schema([("size", pa.int64())])):
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        write()
    assert list(tmp_path.iterdir()) == []


def test_tables_come_back(tmp_path: Path) -> None:
    url, table = str(tmp_path / "t"), pa.table({"a": [1, 2, 3], "b": ["x", None, "z"]})
    write_parquet(url, table, row_group_size=2)
    assert read_parquet(url).equals(table)
    assert read_parquet(url, ["b"]).column_names == ["b"]
    assert pq.read_metadata(url).num_row_groups == 2
    assert [found.num_rows for found in row_groups(url)] == [2, 1]
    assert storage.list_files(str(tmp_path)) == ["t"]


def test_table_becomes_one_batch() -> None:
    table = pa.table({"a": pa.chunked_array([[1, 2], [3]])})
    assert one_batch(table).column("a").to_pylist() == [1, 2, 3]
    empty = one_batch(table.slice(0, 0))
    assert (empty.num_rows, empty.schema) == (0, table.schema)


def test_tallies_are_summed() -> None:
    tallies: list[Any] = [{"a": 1, "b": 2}, {"b": 3}, {}]
    assert total(tallies) == Counter(a=1, b=5)
    assert total([]) == Counter()
