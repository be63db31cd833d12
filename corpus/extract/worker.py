"""The child of `Extractor`: reads pages from standard input, writes extractions to standard output, ends with its input.

`python -m corpus.extract.worker MEMORY_BYTES`. Caps were checked by the parent; time is the parent's to watch.
"""

from __future__ import annotations

import contextlib
import math
import os
import signal
import sys
from pathlib import Path
from typing import BinaryIO

from corpus.extract import frames
from corpus.extract.inprocess import extract_page


def main() -> None:
    memory_bytes = int(sys.argv[1])
    # Libraries that print would break the protocol: their standard output becomes standard error.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _confine(memory_bytes)
    with contextlib.suppress(BrokenPipeError):  # the parent is gone, and with it the need for an answer
        _serve(answers)


def _serve(answers: BinaryIO) -> None:
    answers.write(frames.pack(frames.READY))
    answers.flush()
    while (parts := frames.read(sys.stdin.buffer)) is not None:
        page, seconds = frames.page_of(parts)
        _set_alarm(2 * seconds + 5)
        answers.write(frames.pack_extraction(extract_page(page)))
        answers.flush()
        _set_alarm(0)


def _set_alarm(seconds: float) -> None:
    """End this process in so many seconds, by a signal that no C code can hold up; 0 cancels.

    The parent kills a slow child long before. This is for the child whose parent was killed in the middle of a page
    that never ends, which would otherwise burn a core for ever.
    """
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, math.ceil(seconds))


def _confine(memory_bytes: int) -> None:
    """A page that eats memory must fail in this process, and if the machine runs dry, this process goes first."""
    if sys.platform != "win32":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        if hard == resource.RLIM_INFINITY or hard > memory_bytes:
            resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
        # A parser that crashes on foreign pages would fill the disk with its core dumps.
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError):  # not Linux, or a container that forbids it
        Path("/proc/self/oom_score_adj").write_text("1000")


if __name__ == "__main__":
    main()
