"""Words, lines and paragraphs by example and against the reference."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given

from corpus.kernels import counts as kernels
from corpus.kernels.segment import next_line, next_paragraph, next_word
from corpus.kernels.tables import unicode_tables

from . import reference
from .texts import batches, byte_strings, strings

CLASSES = unicode_tables().classes


def words(data: bytes) -> list[bytes]:
    buffer, position, found = np.frombuffer(data, dtype=np.uint8), 0, []
    while position < len(data):
        start, position, length, _ = next_word(buffer, position, len(data), CLASSES)
        if start < len(data):
            found.append(data[start:position])
            assert length == len(reference.read(found[-1]))
    return found


def lines(data: bytes) -> list[bytes]:
    buffer, position, found = np.frombuffer(data, dtype=np.uint8), 0, []
    while position < len(data):
        start, end, length, first, last, position = next_line(buffer, position, len(data), CLASSES)
        if start < len(data):
            found.append(data[start:end])
            assert length == len(reference.read(found[-1]))
            assert reference.read(data[first:last]) == reference.trim(reference.read(found[-1]))
    return found


def paragraphs(data: bytes) -> list[bytes]:
    buffer, position, found = np.frombuffer(data, dtype=np.uint8), 0, []
    while position < len(data):
        start, end, length, position = next_paragraph(buffer, position, len(data), CLASSES)
        if start < len(data):
            found.append(data[start:end])
            assert length == len(reference.read(found[-1]))
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello, world!", ["Hello", "world"]),
        ("l'eau d’été aujourd'hui", ["l'eau", "d’été", "aujourd'hui"]),
        ("ta' Malta, il-kelb", ["ta", "Malta", "il-kelb"]),
        ("Baile-Átha-Cliath 'quoted' -x- a--b", ["Baile-Átha-Cliath", "quoted", "x", "a", "b"]),
        ("col·lega e-mail’s", ["col·lega", "e-mail’s"]),
        ("mp3 3.14 m² 1990s", ["mp3", "3", "14", "m²", "1990s"]),
        ("می‌خواهم हिन्दी", ["می‌خواهم", "हिन्दी"]),
        ("中文abc中-文", ["中", "文", "abc", "中", "文"]),
        ("ภาษาไทย", ["ภ", "า", "ษ", "า", "ไ", "ท", "ย"]),
        ("ที่นี่", ["ที่", "นี่"]),
        ("한국어 문장", ["한국어", "문장"]),
        ("❤\ufe0f 😀 € # … \u0301", []),
        ("", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    """Words of many scripts are what the definition says."""
    assert [word.decode() for word in words(text.encode())] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one\ntwo\r\nthree", ["one", "two", "three"]),
        ("\n\n one \n \t\n\ntwo\n", [" one ", "two"]),
        ("a\rb\r\r\nc\r", ["a\rb\r", "c\r"]),
        (" \n\r\n", []),
        ("a\u2028b", ["a\u2028b"]),
    ],
)
def test_lines(text: str, expected: list[str]) -> None:
    """Lines end at line feeds; blank ones do not count."""
    assert [line.decode() for line in lines(text.encode())] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one\ntwo\n\nthree\n\n\n four \r\n\r\nfive", ["one\ntwo", "three", "four", "five"]),
        ("a\n \nb", ["a\n \nb"]),
        ("\n\n \n\n", []),
        ("a\n\rb\n\r\nc", ["a\n\rb", "c"]),
    ],
)
def test_paragraphs(text: str, expected: list[str]) -> None:
    """Paragraphs are parted by two or more breaks and trimmed."""
    assert [part.decode() for part in paragraphs(text.encode())] == expected


@given(byte_strings)
def test_segments_are_those_of_the_reference(data: bytes) -> None:
    """On any bytes, valid or not."""
    text = reference.read(data)
    assert [reference.read(word) for word in words(data)] == reference.words(text)
    assert [reference.read(line) for line in lines(data)] == reference.lines(text)
    assert [reference.read(part) for part in paragraphs(data)] == reference.paragraphs(text)


@given(batches())
def test_counts_of_batches(batch: tuple[list[bytes], pa.Array]) -> None:
    """Row by row, in slices as well."""
    texts, array = batch
    columns = kernels.counts(array)
    rows = [{name: int(column[i]) for name, column in columns.items()} for i in range(len(texts))]
    assert rows == [reference.counts(text) for text in texts]


@given(batches())
def test_word_hashes_are_equal_exactly_if_the_folded_words_are(batch: tuple[list[bytes], pa.Array]) -> None:
    """Hashes stand for words in lower case with plain joiners, text by text."""
    texts, array = batch
    hashes, ends = kernels.word_hashes(array)
    folded = [[reference.fold(word) for word in reference.words(reference.read(text))] for text in texts]
    assert np.diff(ends).tolist() == list(map(len, folded))
    flat = [word for text in folded for word in text]
    assert len(hashes) == len(flat)
    assert len({*zip(flat, hashes.tolist(), strict=True)}) == len({*flat}) == len({*hashes.tolist()})
    assert 0 not in hashes


@given(strings)
def test_a_text_without_letters_and_numbers_has_no_words(text: str) -> None:
    """Words come from letters and numbers alone, by Python's own idea of them for ASCII."""
    ascii_text = "".join(char for char in text if ord(char) < 128 and not char.isalnum())
    assert words(ascii_text.encode()) == []
