"""Files, local or remote, through fsspec: listing, opening, and writing so that a file is there whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

import fsspec
import pyarrow as pa
from fsspec.implementations.local import LocalFileSystem

from corpus.errors import CorpusError

#: Marks files that are being written; `corpus clean` may remove any that a killed run left behind.
TEMPORARY_MARK = ".tmp-"


@dataclass(frozen=True, kw_only=True, order=True)
class InputFile:
    """One file matched by a source's pattern."""

    name: str  # relative to the fixed part of the pattern, with `/`: what documents and ledger show
    path: str  # full path or URL: what is opened; never published
    bytes: int
    stamp: str  # changes when the content may have changed
    problem: str | None = None  # why it cannot be read at all, where that is known from the listing


def filesystem(url: str) -> tuple[Any, str]:
    """The fsspec file system of a path or URL, and the path inside it."""
    try:
        fs, path = fsspec.core.url_to_fs(url)
    except (ImportError, ValueError) as error:
        raise CorpusError(f"{url}: cannot be opened: {error}") from error
    return fs, path


def is_local(url: str) -> bool:
    return isinstance(filesystem(url)[0], LocalFileSystem)


def join(folder: str, *parts: str) -> str:
    return "/".join([folder.rstrip("/"), *parts])


def list_inputs(pattern: str) -> list[InputFile]:
    """Files that match a path or glob pattern, sorted by name; what is matched but is no readable file carries a problem."""
    fs, path = filesystem(pattern)
    root = _fixed_root(path)
    found = []
    matches: dict[str, dict[str, Any]] = fs.glob(path, detail=True) if has_magic(path) else {}
    if not has_magic(path) and fs.exists(path):
        matches = {path: fs.info(path)}
    for full, info in matches.items():
        name = full[len(root) :].lstrip("/") or full.rsplit("/", 1)[-1]
        size = int(info.get("size") or 0)
        problem = None
        if info["type"] == "directory":
            problem = "is a folder, not a file"
        elif isinstance(fs, LocalFileSystem) and not os.access(full, os.R_OK):
            problem = "permission denied"
        elif size == 0:
            problem = "is empty"
        found.append(
            InputFile(
                name=_printable(name),
                path=fs.unstrip_protocol(full) if not isinstance(fs, LocalFileSystem) else full,
                bytes=size,
                stamp=_stamp(info),
                problem=problem,
            )
        )
    return sorted(found)


def _printable(name: str) -> str:
    """A file name as text: bytes that are no UTF-8, which Python shows as surrogates, are written as `\\xff`."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def has_magic(path: str) -> bool:
    return any(character in path for character in "*?[")


def _fixed_root(path: str) -> str:
    """The longest leading part of a pattern without wildcards, up to a folder border."""
    fixed = path
    for index, character in enumerate(path):
        if character in "*?[":
            fixed = path[:index]
            break
    return fixed.rsplit("/", 1)[0] + "/"


def _stamp(info: dict[str, Any]) -> str:
    for key in (
        "ETag",
        "etag",
        "md5Hash",
        "checksum",
        "content_md5",
        "mtime",
        "LastModified",
        "last_modified",
        "updated",
    ):
        if info.get(key):
            return f"{key}:{info[key]}"
    return f"size:{info.get('size')}"


def open_read(url: str) -> IO[bytes]:
    """Open for reading; seekable on every store that supports ranges."""
    fs, path = filesystem(url)
    try:
        opened: IO[bytes] = fs.open(path, "rb")
    except OSError as error:
        raise CorpusError(f"{url}: cannot be read: {error.strerror or error}") from error
    return opened


@contextlib.contextmanager
def open_arrow(url: str) -> Iterator[Any]:
    """Open for Arrow's readers. Local files are Arrow's own: its threads may outlive a read by a moment, and one that
    lets go of a Python file while the interpreter ends would abort the process."""
    fs, path = filesystem(url)
    if not isinstance(fs, LocalFileSystem):
        with open_read(url) as file:
            yield file
        return
    try:
        native = pa.OSFile(path, "rb")
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else error  # Arrow's own text repeats the path
        raise CorpusError(f"{url}: cannot be read: {reason}") from error
    with native:
        yield native


def exists(url: str) -> bool:
    fs, path = filesystem(url)
    return bool(fs.exists(path))


def size(url: str) -> int:
    fs, path = filesystem(url)
    return int(fs.size(path))


def list_files(folder: str) -> list[str]:
    """Every file below a folder, as paths relative to it, sorted; an absent folder has none."""
    fs, path = filesystem(folder)
    root = path.rstrip("/") + "/"
    try:
        return sorted(found[len(root) :] for found in fs.find(path) if found.startswith(root))
    except FileNotFoundError:
        return []


def read_bytes(url: str) -> bytes:
    with open_read(url) as file:
        return file.read()


def remove(url: str) -> None:
    fs, path = filesystem(url)
    with contextlib.suppress(FileNotFoundError):
        fs.rm(path, recursive=False)


def make_folder(url: str) -> None:
    fs, path = filesystem(url)
    try:
        fs.makedirs(path, exist_ok=True)
    except OSError as error:
        raise CorpusError(f"{url}: cannot be created: {error.strerror or error}") from error


@contextlib.contextmanager
def atomic_writer(url: str) -> Iterator[IO[bytes]]:
    """A file that appears under its name only when it is complete.

    Locally: a temporary name in the same folder, then a rename. On object stores a rename is a copy, and a single upload is
    atomic already, so the whole file is uploaded at the end. (Not fsspec's transactions: they hold for a whole file system,
    so that the writers of two threads, or two writers at once, would commit or lose each other's files.)
    """
    fs, path = filesystem(url)
    if isinstance(fs, LocalFileSystem):
        folder, _, name = path.rpartition("/")
        os.makedirs(folder, exist_ok=True)  # noqa: PTH103 - fsspec paths are strings
        temporary = f"{folder}/{TEMPORARY_MARK}{uuid.uuid4().hex}-{name}"
        try:
            with open(temporary, "wb") as file:  # noqa: PTH123
                yield file
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)  # noqa: PTH105
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)  # noqa: PTH108
            raise
    else:
        with tempfile.NamedTemporaryFile(prefix=TEMPORARY_MARK) as file:
            yield file
            file.flush()
            fs.put_file(file.name, path)


class Staged:
    """A file whose name is known only once it is written, such as one named after its content."""

    def __init__(self, folder: str) -> None:
        self._fs, self._folder = filesystem(folder)
        self._local = isinstance(self._fs, LocalFileSystem)
        if self._local:
            make_folder(folder)
        where = self._folder if self._local else tempfile.gettempdir()
        self._temporary = f"{where}/{TEMPORARY_MARK}{uuid.uuid4().hex}"
        self.file: IO[bytes] = open(self._temporary, "wb")  # noqa: PTH123, SIM115

    def commit(self, name: str) -> None:
        """Close, and put the file in its folder under `name`."""
        self.file.flush()
        os.fsync(self.file.fileno())
        self.file.close()
        if self._local:
            os.replace(self._temporary, f"{self._folder}/{name}")  # noqa: PTH105
        else:
            self._fs.put_file(self._temporary, f"{self._folder}/{name}")
            os.unlink(self._temporary)  # noqa: PTH108

    def discard(self) -> None:
        """Remove what was written, unless it was committed."""
        self.file.close()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._temporary)  # noqa: PTH108


def write_atomic(url: str, data: bytes) -> None:
    with atomic_writer(url) as file:
        file.write(data)


def sha256(url: str, block: int = 1 << 20) -> str:
    digest = hashlib.sha256()
    with open_read(url) as file:
        while chunk := file.read(block):
            digest.update(chunk)
    return digest.hexdigest()


class HashingWriter(io.RawIOBase):
    """Passes writes through and keeps the SHA-256 and the length of what went by."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self.length = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        view = memoryview(data)
        self._digest.update(view)
        self.length += view.nbytes
        self._file.write(view)
        return view.nbytes

    def tell(self) -> int:
        return self.length

    def sha256(self) -> str:
        return self._digest.hexdigest()


def free_bytes(url: str) -> int | None:
    """Free space where a local path would be written; None for stores that have no such number."""
    fs, path = filesystem(url)
    if not isinstance(fs, LocalFileSystem):
        return None
    while not os.path.isdir(path):  # noqa: PTH112
        path = os.path.dirname(path)  # noqa: PTH120
    stat = os.statvfs(path)
    return stat.f_bavail * stat.f_frsize
