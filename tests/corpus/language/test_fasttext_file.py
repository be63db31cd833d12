"""Telling whole model files from broken ones without loading them."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.language.fasttext_file import check_complete
from corpus.language.lid176 import embedded_model_path
from tests.corpus.language.conftest import Train
from tests.corpus.language.sentences import SENTENCES

TEXTS = {tag: SENTENCES[tag] for tag in ("deu_Latn", "fra_Latn", "mlt_Latn")}


@pytest.fixture(scope="module")
def whole(train: Train, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of four files, 0 to 3: a dense model, a quantized one, word vectors, and lid.176, whose dictionary is pruned."""
    paths = [train("whole.bin", TEXTS), train("whole.ftz", TEXTS, quantized=True)]
    paths += [train("whole.vec.bin", TEXTS, supervised=False), embedded_model_path()]
    folder = tmp_path_factory.mktemp("whole")
    for number, path in enumerate(paths):
        (folder / str(number)).write_bytes(path.read_bytes())
    return folder


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files") / "model.bin"


@pytest.mark.parametrize("number", range(4))
def test_whole_files_are_accepted(whole: Path, number: int) -> None:
    check_complete(whole / str(number))


@pytest.mark.parametrize("number", range(4))
def test_one_missing_byte_is_noticed(whole: Path, place: Path, number: int) -> None:
    """So the walk ends exactly where the file does."""
    place.write_bytes((whole / str(number)).read_bytes()[:-1])
    with pytest.raises(ValueError, match="truncated"):
        check_complete(place)


@given(number=st.integers(0, 3), share=st.floats(0, 1, exclude_max=True))
def test_a_file_cut_anywhere_is_refused(whole: Path, place: Path, number: int, share: float) -> None:
    content = (whole / str(number)).read_bytes()
    place.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(ValueError, match=r"it is (truncated|too short)"):
        check_complete(place)


@given(st.binary(max_size=200))
def test_other_files_are_refused(place: Path, content: bytes) -> None:
    place.write_bytes(content)
    with pytest.raises(ValueError, match="it "):
        check_complete(place)


@given(number=st.integers(0, 3), share=st.floats(0, 0.2), noise=st.binary(min_size=1, max_size=64))
def test_damage_in_the_middle_is_refused_or_passes_but_never_crashes(
    whole: Path, place: Path, number: int, share: float, noise: bytes
) -> None:
    content = bytearray((whole / str(number)).read_bytes())
    at = int(len(content) * share)
    content[at : at + len(noise)] = noise
    place.write_bytes(content)
    with contextlib.suppress(ValueError):
        check_complete(place)
