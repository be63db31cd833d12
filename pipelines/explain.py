"""`corpus explain`: the whole story of a document, from the index, the ledger and the working files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from corpus import storage
from corpus.errors import CorpusError
from corpus.language.profile import Profile
from corpus.task import Task, TaskRecord
from filters import Family, families
from filters.judge import decimal_text
from manifests.corpus import Corpus
from manifests.index import Found, find
from pipelines.documents import read_parquet, row_groups
from pipelines.snapshot import PROFILES_NAME
from pipelines.workspace import Plan, Workspace

#: Characters of text shown.
EXCERPT = 400


def explain(output: str, what: str) -> Iterator[str]:
    """Lines for people about every document with this id or URL. Raises `CorpusError` if the corpus never met it."""
    corpus = Corpus.open(output)
    found = find(corpus, what)
    places = [row for batch in corpus.quarantine() for row in batch.to_pylist() if row["url"] == what]
    if not found and not places:
        raise CorpusError(
            f"{what}: no document with this id or exact URL was read for {output}. "
            "Records of other types are only counted: see `skipped` in the manifest"
        )
    for one in found:
        yield from _document(corpus, one)
        yield ""
    for place in places:
        where = f"{place['source']}, {place['file']} at {place['position']}"
        yield f"quarantined: {place['reason']}: {place['detail']} ({where})"


def _document(corpus: Corpus, one: Found) -> Iterator[str]:
    values = one.values
    yield f"{values['id']}  {'kept in ' + (one.stream or '') if one.kept else 'dropped'}"
    yield f"  origin     {values['origin']}"
    yield f"  source     {values['source']} ({values['kind']}, {values['access']}), {values['file']} at {values['position']}"
    yield f"  date       {values['date'] or 'not stated'}   license {values['license'] or 'unknown'}"
    yield f"  language   {values['language']} with probability {values['language_score']:.3f}"
    if one.kept:
        yield f"  published  {one.file.path} row {one.row}"
        if values["charset"]:
            yield f"  charset    {values['charset']} by {values['charset_evidence']}"
        yield f"  text       {_excerpt(values['text'])}"
    else:
        yield f"  ledger     {one.file.path} row {one.row}"
        yield from _reason(corpus, values)
    yield from _measurements(corpus, values)


def _reason(corpus: Corpus, values: dict[str, Any]) -> Iterator[str]:
    if values["reason"] == "duplicate":
        same = f"{values['similarity_numerator']}/{values['similarity_denominator']}"
        yield f"  decided by a duplicate that stays: {values['duplicate_of']} (similarity {same})"
        for kept in find(corpus, values["duplicate_of"]):
            if kept.kept:
                yield f"    {kept.values['origin']} ({kept.values['source']}), {kept.file.path} row {kept.row}"
    for failure in values["failures"]:
        shown = _value(failure["numerator"], failure["denominator"])
        yield (
            f"  failed     {failure['family']}.{failure['rule']}: {failure['signal']} is {shown}, "
            f"threshold {failure['threshold']} (profile {failure['profile']} version {failure['profile_version']})"
        )


@dataclass(frozen=True)
class _Place:
    """Where the working files hold a document."""

    space: Workspace
    record: TaskRecord
    row: int


def _measurements(corpus: Corpus, values: dict[str, Any]) -> Iterator[str]:
    """Every signal with its thresholds, as long as the working files are there."""
    place = _working_place(corpus.folder, values)
    if place is None:
        yield "  signals    the working files that hold the measured values were cleaned"
        return
    if place.record.outputs.get("documents") and not values.get("text"):
        text = read_parquet(place.space.path(place.record.outputs["documents"]), ["text"])["text"][place.row].as_py()
        yield f"  text       {_excerpt(text)}"
    profile = _profile(corpus, values["language"])
    for name, family in families().items():
        measured = _signals(place, name)
        if measured is None:
            continue
        yield f"  {name} (version {family.version}, profile {profile.language})"
        yield from _family(family, profile, measured)


def _family(family: Family, profile: Profile, measured: dict[str, int | None]) -> Iterator[str]:
    thresholds = profile.thresholds(family.name)
    for signal in family.signals:
        base = measured[signal.denominator] if signal.denominator else None
        limits = [
            f"{'>=' if rule.keeps == 'at_least' else '<='} {decimal_text(threshold)}"
            for rule in family.rules
            if rule.signal == signal.name and (threshold := thresholds.get(rule.name)) is not None
        ]
        shown = _value(measured[signal.numerator], base if signal.denominator else None)
        yield f"    {signal.name:<34} {shown:<22} {' and '.join(limits) or 'no rule'}"


def _value(numerator: int | None, denominator: int | None) -> str:
    if numerator is None:
        return "not measured"
    if denominator is None:
        return str(numerator)
    ratio = f" = {float(Fraction(numerator, denominator)):.3f}" if denominator else ""
    return f"{numerator}/{denominator}{ratio}"


def _excerpt(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= EXCERPT else flat[:EXCERPT] + "…"


def _profile(corpus: Corpus, language: str) -> Profile:
    """The rules as they were applied."""
    path = storage.join(corpus.folder, PROFILES_NAME)
    return Profile.from_dict(json.loads(storage.read_bytes(path))[language])


def _working_place(output: str, values: dict[str, Any]) -> _Place | None:
    space = Workspace(output=output)
    if not storage.exists(space.plan_path()):
        return None
    plan = Plan.from_json(storage.read_bytes(space.plan_path()))
    names = space.records("read").names()
    for task in plan.tasks:
        if task.source == values["source"] and task.name == values["file"]:
            for record in _records(space, task, names):
                row = _row(space, record, values)
                if row is not None:
                    return _Place(space, record, row)
    return None


def _records(space: Workspace, task: Task, names: Sequence[str] | set[str]) -> Iterator[TaskRecord]:
    folder = space.records("read").folder
    for name in sorted(names):
        if name.startswith(f"{task.id}."):
            yield TaskRecord.from_json(storage.read_bytes(storage.join(folder, name)))


def _row(space: Workspace, record: TaskRecord, values: dict[str, Any]) -> int | None:
    path = space.path(record.outputs["documents"])
    if not storage.exists(path):
        return None
    rows = read_parquet(path, ["position", "content_hash"])
    pairs = zip(rows["position"].to_pylist(), rows["content_hash"].to_pylist(), strict=True)
    for row, pair in enumerate(pairs):
        if pair == (values["position"], values["content_hash"]):
            return row
    return None


def _signals(place: _Place, family: str) -> dict[str, int | None] | None:
    """The family's columns of one document, from the newest configuration that measured it."""
    records = place.space.records(f"measure-{family}")
    for name in sorted(records.names()):
        if not name.startswith(f"{place.record.task}."):
            continue
        record = TaskRecord.from_json(storage.read_bytes(storage.join(records.folder, name)))
        first = 0
        for batch in row_groups(place.space.path(record.outputs["signals"])):
            if place.row < first + batch.num_rows:
                values: dict[str, int | None] = batch.slice(place.row - first, 1).to_pylist()[0]
                return values
            first += batch.num_rows
    return None
