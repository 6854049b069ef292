"""Fixtures for all tests: one real server a session, empty at the start of each test that asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
import redis
import redis.asyncio

from wireroom.adapters.embedded import EmbeddedServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from wireroom.adapters.embedded import Endpoint


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """A running server: one a session, or one a worker of pytest-xdist."""
    server = EmbeddedServer(tmp_path_factory.mktemp("redis"), appendfsync="no")
    yield server.start()
    server.stop()


@pytest.fixture
def redis_url(redis_server: Endpoint) -> str:
    """The URL of a server that holds nothing: no keys in any database, no functions."""
    with redis.Redis.from_url(redis_server.url, protocol=2) as client:
        client.flushall()
        client.function_flush()
    return redis_server.url


@pytest.fixture
def redis_client(redis_url: str) -> Iterator[redis.Redis]:
    """A client of the empty server; values come as bytes."""
    with redis.Redis.from_url(redis_url, protocol=2) as client:
        yield client


@pytest_asyncio.fixture
async def async_redis(redis_url: str) -> AsyncIterator[redis.asyncio.Redis]:
    """An asyncio client of the empty server; values come as bytes."""
    client = redis.asyncio.Redis.from_url(redis_url, protocol=2)
    yield client
    await client.aclose()
