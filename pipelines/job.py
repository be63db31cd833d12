"""What every worker must know, and the fingerprints by which finished work is recognised."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import corpus.extract as extract
from corpus import document
from corpus.config import CorpusConfig, choose_nearest
from corpus.dedup.exact import NORMALISATION
from corpus.errors import CorpusError, UsageError
from corpus.extract import Failure as PageFailure
from corpus.language import Identifier, identifier
from corpus.language.profile import Profiles, load_profiles
from corpus.sources import Reader, readers
from corpus.task import Task, fingerprint
from filters import Family, families
from pipelines.workspace import Workspace

#: Raised when a stage's own code gives other results for the same input.
STEP_VERSIONS = {"read": 1, "measure": 1, "judge": 1, "dedup": 1, "select": 1, "publish": 1}


@dataclass(frozen=True)
class Job:
    """A configured run: small, immutable, pickled to every worker."""

    config: CorpusConfig
    profiles: Profiles
    verdicts: Mapping[str, PageFailure]  # pages that ran out of time in earlier runs

    @property
    def workspace(self) -> Workspace:
        return Workspace(output=self.config.output)

    def reader(self, task: Task) -> Reader:
        return readers()[self.config.sources[task.source].format]

    def kind(self, source: str) -> str:
        config = self.config.sources[source]
        return config.kind or readers()[config.format].kind

    @cached_property
    def identifier(self) -> Identifier:
        return identifier(self.config.language.model)

    @cached_property
    def families(self) -> Sequence[Family]:
        return list(families().values())

    def settings(self, family: Family, language: str) -> dict[str, Any]:
        """What the language's profile gives the family for measuring."""
        given = self.profiles.for_language(language).settings(family.name)
        return {name: given.get(name) for name in family.settings}

    def read_mark(self, task: Task) -> str:
        source, reader = self.config.sources[task.source], self.reader(task)
        extracts = reader.markup or "html" in source.columns
        return fingerprint(
            "read",
            STEP_VERSIONS["read"],
            document.SCHEMA_VERSION,
            [task.source, task.path, task.file_bytes, task.stamp, task.start, task.end, task.problem],
            [reader.format, reader.version, reader.namespace],
            source.model_dump(include={"key", "columns", "language", "max_record_bytes"}, mode="json"),
            [extract.EXTRACT_VERSION, self.config.extract.model_dump(mode="json")] if extracts else None,
            self.identifier.fingerprint,
            NORMALISATION,
        )

    def measure_mark(self, read_mark: str, family: Family, languages: Iterable[str]) -> str:
        settings = {tag: self.settings(family, tag) for tag in sorted(languages)}
        return fingerprint("measure", STEP_VERSIONS["measure"], read_mark, family.name, family.version, settings)

    def judge_mark(self, measure_marks: Sequence[str], languages: Iterable[str]) -> str:
        rules = {tag: self.profiles.for_language(tag).fingerprint for tag in sorted(languages)}
        return fingerprint("judge", STEP_VERSIONS["judge"], list(measure_marks), rules, self.config.languages)

    def dedup_mark(self, read_marks: Sequence[str]) -> str:
        method = self.config.dedup.model_dump(mode="json")
        return fingerprint("dedup", STEP_VERSIONS["dedup"], list(read_marks), method)

    def select_mark(self, dedup_mark: str, judge_marks: Sequence[str]) -> str:
        priorities = {name: source.priority for name, source in sorted(self.config.sources.items())}
        return fingerprint("select", STEP_VERSIONS["select"], dedup_mark, list(judge_marks), priorities)


def make_job(config: CorpusConfig, verdicts: Mapping[str, PageFailure]) -> Job:
    """Load profiles and apply the configuration's overrides; a rule that does not exist is an error."""
    overrides = config.filters.overrides()
    known = families()
    for name, rules in overrides.items():
        if name not in known:
            raise UsageError(f"filters.{name}: {choose_nearest('key', name, ['profiles', *known])}")
        names = [rule.name for rule in known[name].rules]
        for rule in rules:
            if rule not in names:
                raise UsageError(f"filters.{name}.{rule}: {choose_nearest('rule', rule, names)}")
    try:
        profiles = load_profiles(config.filters.profiles, known).with_overrides(overrides)
    except CorpusError as error:
        raise UsageError(str(error)) from None
    return Job(config=config, profiles=profiles, verdicts=verdicts)
