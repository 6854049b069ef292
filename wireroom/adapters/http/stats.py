"""The state of the whole, in numbers, from the sets that hold the work."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from wireroom.adapters.heartbeat import running
from wireroom.adapters.http.bodies import StatsOut
from wireroom.adapters.http.replies import reply
from wireroom.adapters.http.routes import Answer, Route
from wireroom.adapters.http.shared import shared
from wireroom.events import Stream

if TYPE_CHECKING:
    from aiohttp import web

    from wireroom.adapters.retention import GroupState
    from wireroom.world import World


async def show(request: web.Request) -> web.Response:
    """Count."""
    own = shared(request)
    counts = await asyncio.to_thread(_counts, own.world)
    standing = await own.pressure.standing()
    memory = {"used": standing.used, "budget": standing.budget, **counts.pop("let_go")}
    return reply(counts | {"memory": memory})


def _counts(world_: World) -> dict[str, Any]:
    return {
        **world_.ledger.stats(),
        "queues": {str(queue): world_.jobs.length(queue) for queue in world_.jobs.stages},
        "streams": {stream.value: world_.client.xlen(world_.keys.stream(stream)) for stream in Stream},
        "groups": [_group(stream, state) for stream in Stream for state in world_.groups(stream)],
        "documents": world_.client.zcard(world_.keys.documents),
        "let_go": _let_go(world_),
        "processes": running(world_.client, world_.keys),
    }


def _let_go(world_: World) -> dict[str, int]:
    """What was let go before its time because Redis was nearly full, since ever."""
    known = world_.client.hgetall(world_.keys.relieved)
    kinds = ("documents", "units", "indexed", "entries")
    return {f"let_go_{kind}": int(known.get(kind.encode(), 0)) for kind in kinds}


def _group(stream: Stream, state: GroupState) -> dict[str, Any]:
    group = state.group
    return {
        "stream": stream.value,
        "group": group.name.encode("utf-8", "surrogateescape").decode("utf-8", "replace"),
        "standing": state.standing.value,
        "quiet": round(state.quiet, 1),
        "pending": group.pending,
        "lag": group.lag,
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
