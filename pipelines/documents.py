"""The working file of a task: documents grouped by language, one language per row group, signals aligned beside them."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from corpus import storage
from corpus.document import DOCUMENT_SCHEMA

#: A language's rows become a row group at this many bytes of text, or when all languages together hold more than the
#: budget and this one holds most. Both bound memory; neither changes a published byte.
GROUP_BYTES = 8 << 20
BUDGET_BYTES = 64 << 20


def write_parquet(url: str, table: pa.Table, row_group_size: int | None = None) -> None:
    """A small working file, whole or not at all."""
    with storage.atomic_writer(url) as file:
        pq.write_table(table, file, compression="zstd", compression_level=1, row_group_size=row_group_size)


def read_parquet(url: str, columns: Sequence[str] | None = None) -> pa.Table:
    with storage.open_arrow(url) as file:
        return pq.read_table(file, columns=list(columns) if columns is not None else None)


@dataclass
class _Pending:
    batches: list[pa.RecordBatch] = field(default_factory=list)
    bytes: int = 0


class DocumentWriter:
    """Writes documents of many languages as row groups of one language each.

    `on_group(language, batch)` is called for each row group as it is written, in file order: measuring hooks in there.
    Used as a context manager; the file appears when the block ends without an exception.
    """

    def __init__(self, url: str, on_group: Callable[[str, pa.RecordBatch], None]) -> None:
        self._stack = contextlib.ExitStack()
        file = self._stack.enter_context(storage.atomic_writer(url))
        self._writer = self._stack.enter_context(_writer(file, DOCUMENT_SCHEMA))
        self._on_group = on_group
        self._pending: dict[str, _Pending] = {}
        self._bytes = 0
        self.groups: list[tuple[str, int]] = []  # language and rows of each row group
        self.languages: dict[str, Counter[str]] = {}  # language -> rows, text_bytes

    def __enter__(self) -> DocumentWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            with self._stack:
                for language in sorted(self._pending):
                    self._flush(language)
        else:
            self._stack.__exit__(kind, error, trace)

    def add(self, documents: pa.RecordBatch) -> None:
        for language in sorted(pc.unique(documents.column("language")).to_pylist()):
            rows = documents.filter(pc.equal(documents.column("language"), language))
            pending = self._pending.setdefault(language, _Pending())
            size = pc.sum(rows.column("text_bytes")).as_py()
            pending.batches.append(rows)
            pending.bytes += size
            self._bytes += size
            if pending.bytes >= GROUP_BYTES:
                self._flush(language)
        while self._bytes >= BUDGET_BYTES:
            self._flush(max(sorted(self._pending), key=lambda tag: self._pending[tag].bytes))

    def _flush(self, language: str) -> None:
        pending = self._pending.pop(language)
        batch = pa.concat_batches(pending.batches)
        self._bytes -= pending.bytes
        self._writer.write_table(pa.Table.from_batches([batch]), row_group_size=max(batch.num_rows, 1))
        self.groups.append((language, batch.num_rows))
        tally = self.languages.setdefault(language, Counter())
        tally["rows"] += batch.num_rows
        tally["text_bytes"] += pending.bytes
        self._on_group(language, batch)


class SignalWriter:
    """A family's columns for one task, row groups as in the document file."""

    def __init__(self, url: str, schema: pa.Schema) -> None:
        self._stack = contextlib.ExitStack()
        file = self._stack.enter_context(storage.atomic_writer(url))
        self._writer = self._stack.enter_context(_writer(file, schema))

    def __enter__(self) -> SignalWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def add(self, batch: pa.RecordBatch) -> None:
        self._writer.write_table(pa.Table.from_batches([batch]), row_group_size=max(batch.num_rows, 1))


def _writer(file: Any, schema: pa.Schema) -> pq.ParquetWriter:
    return pq.ParquetWriter(file, schema, compression="zstd", compression_level=1)


def row_groups(url: str, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Row groups of a working file, each as one batch."""
    with storage.open_arrow(url) as file:
        parquet = pq.ParquetFile(file)
        for number in range(parquet.num_row_groups):
            yield one_batch(parquet.read_row_group(number, columns=list(columns) if columns is not None else None))


def one_batch(table: pa.Table) -> pa.RecordBatch:
    combined = table.combine_chunks()
    found = combined.to_batches()
    return found[0] if found else pa.RecordBatch.from_pylist([], schema=table.schema)


def total(tallies: Sequence[Mapping[str, int]]) -> Counter[str]:
    """Sum of counters."""
    summed: Counter[str] = Counter()
    for tally in tallies:
        summed.update(tally)
    return summed
