"""The DoFn that all stages share: do one unit of work, and let a failing unit cost nothing but itself."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import apache_beam as beam

from corpus.errors import CorpusError
from pipelines.engine import note_failure
from pipelines.workspace import Workspace


class Unit(beam.DoFn):
    """Applies `work(element)`, which returns what the stage passes on. `name(element)` tells people which unit it is.

    An exception is written down as a failure of this unit and swallowed here: the driver raises it when the stage is
    through, and every other unit keeps its result.
    """

    def __init__(
        self,
        stage: str,
        workspace: Workspace,
        work: Callable[[Any], Iterable[Any] | None],
        name: Callable[[Any], str],
    ) -> None:
        self._stage, self._workspace, self._work, self._name = stage, workspace, work, name

    def process(self, element: Any) -> Iterator[Any]:
        try:
            yield from self._work(element) or ()
        except Exception as error:  # noqa: BLE001 - any failure belongs to this unit and is reported by the driver
            note_failure(self._workspace, self._stage, self._name(element), describe(error))

    def teardown(self) -> None:
        close = getattr(self._work, "close", None)
        if close is not None:
            close()


class GroupBlocks(beam.PTransform):
    """(key, packed block) to (key, blocks): a shuffle whose elements stay small. The types are said, so that every runner
    uses the same deterministic coders for them."""

    def expand(self, pairs: beam.PCollection) -> beam.PCollection:
        return pairs | beam.Map(_pair).with_output_types(tuple[int, bytes]) | beam.GroupByKey()


def _pair(pair: tuple[int, bytes]) -> tuple[int, bytes]:
    return pair


def describe(error: BaseException) -> str:
    if isinstance(error, CorpusError):
        return str(error)
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return f"the disk is full ({error.filename or 'no space left'}): free some space and run again"
    return f"{type(error).__name__}: {' '.join(str(error).split())[:500]}"
