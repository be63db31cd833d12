"""Gopher's repetition rules (Rae et al. 2021, arXiv 2112.11446, table A1): repeated lines, paragraphs and n-grams.

The counts are defined in `corpus.kernels.repetition`. All shares of characters are of the whole text, white space included.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from corpus.kernels.repetition import COLUMNS, DUPLICATE_NGRAMS, TOP_NGRAMS, repetition
from filters import Rule, Signal

_SIGNALS = (
    Signal(
        name="duplicate_line_ratio",
        numerator="duplicate_lines",
        denominator="lines",
        definition="Lines that were there before per line that is not blank.",
    ),
    Signal(
        name="duplicate_paragraph_ratio",
        numerator="duplicate_paragraphs",
        denominator="paragraphs",
        definition="Paragraphs that were there before per paragraph.",
    ),
    Signal(
        name="duplicate_line_char_ratio",
        numerator="duplicate_line_characters",
        denominator="characters",
        definition="Characters (code points) of lines that were there before per character of the text.",
    ),
    Signal(
        name="duplicate_paragraph_char_ratio",
        numerator="duplicate_paragraph_characters",
        denominator="characters",
        definition="Characters (code points) of paragraphs that were there before per character of the text.",
    ),
    *(
        Signal(
            name=f"top_{n}gram_char_ratio",
            numerator=f"top_{n}gram_characters",
            denominator="characters",
            definition=f"Characters of the most frequent run of {n} words, times its occurrences, per character.",
        )
        for n in TOP_NGRAMS
    ),
    *(
        Signal(
            name=f"duplicate_{n}gram_char_ratio",
            numerator=f"duplicate_{n}gram_characters",
            denominator="characters",
            definition=f"Characters in the words of runs of {n} words that were there before, per character.",
        )
        for n in DUPLICATE_NGRAMS
    ),
)


class GopherRepetition:
    """Measures Gopher's repetition signals."""

    name = "gopher_repetition"
    version = 1
    columns: tuple[str, ...] = COLUMNS
    signals: tuple[Signal, ...] = _SIGNALS
    rules: tuple[Rule, ...] = tuple(
        Rule(name=f"max_{signal.name}", signal=signal.name, keeps="at_most") for signal in _SIGNALS
    )
    settings: tuple[str, ...] = ()

    def measure(self, documents: pa.RecordBatch, settings: Mapping[str, Any]) -> pa.RecordBatch:
        """Columns `columns`, row by row beside `documents`; no settings are used."""
        values = repetition(documents.column("text"))
        arrays = [pa.array(values[name], pa.int64()) for name in self.columns]
        return pa.RecordBatch.from_arrays(arrays, names=list(self.columns))


FAMILY = GopherRepetition()
