"""Members of compressed files: finding them, reading them, giving them up."""

from __future__ import annotations

import io
import random
import re
import zlib
from collections.abc import Callable

import pytest

from corpus.sources import _members as members
from corpus.sources._members import GZIP, BrokenMember, Budget, Damage, Joined, Member, Source, find_member, walk, zstd
from tests.corpus.sources.warc_files import gz, skippable, zst

RECORD = re.compile(rb"WARC/")
BUDGET = 1 << 20


def source(data: bytes) -> Source:
    return Source(io.BytesIO(data), len(data))


def everything(item: Member | Joined) -> bytes:
    pieces = []
    while piece := item.read():
        pieces.append(piece)
    return b"".join(pieces)


def test_source_reads_at_any_offset(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks are an implementation detail: forwards, backwards and across their borders the bytes are the file's."""
    monkeypatch.setattr(members, "BLOCK", 7)
    data = bytes(range(100))
    opened = source(data)
    for offset, length in [(0, 3), (5, 10), (2, 2), (90, 50), (100, 1), (0, 100), (13, 0)]:
        assert opened.read(offset, length) == data[offset : offset + length]


def test_a_file_that_shrank_ends_early() -> None:
    short = Source(io.BytesIO(b"abc"), 100)
    assert short.read(0, 50) == b"abc"
    assert find_member(short, 0, GZIP, RECORD) is None


@pytest.mark.parametrize("block", [4, 5, 16, 1 << 20])
def test_members_are_found_across_block_borders(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(members, "BLOCK", block)
    for lead in range(20):
        data = b"\x1f\x8b\x1f" + bytes(lead) + gz(b"WARC/1.0 and more")
        assert find_member(source(data), 0, GZIP, RECORD) == lead + 3
        assert find_member(source(data), lead + 4, GZIP, RECORD) is None
        assert find_member(source(data), 0, GZIP, RECORD, lead + 3) is None


def test_a_member_is_found_behind_the_beginning_of_another() -> None:
    """The flags of a header that breaks off may be the first byte of the next."""
    for lead in (b"\x1f", b"\x1f\x8b", b"\x1f\x8b\x08"):
        assert find_member(source(lead + gz(b"WARC/1.0")), 0, GZIP, RECORD) == len(lead)


@pytest.mark.parametrize("other", [gz(b"something else"), b"\x1f\x8b\x08\xe0garbage", b"\x1f\x8b\x08\x00", gz(b"")])
def test_what_inflates_to_no_record_is_no_member(other: bytes) -> None:
    assert find_member(source(other + gz(b"WARC/1.0")), 0, GZIP, RECORD) == len(other)
    assert find_member(source(other), 0, GZIP, RECORD) is None


def test_a_member_knows_its_end_and_verifies_its_checksum() -> None:
    data = gz(b"WARC/ one" * 100_000) + gz(b"two")
    member = Member(source(data), 0, GZIP, Budget(BUDGET))
    assert everything(member) == b"WARC/ one" * 100_000
    assert member.offset == len(gz(b"WARC/ one" * 100_000))
    broken = data[: member.offset - 5] + b"\x00" + data[member.offset - 4 :]
    member = Member(source(broken), 0, GZIP, Budget(BUDGET))
    with pytest.raises(BrokenMember) as first:
        member.drain()
    with pytest.raises(BrokenMember) as again:
        member.read()
    assert first.value is again.value
    assert first.value.reason == "member_broken"


@pytest.mark.parametrize("place", [0.5, 0.9, 0.99])
def test_joined_members_give_all_before_the_damage(place: float) -> None:
    """Even what the library has inflated in the same call; and where to look for the next member is known."""
    text = b"".join(b"%d " % (number * number) for number in range(20_000))
    data = bytearray(gz(text))
    where = int(len(data) * place)
    data[where] ^= 0xFF
    joined = Joined(source(gz(text) + bytes(data)), 0, GZIP, Budget(BUDGET))
    got = b""
    try:
        while piece := joined.read():
            got += piece
        pytest.fail("the damage was not noticed")
    except BrokenMember:
        pass
    assert got.startswith(text)
    second = got[len(text) :]
    same = next((i for i, (a, b) in enumerate(zip(second, text, strict=False)) if a != b), len(second))
    assert same > len(text) * (place - 0.1)
    assert joined.resume == len(gz(text)) + 1


def test_budget_counts_per_record_and_spares_what_does_not_grow() -> None:
    budget = Budget(10)
    budget.spend(10 * members.BOMB_FACTOR, 1)
    budget.reset()
    budget.spend(10 * members.BOMB_FACTOR, 1)
    with pytest.raises(BrokenMember) as given_up:
        budget.spend(1, 0)
    assert given_up.value.reason == "member_too_large"
    budget.reset()
    budget.spend(1 << 30, 1 << 29)


def test_zstd_output_comes_in_bounded_pieces() -> None:
    """100 MB of zeros are 3 kB of zstd."""
    data = zst(bytes(100 << 20))
    member = Member(source(data), 0, zstd(source(data)), Budget(1 << 30))
    largest = total = 0
    while piece := member.read():
        largest = max(largest, len(piece))
        total += len(piece)
    assert total == 100 << 20
    assert largest <= 32 << 20


@pytest.mark.parametrize("compress", [gz, zst])
def test_a_record_is_told_from_the_first_of_its_bytes_that_come_out(compress: Callable[[bytes], bytes]) -> None:
    """zstd gives nothing before a whole block is in, which may have 128 KiB."""
    noise = random.Random(1).randbytes(500_000)
    for content, is_record in ((b"WARC/1.0" + noise, True), (noise, False)):
        assert (
            members.begins_record(source(compress(content)), 0, zstd(source(b"")) if compress is zst else GZIP, RECORD)
            is is_record
        )


def test_skippable_frames_are_passed_over() -> None:
    data = skippable(b"one", 0) + skippable(b"two", 15) + zst(b"WARC/")
    opened = source(data)
    assert zstd(opened).after_padding(opened, 0) == len(data) - len(zst(b"WARC/"))
    cut = source(skippable(b"x" * 100, 3)[:50])
    assert zstd(cut).after_padding(cut, 0) == 50


def test_walk_yields_members_and_the_damage_between() -> None:
    one, two = gz(b"WARC/ one"), gz(b"WARC/ two")
    data = b"??" + one + b"!!!" + two[:-3] + one
    seen: list[object] = []
    for item in walk(source(data), 0, len(data), GZIP, RECORD, Budget(BUDGET)):
        if isinstance(item, Damage):
            seen.append((item.start, item.end, item.reason))
        else:
            seen.append(item.start)
    first = 2 + len(one)
    second = first + 3
    assert seen == [
        (0, 2, "garbage"),
        2,
        (first, second, "garbage"),
        second,
        (second, second + len(two) - 3, "member_broken"),
        second + len(two) - 3,
    ]


def test_a_decoder_copy_goes_on_from_the_same_state() -> None:
    data = zlib.compress(b"abc" * 1000, wbits=31)
    decoder = members.ZlibDecoder()
    output, taken = decoder.decode(data, 100)
    twin = decoder.fork()
    assert twin.decode(data[taken:], 5000)[0] == decoder.decode(data[taken:], 5000)[0] == (b"abc" * 1000)[len(output) :]
