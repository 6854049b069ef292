"""What is no HTTP, and what fails below the application: a problem all the same, and one line in the log."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aiohttp
import orjson
import pytest
from aiohttp import web
from httpworld import check_problem, said
from structlog.testing import capture_logs
from workshop import make_world

from wireroom.adapters.http.malformed import Runner
from wireroom.adapters.http.server import HttpServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@asynccontextmanager
async def listening(redis_url: str) -> AsyncIterator[tuple[str, int]]:
    """The API as it is served; where it listens."""
    world = make_world(redis_url, port=0)
    server = HttpServer(world)
    parts = urlsplit(await server.start())
    assert parts.hostname is not None
    assert parts.port is not None
    try:
        yield parts.hostname, parts.port
    finally:
        await server.close()
        world.redis.close()


NO_HTTP = {
    "no request": ((b"nonsense",), ""),
    "another protocol": ((b"EHLO mail.example",), ""),
    "encrypted": ((b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",), "it is encrypted"),
    "no length": ((b"GET / HTTP/1.1", b"Host: localhost", b"Content-Length: x"), "Content-Length"),
    "two lengths": ((b"GET / HTTP/1.1", b"Host: localhost", b"Content-Length: 1", b"Content-Length: 2"), ""),
    "a long header": ((b"GET / HTTP/1.1", b"Host: localhost", b"X: " + b"x" * 20_000), "too long"),
    "a long line": ((b"GET /" + b"x" * 50_000 + b" HTTP/1.1", b"Host: localhost"), "too long"),
    "a header of two lines": ((b"GET / HTTP/1.1", b"Host: localhost", b"X: a", b" b\x00"), ""),
    "no version": ((b"GET / HTTP/x.y", b"Host: localhost"), ""),
}


@pytest.mark.parametrize("name", NO_HTTP)
async def test_what_is_no_http_is_a_problem_and_one_line_in_the_log(redis_url: str, name: str):
    lines, words = NO_HTTP[name]
    async with listening(redis_url) as (host, port):
        with capture_logs() as logs:
            head, _, body = (await said(host, port, *lines)).partition(b"\r\n\r\n")
        assert head.startswith((b"HTTP/1.0 400 ", b"HTTP/1.1 400 "))
        for header in (b"application/problem+json", b"nosniff", b"default-src 'none'"):
            assert header in head
        problem = orjson.loads(body)
        check_problem(problem, 400, "invalid_request")
        assert words in problem["detail"]
        assert len(problem["detail"]) < 250
        assert "\n" not in problem["detail"]
        (line,) = logs
        assert (line["event"], line["log_level"]) == ("a request that cannot be read", "info")
        assert "exc_info" not in line
        async with aiohttp.ClientSession() as session, session.get(f"http://{host}:{port}/healthz") as alive:
            assert alive.status == 200


@pytest.mark.parametrize(("coding", "status"), [("gzip", 400), ("br", 415)])
async def test_a_body_that_cannot_be_unpacked_leaves_no_traceback(
    redis_url: str, coding: str, status: int, caplog: pytest.LogCaptureFixture
):
    with capture_logs() as logs:
        async with listening(redis_url) as (host, port), aiohttp.ClientSession() as session:
            headers = {"Content-Type": "text/plain", "Content-Encoding": coding}
            address = f"http://{host}:{port}/v1/documents"
            async with session.post(address, data=b"not packed at all", headers=headers) as answer:
                assert answer.status == status
    assert ("a body that cannot be read", "info") in [(line["event"], line["log_level"]) for line in logs]
    assert not [record for record in caplog.records if record.exc_info]


async def test_what_comes_after_a_good_request_is_answered_too(redis_url: str):
    async with listening(redis_url) as (host, port):
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert (await reader.readuntil(b'"alive"}')).startswith(b"HTTP/1.1 200 ")
        writer.write(b"nonsense\r\n\r\n")
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
    assert answer.startswith((b"HTTP/1.0 400 ", b"HTTP/1.1 400 "))
    assert b"urn:wireroom:problem:invalid_request" in answer


async def test_an_unknown_expectation_is_a_problem_and_the_known_one_is_met(redis_url: str):
    start = (
        b"POST /v1/documents HTTP/1.1",
        b"Host: localhost",
        b"Content-Type: text/plain",
        b"Content-Length: 3",
    )
    async with listening(redis_url) as (host, port):
        head, _, body = (await said(host, port, *start, b"Expect: tea", body=b"abc")).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 417 ")
        assert b"nosniff" in head
        check_problem(orjson.loads(body), 417, "expectation_failed")
        met = await said(host, port, *start, b"Expect: 100-Continue", body=b"abc")
        assert met.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 ")


async def test_what_fails_around_the_application_is_a_problem_with_its_traceback_in_the_log_alone():
    async def broken(_: web.Request) -> web.StreamResponse:
        raise LookupError("a secret")

    app = web.Application()
    app.router.add_get("/", broken)
    runner = Runner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        with capture_logs() as logs:
            answer = await said(*runner.addresses[0], b"GET / HTTP/1.1", b"Host: localhost")
    finally:
        await runner.cleanup()
    assert answer.startswith(b"HTTP/1.1 500 ")
    assert b"secret" not in answer
    check_problem(orjson.loads(answer.partition(b"\r\n\r\n")[2]), 500, "internal_error")
    (line,) = logs
    assert isinstance(line["exc_info"], LookupError)
