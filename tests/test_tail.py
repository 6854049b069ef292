"""Following streams without a group."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import redis
from events_sample import STREAM, add, number
from waiting import until_async

from wireroom.adapters.embedded import EmbeddedServer
from wireroom.adapters.tail import tail
from wireroom.events import Type

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from wireroom.subscribing import Delivery


async def all_of(events: AsyncIterator[Delivery]) -> list[int]:
    return [number(delivery) async for delivery in events]


async def test_tail_gives_what_is_there_and_ends(redis_url: str, redis_client: redis.Redis):
    add(redis_client, *range(1, 251))
    assert await all_of(tail(redis_url=redis_url)) == [*range(1, 251)]
    assert await all_of(tail(redis_url=redis_url, since="240")) == [*range(241, 251)]
    assert await all_of(tail(["stories"], redis_url=redis_url)) == []


async def test_tail_merges_streams_in_the_order_they_were_written(redis_url: str, redis_client: redis.Redis):
    for n in range(1, 601):
        add(redis_client, n, kind=Type.FETCH_FAILED if n % 3 else Type.DOCUMENT_CREATED)
    assert await all_of(tail(["documents", "fetches"], redis_url=redis_url)) == [*range(1, 601)]
    only = tail(["documents", "fetches"], redis_url=redis_url, types=["document.created"])
    assert await all_of(only) == [*range(3, 601, 3)]


async def test_tail_follows(redis_url: str, redis_client: redis.Redis):
    add(redis_client, 1, 2)
    events = tail(["documents", "stories"], redis_url=redis_url, since="1", follow=True)
    async with contextlib.aclosing(events), asyncio.timeout(20):
        assert number(await anext(events)) == 2
        waiting = asyncio.ensure_future(anext(events))
        await until_async(lambda: redis_client.info("clients")["blocked_clients"])
        redis_client.xadd(STREAM, {"no": "event"}, id="3-0")
        add(redis_client, 4, kind=Type.STORY_CREATED)
        assert number(await waiting) == 4


async def test_tail_outlives_redis(tmp_path: Path):
    server = EmbeddedServer(tmp_path / "redis")
    url = server.start().url
    events = tail(redis_url=url, follow=True, since="0")
    async with contextlib.aclosing(events), asyncio.timeout(30):
        with redis.Redis.from_url(url, protocol=2) as client:
            add(client, 1)
        assert number(await anext(events)) == 1
        waiting = asyncio.ensure_future(anext(events))
        server.stop()
        server.start()
        with redis.Redis.from_url(url, protocol=2) as client:
            add(client, 2)
        assert number(await waiting) == 2
    server.stop()
