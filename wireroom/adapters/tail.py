"""Following streams without a group: nothing is acknowledged, nothing is kept of who reads."""

from __future__ import annotations

import asyncio
import logging
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import redis

from wireroom.adapters.connection import LONGEST_BLOCK, TROUBLE, connect_async, wait_ready_async
from wireroom.adapters.keys import Keys
from wireroom.adapters.replay import Replay
from wireroom.adapters.segments import segments_of
from wireroom.adapters.whereabouts import client_settings
from wireroom.subscribing import (
    END,
    START,
    Delivery,
    order,
    position,
    stream_named,
    successor,
    types_named,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Collection, Sequence

    from wireroom.settings import Settings

log = logging.getLogger("wireroom")

_PAGE = 100
_PAUSE = 0.2


def tail(
    streams: Sequence[str] = ("documents",),
    *,
    since: str | datetime | None = None,
    follow: bool = False,
    types: Collection[str] | None = None,
    redis_url: str | None = None,
    namespace: str | None = None,
) -> AsyncGenerator[Delivery, None]:
    """Events of some streams in the order they were written.

    Args:
        streams: their names.
        since: as `wireroom.subscribe` takes it. Without it: all that is kept or, with ``follow``, what comes.
        follow: wait for more at the end. A Redis that is gone is waited for.
        types: only events of these types.
        redis_url: as `wireroom.subscribe` takes it.
        namespace: as `wireroom.subscribe` takes it.

    Raises:
        UsageError: an argument is wrong (at once).
        StoreError: Redis is there but not fit.
    """
    settings = client_settings(redis_url, namespace, os.environ)
    return tailed(settings, streams, since=since, follow=follow, types=types)


def tailed(
    settings: Settings,
    streams: Sequence[str],
    *,
    since: str | datetime | None = None,
    follow: bool = False,
    types: Collection[str] | None = None,
) -> AsyncGenerator[Delivery, None]:
    """`tail` with the settings of a process of ours."""
    chosen = [stream_named(name) for name in dict.fromkeys(streams)]
    wanted = types_named(types, chosen)
    begin = position(since if since is not None else END if follow else START, datetime.now(UTC))
    return _chosen(_Tail(settings, [str(name) for name in chosen], begin), wanted, follow=follow)


async def _chosen(reader: _Tail, types: Collection[str], *, follow: bool) -> AsyncGenerator[Delivery, None]:
    try:
        while page := await reader.page(follow=follow):
            for delivery in page:
                if not types or delivery.type in types:
                    yield delivery
    finally:
        await reader.close()


class _Tail:
    """Where we are in each stream, and what was read and not yet given."""

    def __init__(self, settings: Settings, streams: Sequence[str], begin: str) -> None:
        self._redis = connect_async(settings, retries=0)
        keys = Keys(settings.namespace)
        self._at: dict[Any, Any] = {keys.stream(name): begin for name in streams}
        self._rows: dict[str, list[tuple[bytes, dict[bytes, bytes]]]] = {name: [] for name in self._at}
        self._ends: dict[str, str] = {}
        segments = segments_of(settings)
        self._replays = {keys.stream(name): Replay(segments, name) for name in streams} if segments else {}

    async def close(self) -> None:
        await self._redis.aclose()

    async def page(self, *, follow: bool) -> list[Delivery]:
        """The next events, in order; empty at the end, which is never reached when we follow."""
        while True:
            try:
                await self._fix_ends()
                rows = await self._merged()
                _heed_cancellation()
                if not rows:
                    if not follow:
                        return []
                    await self._wait()
            except TROUBLE as error:
                log.debug("Redis: %s", error)
                await asyncio.sleep(_PAUSE)
                await wait_ready_async(self._redis, log.warning)
                continue
            if found := [delivery for row in rows if (delivery := _read(*row))]:
                return found

    async def _fix_ends(self) -> None:
        """Note once where each stream ends now: ``$`` begins there, and without following we stop there."""
        for name in self._at.keys() - self._ends.keys():
            self._ends[name] = (await self._standing(name))[1]
            if self._at[name] == END:
                self._at[name] = self._ends[name]

    async def _merged(self) -> list[tuple[bytes, dict[bytes, bytes]]]:
        """What is there up to the noted ends, as far as the order across streams is certain."""
        for name, rows in self._rows.items():
            if not rows:
                found = await self._rows_behind(name)
                self._rows[name] = found
                if found:
                    self._at[name] = found[-1][0].decode()
        # Behind the last row of a full page there may be older rows than in the other streams.
        certain = min((_key(rows[-1]) for rows in self._rows.values() if rows), default=(0, 0))
        ready = [row for rows in self._rows.values() for row in rows if _key(row) <= certain]
        self._rows = {name: [row for row in rows if _key(row) > certain] for name, rows in self._rows.items()}
        return sorted(ready, key=_key)

    async def _rows_behind(self, name: str) -> list[tuple[bytes, dict[bytes, bytes]]]:
        """A page of what comes next in one stream: from the files what is no longer there."""
        at, end = self._at[name], self._ends[name]
        found: Any = await self._redis.xrange(name, min=f"({at}", max=end, count=_PAGE)
        rows: list[tuple[bytes, dict[bytes, bytes]]] = found
        if name not in self._replays or order(at) >= order(end):
            return rows
        # Asked for behind the rows: while what we read last, or something older, is there, nothing is missing.
        first, _ = await self._standing(name)
        if order(first) <= order(at):
            return rows
        before = min(first, successor(end), key=order)
        kept = await self._replays[name].page(at, before)
        if kept and kept[0].missing != 0:
            many = "an unknown number of" if kept[0].missing is None else kept[0].missing
            log.error("gap: %s event(s) of %s are missing after %s", many, name, at)
        return [(one.position.encode(), dict(one.fields)) for one in kept] or rows

    async def _standing(self, name: str) -> tuple[str, str]:
        """The position of the first entry there is (else of the next there will be), and of the last there ever was."""
        try:
            info: Any = await self._redis.xinfo_stream(name)
        except redis.ResponseError as error:
            if "no such key" in str(error):
                return "0-0", "0-0"
            raise
        last = info["last-generated-id"].decode()
        return info["recorded-first-entry-id"].decode() if info["length"] else successor(last), last

    async def _wait(self) -> None:
        """Wait until one of the streams has more, and note the new ends."""
        found: Any = await self._redis.xread(dict(self._at), count=_PAGE, block=int(LONGEST_BLOCK * 1000))
        for name, rows in found or ():
            self._ends[name.decode()] = rows[-1][0].decode()


def _heed_cancellation() -> None:
    """Raise a cancellation that was swallowed.

    redis-py looks whether a connection is alive under ``asyncio.timeout(0)``; on Python 3.11 that takes a cancellation
    which was asked for just before for its own, and makes a TimeoutError of it (measured: Ctrl-C behind the first
    entry was lost three times in six).
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _key(row: tuple[bytes, dict[bytes, bytes]]) -> tuple[int, int]:
    return order(row[0].decode())


def _read(entry: bytes, fields: dict[bytes, bytes]) -> Delivery | None:
    try:
        return Delivery.read(entry.decode(), fields, 0)
    except (KeyError, ValueError) as error:
        log.warning("entry %s is no event: %s", entry.decode(), error)
        return None
