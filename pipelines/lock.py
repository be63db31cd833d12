"""One run at a time in an output folder of this machine: two would be harmless to the result, but a waste."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from corpus import storage
from corpus.errors import CorpusError
from pipelines.workspace import Workspace


@contextlib.contextmanager
def exclusive(workspace: Workspace) -> Iterator[None]:
    """Hold the folder. The kernel drops the lock of a process that dies, however it dies.

    Stores that are not local are not locked.
    """
    if not storage.is_local(workspace.output):
        yield
        return
    path = _path(workspace)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CorpusError(
                f"{workspace.output}: another run (process {_holder(path)}) is at work here; "
                "wait for it or stop it first"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def holder(workspace: Workspace) -> str | None:
    """Process id of the run that holds the folder now; None if none does."""
    if not storage.is_local(workspace.output) or not _path(workspace).exists():
        return None
    with _path(workspace).open("r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return _holder(_path(workspace))
    return None


def _holder(path: Path) -> str:
    return path.read_text().strip() or "unknown"


def _path(workspace: Workspace) -> Path:
    return Path(storage.filesystem(workspace.path("run.lock"))[1])
