"""Reading a file through a source's reader, whole or in ranges, for tests."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.document import RECORD_SCHEMA
from corpus.sources import Reader, ReadLog, ReadOptions
from corpus.storage import InputFile
from corpus.task import Task


@dataclass(frozen=True)
class Result:
    rows: list[dict[str, Any]]
    log: ReadLog

    @property
    def texts(self) -> list[str]:
        return [row["text"] for row in self.rows]

    @property
    def reasons(self) -> list[tuple[int, str]]:
        """Documents that could not be read."""
        return [(bad.position, bad.reason) for bad in self.log.quarantined if bad.end is None]

    @property
    def ranges(self) -> list[str]:
        """Why bytes could not be read."""
        return [bad.reason for bad in self.log.quarantined if bad.end is not None]


def input_file(path: Path) -> InputFile:
    return InputFile(name=path.name, path=str(path), bytes=path.stat().st_size, stamp="s")


def task(path: Path, start: int = 0, end: int | None = None) -> Task:
    size = path.stat().st_size
    return Task(
        ordinal=0,
        source="s",
        name=path.name,
        start=start,
        end=size if end is None else end,
        path=str(path),
        file_bytes=size,
        stamp="s",
    )


def read(reader: Reader, path: Path, cuts: Sequence[int] = (), options: ReadOptions | None = None) -> Result:
    """Records and log of a file that is cut at the given offsets; batches are checked on the way."""
    log, rows = ReadLog(), []
    borders = [0, *sorted(cuts), path.stat().st_size]
    for start, end in itertools.pairwise(borders):
        for batch in reader.read(task(path, start, end), options or ReadOptions(), log):
            assert batch.schema == RECORD_SCHEMA
            batch.validate(full=True)
            rows += batch.to_pylist()
    for row in rows:
        assert (row["text"] is None) != (row["html"] is None)
    return Result(rows, log)
