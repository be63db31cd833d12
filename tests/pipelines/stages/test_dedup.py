"""Candidates: documents with equal hashes share a component; keys used for several contents get variants."""

from __future__ import annotations

import random
from collections import defaultdict

import apache_beam as beam
import numpy as np
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from apache_beam.testing.test_pipeline import TestPipeline as PipelineUnderTest  # pytest collects names with Test
from apache_beam.testing.util import assert_that
from hypothesis import given
from hypothesis import strategies as st

from pipelines.blocks import pack, partition, unpack
from pipelines.stages.dedup import _HIT, _MEMBER, CONTENT, KEY, _find_runs

Document = tuple[int, int]  # hash or key, content


def _members(documents: list[Document]) -> np.ndarray:
    members = np.zeros(len(documents), _MEMBER)
    members["high"] = [key << 40 for key, _ in documents]
    members["low"] = [key for key, _ in documents]
    members["content"] = [content for _, content in documents]
    members["task"] = [number // 3 for number in range(len(documents))]
    members["row"] = [number % 3 for number in range(len(documents))]
    members["position"] = [number % 3 * 100 for number in range(len(documents))]
    return members


def _hits(space: int, members: np.ndarray) -> dict[tuple[int, int], int]:
    """(task, row) -> value, from one partition fed in any order."""
    shuffled = members[random.Random(1).sample(range(len(members)), len(members))]
    found = _find_runs((space, [shuffled[:2].tobytes(), shuffled[2:].tobytes()]))
    return {(task, row): value for task, block in found for row, _, value in unpack([block], _HIT).tolist()}


documents = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2)), max_size=40)


@given(documents)
def test_components_are_the_groups_of_equal_hashes(listed: list[Document]) -> None:
    """Numbered by their first member in corpus order; a document without company is no candidate."""
    groups = defaultdict(list)
    for number, (key, _) in enumerate(listed):
        groups[key].append((number // 3, number % 3))
    expected = {
        place: (members[0][0] << 32) | members[0][1]
        for members in groups.values()
        if len(members) > 1
        for place in members
    }
    assert _hits(CONTENT, _members(listed)) == expected


@given(documents)
def test_variants_number_the_different_contents_of_a_key(listed: list[Document]) -> None:
    """The first content keeps the id; the same content again is no new variant."""
    seen: dict[int, list[int]] = defaultdict(list)
    expected = {}
    for number, (key, content) in enumerate(listed):
        if content not in seen[key]:
            seen[key].append(content)
        if seen[key].index(content) > 0:
            expected[number // 3, number % 3] = seen[key].index(content)
    assert _hits(KEY, _members(listed)) == expected


def test_through_a_shuffle_of_many_partitions() -> None:
    """The result does not depend on how many partitions the hashes are spread over."""
    dice = random.Random(7)
    members = _members([(dice.randrange(200) << 12, 0) for _ in range(500)])
    members["high"] = members["low"] << np.uint64(44)
    alone = _hits(CONTENT, members)

    def check(found: list[tuple[int, bytes]]) -> None:
        hits = {(task, row): value for task, block in found for row, _, value in unpack([block], _HIT).tolist()}
        assert hits == alone
        assert hits

    with PipelineUnderTest(runner=FnApiRunner()) as pipeline:
        runs = (
            pipeline
            | beam.Create(list(pack(partition(members["high"], 8) * 2 + CONTENT, members)))
            | beam.Map(lambda pair: pair).with_output_types(tuple[int, bytes])
            | beam.GroupByKey()
            | beam.FlatMap(_find_runs)
        )
        assert_that(runs, check)
