"""Idempotency-Key: the same key and body give the same answer, and nothing is taken in twice."""

from __future__ import annotations

import asyncio
import io
import time
from typing import TYPE_CHECKING, Any

import aiohttp
import orjson
import pytest
from httpworld import serving
from structlog.testing import capture_logs
from workshop import lease, make_world

from wireroom.adapters.http.app import ROUTES
from wireroom.adapters.http.idempotency import HELD, KEPT, _claim, _write
from wireroom.adapters.http.shared import Limits
from wireroom.adapters.ids import now_ms
from wireroom.errors import FetchError, Reason
from wireroom.events import FetchOutcome, Stream
from wireroom.records import CrawlRequest
from wireroom.sources import source

if TYPE_CHECKING:
    from httpworld import Api

KEY = {"Idempotency-Key": "a key of mine"}
ONE = {"documents": [{"name": "a.txt", "text": "The ferry of Larne Vale sails again."}]}
OTHER = {"documents": [{"name": "a.txt", "text": "The ferry of Larne Vale stays in."}]}


async def asked(
    api: Api, path: str, headers: dict[str, str] = KEY, **options: Any
) -> tuple[int, str | None, bytes, bool]:
    """Status, location and bytes of an answer, and whether it says it was given before."""
    async with api.client.post(path, headers=headers, **options) as answer:
        again = answer.headers.get("Idempotency-Replayed") == "true"
        return answer.status, answer.headers.get("Location"), await answer.read(), again


async def accepted(api: Api) -> int:
    return int((await api.get("/v1/stats"))["accepted"])


def give_up_one(redis_url: str) -> str:
    """A crawl that is given up; the id of its dead letter."""
    world = make_world(redis_url, fetch_tries=1)
    world.ledger.open_batch("b", "a test")
    world.ledger.accept("b", [], [CrawlRequest("http://larnevale.example/gone")])
    (crawl,) = lease(world)
    error = FetchError(Reason.TIMEOUT, "it took too long")
    assert world.frontier.failed(crawl, FetchOutcome(crawl.url), error).done
    letter = world.streams.last(Stream.DEAD)
    world.redis.close()
    return letter


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/documents", ONE),
        ("/v1/recrawls", {"urls": ["http://larnevale.example/1"]}),
        ("/v1/dead/retry", {"all": True}),
    ],
)
async def test_every_post_answers_the_same_again(redis_url: str, path: str, body: Any):
    give_up_one(redis_url)
    async with serving(redis_url) as api:
        first = await asked(api, path, json=body)
        assert (first[0], first[3]) == (202, False)
        assert first[1] == f"/v1/batches/{orjson.loads(first[2])['batch']}"
        units = await accepted(api)
        for _ in range(2):
            assert await asked(api, path, json=body) == (*first[:3], True)
        assert await accepted(api) == units == 2
        without = await asked(api, path, headers={}, json=body)
        assert without[2] != first[2]


def test_no_post_is_left_out():
    posts = {route.path for route in ROUTES if route.method == "POST"}
    assert posts == {"/v1/documents", "/v1/recrawls", "/v1/dead/retry", "/v1/sources/{id}/ask"}


async def test_asking_a_source_answers_the_same_again(redis_url: str):
    async with serving(redis_url, sources_feeds=(source("http://larnevale.example/rss"),)) as api:
        api.world.sources.sync()
        (one,) = (await api.get("/v1/sources"))["sources"]
        first = await asked(api, f"/v1/sources/{one['id']}/ask", json={})
        assert (first[0], first[3]) == (202, False)
        (poll,) = api.world.sources.lease(1)
        assert await asked(api, f"/v1/sources/{one['id']}/ask", json={}) == (*first[:3], True)
        assert poll.source.url == "http://larnevale.example/rss"
        assert api.world.sources.lease(1) == []


async def test_another_body_with_the_same_key_is_refused(redis_url: str):
    async with serving(redis_url) as api:
        await asked(api, "/v1/documents", json=ONE)
        text = {"Content-Type": "text/plain"}
        for options in (
            {"json": OTHER},
            {"data": b"", "headers": KEY | text},
            {"data": orjson.dumps(ONE), "headers": KEY | text},
            {"json": ONE, "params": {"name": "b.txt"}},
        ):
            status, _, answer, again = await asked(api, "/v1/documents", **options)
            assert (status, again) == (422, False)
            assert orjson.loads(answer)["type"] == "urn:wireroom:problem:idempotency_mismatch"
        assert await accepted(api) == 1


async def test_a_key_belongs_to_one_call(redis_url: str):
    async with serving(redis_url) as api:
        await asked(api, "/v1/documents", json=ONE)
        status, *_ = await asked(api, "/v1/recrawls", json={"urls": ["http://larnevale.example/1"]})
        assert status == 202
        assert (await asked(api, "/v1/documents", {"Idempotency-Key": "a key of min"}, json=OTHER))[0] == 202
        assert (await api.get("/v1/stats", headers=KEY))["accepted"] == 3


async def test_a_form_sent_again_has_another_boundary(redis_url: str):
    def form(text: bytes) -> aiohttp.FormData:
        made = aiohttp.FormData()
        made.add_field("file", io.BytesIO(text), filename="a.txt", content_type="text/plain")
        return made

    async with serving(redis_url) as api:
        first = await asked(api, "/v1/documents", data=form(b"A dam was mended."))
        assert await asked(api, "/v1/documents", data=form(b"A dam was mended.")) == (*first[:3], True)
        assert (await asked(api, "/v1/documents", data=form(b"A dam was broken.")))[0] == 422


async def test_the_same_request_at_the_same_time_is_taken_in_once(redis_url: str):
    async with serving(redis_url) as api:
        answers = await asyncio.gather(*(asked(api, "/v1/documents", json=ONE) for _ in range(12)))
        assert {answer[:3] for answer in answers} == {answers[0][:3]}
        assert answers[0][0] == 202
        assert sorted(answer[3] for answer in answers) == [False] + [True] * 11
        assert await accepted(api) == 1


async def test_two_bodies_at_the_same_time_with_one_key_are_one_and_a_fault(redis_url: str):
    async with serving(redis_url) as api:
        answers = await asyncio.gather(
            *(asked(api, "/v1/documents", json=body) for body in (ONE, OTHER, ONE, OTHER))
        )
        assert sorted(answer[0] for answer in answers) == [202, 202, 422, 422]
        assert await accepted(api) == 1


async def test_after_a_failure_of_ours_the_key_is_free(redis_url: str):
    async with serving(redis_url) as api:
        normalizing = api.world.keys.state("normalizing")
        api.world.redis.set(normalizing, "of another program")
        with capture_logs() as logged:
            status, _, answer, _ = await asked(api, "/v1/documents", json=ONE)
        assert status == 500
        assert [(line["log_level"], line["path"]) for line in logged] == [("error", "/v1/documents")]
        assert b"Traceback" not in answer
        api.world.redis.delete(normalizing)
        assert (await asked(api, "/v1/documents", json=OTHER))[0] == 202
        assert await accepted(api) == 1


async def test_what_was_wrong_is_wrong_again(redis_url: str):
    async with serving(redis_url) as api:
        first = await asked(api, "/v1/recrawls", json={"urls": ["http://[::1"]})
        assert (first[0], first[3]) == (422, False)
        assert await asked(api, "/v1/recrawls", json={"urls": ["http://[::1"]}) == (*first[:3], True)
        async with api.client.post("/v1/recrawls", headers=KEY, json={"urls": ["http://[::1"]}) as answer:
            assert answer.content_type == "application/problem+json"
        assert (await asked(api, "/v1/recrawls", json={"urls": ["http://larnevale.example/"]}))[0] == 422


async def test_a_request_under_way_is_waited_for_and_then_told(redis_url: str):
    async with serving(redis_url, Limits(in_progress=0.3)) as api:
        await asked(api, "/v1/documents", json=ONE)
        (place,) = api.world.redis.keys(api.world.keys.idempotency("*"))
        done = orjson.loads(api.world.redis.get(place))
        assert KEPT - 60_000 < api.world.redis.pttl(place) <= KEPT
        held = {name: done[name] for name in ("fingerprint", "batch", "holder")} | {
            "until": now_ms() + 60_000
        }
        api.world.redis.set(place, orjson.dumps(held), px=KEPT)
        began = time.monotonic()
        async with api.client.post("/v1/documents", headers=KEY, json=ONE) as answer:
            assert answer.status == 409
            assert int(answer.headers["Retry-After"]) > 0
            problem = await answer.json(content_type=None)
            assert problem["type"] == "urn:wireroom:problem:request_in_progress"
        assert time.monotonic() - began >= 0.3
        assert (await asked(api, "/v1/documents", json=OTHER))[0] == 422
        waits = asyncio.create_task(asked(api, "/v1/documents", json=ONE))
        api.world.redis.set(place, orjson.dumps(done), px=KEPT)
        assert (await waits)[0] == 202
        api.world.redis.delete(place)  # as it is when the time is over
        assert (await asked(api, "/v1/documents", json=ONE))[3] is False


async def test_what_a_dead_process_was_at_is_taken_over_and_taken_in_once(redis_url: str):
    async with serving(redis_url) as api:
        first = await asked(api, "/v1/documents", json=ONE)
        (place,) = api.world.redis.keys(api.world.keys.idempotency("*"))
        done = orjson.loads(api.world.redis.get(place))
        # It died after it had taken the document in, and before it could keep the answer.
        left = {name: done[name] for name in ("fingerprint", "batch", "holder")} | {"until": now_ms() + 300}
        api.world.redis.set(place, orjson.dumps(left), px=KEPT)
        again = await asyncio.gather(*(asked(api, "/v1/documents", json=ONE) for _ in range(5)))
        assert {answer[:3] for answer in again} == {first[:3]}
        assert sorted(answer[3] for answer in again) == [False, True, True, True, True]
        assert await accepted(api) == 1


@pytest.mark.parametrize(
    ("key", "status"), [("", 400), ("k" * 256, 400), ("k" * 255, 202), ("schlüssel", 202)]
)
async def test_a_key_has_a_length(redis_url: str, key: str, status: int):
    async with serving(redis_url) as api:
        assert (await asked(api, "/v1/documents", {"Idempotency-Key": key}, json=ONE))[0] == status


async def test_who_was_frozen_and_followed_writes_over_nothing(redis_url: str):
    async with serving(redis_url) as api:
        redis, place = api.world.client, api.world.keys.idempotency("frozen")
        first, ours = _claim(api.world, place, "print")
        assert ours
        assert _write(redis, place, first, first | {"until": now_ms() - 1})  # its lease is over: it is frozen
        assert not _write(redis, place, first, first, until=now_ms() + HELD)
        second, ours = _claim(api.world, place, "print")
        assert (ours, second["batch"]) == (True, first["batch"])
        assert not _write(redis, place, first, first | {"until": now_ms() + HELD})
        assert _write(redis, place, second, second | {"status": 202})
        for late in (first, second):
            assert not _write(redis, place, late, late | {"until": now_ms() + HELD})
        kept, ours = _claim(api.world, place, "print")
        assert (kept["status"], ours) == (202, False)
