"""What asking a source came to: articles taken in, an answer noted, or the reason why there is none.

Each note is one step, under the condition that the lease still holds; articles are taken in before it.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from wireroom import sources as rules
from wireroom.adapters.ids import new_id, now_ms
from wireroom.adapters.sources import ANSWER
from wireroom.adapters.steps import Condition, Step
from wireroom.errors import REFUSALS
from wireroom.events import FetchOutcome, Type, fetch_event
from wireroom.records import CrawlRequest
from wireroom.sources import AGAIN, Known, Wanted, wanted
from wireroom.urls import host_key, url_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wireroom.adapters.sources import Poll, Sources, Validators
    from wireroom.adapters.steps import Command, Value
    from wireroom.errors import FetchError, WorkError
    from wireroom.syndication import Feed, Item

GONE = 410
_KEPT_CHILDREN = 200
"""Sitemaps of one index of which it is kept when they were last read."""
_CHUNK = 500
_DETAIL = 500


@dataclass(slots=True)
class Answer:
    """What asking a source came to, when it came to something.

    Attributes:
        status: 200 or 304.
        validators: for the next look.
        feed: what it said; None where nothing changed.
        max_age: seconds it stays fresh by HTTP.
        children: as in `Poll`, from now on.
        faults: sentences about parts that could not be read.
    """

    status: int
    validators: Validators
    feed: Feed | None = None
    max_age: float | None = None
    children: dict[str, dict[str, str]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


class SourceResults:
    """Writes down what became of looks at sources."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self.frontier = sources.frontier
        self.ledger = sources.ledger
        self.keys = sources.keys
        self.redis = sources.redis
        self.streams = sources.streams
        self.settings = sources.settings

    def take_in(self, poll: Poll, items: Sequence[Item]) -> tuple[int, int]:
        """Take in the articles that are new or changed.

        Returns:
            How many are new, and how many are crawled again.
        """
        known = self._known(items)
        now = now_ms() / 1000
        chosen = wanted(items, {url: of for url, (of, _) in known.items()}, now, self.settings.fetch_fresh)
        if not chosen:
            return 0, 0
        batch = new_id()
        self.ledger.open_batch(batch, f"source {poll.source.name}")
        told = rules.told(items)
        new, again = (
            [
                self._crawl(poll, one, known[one.item.url][1] if crawled else None, told.get(one.item.url))
                for one in chosen
                if one.again is crawled
            ]
            for crawled in (False, True)
        )
        return len(self.ledger.accept_if(batch, new)), len(self.ledger.accept_if(batch, again))

    def _crawl(
        self, poll: Poll, found: Wanted, fetched: str | None, told: Mapping[str, Any] | None
    ) -> tuple[CrawlRequest, Condition, Sequence[Command]]:
        """An article on its way in, if nobody else was faster: not known still, or not fetched since."""
        record = self.keys.url(url_key(found.item.url))
        condition = Condition(record, "fetched", fetched) if fetched else Condition(record, "url", "")
        priority = poll.source.priority + (AGAIN if found.again else 0)
        more: list[Command] = [("HSET", record, "feed", orjson.dumps(told))] if told else []
        return CrawlRequest(found.item.url, priority=priority, layout="titled"), condition, more

    def _known(self, items: Sequence[Item]) -> dict[str, tuple[Known, str]]:
        """What is known of each address that is, with the time of its last fetch as it is written."""
        found: dict[str, tuple[Known, str]] = {}
        for start in range(0, len(items), _CHUNK):
            chunk = items[start : start + _CHUNK]
            with self.redis.pipeline(transaction=False) as pipe:
                for item in chunk:
                    pipe.hmget(self.keys.url(url_key(item.url)), "url", "fetched", "open")
                rows = pipe.execute()
            for item, (url, fetched, open_) in zip(chunk, rows, strict=True):
                if url is not None:
                    when = fetched.decode() if fetched else ""
                    known = Known(int(when) / 1000 if when else None, open=bool(open_))
                    found[item.url] = (known, when)
        return found

    def answered(self, poll: Poll, answer: Answer, new: int, again: int) -> bool:
        """Note what a source answered, and when it is asked again.

        Returns:
            False where somebody else has the source by now.
        """
        key, feed = self.keys.source(poll.source.id), answer.feed
        wishes = [answer.max_age or 0.0]
        fields: list[Value] = ["asked", now_ms(), "answered", now_ms(), "status", answer.status]
        fields += ["new", new, "again", again, "failures", 0, "children", orjson.dumps(answer.children)]
        stale = [name for name in ANSWER if name not in answer.validators.known()]
        if feed is not None:
            wishes.append(feed.wish or 0.0)
            fields += ["format", feed.format, "title", feed.title or "", "items", len(feed.items)]
            fields += ["skipped", feed.skipped, "cut", int(feed.cut), "wish", feed.wish or 0]
        else:
            wishes.append(float(self.redis.hget(key, "wish") or 0))
        for name, value in answer.validators.known().items():
            fields += [name, value]
        faults = "; ".join(answer.faults)[:_DETAIL]
        commands: list[Command] = [
            ("HDEL", key, "asking", "waits", "reason", "since", *(() if faults else ("detail",)), *stale),
            ("HSET", key, *fields, *(("detail", faults) if faults else ())),
            ("HINCRBY", key, "new_total", new),
            ("HINCRBY", key, "again_total", again),
            ("HINCRBY", key, "looks", 1),
            self.sources.due(poll, rules.pause(poll.interval, max(wishes))),
            *self.frontier.hosts.answered(host_key(answer.validators.final_url or poll.source.url)),
        ]
        return self.ledger.commit([Step(self.sources.held(poll), commands)])[0].done

    def failed(self, poll: Poll, url: str, error: FetchError, seconds: float) -> bool:
        """Note why a source could not be had, tell it on the stream, and leave it and its host alone for a while."""
        host = host_key(error.final_url or url)
        rest = self.frontier.hosts.rest(host, error)
        free = now_ms() + int((rest.seconds if rest else 0.0) * 1000)
        commands: list[Command] = [
            *self.frontier.hosts.failed(host, error.final_url or url, error, rest),
            ("HSETMAX", self.keys.host(host), "next", free),
            ("ZADD", self.keys.hosts, "XX", free, host),
        ]
        outcome = FetchOutcome(url, final_url=error.final_url, status=error.status, redirects=error.redirects)
        refused = error.reason in REFUSALS
        asked = max(error.retry_after or 0.0, rest.seconds if rest else 0.0)
        commands += self._fault(poll, error.code, error.detail, outcome, seconds, refused=refused)
        commands += self._later(poll, error.code, error.detail, error.status, asked=asked)
        return self.ledger.commit([Step(self.sources.held(poll), commands)])[0].done

    def unreadable(self, poll: Poll, error: WorkError, answer: Answer, seconds: float) -> bool:
        """Note that what a source answered is no feed."""
        url = answer.validators.final_url
        outcome = FetchOutcome(poll.source.url, final_url=url, status=answer.status)
        commands = [
            *self._fault(poll, error.reason, error.detail, outcome, seconds),
            *self._later(poll, error.reason, error.detail, answer.status, whole=True),
            *self.frontier.hosts.answered(host_key(url or poll.source.url)),
        ]
        return self.ledger.commit([Step(self.sources.held(poll), commands)])[0].done

    def _fault(
        self,
        poll: Poll,
        code: str,
        detail: str,
        outcome: FetchOutcome,
        seconds: float,
        *,
        refused: bool = False,
    ) -> list[Command]:
        """The fetch event of a look that came to nothing. Looks are no units of work, so nothing else tells of it."""
        told = FetchOutcome(
            outcome.url,
            final_url=outcome.final_url,
            status=outcome.status,
            reason=code,
            detail=f"source {poll.source.name}: {detail}"[:_DETAIL],
            tries=poll.failures + 1,
            seconds=round(seconds, 3),
            redirects=outcome.redirects,
        )
        kind = Type.FETCH_REFUSED if refused else Type.FETCH_FAILED
        return [self.streams.entry(fetch_event(self.streams.source, kind, poll.uid, told, datetime.now(UTC)))]

    def _later(
        self,
        poll: Poll,
        code: str,
        detail: str,
        status: int | None,
        *,
        asked: float = 0.0,
        whole: bool = False,
    ) -> list[Command]:
        """Note a look that came to nothing; ``whole`` makes the next one read all, whatever has changed."""
        key, failures = self.keys.source(poll.source.id), poll.failures + 1
        chance = random.random()  # noqa: S311 - no secret
        gone = status == GONE
        after = rules.pause_after(poll.interval, failures, asked=asked, gone=gone, chance=chance)
        clean = detail[:_DETAIL].encode("utf-8", "replace").decode()
        return [
            (
                "HDEL",
                key,
                "asking",
                "waits",
                *(ANSWER if whole else ()),
                *(("status",) if status is None else ()),
            ),
            ("HSET", key, "asked", now_ms(), "reason", code, "detail", clean, "failures", failures),
            ("HSETNX", key, "since", now_ms()),
            *([("HSET", key, "status", status)] if status is not None else []),
            ("HINCRBY", key, "looks", 1),
            self.sources.due(poll, after),
        ]


def kept(children: Mapping[str, Mapping[str, str]], still: Iterable[str]) -> dict[str, dict[str, str]]:
    """What is remembered of an index's sitemaps: those that it still names, up to a number of them."""
    named = set(still)
    found = {url: dict(known) for url, known in children.items() if url in named}
    return dict(list(found.items())[-_KEPT_CHILDREN:])
