"""Writing one published Parquet file: hashed while it is written, and named after its bytes, so none is ever written over."""

from __future__ import annotations

import contextlib
from types import TracebackType

import pyarrow as pa
import pyarrow.parquet as pq

from corpus.config import ShardsConfig
from corpus.storage import HashingWriter, Staged, join
from manifests.content import ContentHasher
from manifests.groups import row_groups, text_bytes
from manifests.manifest import FileEntry

#: Columns whose values hardly repeat; a dictionary would only cost time and space.
_DISTINCT = {"id", "text", "url", "origin", "content_hash", "position", "text_bytes", "key", "rest", "row", "detail"}


class PublishedWriter:
    """A context manager; `finish` gives the manifest's entry, and without it nothing appears."""

    def __init__(self, output: str, folder: str, prefix: str, schema: pa.Schema, shards: ShardsConfig) -> None:
        self._folder, self._prefix, self._schema = folder, prefix, schema
        self._staged = Staged(join(output, folder))
        self._bytes = HashingWriter(self._staged.file)
        self._hasher = ContentHasher(schema)
        self._text: list[int] = []
        level = shards.compression_level or (3 if shards.compression == "zstd" else None)
        self._writer = pq.ParquetWriter(
            self._bytes,
            schema,
            compression=shards.compression,
            compression_level=level,
            use_dictionary=[name for name in schema.names if name not in _DISTINCT and _flat(schema, name)],
            write_page_checksum=True,
        )

    def __enter__(self) -> PublishedWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # What is not finished is thrown away; closing it first keeps pyarrow from writing to a closed file later.
        with contextlib.suppress(OSError, pa.ArrowException):
            self._writer.close()
        self._staged.discard()

    def add_group(self, rows: pa.Table) -> None:
        """Write rows as one row group."""
        for batch in rows.to_batches():
            self._hasher.update(batch)
        self._writer.write_table(rows, row_group_size=max(rows.num_rows, 1))
        self._text.append(text_bytes(rows))

    def finish(self, first_row: int = 0) -> FileEntry:
        self._writer.close()
        content = self._hasher.hexdigest()
        name = f"{self._prefix}-{self._bytes.sha256()[:12]}.parquet"
        groups = row_groups(self._writer.writer.metadata, self._text)
        self._staged.commit(name)
        return FileEntry(
            path=join(self._folder, name),
            rows=self._hasher.rows,
            bytes=self._bytes.length,
            sha256=self._bytes.sha256(),
            content_hash=content,
            first_row=first_row,
            text_bytes=sum(self._text),
            row_groups=groups,
        )


def _flat(schema: pa.Schema, name: str) -> bool:
    return not pa.types.is_nested(schema.field(name).type)
