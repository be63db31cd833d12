"""The plan: which input is read, and how it is cut."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from corpus import storage
from corpus.config import CorpusConfig
from corpus.errors import UsageError
from corpus.sources import split_evenly
from pipelines import workspace
from pipelines.workspace import Plan, Workspace, load_plan, make_plan


class Cutting:
    """A reader whose files can be cut anywhere."""

    @staticmethod
    def plan(file: storage.InputFile, options: Any, split_bytes: int) -> list[tuple[int, int]]:
        return split_evenly(file.bytes, split_bytes)


@pytest.fixture(autouse=True)
def _reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workspace, "readers", lambda: {"warc": Cutting})


def config(folder: Path, split_bytes: int = 100, **sources: list[str]) -> CorpusConfig:
    return CorpusConfig.model_validate(
        {
            "name": "test",
            "output": "out",
            "split_bytes": split_bytes,
            "sources": {
                name: {"format": "warc", "paths": [f"{folder}/{path}" for path in paths]}
                for name, paths in sources.items()
            },
        }
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, size in (("b", 240), ("a", 100), ("sub/c", 10)):
        write(tmp_path / name, size)
    return tmp_path


def write(path: Path, size: int, time: int = 1_700_000_000) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"x" * size)
    os.utime(path, (time, time))


def cuts(plan: Plan) -> list[tuple[str, str, int, int]]:
    return [(task.source, task.name, task.start, task.end) for task in plan.tasks]


def test_tasks_stand_in_corpus_order_and_cover_every_file(folder: Path) -> None:
    """By source, file and position; however the configuration lists them."""
    plan = make_plan(config(folder, z=["a"], crawl=["b", "a", "sub/*"]))
    assert cuts(plan) == [
        ("crawl", "a", 0, 100),
        ("crawl", "b", 0, 100),
        ("crawl", "b", 100, 240),
        ("crawl", "c", 0, 10),
        ("z", "a", 0, 100),
    ]
    assert [task.ordinal for task in plan.tasks] == [0, 1, 2, 3, 4]
    assert plan.input_bytes == 450
    assert len({task.id for task in plan.tasks}) == 5


def test_file_that_two_patterns_match_is_read_once(folder: Path) -> None:
    assert cuts(make_plan(config(folder, crawl=["a", "[a]", "a"]))) == [("crawl", "a", 0, 100)]


def test_plan_comes_back_from_json(folder: Path) -> None:
    plan = make_plan(config(folder, crawl=["*", "sub/c"]))
    assert Plan.from_json(plan.to_json()) == plan


def test_files_that_did_not_change_keep_their_cut(folder: Path) -> None:
    """So that work done on them stays of use when `split_bytes` or other files change."""
    before = make_plan(config(folder, crawl=["a", "b"]))
    write(folder / "a", 90, time=1_800_000_000)
    write(folder / "aa", 120)
    after = make_plan(config(folder, split_bytes=30, crawl=["a", "b", "aa"]), before)
    assert [cut for cut in cuts(after) if cut[1] == "b"] == [cut for cut in cuts(before) if cut[1] == "b"]
    assert [cut for cut in cuts(after) if cut[1] == "a"] == [("crawl", "a", start, start + 30) for start in (0, 30, 60)]
    assert len([cut for cut in cuts(after) if cut[1] == "aa"]) == 4
    kept = {task.id for task in before.tasks} & {task.id for task in after.tasks}
    assert len(kept) == 2
    assert [task.ordinal for task in after.tasks] == list(range(len(after.tasks)))


def test_file_that_is_gone_leaves_the_plan(folder: Path) -> None:
    before = make_plan(config(folder, crawl=["?"]))
    (folder / "a").unlink()
    assert {task.name for task in make_plan(config(folder, crawl=["?"]), before).tasks} == {"b"}


def test_pattern_that_matches_nothing_is_an_error(folder: Path) -> None:
    with pytest.raises(
        UsageError, match=r"sources\.crawl\.paths: .*/none/\* matches no file; correct the path or remove"
    ):
        make_plan(config(folder, crawl=["a", "none/*"]))


def test_file_that_cannot_be_read_is_one_task_with_its_problem(folder: Path) -> None:
    """Bad input costs only itself: it is accounted for, and the rest is read."""
    write(folder / "empty", 0)
    plan = make_plan(config(folder, crawl=["*"]))
    assert {task.name: task.problem for task in plan.tasks if task.problem} == {
        "empty": "is empty",
        "sub": "is a folder, not a file",
    }
    assert [(task.start, task.end) for task in plan.tasks if task.name == "empty"] == [(0, 0)]


def test_source_of_which_nothing_can_be_read_is_an_error(folder: Path) -> None:
    write(folder / "empty", 0)
    with pytest.raises(UsageError, match=r"sources\.crawl\.paths: no file can be read: .*/empty is empty"):
        make_plan(config(folder, crawl=["empty"]))


def test_paths_of_the_working_folder() -> None:
    space = Workspace(output="s3://bucket/out/")
    assert space.work == "s3://bucket/out/_work"
    assert space.path("read", "a.parquet") == "s3://bucket/out/_work/read/a.parquet"
    assert space.plan_path() == "s3://bucket/out/_work/plan.json"
    assert space.records("read").folder == "s3://bucket/out/_work/records/read"


def test_worker_sees_a_changed_plan(folder: Path) -> None:
    """A plan is kept in memory for as long as its mark stays."""
    path = str(folder / "plan.json")
    one, two = make_plan(config(folder, crawl=["a"])), make_plan(config(folder, crawl=["b"]))
    storage.write_atomic(path, one.to_json())
    assert load_plan(path, "mark 1") == one
    storage.write_atomic(path, two.to_json())
    assert load_plan(path, "mark 2") == two
