"""`corpus plan CONFIG`."""

from __future__ import annotations

import argparse
import os
import sys


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("config", help="configuration file (YAML)")
    parser.add_argument("--output", help="folder or URL to use instead of the configured one")
    parser.add_argument("--workers", type=int, default=0, metavar="N", help="worker processes to plan for")


def execute(given: argparse.Namespace) -> int:
    from rich.console import Console
    from rich.table import Table

    from corpus.config import load_config
    from pipelines.estimate import estimate
    from pipelines.progress import duration

    config = load_config(given.config, given.output)
    found = estimate(config, given.workers or os.cpu_count() or 1)
    table = Table(title=f"{config.name}: a run would do this", title_justify="left")
    for column in ("source", "format"):
        table.add_column(column)
    for column in ("tasks", "input MB", "documents/s and core", "core time", "working MB"):
        table.add_column(column, justify="right")
    for source in found.sources:
        rate = source.documents_per_second
        table.add_row(
            source.source,
            source.format,
            f"{source.tasks:,}",
            f"{source.bytes / 1e6:,.1f}",
            "no document in the sample" if rate is None else f"{rate:,.0f}",
            duration(source.seconds),
            f"{source.working_bytes / 1e6:,.1f}",
        )
    Console().print(table)
    print(f"time: about {duration(found.seconds)} with {found.processes} workers (from a sample; start-up not counted)")
    free = "unknown" if found.free_bytes is None else f"{found.free_bytes / 1e9:,.2f} GB"
    print(f"disk: about {found.disk_bytes / 1e9:,.3f} GB for working files and corpus; free: {free}")
    if not found.fits:
        print(
            f"corpus: {config.output}: the run will not fit: free some space or choose another output", file=sys.stderr
        )
        return 1
    return 0
