"""Looking again: pages whose time has come are asked for, as many as their hosts can bear.

What is due is moved on in the step that takes its unit in: of two schedulers one asks, and a killed one loses nothing.
The new due time holds if no answer ever comes; an answer sets its own.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, Final

import structlog

from wireroom.adapters.ids import new_id, now_ms
from wireroom.adapters.looks import FIELD
from wireroom.adapters.steps import Condition, Step
from wireroom.freshness import Found, Host, Look, learnt, over, room
from wireroom.records import CrawlRequest
from wireroom.urls import host_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wireroom.adapters.frontier import Frontier
    from wireroom.adapters.ledger import Ledger
    from wireroom.adapters.looks import Looks
    from wireroom.adapters.steps import Command
    from wireroom.freshness import Bounds
    from wireroom.settings import Settings

log = structlog.get_logger()

NOTE: Final = "recrawl policy"
"""What a batch of such looks says of itself."""
PERIOD: Final = 10.0
"""Seconds between two rounds: a host is given no more than it can serve until the next one."""
PRIORITY: Final = -1
"""Whatever somebody asked for, or a document lists, comes before."""
HOSTS: Final = 200
"""Hosts looked through at once."""
A_ROUND: Final = 20
"""Looks of a round, about, for each place in a fetcher: two pages a second and place are more than it fetches."""
_ROUNDS: Final = 20
_BATCH_MS: Final = 3_600_000
"""How long looks go into one batch: a batch for each round would be thousands a day."""
_DELAYED: Final = 1000
"""URLs that wait for another try, of which the hosts are counted."""
_AHEAD_MS: Final = 1000
"""A host comes up again this long before the next round, which may be early."""


class Recrawling:
    """Asks for what is due."""

    def __init__(
        self, ledger: Ledger, looks: Looks, frontier: Frontier, settings: Settings, bounds: Bounds
    ) -> None:
        self.ledger = ledger
        self.keys = ledger.keys
        self.redis = ledger.redis
        self.looks = looks
        self.frontier = frontier
        self.settings = settings
        self.bounds = bounds
        self.period = PERIOD
        self._batch, self._batch_since = "", 0

    def round(self) -> int:
        """Ask for what is due now. Nothing while Redis is nearly full.

        Returns:
            How many pages were asked for.
        """
        asked, most = 0, A_ROUND * self.settings.fetch_concurrency
        for _ in range(_ROUNDS):
            if self.frontier.pressed():
                break
            found = self.redis.zrangebyscore(self.keys.looks, "-inf", now_ms(), start=0, num=HOSTS)
            hosts = [host.decode() for host in found]
            if hosts:
                asked += self._ask(self._read(self._due(self._rooms(hosts))))
                self.looks.settle(hosts, now_ms() + int(PERIOD * 1000) - _AHEAD_MS)
            if len(hosts) < HOSTS or asked >= most:
                break
        return asked

    # --- how much ---

    def _rooms(self, hosts: Sequence[str]) -> dict[str, int]:
        """How many looks each host can bear now."""
        delayed, now = self._delayed(), time.time()
        with self.redis.pipeline(transaction=False) as pipe:
            for host in hosts:
                pipe.hmget(self.keys.host(host), "rests_until", "day", "pages")
                pipe.hmget(self.keys.host_hand(host), "paused", "pages_per_day")
                pipe.zcard(self.keys.host_queue(host))
            rows = iter(pipe.execute())
        rooms = {}
        for host in hosts:
            (rests, day, pages), (paused, cap), queued = next(rows), next(rows), next(rows)
            facts = Host(
                delay=self.frontier.hosts.delay(host).seconds,
                waiting=queued + delayed[host],
                barred=paused == b"1" or float(rests or 0) / 1000 > now,
                pages=int(pages or 0) if int(day or -1) == int(now // 86400) else 0,
                pages_per_day=int(cap or self.settings.fetch_pages_per_day),
            )
            rooms[host] = room(facts, PERIOD)
        return rooms

    def _delayed(self) -> Counter[str]:
        """How many URLs of each host wait for another try."""
        uids = self.redis.zrange(self.keys.delayed, 0, _DELAYED - 1)
        hosts = self.ledger.units([uid.decode() for uid in uids], "host") if uids else []
        return Counter(host for (host,) in hosts if host)

    # --- what ---

    def _due(self, rooms: dict[str, int]) -> list[tuple[str, str]]:
        """Hosts and ids of the documents that are due and that their hosts have room for."""
        now, willing = now_ms(), [host for host, most in rooms.items() if most > 0]
        with self.redis.pipeline(transaction=False) as pipe:
            for host in willing:
                pipe.zrangebyscore(self.keys.looks_of_host(host), "-inf", now, start=0, num=rooms[host])
            found = pipe.execute()
        return [(host, did.decode()) for host, dids in zip(willing, found, strict=True) for did in dids]

    def _read(self, due: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
        """What is still due, with its schedule."""
        now = now_ms()
        with self.redis.pipeline(transaction=False) as pipe:
            # In this order: if another scheduler asks in between, either the time has moved on or the schedule has.
            for host, did in due:
                pipe.hget(self.keys.document(did), FIELD)
                pipe.zscore(self.keys.looks_of_host(host), did)
            rows = pipe.execute()
        for (host, did), look, at in zip(due, rows[::2], rows[1::2], strict=True):
            if at is not None and at <= now:
                yield host, did, look.decode() if look else ""

    def _ask(self, due: Iterator[tuple[str, str, str]]) -> int:
        """Take in what is due, and forget what is not looked at any more. Each stands as it was read, or is left."""
        now, forgotten = time.time(), []
        asked: list[tuple[CrawlRequest, Condition, Sequence[Command]]] = []
        for host, did, kept in due:
            stands = Condition(self.keys.document(did), FIELD, kept)
            look = Look.read(kept)
            if look is None or host_key(look.url) != host:
                forgotten.append(Step([stands], [("ZREM", self.keys.looks_of_host(host), did)]))
            elif over(look, now, self.bounds):
                forgotten.append(Step([stands], self.looks.dropped(did, look)))
            else:
                commands = self.looks.waits(did, learnt(look, Found.ASKED, now, self.bounds), now)
                asked.append((CrawlRequest(look.url, priority=PRIORITY), stands, commands))
        if forgotten:
            self.ledger.commit(forgotten)
        return len(self.ledger.accept_if(self._note(), asked)) if asked else 0

    def _note(self) -> str:
        """The batch that looks go into now."""
        if now_ms() - self._batch_since > min(_BATCH_MS, self.ledger.keep_ms // 2):
            self._batch, self._batch_since = new_id(), now_ms()
            self.ledger.open_batch(self._batch, NOTE)
        return self._batch
