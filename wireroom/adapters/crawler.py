"""One leased URL, from the robots question to the answer: how the fetcher asks, and what each answer means."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
import structlog

from wireroom import robots
from wireroom.adapters.archive import Asking, looked_up, told
from wireroom.adapters.connection import TROUBLE
from wireroom.certificates import not_verified
from wireroom.errors import FetchError, Reason
from wireroom.events import FetchOutcome, timestamp
from wireroom.fetched import Response
from wireroom.urls import host_key, origin

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from wireroom.adapters.fetching import Fetcher
    from wireroom.adapters.frontier import Frontier
    from wireroom.archive import Ask, Capture
    from wireroom.records import Crawl

    Page = tuple[Crawl, dict[str, Any], bytes]
    Deliver = Callable[[Page], Awaitable[None]]

log = structlog.get_logger()

LONGEST_WAIT = 30.0
"""Most seconds a crawl waits for a host within its lease; beyond, it goes back to the frontier."""
ASK_AGAIN = 1.0
"""Seconds after which a waiting crawl asks again: whoever holds the host may be done early."""
REST = 120.0
"""Seconds from which a host's wait is a rest and no turn: nobody holds a host for so long, so nobody waits for it."""

PAUSE = 1.0
"""Seconds before pages that Redis could not take are handed over again."""


class NotNowError(Exception):
    """A host's turn is too far off: the crawl goes back.

    Attributes:
        after: seconds until it may be tried again.
    """

    def __init__(self, after: float) -> None:
        super().__init__(f"not now, but in {after:.1f} s")
        self.after = after


class Crawler:
    """Fetches leased URLs. What it waits for, it asks the frontier; nothing is remembered here."""

    def __init__(
        self, frontier: Frontier, fetcher: Fetcher, deliver: Deliver, *, longest_wait: float = LONGEST_WAIT
    ) -> None:
        self._frontier = frontier
        self._fetcher = fetcher
        self._archive = Asking(fetcher, frontier.settings)
        self._deliver = deliver
        self._longest_wait = longest_wait

    async def crawl(self, crawl: Crawl) -> None:
        """Fetch one URL and hand on what came of it: a page, nothing new, another try later, or an end."""
        if crawl.fresh:
            outcome = FetchOutcome(crawl.url, document=crawl.document, listed_by=crawl.listed_by)
            await asyncio.to_thread(self._frontier.unchanged, crawl, outcome, "fresh")
            return
        begun = time.monotonic()
        try:
            answer = await (self.fetch(crawl) if crawl.ask is None else self._ask_archive(crawl, crawl.ask))
        except NotNowError as later:
            await asyncio.to_thread(self._frontier.put_back, crawl, later.after)
        except FetchError as error:
            outcome = FetchOutcome(
                crawl.url,
                final_url=error.final_url,
                document=crawl.document,
                seconds=round(time.monotonic() - begun, 3),
                redirects=tuple(error.redirects),
                listed_by=crawl.listed_by,
            )
            await asyncio.to_thread(self._frontier.failed, crawl, outcome, error)
        except asyncio.CancelledError:
            # Whoever stops us waits for this: the crawl is handed back, not left to its lease.
            await asyncio.shield(asyncio.to_thread(self._frontier.put_back, crawl))
            raise
        else:
            if isinstance(answer, Response):
                await self._done(crawl, answer)
            else:
                await asyncio.to_thread(looked_up, self._frontier, crawl, answer)

    async def _ask_archive(self, crawl: Crawl, ask: Ask) -> Response | Capture | None:
        """One request to the archive, with every manner: it is a host like any other."""
        way = _Way(self._frontier, crawl, self._longest_wait)

        async def may(url: str) -> None:
            await self._ask_robots(url, way)
            await way.turn(url)

        try:
            return await self._archive.ask(crawl, ask, may)
        finally:
            await asyncio.shield(way.end())

    async def fetch(self, crawl: Crawl, *, feed: bool = False) -> Response:
        """Ask for one URL with every manner: robots.txt, and the turn of each host that is asked.

        Args:
            crawl: what is asked for, and by whom. Without a host it holds none by its lease: the last one is left, too.
            feed: it is a feed or a sitemap that is meant, not a page.

        Raises:
            FetchError: it could not be had.
            NotNowError: a host's turn is too far off.
        """
        way = _Way(self._frontier, crawl, self._longest_wait)

        async def may(url: str) -> None:
            await self._ask_robots(url, way)
            await way.turn(url)

        try:
            return await self._fetcher.fetch(
                crawl.url,
                etag=crawl.etag,
                last_modified=crawl.last_modified,
                validated=crawl.validated,
                may=may,
                feed=feed,
            )
        finally:
            await asyncio.shield(way.end())

    async def _done(self, crawl: Crawl, response: Response) -> None:
        known: dict[str, Any] = {
            "url": crawl.url,
            "final_url": response.final_url,
            "status": response.status,
            "bytes": response.bytes,
            "seconds": round(response.seconds, 3),
            "redirects": response.redirects,
            "listed_by": crawl.listed_by,
            "tries": crawl.lease.tries,
            "detail": not_verified(response.unverified),
        }
        if response.status == 304:  # noqa: PLR2004 - RFC 9110, 15.4.5
            outcome = FetchOutcome(**known, document=crawl.document)
            await asyncio.to_thread(self._frontier.unchanged, crawl, outcome, "not_modified")
            return
        charset = f"; charset={response.charset}" if response.charset else ""
        known |= {"feed": orjson.loads(crawl.feed)} if crawl.feed else {}
        known |= {
            "content_type": response.content_type + charset,
            "etag": response.etag,
            "last_modified": response.last_modified,
            "x_robots_tag": response.x_robots_tag,
            "canonical": response.canonical,
            "unverified": response.unverified,
            "fetched_at": timestamp(datetime.now(UTC)),
        }
        if crawl.ask is not None:
            known |= told(crawl.ask, response)
        await self._deliver((crawl, known, response.body))

    async def _ask_robots(self, url: str, way: _Way) -> None:
        """Raise where the origin's robots.txt does not let us fetch a URL; fetch it first, if it is not known."""
        place = origin(url)
        kept = await asyncio.to_thread(self._frontier.robots, place)
        if kept is None or kept[0] == "deny_all":
            # Where it could not be had, the host rests: when its turn comes again, it is asked for again.
            kept = await self._fetch_robots(place, way)
        verdict, body = kept
        if not robots.of(verdict, body).allowed(url, self._fetcher.agent_token):  # type: ignore[arg-type]
            raise FetchError(Reason.ROBOTS_DENIED, f"{place}/robots.txt does not allow {url}")

    async def _fetch_robots(self, place: str, way: _Way) -> tuple[str, bytes]:
        """Ask for a robots.txt, or wait for whoever does: he may be led to another host by it, and wait for that."""
        patience = time.monotonic() + self._longest_wait
        while not await asyncio.to_thread(self._frontier.ask_robots, place, way.uid):
            if time.monotonic() > patience:
                raise NotNowError(random.uniform(ASK_AGAIN, LONGEST_WAIT))  # noqa: S311 - no secret
            await way.aside(min(ASK_AGAIN, self._longest_wait / 10))
            kept = await asyncio.to_thread(self._frontier.robots, place)
            if kept is not None and kept[0] != "deny_all":
                return kept
        try:
            return await self._asked_robots(place, way)
        finally:
            await asyncio.shield(asyncio.to_thread(self._frontier.robots_asked, place))

    async def _asked_robots(self, place: str, way: _Way) -> tuple[str, bytes]:
        first = f"{place}/robots.txt"
        await way.turn(first, page=False)
        kept = await asyncio.to_thread(self._frontier.robots, place)
        if kept is not None and kept[0] != "deny_all":
            return kept  # somebody else asked while we waited

        async def may(url: str) -> None:
            if url != first:
                await way.turn(url, page=False)

        answer = await self._fetcher.robots_txt(place, may)
        if answer.error is not None and answer.error.status is None:
            # There is no server to ask: the page would fail in the same way, so that is what is said.
            raise answer.error
        body = answer.body or b""
        rules = robots.of(answer.verdict, body)
        delay = rules.crawl_delay(self._fetcher.agent_token)
        await asyncio.to_thread(
            self._frontier.keep_robots, place, answer.verdict, body, answer.ttl, delay, rules.sitemaps
        )
        log.debug("robots.txt read", origin=place, verdict=answer.verdict, status=answer.status, delay=delay)
        if answer.error is not None:
            raise FetchError(
                Reason.ROBOTS_UNREACHABLE,
                f"{place}/robots.txt could not be had ({answer.error.detail}), so nothing there is fetched",
                temporary=True,
                retry_after=answer.error.retry_after,
            )
        return answer.verdict, body


class _Way:
    """The hosts that one crawl asks, one after the other: its own, those it is led to, each for its robots.txt first.

    Each request waits for its host's turn. Whoever goes on to another host leaves the one before first: nobody holds a
    host while he waits for another's, so no two can wait for each other.
    """

    def __init__(self, frontier: Frontier, crawl: Crawl, longest_wait: float) -> None:
        self._frontier = frontier
        self._crawl = crawl
        self._most = longest_wait
        self._at: str | None = None

    @property
    def uid(self) -> str:
        """The unit that is under way."""
        return self._crawl.lease.uid

    async def aside(self, seconds: float) -> None:
        """Wait a while and hold no host meanwhile."""
        self._at = self._at or self._crawl.host or None
        await self._leave(elsewhere=True)
        await asyncio.sleep(seconds)

    async def turn(self, url: str, *, page: bool = True) -> None:
        """Wait until the URL's host may be asked.

        Raises:
            NotNowError: that is too far off.
        """
        host, uid = host_key(url), self._crawl.lease.uid
        await self._leave(elsewhere=host != self._at)
        patience = time.monotonic() + self._most
        while (wait := await asyncio.to_thread(self._frontier.slot, url, uid, page=page)) > 0:
            pause = min(wait, ASK_AGAIN, self._most / 10)
            if wait > REST or time.monotonic() + pause > patience:
                spread = (0.5, 1.5) if wait <= self._most else (1.0, 1.1)
                raise NotNowError(wait * random.uniform(*spread))  # noqa: S311 - no secret
            await asyncio.sleep(pause)
        self._at = host

    async def end(self) -> None:
        """The crawl asks nothing more. Its own host is freed with what became of the crawl."""
        if self._at != self._crawl.host:
            await self._leave(elsewhere=True)

    async def _leave(self, *, elsewhere: bool) -> None:
        if self._at is not None:
            host, self._at = self._at, None
            uid = self._crawl.lease.uid
            await asyncio.to_thread(self._frontier.leave, host, uid, elsewhere=elsewhere)


class Handover:
    """Collects fetched pages for a moment, so that one job takes many: each costs the same, however many it holds."""

    def __init__(self, frontier: Frontier, *, most: int, wait: float = 0.05) -> None:
        self._frontier = frontier
        self._most = most
        self._wait = wait
        self._pages: list[Page] = []
        self._full = asyncio.Event()
        self._any = asyncio.Event()

    @property
    def pending(self) -> bool:
        """Whether pages wait to be written."""
        return bool(self._pages)

    async def put(self, page: Page) -> None:
        """Hand a page over."""
        self._pages.append(page)
        self._any.set()
        if len(self._pages) >= self._most:
            self._full.set()

    async def run(self) -> None:
        """Write pages in groups until cancelled."""
        while True:
            await self._any.wait()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._wait):
                    await self._full.wait()
            await self.flush()

    async def flush(self) -> None:
        """Write what there is."""
        pages, self._pages = self._pages[: self._most], self._pages[self._most :]
        if not self._pages:
            self._any.clear()
        if len(self._pages) < self._most:
            self._full.clear()
        if pages:
            try:
                outcomes = await asyncio.to_thread(self._frontier.fetched, pages)
            except TROUBLE as error:
                # Their leases may run out meanwhile; then they are fetched again.
                log.warning("pages wait for Redis", pages=len(pages), why=str(error))
                self._pages = pages + self._pages
                self._any.set()
                await asyncio.sleep(PAUSE)
                return
            for (crawl, _, _), outcome in zip(pages, outcomes, strict=True):
                if not outcome.done:
                    log.warning("lease lost, page dropped", unit=crawl.lease.uid, url=crawl.url)
