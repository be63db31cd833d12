"""Identity of documents, and batches of them."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import document
from corpus.document import DOCUMENT_SCHEMA, RECORD_SCHEMA, batches, document_id, url_hash, variant_id


def test_ids_are_fixed_numbers() -> None:
    """They stand in published corpora, and other people's tools refer to them."""
    assert document_id("warc", "<urn:uuid:00000000-0000-4000-8000-000000000001>") == "c35cc4f1861fc5d20b1aedd7eb12b321"
    assert variant_id(document_id("c4", "https://example.org/ü"), 1) == "31f00a532da65bf6efea1df0d70ce3a7"
    assert url_hash("https://example.org/") == 10244629399500999497


@given(st.text(max_size=5), st.text(max_size=5), st.text(max_size=5), st.text(max_size=5))
def test_ids_are_equal_exactly_where_namespace_and_key_are(a: str, b: str, c: str, d: str) -> None:
    """For names without NUL, which parts them."""
    a, c = a.replace("\x00", ""), c.replace("\x00", "")
    assert (document_id(a, b) == document_id(c, d)) == ((a, b) == (c, d))
    assert len(document_id(a, b)) == 32
    assert set(document_id(a, b)) <= set("0123456789abcdef")


def test_lone_surrogates_in_keys_have_an_id() -> None:
    """Keys come from hostile input; JSON may hold such."""
    assert len(document_id("x", "\ud800")) == 32
    assert url_hash("https://\udfff/") >= 0


def test_variants_have_ids_of_their_own() -> None:
    base = document_id("x", "key")
    assert len({base, *(variant_id(base, ordinal) for ordinal in range(1, 50))}) == 50


def row(number: int, text: str | None = "text", **changes: Any) -> dict[str, Any]:
    return {"position": number, "key": str(number), "origin": "o", "text": text, **changes}


@given(st.lists(st.integers(0, 60), max_size=40), st.integers(1, 7), st.integers(1, 100))
def test_batches_keep_order_and_bounds(sizes: list[int], rows: int, size: int) -> None:
    """No batch has too many rows; none goes on once it is full."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(document, "BATCH_ROWS", rows)
        patch.setattr(document, "BATCH_BYTES", size)
        made = list(batches(row(number, "x" * length) for number, length in enumerate(sizes)))
    assert [value for batch in made for value in batch.column("position").to_pylist()] == list(range(len(sizes)))
    for batch in made:
        assert 1 <= batch.num_rows <= rows
        assert batch.schema == RECORD_SCHEMA
        lengths = [len(text) for text in batch.column("text").to_pylist()]
        assert sum(lengths[:-1]) < size, "the batch was full before its last row"


def test_payload_of_either_kind_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "BATCH_BYTES", 10)
    rows = [row(0, None, html=b"x" * 10), row(1, "x" * 10), row(2, "x")]
    assert [batch.num_rows for batch in batches(rows)] == [1, 1, 1]


def test_missing_columns_are_null() -> None:
    (batch,) = batches([row(0), row(1, url="https://example.org")])
    assert batch.column("url").to_pylist() == [None, "https://example.org"]
    assert batch.column("html").null_count == 2


def test_other_schemas_can_be_batched() -> None:
    schema = pa.schema([("text", pa.string()), ("count", pa.int64())])
    (batch,) = batches([{"text": "a", "count": 1}, {"text": None}], schema)
    assert batch.to_pylist() == [{"text": "a", "count": 1}, {"text": None, "count": None}]


def test_nothing_gives_no_batch() -> None:
    assert list(batches([])) == []


def test_documents_say_nothing_of_their_source() -> None:
    """What is true of a whole source is added at publication, so that changing it reads nothing again."""
    assert not {"source", "kind", "access", "file"} & set(DOCUMENT_SCHEMA.names)
