"""What benchmarks share: children measured by the operating system, environments of peers, where the real files are.

The harness stays small on purpose. A child inherits the peak memory of the process that starts it (Linux keeps the
high-water mark across `exec`), so whatever is imported or loaded here would be a floor under every figure. Heavy work,
such as making inputs, runs in children of its own.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SAMPLE_SECONDS = 0.25

#: One thread per library, so that a contender's single worker is one, and output free of hash order.
CHILD_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
}


class BenchmarkError(Exception):
    """The benchmark cannot give its figures; the message says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class ChildRun:
    """A finished child process. CPU covers it and every descendant that it waited for."""

    wall_seconds: float  # start of the process to its end, interpreter start-up and imports included
    cpu_seconds: float  # user + system
    peak_rss_bytes: int  # of the largest single process among the child and its waited-for descendants (ru_maxrss)
    peak_session_bytes: int  # of all its processes together, shared pages counted once (PSS, sampled); 0 where unknown
    stdout: str

    def last_json(self) -> dict[str, Any]:
        """The object on the last line of stdout."""
        lines = self.stdout.strip().splitlines()
        try:
            found = json.loads(lines[-1]) if lines else None
        except json.JSONDecodeError:
            found = None
        if not isinstance(found, dict):
            raise BenchmarkError(f"expected a JSON object on the last line of a child's output, found: {lines[-1:]}")
        return found


def run_child(
    command: Sequence[str], *, logs: Path, name: str, environment: Mapping[str, str] = {}, timeout: float = 900
) -> ChildRun:
    """Run a command to its end and account for it with `wait4`.

    Standard output and error go to `logs/name.out` and `logs/name.err`. Raises `BenchmarkError` if it fails or takes
    longer than `timeout` seconds, in which case the child and all it started are killed.
    """
    logs.mkdir(parents=True, exist_ok=True)
    out, err = logs / f"{name}.out", logs / f"{name}.err"
    with out.open("wb") as stdout, err.open("wb") as stderr:
        started = time.perf_counter()
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            cwd=ROOT,
            env={**os.environ, **CHILD_ENVIRONMENT, **environment},
            start_new_session=True,
        )
        watch = _Watch(process.pid, timeout)
        watch.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            _kill_session(process.pid)
            process.wait()
            raise
        finally:
            watch.stop()
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
    if watch.timed_out:
        raise BenchmarkError(f"{name}: took longer than {timeout:.0f} s; {_tail(err)}")
    if process.returncode != 0:
        raise BenchmarkError(f"{name}: exit status {process.returncode}; {_tail(err)}")
    return ChildRun(
        wall_seconds=wall,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        peak_rss_bytes=usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
        peak_session_bytes=watch.peak,
        stdout=out.read_text(encoding="utf-8", errors="replace"),
    )


class _Watch(threading.Thread):
    """Samples the memory of a session's processes and ends the session at its deadline."""

    def __init__(self, session: int, timeout: float) -> None:
        super().__init__(daemon=True)
        self._session = session
        self._deadline = time.monotonic() + timeout
        self._ended = threading.Event()
        self.peak = 0
        self.timed_out = False

    def run(self) -> None:
        while not self._ended.wait(SAMPLE_SECONDS):
            self.peak = max(self.peak, sum(map(_proportional_bytes, session_processes(self._session))))
            if time.monotonic() > self._deadline:
                self.timed_out = True
                _kill_session(self._session)
                return

    def stop(self) -> None:
        self._ended.set()
        self.join()


def session_processes(session: int) -> list[int]:
    """Process ids whose session is the given one; empty where there is no /proc."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            # The command name, in brackets, may hold spaces: fields are counted from its end.
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) == session:
                found.append(int(folder.name))
    return found


def _proportional_bytes(process: int) -> int:
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text()
    except OSError:  # it has just ended, or the kernel has no such file
        return 0
    return sum(int(line.split()[1]) << 10 for line in text.splitlines() if line.startswith("Pss:"))


def _kill_session(session: int) -> None:
    for process in [session, *session_processes(session)]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def _tail(log: Path, lines: int = 12) -> str:
    text = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-lines:]
    return "the end of its log:\n" + "\n".join(text)


def peer_environment(name: str) -> Path:
    """The Python of `.bench/<name>/`, made from `peers/<name>.txt` on first use and when that file changes.

    `peers/<name>.no-deps.txt`, where there is one, lists packages that are installed without what they ask for.
    """
    peers = Path(__file__).parent / "peers"
    lists = [file for file in (peers / f"{name}.txt", peers / f"{name}.no-deps.txt") if file.exists()]
    wanted = hashlib.sha256(b"\0".join([sys.version.encode(), *(file.read_bytes() for file in lists)])).hexdigest()
    folder = ROOT / ".bench" / name
    stamp, python = folder / "installed.sha256", folder / "bin" / "python"
    if stamp.exists() and stamp.read_text() == wanted:
        return python
    say(f"making the environment of {name} in {folder.relative_to(ROOT)} (about a minute, once)")
    try:
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True, stdout=sys.stderr)
        for file in lists:
            extra = ["--no-deps"] if file.name.endswith(".no-deps.txt") else []
            command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *extra]
            subprocess.run([*command, "-r", str(file)], check=True, stdout=sys.stderr)
    except subprocess.CalledProcessError as error:
        raise BenchmarkError(f"the environment of {name} could not be made: {' '.join(map(str, error.cmd))}") from None
    stamp.write_text(wanted)
    return python


def real_data() -> Path | None:
    """The folder of real files (`CORPUS_REALDATA`, else `../shared/data`), or None where there is none."""
    folder = Path(os.environ.get("CORPUS_REALDATA") or ROOT.parent / "shared" / "data")
    return folder if folder.is_dir() else None


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    load = os.getloadavg()[0]
    model = "unknown"
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    return {
        "cpu": model,
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "python": sys.version.split()[0],
        "load_before": round(load, 2),
    }


def say(message: str) -> None:
    """Progress, on standard error: standard output is for the table and the last line."""
    print(message, file=sys.stderr, flush=True)
