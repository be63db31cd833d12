"""`corpus read OUT`."""

from __future__ import annotations

import argparse
import itertools
import json
from collections.abc import Iterable
from typing import Any


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("corpus", help="corpus folder, URL or manifest")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--stream", help="only this stream, such as web/deu_Latn")
    what.add_argument("--dropped", action="store_true", help="the ledger: dropped documents and why")
    what.add_argument("--quarantine", action="store_true", help="what could not be read, and why")
    what.add_argument("--streams", action="store_true", help="only the names and sizes of the streams")
    parser.add_argument("--limit", type=int, metavar="N", help="at most N")
    parser.add_argument("--columns", help="only these columns, separated by commas")


def execute(given: argparse.Namespace) -> int:
    from corpus.errors import UsageError
    from manifests.corpus import Corpus
    from manifests.schema import SHARD_SCHEMA

    corpus = Corpus.open(given.corpus)
    columns = given.columns.split(",") if given.columns else None
    unknown = sorted(set(columns or ()) - set(SHARD_SCHEMA.names))
    if unknown and not given.dropped and not given.quarantine:
        raise UsageError(f"--columns: no column {', '.join(unknown)}; there are {', '.join(SHARD_SCHEMA.names)}")
    rows: Iterable[dict[str, Any]]
    if given.streams:
        rows = (
            {"stream": one.name, "rows": one.rows, "text_bytes": one.text_bytes, "shards": len(one.shards)}
            for one in corpus.manifest.streams
        )
    elif given.dropped:
        rows = (row for batch in corpus.ledger(columns=columns) for row in batch.to_pylist())
    elif given.quarantine:
        rows = (row for batch in corpus.quarantine() for row in batch.to_pylist())
    else:
        rows = (
            row for batch in corpus.batches(given.stream, columns=columns, batch_rows=100) for row in batch.to_pylist()
        )
    for row in itertools.islice(rows, given.limit):
        print(json.dumps(row, ensure_ascii=False))
    return 0
