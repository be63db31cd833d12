"""Sources: one module per format. A module that defines `READER` is found by its format name; nothing else registers it.

A reader plans byte ranges of a file and reads a range as record batches. Whatever it cannot read it reports to the
`ReadLog` and goes on: a bad record costs itself, a bad range costs its range.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol

import pyarrow as pa

from corpus.storage import InputFile
from corpus.task import Task


@dataclass(frozen=True, kw_only=True)
class Quarantined:
    """A document, or a byte range that may have held several, which could not be read."""

    position: int  # where it begins: byte offset or row number, as in `Record.position`
    reason: str  # short name, for counting
    detail: str  # one line for people
    end: int | None = None  # set for a range of bytes; None for one document
    url: str | None = None


@dataclass(kw_only=True)
class ReadLog:
    """What a reader met besides documents."""

    quarantined: list[Quarantined] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    bytes_read: int = 0  # of the file as stored: feeds the progress display

    def document(self, position: int, reason: str, detail: str, url: str | None = None) -> None:
        """A document that was there but could not be read: counted as read and quarantined."""
        self.quarantined.append(Quarantined(position=position, reason=reason, detail=one_line(detail), url=url))

    def unreadable(self, start: int, end: int, reason: str, detail: str) -> None:
        """Bytes from which no record could be told: listed apart from the documents."""
        self.quarantined.append(Quarantined(position=start, end=end, reason=reason, detail=one_line(detail)))

    def skip(self, kind: str) -> None:
        """A record that is no document by its type (an image, a redirect, a request)."""
        self.skipped[kind] += 1


@dataclass(frozen=True, kw_only=True)
class ReadOptions:
    """The part of a source's configuration that readers may use."""

    columns: Mapping[str, str] = field(default_factory=dict)  # document field -> column of the file
    language: str | None = None  # tag that the configuration claims for the whole source
    max_record_bytes: int = 64 << 20  # payloads and lines above it are quarantined unread


class Reader(Protocol):
    """What a format module offers as `READER`."""

    format: str
    kind: str  # default kind of its documents: web, text, bitext, graph
    namespace: str  # of its keys, when the configuration gives no `key`
    version: int  # raised when the same bytes give other records
    markup: bool  # its records hold HTML; those of other formats do where `columns` maps a field to `html`
    columns: tuple[str, ...]  # document fields that `columns` in the configuration may map; empty: none

    def plan(self, file: InputFile, options: ReadOptions, split_bytes: int) -> list[tuple[int, int]]:
        """Byte ranges `[start, end)` that together cover the file; one range if the format cannot be cut."""
        ...

    def read(self, task: Task, options: ReadOptions, log: ReadLog) -> Iterator[pa.RecordBatch]:
        """Batches of `RECORD_SCHEMA` for the records that begin in the task's range, in file order.

        The result for a whole file is the same for any cut into ranges.
        """
        ...


def one_line(text: str, limit: int = 300) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def split_evenly(size: int, split_bytes: int) -> list[tuple[int, int]]:
    """Cut `[0, size)` into ranges of `split_bytes`; a last piece under half a range joins its neighbour."""
    if split_bytes <= 0 or size < 1.5 * split_bytes:
        return [(0, size)]
    starts = list(range(0, size, split_bytes))
    if size - starts[-1] < split_bytes / 2:
        starts.pop()
    return list(zip(starts, [*starts[1:], size], strict=True))


@cache
def readers() -> Mapping[str, Reader]:
    """Every reader in this package, by format name."""
    found: dict[str, Any] = {}
    for module in sorted(info.name for info in pkgutil.iter_modules(__path__)):
        reader = getattr(importlib.import_module(f"{__name__}.{module}"), "READER", None)
        if reader is not None:
            found[reader.format] = reader
    return found
