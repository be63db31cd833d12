"""A stream of bytes addressed by offset, of which only the part in use is in memory."""

from __future__ import annotations

import re
from typing import Protocol

from corpus.sources._members import Source

STEP = 256 << 10
SHORT = 4 << 10
NEWLINE = re.compile(rb"\n")


class Pieces(Protocol):
    """Where a window gets its bytes."""

    def read(self) -> bytes:
        """The next piece; empty at the end."""
        ...


class Plain:
    """The bytes of an uncompressed file."""

    def __init__(self, source: Source, offset: int = 0) -> None:
        self._source = source
        self.offset = offset

    @property
    def size(self) -> int:
        return self._source.size

    def read(self) -> bytes:
        piece = self._source.read(self.offset, STEP)
        self.offset += len(piece)
        return piece


class Window:
    """`[start, end)` of a stream whose first byte has offset `start` at the beginning."""

    def __init__(self, pieces: Pieces, start: int = 0) -> None:
        self._pieces = pieces
        self._buffer = bytearray()
        self.start = start

    @property
    def end(self) -> int:
        return self.start + len(self._buffer)

    def reach(self, offset: int) -> bool:
        """Take in the stream up to `offset`; false if it ends before."""
        while self.end < offset:
            piece = self._pieces.read()
            if not piece:
                return False
            self._buffer += piece
        return True

    def get(self, start: int, end: int) -> bytes:
        """Bytes of the window, as far as they were taken in."""
        with memoryview(self._buffer) as view:
            return bytes(view[max(0, start - self.start) : max(0, end - self.start)])

    def forget(self, offset: int) -> None:
        """Let go of what lies before `offset`."""
        del self._buffer[: max(0, offset - self.start)]
        self.start = max(self.start, offset)

    def move(self, offset: int) -> bool:
        """Begin the window at `offset`, or where the stream ends before it (then false). Only a file can go back."""
        if self.start <= offset <= self.end:
            self.forget(offset)
            return True
        if isinstance(self._pieces, Plain):
            self._buffer.clear()
            self.start = self._pieces.offset = min(offset, self._pieces.size)
            return self.start == offset
        while self.end < offset:
            self.forget(self.end)
            if not self.reach(self.end + 1):
                return False
        self.forget(offset)
        return True

    def may_reach(self, offset: int) -> bool:
        """False if the stream is known to end before `offset`."""
        return not isinstance(self._pieces, Plain) or offset <= self._pieces.size

    def skip(self, unwanted: bytes, offset: int) -> int | None:
        """Where, at or behind `offset`, the first byte is that is not `unwanted`; forgets those; None at the end."""
        while self.reach(offset + 1):
            rest = self.get(offset, offset + SHORT)
            wanted = rest.lstrip(unwanted)
            offset += len(rest) - len(wanted)
            self.forget(offset)
            if wanted:
                return offset
        return None

    def line(self, offset: int, length: int) -> bytes:
        """The line at `offset`, cut at `length` bytes."""
        end = self.search(NEWLINE, offset, length)
        return self.get(offset, end[1] if end else offset + length)

    def search(self, pattern: re.Pattern[bytes], offset: int, length: int) -> tuple[int, int] | None:
        """Where the pattern is first found in the next `length` bytes; takes in no more of the stream than needed."""
        stop = offset + length
        while True:
            found = pattern.search(self._buffer, max(0, offset - self.start), max(0, stop - self.start))
            if found:
                return self.start + found.start(), self.start + found.end()
            if self.end >= stop or not self.reach(self.end + 1):
                return None

    def exhaust(self) -> None:
        """Read to the end of the stream and keep nothing."""
        self.forget(self.end)
        while self.reach(self.end + 1):
            self.forget(self.end)

    def seek(self, pattern: re.Pattern[bytes], offset: int, overlap: int, stop: int | None = None) -> int | None:
        """Where the pattern, at most `overlap` bytes long, is next found (before `stop`); forgets what was passed over."""
        self.move(offset)
        known = self.start
        while True:
            found = pattern.search(self._buffer, known - self.start)
            if found:
                at = self.start + found.start()
                return at if stop is None or at < stop else None
            if stop is not None and self.end >= stop + overlap:
                return None
            known = max(known, self.end - overlap)
            self.forget(known - 1)  # one byte before, for patterns that look behind
            if not self.reach(self.end + 1):
                return None
