"""Format `parquet`: tables of documents, columns by map as in `jsonl`; cut at row groups; only wanted columns are read.

Columns of text are strings, or binary that holds UTF-8; the markup may be either. Ids may be numbers. Time stamps and dates
become ISO 8601. A nested column is named with dots (`metadata.url`).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import IO, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from corpus import storage
from corpus.document import BATCH_BYTES, BATCH_ROWS, RECORD_SCHEMA, batches
from corpus.sources import ReadLog, ReadOptions, split_evenly
from corpus.sources._fields import COLUMNS, FieldMap, NoRecordError, record
from corpus.storage import InputFile
from corpus.task import Task

# A wanted column chunk is read through a buffer of this size, not as a whole: row groups of a gigabyte are common.
_BUFFER_BYTES = 1 << 20
# What Arrow raises for bytes that are no Parquet; MemoryError is its answer to absurd sizes in a damaged header.
_DAMAGE = (OSError, ValueError, OverflowError, MemoryError, pa.ArrowException)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_SECONDS = 86_400
_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


class ParquetReader:
    """Positions are row numbers in the file. A range owns the row groups that begin in it, as `_groups` reckons."""

    format = "parquet"
    kind = "text"
    namespace = "parquet"
    version = 1
    markup = False
    columns = COLUMNS

    def plan(self, file: InputFile, options: ReadOptions, split_bytes: int) -> list[tuple[int, int]]:
        # Footers are not read for this: a range without the beginning of a row group is merely empty.
        return split_evenly(file.bytes, split_bytes)

    def read(self, task: Task, options: ReadOptions, log: ReadLog) -> Iterator[pa.RecordBatch]:
        return iter(batches(_records(task, options, log), RECORD_SCHEMA))


READER = ParquetReader()


class _UnusableFileError(Exception):
    """The file as a whole gives no record."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail


class _Source:
    """The file as Arrow sees it. Remembers errors of the storage, which Arrow's own of the same type would hide."""

    closed = False

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.error: BaseException | None = None

    def read(self, size: int = -1) -> bytes:
        try:
            return self._file.read(size)
        except BaseException as error:
            self.error = error
            raise

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        self.closed = True

    def check(self) -> None:
        """Raise what the storage raised: a lost connection is no damage of the file."""
        if self.error is not None:
            raise self.error


@dataclass(frozen=True, kw_only=True)
class _Group:
    number: int
    first_row: int
    rows: int
    start: int  # where it lies in the file, roughly: see `_groups`
    end: int
    batch_rows: int  # rows that take about as many bytes as a batch of records


def _records(task: Task, options: ReadOptions, log: ReadLog) -> Iterator[dict[str, Any]]:
    fields = FieldMap.of(options)
    with storage.open_read(task.path) as file:
        source = _Source(file)
        try:
            parquet = _open(source, task.file_bytes)
            types = _column_types(parquet.schema_arrow, fields, options)
            groups = [group for group in _groups(parquet, task.file_bytes) if task.start <= group.start < task.end]
        except _UnusableFileError as error:
            source.check()
            if task.start == 0:  # said once, by the range that holds the beginning
                log.unreadable(0, task.file_bytes, error.reason, error.detail)
            return
        for group in groups:
            yield from _group_records(parquet, source, group, types, fields, task, options, log)


def _open(source: _Source, size: int) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(source, buffer_size=_BUFFER_BYTES, pre_buffer=False, page_checksum_verification=True)
    except _DAMAGE as error:
        source.check()
        source.seek(0)
        head = source.read(4)
        source.seek(max(0, size - 4))
        tail = source.read(4)
        if b"PARE" in (head, tail):
            raise _UnusableFileError("encrypted", "the Parquet file is encrypted") from error
        if head == b"PAR1" != tail:
            raise _UnusableFileError(
                "truncated_file", "the Parquet file has lost its end, which says where all is"
            ) from error
        raise _UnusableFileError("not_parquet", str(error)) from error


def _column_types(schema: pa.Schema, fields: FieldMap, options: ReadOptions) -> dict[str, pa.DataType]:
    """Types of the columns to read, by path. Raises `_UnusableFileError` if one that the map names is not there."""
    types: dict[str, pa.DataType] = {}
    for field, paths in fields.paths.items():
        found = {path: kind for path in paths if (kind := _type_at(schema, path)) is not None}
        if not found and field in options.columns:
            raise _missing(f"no column {options.columns[field]} for the {field}", schema)
        for path, kind in found.items():
            if field in ("text", "html") and not (_is_bytes(kind) or pa.types.is_null(kind)):
                raise _UnusableFileError(f"{field}_not_string", f"column {path}, for the {field}, is {kind}")
        types |= found
    if not any(path in types for field in ("text", "html") for path in fields.paths[field]):
        raise _missing("no column for the text", schema)
    return types


def _missing(what: str, schema: pa.Schema) -> _UnusableFileError:
    return _UnusableFileError("missing_column", f"{what}; there are {', '.join(schema.names)}")


def _type_at(schema: pa.Schema, path: str) -> pa.DataType | None:
    top, inner = _split_path(schema.names, path)
    if schema.names.count(top) != 1:
        return None
    kind = schema.field(top).type
    for key in inner:
        if not pa.types.is_struct(kind) or kind.get_field_index(key) < 0:
            return None
        kind = kind.field(key).type
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _split_path(names: list[str], path: str) -> tuple[str, list[str]]:
    if path in names:  # a name may have dots of its own
        return path, []
    top, *inner = path.split(".")
    return top, inner


def _groups(parquet: pq.ParquetFile, file_bytes: int) -> list[_Group]:
    """Row groups with their places in the file, reckoned from their shares of the uncompressed bytes.

    The exact offsets are in the metadata of column chunks, but to look at those of an encrypted column ends the process
    (pyarrow 25: `RowGroupMetaData.column` lets a C++ exception through). Any rising function of the group cuts as well.
    """
    groups = [parquet.metadata.row_group(number) for number in range(parquet.num_row_groups)]
    weights = [max(1, group.total_byte_size) for group in groups]
    borders = [file_bytes * sum_ // sum(weights) for sum_ in itertools.accumulate(weights, initial=0)]
    first_rows = itertools.accumulate((max(0, group.num_rows) for group in groups), initial=0)
    return [
        _Group(
            number=number,
            first_row=first_row,
            rows=group.num_rows,
            start=start,
            end=end,
            batch_rows=min(BATCH_ROWS, max(1, BATCH_BYTES * max(1, group.num_rows) // weight)),
        )
        for number, (group, weight, first_row, (start, end)) in enumerate(
            zip(groups, weights, first_rows, itertools.pairwise(borders), strict=False)
        )
    ]


def _group_records(
    parquet: pq.ParquetFile,
    source: _Source,
    group: _Group,
    types: Mapping[str, pa.DataType],
    fields: FieldMap,
    task: Task,
    options: ReadOptions,
    log: ReadLog,
) -> Iterator[dict[str, Any]]:
    """Records of one row group. What cannot be decoded is an unreadable range; the next group may be fine."""
    names = parquet.schema_arrow.names
    row, counted = group.first_row, 0
    tops = sorted({_split_path(names, path)[0] for path in types})
    stream = parquet.iter_batches(group.batch_rows, row_groups=[group.number], columns=tops, use_threads=False)
    while True:
        try:
            batch = next(stream, None)
            columns = {} if batch is None else {path: _at(batch, path) for path in types}
        except _DAMAGE as error:
            source.check()
            log.unreadable(
                group.start, group.end, "row_group_broken", f"row group {group.number} from row {row} on: {error}"
            )
            break
        if batch is None:
            break
        yield from _batch_records(columns, row, fields, task, options, log)
        row += batch.num_rows
        done = (group.end - group.start) * (row - group.first_row) // max(1, group.rows)
        log.bytes_read += done - counted
        counted = done
    log.bytes_read += group.end - group.start - counted


def _at(batch: pa.RecordBatch, path: str) -> pa.Array:
    top, inner = _split_path(batch.schema.names, path)
    array = batch.column(top)
    if inner:
        array = pc.struct_field(array, inner)
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array


def _batch_records(
    columns: Mapping[str, pa.Array], first: int, fields: FieldMap, task: Task, options: ReadOptions, log: ReadLog
) -> Iterator[dict[str, Any]]:
    markup = {path for path in fields.paths["html"] if path in columns}
    payload = markup | {path for path in fields.paths["text"] if path in columns}
    too_large = _too_large([columns[path] for path in sorted(payload)], options.max_record_bytes)
    values = {path: _values(array, as_bytes=path in markup) for path, array in columns.items()}
    for path in (
        values.keys() - payload
    ):  # an undecodable URL or id is as good as none; an undecodable text is no document
        values[path] = [None if type(value) is _Undecodable else value for value in values[path]]
    http_charset = "utf-8" if any(_is_string(columns[path].type) for path in markup) else None
    for row, cells in enumerate(zip(*values.values(), strict=True), start=first):
        fields_of_row = dict(zip(values, cells, strict=True))
        try:
            if row - first in too_large:
                raise NoRecordError("record_too_large", f"longer than {options.max_record_bytes} bytes")
            if any(type(fields_of_row[path]) is _Undecodable for path in payload):
                raise NoRecordError("invalid_utf8", "the text is no UTF-8")
            found = record(fields_of_row, fields, row, f"{task.name}#{row}", options.language)
        except NoRecordError as error:
            log.document(row, error.reason, error.detail)
            continue
        if http_charset is not None and found["html"] is not None:
            found["http_charset"] = http_charset  # whatever the page says of itself, a string column is UTF-8
        yield found


def _too_large(arrays: list[pa.Array], limit: int) -> set[int]:
    rows: set[int] = set()
    for array in arrays:
        if _is_bytes(array.type):
            over = pc.greater(pc.binary_length(_as(array, pa.large_binary())), limit)
            rows.update(pc.indices_nonzero(over).to_pylist())
    return rows


class _Undecodable:
    """Stands for bytes that are no UTF-8."""


def _values(array: pa.Array, *, as_bytes: bool) -> list[Any]:
    """Python values of a column: strings (or bytes), ISO 8601 for times, numbers, lists; None for other types."""
    kind = array.type
    if _is_bytes(kind):
        raw = _as(array, pa.large_binary())
        return raw.to_numpy(zero_copy_only=False).tolist() if as_bytes else _strings(raw)
    if pa.types.is_timestamp(kind):
        per_second = _PER_SECOND[kind.unit]
        return [None if value is None else _iso(value // per_second) for value in array.cast(pa.int64()).to_pylist()]
    if pa.types.is_date(kind):
        days = array.cast(pa.date32(), safe=False).cast(pa.int32())
        stamps = [None if value is None else _iso(value * _DAY_SECONDS) for value in days.to_pylist()]
        return [stamp and stamp[:10] for stamp in stamps]
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind) or pa.types.is_list(kind):
        try:
            return list(array.to_pylist())
        except UnicodeDecodeError:  # in a list of strings, which none of the fields needs
            return [None] * len(array)
    return [None] * len(array)


def _strings(raw: pa.Array) -> list[Any]:
    try:
        # Arrow believes a file that calls its bytes a string; this cast is what looks at them.
        return list(raw.cast(pa.large_string()).to_numpy(zero_copy_only=False).tolist())
    except pa.ArrowInvalid:
        return [_decoded(value) for value in raw.to_pylist()]


def _decoded(value: bytes | None) -> str | _Undecodable | None:
    if value is None:
        return None
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return _Undecodable()


def _iso(seconds: int) -> str | None:
    """UTC; None outside the years 1 to 9999. Reckoned without the C library, whose range differs between systems."""
    try:
        return (_EPOCH + timedelta(seconds=seconds)).isoformat(timespec="seconds").removesuffix("+00:00") + "Z"
    except OverflowError:
        return None


def _is_string(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _is_bytes(kind: pa.DataType) -> bool:
    binary = pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind)
    return bool(_is_string(kind) or binary)


def _as(array: pa.Array, kind: pa.DataType) -> pa.Array:
    return array if array.type == kind else array.cast(kind)
