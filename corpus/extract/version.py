"""What the extracted text depends on besides the page."""

from __future__ import annotations

from importlib.metadata import version

_OURS = 2
_PACKAGES = ("trafilatura", "lxml", "justext", "charset-normalizer", "webencodings")

EXTRACT_VERSION: str = "+".join([str(_OURS), *(f"{package}-{version(package)}" for package in _PACKAGES)])
"""Part of the fingerprint of every task that extracts: a change means that its texts are made anew."""
