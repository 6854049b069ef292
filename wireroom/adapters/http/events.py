"""The streams as server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).

Each event's id is a position: who comes back with it in ``Last-Event-ID`` misses nothing, or is told what is gone by
an event of type ``gap``. A client that reads slowly is read for slowly: nothing piles up here.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

import orjson
import structlog
from aiohttp import web

from wireroom.adapters.connection import TROUBLE
from wireroom.adapters.follow import Entry, Follower, Gap, read_positions, write_positions
from wireroom.adapters.http import query
from wireroom.adapters.http.problems import ProblemError, invalid_parameter
from wireroom.adapters.http.routes import Answer, Parameter, Route
from wireroom.adapters.http.shared import SHARED, shared
from wireroom.events import Stream, Type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wireroom.adapters.http.shared import Limits

log = structlog.get_logger()

FIELDS: Final = ("specversion", "id", "source", "type", "subject", "time", "datacontenttype")


async def follow(request: web.Request) -> web.StreamResponse:
    """Send what comes, until the client leaves."""
    own = shared(request)
    types = {_type(word) for word in query.words(request, "type")}
    streams = _streams(request, types)
    positions = _positions(request, streams)
    if len(own.subscribers) >= own.limits.followers:
        detail = f"{len(own.subscribers)} clients follow already"
        raise ProblemError("too_many_subscribers", detail, headers={"Retry-After": "30"})
    follower = Follower(own.following, own.world.keys, streams, own.world.segments)
    await follower.begin(positions)
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    )
    await response.prepare(request)
    if request.method == "HEAD":
        return response
    task = asyncio.current_task()
    assert task is not None
    own.subscribers.add(task)
    own.metrics.subscribers.inc()
    try:
        subscriber = Subscriber(response, follower, types, own.limits)
        await subscriber.send(b": connected\n\n")
        while not own.stopping.is_set():
            await subscriber.round()
    except asyncio.CancelledError:
        if not own.stopping.is_set():
            raise
        task.uncancel()
    except (ConnectionError, TimeoutError):
        log.debug("a client that followed is gone", path=request.path)
    except TROUBLE as error:
        # The client comes back with the last id it has.
        log.warning("streams cannot be followed now", why=str(error))
    finally:
        own.subscribers.discard(task)
        own.metrics.subscribers.dec()
    return response


class Subscriber:
    """One client that follows.

    Args:
        response: what is written to.
        follower: what is read from.
        types: what the client asked for; empty means all.
        limits: how long it may be silent, and how slow.
    """

    def __init__(
        self, response: web.StreamResponse, follower: Follower, types: set[Type], limits: Limits
    ) -> None:
        self._response = response
        self._follower = follower
        self._types = types
        self._limits = limits
        self._said = time.monotonic()

    async def round(self) -> None:
        """Send what comes next; after a silence, a sign of life."""
        left = self._said + self._limits.heartbeat - time.monotonic()
        for item in await self._follower.next(max(0.0, left)):
            if isinstance(item, Gap):
                await self.send(gap_event(item))
                continue
            position = self._follower.took(item)
            if not self._types or item.fields.get(b"type", b"").decode("utf-8", "replace") in self._types:
                await self.send(entry_event(item, position))
        if time.monotonic() - self._said >= self._limits.heartbeat:
            # An id alone is no event, but it is where a client goes on: what it did not ask for lies behind it.
            await self.send(f": still here\nid: {write_positions(self._follower.positions)}\n\n".encode())

    async def send(self, data: bytes) -> None:
        """Send, and wait until the client has taken enough of it."""
        async with asyncio.timeout(self._limits.stuck):
            await self._response.write(data)
        self._said = time.monotonic()


def entry_event(entry: Entry, position: str) -> bytes:
    """An entry as it is sent: the fields of CloudEvents and the data as one JSON object."""
    text = {name: entry.fields.get(name.encode(), b"").decode("utf-8", "replace") for name in FIELDS}
    # JSON holds no raw line end; something else that got onto the stream must not break out of its line.
    data = entry.fields.get(b"data", b"null").replace(b"\n", b" ").replace(b"\r", b" ")
    body = orjson.dumps({**text, "data": orjson.Fragment(data)})
    kind = text["type"].replace("\n", " ").replace("\r", " ")
    return b"id: %b\nevent: %b\ndata: %b\n\n" % (position.encode(), kind.encode(), body)


def gap_event(gap: Gap) -> bytes:
    """That entries are gone. It has no id: the next entry's is where to go on."""
    body = orjson.dumps({"stream": gap.stream, "after": gap.after, "first": gap.first})
    return b"event: gap\ndata: %b\n\n" % body


def _type(word: str) -> Type:
    try:
        return Type(word)
    except ValueError:
        raise invalid_parameter("type", f"{word[:40]!r} is none of {', '.join(Type)}") from None


def _streams(request: web.Request, types: set[Type]) -> Sequence[Stream]:
    """The streams that are asked for; those of the types asked for; else the documents."""
    asked = query.words(request, "stream")
    for word in asked:
        if word not in set(Stream):
            raise invalid_parameter("stream", f"{word[:40]!r} is none of {', '.join(Stream)}")
    chosen = set(asked) or {type_.stream for type_ in types} or {Stream.DOCUMENTS}
    return [stream for stream in Stream if stream in chosen]


def _positions(request: web.Request, streams: Sequence[Stream]) -> dict[Stream, str]:
    given = request.headers.get("Last-Event-ID") or request.query.get("last_event_id")
    if not given or given == "$":
        return {}
    try:
        return read_positions(given, streams)
    except ValueError as error:
        raise invalid_parameter("last_event_id", f"{given[:80]!r} {error}") from None


async def stop_following(app: web.Application) -> None:
    """End every stream that is followed: the clients come back to whoever serves next."""
    own = app[SHARED]
    own.stopping.set()
    left = set(own.subscribers)
    while left:
        for task in left:
            task.cancel()
        # A cancellation can be lost inside redis-py (Python 3.11, measured); the read it should end takes 15 s.
        _, left = await asyncio.wait(left, timeout=0.2)


ROUTES: Final = (
    Route(
        "GET",
        "/v1/events",
        follow,
        "Follow the streams as server-sent events.",
        "events",
        {200: Answer("Events, until the connection ends.", types=("text/event-stream",))},
        (
            Parameter(
                "stream",
                f"Which streams: {', '.join(Stream)}; repeated or with commas. By default documents.",
            ),
            Parameter("type", "Only entries of these types; repeated or with commas."),
            Parameter("last_event_id", "Go on behind this event's id; 0 begins with all there is, $ now."),
            Parameter("Last-Event-ID", "The same, as browsers send it.", place="header"),
        ),
        problems=("invalid_value", "too_many_subscribers"),
    ),
)
