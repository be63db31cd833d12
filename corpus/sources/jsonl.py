"""Format `jsonl`: any JSON lines, plain, gzip or zstd, so that existing corpora can be judged anew.

Without `columns` in the configuration the usual names are looked for (`text`, `id`, `url`, `date` or `timestamp`,
`language` or `lang`, `language_script`, `license`). Paths into nested objects have dots between the keys:

    FineWeb-2:         no map needed
    HPLT 2:            columns: {url: u, date: ts}
    datatrove output:  columns: {url: metadata.url, date: metadata.date, language: metadata.language}
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from corpus.sources import ReadLog, ReadOptions
from corpus.sources._fields import COLUMNS, FieldMap
from corpus.sources._json import read_json_lines
from corpus.sources._lines import plan_lines
from corpus.storage import InputFile
from corpus.task import Task


class JsonLinesReader:
    """Keys are the rows' own ids, or else URL, date and a digest of the text."""

    format = "jsonl"
    kind = "text"
    namespace = "jsonl"
    version = 1
    markup = False
    columns = COLUMNS

    def plan(self, file: InputFile, options: ReadOptions, split_bytes: int) -> list[tuple[int, int]]:
        return plan_lines(file, split_bytes)

    def read(self, task: Task, options: ReadOptions, log: ReadLog) -> Iterator[pa.RecordBatch]:
        return read_json_lines(task, options, log, FieldMap.of(options), options.language)


READER = JsonLinesReader()
