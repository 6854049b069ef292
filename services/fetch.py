"""The fetcher: leases URLs whose host's turn has come, fetches them, hands the pages on. Any number may run."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from wireroom.records import Crawl
    from wireroom.world import World

log = structlog.get_logger()

IDLE = 0.1
"""Seconds between two looks at a frontier that has nothing for us now."""
SLOW = 0.25
"""Seconds after which a crawl makes room for another: it waits, for its host or for its turn, and costs next to nothing.
With a second, hosts that say nothing kept good ones waiting for as long, which is much where the delay is short (measured)."""
CROWD = 4
"""Times the configured number of crawls that are under way at most, slow ones included: each may hold a whole page."""


async def run(world: World, stop: asyncio.Event, ready: Callable[[str], None]) -> None:
    """Fetch until told to stop; then finish what can be finished in time, and give the rest back."""
    if not world.settings.fetch_contact:
        log.warning("no contact is set: site owners cannot reach you; set WIREROOM_FETCH_CONTACT")
    handover = world.handover()
    async with world.fetcher() as fetcher, asyncio.TaskGroup() as group:
        crawler = world.crawler(fetcher, handover.put)
        crawls = Crawls(world, crawler.crawl)
        polls = world.polls(crawler)
        background = [group.create_task(work()) for work in (handover.run, crawls.renew, polls.run)]
        ready("fetching")
        while not stop.is_set():
            await crawls.take()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(IDLE):
                    await stop.wait()
        await crawls.finish(world.settings.grace / 2)
        with contextlib.suppress(TimeoutError):
            # What Redis does not take in time is fetched again by whoever comes after us.
            async with asyncio.timeout(world.settings.grace / 4):
                while handover.pending:
                    await handover.flush()
        for task in background:
            task.cancel()


class Crawls:
    """The crawls under way in this process."""

    def __init__(self, world: World, crawl: Callable[[Crawl], Awaitable[None]]) -> None:
        self._world = world
        self._crawl = crawl
        self._running: dict[asyncio.Task[None], Crawl] = {}
        self._begun: dict[asyncio.Task[None], float] = {}

    def _room(self) -> int:
        """How many crawls may begin. Hosts that say nothing for half a minute must not keep the others waiting."""
        most = self._world.settings.fetch_concurrency
        since = time.monotonic() - SLOW
        quick = sum(begun > since for begun in self._begun.values())
        return min(most - quick, CROWD * most - len(self._running))

    async def take(self) -> None:
        """Begin as many crawls as there is room for; pause while Redis is near its memory budget."""
        room = self._room()
        if room <= 0:
            return
        try:
            leased = await asyncio.to_thread(self._world.frontier.lease, room)
        except self._world.store_errors as error:
            log.warning("no URLs can be leased", why=str(error))
            return
        for crawl in leased:
            task = asyncio.create_task(self._guarded(crawl))
            self._running[task] = crawl
            self._begun[task] = time.monotonic()
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._running[task], self._begun[task]

    async def _guarded(self, crawl: Crawl) -> None:
        try:
            await self._crawl(crawl)
        except self._world.store_errors as error:
            log.warning("a crawl is left to be taken back", url=crawl.url, why=str(error))
        except Exception:
            # The lease runs out and the sweeper takes the crawl back: nothing is lost, and the others go on.
            log.exception("a crawl failed on our side", crawl=crawl)

    async def renew(self) -> None:
        """Hold the leases of what is under way."""
        while True:
            await asyncio.sleep(self._world.settings.lease / 3)
            leases = [crawl.lease for crawl in self._running.values()]
            try:
                await asyncio.to_thread(self._world.ledger.renew, leases)
            except self._world.store_errors as error:
                log.warning("leases could not be renewed", why=str(error))

    async def finish(self, grace: float) -> None:
        """Wait for what is under way; what takes longer is cancelled, which gives it back."""
        if not self._running:
            return
        _, late = await asyncio.wait(self._running, timeout=grace)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)
