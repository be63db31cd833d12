"""`corpus demo DIR`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="where to write the sample input and corpus.yaml")


def execute(given: argparse.Namespace) -> int:
    from pipelines.demo import write_demo

    config = write_demo(given.folder)
    print(config)
    print(f"Next: corpus run {config}", file=sys.stderr)
    return 0
