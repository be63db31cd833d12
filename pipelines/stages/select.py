"""Stage `select`: who stays, and why not.

Documents that pass the rules of their language are visited in policy order within each group of candidates: source
priority, then id. The first stays; another is a duplicate of it. A document that fails a rule is never the one kept, so
it takes no cluster with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa

from corpus import storage
from corpus.document import variant_id
from corpus.task import Task, TaskRecord, fingerprint
from filters.judge import Failure, failures
from manifests.schema import FAILURE, LEDGER_SCHEMA
from pipelines.blocks import Array, digits, halves, pack, partition, run_borders, unpack
from pipelines.documents import read_parquet, row_groups, write_parquet
from pipelines.engine import Engine
from pipelines.job import Job
from pipelines.stages import dedup, read
from pipelines.stages.unit import GroupBlocks, Unit
from pipelines.workspace import load_plan

VERDICTS_SCHEMA = pa.schema(
    [pa.field("row", pa.int64(), nullable=False), pa.field("failures", pa.list_(FAILURE), nullable=False)]
)
DECISIONS_SCHEMA = pa.schema(
    [pa.field("keep", pa.bool_(), nullable=False), pa.field("id", pa.string(), nullable=False)]
)

#: Everything about a document but its text.
_FACTS = [
    "id", "language", "language_score", "license", "url", "origin", "date", "position", "text_bytes", "content_hash",
]  # fmt: skip

_CANDIDATE = np.dtype(
    [
        ("component", "<u8"),
        ("failed", "u1"),
        ("priority", "<i8"),
        ("high", "<u8"),
        ("low", "<u8"),
        ("task", "<u4"),
        ("row", "<u4"),
    ]
)
_DUPLICATE = np.dtype([("row", "<u4"), ("high", "<u8"), ("low", "<u8")])


def judge_mark(job: Job, record: TaskRecord) -> str:
    """Fingerprint of the verdicts on a task that has been read."""
    return job.judge_mark(list(read.measure_marks(job, record).values()), record.counts["languages"])


def run(
    job: Job, engine: Engine, tasks: Sequence[Task], dedup_mark: str, mark: str, plan_mark: str, documents: int
) -> None:
    """Judge what is not judged yet, choose among candidates, and settle every task."""
    partitions = max(1, -(-documents // dedup.PARTITION_DOCUMENTS))
    space = job.workspace
    settle = _Settle(job, dedup_mark, mark, plan_mark)

    def build(pipeline: beam.Pipeline) -> object:
        return (
            pipeline
            | "tasks" >> beam.Create(list(tasks), reshuffle=False)
            | "spread" >> beam.Reshuffle()
            | "judge" >> beam.ParDo(Unit("select", space, _Judge(job, dedup_mark, partitions), Task.where))
            | "by component" >> GroupBlocks()
            | "choose" >> beam.ParDo(Unit("select", space, _choose, _name))
            | "by task" >> GroupBlocks()
            | "settle" >> beam.ParDo(Unit("select", space, settle, settle.name))
        )

    engine.execute("select", space, build, light=documents < dedup.PARTITION_DOCUMENTS // 4)


def _name(element: tuple[int, object]) -> str:
    return f"partition {element[0]}"


#: Shuffle key under which a task announces itself, so that it is settled even if it has no duplicates.
_TASKS = -1


class _Judge:
    """The rules on one task, and its candidates as blocks keyed by partition of their component."""

    def __init__(self, job: Job, dedup_mark: str, partitions: int) -> None:
        self._job, self._dedup_mark, self._partitions = job, dedup_mark, partitions

    def __call__(self, task: Task) -> Iterator[tuple[int, bytes]]:
        job = self._job
        record = read.read_record(job, task)
        mark = judge_mark(job, record)
        records = job.workspace.records("judge")
        if not storage.exists(records.path(task.id, mark)):
            self._judge(task, record, mark)
        yield _TASKS, np.array([task.ordinal], "<u4").tobytes()
        failed = set(read_parquet(_verdicts_path(job, task, mark), ["row"])["row"].to_pylist())
        yield from self._candidates(task, record, failed)

    def _judge(self, task: Task, record: TaskRecord, mark: str) -> None:
        job = self._job
        marks = read.measure_marks(job, record)
        signals = {name: row_groups(read.signals_path(job, name, task.id, own)) for name, own in marks.items()}
        documents = row_groups(job.workspace.path(record.outputs["documents"]), ["language", "text_bytes"])
        rows: list[dict[str, Any]] = []
        first = 0
        for facts in documents:
            measured = {name: next(batches) for name, batches in signals.items()}
            failed = _failures(job, facts, measured)
            rows += [{"row": first + row, "failures": failed[row]} for row in sorted(failed)]
            first += facts.num_rows
        write_parquet(_verdicts_path(job, task, mark), pa.Table.from_pylist(rows, schema=VERDICTS_SCHEMA))
        job.workspace.records("judge").write(TaskRecord(step="judge", task=task.id, fingerprint=mark))

    def _candidates(self, task: Task, record: TaskRecord, failed: set[int]) -> Iterator[tuple[int, bytes]]:
        columns = dedup.read_candidates(self._job, self._dedup_mark, task.id)
        variants = _variants(columns)
        chosen = [
            (row, component)
            for row, component in zip(columns["row"], columns["component"], strict=True)
            if component is not None and row is not None
        ]
        if not chosen:
            return
        ids = read_parquet(self._job.workspace.path(record.outputs["documents"]), ["id"])["id"].combine_chunks()
        final = pa.array([_final_id(ids[row].as_py(), variants.get(row)) for row, _ in chosen])
        found = np.zeros(len(chosen), _CANDIDATE)
        found["row"] = [row for row, _ in chosen]
        found["component"] = [component for _, component in chosen]
        found["failed"] = [row in failed for row, _ in chosen]
        found["priority"] = self._job.config.sources[task.source].priority
        found["high"], found["low"] = halves(final)
        found["task"] = task.ordinal
        # Components are numbers of documents, dense at the low end: spread them over all 64 bits first.
        spread = found["component"] * np.uint64(0x9E3779B97F4A7C15)
        yield from pack(partition(spread, self._partitions), found)


def _failures(
    job: Job, facts: pa.RecordBatch, measured: Mapping[str, pa.RecordBatch]
) -> dict[int, list[dict[str, Any]]]:
    """Failed rules of each failing row of one row group, which holds one language."""
    if facts.num_rows == 0:
        return {}
    language = facts.column("language")[0].as_py()
    profile = job.profiles.for_language(language)
    common = {"profile": profile.language, "profile_version": profile.version}
    failed: dict[int, list[dict[str, Any]]] = {}
    for family in job.families:
        for one in failures(family, profile.thresholds(family.name), measured[family.name]):
            failed.setdefault(one.row, []).append(_failure(one) | common)
    for row in np.flatnonzero(facts.column("text_bytes").to_numpy() == 0).tolist():
        failed.setdefault(row, []).append(_plain("document", "has_text", "text_bytes", 0, "1") | common)
    if job.config.languages is not None and language not in job.config.languages:
        unwanted = _plain("language", "languages", "language", None, " ".join(job.config.languages))
        for row in range(facts.num_rows):
            failed.setdefault(row, []).append(unwanted | common)
    return failed


def _plain(family: str, rule: str, signal: str, value: int | None, threshold: str) -> dict[str, Any]:
    """A failure of one of the two rules that no profile holds: having text, and being in a language asked for."""
    return {
        "family": family,
        "rule": rule,
        "signal": signal,
        "numerator": value,
        "denominator": None,
        "threshold": threshold,
    }


def _failure(one: Failure) -> dict[str, Any]:
    return {
        "family": one.family,
        "rule": one.rule,
        "signal": one.signal,
        "numerator": one.numerator,
        "denominator": one.denominator,
        "threshold": one.threshold,
    }


def _verdicts_path(job: Job, task: Task, mark: str) -> str:
    return job.workspace.path("judge", f"{task.id}.{mark[:16]}.parquet")


def _variants(columns: Mapping[str, list[int | None]]) -> dict[int, int]:
    pairs = zip(columns["row"], columns["variant"], strict=True)
    return {row: variant for row, variant in pairs if row is not None and variant is not None}


def _final_id(own: str, variant: int | None) -> str:
    return own if variant is None else variant_id(own, variant)


def _choose(element: tuple[int, Sequence[bytes]]) -> Iterator[tuple[int, bytes]]:
    """Within each component, who is a duplicate of the first that passed, as blocks keyed by task."""
    key, blocks = element
    if key == _TASKS:
        for ordinal in sorted(unpack(blocks, "<u4").tolist()):
            yield ordinal, b""
        return
    found = unpack(blocks, _CANDIDATE)
    order = np.lexsort(
        (
            found["row"],
            found["task"],
            found["low"],
            found["high"],
            -found["priority"],
            found["failed"],
            found["component"],
        )
    )
    yield from _duplicates(found[order])


def _duplicates(found: Array) -> Iterator[tuple[int, bytes]]:
    starts, ends = run_borders(found["component"])
    first = np.repeat(starts, ends - starts)
    repeats = (found["failed"] == 0) & (np.arange(len(found)) != first)
    which = np.flatnonzero(repeats)
    duplicates = np.zeros(len(which), _DUPLICATE)
    duplicates["row"] = found["row"][which]
    duplicates["high"] = found["high"][first[which]]
    duplicates["low"] = found["low"][first[which]]
    if len(which):
        yield from pack(found["task"][which].astype(np.int64), duplicates)


class _Settle:
    """Decisions, ledger rows and counts of one task."""

    def __init__(self, job: Job, dedup_mark: str, mark: str, plan_mark: str) -> None:
        self._job, self._dedup_mark, self._mark, self._plan_mark = job, dedup_mark, mark, plan_mark

    def name(self, element: tuple[int, Sequence[bytes]]) -> str:
        return self._task(element[0]).where()

    def _task(self, ordinal: int) -> Task:
        return load_plan(self._job.workspace.plan_path(), self._plan_mark).tasks[ordinal]

    def __call__(self, element: tuple[int, Sequence[bytes]]) -> None:
        ordinal, blocks = element
        job = self._job
        task = self._task(ordinal)
        records = job.workspace.records("select")
        if storage.exists(records.path(task.id, self._mark)):
            return
        record = read.read_record(job, task)
        facts = read_parquet(job.workspace.path(record.outputs["documents"]), _FACTS)
        verdicts = read_parquet(_verdicts_path(job, task, judge_mark(job, record)))
        failed = dict(zip(verdicts["row"].to_pylist(), verdicts["failures"].to_pylist(), strict=True))
        twins = {row: digits(high, low) for row, high, low in unpack(blocks, _DUPLICATE).tolist()}
        variants = _variants(dedup.read_candidates(job, self._dedup_mark, task.id))
        ids = [_final_id(own, variants.get(row)) for row, own in enumerate(facts["id"].to_pylist())]
        keep = np.ones(facts.num_rows, bool)
        keep[[*failed, *twins]] = False
        decisions = pa.table({"keep": pa.array(keep), "id": pa.array(ids, pa.string())}, schema=DECISIONS_SCHEMA)
        ledger = self._ledger(task, facts, ids, failed, twins)
        name = f"select/{self._mark[:16]}/{task.id}"
        write_parquet(job.workspace.path(f"{name}.decisions.parquet"), decisions)
        write_parquet(job.workspace.path(f"{name}.ledger.parquet"), ledger)
        records.write(
            TaskRecord(
                step="select",
                task=task.id,
                fingerprint=self._mark,
                outputs={"decisions": f"{name}.decisions.parquet", "ledger": f"{name}.ledger.parquet"},
                counts=_counts(facts, ids, keep, failed, twins, variants),
            )
        )

    def _ledger(
        self,
        task: Task,
        facts: pa.Table,
        ids: Sequence[str],
        failed: Mapping[int, list[dict[str, Any]]],
        twins: Mapping[int, str],
    ) -> pa.Table:
        """Rows of the dropped documents, in the order of the file."""
        source = self._job.config.sources[task.source]
        common = {
            "source": task.source,
            "kind": self._job.kind(task.source),
            "access": source.access,
            "file": task.name,
        }
        dropped = sorted([*failed, *twins])
        rows = []
        for row, values in zip(dropped, facts.take(pa.array(dropped, pa.int64())).to_pylist(), strict=True):
            twin = twins.get(row)
            rows.append(
                values
                | common
                | {
                    "id": ids[row],
                    "license": values["license"] or source.license,
                    "reason": "rule" if twin is None else "duplicate",
                    "failures": failed.get(row, []),
                    "duplicate_of": twin,
                    "similarity_numerator": None if twin is None else 1,
                    "similarity_denominator": None if twin is None else 1,
                }
            )
        rows.sort(key=lambda row: row["position"])
        return pa.Table.from_pylist(rows, schema=LEDGER_SCHEMA)


def _counts(
    facts: pa.Table,
    ids: Sequence[str],
    keep: Array,
    failed: Mapping[int, list[dict[str, Any]]],
    twins: Mapping[int, str],
    variants: Mapping[int, int],
) -> dict[str, Any]:
    """Per language: kept rows and bytes, a digest of which rows they are, drops, duplicates, and drops by rule."""
    languages: dict[str, dict[str, Any]] = {}
    kept_ids: dict[str, list[str]] = {}
    tags, sizes = facts["language"].to_pylist(), facts["text_bytes"].to_pylist()
    for row, (tag, size) in enumerate(zip(tags, sizes, strict=True)):
        tally = languages.setdefault(
            tag, {"kept": 0, "kept_bytes": 0, "dropped": 0, "duplicates": 0, "dropped_bytes": 0, "rules": Counter()}
        )
        if keep[row]:
            tally["kept"] += 1
            tally["kept_bytes"] += size
            kept_ids.setdefault(tag, []).append(f"{row} {ids[row]}")
        else:
            tally["dropped"] += 1
            tally["dropped_bytes"] += size
            tally["duplicates"] += row in twins
            tally["rules"].update(f"{one['family']}.{one['rule']}" for one in failed.get(row, []))
    for tag, tally in languages.items():
        tally["rules"] = dict(sorted(tally["rules"].items()))
        tally["digest"] = fingerprint(kept_ids.get(tag, []))
    return {"languages": dict(sorted(languages.items())), "variants": len(variants)}
