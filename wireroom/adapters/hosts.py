"""Every host that was ever asked: how it is treated, where it stands and why; and what somebody sets by hand."""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from wireroom import manners
from wireroom.adapters.hostrecords import HostRecords
from wireroom.adapters.ids import now_ms
from wireroom.errors import UrlError, UsageError
from wireroom.events import timestamp
from wireroom.urls import host_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wireroom.adapters.client import Client
    from wireroom.adapters.keys import Keys
    from wireroom.settings import Settings

BY_HAND = ("paused", "delay", "pages_per_day")
"""What can be set for one host."""
_DELAYED = 10_000
"""URLs that wait for a time of their own, of which the hosts are looked up for one answer."""
_VERDICT = 16
"""Bytes of a kept robots.txt that hold its verdict."""


def host_name(given: str) -> str:
    """The host, with its port where that is not the scheme's own, as politeness is counted by it.

    Raises:
        UsageError: it is none.
    """
    try:
        name = host_key(f"http://{given.strip()}/")
        if name.endswith(":443"):
            name = host_key(f"https://{given.strip()}/")
    except UrlError as error:
        raise UsageError(f"{given[:80]!r} is no host: {error.detail}") from None
    if "/" in given or "?" in given or "#" in given:
        raise UsageError(f"{given[:80]!r} is no host: give its name, and a port where it has one")
    return name


class Hosts:
    """Lists hosts and sets their manners."""

    def __init__(self, redis_: Client, keys: Keys, settings: Settings) -> None:
        self.redis = redis_
        self.keys = keys
        self.settings = settings
        self.records = HostRecords(redis_, keys, settings)

    def page(self, limit: int, after: str | None) -> tuple[list[dict[str, Any]], str | None]:
        """Hosts by name.

        Args:
            limit: most.
            after: the last host of the page before.

        Returns:
            The hosts, and what the next page begins after; None when there is none.
        """
        with self.redis.pipeline(transaction=False) as pipe:
            first = f"({after}" if after else "-"
            pipe.zrangebylex(self.keys.hosts_known, first, "+", start=0, num=limit + 1)
            (found,) = pipe.execute()
        names = [name.decode() for name in found]
        more = names[limit - 1] if len(names) > limit else None
        return self._told(names[:limit]), more

    def one(self, name: str) -> dict[str, Any] | None:
        """One host; None when it is not known."""
        if self.redis.zscore(self.keys.hosts_known, name) is None:
            return None
        return self._told([name])[0]

    def set(self, name: str, changes: Mapping[str, bool | float | None]) -> dict[str, Any]:
        """Set some of `BY_HAND`; None takes a value back. Holds from the next request on.

        Returns:
            The host as it stands now.
        """
        key, hand = self.keys.host(name), self.keys.host_hand(name)
        kept = {field: value for field, value in changes.items() if value is not None and value is not False}
        gone = [field for field in changes if field not in kept]
        with self.redis.pipeline() as pipe:
            if gone:
                pipe.hdel(hand, *gone)
            if kept:
                pipe.hset(
                    hand,
                    mapping={
                        field: str(float(value)) if field == "delay" else int(value)
                        for field, value in kept.items()
                    },
                )
            pipe.zadd(self.keys.hosts_known, {name: 0})
            pipe.execute()
        self._sooner(name, key)
        return self._told([name])[0]

    def _sooner(self, name: str, key: str) -> None:
        """A delay or a pause that is over is not waited for any more; a rest is."""
        now = now_ms()
        following, rests = (float(value or 0) for value in self.redis.hmget(key, "next", "rests_until"))
        free = now + int(self.records.delay(name).seconds * 1000)
        if rests <= now and following > free:
            # The last request began before now: this is never sooner than the delay.
            self.redis.hset(key, mapping={"next": free})
        self.redis.zadd(self.keys.hosts, {name: now}, xx=True)

    # --- as told ---

    def _told(self, names: Sequence[str]) -> list[dict[str, Any]]:
        delayed = self._delayed()
        with self.redis.pipeline(transaction=False) as pipe:
            for name in names:
                pipe.hgetall(self.keys.host(name))
                pipe.hgetall(self.keys.host_hand(name))
                pipe.zcard(self.keys.host_queue(name))
                for scheme in ("http", "https"):
                    pipe.getrange(self.keys.robots(f"{scheme}://{name}"), 0, _VERDICT)
                    pipe.pttl(self.keys.robots(f"{scheme}://{name}"))
                pipe.zcard(self.keys.looks_of_host(name))
                pipe.zcount(self.keys.looks_of_host(name), "-inf", now_ms())
            rows = pipe.execute()
        width = 9
        return [
            self._one(name, delayed[name], rows[i * width : (i + 1) * width]) for i, name in enumerate(names)
        ]

    def _delayed(self) -> Counter[str]:
        """How many URLs of each host wait for a time of their own."""
        uids = self.redis.zrange(self.keys.delayed, 0, _DELAYED - 1)
        with self.redis.pipeline(transaction=False) as pipe:
            for uid in uids:
                pipe.hget(self.keys.unit(uid.decode()), "host")
            return Counter(host.decode() for host in pipe.execute() if host)

    def _one(self, name: str, delayed: int, row: Sequence[Any]) -> dict[str, Any]:
        record, hand = ({k.decode(): v.decode() for k, v in found.items()} for found in row[:2])
        now = time.time()
        own_cap, today = hand.get("pages_per_day"), int(record.get("day", -1)) == int(now // manners.DAY)
        rests_until, until = (float(record.get(field, 0)) / 1000 for field in ("rests_until", "until"))
        facts = manners.Facts(
            queued=row[2],
            delayed=delayed,
            in_flight="holder" in record and until > now,
            paused=hand.get("paused") == "1",
            next=float(record.get("next", 0)) / 1000,
            rests_until=rests_until,
            pages=int(record.get("pages", 0)) if today else 0,
            pages_per_day=int(own_cap or self.settings.fetch_pages_per_day),
        )
        delay = self.records.delay_of(record.get("crawl_delay"), hand.get("delay"), name)
        rests = rests_until > now
        return {
            "host": name,
            "state": manners.standing(facts, now).value,
            "waiting": facts.queued + facts.delayed,
            "in_flight": int(facts.in_flight),
            "next": _moment(facts.next) if facts.next > now else None,
            "delay": {
                "seconds": delay.seconds,
                "from": delay.origin.value,
                "robots": _number(record.get("crawl_delay")),
                "hand": _number(hand.get("delay")),
            },
            "pages": {
                "today": facts.pages,
                "per_day": facts.pages_per_day or None,
                "from": "setting" if own_cap is None else "hand",
            },
            "paused": facts.paused,
            "backoff": {"why": record.get("rests_for"), "until": _moment(rests_until)} if rests else None,
            "failures": int(record.get("failures", 0)),
            "failing_since": _moment(float(record["since"])) if record.get("failures") else None,
            "robots": [
                _robots(f"{scheme}://{name}", row[3 + 2 * i], row[4 + 2 * i], now)
                for i, scheme in enumerate(("http", "https"))
                if row[3 + 2 * i]
            ],
            "looks": {"documents": row[7], "due": row[8]},
            "sitemaps": orjson.loads(record.get("sitemaps", "[]")),
            "last_error": _error(record.get("error")),
        }


def _robots(origin: str, start: bytes, ttl_ms: int, now: float) -> dict[str, Any]:
    verdict = start.partition(b"\n")[0].decode()
    return {"origin": origin, "verdict": verdict, "until": _moment(now + ttl_ms / 1000)}


def _error(note: str | None) -> dict[str, Any] | None:
    if note is None:
        return None
    told: dict[str, Any] = orjson.loads(note)
    return {**told, "at": _moment(told["at"] / 1000)}


def _number(value: str | None) -> float | None:
    return None if value is None else float(value)


def _moment(seconds: float) -> str:
    return timestamp(datetime.fromtimestamp(seconds, UTC))
