"""Bodies on their way in: read once, under bounds, before anything is done with them.

All bodies that are here at a time share one room. What finds no place in it is told to come again: memory is what a
crowd of large uploads would take first.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from aiohttp import web

from wireroom.adapters.http.problems import ProblemError
from wireroom.adapters.http.shared import shared

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wireroom.adapters.http.problems import Handler
    from wireroom.adapters.http.shared import Shared

RETRY_BUSY: Final = "2"
"""Seconds named in ``Retry-After``."""
CODINGS: Final = frozenset({"", "identity", "gzip", "deflate"})
"""Values of ``Content-Encoding`` that are taken."""
_WITH_BODY: Final = frozenset({"POST", "PATCH"})
_BODY: Final[web.RequestKey[bytes]] = web.RequestKey("body", bytes)


def body_bytes(request: web.Request) -> bytes:
    """The body of a request that has one, as it arrived."""
    return request[_BODY]


@web.middleware
async def receive(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Read a request's body, and keep its place until it is answered."""
    if request.method not in _WITH_BODY:
        return await handler(request)
    own = shared(request)
    _check_coding(request.headers.getall("Content-Encoding", []))
    with _place(own) as place:
        try:
            async with asyncio.timeout(own.limits.arrival):
                request[_BODY] = await _read(request, place)
        except TimeoutError:
            detail = f"the body did not arrive within {own.limits.arrival:g} s"
            raise ProblemError("request_timeout", detail) from None
        return await handler(request)


def _check_coding(codings: Sequence[str]) -> None:
    """See that the body was decoded as it was read: of other codings, and of several, aiohttp lets the bytes through.

    Raises:
        ProblemError: 415 (RFC 9110, 15.5.16).
    """
    coding = ", ".join(codings).strip().lower()
    if coding not in CODINGS:
        raise ProblemError(
            "unsupported_type",
            f"bodies are sent plain, or with the Content-Encoding gzip or deflate, not {coding[:40]}",
            headers={"Accept-Encoding": "gzip, deflate"},
        )


class _Place:
    """One body's part of the room."""

    def __init__(self, own: Shared) -> None:
        self._own = own
        self._limit = own.world.settings.max_body
        self.size = 0

    def grow(self, size: int) -> None:
        """More of the body is here."""
        self.size += size
        self._own.bytes_here += size
        self.check()

    def check(self, coming: int = 0) -> None:
        """Stop what is too large, alone or together with the others.

        Raises:
            ProblemError: 413 or 503.
        """
        if self.size + coming > self._limit:
            raise ProblemError(
                "too_large",
                f"the body is larger than {self._limit:,} bytes (WIREROOM_MAX_BODY); send less at a time",
            )
        if self._own.bytes_here + coming > self._own.limits.bodies * self._limit:
            raise ProblemError(
                "too_busy", "too many large bodies are on their way in", headers={"Retry-After": RETRY_BUSY}
            )


@contextmanager
def _place(own: Shared) -> Iterator[_Place]:
    place = _Place(own)
    try:
        yield place
    finally:
        own.bytes_here -= place.size


async def _read(request: web.Request, place: _Place) -> bytes:
    place.check(request.content_length or 0)
    chunks = []
    async for chunk in request.content.iter_any():
        place.grow(len(chunk))
        chunks.append(chunk)
    return b"".join(chunks)
