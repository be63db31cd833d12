"""Hostile input costs only itself: each kind ends as a quarantine row, and everything good beside it is kept."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from corpus.errors import CorpusError
from manifests import Corpus
from manifests.verify import verify
from tests.pipelines.inputs import page, rows, run_config, texts, write_config, write_jsonl, write_warc

pytestmark = pytest.mark.slow

Spoil = Callable[[Path], None]


def _truncated_gzip(folder: Path) -> None:
    write_warc(folder / "bad.warc.gz", [("https://bad.example/1", page("x " * 5000))])
    data = (folder / "bad.warc.gz").read_bytes()
    (folder / "bad.warc.gz").write_bytes(data[: len(data) // 2])


def _wrong_content_length(folder: Path) -> None:
    record = (
        b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://bad.example/\r\nWARC-Date: 2024-01-01T00:00:00Z\r\n"
        b"WARC-Record-ID: <urn:uuid:1>\r\nContent-Type: application/http\r\nContent-Length: 99999\r\n\r\n"
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>short</p>\r\n\r\n"
    )
    (folder / "bad.warc.gz").write_bytes(gzip.compress(record))


def _no_http(folder: Path) -> None:
    body = b"\x00\x01 this is no HTTP \xff"
    record = (
        b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://bad.example/\r\nWARC-Date: 2024-01-01T00:00:00Z\r\n"
        b"WARC-Record-ID: <urn:uuid:2>\r\nContent-Type: application/http; msgtype=response\r\nContent-Length: %d\r\n\r\n"
        % len(body)
    )
    (folder / "bad.warc.gz").write_bytes(gzip.compress(record + body + b"\r\n\r\n"))


def _empty(folder: Path) -> None:
    (folder / "bad.warc.gz").write_bytes(b"")


def _not_warc(folder: Path) -> None:
    (folder / "bad.warc.gz").write_bytes(gzip.compress(b"hello " * 1000))


def _noise(folder: Path) -> None:
    (folder / "bad.warc.gz").write_bytes(bytes(range(256)) * 50)


def _folder(folder: Path) -> None:
    (folder / "bad.warc.gz").mkdir()


def _deep(folder: Path) -> None:
    write_warc(folder / "bad.warc.gz", [("https://bad.example/deep", b"<div>" * 200_000 + b"deep")])


def _bomb(folder: Path) -> None:
    write_warc(folder / "bad.warc.gz", [("https://bad.example/bomb", b"<p>" + b"a" * (90 << 20))])


@pytest.mark.parametrize(
    "spoil",
    [_truncated_gzip, _wrong_content_length, _no_http, _empty, _not_warc, _noise, _folder, _deep, _bomb],
    ids=lambda spoil: spoil.__name__.strip("_"),
)
def test_a_bad_warc_costs_itself(tmp_path: Path, spoil: Spoil) -> None:
    good = [(f"https://good.example/{n}", page(text)) for n, text in enumerate(texts("deu_Latn", 3))]
    write_warc(tmp_path / "crawl" / "good.warc.gz", good)
    spoil(tmp_path / "crawl")
    config = write_config(tmp_path, {"crawl": {"format": "warc", "paths": ["crawl/*"]}})
    result = run_config(config)
    assert result.manifest.documents["kept"] == 3
    rows = [row for batch in Corpus.open(str(tmp_path / "out")).quarantine() for row in batch.to_pylist()]
    assert rows, "it must be said what was lost"
    for row in rows:
        assert row["file"] == "bad.warc.gz"
        assert row["reason"]
        assert row["detail"]
        assert row["position"] >= 0
    assert verify(str(tmp_path / "out")) == []


LINES: dict[str, bytes] = {
    "invalid_json": b'{"text": "broken\n',
    "lone_surrogate": b'{"text": "half a pair \\ud83d here", "url": "https://bad.example/"}\n',
    "invalid_utf8": b'{"text": "\xff\xfe", "url": "https://bad.example/"}\n',
    "not_an_object": b"[1, 2, 3]\n",
    "text_is_a_number": b'{"text": 17}\n',
    "no_text": b'{"url": "https://bad.example/"}\n',
    "deep_json": b"[" * 100_000 + b"\n",
}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES.keys())
@pytest.mark.parametrize("format", ["c4", "jsonl"])
def test_a_bad_line_costs_itself(tmp_path: Path, line: bytes, format: str) -> None:
    good = [json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows("eng_Latn", 3)]
    (tmp_path / "x.json").write_bytes(good[0] + line + good[1] + good[2])
    config = write_config(tmp_path, {"lines": {"format": format, "paths": ["x.json"]}})
    result = run_config(config)
    assert result.manifest.documents["kept"] == 3
    assert result.manifest.documents["quarantined"] == 1
    (row,) = (row for batch in Corpus.open(str(tmp_path / "out")).quarantine() for row in batch.to_pylist())
    assert row["position"] == len(good[0])


def test_truncated_lines_keep_what_came_before(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "x.json.gz", rows("eng_Latn", 30))
    data = (tmp_path / "x.json.gz").read_bytes()
    (tmp_path / "x.json.gz").write_bytes(data[: -len(data) // 4])
    config = write_config(tmp_path, {"lines": {"format": "c4", "paths": ["x.json.gz"]}})
    counts = run_config(config).manifest.documents
    assert counts["kept"] > 5
    assert counts["unreadable_ranges"] == 1


def test_nul_bytes_and_a_huge_line(tmp_path: Path) -> None:
    """Control characters leave the text; 50 MB in one line are a document like any other."""
    huge = {"text": "word " * 10_000_000, "url": "https://huge.example/"}
    nul = {"text": texts("eng_Latn", 1)[0].replace(" ", " \x00", 5), "url": "https://nul.example/"}
    write_jsonl(tmp_path / "x.jsonl.gz", [huge, nul])
    config = write_config(tmp_path, {"lines": {"format": "jsonl", "paths": ["x.jsonl.gz"]}})
    assert run_config(config).manifest.documents["read"] == 2
    kept = [row for batch in Corpus.open(str(tmp_path / "out")).batches() for row in batch.to_pylist()]
    assert [row["url"] for row in kept] == ["https://nul.example/"]
    assert "\x00" not in kept[0]["text"]


def test_a_file_without_permission_costs_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_jsonl(tmp_path / "in" / "a.jsonl", rows("eng_Latn", 2))
    write_jsonl(tmp_path / "in" / "b.jsonl", rows("eng_Latn", 2))
    allowed = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: not str(path).endswith("b.jsonl") and allowed(path, mode))
    config = write_config(tmp_path, {"lines": {"format": "jsonl", "paths": ["in/*"]}})
    result = run_config(config)
    assert (result.manifest.documents["kept"], result.manifest.documents["unreadable_ranges"]) == (2, 1)


def test_only_unreadable_files_is_an_error_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").mkdir()
    config = write_config(tmp_path, {"lines": {"format": "jsonl", "paths": ["x.jsonl"]}})
    with pytest.raises(CorpusError, match=r"no file can be read: .*x\.jsonl is a folder"):
        run_config(config)
    assert not (tmp_path / "out" / "_work" / "records").exists()


def test_a_page_that_runs_out_of_time_is_a_verdict_that_later_runs_replay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The verdict is written to a file; a run in a fresh working state replays it without trying the page again."""
    good: list[Any] = [(f"https://good.example/{n}", page(text)) for n, text in enumerate(texts("deu_Latn", 2))]
    slow = page("slow " * 2000)
    write_warc(tmp_path / "a.warc.gz", [*good, ("https://slow.example/", slow)])
    config = write_config(tmp_path, {"crawl": {"format": "warc", "paths": ["a.warc.gz"]}})
    import xxhash

    from corpus.extract import Failure, Reason
    from pipelines import run as run_module

    verdict = {xxhash.xxh3_128_hexdigest(slow): Failure(Reason.TIME_OUT, "no result in time")}
    monkeypatch.setattr(run_module, "load_verdicts", lambda space: verdict)
    result = run_config(config)
    assert (result.manifest.documents["kept"], result.manifest.documents["quarantined"]) == (2, 1)
    (row,) = (row for batch in Corpus.open(str(tmp_path / "out")).quarantine() for row in batch.to_pylist())
    assert (row["reason"], row["url"]) == ("time_out", "https://slow.example/")
