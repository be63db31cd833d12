"""Whole runs: what stays the same, what is done again, and what adds up."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from corpus.errors import CorpusError, UsageError
from manifests import Corpus
from manifests.verify import verify
from pipelines.engine import Engine
from pipelines.stages import read as read_stage
from tests.pipelines.inputs import page, rows, run_config, texts, write_config, write_jsonl, write_warc


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """A crawl, a C4 file and plain JSON lines in three languages, with overlap; the configuration's path."""
    crawl = [
        (f"https://a.example/{n}", page(text)) for n, text in enumerate(texts("deu_Latn", 6) + texts("mlt_Latn", 4))
    ]
    write_warc(tmp_path / "crawl" / "a.warc.gz", crawl)
    write_jsonl(tmp_path / "c4" / "c4-mt.tfrecord-00000-of-00001.json.gz", rows("mlt_Latn", 6, "b.example"))
    lines = [*rows("eng_Latn", 30, "c.example"), {"text": "Too short.", "url": "https://c.example/short"}]
    write_jsonl(tmp_path / "lines" / "x.jsonl", lines)
    return write_config(
        tmp_path,
        {
            "crawl": {"format": "warc", "paths": ["crawl/*.warc.gz"]},
            "c4": {"format": "c4", "paths": ["c4/*.json.gz"]},
            "lines": {"format": "jsonl", "paths": ["lines/*.jsonl"], "license": "CC0-1.0"},
        },
    )


def all_rows(output: str) -> list[dict[str, Any]]:
    return [row for batch in Corpus.open(output).batches() for row in batch.to_pylist()]


def test_counts_balance_and_everything_verifies(mixed: Path) -> None:
    result = run_config(mixed)
    counts = result.manifest.documents
    assert counts["read"] == 10 + 6 + 31
    assert counts["read"] == counts["kept"] + counts["dropped"] + counts["quarantined"]
    assert counts["duplicates"] >= 4, "the Maltese articles of the crawl and of C4 are the same"
    assert verify(str(mixed.parent / "out")) == []
    assert {stream.name for stream in result.manifest.streams} == {"web/deu_Latn", "web/mlt_Latn", "text/eng_Latn"}


@pytest.mark.slow
def test_one_hash_over_runners_workers_and_splits(mixed: Path, tmp_path: Path) -> None:
    """The manifest hash, and even the manifest's bytes, do not depend on how the work was done."""
    first = run_config(mixed, output=str(tmp_path / "1"))
    manifests = [(tmp_path / "1" / "manifest.json").read_bytes()]
    ways: list[tuple[Engine, int]] = [
        (Engine(runner="memory"), 4_000),
        (Engine(runner="local", workers=2), 1 << 30),
        (Engine(runner="local", workers=3), 1_500),
    ]
    for number, (engine, split) in enumerate(ways, start=2):
        result = run_config(mixed, output=str(tmp_path / str(number)), engine=engine, split=split)
        assert result.manifest.manifest_hash == first.manifest.manifest_hash
        manifests.append((tmp_path / str(number) / "manifest.json").read_bytes())
    assert len(set(manifests)) == 1


@pytest.mark.slow
def test_a_second_run_does_nothing(mixed: Path) -> None:
    first = run_config(mixed)
    again = run_config(mixed)
    assert not any(again.tasks.values())
    assert again.manifest == first.manifest


def rewrite(config: Path, change: Callable[[dict[str, Any]], None]) -> None:
    import yaml

    data = yaml.safe_load(config.read_text())
    change(data)
    config.write_text(yaml.safe_dump(data))


@pytest.mark.slow
def test_a_changed_threshold_judges_again_and_reads_nothing(mixed: Path, tmp_path: Path) -> None:
    run_config(mixed)
    rewrite(mixed, lambda data: data.update(filters={"gopher_quality": {"min_words": 150}}))
    changed = run_config(mixed)
    assert (changed.tasks["read"], changed.tasks["measure"], changed.tasks["dedup"]) == (0, 0, 0)
    assert changed.tasks["judge"] == 3
    fresh = run_config(mixed, output=str(tmp_path / "fresh"))
    assert changed.manifest.manifest_hash == fresh.manifest.manifest_hash, "results of two configurations never mix"


@pytest.mark.slow
def test_a_changed_licence_only_publishes_that_source_again(mixed: Path) -> None:
    before = run_config(mixed)
    rewrite(mixed, lambda data: data["sources"]["lines"].update(license="CC-BY-4.0"))
    after = run_config(mixed)
    assert [after.tasks[step] for step in ("read", "measure", "dedup", "judge", "select")] == [0, 0, 0, 0, 0]
    assert after.tasks["publish"] == 2, "the English shard and the ledger"
    assert after.manifest.parent == before.manifest.manifest_hash
    assert {row["license"] for row in all_rows(str(mixed.parent / "out")) if row["source"] == "lines"} == {"CC-BY-4.0"}


@pytest.mark.slow
def test_changed_shard_size_only_publishes(mixed: Path) -> None:
    run_config(mixed)
    rewrite(mixed, lambda data: data.update(shards={"target_bytes": 5000, "row_group_bytes": 2000}))
    after = run_config(mixed)
    assert [after.tasks[step] for step in ("read", "measure", "dedup", "judge", "select")] == [0, 0, 0, 0, 0]
    english = after.manifest.stream("text/eng_Latn")
    assert len(english.shards) > 3
    assert all(shard.text_bytes < 5000 + 3000 for shard in english.shards)
    assert verify(str(mixed.parent / "out")) == []


@pytest.mark.slow
def test_a_new_file_is_read_alone(mixed: Path) -> None:
    run_config(mixed)
    write_jsonl(mixed.parent / "lines" / "y.jsonl", rows("eng_Latn", 35, "d.example"))
    after = run_config(mixed)
    assert after.tasks["read"] == 1
    assert after.manifest.documents["duplicates"] >= 30


@pytest.mark.slow
def test_new_stop_words_measure_again_only_tasks_with_that_language(mixed: Path) -> None:
    """Signals of a language depend on its profile; the other tasks keep theirs, and nothing is read again."""
    import corpus.language

    run_config(mixed)
    shipped = Path(corpus.language.__file__).parent / "profiles" / "mlt_Latn.yaml"
    folder = mixed.parent / "profiles"
    folder.mkdir()
    (folder / "mlt_Latn.yaml").write_text(shipped.read_text().replace("stop_words: [", "stop_words: [xyzzy, ", 1))
    rewrite(mixed, lambda data: data.update(filters={"profiles": "profiles"}))
    after = run_config(mixed)
    assert after.tasks["read"] == 0
    assert after.tasks["measure"] == 2, "the crawl and the C4 file hold Maltese, the JSON lines do not"


def test_a_duplicate_names_the_kept_document_and_priority_decides(mixed: Path) -> None:
    rewrite(mixed, lambda data: data["sources"]["c4"].update(priority=5))
    result = run_config(mixed)
    corpus = Corpus.open(str(mixed.parent / "out"))
    kept = {row["id"]: row for row in all_rows(corpus.folder)}
    duplicates = [row for batch in corpus.ledger() for row in batch.to_pylist() if row["reason"] == "duplicate"]
    assert len(duplicates) == result.manifest.documents["duplicates"] == 4
    for row in duplicates:
        assert row["source"] == "crawl"
        assert kept[row["duplicate_of"]]["source"] == "c4"
        assert kept[row["duplicate_of"]]["content_hash"] == row["content_hash"]


@pytest.mark.slow
def test_a_document_that_fails_a_rule_takes_no_duplicate_with_it(tmp_path: Path) -> None:
    """Two equal texts, the preferred one in a source whose documents fail: the other one stays."""
    same = rows("eng_Latn", 3)
    write_jsonl(tmp_path / "a.jsonl", same)
    write_jsonl(tmp_path / "b.jsonl", [row | {"url": row["url"] + "?b"} for row in same])
    config = write_config(
        tmp_path,
        {
            "a": {"format": "jsonl", "paths": ["a.jsonl"], "priority": 9},
            "b": {"format": "jsonl", "paths": ["b.jsonl"]},
        },
        filters={"gopher_quality": {"max_words": 1}},
    )
    assert run_config(config).manifest.documents["duplicates"] == 0, "all fail: none is a duplicate of a kept document"


@pytest.mark.slow
def test_the_same_archive_twice_is_one_corpus(mixed: Path) -> None:
    """A record met twice is dropped as an exact duplicate of itself, under the same id."""
    once = run_config(mixed)
    (mixed.parent / "crawl" / "b.warc.gz").write_bytes((mixed.parent / "crawl" / "a.warc.gz").read_bytes())
    twice = run_config(mixed)
    assert twice.manifest.documents["kept"] == once.manifest.documents["kept"]
    corpus = Corpus.open(str(mixed.parent / "out"))
    ledger = [row for batch in corpus.ledger() for row in batch.to_pylist() if row["file"] == "b.warc.gz"]
    german = [row for row in ledger if row["language"] == "deu_Latn"]
    assert len(german) == 6
    assert all(row["reason"] == "duplicate" and row["duplicate_of"] == row["id"] for row in german)


@pytest.mark.slow
def test_two_contents_under_one_key_both_stay(tmp_path: Path) -> None:
    """The later one gets an id of its own, the same for any cut of the input."""
    documents = [{"id": "same", "text": text} for text in texts("eng_Latn", 3)]
    write_jsonl(tmp_path / "a.jsonl", documents)
    config = write_config(tmp_path, {"a": {"format": "jsonl", "paths": ["a.jsonl"]}})
    result = run_config(config)
    ids = [row["id"] for row in all_rows(str(tmp_path / "out"))]
    assert len(set(ids)) == len(ids) == 3
    other = run_config(config, output=str(tmp_path / "other"), split=800)
    assert other.manifest.manifest_hash == result.manifest.manifest_hash


@pytest.mark.slow
def test_languages_wanted(mixed: Path) -> None:
    rewrite(mixed, lambda data: data.update(languages=["mlt_Latn"]))
    result = run_config(mixed)
    assert [stream.name for stream in result.manifest.streams] == ["web/mlt_Latn"]
    failures = [
        failure["rule"]
        for batch in Corpus.open(str(mixed.parent / "out")).ledger()
        for row in batch.to_pylist()
        for failure in row["failures"]
    ]
    assert failures.count("languages") >= 36


@pytest.mark.slow
def test_access_is_part_of_the_stream(mixed: Path) -> None:
    rewrite(mixed, lambda data: data["sources"]["lines"].update(access="restricted"))
    names = [stream.name for stream in run_config(mixed).manifest.streams]
    assert "restricted/text/eng_Latn" in names
    assert verify(str(mixed.parent / "out")) == []


@pytest.mark.slow
def test_a_lost_shard_is_made_again(mixed: Path) -> None:
    first = run_config(mixed)
    victim = mixed.parent / "out" / first.manifest.streams[0].shards[0].path
    victim.unlink()
    assert verify(str(mixed.parent / "out")) != []
    again = run_config(mixed)
    assert again.tasks["publish"] == 1
    assert verify(str(mixed.parent / "out")) == []


def test_a_pattern_without_files_is_an_error_before_any_work(tmp_path: Path) -> None:
    config = write_config(tmp_path, {"a": {"format": "jsonl", "paths": ["nothing/*.jsonl"]}})
    with pytest.raises(UsageError, match=r"sources\.a\.paths: .*nothing/\*\.jsonl matches no file"):
        run_config(config)


def test_a_failing_task_is_named_and_costs_no_other(mixed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the cause is gone, the next run does the failed task only."""
    original = read_stage.ReadTask.__call__

    def broken(self: read_stage.ReadTask, task: Any) -> None:
        if task.source == "c4":
            raise RuntimeError("the disk ate it")
        original(self, task)

    monkeypatch.setattr(read_stage.ReadTask, "__call__", broken)
    with pytest.raises(CorpusError, match=r"(?s)stage read: 1 tasks failed.*c4-mt.*the disk ate it"):
        run_config(mixed)
    monkeypatch.undo()
    assert run_config(mixed).tasks["read"] == 1


@pytest.mark.slow
def test_run_json_stands_outside_the_hash(mixed: Path) -> None:
    result = run_config(mixed)
    about = json.loads((mixed.parent / "out" / "run.json").read_text())
    assert about["manifest_hash"] == result.manifest.manifest_hash
    assert str(mixed.parent) not in (mixed.parent / "out" / "manifest.json").read_text()


@pytest.mark.slow
def test_markup_in_a_column_depends_on_extraction(tmp_path: Path) -> None:
    """A changed setting of extraction reads again whatever holds markup, and nothing else."""
    pages = [{"h": page(text).decode(), "url": f"https://a.example/{n}"} for n, text in enumerate(texts("deu_Latn", 2))]
    write_jsonl(tmp_path / "pages.jsonl", pages)
    write_jsonl(tmp_path / "c4-de.tfrecord-00000-of-00001.json", rows("deu_Latn", 2))
    config = write_config(
        tmp_path,
        {
            "pages": {"format": "jsonl", "paths": ["pages.jsonl"], "columns": {"html": "h"}},
            "c4": {"format": "c4", "paths": ["c4-de*"]},
        },
    )
    assert run_config(config).manifest.documents["kept"] == 2, "the C4 rows are the same articles"
    rewrite(config, lambda data: data.update(extract={"seconds": 17}))
    assert run_config(config).tasks["read"] == 1


@pytest.mark.slow
def test_a_new_encoding_writes_over_nothing(mixed: Path) -> None:
    """Files are named after their bytes: the snapshot before stays readable until `corpus clean`."""
    before = run_config(mixed).manifest
    rewrite(mixed, lambda data: data.update(shards={"compression": "snappy"}))
    after = run_config(mixed).manifest
    assert after.layout_hash == before.layout_hash
    old, new = ({entry.path for entry in manifest.files()} for manifest in (before, after))
    assert not old & new
    assert all((mixed.parent / "out" / path).exists() for path in old | new)
