"""Gopher's quality rules (Rae et al. 2021, arXiv 2112.11446, A.1): length, words, symbols, lists, stop words.

The counts are defined in `corpus.kernels.quality`, words and lines in `corpus.kernels.segment`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import pyarrow as pa

from corpus.kernels.quality import COLUMNS, quality
from corpus.kernels.stop_words import StopWords, prepare
from filters import Rule, Signal


@lru_cache(maxsize=256)
def _prepared(stop_words: tuple[str, ...]) -> StopWords:
    return prepare(stop_words)


class GopherQuality:
    """Measures Gopher's quality signals; `stop_words` is null for a language whose profile lists none."""

    name = "gopher_quality"
    version = 1
    columns: tuple[str, ...] = COLUMNS
    signals: tuple[Signal, ...] = (
        Signal(name="words", numerator="words", denominator=None, definition="Words."),
        Signal(
            name="mean_word_length",
            numerator="word_characters",
            denominator="spaced_words",
            definition="Characters (code points) per word, over the words of scripts that put space between words.",
        ),
        Signal(name="hash_ratio", numerator="hashes", denominator="words", definition="Number signs (#) per word."),
        Signal(
            name="ellipsis_ratio",
            numerator="ellipses",
            denominator="words",
            definition="Ellipses (runs of … and full stops that show at least three dots) per word.",
        ),
        Signal(
            name="bullet_line_ratio",
            numerator="bullet_lines",
            denominator="lines",
            definition="Lines that begin with a bullet, after white space, per line that is not blank.",
        ),
        Signal(
            name="ellipsis_line_ratio",
            numerator="ellipsis_lines",
            denominator="lines",
            definition="Lines that end in an ellipsis (... or …), before white space, per line that is not blank.",
        ),
        Signal(
            name="alpha_word_ratio",
            numerator="alpha_words",
            denominator="words",
            definition="Words with at least one letter per word.",
        ),
        Signal(
            name="stop_words",
            numerator="stop_words",
            denominator=None,
            definition="Different stop words of the language's profile that the text has.",
        ),
    )
    rules: tuple[Rule, ...] = (
        Rule(name="min_words", signal="words", keeps="at_least"),
        Rule(name="max_words", signal="words", keeps="at_most"),
        Rule(name="min_mean_word_length", signal="mean_word_length", keeps="at_least"),
        Rule(name="max_mean_word_length", signal="mean_word_length", keeps="at_most"),
        Rule(name="max_hash_ratio", signal="hash_ratio", keeps="at_most"),
        Rule(name="max_ellipsis_ratio", signal="ellipsis_ratio", keeps="at_most"),
        Rule(name="max_bullet_line_ratio", signal="bullet_line_ratio", keeps="at_most"),
        Rule(name="max_ellipsis_line_ratio", signal="ellipsis_line_ratio", keeps="at_most"),
        Rule(name="min_alpha_word_ratio", signal="alpha_word_ratio", keeps="at_least"),
        Rule(name="min_stop_words", signal="stop_words", keeps="at_least"),
    )
    settings: tuple[str, ...] = ("stop_words",)

    def measure(self, documents: pa.RecordBatch, settings: Mapping[str, Any]) -> pa.RecordBatch:
        """Columns `columns`, row by row beside `documents`.

        Raises CorpusError for a stop word of `settings` that no text can have.
        """
        listed: Sequence[str] = settings.get("stop_words") or ()
        values = quality(documents.column("text"), _prepared(tuple(listed)))
        arrays = [pa.array(values[name], pa.int64()) for name in self.columns]
        if not listed:
            # Not known is not none: a rule must not drop all texts of a language without a list.
            arrays[self.columns.index("stop_words")] = pa.nulls(documents.num_rows, pa.int64())
        return pa.RecordBatch.from_arrays(arrays, names=list(self.columns))


FAMILY = GopherQuality()
