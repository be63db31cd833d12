"""Running a pipeline on worker processes of this machine, and noticing when one of them dies.

Beam's FnApiRunner waits forever for a worker that was killed (out of memory, a crash in compiled code). Here the pipeline
runs in a thread of its own, and the thread that watches over it ends the wait.
"""

from __future__ import annotations

import contextlib
import os
import queue
import shlex
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from apache_beam.transforms.environments import SubprocessSDKEnvironment

#: Names that Beam gives to its threads: the one that waits for a worker process, and those that lose their connection
#: when it dies, whose complaints add nothing.
_WAITS_FOR_WORKER = "run_worker"
_LOSES_CONNECTION = ("beam_control_read", "read_grpc_client_inputs")

#: Between looks at the pipeline, and how long one that is just ending may take after its worker ended.
LOOK_SECONDS = 0.2
GRACE_SECONDS = 5.0


class WorkerDiedError(Exception):
    """A worker process ended before the pipeline did."""


def run_on_processes(build: Callable[[beam.Pipeline], object], processes: int) -> None:
    """Run to the end on so many worker processes. Raises `WorkerDiedError`, or what the pipeline raised."""
    with tempfile.TemporaryDirectory(prefix="corpus-workers-") as folder:
        command = f"exec {shlex.quote(sys.executable)} -m pipelines.worker {shlex.quote(folder)}"
        runner = FnApiRunner(default_environment=SubprocessSDKEnvironment.from_command_string(command))
        options = PipelineOptions([f"--direct_num_workers={processes}"])
        pipeline = beam.Pipeline(runner=runner, options=options)
        build(pipeline)
        ended: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()
        with _deaths() as deaths:
            threading.Thread(target=_run, args=(pipeline, ended), name="pipeline", daemon=True).start()
            try:
                error = _wait(ended, deaths)
            except BaseException:
                _stop(Path(folder))
                raise
    if error is not None:
        raise error


def _run(pipeline: beam.Pipeline, ended: queue.SimpleQueue[BaseException | None]) -> None:
    try:
        pipeline.run().wait_until_finish()
    except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits
        ended.put(error)
    else:
        ended.put(None)


def _wait(ended: queue.SimpleQueue[BaseException | None], deaths: list[str]) -> BaseException | None:
    while True:
        with contextlib.suppress(queue.Empty):
            return ended.get(timeout=LOOK_SECONDS)
        if deaths:
            with contextlib.suppress(queue.Empty):
                return ended.get(timeout=GRACE_SECONDS)
            raise WorkerDiedError(deaths[0])


@contextlib.contextmanager
def _deaths() -> Iterator[list[str]]:
    """What Beam's threads say of dying workers while the block runs, in place of their tracebacks."""
    said: list[str] = []
    before = threading.excepthook

    def hook(happened: threading.ExceptHookArgs) -> None:
        name = happened.thread.name if happened.thread is not None else ""
        if name == _WAITS_FOR_WORKER:
            said.append(str(happened.exc_value))
        elif not name.startswith(_LOSES_CONNECTION):
            before(happened)

    threading.excepthook = hook
    try:
        yield said
    finally:
        threading.excepthook = before


def _stop(folder: Path) -> None:
    """Kill the workers that are left, and see the threads off that dealt with them: the pipeline is given up."""
    for path in folder.iterdir():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(path.name), signal.SIGKILL)
    deadline = time.monotonic() + GRACE_SECONDS
    for thread in threading.enumerate():
        if thread.name.startswith((_WAITS_FOR_WORKER, *_LOSES_CONNECTION)):
            thread.join(max(0.0, deadline - time.monotonic()))
