"""Published files: named after their content, described rightly, whole or not there."""

from __future__ import annotations

import gc
import hashlib
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpus.config import ShardsConfig
from manifests.content import ContentHasher
from manifests.manifest import FileEntry
from manifests.schema import INDEX_SCHEMA, LEDGER_SCHEMA, SHARD_SCHEMA
from pipelines.published import PublishedWriter
from tests.manifests import corpora

TABLE = pa.Table.from_pylist([corpora.kept(number) for number in range(7)], schema=SHARD_SCHEMA)


def write(output: Path | str, shards: ShardsConfig | None = None, group: int = 3) -> FileEntry:
    with PublishedWriter(str(output), "shards/web", "00000", SHARD_SCHEMA, shards or ShardsConfig()) as writer:
        for start in range(0, TABLE.num_rows, group):
            writer.add_group(TABLE.slice(start, group))
        return writer.finish(first_row=10)


def test_entry_describes_the_file(tmp_path: Path) -> None:
    entry = write(tmp_path)
    data = (tmp_path / entry.path).read_bytes()
    assert entry.path == f"shards/web/00000-{entry.sha256[:12]}.parquet"
    assert (entry.rows, entry.first_row, entry.bytes) == (7, 10, len(data))
    assert entry.sha256 == hashlib.sha256(data).hexdigest()
    hasher = ContentHasher(SHARD_SCHEMA)
    for batch in TABLE.to_batches():
        hasher.update(batch)
    assert entry.content_hash == hasher.hexdigest()
    assert entry.text_bytes == sum(len(text.encode()) for text in TABLE["text"].to_pylist())
    assert pq.read_table(tmp_path / entry.path).equals(TABLE)
    assert [path.name for path in (tmp_path / "shards/web").iterdir()] == [Path(entry.path).name]


def test_row_groups_are_where_the_entry_says(tmp_path: Path) -> None:
    """They follow each other without a gap, from the first byte behind the magic to the footer."""
    entry = write(tmp_path)
    assert [group.rows for group in entry.row_groups] == [3, 3, 1]
    assert sum(group.text_bytes for group in entry.row_groups) == entry.text_bytes
    place = 4
    for number, group in enumerate(entry.row_groups):
        assert group.offset == place
        place += group.bytes
        assert group.text_bytes == sum(TABLE["text_bytes"].to_pylist()[number * 3 : number * 3 + 3])
    assert 0 < entry.bytes - place < 20_000


@pytest.mark.parametrize(
    "shards",
    [
        ShardsConfig(compression="snappy"),
        ShardsConfig(compression="lz4"),
        ShardsConfig(compression="none"),
        ShardsConfig(compression="zstd", compression_level=19),
    ],
)
def test_compression_changes_bytes_but_not_content(tmp_path: Path, shards: ShardsConfig) -> None:
    usual, other = write(tmp_path / "a"), write(tmp_path / "b", shards)
    assert other.content_hash == usual.content_hash
    assert other.path != usual.path, "a file of other bytes never takes the place of one that is being read"
    assert pq.read_table(tmp_path / "b" / other.path).equals(TABLE)
    codec = pq.read_metadata(tmp_path / "b" / other.path).row_group(0).column(1).compression
    assert codec == {"none": "UNCOMPRESSED"}.get(shards.compression, shards.compression.upper())


def test_row_groups_change_the_bytes_but_not_the_content(tmp_path: Path) -> None:
    one, seven = write(tmp_path / "a", group=1), write(tmp_path / "b", group=7)
    assert one.content_hash == seven.content_hash
    assert one.path != seven.path


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    assert write(tmp_path / "a") == write(tmp_path / "b")


def test_nothing_appears_without_finish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does anything complain later, when the writer is collected."""

    complaints: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", complaints.append)

    def fail() -> None:
        with PublishedWriter(str(tmp_path), "shards", "00000", SHARD_SCHEMA, ShardsConfig()) as writer:
            writer.add_group(TABLE)
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        fail()
    gc.collect()
    with PublishedWriter(str(tmp_path), "shards", "00000", SHARD_SCHEMA, ShardsConfig()) as writer:
        writer.add_group(TABLE)
    del writer
    gc.collect()
    assert list((tmp_path / "shards").iterdir()) == []
    assert complaints == []


def test_file_of_no_rows_can_be_published(tmp_path: Path) -> None:
    """An index has partitions without entries."""
    with PublishedWriter(str(tmp_path), "index", "id", INDEX_SCHEMA, ShardsConfig()) as writer:
        writer.add_group(INDEX_SCHEMA.empty_table())
        entry = writer.finish()
    assert (entry.rows, entry.text_bytes) == (0, 0)
    assert pq.read_table(tmp_path / entry.path).equals(INDEX_SCHEMA.empty_table())
    with PublishedWriter(str(tmp_path), "ledger", "dropped", LEDGER_SCHEMA, ShardsConfig()) as writer:
        assert writer.finish().row_groups == ()


def test_pages_carry_checksums(tmp_path: Path) -> None:
    """So that a damaged row group can be told from its neighbours."""
    entry = write(tmp_path, ShardsConfig(compression="none"))
    path = tmp_path / entry.path
    data = bytearray(path.read_bytes())
    place = data.find(b"Dokument Nummer 4")
    assert place > 0
    data[place] ^= 1
    path.write_bytes(data)
    assert pq.ParquetFile(path, page_checksum_verification=True).read_row_group(0).num_rows == 3
    with pytest.raises(OSError, match="CRC checksum"):
        pq.ParquetFile(path, page_checksum_verification=True).read_row_group(1)
