"""A worker process of a local run: Beam's own SDK worker, kept from writing its life story to the terminal.

What goes wrong in a unit of work is written down as a failure of that unit, and what goes wrong in Beam itself comes back
to the driver as an error, so nothing is lost by silence here.
"""

from __future__ import annotations

import logging
import sys

from apache_beam.runners.worker.sdk_worker_main import main

if __name__ == "__main__":
    handler = logging.StreamHandler()
    handler.setLevel(logging.CRITICAL)  # Beam resets the level of the root logger, but not that of a handler
    logging.getLogger().addHandler(handler)
    main(sys.argv)
