"""The unit of work: a file or a byte range of one, and the record that says it is done."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from corpus import storage


def fingerprint(*parts: Any) -> str:
    """32 hexadecimal digits that stand for JSON-like values; equal values give equal fingerprints on every machine."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@dataclass(frozen=True, kw_only=True, order=True)
class Task:
    """A byte range `[start, end)` of one input file; `ordinal` numbers the tasks of a plan in corpus order."""

    ordinal: int
    source: str
    name: str
    start: int
    end: int
    path: str
    file_bytes: int
    stamp: str
    problem: str | None = None  # why the file cannot be read at all, where the listing told

    @property
    def id(self) -> str:
        """Stable name: the same range of the same content at the same place."""
        return fingerprint("task", self.source, self.path, self.file_bytes, self.stamp, self.start, self.end)[:16]

    def where(self) -> str:
        """How error messages name the task."""
        whole = self.start == 0 and self.end == self.file_bytes
        return self.path if whole else f"{self.path} (bytes {self.start} to {self.end})"

    def to_dict(self) -> dict[str, Any]:
        return dataclasses.asdict(self)


@dataclass(frozen=True, kw_only=True)
class TaskRecord:
    """Written after a task's outputs. A later run skips the work only if it would compute the same `fingerprint`."""

    step: str
    task: str
    fingerprint: str
    outputs: Mapping[str, str] = field(default_factory=dict)  # role -> path relative to the working folder
    counts: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> bytes:
        return json.dumps(dataclasses.asdict(self), sort_keys=True, ensure_ascii=False).encode()

    @classmethod
    def from_json(cls, data: bytes) -> TaskRecord:
        return cls(**json.loads(data))


def record_name(task: str, mark: str) -> str:
    return f"{task}.{mark[:16]}.json"


class Records:
    """The task records of one step, as files `<folder>/<step>/<task>.<fingerprint>.json`."""

    def __init__(self, folder: str, step: str) -> None:
        self.folder = storage.join(folder, step)
        self.step = step

    def path(self, task: str, mark: str) -> str:
        return storage.join(self.folder, record_name(task, mark))

    def write(self, record: TaskRecord) -> None:
        storage.write_atomic(self.path(record.task, record.fingerprint), record.to_json())

    def read(self, task: str, mark: str) -> TaskRecord:
        return TaskRecord.from_json(storage.read_bytes(self.path(task, mark)))

    def names(self) -> set[str]:
        """File names of the records that are there, in one listing."""
        return set(storage.list_files(self.folder))
