"""Consumers: acknowledged after the body, taken over, set aside, told of gaps."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
import redis
from events_sample import NOON, STREAM, add, event, number
from waiting import until, until_async

import wireroom
from wireroom.adapters.embedded import EmbeddedServer
from wireroom.errors import StoreError, UsageError
from wireroom.events import Event, Type
from wireroom.subscribing import Delivery, Gap, position, predecessor, successor

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path


async def follow(found: list[Any], url: str, stop: asyncio.Event, **more: Any) -> None:
    """Note what comes as it comes, until told to stop."""
    async for delivery in wireroom.subscribe(**{"group": "desk", "redis_url": url, "stop": stop} | more):
        found.append(number(delivery))  # noqa: PERF401 - the list is read meanwhile


async def take(events: AsyncGenerator[Any, None], count: int) -> list[Any]:
    """The first few of what comes; all but the last are acknowledged."""
    found = []
    async with asyncio.timeout(20), contextlib.aclosing(events):
        async for item in events:
            found.append(item)
            if len(found) == count:
                break
    return found


async def read(url: str, count: int, **more: Any) -> list[Any]:
    """Read and acknowledge so many; what the group still has is left."""
    stop, found = asyncio.Event(), []
    options = {"group": "desk", "claim_after": 0.4, "redis_url": url, "stop": stop} | more
    async with asyncio.timeout(20):
        async for item in wireroom.subscribe("documents", **options):
            found.append(item)
            if len(found) == count:
                stop.set()
    return found


def pending(client: redis.Redis, group: str = "desk") -> int:
    return client.xpending(STREAM, group)["pending"]


# --- the plain way ---


async def test_an_event_has_what_the_contract_names_and_its_place(redis_url: str, redis_client: redis.Redis):
    add(redis_client, 1)
    (found,) = await read(redis_url, 1)
    assert isinstance(found, wireroom.Delivery)
    assert (found.type, found.subject, found.id) == (
        "document.created",
        f"{1:016x}",
        f"{1:016x}.1.document.created",
    )
    assert (found.source, found.time, found.data["revision"]) == ("/wireroom", NOON, 1)
    assert (found.position, found.deliveries) == ("1-0", 1)


async def test_an_event_is_acknowledged_when_the_next_is_asked_for(redis_url: str, redis_client: redis.Redis):
    add(redis_client, 1, 2)
    events = wireroom.subscribe("documents", group="desk", redis_url=redis_url)
    async with contextlib.aclosing(events):
        assert number(await anext(events)) == 1
        assert redis_client.xpending_range(STREAM, "desk", "-", "+", 9)[0]["message_id"] == b"1-0"
        assert number(await anext(events)) == 2
        assert [row["message_id"] for row in redis_client.xpending_range(STREAM, "desk", "-", "+", 9)] == [
            b"2-0"
        ]


async def test_each_group_gets_every_event_and_a_group_shares_them(redis_url: str, redis_client: redis.Redis):
    add(redis_client, *range(1, 21))
    assert [number(d) for d in await read(redis_url, 20, group="archive")] == [*range(1, 21)]
    halves = await asyncio.gather(read(redis_url, 10), read(redis_url, 10))
    assert sorted(number(d) for half in halves for d in half) == [*range(1, 21)]
    assert pending(redis_client) == 0


async def test_what_comes_later_wakes_a_waiting_consumer(redis_url: str, redis_client: redis.Redis):
    reading = asyncio.create_task(read(redis_url, 1, block=30))
    await until_async(lambda: redis_client.exists(STREAM) and redis_client.xinfo_groups(STREAM))
    add(redis_client, 7)
    assert [number(d) for d in await reading] == [7]


@pytest.mark.parametrize(
    ("since", "expected"), [(None, [1, 2, 3]), ("0", [1, 2, 3]), ("2", [3]), ("1-0", [2, 3])]
)
async def test_a_new_group_begins_where_it_is_told(
    redis_url: str, redis_client: redis.Redis, since: str | None, expected: list[int]
):
    add(redis_client, 1, 2, 3)
    found = await read(redis_url, len(expected), since=since)
    assert [number(d) for d in found] == expected
    assert redis_client.xinfo_groups(STREAM)[0]["lag"] == 0


async def test_a_group_at_the_end_gets_only_what_comes(redis_url: str, redis_client: redis.Redis):
    add(redis_client, 1, 2)
    reading = asyncio.create_task(read(redis_url, 1, since="$"))
    await until_async(lambda: redis_client.xinfo_groups(STREAM))
    add(redis_client, 3)
    assert [number(d) for d in await reading] == [3]


async def test_types_that_were_not_asked_for_count_as_read(redis_url: str, redis_client: redis.Redis):
    for n in range(1, 500):
        add(redis_client, n, kind=Type.DOCUMENT_UPDATED)
    add(redis_client, 500)
    assert [number(d) for d in await read(redis_url, 1, types=["document.created"])] == [500]
    assert pending(redis_client) == 0


async def test_it_ends_when_told_to_and_acknowledges_the_last(redis_url: str, redis_client: redis.Redis):
    add(redis_client, 1, 2, 3)
    assert len(await read(redis_url, 2)) == 2
    assert pending(redis_client) == 0
    assert [number(d) for d in await read(redis_url, 1)] == [3]


async def test_a_waiting_consumer_ends_at_once_when_told_to(redis_url: str):
    stop = asyncio.Event()
    asyncio.get_running_loop().call_soon(stop.set)
    async with asyncio.timeout(5):
        assert [
            e async for e in wireroom.subscribe(group="desk", redis_url=redis_url, block=20, stop=stop)
        ] == []


# --- given again ---


async def test_leaving_the_loop_gives_the_event_again(redis_url: str, redis_client: redis.Redis):
    add(redis_client, 1, 2)
    first = await take(wireroom.subscribe(group="desk", redis_url=redis_url), 1)
    again = await take(wireroom.subscribe(group="desk", redis_url=redis_url), 2)
    assert [(number(d), d.deliveries) for d in first + again] == [(1, 1), (1, 2), (2, 1)]


async def test_a_body_that_raises_keeps_its_event(redis_url: str, redis_client: redis.Redis):
    add(redis_client, 1)

    async def body() -> None:
        async for _ in wireroom.subscribe(group="desk", redis_url=redis_url):
            raise LookupError("the desk is on fire")

    with pytest.raises(LookupError):
        await body()
    assert pending(redis_client) == 1
    assert [(number(d), d.deliveries) for d in await read(redis_url, 1)] == [(1, 2)]
    assert pending(redis_client) == 0


async def test_a_cancelled_body_keeps_its_event(redis_url: str, redis_client: redis.Redis):
    add(redis_client, 1)
    begun = asyncio.Event()

    async def body() -> None:
        async for _ in wireroom.subscribe(group="desk", redis_url=redis_url):
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(body())
    await begun.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert [(number(d), d.deliveries) for d in await read(redis_url, 1)] == [(1, 2)]


CONSUMER = """
import asyncio, os, sys
import wireroom
async def main():
    async for event in wireroom.subscribe("documents", group="desk", redis_url=sys.argv[1], claim_after=0.4):
        print(int(event.subject, 16), event.deliveries, flush=True)
        if int(event.subject, 16) == int(sys.argv[2]):
            os.kill(os.getpid(), 9)
asyncio.run(main())
"""


def consumer_process(url: str, dies_at: int) -> list[tuple[int, int]]:
    """What a process was given that kills itself in the body of one event."""
    run = subprocess.run(
        [sys.executable, "-c", CONSUMER, url, str(dies_at)],
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert run.returncode == -9, run.stderr
    return [tuple(map(int, line.split())) for line in run.stdout.splitlines()]


async def test_what_a_killed_consumer_held_is_taken_over(redis_url: str, redis_client: redis.Redis):
    add(redis_client, 1, 2, 3)
    assert await asyncio.to_thread(consumer_process, redis_url, 2) == [(1, 1), (2, 1)]
    assert pending(redis_client) == 1
    found = await read(redis_url, 2)
    assert sorted((number(d), d.deliveries) for d in found) == [(2, 2), (3, 1)]
    assert pending(redis_client) == 0


async def test_poison_is_set_aside_and_its_neighbours_are_not(redis_url: str, redis_client: redis.Redis):
    add(redis_client, 1, 2, 3)
    given: list[tuple[int, int]] = []
    for _ in range(5):
        given += await asyncio.to_thread(consumer_process, redis_url, 2)
    assert [g for g in given if g[0] == 2] == [(2, n) for n in range(1, 6)]
    add(redis_client, 4)
    stop, found = asyncio.Event(), []
    reading = asyncio.create_task(follow(found, redis_url, stop, claim_after=0.4))
    await until_async(lambda: redis_client.xlen("wireroom:dead") and 4 in found)
    stop.set()
    await reading
    assert {*found} | {g[0] for g in given} == {1, 2, 3, 4}
    assert 2 not in found
    ((_, fields),) = redis_client.xrange("wireroom:dead")
    letter = Event.from_fields(fields)
    assert letter.type is Type.DEAD_LETTER
    assert letter.subject == f"{2:016x}"
    told = {name: letter.data[name] for name in ("stage", "reason", "tries", "position", "group", "stream")}
    assert told == {
        "stage": "consumer:desk", "reason": "too_many_deliveries", "tries": 5, "position": "2-0",
        "group": "desk", "stream": "documents",
    }  # fmt: skip
    assert letter.data["event"]["id"] == event(2).id
    assert pending(redis_client) == 0


async def test_an_entry_that_is_no_event_is_set_aside_at_once(redis_url: str, redis_client: redis.Redis):
    redis_client.xadd(STREAM, {"hello": b"\xff"}, id="1-0")
    redis_client.xadd(STREAM, {**event(2).fields(), "data": "{"}, id="2-0")
    add(redis_client, 3)
    assert [number(d) for d in await read(redis_url, 1)] == [3]
    letters = [Event.from_fields(fields) for _, fields in redis_client.xrange("wireroom:dead")]
    assert [letter.data["reason"] for letter in letters] == ["invalid_event"] * 2
    assert [letter.data["position"] for letter in letters] == ["1-0", "2-0"]
    assert letters[1].data["fields"]["data"] == "{"


async def test_a_reader_of_dead_letters_writes_no_letters_about_its_own(
    redis_url: str, redis_client: redis.Redis
):
    data = {"stage": "consumer:desk", "reason": "too_many_deliveries"}
    letter = Event(Type.DEAD_LETTER, "a", "a.dead.letter.consumer:desk", "/wireroom", NOON, data)
    redis_client.xadd("wireroom:dead", letter.fields())
    subscription = {"group": "desk", "redis_url": redis_url, "deliveries": 1}
    await take(wireroom.subscribe("dead", **subscription), 1)
    stop = asyncio.Event()

    async def rest() -> list[Delivery]:
        return [d async for d in wireroom.subscribe("dead", **subscription, stop=stop)]

    reading = asyncio.create_task(rest())
    await until_async(lambda: redis_client.xpending("wireroom:dead", "desk")["pending"] == 0)
    stop.set()
    assert await reading == []
    assert redis_client.xlen("wireroom:dead") == 1


async def test_a_living_consumer_keeps_its_event_however_long_it_takes(
    redis_url: str, redis_client: redis.Redis
):
    add(redis_client, 1)
    slow = wireroom.subscribe(group="desk", redis_url=redis_url, claim_after=0.3)
    other, stop = [], asyncio.Event()

    async with contextlib.aclosing(slow):
        assert number(await anext(slow)) == 1
        watching = asyncio.create_task(follow(other, redis_url, stop, claim_after=0.3))
        add(redis_client, 2)
        await until_async(lambda: other)
        beats = []

        def beat() -> bool:
            idle = redis_client.xpending_range(STREAM, "desk", "1-0", "1-0", 1)[0]["time_since_delivered"]
            beats.append(idle)
            return sum(late < early for early, late in pairwise(beats)) >= 6

        await until_async(beat)
        assert max(beats) < 300
        assert other == [2]
    stop.set()
    await watching


async def test_a_named_consumer_gets_its_own_again_at_once(redis_url: str, redis_client: redis.Redis):
    add(redis_client, 1, 2)
    script = CONSUMER.replace("claim_after=0.4", 'claim_after=600, consumer="anna"')
    run = [sys.executable, "-c", script, redis_url, "1"]
    killed = await asyncio.to_thread(subprocess.run, run, capture_output=True, timeout=30, check=False)
    assert killed.returncode == -9
    found = await read(redis_url, 2, consumer="anna", claim_after=600)
    assert [(number(d), d.deliveries) for d in found] == [(1, 2), (2, 1)]


async def test_a_name_used_twice_ends_the_older_one(redis_url: str, redis_client: redis.Redis):
    add(redis_client, 1, 2, 3)
    older = wireroom.subscribe(group="desk", redis_url=redis_url, consumer="anna")
    assert number(await anext(older)) == 1
    newer = wireroom.subscribe(group="desk", redis_url=redis_url, consumer="anna")
    assert number(await anext(newer)) == 1
    with pytest.raises(UsageError, match="anna"):
        await anext(older)
    assert number(await anext(newer)) == 2
    await newer.aclose()
    assert redis_client.keys("wireroom:consumer:*") == []


# --- gaps ---


async def test_what_was_trimmed_unread_is_a_gap(
    redis_url: str, redis_client: redis.Redis, caplog: pytest.LogCaptureFixture
):
    add(redis_client, *range(1, 11))
    assert len(await read(redis_url, 2)) == 2
    redis_client.execute_command("XTRIM", STREAM, "MAXLEN", 3)
    found = await read(redis_url, 4, gaps="yield")
    assert found[0] == Gap("documents", "desk", "2-0", "8-0", 5)
    assert [number(d) for d in found[1:]] == [8, 9, 10]
    assert "5 event(s) of documents were trimmed" in caplog.text
    redis_client.execute_command("XTRIM", STREAM, "MAXLEN", 1)
    add(redis_client, 11)
    assert [number(d) for d in await read(redis_url, 1, gaps="yield")] == [11]


async def test_a_gap_is_logged_and_the_loop_goes_on(
    redis_url: str, redis_client: redis.Redis, caplog: pytest.LogCaptureFixture
):
    add(redis_client, *range(1, 6))
    assert len(await read(redis_url, 1)) == 1
    redis_client.execute_command("XTRIM", STREAM, "MAXLEN", 0)
    add(redis_client, 6)
    assert [number(d) for d in await read(redis_url, 1)] == [6]
    assert [r.levelname for r in caplog.records if "gap: 4 event(s)" in r.getMessage()] == ["ERROR"]


async def test_a_gap_whose_report_was_not_done_with_is_reported_again(
    redis_url: str, redis_client: redis.Redis
):
    add(redis_client, *range(1, 6))
    assert len(await read(redis_url, 1)) == 1
    redis_client.execute_command("XTRIM", STREAM, "MAXLEN", 2)
    options = {"group": "desk", "redis_url": redis_url, "gaps": "yield"}
    for _ in range(2):
        (gap,) = await take(wireroom.subscribe(**options), 1)
        assert gap == Gap("documents", "desk", "1-0", "4-0", 2)
    found = await take(wireroom.subscribe(**options), 2)
    assert [type(item) for item in found] == [Gap, Delivery]


async def test_a_pending_event_that_was_trimmed_is_a_gap(redis_url: str, redis_client: redis.Redis):
    add(redis_client, 1, 2, 3)
    await take(wireroom.subscribe(group="desk", redis_url=redis_url), 1)
    redis_client.execute_command("XTRIM", STREAM, "MINID", "2")
    await take(wireroom.subscribe(group="desk", redis_url=redis_url, gaps="yield"), 1)
    found = await read(redis_url, 3, gaps="yield")
    assert found[0] == Gap("documents", "desk", "0-18446744073709551615", "1-1", 1)
    assert [number(d) for d in found[1:]] == [2, 3]
    assert pending(redis_client) == 0


async def test_what_a_new_group_never_could_read_is_no_gap(redis_url: str, redis_client: redis.Redis):
    add(redis_client, *range(1, 6))
    redis_client.execute_command("XTRIM", STREAM, "MAXLEN", 2)
    assert [number(d) for d in await read(redis_url, 2, gaps="yield")] == [4, 5]


async def test_where_the_server_cannot_count_the_gap_says_so_once(redis_url: str, redis_client: redis.Redis):
    add(redis_client, *range(1, 6))
    redis_client.xgroup_create(STREAM, "desk", "1-0")
    redis_client.execute_command("XTRIM", STREAM, "MAXLEN", 2)
    redis_client.xdel(STREAM, "5-0")
    found = await read(redis_url, 2, gaps="yield")
    assert found[0] == Gap("documents", "desk", "1-0", "4-0", None)
    assert number(found[1]) == 4


# --- trouble ---


async def test_redis_that_goes_away_is_waited_for(tmp_path: Path):
    server = EmbeddedServer(tmp_path / "redis")
    url = server.start().url
    with redis.Redis.from_url(url, protocol=2) as client:
        add(client, 1, 2)
    stop, found = asyncio.Event(), []

    reading = asyncio.create_task(follow(found, url, stop, claim_after=600))
    await until_async(lambda: len(found) == 2)
    server.stop()
    assert server.start().url == url
    with redis.Redis.from_url(url, protocol=2) as client:
        add(client, 3)
        await until_async(lambda: len(found) == 3)
        stop.set()
        await reading
        assert pending(client) == 0
    server.stop()
    assert found == [1, 2, 3]


async def test_a_consumer_may_begin_before_redis(tmp_path: Path):
    server = EmbeddedServer(tmp_path / "redis")
    url = server.start().url
    server.stop()
    reading = asyncio.create_task(read(url, 1))
    await asyncio.to_thread(until, lambda: not reading.done())
    server.start()
    with redis.Redis.from_url(url, protocol=2) as client:
        add(client, 1)
    assert [number(d) for d in await reading] == [1]
    server.stop()


async def test_a_stream_that_was_deleted_is_read_from_its_new_start(
    redis_url: str, redis_client: redis.Redis
):
    add(redis_client, 1, 2)
    stop, found = asyncio.Event(), []

    reading = asyncio.create_task(follow(found, redis_url, stop, block=0.05))
    await until_async(lambda: found == [1, 2])
    redis_client.delete(STREAM)
    add(redis_client, 3)
    await until_async(lambda: found == [1, 2, 3])
    stop.set()
    await reading


async def test_a_wrong_password_is_said_at_once(redis_url: str):
    wrong = redis_url.replace("redis://default:", "redis://default:wrong")
    with pytest.raises(StoreError, match="refuses"):
        await read(wrong, 1)


async def test_reading_goes_on_when_memory_is_full(redis_url: str, redis_client: redis.Redis):
    add(redis_client, 1, 2)
    redis_client.config_set("maxmemory", 1)
    try:
        with pytest.raises(redis.exceptions.OutOfMemoryError):
            add(redis_client, 3)
        assert [number(d) for d in await read(redis_url, 2, consumer="anna")] == [1, 2]
        assert pending(redis_client) == 0
    finally:
        redis_client.config_set("maxmemory", 0)


async def test_a_key_of_another_type_is_said(redis_url: str, redis_client: redis.Redis):
    redis_client.set(STREAM, "a string")
    with pytest.raises(StoreError, match="is no stream"):
        await read(redis_url, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"stream": "document"}, {"types": ["story.created"]}, {"since": "yesterday"}, {"deliveries": 0},
        {"claim_after": 0}, {"group": ""}, {"gaps": "raise"}, {"redis_url": "http://127.0.0.1"}, {"consumer": ""},
    ],
)  # fmt: skip
def test_wrong_arguments_are_said_before_anything_is_read(wrong: dict[str, Any]):
    with pytest.raises(UsageError):
        wireroom.subscribe(**{"group": "desk"} | wrong)


def test_importing_wireroom_imports_no_redis():
    code = "import sys, wireroom; sys.exit('redis' in sys.modules or 'asyncio' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_consumers_that_are_long_gone_leave_the_list(redis_client: redis.Redis, redis_url: str):
    add(redis_client, 1)
    redis_client.xgroup_create(STREAM, "desk", "0")
    redis_client.xgroup_createconsumer(STREAM, "desk", "young")
    asyncio.run(read(redis_url, 1))
    names = {consumer["name"] for consumer in redis_client.xinfo_consumers(STREAM, "desk")}
    assert b"young" in names


def test_positions_are_read_in_every_form():
    assert position("0", NOON) == position("0-0", NOON) == "0"
    assert position("$", NOON) == "$"
    assert position("12", NOON) == "12-0"
    noon = int(NOON.timestamp() * 1000)
    just_before = f"{noon - 1}-18446744073709551615"
    for form in (NOON, NOON.replace(tzinfo=None), "2026-03-04T12:00:00Z", "2026-03-04T13:00:00+01:00"):
        assert position(form, NOON) == just_before
    assert position("24h", NOON) == f"{noon - 86_400_001}-18446744073709551615"
    assert position("1970-01-01T00:00:00Z", NOON) == "0"
    with pytest.raises(UsageError):
        position("999999999d", NOON)


def test_ids_have_neighbours():
    assert predecessor("5-0") == "4-18446744073709551615"
    assert predecessor("5-3") == "5-2"
    assert predecessor("0-0") == "0-0"
    assert successor("5-18446744073709551615") == "6-0"
    assert successor(predecessor("5-0")) == "5-0"
