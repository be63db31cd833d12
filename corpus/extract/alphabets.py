"""Which single-byte character set a page in a Latin script is in, told by the letters that its languages are written with.

Under a wrong set Italian è becomes Czech č, but with it à becomes ŕ, and no language writes both without their company:
the right set is the one under which nearly all letters beyond ASCII belong to one alphabet. General detectors guess by
frequencies and confuse these sets with each other.
"""

from __future__ import annotations

# Letters beyond a-z of each language, lower case (Unicode CLDR, main and usual auxiliary exemplar characters), by the sets
# that pages in it were written with. Where two fit equally the first listed wins, so common languages come first.
_ALPHABETS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "windows-1252",
        (
            "äöüßé",  # German
            "àâæçèéêëîïôœùûüÿ",  # French
            "áéíñóúüªº¿¡",  # Spanish, Irish
            "áàâãçéêíóôõúüªº",  # Portuguese
            "àèéìíîòóùú",  # Italian
            "áàâäçéèêëíïîóôöúüñ",  # Dutch
            "åäöéàü",  # Swedish
            "æøåéèêóòôäöü",  # Danish, Norwegian
            "åäöšžõü",  # Finnish, Estonian
            "áðéíóúýþæö",  # Icelandic
            "àçèéíïòóúü·",  # Catalan
        ),
    ),
    (
        "windows-1250",
        (
            "ąćęłńóśźż",  # Polish
            "áčďéěíňóřšťúůýž",  # Czech
            "áäčďéíĺľňóôŕšťúýž",  # Slovak
            "áéíóöőúüű",  # Hungarian
            "čćđšž",  # Croatian, Slovene, Bosnian
            "ăâîşţ",  # Romanian
        ),
    ),
    ("iso-8859-2", ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "čćđšž", "ăâîşţ")),
    (
        "windows-1257",
        (
            "ąčęėįšųūž",  # Lithuanian
            "āčēģīķļņōŗšūž",  # Latvian
            "äõöüšž",  # Estonian
        ),
    ),
    ("windows-1254", ("çğıöşüâîû",)),  # Turkish
    ("iso-8859-3", ("àċġħèìòùż",)),  # Maltese
)
_CODECS = {"windows-1252": "cp1252", "windows-1250": "cp1250", "windows-1257": "cp1257", "windows-1254": "cp1254"}
# Signs that belong to no language.
_SIGNS = frozenset("\xa0\xad„“”‚‘’‹›«»–—…•·§°©®™€£´`¨×±²³¼½¾†")
# At least so many of a hundred characters beyond ASCII must fit: foreign names come in every text.
_FIT_PERCENT = 95


def latin_charset(sample: bytes) -> str | None:
    """WHATWG name of the set under which the sample's characters beyond ASCII best fit one alphabet, if any fits."""
    foreign = bytes(byte for byte in sample if byte >= 0x80)
    best_name, best_fit = None, -1
    for name, alphabets in _ALPHABETS:
        characters = foreign.decode(_CODECS.get(name, name), "replace")
        counts: dict[str, int] = {}
        for character in characters:
            counts[character] = counts.get(character, 0) + 1
        for alphabet in alphabets:
            known = _SIGNS.union(alphabet, alphabet.upper())
            fit = sum(count for character, count in counts.items() if character in known)
            if fit > best_fit:
                best_name, best_fit = name, fit
    return best_name if best_fit * 100 >= len(foreign) * _FIT_PERCENT and foreign else None
