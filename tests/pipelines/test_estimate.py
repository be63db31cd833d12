"""`corpus plan`: sampled from the real input, and a refusal where the run would not fit."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus import storage
from corpus.config import load_config
from pipelines.cli import main
from pipelines.estimate import estimate
from tests.pipelines.inputs import page, rows, texts, write_config, write_jsonl, write_warc


@pytest.fixture
def config(tmp_path: Path) -> Path:
    write_warc(
        tmp_path / "a.warc.gz", [(f"https://a.example/{n}", page(text)) for n, text in enumerate(texts("deu_Latn", 5))]
    )
    write_jsonl(tmp_path / "b.jsonl", rows("eng_Latn", 30))
    write_jsonl(tmp_path / "empty.jsonl", [])
    return write_config(
        tmp_path,
        {
            "crawl": {"format": "warc", "paths": ["a.warc.gz"]},
            "lines": {"format": "jsonl", "paths": ["b.jsonl", "empty.jsonl"]},
        },
    )


def test_each_source_has_its_own_speed_and_size(config: Path) -> None:
    found = estimate(load_config(config), processes=2)
    assert [(source.source, source.tasks) for source in found.sources] == [("crawl", 1), ("lines", 2)]
    for source in found.sources:
        assert source.documents_per_second is not None
        assert source.seconds > 0
        assert source.working_bytes > 0
    assert found.fits
    assert not (config.parent / "out").exists(), "planning writes nothing"


def test_a_run_that_does_not_fit_is_refused(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(storage, "free_bytes", lambda url: 1_000)
    assert main(["plan", str(config)]) == 1
    assert "the run will not fit" in capsys.readouterr().err
    monkeypatch.setattr(storage, "free_bytes", lambda url: 10)
    assert main(["run", str(config), "--runner", "memory", "--quiet"]) == 1
    assert "need at least" in capsys.readouterr().err
