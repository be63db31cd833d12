"""From finished work to the manifest: counts, versions, hashes, and the snapshot that stood here before."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from typing import Any

import corpus.extract as extract
from corpus import document, storage
from corpus.dedup.exact import NORMALISATION
from corpus.errors import CorpusError
from corpus.task import Task, TaskRecord
from manifests.manifest import FileEntry, Manifest, Stream, load_manifest, manifest_path
from manifests.schema import INDEX_SCHEMA_VERSION, LEDGER_SCHEMA_VERSION, SHARD_SCHEMA_VERSION
from pipelines.job import STEP_VERSIONS, Job

PROFILES_NAME = "profiles.json"

#: Row of the funnel for what never became a document in a language.
NO_LANGUAGE = "-"

COUNTS = ("read", "kept", "dropped", "duplicates", "quarantined", "unreadable_ranges")


def build_manifest(
    job: Job,
    settled: Sequence[tuple[Task, TaskRecord, TaskRecord]],
    streams: tuple[Stream, ...],
    ledger: tuple[FileEntry, ...],
    quarantine: tuple[FileEntry, ...],
    index: dict[str, tuple[FileEntry, ...]],
) -> Manifest:
    """The sealed manifest. Everything in it follows from the input and the configuration."""
    funnel = funnel_rows(settled)
    skipped: dict[str, Counter[str]] = {}
    for task, read, _ in settled:
        skipped.setdefault(task.source, Counter()).update(read.counts["skipped"])
    return Manifest(
        name=job.config.name,
        config=job.config.identity(),
        versions=versions(job, {row["language"] for row in funnel} - {NO_LANGUAGE}),
        documents={name: sum(row[name] for row in funnel) for name in COUNTS},
        funnel=funnel,
        skipped={source: dict(sorted(counts.items())) for source, counts in sorted(skipped.items())},
        streams=streams,
        ledger=ledger,
        quarantine=quarantine,
        index=index,
        parent=_parent(job.config.output),
    ).sealed()


def funnel_rows(settled: Sequence[tuple[Task, TaskRecord, TaskRecord]]) -> list[dict[str, Any]]:
    """One row per source and language: documents read, kept, dropped, by rule (a document may fail several)."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}

    def row(source: str, language: str) -> dict[str, Any]:
        empty = dict.fromkeys((*COUNTS, "kept_bytes", "dropped_bytes"), 0)
        return rows.setdefault((source, language), {"source": source, "language": language, **empty, "rules": {}})

    for task, read, select in settled:
        for language, tally in select.counts["languages"].items():
            target = row(task.source, language)
            target["read"] += tally["kept"] + tally["dropped"]
            for name in ("kept", "dropped", "duplicates", "kept_bytes", "dropped_bytes"):
                target[name] += tally[name]
            for rule, count in tally["rules"].items():
                target["rules"][rule] = target["rules"].get(rule, 0) + count
        if read.counts["quarantined"] or read.counts["unreadable_ranges"]:
            target = row(task.source, NO_LANGUAGE)
            target["read"] += read.counts["quarantined"]
            target["quarantined"] += read.counts["quarantined"]
            target["unreadable_ranges"] += read.counts["unreadable_ranges"]
    return [{**rows[key], "rules": dict(sorted(rows[key]["rules"].items()))} for key in sorted(rows)]


def versions(job: Job, languages: Iterable[str]) -> dict[str, Any]:
    """Of everything that a row of this corpus can depend on."""
    readers = {source.format: job_reader.version for source, job_reader in _readers(job)}
    return {
        "corpus": version("corpus"),
        "steps": dict(sorted(STEP_VERSIONS.items())),
        "readers": dict(sorted(readers.items())),
        "extract": extract.EXTRACT_VERSION,
        "language": job.identifier.fingerprint,
        "normalisation": NORMALISATION,
        "families": {family.name: family.version for family in job.families},
        "profiles": {tag: job.profiles.for_language(tag).fingerprint for tag in sorted(languages)},
        "models": dict(sorted(job.identifier.models.items())),
        "schemas": {
            "document": document.SCHEMA_VERSION,
            "shard": SHARD_SCHEMA_VERSION,
            "ledger": LEDGER_SCHEMA_VERSION,
            "index": INDEX_SCHEMA_VERSION,
        },
    }


def _readers(job: Job) -> Iterable[tuple[Any, Any]]:
    from corpus.sources import readers

    return [(source, readers()[source.format]) for source in job.config.sources.values()]


def publish_manifest(job: Job, manifest: Manifest) -> None:
    """Put the manifest in place, last of all; the one it replaces is kept under `history/`.

    `profiles.json` beside it holds the rules of each language that occurs, as they were applied.
    """
    output = job.config.output
    path = manifest_path(output)
    profiles = {tag: job.profiles.for_language(tag).to_dict() for tag in manifest.versions["profiles"]}
    data = json.dumps(profiles, indent=1, sort_keys=True, ensure_ascii=False).encode() + b"\n"
    storage.write_atomic(storage.join(output, PROFILES_NAME), data)
    if storage.exists(path):
        # One that this release cannot read (damaged, or of another version) is kept as well, under its own digest.
        name = manifest.parent or f"unread-{storage.sha256(path)[:16]}"
        storage.write_atomic(storage.join(output, "history", f"{name}.json"), storage.read_bytes(path))
    storage.write_atomic(path, manifest.to_json())


def _parent(output: str) -> str | None:
    if not storage.exists(manifest_path(output)):
        return None
    try:
        return load_manifest(output).manifest_hash
    except CorpusError:
        return None


def earlier(output: str) -> Manifest | None:
    """The snapshot that stands in this folder, if it can be read."""
    try:
        return load_manifest(output)
    except CorpusError:
        return None
