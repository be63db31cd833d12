"""Which pages the demo's crawl holds, and which documents its C4 files: the whole content, before it is packed."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

from pipelines.demo import oddities, prose
from pipelines.demo.page import look_for, render, url_for
from pipelines.demo.prose import TAGS, Article, Shelf, chrome, subjects
from pipelines.demo.record import FIRST_DAY, Kind, Record, Unit

CLEAN_PER_TAG = 20
C4_TAGS = ("deu_Latn", "gle_Latn", "lav_Latn", "mlt_Latn", "por_Latn", "slv_Latn")
C4_OWN, C4_SHARED = 12, 6
# The Slovene file holds these many Polish documents: its name is not to be believed.
C4_FOREIGN = ("slv_Latn", "pol_Latn", 5)
C4_BROKEN = "lav_Latn"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """``units`` in capture order, the last of them to be cut short; ``c4`` maps file names to lines of JSON."""

    units: tuple[Unit, ...]
    c4: Mapping[str, tuple[bytes, ...]]

    def inventory(self) -> dict[str, int]:
        """How many records of each kind the crawl holds, by name."""
        return dict(sorted(Counter(str(record.kind) for unit in self.units for record in unit).items()))


@cache
def plan() -> Plan:
    """The demo's content; the same on every call and machine."""
    shelf = Shelf()
    articles = {tag: shelf.take(tag, CLEAN_PER_TAG) for tag in TAGS}
    clean = {tag: [page(article) for article in articles[tag]] for tag in TAGS}
    units: list[Unit] = [oddities.with_request(record, turn) for tag in TAGS for turn, record in enumerate(clean[tag])]
    units += [(copy(articles[tag][0]),) for tag in TAGS]
    units += [(revised(articles[tag][1]),) for tag in TAGS]
    units += oddities.references([(articles[tag][2], clean[tag][2]) for tag in TAGS])
    units += oddities.pages(shelf)
    units.sort(key=lambda unit: (unit[0].date, unit[0].url, unit[0].type))
    shared = {tag: list(zip(articles[tag], clean[tag], strict=True))[:C4_SHARED] for tag in C4_TAGS}
    c4 = {
        f"c4-{chrome(tag).code}.tfrecord-00000-of-00001.json.gz": tuple(_c4(tag, shared[tag], shelf)) for tag in C4_TAGS
    }
    units.append(oddities.cut_short(shelf))
    return Plan(units=tuple(units), c4=c4)


def page(article: Article, kind: Kind = Kind.CLEAN) -> Record:
    """The article on its usual site."""
    look = look_for(article)
    day = prose.dice(12, article.tag, article.number, "day")
    return Record(kind=kind, url=url_for(article, look), body=render(article, look).encode(), day=day)


def copy(article: Article) -> Record:
    """The same article two weeks later on another site in another layout."""
    look = look_for(article, turn=1)
    look = replace(look, host=f"mirror.{look.host.removeprefix('www.')}")
    return Record(kind=Kind.MIRROR, url=url_for(article, look), body=render(article, look).encode(), day=16)


def revised(article: Article) -> Record:
    """The same article on the same site, later, with one more sentence at its end."""
    unused = [line for subject in subjects(article.tag) for line in subject.sentences if line not in article.sentences]
    last = article.sections[-1]
    longer = replace(last, sentences=(*last.sentences, unused[0]))
    changed = replace(article, sections=(*article.sections[:-1], longer))
    look = look_for(article)
    url = f"{url_for(article, look)}?edition=2"
    return Record(kind=Kind.NEAR_DUPLICATE, url=url, body=render(changed, look).encode(), day=18)


def _c4(tag: str, shared: list[tuple[Article, Record]], shelf: Shelf) -> Iterator[bytes]:
    foreign_tag, foreign, count = C4_FOREIGN
    strangers = list(shelf.take(foreign, count)) if tag == foreign_tag else []
    for number, article in enumerate([*shelf.take(tag, C4_OWN - len(strangers)), *strangers]):
        yield _line(article.text, article.number, url_for(article, look_for(article)))
        if number < len(shared):  # the crawl's own pages, among the others: every second one under another address
            known, record = shared[number]
            yield _line(known.text, known.number, record.url if number % 2 else f"{record.url}?print=1")
    for short in shelf.take(tag, 2):
        yield _line(short.sentences[0], short.number, url_for(short, look_for(short)))
    if tag == C4_BROKEN:
        yield _line(shelf.take(tag)[0].text, 0, "https://www.cut.example/")[:-60] + b"\n"


def _line(text: str, day: int, url: str) -> bytes:
    timestamp = FIRST_DAY.replace(year=2023, day=1 + day % 28).strftime("%Y-%m-%dT%H:%M:%SZ")
    fields = {"text": text, "timestamp": timestamp, "url": url}
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
