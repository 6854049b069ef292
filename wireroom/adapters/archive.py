"""The archive's lane: a dead crawl waits for the archive as it would for any host, in the same frontier.

One step brings the crawl there: its unit goes back to waiting, under the archive's host, with what it would have ended
as. So the delay, Retry-After, rests, patience, pauses and `wireroom hosts` hold for the archive without a line of their
own, and the site that is dead is left alone. Each lease is one request: the index first, the capture at a later turn;
what the index named is kept in the unit, so that no retry and no crash asks for it again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wireroom import archive
from wireroom.adapters.ids import now_ms
from wireroom.adapters.steps import Step
from wireroom.certificates import not_verified
from wireroom.errors import FetchError, Reason
from wireroom.events import Type, timestamp
from wireroom.records import Stage, State
from wireroom.urls import host_key

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from typing import Any

    from wireroom.adapters.fetching import Fetcher, Response
    from wireroom.adapters.frontier import Frontier
    from wireroom.adapters.ledger import Ledger
    from wireroom.adapters.steps import Command, Outcome
    from wireroom.archive import Ask, Capture
    from wireroom.records import Crawl
    from wireroom.settings import Settings

    May = Callable[[str], Awaitable[None]]


class Archive:
    """Decides which crawls wait for the archive, and makes the commands that bring them there."""

    def __init__(self, ledger: Ledger, settings: Settings) -> None:
        self.ledger = ledger
        self.keys = ledger.keys
        self.on = settings.archive
        self.host = host_key(settings.archive_url)

    def takes(self, unit: Mapping[str, str], reason: Reason, status: int | None) -> bool:
        """Whether a crawl that would end so waits for the archive instead.

        It does once, where it leaves a dead link, and where no live page was ever published of the URL: then that revision
        is the better one, and `document.gone` says the rest.
        """
        if not self.on or "archive" in unit or not unit.get("key"):
            return False
        if unit["host"] == self.host or not archive.dead(reason, status):
            return False
        document, archived = self.ledger.redis.hmget(self.keys.url(unit["key"]), "document", "archived")
        return document is None or archived is not None

    def asked(self, uid: str, unit: Mapping[str, str], old: State, ask: Ask) -> list[Command]:
        """Bring a unit into the archive's lane; its tries begin anew, its order stays."""
        return [
            ("HSET", self.keys.unit(uid), "archive", ask.to_json(), "host", self.host),
            ("HDEL", self.keys.unit(uid), "fetch.tries"),
            ("DEL", self.keys.work(uid)),
            *self.ledger.moved(uid, old, State.WAITING),
            ("ZADD", self.keys.host_queue(self.host), unit["order"], uid),
            ("ZADD", self.keys.hosts, "NX", 0, self.host),
            ("ZADD", self.keys.hosts_known, 0, self.host),
            # Whatever the archive has, the page itself is not there.
            ("HSET", self.keys.url(unit["key"]), "failed", now_ms(), "reason", ask.live.reason or ""),
            self.ledger.logged(unit["key"], "archive", unit=uid, reason=ask.live.reason or ""),
        ]

    def noted(self, uid: str, key: str, ask: Ask, capture: Capture) -> list[Command]:
        """Keep what the index named; the tries of the capture begin anew."""
        record = self.keys.unit(uid)
        captured = timestamp(capture.at)
        return [
            ("HSET", record, "archive", ask.with_capture(capture).to_json()),
            ("HDEL", record, "fetch.tries"),
            self.ledger.logged(key, "capture", unit=uid, captured=captured),
        ]


class Asking:
    """Asks the archive, as a fetcher with a lease for it."""

    def __init__(self, fetcher: Fetcher, settings: Settings) -> None:
        self._fetcher = fetcher
        self._base = settings.archive_url
        self._seconds = settings.archive_timeout

    async def ask(self, crawl: Crawl, ask: Ask, may: May) -> Response | Capture | None:
        """One request: the newest or first capture the index names, None where it names none, or a capture itself.

        Raises:
            FetchError: there is no answer, or none that can be used.
        """
        if ask.capture is not None:
            return await self._capture(crawl, ask.capture, may)
        first = ask.passed is not None
        answer = await self._get(archive.lookup_url(self._base, crawl.url, first=first), None, may)
        return archive.chosen(answer.body, crawl.url, first=first)

    async def _capture(self, crawl: Crawl, capture: Capture, may: May) -> Response:
        answer = await self._get(capture.url(self._base), crawl.url, may)
        if answer.memento is None or archive.moment(answer.memento.captured) is None:
            raise FetchError(
                Reason.PROTOCOL_ERROR,
                "the archive answered with a page of its own where a capture is",
                temporary=True,
            )
        return answer

    async def _get(self, url: str, wanted: str | None, may: May) -> Response:
        async def may_here(hop: str) -> None:
            why = archive.within(self._base, hop, wanted)
            if why is not None:
                raise FetchError(Reason.PROTOCOL_ERROR, why)
            await may(hop)

        return await self._fetcher.fetch(url, may=may_here, seconds=self._seconds)


def told(ask: Ask, answer: Response) -> dict[str, Any]:
    """What is handed on of a capture, beside its body, over what is handed on of any page.

    Nothing of it is a validator of the live page, and no header of the archive's own is the page's.
    """
    captured = archive.moment(answer.memento.captured) if answer.memento else None
    if answer.memento is None or captured is None:
        raise ValueError("this is no capture")
    facts = archive.facts(ask, captured, answer.final_url)
    if (doubt := not_verified(answer.unverified)) is not None:
        facts["detail"] += f"; {doubt}"
    return {
        **facts,
        "etag": None,
        "last_modified": answer.memento.last_modified,
        "x_robots_tag": answer.memento.x_robots_tag,
        "canonical": (),
    }


def looked_up(frontier: Frontier, crawl: Crawl, capture: Capture | None) -> Outcome:
    """The archive's index named nothing, what is published already, or a capture to be fetched at a later turn."""
    ledger, endings, uid, ask = frontier.ledger, frontier.endings, crawl.lease.uid, crawl.ask
    assert ask is not None
    answered = [*ledger.closed(uid, Stage.FETCH), *frontier.answered(crawl, None), *frontier.released(crawl)]
    if capture is None or capture == ask.passed:
        unit, other = ledger.unit(uid), "other " if ask.passed else ""
        answer = f"the archive has no {other}capture of it"
        follows = endings.unarchived(uid, unit, State.FETCHING, ask, answer)
    elif timestamp(capture.at) == crawl.archived:
        same = replace(ask.ended("its last capture is published"), reason=archive.SAME_CAPTURE)
        follows = [
            endings.fetch(Type.FETCH_UNCHANGED, uid, same),
            *ledger.ended(uid, State.FETCHING, State.UNCHANGED, reason=archive.SAME_CAPTURE, url=crawl.key),
        ]
    else:
        follows = [
            *frontier.waiting(crawl, now_ms()),
            *frontier.archive.noted(uid, crawl.key, ask, capture),
        ]
    return ledger.commit([Step(ledger.held(crawl.lease), [*answered, *follows])])[0]
