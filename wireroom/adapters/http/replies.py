"""Answers: JSON by orjson, texts to the byte, times as RFC 3339."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import orjson
from aiohttp import web

from wireroom.events import timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping

JSON: Final = "application/json"
PROBLEM: Final = "application/problem+json"


def reply(data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """A JSON answer."""
    return web.Response(body=orjson.dumps(data), status=status, content_type=JSON, headers=headers)


def moment(milliseconds: float) -> str:
    """Milliseconds since 1970 as RFC 3339 in UTC."""
    return timestamp(datetime.fromtimestamp(milliseconds / 1000, UTC))


def entry_moment(entry_id: str) -> str:
    """When a stream's entry was written, from its id, as RFC 3339."""
    return moment(int(entry_id.partition("-")[0]))


def printable(text: str) -> str:
    """Text that can be written as UTF-8: bytes of a request that are none become question marks."""
    return text.encode("utf-8", "replace").decode()
