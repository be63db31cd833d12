"""The content hash: what the rows of a file say, whatever their encoding, compression or row groups."""

from __future__ import annotations

import hashlib
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc


class ContentHasher:
    """SHA-256 over rows in canonical form.

    Every leaf column feeds streams of its own (validity, lengths, values), so neither the cut into batches nor the
    physical layout of the file matters; column names and types are part of the hash.
    """

    def __init__(self, schema: pa.Schema) -> None:
        self._schema = schema
        self._streams: dict[str, Any] = {}
        self.rows = 0

    def update(self, batch: pa.RecordBatch) -> None:
        if batch.num_rows == 0:
            return
        self.rows += batch.num_rows
        for field in self._schema:
            self._feed(field.name, batch.column(field.name))

    def hexdigest(self) -> str:
        head = hashlib.sha256()
        head.update(f"{self.rows}\n".encode())
        for field in self._schema:
            head.update(f"{field.name}:{_type_name(field.type)}\n".encode())
        for name in sorted(self._streams):
            head.update(f"{name}={self._streams[name].hexdigest()}\n".encode())
        return head.hexdigest()

    def _feed(self, name: str, array: pa.Array) -> None:
        self._add(f"{name}/valid", array.is_valid().cast(pa.int8()))
        kind = array.type
        if pa.types.is_list(kind):
            self._add(f"{name}/length", pc.fill_null(pc.list_value_length(array), 0))
            self._feed(f"{name}/item", array.flatten())
        elif pa.types.is_struct(kind):
            for index, field in enumerate(kind):
                self._feed(f"{name}/{field.name}", array.flatten()[index])
        elif pa.types.is_string(kind) or pa.types.is_binary(kind):
            filled = pc.fill_null(array, "" if pa.types.is_string(kind) else b"")
            self._add(f"{name}/length", pc.binary_length(filled))
            stream = self._stream(f"{name}/value")
            _, offsets, values = filled.buffers()
            if values is not None and len(filled):
                border = memoryview(offsets).cast("i")
                first, last = border[filled.offset], border[filled.offset + len(filled)]
                stream.update(memoryview(values)[first:last])
        elif pa.types.is_boolean(kind):
            self._add(f"{name}/value", pc.fill_null(array, False).cast(pa.int8()))
        else:
            self._add(f"{name}/value", pc.fill_null(array, 0))

    def _add(self, stream: str, array: pa.Array) -> None:
        """Feed the little-endian values of a fixed-width array without nulls."""
        target = self._stream(stream)
        if len(array):
            width = array.type.bit_width // 8
            buffer = array.buffers()[1]
            target.update(memoryview(buffer).cast("B")[array.offset * width : (array.offset + len(array)) * width])

    def _stream(self, name: str) -> Any:
        if name not in self._streams:
            self._streams[name] = hashlib.sha256()
        return self._streams[name]


def _type_name(kind: pa.DataType) -> str:
    """Name of a type without what a Parquet file may rename, such as the field inside a list."""
    if pa.types.is_list(kind):
        return f"list<{_type_name(kind.value_type)}>"
    if pa.types.is_struct(kind):
        return "struct<" + ",".join(f"{field.name}:{_type_name(field.type)}" for field in kind) + ">"
    return str(kind)
