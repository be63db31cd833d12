"""Is the corpus what its manifest says? Every byte, row, hash and count is looked at."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from corpus import storage
from corpus.errors import CorpusError
from manifests.content import ContentHasher
from manifests.corpus import Corpus
from manifests.groups import row_groups, text_bytes
from manifests.manifest import FileEntry, Manifest, RowGroup


def verify(corpus: str, on_file: Callable[[FileEntry], None] | None = None) -> list[str]:
    """What is wrong with the corpus in this folder, one line per fault; empty if nothing is.

    `on_file` is called after each file, for a progress display. An unreadable manifest raises `CorpusError`.
    """
    opened = Corpus.open(corpus)
    return list(_faults(opened, on_file or (lambda entry: None)))


def _faults(corpus: Corpus, on_file: Callable[[FileEntry], None]) -> Iterator[str]:
    manifest = corpus.manifest
    sealed = manifest.sealed()
    if sealed.layout_hash != manifest.layout_hash:
        yield f"manifest: layout hash is {manifest.layout_hash}, its content gives {sealed.layout_hash}"
    if sealed.manifest_hash != manifest.manifest_hash:
        yield f"manifest: manifest hash is {manifest.manifest_hash}, its content gives {sealed.manifest_hash}"
    tally: Counter[tuple[str, ...]] = Counter()
    ledger = {entry.path for entry in manifest.ledger}
    quarantine = {entry.path for entry in manifest.quarantine}
    for entry in manifest.files():
        table = "ledger" if entry.path in ledger else "quarantine" if entry.path in quarantine else "other"
        yield from _file_faults(corpus, entry, table, tally)
        on_file(entry)
    yield from _count_faults(manifest, tally)


def _file_faults(corpus: Corpus, entry: FileEntry, table: str, tally: Counter[tuple[str, ...]]) -> Iterator[str]:
    path = storage.join(corpus.folder, entry.path)
    if not storage.exists(path):
        yield f"{entry.path}: is missing"
        return
    size = storage.size(path)
    if size != entry.bytes:
        yield f"{entry.path}: has {size} bytes, the manifest says {entry.bytes}"
    if storage.sha256(path) != entry.sha256:
        yield f"{entry.path}: its bytes changed (SHA-256 differs from the manifest's){_damaged_groups(path, entry)}"
    try:
        yield from _row_faults(path, entry, table, tally)
    except (pa.ArrowException, OSError, CorpusError) as error:
        yield f"{entry.path}: cannot be read: {' '.join(str(error).split())}"


def _row_faults(path: str, entry: FileEntry, table: str, tally: Counter[tuple[str, ...]]) -> Iterator[str]:
    with storage.open_arrow(path) as file:
        parquet = pq.ParquetFile(file, page_checksum_verification=True)
        if parquet.metadata.num_rows != entry.rows:
            yield f"{entry.path}: has {parquet.metadata.num_rows} rows, the manifest says {entry.rows}"
        hasher = ContentHasher(parquet.schema_arrow)
        texts = [0] * parquet.num_row_groups
        for number in range(parquet.num_row_groups):
            for batch in parquet.iter_batches(1_000, row_groups=[number]):
                hasher.update(batch)
                texts[number] += text_bytes(batch)
                _count(batch, table, tally)
        yield from _group_faults(entry, row_groups(parquet.metadata, texts))
        if hasher.hexdigest() != entry.content_hash:
            yield f"{entry.path}: its rows are not those of the manifest (content hash differs)"


def _group_faults(entry: FileEntry, found: Sequence[RowGroup]) -> Iterator[str]:
    if len(found) != len(entry.row_groups):
        yield f"{entry.path}: has {len(found)} row groups, the manifest says {len(entry.row_groups)}"
    for number, (there, stated) in enumerate(zip(found, entry.row_groups, strict=False)):
        for name, value in dataclasses.asdict(there).items():
            if value != getattr(stated, name):
                yield f"{entry.path}: row group {number}: {name} is {value}, the manifest says {getattr(stated, name)}"
    if (text := sum(group.text_bytes for group in found)) != entry.text_bytes:
        yield f"{entry.path}: holds {text} bytes of text, the manifest says {entry.text_bytes}"


def _damaged_groups(path: str, entry: FileEntry) -> str:
    """Which row groups cannot be decoded any more, where page checksums tell."""
    damaged = []
    for number in range(len(entry.row_groups)):
        try:
            with storage.open_arrow(path) as file:
                pq.ParquetFile(file, page_checksum_verification=True).read_row_group(number)
        except (pa.ArrowException, OSError):
            damaged.append(str(number))
    return f"; damaged row groups: {', '.join(damaged)}" if damaged else ""


def _count(batch: pa.RecordBatch, table: str, tally: Counter[tuple[str, ...]]) -> None:
    if table == "quarantine":
        ranges = batch.column("end").is_valid().to_pylist()
        for source, is_range in zip(batch.column("source").to_pylist(), ranges, strict=True):
            tally["unreadable_ranges" if is_range else "quarantined", source] += 1
    elif table == "ledger":
        reasons = batch.column("reason").to_pylist()
        for source, reason in zip(batch.column("source").to_pylist(), reasons, strict=True):
            tally["dropped", source] += 1
            if reason == "duplicate":
                tally["duplicates", source] += 1
    elif "source" in batch.schema.names:
        for source in batch.column("source").to_pylist():
            tally["kept", source] += 1


def _count_faults(manifest: Manifest, tally: Counter[tuple[str, ...]]) -> Iterator[str]:
    """Counts of manifest, funnel, shards, ledger and quarantine agree, for each source and in all."""
    stated: Counter[tuple[str, ...]] = Counter()
    for row in manifest.funnel:
        for name in ("read", "kept", "dropped", "duplicates", "quarantined", "unreadable_ranges"):
            stated[name, row["source"]] += row[name]
    for source in sorted({row["source"] for row in manifest.funnel} | {source for _, source in tally}):
        for name in ("kept", "dropped", "duplicates", "quarantined", "unreadable_ranges"):
            if stated[name, source] != tally[name, source]:
                yield f"source {source}: the funnel says {stated[name, source]} {name}, files hold {tally[name, source]}"
        accounted = sum(stated[name, source] for name in ("kept", "dropped", "quarantined"))
        if stated["read", source] != accounted:
            yield f"source {source}: {stated['read', source]} documents read, but {accounted} accounted for"
    for name, value in sorted(manifest.documents.items()):
        total = sum(row[name] for row in manifest.funnel)
        if total != value:
            yield f"manifest: says {value} {name}, its funnel adds up to {total}"
    for stream in manifest.streams:
        for name in ("rows", "text_bytes"):
            held = sum(getattr(shard, name) for shard in stream.shards)
            if getattr(stream, name) != held:
                yield f"stream {stream.name}: says {getattr(stream, name)} {name}, its shards say {held}"
    sequences = [*((f"stream {stream.name}", stream.shards) for stream in manifest.streams)]
    for where, entries in [*sequences, ("ledger", manifest.ledger), ("quarantine", manifest.quarantine)]:
        first = 0
        for entry in entries:
            if entry.first_row != first:
                yield f"{where}: {entry.path} says its first row is {entry.first_row}, those before it hold {first}"
            first += entry.rows
