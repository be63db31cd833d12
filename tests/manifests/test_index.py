"""Finding documents by id and URL."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.document import url_hash
from corpus.errors import CorpusError
from manifests import index
from manifests.corpus import Corpus
from manifests.index import find, id_key, is_id, partition_of
from pipelines.blocks import digits, partition
from tests.manifests import corpora


@pytest.mark.parametrize("partitions", [1, 2, 7])
def test_every_document_is_found_by_id_and_url_and_nothing_else(tmp_path: Path, partitions: int) -> None:
    """Kept ones in their shard, dropped ones in the ledger; each with its whole row."""
    documents = [corpora.kept(number) for number in range(40)]
    documents += [corpora.kept(number, "fra_Latn") for number in range(100, 110)]
    ledger = [corpora.dropped(number) for number in range(200, 205)]
    corpora.make_corpus(str(tmp_path), documents, ledger, partitions=partitions)
    opened = Corpus.open(str(tmp_path))
    for row in [*documents, *ledger]:
        for what in (row["id"], row["url"]):
            (found,) = find(opened, what)
            assert found.values == row
            assert found.kept == ("text" in row)
            assert found.stream == (f"web/{row['language']}" if found.kept else None)
            assert corpora.rows_of(opened.read_file(found.file.path))[found.row] == row
    assert find(opened, "f" * 32) == []
    assert find(opened, "https://example.org/none") == []
    assert find(opened, documents[0]["id"].upper()) == [], "neither an id nor a URL of the corpus"


def test_url_that_occurs_several_times_gives_all_places_in_corpus_order(tmp_path: Path) -> None:
    url = "https://example.org/same"
    documents = [corpora.kept(number, url=url) for number in range(6)]
    ledger = [corpora.dropped(50, url=url), corpora.dropped(51, url=url + "/other")]
    corpora.make_corpus(str(tmp_path), documents, ledger)
    found = find(Corpus.open(str(tmp_path)), url)
    assert [one.values["id"] for one in found] == [row["id"] for row in [*documents, ledger[0]]]


def test_two_rows_with_one_id_are_both_found(tmp_path: Path) -> None:
    documents = [corpora.kept(1), corpora.kept(2, id=corpora.kept(1)["id"])]
    corpora.make_corpus(str(tmp_path), documents)
    assert [one.values["position"] for one in find(Corpus.open(str(tmp_path)), documents[0]["id"])] == [100, 200]


def test_other_url_with_the_same_hash_is_filtered_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """64 bits collide in large corpora; the row itself decides."""
    monkeypatch.setattr(corpora, "url_hash", lambda url: 7)
    corpora.make_corpus(str(tmp_path), [corpora.kept(number) for number in range(5)])
    monkeypatch.setattr(index, "url_hash", lambda url: 7)
    opened = Corpus.open(str(tmp_path))
    (found,) = find(opened, "https://example.org/3")
    assert found.values["position"] == 300
    assert find(opened, "https://example.org/99") == []


def test_ids_that_share_the_first_half_are_told_apart(tmp_path: Path) -> None:
    first, second = "ab" * 8 + "00" * 8, "ab" * 8 + "ff" * 8
    corpora.make_corpus(str(tmp_path), [corpora.kept(1, id=first), corpora.kept(2, id=second)])
    opened = Corpus.open(str(tmp_path))
    assert [one.values["position"] for one in find(opened, first)] == [100]
    assert [one.values["position"] for one in find(opened, second)] == [200]


@pytest.mark.parametrize("document", ["0" * 32, "f" * 32, "8" + "0" * 31, "7" + "f" * 31])
def test_ids_at_the_borders_of_64_bits_are_found(tmp_path: Path, document: str) -> None:
    """Keys are unsigned; a signed comparison of row-group statistics would miss half of them."""
    documents = [corpora.kept(number) for number in range(12)] + [corpora.kept(77, id=document)]
    corpora.make_corpus(str(tmp_path), documents, partitions=3)
    assert [one.values["position"] for one in find(Corpus.open(str(tmp_path)), document)] == [7700]


def test_document_without_url_is_found_by_id_alone(tmp_path: Path) -> None:
    row = corpora.kept(1, url=None)
    corpora.make_corpus(str(tmp_path), [row])
    assert [one.values for one in find(Corpus.open(str(tmp_path)), row["id"])] == [row]


def test_corpus_without_index_finds_nothing(tmp_path: Path) -> None:
    manifest = corpora.make_corpus(str(tmp_path), [corpora.kept(1)])
    opened = Corpus(str(tmp_path), dataclasses.replace(manifest, index={}))
    assert find(opened, corpora.kept(1)["id"]) == []


def test_damaged_index_is_an_error_for_users(tmp_path: Path) -> None:
    """Bytes that are no Parquet, and entries that point to no row or no file."""
    manifest = corpora.make_corpus(str(tmp_path), [corpora.kept(1)], partitions=1)
    opened = Corpus.open(str(tmp_path))
    document = corpora.kept(1)["id"]
    key, rest = id_key(document)
    for file, row in ((0, 5), (9, 0)):
        entries = [{"key": key, "rest": rest, "file": file, "row": row}]
        bad = corpora.write_index(str(tmp_path), "id", entries, 1)
        with pytest.raises(CorpusError, match=r"is damaged .*corpus verify"):
            find(Corpus(str(tmp_path), dataclasses.replace(manifest, index={"id": bad})), document)
    (tmp_path / manifest.index["id"][0].path).write_bytes(b"PAR1 and nothing more")
    with pytest.raises(CorpusError, match=r"is damaged .*corpus verify"):
        find(opened, document)


@given(st.integers(0, 2**64 - 1), st.integers(1, 5000))
def test_partitions_are_equal_ranges_and_the_same_for_reader_and_writer(key: int, count: int) -> None:
    part = partition_of(key, count)
    assert 0 <= part < count
    assert partition_of(0, count) == 0
    assert partition_of(2**64 - 1, count) == count - 1
    assert part <= partition_of(min(key + 2**40, 2**64 - 1), count), "in the order of keys"
    assert partition(np.array([key], np.uint64), count).tolist() == [part]


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))
def test_id_is_its_two_halves(high: int, low: int) -> None:
    assert id_key(digits(high, low)) == (high, low)
    assert is_id(digits(high, low))


@pytest.mark.parametrize(
    "text", ["", "f" * 31, "f" * 33, "F" * 32, "g" * 32, "https://example.org/" + "a" * 12, "٣" * 32]
)
def test_what_is_no_id_is_looked_up_as_url(text: str) -> None:
    assert not is_id(text)


def test_hash_of_a_url_is_a_fixed_number() -> None:
    """It is written into published files."""
    assert url_hash("https://example.org/ü") == 16238369988775918119
