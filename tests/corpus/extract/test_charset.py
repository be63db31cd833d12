"""Character sets: the order of evidence, the meaning of labels, and claims that the bytes contradict."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.extract.charset import Decoded, Evidence, decode

GERMAN = "Die Bürger hören über größere Straßen viel Gutes; „schön“ – sagen die Jäger aus Köln für 5 €."
POLISH = "Zażółć gęślą jaźń, mówił chłopiec, który poszedł na łąkę późną jesienią ze swoją żoną."
ITALIAN = (
    "La città è più bella di così: perché non c'è già libertà? Però la verità è un'altra, e lunedì ci sarà la felicità."
)
LITHUANIAN = "Lietuvių kalba yra viena iš seniausių gyvųjų kalbų, todėl ją tyrinėja daugybė mokslininkų; ačiū už žinią."
RUSSIAN = "Съешь же ещё этих мягких французских булок, да выпей чаю. Москва является столицей Российской Федерации."
CHINESE = "中华人民共和国的首都是北京，人们在那里生活和工作。今天天气很好，我们去公园散步，然后回家吃饭。"
JAPANESE = (
    "東京は日本の首都です。今日は天気がいいので、公園を散歩してから家に帰ってご飯を食べます。カタカナも書きます。"
)


def page(text: str, head: str = "") -> str:
    return f"<html><head>{head}<title>x</title></head><body><p class=a>{text}</p></body></html>"


@pytest.mark.parametrize(
    ("text", "codec", "label", "name"),
    [
        (GERMAN, "cp1252", "iso-8859-1", "windows-1252"),
        (GERMAN, "cp1252", "Latin1", "windows-1252"),
        (POLISH, "iso8859_2", "ISO-8859-2", "iso-8859-2"),
        (RUSSIAN, "cp1251", "windows-1251", "windows-1251"),
        (RUSSIAN, "koi8_r", "koi8-r", "koi8-r"),
        (CHINESE, "gb18030", "gb2312", "gbk"),
        (CHINESE, "big5hkscs", "big5", "big5"),
        (JAPANESE, "cp932", "Shift_JIS", "shift_jis"),
        (JAPANESE, "euc_jp", "euc-jp", "euc-jp"),
        (JAPANESE, "iso2022_jp", "iso-2022-jp", "iso-2022-jp"),
        (GERMAN, "utf-8", "UTF8", "utf-8"),
    ],
)
def test_header_and_meta_labels_mean_what_the_standard_says(text: str, codec: str, label: str, name: str) -> None:
    """Every label is read by the WHATWG table, from the header and from either form of `meta`."""
    if codec == "big5hkscs":
        text = "中華民國的首都是臺北，人們在那裡生活和工作。"
    assert decode(page(text).encode(codec), label) == Decoded(page(text), name, Evidence.HEADER)
    for head in (
        f"<meta charset='{label}'>",
        f'<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset={label}">',
    ):
        whole = page(text, head)
        assert decode(whole.encode(codec)) == Decoded(whole, name, Evidence.META)


def test_characters_only_the_wider_codec_has() -> None:
    """Web pages in `shift_jis` use NEC's additions, those in `gb2312` characters of gb18030."""
    assert "①㈱" in decode(page("①㈱" + JAPANESE).encode("cp932"), "shift_jis").text
    assert "㐀" in decode(page("㐀" + CHINESE).encode("gb18030"), "gb2312").text


@pytest.mark.parametrize(
    ("codec", "bom", "name"),
    [
        ("utf-8", b"\xef\xbb\xbf", "utf-8"),
        ("utf-16-le", b"\xff\xfe", "utf-16le"),
        ("utf-16-be", b"\xfe\xff", "utf-16be"),
    ],
)
def test_byte_order_mark_outranks_all_other_evidence(codec: str, bom: bytes, name: str) -> None:
    """A mark wins over header and meta, and is not part of the text."""
    whole = page(GERMAN, "<meta charset=windows-1251>")
    assert decode(bom + whole.encode(codec), "koi8-r") == Decoded(whole, name, Evidence.BOM)


def test_header_outranks_meta() -> None:
    whole = page(RUSSIAN, "<meta charset=koi8-r>")
    assert decode(whole.encode("cp1251"), "windows-1251") == Decoded(whole, "windows-1251", Evidence.HEADER)


def test_declared_utf8_that_is_not_falls_to_the_next_evidence() -> None:
    """A header's UTF-8 claim on windows-1252 bytes is a lie; the page's own declaration is heard next."""
    whole = page(GERMAN, "<meta charset=iso-8859-1>")
    decoded = decode(whole.encode("cp1252"), "utf-8")
    assert decoded == Decoded(whole, "windows-1252", Evidence.META, ("header:utf-8",))


def test_declared_legacy_set_on_valid_utf8_is_a_lie() -> None:
    whole = page(GERMAN, "<meta charset=iso-8859-1>")
    decoded = decode(whole.encode(), "windows-1252")
    assert decoded == Decoded(whole, "utf-8", Evidence.DETECTION, ("header:windows-1252", "meta:iso-8859-1"))


def test_a_stray_byte_does_not_make_a_page_of_utf8_another_set() -> None:
    """One byte of another set in a long page becomes one U+FFFD, with the declaration believed."""
    html = page(GERMAN * 20, "<meta charset=utf-8>").encode() + b"<p>caf\xe9</p>"
    decoded = decode(html)
    assert (decoded.charset, decoded.evidence, decoded.rejected) == ("utf-8", Evidence.META, ())
    assert decoded.text.count("\ufffd") == 1
    assert "größere Straßen" in decoded.text


def test_a_page_cut_inside_a_character_is_still_utf8() -> None:
    """Crawlers cut pages at a fixed number of bytes."""
    html = ("<p>" + "ü").encode()[:-1]
    assert decode(html, "utf-8").evidence is Evidence.HEADER
    assert decode(("<p>Größe " + "ü").encode()[:-1]).charset == "utf-8"


@pytest.mark.parametrize("label", ["no-such-set", "utf-7", "replacement", "ünïcode", ";;;"])
def test_unknown_and_forbidden_labels_are_rejected(label: str) -> None:
    decoded = decode(page(GERMAN).encode(), label)
    assert decoded == Decoded(page(GERMAN), "utf-8", Evidence.DETECTION, (f"header:{label}",))


def test_rejected_labels_are_kept_as_short_lines_of_valid_unicode() -> None:
    assert decode(b"<p>x", "\ud800\n" + "a" * 100).rejected == ("header:? " + "a" * 38,)


def test_utf16_claims_on_ascii_markup_are_rejected() -> None:
    """From the header because the bytes have no NULs; from meta because it could be read at all (it means UTF-8)."""
    whole = page(GERMAN, "<meta charset=utf-16>")
    assert decode(whole.encode(), "utf-16") == Decoded(whole, "utf-8", Evidence.META, ("header:utf-16",))


@pytest.mark.parametrize(("codec", "name"), [("utf-16-le", "utf-16le"), ("utf-16-be", "utf-16be")])
def test_utf16_without_a_mark_is_detected_by_its_nuls(codec: str, name: str) -> None:
    assert decode(page(RUSSIAN).encode(codec)) == Decoded(page(RUSSIAN), name, Evidence.DETECTION)


@pytest.mark.parametrize(
    ("text", "codec", "name"),
    [
        (GERMAN, "cp1252", "windows-1252"),
        (ITALIAN, "cp1252", "windows-1252"),
        (POLISH, "cp1250", "windows-1250"),
        (POLISH, "iso8859_2", "iso-8859-2"),
        (LITHUANIAN, "cp1257", "windows-1257"),
        (RUSSIAN, "cp1251", "windows-1251"),
        (RUSSIAN, "koi8_r", "koi8-r"),
        (CHINESE * 3, "gb18030", "gb18030"),
        (JAPANESE * 3, "cp932", "shift_jis"),
        (JAPANESE, "iso2022_jp", "iso-2022-jp"),
        (GERMAN, "utf-8", "utf-8"),
        ("plain", "ascii", "utf-8"),
    ],
)
def test_detection_without_any_declaration(text: str, codec: str, name: str) -> None:
    assert decode(page(text).encode(codec)) == Decoded(page(text), name, Evidence.DETECTION)


def test_detection_looks_at_a_sample_of_a_huge_page() -> None:
    """Scripts and markup do not count, however long."""
    whole = page(POLISH * 40, "<script>" + "var x = 1;\n" * 20000 + "</script>")
    assert decode(whole.encode("cp1250")).charset == "windows-1250"


def test_nul_bytes_vanish() -> None:
    assert decode(b"<p>one\0two\0</p>\0", "utf-8").text == "<p>onetwo</p>"


def test_empty_page() -> None:
    assert decode(b"") == Decoded("", "utf-8", Evidence.DETECTION)


@given(st.binary(max_size=400), st.none() | st.text(max_size=20) | st.sampled_from(["utf-16", "gbk", "koi8-r"]))
def test_any_bytes_decode_to_valid_unicode(html: bytes, label: str | None) -> None:
    """Whatever comes in, no exception, no NUL and no lone surrogate comes out, twice the same."""
    decoded = decode(html, label)
    decoded.text.encode()
    assert "\0" not in decoded.text
    assert decode(html, label) == decoded
