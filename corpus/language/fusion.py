"""Two opinions on a text's language made one: lid.176 and py3langid, in log space."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from corpus.errors import CorpusError
from corpus.language import naive_bayes, serbo_croatian, tags

#: Weights, chosen on treebanks, the declarations of human rights, EU legislation and prompts in the 24 EU languages and
#: their neighbours so that hardly any language loses documents to a threshold that is the same for all.
WEIGHT_LID, WEIGHT_NAIVE_BAYES = 0.3, 1.5
LID_FLOOR = 1e-5  # fastText cuts smaller probabilities off
NAIVE_BAYES_FLOOR = 1e-6  # for languages that py3langid does not know

#: Croatian, Serbian, Bosnian and Serbo-Croatian are one class here; `serbo_croatian` decides inside it.
CLASS = "hbs"
#: Where the rules find nothing, py3langid's odds of Croatian against the rest of the class count twice lid.176's of Croatian
#: against Serbian, and Croatian needs e^-1. Chosen on single sentences, where the rules leave a third
#: to half undecided: .84 of those that are Croatian and .49 of those that are Serbian in Latin script come out right (.65 and
#: .59 by lid.176 alone). Of documents of five sentences, one in twenty or fewer comes here.
_ODDS_NAIVE_BAYES, _ODDS_CROATIAN = 2.0, -1.0

#: Labels that mean something else than the ISO code of the same letters: both models were trained on Wikipedias, whose
#: names they use (als: Alemannic, bh: Bhojpuri), and py3langid splits some languages by variety.
_LABELS: Mapping[str, str] = {"als": "gsw", "bh": "bho", "sh": "hbs", "gug": "grn", "uzs": "uzb"}


@lru_cache(maxsize=4096)
def language_of(label: str) -> str:
    """ISO 639-3 code of a model's label, before classes are formed; the label itself where it is no code."""
    code = _LABELS.get(label, label)
    try:
        return tags.to_tag(code).partition("_")[0]
    except CorpusError:
        return code


def class_of(label: str) -> str:
    """Like `language_of`, with Serbo-Croatian as one class."""
    language = language_of(label)
    return CLASS if language in serbo_croatian.MEMBERS else language


def pool(predicted: Mapping[str, float]) -> dict[str, float]:
    """Probabilities by class, summed over the labels that belong to it."""
    pooled: dict[str, float] = {}
    for label, probability in predicted.items():
        name = class_of(label)
        pooled[name] = pooled.get(name, 0.0) + probability
    return pooled


def leans_croatian(line: str, predicted: Mapping[str, float]) -> bool:
    """Croatian rather than Serbian, for a line in Latin script; `predicted` holds lid.176's probabilities by label."""
    model = naive_bayes.load()
    opinion = np.exp(model.log_probabilities([line])[0])
    croatian, others = NAIVE_BAYES_FLOOR, NAIVE_BAYES_FLOOR
    for label, probability in zip(model.classes, opinion.tolist(), strict=True):
        if language_of(label) == "hrv":
            croatian += probability
        elif class_of(label) == CLASS:
            others += probability
    lid = {"hrv": LID_FLOOR, "srp": LID_FLOOR}
    for label, probability in predicted.items():
        if language_of(label) in lid:
            lid[language_of(label)] += probability
    odds = math.log(lid["hrv"] / lid["srp"]) + _ODDS_NAIVE_BAYES * math.log(croatian / others)
    return odds >= _ODDS_CROATIAN


@dataclass(frozen=True, eq=False)
class Fusion:
    """Scores over the union of both models' classes."""

    classes: tuple[str, ...]
    naive_bayes_columns: tuple[tuple[int, ...], ...]  # per class, the columns of py3langid's matrix

    @classmethod
    def of(cls, lid_labels: Sequence[str]) -> Fusion:
        columns: dict[str, list[int]] = {class_of(label): [] for label in lid_labels}
        for column, label in enumerate(naive_bayes.load().classes):
            columns.setdefault(class_of(label), []).append(column)
        names = tuple(sorted(columns))
        return cls(names, tuple(tuple(columns[name]) for name in names))

    def probabilities(self, lines: list[str], pooled: Sequence[Mapping[str, float]]) -> list[dict[str, float]]:
        """Probability of each class for each line, whose pooled lid.176 probabilities are given."""
        opinions = np.exp(naive_bayes.load().log_probabilities(lines))
        return [self._one(row, lid) for row, lid in zip(opinions, pooled, strict=True)]

    def _one(self, opinion: NDArray[np.float64], lid: Mapping[str, float]) -> dict[str, float]:
        second = np.array([sum(opinion[column] for column in columns) for columns in self.naive_bayes_columns])
        first = np.array([lid.get(name, 0.0) for name in self.classes])
        scores = WEIGHT_LID * np.log(np.maximum(first, LID_FLOOR)) + WEIGHT_NAIVE_BAYES * np.log(
            np.maximum(second, NAIVE_BAYES_FLOOR)
        )
        weights = np.exp(scores - scores.max())
        return dict(zip(self.classes, (weights / weights.sum()).tolist(), strict=True))
