"""Writing one published Parquet file: named after its content, hashed while it is written."""

from __future__ import annotations

from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from corpus.config import ShardsConfig
from corpus.storage import HashingWriter, Staged, join
from manifests.content import ContentHasher
from manifests.manifest import FileEntry, RowGroup

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
        self._collector: list[Any] = []
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
        self._staged.discard()

    def add_group(self, rows: pa.Table) -> None:
        """Write rows as one row group."""
        for batch in rows.to_batches():
            self._hasher.update(batch)
        self._writer.write_table(rows, row_group_size=max(rows.num_rows, 1))
        has_text = "text_bytes" in self._schema.names
        self._text.append((pc.sum(rows["text_bytes"]).as_py() or 0) if has_text else 0)

    def finish(self, first_row: int = 0) -> FileEntry:
        self._writer.close()
        content = self._hasher.hexdigest()
        name = f"{self._prefix}-{content[:12]}.parquet"
        groups = tuple(self._row_groups())
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

    def _row_groups(self) -> list[RowGroup]:
        metadata = self._writer.writer.metadata
        groups = []
        for number, text in enumerate(self._text):
            group = metadata.row_group(number)
            columns = [group.column(index) for index in range(group.num_columns)]
            starts = [
                min(page for page in (column.dictionary_page_offset, column.data_page_offset) if page is not None)
                for column in columns
            ]
            size = sum(column.total_compressed_size for column in columns)
            groups.append(RowGroup(offset=min(starts), bytes=size, rows=group.num_rows, text_bytes=text))
        return groups


def _flat(schema: pa.Schema, name: str) -> bool:
    return not pa.types.is_nested(schema.field(name).type)
