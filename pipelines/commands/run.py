"""`corpus run CONFIG`."""

from __future__ import annotations

import argparse
import json
import sys


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("config", help="configuration file (YAML)")
    parser.add_argument("--output", help="folder or URL to use instead of the configured one")
    parser.add_argument("--runner", choices=["local", "memory"], default="local", help="default: local")
    parser.add_argument(
        "--workers", type=_positive, default=0, metavar="N", help="worker processes; default: all cores"
    )
    parser.add_argument("--split-bytes", metavar="SIZE", help="input bytes per task, such as 64MiB, for a new plan")
    parser.add_argument("--json", action="store_true", help="end with one JSON object on stdout")
    parser.add_argument("--quiet", action="store_true", help="no progress, no table")


def execute(given: argparse.Namespace) -> int:
    from rich.console import Console

    from corpus.config import load_config, parse_size
    from corpus.errors import UsageError
    from pipelines.engine import Engine
    from pipelines.progress import Display
    from pipelines.report import funnel_table, outcome
    from pipelines.run import run

    config = load_config(given.config, given.output)
    if given.split_bytes is not None:
        try:
            size = int(parse_size(given.split_bytes))
        except ValueError as error:
            raise UsageError(f"--split-bytes {given.split_bytes}: {error}") from None
        if size <= 0:
            raise UsageError(f"--split-bytes {given.split_bytes}: must be positive")
        config = config.model_copy(update={"split_bytes": size})
    console = Console(stderr=True)
    if not console.is_terminal:
        console = Console(stderr=True, width=160)
    result = run(config, Engine(runner=given.runner, workers=given.workers), Display(console, quiet=given.quiet))
    if not given.quiet:
        console.print(funnel_table(result.manifest))
        console.print(outcome(result, config.output), highlight=False)
    if given.json:
        print(json.dumps(result.to_dict(), ensure_ascii=False))
    elif given.quiet or not sys.stdout.isatty():
        print(result.manifest_path)
    return 0


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number
