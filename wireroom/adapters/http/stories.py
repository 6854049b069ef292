"""Stories over HTTP: what they are about, and their documents."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from wireroom.adapters.http import query
from wireroom.adapters.http.problems import ProblemError, invalid_parameter
from wireroom.adapters.http.replies import moment, reply
from wireroom.adapters.http.routes import Answer, Parameter, Route
from wireroom.adapters.http.schemas import StoryData
from wireroom.adapters.http.shared import world
from wireroom.adapters.listing import Listing

if TYPE_CHECKING:
    from aiohttp import web

    from wireroom.world import World

SHOWN: Final = 100
"""Most documents of a story that are shown, the newest; `members` names more."""
NAMED: Final = 20
"""Most entities of a story."""


async def index(request: web.Request) -> web.Response:
    """List stories, the last active first."""
    stories = world(request).sameness_index.stories
    limit = query.limit(request)
    try:
        told, cursor = await asyncio.to_thread(stories, limit, request.query.get("cursor"))
    except ValueError as error:
        raise invalid_parameter("cursor", str(error)) from None
    return reply({"stories": told, "cursor": cursor})


async def show(request: web.Request) -> web.Response:
    """Show one story; an id that was merged gives the story it became."""
    sid = query.document_id(request)
    story = await asyncio.to_thread(_told, world(request), sid)
    if story is None:
        raise ProblemError("not_found", f"there is no story {sid} here; it may be one whose time is over")
    return reply(story)


def _told(world_: World, sid: str) -> dict[str, Any] | None:
    story = world_.sameness_index.story(sid)
    if story is None:
        return None
    newest = list(story["members"])[-SHOWN:]
    documents = Listing(world_.client, world_.keys).of(newest)
    shown = [document | {"updated": moment(document["updated"])} for document in documents]
    return {**story, "entities": _entities(world_, newest), "documents": shown}


def _entities(world_: World, members: list[str]) -> list[dict[str, Any]]:
    """Who and what its documents name, by how many of them do."""
    named: Counter[tuple[str, str]] = Counter()
    for did in members:
        kept = world_.store.revision(did)
        if kept is not None:
            named.update({(entity["name"], entity["type"]) for entity in kept["data"]["entities"]})
    first = sorted(named.items(), key=lambda item: (-item[1], item[0]))[:NAMED]
    return [{"name": name, "type": kind, "documents": count} for (name, kind), count in first]


_ID = Parameter(
    "id", "16 hexadecimal digits.", {"type": "string", "pattern": "^[0-9a-f]{16}$"}, "path", required=True
)

ROUTES: Final = (
    Route(
        "GET",
        "/v1/stories",
        index,
        "List stories, the last active first.",
        "stories",
        {
            200: Answer(
                "A page of stories.",
                schema={
                    "type": "object",
                    "properties": {
                        "stories": {
                            "type": "array",
                            "items": StoryData.model_json_schema(ref_template="{model}"),
                        },
                        "cursor": {"type": ["string", "null"]},
                    },
                },
            )
        },
        query.PAGING,
        problems=("invalid_value",),
    ),
    Route(
        "GET",
        "/v1/stories/{id}",
        show,
        "Show one story: its members, when it was first seen, its size, and whom its documents name.",
        "stories",
        {200: Answer("The story.", StoryData)},
        (_ID,),
        problems=("not_found",),
    ),
)
