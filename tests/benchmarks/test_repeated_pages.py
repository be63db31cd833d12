"""Copies of pages keep what makes a page a page, and share no runs of words."""

from __future__ import annotations

import gzip
import re
from io import BytesIO
from pathlib import Path

from _repeated_pages import copy_uri, repeat, shuffle_words, text_spans
from hypothesis import given
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

PARAGRAPH = " ".join(f"word{chr(97 + n // 26)}{chr(97 + n % 26)}".replace("word", "w") for n in range(200))
PAGE = (
    "<html><head><style>p { color: red }</style><script>var some = words here;</script></head>"
    f"<body><!-- a comment of words --><p class='some words'>{PARAGRAPH}.</p><p>Größe, Straße und mehr</p></body></html>"
).encode()


@given(st.binary(max_size=400), st.text(max_size=5))
def test_any_bytes_keep_their_length_and_their_letters(html: bytes, seed: str) -> None:
    """Whatever the bytes are, a copy has the same ones in another order."""
    shuffled = shuffle_words(html, seed)
    assert sorted(shuffled) == sorted(html)


@given(st.binary(max_size=400))
def test_text_spans_are_in_order_and_inside(html: bytes) -> None:
    ends = [0]
    for start, end in text_spans(html):
        assert ends[-1] <= start < end <= len(html)
        ends.append(end)


def test_markup_scripts_styles_and_comments_stay() -> None:
    """Everything outside the text is byte for byte the same, at the same place."""
    shuffled = shuffle_words(PAGE, "seed")
    assert [PAGE[s:e] for s, e in gaps(PAGE)] == [shuffled[s:e] for s, e in gaps(shuffled)]


def test_words_change_places_and_runs_of_five_are_gone() -> None:
    """The same words, but hardly a run of five in common: no duplicate detection takes one for the other."""
    before, after = words(PAGE), words(shuffle_words(PAGE, "seed"))
    assert sorted(before) == sorted(after)
    runs = {tuple(before[i : i + 5]) for i in range(len(before) - 4)}
    shared = runs & {tuple(after[i : i + 5]) for i in range(len(after) - 4)}
    assert len(shared) * 20 < len(runs)


def test_the_same_seed_gives_the_same_page_and_another_seed_another() -> None:
    assert shuffle_words(PAGE, "a") == shuffle_words(PAGE, "a") != shuffle_words(PAGE, "b")


def test_a_page_that_is_utf8_stays_so() -> None:
    """Words move whole: no character of several bytes is cut."""
    assert sorted(shuffle_words(PAGE, "seed").decode()) == sorted(PAGE.decode())


def test_copies_have_their_own_ids_and_addresses(tmp_path: Path) -> None:
    """Copy 0 is every second page as it is; the others are new records, of the same lengths."""
    source, target, again = (tmp_path / f"{name}.warc.gz" for name in ("source", "target", "again"))
    write(source, pages=5)
    assert repeat(source, target, every=2, copies=3) == {"pages": 9, "html_bytes": 9 * len(PAGE)}
    records = read(target)
    originals = read(source)
    assert records[:3] == originals[::2]
    assert len({identity for identity, _, _ in records}) == 9
    assert len({uri for _, uri, _ in records}) == 9
    assert len({body for _, _, body in records[3:]}) == 6
    repeat(source, again, every=2, copies=3)
    assert gzip.decompress(target.read_bytes()) == gzip.decompress(again.read_bytes())


def test_a_copy_keeps_the_path_and_scheme_of_its_address() -> None:
    assert copy_uri("https://example.org/a?b=c", 0) == "https://example.org/a?b=c"
    assert copy_uri("https://example.org/a?b=c", 2) == "https://copy2.example.org/a?b=c"


def gaps(html: bytes) -> list[tuple[int, int]]:
    """What `text_spans` leaves out."""
    found, position = [], 0
    for start, end in text_spans(html):
        found.append((position, start))
        position = end
    return [*found, (position, len(html))]


def words(html: bytes) -> list[bytes]:
    return [word for start, end in text_spans(html) for word in re.findall(rb"[^\s]+", html[start:end])]


def write(warc: Path, pages: int) -> None:
    with warc.open("wb") as out:
        writer = WARCWriter(out, gzip=True)
        for number in range(pages):
            headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
            writer.write_record(
                writer.create_warc_record(
                    f"https://example.org/{number}",
                    "response",
                    payload=BytesIO(PAGE),
                    http_headers=headers,
                    warc_headers_dict={"WARC-Date": "2026-01-01T00:00:00Z"},
                )
            )


def read(warc: Path) -> list[tuple[str, str, bytes]]:
    with warc.open("rb") as archive:
        return [
            (
                record.rec_headers.get_header("WARC-Record-ID"),
                record.rec_headers.get_header("WARC-Target-URI"),
                record.content_stream().read(),
            )
            for record in ArchiveIterator(archive)
        ]
