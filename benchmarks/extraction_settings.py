"""Which settings of the extractor find the wanted text on real pages, and what each costs.

990 real pages with segments that people marked as wanted or unwanted (`html/trafilatura-eval` under CORPUS_REALDATA or
../shared/data). Each row runs in a process of its own. Precision, recall and F1 count segments; times are CPU time per page
from bytes to text, character set included, because a wall clock would measure what else the machine does. What the sandbox
adds is wall time by its nature, so it is measured in turns: each batch of pages in this process and then through the
sandbox, caps included, and the median of the ratios counts.
"""

from __future__ import annotations

import gzip
import json
import logging
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import Any, get_args

from _harness import BenchmarkError, real_data, say
from warcio.archiveiterator import ArchiveIterator

from corpus.extract import Extractor, Page
from corpus.extract.charset import decode
from corpus.extract.inprocess import extract_page
from corpus.extract.maintext import CHOSEN, Focus, Settings, main_text

# The archive has a URL with a space in it, which is of no interest here.
logging.getLogger("warcio").setLevel(logging.ERROR)

SANDBOX = "sandbox"
BATCH = 33


@dataclass(frozen=True, kw_only=True)
class Row:
    """What one variant reached; times in milliseconds."""

    precision: float
    recall: float
    f1: float
    mean_ms: float
    p99_ms: float
    longest_ms: float
    empty: int


def variants() -> list[Settings]:
    focuses: tuple[Focus, ...] = get_args(Focus)
    grid = [
        Settings(fast=fast, focus=focus, tables=tables)
        for fast, focus, tables in product((False, True), focuses, (True, False))
    ]
    return [*grid, Settings(comments=True)]


def name(settings: Settings) -> str:
    flags = {"fast": settings.fast, "no tables": not settings.tables, "comments": settings.comments}
    return ", ".join([settings.focus, *(flag for flag, is_set in flags.items() if is_set)])


def load(folder: Path) -> tuple[list[bytes], list[dict[str, list[str]]]]:
    """Pages, and the segments of each in the same order."""
    gold = json.loads(gzip.decompress((folder / "html/trafilatura-eval.gold.json.gz").read_bytes()))
    with (folder / "html/trafilatura-eval.warc.gz").open("rb") as stream:
        pages = [record.content_stream().read() for record in ArchiveIterator(stream)]
    return pages, list(gold.values())


def measure(folder: Path, variant: str) -> Row:
    pages, gold = load(folder)
    settings = next(each for each in variants() if name(each) == variant)
    main_text(decode(pages[0]).text, settings)  # stop lists and compiled expressions load once
    texts: list[str | None] = []
    times: list[float] = []
    for page in pages:
        began = time.process_time()
        texts.append(main_text(decode(page).text, settings))
        times.append(time.process_time() - began)
    return score(texts, gold, times)


def sandbox_ratio(folder: Path) -> float:
    """Wall time through the sandbox to wall time in this process, by turns; raises if a text differs."""
    pages = [Page(page) for page in load(folder)[0]]
    ratios: list[float] = []
    with Extractor() as extractor:
        extractor.extract(pages[:1])
        extract_page(pages[0])
        for start in range(0, len(pages), BATCH):
            batch = pages[start : start + BATCH]
            began = time.perf_counter()
            here = [extract_page(page) for page in batch]
            between = time.perf_counter()
            there = extractor.extract(batch)
            ratios.append((time.perf_counter() - between) / (between - began))
            if here != there:
                raise BenchmarkError("the sandbox gave another text than the extraction in this process")
    return statistics.median(ratios)


def score(texts: Iterable[str | None], gold: list[dict[str, list[str]]], times: list[float]) -> Row:
    found = missed = unwanted = empty = 0
    for text, segments in zip(texts, gold, strict=True):
        empty += text is None
        hits = sum(segment in (text or "") for segment in segments["with"])
        found += hits
        missed += len(segments["with"]) - hits
        unwanted += sum(segment in (text or "") for segment in segments["without"])
    ordered = sorted(times)
    return Row(
        precision=round(found / (found + unwanted), 4),
        recall=round(found / (found + missed), 4),
        f1=round(2 * found / (2 * found + missed + unwanted), 4),
        mean_ms=round(1e3 * sum(times) / len(times), 2),
        p99_ms=round(1e3 * ordered[len(ordered) * 99 // 100], 1),
        longest_ms=round(1e3 * ordered[-1], 1),
        empty=empty,
    )


def in_child(variant: str) -> Any:
    child = subprocess.run([sys.executable, __file__, variant], stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(child.stdout.splitlines()[-1])


def main() -> int:
    folder = real_data()
    if folder is None:
        raise BenchmarkError("the real pages are not here: set CORPUS_REALDATA to their folder")
    if len(sys.argv) > 1:
        if sys.argv[1] == SANDBOX:
            print(json.dumps(sandbox_ratio(folder)))
        else:
            print(json.dumps(asdict(measure(folder, sys.argv[1]))))
        return 0
    rows: dict[str, Row] = {}
    for variant in map(name, variants()):
        row = rows[variant] = Row(**in_child(variant))
        say(
            f"| {variant} | {row.precision:.4f} | {row.recall:.4f} | {row.f1:.4f} "
            f"| {row.mean_ms:.1f} | {row.p99_ms:.0f} | {row.longest_ms:.0f} | {row.empty} |"
        )
    chosen = rows[name(CHOSEN)]
    best_other = max(row.f1 for variant, row in rows.items() if variant != name(CHOSEN))
    ratios = {
        "f1 to the best other setting": round(chosen.f1 / best_other, 4),
        "time to fast balanced": round(chosen.mean_ms / rows["balanced, fast"].mean_ms, 3),
        "time of sandbox to in-process": round(in_child(SANDBOX), 3),
    }
    report = {
        "benchmark": "extraction_settings",
        "ratios": ratios,
        "rows": {key: asdict(row) for key, row in rows.items()},
    }
    print(json.dumps(report))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BenchmarkError as error:
        sys.exit(str(error))
