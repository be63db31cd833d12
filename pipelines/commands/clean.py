"""`corpus clean OUT`."""

from __future__ import annotations

import argparse


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("output", help="output folder or URL of a run")
    parser.add_argument("--all", action="store_true", help="all working files too: the next run starts from the input")
    parser.add_argument("--dry-run", action="store_true", help="only say what would go")


def execute(given: argparse.Namespace) -> int:
    from pipelines.housekeeping import clean

    removed, size = 0, 0
    for path, length in clean(given.output, everything=given.all, dry_run=given.dry_run):
        print(path)
        removed, size = removed + 1, size + length
    verb = "would free" if given.dry_run else "freed"
    print(f"{removed} files, {verb} {size / 1e6:,.1f} MB")
    return 0
