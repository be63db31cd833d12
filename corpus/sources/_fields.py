"""From the fields of a row (a JSON object, a table row) to a record, or to the reason why it is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import xxhash

from corpus.errors import CorpusError
from corpus.language.tags import to_tag
from corpus.sources import ReadOptions

#: Document fields that a configuration may map, and the names they have where it does not.
DEFAULTS: Mapping[str, tuple[str, ...]] = {
    "text": ("text",),
    "html": (),
    "id": ("id",),
    "url": ("url",),
    "date": ("date", "timestamp"),
    "language": ("language", "lang"),
    "script": ("language_script",),
    "license": ("license",),
}
COLUMNS = tuple(DEFAULTS)


class NoRecordError(Exception):
    """The row holds no document. `reason` is a short name for counting."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail


@dataclass(frozen=True)
class FieldMap:
    """Where each document field is found: paths of keys, dots between them, tried in order."""

    paths: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, options: ReadOptions) -> FieldMap:
        return cls({name: (options.columns[name],) if name in options.columns else DEFAULTS[name] for name in DEFAULTS})

    def get(self, row: Mapping[str, Any], field: str) -> Any:
        for path in self.paths[field]:
            value = _at(row, path)
            if value is not None:
                return value
        return None


def _at(row: Mapping[str, Any], path: str) -> Any:
    if path in row:
        return row[path]
    value: Any = row
    for key in path.split("."):
        if not isinstance(value, Mapping) or key not in value:
            return None
        value = value[key]
    return value


def record(row: Mapping[str, Any], fields: FieldMap, position: int, unit: str, claim: str | None) -> dict[str, Any]:
    """A row of `RECORD_SCHEMA`. `unit` names the row in its file, `claim` is the language claimed for the whole file.

    Raises `NoRecordError` if the text is missing or of another type.
    """
    text, html = fields.get(row, "text"), fields.get(row, "html")
    if text is None and html is None:
        wanted = " or ".join((*fields.paths["text"], *fields.paths["html"]))
        raise NoRecordError("missing_text", f"no field {wanted}; there are {', '.join(sorted(map(str, row))[:20])}")
    markup_is_text = isinstance(html, str)
    if html is not None:
        html, text = _bytes(html), None
    elif not isinstance(text, str):
        raise NoRecordError("text_not_string", f"the text is a {type(text).__name__}")
    url, date = _string(fields.get(row, "url")), _string(fields.get(row, "date"))
    key = _string(fields.get(row, "id"))
    if key is None:
        digest = xxhash.xxh3_128_hexdigest(html if text is None else text.encode("utf-8", "surrogatepass"))
        key = " ".join(part for part in (url, date, digest) if part)
    return {
        "position": position,
        "key": key,
        "url": url,
        "origin": url or unit,
        "date": date,
        "text": text,
        "html": html,
        # Markup that came as characters is UTF-8 by now, whatever its own declaration says.
        "http_charset": "utf-8" if markup_is_text else None,
        "language_claim": _claim(fields.get(row, "language"), fields.get(row, "script")) or claim,
        "license": _string(fields.get(row, "license")),
    }


def _string(value: Any) -> str | None:
    """Text of a plain value; an empty one says nothing, and neither does an object, a list or a truth value."""
    if value is None or isinstance(value, dict | list | bool):
        return None
    return (value if isinstance(value, str) else str(value)) or None


def _bytes(html: Any) -> bytes:
    if isinstance(html, bytes):
        return html
    if isinstance(html, str):
        return html.encode("utf-8", "replace")
    raise NoRecordError("html_not_text", f"the markup is a {type(html).__name__}")


def _claim(language: Any, script: Any) -> str | None:
    """A tag, where the row claims a language that has one."""
    if not isinstance(language, str) or not language:
        return None
    try:
        return to_tag(language, script if isinstance(script, str) and script else None)
    except CorpusError:
        return None  # a claim that means nothing is evidence of nothing
