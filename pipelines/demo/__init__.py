"""The input of ``corpus demo``: a small crawl and C4 files in twelve languages, all of it written for this project."""

from pathlib import Path

from pipelines.demo.crawl import crawl_files
from pipelines.demo.members import gzip_member
from pipelines.demo.plan import plan

__all__ = ["inventory", "write_demo"]

_CONFIG = """\
name: demo
output: corpus/
sources:
  crawl: {format: warc, paths: ["crawl/*.warc.gz"], license: CC0-1.0}
  c4: {format: c4, paths: ["c4/*.json.gz"], license: CC0-1.0}
"""


def write_demo(folder: Path) -> Path:
    """Write ``crawl/*.warc.gz``, ``c4/*.json.gz`` and ``corpus.yaml`` under ``folder``; return the path of the last.

    The bytes are the same on every run and machine; files of these names are overwritten, others left alone.
    """
    content = plan()
    written = {Path("crawl") / name: data for name, data in crawl_files(content.units).items()}
    written |= {Path("c4") / name: gzip_member(b"".join(lines)) for name, lines in content.c4.items()}
    written[Path("corpus.yaml")] = _CONFIG.encode()
    for name, data in written.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    return folder / "corpus.yaml"


def inventory() -> dict[str, int]:
    """How many records of each kind (:class:`pipelines.demo.record.Kind`) the crawl holds."""
    return plan().inventory()
