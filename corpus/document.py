"""What a document is: the Arrow schemas of its life before publication, and its identity.

Readers give *records* (`RECORD_SCHEMA`: raw markup or text with its origin). Extraction and language identification turn
them into *documents* (`DOCUMENT_SCHEMA`), which working files hold, one row each. Both travel as `pyarrow.RecordBatch`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa
import xxhash

SCHEMA_VERSION = 1

#: A batch holds at most this many rows and, unless one row alone is larger, this many bytes of payload.
BATCH_ROWS = 1_000
BATCH_BYTES = 8 << 20

#: Language tag of a document whose language could not be told (no text, no letters).
UNDETERMINED = "und"

#: What a reader yields. Exactly one of `text` and `html` is set.
RECORD_SCHEMA = pa.schema(
    [
        pa.field("position", pa.int64(), nullable=False),  # of the record in its file: byte offset or row number
        pa.field("key", pa.string(), nullable=False),  # the source's own stable key, from which the id is made
        pa.field("url", pa.string()),
        pa.field("origin", pa.string(), nullable=False),  # URL, or file and unit
        pa.field("date", pa.string()),  # ISO 8601, UTC, seconds; as the source states it
        pa.field("text", pa.string()),
        pa.field("html", pa.binary()),
        pa.field("http_charset", pa.string()),  # what the HTTP header declared
        pa.field("language_claim", pa.string()),  # tag that the source states
        pa.field("truncated", pa.string()),  # the archive's own reason for having cut the payload
        pa.field("license", pa.string()),  # SPDX of this record, where it differs from its source
    ]
)

#: What working files hold. What is true of a whole source (its name, kind, licence, access class) is added at publication,
#: so that changing it there reads nothing again; `license` here is the record's own, where it has one.
DOCUMENT_SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),  # 32 hexadecimal digits
        pa.field("text", pa.string(), nullable=False),
        pa.field("text_bytes", pa.int64(), nullable=False),  # of the text in UTF-8
        pa.field("language", pa.string(), nullable=False),
        pa.field("language_score", pa.float32(), nullable=False),
        pa.field(
            "language_candidates",
            pa.list_(pa.struct([pa.field("tag", pa.string()), pa.field("score", pa.float32())])),
            nullable=False,
        ),
        pa.field("language_claim", pa.string()),
        pa.field("license", pa.string()),
        pa.field("url", pa.string()),
        pa.field("origin", pa.string(), nullable=False),
        pa.field("date", pa.string()),
        pa.field("position", pa.int64(), nullable=False),
        pa.field("charset", pa.string()),
        pa.field("charset_evidence", pa.string()),
        pa.field("truncated", pa.string()),
        pa.field("content_hash", pa.string(), nullable=False),  # of the normalised text: see corpus.dedup.exact
    ]
)


def document_id(namespace: str, key: str) -> str:
    """The 128-bit id of the record `key` in `namespace`, as 32 hexadecimal digits.

    Depends on nothing but the source's own stable key, so renaming, moving or recompressing a file changes no id.
    """
    return xxhash.xxh3_128_hexdigest(f"{namespace}\x00{key}".encode("utf-8", "surrogatepass"))


def variant_id(document: str, ordinal: int) -> str:
    """The id of the `ordinal`-th different content (1, 2, ...) found under the key whose first content has id `document`."""
    return xxhash.xxh3_128_hexdigest(f"{document}\x00{ordinal}".encode())


def url_hash(url: str) -> int:
    """64-bit hash by which the published index finds a URL."""
    return xxhash.xxh3_64_intdigest(url.encode("utf-8", "surrogatepass"))


def batches(rows: Iterable[Mapping[str, Any]], schema: pa.Schema = RECORD_SCHEMA) -> Iterable[pa.RecordBatch]:
    """Group rows, given as mappings, into record batches of bounded size; missing columns become null."""
    names = schema.names
    pending: list[Mapping[str, Any]] = []
    size = 0
    for row in rows:
        pending.append(row)
        size += len(row.get("text") or "") + len(row.get("html") or b"")
        if len(pending) >= BATCH_ROWS or size >= BATCH_BYTES:
            yield _batch(pending, names, schema)
            pending, size = [], 0
    if pending:
        yield _batch(pending, names, schema)


def _batch(rows: list[Mapping[str, Any]], names: list[str], schema: pa.Schema) -> pa.RecordBatch:
    columns = [pa.array([row.get(name) for row in rows], schema.field(name).type) for name in names]
    return pa.RecordBatch.from_arrays(columns, schema=schema)
