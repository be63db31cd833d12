"""Exact duplicates: one hash per text, equal for texts that differ in letter case and white space only."""

from __future__ import annotations

from itertools import pairwise

import pyarrow as pa
import xxhash

from corpus.kernels.normalise import normalise

#: What texts are normalised to before they are hashed: `corpus.kernels.normalise`, with the project's Unicode tables.
#: Another rule, or tables that give another result, need another name, because the hashes are published.
NORMALISATION = "lower-ws-1"


def content_hashes(texts: pa.StringArray) -> list[str]:
    """xxh3-128 of each text under `NORMALISATION`, as 32 hexadecimal digits; blank texts have that of no bytes."""
    content, ends = normalise(texts)
    view = content.data
    return [xxhash.xxh3_128_hexdigest(view[start:stop]) for start, stop in pairwise(ends.tolist())]
