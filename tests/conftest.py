"""Shared fixtures."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest
from hypothesis import settings

# Machines that run the suite differ in speed by an order of magnitude; a deadline would only measure that.
settings.register_profile("corpus", deadline=None, max_examples=50, derandomize=True)
settings.load_profile("corpus")


@pytest.fixture(scope="session")
def realdata() -> Path:
    """Folder of real files, which are not part of the project."""
    folder = Path(os.environ.get("CORPUS_REALDATA") or Path(__file__).parents[2] / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"real files are not here: {folder} (set CORPUS_REALDATA)")
    return folder


@pytest.fixture
def memory() -> Iterator[str]:
    """URL of an empty folder on fsspec's in-memory store, which stands for object stores."""
    store = fsspec.filesystem("memory")
    store.store.clear()
    store.pseudo_dirs[:] = [""]
    yield "memory://store"
    store.store.clear()
    store.pseudo_dirs[:] = [""]
