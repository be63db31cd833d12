"""Whether a fastText model file is whole. fastText itself reads past the end of a truncated one: it crashes, or answers.

The layout is that of fastText 0.9 (format versions 11 and 12, little-endian): header, arguments, dictionary, input matrix,
output matrix, either dense or quantized.
"""

from __future__ import annotations

import mmap
import struct
from pathlib import Path

_MAGIC, _VERSIONS = 793712314, (11, 12)
_HEADER = struct.Struct("<2i12id")  # magic number, version, twelve integer arguments, one float argument
_DICTIONARY = struct.Struct("<3i2q")  # entries, words, labels, tokens, pruned indices (-1: not pruned)
_ENTRY_TAIL = 9  # of an entry, behind its text and a NUL: count (8 bytes) and type (1)
_PRUNED = 8  # two integers for each index
_FLAG = struct.Struct("<?")
_DENSE = struct.Struct("<2q")  # rows, columns; then float32 values
_QUANTIZED = struct.Struct("<?2qi")  # whether norms are quantized, rows, columns, size of the codes; then the codes
_QUANTIZER = struct.Struct("<4i")  # dimension and three more; then 256 float32 centroids for each dimension


def check_complete(path: Path) -> None:
    """Walk the sizes that the file states of its parts. Raises ValueError where it ends before them, or is no model."""
    if path.stat().st_size < _HEADER.size:
        raise ValueError("it is too short")
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        magic, version, *_ = _HEADER.unpack_from(data)
        if magic != _MAGIC or version not in _VERSIONS:
            raise ValueError("it does not begin like one")
        try:
            end = _end_of_matrices(data, _end_of_dictionary(data, _HEADER.size))
        except (struct.error, OverflowError):
            raise ValueError("it is truncated") from None
        if end > len(data):
            raise ValueError(f"it is truncated: it has {len(data)} bytes of {end}")


def _end_of_dictionary(data: mmap.mmap, position: int) -> int:
    entries, _, _, _, pruned = _DICTIONARY.unpack_from(data, position)
    position += _DICTIONARY.size
    for _ in range(entries):
        nul = data.find(b"\0", position)
        if nul < 0:
            raise ValueError("it is truncated")
        position = nul + 1 + _ENTRY_TAIL
    return position + _PRUNED * max(int(pruned), 0)


def _end_of_matrices(data: mmap.mmap, position: int) -> int:
    (quantized,) = _FLAG.unpack_from(data, position)
    position = _end_of_matrix(data, position + _FLAG.size, quantized)
    (output_quantized,) = _FLAG.unpack_from(data, position)
    return _end_of_matrix(data, position + _FLAG.size, quantized and output_quantized)


def _end_of_matrix(data: mmap.mmap, position: int, quantized: bool) -> int:
    if not quantized:
        rows, columns = _natural(*_DENSE.unpack_from(data, position))
        return position + _DENSE.size + 4 * rows * columns
    with_norms, *sizes = _QUANTIZED.unpack_from(data, position)
    rows, _, codes = _natural(*sizes)
    position = _end_of_quantizer(data, position + _QUANTIZED.size + codes)
    return _end_of_quantizer(data, position + rows) if with_norms else position


def _end_of_quantizer(data: mmap.mmap, position: int) -> int:
    (dimension,) = _natural(_QUANTIZER.unpack_from(data, position)[0])
    return position + _QUANTIZER.size + 4 * 256 * dimension


def _natural(*sizes: int) -> tuple[int, ...]:
    if min(sizes) < 0:
        raise ValueError("it states a negative size")
    return sizes
