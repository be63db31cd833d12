"""`status` and `clean`: what a folder holds, and what of it is of no use any more."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from corpus import storage
from corpus.errors import CorpusError
from corpus.task import Task, TaskRecord
from manifests.manifest import Manifest
from manifests.verify import verify
from pipelines.housekeeping import clean, marks_in_use, status, write_marks
from pipelines.lock import exclusive
from pipelines.workspace import Plan, Workspace
from tests.manifests import corpora

USED, STALE = "a" * 32, "b" * 32


def task(number: int) -> Task:
    return Task(
        ordinal=number,
        source="crawl",
        name=str(number),
        start=0,
        end=1_500_000,
        path=f"/in/{number}",
        file_bytes=1_500_000,
        stamp="s",
    )


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    """A folder with a plan of two tasks, one of them read."""
    made = Workspace(output=str(tmp_path))
    storage.write_atomic(made.plan_path(), Plan(tasks=(task(0), task(1))).to_json())
    made.records("read").write(TaskRecord(step="read", task=task(0).id, fingerprint=USED))
    made.records("read").write(TaskRecord(step="read", task=task(1).id, fingerprint=STALE))
    return made


def put(space: Workspace, *paths: str) -> None:
    for path in paths:
        storage.write_atomic(storage.join(space.output, path), b"12345")


def removed(space: Workspace, *, everything: bool = False, dry_run: bool = False) -> set[str]:
    return {path for path, _ in clean(space.output, everything=everything, dry_run=dry_run)}


class TestStatus:
    def test_folder_without_a_run_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(CorpusError, match="no run has been here"):
            list(status(str(tmp_path)))

    def test_work_in_progress_is_counted(self, space: Workspace) -> None:
        """Before the run ends, which records are of use is not known: all count."""
        lines = list(status(space.output))
        assert lines[:4] == [
            "running: no",
            "plan: 2 tasks, 3.0 MB of input",
            "read: 2 of 2 tasks done",
            "judge: 0 of 2 tasks done",
        ]
        assert lines[-1] == "published: nothing yet"

    def test_records_of_older_configurations_do_not_count(self, space: Workspace) -> None:
        write_marks(space, {USED})
        assert "read: 1 of 2 tasks done" in list(status(space.output))

    def test_records_of_tasks_that_left_the_plan_do_not_count(self, space: Workspace) -> None:
        storage.write_atomic(space.plan_path(), Plan(tasks=(task(0), task(7))).to_json())
        assert "read: 1 of 2 tasks done" in list(status(space.output))

    def test_run_at_work_is_named(self, space: Workspace) -> None:
        with exclusive(space):
            assert next(iter(status(space.output))).startswith("running: process ")

    def test_published_corpus_is_described(self, tmp_path: Path) -> None:
        manifest = corpora.usual(str(tmp_path))
        lines = list(status(str(tmp_path)))
        assert "working files: none" in lines
        assert f"published: test {manifest.manifest_hash}" in lines
        assert "documents: 19 read, 14 kept, 3 dropped (1 duplicates), 2 quarantined; 1 unreadable ranges" in lines
        assert any(line.startswith("  web/deu_Latn: 9 documents, 0.0 MB, 3 shards") for line in lines)


class TestClean:
    def test_folder_without_a_run_is_left_alone(self, tmp_path: Path) -> None:
        (tmp_path / "shards").mkdir()
        (tmp_path / "shards" / ".tmp-1").write_text("mine")
        with pytest.raises(CorpusError, match="no run has been here; nothing is removed"):
            list(clean(str(tmp_path), everything=True, dry_run=False))
        assert (tmp_path / "shards" / ".tmp-1").exists()

    def test_corpus_with_a_manifest_that_cannot_be_read_is_left_alone(self, space: Workspace) -> None:
        put(space, "manifest.json", "shards/web/x.parquet", "_work/read/.tmp-1")
        with pytest.raises(CorpusError, match="its manifest cannot be read; nothing is removed"):
            removed(space, everything=True)
        assert storage.exists(storage.join(space.output, "shards/web/x.parquet"))

    def test_running_work_is_left_alone(self, space: Workspace) -> None:
        put(space, "_work/read/.tmp-1")
        with exclusive(space), pytest.raises(CorpusError, match="is at work here"):
            removed(space)
        assert storage.exists(space.path("read/.tmp-1"))

    def test_half_written_and_superseded_files_go_and_the_corpus_stays(self, space: Workspace) -> None:
        manifest = corpora.usual(space.output)
        useless = {
            "shards/web/deu_Latn/.tmp-1",
            "shards/web/deu_Latn/00000-0123456789ab.parquet",
            "shards/restricted/text/deu_Latn/00000-0123456789ab.parquet",
            "ledger/dropped-0123456789ab.parquet",
            "index/id-00000-0123456789ab.parquet",
            "_work/read/.tmp-2",
        }
        put(space, *useless)
        put(space, "run.json", "profiles.json", "history/x.json", "notes.txt", "_work/verdicts/x.json")
        assert removed(space) == useless
        assert verify(space.output) == []
        self._all_there(space, manifest)
        for path in ("run.json", "profiles.json", "history/x.json", "notes.txt", "_work/verdicts/x.json"):
            assert storage.exists(storage.join(space.output, path)), path

    def test_results_of_older_configurations_go(self, space: Workspace) -> None:
        """Every working file carries a mark, in its name or in that of its folder."""
        write_marks(space, {USED})
        short, stale = USED[:16], STALE[:16]
        useful = {
            f"_work/read/t.{short}.parquet",
            f"_work/measure/words/t.{short}.parquet",
            f"_work/dedup/{short}/0.parquet",
        }
        useless = {
            f"_work/read/t.{stale}.parquet",
            f"_work/select/t.{stale}.ledger.parquet",
            f"_work/judge/{stale}/0.parquet",
        }
        put(space, *useful, *useless)
        stale_record = f"_work/records/read/{task(1).id}.{stale}.json"
        assert removed(space) == {*useless, stale_record}
        assert useful <= set(storage.list_files(space.output))
        assert storage.exists(space.plan_path())

    def test_without_knowing_what_is_of_use_nothing_of_the_work_goes(self, space: Workspace) -> None:
        """A run that was interrupted has no marks; its results must outlive `clean`."""
        put(space, f"_work/read/t.{STALE[:16]}.parquet", "shards/web/deu_Latn/00000-0123456789ab.parquet")
        assert removed(space) == set()

    def test_all_working_files_go_on_request(self, space: Workspace) -> None:
        corpora.usual(space.output)
        write_marks(space, {USED})
        put(space, f"_work/read/t.{USED[:16]}.parquet", "_work/verdicts/x.json")
        before = {path for path in storage.list_files(space.output) if path.startswith("_work/")}
        assert removed(space, everything=True) == before
        assert [path for path in storage.list_files(space.work) if path != "run.lock"] == []
        assert verify(space.output) == []

    def test_dry_run_removes_nothing_and_tells_the_same(self, space: Workspace) -> None:
        corpora.usual(space.output)
        put(space, "ledger/.tmp-1", "shards/old.parquet")
        before = storage.list_files(space.output)
        told = list(clean(space.output, everything=False, dry_run=True))
        assert set(storage.list_files(space.output)) - set(before) <= {"_work/run.lock"}
        assert told == [("ledger/.tmp-1", 5), ("shards/old.parquet", 5)]
        assert list(clean(space.output, everything=False, dry_run=False)) == told

    def test_object_stores_are_cleaned_alike(self, memory: str) -> None:
        space = Workspace(output=memory)
        corpora.usual(memory)
        put(space, "shards/old.parquet", "_work/read/.tmp-1")
        assert removed(space) == {"shards/old.parquet", "_work/read/.tmp-1"}
        assert verify(memory) == []

    @staticmethod
    def _all_there(space: Workspace, manifest: Manifest) -> None:
        assert {entry.path for entry in manifest.files()} <= set(storage.list_files(space.output))


def test_marks_come_back_shortened(space: Workspace) -> None:
    assert marks_in_use(space) == set()
    write_marks(space, {USED, STALE})
    assert marks_in_use(space) == {USED[:16], STALE[:16]}
    assert json.loads(storage.read_bytes(space.path("marks.json"))) == sorted([USED[:16], STALE[:16]])
