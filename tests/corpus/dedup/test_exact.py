"""Content hashes: published, so fixed by value, and blind to letter case and white space."""

from __future__ import annotations

import pyarrow as pa
import xxhash
from hypothesis import given

from corpus.dedup.exact import NORMALISATION, content_hashes
from tests.corpus.kernels import reference
from tests.corpus.kernels.texts import batches


def test_hashes_are_these_for_ever() -> None:
    """Whoever changes these values changes what is published under this name."""
    assert NORMALISATION == "lower-ws-1"
    assert content_hashes(pa.array(["", "Hello World", "ÀÉÎ 中文\n"])) == [
        "99aa06d3014798d86001c324468d497f",
        xxhash.xxh3_128_hexdigest(b"hello world"),
        xxhash.xxh3_128_hexdigest("àéî 中文".encode()),
    ]


def test_case_and_white_space_make_no_difference() -> None:
    """Other differences do, accents among them."""
    hashes = content_hashes(pa.array(["A  b\u3000c\n", "\ta B C", "a b ç", "ab c", " \n", ""]))
    assert hashes[0] == hashes[1]
    assert hashes[4] == hashes[5]
    assert len(set(hashes)) == 4


@given(batches())
def test_batches_agree_with_the_reference(batch: tuple[list[bytes], pa.Array]) -> None:
    """One hash of 32 digits per text, in order, of slices as well."""
    texts, array = batch
    assert content_hashes(array) == [xxhash.xxh3_128_hexdigest(reference.normalise(text)) for text in texts]
