"""Tasks, fingerprints and the records that say a task is done."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import storage
from corpus.errors import CorpusError
from corpus.task import Records, Task, TaskRecord, fingerprint, record_name

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)

TASK = Task(ordinal=3, source="crawl", name="a.gz", start=0, end=50, path="/in/a.gz", file_bytes=100, stamp="mtime:1.5")


def test_fingerprints_are_fixed_numbers() -> None:
    """Working folders outlive a release of Python and of this program."""
    assert fingerprint("read", 1, {"b": [None, True], "a": "ü"}, 0.5) == "95efd85e823946eb653414018eecbf47"
    assert TASK.id == "b1d8ec2a50f04c41"


def test_fingerprint_is_the_same_in_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the seed of Python's own hashes."""
    code = "from corpus.task import fingerprint; print(fingerprint({'x': 1, 'y': {'b': 2, 'a': 1}}))"
    monkeypatch.setenv("PYTHONHASHSEED", "4711")
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == fingerprint({"y": {"a": 1, "b": 2}, "x": 1})


@given(_json, _json)
def test_fingerprints_are_equal_exactly_where_the_values_are(one: Any, other: Any) -> None:
    assert (fingerprint(one) == fingerprint(other)) == (repr(_sorted(one)) == repr(_sorted(other)))
    assert len(fingerprint(one)) == 32


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


def test_parts_do_not_run_together() -> None:
    assert fingerprint("ab", "c") != fingerprint("a", "bc") != fingerprint("abc")
    assert fingerprint([1], 2) != fingerprint([1, 2])
    assert fingerprint(1) != fingerprint("1")
    assert fingerprint() != fingerprint(None)


@pytest.mark.parametrize(
    "changes",
    [{"source": "b"}, {"path": "/b"}, {"file_bytes": 9}, {"stamp": "s"}, {"start": 1}, {"end": 51}],
)
def test_id_of_a_task_depends_on_what_is_read(changes: dict[str, Any]) -> None:
    assert dataclasses.replace(TASK, **changes).id != TASK.id


@pytest.mark.parametrize("changes", [{"ordinal": 9}, {"name": "b"}, {"problem": "is empty"}])
def test_id_of_a_task_does_not_depend_on_its_place_in_the_plan(changes: dict[str, Any]) -> None:
    """So a file more in the input does not undo the work on the others."""
    assert dataclasses.replace(TASK, **changes).id == TASK.id


def test_messages_name_the_file_and_the_range_if_it_is_not_the_whole() -> None:
    assert TASK.where() == "/in/a.gz (bytes 0 to 50)"
    assert dataclasses.replace(TASK, end=100).where() == "/in/a.gz"


def test_task_comes_back_from_its_dictionary() -> None:
    assert Task(**TASK.to_dict()) == TASK


@given(
    st.text(max_size=5), st.dictionaries(st.text(max_size=3), st.text(max_size=3)), st.dictionaries(st.text(), _json)
)
def test_record_comes_back_from_json(task: str, outputs: dict[str, str], counts: dict[str, Any]) -> None:
    record = TaskRecord(step="read", task=task, fingerprint="f" * 32, outputs=outputs, counts=counts)
    assert TaskRecord.from_json(record.to_json()) == record


@pytest.mark.parametrize("place", ["local", "memory"])
def test_records_are_found_by_task_and_fingerprint(place: str, tmp_path: Path, memory: str) -> None:
    folder = str(tmp_path / "records") if place == "local" else memory
    records = Records(folder, "read")
    assert records.names() == set()
    record = TaskRecord(step="read", task="t1", fingerprint="a" * 32, counts={"read": 3})
    records.write(record)
    records.write(dataclasses.replace(record, fingerprint="b" * 32))
    assert records.names() == {record_name("t1", "a" * 32), record_name("t1", "b" * 32)}
    assert record_name("t1", "a" * 32) == f"t1.{'a' * 16}.json"
    assert records.read("t1", "a" * 32) == record
    assert storage.exists(records.path("t1", "b" * 32))
    assert Records(folder, "judge").names() == set()
    with pytest.raises(CorpusError, match="cannot be read"):
        records.read("t2", "a" * 32)
