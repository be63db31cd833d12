"""Files, local and remote: listed, read, and written whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus import storage
from corpus.errors import CorpusError
from corpus.storage import HashingWriter, Staged, atomic_writer, list_inputs


@pytest.fixture(params=["local", "memory"])
def folder(
    request: pytest.FixtureRequest, tmp_path: Path, memory: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """A folder on either store; remote stores stage in a temporary folder of this test, which must be left empty."""
    staging = tmp_path / "staging"
    staging.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(staging))
    yield str(tmp_path / "store") if request.param == "local" else memory
    assert list(staging.iterdir()) == []


def test_file_appears_when_it_is_complete(folder: str) -> None:
    url = storage.join(folder, "deep", "er", "a.bin")
    with atomic_writer(url) as file:
        file.write(b"one")
        file.write(b" two")
        assert not storage.exists(url)
    assert storage.read_bytes(url) == b"one two"
    assert storage.list_files(folder) == ["deep/er/a.bin"]
    assert storage.size(url) == 7
    assert storage.sha256(url, block=2) == hashlib.sha256(b"one two").hexdigest()


def _write_half(url: str, error: BaseException) -> None:
    with atomic_writer(url) as file:
        file.write(b"half")
        raise error


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, GeneratorExit])
def test_failed_write_leaves_nothing(folder: str, error: type[BaseException]) -> None:
    url = storage.join(folder, "a.bin")
    with pytest.raises(error):
        _write_half(url, error())
    assert storage.list_files(folder) == []


def test_failed_write_leaves_the_earlier_file(folder: str) -> None:
    url = storage.join(folder, "a.bin")
    storage.write_atomic(url, b"earlier")
    with pytest.raises(ValueError, match="stop"):
        _write_half(url, ValueError("stop"))
    assert storage.read_bytes(url) == b"earlier"
    storage.write_atomic(url, b"later")
    assert storage.read_bytes(url) == b"later"
    assert storage.list_files(folder) == ["a.bin"]


def test_several_files_can_be_written_at_once(folder: str) -> None:
    """A task writes documents and signals side by side, and other threads write theirs."""
    names = ["a", "b", "c"]
    with contextlib.ExitStack() as stack:
        files = [stack.enter_context(atomic_writer(storage.join(folder, name))) for name in names]
        for name, file in zip(names, files, strict=True):
            file.write(name.encode())
        with pytest.raises(ValueError, match="stop"), atomic_writer(storage.join(folder, "d")):
            raise ValueError("stop")
    assert storage.list_files(folder) == names
    assert [storage.read_bytes(storage.join(folder, name)) for name in names] == [b"a", b"b", b"c"]


def test_end_of_one_writer_does_not_publish_anothers_half_file(folder: str) -> None:
    started, finish = threading.Event(), threading.Event()

    def slow() -> None:
        with contextlib.suppress(ValueError), atomic_writer(storage.join(folder, "slow")) as file:
            file.write(b"half")
            started.set()
            finish.wait(10)
            raise ValueError

    thread = threading.Thread(target=slow)
    thread.start()
    started.wait(10)
    storage.write_atomic(storage.join(folder, "fast"), b"whole")
    assert [name for name in storage.list_files(folder) if storage.TEMPORARY_MARK not in name] == ["fast"]
    finish.set()
    thread.join()
    assert storage.list_files(folder) == ["fast"]


def test_staged_file_gets_its_name_at_the_end(folder: str) -> None:
    staged = Staged(storage.join(folder, "sub"))
    staged.file.write(b"content")
    assert [name for name in storage.list_files(folder) if storage.TEMPORARY_MARK not in name] == []
    staged.commit("named.bin")
    staged.discard()
    assert storage.list_files(folder) == ["sub/named.bin"]
    assert storage.read_bytes(storage.join(folder, "sub", "named.bin")) == b"content"


def test_discarded_file_leaves_nothing(folder: str) -> None:
    staged = Staged(folder)
    staged.file.write(b"content")
    staged.discard()
    staged.discard()
    assert storage.list_files(folder) == []


def test_temporary_files_are_marked(tmp_path: Path) -> None:
    """So that what a killed run leaves can be told and removed."""
    with atomic_writer(str(tmp_path / "a")):
        assert [path.name.startswith(storage.TEMPORARY_MARK) for path in tmp_path.iterdir()] == [True]


def test_reading_what_is_not_there_names_it(folder: str) -> None:
    url = storage.join(folder, "none.bin")
    with pytest.raises(CorpusError, match=r"none\.bin: cannot be read: "):
        storage.read_bytes(url)
    assert not storage.exists(url)
    assert storage.list_files(storage.join(folder, "nowhere")) == []
    storage.remove(url)


def test_files_are_listed_below_the_folder_alone(folder: str) -> None:
    for name in ("out/b", "out/a/c", "out-other/d"):
        storage.write_atomic(storage.join(folder, name), b"x")
    assert storage.list_files(storage.join(folder, "out")) == ["a/c", "b"]
    assert storage.list_files(storage.join(folder, "out") + "/") == ["a/c", "b"]
    storage.remove(storage.join(folder, "out/b"))
    assert storage.list_files(storage.join(folder, "out")) == ["a/c"]


def test_unknown_protocol_is_an_error_for_users() -> None:
    with pytest.raises(CorpusError, match="nosuch://bucket/a: cannot be opened"):
        storage.exists("nosuch://bucket/a")


def test_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(CorpusError, match="file/sub: cannot be created: "):
        storage.make_folder(str(tmp_path / "file" / "sub"))


def test_hashing_writer_keeps_count_of_what_went_by(tmp_path: Path) -> None:
    with (tmp_path / "a").open("wb") as file:
        writer = HashingWriter(file)
        assert writer.write(b"one") == 3
        assert writer.write(memoryview(bytearray(range(8))).cast("I")) == 8
        assert (writer.length, writer.tell(), writer.writable()) == (11, 11, True)
    data = (tmp_path / "a").read_bytes()
    assert data == b"one" + bytes(range(8))
    assert writer.sha256() == hashlib.sha256(data).hexdigest()


def test_free_space_is_known_of_local_paths_alone(tmp_path: Path, memory: str) -> None:
    assert storage.free_bytes(memory) is None
    free = storage.free_bytes(str(tmp_path / "not" / "yet" / "there"))
    assert free is not None
    assert free > 0


@pytest.mark.parametrize(
    ("parts", "joined"),
    [(("a", "b", "c"), "a/b/c"), (("a/", "b"), "a/b"), (("s3://bucket/", "x"), "s3://bucket/x"), (("/", "x"), "/x")],
)
def test_join(parts: tuple[str, ...], joined: str) -> None:
    assert storage.join(*parts) == joined


class TestInputs:
    """What a source's pattern matches."""

    @pytest.fixture(autouse=True)
    def _files(self, folder: str) -> None:
        self.folder = folder
        for name in ("in/b.gz", "in/a.gz", "in/sub/a.gz", "in/sub/deep/c.gz", "in/note.txt"):
            storage.write_atomic(storage.join(folder, name), name.encode())

    def names(self, pattern: str) -> list[str]:
        return [file.name for file in list_inputs(storage.join(self.folder, pattern))]

    @pytest.mark.parametrize(
        ("pattern", "names"),
        [
            ("in/a.gz", ["a.gz"]),
            ("in/*.gz", ["a.gz", "b.gz"]),
            ("in/?.gz", ["a.gz", "b.gz"]),
            ("in/[b-z].gz", ["b.gz"]),
            ("in/*/a.gz", ["sub/a.gz"]),
            ("in/su*/a.gz", ["sub/a.gz"]),
            ("in/sub/*.gz", ["a.gz"]),
            ("in/**/*.gz", ["a.gz", "b.gz", "sub/a.gz", "sub/deep/c.gz"]),
            ("*/note.txt", ["in/note.txt"]),
            ("in/none.gz", []),
            ("in/*.zst", []),
            ("nowhere/*.gz", []),
        ],
    )
    def test_names_are_relative_to_the_fixed_part_of_the_pattern(self, pattern: str, names: list[str]) -> None:
        """So the same input elsewhere gives the same corpus."""
        assert self.names(pattern) == names

    def test_listed_path_can_be_opened(self) -> None:
        for file in list_inputs(storage.join(self.folder, "in/**/*.gz")):
            assert storage.read_bytes(file.path) == f"in/{file.name}".encode()
            assert file.bytes == len(f"in/{file.name}")
            assert file.problem is None

    def test_what_is_no_readable_file_carries_its_problem(self) -> None:
        """It is matched and must be accounted for, not passed over."""
        storage.write_atomic(storage.join(self.folder, "in/empty.gz"), b"")
        found = {file.name: file.problem for file in list_inputs(storage.join(self.folder, "in/*"))}
        assert found["empty.gz"] == "is empty"
        assert found["sub"] == "is a folder, not a file"
        assert found["a.gz"] is None
        (single,) = list_inputs(storage.join(self.folder, "in/sub"))
        assert single.problem == "is a folder, not a file"


def test_file_without_permission_carries_its_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulated, since the superuser may read everything."""
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(b"x")
    monkeypatch.setattr(os, "access", lambda path, mode: not str(path).endswith("a"))
    assert [file.problem for file in list_inputs(str(tmp_path / "*"))] == ["permission denied", None]


def test_stamp_changes_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x")
    os.utime(path, (1, 1))
    (first,) = list_inputs(str(path))
    (again,) = list_inputs(str(path))
    os.utime(path, (2, 2))
    (later,) = list_inputs(str(path))
    assert first == again
    assert later.stamp != first.stamp


def test_name_that_is_not_utf_8_is_written_out(tmp_path: Path) -> None:
    """It stands in documents and ledger, which hold text alone; the file itself is read all the same."""
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.gz")).write_bytes(b"x")
    except OSError:
        pytest.skip("this file system takes no such name")
    (found,) = list_inputs(str(tmp_path / "*.gz"))
    assert found.name == "caf\\xe9.gz"
    assert storage.read_bytes(found.path) == b"x"
