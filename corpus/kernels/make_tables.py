"""Makes `unicode.npz` from the interpreter's own tables. Run by hand, when the tables shall follow a newer Unicode:

    python -m corpus.kernels.make_tables

with an interpreter whose `unicodedata.unidata_version` is the wanted one (CPython 3.11: 14.0, 3.12: 15.0, 3.13: 15.1).
Other class or lower-case values change what words, hashes and signals are: raise the versions of whatever uses them.
"""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import classes as c

FILE = Path(__file__).with_name("unicode.npz")

_CODE_POINTS = c.BLOCKS << c.BLOCK_BITS
_ZERO_WIDTH_SPACE = 0x200B
#: White_Space of PropList.txt; it has been the same since Unicode 6.3.
_WHITE_SPACE = frozenset(
    [*range(0x09, 0x0E), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000]
)
_SPACELESS_NAMES = tuple(start for starts in c.SPACELESS.values() for start in starts)
_BY_CATEGORY = {"P": c.PUNCTUATION, "S": c.SYMBOL, "M": c.MARK, "N": c.NUMBER, "L": c.LETTER}


def classify(point: int) -> int:
    """The class of one code point."""
    if point in c.JOINERS:
        return c.JOINER
    if point == ord("\n"):
        return c.LINE_BREAK
    if point in _WHITE_SPACE:
        return c.WHITE_SPACE
    category = unicodedata.category(chr(point))
    if category == "Cf" and point != _ZERO_WIDTH_SPACE:
        return c.MARK
    name = unicodedata.name(chr(point), "")
    # Letters, and the Han zero, whose category is that of a number.
    if (category[0] == "L" or name == "IDEOGRAPHIC NUMBER ZERO") and name.startswith(_SPACELESS_NAMES):
        return c.SPACELESS_LETTER
    return _BY_CATEGORY.get(category[0], c.OTHER)


def lower(point: int) -> int:
    """The one code point that `point` becomes in lower case (Simple_Lowercase_Mapping)."""
    if point == 0x130:  # capital I with dot: the only letter whose full mapping has two code points
        return ord("i")
    text = chr(point).lower()
    return ord(text) if len(text) == 1 else point


def two_stage(values: NDArray[np.int32]) -> NDArray[np.int32]:
    """One array: the number of the block of every 256 code points, then the different blocks, that of ASCII first."""
    numbers: dict[bytes, int] = {}
    stage = [numbers.setdefault(block.tobytes(), len(numbers)) for block in values.reshape(c.BLOCKS, -1)]
    different = np.frombuffer(b"".join(numbers), dtype=np.int32)
    return np.concatenate([np.array(stage, dtype=np.int32), different])


def tables() -> dict[str, Any]:
    """What the file holds: `classes` (uint8), `lower` (int32, distance to the lower-case code point), `version`."""
    points = range(_CODE_POINTS)
    classes = two_stage(np.fromiter(map(classify, points), dtype=np.int32))
    if classes.max() > np.iinfo(np.uint8).max:
        raise ValueError("the classes have more than 256 different blocks; use a wider type")
    distances = two_stage(np.fromiter((lower(point) - point for point in points), dtype=np.int32))
    return {
        "classes": classes.astype(np.uint8),
        "lower": distances,
        "version": np.array(unicodedata.unidata_version),
    }


if __name__ == "__main__":
    np.savez_compressed(FILE, **tables())
    print(f"{FILE}: Unicode {unicodedata.unidata_version}, {FILE.stat().st_size} bytes")
