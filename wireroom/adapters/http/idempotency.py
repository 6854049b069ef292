"""Idempotency-Key: the same key and body give the same answer, once worked out, for a day.

The habit is that of draft-ietf-httpapi-idempotency-key-header: another body with a used key is a fault (422). The same
request while the first is being worked on waits for its answer, and is told to come again (409) when that takes long.
Answers of 500 and up are not kept: they may be tried again with the same key.
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

if TYPE_CHECKING:
    from wireroom.adapters.http.problems import Handler
    from wireroom.world import World

KEPT: Final = 24 * 3600 * 1000
"""Milliseconds an answer is kept."""
HELD: Final = 120 * 1000
"""Milliseconds a key is held for a request under way; longer, and its process is taken for dead."""
LONGEST: Final = 255
"""Most characters in a key."""
LOOK: Final = 0.05
"""Seconds between two looks for an answer that is being worked out."""
_FAULT: Final = 500


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
    kept = await _claimed(request, place, fingerprint)
    if kept is not None:
        return _again(kept, fingerprint)
    return await _first(request, handler, place, fingerprint)


async def _claimed(request: web.Request, place: str, fingerprint: str) -> dict[str, Any] | None:
    """Take a key; what is kept under it when somebody was first, his answer with it if it comes soon enough."""
    deadline = time.monotonic() + shared(request).limits.in_progress
    while True:
        kept = await asyncio.to_thread(_claim, world(request), place, fingerprint)
        if (
            kept is None
            or "status" in kept
            or kept["fingerprint"] != fingerprint
            or time.monotonic() > deadline
        ):
            return kept
        await asyncio.sleep(LOOK)


async def _first(request: web.Request, handler: Handler, place: str, fingerprint: str) -> web.StreamResponse:
    """Work the answer out and keep it; when that fails, free the key."""
    redis = world(request).client
    try:
        response = await _answer(request, handler)
        record = {
            "fingerprint": fingerprint,
            "status": response.status,
            "type": response.content_type,
            "location": response.headers.get("Location"),
            "body": response.text,
        }
        await asyncio.to_thread(redis.set, place, orjson.dumps(record), px=KEPT)
    except BaseException:
        with contextlib.suppress(*TROUBLE):  # left over, it expires
            await asyncio.shield(asyncio.to_thread(redis.delete, place))
        raise
    return response


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


def _claim(world_: World, place: str, fingerprint: str) -> dict[str, Any] | None:
    """Take a key for a request; what is kept under it when somebody was first."""
    for _ in range(2):  # it may expire between the two questions
        if world_.client.set(place, orjson.dumps({"fingerprint": fingerprint}), px=HELD, nx=True):
            return None
        kept = world_.client.get(place)
        if kept is not None:
            found: dict[str, Any] = orjson.loads(kept)
            return found
    return {"fingerprint": fingerprint}


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
