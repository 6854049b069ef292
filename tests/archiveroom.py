"""A world with an archive, and a site whose pages are gone: what the tests of the archive's lane work with."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from soundness import all_units, check_sound
from waiting import until_async
from wayback import Wayback
from workshop import enricher, fetchers, make_world, normalize

from wireroom.adapters.stages import find_dates
from wireroom.adapters.work import work_on
from wireroom.document import web_document_id
from wireroom.events import Stream
from wireroom.records import CrawlRequest
from wireroom.urls import url_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from localweb import LocalWeb

    from wireroom.draft import Draft
    from wireroom.world import World

LINES = (
    "The ferry Petrel ran aground off Larne Vale on Tuesday with eleven people aboard, the harbour office said.",
    "Nobody was hurt, and a tug from Port Sorrel pulled it free when the tide came in shortly before noon.",
    "The master said that a buoy had been moved by the storm of the week before and nobody had put it back.",
    "The ferry will be looked at in the yard of Millhaven and is to sail again before the end of the month.",
)


def article(*lines: str, head: str = "", title: str = "Ferry aground off Larne Vale") -> str:
    """A page."""
    body = "".join(f"<p>{line}</p>" for line in lines or LINES)
    return f"<html><head><title>{title}</title>{head}</head><body><article><h1>{title}</h1>{body}</article></body></html>"


class Room:
    """A world with an archive, and a site whose pages are gone."""

    def __init__(self, redis_url: str, net: LocalWeb, **settings: Any) -> None:
        self.net = net
        self.paper = net.site()
        self.archive = Wayback(net.site())
        defaults: dict[str, Any] = {
            "fetch_allow_private": "127.0.0.0/8",
            "fetch_contact": "desk@paper.example",
            "archive": True,
            "archive_url": self.archive.url,
            "archive_delay": 0,
            "lease": 10,
        }
        self.redis_url, self.settings = redis_url, defaults | settings
        self.world = make_world(redis_url, **self.settings)
        self._batches = 0

    async def crawl(self, *urls: str, force: bool = False, worlds: tuple[World, ...] = ()) -> None:
        """Crawl URLs and bring what comes of it to its end."""
        self._batches += 1
        batch = f"b{self._batches}"
        self.world.ledger.open_batch(batch, "a test")
        self.world.ledger.accept(batch, (), [CrawlRequest(url, force=force) for url in urls])
        async with fetchers(*(worlds or (self.world,))):
            await until_async(self._over, 30)
        check_sound(self.world)

    async def _over(self) -> bool:
        return await asyncio.to_thread(self._settle)

    def _settle(self) -> bool:
        self.world.sweeper.sweep()
        units = all_units(self.world)
        normalize(self.world, *units)
        work_on(self.world.ledger, enricher(self.world, dated), units, lambda: False)
        return not any(self.world.ledger.stats()["waiting"].values())

    def events(self, stream: Stream) -> list[Any]:
        return [event for _, event in self.world.streams.read(stream, "0")]

    def ends(self) -> list[tuple[str, str | None]]:
        return [(str(event.type), event.data["reason"]) for event in self.events(Stream.FETCHES)]

    def last(self) -> Any:
        return self.events(Stream.FETCHES)[-1].data

    def document(self, url: str) -> Any:
        kept = self.world.store.revision(web_document_id(url))
        assert kept is not None
        return kept["data"]

    def record(self, url: str) -> dict[str, str]:
        found = self.world.client.hgetall(self.world.keys.url(url_key(url)))
        return {name.decode(): value.decode() for name, value in found.items()}

    def timeline(self, url: str) -> list[str]:
        lines = self.world.client.xrange(self.world.keys.url_log(url_key(url)))
        return [fields[b"step"].decode() for _, fields in lines]


def dated(drafts: Sequence[Draft]) -> Iterator[dict[str, Any]]:
    """The enricher of dates, in this process."""
    yield from map(find_dates, drafts)
