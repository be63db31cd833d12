"""Language tags: ISO 639-3 and ISO 15924 (`deu_Latn`), from the many codes that sources write."""

from __future__ import annotations

import re
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from corpus.errors import CorpusError

UNDETERMINED: Final = "und"
"""The tag of a text whose language cannot be named (no letters, no linguistic content). It alone has no script."""

_TAG = re.compile(r"[a-z]{3}_[A-Z][a-z]{3}", re.ASCII)
_CODE = re.compile(r"[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8})*", re.ASCII)
_SCRIPT = re.compile(r"[A-Za-z]{4}", re.ASCII)

# One name per language where ISO 639-3 has two: the code that corpora use most for what such text really is.
# Macrolanguages that stand for their dominant member in practice (zh, no, ar) become that member; members that are the
# whole of a national standard (ekk, lvs) become the national code. Source of the relations: ISO 639-3 macrolanguage
# mappings (SIL, iso-639-3-macrolanguages.tab).
_CANONICAL = MappingProxyType(
    {"zho": "cmn", "nor": "nob", "ara": "arb", "ekk": "est", "lvs": "lav", "pes": "fas", "khk": "mon", "zsm": "msa"}
    | {"bih": "bho", "npi": "nep", "ory": "ori", "swh": "swa", "als": "sqi", "plt": "mlg", "ydd": "yid", "gom": "kok"}
    | {"pbt": "pus", "uzn": "uzb", "azj": "aze", "kmr": "kur"}
)
# langcodes follows CLDR and would turn these into Serbian; they are the macrolanguage of bos, hrv, srp and cnr, and cnr itself.
_NOT_SERBIAN = MappingProxyType({"sh": "hbs", "hbs": "hbs", "cnr": "cnr"})

# Scripts in which a language is written today, the usual one first, where they are several or CLDR names another.
_SCRIPTS = MappingProxyType(
    {
        "aze": ("Latn", "Cyrl", "Arab"),
        "bos": ("Latn", "Cyrl"),
        "cmn": ("Hani",),
        "crh": ("Latn", "Cyrl"),
        "cnr": ("Latn", "Cyrl"),
        "hbs": ("Latn", "Cyrl"),
        "hye": ("Armn",),
        "jpn": ("Jpan",),
        "kas": ("Arab", "Deva"),
        "kaz": ("Cyrl", "Latn", "Arab"),
        "kor": ("Hang",),
        "kur": ("Latn", "Arab", "Cyrl"),
        "mon": ("Cyrl", "Mong"),
        "pan": ("Guru", "Arab"),
        "ron": ("Latn", "Cyrl"),
        "snd": ("Arab", "Deva"),
        "srp": ("Cyrl", "Latn"),
        "tat": ("Cyrl", "Latn"),
        "tgk": ("Cyrl", "Latn", "Arab"),
        "tuk": ("Latn", "Cyrl", "Arab"),
        "uig": ("Arab", "Cyrl", "Latn"),
        "uzb": ("Latn", "Cyrl", "Arab"),
        "wuu": ("Hani",),
        "yue": ("Hani",),
    }
)
# CLDR names variants of a script, and alternative codes of one; the tags name the script itself.
_SCRIPT_ALIASES = MappingProxyType({"Hans": "Hani", "Hant": "Hani", "Kore": "Hang", "Hrkt": "Jpan", "Aran": "Arab"})

_NAMES = MappingProxyType(
    {
        "bul": "Bulgarian",
        "ces": "Czech",
        "dan": "Danish",
        "deu": "German",
        "ell": "Greek",
        "eng": "English",
        "est": "Estonian",
        "fin": "Finnish",
        "fra": "French",
        "gle": "Irish",
        "hrv": "Croatian",
        "hun": "Hungarian",
        "ita": "Italian",
        "lav": "Latvian",
        "lit": "Lithuanian",
        "mlt": "Maltese",
        "nld": "Dutch",
        "pol": "Polish",
        "por": "Portuguese",
        "ron": "Romanian",
        "slk": "Slovak",
        "slv": "Slovenian",
        "spa": "Spanish",
        "swe": "Swedish",
    }
)

# `c4-train.00000-of-01024.json.gz` is English C4; `c4-mt.tfrecord-00000-of-00001.json.gz`, `c4-mt-validation.tfrecord-...`
# and `c4-zh-Latn.tfrecord-...` are mC4.
_C4_ENGLISH = re.compile(r"c4-(?:train|validation)\.\d+-of-\d+\.", re.ASCII)
_MC4 = re.compile(r"c4-([a-z]{2,3})(-[A-Z][a-z]{3})?(?:-validation|-train)?\.(?:tfrecord-)?\d+-of-\d+\.", re.ASCII)


def to_tag(code: str, script: str | None = None) -> str:
    """The tag of a language code: ISO 639-1, -2 or -3, BCP-47, or a tag already (`de`, `ger`, `zh-Latn`, `iw`, `deu_Latn`).

    The script is `script` if given (ISO 15924), else the code's own subtag, else the usual script of the language. Codes of
    macrolanguages become what such text is in practice: `no` is `nob_Latn`, `zh` is `cmn_Hani`, `ar` is `arb_Arab`;
    `sh` is `hbs_Latn`. `und`, `zxx`, `mul` and `root` are `und`.

    Raises CorpusError for what is no language code.
    """
    return _to_tag(code, script)


@lru_cache(maxsize=4096)
def _to_tag(code: str, script: str | None) -> str:
    import langcodes  # loads CLDR's tables; only code that converts needs them

    cleaned = code.strip()
    if not _CODE.fullmatch(cleaned):
        raise _not_a_code(code)
    first = re.split("[-_]", cleaned, maxsplit=1)[0].lower()
    try:
        language = langcodes.Language.get(cleaned)
        subtag = language.language
        own_script = language.script
        if subtag in (None, "zxx", "mul", "mis"):
            return UNDETERMINED
        if first in _NOT_SERBIAN:
            iso, own_script = _NOT_SERBIAN[first], _script_subtag(cleaned)
        else:
            iso = language.to_alpha3()
    except (LookupError, ValueError) as error:  # langcodes' LanguageTagError is a ValueError
        raise _not_a_code(code) from error
    iso = _CANONICAL.get(iso, iso)
    chosen = _script_code(script, code) if script is not None else own_script
    return f"{iso}_{_SCRIPT_ALIASES.get(chosen, chosen) if chosen else scripts_of(iso)[0]}"


def scripts_of(language: str) -> tuple[str, ...]:
    """ISO 15924 codes of the scripts that a language (ISO 639-3) is written in, the usual one first; never empty."""
    known = _SCRIPTS.get(language)
    return known if known is not None else (_likely_script(language),)


@lru_cache(maxsize=4096)
def _likely_script(language: str) -> str:
    import langcodes

    script: str = langcodes.Language.get(language).maximize().script or "Latn"
    return _SCRIPT_ALIASES.get(script, script)


def parse(tag: str) -> tuple[str, str]:
    """Language (ISO 639-3) and script (ISO 15924) of a tag; `und` gives `("und", "Zyyy")`. Raises CorpusError for no tag."""
    if tag == UNDETERMINED:
        return UNDETERMINED, "Zyyy"
    if not _TAG.fullmatch(tag):
        raise CorpusError(f"{tag!r} is no language tag; write ISO 639-3, an underscore and ISO 15924, as in deu_Latn")
    language, script = tag.split("_")
    return language, script


def is_tag(text: str) -> bool:
    """Whether `text` has the form of a tag (`deu_Latn`, `und`). Codes are not looked up."""
    return text == UNDETERMINED or _TAG.fullmatch(text) is not None


def name(tag: str) -> str:
    """English name of a language that a profile is shipped for (`German`), for tables; the tag itself for every other."""
    language, _, script = tag.partition("_")
    known = _NAMES.get(language)
    return known if known is not None and script == scripts_of(language)[0] else tag


def from_c4_filename(path: str) -> str | None:
    """Tag of the language that a C4 or mC4 file name states (`c4-mt.tfrecord-00000-of-00001.json.gz`); None if it states none.

    Folders are ignored. mC4's `und` gives `und`.
    """
    base = re.split(r"[/\\]", path)[-1]
    if _C4_ENGLISH.match(base):
        return "eng_Latn"
    found = _MC4.match(base)
    if found is None:
        return None
    try:
        return to_tag(found[1] + (found[2] or ""))
    except CorpusError:
        return None


def _script_subtag(code: str) -> str | None:
    for part in re.split("[-_]", code)[1:]:
        if _SCRIPT.fullmatch(part):
            return part.title()
    return None


def _script_code(script: str, code: str) -> str:
    if not _SCRIPT.fullmatch(script):
        raise CorpusError(
            f"{script!r}, given with the language {code!r}, is no script; write an ISO 15924 code, as in Latn or Cyrl"
        )
    return script.title()


def _not_a_code(code: str) -> CorpusError:
    return CorpusError(f"{code!r} is no language code; write ISO 639-1, ISO 639-3 or BCP-47, as in de, deu or zh-Latn")
