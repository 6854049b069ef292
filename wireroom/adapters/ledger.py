"""The ledger: the one owner of truth about every unit of work.

A unit is a file document or one asked-for crawl of a URL, and it is in exactly one state. Every change of state, and
everything that follows from it, is one atomic step (`wireroom.adapters.steps`). Whoever works on a unit holds a lease
with a token; a result that comes with an old token is refused.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import repeat
from typing import TYPE_CHECKING, Any

import orjson
import zstandard

from wireroom.adapters.ids import new_id, now_ms, settled_id
from wireroom.adapters.steps import (
    Arrival,
    Command,
    Condition,
    Countdown,
    Joining,
    Outcome,
    Step,
    Steps,
    Value,
)
from wireroom.errors import StoreError
from wireroom.events import Stream
from wireroom.records import END_STATES, OPEN_STATES, CrawlRequest, Lease, Listing, Stage, State
from wireroom.urls import host_key, url_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wireroom.adapters.client import Client
    from wireroom.adapters.jobs import Jobs
    from wireroom.adapters.keys import Keys

URLS_A_STEP = 500
"""URLs taken in with one step, unless a single document lists more: Redis does nothing else meanwhile."""
PRIORITY_MS = 10**13
"""Milliseconds that one step of priority is worth in a host's queue: more than any URL waits."""


class Ledger:
    """Takes work in, leases it out, moves it on and ends it."""

    def __init__(
        self,
        redis_: Client,
        keys: Keys,
        jobs: Jobs,
        *,
        lease: float,
        keep_units: float,
        keep_urls: float,
        batch_size: int,
        to_disk: bool = False,
    ) -> None:
        self.redis = redis_
        self.keys = keys
        self.jobs = jobs
        self.steps = Steps(redis_)
        self.lease_ms = int(lease * 1000)
        self.keep_ms = int(keep_units * 1000)
        self.keep_urls_ms = int(keep_urls * 1000)
        self._urls_looked_at = 0
        self.batch_size = batch_size
        self.to_disk = to_disk

    # --- in ---

    def open_batch(self, batch: str, note: str) -> None:
        """Begin a batch's record."""
        key = self.keys.batch(batch)
        with self.redis.pipeline() as pipe:
            pipe.hset(key, mapping={"created": now_ms(), "note": note})
            pipe.pexpire(key, self.keep_ms)
            pipe.execute()

    def accept(
        self,
        batch: str,
        listings: Sequence[Listing],
        crawls: Sequence[CrawlRequest] = (),
        *,
        once: bool = False,
    ) -> list[str]:
        """Take documents and URLs in; what they list is taken in with them, in the same step.

        Args:
            batch: its id.
            listings: the documents.
            crawls: the URLs.
            once: whoever died on the way may say the same again for the same batch: what was taken in stays one unit.

        Returns:
            The unit ids: one a document, then one a URL. A URL that is open already shares its unit.
        """
        uids: list[str] = []
        for chunk in _chunks(listings, self.batch_size):
            uids += self._accept(batch, self._arrivals(batch, chunk, once=once))
        for start in range(0, len(crawls), URLS_A_STEP):
            chunk_of = crawls[start : start + URLS_A_STEP]
            made = [settled_id(batch, crawl.url) if once else new_id() for crawl in chunk_of]
            uids += self._accept(batch, list(map(self._crawl, repeat(batch), chunk_of, made)))
        return uids

    def accept_if(
        self, batch: str, crawls: Sequence[tuple[CrawlRequest, Condition, Sequence[Command]]]
    ) -> list[str]:
        """Take URLs in, each only if what it rests on still holds, and with commands of its own in the same step.

        Returns:
            The units of those that were taken in.
        """
        uids: list[str] = []
        for start in range(0, len(crawls), URLS_A_STEP):
            arrivals = []
            for crawl, only_if, more in crawls[start : start + URLS_A_STEP]:
                made = self._crawl(batch, crawl, new_id())
                assert made.joining is not None
                joining = replace(made.joining, commands=(*made.joining.commands, *more))
                arrivals.append(Arrival(made.uid, (*made.commands, *more), joining, only_if))
            uids += [uid for uid in self._accept(batch, arrivals) if uid]
        return uids

    def _accept(self, batch: str, arrivals: Sequence[Arrival]) -> list[str]:
        words: list[Value] = [self.keys.ns, batch, self.keys.batch_units(batch), self.keep_ms, len(arrivals)]
        for arrival in arrivals:
            words += arrival.arguments()
        call = self.steps.call_to_disk if self.to_disk else self.steps.call_to_file
        return [uid.decode() for uid in call("accept", *words)]

    def _arrivals(self, batch: str, listings: Sequence[tuple[int, Listing]], *, once: bool) -> list[Arrival]:
        def made(at: int, what: str) -> str:
            return settled_id(batch, f"{at} {what}", at) if once else new_id()

        job, uids = new_id(), [made(at, listing.id) for at, listing in listings]
        arrivals = []
        for uid, (at, listing) in zip(uids, listings, strict=True):
            for url in listing.urls:
                crawl = CrawlRequest(url, layout=listing.layout, listed_by=listing.id)
                arrivals.append(self._crawl(batch, crawl, made(at, url)))
            arrivals.append(self._document(batch, uid, listing, job))
        # One job for them all, in the step that takes the last of them in.
        arrivals[-1] = replace(
            arrivals[-1], commands=(*arrivals[-1].commands, *self.jobs.enqueue(Stage.NORMALIZE, job, uids))
        )
        return arrivals

    def _document(self, batch: str, uid: str, listing: Listing, job: str) -> Arrival:
        unit, now = self.keys.unit(uid), now_ms()
        fields: list[Value] = [
            "kind",
            "document",
            "state",
            State.NORMALIZING.value,
            "batch",
            batch,
            "created",
            now,
        ]
        fields += ["name", listing.name, "document", listing.id]
        commands: list[Command] = [
            ("HSET", unit, *fields),
            ("HSET", self.keys.work(uid), "text", zstandard.compress(listing.text.encode())),
            ("ZADD", self.keys.state(State.NORMALIZING), now, uid),
            *self.opened(uid, Stage.NORMALIZE, job),
            *(("SADD", self.keys.listed(url_key(url)), listing.id) for url in listing.urls),
        ]
        return Arrival(uid, commands)

    def _crawl(self, batch: str, crawl: CrawlRequest, uid: str) -> Arrival:
        now, key, host = now_ms(), url_key(crawl.url), host_key(crawl.url)
        order = now - crawl.priority * PRIORITY_MS
        record = self.keys.url(key)
        fields: list[Value] = ["kind", "crawl", "state", State.WAITING.value, "batch", batch, "created", now]
        force, listed = int(crawl.force), int(crawl.listed_by is not None)
        fields += ["url", crawl.url, "key", key, "host", host]
        fields += ["order", order, "force", force, "listed", listed]
        commands: list[Command] = [
            ("HSET", self.keys.unit(uid), *fields),
            ("ZADD", self.keys.state(State.WAITING), now, uid),
            ("ZADD", self.keys.host_queue(host), order, uid),
            ("ZADD", self.keys.hosts, "NX", 0, host),
            ("ZADD", self.keys.hosts_known, 0, host),
            ("HSET", record, "url", crawl.url, "host", host, "open", uid),
            ("PERSIST", record),  # until the crawl has ended
            ("ZADD", self.keys.urls, "NX", 0, key),
            ("SADD", self.keys.urls_of_host(host), key),
            ("PEXPIRE", self.keys.urls_of_host(host), self.keep_urls_ms),
            self.logged(key, "waiting", unit=uid, batch=batch),
        ]
        layout: list[Command] = [("HSETNX", record, "layout", crawl.layout)] if crawl.layout else []
        return Arrival(uid, [*commands, *layout], Joining(record, force, listed, order, layout))

    # --- leases ---

    def take(self, stage: str, uids: Sequence[str]) -> list[Lease]:
        """Lease one stage of units; those that are not open, or held by somebody else, are left out."""
        if not uids:
            return []
        flat = self.steps.call("take", self.keys.ns, str(stage), self.lease_ms, *uids)
        return [
            Lease(flat[i].decode(), stage, int(flat[i + 1]), int(flat[i + 2])) for i in range(0, len(flat), 3)
        ]

    def renew(self, leases: Sequence[Lease]) -> set[str]:
        """Hold leases of one stage for longer.

        Returns:
            The units whose lease is lost: their results will be refused.
        """
        if not leases:
            return set()
        words = [word for lease in leases for word in (lease.uid, lease.token)]
        lost = self.steps.call("renew", self.keys.ns, str(leases[0].stage), self.lease_ms, *words)
        return {uid.decode() for uid in lost}

    # --- what steps are made of ---

    def held(self, lease: Lease) -> list[Condition]:
        """The conditions under which a result is taken: the lease is still the last one, and still leased."""
        unit = self.keys.unit(lease.uid)
        return [
            Condition(unit, f"{lease.stage}.token", str(lease.token)),
            Condition(unit, f"{lease.stage}.status", "leased"),
        ]

    def opened(self, uid: str, stage: str, job: str, patience_ms: int | None = None) -> list[Command]:
        """Open a stage; a sweeper looks whether its job still stands when the patience is over."""
        due = now_ms() + (self.lease_ms if patience_ms is None else patience_ms)
        return [
            ("HSET", self.keys.unit(uid), f"{stage}.status", "queued", f"{stage}.job", job),
            ("ZADD", self.keys.tasks, due, f"{stage}:{uid}"),
        ]

    def closed(self, uid: str, stage: str) -> list[Command]:
        """Close a stage: nobody holds it, nobody is to look at it."""
        return [
            ("HDEL", self.keys.unit(uid), f"{stage}.status", f"{stage}.job"),
            ("ZREM", self.keys.tasks, f"{stage}:{uid}"),
        ]

    def moved(self, uid: str, old: State, new: State) -> list[Command]:
        """Move a unit from one open state to the next."""
        return [
            ("HSET", self.keys.unit(uid), "state", new.value),
            ("ZREM", self.keys.state(old), uid),
            ("ZADD", self.keys.state(new), now_ms(), uid),
        ]

    def ended(self, uid: str, old: State, new: State, *, reason: str = "", url: str = "") -> list[Command]:
        """End a unit. ``url`` is its URL's key, if it is a crawl."""
        commands = [
            *self.moved(uid, old, new),
            ("HSET", self.keys.unit(uid), "ended", now_ms(), "reason", reason),
            # What was given up stays long enough to be tried again by hand.
            ("PEXPIRE", self.keys.work(uid), self.keep_ms)
            if new is State.FAILED
            else ("DEL", self.keys.work(uid)),
            ("PEXPIRE", self.keys.unit(uid), self.keep_ms),
        ]
        if url:
            kept = (self.keys.url(url), self.keys.url_log(url), self.keys.listed(url))
            commands += [("PEXPIRE", key, self.keep_urls_ms) for key in kept]
            commands += [
                ("HDELIF", self.keys.url(url), "open", uid, "open"),
                self.logged(url, new.value, unit=uid, reason=reason),
            ]
        return commands

    def logged(self, url: str, step: str, **details: Value) -> Command:
        """A line in a URL's timeline."""
        words: list[Value] = [word for pair in details.items() for word in pair if pair[1] != ""]
        return ("XADD", self.keys.url_log(url), "MAXLEN", "~", 100, "*", "step", step, *words)

    def commit(self, steps: Sequence[Step]) -> list[Outcome]:
        """Apply steps, each whole or not at all."""
        return self.steps.commit(steps)

    def enriched(self, lease: Lease, result: bytes) -> Step:
        """Keep one enricher's result; the last one in opens the publishing."""
        unit = self.keys.unit(lease.uid)
        commands: list[Command] = [("HSET", self.keys.work(lease.uid), f"result.{lease.stage}", result)]
        commands += self.closed(lease.uid, lease.stage)
        publish = self.opened(lease.uid, Stage.PUBLISH, "")
        return Step(self.held(lease), commands, Countdown(unit, "missing", publish))

    def not_enriched(self, lease: Lease, error: str, version: str | None = None) -> Step:
        """Keep that one enricher failed: the document is published without its result, and says why."""
        status = {"status": "failed", "version": version, "seconds": None, "error": error}
        return self.enriched(lease, orjson.dumps({"data": None, "enrichment": status}))

    # --- what there is ---

    def unit(self, uid: str) -> dict[str, str]:
        """Everything the ledger knows of a unit; empty when it is not known."""
        return _text(self.redis.hgetall(self.keys.unit(uid)))

    def units(self, uids: Sequence[str], *fields: str) -> list[tuple[str | None, ...]]:
        """Some fields of many units."""
        with self.redis.pipeline(transaction=False) as pipe:
            for uid in uids:
                pipe.hmget(self.keys.unit(uid), fields)
            return [tuple(None if v is None else v.decode() for v in row) for row in pipe.execute()]

    def stats(self) -> dict[str, Any]:
        """How many units stand in each state, from the sets; ``accepted`` is the sum of the rest."""
        with self.redis.pipeline(transaction=True) as pipe:
            for state in (*OPEN_STATES, *END_STATES):
                pipe.zcard(self.keys.state(state))
            counts = pipe.execute()
        waiting = {state.value: counts[i] for i, state in enumerate(OPEN_STATES)}
        ended = {state.value: counts[len(OPEN_STATES) + i] for i, state in enumerate(END_STATES)}
        return {"accepted": sum(counts), **ended, "waiting": waiting}

    def batch(self, batch: str) -> dict[str, int] | None:
        """How many units of a batch stand in each state; None when the batch is not known."""
        uids = [uid.decode() for uid in self.redis.smembers(self.keys.batch_units(batch))]
        if not uids and not self.redis.exists(self.keys.batch(batch)):
            return None
        counts: dict[str, int] = {}
        for (state,) in self.units(uids, "state"):
            counts[state or "expired"] = counts.get(state or "expired", 0) + 1
        return counts

    def cancel(self, batch: str) -> int:
        """Cancel the units of a batch that nobody has begun: URLs that still wait, and no other batch asked for."""
        uids = [uid.decode() for uid in self.redis.smembers(self.keys.batch_units(batch))]
        steps = []
        fields = self.units(uids, "state", "batch", "key", "host")
        for uid, (state, owner, key, host) in zip(uids, fields, strict=True):
            if state == State.WAITING and owner == batch:
                unit = self.keys.unit(uid)
                conditions = [Condition(unit, "state", State.WAITING.value), Condition(unit, "shared", "")]
                commands = self.ended(uid, State.WAITING, State.CANCELLED, reason="cancelled", url=key or "")
                commands += [
                    ("ZREM", self.keys.host_queue(host or ""), uid),
                    ("ZREM", self.keys.delayed, uid),
                ]
                steps.append(Step(conditions, commands))
        return sum(outcome.done for outcome in self.commit(steps))

    def trim(self) -> int:
        """Forget ended units whose record has been kept long enough, and URLs whose record has expired."""
        before = now_ms() - self.keep_ms
        with self.redis.pipeline(transaction=False) as pipe:
            for state in END_STATES:
                pipe.zremrangebyscore(self.keys.state(state), "-inf", before)
            forgotten: int = sum(pipe.execute())
        return forgotten + self._trim_urls()

    def _trim_urls(self, most: int = 10_000) -> int:
        """Look at some more of the listed URLs: one whose record is gone is listed no more."""
        with self.redis.pipeline(transaction=False) as pipe:
            pipe.zscan(self.keys.urls, self._urls_looked_at, count=most)
            self._urls_looked_at, rows = pipe.execute()[0]
            listed = [key.decode() for key, _ in rows]
            for key in listed:
                pipe.exists(self.keys.url(key))
            gone = [key for key, there in zip(listed, pipe.execute(), strict=True) if not there]
        if gone:
            self.redis.zrem(self.keys.urls, *gone)
        return len(gone)

    def check(self) -> None:
        """See that the keys are of the types they should be.

        Raises:
            StoreError: one is not; nothing can be written safely.
        """
        for key, found, kind in self.mistyped():
            msg = f"{key} is a {found}, not a {kind}: another program uses these names; choose another namespace"
            raise StoreError(msg)

    def mistyped(self) -> Iterator[tuple[str, str, str]]:
        """Keys that are of another type than they should be, with both types."""
        keys = self.keys
        sets = [keys.state(state) for state in (*OPEN_STATES, *END_STATES)]
        sets += [
            keys.tasks,
            keys.delayed,
            keys.hosts,
            keys.hosts_known,
            keys.urls,
            keys.documents,
            keys.looks,
            keys.sources,
        ]
        wanted = dict.fromkeys(sets, "zset") | {keys.stream(stream): "stream" for stream in Stream}
        wanted |= {self.jobs.queue(stage).key: "list" for stage in self.jobs.stages}
        for key, kind in wanted.items():
            found = self.redis.type(key).decode()
            if found not in ("none", kind):
                yield key, found, kind


def _chunks(listings: Sequence[Listing], most: int) -> Iterator[list[tuple[int, Listing]]]:
    """Listings with their places, in groups that fit one step each: a command of a million words is refused by Redis."""
    chunk: list[tuple[int, Listing]] = []
    urls = 0
    for at, listing in enumerate(listings):
        if chunk and (len(chunk) == most or urls + len(listing.urls) > URLS_A_STEP):
            yield chunk
            chunk, urls = [], 0
        chunk.append((at, listing))
        urls += len(listing.urls)
    if chunk:
        yield chunk


def _text(mapping: Mapping[bytes, bytes]) -> dict[str, str]:
    return {key.decode(): value.decode() for key, value in mapping.items()}
