"""Stage `dedup`: who might repeat whom. It finds candidates and decides nothing.

Today a candidate group is a set of documents with the same hash of normalised text. Groups of near-duplicates are to
come out of here in the same form: rows of (document, component), one file per task.

The same shuffle finds keys that the sources use twice. The same record met twice is an exact duplicate of itself; other
content under a used key gets a variant of the id, so that both stay.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import apache_beam as beam
import numpy as np
import pyarrow as pa

from corpus import storage
from corpus.task import Task, TaskRecord
from pipelines.blocks import Array, halves, pack, partition, run_borders, runs, unpack
from pipelines.documents import read_parquet, write_parquet
from pipelines.engine import Engine
from pipelines.job import Job
from pipelines.stages.unit import GroupBlocks, Unit
from pipelines.workspace import load_plan

CANDIDATES_SCHEMA = pa.schema(
    [
        pa.field("row", pa.int64(), nullable=False),  # of the document in its task's file
        pa.field("component", pa.uint64()),  # documents with the same number may repeat each other
        pa.field("variant", pa.int32()),  # which different content under this id it is: 1, 2, ...
    ]
)

#: Documents that one partition of the shuffle is sized for: about 50 bytes each in memory.
PARTITION_DOCUMENTS = 1_000_000

CONTENT, KEY = 0, 1

_MEMBER = np.dtype(
    [("high", "<u8"), ("low", "<u8"), ("task", "<u4"), ("row", "<u4"), ("position", "<i8"), ("content", "<u8")]
)
_HIT = np.dtype([("row", "<u4"), ("what", "u1"), ("value", "<u8")])


def run(job: Job, engine: Engine, tasks: Sequence[Task], mark: str, plan_mark: str, documents: int) -> None:
    """Write the candidates of every task that has any, and the record of the stage."""
    partitions = max(1, -(-documents // PARTITION_DOCUMENTS))
    space = job.workspace
    write = _Write(job, mark, plan_mark)

    def build(pipeline: beam.Pipeline) -> object:
        return (
            pipeline
            | "tasks" >> beam.Create(list(tasks), reshuffle=False)
            | "spread" >> beam.Reshuffle()
            | "hashes" >> beam.ParDo(Unit("dedup", space, _Hashes(job, partitions), Task.where))
            | "by hash" >> GroupBlocks()
            | "runs" >> beam.ParDo(Unit("dedup", space, _find_runs, _partition_name))
            | "by task" >> GroupBlocks()
            | "write" >> beam.ParDo(Unit("dedup", space, write, write.name))
        )

    engine.execute("dedup", space, build, light=documents < PARTITION_DOCUMENTS // 4)
    space.records("dedup").write(TaskRecord(step="dedup", task="all", fingerprint=mark))


def candidates_path(job: Job, mark: str, task: str) -> str:
    return job.workspace.path("dedup", mark[:16], f"{task}.parquet")


def read_candidates(job: Job, mark: str, task: str) -> Mapping[str, list[int | None]]:
    """Columns of `CANDIDATES_SCHEMA` for one task; empty where it has no candidates."""
    path = candidates_path(job, mark, task)
    if not storage.exists(path):
        return {name: [] for name in CANDIDATES_SCHEMA.names}
    columns: Mapping[str, list[int | None]] = read_parquet(path).to_pydict()
    return columns


def _partition_name(element: tuple[int, object]) -> str:
    return f"partition {element[0]}"


class _Hashes:
    """A task's content hashes and ids, as blocks keyed by partition."""

    def __init__(self, job: Job, partitions: int) -> None:
        self._job, self._partitions = job, partitions

    def __call__(self, task: Task) -> Iterator[tuple[int, bytes]]:
        record = self._job.workspace.records("read").read(task.id, self._job.read_mark(task))
        table = read_parquet(
            self._job.workspace.path(record.outputs["documents"]), ["id", "content_hash", "text_bytes", "position"]
        ).combine_chunks()
        if table.num_rows == 0:
            return
        members = np.zeros(table.num_rows, _MEMBER)
        members["task"], members["row"] = task.ordinal, np.arange(table.num_rows)
        members["position"] = table["position"].to_numpy()
        content = halves(table["content_hash"])
        members["content"] = content[1]
        with_text = table["text_bytes"].to_numpy() > 0  # documents without text are not duplicates of each other
        spaces = [(KEY, halves(table["id"]), np.ones(table.num_rows, bool))]
        if self._job.config.dedup.exact:
            spaces.append((CONTENT, content, with_text))
        for space, (high, low), wanted in spaces:
            chosen = members[wanted]
            chosen["high"], chosen["low"] = high[wanted], low[wanted]
            yield from pack(partition(chosen["high"], self._partitions) * 2 + space, chosen)


def _find_runs(element: tuple[int, Sequence[bytes]]) -> Iterator[tuple[int, bytes]]:
    """Documents of one partition that share a hash or a key, as blocks keyed by task."""
    key, blocks = element
    members = unpack(blocks, _MEMBER)
    order = np.lexsort((members["position"], members["task"], members["low"], members["high"]))
    members = members[order]
    hits = _content_hits(members) if key % 2 == CONTENT else _key_hits(members)
    for rows, found in hits:
        yield from pack(rows, found)


def _content_hits(members: Array) -> Iterator[tuple[Array, Array]]:
    """Component of each document with company: the number of its first member in corpus order."""
    starts, ends = run_borders(members["high"], members["low"])
    lengths = ends - starts
    number = (members["task"].astype(np.uint64) << np.uint64(32)) | members["row"].astype(np.uint64)
    component = np.repeat(number[starts], lengths)
    shared = np.repeat(lengths > 1, lengths)
    found = np.zeros(int(shared.sum()), _HIT)
    found["row"], found["what"], found["value"] = members["row"][shared], CONTENT, component[shared]
    yield members["task"][shared].astype(np.int64), found


def _key_hits(members: Array) -> Iterator[tuple[Array, Array]]:
    """Variant number of each document whose key was used before for other content."""
    for start, end in runs(members["high"], members["low"]):
        ordinal: dict[int, int] = {}
        variants = [ordinal.setdefault(content, len(ordinal)) for content in members["content"][start:end].tolist()]
        if len(ordinal) > 1:
            changed = np.array(variants) > 0
            group = members[start:end][changed]
            found = np.zeros(len(group), _HIT)
            found["row"], found["what"], found["value"] = group["row"], KEY, np.array(variants)[changed]
            yield group["task"].astype(np.int64), found


class _Write:
    """The candidates of one task."""

    def __init__(self, job: Job, mark: str, plan_mark: str) -> None:
        self._job, self._mark, self._plan_mark = job, mark, plan_mark

    def name(self, element: tuple[int, Sequence[bytes]]) -> str:
        return self._task(element[0]).where()

    def _task(self, ordinal: int) -> Task:
        return load_plan(self._job.workspace.plan_path(), self._plan_mark).tasks[ordinal]

    def __call__(self, element: tuple[int, Sequence[bytes]]) -> None:
        ordinal, blocks = element
        task = self._task(ordinal)
        rows: dict[int, dict[str, int]] = {}
        for row, what, value in unpack(blocks, _HIT).tolist():
            rows.setdefault(row, {"row": row})["component" if what == CONTENT else "variant"] = value
        table = pa.Table.from_pylist([rows[row] for row in sorted(rows)], schema=CANDIDATES_SCHEMA)
        write_parquet(candidates_path(self._job, self._mark, task.id), table)
