"""Language tags from the codes that sources write."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import CorpusError
from corpus.language import tags

#: The languages of mC4 (multilingual C4, version 3.0.1 of the TensorFlow data set `c4`), as its file names spell them.
MC4 = """
af am ar az be bg bg-Latn bn ca ceb co cs cy da de el el-Latn en eo es et eu fa fi fil fr fy ga gd gl gu ha haw hi
hi-Latn hmn ht hu hy id ig is it iw ja ja-Latn jv ka kk km kn ko ku ky la lb lo lt lv mg mi mk ml mn mr ms mt my ne
nl no ny pa pl ps pt ro ru ru-Latn sd si sk sl sm sn so sq sr st su sv sw ta te tg th tr uk und ur uz vi xh yi yo zh
zh-Latn zu
"""


@pytest.mark.parametrize(
    ("code", "tag"),
    [
        ("de", "deu_Latn"),
        ("DE", "deu_Latn"),
        ("deu", "deu_Latn"),
        ("ger", "deu_Latn"),
        ("de-AT", "deu_Latn"),
        ("de_AT", "deu_Latn"),
        ("deu_Latn", "deu_Latn"),
        ("mt", "mlt_Latn"),
        ("el", "ell_Grek"),
        ("bg", "bul_Cyrl"),
        ("ga", "gle_Latn"),
        ("iw", "heb_Hebr"),
        ("no", "nob_Latn"),
        ("nb", "nob_Latn"),
        ("zh", "cmn_Hani"),
        ("zh-TW", "cmn_Hani"),
        ("zh-Latn", "cmn_Latn"),
        ("ja", "jpn_Jpan"),
        ("ko", "kor_Hang"),
        ("ar", "arb_Arab"),
        ("sr", "srp_Cyrl"),
        ("sr-Latn", "srp_Latn"),
        ("sh", "hbs_Latn"),
        ("sh-Cyrl", "hbs_Cyrl"),
        ("cnr", "cnr_Latn"),
        ("cnr-Cyrl", "cnr_Cyrl"),
        ("ekk_Latn", "est_Latn"),
        ("lvs_Latn", "lav_Latn"),
        ("und", "und"),
        ("zxx", "und"),
    ],
)
def test_every_spelling_of_a_language_gives_its_tag(code: str, tag: str) -> None:
    assert tags.to_tag(code) == tag


def test_a_script_that_is_given_wins_over_the_subtag_and_the_default() -> None:
    assert tags.to_tag("sr", "Latn") == "srp_Latn"
    assert tags.to_tag("sr-Latn", "cyrl") == "srp_Cyrl"


@pytest.mark.parametrize("code", ["", " ", "x", "c", "xx", "not a code", "de-", "é", "zzzzzz", "de\x00"])
def test_what_is_no_code_is_refused_with_an_example(code: str) -> None:
    with pytest.raises(CorpusError, match=f"{re.escape(repr(code))} is no language code; write ISO 639-1"):
        tags.to_tag(code)


def test_a_wrong_script_is_refused() -> None:
    with pytest.raises(CorpusError, match="'Latin', given with the language 'de', is no script"):
        tags.to_tag("de", "Latin")


@given(st.text(max_size=12) | st.from_regex(r"[a-z]{2,3}([-_][A-Za-z]{2,4}){0,2}", fullmatch=True))
def test_any_text_gives_a_tag_or_a_clear_refusal(code: str) -> None:
    """And what is a tag stays what it is."""
    try:
        tag = tags.to_tag(code)
    except CorpusError:
        return
    assert tags.is_tag(tag)
    assert tags.to_tag(tag) == tag


def test_parse_is_the_inverse_of_writing() -> None:
    assert tags.parse("deu_Latn") == ("deu", "Latn")
    assert tags.parse("und") == ("und", "Zyyy")
    for wrong in ("de", "deu", "deu-Latn", "deu_latn", "deu_Latn ", "DEU_Latn", "deu_Latn\n", ""):
        assert not tags.is_tag(wrong)
        with pytest.raises(CorpusError, match="is no language tag"):
            tags.parse(wrong)


@pytest.mark.parametrize(
    ("path", "tag"),
    [
        ("c4-mt.tfrecord-00000-of-00001.json.gz", "mlt_Latn"),
        ("multilingual/c4-de.tfrecord-00011-of-02048.json.gz", "deu_Latn"),
        ("multilingual/c4-de-validation.tfrecord-00000-of-00016.json.gz", "deu_Latn"),
        ("s3://bucket/multilingual/c4-iw.tfrecord-00000-of-00001.json.gz", "heb_Hebr"),
        ("c4-zh-Latn.tfrecord-00000-of-00016.json.gz", "cmn_Latn"),
        ("c4-no.tfrecord-00000-of-00512.json.gz", "nob_Latn"),
        ("c4-und.tfrecord-00000-of-32768.json.gz", "und"),
        ("c4-train.00000-of-01024.json.gz", "eng_Latn"),
        ("en/c4-validation.00007-of-00008.json.gz", "eng_Latn"),
        ("en.noblocklist\\c4-train.00000-of-01024.json.gz", "eng_Latn"),
        ("c4-train.json.gz", None),
        ("c4-xx.tfrecord-00000-of-00001.json.gz", None),
        ("de/part-00000-of-00001.json.gz", None),
        ("c4-de/part.json.gz", None),
        ("", None),
    ],
)
def test_c4_names_state_their_language(path: str, tag: str | None) -> None:
    assert tags.from_c4_filename(path) == tag


@pytest.mark.parametrize(
    "layout", ["c4-{}.tfrecord-00000-of-00008.json.gz", "c4-{}-validation.tfrecord-0-of-1.json.gz"]
)
@pytest.mark.parametrize("code", MC4.split())
def test_every_language_of_mc4_has_a_tag(code: str, layout: str) -> None:
    """In both of its splits; a script that the name states is the tag's."""
    tag = tags.from_c4_filename("multilingual/" + layout.format(code))
    assert tag is not None
    assert tag == tags.to_tag(code)
    assert (tag == "und") == (code == "und")
    assert tag.endswith("_Latn") or not code.endswith("-Latn")


def test_languages_of_mc4_keep_apart() -> None:
    """Two codes with one tag would mix two sources into one stream."""
    assert len({tags.to_tag(code) for code in MC4.split()}) == len(MC4.split())


@given(st.text(max_size=40))
def test_any_file_name_is_read_without_failure(path: str) -> None:
    tag = tags.from_c4_filename(path)
    assert tag is None or tags.is_tag(tag)


def test_names_are_for_the_languages_with_profiles_in_their_usual_script() -> None:
    assert tags.name("deu_Latn") == "German"
    assert tags.name("ell_Grek") == "Greek"
    assert tags.name("deu_Cyrl") == "deu_Cyrl"
    assert tags.name("rus_Cyrl") == "rus_Cyrl"
    assert tags.name("und") == "und"
