"""Finding a document by id or URL in the published index: a few row groups are read, not the corpus."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from corpus import storage
from corpus.document import url_hash
from corpus.errors import CorpusError
from manifests.corpus import Corpus
from manifests.manifest import FileEntry


@dataclass(frozen=True, kw_only=True)
class Found:
    """A row of a shard or of the ledger."""

    file: FileEntry
    row: int
    kept: bool
    stream: str | None
    values: dict[str, Any]


def id_key(document: str) -> tuple[int, int]:
    """The two index numbers of an id of 32 hexadecimal digits."""
    return int(document[:16], 16), int(document[16:], 16)


def is_id(text: str) -> bool:
    return len(text) == 32 and all(character in "0123456789abcdef" for character in text)


def find(corpus: Corpus, what: str) -> list[Found]:
    """Every kept or dropped document with this id or, else, this exact URL.

    Raises `CorpusError` if the index, or a file it points to, is damaged.
    """
    if is_id(what):
        key, rest = id_key(what)
    else:
        key, rest = url_hash(what), None
    try:
        places = sorted(_places(corpus, "id" if is_id(what) else "url", key, rest))
        found = [_row(corpus, file, row) for file, row in places]
    except (pa.ArrowException, OSError, LookupError) as error:
        raise CorpusError(f"{corpus.folder}: is damaged ({error}); `corpus verify` lists what is wrong") from None
    return found if is_id(what) else [one for one in found if one.values["url"] == what]


def _places(corpus: Corpus, name: str, key: int, rest: int | None) -> Iterator[tuple[int, int]]:
    partitions = corpus.manifest.index.get(name, ())
    if not partitions:
        return
    entry = partitions[partition_of(key, len(partitions))]
    with storage.open_arrow(storage.join(corpus.folder, entry.path)) as file:
        parquet = pq.ParquetFile(file)
        for group in range(parquet.num_row_groups):
            statistics = parquet.metadata.row_group(group).column(0).statistics
            if statistics is not None and statistics.has_min_max and not statistics.min <= key <= statistics.max:
                continue
            table = parquet.read_row_group(group)
            mask = pc.equal(table["key"], pa.scalar(key, pa.uint64()))
            if rest is not None:
                mask = pc.and_(mask, pc.equal(table["rest"], pa.scalar(rest, pa.uint64())))
            hits = table.filter(mask)
            yield from zip(hits["file"].to_pylist(), hits["row"].to_pylist(), strict=True)


def partition_of(key: int, partitions: int) -> int:
    """Partitions hold equal ranges of the key's highest 32 bits."""
    return (key >> 32) * partitions >> 32


def _row(corpus: Corpus, number: int, row: int) -> Found:
    entry = corpus.manifest.tables()[number]
    stream = next((one.name for one in corpus.manifest.streams if entry in one.shards), None)
    with storage.open_arrow(storage.join(corpus.folder, entry.path)) as file:
        parquet = pq.ParquetFile(file)
        first = 0
        for group in range(parquet.num_row_groups):
            rows = parquet.metadata.row_group(group).num_rows
            if row < first + rows:
                values = parquet.read_row_group(group).slice(row - first, 1).to_pylist()[0]
                return Found(file=entry, row=row, kept=stream is not None, stream=stream, values=values)
            first += rows
    raise IndexError(f"{entry.path} has no row {row}")
