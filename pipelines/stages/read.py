"""Stage `read`: ingest and measure. The only stage that touches the input, and the only one that holds text twice.

One unit is one task. What is due of it (its documents, or only some families' signals) is done in a single pass over the
same batches, and each part is recorded on its own, so that a new signal never reads the crawl again.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import apache_beam as beam
import pyarrow as pa
import pyarrow.compute as pc

from corpus import storage
from corpus.dedup.exact import content_hashes
from corpus.document import DOCUMENT_SCHEMA, UNDETERMINED, document_id
from corpus.extract import Extraction, Extractor, Page
from corpus.sources import ReadLog, readers
from corpus.task import Task, TaskRecord
from filters import Family, family_schema
from manifests.schema import QUARANTINE_SCHEMA
from pipelines.documents import DocumentWriter, SignalWriter, row_groups, write_parquet
from pipelines.engine import Engine
from pipelines.job import Job
from pipelines.stages.unit import Unit

#: Pages sent to the extractor at once: enough to keep it busy, few enough for a lively progress display.
PAGES_AT_ONCE = 64
HEARTBEAT_SECONDS = 1.0

_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"


def run(job: Job, engine: Engine, tasks: Sequence[Task]) -> None:
    """Read and measure the given tasks, those for which `due` finds work."""
    work = ReadTask(job)
    engine.execute(
        "read",
        job.workspace,
        lambda pipeline: (
            pipeline
            | "tasks" >> beam.Create(list(tasks), reshuffle=False)
            | "spread" >> beam.Reshuffle()
            | "read" >> beam.ParDo(Unit("read", job.workspace, work, Task.where))
        ),
        light=len(tasks) == 1,
    )


def read_record(job: Job, task: Task) -> TaskRecord:
    """The record of a task that has been read."""
    return job.workspace.records("read").read(task.id, job.read_mark(task))


def measure_marks(job: Job, record: TaskRecord) -> dict[str, str]:
    """Fingerprint of each family's signals for a task that has been read, by family name."""
    languages = record.counts["languages"]
    return {family.name: job.measure_mark(record.fingerprint, family, languages) for family in job.families}


def signals_path(job: Job, family: str, task: str, mark: str) -> str:
    return job.workspace.path("measure", family, f"{task}.{mark[:16]}.parquet")


def due(job: Job, tasks: Sequence[Task]) -> dict[str, list[Task]]:
    """Tasks with work left, by step: `read`, and `measure` for tasks that are read but lack some family's signals."""
    done = job.workspace.records("read").names()
    measured = {family.name: job.workspace.records(f"measure-{family.name}").names() for family in job.families}
    work: dict[str, list[Task]] = {"read": [], "measure": []}
    for task in tasks:
        mark = job.read_mark(task)
        if _file_name(task.id, mark) not in done:
            work["read"].append(task)
            continue
        marks = measure_marks(job, read_record(job, task))
        if any(_file_name(task.id, mark) not in measured[name] for name, mark in marks.items()):
            work["measure"].append(task)
    return work


def _file_name(task: str, mark: str) -> str:
    return f"{task}.{mark[:16]}.json"


class ReadTask:
    """The work on one task; keeps the extractor's child process between tasks."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._extractor: Extractor | None = None

    def __call__(self, task: Task) -> None:
        job = self._job
        records = job.workspace.records("read")
        mark = job.read_mark(task)
        if storage.exists(records.path(task.id, mark)):
            self._measure_again(task, records.read(task.id, mark))
        else:
            self._read(task, mark)
        _Heartbeat(job, task).stop()

    def close(self) -> None:
        if self._extractor is not None:
            self._extractor.close()
            self._extractor = None

    def __getstate__(self) -> dict[str, Any]:
        return {"_job": self._job, "_extractor": None}

    def _read(self, task: Task, mark: str) -> None:
        job, space = self._job, self._job.workspace
        log, heartbeat = ReadLog(), _Heartbeat(job, task)
        text_name = f"{task.id}.{mark[:16]}.parquet"
        claims: Counter[tuple[str, str]] = Counter()
        charsets: Counter[str] = Counter()
        documents_read = 0
        # Signals of a task wait under a name of their own until its languages, and so their fingerprint, are known.
        with contextlib.ExitStack() as stack:
            waiting = {
                family.name: stack.enter_context(_Waiting(job, family, f"{task.id}.{mark[:16]}"))
                for family in job.families
            }

            def measure(language: str, batch: pa.RecordBatch) -> None:
                for family in job.families:
                    waiting[family.name].add(family.measure(batch, job.settings(family, language)))

            with DocumentWriter(space.path("read", text_name), measure) as writer:
                for documents in self.documents(task, log):
                    writer.add(documents)
                    documents_read += documents.num_rows
                    _count_claims(documents, claims, charsets)
                    heartbeat.beat(documents_read, log.bytes_read)
            record = TaskRecord(
                step="read",
                task=task.id,
                fingerprint=mark,
                outputs={"documents": f"read/{text_name}", "quarantine": self._quarantine(task, mark, log)},
                counts={
                    "read": sum(tally["rows"] for tally in writer.languages.values()) + _documents_in(log),
                    "quarantined": _documents_in(log),
                    "unreadable_ranges": len(log.quarantined) - _documents_in(log),
                    "skipped": dict(sorted(log.skipped.items())),
                    "languages": {tag: dict(tally) for tag, tally in sorted(writer.languages.items())},
                    "row_groups": writer.groups,
                    "claims": [[*pair, count] for pair, count in sorted(claims.items())],
                    "charsets": dict(sorted(charsets.items())),
                    "bytes_read": log.bytes_read,
                },
            )
            marks = measure_marks(job, record)
            for name, family_writer in waiting.items():
                family_writer.settle(marks[name])
        self._save_verdicts()
        for name, family_mark in marks.items():
            space.records(f"measure-{name}").write(_measured(name, task, family_mark))
        space.records("read").write(record)

    def _measure_again(self, task: Task, record: TaskRecord) -> None:
        """Signals that are missing for documents that are there."""
        job = self._job
        missing = {
            family.name: (family, mark)
            for family in job.families
            for mark in [measure_marks(job, record)[family.name]]
            if not storage.exists(job.workspace.records(f"measure-{family.name}").path(task.id, mark))
        }
        if not missing:
            return
        with contextlib.ExitStack() as stack:
            writers = {
                name: stack.enter_context(SignalWriter(signals_path(job, name, task.id, mark), family_schema(family)))
                for name, (family, mark) in missing.items()
            }
            for batch in row_groups(job.workspace.path(record.outputs["documents"])):
                language = batch.column("language")[0].as_py() if batch.num_rows else UNDETERMINED
                for name, (family, _) in missing.items():
                    writers[name].add(family.measure(batch, job.settings(family, language)))
        for name, (_, mark) in missing.items():
            job.workspace.records(f"measure-{name}").write(_measured(name, task, mark))

    def documents(self, task: Task, log: ReadLog) -> Iterator[pa.RecordBatch]:
        """The task's documents in file order, in small batches; what is no document goes to `log`."""
        for batch in self._records(task, log):
            for piece in _pieces(batch):
                yield self._documents(task, piece, log)

    def _records(self, task: Task, log: ReadLog) -> Iterator[pa.RecordBatch]:
        source = self._job.config.sources[task.source]
        if task.problem is not None:
            log.unreadable(task.start, task.end, "unreadable_file", f"{task.name} {task.problem}")
            return
        yield from readers()[source.format].read(task, source.options(), log)

    def _documents(self, task: Task, records: pa.RecordBatch, log: ReadLog) -> pa.RecordBatch:
        """Records to documents: extraction, canonical text, language, identity."""
        records, text, charset, evidence = self._texts(records, log)
        text = canonical(text)
        source = self._job.config.sources[task.source]
        namespace = source.key or self._job.reader(task).namespace
        found = self._job.identifier.identify_many(text.to_pylist())
        columns = {
            "id": [document_id(namespace, key) for key in records.column("key").to_pylist()],
            "text": text,
            "text_bytes": pc.binary_length(text).cast(pa.int64()),
            "language": [one.tag for one in found],
            "language_score": [one.score for one in found],
            "language_candidates": [[{"tag": tag, "score": score} for tag, score in one.candidates] for one in found],
            "charset": charset,
            "charset_evidence": evidence,
            "content_hash": content_hashes(text),
        }
        arrays = []
        for field in DOCUMENT_SCHEMA:
            values = columns[field.name] if field.name in columns else records.column(field.name)
            arrays.append(values if isinstance(values, pa.Array) else pa.array(values, field.type))
        return pa.RecordBatch.from_arrays(arrays, schema=DOCUMENT_SCHEMA)

    def _texts(self, records: pa.RecordBatch, log: ReadLog) -> tuple[pa.RecordBatch, pa.Array, list[Any], list[Any]]:
        """Text of each record, extracted where it is markup; pages that failed go to quarantine and out of the batch."""
        pages = records.column("html")
        if pages.null_count == len(pages):
            nothing = [None] * records.num_rows
            return records, pc.fill_null(records.column("text"), ""), nothing, nothing
        texts = records.column("text").to_pylist()
        which = [row for row, page in enumerate(pages.is_valid().to_pylist()) if page]
        headers, urls = records.column("http_charset"), records.column("url")
        extracted = self._extract([Page(pages[row].as_py(), headers[row].as_py(), urls[row].as_py()) for row in which])
        charset: list[Any] = [None] * records.num_rows
        evidence: list[Any] = [None] * records.num_rows
        keep = [True] * records.num_rows
        for row, result in zip(which, extracted, strict=True):
            texts[row], charset[row], evidence[row] = result.text, result.charset, result.charset_evidence
            if result.failure is not None:
                keep[row] = False
                position, url = records.column("position")[row].as_py(), urls[row].as_py()
                log.document(position, str(result.failure.reason), result.failure.detail, url)
        mask = pa.array(keep)
        text = pc.fill_null(pa.array(texts, pa.string()).filter(mask), "")
        return records.filter(mask), text, _where(charset, keep), _where(evidence, keep)

    def _extract(self, pages: Sequence[Page]) -> list[Extraction]:
        if self._extractor is None:
            self._extractor = Extractor(seconds=self._job.config.extract.seconds, verdicts=self._job.verdicts)
        return self._extractor.extract(pages)

    def _save_verdicts(self) -> None:
        for page, failure in sorted(self._extractor.new_verdicts.items() if self._extractor else ()):
            verdict = {"page": page, "reason": str(failure.reason), "detail": failure.detail}
            storage.write_atomic(self._job.workspace.path("verdicts", f"{page}.json"), json.dumps(verdict).encode())

    def _quarantine(self, task: Task, mark: str, log: ReadLog) -> str:
        name = f"read/{task.id}.{mark[:16]}.quarantine.parquet"
        rows = [
            {
                "source": task.source,
                "file": task.name,
                "position": one.position,
                "end": one.end,
                "reason": one.reason,
                "detail": one.detail,
                "url": one.url,
            }
            for one in sorted(log.quarantined, key=lambda one: (one.position, one.end or 0, one.reason, one.detail))
        ]
        write_parquet(self._job.workspace.path(name), pa.Table.from_pylist(rows, schema=QUARANTINE_SCHEMA))
        return name


class _Waiting:
    """A family's signals, written before their final name is known."""

    def __init__(self, job: Job, family: Family, name: str) -> None:
        self._job, self._family = job, family
        self._task = name.split(".")[0]
        self._batches: list[pa.RecordBatch] = []

    def __enter__(self) -> _Waiting:
        return self

    def __exit__(self, *exception: object) -> None:
        self._batches.clear()

    def add(self, batch: pa.RecordBatch) -> None:
        # A few dozen small integers per document: the only thing of a task that is held to its end.
        self._batches.append(batch)

    def settle(self, mark: str) -> None:
        path = signals_path(self._job, self._family.name, self._task, mark)
        with SignalWriter(path, family_schema(self._family)) as writer:
            for batch in self._batches:
                writer.add(batch)


class _Heartbeat:
    """Tells the driver how far a running task is. A convenience of local runs; results never depend on it."""

    def __init__(self, job: Job, task: Task) -> None:
        self._path = job.workspace.path("progress", task.id) if storage.is_local(job.config.output) else None
        self._last = 0.0

    def beat(self, documents: int, read_bytes: int) -> None:
        now = time.monotonic()
        if self._path is not None and now - self._last >= HEARTBEAT_SECONDS:
            self._last = now
            storage.write_atomic(self._path, f"{documents} {read_bytes}".encode())

    def stop(self) -> None:
        if self._path is not None:
            storage.remove(self._path)


def canonical(text: pa.Array) -> pa.Array:
    """Text as documents hold it: line feeds only, no C0 controls but tab and line feed, no white space at its ends."""
    text = pc.replace_substring(text, "\r\n", "\n")
    text = pc.replace_substring(text, "\r", "\n")
    return pc.utf8_trim_whitespace(pc.replace_substring_regex(text, _CONTROL, ""))


def _pieces(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    for start in range(0, batch.num_rows, PAGES_AT_ONCE):
        yield batch.slice(start, PAGES_AT_ONCE)


def _where(values: list[Any], keep: Iterable[bool]) -> list[Any]:
    return [value for value, kept in zip(values, keep, strict=True) if kept]


def _documents_in(log: ReadLog) -> int:
    return sum(one.end is None for one in log.quarantined)


def _count_claims(batch: pa.RecordBatch, claims: Counter[tuple[str, str]], charsets: Counter[str]) -> None:
    pairs = zip(batch.column("language_claim").to_pylist(), batch.column("language").to_pylist(), strict=True)
    claims.update((claim, tag) for claim, tag in pairs if claim is not None)
    charsets.update(one for one in batch.column("charset_evidence").to_pylist() if one is not None)


def _measured(family: str, task: Task, mark: str) -> TaskRecord:
    output = f"measure/{family}/{task.id}.{mark[:16]}.parquet"
    return TaskRecord(step=f"measure-{family}", task=task.id, fingerprint=mark, outputs={"signals": output})
