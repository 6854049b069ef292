"""The application: every route of every noun, behind the same middleware."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from aiohttp import web
from redis.asyncio import ConnectionPool, Redis

from wireroom.adapters import connection
from wireroom.adapters.http import (
    batches,
    dead,
    documents,
    events,
    health,
    hosts,
    metrics,
    pages,
    recrawls,
    sources,
    stats,
    stories,
    urls,
)
from wireroom.adapters.http.access import guard
from wireroom.adapters.http.arrival import receive
from wireroom.adapters.http.idempotency import remember
from wireroom.adapters.http.openapi import openapi
from wireroom.adapters.http.pressure import Pressure
from wireroom.adapters.http.problems import add_security_headers, answer_problems, expect
from wireroom.adapters.http.replies import reply
from wireroom.adapters.http.routes import Answer, Route
from wireroom.adapters.http.shared import SHARED, Limits, Shared

if TYPE_CHECKING:
    from wireroom.world import World

RETRIES: Final = 1
"""Times a look at Redis is tried again: whoever asks wants to know soon."""


async def show_openapi(_: web.Request) -> web.Response:
    """This very contract."""
    return reply(openapi(ROUTES))


ROUTES: Final[tuple[Route, ...]] = (
    *documents.ROUTES,
    *batches.ROUTES,
    *recrawls.ROUTES,
    *stories.ROUTES,
    *urls.ROUTES,
    *hosts.ROUTES,
    *sources.ROUTES,
    *events.ROUTES,
    *dead.ROUTES,
    *stats.ROUTES,
    *health.ROUTES,
    *metrics.ROUTES,
    *pages.ROUTES,
    Route(
        "GET",
        "/openapi.json",
        show_openapi,
        "Give the contract of the HTTP API.",
        "pages",
        {200: Answer("OpenAPI 3.1.", schema={"type": "object"})},
    ),
)
"""Every call there is."""


def build_app(world: World, limits: Limits | None = None) -> web.Application:
    """The application. Connects to Redis when it is first asked something."""
    limits = limits or Limits()
    app = web.Application(middlewares=[answer_problems, guard, receive, remember])
    redis = connection.connect_async(world.settings, retries=RETRIES)
    app[SHARED] = Shared(
        world=world,
        redis=redis,
        following=_with_room(redis, limits.followers),
        limits=limits,
        pressure=Pressure(redis, world.settings.memory_budget),
        metrics=metrics.Metrics(world),
        pages=pages.pages(),
    )
    for route in ROUTES:
        if route.method == "GET":
            app.router.add_get(route.path, route.handler, expect_handler=expect)  # and HEAD with it
        else:
            app.router.add_route(route.method, route.path, route.handler, expect_handler=expect)
    app.on_response_prepare.append(add_security_headers)
    app.on_shutdown.append(events.stop_following)
    app.on_cleanup.append(_close)
    return app


def _with_room(client: Redis, connections: int) -> Redis:
    """The same server by a pool of its own: redis-py's holds 100 connections, and whoever follows keeps one."""
    pool = client.connection_pool
    options: dict[str, Any] = {**pool.connection_kwargs, "max_connections": connections + 10}
    return Redis.from_pool(ConnectionPool(connection_class=pool.connection_class, **options))


async def _close(app: web.Application) -> None:
    await app[SHARED].redis.aclose()
    await app[SHARED].following.aclose()
