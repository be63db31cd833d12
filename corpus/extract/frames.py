"""Messages between the extractor and its child: a list of optional byte strings, each behind its length.

Nothing is ever unpickled: what comes out of the child was touched by foreign pages.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import BinaryIO

from corpus.extract.model import Extraction, Failure, Page, Reason

_COUNT = struct.Struct("<B")
_LENGTH = struct.Struct("<q")  # -1 stands for None

READY = [b"ready"]
"""First message of the child, after its imports."""

Parts = list[bytes | None]


def pack(parts: Sequence[bytes | None]) -> bytes:
    lengths = [_LENGTH.pack(-1 if part is None else len(part)) for part in parts]
    return b"".join([_COUNT.pack(len(parts)), *lengths, *(part for part in parts if part)])


def unpack(buffer: bytearray) -> Parts | None:
    """Take the first whole message off the front of the buffer; None if there is none yet."""
    if not buffer:
        return None
    head = _COUNT.size + buffer[0] * _LENGTH.size
    if len(buffer) < head:
        return None
    lengths = [_LENGTH.unpack_from(buffer, _COUNT.size + i * _LENGTH.size)[0] for i in range(buffer[0])]
    end = head + sum(max(length, 0) for length in lengths)
    if len(buffer) < end:
        return None
    parts: Parts = []
    position = head
    for length in lengths:
        parts.append(None if length < 0 else bytes(buffer[position : position + length]))
        position += max(length, 0)
    del buffer[:end]
    return parts


def read(stream: BinaryIO) -> Parts | None:
    """The next message of a blocking stream; None at its end, also where it ends inside a message."""
    count = stream.read(_COUNT.size)
    if not count:
        return None
    buffer = bytearray(count + stream.read(count[0] * _LENGTH.size))
    if len(buffer) < _COUNT.size + count[0] * _LENGTH.size:
        return None
    lengths = (_LENGTH.unpack_from(buffer, _COUNT.size + i * _LENGTH.size)[0] for i in range(count[0]))
    buffer += stream.read(sum(max(length, 0) for length in lengths))
    return unpack(buffer)


def pack_page(page: Page, seconds: float) -> bytes:
    """A request: the page and how long the caller will wait for it."""
    charset = None if page.charset is None else page.charset.encode("utf-8", "replace")
    return pack([page.html, charset, str(seconds).encode()])


def page_of(parts: Parts) -> tuple[Page, float]:
    html, charset, seconds = parts
    return Page(html or b"", None if charset is None else charset.decode()), float(seconds or 0)


def pack_extraction(extraction: Extraction) -> bytes:
    failure = extraction.failure
    fields = (
        extraction.text,
        extraction.charset,
        extraction.charset_evidence,
        "\n".join(extraction.charset_rejected),
        failure.reason.value if failure else None,
        failure.detail if failure else None,
    )
    return pack([None if field is None else field.encode("utf-8", "replace") for field in fields])


def extraction_of(parts: Parts) -> Extraction:
    text, charset, evidence, rejected, reason, detail = (None if part is None else part.decode() for part in parts)
    failure = Failure(Reason(reason), detail or "") if reason else None
    return Extraction(text, charset, evidence, failure, tuple(rejected.split("\n")) if rejected else ())
