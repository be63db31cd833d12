"""Texts that kernels must survive: every plane, marks, both directions, repetition, bytes that are no UTF-8."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import strategies as st

#: Pieces that stand next to each other often enough to meet every branch of the word, line and paragraph scanners.
PIECES = [
    *[
        "a",
        "the",
        "The",
        "Ɐ",
        "Ⱥ",
        "İ",
        "ß",
        "9",
        "½",
        "٣",
        "l'",
        "l’eau",
        "ta'",
        "il-kelb",
        "-",
        "‑",
        "·",
        "ʼ",
        "col·lega",
    ],
    *[
        "中",
        "文",
        "々",
        "〇",
        "カ",
        "ー",
        "ไ",
        "ม่",
        "ក្",
        "မြ",
        "한국",
        "שלום",
        "می\u200cخواهم",
        "हिन्दी",
        "e\u0301",
        "\u0301",
    ],
    *[" ", "  ", "\u3000", "\xa0", "\u200b", "\u2028", "\t", "\r", "\n", "\n\n", "\r\n", "\r\n\r\n", "\n \n"],
    *[
        ".",
        "..",
        "...",
        "…",
        "#",
        "•",
        "- ",
        "* ",
        "–",
        "!",
        "€",
        "😀",
        "❤\ufe0f",
        "👩\u200d👩",
        "\x00",
        "\ufeff",
        "\U0010ffff",
    ],
]
#: Bytes that break UTF-8: cut sequences, overlong forms, surrogates, code points past the last, lone bytes.
BROKEN = [
    *[
        b"\xff",
        b"\x80",
        b"\xc3",
        b"\xe2\x80",
        b"\xf0\x9f\x98",
        b"\xf0\x9f",
        b"\xc0\xaf",
        b"\xe0\x80\xaf",
        b"\xf0\x80\x80\xaf",
    ],
    *[b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\xc2", b"\xe1\x80", b"\xf1\x80\x80"],
]

_piece = st.sampled_from(PIECES)
_phrase = st.lists(_piece, min_size=1, max_size=8).map("".join)
#: Strings, many with repeated phrases.
strings = st.one_of(
    st.text(max_size=40),
    st.lists(_piece, max_size=40).map("".join),
    st.lists(_phrase, min_size=1, max_size=3)
    .flatmap(lambda few: st.lists(st.sampled_from(few), max_size=20))
    .map("".join),
)
#: Bytes, valid or not.
byte_strings = st.one_of(
    strings.map(lambda text: text.encode()),
    st.binary(max_size=20),
    st.lists(st.one_of(_piece.map(str.encode), st.sampled_from(BROKEN)), max_size=30).map(b"".join),
)


@st.composite
def batches(draw: st.DrawFn) -> tuple[list[bytes], pa.Array]:
    """Texts, and the Arrow array of just them: often a slice out of a longer one."""
    texts = draw(st.lists(byte_strings, max_size=5))
    before, after = draw(st.lists(byte_strings, max_size=2)), draw(st.lists(byte_strings, max_size=2))
    whole = pa.array([*before, *texts, *after], pa.binary())
    return texts, whole.slice(len(before), len(texts))
