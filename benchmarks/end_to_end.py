"""One WARC of real pages to a corpus: our whole run, the plain loop of warcio and trafilatura, and datatrove.

Each contender is one process (with the children it starts itself), one worker, one after the other in the same run:

- `corpus`: `corpus run` with one worker: read, extract, identify languages, measure, decide, drop exact duplicates, publish.
- `warcio+trafilatura`: peers/plain_loop.py, the shortest program that does the job, with our settings of trafilatura.
- `datatrove`: peers/datatrove_run.py, in `.bench/datatrove/`, which is made on first use.

Every contender first runs on a few pages (reported as `warm_up_seconds`), which compiles and caches what is compiled
and cached once per machine. Then the whole file counts, from the start of the process to its end, start-up included.

Of our run it also tells (1) the share of CPU spent outside extraction: the CPU of the run less that of `extract_text`
on the same pages, measured alone in a process of its own; once over everything, and once without what a run costs
whatever its size; (2) how much peak memory grows from one to ten times the input. Details: docs/benchmarks.md.

The last line on stdout is one JSON object; `ratios` are our pages per second over theirs, and `ratios_cpu` the same by
CPU seconds, which a busy machine disturbs less.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from _harness import BenchmarkError, ChildRun, machine, peer_environment, real_data, run_child, say

HERE = Path(__file__).resolve().parent
OURS, PLAIN, DATATROVE = "corpus", "warcio+trafilatura", "datatrove"
WARM_UP_PAGES = 10
GROWTH = 10
REAL_PAGES = "html/trafilatura-eval.warc.gz"


@dataclass(frozen=True, kw_only=True)
class Pages:
    """A WARC and how many pages it holds."""

    warc: Path
    count: int


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What one contender did with one WARC."""

    pages: int  # in the file; what pages per second counts, whether or not the contender's reader takes them all
    run: ChildRun
    pages_in: int  # that its reader gave
    pages_out: int  # that it wrote
    detail: dict[str, Any]  # its own report

    @property
    def pages_per_second(self) -> float:
        return self.pages / self.run.wall_seconds

    def to_dict(self) -> dict[str, Any]:
        return {
            "pages": self.pages,
            "pages_in": self.pages_in,
            "pages_out": self.pages_out,
            "pages_per_second": round(self.pages_per_second, 2),
            "wall_seconds": round(self.run.wall_seconds, 2),
            "cpu_seconds": round(self.run.cpu_seconds, 2),
            "peak_rss_mb": round(self.run.peak_rss_bytes / 1e6),
            "peak_session_mb": round(self.run.peak_session_bytes / 1e6),
            "detail": self.detail,
        }


Contender = Callable[[Pages, Path], Figures]  # input, empty scratch folder


def run_ours(pages: Pages, scratch: Path) -> Figures:
    config = scratch / "corpus.yaml"
    # JSON is YAML, and quotes any path rightly.
    source = {"format": "warc", "paths": [str(pages.warc)], "license": "LicenseRef-benchmark"}
    config.write_text(json.dumps({"name": "end-to-end", "output": "corpus", "sources": {"pages": source}}))
    command = [sys.executable, "-m", "pipelines", "run", str(config), "--workers", "1", "--runner", "memory", "--json"]
    run = run_child(command, logs=scratch, name="corpus")
    report = run.last_json()
    del report["manifest"]  # a path in the scratch folder
    counts = report["documents"]
    return Figures(pages=pages.count, run=run, pages_in=counts["read"], pages_out=counts["kept"], detail=report)


def run_plain(pages: Pages, scratch: Path) -> Figures:
    return _peer(pages, [sys.executable, *_script("plain_loop", pages, scratch / "pages.jsonl")], scratch, {})


def run_datatrove(pages: Pages, scratch: Path) -> Figures:
    python = str(peer_environment("datatrove"))
    environment = {"HF_ASSETS_CACHE": str(scratch / "assets"), "HF_HUB_OFFLINE": "1"}
    return _peer(pages, [python, *_script("datatrove_run", pages, scratch / "out")], scratch, environment)


def _script(name: str, pages: Pages, out: Path) -> list[str]:
    return [str(HERE / "peers" / f"{name}.py"), "--warc", str(pages.warc), "--out", str(out)]


def _peer(pages: Pages, command: list[str], scratch: Path, environment: dict[str, str]) -> Figures:
    run = run_child(command, logs=scratch, name="peer", environment=environment)
    report = run.last_json()
    pages_in, pages_out = report.pop("pages_in"), report.pop("pages_out")
    return Figures(pages=pages.count, run=run, pages_in=pages_in, pages_out=pages_out, detail=report)


CONTENDERS: dict[str, Contender] = {DATATROVE: run_datatrove, PLAIN: run_plain, OURS: run_ours}


class Bench:
    """The scratch folder of one run of the benchmark, and what is made and measured in it."""

    def __init__(self, source: Path | None, scratch: Path) -> None:
        self.scratch = scratch
        self._source = source or self._own_pages()
        self.pages = self.make_pages("pages")
        self.warm_up: dict[str, Figures] = {}
        self.rounds: dict[str, list[Figures]] = {}
        self.extraction: list[list[float]] = []  # CPU seconds of every page; one list per round of ours

    def _own_pages(self) -> Path:
        target = self.scratch / "own.warc.gz"
        self._child("_own_pages", str(target))
        return target

    def make_pages(self, name: str, *arguments: str) -> Pages:
        warc = self.scratch / f"{name}.warc.gz"
        pages = self._child("_repeated_pages", str(self._source), str(warc), *arguments)["pages"]
        if not pages:
            raise BenchmarkError(f"{self._source}: holds no page")
        return Pages(warc=warc, count=pages)

    def _child(self, script: str, *arguments: str) -> dict[str, Any]:
        """The last line of a script beside this one, whose process is not measured."""
        command = [sys.executable, str(HERE / f"{script}.py"), *arguments]
        return run_child(command, logs=self.scratch / "logs", name=script).last_json()

    def once(self, name: str, pages: Pages, label: str) -> Figures:
        folder = self.scratch / "contender"
        folder.mkdir()
        figures = CONTENDERS[name](pages, folder)
        say(f"{name}, {label}: {figures.pages_in} of {pages.count} pages read, {figures.run.wall_seconds:.1f} s")
        shutil.rmtree(folder)
        return figures

    def compare(self, names: Sequence[str], rounds: int, profile: bool) -> None:
        """Every contender on the whole file, in turn; extraction alone right after our run, on the machine as it is."""
        if DATATROVE in names:
            peer_environment(DATATROVE)  # made before any clock starts
        few = self.make_pages("few", "--every", str(max(1, self.pages.count // WARM_UP_PAGES)))
        self.warm_up = {name: self.once(name, few, "warm-up") for name in names}
        self.rounds = {name: [] for name in names}
        for number in range(1, rounds + 1):
            for name in names:
                self.rounds[name].append(self.once(name, self.pages, f"round {number}"))
                if name == OURS and profile:
                    self.extraction.append(self._child("_extraction_cpu", str(self.pages.warc))["seconds"])

    def report(self) -> dict[str, dict[str, Any]]:
        """Of several rounds of a contender the one with the median wall time."""
        return {
            name: {
                **sorted(figures, key=lambda one: one.run.wall_seconds)[len(figures) // 2].to_dict(),
                "warm_up_seconds": round(self.warm_up[name].run.wall_seconds, 2),
                "wall_seconds_of_rounds": [round(one.run.wall_seconds, 2) for one in figures],
            }
            for name, figures in self.rounds.items()
        }

    def our_profile(self, every: int) -> dict[str, Any]:
        """CPU outside extraction (median of the rounds), and growth of memory with the input."""
        one = self.once(OURS, self.make_pages("one", "--every", str(every)), "1x")
        ten = self.once(OURS, self.make_pages("ten", "--every", str(every), "--copies", str(GROWTH)), f"{GROWTH}x")
        shares, shares_per_page = [], []
        for ours, seconds in zip(self.rounds[OURS], self.extraction, strict=True):
            shares.append(1 - sum(seconds) / ours.run.cpu_seconds)
            # Two sizes of input tell what a page costs from what a run costs whatever its size.
            cpu = ours.run.cpu_seconds - one.run.cpu_seconds
            shares_per_page.append(1 - (sum(seconds) - sum(seconds[::every])) / cpu)
        return {
            "extraction_cpu_seconds": round(statistics.median(map(sum, self.extraction)), 2),
            "cpu_share_outside_extraction": round(statistics.median(shares), 4),
            "cpu_share_outside_extraction_per_page": round(statistics.median(shares_per_page), 4),
            "growth": {
                "input": GROWTH,
                "peak_rss": round(ten.run.peak_rss_bytes / one.run.peak_rss_bytes, 3),
                "peak_session": round(ten.run.peak_session_bytes / max(one.run.peak_session_bytes, 1), 3),
                "one": one.to_dict(),
                "ten": ten.to_dict(),
            },
        }


def find_pages() -> Path | None:
    """The real pages, or None, said aloud, where this machine has none."""
    folder = real_data()
    pages = folder / REAL_PAGES if folder else None
    if pages is not None and pages.exists():
        return pages
    say(f"the real pages ({REAL_PAGES}) are not here (set CORPUS_REALDATA): pages made from the demo's texts instead")
    return None


def ratios(report: dict[str, dict[str, Any]], speed: Callable[[dict[str, Any]], float]) -> dict[str, float]:
    """Our speed over that of each peer; empty where we did not run."""
    if OURS not in report:
        return {}
    return {name: round(speed(report[OURS]) / speed(one), 3) for name, one in report.items() if name != OURS}


def is_busy(report: dict[str, dict[str, Any]]) -> bool:
    """Whether a peer waited: both keep one core at work from start to end, so their wall time is their CPU time."""
    return any(one["wall_seconds"] > 1.1 * one["cpu_seconds"] for name, one in report.items() if name != OURS)


def table(report: dict[str, dict[str, Any]]) -> str:
    head = f"{'':20}{'pages/s':>9}{'wall s':>9}{'CPU s':>9}{'peak MB':>9}{'all MB':>9}{'in':>7}{'out':>7}"
    rows = [
        f"{name:20}{one['pages_per_second']:>9.1f}{one['wall_seconds']:>9.1f}{one['cpu_seconds']:>9.1f}"
        f"{one['peak_rss_mb']:>9}{one['peak_session_mb']:>9}{one['pages_in']:>7}{one['pages_out']:>7}"
        for name, one in report.items()
    ]
    return "\n".join([head, *rows])


def profile_lines(profile: dict[str, Any]) -> str:
    growth = profile["growth"]
    one, ten = growth["one"], growth["ten"]
    return (
        f"CPU outside extraction: {profile['cpu_share_outside_extraction']:.1%} of the run, "
        f"{profile['cpu_share_outside_extraction_per_page']:.1%} of what a page costs\n"
        f"peak memory from 1x ({one['pages']} pages) to {growth['input']}x ({ten['pages']} pages): "
        f"largest process {one['peak_rss_mb']} to {ten['peak_rss_mb']} MB (x{growth['peak_rss']:.2f}), "
        f"all {one['peak_session_mb']} to {ten['peak_session_mb']} MB (x{growth['peak_session']:.2f})"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--warc", type=Path, help=f"pages to use; default: {REAL_PAGES} of the real data")
    parser.add_argument("--rounds", type=int, default=1, help="times that every contender runs, in turn")
    parser.add_argument("--only", action="append", choices=list(CONTENDERS), help="run this one (may be repeated)")
    parser.add_argument("--growth", action=argparse.BooleanOptionalAction, default=True, help="profile our run further")
    parser.add_argument("--growth-every", type=int, default=5, help="the 1x input is every n-th page (2 or more)")
    arguments = parser.parse_args()
    if arguments.rounds < 1 or arguments.growth_every < 2:
        parser.error("--rounds must be at least 1 and --growth-every at least 2")
    names = [name for name in CONTENDERS if name in (arguments.only or CONTENDERS)]
    if arguments.warc and not arguments.warc.is_file():
        parser.error(f"--warc {arguments.warc}: there is no such file")
    host = machine()
    try:
        source = arguments.warc.resolve() if arguments.warc else find_pages()
        with tempfile.TemporaryDirectory(prefix="end-to-end-") as scratch:
            bench = Bench(source, Path(scratch))
            profiled = OURS in names and arguments.growth
            bench.compare(names, arguments.rounds, profiled)
            report = bench.report()
            profile = bench.our_profile(arguments.growth_every) if profiled else {}
    except BenchmarkError as error:
        say(f"end_to_end: {error}")
        return 1
    pages = source.name if source else "own pages"
    print(f"{pages}, {host['cores']} cores, {host['cpu']}, load before {host['load_before']}\n{table(report)}")
    if profile:
        print(profile_lines(profile))
    busy = is_busy(report)
    if busy:
        print("other programs kept this machine busy: trust ratios_cpu, and run again before believing wall seconds")
    result = {
        "benchmark": "end_to_end",
        "ratios": ratios(report, lambda one: one["pages_per_second"]),
        "ratios_cpu": ratios(report, lambda one: one["pages"] / one["cpu_seconds"]),
        "pages": pages,
        "machine": host,
        "busy": busy,
        "contenders": report,
    }
    print(json.dumps({**result, **profile}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
