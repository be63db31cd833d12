"""Small published corpora, written with the writer that runs use."""

from __future__ import annotations

import dataclasses
import itertools
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa

from corpus import storage
from corpus.config import ShardsConfig
from corpus.document import document_id, url_hash
from manifests.index import id_key, partition_of
from manifests.manifest import FileEntry, Manifest, Stream, manifest_path
from manifests.schema import (
    INDEX_SCHEMA,
    INDEX_SCHEMA_VERSION,
    LEDGER_SCHEMA,
    LEDGER_SCHEMA_VERSION,
    QUARANTINE_SCHEMA,
    SHARD_SCHEMA,
    SHARD_SCHEMA_VERSION,
)
from pipelines.published import PublishedWriter

Row = dict[str, Any]
COUNTS = ("read", "kept", "dropped", "duplicates", "quarantined", "unreadable_ranges")


def origin(number: int, language: str = "deu_Latn") -> Row:
    """What shard rows and ledger rows share."""
    url = f"https://example.org/{number}"
    return {
        "id": document_id("test", url),
        "text_bytes": 0,
        "language": language,
        "language_score": 0.5,
        "source": "crawl",
        "kind": "web",
        "license": None,
        "access": "open",
        "url": url,
        "origin": url,
        "date": None,
        "file": "a.warc.gz",
        "position": number * 100,
        "content_hash": f"{number:032x}",
    }


def kept(number: int, language: str = "deu_Latn", **changes: Any) -> Row:
    row = origin(number, language)
    text = f"Dokument Nummer {number} über Öl. " * (number % 3 + 1)
    row |= {
        "text": text,
        "text_bytes": len(text.encode()),
        "language_candidates": [{"tag": language, "score": 0.5}, {"tag": "eng_Latn", "score": 0.25}],
        "language_claim": None,
        "charset": "utf-8",
        "charset_evidence": "header",
        "truncated": None,
    }
    return row | changes


def dropped(number: int, language: str = "deu_Latn", duplicate_of: str | None = None, **changes: Any) -> Row:
    failure = {
        "family": "length",
        "rule": "min_words",
        "signal": "words",
        "numerator": 3,
        "denominator": None,
        "threshold": "50",
        "profile": language,
        "profile_version": 1,
    }
    row = origin(number, language) | {
        "reason": "rule" if duplicate_of is None else "duplicate",
        "failures": [failure] if duplicate_of is None else [],
        "duplicate_of": duplicate_of,
        "similarity_numerator": None if duplicate_of is None else 1,
        "similarity_denominator": None if duplicate_of is None else 1,
        "text_bytes": 40,
    }
    return row | changes


def unreadable(position: int, end: int | None = None, source: str = "crawl") -> Row:
    return {
        "source": source,
        "file": "a.warc.gz",
        "position": position,
        "end": end,
        "reason": "gzip",
        "detail": "not a gzip member",
        "url": None,
    }


def write_file(
    output: str,
    folder: str,
    prefix: str,
    schema: pa.Schema,
    rows: Sequence[Row],
    *,
    group_rows: int,
    first_row: int = 0,
) -> FileEntry:
    table = pa.Table.from_pylist(list(rows), schema=schema)
    with PublishedWriter(output, folder, prefix, schema, ShardsConfig()) as writer:
        for start in range(0, max(table.num_rows, 1), group_rows):
            writer.add_group(table.slice(start, group_rows))
        return writer.finish(first_row)


def make_corpus(
    output: str,
    documents: Iterable[Row] = (),
    ledger: Iterable[Row] = (),
    quarantine: Iterable[Row] = (),
    *,
    shard_rows: int = 4,
    group_rows: int = 2,
    partitions: int = 2,
) -> Manifest:
    """Write a whole corpus, manifest last; every count follows from the rows."""
    documents, ledger, quarantine = list(documents), list(ledger), list(quarantine)
    by_stream: dict[str, list[Row]] = {}
    for row in documents:
        front = "" if row["access"] == "open" else f"{row['access']}/"
        by_stream.setdefault(f"{front}{row['kind']}/{row['language']}", []).append(row)
    streams = []
    for name, rows in sorted(by_stream.items()):
        shards: list[FileEntry] = []
        for number, start in enumerate(range(0, len(rows), shard_rows)):
            part = rows[start : start + shard_rows]
            shards.append(
                write_file(
                    output,
                    f"shards/{name}",
                    f"{number:05d}",
                    SHARD_SCHEMA,
                    part,
                    group_rows=group_rows,
                    first_row=start,
                )
            )
        streams.append(
            Stream(
                name=name,
                kind=rows[0]["kind"],
                language=rows[0]["language"],
                access=rows[0]["access"],
                rows=len(rows),
                text_bytes=sum(row["text_bytes"] for row in rows),
                shards=tuple(shards),
            )
        )
    ledger_files = _table(output, "dropped", LEDGER_SCHEMA, ledger, group_rows)
    quarantine_files = _table(output, "quarantine", QUARANTINE_SCHEMA, quarantine, group_rows)
    funnel = make_funnel(documents, ledger, quarantine)
    manifest = Manifest(
        name="test",
        config={"name": "test"},
        versions={
            "corpus": "0.1.0",
            "schemas": {"shard": SHARD_SCHEMA_VERSION, "ledger": LEDGER_SCHEMA_VERSION, "index": INDEX_SCHEMA_VERSION},
        },
        documents={name: sum(row[name] for row in funnel) for name in COUNTS},
        funnel=funnel,
        skipped={"crawl": {"image/png": 2}},
        streams=tuple(streams),
        ledger=ledger_files,
        quarantine=quarantine_files,
    )
    numbers = [
        rows[start : start + shard_rows] for _, rows in sorted(by_stream.items()) for start in _starts(rows, shard_rows)
    ]
    tables = [*numbers, *([ledger] if ledger else [])]
    sealed = dataclasses.replace(manifest, index=make_index(output, tables, partitions)).sealed()
    write_manifest(output, sealed)
    return sealed


def write_manifest(output: str, manifest: Manifest) -> None:
    storage.write_atomic(manifest_path(output), manifest.to_json())


def make_funnel(documents: Iterable[Row], ledger: Iterable[Row], quarantine: Iterable[Row]) -> list[Row]:
    tally: Counter[tuple[str, str, str]] = Counter()
    for row in documents:
        tally[row["source"], row["language"], "kept"] += 1
    for row in ledger:
        tally[row["source"], row["language"], "dropped"] += 1
        tally[row["source"], row["language"], "duplicates"] += row["reason"] == "duplicate"
    for row in quarantine:
        tally[row["source"], "-", "quarantined" if row["end"] is None else "unreadable_ranges"] += 1
    rows = []
    for source, language in sorted({key[:2] for key in tally}):
        counts = {name: tally[source, language, name] for name in COUNTS}
        counts["read"] = counts["kept"] + counts["dropped"] + counts["quarantined"]
        rows.append({"source": source, "language": language, **counts, "rules": {}})
    return rows


def make_index(output: str, tables: Sequence[Sequence[Row]], partitions: int) -> dict[str, tuple[FileEntry, ...]]:
    entries: dict[str, list[Row]] = {"id": [], "url": []}
    for file, rows in enumerate(tables):
        for row, values in enumerate(rows):
            key, rest = id_key(values["id"])
            entries["id"].append({"key": key, "rest": rest, "file": file, "row": row})
            if values["url"] is not None:
                entries["url"].append({"key": url_hash(values["url"]), "rest": 0, "file": file, "row": row})
    return {name: write_index(output, name, rows, partitions) for name, rows in entries.items()}


def write_index(output: str, name: str, entries: Sequence[Row], partitions: int) -> tuple[FileEntry, ...]:
    parts: list[list[Row]] = [[] for _ in range(partitions)]
    for entry in sorted(entries, key=lambda one: (one["key"], one["rest"], one["file"], one["row"])):
        parts[partition_of(entry["key"], partitions)].append(entry)
    return tuple(
        write_file(output, "index", f"{name}-{number:05d}", INDEX_SCHEMA, rows, group_rows=3)
        for number, rows in enumerate(parts)
    )


def _table(output: str, prefix: str, schema: pa.Schema, rows: Sequence[Row], group_rows: int) -> tuple[FileEntry, ...]:
    return (write_file(output, "ledger", prefix, schema, rows, group_rows=group_rows),) if rows else ()


def _starts(rows: Sequence[Row], size: int) -> range:
    return range(0, len(rows), size)


def usual(output: str) -> Manifest:
    """Two languages and two access classes, duplicates, rule drops, quarantine of both kinds."""
    documents = [kept(number) for number in range(9)]
    documents += [kept(number, "fra_Latn") for number in range(20, 23)]
    documents += [kept(number, source="forum", access="restricted", kind="text") for number in range(30, 32)]
    ledger = [dropped(40), dropped(41, duplicate_of=documents[0]["id"]), dropped(42, "fra_Latn")]
    quarantine = [unreadable(5000), unreadable(6000, 6100), unreadable(7, source="forum")]
    return make_corpus(output, documents, ledger, quarantine)


def rows_of(batches: Iterable[pa.RecordBatch]) -> list[Row]:
    return list(itertools.chain.from_iterable(batch.to_pylist() for batch in batches))
