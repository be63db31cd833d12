"""A worker process of a local run: Beam's own SDK worker, kept from writing its life story to the terminal.

What goes wrong in a unit of work is written down as a failure of that unit, and what goes wrong in Beam itself comes back
to the driver as an error, so nothing is lost by silence here.
"""

from __future__ import annotations

import logging
import sys


def main() -> None:
    handler = logging.StreamHandler()
    handler.setLevel(logging.CRITICAL)  # Beam resets the level of the root logger, but not that of a handler
    logging.getLogger().addHandler(handler)
    # Imported only now: its modules log while they are imported, and would set up a handler of their own.
    from apache_beam.runners.worker import sdk_worker_main

    sdk_worker_main.main(sys.argv)


if __name__ == "__main__":
    main()
