"""What the kernels compute, written slowly and plainly over Python strings: the kernels must agree with it.

A text is given as bytes and read as a string in which each byte that is not UTF-8 is one lone surrogate.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

from corpus.kernels import classes as c
from corpus.kernels.quality import BULLETS
from corpus.kernels.tables import unicode_tables

_LETTERS = "owbpsjmnlg"  # one letter per class, in the order of their numbers
_WORD = re.compile(r"gm*|[ln]m*(?:j?[ln]m*)*")


def read(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def lookup(table: list[int], point: int) -> int:
    block = table[point >> c.BLOCK_BITS]
    return table[c.BLOCKS + (block << c.BLOCK_BITS) + point % (1 << c.BLOCK_BITS)]


CLASSES = unicode_tables().classes.tolist()
LOWER = unicode_tables().lower.tolist()


def kind(char: str) -> int:
    return lookup(CLASSES, ord(char))


def lower(text: str) -> str:
    return "".join(chr(ord(char) + lookup(LOWER, ord(char))) for char in text)


def is_space(char: str) -> bool:
    return kind(char) in (c.WHITE_SPACE, c.LINE_BREAK)


def trim(text: str) -> str:
    while text and is_space(text[0]):
        text = text[1:]
    while text and is_space(text[-1]):
        text = text[:-1]
    return text


def word_spans(text: str) -> list[tuple[int, int]]:
    return [match.span() for match in _WORD.finditer("".join(_LETTERS[kind(char)] for char in text))]


def words(text: str) -> list[str]:
    return [text[start:end] for start, end in word_spans(text)]


def lines(text: str) -> list[str]:
    return [line for line in re.split(r"\r?\n", text) if trim(line)]


def paragraphs(text: str) -> list[str]:
    return [trim(part) for part in re.split(r"(?:\r?\n){2,}", text) if trim(part)]


def counts(data: bytes) -> dict[str, int]:
    text = read(data)
    return {
        "characters": len(text),
        "words": len(words(text)),
        "lines": len(lines(text)),
        "paragraphs": len(paragraphs(text)),
    }


def fold(word: str) -> str:
    return "".join(chr(c.JOINERS[ord(char)]) if ord(char) in c.JOINERS else lower(char) for char in word)


def stop_words(text: str, listed: list[str]) -> int:
    """Different stop words of the list in the text."""
    spans = word_spans(text)
    found = set()
    for stop_word in listed:
        wanted = [fold(word) for word in words(stop_word)]
        if kind(stop_word[-1]) == c.JOINER:
            for start, end in spans:
                end += 1 if end < len(text) and kind(text[end]) == c.JOINER else 0
                word = text[start:end]
                starts = [fold(word[: i + 1]) for i, char in enumerate(word) if kind(char) == c.JOINER]
                if fold(stop_word) in starts:
                    found.add(fold(stop_word))
            continue
        for i in range(len(spans) - len(wanted) + 1):
            run = spans[i : i + len(wanted)]
            touch = all(a[1] == b[0] for a, b in pairwise(run))
            if touch and [fold(text[start:end]) for start, end in run] == wanted:
                found.add(fold(stop_word))
    return len(found)


def quality(data: bytes, listed: list[str]) -> dict[str, int]:
    text = read(data)
    found, all_lines = words(text), [trim(line) for line in lines(text)]
    dots = [run.count(".") + 3 * run.count("…") for run in re.findall("[.…]+", text)]
    spaced = [word for word in found if kind(word[0]) != c.SPACELESS_LETTER]
    return {
        "words": len(found),
        "spaced_words": len(spaced),
        "word_characters": sum(map(len, spaced)),
        "alpha_words": sum(any(kind(char) in (c.LETTER, c.SPACELESS_LETTER) for char in word) for word in found),
        "hashes": text.count("#"),
        "ellipses": sum(shown >= 3 for shown in dots),
        "lines": len(all_lines),
        "bullet_lines": sum(ord(line[0]) in BULLETS for line in all_lines),
        "ellipsis_lines": sum(line.endswith(("...", "…")) for line in all_lines),
        "stop_words": stop_words(text, listed),
    }


def duplicates(items: list[str]) -> tuple[int, int]:
    again = [item for i, item in enumerate(items) if item in items[:i]]
    return len(again), sum(map(len, again))


def top_ngram(found: list[str], n: int) -> int:
    grams = Counter(tuple(found[i : i + n]) for i in range(len(found) - n + 1))
    most = max(grams.values(), default=0)
    if most < 2:
        return 0
    return most * max(len(" ".join(gram)) for gram, count in grams.items() if count == most)


def duplicate_ngrams(found: list[str], n: int) -> int:
    seen, characters, i = set(), 0, 0
    while i + n <= len(found):
        gram = tuple(found[i : i + n])
        if gram in seen:
            characters += len("".join(gram))
            i += n
        else:
            seen.add(gram)
            i += 1
    return characters


def repetition(data: bytes) -> dict[str, int]:
    text = read(data)
    found, all_lines, all_paragraphs = words(text), lines(text), paragraphs(text)
    again_lines, again_paragraphs = duplicates(all_lines), duplicates(all_paragraphs)
    return {
        "characters": len(text),
        "lines": len(all_lines),
        "duplicate_lines": again_lines[0],
        "duplicate_line_characters": again_lines[1],
        "paragraphs": len(all_paragraphs),
        "duplicate_paragraphs": again_paragraphs[0],
        "duplicate_paragraph_characters": again_paragraphs[1],
        **{f"top_{n}gram_characters": top_ngram(found, n) for n in (2, 3, 4)},
        **{f"duplicate_{n}gram_characters": duplicate_ngrams(found, n) for n in (5, 6, 7, 8, 9, 10)},
    }


def normalise(data: bytes) -> bytes:
    spaced = "".join(" " if is_space(char) else char for char in lower(read(data)))
    return re.sub(" +", " ", spaced).strip(" ").encode("utf-8", "surrogateescape")
