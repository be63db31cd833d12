"""`corpus status` and `corpus clean`: what a folder holds, what of it is still of use."""

from __future__ import annotations

import json
from collections.abc import Iterator

from corpus import storage
from corpus.errors import CorpusError
from manifests.manifest import MANIFEST_NAME
from pipelines import lock, snapshot
from pipelines.workspace import WORK, Plan, Workspace

#: Folders of published files; a file there that no manifest names is superseded or half-made.
PUBLISHED = ("shards", "ledger", "index")


def status(output: str) -> Iterator[str]:
    """A few lines for people."""
    space = Workspace(output=output)
    standing = snapshot.earlier(output)
    if standing is None and not storage.exists(space.plan_path()):
        raise CorpusError(f"{output}: no run has been here; `corpus run` makes a corpus")
    holder = lock.holder(space)
    yield f"running: {'no' if holder is None else f'process {holder}'}"
    if storage.exists(space.plan_path()):
        plan = Plan.from_json(storage.read_bytes(space.plan_path()))
        yield f"plan: {len(plan.tasks)} tasks, {plan.input_bytes / 1e6:,.1f} MB of input"
        marks = marks_in_use(space)
        names = {step: space.records(step).names() for step in ("read", "judge", "select")}
        for step, done in names.items():
            current = {name.split(".")[0] for name in done if not marks or name.split(".")[1] in marks}
            yield f"{step}: {len(current & {task.id for task in plan.tasks})} of {len(plan.tasks)} tasks done"
    else:
        yield "working files: none"
    if standing is None:
        yield "published: nothing yet"
        return
    counts = standing.documents
    yield f"published: {standing.name} {standing.manifest_hash}"
    yield (
        f"documents: {counts['read']:,} read, {counts['kept']:,} kept, {counts['dropped']:,} dropped "
        f"({counts['duplicates']:,} duplicates), {counts['quarantined']:,} quarantined; "
        f"{counts['unreadable_ranges']:,} unreadable ranges"
    )
    for stream in standing.streams:
        yield f"  {stream.name}: {stream.rows:,} documents, {stream.text_bytes / 1e6:,.1f} MB, {len(stream.shards)} shards"


def marks_path(space: Workspace) -> str:
    return space.path("marks.json")


def marks_in_use(space: Workspace) -> set[str]:
    """Short fingerprints that the latest run used; a working file that carries none of them is of no use any more."""
    if not storage.exists(marks_path(space)):
        return set()
    return set(json.loads(storage.read_bytes(marks_path(space))))


def write_marks(space: Workspace, marks: set[str]) -> None:
    storage.write_atomic(marks_path(space), json.dumps(sorted(mark[:16] for mark in marks)).encode())


def clean(output: str, *, everything: bool, dry_run: bool) -> Iterator[tuple[str, int]]:
    """Remove, and yield with its size, what is of no use: temporary files, results of older configurations, superseded
    shards; with `everything` all working files. Nothing that the published manifest names is ever removed."""
    space = Workspace(output=output)
    if not storage.exists(storage.join(output, MANIFEST_NAME)) and not storage.exists(space.plan_path()):
        raise CorpusError(f"{output}: no run has been here; nothing is removed")
    with lock.exclusive(space):
        standing = snapshot.earlier(output)
        if standing is None and storage.exists(storage.join(output, MANIFEST_NAME)):
            raise CorpusError(f"{output}: its manifest cannot be read; nothing is removed, `corpus verify` tells more")
        named = {entry.path for entry in standing.files()} if standing else set()
        marks = marks_in_use(space)
        for path in storage.list_files(output):
            if not _useless(path, named, marks, published=standing is not None, everything=everything):
                continue
            full = storage.join(output, path)
            size = storage.size(full)
            if not dry_run:
                storage.remove(full)
            yield path, size


def _useless(path: str, named: set[str], marks: set[str], *, published: bool, everything: bool) -> bool:
    parts = path.split("/")
    if parts[-1].startswith(storage.TEMPORARY_MARK):
        return True
    if parts[0] == WORK:
        if parts[1] == "run.lock":
            return False
        if everything:
            return True
        marked = parts[1] in ("read", "measure", "judge", "dedup", "select", "records")
        carried = {piece for part in parts for piece in part.split(".")}
        return marked and bool(marks) and not carried & marks
    return published and parts[0] in PUBLISHED and path not in named
