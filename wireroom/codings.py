"""Content codings of HTTP bodies, undone under a cap. Pure: bytes in, bytes out, never more than asked for.

A cap on the result alone is not enough: it must hold while decoding. 500 MB of zeros behind 500 kB of gzip took
1,048 MB of memory through ``response.read()`` and 36 MB through a capped decoder (measured). So each decoder here makes
at most a bounded piece at a time.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Protocol

import brotli
import zstandard

if TYPE_CHECKING:
    from collections.abc import Iterator

ACCEPTED = "gzip, deflate, br, zstd"
"""What to send as ``Accept-Encoding``: what this file can undo."""

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


class UnknownCodingError(Exception):
    """The coding is not one of ours, or there is more than one around the body."""


class _Codec(Protocol):
    def pieces(self, data: bytes, limit: int) -> Iterator[bytes]: ...
    def ended(self) -> bool: ...


class Decoder:
    """Undoes one coding, up to a number of bytes.

    Attributes:
        over: whether the body is larger than the cap; what came first has been returned all the same.
    """

    __slots__ = ("_codec", "_fed", "_left", "over")

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
        self._fed = False
        self.over = False

    def feed(self, data: bytes) -> bytes:
        """Decode the next piece of the body.

        Raises:
            CodingError: the bytes are not of this coding.
        """
        if self.over or not data:
            return b""
        self._fed = True
        out = bytearray()
        try:
            for piece in self._codec.pieces(data, self._left + 1):
                out += piece
                if len(out) > self._left:
                    self.over = True
                    break
        except (zlib.error, zstandard.ZstdError, brotli.error) as exc:
            raise CodingError(str(exc)) from exc
        del out[self._left :]
        self._left -= len(out)
        return bytes(out)

    def finish(self) -> None:
        """Say that the body has ended.

        Raises:
            CodingError: the coding expects more.
        """
        if self._fed and not self.over and not self._codec.ended():
            raise CodingError("the coded body ends early")


def _codec(header: str | None) -> _Codec:
    names = [name.strip().lower() for name in (header or "").split(",")]
    names = [name for name in names if name not in ("", "identity")]
    if not names:
        return _Identity()
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


class _Identity:
    def pieces(self, data: bytes, limit: int) -> Iterator[bytes]:
        yield data[:limit]

    def ended(self) -> bool:
        return True


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
            piece = self._inner.decompress(data, limit)
            limit -= len(piece)
            yield piece
            data = self._inner.unused_data or self._inner.unconsumed_tail
            if limit <= 0:
                return

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
        if not self._inner.eof:
            yield self._inner.decompress(data, limit)

    def ended(self) -> bool:
        return self._inner is not None and self._inner.eof


class _Brotli:
    """One brotli stream (RFC 7932). A large window (RFC 9841) is not of this coding, and the decoder refuses it."""

    def __init__(self) -> None:
        self._inner = brotli.Decompressor()

    def pieces(self, data: bytes, limit: int) -> Iterator[bytes]:
        step = min(limit, _BROTLI_STEP)
        while not self._inner.is_finished():
            yield self._inner.process(data, output_buffer_limit=step)
            if self._inner.can_accept_more_data():
                return
            data = b""  # the decoder keeps what it has not yet used, and takes more only when that is done

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
