"""Server-sent events over a real connection: what is sent, where a client goes on, and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from httpworld import page_draft, publish, serving
from waiting import until_async

from wireroom.adapters.http.events import FIELDS
from wireroom.adapters.http.shared import SHARED, Limits
from wireroom.adapters.steps import Step
from wireroom.events import Event, FetchOutcome, Stream, Type, dead_letter, fetch_event

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import aiohttp
    from httpworld import Api

    from wireroom.world import World

LONG = 20.0


class Lines:
    """What a client reads: blocks of lines, each as a mapping of its fields; a comment's is the empty one."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response

    async def block(self) -> dict[str, str]:
        found: dict[str, str] = {}
        async with asyncio.timeout(LONG):
            while line := (await self.response.content.readline()).decode():
                if line == "\n":
                    return found
                assert line.endswith("\n")
                name, _, value = line[:-1].partition(":")
                assert name in {"", "id", "event", "data"}
                assert name not in found
                found[name] = value.removeprefix(" ")
        raise EOFError

    async def event(self) -> dict[str, str]:
        """The next one that is more than a sign of life."""
        while "data" not in (found := await self.block()):
            pass
        return found

    async def events(self, number: int) -> list[tuple[str, str]]:
        """Type and subject of the next ones."""
        found = [await self.event() for _ in range(number)]
        return [(event["event"], orjson.loads(event["data"])["subject"]) for event in found]

    async def over(self) -> bool:
        """Whether the stream ends."""
        with contextlib.suppress(EOFError):
            while True:
                await self.block()
        return True


@asynccontextmanager
async def following(api: Api, query: str = "", last: str | None = None) -> AsyncIterator[Lines]:
    headers = {"Last-Event-ID": last} if last is not None else {}
    async with api.client.get(f"/v1/events{query}", headers=headers) as response:
        assert response.status == 200, await response.text()
        assert response.content_type == "text/event-stream"
        lines = Lines(response)
        assert "" in await lines.block()  # from here on it follows
        yield lines


def write(world: World, number: int, *, kind: Type = Type.DOCUMENT_CREATED) -> str:
    """Put an event on its stream; its position."""
    uid, now = f"{number:016x}", datetime.now(UTC)
    outcome = FetchOutcome("http://larnevale.example/")
    letter = {"unit": uid, "stage": "fetch", "reason": "timeout"}
    event = {
        Stream.FETCHES: lambda: fetch_event("/test", kind, uid, outcome, now),
        Stream.DEAD: lambda: dead_letter("/test", uid, letter, now),
    }.get(
        kind.stream, lambda: Event(kind, uid, f"{uid}.{kind}", "/test", now, {"n": number, "text": "a\nb"})
    )()
    assert world.ledger.commit([Step((), [world.streams.entry(event)])])[0].done
    return world.streams.last(kind.stream)


def subjects(*numbers: int, kind: Type = Type.DOCUMENT_CREATED) -> list[tuple[str, str]]:
    return [(kind.value, f"{number:016x}") for number in numbers]


# --- what is sent ---


async def test_documents_are_followed_from_now_on(redis_url: str):
    async with serving(redis_url) as api:
        write(api.world, 1)
        async with following(api) as lines:
            data = publish(
                api.world, page_draft("http://larnevale.example/1", "Storm", "Boats\tstay in.\nAll.")
            )
            write(api.world, 2, kind=Type.FETCH_SUCCEEDED)
            event = await lines.event()
            assert event.keys() == {"id", "event", "data"}
            assert event["event"] == "document.created"
            assert event["id"] == api.world.streams.last(Stream.DOCUMENTS)
            body = orjson.loads(event["data"])
            assert body.keys() == {*FIELDS, "data"}
            assert body["data"] == orjson.loads(orjson.dumps(data))
            assert (body["subject"], body["specversion"]) == (data["id"], "1.0")
            write(api.world, 3)
            assert await lines.events(1) == subjects(3)


async def test_several_streams_in_one(redis_url: str):
    async with serving(redis_url) as api:
        for query in ("?stream=documents,fetches,dead", "?stream=dead&stream=documents&stream=fetches"):
            async with following(api, query) as lines:
                write(api.world, 1)
                write(api.world, 2, kind=Type.FETCH_FAILED)
                write(api.world, 3, kind=Type.DEAD_LETTER)
                write(api.world, 4, kind=Type.STORY_CREATED)
                found = await lines.events(3)
                assert sorted(found) == sorted(
                    [
                        *subjects(1),
                        *subjects(2, kind=Type.FETCH_FAILED),
                        *subjects(3, kind=Type.DEAD_LETTER),
                    ]
                )
                write(api.world, 5)
                assert await lines.events(1) == subjects(5)


async def test_types_are_chosen_and_bring_their_streams(redis_url: str):
    async with serving(redis_url) as api:
        query = "?type=fetch.failed,story.merged&type=document.updated"
        async with following(api, query) as lines:
            for number, kind in enumerate(Type):
                write(api.world, number, kind=kind)
            found = await lines.events(3)
            assert {kind for kind, _ in found} == {"fetch.failed", "story.merged", "document.updated"}
        async with following(api, "?type=document.gone&stream=documents") as lines:
            write(api.world, 1)
            write(api.world, 2, kind=Type.DOCUMENT_GONE)
            assert await lines.events(1) == subjects(2, kind=Type.DOCUMENT_GONE)


async def test_an_entry_that_is_no_event_breaks_nothing(redis_url: str):
    async with serving(redis_url) as api, following(api) as lines:
        fields = {"type": "a\nid: 7\n\ndata: x", "data": "{\n}\r\n", "subject": b"\xff"}
        api.world.redis.xadd(api.world.keys.stream("documents"), fields)
        event = await lines.event()
        assert event.keys() == {"id", "event", "data"}
        assert orjson.loads(event["data"])["data"] == {}
        api.world.redis.xadd(api.world.keys.stream("documents"), {"data": "no JSON"})
        assert (await lines.event())["id"] == api.world.streams.last(Stream.DOCUMENTS)
        write(api.world, 1)
        assert await lines.events(1) == subjects(1)


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("?stream=papers", "stream"),
        ("?stream=documents,papers", "stream"),
        ("?type=document.burnt", "type"),
        ("?last_event_id=yesterday", "last_event_id"),
        ("?last_event_id=1-2-3", "last_event_id"),
        ("?last_event_id=99999999999999999999-0", "last_event_id"),
        ("?last_event_id=papers=1-0", "last_event_id"),
        ("?last_event_id=documents=1-0,fetches", "last_event_id"),
    ],
)
async def test_what_cannot_be_followed_is_named(redis_url: str, query: str, named: str):
    async with serving(redis_url) as api:
        problem = await api.get(f"/v1/events{query}", 422)
        assert problem["errors"][0]["parameter"] == named


# --- going on ---


async def test_a_client_goes_on_behind_its_last_event(redis_url: str):
    async with serving(redis_url) as api:
        for number in range(60):
            write(api.world, number)
        async with following(api, last="0") as lines:
            seen = [await lines.event() for _ in range(25)]
        async with following(api, last=seen[-1]["id"]) as lines:
            assert await lines.events(35) == subjects(*range(25, 60))
            write(api.world, 60)
            assert await lines.events(1) == subjects(60)
        async with following(api, f"?last_event_id={seen[9]['id']}") as lines:
            assert await lines.events(51) == subjects(*range(10, 61))


async def test_a_client_of_several_streams_goes_on_in_each(redis_url: str):
    async with serving(redis_url) as api:
        expected = []
        for number in range(40):
            write(api.world, number)
            write(api.world, number, kind=Type.FETCH_FAILED)
            expected += [*subjects(number), *subjects(number, kind=Type.FETCH_FAILED)]
        query, last, found = "?stream=documents,fetches", "0", []
        while len(found) < 80:  # a client that is cut off after every seventh event
            async with following(api, query, last) as lines:
                for _ in range(min(7, 80 - len(found))):
                    event = await lines.event()
                    last = event["id"]
                    found.append((event["event"], orjson.loads(event["data"])["subject"]))
        assert sorted(found) == sorted(expected)
        for kind in (Type.DOCUMENT_CREATED, Type.FETCH_FAILED):
            assert [event for event in found if event[0] == kind] == subjects(*range(40), kind=kind)


async def test_an_entry_of_one_stream_is_a_place_in_all_of_them(redis_url: str):
    async with serving(redis_url) as api:
        write(api.world, 1, kind=Type.FETCH_FAILED)
        position = write(api.world, 2)
        write(api.world, 3)
        write(api.world, 4, kind=Type.FETCH_FAILED)
        async with following(api, "?stream=documents,fetches", position) as lines:
            found = await lines.events(2)
            while subjects(4, kind=Type.FETCH_FAILED)[0] not in found or subjects(3)[0] not in found:
                found += await lines.events(1)


async def test_a_stream_that_is_not_named_begins_now(redis_url: str):
    async with serving(redis_url) as api:
        write(api.world, 1)
        write(api.world, 2, kind=Type.FETCH_FAILED)
        async with following(api, "?stream=documents,fetches", "documents=0-0") as lines:
            assert await lines.events(1) == subjects(1)
            write(api.world, 3, kind=Type.FETCH_FAILED)
            assert await lines.events(1) == subjects(3, kind=Type.FETCH_FAILED)


async def test_what_was_trimmed_unread_is_told(redis_url: str):
    async with serving(redis_url) as api:
        positions = [write(api.world, number) for number in range(10)]
        stream = api.world.keys.stream("documents")
        api.world.redis.xtrim(stream, maxlen=4, approximate=False)
        async with following(api, last=positions[2]) as lines:
            gap = await lines.event()
            assert gap.keys() == {"event", "data"}
            assert gap["event"] == "gap"
            assert orjson.loads(gap["data"]) == {
                "stream": "documents",
                "after": positions[2],
                "first": positions[6],
            }
            assert await lines.events(4) == subjects(6, 7, 8, 9)
        async with following(api, last=positions[6]) as lines:
            assert await lines.events(3) == subjects(7, 8, 9)
        async with following(api, last="0") as lines:
            assert await lines.events(4) == subjects(6, 7, 8, 9)


async def test_a_place_from_before_the_first_entry_misses_nothing(redis_url: str):
    async with serving(redis_url) as api:
        write(api.world, 1)
        async with following(api, last="1000000000000-0") as lines:
            assert await lines.events(1) == subjects(1)
        async with following(api, "?stream=dead", last="1000000000000-0") as lines:
            write(api.world, 2, kind=Type.DEAD_LETTER)
            assert await lines.events(1) == subjects(2, kind=Type.DEAD_LETTER)


async def test_a_stream_that_was_emptied_is_a_gap_too(redis_url: str):
    async with serving(redis_url) as api:
        positions = [write(api.world, number) for number in range(3)]
        api.world.redis.xtrim(api.world.keys.stream("documents"), maxlen=0, approximate=False)
        async with following(api, last=positions[0]) as lines:
            told = orjson.loads((await lines.event())["data"])
            assert told == {"stream": "documents", "after": positions[0], "first": None}
            write(api.world, 3)
            assert await lines.events(1) == subjects(3)
        api.world.redis.xtrim(api.world.keys.stream("documents"), maxlen=0, approximate=False)
        async with following(api, last=api_last(api)) as lines:
            write(api.world, 4)
            assert await lines.events(1) == subjects(4)


def api_last(api: Api) -> str:
    info: Any = api.world.redis.xinfo_stream(api.world.keys.stream("documents"))
    last: bytes = info["last-generated-id"]
    return last.decode()


# --- silence, and the end ---


async def test_after_a_silence_there_is_a_sign_of_life_with_the_place_to_go_on_from(redis_url: str):
    async with serving(redis_url, Limits(heartbeat=0.1)) as api:
        position = write(api.world, 1)
        async with following(api) as lines:
            first, second = await lines.block(), await lines.block()
            assert first.keys() == second.keys() == {"", "id"}
            assert first["id"] == position
        # What a client did not ask for lies behind the id it is told.
        async with following(api, "?type=document.gone") as lines:
            position = write(api.world, 2)
            while (await lines.block()).get("id") != position:
                pass


async def test_a_client_that_goes_away_frees_its_place(redis_url: str):
    async with serving(redis_url, Limits(heartbeat=0.05, followers=2)) as api:
        own = api.client.server.app[SHARED]
        async with following(api), following(api):
            assert len(own.subscribers) == 2
            assert "wireroom_http_subscribers 2.0" in await api.get("/metrics")
            async with api.client.get("/v1/events") as refused:
                assert refused.status == 503
                assert int(refused.headers["Retry-After"]) > 0
                problem = await refused.json(content_type=None)
                assert problem["type"] == "urn:wireroom:problem:too_many_subscribers"
        await until_async(lambda: not own.subscribers)
        assert "wireroom_http_subscribers 0.0" in await api.get("/metrics")
        busy = own.following.connection_pool
        assert len(busy._in_use_connections) == 0  # noqa: SLF001 - redis-py does not tell otherwise
        async with following(api) as lines:
            write(api.world, 1)
            assert await lines.events(1) == subjects(1)


async def test_a_client_that_reads_nothing_is_left(redis_url: str):
    async with serving(redis_url, Limits(heartbeat=0.05, stuck=0.5)) as api:
        own = api.client.server.app[SHARED]
        reader, writer = await asyncio.open_connection(api.client.host, api.client.port, limit=1024)
        writer.write(b"GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await reader.readuntil(b"connected")
        stream = api.world.keys.stream("documents")
        for _ in range(30):
            api.world.redis.xadd(stream, {"type": "document.created", "data": orjson.dumps("x" * 1_000_000)})
        await until_async(lambda: not own.subscribers)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def test_a_server_that_stops_ends_the_streams(redis_url: str):
    async with serving(redis_url) as api, following(api) as one, following(api, "?stream=dead") as other:
        write(api.world, 1)
        assert await one.events(1) == subjects(1)
        async with asyncio.timeout(5):
            await api.client.server.close()
            assert await one.over()
            assert await other.over()


async def test_the_store_going_ends_the_stream_and_the_client_comes_back(redis_url: str):
    async with serving(redis_url) as api:
        async with following(api, last="0") as lines:
            write(api.world, 1)
            event = await lines.event()
            api.world.redis.client_kill_filter(_type="normal", skipme=True)
            write(api.world, 2)
            found = []
            with contextlib.suppress(EOFError):
                found = await lines.events(1)
        if not found:  # it ended; by its own retries it may also have gone on
            async with following(api, last=event["id"]) as lines:
                found = await lines.events(1)
        assert found == subjects(2)
