"""A whole run whose input and output lie on a store without local files."""

from __future__ import annotations

from pathlib import Path

import fsspec

from manifests import Corpus
from manifests.verify import verify
from tests.pipelines.inputs import page, rows, run_config, texts, write_config, write_jsonl, write_warc


def test_input_and_output_on_a_remote_store(memory: str, tmp_path: Path) -> None:
    """The same corpus as from local files, resumed without work, and readable from there."""
    write_warc(
        tmp_path / "a.warc.gz", [(f"https://a.example/{n}", page(text)) for n, text in enumerate(texts("deu_Latn", 3))]
    )
    write_jsonl(tmp_path / "b.jsonl", rows("eng_Latn", 5))
    store = fsspec.filesystem("memory")
    for name in ("a.warc.gz", "b.jsonl"):
        store.pipe_file(f"/store/in/{name}", (tmp_path / name).read_bytes())
    here = {
        "crawl": {"format": "warc", "paths": ["*.warc.gz"]},
        "lines": {"format": "jsonl", "paths": ["*.jsonl"]},
    }
    there = {
        "crawl": {"format": "warc", "paths": [f"{memory}/in/*.warc.gz"]},
        "lines": {"format": "jsonl", "paths": [f"{memory}/in/*.jsonl"]},
    }
    local = run_config(write_config(tmp_path, here))
    config = write_config(tmp_path, there)
    remote = run_config(config, output=f"{memory}/out", split=2_000)
    assert remote.manifest.manifest_hash == local.manifest.manifest_hash
    assert verify(f"{memory}/out") == []
    assert len(Corpus.open(f"{memory}/out")) == 8
    assert not any(run_config(config, output=f"{memory}/out", split=2_000).tasks.values())
