"""Worker processes that die: the stage is started again, does only what was left undone, and gives the same corpus."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from corpus.errors import CorpusError
from manifests.verify import verify
from pipelines import engine as engine_module
from pipelines.engine import Engine
from pipelines.stages import read as read_stage
from tests.pipelines.inputs import page, run_config, texts, write_config, write_warc

pytestmark = pytest.mark.slow


def _crawl(folder: Path, archives: int = 6) -> Path:
    for number in range(archives):
        pages = [(f"https://{number}.example/{n}", page(text)) for n, text in enumerate(texts("fra_Latn", 8))]
        write_warc(folder / "crawl" / f"{number}.warc.gz", pages)
    return write_config(folder, {"crawl": {"format": "warc", "paths": ["crawl/*.warc.gz"]}})


def _workers() -> list[int]:
    """Worker processes that this process started."""
    found = subprocess.run(["pgrep", "-P", str(os.getpid()), "-f", "pipelines.worker"], capture_output=True, text=True)
    return [int(line) for line in found.stdout.split()]


def test_a_killed_worker_is_replaced(tmp_path: Path) -> None:
    config = _crawl(tmp_path)
    undisturbed = run_config(config, output=str(tmp_path / "undisturbed"))
    killed: list[int] = []

    def kill_one() -> None:
        records = tmp_path / "out" / "_work" / "records" / "read"
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not killed:
            if records.is_dir() and any(records.glob("*.json")):
                for pid in _workers()[:1]:
                    os.kill(pid, signal.SIGKILL)
                    killed.append(pid)
            time.sleep(0.01)

    thread = threading.Thread(target=kill_one)
    thread.start()
    result = run_config(config, engine=Engine(runner="local", workers=2))
    thread.join()
    assert killed
    assert result.manifest.manifest_hash == undisturbed.manifest.manifest_hash
    assert verify(str(tmp_path / "out")) == []
    assert not _workers(), "no worker is left behind"


def test_a_task_that_always_kills_its_worker_ends_the_run_with_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The driver does not wait forever, and says what was running."""
    monkeypatch.setattr(engine_module, "ATTEMPTS", 2)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    # Every Python process that starts from here on and is a worker dies when it begins to read.
    (tmp_path / "sitecustomize.py").write_text(
        "import os, sys\n"
        "if any('corpus-workers-' in part for part in sys.orig_argv):\n"
        "    os.environ['WORKER_MUST_DIE'] = '1'\n"
    )
    monkeypatch.setattr(read_stage, "ReadTask", DyingReader)
    with pytest.raises(CorpusError, match=r"stage read: 2 times a worker process died"):
        run_config(_crawl(tmp_path, 2), engine=Engine(runner="local", workers=2))
    assert not _workers()


class DyingReader(read_stage.ReadTask):
    """Ends its process as a crash in compiled code would; harmless outside a worker."""

    def __call__(self, task: object) -> None:
        if os.environ.get("WORKER_MUST_DIE"):
            os.kill(os.getpid(), signal.SIGKILL)


def test_workers_of_a_killed_driver_stop(tmp_path: Path) -> None:
    """kill -9 of the driver alone: its workers notice and end by themselves."""
    config = _crawl(tmp_path)
    command = [sys.executable, "-m", "pipelines", "run", str(config), "--workers", "2", "--quiet"]
    driver = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    workers: list[int] = []
    deadline = time.monotonic() + 60
    while len(workers) < 2 and time.monotonic() < deadline:
        found = subprocess.run(
            ["pgrep", "-P", str(driver.pid), "-f", "pipelines.worker"], capture_output=True, text=True
        )
        workers = [int(line) for line in found.stdout.split()]
        time.sleep(0.05)
    driver.kill()
    driver.wait()
    assert len(workers) == 2
    deadline = time.monotonic() + 30
    while any(Path(f"/proc/{pid}").exists() for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)
