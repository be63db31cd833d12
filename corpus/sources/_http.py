"""HTTP responses as crawlers store them: header, body, and what the header claims about the body."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass

import brotli  # type: ignore[import-untyped]
from warcio.statusandheaders import StatusAndHeaders, StatusAndHeadersParser, StatusAndHeadersParserException

from corpus.sources._members import BrokenMember, Decoder, ZlibDecoder, ZstdDecoder

#: Browsers and servers give up far earlier.
MAX_HEADER = 64 << 10
#: Encodings laid over each other; more than one is a misconfigured server already.
MAX_CODINGS = 4
#: Where a browser looks for markup when there is no usable type: MIME Sniffing Standard, "resource header".
SNIFF = 1445

_PARSER = StatusAndHeadersParser(["HTTP/"])
_STATUS = re.compile(r"\d+(?:\.\d+)?\s+(\d{3})(?:\s|$)", re.ASCII)
_PARAMETER = re.compile(r';\s*([^\s;=]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^;]*))')
_CHUNK = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,8})[ \t]*(?:;.*)?", re.DOTALL)
_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
# Types by which servers say that they do not know: MIME Sniffing Standard, section 7.
_UNKNOWN_TYPES = frozenset({"unknown/unknown", "application/unknown", "*/*"})
# MIME Sniffing Standard, section 7.1: what makes an unlabelled resource HTML, each tag followed by a space or `>`.
_MARKUP = re.compile(
    rb"(?:\xef\xbb\xbf)?[\t\n\x0c\r ]*(?:<!--|(?:<\?xml[^>]{0,200}>\s*)?"
    rb"<(?:!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|body|br|b|p)[\t\n\x0c\r >])",
    re.IGNORECASE,
)


class TooLarge(Exception):
    """A body that decodes to more than the limit."""


class BrokenHeader(ValueError):
    """What should be an HTTP response does not begin like one."""


@dataclass(frozen=True, kw_only=True)
class Response:
    status: int
    media: str | None  # lower case, without parameters; None if missing or malformed
    charset: str | None  # as declared, in lower case
    languages: str | None
    chunked: bool
    codings: tuple[str, ...]  # in the order in which they were applied
    body: bytes  # as transferred

    def payload(self, limit: int) -> bytes:
        """The body decoded. What a lying header promises and the body is not is passed over. Raises TooLarge."""
        data = dechunk(self.body) if self.chunked else self.body
        for coding in reversed(self.codings):
            data = _decode(data, coding, limit)
        if len(data) > limit:
            raise TooLarge(f"the body decodes to more than {limit} bytes")
        return data


def parse(block: bytes) -> Response:
    """Raises BrokenHeader."""
    stream = io.BytesIO(block[:MAX_HEADER])
    try:
        headers: StatusAndHeaders = _PARSER.parse(stream)
    except (StatusAndHeadersParserException, EOFError) as error:
        raise BrokenHeader(str(error) or "the record is empty") from error
    status = _STATUS.match(headers.statusline)
    if not status:
        raise BrokenHeader(f"no status in {(headers.protocol + headers.statusline)[:80]!r}")
    if stream.tell() == MAX_HEADER and len(block) > MAX_HEADER:
        raise BrokenHeader(f"the header is longer than {MAX_HEADER} bytes")
    media, charset = media_type(headers.get_header("Content-Type"))
    codings = _tokens(headers.get_header("Content-Encoding"))
    return Response(
        status=int(status[1]),
        media=media,
        charset=charset,
        languages=headers.get_header("Content-Language"),
        chunked="chunked" in _tokens(headers.get_header("Transfer-Encoding")),
        codings=codings if len(codings) <= MAX_CODINGS else (),
        body=block[stream.tell() :],
    )


def _tokens(value: str | None) -> tuple[str, ...]:
    return tuple(token for part in (value or "").lower().split(",") if (token := part.strip()))


def media_type(value: str | None) -> tuple[str | None, str | None]:
    """Media type and charset of a Content-Type, both in lower case; of repeated parameters the first counts."""
    media, _, _ = (value or "").partition(";")
    media = media.strip().lower()
    charset = None
    for name, quoted, plain in _PARAMETER.findall(value or ""):
        label = (quoted or plain).strip().strip("'\"").strip().lower()
        if name.lower() == "charset" and label:
            charset = label
            break
    return (media if re.fullmatch(r"[^\s/]+/[^\s/]+", media) else None), charset


def is_html(media: str | None, payload: bytes) -> bool:
    """By the declared type; where there is none that says something, by the first tag."""
    if media is None or media in _UNKNOWN_TYPES:
        return looks_like_html(payload)
    return media in _HTML_TYPES


def may_be_html(media: str | None) -> bool:
    """Whether the declared type leaves it open that this is HTML."""
    return media is None or media in _UNKNOWN_TYPES or media in _HTML_TYPES


def looks_like_html(payload: bytes) -> bool:
    head = payload[:SNIFF]
    for mark, charset in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if head.startswith(mark):
            head = head[2:].decode(charset, "replace").encode()
    return _MARKUP.match(head) is not None


def dechunk(data: bytes) -> bytes:
    """Undo the chunked transfer coding; from the first place on that is no chunk, bytes are taken as they are."""
    pieces = []
    offset = 0
    while offset < len(data):
        line = data.find(b"\r\n", offset, offset + 64)
        size = _CHUNK.fullmatch(data, offset, line) if line >= 0 else None
        if not size:
            pieces.append(data[offset:])
            break
        start = line + 2
        end = start + int(size[1], 16)
        if end == start:
            break
        if end + 2 <= len(data) and data[end : end + 2] != b"\r\n":
            pieces.append(data[offset:])
            break
        pieces.append(data[start:end])
        offset = end + 2
    return b"".join(pieces)


class _BrotliDecoder:
    """Two libraries call themselves `brotli`. The one that cannot limit its output is fed little at a time."""

    eof = False

    def __init__(self) -> None:
        self._inflater = brotli.Decompressor()
        self._bounded = hasattr(self._inflater, "can_accept_more_data")
        self.input_step = 16 << 10 if self._bounded else 64

    def decode(self, data: bytes, limit: int) -> tuple[bytes, int]:
        try:
            if not self._bounded:
                return self._inflater.decompress(data), len(data)
            if not self._inflater.can_accept_more_data():
                return self._inflater.process(b"", output_buffer_limit=limit), 0
            return self._inflater.process(data, output_buffer_limit=limit), len(data)
        except brotli.error as error:
            raise BrokenMember("body_broken", str(error)) from error

    def fork(self) -> None:
        return None


_CODINGS: dict[str, tuple[Callable[[], Decoder], ...]] = {
    "gzip": (ZlibDecoder,),
    "x-gzip": (ZlibDecoder,),
    # The standard means zlib; some servers send the bare stream.
    "deflate": (lambda: ZlibDecoder(15), lambda: ZlibDecoder(-15)),
    "br": (_BrotliDecoder,),
    "zstd": (ZstdDecoder,),
}


def _decode(data: bytes, coding: str, limit: int) -> bytes:
    if looks_like_html(data):
        return data
    for decoder in _CODINGS.get(coding, ()):
        decoded = _inflate(data, decoder, limit)
        if decoded is not None:
            return decoded
    return data


def _inflate(data: bytes, new: Callable[[], Decoder], limit: int) -> bytes | None:
    """What can be decoded, which may be less than all; None if the data is not in this coding."""
    output, offset = bytearray(), 0
    decoder = new()
    try:
        while True:
            piece, taken = decoder.decode(data[offset : offset + decoder.input_step], limit + 1 - len(output))
            output += piece
            offset += taken
            if len(output) > limit:
                raise TooLarge(f"the body decodes to more than {limit} bytes")
            if decoder.eof and data.startswith(b"\x1f\x8b", offset):
                decoder = new()  # a body may be several gzip members
            elif decoder.eof or not (piece or taken):
                break
    except BrokenMember:
        return bytes(output) or None
    return bytes(output) if output or decoder.eof else None
