"""Where the row groups of a Parquet file lie, as its own footer says."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from manifests.manifest import RowGroup


def row_groups(metadata: pq.FileMetaData, text_bytes: Sequence[int]) -> tuple[RowGroup, ...]:
    """The manifest's entries for the row groups of a file; `text_bytes` holds one sum for each."""
    groups = []
    for number, text in enumerate(text_bytes):
        group = metadata.row_group(number)
        columns = [group.column(index) for index in range(group.num_columns)]
        starts = [
            min(page for page in (column.dictionary_page_offset, column.data_page_offset) if page is not None)
            for column in columns
        ]
        size = sum(column.total_compressed_size for column in columns)
        groups.append(RowGroup(offset=min(starts), bytes=size, rows=group.num_rows, text_bytes=text))
    return tuple(groups)


def text_bytes(rows: pa.Table | pa.RecordBatch) -> int:
    """Bytes of text in these rows; zero for tables that have no such column."""
    return int(pc.sum(rows.column("text_bytes")).as_py() or 0) if "text_bytes" in rows.schema.names else 0
