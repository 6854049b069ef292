"""One URL over HTTP: what is known of it, and its timeline: every step, wait and reason."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from wireroom.adapters.client import texts
from wireroom.adapters.http.problems import ProblemError, invalid_parameter
from wireroom.adapters.http.replies import entry_moment, moment, reply
from wireroom.adapters.http.routes import Answer, Parameter, Route
from wireroom.adapters.http.shared import world
from wireroom.errors import UrlError
from wireroom.freshness import Found
from wireroom.records import END_STATES, State
from wireroom.urls import url_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

    from wireroom.world import World

_NUMBERS: Final = frozenset({"status", "bytes"})
_LISTED: Final = 100


async def show(request: web.Request) -> web.Response:
    """Show one URL."""
    url = request.query.get("url")
    if url is None:
        raise invalid_parameter("url", "is missing: name the address, percent-encoded")
    try:
        key = url_key(url)
    except UrlError as error:
        raise invalid_parameter("url", f"{url[:200]!r} {error.detail}") from None
    found = await asyncio.to_thread(_known, world(request), key)
    if found is None:
        raise ProblemError("not_found", "this address is not known here")
    return reply(found)


def _known(world_: World, key: str) -> dict[str, Any] | None:
    record = {
        name.decode(): value.decode() for name, value in world_.client.hgetall(world_.keys.url(key)).items()
    }
    if not record:
        return None
    timeline = [
        {"time": entry_moment(entry_id.decode()), **_told(fields)}
        for entry_id, fields in world_.client.xrange(world_.keys.url_log(key))
    ]
    unit = world_.ledger.unit(record["open"]) if "open" in record else {}
    listed = sorted(texts(world_.client.smembers(world_.keys.listed(key))))
    return {
        "url": record.get("url"),
        "key": key,
        "host": record.get("host"),
        "state": unit.get("state") or _last_state(timeline),
        "document": record.get("document"),
        "final_url": record.get("final_url"),
        "etag": record.get("etag"),
        "last_modified": record.get("last_modified"),
        "fetched": _when(record.get("fetched")),
        "archived": record.get("archived"),
        "failed": _when(record.get("failed")),
        "reason": record.get("reason"),
        "layout": record.get("layout"),
        "listed_by": listed[:_LISTED],
        "batch": unit.get("batch"),
        "next": _next(world_, record.get("open"), unit),
        "look": _look(world_, record.get("document")),
        "timeline": timeline,
    }


def _when(milliseconds: str | None) -> str | None:
    return moment(int(milliseconds)) if milliseconds else None


def _told(fields: Mapping[bytes, bytes]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name, value in ((name.decode(), value.decode()) for name, value in fields.items()):
        number = value.isdecimal()
        told[name] = (
            int(value)
            if number and name in _NUMBERS
            else moment(int(value))
            if number and name == "due"
            else value
        )
    return told


def _last_state(timeline: list[dict[str, Any]]) -> str | None:
    """How the last crawl ended."""
    return next((line["step"] for line in reversed(timeline) if line["step"] in set(END_STATES)), None)


def _next(world_: World, uid: str | None, unit: Mapping[str, str]) -> str | None:
    """When a waiting URL may be fetched: its own time, and its host's."""
    if uid is None or unit.get("state") != State.WAITING:
        return None
    delayed = world_.client.zscore(world_.keys.delayed, uid)
    host = world_.client.zscore(world_.keys.hosts, unit["host"])
    return moment(max(delayed or 0, host or 0, int(unit["created"])))


def _look(world_: World, did: str | None) -> dict[str, Any] | None:
    """When the page of a URL's document is looked at again, and why then; None where nobody looks unasked."""
    known = world_.store.looks.of(did) if did else None
    if known is None:
        return None
    look, due = known
    return {
        "at": moment(int(due)),
        "why": "unreached" if look.misses else look.found.value,
        "url": look.url,
        "interval": round(look.interval, 1),
        "changed": moment(int(look.changed * 1000)),
        "misses": look.misses,
        "gone": look.gone,
    }


_SCHEMA: Final = {
    "type": "object",
    "properties": {
        **{name: {"type": "string"} for name in ("url", "key", "host")},
        **{
            name: {"type": ["string", "null"]}
            for name in (
                "state",
                "document",
                "final_url",
                "etag",
                "last_modified",
                "fetched",
                "archived",
                "failed",
                "reason",
            )
        },
        **{name: {"type": ["string", "null"]} for name in ("layout", "batch", "next")},
        "look": {
            "type": ["object", "null"],
            "description": "When its document's page is looked at again without being asked for.",
            "properties": {
                **{name: {"type": "string", "format": "date-time"} for name in ("at", "changed")},
                "why": {"enum": [*(found.value for found in Found if found is not Found.ASKED), "unreached"]},
                "url": {"type": "string"},
                "interval": {"type": "number", "description": "Seconds, while the page answers."},
                **{name: {"type": "integer"} for name in ("misses", "gone")},
            },
        },
        "listed_by": {"type": "array", "items": {"type": "string"}},
        "timeline": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"time": {"type": "string", "format": "date-time"}, "step": {"type": "string"}},
            },
        },
    },
}

ROUTES: Final = (
    Route(
        "GET",
        "/v1/urls",
        show,
        "Show what is known of one URL, and its timeline: every step, wait and reason.",
        "urls",
        {200: Answer("The URL.", schema=_SCHEMA)},
        (Parameter("url", "The address.", required=True),),
        problems=("not_found", "invalid_value"),
    ),
)
