"""Hosts over HTTP: how each is treated and why it waits; pause it, resume it, set its delay."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Final

from wireroom.adapters.hosts import BY_HAND, Hosts, host_name
from wireroom.adapters.http import query
from wireroom.adapters.http.bodies import HostIn, HostOut, HostsOut, body_of
from wireroom.adapters.http.problems import ProblemError, invalid_parameter
from wireroom.adapters.http.replies import reply
from wireroom.adapters.http.routes import Answer, Parameter, Route
from wireroom.adapters.http.shared import world
from wireroom.errors import UsageError

if TYPE_CHECKING:
    from aiohttp import web

_CURSOR: Final = re.compile("[!-~]{1,300}")


def _hosts(request: web.Request) -> Hosts:
    world_ = world(request)
    return Hosts(world_.client, world_.keys, world_.settings)


async def index(request: web.Request) -> web.Response:
    """List hosts by name."""
    cursor = request.query.get("cursor") or None
    if cursor is not None and not _CURSOR.fullmatch(cursor):
        raise invalid_parameter("cursor", "is no cursor that was given out; leave it away to begin anew")
    page, more = await asyncio.to_thread(_hosts(request).page, query.limit(request), cursor)
    return reply({"hosts": page, "cursor": more})


async def show(request: web.Request) -> web.Response:
    """Show one host."""
    given = request.match_info["host"]
    try:
        name = host_name(given)
    except UsageError as error:
        raise ProblemError("not_found", str(error)) from None
    host = await asyncio.to_thread(_hosts(request).one, name)
    if host is None:
        raise ProblemError("not_found", f"nothing of {name} was ever asked for or set")
    return reply(host)


async def change(request: web.Request) -> web.Response:
    """Set how a host is treated. One that is not known yet is from then on."""
    name = host_name(request.match_info["host"])
    body = await body_of(request, HostIn)
    changes = {field: getattr(body, field) for field in BY_HAND if field in body.model_fields_set}
    if not changes:
        detail = f"nothing is to be changed: name one of {', '.join(BY_HAND)}"
        raise ProblemError("invalid_value", detail, errors=[{"pointer": "#", "detail": detail}])
    return reply(await asyncio.to_thread(_hosts(request).set, name, changes))


_HOST: Final = Parameter(
    "host", "Its name, with the port where it is not the scheme's own.", place="path", required=True
)

ROUTES: Final = (
    Route(
        "GET",
        "/v1/hosts",
        index,
        "List the hosts that were ever asked, by name: how each is treated, and why it waits.",
        "hosts",
        {200: Answer("A page of hosts.", HostsOut)},
        query.PAGING,
        problems=("invalid_value",),
    ),
    Route(
        "GET",
        "/v1/hosts/{host}",
        show,
        "Show one host.",
        "hosts",
        {200: Answer("The host.", HostOut)},
        (_HOST,),
        problems=("not_found",),
    ),
    Route(
        "PATCH",
        "/v1/hosts/{host}",
        change,
        "Set how a host is treated: pause it, resume it, its delay, its pages a day; null takes a value back.",
        "hosts",
        {200: Answer("The host as it stands now.", HostOut)},
        (_HOST,),
        body=HostIn,
        problems=(
            "invalid_request",
            "request_timeout",
            "too_large",
            "unsupported_type",
            "invalid_value",
            "too_busy",
        ),
    ),
)
