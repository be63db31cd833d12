"""`corpus run`: the stages in order, each skipping what is done, and the manifest at the end."""

from __future__ import annotations

import json
import platform
import socket
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from corpus import storage
from corpus.config import CorpusConfig
from corpus.errors import CorpusError
from corpus.extract import Failure as PageFailure
from corpus.extract import Reason
from corpus.task import Task, TaskRecord, fingerprint
from manifests.manifest import Manifest, manifest_path
from pipelines import snapshot
from pipelines.engine import Engine, clear_progress
from pipelines.housekeeping import marks_path, write_marks
from pipelines.job import Job, make_job
from pipelines.lock import exclusive
from pipelines.progress import Display, read_watcher, record_watcher
from pipelines.stages import dedup, index, publish, read, select
from pipelines.workspace import Plan, Workspace, make_plan

Settled = list[tuple[Task, TaskRecord, TaskRecord]]


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a run made."""

    manifest: Manifest
    manifest_path: str
    seconds: float
    tasks: Mapping[str, int] = field(default_factory=dict)  # step -> units of work done in this run

    def to_dict(self) -> dict[str, Any]:
        return {
            "manifest": self.manifest_path,
            "manifest_hash": self.manifest.manifest_hash,
            "documents": dict(self.manifest.documents),
            "streams": {
                stream.name: {"rows": stream.rows, "text_bytes": stream.text_bytes, "shards": len(stream.shards)}
                for stream in self.manifest.streams
            },
            "seconds": round(self.seconds, 3),
            "tasks": dict(self.tasks),
        }


def run(config: CorpusConfig, engine: Engine, display: Display) -> Result:
    """Bring the output folder up to date with the configuration and the input."""
    started = time.monotonic()
    space = Workspace(output=config.output)
    _check_output(config.output)
    with exclusive(space):
        job = make_job(config, load_verdicts(space))  # mistakes in rules and profiles show before any input is listed
        plan = frozen_plan(config, space)
        _check_disk(config, plan)
        clear_progress(space)
        runner = _Run(job, engine, display, plan)
        manifest = runner.through()
        result = Result(
            manifest=manifest,
            manifest_path=manifest_path(config.output),
            seconds=time.monotonic() - started,
            tasks=runner.tasks,
        )
        _write_run_file(config, engine, result, runner.seconds)
    return result


def frozen_plan(config: CorpusConfig, space: Workspace) -> Plan:
    """The plan of the first run, with whatever input changed since; files that did not change keep their cut."""
    earlier = None
    if storage.exists(space.plan_path()):
        earlier = Plan.from_json(storage.read_bytes(space.plan_path()))
    plan = make_plan(config, earlier)
    if earlier != plan:
        storage.write_atomic(space.plan_path(), plan.to_json())
    return plan


def load_verdicts(space: Workspace) -> dict[str, PageFailure]:
    folder = space.path("verdicts")
    verdicts = {}
    for name in storage.list_files(folder):
        said = json.loads(storage.read_bytes(storage.join(folder, name)))
        verdicts[said["page"]] = PageFailure(Reason(said["reason"]), said["detail"])
    return verdicts


class _Run:
    """One pass through the stages."""

    def __init__(self, job: Job, engine: Engine, display: Display, plan: Plan) -> None:
        self.job, self.engine, self.display, self.plan = job, engine, display, plan
        self.space = job.workspace
        self.marks: set[str] = set()  # fingerprints of everything this run rests on
        self.tasks: dict[str, int] = {}
        self.seconds: dict[str, float] = {}

    def through(self) -> Manifest:
        plan_mark = fingerprint([task.to_dict() for task in self.plan.tasks])
        storage.remove(marks_path(self.space))  # from here to the end, nothing in the working folder is known useless
        self._read()
        records = [read.read_record(self.job, task) for task in self.plan.tasks]
        for record in records:
            self.marks.update([record.fingerprint, *read.measure_marks(self.job, record).values()])
        documents = sum(sum(tally["rows"] for tally in record.counts["languages"].values()) for record in records)
        dedup_mark = self._dedup(records, plan_mark, documents)
        settled = self._select(records, dedup_mark, plan_mark, documents)
        manifest = self._publish(settled)
        write_marks(self.space, self.marks)
        return manifest

    def _read(self) -> None:
        due = read.due(self.job, self.plan.tasks)
        tasks = [*due["read"], *due["measure"]]
        self.tasks.update(read=len(due["read"]), measure=len(due["measure"]))
        if not tasks:
            return
        size = sum(task.end - task.start for task in due["read"])
        watch = read_watcher(self.space, self.space.records("read").names())
        with self._stage("read", len(tasks), watch, size):
            read.run(self.job, self.engine, tasks)

    def _dedup(self, records: Sequence[TaskRecord], plan_mark: str, documents: int) -> str:
        mark = self.job.dedup_mark([record.fingerprint for record in records])
        self.marks.add(mark)
        stage_records = self.space.records("dedup")
        due = not storage.exists(stage_records.path("all", mark))
        self.tasks["dedup"] = int(due)
        if due:
            with self._stage("dedup", 1, record_watcher(stage_records, stage_records.names())):
                dedup.run(self.job, self.engine, self.plan.tasks, mark, plan_mark, documents)
        return mark

    def _select(self, records: Sequence[TaskRecord], dedup_mark: str, plan_mark: str, documents: int) -> Settled:
        judge_marks = [select.judge_mark(self.job, record) for record in records]
        mark = self.job.select_mark(dedup_mark, judge_marks)
        self.marks.update([mark, *judge_marks])
        judged, stage_records = self.space.records("judge").names(), self.space.records("select")
        names = stage_records.names()
        unjudged = [
            task
            for task, own in zip(self.plan.tasks, judge_marks, strict=True)
            if f"{task.id}.{own[:16]}.json" not in judged
        ]
        unsettled = [task for task in self.plan.tasks if f"{task.id}.{mark[:16]}.json" not in names]
        self.tasks.update(judge=len(unjudged), select=len(unsettled))
        if unsettled:
            with self._stage("select", len(unsettled), record_watcher(stage_records, names)):
                select.run(self.job, self.engine, self.plan.tasks, dedup_mark, mark, plan_mark, documents)
        return [
            (task, record, stage_records.read(task.id, mark))
            for task, record in zip(self.plan.tasks, records, strict=True)
        ]

    def _publish(self, settled: Settled) -> Manifest:
        slices = publish.plan_slices(self.job, settled)
        due = publish.due(self.job, slices)
        self.marks.update(publish.slice_mark(self.job, one) for one in slices)
        self.tasks["publish"] = len(due)
        if due:
            records = self.space.records("publish")
            with self._stage("publish", len(due), record_watcher(records, records.names())):
                publish.run(self.job, self.engine, due)
        streams, ledger, quarantine = publish.published(self.job, slices)
        tables = [shard for stream in streams for shard in stream.shards] + list(ledger)
        started = time.monotonic()
        self.marks.add(index.mark(tables))
        entries, made = index.run(self.job, self.engine, tables)
        self.seconds["index"] = time.monotonic() - started
        self.tasks["index"] = int(made)
        manifest = snapshot.build_manifest(self.job, settled, streams, ledger, quarantine, entries)
        standing = snapshot.earlier(self.job.config.output)
        if standing is not None and standing.manifest_hash == manifest.manifest_hash:
            return standing
        snapshot.publish_manifest(self.job, manifest)
        return manifest

    @contextmanager
    def _stage(self, name: str, total: int, look: Any, total_bytes: int = 0) -> Iterator[None]:
        started = time.monotonic()
        with self.display.stage(name, total, look, total_bytes):
            yield
        self.seconds[name] = time.monotonic() - started


def _check_output(output: str) -> None:
    """The folder can be made and written to: better to know now than after the first task."""
    storage.make_folder(output)
    probe = storage.join(output, f"{storage.TEMPORARY_MARK}probe")
    try:
        storage.write_atomic(probe, b"")
        storage.remove(probe)
    except OSError as error:
        raise CorpusError(f"{output}: cannot be written: {error.strerror or error}") from None


def _check_disk(config: CorpusConfig, plan: Plan) -> None:
    """Refuse a run that surely does not fit. `corpus plan` measures; here a fifth of the input is the least to expect."""
    free = storage.free_bytes(config.output)
    least = plan.input_bytes // 5
    if free is not None and free < least:
        raise CorpusError(
            f"{config.output}: {free / 1e9:.1f} GB free, but {plan.input_bytes / 1e9:.1f} GB of input need at least "
            f"{least / 1e9:.1f} GB; choose another output or run `corpus plan` for an estimate"
        )


def _write_run_file(config: CorpusConfig, engine: Engine, result: Result, seconds: Mapping[str, float]) -> None:
    """`run.json`: what has no part in the corpus' identity."""
    about = {
        "finished": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "host": socket.gethostname(),
        "system": platform.platform(),
        "python": sys.version.split()[0],
        "runner": engine.runner,
        "workers": engine.processes,
        "seconds": {name: round(value, 3) for name, value in seconds.items()},
        "total_seconds": round(result.seconds, 3),
        "tasks": dict(result.tasks),
        "manifest_hash": result.manifest.manifest_hash,
        "paths": {name: list(source.paths) for name, source in config.sources.items()},
        "split_bytes": config.split_bytes,
    }
    storage.write_atomic(
        storage.join(config.output, "run.json"), json.dumps(about, indent=1, sort_keys=True).encode() + b"\n"
    )
