"""`corpus schema`."""

from __future__ import annotations

import argparse
import json


def arguments(parser: argparse.ArgumentParser) -> None:
    """It takes none."""


def execute(given: argparse.Namespace) -> int:
    from corpus.config import CorpusConfig
    from corpus.sources import readers
    from filters import families

    schema = CorpusConfig.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["$defs"]["SourceConfig"]["properties"]["format"]["enum"] = list(readers())
    threshold = {"anyOf": [{"type": "number"}, {"type": "null"}]}
    filters = schema["$defs"]["FiltersConfig"]
    filters["additionalProperties"] = False
    for name, family in families().items():
        rules = {rule.name: threshold for rule in family.rules}
        filters["properties"][name] = {"type": "object", "properties": rules, "additionalProperties": False}
    print(json.dumps(schema, indent=2, ensure_ascii=False))
    return 0
