"""Stage `index`: from document ids and URL hashes to the row of the shard or ledger file that holds the document."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

import apache_beam as beam
import numpy as np
import pyarrow as pa

from corpus import storage
from corpus.document import url_hash
from corpus.task import TaskRecord, fingerprint
from manifests.manifest import FileEntry
from manifests.schema import INDEX_SCHEMA, INDEX_SCHEMA_VERSION
from pipelines.blocks import halves, pack, partition, unpack
from pipelines.documents import read_parquet
from pipelines.engine import Engine
from pipelines.job import STEP_VERSIONS, Job
from pipelines.published import PublishedWriter
from pipelines.stages.unit import GroupBlocks, Unit

#: Rows of one index file, and of one row group in it: what a look-up reads.
PARTITION_ROWS = 2_000_000
GROUP_ROWS = 100_000

BY_ID, BY_URL = 0, 1
_NAMES = {BY_ID: "id", BY_URL: "url"}
_ENTRY = np.dtype([("key", "<u8"), ("rest", "<u8"), ("file", "<i4"), ("row", "<i8")])


def run(job: Job, engine: Engine, tables: Sequence[FileEntry]) -> tuple[dict[str, tuple[FileEntry, ...]], bool]:
    """The index of these files, in the manifest's order; made anew only if they changed. Tells whether it was."""
    rows = sum(entry.rows for entry in tables)
    partitions = max(1, -(-rows // PARTITION_ROWS))
    own = mark(tables)
    records = job.workspace.records("index")
    parts = [f"{name}-{number:05d}" for name in _NAMES.values() for number in range(partitions)]
    missing = [part for part in parts if not _is_there(job, part, own)]
    if missing:
        work = _Write(job, own)
        elements = [(number, entry) for number, entry in enumerate(tables)]

        def build(pipeline: beam.Pipeline) -> object:
            return (
                pipeline
                | "files" >> beam.Create(elements, reshuffle=False)
                | "spread" >> beam.Reshuffle()
                | "entries" >> beam.ParDo(Unit("index", job.workspace, _Entries(job, partitions), _file_name))
                | "by partition" >> GroupBlocks()
                | "write" >> beam.ParDo(Unit("index", job.workspace, work, _partition_name))
            )

        engine.execute("index", job.workspace, build, light=rows < PARTITION_ROWS)
        for part in parts:
            if not _is_there(job, part, own):
                work((_key_of(part), ()))  # nothing was sent to a partition without entries
    found: dict[str, tuple[FileEntry, ...]] = {}
    for name in _NAMES.values():
        found[name] = tuple(_entry(records.read(f"{name}-{number:05d}", own)) for number in range(partitions))
    return found, bool(missing)


def mark(tables: Sequence[FileEntry]) -> str:
    """Fingerprint of the index of these files."""
    files = [[entry.path, entry.rows] for entry in tables]
    return fingerprint("index", STEP_VERSIONS["publish"], INDEX_SCHEMA_VERSION, files)


def _file_name(element: tuple[int, FileEntry]) -> str:
    return element[1].path


def _partition_name(element: tuple[int, object]) -> str:
    return _part(element[0])


def _part(key: int) -> str:
    return f"{_NAMES[key % 2]}-{key // 2:05d}"


def _key_of(part: str) -> int:
    name, _, number = part.partition("-")
    return int(number) * 2 + (BY_ID if name == "id" else BY_URL)


def _is_there(job: Job, part: str, mark: str) -> bool:
    records = job.workspace.records("index")
    if not storage.exists(records.path(part, mark)):
        return False
    return storage.exists(storage.join(job.config.output, _entry(records.read(part, mark)).path))


def _entry(record: TaskRecord) -> FileEntry:
    return FileEntry.from_dict(record.counts["file"])


class _Entries:
    """Index entries of one file, as blocks keyed by index and partition."""

    def __init__(self, job: Job, partitions: int) -> None:
        self._job, self._partitions = job, partitions

    def __call__(self, element: tuple[int, FileEntry]) -> Iterator[tuple[int, bytes]]:
        number, file = element
        table = read_parquet(storage.join(self._job.config.output, file.path), ["id", "url"]).combine_chunks()
        entries = np.zeros(table.num_rows, _ENTRY)
        entries["file"], entries["row"] = number, np.arange(table.num_rows)
        entries["key"], entries["rest"] = halves(table["id"])
        yield from pack(partition(entries["key"], self._partitions) * 2 + BY_ID, entries)
        urls = table["url"].to_pylist()
        with_url = np.array([url is not None for url in urls], bool)
        entries = entries[with_url]
        entries["key"] = np.array([url_hash(url) for url in urls if url is not None], np.uint64)
        entries["rest"] = 0
        yield from pack(partition(entries["key"], self._partitions) * 2 + BY_URL, entries)


class _Write:
    """One partition, sorted."""

    def __init__(self, job: Job, mark: str) -> None:
        self._job, self._mark = job, mark

    def __call__(self, element: tuple[int, Sequence[bytes]]) -> None:
        key, blocks = element
        entries = np.sort(unpack(blocks, _ENTRY), order=["key", "rest", "file", "row"])
        part = _part(key)
        with PublishedWriter(self._job.config.output, "index", part, INDEX_SCHEMA, self._job.config.shards) as writer:
            for start in range(0, max(len(entries), 1), GROUP_ROWS):
                group = entries[start : start + GROUP_ROWS]
                columns = [pa.array(np.ascontiguousarray(group[field.name]), field.type) for field in INDEX_SCHEMA]
                writer.add_group(pa.Table.from_arrays(columns, schema=INDEX_SCHEMA))
            entry = writer.finish()
        self._job.workspace.records("index").write(
            TaskRecord(
                step="index",
                task=part,
                fingerprint=self._mark,
                counts={"file": dataclasses.asdict(entry)},
            )
        )
