"""Bytes of a page to text: which character set, and on what evidence.

Evidence is heard in the order byte order mark, HTTP header, `meta` (or XML) declaration, detection. Labels mean what the
WHATWG Encoding Standard says they mean (`iso-8859-1` is windows-1252, `gb2312` is gbk ...). A claim that the bytes
contradict is a lie: it is noted and the next evidence is heard.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from enum import StrEnum

import webencodings

from corpus.extract.alphabets import latin_charset
from corpus.extract.prescan import declared_charset


class Evidence(StrEnum):
    BOM = "bom"
    HEADER = "header"
    META = "meta"
    DETECTION = "detection"
    FALLBACK = "fallback"


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text of a page with the WHATWG name of its character set, the evidence for it and the claims found false."""

    text: str
    charset: str
    evidence: Evidence
    rejected: tuple[str, ...] = ()


_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16le"), (codecs.BOM_UTF16_BE, "utf-16be"))
_UTF16 = frozenset({"utf-16le", "utf-16be"})
# Encoding Standard: the decoder of a name where Python's codec of that name knows fewer characters.
_WIDER_CODEC = {"shift_jis": "cp932", "euc-kr": "cp949", "gbk": "gb18030", "big5": "big5hkscs"}
_MULTI_BYTE = frozenset({"gbk", "gb18030", "big5", "euc-jp", "iso-2022-jp", "shift_jis", "euc-kr"})

# A claim stands if at most one in this many of the characters beyond ASCII cannot be decoded: pages do hold a stray
# byte of another set, and one such byte must not turn a page of good UTF-8 into mojibake.
_BELIEVABLE = 10
# Two Chinese characters can happen to be valid UTF-8 ("the Bush hid the facts"); this many do not.
_CERTAIN_UTF8 = 4
# Share of NUL bytes (one in ...) without which no markup is UTF-16: its tags alone bring more.
_UTF16_NULS = 20

# What detection may answer with: the single-byte and East Asian sets of the Encoding Standard by their Python names.
# Left to itself the detector also offers sets of mainframes and of MS-DOS, which no web page uses.
_CANDIDATES = [
    *("cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258"),
    *("iso8859_2", "iso8859_5", "iso8859_7", "koi8_r", "koi8_u", "cp874"),
    *("gb18030", "big5", "cp932", "euc_jp", "cp949"),
]
_FROM_CODEC = {"cp874": "windows-874", "cp932": "shift_jis", "cp949": "euc-kr"}
_SAMPLE_BYTES = 8192
_LABEL_LENGTH = 40
_MARKUP = re.compile(
    rb"<!--.*?-->|<(script|style)\b.*?</\1\s*>|<[^>]*>|&[A-Za-z0-9#]{1,12};", re.DOTALL | re.IGNORECASE
)
_FOREIGN = re.compile(rb"[^\x00-\x7f]")
_NON_ASCII = re.compile(r"[^\x00-\x7f]+")


def decode(html: bytes, header_charset: str | None = None) -> Decoded:
    """Text of the page without its byte order mark and without NUL; never raises.

    `header_charset`: the `charset` parameter of the HTTP Content-Type. Bytes that nobody can decode become U+FFFD.
    """
    rejected: list[str] = []
    for evidence, label in _claims(html, header_charset):
        charset = _standard_name(label, evidence)
        text = _decode_as(html, charset, evidence) if charset else None
        if text is not None and charset is not None:
            return Decoded(_without_nul(text), charset, evidence, tuple(rejected))
        rejected.append(f"{evidence}:{label}")
    charset, evidence = _detect(html)
    text = _tolerant(html, charset)[0]
    return Decoded(_without_nul(text), charset, evidence, tuple(rejected))


def _claims(html: bytes, header_charset: str | None) -> list[tuple[Evidence, str]]:
    claims = [(Evidence.BOM, name) for mark, name in _BOMS if html.startswith(mark)]
    for evidence, label in ((Evidence.HEADER, header_charset), (Evidence.META, declared_charset(html))):
        # Labels are foreign text, and rejected ones are kept: one short line of valid Unicode each.
        line = " ".join((label or "").encode("utf-8", "replace").decode().split()).strip(" \"'")[:_LABEL_LENGTH]
        if line:
            claims.append((evidence, line))
    return claims


def _standard_name(label: str, evidence: Evidence) -> str | None:
    """WHATWG name of a label; None if there is no such label or no decoder (`replacement`)."""
    encoding = webencodings.lookup(label)
    if encoding is None:
        return None
    name: str = encoding.name
    if evidence is Evidence.META:
        # HTML standard, 13.2.3.2: whoever could read that declaration as ASCII does not have a page in UTF-16.
        name = {"utf-16le": "utf-8", "utf-16be": "utf-8", "x-user-defined": "windows-1252"}.get(name, name)
    return None if name in {"replacement", "x-user-defined"} else name


def _decode_as(html: bytes, charset: str, evidence: Evidence) -> str | None:
    """The text, or None if the bytes contradict the claim."""
    if charset in _UTF16 and evidence is not Evidence.BOM and html.count(0) * _UTF16_NULS < len(html):
        return None
    if charset not in _UTF16 and charset != "utf-8" and _is_utf8(html, _CERTAIN_UTF8 if charset in _MULTI_BYTE else 1):
        return None
    text, believable = _tolerant(html, charset)
    return text if believable else None


def _is_utf8(html: bytes, least: int) -> bool:
    """Valid UTF-8, but for a last character cut short, with at least so many characters beyond ASCII."""
    if html.isascii():
        return False
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(html)
    except UnicodeDecodeError:
        return False
    return sum(len(run) for run in _NON_ASCII.findall(text)) >= least


def _tolerant(html: bytes, charset: str) -> tuple[str, bool]:
    """The text with U+FFFD where it cannot be decoded, and whether such places are few (see `_BELIEVABLE`)."""
    for mark, name in _BOMS:
        if name == charset and html.startswith(mark):
            html = html[len(mark) :]
    codec = _codec(charset)
    try:
        return html.decode(codec), True
    except UnicodeDecodeError:
        text = html.decode(codec, "replace")
    # A character cut by the end of the page is nobody's lie.
    broken = text.count("\ufffd") - text.endswith("\ufffd") - html.count(b"\xef\xbf\xbd") * (charset == "utf-8")
    foreign = sum(len(run) for run in _NON_ASCII.findall(text))
    return text, broken * _BELIEVABLE <= foreign


def _codec(charset: str) -> str:
    """Python's codec for a WHATWG name."""
    if charset in _WIDER_CODEC:
        return _WIDER_CODEC[charset]
    name: str = webencodings.lookup(charset).codec_info.name
    return name


def _detect(html: bytes) -> tuple[str, Evidence]:
    nuls = html.count(0)
    if nuls * _UTF16_NULS >= len(html) > 0:
        # ASCII letters in UTF-16 have their NUL behind them (little-endian) or before them.
        behind = html[1::2].count(0)
        charset = "utf-16le" if behind * 2 >= nuls else "utf-16be"
        if behind >= 9 * (nuls - behind) or nuls - behind >= 9 * behind:
            return charset, Evidence.DETECTION
    if b"\x1b$B" in html or b"\x1b$@" in html:
        return "iso-2022-jp", Evidence.DETECTION
    if _tolerant(html, "utf-8")[1]:
        return "utf-8", Evidence.DETECTION
    sample = _sample(html)
    name = latin_charset(sample) or _guess(sample)
    if name is not None and _tolerant(html, name)[1]:
        return name, Evidence.DETECTION
    return "utf-8", Evidence.FALLBACK


def _guess(sample: bytes) -> str | None:
    """WHATWG name of the set that a general detector finds most plausible."""
    # Imported here: most pages never need it.
    from charset_normalizer import from_bytes

    best = from_bytes(sample, steps=4, chunk_size=1024, cp_isolation=_CANDIDATES).best()
    if best is None:
        return None
    label = _FROM_CODEC.get(best.encoding) or best.encoding.replace("_", "-").replace("iso8859", "iso-8859")
    encoding = webencodings.lookup(label)
    return None if encoding is None else str(encoding.name)


def _sample(html: bytes) -> bytes:
    """The words around bytes beyond ASCII, without markup, up to `_SAMPLE_BYTES`: what a detector can learn from."""
    text = _MARKUP.sub(b" ", html[: 64 * _SAMPLE_BYTES])
    pieces: list[bytes] = []
    size = 0
    for line in re.split(rb"[\r\n]+|\s{2,}", text):
        if _FOREIGN.search(line):
            pieces.append(line.strip())
            size += len(line) + 1
            if size >= _SAMPLE_BYTES:
                break
    return b"\n".join(pieces)[:_SAMPLE_BYTES] or html[:_SAMPLE_BYTES]


def _without_nul(text: str) -> str:
    """NUL ends the page for libxml2; in body text the HTML standard ignores it."""
    return text.replace("\0", "") if "\0" in text else text
