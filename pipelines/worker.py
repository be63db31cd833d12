"""A worker process of a local run: Beam's own SDK worker, kept from writing its life story to the terminal.

What goes wrong in a unit of work is written down as a failure of that unit, and what goes wrong in Beam itself comes back
to the driver as an error, so nothing is lost by silence here. The process leaves its number in a folder that the driver
names, so that it can be stopped, and stops by itself when the driver is gone.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from pathlib import Path

#: Between looks at whether the driver still lives.
WATCH_SECONDS = 1.0


def main(folder: str) -> None:
    Path(folder, str(os.getpid())).touch()
    threading.Thread(target=_stop_with, args=(os.getppid(),), name="watch", daemon=True).start()
    handler = logging.StreamHandler()
    handler.setLevel(logging.CRITICAL)  # Beam resets the level of the root logger, but not that of a handler
    logging.getLogger().addHandler(handler)
    # Imported only now: its modules log while they are imported, and would set up a handler of their own.
    from apache_beam.runners.worker import sdk_worker_main

    sdk_worker_main.main(sys.argv[:1])


def _stop_with(driver: int) -> None:
    """A killed driver leaves no worker behind that goes on with work nobody waits for."""
    while os.getppid() == driver:
        time.sleep(WATCH_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1])
