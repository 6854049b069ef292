"""Dead letters over HTTP: what was given up, and another try."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from wireroom.adapters.deadletters import DeadLetters
from wireroom.adapters.follow import is_entry
from wireroom.adapters.http import query
from wireroom.adapters.http.bodies import RetryIn, RetryOut, body_of
from wireroom.adapters.http.problems import ProblemError, invalid_parameter, nothing_accepted
from wireroom.adapters.http.replies import reply
from wireroom.adapters.http.routes import Answer, Route
from wireroom.adapters.http.shared import world

if TYPE_CHECKING:
    from aiohttp import web


async def index(request: web.Request) -> web.Response:
    """List dead letters, newest first."""
    cursor = request.query.get("cursor")
    if cursor and not is_entry(cursor):
        raise invalid_parameter("cursor", "is no cursor that was given out; leave it away to begin anew")
    letters = DeadLetters(world(request).ledger)
    page, after = await asyncio.to_thread(letters.page, query.limit(request), cursor)
    return reply({"dead": page, "cursor": after})


async def retry(request: web.Request) -> web.Response:
    """Try dead letters again."""
    body = await body_of(request, RetryIn)
    if bool(body.ids) == body.all:
        detail = "name ids, or say all" if not body.all else "name ids or say all, not both"
        raise ProblemError("invalid_value", detail, errors=[{"pointer": "#", "detail": detail}])
    letters = DeadLetters(world(request).ledger)
    answer = await asyncio.to_thread(letters.retry, body.ids, every=body.all)
    if body.ids and not answer["retried"]:
        raise nothing_accepted(answer["rejected"], "dead letter", batch=None, retried=[])
    return reply(answer, 202, {"Location": f"/v1/batches/{answer['batch']}"} if answer["batch"] else None)


_LETTER: Final = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "description": "The entry's id on the stream."},
        **{
            name: {"type": ["string", "null"]}
            for name in (
                "time",
                "unit",
                "stage",
                "reason",
                "detail",
                "url",
                "document",
                "name",
                "batch",
                "stack",
            )
        },
        "tries": {"type": ["integer", "null"]},
        "retried": {"type": "boolean"},
    },
}

ROUTES: Final = (
    Route(
        "GET",
        "/v1/dead",
        index,
        "List what was given up, newest first.",
        "dead letters",
        {
            200: Answer(
                "A page of dead letters.",
                schema={
                    "type": "object",
                    "properties": {
                        "dead": {"type": "array", "items": _LETTER},
                        "cursor": {"type": ["string", "null"]},
                    },
                },
            )
        },
        query.PAGING,
        problems=("invalid_value",),
    ),
    Route(
        "POST",
        "/v1/dead/retry",
        retry,
        "Try dead letters again: those named, or all that were not tried again yet.",
        "dead letters",
        {202: Answer("What is tried again, and what cannot be.", RetryOut)},
        body=RetryIn,
        problems=("invalid_request", "too_large", "unsupported_type", "invalid_value", "nothing_accepted"),
    ),
)
