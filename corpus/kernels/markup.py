"""Size of an HTML page as a parser would see it: elements and nesting, from one pass over the bytes and no tree.

It answers one question, "is this page a bomb?", before a real parser is let near it, so it is linear in the page and
needs memory for `max_depth` names only.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from corpus.kernels.compile import kernel

_FNV_OFFSET = np.uint64(0xCBF29CE484222325)
_FNV_PRIME = np.uint64(0x100000001B3)


def _name_hash(name: str) -> int:
    """FNV-1a, 64 bits, of a lower-case tag name: the kernel compares names by it."""
    value = int(_FNV_OFFSET)
    for byte in name.encode("ascii"):
        value = (value ^ byte) * int(_FNV_PRIME) % 2**64
    return value


def _hashes(names: str) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    return np.array([_name_hash(name) for name in names.split()], dtype=np.uint64)


# Elements that hold nothing (HTML standard, 13.1.2) and elements whose end tag may be left out (13.1.2.4): pages open
# them thousands of times without closing them, and no parser nests them into each other.
_FLAT = _hashes(
    "area base br col embed hr img input link meta source track wbr basefont bgsound frame keygen param "
    "html head body p li dt dd rt rp option optgroup colgroup caption thead tbody tfoot tr td th"
)
# Elements whose content is text up to their own end tag (HTML standard, 13.2.5.1 and 13.2.6.2).
_RAW = _hashes("script style textarea title xmp iframe noembed noframes")
_DIV = np.uint64(_name_hash("div"))
_TABLE = np.uint64(_name_hash("table"))

_LT, _GT, _SLASH, _BANG, _QUESTION, _DASH, _EQUALS = 0x3C, 0x3E, 0x2F, 0x21, 0x3F, 0x2D, 0x3D
_DOUBLE, _SINGLE = 0x22, 0x27


@njit(inline="always")
def _is_letter(byte: int) -> bool:
    return 97 <= byte | 0x20 <= 122


@njit(inline="always")
def _is_space(byte: int) -> bool:
    return byte == 0x20 or 0x09 <= byte <= 0x0D


@njit(inline="always")
def _contains(hashes: np.ndarray, value: np.uint64) -> bool:
    for item in hashes:  # noqa: SIM110 - numba compiles the loop, not any()
        if item == value:
            return True
    return False


@njit(nogil=True)
def _tag_name(html: np.ndarray, position: int) -> tuple[np.uint64, int]:
    """Hash of the lower-cased tag name that starts at `position`, and where it ends."""
    name = _FNV_OFFSET
    while position < html.size:
        byte = html[position]
        if byte in (_GT, _SLASH) or _is_space(byte):
            break
        if 65 <= byte <= 90:
            byte |= 0x20
        name = (name ^ np.uint64(byte)) * _FNV_PRIME
        position += 1
    return name, position


@njit(nogil=True)
def _tag_end(html: np.ndarray, position: int) -> tuple[bool, int]:
    """Whether the tag closes itself (`/>`), and where its `>` is; quoted values may hold `>`."""
    size = html.size
    empty = False
    before_value = False
    while position < size:
        byte = html[position]
        if before_value and not _is_space(byte) and byte != _GT:
            before_value = False
            if byte in (_DOUBLE, _SINGLE):
                position += 1
                while position < size and html[position] != byte:
                    position += 1
                position += 1
            else:
                while position < size and html[position] != _GT and not _is_space(html[position]):
                    position += 1
            continue
        if byte == _GT:
            break
        if not _is_space(byte):
            empty = byte == _SLASH
            before_value = byte == _EQUALS
        position += 1
    return empty, position


@njit(nogil=True)
def _after_raw_text(html: np.ndarray, position: int, name: np.uint64) -> int:
    """Where the end tag of `name` begins at or after `position`; the end of the page where there is none."""
    while position < html.size - 2:
        if html[position] == _LT and html[position + 1] == _SLASH and _tag_name(html, position + 2)[0] == name:
            return position
        position += 1
    return html.size


@njit(nogil=True)
def _after_declaration(html: np.ndarray, position: int) -> int:
    """End of the comment, declaration or processing instruction whose `<` is just before `position`."""
    size = html.size
    comment = html[position] == _BANG
    comment = comment and position + 2 < size and html[position + 1] == _DASH and html[position + 2] == _DASH
    end = position
    while end < size:
        # `<!-->` and `<!--->` are whole comments: the closing dashes may be the opening ones.
        closed = not comment or (end >= position + 3 and html[end - 1] == _DASH and html[end - 2] == _DASH)
        if html[end] == _GT and closed:
            break
        end += 1
    return end


@njit(inline="always")
def _rank(name: np.uint64) -> int:
    """An end tag does not close an open element of higher rank (libxml2, HTMLparser.c, htmlEndPriorities)."""
    if name == _TABLE:
        return 2
    return 1 if name == _DIV else 0


@kernel("UniTuple(int64, 2)(Array(uint8, 1, 'C', readonly=True), int64, int64)")
def count_markup(html: np.ndarray, max_elements: int, max_depth: int) -> tuple[int, int]:
    """Elements of the page and the deepest nesting of those that nest; the scan ends early above either maximum.

    `html`: bytes in any encoding that keeps ASCII. Void elements and those with an optional end tag count as elements
    but not as depth. Comments, declarations, attribute values and the content of `script` and its like are skipped.
    """
    size = html.size
    stack = np.empty(max_depth + 1, dtype=np.uint64)
    depth = deepest = elements = 0
    position = 0
    while position < size - 1:
        if html[position] != _LT:
            position += 1
            continue
        position += 1
        closing = html[position] == _SLASH and position + 1 < size
        if closing:
            position += 1
        if not _is_letter(html[position]):
            if closing or html[position] == _BANG or html[position] == _QUESTION:
                position = _after_declaration(html, position)
            continue
        name, position = _tag_name(html, position)
        empty, position = _tag_end(html, position)
        if position >= size:
            break
        position += 1
        if closing:
            level = depth - 1
            while level >= 0 and stack[level] != name and _rank(stack[level]) <= _rank(name):
                level -= 1
            if level >= 0 and stack[level] == name:
                depth = level
            continue
        elements += 1
        if elements > max_elements:
            break
        if _contains(_RAW, name):
            position = _after_raw_text(html, position, name)
        elif not empty and not _contains(_FLAT, name):
            stack[depth] = name
            depth += 1
            deepest = max(deepest, depth)
            if depth > max_depth:
                break
    return elements, deepest
