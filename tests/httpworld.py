"""A served world on the empty test server, and documents published into it without workers."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from aiohttp.test_utils import TestClient, TestServer

from wireroom.adapters.http.app import build_app
from wireroom.adapters.steps import Step
from wireroom.assembly import assemble, content, published_at
from wireroom.document import document_id, web_document_id
from wireroom.draft import Draft, Origin, file_text, from_file
from wireroom.events import document_event
from wireroom.language import Language
from wireroom.placement import Item
from wireroom.settings import Settings
from wireroom.world import World

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from wireroom.adapters.http.shared import Limits

STORM = (
    "date 2031-05-04\n\nA storm closed the harbour of Larne Vale.\n\nBoats stayed in.\n\nSources: {urls}\n"
)


@dataclass(frozen=True)
class Api:
    world: World
    client: TestClient[Any, Any]

    async def get(self, path: str, status: int = 200, **options: Any) -> Any:
        async with self.client.get(path, **options) as answer:
            body = await answer.text()
            assert answer.status == status, body
            return await answer.json(content_type=None) if "json" in answer.content_type else body

    async def post(self, path: str, status: int = 202, **options: Any) -> Any:
        async with self.client.post(path, **options) as answer:
            assert answer.status == status, await answer.text()
            return await answer.json(content_type=None)


@asynccontextmanager
async def serving(redis_url: str, limits: Limits | None = None, **settings: Any) -> AsyncIterator[Api]:
    """The API of a world on this server."""
    world = World(Settings(redis_url=redis_url, **settings))
    async with TestClient(TestServer(build_app(world, limits))) as client:
        yield Api(world, client)
    world.redis.close()


async def raw(api: Api, *lines: bytes, body: bytes = b"") -> bytes:
    """What is answered to these bytes on a connection of its own."""
    assert api.client.port is not None
    return await said(api.client.host, api.client.port, *lines, body=body)


async def said(host: str, port: int, *lines: bytes, body: bytes = b"") -> bytes:
    """What a server answers to these bytes."""
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(b"\r\n".join([*lines, b"Connection: close", b"", body]))
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


def check_problem(problem: Any, status: int, code: str) -> None:
    """RFC 9457, 3.1: what every problem holds."""
    assert problem["type"] == f"urn:wireroom:problem:{code}"
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    assert "Traceback" not in problem["detail"]


def page_draft(url: str, title: str, text: str, language: str = "en") -> Draft:
    """The draft of a page, as if it had been fetched."""
    return Draft(
        id=web_document_id(url),
        layout="titled",
        origin=Origin("web", fetched_at="2031-05-04T10:00:00Z", status=200, etag='"1"'),
        url=url,
        canonical_url=url,
        sources=(url,),
        title=title,
        author=None,
        site=None,
        description=None,
        paragraphs=tuple(text.split("\n")),
        language=Language(language, 0.9),
        candidates=(),
        warnings=(),
    )


def file_draft(text: str, name: str) -> Draft:
    """The draft of a document file."""
    return from_file(text, name, document_id(text))


def publish(
    world: World, draft: Draft, *, names: Sequence[str] = (), story: str | None = None, day: str | None = None
) -> dict[str, Any]:
    """Publish a draft as the publisher does; gives the event's data."""
    kept = world.store.revision(draft.id)
    previous = kept["data"] if kept else None
    date = {"value": day, "precision": "day", "timezone_known": False, "evidence": "test", "confidence": 1.0}
    results = {
        "dates": _found(
            {"published": date if day else None, "modified": None, "candidates": [], "mentions": []}
        ),
        "sameness": _found({"story": {"id": story, "size": 1, "why": None} if story else None}),
        "entities": _found({"entities": [_entity(name) for name in names]}),
    }
    results["dates"]["data"]["conflict"] = False
    results["sameness"]["data"] |= {"exact_of": None, "near": [], "shares": []}
    data = assemble(draft, results, previous)
    event = document_event(world.streams.source, data, datetime.now(UTC))
    text = file_text(draft, published_at(data))
    commands = [
        world.streams.entry(event),
        *world.store.written(draft, data, text, content(data), previous),
    ]
    assert world.ledger.commit([Step((), commands)])[0].done
    return data


def place(world: World, draft: Draft, names: Sequence[str] = ()) -> str:
    """Publish a draft with its place in the index, as its worker finds it; the id of its story."""
    item = Item(draft.id, draft.text, draft.title, None, datetime.now(UTC), draft.language.code, draft.url)
    story: str = world.sameness_index.place(item).data["story"]["id"]
    publish(world, draft, names=names, story=story)
    return story


def _found(data: dict[str, Any]) -> dict[str, Any]:
    status = {"status": "done", "version": "test", "seconds": 0.1, "error": None}
    return {"data": data, "enrichment": status}


def _entity(name: str) -> dict[str, Any]:
    return {"name": name, "type": "place", "count": 1, "mentions": [[0, 1]], "wikidata": None, "joined": None}
