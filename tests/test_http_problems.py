"""Answers that are no success: each a problem that says what to do, whatever is wrong."""

from __future__ import annotations

import asyncio
import gzip
import time
from typing import TYPE_CHECKING

import pytest
from httpworld import check_problem, raw, serving
from waiting import until_async

from wireroom.adapters.embedded import EmbeddedServer
from wireroom.adapters.http.shared import SHARED, Limits

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from httpworld import Api

PLAIN = {"Content-Type": "text/plain"}
DOCUMENT = {"documents": [{"name": "a.txt", "text": "Something happened."}]}


async def test_an_unknown_path_and_a_wrong_method_are_problems(redis_url: str):
    async with serving(redis_url) as api:
        async with api.client.get("/v1/nothing") as answer:
            assert answer.content_type == "application/problem+json"
            check_problem(await answer.json(content_type=None), 404, "not_found")
        for method, path, allowed in (
            ("DELETE", "/v1/documents", {"GET", "HEAD", "POST"}),
            ("POST", "/v1/stats", {"GET", "HEAD"}),
            ("GET", "/v1/recrawls", {"POST"}),
            ("OPTIONS", "/v1/recrawls", {"POST"}),
            ("PATCH", "/v1/stats", {"GET", "HEAD"}),
        ):
            async with api.client.request(method, path) as answer:
                assert set(answer.headers["Allow"].split(", ")) == allowed
                check_problem(await answer.json(content_type=None), 405, "method_not_allowed")


async def test_a_path_of_no_text_is_a_problem(redis_url: str):
    async with serving(redis_url) as api:
        for path in (
            b"/v1/documents/%ff%fe",
            b"/%00",
            b"/v1/batches/%ff",
            b"/v1/batches/%0a",
            b"/v1/stories/%2e%2e",
        ):
            answer = await raw(api, b"GET " + path + b" HTTP/1.1", b"Host: localhost")
            assert answer.startswith(b"HTTP/1.1 404 "), path
            assert b"application/problem+json" in answer


async def test_head_answers_as_get_without_a_body(redis_url: str):
    async with serving(redis_url) as api:
        for path in (
            "/v1/stats",
            "/v1/documents",
            "/healthz",
            "/",
            "/openapi.json",
            "/metrics",
            "/v1/events",
        ):
            async with api.client.head(path) as head:
                assert (head.status, await head.read()) == (200, b""), path
                if path != "/v1/events":
                    async with api.client.get(path) as whole:
                        assert head.content_type == whole.content_type
        async with api.client.head("/v1/documents/x") as head:
            assert (head.status, await head.read()) == (404, b"")


async def test_every_answer_says_what_a_browser_may_do_with_it(redis_url: str):
    async with serving(redis_url) as api:
        for path in ("/v1/stats", "/nothing", "/", "/metrics", "/healthz"):
            async with api.client.get(path) as answer:
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
                assert answer.headers["Referrer-Policy"] == "no-referrer"
                assert "Access-Control-Allow-Origin" not in answer.headers


# --- Redis gone, and full ---


async def test_without_redis_a_problem_says_when_to_come_again(tmp_path: Path):
    server = EmbeddedServer(tmp_path, appendfsync="no")
    async with serving(server.start().url) as api:
        assert (await api.get("/readyz"))["status"] == "ready"
        server.stop()
        await until_async(lambda: _answers(api, "/v1/stats", 503))
        for method, path in (
            ("GET", "/v1/stats"),
            ("GET", "/v1/events"),
            ("GET", "/readyz"),
            ("POST", "/v1/documents"),
        ):
            began = time.monotonic()
            async with api.client.request(
                method, path, json=DOCUMENT if method == "POST" else None
            ) as answer:
                assert answer.status == 503, path
                assert int(answer.headers["Retry-After"]) > 0
                check_problem(await answer.json(content_type=None), 503, "store_unavailable")
            assert time.monotonic() - began < 10
        for path in ("/healthz", "/", "/docs", "/openapi.json"):
            await api.get(path)
        assert "wireroom_redis_up 0.0" in await api.get("/metrics")
        server.start()
        await until_async(lambda: _answers(api, "/v1/stats", 200))
        await api.post("/v1/documents", 202, json=DOCUMENT)
    server.stop()


async def _answers(api: Api, path: str, status: int) -> bool:
    async with api.client.get(path) as answer:
        return answer.status == status


async def test_near_its_budget_nothing_more_is_taken_in_and_everything_is_told(redis_url: str):
    async with serving(redis_url, memory_budget=1000) as api:
        for path in ("/v1/documents", "/v1/recrawls", "/v1/dead/retry"):
            async with api.client.post(path, json=DOCUMENT) as answer:
                assert int(answer.headers["Retry-After"]) > 0
                check_problem(await answer.json(content_type=None), 503, "store_full")
        stats = await api.get("/v1/stats")
        assert stats["accepted"] == 0
        assert stats["memory"]["used"] > stats["memory"]["budget"] == 1000


async def test_a_full_store_refuses_whole(tmp_path: Path):
    server = EmbeddedServer(tmp_path, appendfsync="no")
    async with serving(server.start().url, memory_budget=10**12) as api:
        await api.get("/v1/stats")
        api.world.redis.config_set("maxmemory", api.world.redis.info("memory")["used_memory"] // 2)
        async with api.client.post("/v1/documents", json=DOCUMENT) as answer:
            assert int(answer.headers["Retry-After"]) > 0
            check_problem(await answer.json(content_type=None), 503, "store_full")
        assert (await api.get("/v1/stats"))["accepted"] == 0
        api.world.redis.config_set("maxmemory", 0)
        await api.post("/v1/documents", 202, json=DOCUMENT)
        assert (await api.get("/v1/stats"))["accepted"] == 1
    server.stop()


# --- crowds ---


async def test_bodies_that_find_no_room_are_told_to_come_again(redis_url: str):
    gate = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b"x" * 1500
        await gate.wait()
        yield b"y"

    async with serving(redis_url, Limits(bodies=2), max_body=2000) as api:
        own = api.client.server.app[SHARED]
        held = [
            asyncio.create_task(api.post("/v1/documents", 202, data=slow(), headers=PLAIN)) for _ in range(2)
        ]
        await until_async(lambda: own.bytes_here == 3000)
        async with api.client.post("/v1/documents", data=b"z" * 1600, headers=PLAIN) as answer:
            assert int(answer.headers["Retry-After"]) > 0
            check_problem(await answer.json(content_type=None), 503, "too_busy")
        gate.set()
        await asyncio.gather(*held)
        assert own.bytes_here == 0
        await api.post("/v1/documents", 202, data=b"z" * 1600, headers=PLAIN)


@pytest.mark.parametrize(
    ("coding", "status"),
    [("gzip", 202), ("GZIP", 202), ("identity", 202), ("gzip, gzip", 415), ("compress", 415), ("x", 415)],
)
async def test_a_body_is_never_taken_in_encoded(redis_url: str, coding: str, status: int):
    async with serving(redis_url) as api:
        body = b"Something happened."
        for name in coding.lower().split(", "):
            body = gzip.compress(body) if name == "gzip" else body
        headers = PLAIN | {"Content-Encoding": coding}
        answer = await api.post("/v1/documents", status, data=body, headers=headers)
        if status == 202:
            plain = await api.post("/v1/documents", 202, data=b"Something happened.", headers=PLAIN)
            assert answer["accepted"][0]["id"] == plain["accepted"][0]["id"]
        else:
            check_problem(answer, 415, "unsupported_type")
        wrong = await raw(
            api,
            b"POST /v1/documents HTTP/1.1",
            b"Host: localhost",
            b"Content-Type: text/plain",
            b"Content-Encoding: gzip",
            b"Content-Length: 3",
            body=b"abc",
        )
        assert wrong.startswith(b"HTTP/1.1 400 ")
        assert b"urn:wireroom:problem:invalid_request" in wrong


async def test_a_small_body_may_not_become_a_large_one(redis_url: str):
    async with serving(redis_url, max_body=100_000) as api:
        headers = PLAIN | {"Content-Encoding": "gzip"}
        problem = await api.post("/v1/documents", 413, data=gzip.compress(b"x" * 20_000_000), headers=headers)
        check_problem(problem, 413, "too_large")


async def test_a_body_that_does_not_arrive_is_given_up(redis_url: str):
    async with serving(redis_url, Limits(arrival=0.2)) as api:
        reader, writer = await asyncio.open_connection(api.client.host, api.client.port)
        writer.write(b"POST /v1/recrawls HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n{")
        answer = await reader.readuntil(b"\r\n\r\n") + await reader.read(4096)
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b"urn:wireroom:problem:request_timeout" in answer
        writer.close()
        await writer.wait_closed()
