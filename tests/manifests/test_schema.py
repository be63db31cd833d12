"""The published schemas are contracts."""

from __future__ import annotations

import hashlib

import pyarrow as pa
import pytest

from corpus.document import DOCUMENT_SCHEMA
from manifests import schema


@pytest.mark.parametrize(
    ("published", "version", "digest"),
    [
        (schema.SHARD_SCHEMA, schema.SHARD_SCHEMA_VERSION, "723c05eb1a24178e"),
        (schema.LEDGER_SCHEMA, schema.LEDGER_SCHEMA_VERSION, "cb425c21b4b6959b"),
        (schema.QUARANTINE_SCHEMA, schema.LEDGER_SCHEMA_VERSION, "7a0e236a4eef2782"),
        (schema.INDEX_SCHEMA, schema.INDEX_SCHEMA_VERSION, "3274baa62b2201e1"),
    ],
)
def test_schema_changes_only_with_its_version(published: pa.Schema, version: int, digest: str) -> None:
    """A changed digest needs a raised version, and a line in the changelog."""
    described = "\n".join(f"{field.name} {field.type} {field.nullable}" for field in published)
    assert (version, hashlib.sha256(described.encode()).hexdigest()[:16]) == (1, digest)


def test_shards_hold_every_column_of_a_document_with_the_same_type() -> None:
    for field in DOCUMENT_SCHEMA:
        assert schema.SHARD_SCHEMA.field(field.name) == field


def test_added_columns_are_those_of_source_and_file() -> None:
    added = set(schema.SHARD_SCHEMA.names) - set(DOCUMENT_SCHEMA.names)
    assert added == {"source", "kind", "access", "file"}


def test_ledger_has_no_text() -> None:
    """What was dropped is proven by its origin and content hash, not published again."""
    assert "text" not in schema.LEDGER_SCHEMA.names
    shared = set(schema.LEDGER_SCHEMA.names) & set(schema.SHARD_SCHEMA.names)
    assert shared >= {"id", "source", "license", "url", "origin", "file", "position", "content_hash"}
    for name in shared:
        assert schema.LEDGER_SCHEMA.field(name) == schema.SHARD_SCHEMA.field(name)
