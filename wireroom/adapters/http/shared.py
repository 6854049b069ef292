"""What every handler can reach: the world, and what this process keeps for its clients. It lives with the application."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Mapping

    import redis.asyncio

    from wireroom.adapters.http.metrics import Metrics
    from wireroom.adapters.http.pages import Page
    from wireroom.adapters.http.pressure import Pressure
    from wireroom.world import World


@dataclass(slots=True)
class Shared:
    """What one application keeps.

    Attributes:
        world: everything that is wired.
        redis: the client of the event loop, for what waits: streams and looks at the server's state.
        pressure: whether Redis is there and has room.
        metrics: what is counted here.
        pages: the pages for people, by path.
        subscribers: the requests that follow streams now.
        stopping: set when the service goes down.
    """

    world: World
    redis: redis.asyncio.Redis
    pressure: Pressure
    metrics: Metrics
    pages: Mapping[str, Page]
    subscribers: set[asyncio.Task[object]] = field(default_factory=set)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)


SHARED: Final[web.AppKey[Shared]] = web.AppKey("shared")


def shared(request: web.Request) -> Shared:
    """What the request's application keeps."""
    return request.config_dict[SHARED]


def world(request: web.Request) -> World:
    """The world of a request."""
    return request.config_dict[SHARED].world
