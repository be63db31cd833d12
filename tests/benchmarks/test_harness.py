"""Children are accounted for whole, and a failed or endless one is an error, not a figure."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from _harness import BenchmarkError, run_child, session_processes

BURN = "import time; end = time.process_time() + {seconds}\nwhile time.process_time() < end: pass\n"


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_cpu_of_grandchildren_is_counted(tmp_path: Path) -> None:
    """A child that lets another process work is charged with that work."""
    grandchild = BURN.format(seconds=0.5)
    run = run_child(
        python(f"import subprocess, sys; subprocess.run([sys.executable, '-c', {grandchild!r}], check=True)"),
        logs=tmp_path,
        name="work",
    )
    assert run.cpu_seconds >= 0.5


def test_waiting_is_wall_time_and_not_cpu_time(tmp_path: Path) -> None:
    """Wall time runs from start to end; sleep costs no CPU."""
    run = run_child(python("import time; time.sleep(1)"), logs=tmp_path, name="sleep")
    assert run.wall_seconds >= 1
    assert run.cpu_seconds < 1


def test_peak_memory_is_that_of_the_child(tmp_path: Path) -> None:
    """300 MB that a child touches and frees again show in its peak, and not in that of the next child.

    Measured from a small process, as benchmarks are: what the parent holds when it forks counts for the child as well.
    """
    measure = (
        "import sys; from pathlib import Path; from _harness import run_child\n"
        f"logs = Path({str(tmp_path)!r})\n"
        "for name, code in (('big', \"x = b'x' * 300_000_000; del x\"), ('small', 'pass')):\n"
        "    print(run_child([sys.executable, '-c', code], logs=logs, name=name).peak_rss_bytes)\n"
    )
    folder = Path(__file__).parents[2] / "benchmarks"
    done = subprocess.run(python(measure), cwd=folder, capture_output=True, text=True, check=True)
    big, small = map(int, done.stdout.split())
    assert big > 300_000_000
    assert small < 300_000_000


def test_a_failed_child_raises_with_the_end_of_its_log(tmp_path: Path) -> None:
    with pytest.raises(BenchmarkError, match=r"exit status 3(.|\n)*no such corpus"):
        run_child(
            python("import sys; print('no such corpus', file=sys.stderr); sys.exit(3)"), logs=tmp_path, name="bad"
        )


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds processes by /proc")
def test_a_child_past_its_limit_is_killed_with_all_it_started(tmp_path: Path) -> None:
    """Neither the child nor its own child outlives the limit."""
    code = (
        "import os, subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        "print(os.getsid(0), flush=True); time.sleep(60)"
    )
    with pytest.raises(BenchmarkError, match="longer than"):
        run_child(python(code), logs=tmp_path, name="endless", timeout=1.5)
    session = int((tmp_path / "endless.out").read_text())
    end = time.monotonic() + 5
    while session_processes(session) and time.monotonic() < end:
        time.sleep(0.05)
    assert session_processes(session) == []


@pytest.mark.parametrize("output", ["", "no json", "[1, 2]", '{"a": 1}\nlater words'])
def test_a_child_without_a_closing_object_is_an_error(tmp_path: Path, output: str) -> None:
    run = run_child(python(f"print({output!r})"), logs=tmp_path, name="words")
    with pytest.raises(BenchmarkError, match="JSON object"):
        run.last_json()


def test_the_closing_object_is_read_from_the_last_line(tmp_path: Path) -> None:
    run = run_child(python("print('words'); print('{\"pages\": 3}')"), logs=tmp_path, name="closing")
    assert run.last_json() == {"pages": 3}
