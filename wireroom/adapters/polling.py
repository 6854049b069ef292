"""Asking sources: the same manners as for pages, then reading what came, then taking in what is new.

Runs beside the crawls in a fetcher. What a source says is parsed here, from what was fetched; no parser fetches.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING

import structlog

from wireroom import feeds, sitemaps
from wireroom.adapters.connection import TROUBLE
from wireroom.adapters.crawler import NotNowError
from wireroom.adapters.sourceresults import Answer, SourceResults, kept
from wireroom.adapters.sources import Validators
from wireroom.errors import FetchError, Reason, WorkError
from wireroom.records import Crawl, Lease, Stage
from wireroom.syndication import MOST, Feed, age, moment, newest, once

if TYPE_CHECKING:
    from wireroom.adapters.crawler import Crawler
    from wireroom.adapters.fetching import Response
    from wireroom.adapters.sources import Poll, Sources

log = structlog.get_logger()

AT_ONCE = 8
"""Sources that one fetcher asks at a time."""
LEFT_ALONE = 60.0
"""Fewest seconds until a source is tried again whose host's turn did not come: others want the place."""
LOOK = 1.0
"""Seconds between two looks whether a source is due."""
NOT_MODIFIED = 304


class Polls:
    """The looks at sources that are under way in this process."""

    def __init__(self, sources: Sources, crawler: Crawler) -> None:
        self._sources = sources
        self._results = SourceResults(sources)
        self._crawler = crawler
        self._running: dict[asyncio.Task[None], Poll] = {}

    async def run(self) -> None:
        """Ask what is due until cancelled; then give back what is not done."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._renew())
                while True:
                    await self._take()
                    await asyncio.sleep(LOOK)
        finally:
            for task in self._running:
                task.cancel()
            await asyncio.gather(*self._running, return_exceptions=True)

    async def _take(self) -> None:
        try:
            due = await asyncio.to_thread(self._sources.lease, AT_ONCE - len(self._running))
        except TROUBLE as error:
            log.debug("no sources can be leased", why=str(error))
            return
        except Exception:
            log.exception("no sources can be leased")  # the crawls beside us go on
            return
        for poll in due:
            task = asyncio.create_task(self._guarded(poll))
            self._running[task] = poll
            task.add_done_callback(self._running.pop)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(self._sources.settings.lease / 3)
            for task, poll in list(self._running.items()):
                with contextlib.suppress(*TROUBLE):
                    if not await asyncio.to_thread(self._sources.renew, poll):
                        task.cancel()

    async def _guarded(self, poll: Poll) -> None:
        try:
            await self.ask(poll)
        except TROUBLE as error:
            log.warning("a source is left to be asked again", source=poll.source.name, why=str(error))
        except asyncio.CancelledError:
            with contextlib.suppress(*TROUBLE):
                await asyncio.shield(asyncio.to_thread(self._sources.put_back, poll))
            raise
        except Exception:
            # The lease runs out and the source is asked again: the others go on.
            log.exception("a source failed on our side", source=poll.source.name)

    async def ask(self, poll: Poll) -> None:
        """Ask one source, and note what came of it."""
        begun = time.monotonic()
        answer = Answer(200, poll.validators)
        try:
            await self._read(poll, answer)
            new, again = await asyncio.to_thread(
                self._results.take_in, poll, answer.feed.items if answer.feed else ()
            )
        except NotNowError as later:
            after = max(later.after, LEFT_ALONE)
            await asyncio.to_thread(
                self._sources.put_back, poll, after, "its host's turn: see `wireroom hosts`"
            )
        except FetchError as error:
            seconds = time.monotonic() - begun
            log.info(
                "a source could not be had", source=poll.source.name, why=error.code, detail=error.detail
            )
            await asyncio.to_thread(self._results.failed, poll, poll.source.url, error, seconds)
        except WorkError as error:
            seconds = time.monotonic() - begun
            log.warning("a source is no feed", source=poll.source.name, detail=error.detail)
            await asyncio.to_thread(self._results.unreadable, poll, error, answer, seconds)
        else:
            if await asyncio.to_thread(self._results.answered, poll, answer, new, again):
                items = len(answer.feed.items) if answer.feed else None
                log.info("a source was asked", source=poll.source.name, items=items, new=new, again=again)

    async def _read(self, poll: Poll, answer: Answer) -> None:
        """Fetch and parse a source; of an index what it names, too. Fills the answer in."""
        # What an index names changes without it: it is read whole each time.
        known = Validators() if poll.children else poll.validators
        response = await self._fetch(poll, poll.source.url, known)
        answer.status, answer.max_age = response.status, response.max_age
        answer.validators = _validators(response, known)
        if response.status == NOT_MODIFIED:
            return
        feed = await _parsed(response)
        if feed.children:
            answer.validators = Validators(final_url=response.final_url)
            feed = await self._read_children(poll, feed, answer)
        answer.feed = feed

    async def _read_children(self, poll: Poll, index: Feed, answer: Answer) -> Feed:
        """The items of an index's sitemaps that changed; those that cannot be read are told and left out."""
        answer.children = kept(poll.children, (child.url for child in index.children))
        seen = {url: known.get("seen", "") for url, known in answer.children.items()}
        items, chosen = list(index.items), sitemaps.due(index.children, seen)
        failed: list[FetchError] = []
        for child in chosen:
            known = Validators(
                **{
                    name: value
                    for name, value in answer.children.get(child.url, {}).items()
                    if name != "seen"
                }
            )
            try:
                response = await self._fetch(poll, child.url, known)
                if response.status != NOT_MODIFIED:
                    items += (await _parsed(response, nested=True)).items
            except NotNowError:
                if len(items) == len(index.items):
                    raise
                answer.faults.append(f"{child.url}: left for the next time, its host rests")
                break
            except FetchError as error:
                failed.append(error)
                answer.faults.append(f"{child.url}: {error.code}")
                continue
            except WorkError as error:
                answer.faults.append(f"{child.url}: {error.reason}, {error.detail}")
                continue
            answer.children.pop(child.url, None)
            answer.children[child.url] = {
                **_validators(response, known).known(),
                "seen": moment(child.updated),
            }
        if failed and len(failed) == len(chosen):
            raise failed[0]
        return Feed(
            "index",
            items=newest(once(items), MOST, age),
            skipped=index.skipped,
            cut=index.cut or len(chosen) < len(index.children),
        )

    async def _fetch(self, poll: Poll, url: str, known: Validators) -> Response:
        # No host is held by a lease here: each is booked for one request, like those that a page leads to.
        crawl = Crawl(
            Lease(poll.uid, Stage.FETCH, 0, poll.failures + 1),
            url=url,
            key="",
            host="",
            etag=known.etag,
            last_modified=known.last_modified,
            validated=known.final_url,
        )
        return await self._crawler.fetch(crawl, feed=True)


def _validators(response: Response, before: Validators) -> Validators:
    if response.status == NOT_MODIFIED:  # it need not repeat them all (RFC 9110, 15.4.5)
        etag, modified = response.etag or before.etag, response.last_modified or before.last_modified
        return Validators(etag, modified, response.final_url)
    return Validators(response.etag, response.last_modified, response.final_url)


async def _parsed(response: Response, *, nested: bool = False) -> Feed:
    """What a response says. In a thread: a large feed takes a second, and the crawls go on."""
    charset = f"; charset={response.charset}" if response.charset else ""
    kind = response.content_type + charset
    feed = await asyncio.to_thread(feeds.read, response.body, kind, response.final_url)
    if nested and feed.format == "index":
        raise WorkError(Reason.NOT_A_FEED, "an index within an index is not followed")
    return feed
