"""JSON lines to records: what the formats `c4` and `jsonl` share."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import orjson
import pyarrow as pa

from corpus.document import RECORD_SCHEMA, batches
from corpus.sources import ReadLog, ReadOptions
from corpus.sources._fields import FieldMap, NoRecordError, record
from corpus.sources._lines import read_lines
from corpus.task import Task

_BOM = b"\xef\xbb\xbf"


def read_json_lines(
    task: Task, options: ReadOptions, log: ReadLog, fields: FieldMap, claim: str | None
) -> Iterator[pa.RecordBatch]:
    """Batches of `RECORD_SCHEMA` from the task's lines; bad lines go to `log`."""
    yield from batches(_records(task, options, log, fields, claim), RECORD_SCHEMA)


def _records(
    task: Task, options: ReadOptions, log: ReadLog, fields: FieldMap, claim: str | None
) -> Iterator[dict[str, Any]]:
    for position, line in read_lines(task, options.max_record_bytes, log):
        if not line.strip():
            log.skip("blank_line")
            continue
        try:
            yield record(parse(line, position), fields, position, f"{task.name}#{position}", claim)
        except NoRecordError as error:
            log.document(position, error.reason, error.detail)


def parse(line: bytes, position: int) -> Mapping[str, Any]:
    """The object of one line. Raises `NoRecordError` with the reason if there is none."""
    data = line.removeprefix(_BOM) if position == 0 else line
    try:
        row = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise NoRecordError(*_diagnosis(data, error)) from None
    if not isinstance(row, dict):
        raise NoRecordError("not_an_object", f"the line is a {type(row).__name__}, not an object")
    return row


def _diagnosis(data: bytes, error: Exception) -> tuple[str, str]:
    """Why orjson refused: it takes neither invalid UTF-8 nor lone surrogates nor NaN, which others write."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as broken:
        return "invalid_utf8", f"byte {broken.start} of the line is no UTF-8: {broken.reason}"
    try:
        row = json.loads(text, parse_constant=_refuse)
    except _ConstantError as constant:
        return "not_a_number", f"a value is {constant}, which JSON does not have"
    except (ValueError, RecursionError):
        return "invalid_json", str(error)
    try:
        json.dumps(row, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return "lone_surrogate", "an escape names half of a surrogate pair, which is no character"
    except RecursionError:
        return "invalid_json", str(error)
    return "invalid_json", str(error)


class _ConstantError(Exception):
    """NaN or an infinity, which Python's json writes and reads."""


def _refuse(constant: str) -> None:
    raise _ConstantError(constant)
