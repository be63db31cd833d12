"""What people see while work runs: a bar per stage, fed by finished task records, so it works on every runner."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from corpus import storage
from corpus.errors import CorpusError
from corpus.task import Records
from pipelines.workspace import Workspace

#: Between looks at the working folder.
POLL_SECONDS = 0.5
#: Between lines where there is no terminal.
LINE_SECONDS = 15.0


@dataclass
class Seen:
    """How far a stage is."""

    tasks: int = 0
    documents: int = 0
    bytes: int = 0


class Display:
    """Draws to stderr: bars on a terminal, plain lines elsewhere, nothing when `quiet`."""

    def __init__(self, console: Console, *, quiet: bool = False) -> None:
        self.console = console
        self._quiet = quiet

    def say(self, text: str) -> None:
        if not self._quiet:
            self.console.print(text, highlight=False)

    @contextlib.contextmanager
    def stage(self, name: str, total: int, look: Callable[[], Seen], total_bytes: int = 0) -> Iterator[None]:
        """Show `name` while the block runs. `look` tells how far it is; the scale is bytes if given, else tasks."""
        if self._quiet:
            yield
            return
        done = threading.Event()
        draw = self._bars if self.console.is_terminal else self._lines
        thread = threading.Thread(target=draw, args=(name, total, total_bytes, look, done), daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _bars(self, name: str, total: int, total_bytes: int, look: Callable[[], Seen], done: threading.Event) -> None:
        columns = (
            TextColumn("{task.description:<8}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        started = time.monotonic()
        with Progress(*columns, console=self.console, transient=False) as progress:
            bar = progress.add_task(name, total=max(total_bytes or total, 1), rate="")
            while True:
                last = done.wait(POLL_SECONDS)
                seen = look()
                position = seen.bytes if total_bytes else seen.tasks
                rate = describe(seen, total, time.monotonic() - started)
                progress.update(bar, completed=max(total_bytes or total, 1) if last else position, rate=rate)
                if last:
                    return

    def _lines(self, name: str, total: int, total_bytes: int, look: Callable[[], Seen], done: threading.Event) -> None:
        started = time.monotonic()
        while True:
            last = done.wait(LINE_SECONDS)
            seen, seconds = look(), time.monotonic() - started
            left = ""
            if not last and 0 < seen.bytes < total_bytes:
                left = f", about {duration(seconds * (total_bytes - seen.bytes) / seen.bytes)} left"
            self.say(f"{name}: {describe(seen, total, seconds)} in {duration(seconds)}{left}")
            if last:
                return


def describe(seen: Seen, total: int, seconds: float) -> str:
    parts = [f"{min(seen.tasks, total)}/{total} tasks"]
    if seen.documents:
        parts.append(f"{seen.documents / max(seconds, 1e-3):,.0f} documents/s")
    if seen.bytes:
        parts.append(f"{seen.bytes / 1e6 / max(seconds, 1e-3):,.1f} MB/s")
    return ", ".join(parts)


def duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def record_watcher(records: Records, before: Set[str]) -> Callable[[], Seen]:
    """Counts records that came since `before` was listed."""
    return lambda: Seen(tasks=len(records.names() - before))


def read_watcher(workspace: Workspace, before: Set[str]) -> Callable[[], Seen]:
    """Like `record_watcher` for the stage that reads: with the documents and bytes of finished and running tasks."""
    records = workspace.records("read")
    finished: dict[str, Seen] = {}

    def look() -> Seen:
        for name in records.names() - before - finished.keys():
            counts = json.loads(storage.read_bytes(storage.join(records.folder, name)))["counts"]
            finished[name] = Seen(1, counts["read"], counts["bytes_read"])
        seen = Seen(
            len(finished),
            sum(one.documents for one in finished.values()),
            sum(one.bytes for one in finished.values()),
        )
        folder = workspace.path("progress")
        for name in storage.list_files(folder):
            with contextlib.suppress(CorpusError, ValueError):  # gone by now, or half-written
                documents, size = storage.read_bytes(storage.join(folder, name)).split()
                seen.documents += int(documents)
                seen.bytes += int(size)
        return seen

    return look
