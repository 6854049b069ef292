"""A world on the test server, and its stages worked by hand in this process: no RQ worker, no other process."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from wireroom.adapters.enrich_work import EnrichWork
from wireroom.adapters.normalize_work import NormalizeWork
from wireroom.adapters.work import work_on
from wireroom.document import document_id
from wireroom.errors import WorkError
from wireroom.failure import Failure
from wireroom.normalizing import draft
from wireroom.records import CrawlRequest, Listing, Stage
from wireroom.services import fetch as fetch_service
from wireroom.settings import Settings
from wireroom.world import World

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence

    from wireroom.draft import Draft
    from wireroom.records import Crawl

STORY = "date 2031-05-04\n\nThe ferry {name} ran aground off Larne Vale.\n\nNobody was hurt.\n"


def make_world(redis_url: str, **settings: Any) -> World:
    """A world; leases of two seconds, no delay between requests."""
    defaults: dict[str, Any] = {"lease": 2, "fetch_delay": 0, "enrich": ("dates",), "fetch_retry_delay": 0.01}
    return World(Settings(redis_url=redis_url, **(defaults | settings)))


def listing(name: str, text: str | None = None, urls: Sequence[str] = ()) -> Listing:
    """A checked document file."""
    text = text or STORY.format(name=name)
    return Listing(f"{name}.txt", document_id(text), text, "dated", tuple(urls))


def take_in(world: World, *listings: Listing, urls: Sequence[str] = (), batch: str = "b1") -> list[str]:
    """Accept documents and URLs as one batch; the units' ids."""
    world.ledger.open_batch(batch, "a test")
    return world.ledger.accept(batch, listings, [CrawlRequest(url) for url in urls])


class Here:
    """Makes drafts in this process, where a worker has another that can be killed."""

    def map(self, items: Sequence[Any]) -> Iterator[Draft | Failure]:
        """A draft for each item, or why there is none."""
        for item in items:
            try:
                yield draft(item)
            except WorkError as error:
                yield Failure(error.reason, error.detail)


def normalizer(world: World, pool: Any = None) -> NormalizeWork:
    """The normalizing stage's work."""
    work = NormalizeWork(world.ledger, world.store, world.endings, world.settings, world.enrichers)
    work.pool = pool or Here()
    return work


def no_dates(drafts: Sequence[Draft]) -> Iterator[dict[str, Any] | Failure]:
    """An enricher that finds nothing."""
    for _ in drafts:
        yield {"data": None, "seconds": 0.0}


def enricher(
    world: World, enrich: Callable[[Sequence[Draft]], Iterator[Any]] = no_dates, stage: Stage = Stage.DATES
) -> EnrichWork:
    """An enricher's work."""
    return EnrichWork(stage, "by hand", enrich, world.ledger, world.publisher, world.settings)


def normalize(world: World, *uids: str) -> int:
    """Normalize units here."""
    return work_on(world.ledger, normalizer(world), uids, lambda: False)


def enrich(world: World, *uids: str) -> int:
    """Enrich units here, and publish them."""
    return work_on(world.ledger, enricher(world), uids, lambda: False)


def lease(world: World, most: int = 10) -> list[Crawl]:
    """Lease crawls."""
    return world.frontier.lease(most)


def response(crawl: Crawl, **changes: Any) -> dict[str, Any]:
    """What the fetcher says of an answer."""
    known = {
        "url": crawl.url, "final_url": crawl.url, "status": 200, "bytes": 100, "seconds": 0.1, "redirects": [],
        "listed_by": list(crawl.listed_by), "tries": crawl.lease.tries, "content_type": "text/html",
        "etag": None, "last_modified": None, "fetched_at": "2031-05-04T10:00:00Z",
    }  # fmt: skip
    return known | changes


@contextlib.asynccontextmanager
async def fetchers(*worlds: World) -> AsyncIterator[None]:
    """A fetch service for each world, while the block runs."""
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for world in worlds:
            group.create_task(fetch_service.run(world, stop, lambda _: None))
        try:
            yield
        finally:
            stop.set()
