"""One run at a time in an output folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.errors import CorpusError
from pipelines.lock import exclusive, holder
from pipelines.workspace import Workspace

_HOLD = """
import sys
from pipelines.lock import exclusive
from pipelines.workspace import Workspace
with exclusive(Workspace(output=sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def other(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the folder until its standard input ends."""
    command = [sys.executable, "-c", _HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_second_run_is_refused_and_told_who_is_at_work(tmp_path: Path, other: subprocess.Popen[str]) -> None:
    space = Workspace(output=str(tmp_path))
    assert holder(space) == str(other.pid)
    with pytest.raises(CorpusError, match=rf"another run \(process {other.pid}\) is at work here"), exclusive(space):
        pytest.fail("two runs hold the folder")
    assert holder(space) == str(other.pid), "the refused run took nothing away"


def test_lock_of_a_killed_run_is_free(tmp_path: Path, other: subprocess.Popen[str]) -> None:
    """SIGKILL lets a process clean up nothing; the kernel does."""
    os.kill(other.pid, signal.SIGKILL)
    other.wait()
    space = Workspace(output=str(tmp_path))
    assert holder(space) is None
    with exclusive(space):
        assert (tmp_path / "_work" / "run.lock").read_text() == str(os.getpid())


def test_lock_of_a_run_that_ended_is_free(tmp_path: Path, other: subprocess.Popen[str]) -> None:
    other.communicate("")
    assert holder(Workspace(output=str(tmp_path))) is None


def test_lock_is_dropped_when_the_run_fails(tmp_path: Path) -> None:
    space = Workspace(output=str(tmp_path))
    with pytest.raises(RuntimeError, match="stop"), exclusive(space):
        raise RuntimeError("stop")
    assert holder(space) is None
    with exclusive(space):
        assert holder(space) == str(os.getpid())


def test_other_folders_are_free(tmp_path: Path) -> None:
    with exclusive(Workspace(output=str(tmp_path / "a"))), exclusive(Workspace(output=str(tmp_path / "b"))):
        assert holder(Workspace(output=str(tmp_path / "c"))) is None


def test_looking_makes_no_folder(tmp_path: Path) -> None:
    assert holder(Workspace(output=str(tmp_path / "none"))) is None
    assert list(tmp_path.iterdir()) == []


def test_stores_that_are_not_local_are_not_locked(memory: str) -> None:
    space = Workspace(output=memory)
    with exclusive(space), exclusive(space):
        assert holder(space) is None
