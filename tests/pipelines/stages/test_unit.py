"""The DoFn of all stages: a unit that fails costs itself and is written down."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path

import apache_beam as beam
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from apache_beam.testing.test_pipeline import TestPipeline as PipelineUnderTest  # pytest collects names with Test
from apache_beam.testing.util import assert_that, equal_to

from corpus.errors import CorpusError
from pipelines.engine import clear_failures, read_failures
from pipelines.stages.unit import Unit, describe
from pipelines.workspace import Workspace


def _halve(number: int) -> Iterator[int]:
    if number % 2:
        raise ValueError(f"{number} is odd")
    yield number // 2


def test_failures_are_noted_and_the_others_pass(tmp_path: Path) -> None:
    space = Workspace(output=str(tmp_path))
    with PipelineUnderTest(runner=FnApiRunner()) as pipeline:
        halves = pipeline | beam.Create([2, 3, 4]) | beam.ParDo(Unit("halve", space, _halve, str))
        assert_that(halves, equal_to([1, 2]))
    assert read_failures(space, "halve") == ["3: ValueError: 3 is odd"]
    clear_failures(space, "halve")
    assert read_failures(space, "halve") == []


def test_errors_are_described_for_people() -> None:
    assert describe(CorpusError("x.gz: is broken; repair it")) == "x.gz: is broken; repair it"
    assert describe(OSError(errno.ENOSPC, "No space left on device", "out/x")).startswith("the disk is full (out/x)")
    assert describe(KeyError("a\n b")) == "KeyError: 'a\\n b'"
