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
from corpus.language.fusion import CLASS, Fusion, leans_croatian, pool
from corpus.task import fingerprint

#: Version of everything here, in `fusion` and in `tags` that can change an answer.
RULES_VERSION = 3
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
_NOTHING = frozenset({tags.UNDETERMINED, "zxx"})


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

    def __post_init__(self) -> None:
        if self.top_k < 1:
            raise CorpusError(f"language identification: top_k is {self.top_k}; give 1 or more")

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
        versions = [RULES_VERSION, scripts.VERSION, serbo_croatian.VERSION]
        return fingerprint("language", versions, self.models, self.top_k)

    def _fasttext(self) -> lid176.FastTextModel:
        return lid176.load(self.model or lid176.embedded_model_path())

    def _answer(self, line: _Line, classes: Mapping[str, float], predicted: Mapping[str, float]) -> Identification:
        best = _best_possible(classes, line, self.top_k)
        if not best or best[0][0] in _NOTHING:
            return NO_LANGUAGE
        names = [name for name, _ in best]
        if names[0] == CLASS:  # the runner-up is not worth the rules; as a candidate it is the class
            names[0] = _south_slavic(line, predicted)
        candidates = tuple((_tag(name, line), score) for name, (_, score) in zip(names, best, strict=True))
        return Identification(*candidates[0], candidates)

    def _tagged(self, predicted: Mapping[str, float]) -> Identification:
        """The model's own tags, in our spelling: some write `ekk_Latn` for `est_Latn`, `zxx_Zzzz` for no language.

        Labels that are one tag to us (`zho_Hans`, `zho_Hant`) share its probability, or Chinese would lose to a threshold.
        """
        pooled: dict[str, float] = {}
        for label, probability in predicted.items():
            tag = _own_spelling(label)
            pooled[tag] = pooled.get(tag, 0.0) + probability
        best = sorted(pooled.items(), key=lambda pair: (-pair[1], pair[0]))[: self.top_k]
        candidates = tuple((tag, round(min(score, 1.0), DIGITS)) for tag, score in best)
        if not candidates or candidates[0][0] == tags.UNDETERMINED:
            return NO_LANGUAGE
        return Identification(*candidates[0], candidates)


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


def _best_possible(classes: Mapping[str, float], line: _Line, top_k: int) -> list[tuple[str, float]]:
    """The best classes with their probabilities, without those that are never written in the text's script.

    Every language is written in Latin letters by someone; so this concerns text in other scripts alone, where n-gram models
    may answer with any language (Han characters only: Korean). What the impossible ones had is spread over the rest.
    """
    latin = scripts.dominant(line.letters) == "Latn"
    best: list[tuple[str, float]] = []
    impossible = 0.0
    for name, probability in sorted(classes.items(), key=lambda pair: (-pair[1], pair[0])):
        if latin or name in _NOTHING or scripts.occurs(line.letters, _scripts_of(name)):
            best.append((name, probability))
        else:
            impossible += probability
        if len(best) == top_k:
            break
    rest = max(1.0 - impossible, sum(probability for _, probability in best))
    if rest <= 0.0:
        return []
    return [
        (name, round(min(probability / rest if impossible else probability, 1.0), DIGITS)) for name, probability in best
    ]


def _tag(name: str, line: _Line) -> str:
    """Tag of a language, in the script that the text is written in."""
    if name in _NOTHING:
        return tags.UNDETERMINED
    return f"{name}_{scripts.choose_script(line.letters, _scripts_of(name))}"


@lru_cache(maxsize=4096)
def _scripts_of(language: str) -> tuple[str, ...]:
    try:
        return tags.scripts_of(language)
    except (LookupError, ValueError):  # a label of a model of the user's that is no code
        return ("Latn",)


@lru_cache(maxsize=4096)
def _own_spelling(label: str) -> str:
    try:
        return tags.to_tag(label)
    except CorpusError:
        return label


def _south_slavic(line: _Line, predicted: Mapping[str, float]) -> str:
    """`hrv`, `srp` or `hbs`: Cyrillic is Serbian, else words decide, else what the models lean to."""
    if scripts.dominant(line.letters) == "Cyrl":
        return "srp"
    decided = serbo_croatian.decide(serbo_croatian.evidence(line.text))
    if decided is not None:
        return decided
    return "hrv" if leans_croatian(line.text, predicted) else "srp"
