"""The working folder of a run, `OUT/_work`: what lies where, and the plan that fixes how the input is cut.

plan.json                  tasks, frozen at the first run
records/<step>/            one record per finished task and step
read/                      documents (text) and quarantine, one file per task
measure/<family>/          signals, row by row beside the documents
judge/ dedup/ select/      verdicts, candidates, decisions and ledger rows
verdicts/                  pages that ran out of time, replayed by later runs
progress/ failures/        of the run in progress
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from corpus import storage
from corpus.config import CorpusConfig, SourceConfig
from corpus.errors import UsageError
from corpus.sources import readers
from corpus.storage import InputFile
from corpus.task import Records, Task

WORK = "_work"


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """Paths of one output folder. All of them are fsspec URLs."""

    output: str

    @property
    def work(self) -> str:
        return storage.join(self.output, WORK)

    def path(self, *parts: str) -> str:
        return storage.join(self.work, *parts)

    def records(self, step: str) -> Records:
        return Records(self.path("records"), step)

    def plan_path(self) -> str:
        return self.path("plan.json")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Tasks in corpus order: by source, file name, path and position."""

    tasks: tuple[Task, ...]

    @property
    def input_bytes(self) -> int:
        return sum(task.end - task.start for task in self.tasks)

    def to_json(self) -> bytes:
        return json.dumps({"version": 1, "tasks": [task.to_dict() for task in self.tasks]}, indent=1).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Plan:
        return cls(tasks=tuple(Task(**task) for task in json.loads(data)["tasks"]))


@lru_cache(maxsize=2)
def load_plan(path: str, mark: str) -> Plan:
    """The plan as a worker sees it; `mark` changes with the plan, so that a cached one is never stale."""
    return Plan.from_json(storage.read_bytes(path))


def make_plan(config: CorpusConfig, earlier: Plan | None = None) -> Plan:
    """List the input and cut it into tasks. A file that is what it was in `earlier` keeps its cut.

    Raises `UsageError` if a pattern matches nothing: a run without a source it was told to read is pointless.
    """
    kept: dict[tuple[str, str, int, str], list[tuple[int, int]]] = {}
    for task in earlier.tasks if earlier else ():
        kept.setdefault((task.source, task.path, task.file_bytes, task.stamp), []).append((task.start, task.end))
    tasks: list[Task] = []
    for name, source in sorted(config.sources.items()):
        for file in _inputs(name, source):
            cut = kept.get((name, file.path, file.bytes, file.stamp))
            if cut is None:
                cut = _cut(file, source, config.split_bytes)
            for start, end in sorted(cut):
                tasks.append(
                    Task(
                        ordinal=len(tasks),
                        source=name,
                        name=file.name,
                        start=start,
                        end=end,
                        path=file.path,
                        file_bytes=file.bytes,
                        stamp=file.stamp,
                        problem=file.problem,
                    )
                )
    return Plan(tasks=tuple(tasks))


def _inputs(name: str, source: SourceConfig) -> Iterator[InputFile]:
    found: dict[str, InputFile] = {}
    for pattern in source.paths:
        matched = storage.list_inputs(pattern)
        if not matched:
            raise UsageError(f"sources.{name}.paths: {pattern} matches no file; correct the path or remove the source")
        found.update((file.path, file) for file in matched)
    if all(file.problem for file in found.values()):
        first = min(found.values())
        raise UsageError(f"sources.{name}.paths: no file can be read: {first.path} {first.problem}")
    yield from sorted(found.values())


def _cut(file: InputFile, source: SourceConfig, split_bytes: int) -> list[tuple[int, int]]:
    if file.problem is not None:
        return [(0, file.bytes)]
    return readers()[source.format].plan(file, source.options(), split_bytes)
