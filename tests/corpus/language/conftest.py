"""fastText models trained here, small enough to be made in a moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

Train = Callable[..., Path]


@pytest.fixture(scope="session")
def train(tmp_path_factory: pytest.TempPathFactory) -> Train:
    """`train(name, {label: text}, quantized=False, supervised=True)`: the path of a model file, made by fastText itself."""
    import fasttext

    folder = tmp_path_factory.mktemp("fasttext")
    # One thread leaves nine tenths of the input matrix uninitialised in fastText 0.9: twelve fill all of it.
    common: dict[str, Any] = {"dim": 8, "minn": 2, "maxn": 4, "bucket": 2000, "thread": 12, "verbose": 0}

    def trained(name: str, texts: Mapping[str, str], *, quantized: bool = False, supervised: bool = True) -> Path:
        path, lines = folder / name, folder / f"{name}.txt"
        rows = [f"__label__{label} {text}" for label, text in texts.items()]
        lines.write_text("\n".join(rows * 40) + "\n", encoding="utf-8")
        if supervised:
            model = fasttext.train_supervised(str(lines), epoch=40, lr=0.5, **common)
        else:
            model = fasttext.train_unsupervised(str(lines), epoch=1, minCount=1, **common)
        if quantized:
            model.quantize(input=str(lines), qnorm=True, dsub=3)
        model.save_model(str(path))
        return path

    return trained
