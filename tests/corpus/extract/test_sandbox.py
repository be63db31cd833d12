"""The child process: order, time-outs, crashes, restarts, verdicts and recycling."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from corpus.errors import CorpusError
from corpus.extract import Extraction, Extractor, Failure, Limits, Page, Reason, extract_text, sandbox
from corpus.extract.sandbox import page_key

FAKE = [sys.executable, str(Path(__file__).with_name("fake_worker.py"))]
ARTICLE = "<html><head><title>t</title></head><body><article><p>%s</p></article></body></html>"


def pages(orders: Sequence[str]) -> list[Page]:
    return [Page(order.encode()) for order in orders]


def outcomes(results: Sequence[Extraction]) -> list[str | None]:
    return [result.failure.reason.value if result.failure else result.text for result in results]


def test_results_come_in_order_and_equal_the_ones_of_this_process() -> None:
    """More pages than are sent ahead, bigger than a pipe holds, through a real child."""
    html = [(ARTICLE % (f"Page {i} says something. " * (1 + 900 * (i % 3)))).encode() for i in range(40)]
    with Extractor() as extractor:
        results = extractor.extract([Page(page, "utf-8") for page in html])
        assert [result.text for result in results] == [extract_text(page) for page in html]
        assert results[3].charset == "utf-8"
        assert results[3].charset_evidence == "header"
        assert extractor.extract([]) == []
        assert extractor.extract([Page(html[0])])[0].text == results[0].text


def test_caps_are_checked_before_the_child() -> None:
    """Capped pages never start a child: this one could not start."""
    with Extractor(limits=Limits(max_bytes=10), command=["/nonexistent"]) as extractor:
        assert outcomes(extractor.extract([Page(b"x" * 11)])) == ["page_too_large"]


@pytest.mark.parametrize(
    ("order", "detail"),
    [
        ("exit:3", "the parser process ended with status 3"),
        (f"signal:{int(signal.SIGSEGV)}", "the parser process was ended by SIGSEGV"),
        (f"signal:{int(signal.SIGKILL)}", "the parser process was ended by SIGKILL"),
    ],
)
def test_a_crash_costs_its_page_alone(order: str, detail: str) -> None:
    with Extractor(command=FAKE) as extractor:
        results = extractor.extract(pages(["a", order, "b", "c"]))
        assert outcomes(results) == ["a", "parser_crash", "b", "c"]
        assert results[1].failure == Failure(Reason.PARSER_CRASH, detail)
        assert extractor.new_verdicts == {}


def test_a_crash_that_does_not_repeat_costs_nothing(tmp_path: Path) -> None:
    """A child that the system killed for memory is no verdict on the page it had."""
    order = f"first:{tmp_path / 'mark'}:exit:9"
    with Extractor(command=FAKE) as extractor:
        assert outcomes(extractor.extract(pages(["a", order, "b"]))) == ["a", order, "b"]


def test_an_answer_that_makes_no_sense_is_a_crash() -> None:
    with Extractor(command=FAKE) as extractor:
        assert outcomes(extractor.extract(pages(["garbage", "b"]))) == ["parser_crash", "b"]


def test_a_page_that_never_ends_is_given_up_after_the_second_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "SECOND_TRY", 2)
    slow = "sleep:600"
    with Extractor(command=FAKE, seconds=0.4) as extractor:
        began = time.monotonic()
        results = extractor.extract(pages(["a", slow, "b"]))
        assert outcomes(results) == ["a", "time_out", "b"]
        assert time.monotonic() - began >= 0.4 + 0.8
        assert extractor.new_verdicts == {page_key(Page(slow.encode())): results[1].failure}
        # The verdict holds for the rest of this run too.
        assert outcomes(extractor.extract(pages([slow, "c"]))) == ["time_out", "c"]


def test_a_slow_page_that_ends_in_the_second_try_is_a_normal_result() -> None:
    with Extractor(command=FAKE, seconds=0.4) as extractor:
        assert outcomes(extractor.extract(pages(["sleep:1", "b"]))) == ["sleep:1", "b"]
        assert extractor.new_verdicts == {}


def test_waiting_behind_a_slow_page_does_not_count() -> None:
    """The clock of a page starts when the page before it is done, not when it was sent."""
    with Extractor(command=FAKE, seconds=1.5) as extractor:
        orders = ["sleep:0.5"] * 5
        assert outcomes(extractor.extract(pages(orders))) == orders


def test_verdicts_are_replayed_without_a_try() -> None:
    page = Page(b"sleep:600")
    verdict = Failure(Reason.TIME_OUT, "recorded by an earlier run")
    with Extractor(command=FAKE, verdicts={page_key(page): verdict}) as extractor:
        results = extractor.extract([page, Page(b"b")])
        assert results[0] == Extraction(None, None, None, verdict)
        assert results[1].text == "b"
        assert extractor.new_verdicts == {}


def test_the_child_is_recycled_without_any_change_of_results() -> None:
    orders = ["pid", "b", "pid", "c", "pid", "d", "pid"]
    with Extractor(command=FAKE, recycle_after=2) as extractor:
        results = outcomes(extractor.extract(pages(orders)))
    assert results[1::2] == ["b", "c", "d"]
    assert len(set(results[::2])) == 4


def test_after_a_parser_error_the_child_is_replaced() -> None:
    with Extractor(command=FAKE) as extractor:
        results = outcomes(extractor.extract(pages(["pid", "error:MemoryError", "pid"])))
    assert results[1] == "parser_error"
    assert results[0] != results[2]


def test_prints_of_libraries_do_not_disturb_the_answers() -> None:
    with Extractor(command=FAKE) as extractor:
        assert outcomes(extractor.extract(pages(["print", "b"]))) == ["print", "b"]


def test_a_child_that_cannot_start_is_an_error_of_the_user() -> None:
    with (
        Extractor(command=[sys.executable, "-c", "raise SystemExit('no parser here')"]) as extractor,
        pytest.raises(CorpusError, match="no parser here"),
    ):
        extractor.extract(pages(["a"]))


def test_memory_limit_ends_a_page_and_not_the_run() -> None:
    """With 300 MB of address space a large page fails and a small one passes, in the same run."""
    small = (ARTICLE % ("A short page is no trouble. " * 9)).encode()
    large = (ARTICLE % ("<p>word</p>" * 190_000)).encode()
    with Extractor(memory_bytes=300_000_000) as extractor:
        results = extractor.extract([Page(small), Page(large), Page(small)])
    assert results[1].failure is not None
    assert results[1].failure.reason in {Reason.PARSER_ERROR, Reason.PARSER_CRASH}
    assert results[0].text == results[2].text == extract_text(small)


def test_a_killed_parent_leaves_no_child() -> None:
    """The child ends when its input does."""
    code = (
        "import os, sys\nfrom corpus.extract import Extractor, Page\n"
        f"e = Extractor(command={FAKE!r})\nprint(e.extract([Page(b'pid')])[0].text, flush=True)\nos.kill(os.getpid(), 9)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    child = int(out.stdout)
    for _ in range(100):
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return
        # An orphan waits for whoever adopted it; as a zombie it is dead already.
        stat = Path(f"/proc/{child}/stat")
        if stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] == "Z":
            return
        time.sleep(0.1)
    pytest.fail("the child outlived its parent")
