"""Format `c4`: files of C4 and mC4, JSON lines `{"text", "timestamp", "url"}`, gzipped or not.

The language in the file name is a claim, kept to be compared with what is identified, and never trusted.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from corpus.language.tags import from_c4_filename
from corpus.sources import ReadLog, ReadOptions
from corpus.sources._fields import FieldMap
from corpus.sources._json import read_json_lines
from corpus.sources._lines import plan_lines
from corpus.storage import InputFile
from corpus.task import Task

_FIELDS = FieldMap(
    {
        "text": ("text",),
        "html": (),
        "id": (),
        "url": ("url",),
        "date": ("timestamp", "date"),  # some exports of C4 rename it
        "language": (),
        "script": (),
        "license": (),
    }
)


class C4Reader:
    """Keys are URL, time stamp and a digest of the text: the files have no ids of their own."""

    format = "c4"
    kind = "web"
    namespace = "c4"
    version = 1
    markup = False
    columns: tuple[str, ...] = ()

    def plan(self, file: InputFile, options: ReadOptions, split_bytes: int) -> list[tuple[int, int]]:
        return plan_lines(file, split_bytes)

    def read(self, task: Task, options: ReadOptions, log: ReadLog) -> Iterator[pa.RecordBatch]:
        return read_json_lines(task, options, log, _FIELDS, options.language or from_c4_filename(task.name))


READER = C4Reader()
