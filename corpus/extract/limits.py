"""Caps that stop a page before the parser sees it. They depend on its bytes alone."""

from __future__ import annotations

from dataclasses import dataclass

from corpus.extract.model import Failure, Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The largest page that is parsed; docs/extraction.md has the sizes of real pages that these stand far above."""

    max_bytes: int = 10_000_000
    """Twice what Common Crawl keeps of a page (5 MiB), and nearly twice the largest of 2,487 real pages (5.3 MB). libxml2
    drops a text node above this length without a word (XML_MAX_TEXT_LENGTH), which would pass for an empty page."""

    max_elements: int = 200_000
    """Start tags; the largest of 2,487 real pages has 15,793."""

    max_depth: int = 240
    """Open elements that nest; the deepest of 2,487 real pages has 54. libxml2 drops what lies below level 255."""


def violation(html: bytes, limits: Limits) -> Failure | None:
    """The cap that the page breaks, if any. The detail names the cap and not the size: a scan ends where it is broken."""
    if len(html) > limits.max_bytes:
        return Failure(Reason.PAGE_TOO_LARGE, f"more than {limits.max_bytes} bytes")
    if html.count(b"<") <= limits.max_depth and limits.max_depth <= limits.max_elements:
        return None
    # Imported here: the kernel brings numba, which a process that only extracts need not load.
    import numpy as np

    from corpus.kernels.markup import count_markup

    # Without its NULs UTF-16 markup reads like ASCII markup.
    visible = html.replace(b"\0", b"") if b"\0" in html else html
    elements, depth = count_markup(np.frombuffer(visible, dtype=np.uint8), limits.max_elements, limits.max_depth)
    if elements > limits.max_elements:
        return Failure(Reason.TOO_MANY_NODES, f"more than {limits.max_elements} elements")
    if depth > limits.max_depth:
        return Failure(Reason.TOO_DEEP, f"nested deeper than {limits.max_depth} elements")
    return None
