"""Alive, and ready: what a supervisor asks."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from wireroom.adapters.connection import wait_ready_async
from wireroom.adapters.http.problems import unavailable
from wireroom.adapters.http.replies import reply
from wireroom.adapters.http.routes import Answer, Route
from wireroom.adapters.http.shared import shared
from wireroom.errors import StoreError

if TYPE_CHECKING:
    from aiohttp import web

PATIENCE: Final = 5.0
"""Seconds Redis has to answer."""


async def alive(_: web.Request) -> web.Response:
    """This process answers."""
    return reply({"status": "alive"})


async def ready(request: web.Request) -> web.Response:
    """Redis answers too, and is fit for the work."""
    own = shared(request)
    if own.stopping.is_set():
        raise unavailable("the service is stopping")
    try:
        async with asyncio.timeout(PATIENCE):
            await wait_ready_async(own.redis, lambda _: None, 0)
    except TimeoutError:
        raise unavailable(f"Redis did not answer within {PATIENCE:.0f} s") from None
    except StoreError as error:
        raise unavailable(str(error)) from None
    return reply({"status": "ready"})


_STATUS: Final = {"type": "object", "properties": {"status": {"type": "string"}}}

ROUTES: Final = (
    Route(
        "GET",
        "/healthz",
        alive,
        "Say that this process is alive.",
        "health",
        {200: Answer("It is.", schema=_STATUS)},
    ),
    Route(
        "GET",
        "/readyz",
        ready,
        "Say whether Redis answers and is fit for the work.",
        "health",
        {200: Answer("It is.", schema=_STATUS)},
        problems=("store_unavailable",),
    ),
)
