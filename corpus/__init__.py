"""The public face: `corpus.open(OUT)` reads a published corpus; `corpus.extract` and `corpus.language` work alone.

Names are looked up on first use, so that reading a corpus loads nothing that only curating needs.
"""

from __future__ import annotations

import importlib
from typing import Any

_PUBLIC = {
    "Corpus": ("manifests.corpus", "Corpus"),
    "open": ("manifests.corpus", "open_corpus"),
    "verify": ("manifests.verify", "verify"),
    "CorpusError": ("corpus.errors", "CorpusError"),
}

__all__ = ["Corpus", "CorpusError", "open", "verify"]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'corpus' has no attribute {name!r}")
    module, attribute = _PUBLIC[name]
    return getattr(importlib.import_module(module), attribute)
