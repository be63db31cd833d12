"""The configuration of a run: one YAML file, checked whole before any work starts."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from corpus.errors import UsageError
from corpus.sources import ReadOptions, readers

_SIZE = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(?:([kKMGT])(i?))?B?\s*$")
_SPDX = re.compile(r"^[A-Za-z0-9.+-]+(\s+(WITH|AND|OR)\s+[A-Za-z0-9.+-]+)*$")


def parse_size(value: Any) -> Any:
    """`256MiB`, `1 GB` or a plain number of bytes."""
    if isinstance(value, bool):
        raise ValueError("a size is a number of bytes or such as 64MiB, 2GB")
    if isinstance(value, str):
        match = _SIZE.match(value)
        if match is None:
            raise ValueError("a size is a number of bytes or such as 64MiB, 2GB")
        number, prefix, binary = match.groups()
        power = " kMGT".index((prefix or " ").replace("K", "k"))
        return int(Decimal(number) * (1024 if binary else 1000) ** power)
    return value


Size = Annotated[int, BeforeValidator(parse_size, json_schema_input_type=int | str), Field(gt=0)]


def parse_threshold(value: Any) -> Any:
    """A number of at most six decimals, or null, which switches the rule off."""
    if value is None:
        return None
    try:
        number = Decimal("NaN") if isinstance(value, bool) else Decimal(str(value))
        exact = number.is_finite() and number == round(number, 6)
    except InvalidOperation:
        exact = False
    if not exact:
        raise ValueError("a threshold is a number of at most six decimals, or null to switch the rule off")
    return value


Threshold = Annotated[float | int | None, BeforeValidator(parse_threshold, json_schema_input_type=float | int | None)]


def _checked_tag(tag: str) -> str:
    from corpus.language.tags import is_tag

    if not is_tag(tag):
        raise ValueError(f"{tag!r} is no language tag; write ISO 639-3 and ISO 15924, such as deu_Latn")
    return tag


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceConfig(_Strict):
    """One named input."""

    format: str = Field(description="name of a reader")
    paths: list[str] = Field(min_length=1, description="files or patterns; relative to the configuration file")
    kind: Literal["web", "text", "bitext", "graph"] | None = Field(None, description="default: the reader's own")
    license: str | None = Field(None, description="SPDX expression; absent means unknown, never free")
    access: Literal["open", "discoverable", "restricted"] = "open"
    priority: int = Field(0, description="among duplicates, the document of the higher priority stays")
    key: str | None = Field(None, description="stable name for the ids of this source; default: the reader's namespace")
    columns: dict[str, str] = Field(default_factory=dict, description="document field -> column of the file")
    language: str | None = Field(None, description="tag that the whole source claims, such as deu_Latn")
    max_record_bytes: Size = Field(64 << 20, description="larger payloads and lines are quarantined")

    @field_validator("format")
    @classmethod
    def _known_format(cls, value: str) -> str:
        if value not in readers():
            raise ValueError(choose_nearest("format", value, readers()))
        return value

    @field_validator("license")
    @classmethod
    def _spdx(cls, value: str | None) -> str | None:
        if value is not None and not _SPDX.match(value):
            raise ValueError("not an SPDX licence expression, such as CC-BY-4.0 or LicenseRef-name")
        return value

    @field_validator("language")
    @classmethod
    def _tag(cls, value: str | None) -> str | None:
        return value if value is None else _checked_tag(value)

    @field_validator("columns")
    @classmethod
    def _known_columns(cls, value: dict[str, str], info: Any) -> dict[str, str]:
        reader = readers().get(info.data.get("format", ""))
        if reader is not None:
            for column in value:
                if column not in reader.columns:
                    raise ValueError(choose_nearest("document field", column, reader.columns))
        return value

    def options(self) -> ReadOptions:
        return ReadOptions(columns=self.columns, language=self.language, max_record_bytes=self.max_record_bytes)


class FiltersConfig(BaseModel):
    """`profiles`: a folder of language profiles that replace the shipped ones; any other key names a filter family and
    holds rule thresholds that replace every profile's (`null` switches a rule off)."""

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, dict[str, Threshold]]

    profiles: str | None = None

    def overrides(self) -> Mapping[str, Mapping[str, float | int | None]]:
        return dict(sorted((self.__pydantic_extra__ or {}).items()))


class DedupConfig(_Strict):
    exact: bool = Field(True, description="drop documents whose normalised text equals that of a kept one")


class ShardsConfig(_Strict):
    target_bytes: Size = Field(256 << 20, description="bytes of text per shard, before compression")
    row_group_bytes: Size = Field(16 << 20, description="bytes of text per row group")
    compression: Literal["zstd", "snappy", "lz4", "none"] = "zstd"
    compression_level: int | None = Field(None, ge=1, le=22, description="of zstd; default 3")

    @field_validator("compression_level")
    @classmethod
    def _zstd_alone(cls, value: int | None, info: Any) -> int | None:
        if value is not None and info.data.get("compression", "zstd") != "zstd":
            raise ValueError("only zstd has levels; remove compression_level or set compression to zstd")
        return value


class LanguageConfig(_Strict):
    model: str | None = Field(None, description="path of a fastText model; default: the embedded lid.176")


class ExtractConfig(_Strict):
    seconds: float = Field(
        30.0, gt=0, description="per page; a page over it is tried once more alone, 20 times as long"
    )


class CorpusConfig(_Strict):
    """What makes a corpus."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    output: str = Field(description="folder or fsspec URL; relative to the configuration file")
    sources: dict[Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")], SourceConfig] = Field(min_length=1)
    languages: list[str] | None = Field(None, min_length=1, description="tags to keep; absent keeps every language")
    language: LanguageConfig = LanguageConfig()
    extract: ExtractConfig = ExtractConfig()
    filters: FiltersConfig = Field(default_factory=lambda: FiltersConfig.model_validate({}))
    dedup: DedupConfig = DedupConfig()
    shards: ShardsConfig = ShardsConfig()
    split_bytes: Size = Field(128 << 20, description="input bytes per task, where a format can be cut")

    @field_validator("languages")
    @classmethod
    def _tags(cls, value: list[str] | None) -> list[str] | None:
        return sorted({_checked_tag(tag) for tag in value}) if value is not None else None

    def identity(self) -> dict[str, Any]:
        """What of the configuration makes the corpus: no paths of machines, nothing about how work is cut or run."""
        content = self.model_dump(mode="json", exclude={"output", "split_bytes"})
        for source in content["sources"].values():
            del source["paths"]
        content["filters"]["profiles"] = None  # their content is hashed by language instead
        content["language"]["model"] = None  # likewise
        content["sources"] = dict(sorted(content["sources"].items()))
        return content


def load_config(path: str | Path, output: str | None = None) -> CorpusConfig:
    """Read, check and resolve a configuration file; every mistake in it is reported at once."""
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UsageError(f"{file}: there is no such configuration file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: cannot be read: {error}") from None
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date that does not exist, for one
        raise UsageError(f"{file}: is not YAML: {' '.join(str(error).split())}") from None
    if node is None or not isinstance(data, dict):
        raise UsageError(f"{file}: expected a mapping with at least name, output and sources")
    lines = dict(_lines(node))
    repeated = [f"{file}:{line}: {'.'.join(where)}: is written twice" for where, line in _repeated(node)]
    if repeated:
        raise UsageError("\n".join(repeated))
    try:
        config = CorpusConfig.model_validate(data)
    except ValidationError as error:
        raise UsageError("\n".join(dict.fromkeys(_explain(str(file), error, lines)))) from None
    return _resolve(config, file, output)


def _resolve(config: CorpusConfig, file: Path, output: str | None) -> CorpusConfig:
    """Paths relative to the configuration file become absolute; an output given on the command line stands as it is."""
    base = file.resolve().parent

    def absolute(path: str) -> str:
        return path if "://" in path else str(base / Path(path).expanduser())

    sources = {
        name: source.model_copy(update={"paths": [absolute(path) for path in source.paths]})
        for name, source in sorted(config.sources.items())
    }
    filters = config.filters
    if filters.profiles is not None:
        filters = filters.model_copy(update={"profiles": absolute(filters.profiles)})
    language = config.language
    if language.model is not None:
        language = language.model_copy(update={"model": absolute(language.model)})
    if output is not None:
        target = output if "://" in output else str(Path(output).expanduser().absolute())
    else:
        target = absolute(config.output)
    return config.model_copy(update={"output": target, "sources": sources, "filters": filters, "language": language})


def _lines(node: yaml.Node, where: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], int]]:
    """Path of every key or item, with the line it stands on."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*where, str(key.value))
            yield inner, key.start_mark.line + 1
            yield from _lines(value, inner)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield (*where, str(index)), value.start_mark.line + 1
            yield from _lines(value, (*where, str(index)))


def _repeated(node: yaml.Node, where: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], int]]:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                yield (*where, str(key.value)), key.start_mark.line + 1
            seen.add(key.value)
            yield from _repeated(value, (*where, str(key.value)))


def _explain(file: str, error: ValidationError, lines: Mapping[tuple[str, ...], int]) -> Iterator[str]:
    """One line per mistake: file, line, path of the key, what was found, what is allowed, the nearest valid spelling."""
    for problem in error.errors():
        where = tuple(str(part) for part in problem["loc"] if part != "[key]")
        line = next((lines[where[:cut]] for cut in range(len(where), 0, -1) if where[:cut] in lines), None)
        place = f"{file}:{line}" if line is not None else file
        path = ".".join(where) or "(top)"
        kind = problem["type"]
        if kind == "extra_forbidden":
            allowed = _allowed_keys(where[:-1])
            yield f"{place}: {path}: {choose_nearest('key', where[-1], allowed)}"
        elif kind == "missing":
            yield f"{place}: {path}: is missing"
        elif kind == "literal_error":
            allowed = re.findall(r"'([^']*)'", problem["ctx"]["expected"])
            yield f"{place}: {path}: {choose_nearest('value', problem['input'], allowed)}"
        else:
            while where and where not in lines:  # pydantic adds which of several types it tried
                where = where[:-1]
            path = ".".join(where) or "(top)"
            message = problem["msg"].removeprefix("Value error, ")
            yield f"{place}: {path}: found {problem['input']!r}: {message}"


def _allowed_keys(where: tuple[str, ...]) -> list[str]:
    if not where:
        return list(CorpusConfig.model_fields)
    if where[0] == "sources":
        return list(SourceConfig.model_fields)
    annotation = CorpusConfig.model_fields[where[0]].annotation
    return list(annotation.model_fields) if isinstance(annotation, type) and issubclass(annotation, BaseModel) else []


def choose_nearest(what: str, found: Any, allowed: Any) -> str:
    """`unknown key 'pahts'; did you mean 'paths'? Allowed: ...`"""
    options = [str(option) for option in allowed]
    near = difflib.get_close_matches(str(found), options, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else "."
    return f"unknown {what} {found!r}{hint} Allowed: {', '.join(options)}"
