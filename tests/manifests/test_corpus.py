"""Reading a published corpus back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import corpus
from corpus.errors import CorpusError
from manifests.corpus import Corpus, open_corpus
from manifests.manifest import Manifest
from tests.manifests import corpora


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Manifest]:
    folder = str(tmp_path_factory.mktemp("corpus"))
    return folder, corpora.usual(folder)


def test_documents_come_back_as_they_were_written_in_corpus_order(made: tuple[str, Manifest]) -> None:
    """All streams one after the other, sorted by name; within one, the order of the shards."""
    opened = Corpus.open(made[0])
    numbers = [row["position"] // 100 for row in corpora.rows_of(opened.batches())]
    assert numbers == [30, 31, *range(9), 20, 21, 22]
    assert len(opened) == 14
    expected = [corpora.kept(number) for number in range(9)]
    assert corpora.rows_of(opened.batches("web/deu_Latn")) == expected


def test_columns_and_size_of_batches_can_be_chosen(made: tuple[str, Manifest]) -> None:
    batches = list(Corpus.open(made[0]).batches("web/deu_Latn", columns=["id", "text"], batch_rows=3))
    assert {tuple(batch.schema.names) for batch in batches} == {("id", "text")}
    assert max(batch.num_rows for batch in batches) <= 3
    assert sum(batch.num_rows for batch in batches) == 9


def test_ledger_and_quarantine_come_back(made: tuple[str, Manifest]) -> None:
    opened = Corpus.open(made[0])
    assert [row["reason"] for row in corpora.rows_of(opened.ledger())] == ["rule", "duplicate", "rule"]
    assert corpora.rows_of(opened.ledger(columns=["failures"]))[0]["failures"][0]["rule"] == "min_words"
    assert [(row["position"], row["end"]) for row in corpora.rows_of(opened.quarantine())] == [
        (5000, None),
        (6000, 6100),
        (7, None),
    ]


def test_unknown_stream_is_answered_with_those_there_are(made: tuple[str, Manifest]) -> None:
    with pytest.raises(CorpusError, match=r"no stream 'web/nld_Latn'.*restricted/text/deu_Latn, web/deu_Latn, web/fra"):
        next(Corpus.open(made[0]).batches("web/nld_Latn"))


def test_manifest_file_may_be_named_instead_of_the_folder(
    made: tuple[str, Manifest], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also by its bare name, from within the folder."""
    assert len(corpora.rows_of(Corpus.open(f"{made[0]}/manifest.json").batches())) == 14
    monkeypatch.chdir(made[0])
    assert len(corpora.rows_of(Corpus.open("manifest.json").batches())) == 14
    assert len(corpora.rows_of(Corpus.open(".").batches())) == 14


def test_public_name_opens_a_corpus(made: tuple[str, Manifest]) -> None:
    assert corpus.open(made[0]).manifest == open_corpus(made[0]).manifest == made[1]
    assert set(corpus.open(made[0]).streams) == {"restricted/text/deu_Latn", "web/deu_Latn", "web/fra_Latn"}


def test_manifest_hash_pins_the_corpus(made: tuple[str, Manifest]) -> None:
    assert Corpus.open(made[0], made[1].manifest_hash).manifest == made[1]
    with pytest.raises(CorpusError, match=r"holds the corpus .*, not 0000: it was made anew or changed"):
        Corpus.open(made[0], "0000")


def test_corpus_lives_on_any_fsspec_store(memory: str) -> None:
    corpora.usual(memory)
    opened = Corpus.open(memory)
    assert opened.folder == memory
    assert len(corpora.rows_of(opened.batches())) == 14


@pytest.mark.parametrize("name", ["shard", "ledger", "index"])
@pytest.mark.parametrize("version", [0, 2])
def test_schema_of_another_version_is_refused(tmp_path: Path, name: str, version: int) -> None:
    corpora.usual(str(tmp_path))
    path = tmp_path / "manifest.json"
    data = json.loads(path.read_bytes())
    data["versions"]["schemas"][name] = version
    path.write_text(json.dumps(data))
    with pytest.raises(CorpusError, match=f"its {name} files have schema version {version}; this program reads 1"):
        Corpus.open(str(tmp_path))


def test_damaged_or_missing_shard_is_named(tmp_path: Path) -> None:
    """The error names the file, and the command that lists all that is wrong."""
    manifest = corpora.usual(str(tmp_path))
    path = tmp_path / manifest.stream("web/deu_Latn").shards[0].path
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(CorpusError, match=rf"{path.name}: is damaged .*corpus verify"):
        corpora.rows_of(Corpus.open(str(tmp_path)).batches())
    path.unlink()
    with pytest.raises(CorpusError, match=rf"{path.name}: cannot be read: No such file"):
        corpora.rows_of(Corpus.open(str(tmp_path)).batches())


def test_folder_without_corpus_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="there is no published corpus here; `corpus run` makes one"):
        Corpus.open(str(tmp_path))


def test_empty_corpus_can_be_read(tmp_path: Path) -> None:
    corpora.make_corpus(str(tmp_path))
    opened = Corpus.open(str(tmp_path))
    assert len(opened) == 0
    assert corpora.rows_of(opened.batches()) == corpora.rows_of(opened.ledger()) == []
