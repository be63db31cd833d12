"""Running a stage on Beam: which runner, with which options, and what to say when it fails."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.portability.fn_api_runner import FnApiRunner

from corpus import storage
from corpus.errors import CorpusError
from corpus.task import fingerprint
from pipelines.processes import WorkerDiedError, run_on_processes
from pipelines.workspace import Workspace

_LOG = logging.getLogger("corpus")

#: How often a stage is started when worker processes die.
ATTEMPTS = 3


@dataclass(frozen=True, kw_only=True)
class Engine:
    """`memory` runs in this process; `local` in worker processes of this machine.

    Both are Beam's FnApiRunner: `DirectRunner` would try to download another runner first.
    """

    runner: Literal["local", "memory"] = "local"
    workers: int = 0  # 0: one per core

    @property
    def processes(self) -> int:
        return 1 if self.runner == "memory" else self.workers or os.cpu_count() or 1

    def execute(
        self, stage: str, workspace: Workspace, build: Callable[[beam.Pipeline], object], *, light: bool = False
    ) -> None:
        """Run one stage to its end. `light` stages, too small for worker processes to pay, stay in this process.

        Raises `CorpusError` naming the units of work that failed; those that succeeded keep their results.
        """
        clear_failures(workspace, stage)
        logging.getLogger("apache_beam").setLevel(logging.CRITICAL)  # its errors come back as exceptions
        try:
            if light or self.processes == 1:
                pipeline = beam.Pipeline(runner=FnApiRunner(), options=PipelineOptions([]))
                build(pipeline)
                pipeline.run().wait_until_finish()
            else:
                self._on_processes(stage, workspace, build)
        except CorpusError:
            raise
        except Exception as error:
            failed = read_failures(workspace, stage)
            detail = "; ".join(failed) or " ".join(str(error).split())[-500:]
            raise CorpusError(f"stage {stage}: the engine stopped: {detail}. Run again to go on from here.") from error
        if failed := read_failures(workspace, stage):
            shown = "\n  ".join(failed[:5]) + ("\n  ..." if len(failed) > 5 else "")
            raise CorpusError(
                f"stage {stage}: {len(failed)} tasks failed, the others are done:\n  {shown}\n"
                "Mend the cause and run again; finished tasks are not repeated."
            )

    def _on_processes(self, stage: str, workspace: Workspace, build: Callable[[beam.Pipeline], object]) -> None:
        """Units whose records are there do nothing, so starting a stage again does only what a dead worker left undone."""
        for attempt in range(1, ATTEMPTS + 1):
            clear_progress(workspace)
            try:
                run_on_processes(build, self.processes)
                return
            except WorkerDiedError as error:
                running = ", ".join(storage.list_files(workspace.path("progress")))
                if attempt == ATTEMPTS:
                    raise CorpusError(
                        f"stage {stage}: {ATTEMPTS} times a worker process died ({error}); tasks that were running: "
                        f"{running or 'not known'} (see plan.json). Out of memory? Try fewer --workers, then run again."
                    ) from None
                _LOG.error("stage %s: a worker process died (%s); its tasks are started again", stage, error)


def clear_progress(workspace: Workspace) -> None:
    """Forget what running tasks told of themselves."""
    folder = workspace.path("progress")
    for name in storage.list_files(folder):
        storage.remove(storage.join(folder, name))


def note_failure(workspace: Workspace, stage: str, unit: str, message: str) -> None:
    """Called by a worker: the failure travels as a file, so that every runner reports it alike."""
    path = workspace.path("failures", stage, f"{fingerprint(unit)[:16]}.json")
    storage.write_atomic(path, json.dumps({"unit": unit, "message": message}).encode())


def read_failures(workspace: Workspace, stage: str) -> list[str]:
    folder = workspace.path("failures", stage)
    noted = [json.loads(storage.read_bytes(storage.join(folder, name))) for name in storage.list_files(folder)]
    return [f"{failure['unit']}: {failure['message']}" for failure in noted]


def clear_failures(workspace: Workspace, stage: str) -> None:
    folder = workspace.path("failures", stage)
    for name in storage.list_files(folder):
        storage.remove(storage.join(folder, name))
