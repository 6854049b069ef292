"""Content codings of HTTP bodies, undone under a cap. Pure: bytes in, bytes out, never more than asked for.

A cap on the result alone is not enough: it must hold while decoding. 500 MB of zeros behind 500 kB of gzip took
1,048 MB of memory through ``response.read()`` and 36 MB through a capped decoder (measured). So each decoder here makes
at most a bounded piece at a time.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final, Protocol

import brotli
import zstandard

if TYPE_CHECKING:
    from collections.abc import Iterator

ACCEPTED = "gzip, deflate, br, zstd"
"""What to send as ``Accept-Encoding``: what this file can undo."""

BOMB: Final = 200
"""Times its own size from which a body that unpacks to more than `UNASKED` is no page any more, but meant to cost."""
UNASKED: Final = 1024 * 1024
"""Bytes of which nobody asks how they were packed. 8 MiB of zeros cost 45 ms of CPU, the first of them 6 (measured)."""
_SLICE = 1024
"""Bytes of a coded body that are fed at a time, so that what was fed tells what was made of it."""
_STEP = 256 * 1024
"""Most bytes made of gzip and deflate at a time."""
_MEMBERS = 64
"""Most gzip members in one body: each costs a new decoder, and no server sends more than one or two."""
_GZIP_MAGIC = b"\x1f"
_ZSTD_WINDOW = 8 * 1024 * 1024
"""Largest window a zstd body may ask for (RFC 9659)."""
_ZSTD_SLICE = 256
"""Bytes of zstd fed at a time: a block of 4 bytes may make 128 KiB, so this bounds one step to 8 MiB."""
_BROTLI_STEP = 64 * 1024
"""Bytes of brotli made at a time, to which a step may add half; the decoder itself keeps a window of up to 16 MiB."""


class CodingError(Exception):
    """The body is not what its coding says."""


class BombError(Exception):
    """The body unpacks to `BOMB` times its size and more."""


class UnknownCodingError(Exception):
    """The coding is not one of ours, or there is more than one around the body."""


class _Codec(Protocol):
    def pieces(self, data: bytes, limit: int) -> Iterator[bytes]: ...
    def ended(self) -> bool: ...


class Decoder:
    """Undoes one coding, up to a number of bytes.

    Attributes:
        over: whether the body is larger than the cap; what came first has been returned all the same.
        slow: whether a few bytes may take long, whatever is asked for: brotli fills its window of up to 16 MiB before
            it gives anything (37 ms, measured). It holds no lock meanwhile, so a thread is the place for it.
    """

    __slots__ = ("_codec", "_fed", "_left", "_made", "over", "slow")

    def __init__(self, header: str | None, limit: int) -> None:
        """Take the coding from a ``Content-Encoding`` header.

        Args:
            header: the header's value, or None.
            limit: most bytes to return over the decoder's life.

        Raises:
            UnknownCodingError: a coding we do not know, or several around each other.
        """
        self._codec = _codec(header)
        self._left = limit
        self._fed = self._made = 0
        self.over = False
        self.slow = isinstance(self._codec, _Brotli)

    def feed(self, data: bytes) -> bytes:
        """Decode the next piece of the body.

        Raises:
            CodingError: the bytes are not of this coding.
            BombError: they are far too few for what they hold.
        """
        size = _SLICE if self._codec else len(data)
        pieces: list[bytes] = []
        for start in range(0, len(data), size or 1):
            if self.over:
                break
            pieces += self._pieces(data[start : start + size])
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _pieces(self, data: bytes) -> Iterator[bytes]:
        """What one slice makes, counted."""
        self._fed += len(data)
        try:
            for piece in self._codec.pieces(data, self._left + 1) if self._codec else (data,):
                self._made += len(piece)
                self.over = len(piece) > self._left
                yield piece[: self._left]
                if self.over:
                    return
                self._left -= len(piece)
                if self._made > UNASKED and self._made > BOMB * self._fed:
                    raise BombError(f"{self._fed:,} bytes unpack to more than {BOMB} times their size")
        except (zlib.error, zstandard.ZstdError, brotli.error) as exc:
            raise CodingError(str(exc)) from exc

    def finish(self) -> None:
        """Say that the body has ended.

        Raises:
            CodingError: the coding expects more.
        """
        if self._codec and self._fed and not self.over and not self._codec.ended():
            raise CodingError("the coded body ends early")


def _codec(header: str | None) -> _Codec | None:
    names = [name.strip().lower() for name in (header or "").split(",")]
    names = [name for name in names if name not in ("", "identity")]
    if not names:
        return None
    if len(names) > 1:
        raise UnknownCodingError(f"several codings around each other: {', '.join(names)[:80]}")
    makers: dict[str, type[_Codec]] = {
        "gzip": _Gzip,
        "x-gzip": _Gzip,
        "deflate": _Deflate,
        "br": _Brotli,
        "zstd": _Zstd,
    }
    maker = makers.get(names[0])
    if maker is None:
        raise UnknownCodingError(f"the coding {names[0][:80]!r} was not asked for")
    return maker()


def _inflated(inner: zlib._Decompress, data: bytes, limit: int) -> Iterator[bytes]:
    """What zlib makes of the data, in steps; a full step may hold more back than the input that is left."""
    while not inner.eof:
        step = min(limit, _STEP)
        piece = inner.decompress(data, step)
        yield piece
        limit -= len(piece)
        data = inner.unconsumed_tail
        if limit <= 0 or (not data and len(piece) < step):
            return


class _Gzip:
    """One or a few gzip members after each other; what follows the last one is ignored, as browsers do."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(zlib.MAX_WBITS | 16)
        self._members = 1
        self._done = False

    def pieces(self, data: bytes, limit: int) -> Iterator[bytes]:
        while data and not self._done:
            if self._inner.eof:
                if not data.startswith(_GZIP_MAGIC):
                    self._done = True
                    return
                self._next_member()
            for piece in _inflated(self._inner, data, limit):
                limit -= len(piece)
                yield piece
            if limit <= 0:
                return
            data = self._inner.unused_data

    def _next_member(self) -> None:
        self._members += 1
        if self._members > _MEMBERS:
            raise CodingError(f"more than {_MEMBERS} gzip members")
        self._inner = zlib.decompressobj(zlib.MAX_WBITS | 16)

    def ended(self) -> bool:
        return self._inner.eof


class _Deflate:
    """The zlib format that the standard means, or the raw one that some servers send (RFC 9110, 8.4.1.2)."""

    def __init__(self) -> None:
        self._inner: zlib._Decompress | None = None
        self._head = b""

    def pieces(self, data: bytes, limit: int) -> Iterator[bytes]:
        if self._inner is None:
            data = self._head = self._head + data
            if len(data) < 2:  # noqa: PLR2004 - the zlib header has two bytes
                return
            is_zlib = data[0] & 0x0F == zlib.DEFLATED and int.from_bytes(data[:2], "big") % 31 == 0
            self._inner = zlib.decompressobj(zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS)
        yield from _inflated(self._inner, data, limit)

    def ended(self) -> bool:
        return self._inner is not None and self._inner.eof


class _Brotli:
    """One brotli stream (RFC 7932). A large window (RFC 9841) is not of this coding, and the decoder refuses it."""

    def __init__(self) -> None:
        self._inner = brotli.Decompressor()

    def pieces(self, data: bytes, limit: int) -> Iterator[bytes]:
        step = min(limit, _BROTLI_STEP)
        while not self._inner.is_finished():
            piece = self._inner.process(data, output_buffer_limit=step)
            yield piece
            if len(piece) < step:
                return
            data = b""  # the decoder holds the rest, of what it was given and of what it made

    def ended(self) -> bool:
        return bool(self._inner.is_finished())


class _Zstd:
    """One zstd frame after another (RFC 8878, RFC 9659)."""

    def __init__(self) -> None:
        self._maker = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
        self._inner = self._maker.decompressobj()
        self._frames = 1

    def pieces(self, data: bytes, limit: int) -> Iterator[bytes]:
        del limit  # the slices bound each piece
        for start in range(0, len(data), _ZSTD_SLICE):
            part = data[start : start + _ZSTD_SLICE]
            while part:
                if self._inner.eof:
                    self._next_frame()
                yield self._inner.decompress(part)
                part = self._inner.unused_data if self._inner.eof else b""

    def _next_frame(self) -> None:
        self._frames += 1
        if self._frames > _MEMBERS:
            raise CodingError(f"more than {_MEMBERS} zstd frames")
        self._inner = self._maker.decompressobj()

    def ended(self) -> bool:
        return self._inner.eof
