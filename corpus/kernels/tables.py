"""The two Unicode tables of `unicode.npz`, ours and versioned, because the interpreter's differ from 3.11 to 3.13.

Kernels take them as arguments (`classes`, `lower`): compiled code that held them would outlive a change of the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from .classes import BLOCK_BITS, BLOCKS, OTHER
from .inline import at, inlined

Classes = NDArray[np.uint8]
Lower = NDArray[np.int32]

#: Types of the two tables in a kernel's signature.
CLASSES = "Array(uint8, 1, 'C', readonly=True)"
LOWER = "Array(int32, 1, 'C', readonly=True)"

_IN_BLOCK = (1 << BLOCK_BITS) - 1


@dataclass(frozen=True, kw_only=True)
class UnicodeTables:
    """Two-stage tables: the block number of each 256 code points (`BLOCKS` entries), then the blocks, ASCII's first."""

    version: str  # of the Unicode character database
    classes: Classes  # see `corpus.kernels.classes`
    lower: Lower  # distance from a code point to its lower-case one


@cache
def unicode_tables() -> UnicodeTables:
    """The tables this version of the project computes with."""
    with (files(__package__) / "unicode.npz").open("rb") as file, np.load(file) as arrays:
        classes, lower = arrays["classes"], arrays["lower"]
        version = str(arrays["version"])
    for table in (classes, lower):
        table.setflags(write=False)
    return UnicodeTables(version=version, classes=classes, lower=lower)


@inlined
def class_of(classes: Classes, point: int) -> int:
    """Class of a code point of `decode`; `BAD` is `OTHER`."""
    if point < 0:
        return OTHER
    if point < 0x80:
        return at(classes, BLOCKS + point)
    block = at(classes, point >> BLOCK_BITS)
    return at(classes, BLOCKS + (block << BLOCK_BITS) + (point & _IN_BLOCK))


@inlined
def lower_of(lower: Lower, point: int) -> int:
    """The lower-case code point of a code point; itself where there is none, and for `BAD`."""
    if point < 0:
        return point
    if point < 0x80:
        return point + at(lower, BLOCKS + point)
    block = at(lower, point >> BLOCK_BITS)
    return point + at(lower, BLOCKS + (block << BLOCK_BITS) + (point & _IN_BLOCK))
