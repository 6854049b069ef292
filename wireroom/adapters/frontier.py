"""The frontier: which URL may be fetched now. Each host has one request at a time and a delay between requests.

All of it is in the store, so that it holds for any number of fetchers.
"""

from __future__ import annotations

import random
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
import structlog
import zstandard

from wireroom import manners
from wireroom.adapters.archive import Archive
from wireroom.adapters.hostrecords import KEPT, HostRecords
from wireroom.adapters.ids import new_id, now_ms
from wireroom.adapters.ledger import PRIORITY_MS, Ledger
from wireroom.adapters.steps import Command, Condition, Outcome, Step
from wireroom.archive import Ask
from wireroom.errors import REFUSALS, FetchError, Reason
from wireroom.events import FetchOutcome, Type, gone_event
from wireroom.freshness import Found
from wireroom.records import Crawl, Lease, Stage, State
from wireroom.urls import host_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wireroom.adapters.endings import Endings
    from wireroom.adapters.store import Store
    from wireroom.manners import Rest
    from wireroom.settings import Settings

log = structlog.get_logger()

GONE = (404, 410)
"""What a page that was there answers when it is no longer."""
FULL = 0.85
"""Part of the memory budget from which nothing more is fetched; what is under way has the rest to end in."""
OVERFULL = 0.97
"""Part of the memory budget from which not even a single page is fetched."""
PRESSURE_KEPT = 1.0
"""Seconds for which it is not asked again how full Redis is."""
HOLD_SPARE = 5.0
"""Seconds beyond the longest request for which a host is held by a crawl that was led to it."""
SITEMAPS = 100
"""Most sitemaps noted of a robots.txt."""
GIVEN_UP_AT_ONCE = 200
"""URLs of a host that are given up in one transaction."""
GIVEN_UP_MOST = 20_000
"""URLs of a host that are given up after one failure: it takes seconds, and a process that stops waits for them."""


class Frontier:
    """Leases URLs to fetchers and takes back what became of them."""

    def __init__(self, ledger: Ledger, endings: Endings, store: Store, settings: Settings) -> None:
        self.ledger = ledger
        self.keys = ledger.keys
        self.redis = ledger.redis
        self.endings = endings
        self.store = store
        self.settings = settings
        self.hosts = HostRecords(ledger.redis, ledger.keys, settings)
        self.archive = Archive(ledger, settings)
        self._pressed = self._full = False
        self._pressed_at = -PRESSURE_KEPT

    # --- out ---

    def lease(self, most: int) -> list[Crawl]:
        """Lease URLs whose host's turn has come: at most one of each host. None while Redis is nearly full.

        Should what waits be what fills it, one is leased each time when nothing else is under way: what was accepted
        ends, and what has ended can be let go.
        """
        if self.pressed():
            if self._full or self._under_way():
                return []
            most = 1
        flat = self.ledger.steps.call(
            "lease_crawls", self.keys.ns, most, self.ledger.lease_ms, self.settings.fetch_pages_per_day
        )
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
            self._full = pressed and int(memory["used_memory"]) > OVERFULL * budget
            if pressed is not self._pressed:
                log.warning("Redis is nearly full, fetching pauses" if pressed else "fetching goes on")
            self._pressed = pressed
        return self._pressed

    def _under_way(self) -> bool:
        with self.redis.pipeline(transaction=False) as pipe:
            for state in (State.FETCHING, State.NORMALIZING, State.ENRICHING):
                pipe.zcard(self.keys.state(state))
            return any(pipe.execute())

    def _crawl(self, lease: Lease) -> Crawl:
        unit = self.ledger.unit(lease.uid)
        with self.redis.pipeline(transaction=False) as pipe:
            fields = ("etag", "last_modified", "fetched", "document", "final_url", "archived", "feed")
            pipe.hmget(self.keys.url(unit["key"]), fields)
            pipe.srandmember(self.keys.listed(unit["key"]), 100)
            known, listed = pipe.execute()
        etag, last_modified, fetched, document, final_url, archived, feed = (
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
            ask=Ask.of(unit),
            archived=archived,
            feed=feed,
        )

    def slot(self, url: str, uid: str, *, page: bool = True) -> float:
        """Ask for the host's next request. Who gets it must `leave` the host before asking for another.

        Args:
            url: what is to be asked for.
            uid: the unit that asks.
            page: whether it counts as one of the host's pages of this day; a robots.txt does not.

        Returns:
            0 when it may begin now, else the seconds to wait before asking again.
        """
        host = host_key(url)
        hold = int((self.settings.fetch_timeout + HOLD_SPARE) * 1000)
        cap = self.settings.fetch_pages_per_day if page else ""
        wait = self.ledger.steps.call("slot", self.keys.ns, host, uid, self._delay_ms(host), hold, cap)
        return int(wait) / 1000

    def leave(self, host: str, uid: str, *, elsewhere: bool) -> None:
        """A crawl's request to a host is over: the host's next may begin after its delay.

        Args:
            host: the host.
            uid: the unit that asked.
            elsewhere: it goes on to another host, so others may have this one.
        """
        delay = self._delay_ms(host)
        self.ledger.steps.call("leave", self.keys.ns, host, uid, delay, int(elsewhere))

    def _delay_ms(self, host: str) -> int:
        return int(self.hosts.delay(host).seconds * 1000)

    # --- robots.txt ---

    def robots(self, origin: str) -> tuple[str, bytes] | None:
        """The verdict (``rules``, ``allow_all``, ``deny_all``) and body kept for an origin; None when unknown."""
        kept = self.redis.get(self.keys.robots(origin))
        if kept is None:
            return None
        verdict, _, body = kept.partition(b"\n")
        return verdict.decode(), body

    def keep_robots(
        self,
        origin: str,
        verdict: str,
        body: bytes,
        ttl: float,
        crawl_delay: float | None,
        sitemaps: Sequence[str] = (),
    ) -> None:
        """Keep an origin's robots.txt, the delay it asks for, and the sitemaps it names."""
        host = self.keys.host(host_key(origin))
        with self.redis.pipeline() as pipe:
            pipe.set(self.keys.robots(origin), f"{verdict}\n".encode() + body, px=int(ttl * 1000))
            if crawl_delay is None:
                pipe.hdel(host, "crawl_delay")
            else:
                pipe.hset(host, "crawl_delay", crawl_delay)
            if sitemaps:
                pipe.hset(host, "sitemaps", orjson.dumps(sitemaps[:SITEMAPS]))
            elif verdict != "deny_all":
                pipe.hdel(host, "sitemaps")
            pipe.pexpire(host, KEPT)
            pipe.execute()

    def ask_robots(self, origin: str, uid: str) -> bool:
        """Be the one who asks for an origin's robots.txt, as long as one may hold a host; False while another unit is.

        A unit that was taken back, because whoever worked on it died, asks itself again.
        """
        key, hold = self.keys.robots_asked(origin), int((self.settings.fetch_timeout + HOLD_SPARE) * 1000)
        return bool(self.redis.set(key, uid, nx=True, px=hold)) or self.redis.get(key) == uid.encode()

    def robots_asked(self, origin: str) -> None:
        """Whoever asked for an origin's robots.txt is done."""
        self.redis.delete(self.keys.robots_asked(origin))

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
            *self.answered(crawl, response["final_url"]),
            *self.released(crawl),
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
            *self.released(crawl, used=not crawl.fresh),
        ]
        if not crawl.fresh:
            commands += [
                *self.answered(crawl, outcome.final_url),
                ("HSET", self.keys.url(crawl.key), "fetched", now),
                ("ZADD", self.keys.urls, now, crawl.key),
                *self.store.looks.unchanged(crawl.document, crawl.url, crawl.key),
            ]
        return self.ledger.commit([Step(self.ledger.held(crawl.lease), commands)])[0]

    def failed(self, crawl: Crawl, outcome: FetchOutcome, error: FetchError) -> Outcome:
        """Try a crawl again later, or end it: refused where a rule says no, else failed."""
        tries = crawl.lease.tries
        host = host_key(error.final_url) if error.final_url else crawl.host
        rest = self.hosts.rest(host, error)
        given_up = rest is not None and rest.given_up
        if error.temporary and tries < self.settings.fetch_tries and not given_up:
            return self._later(crawl, host, error, rest)
        outcome = replace(outcome, reason=error.code, detail=error.detail, status=error.status, tries=tries)
        unit = self.ledger.unit(crawl.lease.uid)
        commands = [
            *self._over(crawl.lease.uid, unit, State.FETCHING, outcome, error),
            *self.ledger.closed(crawl.lease.uid, Stage.FETCH),
            *self._blamed(crawl, host, error, rest),
        ]
        if crawl.ask is not None or crawl.archived:
            pass  # what the archive answers is nothing of the page; and what is gone already is not told to be
        elif error.status in GONE and crawl.document:
            commands = [*self._gone(crawl, crawl.document, error.status), *commands]
            commands += self.store.looks.absent(crawl.document, crawl.key, Found.GONE)
        elif error.reason is Reason.ROBOTS_DENIED:
            commands += self.store.looks.absent(crawl.document, crawl.key, Found.FORBIDDEN)
        done = self.ledger.commit([Step(self.ledger.held(crawl.lease), commands)])[0]
        if done.done and given_up:
            self._give_up(host, error)
        return done

    def _over(
        self, uid: str, unit: dict[str, str], old: State, outcome: FetchOutcome, error: FetchError
    ) -> list[Command]:
        """The end of a crawl that came to nothing: the archive is asked before a link counts as dead."""
        if (ask := Ask.of(unit)) is not None:
            answer = f"asking the archive came to nothing: {error.code} ({error.detail})"
            return self.endings.unarchived(uid, unit, old, ask, answer)
        if self.archive.takes(unit, error.reason, error.status):
            return self.archive.asked(uid, unit, old, Ask(outcome))
        refused = error.reason in REFUSALS
        kind, state = (Type.FETCH_REFUSED, State.REFUSED) if refused else (Type.FETCH_FAILED, State.FAILED)
        commands = [self.endings.fetch(kind, uid, outcome)]
        if not refused:
            tries, detail = outcome.tries, outcome.detail
            commands.append(self.endings.dead(uid, unit, Stage.FETCH, error.code, tries, detail=detail))
        url = unit.get("key", "")
        return [
            *commands,
            *self.ledger.ended(uid, old, state, reason=error.code, url=url),
            ("HSET", self.keys.url(url), "failed", now_ms(), "reason", error.code),
        ]

    def _give_up(self, host: str, error: FetchError) -> None:
        """End what waits for a host that was tried often and long enough: nobody asks for each of its URLs."""
        detail = f"{host} is in trouble for more than {self.settings.fetch_patience:g} s: {error.detail}"
        told = 0
        while told < GIVEN_UP_MOST and (
            uids := self.redis.zrange(self.keys.host_queue(host), 0, GIVEN_UP_AT_ONCE - 1)
        ):
            steps = [self._given_up(uid.decode(), host, error, detail) for uid in uids]
            done = sum(outcome.done for outcome in self.ledger.commit(steps))
            if not done:
                break  # somebody else is at it
            told += done
        log.warning("a host is given up for now", host=host, why=error.code, urls=told)

    def _given_up(self, uid: str, host: str, error: FetchError, detail: str) -> Step:
        unit = self.ledger.unit(uid)
        queue: Command = ("ZREM", self.keys.host_queue(host), uid)
        if unit.get("state") != State.WAITING:
            return Step((), [queue])
        listed = self.redis.smembers(self.keys.listed(unit["key"]))
        outcome = FetchOutcome(
            unit["url"],
            reason=error.code,
            detail=detail,
            tries=int(unit.get("fetch.tries", 0)),
            listed_by=tuple(sorted(member.decode() for member in listed)[:100]),
        )
        waits = Condition(self.keys.unit(uid), "state", State.WAITING.value)
        return Step([waits], [*self._over(uid, unit, State.WAITING, outcome, error), queue])

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

    def _later(self, crawl: Crawl, host: str, error: FetchError, rest: Rest | None) -> Outcome:
        wait = error.retry_after or manners.spread(
            self.settings.fetch_retry_delay * 2 ** (crawl.lease.tries - 1),
            random.random(),  # noqa: S311 - no secret
        )
        due = now_ms() + int(max(wait, rest.seconds if rest else 0.0) * 1000)
        commands = [
            *self.waiting(crawl, due),
            *self._blamed(crawl, host, error, rest),
            self.ledger.logged(crawl.key, "again", unit=crawl.lease.uid, reason=error.code, due=due),
        ]
        if rest is not None:
            # Whoever waits for the same host comes first next time: the fault may be this page's alone.
            commands.append(self._last_in_line(crawl))
        return self.ledger.commit([Step(self.ledger.held(crawl.lease), commands)])[0]

    def _last_in_line(self, crawl: Crawl) -> Command:
        unit = self.ledger.unit(crawl.lease.uid)
        priority = round((now_ms() - int(unit["order"])) / PRIORITY_MS)
        return ("HSET", self.keys.unit(crawl.lease.uid), "order", now_ms() - priority * PRIORITY_MS)

    def put_back(self, crawl: Crawl, after: float = 0.0) -> Outcome:
        """Give a crawl back as if it had not begun: the fetcher stops, or a host's turn is not now.

        Args:
            crawl: the crawl.
            after: seconds until it may be leased again.
        """
        uid = crawl.lease.uid
        commands = [
            *self.waiting(crawl, now_ms() + int(after * 1000)),
            ("HINCRBY", self.keys.unit(uid), "fetch.tries", -1),
            *self.released(crawl, used=False),
        ]
        return self.ledger.commit([Step(self.ledger.held(crawl.lease), commands)])[0]

    def waiting(self, crawl: Crawl, due: int) -> list[Command]:
        """Send a crawl back to wait for its own time.

        Args:
            crawl: the crawl.
            due: when it may be leased again, in milliseconds since the epoch.
        """
        uid = crawl.lease.uid
        return [
            *self.ledger.closed(uid, Stage.FETCH),
            *self.ledger.moved(uid, State.FETCHING, State.WAITING),
            ("ZADD", self.keys.delayed, due, uid),
        ]

    def released(self, crawl: Crawl, rest: float = 0.0, *, used: bool = True) -> list[Command]:
        """Free a crawl's host. If it was asked, its next request may begin after its delay, or the rest it asked for."""
        host, key, now = crawl.host, self.keys.host(crawl.host), now_ms()
        # A lease that ran out and was not taken back yet may be late: somebody else may hold the host by now.
        freed: Command = ("HDELIF", key, "holder", crawl.lease.uid, "holder", "until")
        if not used:
            return [freed, ("ZADD", self.keys.hosts, now, host)]
        free = now + int(max(self.hosts.delay(host).seconds, rest) * 1000)
        return [
            freed,
            ("HSETMAX", key, "next", free),
            ("PEXPIRE", key, KEPT),
            ("ZADD", self.keys.hosts, free, host),
        ]

    def answered(self, crawl: Crawl, final_url: str | None) -> list[Command]:
        """The hosts that served a crawl: its own, and the one it was led to."""
        hosts = {crawl.host, host_key(final_url)} if final_url else {crawl.host}
        return [command for host in sorted(hosts) for command in self.hosts.answered(host)]

    def _blamed(self, crawl: Crawl, host: str, error: FetchError, rest: Rest | None) -> list[Command]:
        """Free a crawl's host, and leave the one alone that could not serve it: often, but not always, the same."""
        noted = self.hosts.failed(host, error.final_url or crawl.url, error, rest)
        seconds = rest.seconds if rest else 0.0
        if host == crawl.host:
            return [*noted, *self.released(crawl, seconds)]
        free = now_ms() + int(max(seconds, self.hosts.delay(host).seconds) * 1000)
        return [
            *noted,
            ("HSETMAX", self.keys.host(host), "next", free),
            ("ZADD", self.keys.hosts, "XX", free, host),
            *self.hosts.answered(crawl.host),
            *self.released(crawl),
        ]
