"""The demo's input: the same bytes everywhere, as many pages of each kind as promised, prose that is prose."""

import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import zlib
from collections import Counter, defaultdict
from itertools import combinations, islice
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from pipelines.demo import inventory, write_demo
from pipelines.demo.members import gzip_member
from pipelines.demo.plan import C4_BROKEN, C4_TAGS, plan
from pipelines.demo.prose import TAGS, articles, chrome, subjects
from pipelines.demo.record import Kind

# Of all input bytes, in the order of their paths. Update it when the content changes on purpose.
PINNED = "2982ecb887c479235bf0f68128d312afbf0c988aaad452fe274721d059cc1fa4"
SINGLE = {Kind.DEEP, Kind.LARGE, Kind.TRUNCATED}


def tree_digest(folder: Path) -> str:
    """SHA-256 over the paths and bytes of every file below ``folder``."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A written demo."""
    return write_demo(tmp_path_factory.mktemp("demo")).parent


@pytest.fixture(scope="module")
def crawl(demo: Path) -> list[tuple[str, str, str, bytes, str]]:
    """Type, id, status, body and content type of every record, read by warcio in file order."""
    found = []
    for path in sorted((demo / "crawl").glob("*.warc.gz")):
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream):
                http = record.http_headers
                status = http.get_statuscode() if http and record.rec_type == "response" else ""
                media = (http and http.get_header("Content-Type")) or ""
                body = record.content_stream().read()
                found.append((record.rec_type, record.rec_headers["WARC-Record-ID"], status, body, media))
    return found


def test_bytes_are_the_pinned_ones(demo: Path) -> None:
    """One digest for every machine: no clock, no random number, no zlib build is in the bytes."""
    assert tree_digest(demo) == PINNED


def test_bytes_do_not_depend_on_the_process(demo: Path, tmp_path: Path) -> None:
    """Another process with another hash seed and locale writes the same input."""
    program = "import sys, pathlib, pipelines.demo as d; d.write_demo(pathlib.Path(sys.argv[1]))"
    environment = {**os.environ, "PYTHONHASHSEED": "77", "LC_ALL": "C", "TZ": "Asia/Tokyo"}
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True, env=environment)
    assert tree_digest(tmp_path) == tree_digest(demo)


def test_configuration_finds_the_files(demo: Path) -> None:
    """``corpus.yaml`` names two sources whose patterns match what was written."""
    config = yaml.safe_load((demo / "corpus.yaml").read_text(encoding="utf-8"))
    assert config["name"] == "demo"
    assert config["output"] == "corpus/"
    assert {name: source["format"] for name, source in config["sources"].items()} == {"crawl": "warc", "c4": "c4"}
    for source in config["sources"].values():
        assert all(list(demo.glob(pattern)) for pattern in source["paths"])


def test_size_is_that_of_a_demo(demo: Path) -> None:
    """Between 2 and 6 MB on disk."""
    assert 2e6 < sum(path.stat().st_size for path in demo.rglob("*") if path.is_file()) < 6e6


def test_every_planned_record_is_in_the_crawl_once(crawl: list[tuple[str, str, str, bytes, str]]) -> None:
    """warcio reads back the planned ids, each once, and a warcinfo record at the head of every file."""
    planned = Counter(record.id for unit in plan().units for record in unit)
    read = Counter(record_id for kind, record_id, *_ in crawl if kind != "warcinfo")
    assert read == planned
    assert set(planned.values()) == {1}
    assert crawl[0][0] == "warcinfo"
    assert sum(kind == "warcinfo" for kind, *_ in crawl) == 4


def test_types_are_those_of_a_real_crawl(crawl: list[tuple[str, str, str, bytes, str]]) -> None:
    """Requests, metadata, revisits and conversions stand beside the responses; redirects and errors among them."""
    types = Counter(kind for kind, *_ in crawl)
    assert {"warcinfo", "response", "request", "metadata", "revisit", "conversion"} <= set(types)
    assert {"200", "301", "404"} <= {status for _, _, status, *_ in crawl}
    pages = [
        body for kind, _, status, body, media in crawl if kind == "response" and status == "200" and "html" in media
    ]
    assert len(pages) >= 300


def test_every_kind_occurs_and_the_odd_ones_at_least_three_times() -> None:
    """The inventory has every kind; all but the three single records come three times or more."""
    counts = inventory()
    assert set(counts) == {str(kind) for kind in Kind}
    assert all(counts[kind] >= 3 for kind in Kind if kind not in SINGLE)
    assert all(counts[kind] == 1 for kind in SINGLE)
    assert counts["clean"] == 20 * len(TAGS)


def test_each_record_is_a_gzip_member_and_the_last_is_cut(demo: Path) -> None:
    """Members decompress one by one; only the last of the last file ends before its end."""
    for path in (paths := sorted((demo / "crawl").glob("*.warc.gz"))):
        rest, members, complete = path.read_bytes(), 0, True
        while rest:
            member = zlib.decompressobj(wbits=31)
            assert member.decompress(rest).startswith(b"WARC/1.0\r\n")
            rest, complete = member.unused_data, member.eof
            members += 1
        assert members > 50
        assert complete == (path != paths[-1])


def test_clean_pages_decode_and_hold_their_article(crawl: list[tuple[str, str, str, bytes, str]]) -> None:
    """Every clean page is UTF-8, has its language's attribute, and contains sentences of its language."""
    bodies = {record_id: body for _, record_id, _, body, _ in crawl}
    found: Counter[str] = Counter()
    by_code = {chrome(tag).code: tag for tag in TAGS}
    for record in (record for unit in plan().units for record in unit if record.kind == Kind.CLEAN):
        page = bodies[record.id].decode("utf-8")
        code = record.url.split("/")[3]
        assert f'lang="{code}"' in page.lower()
        sentences = [line for subject in subjects(by_code[code]) for line in subject.sentences]
        assert sum(line.replace("&", "&amp;") in page or line.replace("'", "&#x27;") in page for line in sentences) >= 6
        found[by_code[code]] += 1
    assert found == dict.fromkeys(TAGS, 20)


def test_wrong_charsets_are_wrong(crawl: list[tuple[str, str, str, bytes, str]]) -> None:
    """A page that claims UTF-8 does not decode as such; one that claims Latin-1 has UTF-8 bytes."""
    bodies = {record_id: body for _, record_id, _, body, _ in crawl}
    records = [record for unit in plan().units for record in unit if record.kind == Kind.WRONG_CHARSET]
    claims: Counter[str] = Counter()
    for record in records:
        body = bodies[record.id]
        if b"charset=iso-8859-1" in body.replace(b'"', b"").lower():
            claims["iso-8859-1"] += 1
            body.decode("utf-8")
        else:
            claims["utf-8"] += 1
            with pytest.raises(UnicodeDecodeError):
                body.decode("utf-8")
    assert claims == {"utf-8": 9, "iso-8859-1": 4}


def test_c4_lines_are_json_except_one(demo: Path) -> None:
    """About twenty documents a file with the fields of mC4, and one broken line in all."""
    broken: list[str] = []
    for path in sorted((demo / "c4").glob("*.json.gz")):
        lines = gzip.decompress(path.read_bytes()).splitlines()
        assert len(lines) >= 20
        for line in lines:
            try:
                assert list(json.loads(line)) == ["text", "timestamp", "url"]
            except json.JSONDecodeError:
                broken.append(path.name)
    assert broken == [f"c4-{chrome(C4_BROKEN).code}.tfrecord-00000-of-00001.json.gz"]


def test_c4_repeats_pages_of_the_crawl(demo: Path) -> None:
    """Six documents of every C4 file are articles of the crawl, three of them under the crawl's own address."""
    clean_urls = {record.url for unit in plan().units for record in unit if record.kind == Kind.CLEAN}
    for tag in C4_TAGS:
        texts = {article.text for article in islice(articles(tag), 20)}
        data = (demo / "c4" / f"c4-{chrome(tag).code}.tfrecord-00000-of-00001.json.gz").read_bytes()
        lines = [line for line in gzip.decompress(data).splitlines() if line.endswith(b"}")]
        documents = [json.loads(line) for line in lines]
        assert sum(document["text"] in texts for document in documents) == 6
        assert sum(document["url"] in clean_urls for document in documents) == 3


def test_mirrors_have_the_article_of_another_host(crawl: list[tuple[str, str, str, bytes, str]]) -> None:
    """Each mirror shares its article's paragraphs with a clean page but not its bytes."""
    bodies = {record_id: body for _, record_id, _, body, _ in crawl}
    records = [record for unit in plan().units for record in unit]
    clean = {record.url.split("/", 3)[3]: record for record in records if record.kind == Kind.CLEAN}
    for mirror in (record for record in records if record.kind == Kind.MIRROR):
        original = clean[mirror.url.split("/", 3)[3]]
        copied, source = bodies[mirror.id].decode(), bodies[original.id].decode()
        paragraphs = [line for line in source.splitlines() if line.startswith("<p>") and len(line) > 100]
        assert paragraphs
        assert all(line in copied for line in paragraphs)
        assert copied != source


def test_sentences_are_many_distinct_and_of_one_language() -> None:
    """At least 48 a language, 11 to 25 words each, ended by a full stop, none of them twice anywhere."""
    everywhere: Counter[str] = Counter()
    for tag in TAGS:
        lines = [line for subject in subjects(tag) for line in subject.sentences]
        assert len(lines) >= 48
        for line in lines:
            assert 11 <= len(line.split()) <= 25, line
            assert line.endswith("."), line
            assert line == line.strip()
        everywhere.update(lines)
    assert set(everywhere.values()) == {1}


def test_articles_are_long_enough_and_repeat_nothing() -> None:
    """120 to 400 words; no sentence twice in an article; few short words, few long ones on average."""
    for tag in TAGS:
        for article in islice(articles(tag), 25):
            words = article.text.split()
            assert 120 <= len(words) <= 400
            assert len(set(article.sentences)) == len(article.sentences)
            assert 3 <= sum(map(len, words)) / len(words) <= 10


@pytest.mark.parametrize("tag", TAGS)
def test_different_articles_share_few_shingles(tag: str) -> None:
    """Two articles of a language share less than 40 % of their five-word shingles."""
    shingles: defaultdict[int, set[tuple[str, ...]]] = defaultdict(set)
    for article in islice(articles(tag), 38):
        words = article.text.split()
        shingles[article.number] = set(zip(*(words[start:] for start in range(5)), strict=False))
    for left, right in combinations(shingles.values(), 2):
        assert len(left & right) < 0.4 * len(left | right)


@given(st.binary(max_size=200), st.integers(0, 700))
def test_gzip_member_is_read_by_gzip(data: bytes, times: int) -> None:
    """Any bytes, also more than one stored block, come back from the standard library's reader."""
    assert gzip.GzipFile(fileobj=io.BytesIO(gzip_member(data * times))).read() == data * times
