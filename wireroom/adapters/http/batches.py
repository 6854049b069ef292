"""Batches over HTTP: where everything stands that came in with one request, and taking back what has not begun."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from wireroom.adapters.http.bodies import BatchOut, CancelledOut
from wireroom.adapters.http.problems import ProblemError
from wireroom.adapters.http.replies import moment, reply
from wireroom.adapters.http.routes import Answer, Parameter, Route
from wireroom.adapters.http.shared import world
from wireroom.records import OPEN_STATES

if TYPE_CHECKING:
    from aiohttp import web

    from wireroom.world import World

EXPIRED: Final = "expired"
"""State of units whose record is kept no longer; they were over."""


async def show(request: web.Request) -> web.Response:
    """Say where a batch stands."""
    return reply(await asyncio.to_thread(_standing, world(request), request.match_info["id"]))


async def cancel(request: web.Request) -> web.Response:
    """Cancel what nobody has begun."""
    bid, world_ = request.match_info["id"], world(request)
    await asyncio.to_thread(_standing, world_, bid)
    cancelled = await asyncio.to_thread(world_.ledger.cancel, bid)
    return reply({"cancelled": cancelled, **await asyncio.to_thread(_standing, world_, bid)})


def _standing(world_: World, bid: str) -> dict[str, Any]:
    # Ids are hexadecimal: anything else could name another of our keys.
    states = world_.ledger.batch(bid) if bid.isalnum() else None
    if states is None:
        raise ProblemError(
            "not_found", f"there is no batch {bid[:40]!r} here; records are kept for a while only"
        )
    created, note = world_.client.hmget(world_.keys.batch(bid), "created", "note")
    waiting = sum(states.get(state, 0) for state in OPEN_STATES)
    return {
        "batch": bid,
        "created": moment(int(created)) if created else None,
        "note": note.decode() if note else None,
        "units": sum(states.values()),
        "states": states,
        "waiting": waiting,
        "done": waiting == 0,
    }


_ID = Parameter("id", "The id a POST gave.", place="path", required=True)

ROUTES: Final = (
    Route(
        "GET",
        "/v1/batches/{id}",
        show,
        "Say where everything of a batch stands, counted by state.",
        "batches",
        {200: Answer("Its counts.", BatchOut)},
        (_ID,),
        problems=("not_found",),
    ),
    Route(
        "DELETE",
        "/v1/batches/{id}",
        cancel,
        "Cancel the URLs of a batch that nobody has begun to fetch.",
        "batches",
        {200: Answer("How many, and the counts after it.", CancelledOut)},
        (_ID,),
        problems=("not_found",),
    ),
)
