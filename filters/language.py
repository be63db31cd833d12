"""Is the language certain enough? The probability that language identification gave, as a signal like any other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from filters import Rule, Signal, family_schema

#: Probabilities have six decimals: see `corpus.language.identifier.DIGITS`.
SCALE = 1_000_000


class Language:
    """One signal, from the columns that reading wrote."""

    name = "language"
    version = 1
    columns: tuple[str, ...] = ("score", "scale")
    signals: tuple[Signal, ...] = (
        Signal(
            name="language_score",
            numerator="score",
            denominator="scale",
            definition="probability of the document's language, in millionths; 0 where no language could be told",
        ),
    )
    rules: tuple[Rule, ...] = (Rule(name="min_score", signal="language_score", keeps="at_least"),)
    settings: tuple[str, ...] = ()

    def measure(self, documents: pa.RecordBatch, settings: Mapping[str, Any]) -> pa.RecordBatch:
        """Columns `columns`; reads `language_score`."""
        scores = documents.column("language_score").to_numpy(zero_copy_only=False).astype(np.float64)
        millionths = pa.array(np.rint(scores * SCALE).astype(np.int64))
        scale = pa.array(np.full(documents.num_rows, SCALE, np.int64))
        return pa.RecordBatch.from_arrays([millionths, scale], schema=family_schema(self))


FAMILY = Language()
