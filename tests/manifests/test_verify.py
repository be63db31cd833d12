"""Every kind of damage is found and named."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import corpus
from corpus import storage
from corpus.errors import CorpusError
from manifests.content import ContentHasher
from manifests.groups import row_groups, text_bytes
from manifests.manifest import FileEntry, Manifest
from manifests.verify import verify
from tests.manifests import corpora


@pytest.fixture
def made(tmp_path: Path) -> tuple[Path, Manifest]:
    return tmp_path, corpora.usual(str(tmp_path))


def rewritten(folder: Path, entry: FileEntry, change: Callable[[pa.Table], pa.Table]) -> FileEntry:
    """Another file under the same name, and an entry that is true of it: what a run with a fault would publish."""
    path = folder / entry.path
    table = change(pq.read_table(path))
    pq.write_table(table, path, row_group_size=2, write_page_checksum=True)
    metadata = pq.read_metadata(path)
    hasher = ContentHasher(table.schema)
    for batch in table.to_batches():
        hasher.update(batch)
    texts = [text_bytes(table.slice(start, 2)) for start in range(0, max(table.num_rows, 1), 2)]
    return dataclasses.replace(
        entry,
        rows=table.num_rows,
        bytes=path.stat().st_size,
        sha256=storage.sha256(str(path)),
        content_hash=hasher.hexdigest(),
        text_bytes=sum(texts),
        row_groups=row_groups(metadata, texts[: metadata.num_row_groups]),
    )


def test_sound_corpora_have_no_faults(made: tuple[Path, Manifest], memory: str) -> None:
    assert verify(str(made[0])) == []
    assert corpus.verify(str(made[0] / "manifest.json")) == []
    corpora.usual(memory)
    assert verify(memory) == []
    corpora.make_corpus(f"{memory}/empty")
    assert verify(f"{memory}/empty") == []


def test_each_file_is_reported_to_the_display(made: tuple[Path, Manifest]) -> None:
    seen: list[str] = []
    verify(str(made[0]), lambda entry: seen.append(entry.path))
    assert seen == [entry.path for entry in made[1].files()]


def test_one_flipped_byte_is_found_in_every_published_file(made: tuple[Path, Manifest]) -> None:
    """At several places of each: header, data, footer."""
    folder, manifest = made
    assert len(manifest.files()) == 11
    for entry in manifest.files():
        path = folder / entry.path
        sound = path.read_bytes()
        for place in (0, len(sound) // 4, len(sound) // 2, len(sound) - 1):
            spoiled = bytearray(sound)
            spoiled[place] ^= 0x10
            path.write_bytes(spoiled)
            faults = verify(str(folder))
            assert any(fault.startswith(f"{entry.path}: its bytes changed") for fault in faults), (entry.path, place)
            assert not any(other.path in fault for fault in faults for other in manifest.files() if other != entry)
        path.write_bytes(sound)
    assert verify(str(folder)) == []


def test_damaged_row_group_is_named(made: tuple[Path, Manifest]) -> None:
    folder, manifest = made
    entry = manifest.stream("web/deu_Latn").shards[0]
    path = folder / entry.path
    text = pq.read_metadata(path).row_group(1).column(1)
    data = bytearray(path.read_bytes())
    data[text.data_page_offset + text.total_compressed_size - 1] ^= 0xFF  # in the page, behind its header
    path.write_bytes(data)
    assert f"{entry.path}: its bytes changed (SHA-256 differs from the manifest's); damaged row groups: 1" in verify(
        str(folder)
    )


@pytest.mark.parametrize("length", [0, 3, 100, -1])
def test_truncated_file_is_named(made: tuple[Path, Manifest], length: int) -> None:
    folder, manifest = made
    for entry in (manifest.streams[0].shards[0], manifest.ledger[0], manifest.quarantine[0], manifest.index["url"][0]):
        path = folder / entry.path
        sound = path.read_bytes()
        path.write_bytes(sound[:length])
        faults = verify(str(folder))
        assert f"{entry.path}: has {len(sound[:length])} bytes, the manifest says {entry.bytes}" in faults
        assert any(fault.startswith(f"{entry.path}: cannot be read: ") for fault in faults)
        assert all("\n" not in fault for fault in faults)
        path.write_bytes(sound)


def test_missing_file_is_named(made: tuple[Path, Manifest]) -> None:
    folder, manifest = made
    for entry in manifest.files():
        sound = (folder / entry.path).read_bytes()
        (folder / entry.path).unlink()
        assert f"{entry.path}: is missing" in verify(str(folder))
        (folder / entry.path).write_bytes(sound)


def test_appended_bytes_are_found(made: tuple[Path, Manifest]) -> None:
    folder, manifest = made
    with (folder / manifest.ledger[0].path).open("ab") as file:
        file.write(b"\x00")
    assert any("bytes, the manifest says" in fault for fault in verify(str(folder)))


def test_edited_manifest_is_found(made: tuple[Path, Manifest]) -> None:
    folder, manifest = made
    corpora.write_manifest(str(folder), dataclasses.replace(manifest, name="other"))
    (fault,) = verify(str(folder))
    assert re.match(f"manifest: manifest hash is {manifest.manifest_hash}, its content gives ", fault)
    corpora.write_manifest(str(folder), dataclasses.replace(manifest, layout_hash="0"))
    (fault,) = verify(str(folder))
    assert fault.startswith("manifest: layout hash is 0, its content gives ")


def test_unreadable_manifest_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="there is no published corpus here"):
        verify(str(tmp_path))
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(CorpusError, match="is no manifest"):
        verify(str(tmp_path))


@pytest.mark.parametrize("name", ["kept", "dropped", "duplicates", "quarantined", "unreadable_ranges"])
def test_changed_count_in_the_funnel_is_found(made: tuple[Path, Manifest], name: str) -> None:
    """Even where whoever changed it sealed the manifest anew."""
    folder, manifest = made
    number = next(number for number, row in enumerate(manifest.funnel) if row[name])
    funnel = [dict(row) for row in manifest.funnel]
    funnel[number][name] += 1
    corpora.write_manifest(str(folder), dataclasses.replace(manifest, funnel=funnel).sealed())
    faults = verify(str(folder))
    source = funnel[number]["source"]
    assert any(re.match(rf"source {source}: the funnel says \d+ {name}, files hold \d+", fault) for fault in faults)
    assert any(re.match(rf"manifest: says \d+ {name}, its funnel adds up to", fault) for fault in faults)


def test_documents_read_must_all_be_accounted_for(made: tuple[Path, Manifest]) -> None:
    folder, manifest = made
    funnel = [dict(row) for row in manifest.funnel]
    funnel[0]["read"] += 1
    documents = {**manifest.documents, "read": manifest.documents["read"] + 1}
    corpora.write_manifest(str(folder), dataclasses.replace(manifest, funnel=funnel, documents=documents).sealed())
    read = sum(row["read"] for row in funnel if row["source"] == funnel[0]["source"])
    assert verify(str(folder)) == [f"source crawl: {read} documents read, but {read - 1} accounted for"]


def test_source_that_the_funnel_forgot_is_found(made: tuple[Path, Manifest]) -> None:
    folder, manifest = made
    funnel = [row for row in manifest.funnel if row["source"] != "forum"]
    documents = {name: sum(row[name] for row in funnel) for name in manifest.documents}
    corpora.write_manifest(str(folder), dataclasses.replace(manifest, funnel=funnel, documents=documents).sealed())
    assert verify(str(folder)) == [
        "source forum: the funnel says 0 kept, files hold 2",
        "source forum: the funnel says 0 quarantined, files hold 1",
    ]


def test_dropped_ledger_row_is_found(made: tuple[Path, Manifest]) -> None:
    """Even where file, entry and seal agree: the funnel and the ledger do not."""
    folder, manifest = made
    entry = rewritten(folder, manifest.ledger[0], lambda table: table.slice(0, 2))
    corpora.write_manifest(str(folder), dataclasses.replace(manifest, ledger=(entry,)).sealed())
    assert verify(str(folder)) == ["source crawl: the funnel says 3 dropped, files hold 2"]


def test_duplicate_relabelled_as_rule_is_found(made: tuple[Path, Manifest]) -> None:
    folder, manifest = made

    def relabel(table: pa.Table) -> pa.Table:
        return table.set_column(1, table.schema.field(1), pa.array(["rule"] * table.num_rows))

    entry = rewritten(folder, manifest.ledger[0], relabel)
    corpora.write_manifest(str(folder), dataclasses.replace(manifest, ledger=(entry,)).sealed())
    assert verify(str(folder)) == ["source crawl: the funnel says 1 duplicates, files hold 0"]


def test_swapped_rows_are_found(made: tuple[Path, Manifest]) -> None:
    """A file whose bytes the manifest describes rightly, but whose rows stand in another order."""
    folder, manifest = made
    stream = manifest.stream("web/fra_Latn")
    (shard,) = stream.shards
    swapped = rewritten(folder, shard, lambda table: table.take([1, 0, 2]))
    lying = dataclasses.replace(swapped, content_hash=shard.content_hash)
    streams = tuple(dataclasses.replace(one, shards=(lying,)) if one == stream else one for one in manifest.streams)
    corpora.write_manifest(str(folder), dataclasses.replace(manifest, streams=streams).sealed())
    assert f"{shard.path}: its rows are not those of the manifest (content hash differs)" in verify(str(folder))


def test_repacked_file_has_the_same_rows_but_other_bytes(made: tuple[Path, Manifest]) -> None:
    folder, manifest = made
    (shard,) = manifest.stream("web/fra_Latn").shards
    assert rewritten(folder, shard, lambda table: table).content_hash == shard.content_hash
    faults = verify(str(folder))
    assert f"{shard.path}: its bytes changed (SHA-256 differs from the manifest's)" in faults
    assert not any("content hash" in fault for fault in faults)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"rows": 5}, r"has 4 rows, the manifest says 5"),
        ({"text_bytes": 1}, r"holds \d+ bytes of text, the manifest says 1"),
        ({"row_groups": ()}, r"has 2 row groups, the manifest says 0"),
    ],
)
def test_wrong_numbers_of_a_file_are_found(made: tuple[Path, Manifest], change: dict[str, Any], fault: str) -> None:
    folder, manifest = made
    stream = manifest.stream("web/deu_Latn")
    shards = (dataclasses.replace(stream.shards[0], **change), *stream.shards[1:])
    streams = tuple(dataclasses.replace(one, shards=shards) if one == stream else one for one in manifest.streams)
    corpora.write_manifest(str(folder), dataclasses.replace(manifest, streams=streams).sealed())
    assert any(re.fullmatch(f"{shards[0].path}: {fault}", found) for found in verify(str(folder)))


@pytest.mark.parametrize("name", ["offset", "bytes", "rows", "text_bytes"])
def test_wrong_numbers_of_a_row_group_are_found(made: tuple[Path, Manifest], name: str) -> None:
    """A trainer seeks by them."""
    folder, manifest = made
    stream = manifest.stream("web/deu_Latn")
    first, second = stream.shards[0].row_groups
    groups = (first, dataclasses.replace(second, **{name: 1}))
    shards = (dataclasses.replace(stream.shards[0], row_groups=groups), *stream.shards[1:])
    streams = tuple(dataclasses.replace(one, shards=shards) if one == stream else one for one in manifest.streams)
    corpora.write_manifest(str(folder), dataclasses.replace(manifest, streams=streams).sealed())
    assert verify(str(folder)) == [
        f"{shards[0].path}: row group 1: {name} is {getattr(second, name)}, the manifest says 1"
    ]


@pytest.mark.parametrize("name", ["rows", "text_bytes"])
def test_wrong_numbers_of_a_stream_are_found(made: tuple[Path, Manifest], name: str) -> None:
    folder, manifest = made
    change: dict[str, Any] = {name: 1}
    streams = (dataclasses.replace(manifest.streams[0], **change), *manifest.streams[1:])
    corpora.write_manifest(str(folder), dataclasses.replace(manifest, streams=streams).sealed())
    true = getattr(manifest.streams[0], name)
    assert verify(str(folder)) == [f"stream restricted/text/deu_Latn: says 1 {name}, its shards say {true}"]


def test_wrong_first_row_is_found(made: tuple[Path, Manifest]) -> None:
    folder, manifest = made
    stream = manifest.stream("web/deu_Latn")
    shards = (stream.shards[0], dataclasses.replace(stream.shards[1], first_row=5), stream.shards[2])
    streams = tuple(dataclasses.replace(one, shards=shards) if one == stream else one for one in manifest.streams)
    corpora.write_manifest(str(folder), dataclasses.replace(manifest, streams=streams).sealed())
    assert verify(str(folder)) == [
        f"stream web/deu_Latn: {shards[1].path} says its first row is 5, those before it hold 4"
    ]


def test_exchanged_files_are_found(made: tuple[Path, Manifest]) -> None:
    """Both sound, each under the name of the other."""
    folder, manifest = made
    one, two = (folder / shard.path for shard in manifest.stream("web/deu_Latn").shards[:2])
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)
    faults = verify(str(folder))
    for shard in manifest.stream("web/deu_Latn").shards[:2]:
        assert f"{shard.path}: its rows are not those of the manifest (content hash differs)" in faults
