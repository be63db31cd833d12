"""Archives from real crawls and from the test suites of other readers."""

from __future__ import annotations

import contextlib
import io
from collections import Counter
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from tests.corpus.sources.warc_files import read_file

pytestmark = pytest.mark.realdata

# Where warcio and this reader rightly differ: name of the file -> why.
DIFFERENT = {
    "badexample.arc.gz": "warcio stops at the second record",
    "bad.arc": "records without a length: warcio counts them, here they are quarantined",
    "clipped.warc.gz": "the member is cut: warcio yields the record, here it is a hole",
    "transfer_compression_none_truncated.warc.gz": "the same",
    "Evil-Warc-Headers.warc": "the file ends inside the record: warcio yields it",
    "example-space-in-url.arc": "the same",
    "example-trunc.warc": "a Content-Length that is too short: warcio yields the record with a warning",
    "example-wrong-chunks.warc.gz": "warcio stops at the second record",
}


def archives(folder: Path) -> list[Path]:
    names = (".gz", ".warc", ".arc", ".lz4", ".bad")
    return sorted(path for path in (folder / "warc").rglob("*") if path.is_file() and path.suffix in names)


def warcio_responses(path: Path) -> Counter[str] | None:
    """HTML pages and records by type, as warcio sees them; None where it cannot read the file."""
    seen: Counter[str] = Counter()
    with path.open("rb") as file, contextlib.redirect_stderr(io.StringIO()):
        try:
            for item in ArchiveIterator(file):
                seen[item.rec_type] += 1
                if item.rec_type != "response" or item.http_headers is None:
                    continue
                media = (item.http_headers.get_header("Content-Type") or "").split(";")[0].strip().lower()
                if item.http_headers.get_statuscode() == "200" and media in ("text/html", "application/xhtml+xml"):
                    seen["pages"] += 1
        except ArchiveLoadFailed:
            return None
    return seen


def test_every_file_is_read_and_counts_are_those_of_warcio(realdata: Path) -> None:
    compared = 0
    for path in archives(realdata):
        read = read_file(path)
        assert read.log.bytes_read == path.stat().st_size
        expected = warcio_responses(path)
        if expected is None or path.name in DIFFERENT:
            continue
        if path.suffix == ".lz4":
            assert read.reasons == ["compression_unsupported"]
            continue
        compared += 1
        skipped = read.log.skipped
        responses = sum(count for kind, count in skipped.items() if kind.startswith("response:"))
        html = [row for row in read.rows if row["html"] is not None]
        assert read.reasons == [], path
        assert len(html) == expected["pages"], path
        assert len(html) + responses == expected["response"], path
        assert len(read.rows) - len(html) == expected["conversion"], path
        for kind in ("warcinfo", "request", "metadata", "resource", "revisit", "arc_header"):
            assert skipped[kind] == expected[kind], (path, kind)
    assert compared > 30


def test_files_given_plain_and_compressed_hold_the_same_documents(realdata: Path) -> None:
    pairs = [path for path in archives(realdata) if path.with_name(path.name + ".gz").exists()]
    for path in pairs:
        plain, packed = read_file(path), read_file(path.with_name(path.name + ".gz"))
        assert plain.log.skipped == packed.log.skipped, path
        assert len(plain.rows) == len(packed.rows), path


def test_an_archive_as_arc_and_as_warc_holds_the_same_pages(realdata: Path) -> None:
    [arc] = [path for path in archives(realdata) if path.name == "IAH-20080430204825-00000-blackbook.arc.gz"]
    [warc] = [path for path in archives(realdata) if path.name == "IAH-20080430204825-00000-blackbook.warc.gz"]
    left, right = read_file(arc), read_file(warc)
    assert [(row["url"], row["date"], row["html"]) for row in left.rows] == [
        (row["url"], row["date"], row["html"]) for row in right.rows
    ]


def test_ranges_of_a_real_archive_give_the_whole(realdata: Path) -> None:
    [path] = [path for path in archives(realdata) if path.name == "IAH-20080430204825-00000-blackbook.warc.gz"]
    cut, whole = read_file(path, split_bytes=50_000), read_file(path)
    assert len(cut.plan) > 20
    assert cut.rows == whole.rows
    assert (cut.log.quarantined, cut.log.skipped) == (whole.log.quarantined, whole.log.skipped)


def test_evaluation_pages(realdata: Path) -> None:
    read = read_file(realdata / "html" / "trafilatura-eval.warc.gz", split_bytes=5 << 20)
    assert len(read.plan) > 1
    assert len(read.rows) == 990
    assert len({row["key"] for row in read.rows}) == 990
    assert read.reasons == []
