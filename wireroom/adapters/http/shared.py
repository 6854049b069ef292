"""What every handler can reach: the world, and what this process keeps for its clients. It lives with the application."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redis.asyncio import Redis

    from wireroom.adapters.http.metrics import Metrics
    from wireroom.adapters.http.pages import Page
    from wireroom.adapters.http.pressure import Pressure
    from wireroom.world import World


@dataclass(frozen=True, slots=True)
class Limits:
    """How much, and how long. Seconds, unless it says otherwise.

    Attributes:
        arrival: a body has to arrive.
        bodies: room for bodies that are here at a time, in largest ones.
        in_progress: a request waits for the first one with its Idempotency-Key.
        heartbeat: of silence after which a follower is sent a comment: proxies and clients take a silent connection
            for a dead one.
        stuck: a follower may take to read what was sent, before it is left.
        followers: most at a time; each holds a connection to Redis.
    """

    arrival: float = 300.0
    bodies: int = 4
    in_progress: float = 20.0
    heartbeat: float = 15.0
    stuck: float = 60.0
    followers: int = 1000


@dataclass(slots=True)
class Shared:
    """What one application keeps.

    Attributes:
        world: everything that is wired.
        redis: the client of the event loop, for looks at the server's state.
        following: the client of those that follow streams: each waits on a connection of its own.
        pressure: whether Redis is there and has room.
        metrics: what is counted here.
        pages: the pages for people, by path.
        limits: how much, and how long.
        bytes_here: of the bodies that are read or worked on now.
        subscribers: the requests that follow streams now.
        stopping: set when the service goes down.
    """

    world: World
    redis: Redis
    following: Redis
    pressure: Pressure
    metrics: Metrics
    pages: Mapping[str, Page]
    limits: Limits = Limits()
    bytes_here: int = 0
    subscribers: set[asyncio.Task[object]] = field(default_factory=set)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)


SHARED: Final[web.AppKey[Shared]] = web.AppKey("shared")


def shared(request: web.Request) -> Shared:
    """What the request's application keeps."""
    return request.config_dict[SHARED]


def world(request: web.Request) -> World:
    """The world of a request."""
    return request.config_dict[SHARED].world
