"""Language profiles: one YAML file per language with the thresholds of its rules, English being just another file.

A profile says, for each filter family, what the family needs for measuring (`settings`, such as stop words) and the
thresholds of its rules. A rule that is absent or null is off. Languages without a file use `default.yaml`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Protocol

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from corpus.config import choose_nearest
from corpus.errors import CorpusError
from corpus.language import tags
from corpus.task import fingerprint

#: Name of the profile for languages that have none.
DEFAULT = "default"
#: Thresholds have six decimals at most and stay far below 2**63, so that rules can be decided in integers.
DECIMALS, LARGEST = 6, 10**9


def _decimal(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"a threshold is a number or null, found {value!r}")
    try:
        number = Decimal(repr(value) if isinstance(value, float) else str(value))
    except InvalidOperation:
        raise ValueError(f"a threshold is a number or null, found {value!r}") from None
    if not number.is_finite() or not -LARGEST <= number <= LARGEST:
        raise ValueError(f"a threshold lies between -10^9 and 10^9, found {value!r}")
    if number.quantize(Decimal(1).scaleb(-DECIMALS)) != number:  # as a fraction, 1e-99999999 would fill the memory
        raise ValueError(f"a threshold has at most six decimals, found {value!r}")
    return number


def _threshold(value: Any) -> Decimal | None:
    """Decimals as they are written: YAML's 0.1 is one tenth, not the nearest binary fraction."""
    return None if value is None else _decimal(value)


class _UniqueKeys(yaml.SafeLoader):
    """Refuses a key that is written twice: of two thresholds, one would be lost without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise ValueError(f"key {key.value} is written twice, again in line {key.start_mark.line + 1}")
                seen.add(key.value)
        return super().construct_mapping(node, deep)


class _FamilyModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    settings: dict[str, list[str]] = Field(default_factory=dict)
    rules: dict[str, Annotated[Decimal | None, BeforeValidator(_threshold)]] = Field(default_factory=dict)


class _ProfileModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    language: str
    version: int = Field(ge=1)
    families: dict[str, _FamilyModel]


_KEYS = ", ".join(_ProfileModel.model_fields)


@dataclass(frozen=True)
class Profile:
    """The rules of one language. `families` maps a family to its settings and thresholds."""

    language: str
    version: int
    families: Mapping[str, tuple[Mapping[str, tuple[str, ...]], Mapping[str, Fraction | None]]]

    def settings(self, family: str) -> Mapping[str, tuple[str, ...]]:
        """What the family needs for measuring this language."""
        return self.families.get(family, ({}, {}))[0]

    def thresholds(self, family: str) -> Mapping[str, Fraction | None]:
        """Rule -> threshold; None and absent both mean that the rule is off."""
        return self.families.get(family, ({}, {}))[1]

    @property
    def fingerprint(self) -> str:
        """Changes with anything the profile says."""
        return fingerprint(self.to_dict())

    def to_dict(self) -> dict[str, Any]:
        """As plain data, thresholds as exact fractions in text."""
        return {
            "language": self.language,
            "version": self.version,
            "families": {
                name: {
                    "settings": {key: list(words) for key, words in sorted(settings.items())},
                    "rules": {rule: _text(limit) for rule, limit in sorted(rules.items())},
                }
                for name, (settings, rules) in sorted(self.families.items())
            },
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Profile:
        """The inverse of `to_dict`."""
        return cls(
            language=data["language"],
            version=data["version"],
            families={
                name: (
                    {key: tuple(words) for key, words in family["settings"].items()},
                    {rule: _fraction(limit) for rule, limit in family["rules"].items()},
                )
                for name, family in data["families"].items()
            },
        )


@dataclass(frozen=True)
class Profiles:
    """Every profile of a run, by tag."""

    by_language: Mapping[str, Profile]

    def for_language(self, tag: str) -> Profile:
        return self.by_language.get(tag) or self.by_language[DEFAULT]

    def with_overrides(self, overrides: Mapping[str, Mapping[str, float | int | None]]) -> Profiles:
        """With thresholds of some rules replaced in every profile."""
        return Profiles({tag: _override(profile, overrides) for tag, profile in self.by_language.items()})


class _Named(Protocol):
    @property
    def name(self) -> str: ...


class KnownFamily(Protocol):
    """What a filter family lets a profile say; the families of `filters` have this form."""

    @property
    def rules(self) -> Sequence[_Named]: ...
    @property
    def settings(self) -> Sequence[str]: ...


def load_profiles(folder: str | Path | None = None, known: Mapping[str, KnownFamily] | None = None) -> Profiles:
    """The shipped profiles; those in `folder` replace the shipped ones of the same file name.

    With `known`, families, rules and settings that do not exist are refused too: a misspelt rule would be a rule that is off.
    Raises `CorpusError` naming file, key and what is allowed.
    """
    found = {path.name: path.read_text(encoding="utf-8") for path in _shipped()}
    places = {name: f"profiles/{name}" for name in found}
    if folder is not None:
        for path in _own_files(Path(folder)):
            found[path.name], places[path.name] = _read(path), str(path)
    profiles = {}
    for name, text in sorted(found.items()):
        tag = name.removesuffix(".yaml")
        profiles[tag] = parse_profile(text, places[name], tag, known)
    return Profiles(profiles)


def parse_profile(text: str, place: str, tag: str, known: Mapping[str, KnownFamily] | None = None) -> Profile:
    """One profile from YAML; `tag` is what its file name says. `known` as for `load_profiles`."""
    try:
        model = _ProfileModel.model_validate(yaml.load(text, Loader=_UniqueKeys))
    except ValidationError as error:  # a ValueError as well
        raise CorpusError("\n".join(_problems(place, error))) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # PyYAML lets ValueError through for impossible dates
        raise CorpusError(f"{place}: is not YAML: {' '.join(str(error).split())}") from None
    if known is not None:
        _check_names(place, model, known)
    if model.language != tag:
        raise CorpusError(f"{place}: language is {model.language!r}, but the file is named for {tag!r}")
    families = {
        name: (
            {key: tuple(words) for key, words in family.settings.items()},
            {rule: None if limit is None else Fraction(limit) for rule, limit in family.rules.items()},
        )
        for name, family in model.families.items()
    }
    return Profile(model.language, model.version, families)


def _own_files(folder: Path) -> list[Path]:
    """The profiles in a folder of the user's; a name that no language would ever be looked up by is refused."""
    if not folder.is_dir():
        raise CorpusError(f"filters.profiles: {folder} is no folder; give a folder of files such as deu_Latn.yaml")
    paths = sorted(path for path in folder.iterdir() if path.suffix in (".yaml", ".yml"))
    for path in paths:
        tag = path.stem
        if path.suffix == ".yml" or not (tag == DEFAULT or (tags.is_tag(tag) and tags.to_tag(tag) == tag)):
            raise CorpusError(f"{path}: a profile is named {_right_name(tag)}; rename the file")
    return paths


def _right_name(stem: str) -> str:
    try:
        return f"{stem if stem == DEFAULT else tags.to_tag(stem)}.yaml"
    except CorpusError:
        return "by language and script, such as deu_Latn.yaml, or default.yaml"


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise CorpusError(f"{path}: is not UTF-8; save it as UTF-8") from None
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read: {error.strerror}") from None


def _check_names(place: str, model: _ProfileModel, known: Mapping[str, KnownFamily]) -> None:
    lines: list[str] = []

    def check(where: str, what: str, names: Iterable[str], allowed: Sequence[str]) -> None:
        lines.extend(
            f"{place}: {where}{name}: {choose_nearest(what, name, allowed)}" for name in names if name not in allowed
        )

    check("families.", "family", model.families, list(known))
    for name, family in model.families.items():
        if name in known:
            check(f"families.{name}.rules.", "rule", family.rules, [rule.name for rule in known[name].rules])
            check(f"families.{name}.settings.", "setting", family.settings, known[name].settings)
    if lines:
        raise CorpusError("\n".join(lines))


def _problems(place: str, error: ValidationError) -> list[str]:
    lines = []
    for problem in error.errors():
        path = ".".join(str(part) for part in problem["loc"])
        if problem["type"] == "extra_forbidden":
            model = _ProfileModel if len(problem["loc"]) == 1 else _FamilyModel
            lines.append(f"{place}: {path}: unknown key. Allowed: {', '.join(model.model_fields)}")
        else:
            message = problem["msg"].removeprefix("Value error, ")
            if isinstance(problem["input"], bool) and problem["type"] == "string_type":
                message = "write it in quotes: YAML reads no, on, y, ... as true and false"
            lines.append(f"{place}: {path}: {message}" if path else f"{place}: is no mapping of {_KEYS}")
    return lines


def _shipped() -> list[Any]:
    folder = files("corpus.language") / "profiles"
    return sorted((path for path in folder.iterdir() if path.name.endswith(".yaml")), key=lambda path: path.name)


def _override(profile: Profile, overrides: Mapping[str, Mapping[str, float | int | None]]) -> Profile:
    families = dict(profile.families)
    for name, rules in overrides.items():
        settings, thresholds = families.get(name, ({}, {}))
        changed = {rule: None if limit is None else Fraction(_decimal(limit)) for rule, limit in rules.items()}
        families[name] = (settings, {**thresholds, **changed})
    return replace(profile, families=families)


def _text(value: Fraction | None) -> str | None:
    return None if value is None else str(value)


def _fraction(value: str | None) -> Fraction | None:
    return None if value is None else Fraction(value)
