"""`corpus status OUT`."""

from __future__ import annotations

import argparse


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("output", help="output folder or URL of a run")


def execute(given: argparse.Namespace) -> int:
    from pipelines.housekeeping import status

    for line in status(given.output):
        print(line)
    return 0
