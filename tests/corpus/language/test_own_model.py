"""Models of the user's by path: trained by fastText, written to disk, and taken through the real loading."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.errors import CorpusError
from corpus.language import Identification, Identifier
from tests.corpus.language.conftest import Train
from tests.corpus.language.sentences import SENTENCES

CODES = {"de": "deu_Latn", "fr": "fra_Latn", "pl": "pol_Latn", "mt": "mlt_Latn"}


@pytest.fixture(scope="module")
def by_code(train: Train) -> Path:
    """Its labels are plain codes, its training text is in lower case."""
    return train("codes.bin", {code: SENTENCES[tag].lower() for code, tag in CODES.items()})


@pytest.fixture(scope="module")
def by_tag(train: Train) -> Path:
    """Its labels are tags; two of them are one language and script to us, and one is no language."""
    texts = {tag: SENTENCES[tag] for tag in CODES.values()}
    texts |= dict.fromkeys(("zho_Hans", "zho_Hant"), "孩子 河 网 鱼 看 早") | {"zxx_Zzzz": "<div> </div> foo() bar()"}
    return train("tags.bin", texts)


def test_a_model_of_plain_codes_takes_the_place_of_lid176(by_code: Path) -> None:
    own = Identifier(model=by_code)
    assert [found.tag for found in own.identify_many([SENTENCES[tag] for tag in CODES.values()])] == [*CODES.values()]
    assert set(own.models) == {"fasttext codes.bin", "py3langid"}


def test_a_model_of_plain_codes_sees_lower_case(by_code: Path) -> None:
    own = Identifier(model=by_code)
    texts = [SENTENCES[tag] for tag in CODES.values()]
    assert own.identify_many([text.upper() for text in texts]) == own.identify_many(texts)


def test_where_a_model_of_plain_codes_is_not_sure_py3langid_helps(by_code: Path) -> None:
    """It was never shown Greek; the fusion knows it."""
    [found] = Identifier(model=by_code).identify_many([SENTENCES["ell_Grek"]])
    assert found.tag == "ell_Grek"


def test_a_model_of_tags_is_taken_alone(by_tag: Path) -> None:
    own = Identifier(model=by_tag)
    assert [found.tag for found in own.identify_many([SENTENCES[tag] for tag in CODES.values()])] == [*CODES.values()]
    assert set(own.models) == {"fasttext tags.bin"}
    [found] = own.identify_many([SENTENCES["ell_Grek"]])
    assert found.tag != "ell_Grek", "what it does not know, nothing else tells it"


def test_labels_that_are_one_tag_share_its_probability(by_tag: Path) -> None:
    """Simplified and traditional Chinese, half each, would both stay below the threshold."""
    [found] = Identifier(model=by_tag).identify_many(["孩子 河 网 鱼 看 早"])
    assert found.tag == "cmn_Hani"
    assert found.score > 0.8
    names = [tag for tag, _ in found.candidates]
    assert len(set(names)) == len(names)


def test_the_label_for_no_language_is_no_language(by_tag: Path) -> None:
    [found] = Identifier(model=by_tag).identify_many(["<div> </div> foo() bar()"])
    assert found == Identification("und", 0.0, ())


def test_a_quantized_model_is_as_good_a_file(train: Train) -> None:
    path = train("tags.ftz", {tag: SENTENCES[tag] for tag in CODES.values()}, quantized=True)
    [found] = Identifier(model=path).identify_many([SENTENCES["deu_Latn"]])
    assert found.tag == "deu_Latn"


def test_answers_hold_in_every_batch_and_order(by_code: Path, by_tag: Path) -> None:
    texts = [*SENTENCES.values(), "", "42"]
    for path in (by_code, by_tag):
        own = Identifier(model=path)
        alone = [own.identify_many([text])[0] for text in texts]
        assert own.identify_many(texts) == alone
        assert own.identify_many(texts[::-1]) == alone[::-1]


def test_the_fingerprint_knows_the_content_of_the_model_and_not_its_folder(by_code: Path, tmp_path: Path) -> None:
    content = by_code.read_bytes()
    (tmp_path / "codes.bin").write_bytes(content)
    assert Identifier(model=tmp_path / "codes.bin").fingerprint == Identifier(model=by_code).fingerprint
    changed = tmp_path / "changed" / "codes.bin"
    changed.parent.mkdir()
    changed.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert Identifier(model=changed).fingerprint != Identifier(model=by_code).fingerprint


def test_word_vectors_are_no_classifier(train: Train) -> None:
    path = train("vectors.bin", {"de": SENTENCES["deu_Latn"]}, supervised=False)
    with pytest.raises(CorpusError, match=r"vectors\.bin is no fastText classifier"):
        Identifier(model=path).identify_many(["Haus"])


def test_a_download_that_broke_off_is_refused(by_tag: Path, tmp_path: Path) -> None:
    """fastText itself would answer from what there is, or crash."""
    path = tmp_path / "half.bin"
    path.write_bytes(by_tag.read_bytes()[:-1])
    with pytest.raises(CorpusError, match=r"half\.bin is no fastText classifier: it is truncated"):
        Identifier(model=path).identify_many(["Haus"])
