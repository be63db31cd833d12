"""Rules against signals: which documents fail what, compared in integers, never in floats."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa

from filters import Family, Rule, Signal

#: Thresholds have at most this many decimals, so that comparing counts up to 10^9 stays within 64 bits.
MAX_DENOMINATOR = 10**6


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A document, by its row in the batch, that failed a rule. A null denominator means a plain count."""

    row: int
    family: str
    rule: str
    signal: str
    numerator: int
    denominator: int | None
    threshold: str


def failures(family: Family, thresholds: Mapping[str, Fraction | None], measured: pa.RecordBatch) -> Iterator[Failure]:
    """Every failed rule of one family over a batch of its columns; rules without a threshold are off.

    A rule never drops what its signal could not measure: where a column is null, or a ratio has nothing to be a ratio of,
    the rule does not apply.
    """
    signals = {signal.name: signal for signal in family.signals}
    for rule in family.rules:
        threshold = thresholds.get(rule.name)
        if threshold is None:
            continue
        signal = signals[rule.signal]
        numerator, denominator = _columns(signal, measured)
        for row in np.flatnonzero(_fails(rule, threshold, numerator, denominator)).tolist():
            yield Failure(
                row=row,
                family=family.name,
                rule=rule.name,
                signal=signal.name,
                numerator=int(numerator[0][row]),
                denominator=None if signal.denominator is None else int(denominator[0][row]),
                threshold=decimal_text(threshold),
            )


def _fails(rule: Rule, threshold: Fraction, numerator: Any, denominator: Any) -> Any:
    if threshold.denominator > MAX_DENOMINATOR:
        raise ValueError(f"threshold {threshold} of {rule.name} has more than six decimals")
    value, value_known = numerator
    base, base_known = denominator
    known = value_known & base_known & (base > 0)
    left = value * threshold.denominator
    right = base * threshold.numerator
    return known & ((left < right) if rule.keeps == "at_least" else (left > right))


def _columns(signal: Signal, measured: pa.RecordBatch) -> tuple[Any, Any]:
    """(values, known) of numerator and denominator; a plain count has the denominator one."""
    numerator = _integers(measured.column(signal.numerator))
    if signal.denominator is None:
        rows = len(numerator[0])
        return numerator, (np.ones(rows, np.int64), np.ones(rows, bool))
    return numerator, _integers(measured.column(signal.denominator))


def _integers(column: pa.Array) -> tuple[Any, Any]:
    known = np.asarray(column.is_valid().to_numpy(zero_copy_only=False))
    return column.fill_null(0).to_numpy(zero_copy_only=False), known


def decimal_text(threshold: Fraction) -> str:
    """The threshold as a profile writes it: `1/10` is `0.1`."""
    return format((Decimal(threshold.numerator) / Decimal(threshold.denominator)).normalize(), "f")
