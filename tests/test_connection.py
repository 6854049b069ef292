"""Connecting to Redis: waiting when waiting helps, a clear word at once when it does not."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import threading
import time
from typing import TYPE_CHECKING

import pytest
import redis
from waiting import until

from wireroom.adapters.binary import server_binary
from wireroom.adapters.connection import (
    LONGEST_BLOCK,
    SOCKET_TIMEOUT,
    capabilities,
    capabilities_async,
    connect,
    connect_async,
    wait_ready,
    wait_ready_async,
)
from wireroom.adapters.embedded import EmbeddedServer
from wireroom.errors import SettingsError, StoreError, StoreUnavailable
from wireroom.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wireroom.adapters.embedded import Endpoint


def settings(url: str, **more: str) -> Settings:
    return Settings.model_validate({"redis_url": url, **more})


def silence(_: str) -> None:
    pass


def without_password(url: str) -> str:
    return "redis://" + url.rpartition("@")[2]


@pytest.fixture
def restored(redis_client: redis.Redis) -> Iterator[redis.Redis]:
    """A client whose changes to the server's policy and users are taken back."""
    yield redis_client
    redis_client.config_set("maxmemory-policy", "noeviction")
    redis_client.acl_deluser("limited")


def test_a_password_may_stand_in_the_url_or_beside_it(redis_url: str):
    password = redis_url.partition("://default:")[2].partition("@")[0]
    beside = settings(without_password(redis_url), redis_password=password)
    assert connect(settings(redis_url)).ping()
    assert connect(beside).ping()


def test_the_unix_socket_works_as_well(redis_server: Endpoint):
    assert redis_server.socket_url is not None
    with connect(settings(redis_server.socket_url)) as client:
        assert client.ping()


def test_values_come_as_bytes_and_streams_as_lists(redis_url: str):
    with connect(settings(redis_url)) as client:
        client.xadd("s", {"a": "1"}, id="1-1")
        assert client.xread({"s": "0"}) == [[b"s", [(b"1-1", {b"a": b"1"})]]]


async def test_the_async_client_works_the_same(redis_url: str):
    async with connect_async(settings(redis_url)) as client:
        await client.set("a", "1")
        assert await client.get("a") == b"1"
        found = await wait_ready_async(client, silence, 5)
        assert found == await capabilities_async(client)


def test_blocking_calls_end_before_the_connection_is_given_up(redis_url: str):
    with connect(settings(redis_url)) as client:
        assert client.connection_pool.connection_kwargs["socket_timeout"] == SOCKET_TIMEOUT
    assert LONGEST_BLOCK < SOCKET_TIMEOUT


def test_capabilities_are_asked_of_the_server(redis_client: redis.Redis):
    found = capabilities(redis_client)
    assert {"FUNCTION", "FCALL", "XAUTOCLAIM"} <= found.commands
    assert found.server in {"redis", "valkey"}
    assert found.version[0].isdigit()
    has = redis_client.execute_command("COMMAND INFO", "XACKDEL")[0] is not None
    assert ("XACKDEL" in found.commands) == has


@pytest.mark.parametrize("url", ["redis://h:port/0", "ftp://h"])
def test_an_address_that_is_none_names_the_setting_and_shows_no_password(url: str):
    unchecked = Settings.model_construct(redis_url=url.replace("//h", "//:secret@h"), redis_password=None)
    with pytest.raises(SettingsError, match="redis_url") as caught:
        connect(unchecked)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("user", "words"),
    [("", "wants a password"), (":wrong@", "refuses the user"), ("nobody:wrong@", "refuses the user")],
)
def test_a_wrong_password_is_an_error_at_once(redis_url: str, user: str, words: str):
    url = without_password(redis_url).replace("://", f"://{user}")
    said: list[str] = []
    with connect(settings(url)) as client, pytest.raises(StoreError, match=words) as caught:
        wait_ready(client, said.append)
    assert not isinstance(caught.value, StoreUnavailable)
    assert said == []
    begun = time.monotonic()
    with connect(settings(url)) as client, pytest.raises(redis.AuthenticationError):
        client.ping()
    assert time.monotonic() - begun < 1  # the retries, of which there are some seconds, are not spent on it


async def test_a_wrong_password_is_an_error_at_once_for_the_async_client(redis_url: str):
    url = without_password(redis_url).replace("://", "://:wrong@")
    async with connect_async(settings(url)) as client:
        with pytest.raises(StoreError, match="refuses the user"):
            await wait_ready_async(client, silence)
        with pytest.raises(redis.AuthenticationError):
            async with asyncio.timeout(1):
                await client.ping()


def test_a_password_that_nobody_wants_is_an_error(tmp_path: Path):
    path = tmp_path / "r.sock"
    server = subprocess.Popen(
        [server_binary(), "--port", "0", "--unixsocket", path, "--dir", tmp_path, "--save", ""],
        stdout=subprocess.DEVNULL,
    )
    until(path.exists)
    with (
        connect(settings(f"unix://{path}", redis_password="unwanted")) as client,
        pytest.raises(StoreError, match="has no password"),
    ):
        wait_ready(client, silence, 5)
    server.terminate()
    assert server.wait(10) == 0


def test_a_redis_that_is_not_there_is_waited_for_and_said_so_once(tmp_path: Path):
    with EmbeddedServer(tmp_path) as server:
        url = server.endpoint.url
    said: list[str] = []
    found = []
    with connect(settings(url)) as client:
        waiter = threading.Thread(target=lambda: found.append(wait_ready(client, said.append, 30)))
        waiter.start()
        until(lambda: said)
        with EmbeddedServer(tmp_path):
            waiter.join()
    assert found
    assert [text.partition(":")[0] for text in said] == ["waiting for Redis", "Redis is ready"]


async def test_waiting_ends_at_the_deadline():
    with socket.socket() as held:  # bound but not listening: refused, and nobody else can take it
        held.bind(("127.0.0.1", 0))
        url = f"redis://127.0.0.1:{held.getsockname()[1]}"
        with connect(settings(url)) as client, pytest.raises(StoreUnavailable, match="refused"):
            wait_ready(client, silence, 0.3)
        async with connect_async(settings(url)) as client:
            with pytest.raises(StoreUnavailable, match="does not answer"):
                await wait_ready_async(client, silence, 0.3)


def test_a_loading_server_is_waited_for(tmp_path: Path):
    with EmbeddedServer(tmp_path) as server:
        url = server.endpoint.url
        with connect(settings(url)) as client:
            pipe = client.pipeline(transaction=False)
            for n in range(2000):
                pipe.set(f"k{n}", n)
            pipe.execute()
    config = tmp_path / "redis.conf"
    config.write_text(
        config.read_text() + "key-load-delay 1000\nloading-process-events-interval-bytes 1024\n"
    )
    process = subprocess.Popen([server_binary(), config], stdout=subprocess.DEVNULL, cwd=tmp_path)
    said: list[str] = []
    with connect(settings(url)) as client:
        wait_ready(client, said.append, 60)
        assert client.dbsize() == 2000
    process.terminate()
    process.wait(10)
    assert said


@pytest.mark.parametrize("policy", ["allkeys-lru", "volatile-ttl"])
def test_an_evicting_server_is_refused(restored: redis.Redis, redis_url: str, policy: str):
    restored.config_set("maxmemory-policy", policy)
    with connect(settings(redis_url)) as client, pytest.raises(StoreError, match="noeviction") as caught:
        wait_ready(client, silence)
    assert policy in str(caught.value)


def limited(client: redis.Redis, url: str, *forbidden: str) -> str:
    """The URL of a user who may do everything but some commands, as managed servers have it."""
    client.execute_command(
        "ACL SETUSER", "limited", "on", ">pass", "~*", "&*", "+@all", *(f"-{c}" for c in forbidden)
    )
    return without_password(url).replace("://", "://limited:pass@")


def test_a_server_that_forbids_config_is_taken(restored: redis.Redis, redis_url: str):
    url = limited(restored, redis_url, "config")
    said: list[str] = []
    with connect(settings(url)) as client:
        wait_ready(client, said.append, 5)
    assert said == []  # INFO tells the policy too


def test_a_server_that_forbids_info_is_taken_with_a_warning(restored: redis.Redis, redis_url: str):
    url = limited(restored, redis_url, "config", "info", "command")
    said: list[str] = []
    with connect(settings(url)) as client:
        found = wait_ready(client, said.append, 5)
    assert found.server == "unknown"
    assert [word for word in ("policy", "not checked") if word not in said[0]] == []


def test_a_read_only_replica_is_waited_for(restored: redis.Redis, redis_url: str):
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        restored.replicaof("127.0.0.1", held.getsockname()[1])
        try:
            with connect(settings(redis_url)) as client, pytest.raises(StoreUnavailable, match="replica"):
                wait_ready(client, silence, 0.2)
        finally:
            restored.replicaof("NO", "ONE")


def test_a_restart_of_the_server_is_ridden_through(tmp_path: Path):
    with EmbeddedServer(tmp_path) as server, connect(settings(server.endpoint.url)) as client:
        client.set("a", "1")
        server.stop()
        answers: list[object] = []
        asking = threading.Thread(target=lambda: answers.append(client.get("a")))
        asking.start()
        server.start()
        asking.join()
        assert answers == [b"1"]
