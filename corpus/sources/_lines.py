"""Lines of plain and compressed files: which byte range owns which line, and what damage costs.

A line ends at `\\n`; what precedes it belongs to the line (so `\\r` stays). A range of a plain file owns the lines that
*begin* in it, wherever it is cut. A compressed file is one range, and the offsets of its lines count uncompressed bytes.
"""

from __future__ import annotations

import bz2
import codecs
import contextlib
import lzma
import sys
import zlib
from collections.abc import Callable, Iterator
from typing import IO, Protocol

import zstandard

from corpus import storage
from corpus.sources import ReadLog, split_evenly
from corpus.storage import InputFile
from corpus.task import Task

BLOCK_BYTES = 1 << 20
"""Read at once from the file, and the most that one step of a decompressor may give (zstd: see `_Zstd`)."""

_HEAD_BYTES = 10
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Windows above this need as much memory to decompress: zstd refuses them unless told otherwise, xz does not.
_XZ_MEMORY = 256 << 20


class StreamDamageError(Exception):
    """A compressed stream that ends early or cannot be decoded from `offset` (in the file as stored) on."""

    def __init__(self, offset: int, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.offset, self.reason, self.detail = offset, reason, detail


def compression(head: bytes) -> str | None:
    """Name of the compression that a file's first ten bytes show (`gzip`, `zstd`, `bzip2`, `xz`); None for plain files."""
    if head.startswith(b"\x1f\x8b\x08"):  # RFC 1952: magic, and deflate as the one method there is
        return "gzip"
    # RFC 8878: a frame, or a skippable frame as parallel compressors write them at the start
    if head.startswith(b"\x28\xb5\x2f\xfd") or (head[1:4] == b"\x2a\x4d\x18" and head[0] & 0xF0 == 0x50):
        return "zstd"
    if head.startswith(b"BZh") and head[4:10] in (b"\x31\x41\x59\x26\x53\x59", b"\x17\x72\x45\x38\x50\x90"):
        return "bzip2"
    if head.startswith(b"\xfd7zXZ\x00"):
        return "xz"
    return None


def plan_lines(file: InputFile, split_bytes: int) -> list[tuple[int, int]]:
    """Ranges of a file of lines: even ones for a plain file, a single one for a compressed file.

    Any cut is as good as another, because a range owns the lines that begin in it.
    """
    ranges = split_evenly(file.bytes, split_bytes)
    if len(ranges) > 1:
        with storage.open_read(file.path) as opened:
            if compression(opened.read(_HEAD_BYTES)) is not None:
                return [(0, file.bytes)]
    return ranges


def read_lines(task: Task, max_bytes: int, log: ReadLog) -> Iterator[tuple[int, bytes]]:
    """Offset and bytes, without the final `\\n`, of every line that begins in the task's range.

    A line of more than `max_bytes` is reported and passed over without being held. A damaged stream keeps the whole lines
    before the damage and reports the rest as unreadable; so does text in UTF-16, as a whole. Ranges of a compressed file
    that do not begin at its start are empty.
    """
    with storage.open_read(task.path) as file:
        head = file.read(_HEAD_BYTES)
        codec = compression(head)
        if codec is None:
            yield from _plain_lines(file, head, task, max_bytes, log)
        elif task.start == 0 < task.end:
            file.seek(0)
            blocks = _first_checked(decompressed(file, codec, log))
            try:
                yield from split_lines(blocks, 0, sys.maxsize, max_bytes, log)
            except StreamDamageError as damage:
                log.unreadable(damage.offset, task.file_bytes, damage.reason, damage.detail)


def _plain_lines(file: IO[bytes], head: bytes, task: Task, max_bytes: int, log: ReadLog) -> Iterator[tuple[int, bytes]]:
    if not head or head.startswith(_UTF16_MARKS):
        if task.start == 0:
            damage = _not_utf8() if head else StreamDamageError(0, "empty_file", "the file has no bytes")
            log.unreadable(0, task.file_bytes, damage.reason, damage.detail)
        return
    first = _first_line(file, task.start, task.end)
    log.bytes_read += first - task.start
    if first < task.end:
        file.seek(first)
        yield from split_lines(_plain_blocks(file, first, task.end, log), first, task.end, max_bytes, log)


def _first_line(file: IO[bytes], start: int, end: int) -> int:
    """Offset of the first line that begins in `[start, end)`; `end` if none does."""
    if start == 0:
        return 0
    offset = start - 1  # a line begins at `start` if the byte before it ends one
    file.seek(offset)
    while offset < end - 1:
        block = file.read(min(BLOCK_BYTES, end - 1 - offset))
        found = block.find(b"\n")
        if found >= 0:
            return offset + found + 1
        if not block:
            break
        offset += len(block)
    return end


def _plain_blocks(file: IO[bytes], offset: int, end: int, log: ReadLog) -> Iterator[bytes]:
    while block := file.read(BLOCK_BYTES):
        log.bytes_read += max(0, min(offset + len(block), end) - offset)  # what follows is the next range's progress
        offset += len(block)
        yield block


def _first_checked(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The same blocks, unless the first says that they are UTF-16."""
    first = next(blocks, b"")
    if first.startswith(_UTF16_MARKS):
        raise _not_utf8()
    yield first
    yield from blocks


def _not_utf8() -> StreamDamageError:
    return StreamDamageError(0, "not_utf8", "the text is UTF-16; convert the file to UTF-8")


def split_lines(
    blocks: Iterator[bytes], start: int, end: int, max_bytes: int, log: ReadLog
) -> Iterator[tuple[int, bytes]]:
    """Lines that begin before offset `end`, from blocks whose first byte is at offset `start` and begins a line."""
    position = start
    parts: list[bytes] = []  # of the line that no block has ended yet; empty once that line is too long
    size = 0  # of that line so far

    for block in blocks:
        pieces = block.split(b"\n")
        if size and len(pieces) > 1:
            size += len(pieces[0])
            if size > max_bytes:
                _too_large(position, max_bytes, log)
            else:
                parts.append(pieces[0])
                yield position, b"".join(parts)
            position += size + 1
            parts, size = [], 0
            del pieces[0]
        rest = pieces.pop()
        for piece in pieces:
            if position >= end:
                return
            length = len(piece)
            if length > max_bytes:
                _too_large(position, max_bytes, log)
            else:
                yield position, piece
            position += length + 1
        if position >= end:
            return
        size += len(rest)
        if size > max_bytes:
            parts.clear()
            if position + size >= end:
                break  # the next line belongs to another range, so where this one ends does not matter
        elif rest:
            parts.append(rest)
    if size > max_bytes:
        _too_large(position, max_bytes, log)
    elif size:
        yield position, b"".join(parts)


def _too_large(position: int, max_bytes: int, log: ReadLog) -> None:
    log.document(position, "record_too_large", f"the line is longer than {max_bytes} bytes")


class _Decompressor(Protocol):
    """One gzip member, zstd frame or the like."""

    piece_bytes: int  # input for one step
    more: bool  # has output to give without further input
    eof: bool  # the member is complete
    unused: bytes  # input after its end

    def step(self, data: bytes) -> bytes:
        """Decode further; `data` is empty if `more`. Raises an error of `_ERRORS`."""
        ...

    def salvage(self) -> bytes:
        """What the step that raised had decoded before the damage."""
        ...


class _Gzip:
    piece_bytes = 64 << 10

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(wbits=31)  # 16 + 15: gzip header, 32 KiB window
        self._before = self._inflate
        self._data = b""
        self.more = self.eof = False
        self.unused = b""

    def step(self, data: bytes) -> bytes:
        self._data = self._inflate.unconsumed_tail + data
        self._before = self._inflate.copy()  # 40 KB: little beside what decoding a piece costs
        out = self._inflate.decompress(self._data, BLOCK_BYTES)
        self.eof = self._inflate.eof
        self.unused = self._inflate.unused_data
        self.more = not self.eof and (len(out) == BLOCK_BYTES or bool(self._inflate.unconsumed_tail))
        return out

    def salvage(self) -> bytes:
        saved = bytearray()
        with contextlib.suppress(zlib.error):  # the same error again, now at the very byte
            for index in range(len(self._data)):
                saved += self._before.decompress(self._data[index : index + 1])
        return bytes(saved)


class _Zstd:
    # A block of 128 KiB can be four bytes long, so a step of this size gives at most 32 MiB (and the binding copies it twice).
    piece_bytes = 1 << 10

    def __init__(self) -> None:
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self.more = self.eof = False
        self.unused = b""

    def step(self, data: bytes) -> bytes:
        out = self._frame.decompress(data)
        self.eof, self.unused = self._frame.eof, self._frame.unused_data
        return out

    def salvage(self) -> bytes:
        return b""


class _Standard:
    """`bz2` and `lzma`, whose decompressors are alike."""

    piece_bytes = 64 << 10

    def __init__(self, stream: bz2.BZ2Decompressor | lzma.LZMADecompressor) -> None:
        self._stream = stream
        self.more = self.eof = False
        self.unused = b""

    def step(self, data: bytes) -> bytes:
        out = self._stream.decompress(data, BLOCK_BYTES)
        self.eof = self._stream.eof
        self.unused = self._stream.unused_data
        self.more = not self.eof and not self._stream.needs_input
        return out

    def salvage(self) -> bytes:
        return b""


_CODECS: dict[str, Callable[[], _Decompressor]] = {
    "gzip": _Gzip,
    "zstd": _Zstd,
    "bzip2": lambda: _Standard(bz2.BZ2Decompressor()),
    "xz": lambda: _Standard(lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)),
}


def decompressed(file: IO[bytes], codec: str, log: ReadLog) -> Iterator[bytes]:
    """Blocks of what a file holds, through all its members; memory stays flat whatever the ratio of compression.

    Raises StreamDamageError with reason `truncated_stream` or `corrupt_stream`, after the blocks before the damage.
    """
    make = _CODECS[codec]
    member: _Decompressor | None = None
    offset = 0  # in the file, of `raw[0]`
    while raw := file.read(BLOCK_BYTES):
        log.bytes_read += len(raw)
        at = 0
        while at < len(raw):
            if member is None:
                if not raw[at]:  # zeros pad the last member of files that were written in blocks
                    at = len(raw) - len(raw[at:].lstrip(b"\0"))
                    continue
                member = make()
            data = raw[at : at + member.piece_bytes]
            yield from _steps(member, data, offset + at, codec)
            at += len(data) - len(member.unused)
            if member.eof:
                member = None
        offset += len(raw)
    if member is not None:
        yield from _steps(member, b"", offset, codec)
        raise StreamDamageError(offset, "truncated_stream", f"the file ends in the middle of its {codec} stream")


def _steps(member: _Decompressor, data: bytes, offset: int, codec: str) -> Iterator[bytes]:
    while True:
        try:
            block = member.step(data)
        except (zlib.error, zstandard.ZstdError, lzma.LZMAError, OSError, EOFError) as error:  # OSError is bz2's
            if saved := member.salvage():
                yield saved
            raise StreamDamageError(offset, "corrupt_stream", f"the {codec} stream is damaged: {error}") from error
        if block:
            yield block
        if not member.more:
            return
        data = b""
