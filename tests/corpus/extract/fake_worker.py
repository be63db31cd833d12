"""A child for tests of the sandbox: the page says what happens to it.

`sleep:S`, `exit:N`, `signal:N`, `print`, `garbage`, `pid`, `error:WHY`, `first:PATH:WHAT` (do
WHAT only while PATH does not exist), anything else is answered with itself.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from corpus.extract import frames
from corpus.extract.model import Extraction, Failure, Reason

answers = os.fdopen(os.dup(1), "wb")
os.dup2(2, 1)
answers.write(frames.pack(frames.READY))
answers.flush()
while (parts := frames.read(sys.stdin.buffer)) is not None:
    order = frames.page_of(parts)[0].html.decode()
    answer = Extraction(order, "utf-8", "meta")
    if order.startswith("first:"):
        _, path, order = order.split(":", 2)
        if Path(path).exists():
            order = ""
        Path(path).touch()
    verb, _, value = order.partition(":")
    if verb == "sleep":
        time.sleep(float(value))
    elif verb == "exit":
        os._exit(int(value))
    elif verb == "signal":
        os.kill(os.getpid(), signal.Signals(int(value)))
    elif verb == "print":
        print("noise " * 20000, flush=True)
    elif verb == "pid":
        answer = Extraction(str(os.getpid()), "utf-8", "meta")
    elif verb == "error":
        answer = Extraction(None, "utf-8", "meta", Failure(Reason.PARSER_ERROR, value))
    if verb == "garbage":
        answers.write(frames.pack([b"\xff", None, None, None, b"no reason", b""]))
    else:
        answers.write(frames.pack_extraction(answer))
    answers.flush()
