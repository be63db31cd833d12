"""The odd records of the demo's crawl: bytes, headers and answers that a reader of real crawls meets."""

import codecs
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from pipelines.demo import spoiled
from pipelines.demo.members import gzip_member
from pipelines.demo.page import LAYOUTS, Look, assemble, content, look_for, render, url_for
from pipelines.demo.prose import Article, Shelf, chrome, dice
from pipelines.demo.record import HTML, Kind, Record, Unit

BARE_HTML = "text/html"
# (language, declared, codec of the bytes): what is declared is false.
_FALSE_CHARSETS = (
    ("fra_Latn", "utf-8", "cp1252"),
    ("deu_Latn", "utf-8", "cp1252"),
    ("por_Latn", "utf-8", "cp1252"),
    ("pol_Latn", "utf-8", "iso8859-2"),
    ("slv_Latn", "utf-8", "iso8859-2"),
    ("est_Latn", "utf-8", "cp1257"),
    ("lav_Latn", "utf-8", "cp1257"),
    ("ell_Grek", "utf-8", "cp1253"),
    ("bul_Cyrl", "utf-8", "cp1251"),
    ("fra_Latn", "iso-8859-1", "utf-8"),
    ("gle_Latn", "iso-8859-1", "utf-8"),
    ("mlt_Latn", "iso-8859-1", "utf-8"),
    ("bul_Cyrl", "iso-8859-1", "utf-8"),
)
# (language, declared and true codec label).
_LEGACY_CHARSETS = (
    ("bul_Cyrl", "windows-1251"),
    ("ell_Grek", "iso-8859-7"),
    ("pol_Latn", "iso-8859-2"),
    ("lav_Latn", "windows-1257"),
    ("mlt_Latn", "iso-8859-3"),
)
_UNDECLARED = (("eng_Latn", "utf-8"), ("gle_Latn", "utf-8"), ("pol_Latn", "cp1250"), ("fra_Latn", "cp1252"))
# (language of the article, language that page and surroundings claim).
_FALSE_LANGUAGES = (
    ("por_Latn", "deu_Latn"),
    ("eng_Latn", "gle_Latn"),
    ("eng_Latn", "mlt_Latn"),
    ("pol_Latn", "slv_Latn"),
    ("est_Latn", "lav_Latn"),
    ("deu_Latn", "eng_Latn"),
)
_OPT_OUT_HEADS = (
    '<meta name="robots" content="noindex, noai">\n',
    '<meta name="robots" content="noai, noimageai">\n',
    '<meta name="tdm-reservation" content="1">\n',
)
_OPT_OUT_HEADERS = ((("X-Robots-Tag", "noai"),), (("tdm-reservation", "1"),))
_CLOSED = "www.closed.example"
_PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%%EOF\n"
_GIF = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x00\x00\x00\x00\x00,\x00\x00\x00\x00"
_GIF += b"\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"


def pages(shelf: Shelf) -> Iterator[Unit]:
    """Every odd response, each a unit of its own."""
    families = (_charsets, _markup, _meaning, _spam, _consent, _encoded_bodies, _other_media, _answers)
    for family in families:
        for record in family(shelf):
            yield (record,)


def with_request(record: Record, turn: int) -> Unit:
    """The response, now and then with the request and the metadata records that crawlers write beside it."""
    parts = urlsplit(record.url)
    unit = [record]
    if turn % 5 == 0:
        request = f"GET {parts.path} HTTP/1.1"
        headers = (("Host", parts.netloc), ("User-Agent", "demo-crawler/1.0"), ("Accept", "text/html"))
        unit.append(
            replace(record, kind=Kind.REQUEST, type="request", status=request, headers=headers, body=b"", refers=record)
        )
    if turn % 10 == 0:
        body = f"fetchTimeMs: {20 + dice(400, record.url)}\r\ncharset-detected: UTF-8\r\n".encode()
        unit.append(replace(record, kind=Kind.METADATA, type="metadata", body=body, refers=record))
    return tuple(unit)


def references(originals: Sequence[tuple[Article, Record]]) -> list[Unit]:
    """Revisits of four pages that have not changed, and the plain-text conversions of three others."""
    revisits: list[Unit] = [
        (replace(record, kind=Kind.REVISIT, type="revisit", day=record.day + 20, refers=record),)
        for _, record in originals[:4]
    ]
    conversions: list[Unit] = [
        (
            replace(
                record,
                kind=Kind.CONVERSION,
                type="conversion",
                content_type="text/plain",
                body=article.text.encode(),
                refers=record,
            ),
        )
        for article, record in originals[4:7]
    ]
    return revisits + conversions


def cut_short(shelf: Shelf) -> Unit:
    """The last record of the crawl, whose member the writer cuts in the middle."""
    return (replace(_story(Kind.TRUNCATED, shelf.take("eng_Latn")[0]), day=30),)


def _story(
    kind: Kind,
    article: Article,
    look: Look | None = None,
    *,
    body: bytes | None = None,
    content_type: str = HTML,
    headers: tuple[tuple[str, str], ...] = (),
) -> Record:
    """A page about ``article``; ``body`` stands in for its usual bytes."""
    look = look or look_for(article)
    return Record(
        kind=kind,
        url=url_for(article, look),
        body=render(article, look).encode() if body is None else body,
        content_type=content_type,
        headers=headers,
        day=dice(12, article.tag, article.number, "day"),
    )


def _other(kind: Kind, tag: str, name: str, body: bytes, *, content_type: str = HTML, status: str = "200 OK") -> Record:
    """Something at an address of its own on a site of the language ``tag``."""
    sites = chrome(tag).sites
    host = sites[dice(len(sites), name)][0]
    day = dice(12, tag, name)
    url = f"https://www.{host}/{name}"
    return Record(kind=kind, url=url, body=body, content_type=content_type, status=status, day=day)


def _charsets(shelf: Shelf) -> Iterator[Record]:
    """Bytes and declarations that disagree, agree in an old way, or are missing."""
    for number, (tag, declared, codec) in enumerate(_FALSE_CHARSETS):
        article = shelf.take(tag)[0]
        look = replace(look_for(article), charset=declared)
        body = render(article, look).encode(codec, errors="xmlcharrefreplace")
        content_type = f"text/html; charset={declared}" if number % 2 else BARE_HTML
        yield _story(Kind.WRONG_CHARSET, article, look, body=body, content_type=content_type)
    for tag, label in _LEGACY_CHARSETS:
        article = shelf.take(tag)[0]
        look = replace(look_for(article), charset=label)
        body = render(article, look).encode(label, errors="xmlcharrefreplace")
        yield _story(Kind.LEGACY_CHARSET, article, look, body=body, content_type=BARE_HTML)
    for tag, codec in _UNDECLARED:
        article = shelf.take(tag)[0]
        look = replace(look_for(article), charset=None)
        body = render(article, look).encode(codec, errors="xmlcharrefreplace")
        yield _story(Kind.NO_CHARSET, article, look, body=body, content_type=BARE_HTML)
    for tag in ("est_Latn", "ell_Grek", "deu_Latn"):
        article = shelf.take(tag)[0]
        yield _story(Kind.BOM, article, body=codecs.BOM_UTF8 + render(article, look_for(article)).encode())
    for tag, mark, codec, content_type in (
        ("slv_Latn", codecs.BOM_UTF16_LE, "utf-16-le", BARE_HTML),
        ("bul_Cyrl", codecs.BOM_UTF16_BE, "utf-16-be", BARE_HTML),
        ("por_Latn", codecs.BOM_UTF16_LE, "utf-16-le", "text/html; charset=utf-16"),
    ):
        article = shelf.take(tag)[0]
        look = replace(look_for(article), charset=None)
        body = mark + render(article, look).encode(codec)
        yield _story(Kind.UTF16, article, look, body=body, content_type=content_type)


def _markup(shelf: Shelf) -> Iterator[Record]:
    """Damaged markup, very deep markup, a very long page."""
    tags = ("eng_Latn", "fra_Latn", "gle_Latn", "mlt_Latn", "deu_Latn", "fra_Latn", "por_Latn", "eng_Latn")
    for manner, tag in enumerate(tags):
        article = shelf.take(tag)[0]
        body = spoiled.broken(render(article, look_for(article)), manner).encode()
        yield _story(Kind.BROKEN_MARKUP, article, body=body)
    for kind, make in ((Kind.DEEP, spoiled.deep), (Kind.LARGE, spoiled.large)):
        article = shelf.take("eng_Latn")[0]
        yield _story(kind, article, body=make(article, look_for(article)).encode())


def _meaning(shelf: Shelf) -> Iterator[Record]:
    """Good prose that is not what the page says it is, and prose that names people."""
    for tag, claimed in _FALSE_LANGUAGES:
        article = shelf.take(tag)[0]
        look = replace(look_for(article), tag=claimed, host=f"www.{chrome(claimed).sites[0][0]}")
        yield _story(Kind.WRONG_LANGUAGE, article, look)
    for number, tag in enumerate(("eng_Latn", "deu_Latn", "fra_Latn", "eng_Latn")):
        article = shelf.take(tag)[0]
        words = chrome(tag)
        person = f"editor{number}@{words.sites[0][0]}"
        tail = f"\n<p>{words.menu[3]}: {person}, +49 30 5550 01{number:02d}, 192.0.2.{17 + number}.</p>"
        yield _story(Kind.PERSONAL_DATA, article, replace(look_for(article), tail=tail))


def _spam(shelf: Shelf) -> Iterator[Record]:
    """Pages without anything to read."""
    for number, tag in enumerate(spoiled.SPAM_TAGS):
        body = spoiled.keyword_spam(_site(tag, number), number).encode()
        yield _other(Kind.KEYWORD_SPAM, tag, f"offer-{number}", body)
    for number, tag in enumerate(("eng_Latn", "fra_Latn", "slv_Latn", "mlt_Latn")):
        body = spoiled.hashtag_spam(_site(tag, number), number).encode()
        yield _other(Kind.HASHTAG_SPAM, tag, f"photos-{number}", body)
        body = spoiled.link_list(_site(tag, number), number).encode()
        yield _other(Kind.LINK_LIST, tag, f"links-{number}", body)
        body = spoiled.symbols(_site(tag, number), number).encode()
        yield _other(Kind.SYMBOLS, tag, f"table-{number}", body)
    for number, tag in enumerate(("eng_Latn", "deu_Latn", "ell_Grek", "gle_Latn", "lav_Latn")):
        body = spoiled.teasers(_site(tag, number), number).encode()
        yield _other(Kind.ELLIPSIS, tag, f"overview-{number}", body)
        yield _other(Kind.NAVIGATION_ONLY, tag, f"index-{number}", render(None, _site(tag, number)).encode())
    for tag in ("eng_Latn", "deu_Latn", "fra_Latn", "eng_Latn", "deu_Latn"):
        article = shelf.take(tag)[0]
        first = article.sections[0]
        note = replace(article, sections=(replace(first, sentences=first.sentences[:1]),))
        look = replace(look_for(note), layout="paper")
        yield _story(Kind.SHORT, note, look, body=assemble(note.title, content(note), look).encode())
    for number, body in enumerate((b"", b" \r\n\t\r\n", b"<html><head></head><body></body></html>")):
        yield _other(Kind.EMPTY, "eng_Latn", f"empty-{number}", body)


def _consent(shelf: Shelf) -> Iterator[Record]:
    """Pages that ask not to be mined: by their head, by their headers, by the robots.txt of their site."""
    for head in _OPT_OUT_HEADS:
        article = shelf.take("deu_Latn")[0]
        yield _story(Kind.OPT_OUT, article, replace(look_for(article), head=head))
    for headers in _OPT_OUT_HEADERS:
        yield _story(Kind.OPT_OUT, shelf.take("fra_Latn")[0], headers=headers)
    article = shelf.take("eng_Latn")[0]
    yield _story(Kind.OPT_OUT, article, replace(look_for(article), host=_CLOSED))
    closed = b"User-agent: *\nDisallow: /\n"
    yield Record(kind=Kind.ROBOTS, url=f"https://{_CLOSED}/robots.txt", body=closed, content_type="text/plain")
    for tag in ("eng_Latn", "deu_Latn", "mlt_Latn"):
        host = chrome(tag).sites[0][0]
        robots = b"User-agent: *\nDisallow: /search\nCrawl-delay: 5\n"
        yield Record(kind=Kind.ROBOTS, url=f"https://www.{host}/robots.txt", body=robots, content_type="text/plain")


def _encoded_bodies(shelf: Shelf) -> Iterator[Record]:
    """Bodies as they travelled: compressed, or cut into chunks."""
    for number, tag in enumerate(("eng_Latn", "deu_Latn", "fra_Latn", "eng_Latn", "deu_Latn", "fra_Latn")):
        article = shelf.take(tag)[0]
        body = render(article, look_for(article)).encode()
        if number % 2:
            header, body = ("Content-Encoding", "gzip"), gzip_member(body)
        else:
            header, body = ("Transfer-Encoding", "chunked"), _chunked(body)
        yield _story(Kind.ENCODED_BODY, article, body=body, headers=(header,))


def _other_media(shelf: Shelf) -> Iterator[Record]:
    """Answers that are no pages."""
    for number, tag in enumerate(("eng_Latn", "pol_Latn", "bul_Cyrl")):
        yield _other(Kind.NOT_HTML, tag, f"leaflet-{number}.pdf", _PDF, content_type="application/pdf")
        yield _other(Kind.NOT_HTML, tag, f"photo-{number}.gif", _GIF, content_type="image/gif")
        tides = json.dumps({"station": number, "heights": [dice(420, number, hour) for hour in range(24)]}).encode()
        yield _other(Kind.NOT_HTML, tag, f"tides-{number}.json", tides, content_type="application/json")


def _answers(shelf: Shelf) -> Iterator[Record]:
    """Redirects and pages that are not there."""
    for number, tag in enumerate(("eng_Latn", "est_Latn", "por_Latn", "ell_Grek")):
        moved = _other(Kind.REDIRECT, tag, f"old-{number}", b"", status="301 Moved Permanently")
        yield replace(moved, headers=(("Location", f"{moved.url}.html"),))
        look = _site(tag, number)
        missing = assemble("404", f"<h1>404</h1><p>{chrome(tag).search}: gone-{number}</p>", look).encode()
        yield _other(Kind.NOT_FOUND, tag, f"gone-{number}", missing, status="404 Not Found")


def _site(tag: str, number: int) -> Look:
    sites = chrome(tag).sites
    return Look(layout=tuple(LAYOUTS)[number % len(LAYOUTS)], host=f"www.{sites[number % len(sites)][0]}", tag=tag)


def _chunked(body: bytes, size: int = 1500) -> bytes:
    """``body`` in HTTP/1.1 chunks of ``size`` bytes (RFC 9112, 7.1)."""
    chunks = (body[start : start + size] for start in range(0, len(body), size))
    return b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
