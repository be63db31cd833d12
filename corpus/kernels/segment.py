"""Words, lines and paragraphs of a text, found one after the other; positions are bytes, lengths are code points.

Word
    A maximal run of letters, marks and numbers that begins with a letter or number. One joiner (apostrophe, hyphen,
    middle dot: `classes.JOINERS`) between a character of a word and a letter or number belongs to the word: *l'eau*,
    *Baile-Átha*, *col·lega* are one word each; the apostrophe that ends Maltese *ta'* is left out. Marks
    include the invisible format characters, as in UAX #29 (rule WB4), so Persian words with ZERO WIDTH NON-JOINER stay
    whole; a mark that follows neither (the variation selector of an emoji) is no word.
    In scripts without spaces (Han, Hiragana, Katakana, Thai, Lao, Khmer, Myanmar) each letter with its marks is a word
    by itself, as in the character counts that peers use for Chinese; no joiner joins it.
    All else between white space, such as punctuation and symbols, is no word. Gopher's authors and datatrove split with
    tokenisers of one language each and count emoji and "$" as words; these definitions need no tokeniser.

Line
    Text between line feeds; a carriage return right before the line feed belongs to the break. Blank lines (nothing but
    white space) are not lines. datatrove: split at runs of line feeds.

Paragraph
    Text between two or more consecutive breaks (as they end lines), without the white space at its two ends. Blank ones
    are not paragraphs. datatrove splits the same way, but trims only the two ends of the whole text.
"""

from __future__ import annotations

from .classes import JOINER, LETTER, LINE_BREAK, MARK, NUMBER, SPACELESS_LETTER, WHITE_SPACE
from .compile import kernel
from .tables import CLASSES, Classes, class_of
from .utf8 import BYTES, Bytes, decode

_LINE_FEED = 0x0A
_CARRIAGE_RETURN = 0x0D


@kernel(f"UniTuple(int64, 4)({BYTES}, int64, int64, {CLASSES})")
def next_word(data: Bytes, position: int, stop: int, classes: Classes) -> tuple[int, int, int, int]:
    """The first word in `[position, stop)`, where `position` is the start of the text or the end of the word before.

    Returns start, end, length and how many of its characters are letters; start = end = `stop` where no word is left.
    """
    start, kind, width = position, 0, 0
    while start < stop:
        point, width = decode(data, start, stop)
        kind = class_of(classes, point)
        if kind >= NUMBER:
            break
        start += width
    if start >= stop:
        return stop, stop, 0, 0
    spaceless = kind == SPACELESS_LETTER
    end, characters, letters = start + width, 1, 1 if kind >= LETTER else 0
    while end < stop:
        point, width = decode(data, end, stop)
        kind = class_of(classes, point)
        if kind == MARK:
            end += width
            characters += 1
            continue
        if spaceless:
            break
        joined = 0
        if kind == JOINER and end + width < stop:
            joined = width
            point, width = decode(data, end + joined, stop)
            kind = class_of(classes, point)
        if kind != LETTER and kind != NUMBER:
            break
        end += joined + width
        characters += 2 if joined else 1
        letters += 1 if kind == LETTER else 0
    return start, end, characters, letters


@kernel(f"UniTuple(int64, 6)({BYTES}, int64, int64, {CLASSES})")
def next_line(data: Bytes, position: int, stop: int, classes: Classes) -> tuple[int, int, int, int, int, int]:
    """The first line in `[position, stop)`, where `position` is the start of the text or what the call before gave.

    Returns start, end, length, start and end without white space, and where to go on; start = `stop` if none is left.
    """
    start, end, characters = position, position, 0
    first, last = -1, -1
    while end < stop:
        point, width = decode(data, end, stop)
        kind = class_of(classes, point)
        if kind == LINE_BREAK:
            if first >= 0:
                break
            start, characters = end + width, 0
        elif kind == WHITE_SPACE:
            characters += 1
        else:
            if first < 0:
                first = end
            last = end + width
            characters += 1
        end += width
    if first < 0:
        return stop, stop, 0, stop, stop, stop
    following = end + 1 if end < stop else stop
    if end < stop and data[end - 1] == _CARRIAGE_RETURN:
        end -= 1
        characters -= 1
    return start, end, characters, first, last, following


@kernel(f"UniTuple(int64, 4)({BYTES}, int64, int64, {CLASSES})")
def next_paragraph(data: Bytes, position: int, stop: int, classes: Classes) -> tuple[int, int, int, int]:
    """The first paragraph in `[position, stop)`, where `position` is the start of the text or what the call before gave.

    Returns start, end, length and where to go on; start = end = `stop` where none is left.
    """
    start, end = -1, position
    characters, length = 0, 0  # since `start`: of all, and up to `end`
    breaks = 0
    while position < stop and breaks < 2:
        point, width = decode(data, position, stop)
        kind = class_of(classes, point)
        ahead = position + width
        if kind != WHITE_SPACE and kind != LINE_BREAK:
            if start < 0:
                start = position
            end, length = ahead, characters + 1
        if start >= 0:
            characters += 1
            if kind == LINE_BREAK:
                breaks += 1
            elif point != _CARRIAGE_RETURN or ahead >= stop or data[ahead] != _LINE_FEED:
                breaks = 0
        position = ahead
    if start < 0:
        return stop, stop, 0, stop
    return start, end, length, position
