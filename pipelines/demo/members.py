"""Gzip members whose bytes are the same on every machine.

Compressed bytes differ between zlib builds (zlib, zlib-ng, ...), so the demo stores its data: a member is made of
DEFLATE's uncompressed blocks (RFC 1951, 3.2.4) in a gzip envelope without name or time (RFC 1952).
"""

import struct
import zlib

_HEADER = b"\x1f\x8b\x08" + b"\x00" * 6 + b"\xff"  # deflate, no flags, mtime 0, no extra flags, system unknown
_BLOCK = 0xFFFF


def gzip_member(data: bytes) -> bytes:
    """``data`` as one complete gzip member, uncompressed inside."""
    blocks = [data[start : start + _BLOCK] for start in range(0, len(data), _BLOCK)] or [b""]
    parts = [_HEADER]
    for number, block in enumerate(blocks, 1):
        parts += struct.pack("<BHH", number == len(blocks), len(block), len(block) ^ 0xFFFF), block
    parts.append(struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF))
    return b"".join(parts)
