"""The `corpus` command. Exit status: 0 done, 1 failed, 2 wrong use. Results go to stdout, everything else to stderr."""

from __future__ import annotations

import argparse
import importlib
import logging
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from corpus.errors import CorpusError, UsageError

#: Command -> one line of help. Each is a module of `pipelines.commands` with `arguments(parser)` and `execute(given)`.
COMMANDS = {
    "demo": "write sample input and its configuration into a folder",
    "plan": "what a run would do: tasks, time, disk; writes nothing",
    "run": "make or update a corpus",
    "status": "how far a run is, and what stands published",
    "verify": "check every byte, hash and count of a corpus",
    "read": "print documents as JSON lines",
    "explain": "where a document came from, what was measured, what decided",
    "clean": "remove what interrupted or superseded runs left",
    "schema": "print the JSON Schema of the configuration",
}


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="corpus", description="Curate multilingual training corpora.")
    top.add_argument("--version", action="version", version=f"corpus {version('corpus')}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, summary in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".")
        _module(name).arguments(command)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    given = parser().parse_args(arguments)
    logging.basicConfig(level=logging.ERROR, format="%(name)s: %(message)s")
    try:
        status: int = _module(given.command).execute(given)
        sys.stdout.flush()
    except UsageError as error:
        print(f"corpus: {error}", file=sys.stderr)
        return 2
    except CorpusError as error:
        print(f"corpus: {error}", file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] in {"corpus", "filters", "pipelines", "manifests"}:
            raise
        print(f"corpus: {error.name} is not installed: pip install 'corpus[curate]'", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("corpus: interrupted; run again to go on from here", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of our output (head, say) has gone; what it wanted it has.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return status


def _module(name: str) -> Any:
    return importlib.import_module(f"pipelines.commands.{name}")
