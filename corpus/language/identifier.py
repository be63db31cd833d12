"""Language identification: lid.176 where it is sure, fused with py3langid where it is not, rules for Serbo-Croatian.

The first 3,000 characters of a text are lower-cased and put on one line. Where lid.176 gives its best language at least
0.9, that is the answer; else both models are fused (see `fusion`). A model of the user's whose labels are tags (GlotLID,
OpenLID) is taken alone and sees the text in its own case; one whose labels are plain codes takes the place of lid.176.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from corpus.errors import CorpusError
from corpus.language import lid176, naive_bayes, scripts, serbo_croatian, tags
from corpus.language.fusion import CLASS, Fusion, language_of, pool
from corpus.task import fingerprint

#: Version of everything here and in `fusion` and `serbo_croatian` that can change an answer.
RULES_VERSION = 1
#: So much of a text is looked at; more changes no answer and costs time.
MAX_CHARACTERS = 3000
#: Probability from which lid.176 is believed alone.
SURE = 0.9
#: Of a score; the last bits of a sum of exponentials may differ between processors.
DIGITS = 6


@dataclass(frozen=True)
class Identification:
    """The language of a text: tag, probability, and the best languages (this one first) with theirs.

    Text without letters, or that py3langid takes for code and numbers, has the tag `und`, score 0 and no candidates. A
    language decided among Croatian, Serbian and Bosnian has the probability of the three together.
    """

    tag: str
    score: float
    candidates: tuple[tuple[str, float], ...] = ()


NO_LANGUAGE = Identification(tags.UNDETERMINED, 0.0)


@dataclass(frozen=True)
class _Line:
    """What the models see of a text, and how many letters of each script it has."""

    text: str
    letters: Mapping[str, int]


@dataclass(frozen=True)
class Identifier:
    """Names languages. `model` is a fastText model, None the embedded one; `top_k` bounds the candidates.

    Cheap to make and to pickle: models are loaded at first use, once per process. Safe to share between threads. Each text
    is judged by itself, so it gets the same answer in every batch. Missing or unreadable models raise `CorpusError` at
    first use; texts never raise.
    """

    model: Path | None = None
    top_k: int = 3

    def identify_many(self, texts: Sequence[str]) -> list[Identification]:
        """The language of each text, in order."""
        model = self._fasttext()
        tagged = _labels_are_tags(model.labels)
        answers = [NO_LANGUAGE] * len(texts)
        unsure: list[tuple[int, _Line, dict[str, float], dict[str, float]]] = []
        for number, text in enumerate(texts):
            line = _prepare(text, lower=not tagged)
            if line is None:
                continue
            predicted = dict(model.predict(line.text))
            if tagged:
                answers[number] = self._tagged(predicted)
                continue
            pooled = pool(predicted)
            if max(pooled.values(), default=0.0) >= SURE:
                answers[number] = self._answer(line, pooled, predicted)
            else:
                unsure.append((number, line, pooled, predicted))
        if unsure:
            fused = _fusion(model.labels).probabilities([one[1].text for one in unsure], [one[2] for one in unsure])
            for (number, line, _, predicted), probabilities in zip(unsure, fused, strict=True):
                answers[number] = self._answer(line, probabilities, predicted)
        return answers

    @property
    def models(self) -> dict[str, str]:
        """SHA-256 of each model file that is used."""
        model = self._fasttext()
        used = {"fasttext " + model.path.name: model.sha256}
        if not _labels_are_tags(model.labels):
            used["py3langid"] = naive_bayes.load().sha256
        return used

    @property
    def fingerprint(self) -> str:
        """Changes with the models and with our rules."""
        return fingerprint("language", RULES_VERSION, self.models, self.top_k)

    def _fasttext(self) -> lid176.FastTextModel:
        return lid176.load(self.model or lid176.embedded_model_path())

    def _answer(self, line: _Line, classes: Mapping[str, float], predicted: Mapping[str, float]) -> Identification:
        best = sorted(classes.items(), key=lambda pair: (-pair[1], pair[0]))[: self.top_k]
        candidates = tuple((_tag(name, line, predicted), round(min(score, 1.0), DIGITS)) for name, score in best)
        if not candidates or candidates[0][0] == tags.UNDETERMINED:
            return NO_LANGUAGE
        return Identification(*candidates[0], candidates)

    def _tagged(self, predicted: Mapping[str, float]) -> Identification:
        best = sorted(predicted.items(), key=lambda pair: (-pair[1], pair[0]))[: self.top_k]
        candidates = tuple((label, round(score, DIGITS)) for label, score in best)
        return Identification(*candidates[0], candidates) if candidates else NO_LANGUAGE


@cache
def identifier(model: str | None = None) -> Identifier:
    """The process's identifier for a model path, None for the embedded model."""
    return Identifier(None if model is None else Path(model))


def identify(texts: Sequence[str]) -> list[tuple[str, float]]:
    """Tag (`deu_Latn`) and probability of each text, by the embedded models."""
    return [(found.tag, found.score) for found in identifier().identify_many(texts)]


@lru_cache(maxsize=8)
def _fusion(labels: tuple[str, ...]) -> Fusion:
    return Fusion.of(labels)


def _labels_are_tags(labels: Sequence[str]) -> bool:
    return all(tags.is_tag(label) for label in labels)


def _prepare(text: str, *, lower: bool) -> _Line | None:
    """One line without lone surrogates; None where there is no letter to tell a language by."""
    line = " ".join(text[:MAX_CHARACTERS].encode("utf-8", "replace").decode().split())
    letters = scripts.script_counts(line)
    if not letters:
        return None
    return _Line(line.lower() if lower else line, letters)


def _tag(name: str, line: _Line, predicted: Mapping[str, float]) -> str:
    """Tag of a class: its language, in the script that the text is written in."""
    language = _south_slavic(line, predicted) if name == CLASS else name
    if language in (tags.UNDETERMINED, "zxx"):
        return tags.UNDETERMINED
    try:
        script = scripts.choose_script(line.letters, tags.scripts_of(language))
    except (CorpusError, LookupError, ValueError):
        script = scripts.dominant(line.letters)
    return f"{language}_{script}"


def _south_slavic(line: _Line, predicted: Mapping[str, float]) -> str:
    """`hrv`, `srp` or `hbs`: Cyrillic is Serbian, else words decide, else what lid.176 prefers."""
    if scripts.dominant(line.letters) == "Cyrl":
        return "srp"
    decided = serbo_croatian.decide(serbo_croatian.evidence(line.text))
    if decided is not None:
        return decided
    votes = {"hrv": 0.0, "srp": 0.0}
    for label, probability in predicted.items():
        if language_of(label) in votes:
            votes[language_of(label)] += probability
    return "hrv" if votes["hrv"] >= votes["srp"] else "srp"
