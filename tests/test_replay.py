"""Reading on in the segment files: no seam between them and the stream, and a gap only where something is missing."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import PIPE
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from events_sample import NOON, STREAM, number
from httpworld import serving
from waiting import until_async

import wireroom
from wireroom.adapters.datafolder import DataFolder, Service
from wireroom.adapters.segments import Segments
from wireroom.adapters.tail import tail
from wireroom.adapters.whereabouts import client_settings
from wireroom.events import Event, Type
from wireroom.subscribing import Delivery, Gap, successor

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    import redis

DEAD = "wireroom:dead"
LONG = 10.0


def fill(client: redis.Redis, first: int, last: int, kind: Type = Type.DOCUMENT_CREATED) -> None:
    with client.pipeline(transaction=False) as pipe:
        for n in range(first, last + 1):
            made = Event(kind, f"{n:016x}", f"{n:016x}.{kind}", "/wireroom", NOON, {"n": n})
            pipe.xadd(f"wireroom:{kind.stream}", made.fields(), id=f"{n}-0")
        pipe.execute()


def leave(client: redis.Redis, folder: Path, most: int = 18) -> None:
    """Let all but some of the entries go into one more file, whoever needs them, as retention does over its budget."""
    segments = Segments(folder, "wireroom:")
    rows = client.xrange(STREAM)
    info = client.xinfo_stream(STREAM)
    leaving = [(entry.decode(), fields) for entry, fields in rows[: len(rows) - most]]
    with segments.writing() as ours:
        assert ours
        assert segments.write("documents", info["entries-added"] - info["length"], leaving)
    client.xtrim(STREAM, minid=successor(leaving[-1][0]), approximate=False)


def split(client: redis.Redis, folder: Path) -> None:
    """Entries 1 to 100: 1 to 22 in a file, 23 to 52 in another, 53 to 82 in a third, the rest in the stream."""
    for begin, end in ((1, 40), (41, 70), (71, 100)):
        fill(client, begin, end)
        leave(client, folder)
    assert [one.count for one in Segments(folder, "wireroom:").all("documents")] == [22, 30, 30]
    assert client.xlen(STREAM) == 18


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for segments that the consumers of this process know of."""
    monkeypatch.setenv("WIREROOM_SEGMENTS", str(tmp_path / "segments"))
    return tmp_path / "segments"


async def read(url: str, count: int, given: list[Any] | None = None, **more: Any) -> list[Any]:
    """Read and acknowledge so many."""
    stop, found = asyncio.Event(), [] if given is None else given
    options = {"group": "desk", "claim_after": 0.4, "gaps": "yield", "redis_url": url, "stop": stop} | more
    async with asyncio.timeout(LONG):
        async for item in wireroom.subscribe("documents", **options):
            found.append(item)
            if len(found) == count:
                stop.set()
    return found


async def first_of(events: AsyncGenerator[Any, None], count: int) -> list[Any]:
    """The first few; the last of them is not acknowledged."""
    found = []
    async with asyncio.timeout(LONG), contextlib.aclosing(events):
        async for item in events:
            found.append(item)
            if len(found) == count:
                break
    return found


def numbers(items: list[Any]) -> list[int]:
    assert all(isinstance(item, Delivery) for item in items), items
    return [number(item) for item in items]


def whole(client: redis.Redis, group: str = "desk") -> None:
    """The group has done with everything, and nothing is noted of it."""
    (found,) = [g for g in client.xinfo_groups(STREAM) if g["name"] == group.encode()]
    assert (found["pending"], found["lag"]) == (0, 0)
    assert client.exists(f"wireroom:replay:documents:{group}") == 0


# --- groups ---


async def test_a_group_reads_on_in_the_files_and_then_in_the_stream(
    redis_url: str, redis_client: redis.Redis, folder: Path
):
    fill(redis_client, 1, 40)
    assert numbers(await read(redis_url, 5)) == [1, 2, 3, 4, 5]
    leave(redis_client, folder)
    fill(redis_client, 41, 100)
    leave(redis_client, folder)
    found = await read(redis_url, 95)
    assert numbers(found) == [*range(6, 101)]
    assert {item.deliveries for item in found} == {1}
    assert found[0].data == {"n": 6}
    whole(redis_client)


@pytest.mark.parametrize(
    ("since", "begin"), [(None, 1), ("0", 1), ("22", 23), ("30", 31), ("82", 83), ("90", 91)]
)
async def test_a_new_group_begins_in_the_files(
    redis_url: str, redis_client: redis.Redis, folder: Path, since: str | None, begin: int
):
    split(redis_client, folder)
    assert numbers(await read(redis_url, 101 - begin, since=since)) == [*range(begin, 101)]
    whole(redis_client)


async def test_consumers_share_what_is_in_the_files(redis_url: str, redis_client: redis.Redis, folder: Path):
    split(redis_client, folder)
    stop, found = asyncio.Event(), []

    async def one() -> None:
        events = wireroom.subscribe(group="desk", redis_url=redis_url, stop=stop, claim_after=5)
        async for item in events:
            found.append(number(item))
            if len(found) == 100:
                stop.set()

    async with asyncio.timeout(LONG):
        await asyncio.gather(one(), one())
    assert sorted(found) == [*range(1, 101)]
    whole(redis_client)


async def test_types_are_chosen_in_the_files_too(redis_url: str, redis_client: redis.Redis, folder: Path):
    for n in range(1, 101):
        fill(redis_client, n, n, Type.DOCUMENT_GONE if n % 10 == 0 else Type.DOCUMENT_CREATED)
    leave(redis_client, folder)
    found = await read(redis_url, 10, types=["document.gone"])
    assert numbers(found) == [*range(10, 101, 10)]
    whole(redis_client)


async def test_a_body_that_fails_is_given_it_again_and_at_last_set_aside(
    redis_url: str, redis_client: redis.Redis, folder: Path
):
    split(redis_client, folder)
    options = {"group": "desk", "redis_url": redis_url, "deliveries": 2, "claim_after": 0.2}
    for times in (1, 2):
        (item,) = await first_of(wireroom.subscribe(**options), 1)
        assert (number(item), item.deliveries) == (1, times)
    assert numbers(await read(redis_url, 2, deliveries=2)) == [2, 3]
    (row,) = redis_client.xrange(DEAD)
    data = orjson.loads(row[1][b"data"])
    assert (data["stage"], data["position"], data["tries"]) == ("consumer:desk", "1-0", 2)


async def test_what_is_no_event_is_set_aside_from_the_files(
    redis_url: str, redis_client: redis.Redis, folder: Path
):
    redis_client.xadd(STREAM, {"no": "event"}, id="1-0")
    fill(redis_client, 2, 40)
    leave(redis_client, folder)
    assert numbers(await read(redis_url, 39)) == [*range(2, 41)]
    assert redis_client.xlen(DEAD) == 1


KILLED = """
import asyncio, os, signal, sys
import wireroom

async def main():
    async for event in wireroom.subscribe(group="desk", redis_url=sys.argv[1], claim_after=0.5):
        if event.position == "10-0":
            print("holds it", flush=True)
            await asyncio.sleep(600)

asyncio.run(main())
"""


async def test_what_a_killed_consumer_read_from_the_files_is_given_to_another(
    redis_url: str, redis_client: redis.Redis, folder: Path
):
    split(redis_client, folder)
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", KILLED, redis_url, stdout=PIPE)
    assert process.stdout
    assert await process.stdout.readline() == b"holds it\n"
    given: list[Any] = []
    reading = asyncio.create_task(read(redis_url, 91, given, claim_after=0.5))
    # While it lives nobody else is given what it holds, however long it takes.
    for _ in range(4):
        lease = redis_client.hget("wireroom:replay:documents:desk", "10-0")
        await until_async(
            lambda lease=lease: redis_client.hget("wireroom:replay:documents:desk", "10-0") != lease
        )
    assert given == []
    process.kill()
    assert await process.wait() == -signal.SIGKILL
    found = await reading
    assert numbers(found) == [*range(10, 101)]
    assert [item.deliveries for item in found[:2]] == [2, 1]
    whole(redis_client)


async def test_pending_entries_that_were_trimmed_come_from_the_files(
    redis_url: str, redis_client: redis.Redis, folder: Path
):
    fill(redis_client, 1, 40)
    redis_client.xgroup_create(STREAM, "desk", "0")
    redis_client.xreadgroup("desk", "somebody", {STREAM: ">"}, count=10)
    leave(redis_client, folder)
    found = await read(redis_url, 40)
    assert sorted(numbers(found)) == [*range(1, 41)]
    assert {item.deliveries for item in found if number(item) <= 10} == {2}
    whole(redis_client)


async def test_a_named_consumer_comes_back_to_what_left_the_stream_under_it(
    redis_url: str, redis_client: redis.Redis, folder: Path
):
    fill(redis_client, 1, 40)
    options = {"group": "desk", "consumer": "press-1", "redis_url": redis_url}
    assert numbers(await first_of(wireroom.subscribe(**options), 3)) == [1, 2, 3]
    leave(redis_client, folder)
    for _ in range(2):  # one that leaves without acknowledging drops nothing
        (item,) = await first_of(wireroom.subscribe(**options, claim_after=0.1), 1)
        assert number(item) == 3
    assert numbers(await read(redis_url, 38, consumer="press-1")) == [*range(3, 41)]
    whole(redis_client)


async def test_trimming_under_readers_leaves_no_seam(redis_url: str, redis_client: redis.Redis, folder: Path):
    """A slow group, a tail and a writer, while entries leave faster than they are read."""
    stop, found = asyncio.Event(), []
    fill(redis_client, 1, 50)

    async def group() -> None:
        async for item in wireroom.subscribe(group="desk", redis_url=redis_url, stop=stop, gaps="yield"):
            found.append(item)
            if len(found) == 600:
                stop.set()

    async def follower() -> list[int]:
        events = tail(redis_url=redis_url, since="0", follow=True)
        return numbers(await first_of(events, 600))

    async def writer() -> None:
        for begin in range(51, 601, 50):
            await asyncio.to_thread(fill, redis_client, begin, begin + 49)
            await asyncio.to_thread(leave, redis_client, folder, 10)
            await until_async(lambda begin=begin: len(found) > begin // 2)

    async with asyncio.timeout(LONG):
        _, tailed, _ = await asyncio.gather(group(), follower(), writer())
    assert numbers(found) == tailed == [*range(1, 601)]
    whole(redis_client)


# --- where something is missing ---


async def test_a_file_that_was_deleted_is_a_gap_and_counted(
    redis_url: str, redis_client: redis.Redis, folder: Path
):
    split(redis_client, folder)
    files = Segments(folder, "wireroom:").all("documents")
    (folder / "wireroom" / files[1].name).unlink()
    found = await read(redis_url, 71)
    assert numbers(found[:22]) == [*range(1, 23)]
    assert found[22] == Gap("documents", "desk", "22-0", "53-0", 30)
    assert numbers(found[23:]) == [*range(53, 101)]
    whole(redis_client)


@pytest.mark.parametrize("keep", [0.5, 0.0])
async def test_a_file_that_was_cut_off_is_read_as_far_as_it_goes(
    redis_url: str, redis_client: redis.Redis, folder: Path, keep: float, caplog: pytest.LogCaptureFixture
):
    split(redis_client, folder)
    path = folder / "wireroom" / Segments(folder, "wireroom:").all("documents")[2].name
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])
    found = await read(redis_url, 71)
    assert numbers(found[:52]) == [*range(1, 53)]
    assert found[52] == Gap("documents", "desk", "52-0", "83-0", 30)
    assert numbers(found[53:]) == [*range(83, 101)]
    assert f"segment {path}: 0 of 30 entries read: it ends too early" in caplog.text


async def test_a_damaged_file_gives_nothing_wrong(
    redis_url: str, redis_client: redis.Redis, folder: Path, caplog: pytest.LogCaptureFixture
):
    split(redis_client, folder)
    path = folder / "wireroom" / Segments(folder, "wireroom:").all("documents")[0].name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    found = await read(redis_url, 79, since="5")
    assert isinstance(found[0], Gap)
    assert (found[0].after, found[0].before, found[0].lost) == ("5-0", "23-0", None)
    assert numbers(found[1:]) == [*range(23, 101)]
    assert f"segment {path}: 0 of 22 entries read" in caplog.text


async def test_without_the_folder_it_is_a_gap(redis_url: str, redis_client: redis.Redis, tmp_path: Path):
    fill(redis_client, 1, 40)
    assert numbers(await read(redis_url, 5)) == [1, 2, 3, 4, 5]
    leave(redis_client, tmp_path)
    found = await read(redis_url, 19)
    assert found[0] == Gap("documents", "desk", "5-0", "23-0", 17)
    assert numbers(found[1:]) == [*range(23, 41)]


async def test_a_stream_that_was_deleted_and_begun_again_is_read_to_its_end(
    redis_url: str, redis_client: redis.Redis, folder: Path
):
    split(redis_client, folder)
    redis_client.delete(STREAM)
    fill(redis_client, 101, 130)
    assert numbers(await read(redis_url, 30)) == [*range(101, 131)]
    leave(redis_client, folder)
    assert numbers(await read(redis_url, 30, group="other"))[-18:] == [*range(113, 131)]


# --- tail and server-sent events ---


@pytest.mark.parametrize(
    ("since", "begin"), [("0", 1), (None, 1), ("22", 23), ("40", 41), ("82", 83), ("90", 91)]
)
async def test_tail_reads_the_files_first(
    redis_url: str, redis_client: redis.Redis, folder: Path, since: str | None, begin: int
):
    split(redis_client, folder)
    found = [number(one) async for one in tail(redis_url=redis_url, since=since)]
    assert found == [*range(begin, 101)]


async def test_tail_merges_streams_across_the_files(redis_url: str, redis_client: redis.Redis, folder: Path):
    for n in range(1, 201):
        fill(redis_client, n, n, Type.DOCUMENT_CREATED if n % 3 else Type.FETCH_FAILED)
    leave(redis_client, folder)
    redis_client.xtrim(STREAM, maxlen=0, approximate=False)
    found = [number(one) async for one in tail(["fetches", "documents"], redis_url=redis_url)]
    expected = [n for n in range(1, 201) if n % 3 == 0 or n <= found_until(folder)]
    assert found == expected


def found_until(folder: Path) -> int:
    return int(Segments(folder, "wireroom:").all("documents")[-1].last.partition("-")[0])


async def test_the_local_service_says_where_its_files_are(tmp_path: Path):
    with DataFolder(tmp_path) as data:
        data.write_service(
            Service("", "redis://127.0.0.1:1/0", {"up": (os.getpid(),)}, segments=str(tmp_path / "segments"))
        )
        settings = client_settings(None, None, {"WIREROOM_DATA": str(tmp_path)})
    assert (settings.redis_url, settings.segments) == ("redis://127.0.0.1:1/0", str(tmp_path / "segments"))


async def sse(response: Any, count: int) -> list[tuple[str, Any]]:
    """Id and subject of events; a gap has none."""
    found: list[tuple[str, Any]] = []
    event: dict[str, str] = {}
    async with asyncio.timeout(LONG):
        while len(found) < count:
            line = (await response.content.readline()).decode().rstrip("\n")
            name, _, value = line.partition(": ")
            event[name] = value
            if not line:
                if "data" in event:
                    data = orjson.loads(event["data"])
                    found.append((event.get("id", ""), int(data["subject"], 16) if "id" in event else data))
                event = {}
    return found


@pytest.mark.parametrize(
    ("last", "begin"), [("0", 1), ("10-0", 11), ("22-0", 23), ("82-0", 83), ("90-0", 91)]
)
async def test_server_sent_events_go_on_from_the_files(
    redis_url: str, redis_client: redis.Redis, folder: Path, last: str, begin: int
):
    split(redis_client, folder)
    async with serving(redis_url, segments=str(folder)) as api:
        async with api.client.get("/v1/events", headers={"Last-Event-ID": last}) as response:
            found = await sse(response, 101 - begin)
            assert [what for _, what in found] == [*range(begin, 101)]
            await asyncio.to_thread(fill, redis_client, 101, 102)
            assert [what for _, what in await sse(response, 2)] == [101, 102]
        # Cut off in the middle of the files, a client goes on there.
        async with api.client.get("/v1/events", headers={"Last-Event-ID": "3-0"}) as response:
            middle = (await sse(response, 30))[-1][0]
        async with api.client.get("/v1/events", headers={"Last-Event-ID": middle}) as response:
            assert [what for _, what in await sse(response, 69)] == [*range(34, 103)]


async def test_server_sent_events_tell_what_is_missing_in_the_files(
    redis_url: str, redis_client: redis.Redis, folder: Path
):
    split(redis_client, folder)
    (folder / "wireroom" / Segments(folder, "wireroom:").all("documents")[1].name).unlink()
    headers = {"Last-Event-ID": "10-0"}
    async with (
        serving(redis_url, segments=str(folder)) as api,
        api.client.get("/v1/events", headers=headers) as response,
    ):
        found = [what for _, what in await sse(response, 12 + 1 + 48)]
    assert found[:12] == [*range(11, 23)]
    assert found[12] == {"stream": "documents", "after": "22-0", "first": "53-0"}
    assert found[13:] == [*range(53, 101)]


async def test_the_stats_show_the_groups(redis_url: str, redis_client: redis.Redis):
    fill(redis_client, 1, 40)
    await read(redis_url, 5)
    async with serving(redis_url) as api:
        (group,) = (await api.get("/v1/stats"))["groups"]
    quiet = group.pop("quiet")
    assert 0 <= quiet < LONG
    assert group == {"stream": "documents", "group": "desk", "standing": "live", "pending": 0, "lag": 35}
