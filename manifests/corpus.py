"""Reading a published corpus back: streams and Arrow batches, with the base dependencies alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa
import pyarrow.parquet as pq

from corpus import storage
from corpus.errors import CorpusError
from manifests.manifest import Manifest, Stream, load_manifest, manifest_path
from manifests.schema import INDEX_SCHEMA_VERSION, LEDGER_SCHEMA_VERSION, SHARD_SCHEMA_VERSION


@dataclass(frozen=True)
class Corpus:
    """A published corpus. Made by `Corpus.open`; holds no open files."""

    folder: str
    manifest: Manifest

    @classmethod
    def open(cls, corpus: str, manifest_hash: str | None = None) -> Corpus:
        """Open a corpus folder or manifest file, local or any fsspec URL.

        With `manifest_hash`, refuses any other corpus than the one named.
        """
        manifest = load_manifest(corpus)
        if manifest_hash is not None and manifest.manifest_hash != manifest_hash:
            raise CorpusError(
                f"{corpus}: holds the corpus {manifest.manifest_hash}, not {manifest_hash}: it was made anew or changed"
            )
        known = {"shard": SHARD_SCHEMA_VERSION, "ledger": LEDGER_SCHEMA_VERSION, "index": INDEX_SCHEMA_VERSION}
        for name, version in manifest.versions.get("schemas", {}).items():
            if name in known and version != known[name]:
                raise CorpusError(
                    f"{corpus}: its {name} files have schema version {version}; this program reads {known[name]}: "
                    "use the release that wrote them, or a newer one"
                )
        return cls(manifest_path(corpus).rpartition("/")[0] or ".", manifest)

    @cached_property
    def streams(self) -> dict[str, Stream]:
        return {stream.name: stream for stream in self.manifest.streams}

    def __len__(self) -> int:
        """Kept documents."""
        return sum(stream.rows for stream in self.manifest.streams)

    def batches(
        self, stream: str | None = None, *, columns: Sequence[str] | None = None, batch_rows: int = 1_000
    ) -> Iterator[pa.RecordBatch]:
        """Documents in corpus order as Arrow batches: of one stream, or of all, stream by stream."""
        chosen = self.manifest.streams if stream is None else (self.manifest.stream(stream),)
        for one in chosen:
            for shard in one.shards:
                yield from self.read_file(shard.path, columns=columns, batch_rows=batch_rows)

    def ledger(self, *, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """Dropped documents and why, in corpus order."""
        for entry in self.manifest.ledger:
            yield from self.read_file(entry.path, columns=columns)

    def quarantine(self) -> Iterator[pa.RecordBatch]:
        """What could not be read, in corpus order."""
        for entry in self.manifest.quarantine:
            yield from self.read_file(entry.path)

    def read_file(
        self, path: str, *, columns: Sequence[str] | None = None, batch_rows: int = 1_000
    ) -> Iterator[pa.RecordBatch]:
        """Batches of one published file, by its path in the manifest."""
        full = storage.join(self.folder, path)
        with storage.open_arrow(full) as file:
            try:
                parquet = pq.ParquetFile(file)
                yield from parquet.iter_batches(batch_rows, columns=list(columns) if columns is not None else None)
            except (pa.ArrowException, OSError) as error:
                raise CorpusError(f"{full}: is damaged ({error}); `corpus verify` lists what is wrong") from None


def open_corpus(corpus: str, manifest_hash: str | None = None) -> Corpus:
    """Open a published corpus for reading: `Corpus.open`, as `corpus.open`."""
    return Corpus.open(corpus, manifest_hash)
