import itertools
import random
import subprocess
import sys
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from localweb import PACK

from wireroom import mediatypes
from wireroom.codings import UNASKED, BombError, CodingError, Decoder, UnknownCodingError

NAMES = sorted(PACK)


def header(name: str) -> str:
    return name.removeprefix("raw ")


def take(decoder: Decoder, packed: bytes) -> bytes:
    body = decoder.feed(packed)
    decoder.finish()
    return body


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(NAMES), st.binary(max_size=2000), st.integers(1, 300))
def test_any_body_comes_back_however_it_is_cut(name: str, body: bytes, size: int):
    packed = PACK[name](body)
    decoder = Decoder(header(name), 10_000)
    pieces = [packed[at : at + size] for at in range(0, len(packed), size)]
    assert b"".join(map(decoder.feed, pieces)) == body
    decoder.finish()
    assert not decoder.over


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", [100, 65_536, 10_000_000])
def test_a_long_body_comes_back_whole(name: str, size: int):
    numbers = random.Random(1)
    for body in (
        numbers.randbytes(600_000),
        b" ".join(b"%d" % numbers.randrange(9999) for _ in range(200_000)),
    ):
        packed = PACK[name](body)
        decoder = Decoder(header(name), 4_000_000)
        assert b"".join(decoder.feed(packed[at : at + size]) for at in range(0, len(packed), size)) == body
        decoder.finish()


@pytest.mark.parametrize("name", NAMES)
def test_what_unpacks_to_absurdly_much_is_not_unpacked_to_the_cap(name: str):
    packed = PACK[name](bytes(20_000_000))
    decoder = Decoder(header(name), 16_000_000)
    with pytest.raises(BombError, match="more than 200 times"):
        decoder.feed(packed)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_that_repeats_itself_is_no_bomb(name: str):
    row = b"<tr><td class=result>Larne Vale<td class=result>%d<td class=result>%d</tr>\n"
    numbers = random.Random(1)
    body = b"".join(row % (numbers.randrange(6), numbers.randrange(6)) for _ in range(40_000))
    assert len(body) > 2 * UNASKED
    assert take(Decoder(header(name), 4_000_000), PACK[name](body)) == body
    blank = b"\n" * UNASKED
    assert take(Decoder(header(name), 4_000_000), PACK[name](blank)) == blank


@pytest.mark.parametrize("name", NAMES)
def test_a_bomb_is_cut_at_the_cap_and_costs_no_more_than_that(name: str):
    packed = PACK[name](b"\0" * 200_000_000)
    decoder = Decoder(header(name), 1_000_000)
    tracemalloc.start()
    try:
        assert len(decoder.feed(packed)) == 1_000_000
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
    assert decoder.over
    assert decoder.feed(packed) == b""


def test_a_bomb_costs_no_more_in_the_decoders_own_memory_either():
    measured = """if True:
        import resource, brotli, zstandard
        from wireroom.codings import Decoder
        zeros, squeezer, packer = bytes(1_000_000), brotli.Compressor(quality=5, lgwin=24), zstandard.ZstdCompressor()
        bombs = {"br": b"".join(squeezer.process(zeros) for _ in range(500)) + squeezer.finish()}
        stream = packer.compressobj()
        bombs["zstd"] = b"".join(stream.compress(zeros) for _ in range(500)) + stream.flush()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for name, packed in bombs.items():
            decoder = Decoder(name, 1_000_000)
            assert len(decoder.feed(packed)) == 1_000_000 and decoder.over
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    """
    run = subprocess.run([sys.executable, "-c", measured], check=True, capture_output=True, text=True)
    assert int(run.stdout) < 40_000  # kilobytes


@pytest.mark.parametrize("name", [*NAMES, "identity"])
def test_the_cap_itself_is_not_over(name: str):
    body = b"x" * 1000
    for limit, over in ((1000, False), (999, True)):
        decoder = Decoder(header(name), limit)
        assert decoder.feed(PACK.get(name, bytes)(body)) == body[:limit]
        assert decoder.over is over


@pytest.mark.parametrize("name", NAMES)
def test_a_body_that_ends_early_or_is_something_else_is_an_error(name: str):
    packed = PACK[name](bytes(range(256)) * 20)
    short = Decoder(header(name), 10_000)
    short.feed(packed[:-5])
    with pytest.raises(CodingError, match="ends early"):
        short.finish()
    with pytest.raises(CodingError):
        take(Decoder(header(name), 10_000), b"<!doctype html><p>not packed at all")


@pytest.mark.parametrize(
    "value",
    ["gzip, gzip", "br, gzip", "gzip, br", "br, br", "compress", "gzip;q=1", "aes128gcm", "zstd,deflate"],
)
def test_several_codings_and_unknown_ones_are_refused(value: str):
    with pytest.raises(UnknownCodingError):
        Decoder(value, 1000)


@pytest.mark.parametrize("value", [None, "", "identity", "Identity, ", " , "])
def test_no_coding_is_none(value: str | None):
    assert Decoder(value, 1000).feed(b"as it is") == b"as it is"


@pytest.mark.parametrize("name", ["gzip", "zstd"])
def test_a_few_members_are_one_body_and_many_are_refused(name: str):
    member = PACK[name](b"part")
    assert Decoder(name, 1000).feed(member * 3) == b"part" * 3
    cut = Decoder(name, 1000)
    assert b"".join(cut.feed(bytes([byte])) for byte in member * 3) == b"part" * 3
    with pytest.raises(CodingError, match="more than"):
        Decoder(name, 1000).feed(member * 100)


def test_what_follows_a_gzip_body_is_ignored():
    decoder = Decoder("GZIP", 1000)
    assert decoder.feed(PACK["gzip"](b"part") + b"\0\0\0") == b"part"
    assert decoder.feed(b"\x1f\x8bmore") == b""
    decoder.finish()


def test_an_empty_body_is_empty_in_any_coding():
    for name in NAMES:
        Decoder(header(name), 10).finish()


@pytest.mark.parametrize(
    ("kind", "binary"),
    [
        ("application/pdf", True),
        ("IMAGE/png", True),
        ("video/mp4", True),
        ("application/zip", True),
        ("application/vnd.ms-excel", True),
        ("text/html", False),
        ("application/xhtml+xml", False),
        ("application/octet-stream", False),
        ("application/json", False),
        ("", False),
    ],
)
def test_plainly_binary_types_are_known(kind: str, binary: bool):  # noqa: FBT001
    assert mediatypes.binary_type(kind) is binary


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"%PDF-1.7\n...", "application/pdf"),
        (b"PK\x03\x04....", "application/zip"),
        (b"\xff\xd8\xff\xe0..JFIF", "image/jpeg"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"\x00\x00\x00\x18ftypmp42", "video/mp4"),
        (b"<!doctype html>", None),
        (b"PK is a name", None),
        (b"", None),
    ],
)
def test_the_first_bytes_prove_what_a_body_is(head: bytes, kind: str | None):
    assert mediatypes.binary_head(head) == kind


def test_no_head_of_a_text_is_taken_for_binary():
    starts = itertools.product(
        ["", "\ufeff", "\n", " "], ["<html>", "<?xml", "RIFF in", "GIF art", "Rare", "ID card", "{"]
    )
    assert not [s for s in starts if mediatypes.binary_head("".join(s).encode())]
