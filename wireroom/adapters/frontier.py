"""The frontier: which URL may be fetched now. Each host has one request at a time and a delay between requests.

All of it is in the store, so that it holds for any number of fetchers.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
import structlog
import zstandard

from wireroom.adapters.ledger import Ledger, new_id, now_ms
from wireroom.adapters.steps import Command, Outcome, Step
from wireroom.errors import REFUSALS, FetchError
from wireroom.events import FetchOutcome, Type, gone_event
from wireroom.records import Crawl, Lease, Stage, State
from wireroom.urls import host_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wireroom.adapters.endings import Endings
    from wireroom.adapters.store import Store
    from wireroom.settings import Settings

log = structlog.get_logger()

BACKOFF_FIRST = 60.0
"""Seconds a host is left alone after its first 429 or 503 without Retry-After; doubled after (as StormCrawler does)."""
BACKOFF_MOST = 86400.0
"""Most seconds a host is left alone."""
BACKOFF_FORGIVEN = 1800.0
"""Seconds of quiet after which a host's backing off begins anew (URLFrontier's)."""
ASKS_FOR_REST = frozenset({429, 503})
GONE = (404, 410)
"""What a page that was there answers when it is no longer."""
FULL = 0.85
"""Part of the memory budget from which nothing more is fetched; what is under way has the rest to end in."""
PRESSURE_KEPT = 1.0
"""Seconds for which it is not asked again how full Redis is."""


class Frontier:
    """Leases URLs to fetchers and takes back what became of them."""

    def __init__(self, ledger: Ledger, endings: Endings, store: Store, settings: Settings) -> None:
        self.ledger = ledger
        self.keys = ledger.keys
        self.redis = ledger.redis
        self.endings = endings
        self.store = store
        self.settings = settings
        self._pressed = False
        self._pressed_at = -PRESSURE_KEPT

    # --- out ---

    def lease(self, most: int) -> list[Crawl]:
        """Lease URLs whose host's turn has come: at most one of each host. None while Redis is nearly full."""
        if self.pressed():
            return []
        flat = self.ledger.steps.call("lease_crawls", self.keys.ns, most, self.ledger.lease_ms)
        leases = [
            Lease(flat[i].decode(), Stage.FETCH, int(flat[i + 1]), int(flat[i + 2]))
            for i in range(0, len(flat), 3)
        ]
        return [self._crawl(lease) for lease in leases]

    def pressed(self) -> bool:
        """Whether Redis is near its memory budget; asked once a second at most."""
        if time.monotonic() - self._pressed_at >= PRESSURE_KEPT:
            self._pressed_at = time.monotonic()
            memory = self.redis.info("memory")
            budget = self.settings.memory_budget or int(memory.get("maxmemory", 0))
            pressed = bool(budget) and int(memory["used_memory"]) > FULL * budget
            if pressed is not self._pressed:
                log.warning("Redis is nearly full, fetching pauses" if pressed else "fetching goes on")
            self._pressed = pressed
        return self._pressed

    def _crawl(self, lease: Lease) -> Crawl:
        unit = self.ledger.unit(lease.uid)
        with self.redis.pipeline(transaction=False) as pipe:
            pipe.hmget(
                self.keys.url(unit["key"]), "etag", "last_modified", "fetched", "document", "final_url"
            )
            pipe.srandmember(self.keys.listed(unit["key"]), 100)
            known, listed = pipe.execute()
        etag, last_modified, fetched, document, final_url = (
            value.decode() if value else None for value in known
        )
        forced = unit["force"] == "1"
        age = (now_ms() - int(fetched)) / 1000 if fetched else None
        fresh = unit["listed"] == "1" and not forced and age is not None and age < self.settings.fetch_fresh
        return Crawl(
            lease,
            url=unit["url"],
            key=unit["key"],
            host=unit["host"],
            etag=None if forced else etag,
            last_modified=None if forced else last_modified,
            validated=final_url or None,
            fresh=fresh,
            document=document,
            listed_by=tuple(sorted(member.decode() for member in listed)),
        )

    def slot(self, url: str, uid: str) -> float:
        """Ask for the host's next request.

        Returns:
            0 when it may begin now, else the seconds to wait before asking again.
        """
        host = host_key(url)
        wait = self.ledger.steps.call("slot", self.keys.ns, host, uid, int(self.delay(host) * 1000))
        return int(wait) / 1000

    def delay(self, host: str) -> float:
        """Seconds between two requests to a host: the longest of the setting, its robots.txt and what was set."""
        values = self.redis.hmget(self.keys.host(host), "crawl_delay", "delay")
        return max(self.settings.fetch_delay, *(float(value) for value in values if value), 0.0)

    # --- robots.txt ---

    def robots(self, origin: str) -> tuple[str, bytes] | None:
        """The verdict (``rules``, ``allow_all``, ``deny_all``) and body kept for an origin; None when unknown."""
        kept = self.redis.get(self.keys.robots(origin))
        if kept is None:
            return None
        verdict, _, body = kept.partition(b"\n")
        return verdict.decode(), body

    def keep_robots(
        self, origin: str, verdict: str, body: bytes, ttl: float, crawl_delay: float | None
    ) -> None:
        """Keep an origin's robots.txt, and the delay it asks for."""
        host = self.keys.host(host_key(origin))
        with self.redis.pipeline() as pipe:
            pipe.set(self.keys.robots(origin), f"{verdict}\n".encode() + body, px=int(ttl * 1000))
            if crawl_delay is None:
                pipe.hdel(host, "crawl_delay")
            else:
                pipe.hset(host, "crawl_delay", crawl_delay)
            pipe.pexpire(host, 2 * 86400 * 1000)
            pipe.execute()

    # --- back ---

    def fetched(self, pages: Sequence[tuple[Crawl, dict[str, Any], bytes]]) -> list[Outcome]:
        """Hand pages on to be normalized: one job for them all, in the same transaction."""
        job = new_id()
        steps = [self._fetched(crawl, response, body, job) for crawl, response, body in pages]
        uids = [crawl.lease.uid for crawl, _, _ in pages]
        enqueue = self.ledger.jobs.enqueue(Stage.NORMALIZE, job, uids)
        return self.ledger.commit([*steps, Step((), enqueue)])[:-1]

    def _fetched(self, crawl: Crawl, response: dict[str, Any], body: bytes, job: str) -> Step:
        uid = crawl.lease.uid
        commands = [
            (
                "HSET",
                self.keys.work(uid),
                "page",
                zstandard.compress(body, 1),
                "response",
                orjson.dumps(response),
            ),
            *self.ledger.closed(uid, Stage.FETCH),
            *self.ledger.moved(uid, State.FETCHING, State.NORMALIZING),
            *self.ledger.opened(uid, Stage.NORMALIZE, job),
            *self._released(crawl),
            self.ledger.logged(
                crawl.key, "fetched", unit=uid, status=response["status"], bytes=response["bytes"]
            ),
        ]
        return Step(self.ledger.held(crawl.lease), commands)

    def unchanged(self, crawl: Crawl, outcome: FetchOutcome, reason: str) -> Outcome:
        """End a crawl that brought nothing new: a 304, or a URL that is fresh."""
        now = now_ms()
        commands = [
            self.endings.fetch(Type.FETCH_UNCHANGED, crawl.lease.uid, replace(outcome, reason=reason)),
            *self.ledger.closed(crawl.lease.uid, Stage.FETCH),
            *self.ledger.ended(
                crawl.lease.uid, State.FETCHING, State.UNCHANGED, reason=reason, url=crawl.key
            ),
            *self._released(crawl, used=not crawl.fresh),
        ]
        if not crawl.fresh:
            commands += [
                ("HSET", self.keys.url(crawl.key), "fetched", now),
                ("ZADD", self.keys.urls, now, crawl.key),
            ]
        return self.ledger.commit([Step(self.ledger.held(crawl.lease), commands)])[0]

    def failed(self, crawl: Crawl, outcome: FetchOutcome, error: FetchError) -> Outcome:
        """Try a crawl again later, or end it: refused where a rule says no, else failed."""
        tries = crawl.lease.tries
        if error.temporary and tries < self.settings.fetch_tries:
            return self._later(crawl, error)
        uid = crawl.lease.uid
        refused = error.reason in REFUSALS
        kind, state = (Type.FETCH_REFUSED, State.REFUSED) if refused else (Type.FETCH_FAILED, State.FAILED)
        outcome = replace(outcome, reason=error.code, detail=error.detail, status=error.status, tries=tries)
        commands = [self.endings.fetch(kind, uid, outcome)]
        if not refused:
            unit = self.ledger.unit(uid)
            commands.append(self.endings.dead(uid, unit, Stage.FETCH, error.code, tries, detail=error.detail))
        commands += [
            *self.ledger.closed(uid, Stage.FETCH),
            *self.ledger.ended(uid, State.FETCHING, state, reason=error.code, url=crawl.key),
            *self._released(crawl, self._rest(crawl.host, error)),
            ("HSET", self.keys.url(crawl.key), "failed", now_ms(), "reason", error.code),
        ]
        if error.status in GONE and crawl.document:
            commands = [*self._gone(crawl, crawl.document, error.status), *commands]
        return self.ledger.commit([Step(self.ledger.held(crawl.lease), commands)])[0]

    def _gone(self, crawl: Crawl, document: str, status: int) -> list[Command]:
        """Tell once that a document's page is gone, and that its validators are worth nothing any more."""
        head, kept = self.store.head(document), self.store.revision(document)
        if head is None or kept is None or not head.content:
            return []
        event = gone_event(self.endings.streams.source, kept["data"], status, datetime.now(UTC))
        return [
            self.endings.streams.entry(event),
            *self.store.forgotten(document),
            ("HDEL", self.keys.url(crawl.key), "etag", "last_modified"),
        ]

    def _later(self, crawl: Crawl, error: FetchError) -> Outcome:
        wait = error.retry_after or self.settings.fetch_retry_delay * 2 ** (crawl.lease.tries - 1)
        rest = self._rest(crawl.host, error)
        due = now_ms() + int(max(wait, rest) * 1000)
        commands = [
            *self._waiting(crawl, due),
            *self._released(crawl, rest),
            self.ledger.logged(crawl.key, "again", unit=crawl.lease.uid, reason=error.code, due=due),
        ]
        return self.ledger.commit([Step(self.ledger.held(crawl.lease), commands)])[0]

    def put_back(self, crawl: Crawl, after: float = 0.0) -> Outcome:
        """Give a crawl back as if it had not begun: the fetcher stops, or a host's turn is not now.

        Args:
            crawl: the crawl.
            after: seconds until it may be leased again.
        """
        uid = crawl.lease.uid
        commands = [
            *self._waiting(crawl, now_ms() + int(after * 1000)),
            ("HINCRBY", self.keys.unit(uid), "fetch.tries", -1),
            *self._released(crawl, used=False),
        ]
        return self.ledger.commit([Step(self.ledger.held(crawl.lease), commands)])[0]

    def _waiting(self, crawl: Crawl, due: int) -> list[Command]:
        uid = crawl.lease.uid
        return [
            *self.ledger.closed(uid, Stage.FETCH),
            *self.ledger.moved(uid, State.FETCHING, State.WAITING),
            ("ZADD", self.keys.delayed, due, uid),
        ]

    def _released(self, crawl: Crawl, rest: float = 0.0, *, used: bool = True) -> list[Command]:
        """Free a crawl's host. If it was asked, its next request may begin after its delay, or the rest it asked for."""
        host, key, now = crawl.host, self.keys.host(crawl.host), now_ms()
        # A lease that ran out and was not taken back yet may be late: somebody else may hold the host by now.
        freed: Command = ("HDELIF", key, "holder", crawl.lease.uid, "holder", "until")
        if not used:
            return [freed, ("ZADD", self.keys.hosts, now, host)]
        free = now + int(max(self.delay(host), rest) * 1000)
        return [
            freed,
            ("HSET", key, "next", free),
            ("PEXPIRE", key, 2 * 86400 * 1000),
            ("ZADD", self.keys.hosts, free, host),
        ]

    def _rest(self, host: str, error: FetchError) -> float:
        """Seconds a host is left alone after it said that it is too much: what it said, or doubled each time."""
        if error.status not in ASKS_FOR_REST:
            return 0.0
        if error.retry_after is not None:
            return min(error.retry_after, BACKOFF_MOST)
        key = self.keys.host(host)
        before, until = (float(v or 0) for v in self.redis.hmget(key, "backoff", "backoff_until"))
        quiet = now_ms() / 1000 - until
        rest = min(before * 2, BACKOFF_MOST) if before and quiet < BACKOFF_FORGIVEN else BACKOFF_FIRST
        self.redis.hset(key, mapping={"backoff": rest, "backoff_until": now_ms() / 1000 + rest})
        return rest
