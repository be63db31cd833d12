"""No kernel reads outside its text, and all are linear: counted in plain Python, where numpy checks every index."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def watched() -> dict[str, Any]:
    """What `watched.py` counts; it fails if any access is out of bounds."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.corpus.kernels.watched"],
        cwd=ROOT,
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_every_access_is_in_bounds(watched: dict[str, Any]) -> None:
    """Every piece, every cut of it and mixtures of all, each between bytes that must not be read."""
    assert watched["texts"] > 250


def test_reads_grow_with_the_length_of_the_text(watched: dict[str, Any]) -> None:
    """Four times the text takes four times the reads, whatever it repeats."""
    for shape, (once, twice, four_times) in watched["reads"].items():
        assert once > 0, shape
        assert twice <= 1.1 * once, shape
        assert four_times <= 1.1 * once, shape


def test_hash_tables_are_probed_a_few_times_per_item(watched: dict[str, Any]) -> None:
    """Half-full tables need three or four reads per item (the occupied ones twice), for ten thousand as for a hundred."""
    assert all(1 <= probes < 6 for probes in watched["probes"]), watched["probes"]


@pytest.mark.slow
def test_compiled_kernels_stay_in_bounds(tmp_path: Path) -> None:
    """The comparisons with the reference pass when numba checks every index of the compiled code."""
    names = ("segment", "repetition", "quality", "stop_words", "normalise")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n0"]
        + [f"tests/corpus/kernels/test_{name}.py" for name in names],
        cwd=ROOT,
        env={**os.environ, "NUMBA_BOUNDSCHECK": "1", "CORPUS_CACHE": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
