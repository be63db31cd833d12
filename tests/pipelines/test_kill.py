"""kill -9 at random points, then run again: the same corpus, and no finished task done twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from manifests import load_manifest
from manifests.verify import verify
from tests.pipelines.inputs import page, rows, run_config, texts, write_config, write_jsonl, write_warc

pytestmark = pytest.mark.slow

#: Seeds are fixed so that a failure can be repeated; each gives other points of death.
SEEDS = (1, 2)


def _inputs(folder: Path) -> Path:
    for number in range(6):
        pages = [(f"https://{number}.example/{n}", page(text)) for n, text in enumerate(texts("fra_Latn", 8))]
        write_warc(folder / "crawl" / f"{number}.warc.gz", pages)
        write_jsonl(folder / "lines" / f"{number}.jsonl", rows("eng_Latn", 12, f"{number}.example"))
    return write_config(
        folder,
        {
            "crawl": {"format": "warc", "paths": ["crawl/*.warc.gz"]},
            "lines": {"format": "jsonl", "paths": ["lines/*.jsonl"]},
        },
        shards={"target_bytes": 8000, "row_group_bytes": 4000},
    )


def _records(work: Path) -> dict[str, int]:
    """Records of finished tasks, with the time each was written."""
    return {str(path.relative_to(work)): path.stat().st_mtime_ns for path in work.glob("records/**/*.json")}


@pytest.mark.parametrize("seed", SEEDS)
def test_killed_anywhere(tmp_path: Path, seed: int) -> None:
    config = _inputs(tmp_path)
    undisturbed = run_config(config, output=str(tmp_path / "undisturbed"))
    dice = random.Random(seed)
    work = tmp_path / "out" / "_work"
    command = [sys.executable, "-m", "pipelines", "run", str(config), "--workers", "2", "--quiet"]
    seen: dict[str, int] = {}
    kills = 0
    for attempt in range(30):
        process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        delay = dice.uniform(2.0, 4.0 + attempt)
        deadline = time.monotonic() + delay
        while process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        finished = process.poll() is not None
        if not finished:
            os.killpg(process.pid, signal.SIGKILL)
            kills += 1
        error = process.communicate()[1].decode()
        if finished:
            assert process.returncode == 0, error
        now = _records(work)
        repeated = [name for name, written in seen.items() if now.get(name) != written]
        assert not repeated, f"finished tasks were done again: {repeated}"
        seen = now
        if finished:
            break
    assert kills > 0
    assert load_manifest(str(tmp_path / "out")).manifest_hash == undisturbed.manifest.manifest_hash
    assert verify(str(tmp_path / "out")) == []
    left = subprocess.run(
        [sys.executable, "-m", "pipelines", "clean", str(tmp_path / "out")], capture_output=True, text=True, check=True
    )
    assert "files, freed" in left.stdout
    assert not list((tmp_path / "out").rglob(".tmp-*")), "clean removes what the killed runs left half-written"
    assert verify(str(tmp_path / "out")) == []
