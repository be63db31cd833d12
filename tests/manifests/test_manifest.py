"""The manifest as a file, and what its two hashes depend on."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import CorpusError
from manifests.manifest import FileEntry, Manifest, RowGroup, Stream, load_manifest, manifest_path
from tests.manifests import corpora

_names = st.text(st.characters(codec="utf-8"), max_size=8)
_counts = st.integers(0, 2**53)
_groups = st.builds(RowGroup, offset=_counts, bytes=_counts, rows=_counts, text_bytes=_counts)
_files = st.builds(
    FileEntry,
    path=_names,
    rows=_counts,
    bytes=_counts,
    sha256=_names,
    content_hash=_names,
    first_row=_counts,
    text_bytes=_counts,
    row_groups=st.lists(_groups, max_size=2).map(tuple),
)
_tables = st.lists(_files, max_size=2).map(tuple)
_streams = st.builds(
    Stream, name=_names, kind=_names, language=_names, access=_names, rows=_counts, text_bytes=_counts, shards=_tables
)
_tree = st.recursive(
    st.none() | st.booleans() | st.integers() | _names,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_names, inner, max_size=2),
    max_leaves=4,
)
_manifests = st.builds(
    Manifest,
    name=_names,
    config=st.dictionaries(_names, _tree, max_size=2),
    versions=st.dictionaries(_names, _tree, max_size=2),
    documents=st.dictionaries(_names, _counts, max_size=2),
    funnel=st.lists(st.dictionaries(_names, _tree, max_size=2), max_size=2),
    skipped=st.dictionaries(_names, st.dictionaries(_names, _counts, max_size=2), max_size=2),
    streams=st.lists(_streams, max_size=2).map(tuple),
    ledger=_tables,
    quarantine=_tables,
    index=st.dictionaries(_names, _tables, max_size=2),
    parent=st.none() | _names,
)


def sample() -> Manifest:
    def entry(path: str) -> FileEntry:
        groups = (
            RowGroup(offset=4, bytes=10, rows=2, text_bytes=20),
            RowGroup(offset=14, bytes=9, rows=1, text_bytes=5),
        )
        return FileEntry(
            path=path, rows=3, bytes=99, sha256="s", content_hash=f"c{path}", text_bytes=25, row_groups=groups
        )

    stream = Stream(
        name="web/deu_Latn",
        kind="web",
        language="deu_Latn",
        access="open",
        rows=6,
        text_bytes=50,
        shards=(entry("a"), entry("b")),
    )
    return Manifest(
        name="test",
        config={"name": "test", "sources": {"crawl": {"format": "warc"}}},
        versions={"corpus": "0.1.0"},
        documents={"read": 9, "kept": 6},
        funnel=[{"source": "crawl", "language": "deu_Latn", "read": 9}],
        skipped={"crawl": {"image/png": 2}},
        streams=(stream,),
        ledger=(entry("l"),),
        quarantine=(entry("q"),),
        index={"id": (entry("i"),), "url": (entry("u"),)},
    ).sealed()


@given(_manifests)
def test_json_gives_back_the_same_manifest(manifest: Manifest) -> None:
    sealed = manifest.sealed()
    assert Manifest.from_json(sealed.to_json()) == sealed
    assert Manifest.from_json(sealed.to_json()).sealed() == sealed
    assert Manifest.from_json(sealed.to_json()).to_json() == sealed.to_json()


@given(_manifests)
def test_hashes_do_not_depend_on_the_order_of_keys(manifest: Manifest) -> None:
    def turned(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: turned(inner) for key, inner in reversed(value.items())}
        return [turned(inner) for inner in value] if isinstance(value, list) else value

    other = dataclasses.replace(
        manifest,
        config=turned(manifest.config),
        versions=turned(manifest.versions),
        documents=turned(manifest.documents),
        funnel=turned(manifest.funnel),
        skipped=turned(manifest.skipped),
        index=dict(reversed(list(manifest.index.items()))),
    ).sealed()
    assert (other.manifest_hash, other.layout_hash) == (manifest.sealed().manifest_hash, manifest.sealed().layout_hash)


def _with_shard(manifest: Manifest, **changes: Any) -> Manifest:
    (stream,) = manifest.streams
    shard = dataclasses.replace(stream.shards[0], **changes)
    return _with_stream(manifest, shards=(shard, stream.shards[1]))


def _with_stream(manifest: Manifest, **changes: Any) -> Manifest:
    return dataclasses.replace(manifest, streams=(dataclasses.replace(manifest.streams[0], **changes),))


def _with_group(manifest: Manifest, **changes: Any) -> Manifest:
    groups = manifest.streams[0].shards[0].row_groups
    return _with_shard(manifest, row_groups=(dataclasses.replace(groups[0], **changes), groups[1]))


def _with_table(manifest: Manifest, table: str, **changes: Any) -> Manifest:
    entries = getattr(manifest, table)
    changed: dict[str, Any] = {table: (dataclasses.replace(entries[0], **changes),)}
    return dataclasses.replace(manifest, **changed)


def _with_index(manifest: Manifest, **changes: Any) -> Manifest:
    (entry,) = manifest.index["id"]
    return dataclasses.replace(manifest, index={**manifest.index, "id": (dataclasses.replace(entry, **changes),)})


@pytest.mark.parametrize(
    "change",
    [
        lambda m: dataclasses.replace(m, parent="before"),
        lambda m: dataclasses.replace(m, manifest_hash="x", layout_hash="y"),
        lambda m: _with_shard(m, path="elsewhere", sha256="other", bytes=100),
        lambda m: _with_group(m, offset=5, bytes=11),
        lambda m: _with_table(m, "ledger", path="elsewhere", sha256="other", bytes=100),
        lambda m: _with_table(m, "quarantine", path="elsewhere", sha256="other", bytes=100),
        lambda m: _with_index(m, path="elsewhere", sha256="other", bytes=100),
    ],
)
def test_hashes_ignore_how_the_parquet_writer_packed_bytes(change: Callable[[Manifest], Manifest]) -> None:
    """Paths, sizes, SHA-256, offsets, and the snapshot before."""
    before, after = sample(), change(sample())
    assert after != before
    assert after.sealed().manifest_hash == before.manifest_hash
    assert after.sealed().layout_hash == before.layout_hash


@pytest.mark.parametrize(
    ("change", "layout"),
    [
        (lambda m: dataclasses.replace(m, name="other"), False),
        (lambda m: dataclasses.replace(m, config={**m.config, "languages": ["deu_Latn"]}), False),
        (lambda m: dataclasses.replace(m, versions={"corpus": "0.2.0"}), False),
        (lambda m: dataclasses.replace(m, documents={**m.documents, "kept": 5}), False),
        (lambda m: dataclasses.replace(m, funnel=[{**m.funnel[0], "read": 8}]), False),
        (lambda m: dataclasses.replace(m, skipped={"crawl": {"image/png": 3}}), False),
        (lambda m: _with_stream(m, name="web/nld_Latn"), True),
        (lambda m: _with_stream(m, kind="text"), False),
        (lambda m: _with_stream(m, language="nld_Latn"), False),
        (lambda m: _with_stream(m, access="restricted"), False),
        (lambda m: _with_stream(m, rows=7), False),
        (lambda m: _with_stream(m, text_bytes=51), False),
        (lambda m: _with_stream(m, shards=m.streams[0].shards[::-1]), True),
        (lambda m: _with_stream(m, shards=m.streams[0].shards[:1]), True),
        (lambda m: _with_shard(m, content_hash="other"), True),
        (lambda m: _with_shard(m, rows=4), False),
        (lambda m: _with_shard(m, first_row=1), False),
        (lambda m: _with_shard(m, text_bytes=26), False),
        (lambda m: _with_shard(m, row_groups=m.streams[0].shards[0].row_groups[:1]), True),
        (lambda m: _with_shard(m, row_groups=m.streams[0].shards[0].row_groups[::-1]), True),
        (lambda m: _with_group(m, rows=3), True),
        (lambda m: _with_group(m, text_bytes=21), False),
        (lambda m: _with_table(m, "ledger", content_hash="other"), False),
        (lambda m: _with_table(m, "ledger", rows=4), False),
        (lambda m: _with_table(m, "quarantine", content_hash="other"), False),
        (lambda m: dataclasses.replace(m, ledger=()), False),
        (lambda m: dataclasses.replace(m, ledger=m.quarantine, quarantine=m.ledger), False),
        (lambda m: _with_index(m, content_hash="other"), False),
        (lambda m: dataclasses.replace(m, index={"id": m.index["id"]}), False),
        (lambda m: dataclasses.replace(m, index={"id": m.index["url"], "url": m.index["id"]}), False),
    ],
)
def test_hashes_react_to_everything_else(change: Callable[[Manifest], Manifest], layout: bool) -> None:
    """The layout hash only to what the order of a trainer depends on."""
    before, after = sample(), change(sample()).sealed()
    assert after.manifest_hash != before.manifest_hash
    assert (after.layout_hash != before.layout_hash) == layout


def test_hashes_of_a_known_manifest_are_fixed_numbers() -> None:
    """Whoever changes these changes the identity of every corpus: raise the manifest's version with them."""
    assert sample().layout_hash == "c60d7b27bb6baba935810963d1cfaba77ccb953a5e53a910674a74b44211daf7"
    assert sample().manifest_hash == "18ea836f34de41706e22ca4ce20f605a84ddb8e6360410b0edab300477f3b2f4"


def _edited(**changes: Any) -> bytes:
    data = json.loads(sample().to_json())
    return json.dumps({**data, **changes}).encode()


def _without(key: str) -> bytes:
    data = json.loads(sample().to_json())
    del data[key]
    return json.dumps(data).encode()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is no manifest"),
        (b"\xff\xfe", "is no manifest"),
        (sample().to_json()[:-40], "is no manifest"),
        (b"[]", "is no corpus manifest"),
        (b"null", "is no corpus manifest"),
        (b"{}", "is no corpus manifest"),
        (_edited(format="other"), "is no corpus manifest"),
        (_edited(version=0), "has manifest version 0; this program reads version 1: use the release that wrote it"),
        (_edited(version=2), "has manifest version 2; this program reads version 1: use the release that wrote it"),
        (_without("version"), "has manifest version None"),
        (_without("streams"), "is damaged: .*streams"),
        (_without("funnel"), "is damaged: .*funnel"),
        (_without("index"), "is damaged: .*index"),
        (_edited(streams=None), "is damaged"),
        (_edited(streams=[{"name": "web/deu_Latn"}]), "is damaged: .*shards"),
        (_edited(ledger=[{"path": "x"}]), "is damaged"),
        (_edited(index=[]), "is damaged"),
        (_edited(surprise=1), "is damaged: .*surprise"),
    ],
)
def test_what_is_no_manifest_of_this_version_is_refused(data: bytes, message: str) -> None:
    """With the place, in one line, as an error for users."""
    with pytest.raises(CorpusError, match=f"^out/manifest.json: {message}"):
        Manifest.from_json(data, "out/manifest.json")


def test_files_are_listed_in_the_order_that_the_index_numbers() -> None:
    manifest = sample()
    assert [entry.path for entry in manifest.tables()] == ["a", "b", "l"]
    assert [entry.path for entry in manifest.files()] == ["a", "b", "l", "q", "i", "u"]


def test_manifest_is_found_in_folders_and_by_name(tmp_path: Path) -> None:
    assert manifest_path("s3://bucket/out/") == "s3://bucket/out/manifest.json"
    assert manifest_path("history/abc.json") == "history/abc.json"
    made = corpora.make_corpus(str(tmp_path), [corpora.kept(1)])
    assert load_manifest(str(tmp_path)) == load_manifest(str(tmp_path / "manifest.json")) == made
    with pytest.raises(CorpusError, match=r"elsewhere/manifest\.json: there is no published corpus here"):
        load_manifest(str(tmp_path / "elsewhere"))
