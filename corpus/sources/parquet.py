"""Format `parquet`: tables of documents, columns by map as in `jsonl`; cut at row groups; only wanted columns are read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from corpus import storage
from corpus.document import RECORD_SCHEMA, batches
from corpus.errors import CorpusError
from corpus.sources import ReadLog, ReadOptions, split_evenly
from corpus.sources._fields import COLUMNS, FieldMap, NoRecordError, record
from corpus.storage import InputFile
from corpus.task import Task

#: Rows decoded at a time.
ROWS = 256


class ParquetReader:
    """Positions are row numbers in the file. A range owns the row groups whose first byte lies in it."""

    format = "parquet"
    kind = "text"
    namespace = "parquet"
    version = 1
    columns = COLUMNS

    def plan(self, file: InputFile, options: ReadOptions, split_bytes: int) -> list[tuple[int, int]]:
        return split_evenly(file.bytes, split_bytes)

    def read(self, task: Task, options: ReadOptions, log: ReadLog) -> Iterator[pa.RecordBatch]:
        return iter(batches(_records(task, options, log), RECORD_SCHEMA))


def _records(task: Task, options: ReadOptions, log: ReadLog) -> Iterator[dict[str, Any]]:
    fields = FieldMap.of(options)
    try:
        with storage.open_read(task.path) as file:
            yield from _rows(pq.ParquetFile(file), task, options, log, fields)
    except (OSError, CorpusError, pa.ArrowException) as error:
        # A file whose footer cannot be read is reported once, by the range that holds its beginning.
        if task.start == 0:
            log.unreadable(0, task.file_bytes, "not_parquet", f"{task.name}: {error}")


def _rows(
    parquet: pq.ParquetFile, task: Task, options: ReadOptions, log: ReadLog, fields: FieldMap
) -> Iterator[dict[str, Any]]:
    wanted = _wanted(parquet.schema_arrow, fields)
    has_text = bool(_wanted(parquet.schema_arrow, FieldMap({name: fields.paths[name] for name in ("text", "html")})))
    if not has_text:
        if task.start == 0:
            names = ", ".join(parquet.schema_arrow.names)
            log.unreadable(0, task.file_bytes, "missing_column", f"no column for the text; there are {names}")
        return
    first = 0
    for number in range(parquet.num_row_groups):
        group = parquet.metadata.row_group(number)
        begin, size = _extent(group)
        if task.start <= begin < task.end:
            log.bytes_read += size
            yield from _group(parquet, number, first, begin, size, wanted, task, options, log, fields)
        first += group.num_rows


def _group(
    parquet: pq.ParquetFile,
    number: int,
    first: int,
    begin: int,
    size: int,
    wanted: list[str],
    task: Task,
    options: ReadOptions,
    log: ReadLog,
    fields: FieldMap,
) -> Iterator[dict[str, Any]]:
    """Records of one row group. One that cannot be decoded is an unreadable range; the next may be fine."""
    row = first
    try:
        for batch in parquet.iter_batches(ROWS, row_groups=[number], columns=wanted):
            for values in batch.to_pylist():
                try:
                    found = record(values, fields, row, f"{task.name}#{row}", options.language)
                    if len(found["text"] or found["html"] or "") > options.max_record_bytes:
                        raise NoRecordError("record_too_large", f"over the limit of {options.max_record_bytes} bytes")
                    yield found
                except NoRecordError as error:
                    log.document(row, error.reason, error.detail)
                row += 1
    except (OSError, pa.ArrowException, UnicodeDecodeError) as error:
        detail = f"{task.name}, row group {number} from row {row}: {error}"
        log.unreadable(begin, begin + size, "row_group_broken", detail)


def _wanted(schema: pa.Schema, fields: FieldMap) -> list[str]:
    """Top-level columns that the map names."""
    tops = {path if path in schema.names else path.split(".")[0] for paths in fields.paths.values() for path in paths}
    return [name for name in schema.names if name in tops]


def _extent(group: Any) -> tuple[int, int]:
    """First byte and compressed size of a row group."""
    columns = [group.column(index) for index in range(group.num_columns)]
    starts = [
        offset
        for column in columns
        for offset in (column.dictionary_page_offset, column.data_page_offset)
        if offset is not None
    ]
    return min(starts, default=0), sum(column.total_compressed_size for column in columns)


READER = ParquetReader()
