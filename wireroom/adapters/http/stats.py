"""The state of the whole, in numbers, from the sets that hold the work."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from wireroom.adapters.http.bodies import StatsOut
from wireroom.adapters.http.replies import reply
from wireroom.adapters.http.routes import Answer, Route
from wireroom.adapters.http.shared import shared
from wireroom.events import Stream
from wireroom.records import QUEUES

if TYPE_CHECKING:
    from aiohttp import web

    from wireroom.world import World


async def show(request: web.Request) -> web.Response:
    """Count."""
    own = shared(request)
    counts = await asyncio.to_thread(_counts, own.world)
    standing = await own.pressure.standing()
    return reply(counts | {"memory": {"used": standing.used, "budget": standing.budget}})


def _counts(world_: World) -> dict[str, Any]:
    return {
        **world_.ledger.stats(),
        "queues": {queue.value: world_.jobs.length(queue) for queue in QUEUES},
        "streams": {stream.value: world_.client.xlen(world_.keys.stream(stream)) for stream in Stream},
        "documents": world_.client.zcard(world_.keys.documents),
    }


ROUTES: Final = (
    Route(
        "GET",
        "/v1/stats",
        show,
        "Count the units of work by state; `accepted` is the sum of the others.",
        "stats",
        {200: Answer("The counts.", StatsOut)},
    ),
)
