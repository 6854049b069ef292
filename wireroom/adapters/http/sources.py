"""Sources over HTTP: which there are, what each answered last, when it is asked again; ask one now."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import BaseModel, Field

from wireroom.adapters.http.problems import ProblemError
from wireroom.adapters.http.replies import reply
from wireroom.adapters.http.routes import Answer, Parameter, Route
from wireroom.adapters.http.shared import world
from wireroom.adapters.sourcelisting import listed, one

if TYPE_CHECKING:
    from aiohttp import web

    from wireroom.world import World


class SourceOut(BaseModel):
    """A feed or sitemap: what the settings say of it, and what it answered last."""

    id: str
    name: str
    url: str
    state: Annotated[
        Literal["new", "asking", "fine", "failing", "refused"], Field(description="Where it stands.")
    ]
    interval: Annotated[float, Field(description="Seconds between two looks, unless it asks for more.")]
    priority: Annotated[int, Field(description="Of its articles within their host.")]
    asked: Annotated[str | None, Field(description="When it was last asked.")]
    answered: Annotated[
        str | None, Field(description="When it last answered with a feed, or that nothing is new.")
    ]
    next: Annotated[str | None, Field(description="When it is asked again; null while it is being asked.")]
    waits: Annotated[
        str | None, Field(description="What it waits for, where its host could not be asked yet.")
    ]
    status: Annotated[
        int | None, Field(description="The HTTP status of the last look, if there was an answer.")
    ]
    reason: Annotated[
        str | None, Field(description="Why the last look came to nothing; null where it did not.")
    ]
    detail: Annotated[
        str | None, Field(description="The same for a person, or which parts of it could not be read.")
    ]
    failures: Annotated[int, Field(description="Looks in a row that came to nothing.")]
    failing_since: str | None
    format: Annotated[str | None, Field(description="`rss`, `atom`, `json`, `sitemap` or `index`.")]
    title: str | None
    final_url: Annotated[str | None, Field(description="The address that answered, after redirects.")]
    items: Annotated[int | None, Field(description="Articles it named when it was last read.")]
    skipped: Annotated[int | None, Field(description="Items without an address that can be fetched.")]
    cut: Annotated[bool, Field(description="It named more than is looked at.")]
    new: Annotated[int | None, Field(description="Articles of the last look that were not known.")]
    again: Annotated[int | None, Field(description="Articles of the last look that are crawled again.")]
    new_total: int
    again_total: int
    looks: Annotated[int, Field(description="Times it was asked.")]


class SourcesOut(BaseModel):
    """Every source, by name."""

    sources: list[SourceOut]


async def index(request: web.Request) -> web.Response:
    """List every source: the settings name them, so there are few."""
    world_ = world(request)
    return reply({"sources": await asyncio.to_thread(listed, world_.client, world_.keys)})


async def ask(request: web.Request) -> web.Response:
    """Let one be asked at its host's next turn."""
    sid = request.match_info["id"]
    found = await asyncio.to_thread(_ask, world(request), sid)
    if found is None:
        raise ProblemError("not_found", f"no source has the id {sid[:40]!r}; /v1/sources lists them")
    return reply(found, 202)


def _ask(world_: World, sid: str) -> dict[str, Any] | None:
    world_.sources.soon(sid)
    return one(world_.client, world_.keys, sid)


ROUTES: Final = (
    Route(
        "GET",
        "/v1/sources",
        index,
        "List the feeds and sitemaps of the settings: what each answered last, and when it is asked again.",
        "sources",
        {200: Answer("Every source, by name.", SourcesOut)},
    ),
    Route(
        "POST",
        "/v1/sources/{id}/ask",
        ask,
        "Ask a source now, at its host's next turn.",
        "sources",
        {202: Answer("The source as it stands.", SourceOut)},
        (Parameter("id", "As /v1/sources gives it.", place="path", required=True),),
        problems=("not_found",),
    ),
)
