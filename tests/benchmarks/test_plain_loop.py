"""The plain loop is measured with the settings of our own extraction."""

from __future__ import annotations

from typing import Any

import pytest
import trafilatura.core
from peers import plain_loop
from trafilatura.settings import Extractor

from corpus.extract import maintext

PAGE = "<html><body><article><p>" + "A sentence of some length stands here. " * 20 + "</p></article></body></html>"
#: What does not reach the text: our format is the text as it stands, and dates matter only with metadata.
NO_PART = {"format", "date_params", "source", "url"}


def test_its_settings_are_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of trafilatura's options has the value that `corpus.extract` gives it."""
    ours = captured(monkeypatch, maintext, lambda: maintext.main_text(PAGE))
    theirs = captured(monkeypatch, trafilatura.core, lambda: trafilatura.extract(PAGE, **plain_loop.SETTINGS))
    assert settings(ours) == settings(theirs)


def settings(options: Extractor) -> dict[str, Any]:
    return {name: getattr(options, name) for name in Extractor.__slots__ if name not in NO_PART}


def captured(monkeypatch: pytest.MonkeyPatch, module: Any, call: Any) -> Extractor:
    """The options that a call builds with the `Extractor` of a module."""
    made: list[Extractor] = []

    class Recorded(Extractor):  # type: ignore[misc]  # trafilatura is untyped to mypy here
        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            made.append(self)

    with monkeypatch.context() as patch:
        patch.setattr(module, "Extractor", Recorded)
        assert call()
    (options,) = made
    return options
