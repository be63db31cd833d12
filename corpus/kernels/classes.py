"""Classes of code points, as the tables of `unicode.npz` hold them and the kernels compare them.

The numbers are in an order that makes the two questions of the word scanner one comparison each: a word begins with a
class of at least `NUMBER` and goes on with a class of at least `MARK` (see `corpus.kernels.segment`).
"""

from __future__ import annotations

#: Controls, unassigned and private code points, surrogates, ZERO WIDTH SPACE; also every byte that is not UTF-8.
OTHER = 0
#: The property White_Space of the Unicode character database, but for the line feed.
WHITE_SPACE = 1
#: U+000A alone: other breaks are white space (see `next_line` for the carriage return).
LINE_BREAK = 2
#: General category P*, but for the joiners.
PUNCTUATION = 3
#: General category S*.
SYMBOL = 4
#: Apostrophes, hyphens and middle dots that hold a word together: `JOINERS`.
JOINER = 5
#: General category M* and Cf, but for ZERO WIDTH SPACE: what UAX #29, rule WB4, lets extend the character before it.
MARK = 6
#: General category N*.
NUMBER = 7
#: General category L* of scripts that put space between words.
LETTER = 8
#: Letters of `SPACELESS` scripts, and the Han signs of other categories that stand for letters.
SPACELESS_LETTER = 9

#: Code points of class `JOINER`, and the plain form under which folded words compare.
JOINERS = {
    0x0027: 0x27,  # APOSTROPHE
    0x2019: 0x27,  # RIGHT SINGLE QUOTATION MARK, the typographic apostrophe
    0x02BC: 0x27,  # MODIFIER LETTER APOSTROPHE
    0x002D: 0x2D,  # HYPHEN-MINUS
    0x2010: 0x2D,  # HYPHEN
    0x2011: 0x2D,  # NON-BREAKING HYPHEN
    0x00B7: 0xB7,  # MIDDLE DOT (Catalan)
    0x2027: 0xB7,  # HYPHENATION POINT
}

#: Scripts that write no space between words, by the words that begin the names of their letters.
SPACELESS = {
    "Han": ("CJK UNIFIED IDEOGRAPH", "CJK COMPATIBILITY IDEOGRAPH", "IDEOGRAPHIC", "VERTICAL IDEOGRAPHIC"),
    "Hiragana": ("HIRAGANA", "HENTAIGANA"),
    "Katakana": ("KATAKANA", "HALFWIDTH KATAKANA"),
    "Thai": ("THAI",),
    "Lao": ("LAO",),
    "Khmer": ("KHMER",),
    "Myanmar": ("MYANMAR",),
}

#: Code points share a block of the two-stage tables if they agree in all but their last `BLOCK_BITS` bits.
BLOCK_BITS = 8
#: Blocks of the code space, which is the length of a table's first stage.
BLOCKS = 0x110000 >> BLOCK_BITS
