"""Compressed files as sequences of members (gzip) or frames (zstd), each found, opened and doubted on its own.

A file of archive records usually has one member per record, so that a reader may begin anywhere: it looks for the next
place that carries the magic bytes and inflates to the beginning of a record. The same scan finds the way back after
damage. One limit is inherent: a record whose payload is itself such a file, stored without further compression, holds
places that look like members. They are met by a range that begins inside that record, or when the record is damaged.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Protocol

import zstandard

#: Bytes of the file kept in memory, and the most that a decoder is given or gives at a time.
BLOCK = 1 << 20
INPUT_STEP = 64 << 10
OUTPUT_STEP = 256 << 10

#: A zstd block of 4 bytes may stand for 128 KiB, and the library does not limit output: 512 bytes give up to 16 MiB.
ZSTD_INPUT_STEP = 512
#: Larger windows would let some bytes claim gigabytes of memory; the zstd command refuses them too (`--long=27`).
ZSTD_MAX_WINDOW = 1 << 27
ZSTD_MAX_DICTIONARY = 64 << 20

#: How much is inflated to see whether a record begins: a few bytes say WARC, the first line of ARC may be long.
PEEK_INPUT = 4 << 10
PEEK_OUTPUT = 16 << 10
PEEK_FIRST = 8

#: What inflates to more than this many times the largest payload, and this many times its own size, is a bomb.
BOMB_FACTOR = 64

#: gzip: RFC 1952, method deflate, reserved flags zero. zstd: RFC 8878.
# The end is only looked at, for it may be the beginning of another.
GZIP_MAGIC = re.compile(rb"\x1f\x8b(?=\x08[\x00-\x1f])")
ZSTD_MAGIC = re.compile(rb"\x28\xb5\x2f\xfd")
SKIPPABLE_MAGIC = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18")
#: Frame with the dictionary of a .warc.zst: "Zstandard Compression for WARC Files 1.0", IIPC warc-specifications.
DICTIONARY_MAGIC = b"\x5d\x2a\x4d\x18"


class BrokenMember(Exception):
    """Compressed data that cannot be read on."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class Source:
    """Random access to a file through one block in memory."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file = file
        self._block = b""
        self._start = 0
        self.size = size

    def read(self, offset: int, length: int) -> bytes:
        """The bytes at `offset`; fewer than `length` only at the end of the file. Raises OSError."""
        length = min(length, self.size - offset)
        if length <= 0:
            return b""
        at = offset - self._start
        if at < 0 or at + length > len(self._block):
            self._load(offset, max(length, min(BLOCK, self.size - offset)))
            at = 0
        return self._block[at : at + length]

    def _load(self, offset: int, length: int) -> None:
        self._block = b""
        self._file.seek(offset)
        pieces = []
        while length and (piece := self._file.read(length)):
            pieces.append(piece)
            length -= len(piece)
        self._block, self._start = b"".join(pieces), offset


class Decoder(Protocol):
    """Inflates one member piece by piece, with bounded output."""

    input_step: int
    eof: bool

    def decode(self, data: bytes, limit: int) -> tuple[bytes, int]:
        """Output of about `limit` bytes at most, and how many bytes of `data` were taken. Raises BrokenMember."""
        ...

    def fork(self) -> Decoder | None:
        """A copy in the same state, if the library can make one."""
        ...


class ZlibDecoder:
    """gzip (`wbits` 31), zlib (15) or raw deflate (-15)."""

    input_step = INPUT_STEP

    def __init__(self, wbits: int = 31) -> None:
        self._inflater = zlib.decompressobj(wbits)
        self.eof = False

    def decode(self, data: bytes, limit: int) -> tuple[bytes, int]:
        try:
            output = self._inflater.decompress(data, limit)
        except zlib.error as error:
            raise BrokenMember("member_broken", str(error)) from error
        self.eof = self._inflater.eof
        left = self._inflater.unused_data if self.eof else self._inflater.unconsumed_tail
        return output, len(data) - len(left)

    def fork(self) -> ZlibDecoder:
        twin = ZlibDecoder.__new__(ZlibDecoder)
        twin._inflater = self._inflater.copy()
        twin.eof = self.eof
        return twin


class ZstdDecoder:
    input_step = ZSTD_INPUT_STEP

    def __init__(self, dictionary: zstandard.ZstdCompressionDict | None = None) -> None:
        self._inflater = zstandard.ZstdDecompressor(
            dict_data=dictionary, max_window_size=ZSTD_MAX_WINDOW
        ).decompressobj()
        self.eof = False

    def decode(self, data: bytes, limit: int) -> tuple[bytes, int]:
        data = data[:ZSTD_INPUT_STEP]
        try:
            output = self._inflater.decompress(data)
        except zstandard.ZstdError as error:
            raise BrokenMember("member_broken", str(error)) from error
        self.eof = self._inflater.eof
        return output, len(data) - len(self._inflater.unused_data)

    def fork(self) -> None:
        return None


@dataclass(frozen=True, kw_only=True)
class Codec:
    """A compression whose files are sequences of members."""

    name: str
    magic: re.Pattern[bytes]
    decoder: Callable[[], Decoder]
    lead: int  # bytes that a member may have before it gives the first of its content

    def after_padding(self, source: Source, offset: int) -> int:
        """Where the next member should begin: behind zstd's skippable frames."""
        while self.magic is ZSTD_MAGIC and SKIPPABLE_MAGIC.match(header := source.read(offset, 8)) and len(header) == 8:
            offset = min(source.size, offset + 8 + struct.unpack("<I", header[4:])[0])
        return offset


# The extra field of a gzip header has up to 64 KiB; a zstd block, which is given out whole, up to 128 KiB.
GZIP = Codec(name="gzip", magic=GZIP_MAGIC, decoder=ZlibDecoder, lead=68 << 10)
ZSTD_LEAD = 132 << 10


def zstd(source: Source) -> Codec:
    """The zstd codec of a file, with the dictionary of its first frame if it has one. Raises BrokenMember."""
    header = source.read(0, 8)
    if not header.startswith(DICTIONARY_MAGIC) or len(header) < 8:
        return Codec(name="zstd", magic=ZSTD_MAGIC, decoder=ZstdDecoder, lead=ZSTD_LEAD)
    length = struct.unpack("<I", header[4:])[0]
    data = source.read(8, length) if length <= ZSTD_MAX_DICTIONARY else b""
    if len(data) < length or not length:
        raise BrokenMember("dictionary_broken", f"the zstd dictionary of {length} bytes is cut or too large")
    if ZSTD_MAGIC.match(data):
        data = _inflate_dictionary(data)
    try:
        dictionary = zstandard.ZstdCompressionDict(data)
        ZstdDecoder(dictionary)
    except (zstandard.ZstdError, ValueError) as error:
        raise BrokenMember("dictionary_broken", f"the zstd dictionary cannot be used: {error}") from error
    return Codec(name="zstd", magic=ZSTD_MAGIC, decoder=lambda: ZstdDecoder(dictionary), lead=ZSTD_LEAD)


def _inflate_dictionary(data: bytes) -> bytes:
    decoder, output, offset = ZstdDecoder(), bytearray(), 0
    while not decoder.eof and offset < len(data):
        piece, taken = decoder.decode(data[offset : offset + ZSTD_INPUT_STEP], OUTPUT_STEP)
        output += piece
        offset += taken
        if len(output) > ZSTD_MAX_DICTIONARY:
            raise BrokenMember("dictionary_broken", f"the zstd dictionary is larger than {ZSTD_MAX_DICTIONARY} bytes")
    if not decoder.eof:
        raise BrokenMember("dictionary_broken", "the compressed zstd dictionary is cut")
    return bytes(output)


class Budget:
    """How far one record may inflate before its member is given up."""

    def __init__(self, max_record_bytes: int) -> None:
        self._limit = max_record_bytes * BOMB_FACTOR
        self.reset()

    def reset(self) -> None:
        self._produced = self._taken = 0

    def spend(self, produced: int, taken: int) -> None:
        self._produced += produced
        self._taken += taken
        if self._produced > self._limit and self._produced > BOMB_FACTOR * self._taken:
            raise BrokenMember("member_too_large", f"given up after it had inflated to {self._produced} bytes")


class Member:
    """The bytes of one member, in pieces. `offset` is how far the file was taken in: at last, where the member ends."""

    def __init__(self, source: Source, start: int, codec: Codec, budget: Budget, *, salvage: bool = False) -> None:
        self.start = self.offset = start
        self._source = source
        self._decoder = codec.decoder()
        self._budget = budget
        self._salvage = salvage
        self._failure: BrokenMember | None = None

    def read(self) -> bytes:
        """The next piece; empty at the end, when the checksum is verified. Raises BrokenMember, from then on always."""
        while not self._decoder.eof:
            if self._failure:
                raise self._failure
            output, taken = self._step()
            self.offset += taken
            if output:
                return output
        return b""

    def drain(self) -> int:
        """Read to the end and say where that is. Raises BrokenMember."""
        while self.read():
            pass
        return self.offset

    def _step(self) -> tuple[bytes, int]:
        data = self._source.read(self.offset, self._decoder.input_step)
        twin = self._decoder.fork() if self._salvage else None
        try:
            output, taken = self._decoder.decode(data, OUTPUT_STEP)
            self._budget.spend(len(output), taken)
            if not output and not taken and not self._decoder.eof:
                raise BrokenMember("member_truncated", "the file ends before the compressed data does")
        except BrokenMember as failure:
            self._failure = failure
            return (_good_part(twin, data) if twin else b""), 0
        return output, taken


def _good_part(decoder: Decoder, data: bytes) -> bytes:
    """What comes out before the damage, which the library keeps for itself when it meets both in one call."""
    output, offset = bytearray(), 0
    for step in (16 << 10, 256, 4):
        while len(output) < OUTPUT_STEP and (twin := decoder.fork()):
            try:
                piece, taken = decoder.decode(data[offset:], step)
            except BrokenMember:
                decoder = twin
                break
            if not piece and not taken:
                return bytes(output)
            output += piece
            offset += taken
    return bytes(output)


class Joined:
    """The bytes of consecutive members as one stream."""

    def __init__(self, source: Source, start: int, codec: Codec, budget: Budget) -> None:
        self._source = source
        self._codec = codec
        self._budget = budget
        self._member = Member(source, start, codec, budget, salvage=True)
        self.resume = start + 1  # where to look for the next member if this one breaks

    @property
    def offset(self) -> int:
        """How far the file was taken in."""
        return self._member.offset

    def read(self) -> bytes:
        """The next piece; empty at the end of the file. Raises BrokenMember."""
        while not (piece := self._member.read()):
            following = self._codec.after_padding(self._source, self._member.offset)
            if following >= self._source.size:
                return b""
            self.resume = following + 1
            if not self._codec.magic.match(self._source.read(following, 4)):
                raise BrokenMember("garbage", f"no {self._codec.name} data at byte {following} of the file")
            self._member = Member(self._source, following, self._codec, self._budget, salvage=True)
        return piece


def begins_record(source: Source, offset: int, codec: Codec, record: re.Pattern[bytes]) -> bool:
    """Whether a member begins here whose content begins as `record` says."""
    if not codec.magic.match(source.read(offset, 4)):
        return False
    decoder, output, stop = codec.decoder(), b"", offset + codec.lead
    try:
        while offset < stop:
            data = source.read(offset, min(PEEK_INPUT, decoder.input_step))
            piece, taken = decoder.decode(data, PEEK_OUTPUT if output else PEEK_FIRST)
            output += piece
            offset += taken
            if record.match(output):
                return True
            if decoder.eof or len(output) >= PEEK_OUTPUT or not (piece or taken):
                return False
    except BrokenMember:
        return False
    return False


def find_member(
    source: Source, start: int, codec: Codec, record: re.Pattern[bytes], limit: int | None = None
) -> int | None:
    """The first place at or behind `start` (and before `limit`) where `begins_record` holds."""
    stop = source.size if limit is None else min(limit, source.size)
    while start < stop:
        if not (block := source.read(start, BLOCK)):
            return None  # the file is shorter than it was when it was listed
        for found in codec.magic.finditer(block):
            offset = start + found.start()
            if offset >= stop:
                return None
            if begins_record(source, offset, codec, record):
                return offset
        # The magic number, 4 bytes long, may lie across the border.
        start += max(1, len(block) - 3)
    return None


@dataclass(frozen=True, kw_only=True)
class Damage:
    """Bytes `[start, end)` of the file that hold no readable member."""

    start: int
    end: int
    reason: str
    detail: str


def walk(
    source: Source, start: int, end: int, codec: Codec, record: re.Pattern[bytes], budget: Budget
) -> Iterator[Member | Damage]:
    """Members that begin in `[start, end)` and the damage between them, the same for any cut of the file into ranges.

    A member is to be read before the next is asked for; what is left unread is read here, so that its end is known and
    its checksum seen. Damage behind a member belongs to the range in which that member begins, for a range that begins
    with the damage, or before it but inside the member, cannot tell one from the other.
    """
    first = codec.after_padding(source, 0)
    offset = _resume(source, max(start, first), codec, record)
    if start == 0 and offset > first:
        yield Damage(start=first, end=offset, reason="garbage", detail="no record begins at the start of the file")
    while offset < end:
        budget.reset()
        member = Member(source, offset, codec, budget)
        yield member
        try:
            following = codec.after_padding(source, member.drain())
        except BrokenMember as failure:
            resumed = _resume(source, offset + 1, codec, record)
            yield Damage(start=offset, end=resumed, reason=failure.reason, detail=failure.detail)
            offset = resumed
            continue
        offset = following
        if offset < source.size and not begins_record(source, offset, codec, record):
            resumed = _resume(source, offset + 1, codec, record)
            yield Damage(start=offset, end=resumed, reason="garbage", detail="no record begins behind the last one")
            offset = resumed


def _resume(source: Source, offset: int, codec: Codec, record: re.Pattern[bytes]) -> int:
    found = find_member(source, offset, codec, record)
    return source.size if found is None else found
