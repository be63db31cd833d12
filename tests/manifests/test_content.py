"""The content hash: what rows say, and nothing else."""

from __future__ import annotations

import io
import itertools
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from manifests.content import ContentHasher
from manifests.schema import INDEX_SCHEMA, LEDGER_SCHEMA, QUARANTINE_SCHEMA, SHARD_SCHEMA
from tests.manifests import corpora

_INNER = pa.struct(
    [pa.field("tag", pa.string()), pa.field("score", pa.float32()), pa.field("more", pa.list_(pa.int8()))]
)
SCHEMA = pa.schema(
    [
        pa.field("text", pa.string()),
        pa.field("raw", pa.binary()),
        pa.field("count", pa.int64()),
        pa.field("key", pa.uint64()),
        pa.field("score", pa.float32()),
        pa.field("flag", pa.bool_()),
        pa.field("words", pa.list_(pa.string())),
        pa.field("inner", _INNER),
        pa.field("nested", pa.list_(_INNER)),
    ]
)

_texts = st.text(st.characters(codec="utf-8"), max_size=4)
_floats = st.floats(width=32, allow_nan=False)
_inner = st.fixed_dictionaries(
    {
        "tag": st.none() | _texts,
        "score": st.none() | _floats,
        "more": st.none() | st.lists(st.none() | st.integers(-128, 127), max_size=3),
    }
)
_row = st.fixed_dictionaries(
    {
        "text": st.none() | _texts,
        "raw": st.none() | st.binary(max_size=4),
        "count": st.none() | st.integers(-(2**63), 2**63 - 1),
        "key": st.none() | st.integers(0, 2**64 - 1),
        "score": st.none() | _floats,
        "flag": st.none() | st.booleans(),
        "words": st.none() | st.lists(st.none() | _texts, max_size=3),
        "inner": st.none() | _inner,
        "nested": st.none() | st.lists(st.none() | _inner, max_size=3),
    }
)
_rows = st.lists(_row, max_size=8)


def table_of(rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def digest(table: pa.Table, schema: pa.Schema | None = None) -> str:
    hasher = ContentHasher(schema or table.schema)
    for batch in table.to_batches():
        hasher.update(batch)
    return hasher.hexdigest()


def column(values: Any, kind: pa.DataType, name: str = "x") -> str:
    return digest(pa.table({name: pa.array(values, kind)}))


@given(_rows, st.lists(st.integers(0, 8), max_size=4))
def test_hash_is_the_same_for_any_cut_into_batches(rows: list[dict[str, Any]], cuts: list[int]) -> None:
    """Slices share their parent's buffers, so offsets matter; separately built batches do not share any."""
    table = table_of(rows)
    borders = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]
    pieces = itertools.pairwise(borders)
    sliced, rebuilt = ContentHasher(SCHEMA), ContentHasher(SCHEMA)
    whole = table.combine_chunks().to_batches() or [pa.RecordBatch.from_pylist([], schema=SCHEMA)]
    for start, end in pieces:
        sliced.update(whole[0].slice(start, end - start))
        rebuilt.update(pa.RecordBatch.from_pylist(rows[start:end], schema=SCHEMA))
    assert sliced.hexdigest() == rebuilt.hexdigest() == digest(table)
    assert sliced.rows == len(rows)


@given(
    _rows,
    st.sampled_from(["zstd", "snappy", "none"]),
    st.booleans(),
    st.integers(1, 5),
    st.sampled_from(["1.0", "2.0"]),
)
def test_hash_survives_parquet(
    rows: list[dict[str, Any]], compression: str, dictionary: bool, group: int, page: str
) -> None:
    """Whatever the compression, the encoding, the row groups and the page format."""
    table = table_of(rows)
    file = io.BytesIO()
    pq.write_table(
        table, file, compression=compression, use_dictionary=dictionary, row_group_size=group, data_page_version=page
    )
    parquet = pq.ParquetFile(file)
    hasher = ContentHasher(parquet.schema_arrow)
    for batch in parquet.iter_batches(3):
        hasher.update(batch)
    assert hasher.hexdigest() == digest(table)


def test_hash_survives_decoding_of_dictionaries() -> None:
    values = ["deu_Latn", None, "fra_Latn", "deu_Latn"]
    encoded = pa.array(values).dictionary_encode()
    assert digest(pa.table({"x": encoded.cast(pa.string())})) == column(values, pa.string())


@given(st.lists(_row, min_size=1, max_size=6), st.data())
def test_hash_changes_with_any_one_value(rows: list[dict[str, Any]], data: st.DataObject) -> None:
    """A value, a null, an item of a list or a field of a struct: if Arrow holds other rows, the hash is another."""
    other = [dict(row) for row in rows]
    number = data.draw(st.integers(0, len(rows) - 1))
    name = data.draw(st.sampled_from(SCHEMA.names))
    other[number][name] = data.draw(_row)[name]
    before, after = table_of(rows), table_of(other)
    # 0.0 and -0.0 are equal to Python and to Arrow, but different values of a file.
    same = before.equals(after) and str(before.to_pylist()) == str(after.to_pylist())
    assert (digest(before) == digest(after)) == same


@given(st.lists(_row, min_size=2, max_size=6, unique_by=repr), st.randoms(use_true_random=False))
def test_hash_changes_with_the_order_of_rows(rows: list[dict[str, Any]], random: Any) -> None:
    other = list(rows)
    random.shuffle(other)
    assert (digest(table_of(rows)) == digest(table_of(other))) == (rows == other)


@pytest.mark.parametrize(
    ("left", "right", "kind"),
    [
        (["ab", "c"], ["a", "bc"], pa.string()),
        (["ab", ""], ["", "ab"], pa.string()),
        (["", None], [None, ""], pa.string()),
        ([None], [""], pa.string()),
        ([b"\x00", b""], [b"", b"\x00"], pa.binary()),
        ([0], [None], pa.int64()),
        ([0.0], [-0.0], pa.float32()),
        ([False], [None], pa.bool_()),
        ([[1], [2]], [[1, 2], []], pa.list_(pa.int64())),
        ([[], None], [None, []], pa.list_(pa.int64())),
        ([["a", "b"], []], [["a"], ["b"]], pa.list_(pa.string())),
        ([[None]], [[]], pa.list_(pa.string())),
        ([[["a"], []]], [[[], ["a"]]], pa.list_(pa.list_(pa.string()))),
        ([None], [{"a": None}], pa.struct([("a", pa.string())])),
        ([[None]], [[{"a": None}]], pa.list_(pa.struct([("a", pa.string())]))),
        ([{"a": "x", "b": None}], [{"a": None, "b": "x"}], pa.struct([("a", pa.string()), ("b", pa.string())])),
        (["x"], ["x", None], pa.string()),
        ([], [None], pa.string()),
    ],
)
def test_neighbouring_values_are_told_apart(left: Any, right: Any, kind: pa.DataType) -> None:
    """Values that run together in the buffers alike, but have their borders or nulls elsewhere."""
    assert column(left, kind) != column(right, kind)


def test_name_type_and_order_of_columns_count() -> None:
    assert column([1], pa.int64(), "a") != column([1], pa.int64(), "b")
    assert column([1], pa.int64()) != column([1], pa.int32())
    assert column([1], pa.int64()) != column([1], pa.uint64())
    assert column(["a"], pa.string()) != column([b"a"], pa.binary())
    assert column([], pa.int64()) != column([], pa.int32())
    two = pa.table({"a": [1], "b": [1]})
    assert digest(two) != digest(two.select(["b", "a"]))
    assert digest(two) != digest(two.select(["a"]))


def test_fields_of_structs_count_by_name() -> None:
    one = column([{"a": 1}], pa.struct([("a", pa.int64())]))
    assert one != column([{"b": 1}], pa.struct([("b", pa.int64())]))


def test_value_beneath_a_null_does_not_count() -> None:
    """Buffers may hold anything where a value is null."""
    hidden = pa.Array.from_buffers(
        pa.int64(), 2, [pa.array([True, False]).buffers()[1], pa.array([7, 99], pa.int64()).buffers()[1]]
    )
    assert digest(pa.table({"x": hidden})) == column([7, None], pa.int64())
    text = pa.Array.from_buffers(
        pa.string(), 2, [pa.array([True, False]).buffers()[1], *pa.array(["a", "secret"]).buffers()[1:]]
    )
    assert digest(pa.table({"x": text})) == column(["a", None], pa.string())
    listed = pa.ListArray.from_arrays([0, 1, 3], pa.array([1, 2, 3]), mask=pa.array([False, True]))
    assert digest(pa.table({"x": listed})) == column([[1], None], pa.list_(pa.int64()))


@pytest.mark.parametrize("schema", [SHARD_SCHEMA, LEDGER_SCHEMA, QUARANTINE_SCHEMA, INDEX_SCHEMA])
def test_empty_tables_have_a_hash_of_their_schema(schema: pa.Schema) -> None:
    empty = schema.empty_table()
    assert digest(empty) == ContentHasher(schema).hexdigest()
    others = {
        ContentHasher(other).hexdigest() for other in (SHARD_SCHEMA, LEDGER_SCHEMA, QUARANTINE_SCHEMA, INDEX_SCHEMA)
    }
    assert len(others) == 4


def test_hash_of_a_shard_is_a_fixed_number() -> None:
    """Whoever changes this number changes the identity of every corpus: raise the manifest's version with it."""
    rows = [corpora.kept(1), corpora.kept(2, license="CC0-1.0"), corpora.kept(3, language_candidates=[])]
    table = pa.Table.from_pylist(rows, schema=SHARD_SCHEMA)
    assert digest(table) == "a8d1a3a2be5c9925a161c34ff8344aeb97fbeb1e2a003830a3d9d01fac45a240"
