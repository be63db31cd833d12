"""Choosing among candidates: against a plain loop that follows the definition."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipelines.blocks import digits, unpack
from pipelines.stages.select import _CANDIDATE, _DUPLICATE, _TASKS, _choose

Candidate = tuple[int, bool, int, int]  # component, failed, priority, id

candidates = st.lists(st.tuples(st.integers(0, 4), st.booleans(), st.integers(-2, 2), st.integers(0, 50)), max_size=30)


@given(candidates, st.randoms(use_true_random=False))
def test_the_first_that_passed_stays(listed: list[Candidate], dice: object) -> None:
    """In order of priority (higher first), id, place; those that failed a rule neither stay nor are duplicates."""
    found = np.zeros(len(listed), _CANDIDATE)
    for number, (component, failed, priority, identifier) in enumerate(listed):
        found[number] = (component, failed, priority, 0, identifier, number // 4, number % 4)
    order = list(range(len(listed)))
    dice.shuffle(order)  # type: ignore[attr-defined]
    blocks = [found[order].tobytes()] if len(listed) else []
    chosen = {
        (task, row): digits(high, low)
        for task, block in _choose((0, blocks))
        for row, high, low in unpack([block], _DUPLICATE).tolist()
    }
    expected = {}
    for component in {one[0] for one in listed}:
        passed = sorted(
            (-priority, identifier, number)
            for number, (own, failed, priority, identifier) in enumerate(listed)
            if own == component and not failed
        )
        for _, _, number in passed[1:]:
            expected[number // 4, number % 4] = digits(0, passed[0][1])
    assert chosen == expected


def test_every_task_announces_itself() -> None:
    """So that it is settled even if none of its documents is a duplicate."""
    blocks = [np.array([ordinal], "<u4").tobytes() for ordinal in (3, 0, 2)]
    assert list(_choose((_TASKS, blocks))) == [(0, b""), (2, b""), (3, b"")]
