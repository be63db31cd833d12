"""`corpus explain OUT ID-or-URL`."""

from __future__ import annotations

import argparse


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("corpus", help="corpus folder or URL")
    parser.add_argument("document", metavar="ID-or-URL", help="id of 32 hexadecimal digits, or an exact URL")


def execute(given: argparse.Namespace) -> int:
    from pipelines.explain import explain

    for line in explain(given.corpus, given.document):
        print(line)
    return 0
