"""Who may ask, and where it listens."""

from __future__ import annotations

import asyncio
import socket
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from httpworld import check_problem, raw, serving
from waiting import until_async
from yarl import URL

from wireroom.adapters.http.access import OPEN
from wireroom.adapters.http.app import ROUTES
from wireroom.errors import AddressInUse, SettingsError
from wireroom.records import CrawlRequest
from wireroom.services import api as api_service
from wireroom.settings import Settings
from wireroom.urls import LONGEST
from wireroom.world import World

TOKEN = "a long röndom text"
DOCUMENT = {"documents": [{"name": "a.txt", "text": "Something happened."}]}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


# --- the token ---


async def test_every_call_but_those_of_health_needs_the_token(redis_url: str):
    async with serving(redis_url, api_token=TOKEN) as api:
        for route in ROUTES:
            path = route.path.replace("{id}", "0" * 16)
            async with api.client.request(route.method, path) as answer:
                if route.path in OPEN:
                    assert answer.status == 200, route.path
                    continue
                assert answer.status == 401, route.path
                assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
                assert answer.content_type == "application/problem+json"
                check_problem(await answer.json(content_type=None), 401, "unauthorized")
        assert {route.path for route in ROUTES} >= OPEN == {"/healthz", "/readyz"}


@pytest.mark.parametrize("path", ["/nothing", "/v1/", "//healthz", "/healthz/", "/v1/../healthz"])
async def test_a_path_that_is_none_of_ours_needs_the_token_too(redis_url: str, path: str):
    async with serving(redis_url, api_token=TOKEN) as api:
        answer = await raw(api, b"GET %b HTTP/1.1" % path.encode(), b"Host: localhost")
        assert answer.startswith(b"HTTP/1.1 401 ")


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (b"Bearer a long r\xc3\xb6ndom text", 200),
        (b"bearer  a long r\xc3\xb6ndom text ", 200),
        (b"Bearer a long r\xf6ndom text", 401),
        (b"Bearer a long r", 401),
        (b"Bearer \xff\xfe", 401),
        (b"Bearer", 401),
        (b"Bearer ", 401),
        (b"", 401),
        (b"Basic a long r\xc3\xb6ndom text", 401),
        (b"a long r\xc3\xb6ndom text", 401),
    ],
)
async def test_a_token_is_compared_by_its_bytes(redis_url: str, given: bytes, status: int):
    async with serving(redis_url, api_token=TOKEN) as api:
        answer = await raw(api, b"GET /v1/stats HTTP/1.1", b"Host: localhost", b"Authorization: " + given)
        assert answer.startswith(b"HTTP/1.1 %d " % status)


async def test_nothing_is_taken_in_without_the_token(redis_url: str):
    async with serving(redis_url, api_token=TOKEN) as api:
        await api.post("/v1/documents", 401, json=DOCUMENT)
        await api.post("/v1/documents", 401, json=DOCUMENT, headers={"Idempotency-Key": "k"})
        assert api.world.redis.dbsize() == 0
        await api.post("/v1/documents", 202, json=DOCUMENT, headers=bearer(TOKEN))


async def test_a_browser_without_the_token_gets_the_page_that_asks_for_it(redis_url: str):
    async with serving(redis_url, api_token=TOKEN) as api:
        for path in ("/", "/docs"):
            async with api.client.get(path, headers={"Accept": "text/html"}) as answer:
                assert (answer.status, answer.content_type) == (401, "text/html")
                assert "Bearer" in answer.headers["WWW-Authenticate"]
        await api.get("/v1/stats", 401, headers={"Accept": "text/html"})


# --- without a token ---


@pytest.mark.parametrize(
    ("host", "status"),
    [
        (b"localhost", 200),
        (b"LOCALHOST.:8600", 200),
        (b"127.0.0.1:1", 200),
        (b"127.1.2.3", 200),
        (b"[::1]:8600", 200),
        (b"news.example", 403),
        (b"localhost.news.example", 403),
        (b"127.0.0.1.news.example", 403),
        (b"localhost@news.example", 403),
        (b"192.0.2.7:8600", 403),
        (b"0.0.0.0", 403),
        (b"", 403),
        (b"[", 403),
        (b"caf\xe9", 403),
    ],
)
async def test_without_a_token_only_a_name_of_this_machine_is_served(
    redis_url: str, host: bytes, status: int
):
    async with serving(redis_url) as api:
        answer = await raw(api, b"GET /v1/stats HTTP/1.1", b"Host: " + host)
        assert answer.startswith(b"HTTP/1.1 %d " % status)
        assert (await raw(api, b"GET /healthz HTTP/1.1", b"Host: " + host)).startswith(b"HTTP/1.1 200 ")


async def test_with_a_token_any_name_is_served(redis_url: str):
    async with serving(redis_url, api_token=TOKEN) as api:
        headers = bearer(TOKEN) | {"Host": "news.example", "Origin": "http://elsewhere.example"}
        await api.post("/v1/documents", 202, json=DOCUMENT, headers=headers)


async def test_a_page_from_elsewhere_may_not_write(redis_url: str):
    async with serving(redis_url) as api:
        own = f"http://{api.client.host}:{api.client.port}"
        for origin in ("http://news.example", "null", f"http://{api.client.host}:1", "http://localhost"):
            problem = await api.post("/v1/documents", 403, json=DOCUMENT, headers={"Origin": origin})
            check_problem(problem, 403, "forbidden")
        assert (await api.get("/v1/stats", headers={"Origin": "http://news.example"}))["accepted"] == 0
        await api.post("/v1/documents", 202, json=DOCUMENT, headers={"Origin": own})


# --- where it listens ---


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.0.2.1", "news.example"])
def test_an_address_others_reach_is_not_served_without_a_token(redis_url: str, host: str):
    with pytest.raises(SettingsError) as refused:
        World(Settings(redis_url=redis_url, host=host)).http_app()
    assert refused.value.key == "host"
    assert "WIREROOM_API_TOKEN" in str(refused.value)


def test_an_empty_token_is_none(redis_url: str):
    with pytest.raises(SettingsError) as refused:
        World(Settings(redis_url=redis_url, host="0.0.0.0", api_token=" ")).http_app()
    assert refused.value.key == "api_token"


@pytest.mark.parametrize(
    "settings", [{"host": "127.0.0.1"}, {"host": "localhost"}, {"host": "0.0.0.0", "api_token": TOKEN}]
)
async def test_the_service_serves_until_it_is_told_to_stop(redis_url: str, settings: dict[str, Any]):
    world, stop, urls = World(Settings(redis_url=redis_url, port=0, **settings)), asyncio.Event(), []
    running = asyncio.create_task(api_service.run(world, stop, urls.append))
    url = await until_async(lambda: urls and urls[0])
    async with aiohttp.ClientSession(headers=bearer(TOKEN)) as session:
        async with session.get(f"{url}/v1/stats") as answer:
            assert answer.status == 200
        stop.set()
        await asyncio.wait_for(running, 10)
        with pytest.raises(aiohttp.ClientConnectionError):
            await session.get(f"{url}/healthz")
    world.redis.close()


async def test_the_longest_address_can_be_asked_for(redis_url: str):
    world = World(Settings(redis_url=redis_url, port=0))
    server = world.http_app()
    address = "http://larnevale.example/?" + "&" * (LONGEST - 26)
    world.ledger.accept("b", [], [CrawlRequest(address)])
    async with aiohttp.ClientSession(await server.start()) as session:
        path = URL(f"/v1/urls?url={quote(address, safe='')}", encoded=True)
        async with session.get(path) as answer:
            assert (answer.status, (await answer.json())["url"]) == (200, address)
    await server.close()
    world.redis.close()


async def test_a_taken_port_is_told(redis_url: str):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        world = World(Settings(redis_url=redis_url, port=taken.getsockname()[1]))
        with pytest.raises(AddressInUse, match="WIREROOM_PORT"):
            await api_service.run(world, asyncio.Event(), lambda _: pytest.fail("it is not ready"))


async def test_an_address_of_another_machine_is_told(redis_url: str):
    world = World(Settings(redis_url=redis_url, host="192.0.2.1", port=0, api_token=TOKEN))
    with pytest.raises(SettingsError, match=r"192\.0\.2\.1"):
        await api_service.run(world, asyncio.Event(), lambda _: pytest.fail("it is not ready"))
