"""The figures that the benchmark derives from what it measured."""

from __future__ import annotations

from typing import Any

import end_to_end
import pytest
from _harness import ChildRun
from end_to_end import DATATROVE, OURS, PLAIN, Figures, is_busy, ratios


def figures(wall: float, cpu: float, pages_in: int = 100) -> Figures:
    run = ChildRun(wall_seconds=wall, cpu_seconds=cpu, peak_rss_bytes=10**6, peak_session_bytes=10**6, stdout="")
    return Figures(pages=100, run=run, pages_in=pages_in, pages_out=50, detail={})


def test_pages_per_second_count_the_pages_of_the_file() -> None:
    """A reader that passes over pages is not made slower by that, and so is not the ratio flattered."""
    assert figures(10, 10, pages_in=80).to_dict()["pages_per_second"] == 10


def test_ratios_are_ours_over_theirs() -> None:
    report = {OURS: figures(10, 8).to_dict(), PLAIN: figures(5, 4).to_dict(), DATATROVE: figures(20, 20).to_dict()}
    assert ratios(report, lambda one: one["pages_per_second"]) == {PLAIN: 0.5, DATATROVE: 2.0}
    assert ratios(report, lambda one: one["pages"] / one["cpu_seconds"]) == {PLAIN: 0.5, DATATROVE: 2.5}


def test_without_ours_there_is_no_ratio() -> None:
    assert ratios({PLAIN: figures(5, 4).to_dict()}, lambda one: one["pages_per_second"]) == {}


@pytest.mark.parametrize(("wall", "busy"), [(10.5, False), (15, True)])
def test_a_peer_that_waits_tells_of_a_busy_machine(wall: float, busy: bool) -> None:
    assert is_busy({PLAIN: figures(wall, 10).to_dict(), OURS: figures(99, 10).to_dict()}) is busy


def test_cpu_outside_extraction_is_told_with_and_without_start_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """10 pages at 1 s of extraction each, 1.25 s of CPU a page and 2.5 s a run: a third of the run, a fifth of a page."""
    bench = end_to_end.Bench.__new__(end_to_end.Bench)
    bench.rounds = {OURS: [figures(15, 2.5 + 10 * 1.25)]}
    bench.extraction = [[1.0] * 10]

    def once(name: str, pages: Any, label: str) -> Figures:
        return figures(5, 2.5 + 2 * 1.25)

    monkeypatch.setattr(bench, "once", once)
    monkeypatch.setattr(bench, "make_pages", lambda name, *arguments: None)
    profile = bench.our_profile(every=5)
    assert profile["cpu_share_outside_extraction"] == pytest.approx(1 / 3, abs=1e-4)
    assert profile["cpu_share_outside_extraction_per_page"] == pytest.approx(1 / 5, abs=1e-4)
    assert profile["growth"]["peak_rss"] == 1.0
