"""Makes a WARC of every n-th page of another one, several times over, with new ids, URLs and texts in each copy.

Copy 0 is the pages as they are. In every other copy the plain words of a page's text (letters only, two or more) are
shuffled among their places. So markup, size, character set, counts of words and lines, punctuation at the ends of lines
and the language stay, while runs of five words are hardly ever shared between copies: no duplicate detection folds them
together. Scripts, styles and comments are left alone. The same input gives the same output, byte for byte.

Every record carries `WARC-Identified-Payload-Type: text/html`, as those of Common Crawl do. Without it datatrove asks
libmagic, which takes about one real page in eleven for a script or for plain data, and passes over it.

A process of its own, because making pages must not count in the memory or time of what is measured.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import uuid
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

_NO_TEXT = re.compile(rb"<script\b.*?</script\s*>|<style\b.*?</style\s*>|<!--.*?-->|<[^>]*>", re.DOTALL | re.IGNORECASE)
# Between blanks only: a word with punctuation or an entity keeps its place. Bytes above 127 are letters of any charset.
_WORD = re.compile(rb"(?<![^ \t\r\n])[A-Za-z\x80-\xff]{2,}(?![^ \t\r\n])")


def text_spans(html: bytes) -> Iterator[tuple[int, int]]:
    """Byte ranges of a page that are neither tags nor inside scripts, styles and comments."""
    position = 0
    for match in _NO_TEXT.finditer(html):
        if match.start() > position:
            yield position, match.start()
        position = match.end()
    if position < len(html):
        yield position, len(html)


def shuffle_words(html: bytes, seed: str) -> bytes:
    """The page with the plain words of its text in another order; as long as before."""
    places = [match.span() for start, end in text_spans(html) for match in _WORD.finditer(html, start, end)]
    words = [html[start:end] for start, end in places]
    random.Random(seed).shuffle(words)
    pieces, position = [], 0
    for (start, end), word in zip(places, words, strict=True):
        pieces += [html[position:start], word]
        position = end
    return b"".join([*pieces, html[position:]])


def copy_uri(uri: str, copy: int) -> str:
    """The URI of a page's copy: another host, so that no rule about addresses folds the copies together."""
    return uri if copy == 0 else re.sub(r"^(\w+://)", rf"\1copy{copy}.", uri, count=1)


def repeat(source: Path, target: Path, every: int, copies: int) -> dict[str, int]:
    """Write `target`; returns the numbers of pages and of bytes of HTML in it."""
    pages = size = 0
    with target.open("wb") as out:
        writer = WARCWriter(out, gzip=True)
        for copy in range(copies):
            with source.open("rb") as archive:
                responses = (record for record in ArchiveIterator(archive) if record.rec_type == "response")
                for index, record in enumerate(responses):
                    if index % every:
                        continue
                    html = record.content_stream().read()
                    uri = record.rec_headers.get_header("WARC-Target-URI")
                    identity = record.rec_headers.get_header("WARC-Record-ID")
                    key = f"{identity} {copy}"
                    if copy:
                        identity = f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, key)}>"
                    body = shuffle_words(html, key) if copy else html
                    kind = record.http_headers.get_header("Content-Type") or "text/html"
                    writer.write_record(
                        writer.create_warc_record(
                            copy_uri(uri, copy),
                            "response",
                            payload=BytesIO(body),
                            http_headers=StatusAndHeaders("200 OK", [("Content-Type", kind)], protocol="HTTP/1.1"),
                            warc_headers_dict={
                                "WARC-Record-ID": identity,
                                "WARC-Identified-Payload-Type": "text/html",
                                "WARC-Date": record.rec_headers.get_header("WARC-Date"),
                            },
                        )
                    )
                    pages += 1
                    size += len(body)
    return {"pages": pages, "html_bytes": size}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--every", type=int, default=1, help="take every n-th page")
    parser.add_argument("--copies", type=int, default=1)
    arguments = parser.parse_args()
    print(json.dumps(repeat(arguments.source, arguments.target, arguments.every, arguments.copies)))


if __name__ == "__main__":
    main()
