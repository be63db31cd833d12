"""The script a text is written in, by counting letters in a table of code points of our own (not the interpreter's)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

VERSION = 1
"""Version of the table `script_ranges.txt` and of the rules below."""

_TABLE = "script_ranges.txt"
_JAPANESE_MIN_KANA_SHARE = (1, 20)
"""Japanese prose is about half kana, Chinese has none; a twentieth leaves room for quoted brand names in Chinese."""
_KOREAN_MIN_HANGUL_SHARE = (1, 5)
"""Older Korean newspapers write up to half of their syllables in Han characters."""


@cache
def _table() -> tuple[tuple[str, ...], NDArray[np.uint8]]:
    """ISO 15924 codes by number, and the number of each code point (0: no letter of a listed script)."""
    codes = ["Zyyy"]
    spans: list[tuple[int, int, int]] = []
    for line in (files(__package__) / _TABLE).read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        code, *ranges = line.split()
        for span in ranges:
            first, _, last = span.partition("-")
            spans.append((int(first, 16), int(last or first, 16), len(codes)))
        codes.append(code)
    numbers = np.zeros(max(end for _, end, _ in spans) + 2, dtype=np.uint8)
    for start, end, number in spans:
        numbers[start : end + 1] = number
    return tuple(codes), numbers


def script_counts(text: str) -> dict[str, int]:
    """Letters and marks of `text` per ISO 15924 script, in the order of the table; scripts without any are left out.

    Han, Hiragana, Katakana and Bopomofo are counted apart here (`Hani`, `Hira`, `Kana`, `Bopo`). Lone surrogates, digits,
    punctuation and letters of scripts that are not in the table count for nothing.
    """
    codes, numbers = _table()
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    # The last entry of the table is 0: every code point beyond the table falls there.
    counts = np.bincount(numbers[np.minimum(points, len(numbers) - 1)], minlength=len(codes))
    return {code: int(n) for code, n in zip(codes[1:], counts[1:], strict=True) if n}


def dominant_script(text: str) -> str | None:
    """ISO 15924 code of the script that most letters of `text` have; None where there is no letter.

    Japanese is `Jpan` and Korean `Hang`, Han characters among them included. Equal counts: the script that stands
    first in the table (Latin before all).
    """
    return dominant(script_counts(text))


def dominant(counts: Mapping[str, int]) -> str | None:
    """`dominant_script` for counts that `script_counts` gave."""
    pooled = _pool_east_asian(counts)
    if not pooled:
        return None
    return max(pooled, key=lambda code: pooled[code])


def choose_script(counts: Mapping[str, int], known: tuple[str, ...]) -> str | None:
    """Script of a text that is said to be in a language which is written in the `known` scripts.

    The known script with most letters in the text; the dominant script where the text has none of them (a transliteration); None
    where there is no letter. A page of Chinese comments in a long English program is thus `cmn_Hani`, not `cmn_Latn`.
    """
    pooled = _pool_east_asian(counts)
    present = [code for code in known if _letters(code, counts, pooled)]
    if present:
        return max(present, key=lambda code: _letters(code, counts, pooled))
    return dominant(counts)


def occurs(counts: Mapping[str, int], known: tuple[str, ...]) -> bool:
    """Whether the text has letters of one of the `known` scripts."""
    pooled = _pool_east_asian(counts)
    return any(_letters(code, counts, pooled) for code in known)


def _letters(code: str, counts: Mapping[str, int], pooled: Mapping[str, int]) -> int:
    if code == "Jpan":
        return sum(counts.get(part, 0) for part in ("Hani", "Hira", "Kana"))
    if code == "Hani":
        return counts.get("Hani", 0)
    return pooled.get(code, counts.get(code, 0))


def _pool_east_asian(counts: Mapping[str, int]) -> dict[str, int]:
    """The counts with Han, kana, Hangul and Bopomofo pooled under the writing system they make up together."""
    parts = {code: counts.get(code, 0) for code in ("Hani", "Hira", "Kana", "Hang", "Bopo")}
    total = sum(parts.values())
    pooled = {code: n for code, n in counts.items() if code not in parts}
    if total:
        pooled[_east_asian(parts, total)] = total
    return pooled


def _east_asian(parts: Mapping[str, int], total: int) -> str:
    kana = parts["Hira"] + parts["Kana"]
    if _reaches(parts["Hang"], total, _KOREAN_MIN_HANGUL_SHARE) and parts["Hang"] >= kana:
        return "Hang"
    if _reaches(kana, total, _JAPANESE_MIN_KANA_SHARE):
        return "Jpan"
    if parts["Hani"] >= parts["Bopo"]:
        return "Hani"
    return "Bopo"


def _reaches(part: int, total: int, share: tuple[int, int]) -> bool:
    return part * share[1] >= total * share[0]
