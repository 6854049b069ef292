"""The schedule of looks in the store: what was learnt stands with its document's head, when it is due by its host.

It is read when a crawl ends and written in the step that ends it; the rule is `wireroom.freshness`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from wireroom.freshness import Found, Look, begun, learnt, over, wait
from wireroom.urls import host_key, url_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wireroom.adapters.client import Client
    from wireroom.adapters.keys import Keys
    from wireroom.adapters.steps import Command
    from wireroom.draft import Draft
    from wireroom.freshness import Bounds

FIELD: Final = "look"
"""Field of a document's head."""
_FOR_GOOD: Final = frozenset({301, 308})
"""Redirects that say where the page is from now on (RFC 9110, 15.4)."""

_SETTLE = """
local first = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')
if not first[2] then
  return redis.call('ZREM', KEYS[1], ARGV[1])
end
local due = math.max(tonumber(first[2]), tonumber(ARGV[2]))
return redis.call('ZADD', KEYS[1], 'XX', string.format('%.0f', due), ARGV[1])
"""
"""A host comes up when the first of its documents is due, but not before a time; without any it leaves."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows of a document's schedule.

    Attributes:
        look: what was learnt; None where nobody looks.
        listed: when its newest revision came, seconds since the epoch; None where it was let go.
    """

    look: Look | None
    listed: float | None


class Looks:
    """Reads schedules, and makes the commands that write them.

    Args:
        redis_: the store.
        keys: key names.
        bounds: what is allowed; None where nobody looks unasked.
        keep_ms: how long heads and records of URLs are kept.
    """

    def __init__(self, redis_: Client, keys: Keys, bounds: Bounds | None, keep_ms: int) -> None:
        self._redis = redis_
        self._keys = keys
        self._bounds = bounds
        self._keep_ms = keep_ms

    @property
    def on(self) -> bool:
        """Somebody looks."""
        return self._bounds is not None

    def of(self, did: str) -> tuple[Look, float] | None:
        """What was learnt of a document, and when it is looked at next (ms); None where nobody looks."""
        look = self._known(did).look
        if look is None or self._bounds is None:
            return None
        due = self._redis.zscore(self._keys.looks_of_host(host_key(look.url)), did)
        return None if due is None else (look, due)

    # --- commands of the step that ends a crawl ---

    def page(
        self,
        key: str,
        response: Mapping[str, Any],
        draft: Draft,
        found: Found,
        published: float | None = None,
    ) -> list[Command]:
        """A crawl ended with a document.

        Args:
            key: of the URL that was asked for.
            response: what the fetcher says of the answer.
            draft: what was made of it.
            found: new, changed or unchanged.
            published: when it was, seconds since the epoch; None when that is unknown.
        """
        if self._bounds is None:
            return []
        now, known, commands = time.time(), self._known(draft.id), self._left(key, draft.id)
        if draft.origin.kind == "archive":
            found = Found.ARCHIVED
        there = response["url"] if found is Found.ARCHIVED else _led_to(response)
        before = known.look
        if before is None:
            if found is Found.UNCHANGED and known.listed is None:
                return commands  # it was let go
            since = {Found.NEW: published, Found.UNCHANGED: known.listed}.get(found)
            look = begun(there, found, now if since is None else since, now, self._bounds)
        else:
            look = _at(learnt(before, found, now, self._bounds), before, key, there)
        if url_key(look.url) != key and look.url == there:
            commands += self._moved(draft, there)
        return commands + self._kept(draft.id, look, before, now)

    def unchanged(self, did: str | None, url: str, key: str) -> list[Command]:
        """A crawl ended with a 304."""
        if self._bounds is None or did is None:
            return []
        now, known = time.time(), self._known(did)
        if known.look is not None:
            look = _at(learnt(known.look, Found.UNCHANGED, now, self._bounds), known.look, key, url)
        elif known.listed is not None:
            look = begun(url, Found.UNCHANGED, known.listed, now, self._bounds)
        else:
            return []
        return self._kept(did, look, known.look, now)

    def absent(self, did: str | None, key: str, found: Found) -> list[Command]:
        """A crawl ended because the page is gone or forbidden."""
        if self._bounds is None or did is None:
            return []
        before = self._known(did).look
        if before is None or url_key(before.url) != key:
            return []
        now = time.time()
        return self._kept(did, learnt(before, found, now, self._bounds), before, now)

    def dropped(self, did: str, look: Look) -> list[Command]:
        """Nobody looks at a document any more."""
        return [
            ("HDEL", self._keys.document(did), FIELD),
            ("ZREM", self._keys.looks_of_host(host_key(look.url)), did),
        ]

    def waits(self, did: str, look: Look, now: float) -> list[Command]:
        """A document is looked at after its wait."""
        assert self._bounds is not None
        due, host = int((now + wait(look, did, self._bounds)) * 1000), host_key(look.url)
        head = self._keys.document(did)
        return [
            ("HSET", head, FIELD, look.to_json()),
            ("PEXPIRE", head, self._keep_ms, "NX"),  # one that expired just now must not come back for ever
            ("ZADD", self._keys.looks_of_host(host), due, did),
            ("ZADD", self._keys.looks, "LT", due, host),
        ]

    # --- the hosts ---

    def settle(self, hosts: Sequence[str], after: int) -> None:
        """Let hosts come up again when their next document is due, but not before a time (ms)."""
        with self._redis.pipeline(transaction=False) as pipe:
            for host in hosts:
                pipe.eval(_SETTLE, 2, self._keys.looks, self._keys.looks_of_host(host), host, after)
            pipe.execute()

    def trim(self, most: int = 200) -> int:
        """Forget what was due longer ago than documents are kept: nobody looks, and they are gone by now."""
        before = int(time.time() * 1000) - self._keep_ms
        found = self._redis.zrangebyscore(self._keys.looks, "-inf", before, start=0, num=most)
        hosts = [host.decode() for host in found]
        with self._redis.pipeline(transaction=False) as pipe:
            for host in hosts:
                pipe.zremrangebyscore(self._keys.looks_of_host(host), "-inf", before)
            forgotten: int = sum(pipe.execute())
        self.settle(hosts, 0)
        return forgotten

    def _kept(self, did: str, look: Look, before: Look | None, now: float) -> list[Command]:
        assert self._bounds is not None
        commands: list[Command] = []
        if before is not None and host_key(before.url) != host_key(look.url):
            commands.append(("ZREM", self._keys.looks_of_host(host_key(before.url)), did))
        if over(look, now + wait(look, did, self._bounds), self._bounds):
            return [*commands, *self.dropped(did, look)]
        return [*commands, *self.waits(did, look, now)]

    def _left(self, key: str, did: str) -> list[Command]:
        """Another document stands at a URL now: whoever looked at it for the one before looks no more."""
        row = self._redis.hget(self._keys.url(key), "document")
        other = row.decode() if row else did
        look = self._known(other).look if other != did else None
        return [] if look is None or url_key(look.url) != key else self.dropped(other, look)

    def _moved(self, draft: Draft, url: str) -> list[Command]:
        """A page moved for good: what is known of its old address holds for the new one, which is asked from now on."""
        key, host, now = url_key(url), host_key(url), int(time.time() * 1000)
        record, listed = self._keys.url(key), self._keys.listed(key)
        names = ("etag", "last_modified")
        kept = {name: value for name in names if (value := getattr(draft.origin, name)) is not None}
        commands: list[Command] = [
            ("HDEL", record, *names),
            ("HSET", record, "url", url, "host", host, "document", draft.id, "final_url", draft.url or url),
            ("HSET", record, "fetched", now, *(word for pair in kept.items() for word in pair)),
            ("HSETNX", record, "layout", draft.layout),
            ("PEXPIRE", record, self._keep_ms, "NX"),
            ("ZADD", self._keys.urls, now, key),
            ("SADD", self._keys.urls_of_host(host), key),
            ("PEXPIRE", self._keys.urls_of_host(host), self._keep_ms),
        ]
        if draft.origin.listed_by:
            commands += [("SADD", listed, *draft.origin.listed_by), ("PEXPIRE", listed, self._keep_ms)]
        return commands

    def _known(self, did: str) -> Known:
        with self._redis.pipeline(transaction=False) as pipe:
            pipe.hget(self._keys.document(did), FIELD)
            pipe.zscore(self._keys.documents, did)
            look, listed = pipe.execute()
        return Known(Look.read(look) if look else None, None if listed is None else listed / 1000)


def _at(look: Look, before: Look, key: str, there: str) -> Look:
    """Where the next look goes: where this one was led, unless it was none of ours and ours is well."""
    ours = url_key(before.url) == key
    return replace(look, url=there) if ours or before.misses or before.gone else look


def _led_to(response: Mapping[str, Any]) -> str:
    """Where a page is: where it answered, if every redirect on the way was for good, else where it was asked for."""
    hops: Sequence[Mapping[str, Any]] = response["redirects"]
    there = hops and all(hop["status"] in _FOR_GOOD for hop in hops)
    return str(response["final_url"] if there else response["url"])
