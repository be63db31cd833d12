"""Schemas of what is published. Each carries a version in the manifest; a reader refuses one it does not know."""

from __future__ import annotations

import pyarrow as pa

SHARD_SCHEMA_VERSION = 1
LEDGER_SCHEMA_VERSION = 1
INDEX_SCHEMA_VERSION = 1

#: One row per kept document.
SHARD_SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),  # 32 hexadecimal digits
        pa.field("text", pa.string(), nullable=False),
        pa.field("text_bytes", pa.int64(), nullable=False),
        pa.field("language", pa.string(), nullable=False),
        pa.field("language_score", pa.float32(), nullable=False),
        pa.field(
            "language_candidates",
            pa.list_(pa.struct([pa.field("tag", pa.string()), pa.field("score", pa.float32())])),
            nullable=False,
        ),
        pa.field("language_claim", pa.string()),
        pa.field("source", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("license", pa.string()),  # SPDX; null: unknown
        pa.field("access", pa.string(), nullable=False),
        pa.field("url", pa.string()),
        pa.field("origin", pa.string(), nullable=False),
        pa.field("date", pa.string()),
        pa.field("file", pa.string(), nullable=False),
        pa.field("position", pa.int64(), nullable=False),
        pa.field("charset", pa.string()),
        pa.field("charset_evidence", pa.string()),
        pa.field("truncated", pa.string()),
        pa.field("content_hash", pa.string(), nullable=False),
    ]
)

#: A rule that a document failed. `value` is numerator/denominator; a null denominator means a plain count.
FAILURE = pa.struct(
    [
        pa.field("family", pa.string()),
        pa.field("rule", pa.string()),
        pa.field("signal", pa.string()),
        pa.field("numerator", pa.int64()),
        pa.field("denominator", pa.int64()),
        pa.field("threshold", pa.string()),  # exact decimal, as the profile writes it
        pa.field("profile", pa.string()),
        pa.field("profile_version", pa.int64()),
    ]
)

#: One row per dropped document: `rule` with every failed rule, or `duplicate` with the kept document that proves it.
LEDGER_SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),  # rule | duplicate
        pa.field("failures", pa.list_(FAILURE), nullable=False),
        pa.field("duplicate_of", pa.string()),
        pa.field("similarity_numerator", pa.int64()),
        pa.field("similarity_denominator", pa.int64()),
        pa.field("language", pa.string(), nullable=False),
        pa.field("language_score", pa.float32(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("license", pa.string()),
        pa.field("access", pa.string(), nullable=False),
        pa.field("url", pa.string()),
        pa.field("origin", pa.string(), nullable=False),
        pa.field("date", pa.string()),
        pa.field("file", pa.string(), nullable=False),
        pa.field("position", pa.int64(), nullable=False),
        pa.field("text_bytes", pa.int64(), nullable=False),
        pa.field("content_hash", pa.string(), nullable=False),
    ]
)

#: One row per document that could not be read, or per byte range from which none could be told (`end` set).
QUARANTINE_SCHEMA = pa.schema(
    [
        pa.field("source", pa.string(), nullable=False),
        pa.field("file", pa.string(), nullable=False),
        pa.field("position", pa.int64(), nullable=False),
        pa.field("end", pa.int64()),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("detail", pa.string(), nullable=False),
        pa.field("url", pa.string()),
    ]
)

#: Sorted by `key`: a document id (first 64 bits and the rest), or a URL hash. `file` numbers shards, then ledger files,
#: in the manifest's order.
INDEX_SCHEMA = pa.schema(
    [
        pa.field("key", pa.uint64(), nullable=False),
        pa.field("rest", pa.uint64(), nullable=False),
        pa.field("file", pa.int32(), nullable=False),
        pa.field("row", pa.int64(), nullable=False),
    ]
)
