"""The manifest: the published snapshot of a corpus, and what identifies it.

- `manifest_hash` covers content, layout, configuration, and the versions of code, profiles and models.
- `layout_hash` covers what a trainer's order depends on: streams, ids of shards, row-group borders.
- `sha256` of each file is what `verify` reads. It depends on the Parquet writer, so it identifies bytes, not the corpus.

Times, hosts, engines and paths of machines stand in `run.json` beside it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from corpus import storage
from corpus.errors import CorpusError

FORMAT = "corpus-manifest"
VERSION = 1
MANIFEST_NAME = "manifest.json"


@dataclass(frozen=True, kw_only=True)
class RowGroup:
    offset: int  # of its first byte in the file
    bytes: int  # compressed
    rows: int
    text_bytes: int


@dataclass(frozen=True, kw_only=True)
class FileEntry:
    """A published Parquet file. `path` is relative to the corpus folder."""

    path: str
    rows: int
    bytes: int
    sha256: str
    content_hash: str
    first_row: int = 0  # number of its first row in the stream or table
    text_bytes: int = 0
    row_groups: tuple[RowGroup, ...] = ()

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> FileEntry:
        """From what `dataclasses.asdict` and JSON made of one."""
        return cls(**{**raw, "row_groups": tuple(RowGroup(**group) for group in raw["row_groups"])})


@dataclass(frozen=True, kw_only=True)
class Stream:
    """The shards of one kind, language and access class, in corpus order."""

    name: str
    kind: str
    language: str
    access: str
    rows: int
    text_bytes: int
    shards: tuple[FileEntry, ...]


@dataclass(frozen=True, kw_only=True)
class Manifest:
    name: str
    config: Mapping[str, Any]
    versions: Mapping[str, Any]  # code, steps, families, profiles, models, schemas
    documents: Mapping[str, int]  # read, kept, dropped, duplicates, quarantined, unreadable_ranges
    funnel: Sequence[Mapping[str, Any]]  # one row per source and language
    skipped: Mapping[str, Mapping[str, int]]  # source -> type of record passed over -> count
    streams: tuple[Stream, ...]
    ledger: tuple[FileEntry, ...]
    quarantine: tuple[FileEntry, ...]
    index: Mapping[str, tuple[FileEntry, ...]] = field(default_factory=dict)  # id, url -> sorted partitions
    parent: str | None = None  # manifest hash of the snapshot that stood here before
    manifest_hash: str = ""
    layout_hash: str = ""

    def tables(self) -> list[FileEntry]:
        """Shards, then ledger files: the order that the index numbers."""
        return [shard for stream in self.streams for shard in stream.shards] + list(self.ledger)

    def files(self) -> list[FileEntry]:
        """Every published file but the manifest itself."""
        index = [entry for name in sorted(self.index) for entry in self.index[name]]
        return [*self.tables(), *self.quarantine, *index]

    def stream(self, name: str) -> Stream:
        for stream in self.streams:
            if stream.name == name:
                return stream
        known = ", ".join(stream.name for stream in self.streams) or "none"
        raise CorpusError(f"there is no stream {name!r} in corpus {self.name!r}; streams: {known}")

    def sealed(self) -> Manifest:
        """With both hashes computed."""
        layout = _digest([_layout(stream) for stream in self.streams])
        return dataclasses.replace(self, layout_hash=layout, manifest_hash=_digest(_identity(self, layout)))

    def to_json(self) -> bytes:
        data = {"format": FORMAT, "version": VERSION, **dataclasses.asdict(self)}
        return json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False).encode() + b"\n"

    @classmethod
    def from_json(cls, data: bytes, where: str = MANIFEST_NAME) -> Manifest:
        try:
            raw = json.loads(data)
        except ValueError as error:
            raise CorpusError(f"{where}: is no manifest: {error}") from None
        if not isinstance(raw, dict) or raw.pop("format", None) != FORMAT:
            raise CorpusError(f"{where}: is no corpus manifest")
        if (version := raw.pop("version", None)) != VERSION:
            raise CorpusError(
                f"{where}: has manifest version {version}; this program reads version {VERSION}: "
                "use the release that wrote it, or a newer one"
            )
        try:
            raw["streams"] = tuple(
                Stream(**{**stream, "shards": _entries(stream["shards"])}) for stream in raw["streams"]
            )
            raw["ledger"] = _entries(raw["ledger"])
            raw["quarantine"] = _entries(raw["quarantine"])
            raw["index"] = {name: _entries(entries) for name, entries in raw["index"].items()}
            return cls(**raw)
        except (TypeError, KeyError, AttributeError) as error:
            raise CorpusError(f"{where}: is damaged: {error}") from None


def manifest_path(corpus: str) -> str:
    """The manifest of a corpus folder; a path that names the file itself stays."""
    return corpus if corpus.endswith(".json") else storage.join(corpus, MANIFEST_NAME)


def load_manifest(corpus: str) -> Manifest:
    path = manifest_path(corpus)
    if not storage.exists(path):
        raise CorpusError(f"{path}: there is no published corpus here; `corpus run` makes one")
    return Manifest.from_json(storage.read_bytes(path), path)


def _entries(raw: Sequence[Mapping[str, Any]]) -> tuple[FileEntry, ...]:
    return tuple(FileEntry.from_dict(entry) for entry in raw)


def _layout(stream: Stream) -> Any:
    return [
        stream.name,
        [[shard.content_hash, [group.rows for group in shard.row_groups]] for shard in stream.shards],
    ]


def _identity(manifest: Manifest, layout: str) -> Any:
    def said(entries: Sequence[FileEntry]) -> Any:
        return [
            [entry.content_hash, entry.rows, entry.first_row, entry.text_bytes]
            + [[group.rows, group.text_bytes] for group in entry.row_groups]
            for entry in entries
        ]

    streams = [
        [stream.name, stream.kind, stream.language, stream.access, stream.rows, stream.text_bytes, said(stream.shards)]
        for stream in manifest.streams
    ]

    return {
        "format": [FORMAT, VERSION],
        "name": manifest.name,
        "config": manifest.config,
        "versions": manifest.versions,
        "documents": manifest.documents,
        "funnel": manifest.funnel,
        "skipped": manifest.skipped,
        "layout": layout,
        "streams": streams,
        "ledger": said(manifest.ledger),
        "quarantine": said(manifest.quarantine),
        "index": {name: said(entries) for name, entries in manifest.index.items()},
    }


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
