"""Idempotency-Key: the same key and body give the same answer, once worked out, for a day.

The habit is that of draft-ietf-httpapi-idempotency-key-header: another body with a used key is a fault (422). The same
request while the first is being worked on waits for its answer, and is told to come again (409) when that takes long.
Answers of 500 and up are not kept: they may be tried again with the same key.

What a request takes in, it takes in under a batch id that is kept with its key before anything else. A process that dies
on the way holds the key no longer than its lease; who comes next takes the same in again under the same batch id, and what
is there already is not taken in twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import time
from typing import TYPE_CHECKING, Any, Final

import orjson
from aiohttp import web

from wireroom.adapters.connection import TROUBLE
from wireroom.adapters.http.arrival import body_bytes
from wireroom.adapters.http.problems import ProblemError, problem_of
from wireroom.adapters.http.shared import shared, world
from wireroom.adapters.ids import new_id, now_ms

if TYPE_CHECKING:
    from wireroom.adapters.client import Client
    from wireroom.adapters.http.problems import Handler
    from wireroom.world import World

KEPT: Final = 24 * 3600 * 1000
"""Milliseconds an answer is kept."""
HELD: Final = 10 * 1000
"""Milliseconds a key is held for a request under way unless that says again that it is: its process may be dead."""
FREE: Final = 0
"""Until when a key is held whose request failed by our fault: another body may have it."""
LONGEST: Final = 255
"""Most characters in a key."""
LOOK: Final = 0.05
"""Seconds between two looks for an answer that is being worked out."""
_FAULT: Final = 500
_WRITE: Final = """
local kept = redis.call('GET', KEYS[1])
if not kept then return 0 end
local record = cjson.decode(kept)
if record.holder ~= ARGV[1] or record.status then return 0 end
if ARGV[4] ~= '' and tonumber(ARGV[4]) ~= record['until'] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
"""
_BATCH: Final = web.RequestKey("batch", str)


@web.middleware
async def remember(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a POST as before when its key was used for it."""
    key = request.headers.get("Idempotency-Key")
    if request.method != "POST" or key is None:
        return await handler(request)
    if not key or len(key) > LONGEST:
        raise ProblemError("invalid_request", f"an Idempotency-Key has 1 to {LONGEST} characters")
    place = world(request).keys.idempotency(
        _digest(request.path.encode(), key.encode("utf-8", "surrogateescape"))
    )
    fingerprint = await asyncio.to_thread(_fingerprint, request, body_bytes(request))
    kept, ours = await _claimed(request, place, fingerprint)
    return await _first(request, handler, place, kept) if ours else _again(kept, fingerprint)


def batch_of(request: web.Request) -> str:
    """The id of the batch that a request takes things in with: the same when the request comes again with its key."""
    return request.get(_BATCH) or new_id()


async def _claimed(request: web.Request, place: str, fingerprint: str) -> tuple[dict[str, Any], bool]:
    """Take a key; what is kept under it when somebody was first, his answer with it if it comes soon enough."""
    deadline = time.monotonic() + shared(request).limits.in_progress
    while True:
        kept, ours = await asyncio.to_thread(_claim, world(request), place, fingerprint)
        over = "status" in kept or kept["fingerprint"] != fingerprint
        if ours or over or time.monotonic() > deadline:
            return kept, ours
        await asyncio.sleep(LOOK)


async def _first(
    request: web.Request, handler: Handler, place: str, claim: dict[str, Any]
) -> web.StreamResponse:
    """Work the answer out and keep it; when that fails, let go of the key."""
    redis, done = world(request).client, asyncio.Event()
    request[_BATCH] = claim["batch"]
    holding = asyncio.create_task(_hold(redis, place, claim, done))
    try:
        try:
            response = await _answer(request, handler)
        finally:
            done.set()
            await holding
        record = claim | {
            "status": response.status,
            "type": response.content_type,
            "location": response.headers.get("Location"),
            "body": response.text,
        }
        await asyncio.to_thread(_write, redis, place, claim, record)
    except BaseException:
        with contextlib.suppress(*TROUBLE):  # still held, it is free after a while
            await asyncio.shield(asyncio.to_thread(_write, redis, place, claim, claim | {"until": FREE}))
        raise
    return response


async def _hold(redis: Client, place: str, claim: dict[str, Any], done: asyncio.Event) -> None:
    """Say again and again that somebody works on it. It ends between two writes, so that none comes after the answer."""
    while not done.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(done.wait(), HELD / 4000)
        if not done.is_set():
            with contextlib.suppress(*TROUBLE):
                await asyncio.to_thread(_write, redis, place, claim, claim | {"until": now_ms() + HELD})


def _write(
    redis: Client, place: str, claim: dict[str, Any], record: dict[str, Any], until: int | str = ""
) -> bool:
    """Write what is kept under a key, if it is still this claim's: whoever was frozen may have been followed.

    Args:
        redis: the server.
        place: where it is kept.
        claim: who holds it.
        record: what is written.
        until: if given, only if it is held just so long: nobody has said since that he is there.
    """
    return bool(redis.eval(_WRITE, 1, place, claim["holder"], orjson.dumps(record), KEPT, until))


async def _answer(request: web.Request, handler: Handler) -> web.Response:
    try:
        response = await handler(request)
    except Exception as error:
        problem = problem_of(error)
        if problem is None or problem.status >= _FAULT:
            raise
        return problem.response(request.path)
    assert isinstance(response, web.Response), "an answer to a POST is a whole one"
    return response


def _claim(world_: World, place: str, fingerprint: str) -> tuple[dict[str, Any], bool]:
    """Take a key for a request.

    Returns:
        What is kept under it, and whether it is ours to work on: nobody was first, or whoever was holds it no longer.
    """
    while True:
        mine = {
            "fingerprint": fingerprint,
            "batch": new_id(),
            "holder": new_id(),
            "until": now_ms() + HELD,
        }
        if world_.client.set(place, orjson.dumps(mine), px=KEPT, nx=True):
            return mine, True
        body = world_.client.get(place)
        if body is None:
            continue  # it expired between the two questions
        kept: dict[str, Any] = orjson.loads(body)
        same = kept["fingerprint"] == fingerprint
        if "status" in kept or kept["until"] > now_ms() or not (same or kept["until"] == FREE):
            return kept, False
        claim = mine | {"batch": kept["batch"]} if same else mine
        if _write(world_.client, place, kept, claim, kept["until"]):
            return claim, True
        # Somebody else took it over, or said that he is still there: look again.


def _again(kept: dict[str, Any], fingerprint: str) -> web.Response:
    if kept["fingerprint"] != fingerprint:
        raise ProblemError(
            "idempotency_mismatch",
            "this Idempotency-Key belongs to a request with another body; use a new key",
        )
    if "status" not in kept:
        raise ProblemError(
            "request_in_progress",
            "the first request with this Idempotency-Key is not done yet",
            headers={"Retry-After": "1"},
        )
    headers = {"Idempotency-Replayed": "true"} | ({"Location": kept["location"]} if kept["location"] else {})
    body = kept["body"].encode()
    return web.Response(body=body, status=kept["status"], content_type=kept["type"], headers=headers)


def _fingerprint(request: web.Request, body: bytes) -> str:
    """What makes two requests the same. A client that sends a form again draws another boundary: it does not count."""
    boundary = request.headers.get("Content-Type", "").partition("boundary=")[2].partition(";")[0].strip('" ')
    if boundary:
        body = body.replace(boundary.encode("utf-8", "surrogateescape"), b"")
    return _digest(
        request.content_type.encode(), request.query_string.encode("utf-8", "surrogateescape"), body
    )


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()
