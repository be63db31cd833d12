"""What people see while work runs."""

from __future__ import annotations

import io
import threading
from pathlib import Path

import pytest
from rich.console import Console

from corpus import storage
from corpus.errors import CorpusError
from corpus.task import TaskRecord
from pipelines import progress
from pipelines.progress import Display, Seen, describe, duration, read_watcher, record_watcher
from pipelines.workspace import Workspace


def display(*, terminal: bool = False, quiet: bool = False) -> tuple[Display, io.StringIO]:
    written = io.StringIO()
    console = Console(file=written, force_terminal=terminal, width=100, color_system=None)
    return Display(console, quiet=quiet), written


def test_lines_are_plain_where_there_is_no_terminal() -> None:
    """No control characters in a log file, and one line at the end however short the work was."""
    shown, written = display()
    with shown.stage("read", 4, lambda: Seen(4, 200, 3_000_000)):
        pass
    (line,) = written.getvalue().splitlines()
    assert line.startswith("read: 4/4 tasks, ")
    assert "documents/s" in line
    assert "MB/s" in line
    assert line.endswith(" in 0 s")
    assert "\x1b" not in line
    assert "\r" not in written.getvalue()


def test_long_work_writes_a_line_from_time_to_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the time that is left, while it can be told."""
    monkeypatch.setattr(progress, "LINE_SECONDS", 0.005)
    shown, written = display()
    looks = threading.Semaphore(0)

    def look() -> Seen:
        looks.release()
        return Seen(1, 10, 250)

    with shown.stage("read", 4, look, total_bytes=1000):
        for _ in range(3):
            assert looks.acquire(timeout=10)
    lines = written.getvalue().splitlines()
    assert len(lines) >= 3
    assert all(line.startswith("read: 1/4 tasks, ") for line in lines)
    assert lines[0].endswith(" left")
    assert not lines[-1].endswith(" left"), "at the end nothing is left"


def test_bars_are_drawn_on_a_terminal() -> None:
    shown, written = display(terminal=True)
    with shown.stage("read", 4, lambda: Seen(2, 0, 0)):
        pass
    assert "read" in written.getvalue()
    assert "2/4 tasks" in written.getvalue()
    assert "100%" in written.getvalue(), "the block has ended, so the stage has"


def test_quiet_display_says_nothing_and_looks_at_nothing() -> None:
    shown, written = display(quiet=True)
    with shown.stage("read", 4, lambda: pytest.fail("looked")):
        shown.say("something")
    assert written.getvalue() == ""


def test_errors_of_the_work_pass_through() -> None:
    shown, _ = display()
    with pytest.raises(RuntimeError, match="stop"), shown.stage("read", 4, Seen):
        raise RuntimeError("stop")
    assert not [thread for thread in threading.enumerate() if "_lines" in thread.name or "_bars" in thread.name]


def test_text_is_shown_as_it_is() -> None:
    """Square brackets are names of files, not markup."""
    shown, written = display()
    shown.say("read: crawl[1].gz")
    assert written.getvalue() == "read: crawl[1].gz\n"


@pytest.mark.parametrize(
    ("seen", "seconds", "text"),
    [
        (Seen(), 1.0, "0/4 tasks"),
        (Seen(2), 1.0, "2/4 tasks"),
        (Seen(9), 1.0, "4/4 tasks"),
        (Seen(2, 5000, 0), 2.0, "2/4 tasks, 2,500 documents/s"),
        (Seen(2, 5000, 3_000_000), 2.0, "2/4 tasks, 2,500 documents/s, 1.5 MB/s"),
        (Seen(2, 5, 0), 0.0, "2/4 tasks, 5,000 documents/s"),
    ],
)
def test_rates_are_per_second_since_the_start(seen: Seen, seconds: float, text: str) -> None:
    assert describe(seen, 4, seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (89, "89 s"), (90, "2 min"), (5399, "90 min"), (5400, "1.5 h"), (36_000, "10.0 h")],
)
def test_durations_are_rounded_for_people(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def record(task: str, documents: int = 10, size: int = 100) -> TaskRecord:
    return TaskRecord(step="read", task=task, fingerprint="f" * 32, counts={"read": documents, "bytes_read": size})


def test_records_of_earlier_runs_do_not_count(tmp_path: Path) -> None:
    records = Workspace(output=str(tmp_path)).records("judge")
    records.write(record("old"))
    look = record_watcher(records, records.names())
    assert look() == Seen(0)
    records.write(record("new"))
    assert look() == Seen(1)


def test_reading_counts_finished_and_running_tasks(tmp_path: Path) -> None:
    space = Workspace(output=str(tmp_path))
    space.records("read").write(record("old"))
    look = read_watcher(space, space.records("read").names())
    assert look() == Seen(0, 0, 0)
    space.records("read").write(record("new"))
    storage.write_atomic(space.path("progress", "running"), b"3 40")
    assert look() == Seen(1, 13, 140)
    assert look() == Seen(1, 13, 140), "looking twice counts nothing twice"
    storage.write_atomic(space.path("progress", "running"), b"5 60")
    assert look() == Seen(1, 15, 160)


def test_progress_that_is_gone_or_garbled_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A task that ends removes its file, maybe between the listing and the look into it."""
    space = Workspace(output=str(tmp_path))
    storage.write_atomic(space.path("progress", "running"), b"3 40")
    storage.write_atomic(space.path("progress", "garbled"), b"3")
    there = storage.list_files
    monkeypatch.setattr(
        storage, "list_files", lambda folder: [*there(folder), "gone"] if folder.endswith("/progress") else []
    )
    with pytest.raises(CorpusError):
        storage.read_bytes(space.path("progress", "gone"))
    assert read_watcher(space, set())() == Seen(0, 3, 40)
