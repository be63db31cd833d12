"""The version that fingerprints carry."""

from __future__ import annotations

from importlib.metadata import version

from corpus.extract import EXTRACT_VERSION


def test_names_all_that_the_text_depends_on() -> None:
    assert EXTRACT_VERSION.split("+")[0].isdigit()
    for package in ("trafilatura", "lxml", "justext"):
        assert f"{package}-{version(package)}" in EXTRACT_VERSION
