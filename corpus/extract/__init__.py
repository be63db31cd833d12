"""HTML to main text: character set, caps, trafilatura, and a child process that takes the blow of bad pages.

Names are imported on use: a process that hands pages to the child must not pay for the parser.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from corpus.extract.inprocess import extract_text
    from corpus.extract.limits import Limits
    from corpus.extract.model import Extraction, Failure, Page, Reason
    from corpus.extract.sandbox import Extractor
    from corpus.extract.version import EXTRACT_VERSION

__all__ = ["EXTRACT_VERSION", "Extraction", "Extractor", "Failure", "Limits", "Page", "Reason", "extract_text"]

_HOMES = {
    "EXTRACT_VERSION": "version",
    "Extraction": "model",
    "Extractor": "sandbox",
    "Failure": "model",
    "Limits": "limits",
    "Page": "model",
    "Reason": "model",
    "extract_text": "inprocess",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
