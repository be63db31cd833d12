"""Extraction in a child process: a page that hangs, crashes or eats memory costs itself and nothing else.

Signals reach only the main thread, regular expressions cannot be interrupted and a parser can take its process down with
it; so the time limit and the recovery live here, in the parent, and the parser in a child that can be killed.
"""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType, TracebackType
from typing import Self

import xxhash

from corpus.extract import frames
from corpus.extract.child import Child, ChildEnded
from corpus.extract.limits import Limits, violation
from corpus.extract.model import Extraction, Failure, Page, Reason

DEFAULT_SECONDS = 30.0
"""Wall time, as a loaded machine has it. The slowest of 990 real pages takes 0.5 s, the slowest of six kinds of page made up
to strain `Limits` 18 s."""

SECOND_TRY = 20
"""A page that ran out of time is tried once more, alone, with so many times the limit."""

MEMORY_BYTES = 4 * 1024**3
"""Address space of the child. A page beyond it is a `parser_error` with a MemoryError."""

RECYCLE_AFTER = 5000
"""Pages per child: libxml2's dictionary of names and the allocator's heap grow and never shrink (88 MB in 3,000 pages)."""

_AHEAD_PAGES = 8
_AHEAD_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class _Stopped:
    """What the child was doing when it was stopped."""

    index: int
    reason: Reason
    detail: str


class Extractor:
    """Extracts pages in a child process of its own. Use it as a context manager, or call `close`; one thread at a time.

    `verdicts` are failures of an earlier run by `page_key`: such a page is not tried again. Those that this run adds are
    in `new_verdicts`, for the caller to keep: only so does a later run, on a faster or slower machine, give the same
    texts. `command` is the child's argument vector.
    """

    def __init__(
        self,
        *,
        limits: Limits | None = None,
        seconds: float = DEFAULT_SECONDS,
        memory_bytes: int = MEMORY_BYTES,
        recycle_after: int = RECYCLE_AFTER,
        verdicts: Mapping[str, Failure] = MappingProxyType({}),
        command: Sequence[str] | None = None,
    ) -> None:
        self.new_verdicts: dict[str, Failure] = {}
        self._limits = limits or Limits()
        self._seconds = seconds
        self._recycle_after = recycle_after
        self._verdicts = verdicts
        # -P: a stray `lxml.py` in the working directory must not shadow the parser.
        self._command = command or [sys.executable, "-P", "-m", "corpus.extract.worker", str(memory_bytes)]
        self._child: Child | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the child; the next `extract` starts another."""
        if self._child is not None:
            self._child.close()
            self._child = None

    def extract(self, pages: Sequence[Page]) -> list[Extraction]:
        """Extractions in the order of the pages. Raises `CorpusError` only if the child cannot be started at all."""
        results = [self._without_child(page) for page in pages]
        waiting = deque(index for index, result in enumerate(results) if result is None)
        while waiting:
            stopped = self._run(pages, waiting, results, self._seconds)
            if stopped is None:
                break
            index = waiting.popleft()
            # The same page twice in one call: the verdict on the first holds for the second.
            results[index] = self._known(pages[index]) or self._try_alone(pages[index])
        return [result for result in results if result is not None]

    def _without_child(self, page: Page) -> Extraction | None:
        failure = violation(page.html, self._limits)
        return Extraction(None, None, None, failure) if failure else self._known(page)

    def _known(self, page: Page) -> Extraction | None:
        if not self._verdicts and not self.new_verdicts:
            return None
        key = page_key(page)
        failure = self._verdicts.get(key) or self.new_verdicts.get(key)
        return Extraction(None, None, None, failure) if failure else None

    def _try_alone(self, page: Page) -> Extraction:
        """The second and last try, in a fresh child, with more time."""
        results: list[Extraction | None] = [None]
        stopped = self._run([page], deque([0]), results, self._seconds * SECOND_TRY)
        if results[0] is not None:
            return results[0]
        assert stopped is not None
        failure = Failure(stopped.reason, stopped.detail)
        if stopped.reason is Reason.TIME_OUT:
            self.new_verdicts[page_key(page)] = failure
        return Extraction(None, None, None, failure)

    def _run(
        self, pages: Sequence[Page], waiting: deque[int], results: list[Extraction | None], seconds: float
    ) -> _Stopped | None:
        """Extract the waiting pages in order until none waits or the child is stopped at the first that still does."""
        while waiting:
            child = self._ready_child()
            sent = 0  # pages at the head of `waiting` that the child has
            bytes_sent = 0
            turn = time.monotonic()  # when the child could begin with the page at the head
            while waiting:
                while (
                    sent < min(len(waiting), _AHEAD_PAGES)
                    and (sent < 2 or bytes_sent < _AHEAD_BYTES)
                    and child.sent < self._recycle_after
                ):
                    page = pages[waiting[sent]]
                    child.send(frames.pack_page(page, seconds))
                    sent += 1
                    bytes_sent += len(page.html)
                if sent == 0:
                    break  # the child has had its share of pages
                try:
                    parts = child.receive(turn + seconds)
                    extraction = None if parts is None else frames.extraction_of(parts)
                except (ChildEnded, ValueError) as ended:
                    self._kill()
                    return _Stopped(waiting[0], Reason.PARSER_CRASH, str(ended))
                if extraction is None:
                    self._kill()
                    return _Stopped(waiting[0], Reason.TIME_OUT, f"no result within {seconds:g} s")
                turn = time.monotonic()
                index = waiting.popleft()
                sent -= 1
                bytes_sent -= len(pages[index].html)
                results[index] = extraction
                if extraction.failure is not None:
                    # After a MemoryError or the like nothing is known about the state of a C library.
                    self._kill()
                    break
            else:
                return None
            if self._child is not None:
                self.close()
        return None

    def _ready_child(self) -> Child:
        if self._child is not None and self._child.sent >= self._recycle_after:
            self.close()
        if self._child is None:
            self._child = Child(self._command)
            self._child.wait_until_ready()
        return self._child

    def _kill(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child = None


def page_key(page: Page) -> str:
    """What identifies a page in a file of verdicts: xxh3-128 of its bytes, in hex."""
    return xxhash.xxh3_128_hexdigest(page.html)
