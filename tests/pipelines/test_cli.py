"""The command as people and scripts use it: exit status, streams of output, and what each command says."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.pipelines.inputs import page, rows, texts, write_config, write_jsonl, write_warc


def corpus(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "pipelines", *arguments], capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, object]]:
    """A finished corpus and what `run --json` said."""
    folder = tmp_path_factory.mktemp("made")
    pages = [(f"https://a.example/{n}", page(text)) for n, text in enumerate(texts("deu_Latn", 4))]
    pages.append(("https://a.example/short", page("Nur ein kurzer Satz.")))
    write_warc(folder / "a.warc.gz", pages)
    write_jsonl(folder / "c4-de.tfrecord-00000-of-00001.json.gz", rows("deu_Latn", 2, "b.example"))
    config = write_config(
        folder,
        {"crawl": {"format": "warc", "paths": ["a.warc.gz"]}, "c4": {"format": "c4", "paths": ["c4-de*"]}},
    )
    done = corpus("run", str(config), "--runner", "memory", "--json")
    assert done.returncode == 0, done.stderr
    return folder / "out", json.loads(done.stdout.splitlines()[-1])


Made = tuple[Path, dict[str, object]]


@pytest.mark.slow
def test_run_json_keeps_the_contract(made: Made) -> None:
    out, said = made
    assert said["manifest"] == str(out / "manifest.json")
    assert set(said) >= {"manifest", "manifest_hash", "documents", "streams", "seconds"}
    assert said["documents"] == {
        "read": 7, "kept": 4, "dropped": 3, "duplicates": 2, "quarantined": 0, "unreadable_ranges": 0,
    }  # fmt: skip


@pytest.mark.slow
def test_read_prints_json_lines(made: Made) -> None:
    done = corpus("read", str(made[0]), "--stream", "web/deu_Latn", "--limit", "2")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(lines) == 2
    assert set(lines[0]) >= {"id", "text", "language", "source", "origin", "license"}
    unknown = corpus("read", str(made[0]), "--stream", "web/xyz")
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert "there is no stream 'web/xyz'" in unknown.stderr
    assert "web/deu_Latn" in unknown.stderr


@pytest.mark.slow
def test_explain_by_url_and_by_id(made: Made) -> None:
    kept = corpus("explain", str(made[0]), "https://a.example/0")
    assert kept.returncode == 0
    # The crawl and C4 hold the same two articles; one of each pair stays.
    both = kept.stdout + corpus("explain", str(made[0]), "https://b.example/deu_Latn/0").stdout
    assert "kept in web/deu_Latn" in both
    assert "decided by a duplicate that stays" in both
    short = corpus("explain", str(made[0]), "https://a.example/short").stdout
    assert "gopher_quality.min_words" in short
    assert "threshold 50" in short
    identifier = short.split()[0]
    assert corpus("explain", str(made[0]), identifier).stdout == short
    nothing = corpus("explain", str(made[0]), "https://nowhere.example/")
    assert nothing.returncode == 1
    assert "no document with this id or exact URL" in nothing.stderr


@pytest.mark.slow
def test_verify_names_a_flipped_byte(made: Made, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(made[0], copy)
    assert corpus("verify", str(copy)).returncode == 0
    victim = next(copy.glob("shards/**/*.parquet"))
    data = bytearray(victim.read_bytes())
    data[len(data) // 3] ^= 1
    victim.write_bytes(data)
    done = corpus("verify", str(copy))
    assert done.returncode == 1
    assert str(victim.relative_to(copy)) in done.stdout
    assert "bytes changed" in done.stdout


@pytest.mark.slow
def test_status_and_clean(made: Made, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(made[0], copy)
    status = corpus("status", str(copy)).stdout
    assert "read: 2 of 2 tasks done" in status
    assert "running: no" in status
    assert str(made[1]["manifest_hash"]) in status
    assert corpus("clean", str(copy)).stdout.startswith("0 files")
    (copy / "shards" / ".tmp-123").write_text("half")
    assert ".tmp-123" in corpus("clean", str(copy), "--dry-run").stdout
    assert (copy / "shards" / ".tmp-123").exists()
    assert ".tmp-123" in corpus("clean", str(copy)).stdout
    assert corpus("clean", str(copy), "--all").returncode == 0
    assert not list((copy / "_work").rglob("*.parquet"))
    assert corpus("verify", str(copy)).returncode == 0


@pytest.mark.slow
def test_plan_writes_nothing(made: Made, tmp_path: Path) -> None:
    config = made[0].parent / "corpus.yaml"
    done = corpus("plan", str(config), "--output", str(tmp_path / "none"))
    assert done.returncode == 0, done.stderr
    assert "tasks" in done.stdout
    assert "time: about" in done.stdout
    assert "disk: about" in done.stdout
    assert not (tmp_path / "none").exists()


MISTAKES: dict[str, tuple[Sequence[str], str, int]] = {
    "no such config": (("run", "nothing.yaml"), "there is no such configuration file", 2),
    "no such corpus": (("verify", "nothing"), "there is no published corpus here", 1),
    "nothing to read": (("read", "nothing"), "there is no published corpus here", 1),
    "nothing to explain": (("explain", "nothing", "x"), "there is no published corpus here", 1),
    "nothing to clean": (("clean", "nothing"), "no run has been here", 1),
    "no status": (("status", "nothing"), "no run has been here", 1),
    "unknown command": (("curate",), "invalid choice", 2),
}


@pytest.mark.parametrize(("arguments", "message", "status"), MISTAKES.values(), ids=MISTAKES.keys())
def test_mistakes_get_a_message_and_no_traceback(arguments: Sequence[str], message: str, status: int) -> None:
    done = corpus(*arguments)
    assert done.returncode == status
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_wrong_key_is_shown_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "corpus.yaml").write_text("name: x\noutput: out\nsources:\n  a:\n    format: warc\n    pahts: [b]\n")
    done = corpus("run", str(tmp_path / "corpus.yaml"))
    assert done.returncode == 2
    assert "corpus.yaml:6: sources.a.pahts: unknown key 'pahts'; did you mean 'paths'?" in done.stderr
    assert "Traceback" not in done.stderr


def test_schema_is_json_schema_with_formats_and_rules() -> None:
    schema = json.loads(corpus("schema").stdout)
    assert "warc" in schema["$defs"]["SourceConfig"]["properties"]["format"]["enum"]
    assert "min_words" in schema["$defs"]["FiltersConfig"]["properties"]["gopher_quality"]["properties"]
