"""py3langid's model, walked over by compiled kernels: a byte automaton that emits features, and a naive Bayes table.

The model is the data file of the distribution py3langid 0.4 (BSD-3-Clause; a descendant of langid.py, Lui and Baldwin
2012). Its arrays are used as they are; scores agree with `LanguageIdentifier(norm_probs=True)` of that package to float32
accuracy. Sums run in one fixed order in float64, where the package leaves them to a BLAS whose order depends on the number
of threads.
"""

from __future__ import annotations

import io
import lzma
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.errors import CorpusError
from corpus.language.lid176 import file_sha256

_PACKAGE = "py3langid"
_RESOURCE = Path("data") / "model.npz.xz"


@dataclass(frozen=True, eq=False)
class NaiveBayes:
    """The model's arrays. A class may stand twice in `classes` (two scripts of one language)."""

    classes: tuple[str, ...]
    sha256: str
    log_prior: NDArray[np.float64]  # (classes,)
    log_likelihood: NDArray[np.float16]  # (features, classes)
    next_state: NDArray[np.uint32]  # (rows * 256,)
    row_of_state: NDArray[np.uint32]  # (states,)
    feature_of_state: NDArray[np.int32]  # (states,), -1: the state emits nothing

    def log_probabilities(self, texts: list[str]) -> NDArray[np.float64]:
        """ln p per text and class, shape (texts, classes). Texts have no lone surrogates; each is scored by itself.

        Scores are divided by the square root of the number of bytes before they are normalised, as the package does.
        """
        from corpus.language.automaton import add_rows, walk  # numba: only who identifies pays for it

        encoded = [bytearray(unicodedata.normalize("NFC", text), "utf-8") for text in texts]
        longest = max(map(len, encoded), default=0)
        counts = np.zeros(len(self.log_likelihood), dtype=np.int32)
        features = np.empty(longest, dtype=np.int32)
        found = np.empty(longest, dtype=np.int32)
        out = np.zeros((len(texts), len(self.classes)), dtype=np.float64)
        for data, scores in zip(encoded, out, strict=True):
            distinct = walk(
                np.frombuffer(data, dtype=np.uint8),
                self.next_state,
                self.row_of_state,
                self.feature_of_state,
                counts,
                features,
                found,
            )
            if distinct:
                scores += self.log_prior
                weights = self._log1p(longest)[found[:distinct]]
                add_rows(weights, features[:distinct], self.log_likelihood.view(np.uint16), scores)
                scores /= np.sqrt(len(data))
            scores -= scores.max()
            scores -= np.log(np.exp(scores).sum())
        return out

    def _log1p(self, longest: int) -> NDArray[np.float64]:
        """ln(1 + n) for the counts n that a text of `longest` bytes can reach."""
        if longest < len(self._log1p_table):
            return self._log1p_table
        return np.log1p(np.arange(longest + 1, dtype=np.float64))

    @cached_property
    def _log1p_table(self) -> NDArray[np.float64]:
        return np.log1p(np.arange(1 << 14, dtype=np.float64))


_loaded: list[NaiveBayes] = []
_lock = Lock()


def load() -> NaiveBayes:
    """py3langid's model, loaded once per process however many threads ask. Raises CorpusError where it is not installed."""
    with _lock:
        if not _loaded:
            _loaded.append(_load(model_path()))
        return _loaded[0]


def model_path() -> Path:
    """The model file that py3langid carries. Raises CorpusError with the remedy where it is not installed."""
    spec = find_spec(_PACKAGE)
    for folder in (spec.submodule_search_locations or []) if spec is not None else []:
        path = Path(folder) / _RESOURCE
        if path.is_file():
            return path
    raise CorpusError("the language model of py3langid is not installed: run `pip install 'py3langid==0.4.*'`")


def _load(path: Path) -> NaiveBayes:
    try:
        with np.load(io.BytesIO(lzma.decompress(path.read_bytes())), allow_pickle=False) as arrays:
            return _model(arrays, file_sha256(path))
    except (OSError, lzma.LZMAError, ValueError, KeyError) as error:
        raise CorpusError(
            f"language model {path} is not py3langid 0.4's: {error}; run `pip install --force-reinstall 'py3langid==0.4.*'`"
        ) from error


def _model(arrays: Any, sha256: str) -> NaiveBayes:
    return NaiveBayes(
        classes=tuple(arrays["classes"].tolist()),
        sha256=sha256,
        log_prior=arrays["pc"].astype(np.float64),
        log_likelihood=arrays["ptc"],
        next_state=np.ascontiguousarray(arrays["nextmove"], dtype=np.uint32),
        row_of_state=np.ascontiguousarray(arrays["nextmove_row"], dtype=np.uint32),
        feature_of_state=np.ascontiguousarray(arrays["out_feat"], dtype=np.int32),
    )
