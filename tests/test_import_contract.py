"""What importing loads: reading a corpus needs none of what curating needs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.manifests import corpora

#: NumPy is not among them: pyarrow itself loads it where it is installed.
HEAVY = (
    "apache_beam",
    "numba",
    "trafilatura",
    "lxml",
    "torch",
    "pydantic",
    "yaml",
    "rich",
    "warcio",
    "fasttext",
    "langcodes",
    "orjson",
    "py3langid",
)


def loaded(code: str, *arguments: str) -> set[str]:
    """Heavy packages, and rooms of the project, that a fresh interpreter has loaded after `code`."""
    report = "\nimport json, sys\nprint('\\n' + json.dumps(sorted(sys.modules)), file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", code + report, *arguments], capture_output=True, text=True, check=True, timeout=120
    )
    modules = json.loads(done.stderr.splitlines()[-1])
    return {module.split(".")[0] for module in modules} & {*HEAVY, "filters", "pipelines", "manifests"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    made = str(tmp_path_factory.mktemp("corpus"))
    corpora.usual(made)
    return made


def test_importing_corpus_loads_nothing() -> None:
    assert loaded("import corpus") == set()


def test_importing_manifests_loads_only_manifests() -> None:
    assert loaded("import manifests, manifests.index, manifests.verify, manifests.schema") == {"manifests"}


@pytest.mark.parametrize(
    "code",
    [
        "opened = corpus.open(folder)\nassert sum(batch.num_rows for batch in opened.batches()) == 14",
        "assert corpus.verify(folder) == []",
        "from manifests.index import find\nassert len(find(corpus.open(folder), 'https://example.org/3')) == 1",
        "opened = corpus.Corpus.open(folder)\nassert sum(batch.num_rows for batch in opened.ledger()) == 3",
        "assert issubclass(corpus.CorpusError, Exception)",
    ],
)
def test_reading_a_corpus_loads_only_manifests(folder: str, code: str) -> None:
    assert loaded(f"import sys, corpus\nfolder = sys.argv[1]\n{code}", folder) <= {"manifests"}


@pytest.mark.parametrize(
    "room", ["corpus.document", "corpus.storage", "corpus.errors", "corpus.task", "corpus.sources"]
)
def test_light_part_of_corpus_is_light(room: str) -> None:
    assert loaded(f"import {room}") == set()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["run", "--help"],
        ["read", "FOLDER"],
        ["read", "FOLDER", "--streams"],
        ["verify", "FOLDER"],
    ],
)
def test_reading_commands_do_not_load_beam(folder: str, arguments: list[str]) -> None:
    """Nor anything else of curation: they work with the base dependencies alone."""
    code = """
import contextlib, sys
from pipelines.cli import main
with contextlib.suppress(SystemExit):
    assert main(sys.argv[1:]) == 0
"""
    found = loaded(code, *[argument.replace("FOLDER", folder) for argument in arguments])
    assert found - {"pipelines", "manifests"} == set()


def test_unknown_public_name_is_an_attribute_error() -> None:
    import corpus

    with pytest.raises(AttributeError, match="module 'corpus' has no attribute 'nothing'"):
        corpus.nothing  # noqa: B018
    assert set(corpus.__all__) == {"Corpus", "CorpusError", "open", "verify"}


def test_no_module_of_corpus_filters_or_manifests_names_beam() -> None:
    """Whatever a run loads later: only `pipelines` knows the engine."""
    root = Path(__file__).parents[1]
    for room in ("corpus", "filters", "manifests"):
        for path in (root / room).rglob("*.py"):
            assert "apache_beam" not in path.read_text(encoding="utf-8"), path
