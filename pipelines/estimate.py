"""`corpus plan`: what a run would take, from a sample of the real input. Nothing is written to the output."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from corpus import storage
from corpus.config import CorpusConfig
from corpus.sources import ReadLog
from corpus.task import Task
from pipelines.documents import write_parquet
from pipelines.job import make_job
from pipelines.run import load_verdicts
from pipelines.stages.read import ReadTask
from pipelines.workspace import Plan, Workspace, make_plan

#: The sample: so many tasks of each source, and of each so many documents or seconds, whichever comes first.
SAMPLE_TASKS = 2
SAMPLE_DOCUMENTS = 200
SAMPLE_SECONDS = 4.0

#: A corpus is at most about as large as its working text, which it is copied from, plus ledger and index.
PUBLISHED_SHARE = 1.1


@dataclass(frozen=True, kw_only=True)
class SourceEstimate:
    source: str
    format: str
    tasks: int
    bytes: int
    documents_per_second: float | None  # on one core; None if the sample held no document
    seconds: float  # on one core
    working_bytes: int


@dataclass(frozen=True, kw_only=True)
class Estimate:
    sources: tuple[SourceEstimate, ...]
    processes: int
    free_bytes: int | None

    @property
    def seconds(self) -> float:
        return sum(source.seconds for source in self.sources) / self.processes

    @property
    def disk_bytes(self) -> int:
        return int(sum(source.working_bytes for source in self.sources) * (1 + PUBLISHED_SHARE))

    @property
    def fits(self) -> bool:
        return self.free_bytes is None or self.disk_bytes <= self.free_bytes


def estimate(config: CorpusConfig, processes: int) -> Estimate:
    """Plan as a run would, then read and measure a sample of each source."""
    space = Workspace(output=config.output)
    earlier = None
    if storage.exists(space.plan_path()):
        earlier = Plan.from_json(storage.read_bytes(space.plan_path()))
    plan = make_plan(config, earlier)
    with tempfile.TemporaryDirectory(prefix="corpus-plan-") as folder:
        sampler = _Sampler(config, folder, load_verdicts(space))
        sources = tuple(
            sampler.source(name, [task for task in plan.tasks if task.source == name])
            for name in sorted(config.sources)
        )
    return Estimate(sources=sources, processes=processes, free_bytes=storage.free_bytes(config.output))


class _Sampler:
    def __init__(self, config: CorpusConfig, folder: str, verdicts: object) -> None:
        self._folder = folder
        self._job = make_job(config.model_copy(update={"output": folder}), verdicts)  # type: ignore[arg-type]

    def source(self, name: str, tasks: Sequence[Task]) -> SourceEstimate:
        size = sum(task.end - task.start for task in tasks)
        readable = [task for task in tasks if task.problem is None]
        step = max(1, len(readable) // SAMPLE_TASKS)
        seconds, documents, consumed, working = 0.0, 0, 0, 0
        for task in readable[::step][:SAMPLE_TASKS]:
            took, count, used, written = self._task(task)
            seconds, documents, consumed, working = (
                seconds + took,
                documents + count,
                consumed + used,
                working + written,
            )
        scale = size / consumed if consumed else 0.0
        return SourceEstimate(
            source=name,
            format=self._job.config.sources[name].format,
            tasks=len(tasks),
            bytes=size,
            documents_per_second=documents / seconds if documents and seconds else None,
            seconds=seconds * scale,
            working_bytes=int(working * scale),
        )

    def _task(self, task: Task) -> tuple[float, int, int, int]:
        """Seconds, documents, input bytes and working bytes of the beginning of one task."""
        worker, log = ReadTask(self._job), ReadLog()
        started, documents, batches = time.monotonic(), 0, []
        try:
            for batch in worker.documents(task, log):
                for language in sorted(set(batch.column("language").to_pylist())):
                    rows = batch.filter(pa.compute.equal(batch.column("language"), language))
                    for family in self._job.families:
                        family.measure(rows, self._job.settings(family, language))
                batches.append(batch)
                documents += batch.num_rows
                if documents >= SAMPLE_DOCUMENTS or time.monotonic() - started > SAMPLE_SECONDS:
                    break
        finally:
            worker.close()
        seconds = time.monotonic() - started
        path = storage.join(self._folder, "sample.parquet")
        if batches:
            write_parquet(path, pa.Table.from_batches(batches))
        written = storage.size(path) if batches else 0
        return seconds, documents, max(1, min(log.bytes_read, task.end - task.start)), written
