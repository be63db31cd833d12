"""The main job on real files: everything is read, everything adds up, and what a reader would expect comes out."""

from __future__ import annotations

from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from manifests import Corpus
from manifests.verify import verify
from pipelines.engine import Engine
from tests.pipelines.inputs import run_config, write_config

pytestmark = [pytest.mark.realdata, pytest.mark.slow]


def test_the_main_job_on_990_pages(realdata: Path, tmp_path: Path) -> None:
    """Every page becomes a document; most of these hand-picked pages stay, in the languages they are known to be in."""
    pages = realdata / "html" / "trafilatura-eval.warc.gz"
    config = write_config(tmp_path, {"pages": {"format": "warc", "paths": [str(pages)]}})
    result = run_config(config, engine=Engine(runner="local", workers=2), split=4 << 20)
    with pages.open("rb") as file:
        responses = sum(record.rec_type == "response" for record in ArchiveIterator(file))
    counts = result.manifest.documents
    assert counts["read"] == responses == 990
    assert (counts["quarantined"], counts["unreadable_ranges"]) == (0, 0)
    assert counts["kept"] > 900
    languages = {row["language"]: row["read"] for row in result.manifest.funnel}
    assert languages["deu_Latn"] > 600
    assert languages["eng_Latn"] > 150
    assert verify(str(tmp_path / "out")) == []


def test_every_archive_and_every_json_file(realdata: Path, tmp_path: Path) -> None:
    """Odd, old, damaged and foreign files in one run: nothing raises, and what could not be read is named."""
    config = write_config(
        tmp_path,
        {
            "warc": {"format": "warc", "paths": [str(realdata / "warc" / "**" / "*arc*")]},
            "c4": {"format": "c4", "paths": [str(realdata / "web_json" / "**" / "*.json.gz")]},
        },
    )
    result = run_config(config, engine=Engine(runner="local", workers=2))
    counts = result.manifest.documents
    c4 = [row for row in result.manifest.funnel if row["source"] == "c4"]
    assert sum(row["read"] for row in c4) == 1000
    assert sum(row["kept"] for row in c4) > 700
    assert counts["read"] == counts["kept"] + counts["dropped"] + counts["quarantined"]
    places = [row for batch in Corpus.open(str(tmp_path / "out")).quarantine() for row in batch.to_pylist()]
    assert {"member_truncated", "compression_unsupported"} <= {row["reason"] for row in places}
    assert all(row["file"] and row["detail"] for row in places)
    assert verify(str(tmp_path / "out")) == []
