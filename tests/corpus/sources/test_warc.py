"""Reading whole, healthy archives: containers, which records are documents, and what their columns hold."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import pytest
import xxhash
import zstandard

from corpus.document import RECORD_SCHEMA, document_id
from corpus.sources import readers, warc
from tests.corpus.sources.warc_files import (
    CONTAINERS,
    DATE,
    arc_header,
    arc_record,
    gz,
    http_page,
    page,
    pages,
    read_bytes,
    read_file,
    record,
    warcinfo,
)

PAGE = page(1)


def test_the_reader_is_found_by_its_format() -> None:
    assert readers()["warc"] is warc.READER
    assert (warc.READER.kind, warc.READER.namespace) == ("web", "warc")


@pytest.mark.parametrize("container", CONTAINERS)
def test_every_container_gives_the_same_documents(tmp_path: Path, container: str) -> None:
    """Rows are the same in each container except for the position."""
    build, _ = CONTAINERS[container]
    records = [warcinfo(), *pages(20)]
    read = read_bytes(tmp_path, build(records))
    assert read.pages == [page(number) for number in range(20)]
    assert [row["url"] for row in read.rows] == [f"http://example.org/{number}" for number in range(20)]
    assert read.log.quarantined == []
    assert read.log.skipped == {"warcinfo": 1}
    assert read.log.bytes_read == (tmp_path / "file").stat().st_size


@pytest.mark.parametrize("container", CONTAINERS)
def test_positions_are_offsets_of_members_or_of_the_uncompressed_stream(tmp_path: Path, container: str) -> None:
    build, aligned = CONTAINERS[container]
    records = pages(8)
    data = build(records)
    read = read_bytes(tmp_path, data)
    stream = b"".join(records)
    for row, item in zip(read.rows, records, strict=True):
        if aligned:
            assert data[row["position"] :].startswith((b"\x1f\x8b", b"\x28\xb5\x2f\xfd"))
        else:
            assert stream[row["position"] :].startswith(item)
    assert [row["position"] for row in read.rows] == sorted({row["position"] for row in read.rows})


def test_columns_of_a_page(tmp_path: Path) -> None:
    headers = {"WARC-Truncated": "length"}
    http = [("Content-Type", 'Text/HTML; Charset="ISO-8859-15"; charset=utf-8'), ("Content-Language", "de-AT")]
    item = record(PAGE, url="<http://example.org/a b>", headers=headers, http=http, number=7)
    [row] = read_bytes(tmp_path, gz(item)).rows
    assert list(row) == RECORD_SCHEMA.names
    assert row == {
        "position": 0,
        "key": "urn:uuid:00000000-0000-0000-0000-000000000007",
        "url": "http://example.org/a%20b",
        "origin": "http://example.org/a%20b",
        "date": DATE,
        "text": None,
        "html": PAGE,
        "http_charset": "iso-8859-15",
        "language_claim": "deu_Latn",
        "truncated": "length",
        "license": None,
    }


def test_an_id_does_not_depend_on_the_container(tmp_path: Path) -> None:
    ids = set()
    for build, _ in CONTAINERS.values():
        rows = read_bytes(tmp_path, build(pages(3))).rows
        ids.add(tuple(document_id("warc", row["key"]) for row in rows))
    assert len(ids) == 1


def test_without_a_record_id_the_key_is_url_date_and_payload(tmp_path: Path) -> None:
    """The payload decoded: the same page sent with another encoding keeps its key."""
    encoded = [("Content-Type", "text/html"), ("Content-Encoding", "gzip")]
    for body, http in ((PAGE, encoded[:1]), (gz(PAGE), encoded)):
        item = b"".join(
            line for line in record(body, http=http).splitlines(keepends=True) if not line.startswith(b"WARC-Record-ID")
        )
        [row] = read_bytes(tmp_path, item).rows
        assert row["key"] == f"http://example.org/ {DATE} {xxhash.xxh3_128_hexdigest(PAGE)}"


def test_without_a_url_the_origin_is_the_place_in_the_file(tmp_path: Path) -> None:
    item = b"".join(line for line in record(PAGE).splitlines(keepends=True) if not line.startswith(b"WARC-Target-URI"))
    [row] = read_bytes(tmp_path, warcinfo() + item).rows
    assert row["url"] is None
    assert row["origin"] == f"file#{len(warcinfo())}"


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("2024-05-06T07:08:09.123456Z", "2024-05-06T07:08:09Z"),
        ("2024-05-06T07:08:09+02:00", "2024-05-06T05:08:09Z"),
        ("2024-05-06", "2024-05-06"),
        ("2008-10-294T05:21:46-0700", None),
        ("2024-13-06T07:08:09Z", None),
        ("0001-01-01T00:00:00+23:00", None),
        ("0900-01-01T00:00:00Z", "0900-01-01T00:00:00Z"),
        ("yesterday", None),
        ("", None),
    ],
)
def test_dates(tmp_path: Path, stated: str, expected: str | None) -> None:
    """UTC in seconds, or nothing if the crawler wrote no date."""
    item = record(PAGE).replace(f"WARC-Date: {DATE}".encode(), f"WARC-Date: {stated}".encode())
    [row] = read_bytes(tmp_path, item).rows
    assert row["date"] == expected


def test_a_record_without_date_is_read(tmp_path: Path) -> None:
    item = b"".join(line for line in record(PAGE).splitlines(keepends=True) if not line.startswith(b"WARC-Date"))
    [row] = read_bytes(tmp_path, item).rows
    assert row["date"] is None


def test_what_is_no_document_is_counted_by_its_kind(tmp_path: Path) -> None:
    image = [("Content-Type", "image/png")]
    records = [
        warcinfo(),
        record(b"GET / HTTP/1.1\r\n\r\n", kind="request", http=None, headers={"Content-Type": "application/http"}),
        record(b"fetchTimeMs: 1", kind="metadata"),
        record(b"\x89PNG", kind="resource"),
        record(b"", kind="revisit"),
        record(b"\x89PNG", http=image),
        record(PAGE, status="404 Not Found"),
        record(PAGE, status="301 Moved"),
        record(PAGE, status="206 Partial Content"),
        record(
            b"20240506\nexample.org. 1 IN A 192.0.2.1",
            url="dns:example.org",
            http=None,
            headers={"Content-Type": "text/dns"},
        ),
        record(PAGE).replace(b"WARC-Type: response", b"WARC-Type: novelty"),
        record(b"{}", kind="conversion", headers={"Content-Type": "application/json"}),
        record(PAGE),
    ]
    for build, _ in CONTAINERS.values():
        read = read_bytes(tmp_path, build(records))
        assert read.pages == [PAGE]
        assert read.log.quarantined == []
        assert read.log.skipped == {
            "warcinfo": 1,
            "request": 1,
            "metadata": 1,
            "resource": 1,
            "revisit": 1,
            "response:not_html": 1,
            "response:status_4xx": 1,
            "response:status_3xx": 1,
            "response:status_2xx": 1,
            "response:not_http": 1,
            "unknown_type": 1,
            "conversion:not_text": 1,
        }


@pytest.mark.parametrize(
    ("media", "body", "is_document"),
    [
        ("text/html", b"no markup", True),
        ("application/xhtml+xml", PAGE, True),
        ("TEXT/HTML;charset=x", PAGE, True),
        (None, b"\n\t <!DOCTYPE HTML>\n<p>x", True),
        (None, b"\xef\xbb\xbf<html lang=de>", True),
        (None, b"\xff\xfe" + "<html>x".encode("utf-16-le"), True),
        (None, b'<?xml version="1.0"?>\n<html xmlns="x">', True),
        (None, b'<?xml version="1.0"?>\n<rss>', False),
        (None, b"plain text", False),
        (None, b"", False),
        ("unknown/unknown", PAGE, True),
        ("nonsense", PAGE, True),
        ("text/plain", PAGE, False),
        ("application/pdf", b"%PDF-1.4", False),
    ],
)
def test_which_media_types_are_documents(tmp_path: Path, media: str | None, body: bytes, is_document: bool) -> None:
    """Declared HTML is believed; an absent or meaningless type is settled by the first tag."""
    item = record(body, http=[("Content-Type", media)] if media else [("Server", "x")])
    read = read_bytes(tmp_path, gz(item))
    assert read.pages == ([body] if is_document else [])
    assert read.log.skipped["response:not_html"] == (0 if is_document else 1)


def test_conversions_are_text(tmp_path: Path) -> None:
    """WET: text, not markup, with the language that the archive found if it names one."""
    text = "Grüße – 你好"
    one = {"Content-Type": "text/plain", "WARC-Identified-Content-Language": "deu"}
    two = one | {"WARC-Identified-Content-Language": "deu,zho"}
    records = [record(text.encode(), "conversion", headers=one), record(b"\xff", "conversion", headers=two)]
    rows = read_bytes(tmp_path, b"".join(gz(item) for item in records)).rows
    assert [(row["text"], row["html"], row["language_claim"]) for row in rows] == [
        (text, None, "deu_Latn"),
        ("\ufffd", None, None),
    ]


@pytest.mark.parametrize("language", ["de, fr", "xx-invalid-!", "und", ""])
def test_a_language_header_that_names_no_one_language_is_no_claim(tmp_path: Path, language: str) -> None:
    item = record(PAGE, http=[("Content-Type", "text/html"), ("Content-Language", language)])
    assert read_bytes(tmp_path, item).rows[0]["language_claim"] is None


def _chunked(data: bytes, size: int = 100) -> bytes:
    parts = [data[start : start + size] for start in range(0, len(data), size)]
    return b"".join(b"%x;note=1\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def _raw_deflate(data: bytes) -> bytes:
    return zlib.compress(data, wbits=-15)


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"Content-Encoding": "gzip"}, gz(PAGE)),
        ({"Content-Encoding": "x-gzip"}, gz(PAGE[:50]) + gz(PAGE[50:])),
        ({"Content-Encoding": "deflate"}, zlib.compress(PAGE)),
        ({"Content-Encoding": "deflate"}, _raw_deflate(PAGE)),
        ({"Content-Encoding": "zstd"}, zstandard.compress(PAGE)),
        ({"Content-Encoding": "GZIP, deflate"}, zlib.compress(gz(PAGE))),
        ({"Transfer-Encoding": "chunked"}, _chunked(PAGE)),
        ({"Transfer-Encoding": "chunked", "Content-Encoding": "gzip"}, _chunked(gz(PAGE))),
        ({"Transfer-Encoding": "Chunked", "Content-Encoding": "gzip"}, gz(PAGE)),
        ({"Content-Encoding": "gzip"}, PAGE),
        ({"Content-Encoding": "br"}, PAGE),
        ({"Content-Encoding": "deflate"}, PAGE),
        ({"Content-Encoding": "zstd"}, PAGE),
        ({"Content-Encoding": "sdch"}, PAGE),
        ({"Content-Encoding": "utf-8"}, PAGE),
        ({"Transfer-Encoding": "chunked"}, PAGE),
    ],
)
def test_bodies_are_decoded_and_lying_headers_passed_over(tmp_path: Path, headers: dict[str, str], body: bytes) -> None:
    item = record(body, http=[("Content-Type", "text/html"), *headers.items()])
    for data in (item, gz(item)):
        assert read_bytes(tmp_path, data).pages == [PAGE]


def test_brotli(tmp_path: Path) -> None:
    brotli = pytest.importorskip("brotli")
    item = record(brotli.compress(PAGE), http=[("Content-Type", "text/html"), ("Content-Encoding", "br")])
    assert read_bytes(tmp_path, item).pages == [PAGE]


def test_http_versions_and_header_styles(tmp_path: Path) -> None:
    """Status lines as crawlers of today write them, bare newlines, continuation lines, Latin-1 in headers."""
    blocks = [
        b"HTTP/2 200\r\ncontent-type: text/html\r\n\r\n" + PAGE,
        b"HTTP/1.0 200 OK\ncontent-type:text/html\n\n" + PAGE,
        b"HTTP/1.1 200 OK\r\nX-Long: a\r\n b\r\nContent-Type:\r\n text/html\r\n\r\n" + PAGE,
        b"HTTP/1.1 200 \xe9\r\nServer: caf\xe9\r\nContent-Type: text/html\r\n\r\n" + PAGE,
    ]
    for block in blocks:
        item = record(block, http=None, headers={"Content-Type": "application/http; msgtype=response"})
        assert read_bytes(tmp_path, item).pages == [PAGE], block[:60]


def test_arc_files(tmp_path: Path) -> None:
    """ARC in its containers; its documents are those that the same responses would be in WARC."""
    records = [
        arc_header(),
        arc_record("dns:example.org", "text/dns", b"20240506070809\nexample.org. 1 IN A 192.0.2.1"),
        arc_record("http://example.org/a b", "text/html", http_page(PAGE)),
        arc_record("http://example.org/x.png", "image/png", http_page(b"\x89PNG", "200 OK", "Content-Type: image/png")),
        arc_record("http://example.org/none", "text/html", http_page(PAGE, "404 Not Found")),
        arc_record("http://example.org/c", "text/html", http_page(page(2))),
    ]
    containers = [b"".join(records), b"".join(gz(item) for item in records), gz(b"".join(records))]
    for data in containers:
        read = read_bytes(tmp_path, data)
        assert read.pages == [PAGE, page(2)]
        assert read.rows[0]["url"] == "http://example.org/a%20b"
        assert read.rows[0]["date"] == DATE
        assert read.rows[0]["key"] == f"http://example.org/a%20b {DATE} {xxhash.xxh3_128_hexdigest(PAGE)}"
        assert read.log.quarantined == []
        assert read.log.skipped == {
            "arc_header": 1,
            "response:not_http": 1,
            "response:not_html": 1,
            "response:status_4xx": 1,
        }


def test_arc_of_version_two(tmp_path: Path) -> None:
    block = http_page(PAGE)
    line = f"http://example.org/ 192.0.2.1 20240506070809 text/html 200 abcd - 157 tests.arc {len(block)}\n"
    assert read_bytes(tmp_path, arc_header() + line.encode() + block + b"\n").pages == [PAGE]


def test_names_say_nothing_about_containers(tmp_path: Path) -> None:
    """A gzip file called `.warc` and a plain one called `.warc.gz` are read."""
    for name, data in (("a.warc", gz(record(PAGE))), ("b.warc.gz", record(PAGE))):
        (tmp_path / name).write_bytes(data)
        assert read_file(tmp_path / name).pages == [PAGE]


def test_gzip_members_with_extra_fields_and_names(tmp_path: Path) -> None:
    """Optional parts of the gzip header (RFC 1952) do not hide the member, also not one of 20 kB."""
    bare = gz(record(PAGE))
    extra = b"\x1f\x8b\x08\x0c" + bare[4:10] + b"\x08\x00sl\x04\x00\x01\x02\x03\x04" + b"name.warc\x00" + bare[10:]
    large = b"\x1f\x8b\x08\x04" + bare[4:10] + (20_000).to_bytes(2, "little") + bytes(20_000) + bare[10:]
    assert gzip.decompress(extra) == gzip.decompress(large) == record(PAGE)
    assert read_bytes(tmp_path, extra + large + bare).pages == [PAGE] * 3


def test_blank_lines_between_records_are_harmless(tmp_path: Path) -> None:
    records = [b"\r\n" * 3 + item + b"\n" * 5000 for item in pages(3)]
    for name in ("plain", "gzip_per_record", "gzip_whole"):
        read = read_bytes(tmp_path, CONTAINERS[name][0](records))
        assert len(read.rows) == 3
        assert read.log.quarantined == []


def test_a_first_member_of_its_own_before_the_rest_in_one(tmp_path: Path) -> None:
    """Files whose first member alone is one record are read whole, each record with a position of its own."""
    read = read_bytes(tmp_path, gz(warcinfo()) + gz(b"".join(pages(5))))
    assert read.pages == [page(number) for number in range(5)]
    assert len({row["position"] for row in read.rows}) == 5
