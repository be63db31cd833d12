"""The sentences of the demo and the articles made of them.

Every sentence was written for this project. A file ``text/<tag>.txt`` holds about twelve subjects, each a line
``[key] Heading`` followed by one self-contained sentence a line, so that any selection in file order reads well.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import count, islice
from typing import TypeVar

import yaml

T = TypeVar("T")

TAGS = (
    "bul_Cyrl",
    "deu_Latn",
    "ell_Grek",
    "eng_Latn",
    "est_Latn",
    "fra_Latn",
    "gle_Latn",
    "lav_Latn",
    "mlt_Latn",
    "pol_Latn",
    "por_Latn",
    "slv_Latn",
)
# Two articles may have at most this share of their sentences in common (Jaccard), so that no near-duplicate is
# made by accident.
MAX_SHARED = (3, 10)
MIN_WORDS, WORD_RANGE = 125, 80
MAX_ATTEMPTS = 5_000


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A heading and its sentences."""

    key: str
    heading: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Chrome:
    """The words around an article: menus, banner, remarks, footer, opening hours, site names by host."""

    code: str
    menu: tuple[str, ...]
    search: str
    cookie: str
    accept: str
    related: str
    comments: str
    remarks: tuple[str, ...]
    rights: str
    more: str
    hours: tuple[str, ...]
    sites: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Article:
    """A text of one language: its sections in order; the first heading is the title. ``number`` counts per language."""

    tag: str
    number: int
    sections: tuple[Subject, ...]

    @property
    def title(self) -> str:
        return self.sections[0].heading

    @property
    def sentences(self) -> tuple[str, ...]:
        return tuple(sentence for section in self.sections for sentence in section.sentences)

    @property
    def text(self) -> str:
        """Title, headings and one paragraph a section, one a line: what a good extraction of the page gives."""
        return "\n".join(line for section in self.sections for line in (section.heading, " ".join(section.sentences)))


def dice(sides: int, *key: object) -> int:
    """An integer in ``range(sides)`` that depends on ``key`` alone: the demo's only source of variety."""
    digest = hashlib.blake2b("\x1f".join(map(str, key)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % sides


def shuffled(items: Iterable[T], *key: object) -> list[T]:
    """``items`` in an order that depends on ``key`` and their positions alone."""
    ordered = sorted(enumerate(items), key=lambda entry: (dice(2**62, *key, entry[0]), entry[0]))
    return [item for _, item in ordered]


@cache
def subjects(tag: str) -> tuple[Subject, ...]:
    """The subjects of a language, in file order."""
    found: list[tuple[str, str, list[str]]] = []
    for line in (files(__package__) / "text" / f"{tag}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            key, _, heading = line[1:].partition("] ")
            found.append((key, heading, []))
        elif line:
            found[-1][2].append(line)
    return tuple(Subject(key=key, heading=heading, sentences=tuple(lines)) for key, heading, lines in found)


@cache
def chrome(tag: str) -> Chrome:
    """What surrounds the articles of a language."""
    raw = yaml.safe_load((files(__package__) / "chrome.yaml").read_text(encoding="utf-8"))[tag]
    for name in ("menu", "remarks", "hours"):
        raw[name] = tuple(raw[name])
    raw["sites"] = tuple(raw["sites"].items())
    return Chrome(**raw)


def articles(tag: str) -> Iterator[Article]:
    """The articles of a language in a fixed order: 130 to 280 words each, no sentence twice in one of them.

    Candidates are drawn by hash and kept unless they share too many sentences with an earlier one. Raises
    ``ValueError`` once no further article is found.
    """
    seen: list[frozenset[str]] = []
    last_kept = 0
    for attempt in count():
        candidate = _draw(tag, len(seen), attempt)
        sentences = frozenset(candidate.sentences)
        if not any(_too_close(sentences, other) for other in seen):
            seen.append(sentences)
            last_kept = attempt
            yield candidate
        elif attempt - last_kept > MAX_ATTEMPTS:
            raise ValueError(f"text/{tag}.txt does not suffice for more than {len(seen)} articles: add sentences")


def _draw(tag: str, number: int, attempt: int) -> Article:
    target = MIN_WORDS + dice(WORD_RANGE, tag, attempt, "words")
    sections: list[Subject] = []
    words = 0
    for subject in shuffled(subjects(tag), tag, attempt, "subjects"):
        if words >= target:
            break
        size = 2 + dice(2, tag, attempt, subject.key, "size")
        places = sorted(shuffled(range(len(subject.sentences)), tag, attempt, subject.key)[:size])
        chosen = tuple(subject.sentences[place] for place in places)
        sections.append(Subject(key=subject.key, heading=subject.heading, sentences=chosen))
        words += sum(len(sentence.split()) for sentence in chosen)
    return Article(tag=tag, number=number, sections=tuple(sections))


def _too_close(left: frozenset[str], right: frozenset[str]) -> bool:
    shared = len(left & right)
    numerator, denominator = MAX_SHARED
    return shared * denominator > numerator * (len(left) + len(right) - shared)


class Shelf:
    """Hands out articles, each once, in a fixed order per language."""

    def __init__(self) -> None:
        self._unused = {tag: articles(tag) for tag in TAGS}

    def take(self, tag: str, number: int = 1) -> Sequence[Article]:
        """The next ``number`` unused articles of ``tag``; raises ``ValueError`` if there are not so many."""
        return tuple(islice(self._unused[tag], number))
