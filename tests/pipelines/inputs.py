"""Small inputs for whole runs: documents that pass the rules, written in real formats."""

from __future__ import annotations

import gzip
import io
import itertools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from corpus.config import load_config
from pipelines.demo.prose import articles
from pipelines.engine import Engine
from pipelines.progress import Display
from pipelines.run import Result, run


def texts(tag: str, count: int) -> list[str]:
    """Distinct articles of one language, each long and varied enough for the Gopher rules."""
    return [article.text for article in itertools.islice(articles(tag), count)]


def rows(tag: str, count: int, host: str = "example.org") -> list[dict[str, Any]]:
    """C4-like rows."""
    return [
        {"text": text, "url": f"https://{host}/{tag}/{number}", "timestamp": "2024-05-01T12:00:00Z"}
        for number, text in enumerate(texts(tag, count))
    ]


def write_jsonl(path: Path, documents: Sequence[Mapping[str, Any]]) -> Path:
    """JSON lines, gzipped if the name says so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = b"".join(json.dumps(document, ensure_ascii=False).encode() + b"\n" for document in documents)
    path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
    return path


def write_warc(path: Path, pages: Sequence[tuple[str, bytes]], content_type: str = "text/html; charset=utf-8") -> Path:
    """One response record, in a gzip member of its own, per (URL, HTML)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for number, (url, html) in enumerate(pages):
            headers = StatusAndHeaders("200 OK", [("Content-Type", content_type)], protocol="HTTP/1.1")
            record = writer.create_warc_record(
                url,
                "response",
                payload=io.BytesIO(html),
                http_headers=headers,
                warc_headers_dict={
                    "WARC-Date": "2024-05-01T12:00:00Z",
                    "WARC-Record-ID": f"<urn:uuid:00000000-0000-4000-8000-{number:012d}>",
                },
            )
            writer.write_record(record)
    return path


def page(text: str) -> bytes:
    """A page whose main text is `text`."""
    paragraphs = "".join(f"<p>{line}</p>" for line in text.split("\n"))
    return (
        f"<!doctype html><html><head><meta charset=utf-8><title>A page</title></head><body>"
        f"<nav><a href=/>Home</a><a href=/a>About</a></nav><main><article>{paragraphs}</article></main>"
        f"<footer>Imprint</footer></body></html>"
    ).encode()


def write_config(folder: Path, sources: Mapping[str, Any], **rest: Any) -> Path:
    path = folder / "corpus.yaml"
    path.write_text(yaml.safe_dump({"name": "test", "output": "out/", "sources": dict(sources), **rest}))
    return path


def run_config(
    path: Path, *, output: str | None = None, engine: Engine | None = None, split: int | None = None
) -> Result:
    """A run in this process, without a display."""
    config = load_config(path, output)
    if split is not None:
        config = config.model_copy(update={"split_bytes": split})
    return run(config, engine or Engine(runner="memory"), Display(Console(quiet=True), quiet=True))
