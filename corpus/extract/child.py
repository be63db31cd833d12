"""One child process and its two pipes: messages go out and come in without either side ever blocking the other."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from corpus.errors import CorpusError
from corpus.extract import frames

_START_SECONDS = 120.0  # its imports take half a second; a cold network disk takes longer
_END_SECONDS = 5.0
_READ_BYTES = 1 << 20
_SAID_BYTES = 2000


class Child:
    """A started worker. `send` queues, `receive` moves bytes both ways; both belong to one thread."""

    def __init__(self, command: Sequence[str]) -> None:
        self.sent = 0  # messages over the child's life
        self._incoming = bytearray()
        self._outgoing = bytearray()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the child
        # A fixed hash seed gives sets of strings one order in every child; the package need not be installed to be found.
        roots = [str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = os.environ | {"PYTHONHASHSEED": "0", "PYTHONPATH": os.pathsep.join(roots)}
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=environment,
            bufsize=0,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        for pipe in (self._stdin, self._stdout):
            os.set_blocking(pipe.fileno(), False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._stdout, selectors.EVENT_READ)
        self._writing = False

    def wait_until_ready(self) -> None:
        """Wait for the child's imports. Raises `CorpusError`, with what the child said, if it does not come up."""
        deadline = time.monotonic() + _START_SECONDS
        try:
            if self.receive(deadline) == frames.READY:
                return
            said = f"it did not start within {_START_SECONDS:.0f} s"
        except ChildEnded as ended:
            said = str(ended)
        said += "\n" + self._said()
        self.kill()
        raise CorpusError(
            f"the extraction process does not run: {said.strip()}\nTry `python -m corpus.extract.worker 4294967296`."
        )

    def send(self, message: bytes) -> None:
        self._outgoing += message
        self.sent += 1
        if not self._writing:
            self._selector.register(self._stdin, selectors.EVENT_WRITE)
            self._writing = True

    def receive(self, deadline: float) -> frames.Parts | None:
        """The next message, or None if `time.monotonic()` reaches the deadline first. Raises `ChildEnded`.

        A message that has arrived by the time of the call counts, however late the caller was: its own sleep is not the child's.
        """
        while (parts := frames.unpack(self._incoming)) is None:
            left = deadline - time.monotonic()
            ready = self._selector.select(max(left, 0))
            if not ready and left <= 0:
                return None
            moved = False
            for key, _ in ready:
                if key.fileobj is self._stdin:
                    self._write()
                else:
                    self._read()
                    moved = True
            if not moved and left <= 0:
                return None
        return parts

    def _write(self) -> None:
        try:
            with memoryview(self._outgoing) as view:
                written = os.write(self._stdin.fileno(), view[: 1 << 20])
            del self._outgoing[:written]
        except BlockingIOError:
            return
        except BrokenPipeError:
            # How the child ended is seen where its output ends.
            self._outgoing.clear()
        if not self._outgoing:
            self._selector.unregister(self._stdin)
            self._writing = False

    def _read(self) -> None:
        try:
            chunk = os.read(self._stdout.fileno(), _READ_BYTES)
        except BlockingIOError:
            return
        if not chunk:
            raise ChildEnded(_how_it_ended(self._process))
        self._incoming += chunk

    def _said(self) -> str:
        size = self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, size - _SAID_BYTES))
        return self._errors.read().decode("utf-8", "replace")

    def kill(self) -> None:
        self._process.kill()
        self.close()

    def close(self) -> None:
        """End the child by ending its input; kill it if it does not go."""
        self._selector.close()
        self._stdin.close()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._stdout.close()
        self._errors.close()


class ChildEnded(Exception):
    """The child's output ended; the message says how the child did."""


def _how_it_ended(process: subprocess.Popen[bytes]) -> str:
    try:
        status = process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return "the parser process closed its output"
    if status < 0:
        with contextlib.suppress(ValueError):
            return f"the parser process was ended by {signal.Signals(-status).name}"
    return f"the parser process ended with status {status}"
