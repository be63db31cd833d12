"""Stage `publish`: decisions become shards, ledger and quarantine files.

Each of them is a slice of a sequence that the input alone determines. The kept documents of a stream, in the order
(source, file, record), laid end to end, are a sequence of bytes of text; shard k holds the documents that begin in
`[kT, (k+1)T)`, and row group j of it those that begin in its j-th part of `row_group_bytes`. Dropped documents and
quarantined places are sequences of rows. So borders are the same for any cut of the input, and a new snapshot appends.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from corpus import storage
from corpus.task import Task, TaskRecord, fingerprint
from manifests.manifest import FileEntry, Stream
from manifests.schema import LEDGER_SCHEMA, LEDGER_SCHEMA_VERSION, QUARANTINE_SCHEMA, SHARD_SCHEMA, SHARD_SCHEMA_VERSION
from pipelines.blocks import Array
from pipelines.documents import one_batch, read_parquet
from pipelines.engine import Engine
from pipelines.job import STEP_VERSIONS, Job
from pipelines.published import PublishedWriter
from pipelines.stages.unit import Unit

#: Rows of one ledger or quarantine file, and of one row group in it.
TABLE_ROWS = 1_000_000
TABLE_GROUP_ROWS = 50_000


#: Where the files of a table lie, how their names begin, and what they hold. Shards lie in a folder per stream.
_PLACES = {
    "shard": ("shards/", "", SHARD_SCHEMA),
    "ledger": ("ledger", "dropped-", LEDGER_SCHEMA),
    "quarantine": ("ledger", "quarantine-", QUARANTINE_SCHEMA),
}


@dataclass(frozen=True, kw_only=True)
class Piece:
    """What one task adds to a sequence. `first` is where it begins there: bytes of text in a stream, rows in a table."""

    task: Task
    first: int
    length: int
    inputs: tuple[str, ...]  # working files, relative to the working folder
    mark: str  # changes with the rows it adds


@dataclass(frozen=True, kw_only=True)
class Slice:
    """One file to publish: what begins in `[start, end)` of a sequence."""

    table: Literal["shard", "ledger", "quarantine"]
    stream: str  # "" for tables
    language: str
    number: int
    start: int
    end: int
    pieces: tuple[Piece, ...]

    @property
    def id(self) -> str:
        return fingerprint(self.table, self.stream, self.number)[:16]

    def where(self) -> str:
        return f"{self.table} {self.stream} {self.number}".replace("  ", " ")


def stream_name(kind: str, language: str, access: str) -> str:
    """`web/deu_Latn`; access classes other than open stand in front, so that they can be published elsewhere."""
    name = f"{kind}/{language}"
    return name if access == "open" else f"{access}/{name}"


def plan_slices(job: Job, settled: Sequence[tuple[Task, TaskRecord, TaskRecord]]) -> list[Slice]:
    """Cut the sequences. `settled`: each task with its `read` and `select` record, in corpus order."""
    streams: dict[str, tuple[str, list[Piece]]] = {}
    ledger: list[Piece] = []
    quarantine: list[Piece] = []
    for task, read, select in settled:
        source = job.config.sources[task.source]
        for language, tally in select.counts["languages"].items():
            name = stream_name(job.kind(task.source), language, source.access)
            inputs = (read.outputs["documents"], select.outputs["decisions"])
            mark = fingerprint(read.fingerprint, tally["digest"], source.license)
            _append(streams.setdefault(name, (language, []))[1], task, tally["kept_bytes"], inputs, mark)
        dropped = sum(tally["dropped"] for tally in select.counts["languages"].values())
        mark = fingerprint(select.fingerprint, source.license, source.access, job.kind(task.source))
        _append(ledger, task, dropped, (select.outputs["ledger"],), mark)
        places = read.counts["quarantined"] + read.counts["unreadable_ranges"]
        _append(quarantine, task, places, (read.outputs["quarantine"],), read.fingerprint)
    slices = []
    for name, (language, pieces) in sorted(streams.items()):
        slices += _cut("shard", name, language, pieces, job.config.shards.target_bytes)
    slices += _cut("ledger", "", "", ledger, TABLE_ROWS)
    slices += _cut("quarantine", "", "", quarantine, TABLE_ROWS)
    return slices


def _append(pieces: list[Piece], task: Task, length: int, inputs: tuple[str, ...], mark: str) -> None:
    first = pieces[-1].first + pieces[-1].length if pieces else 0
    if length > 0:
        pieces.append(Piece(task=task, first=first, length=length, inputs=inputs, mark=mark))


def _cut(
    table: Literal["shard", "ledger", "quarantine"], stream: str, language: str, pieces: Sequence[Piece], size: int
) -> list[Slice]:
    """Slices of `size`; one that no row begins in (a row may be longer than a slice) comes out empty and is left out."""
    members: dict[int, list[Piece]] = {}
    for piece in pieces:
        for number in range(piece.first // size, (piece.first + piece.length - 1) // size + 1):
            members.setdefault(number, []).append(piece)
    return [
        Slice(
            table=table,
            stream=stream,
            language=language,
            number=number,
            start=number * size,
            end=(number + 1) * size,
            pieces=tuple(found),
        )
        for number, found in sorted(members.items())
    ]


def slice_mark(job: Job, one: Slice) -> str:
    versions = [STEP_VERSIONS["publish"], SHARD_SCHEMA_VERSION, LEDGER_SCHEMA_VERSION]
    pieces = [[piece.task.id, piece.first, piece.length, piece.mark, *piece.inputs] for piece in one.pieces]
    shards = job.config.shards.model_dump(mode="json")
    facts = [[piece.task.source, piece.task.name] for piece in one.pieces]
    return fingerprint(
        "publish", versions, one.table, one.stream, one.number, one.start, one.end, pieces, shards, facts
    )


def due(job: Job, slices: Sequence[Slice]) -> list[Slice]:
    """Slices whose file is not there yet, or not any more."""
    records = job.workspace.records("publish")
    names = records.names()
    waiting = []
    for one in slices:
        mark = slice_mark(job, one)
        if f"{one.id}.{mark[:16]}.json" not in names:
            waiting.append(one)
            continue
        entry = _entry(records.read(one.id, mark))
        if entry is not None and not storage.exists(storage.join(job.config.output, entry.path)):
            waiting.append(one)
    return waiting


def run(job: Job, engine: Engine, slices: Sequence[Slice]) -> None:
    work = _Publish(job)
    engine.execute(
        "publish",
        job.workspace,
        lambda pipeline: (
            pipeline
            | "slices" >> beam.Create(list(slices), reshuffle=False)
            | "spread" >> beam.Reshuffle()
            | "publish" >> beam.ParDo(Unit("publish", job.workspace, work, Slice.where))
        ),
        light=sum(piece.length for one in slices if one.table == "shard" for piece in one.pieces) < 32 << 20,
    )


def published(
    job: Job, slices: Sequence[Slice]
) -> tuple[tuple[Stream, ...], tuple[FileEntry, ...], tuple[FileEntry, ...]]:
    """Streams, ledger and quarantine files as the records of finished slices tell."""
    records = job.workspace.records("publish")
    files: dict[tuple[str, str], list[FileEntry]] = {}
    languages: dict[str, str] = {}
    for one in slices:
        entry = _entry(records.read(one.id, slice_mark(job, one)))
        if entry is not None:
            found = files.setdefault((one.table, one.stream), [])
            found.append(dataclasses.replace(entry, first_row=sum(file.rows for file in found)))
            languages[one.stream] = one.language
    streams = []
    for (table, name), shards in sorted(files.items()):
        if table == "shard":
            *access, kind, language = name.split("/")
            streams.append(
                Stream(
                    name=name,
                    kind=kind,
                    language=language,
                    access=access[0] if access else "open",
                    rows=sum(shard.rows for shard in shards),
                    text_bytes=sum(shard.text_bytes for shard in shards),
                    shards=tuple(shards),
                )
            )
    ledger, quarantine = (tuple(files.get((table, ""), ())) for table in ("ledger", "quarantine"))
    return tuple(streams), ledger, quarantine


def _entry(record: TaskRecord) -> FileEntry | None:
    raw = record.counts["file"]
    return None if raw is None else FileEntry.from_dict(raw)


class _Publish:
    """Write one slice."""

    def __init__(self, job: Job) -> None:
        self._job = job

    def __call__(self, one: Slice) -> None:
        if not due(self._job, [one]):
            return
        shards = self._job.config.shards
        output = self._job.config.output
        folder, name, schema = _PLACES[one.table]
        with PublishedWriter(output, folder + one.stream, f"{name}{one.number:05d}", schema, shards) as writer:
            empty = True
            for group in self._groups(one):
                writer.add_group(group)
                empty = False
            entry = None if empty else writer.finish()
        mark = slice_mark(self._job, one)
        file = None if entry is None else dataclasses.asdict(entry)
        self._job.workspace.records("publish").write(
            TaskRecord(step="publish", task=one.id, fingerprint=mark, counts={"file": file})
        )

    def _groups(self, one: Slice) -> Iterator[pa.Table]:
        """Rows of the slice, gathered into row groups by where they begin."""
        size = self._job.config.shards.row_group_bytes if one.table == "shard" else TABLE_GROUP_ROWS
        current = 0
        waiting: list[pa.Table] = []
        for rows, offsets in self._rows(one):
            groups = (offsets - one.start) // size
            for number in np.unique(groups).tolist():
                part = rows.filter(pa.array(groups == number))
                if number != current and waiting:
                    yield pa.concat_tables(waiting).combine_chunks()
                    waiting = []
                current = number
                waiting.append(part)
        if waiting:
            yield pa.concat_tables(waiting).combine_chunks()

    def _rows(self, one: Slice) -> Iterator[tuple[pa.Table, Array]]:
        for piece in one.pieces:
            source = self._documents(one, piece) if one.table == "shard" else self._table(piece)
            for rows, offsets in source:
                inside = (offsets >= one.start) & (offsets < one.end)
                if inside.any():
                    yield rows.filter(pa.array(inside)), offsets[inside]

    def _table(self, piece: Piece) -> Iterator[tuple[pa.Table, Array]]:
        table = read_parquet(self._job.workspace.path(piece.inputs[0]))
        yield table, piece.first + np.arange(table.num_rows)

    def _documents(self, one: Slice, piece: Piece) -> Iterator[tuple[pa.Table, Array]]:
        """Kept documents of the stream's language in one task, with the offset in the stream at which each begins."""
        space = self._job.workspace
        decisions = one_batch(read_parquet(space.path(piece.inputs[1])))
        offset, first = piece.first, 0
        with storage.open_arrow(space.path(piece.inputs[0])) as file:
            parquet = pq.ParquetFile(file)
            for number in range(parquet.num_row_groups):
                facts = parquet.read_row_group(number, columns=["language", "text_bytes"])
                rows = facts.num_rows
                if rows and facts["language"][0].as_py() == one.language:
                    ours = decisions.slice(first, rows)
                    keep = ours.column("keep")
                    sizes = facts["text_bytes"].combine_chunks().filter(keep).to_numpy()
                    offsets = offset + np.concatenate([[0], np.cumsum(sizes)[:-1]]) if len(sizes) else sizes
                    if len(sizes) and offsets[0] < one.end and offsets[-1] >= one.start:
                        group = parquet.read_row_group(number).filter(keep)
                        yield self._publishable(piece.task, group, ours.column("id").filter(keep)), offsets
                    offset += int(sizes.sum())
                first += rows

    def _publishable(self, task: Task, documents: pa.Table, ids: pa.Array) -> pa.Table:
        """Documents with what is true of their source."""
        source = self._job.config.sources[task.source]
        constants: Mapping[str, Any] = {
            "source": task.source,
            "kind": self._job.kind(task.source),
            "access": source.access,
            "file": task.name,
        }
        columns = []
        for field in SHARD_SCHEMA:
            if field.name in constants:
                columns.append(pa.repeat(pa.scalar(constants[field.name], field.type), documents.num_rows))
            elif field.name == "id":
                columns.append(ids)
            elif field.name == "license" and source.license is not None:
                columns.append(documents["license"].fill_null(source.license))
            else:
                columns.append(documents[field.name])
        return pa.Table.from_arrays(columns, schema=SHARD_SCHEMA)
