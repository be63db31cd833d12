"""Filter families: one module each. A module that defines `FAMILY` is found by its name; nothing else registers it.

A family measures and never drops: it turns a batch of documents of one language into columns of integers, and says
which signals they form and which rules may put a threshold on a signal.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, Protocol

import pyarrow as pa


@dataclass(frozen=True, kw_only=True)
class Signal:
    """A measured value of a document: an integer, or a ratio of two integers; never a float."""

    name: str
    numerator: str  # column of the family's batch
    denominator: str | None  # column, or None for a plain count
    definition: str  # one sentence, with unit


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A threshold on a signal, whose value a language profile gives."""

    name: str
    signal: str
    keeps: Literal["at_least", "at_most"]  # the document stays if signal >= or <= threshold


class Family(Protocol):
    """What a module offers as `FAMILY`."""

    name: str
    version: int  # raised when the same text gives other values
    columns: tuple[str, ...]
    signals: tuple[Signal, ...]
    rules: tuple[Rule, ...]
    settings: tuple[str, ...]  # names of the profile settings that measuring uses, e.g. ("stop_words",)

    def measure(self, documents: pa.RecordBatch, settings: Mapping[str, Any]) -> pa.RecordBatch:
        """Columns `columns` (int64, null where a value does not exist), row by row beside `documents`.

        `documents` follows `corpus.document.DOCUMENT_SCHEMA` and holds one language, whose profile gave `settings`.
        """
        ...


@cache
def families() -> Mapping[str, Family]:
    """Every family in this package, by name, in the order of their names."""
    found: dict[str, Any] = {}
    for module in sorted(info.name for info in pkgutil.iter_modules(__path__)):
        family = getattr(importlib.import_module(f"{__name__}.{module}"), "FAMILY", None)
        if family is not None:
            found[family.name] = family
    return found


def family_schema(family: Family) -> pa.Schema:
    return pa.schema([pa.field(name, pa.int64()) for name in family.columns])
