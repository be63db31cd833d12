"""How kernels are compiled: once per machine, into a cache that every worker process loads from."""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba
from numba.core import config

Function = TypeVar("Function", bound=Callable[..., Any])


def cache_folder() -> Path:
    """`$CORPUS_CACHE` or the user's cache folder, keyed so that no stale code is ever loaded.

    numba looks at the file of a kernel alone, but helpers of other files are compiled into it: so the key holds a digest of
    every file here.
    """
    base = os.environ.get("CORPUS_CACHE")
    if base is None:
        base = str(Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "corpus")
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    machine = f"numba{numba.__version__}-{platform.machine()}-py{platform.python_version()}"
    return Path(base) / "kernels" / f"{digest.hexdigest()[:16]}-{machine}"


# numba adds the CPU's name and features, and the source file's time stamp, to its own index inside this folder.
config.CACHE_DIR = str(cache_folder())


def kernel(signature: str | list[str]) -> Callable[[Function], Function]:
    """Compile for the given signature at import, or load the result of an earlier compilation.

    Kernels release the GIL, never use fast-math, and wrap integers as C does.
    """

    def decorate(function: Function) -> Function:
        compiled: Function = numba.njit(signature, cache=True, nogil=True, fastmath=False, error_model="numpy")(
            function
        )
        return compiled

    return decorate
