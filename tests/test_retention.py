"""Retention: what leaves a stream, when, and where to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from events_sample import NOON, STREAM
from waiting import until

from wireroom.adapters.keys import Keys
from wireroom.adapters.retention import Retention
from wireroom.adapters.segments import Segments
from wireroom.errors import StoreError
from wireroom.events import Event, Stream, Type
from wireroom.retention import Limits, Standing

if TYPE_CHECKING:
    from pathlib import Path

    import redis

KEYS = Keys("wireroom:")
MANY = 10**9


def fill(client: redis.Redis, first: int, last: int, *, text: int = 10, stream: str = STREAM) -> None:
    """Add events with some text each."""
    with client.pipeline(transaction=False) as pipe:
        for n in range(first, last + 1):
            subject = f"{n:016x}"
            data = {"id": subject, "revision": 1, "text": "ä" * text}
            made = Event(Type.DOCUMENT_CREATED, subject, f"{subject}.1", "/wireroom", NOON, data)
            pipe.xadd(stream, made.fields(), id=f"{n}-0")
        pipe.execute()


def retention(
    client: redis.Redis,
    folder: Path | None,
    *,
    entries: int = MANY,
    size: int = MANY,
    idle: float = 3600.0,
    files: int = MANY,
    age: float = 3600.0,
) -> Retention:
    segments = Segments(folder, "wireroom:") if folder else None
    return Retention(client, KEYS, Limits(entries, size, idle, files, age), segments)


def kept(folder: Path, after: str = "0-0", before: str = "99999999-0") -> list[int]:
    """What the files hold, read in order."""
    return [
        int(one.position.partition("-")[0])
        for one in Segments(folder, "wireroom:").read("documents", after, before)
    ]


def first(client: redis.Redis) -> int:
    (row,) = client.xrange(STREAM, count=1)
    return int(row[0].partition(b"-")[0])


def take(client: redis.Redis, count: int, *, group: str = "desk", ack: int = 0) -> list[bytes]:
    ((_, rows),) = client.xreadgroup(group, "one", {STREAM: ">"}, count=count)
    ids = [entry for entry, _ in rows]
    if ack:
        client.xack(STREAM, group, *ids[:ack])
    return ids


# --- what leaves ---


def test_nothing_leaves_within_the_limits(redis_client: redis.Redis, tmp_path: Path):
    fill(redis_client, 1, 100)
    assert retention(redis_client, tmp_path, entries=100).retain() == 0
    assert (redis_client.xlen(STREAM), kept(tmp_path)) == (100, [])


def test_what_leaves_is_in_the_files_word_for_word(redis_client: redis.Redis, tmp_path: Path):
    fill(redis_client, 1, 100)
    redis_client.xadd(STREAM, {b"\xff": b"\x00", "no": "event", "data": "{"}, id="101-0")
    redis_client.xadd(STREAM, {"position": "a field", "data": "1"}, id="102-0")
    fill(redis_client, 103, 300)
    before = redis_client.xrange(STREAM)
    assert retention(redis_client, tmp_path, entries=100).retain() == 210
    assert redis_client.xlen(STREAM) == 90
    read = [
        (one.position.encode(), one.fields)
        for one in Segments(tmp_path, "wireroom:").read("documents", "0-0", "999-0")
    ]
    assert [*read, *redis_client.xrange(STREAM)] == before


def test_without_a_folder_what_leaves_is_gone(redis_client: redis.Redis):
    fill(redis_client, 1, 300)
    assert retention(redis_client, None, entries=100).retain() == 210
    assert first(redis_client) == 211


def test_a_live_group_holds_back_what_it_has_not_acknowledged(redis_client: redis.Redis, tmp_path: Path):
    fill(redis_client, 1, 300)
    redis_client.xgroup_create(STREAM, "desk", "0")
    keeper = retention(redis_client, tmp_path, entries=100)
    assert keeper.retain() == 0
    ids = take(redis_client, 60, ack=50)  # 1 to 50 done, 51 to 60 pending
    assert keeper.retain() == 50
    assert first(redis_client) == 51
    redis_client.xack(STREAM, "desk", *ids[51:])
    assert keeper.retain() == 0  # 51 alone still holds
    redis_client.xack(STREAM, "desk", ids[50])
    assert keeper.retain() == 10
    assert kept(tmp_path) == [*range(1, 61)]


def test_the_slowest_live_group_counts(redis_client: redis.Redis, tmp_path: Path):
    fill(redis_client, 1, 300)
    for group, count in (("fast", 200), ("slow", 20)):
        redis_client.xgroup_create(STREAM, group, "0")
        take(redis_client, count, group=group, ack=count)
    assert retention(redis_client, tmp_path, entries=100).retain() == 20


def test_the_budget_in_bytes_holds_under_a_group_that_never_reads(redis_client: redis.Redis, tmp_path: Path):
    redis_client.xgroup_create(STREAM, "never", "0", mkstream=True)
    keeper = retention(redis_client, tmp_path, size=200_000)
    for begin in range(1, 1001, 200):
        fill(redis_client, begin, begin + 199, text=500)
        keeper.retain()
        assert redis_client.memory_usage(STREAM, samples=0) <= 200_000
    assert redis_client.xlen(STREAM) > 100  # no more left than had to
    assert kept(tmp_path) == [*range(1, first(redis_client))]


def test_what_is_pending_is_not_paid_for_by_what_is_not_read(redis_client: redis.Redis, tmp_path: Path):
    fill(redis_client, 1, 1000)
    redis_client.xgroup_create(STREAM, "hoarder", "0")
    take(redis_client, 1000, group="hoarder")
    used = redis_client.memory_usage(STREAM, samples=0)
    assert retention(redis_client, tmp_path, size=used - 50_000).retain() == 0


def test_pending_entries_that_are_gone_hold_nothing_back(redis_client: redis.Redis, tmp_path: Path):
    fill(redis_client, 1, 300)
    redis_client.xgroup_create(STREAM, "desk", "0")
    take(redis_client, 300)
    redis_client.xtrim(STREAM, minid="11-0", approximate=False)
    redis_client.xack(STREAM, "desk", *(f"{n}-0" for n in range(11, 301)))
    assert retention(redis_client, tmp_path, entries=100).retain() == 200


def test_a_stream_of_another_type_stops_no_other(redis_client: redis.Redis, tmp_path: Path):
    redis_client.set(KEYS.stream(Stream.DOCUMENTS), "not a stream")
    fill(redis_client, 1, 300, stream=KEYS.stream(Stream.STORIES))
    assert retention(redis_client, tmp_path, entries=100).retain() == 210


# --- groups ---


def states(keeper: Retention) -> dict[str, Standing]:
    return {state.group.name: state.standing for state in keeper.groups.states(Stream.DOCUMENTS)}


def test_an_idle_group_holds_nothing_back_and_is_deleted_later(redis_client: redis.Redis, tmp_path: Path):
    fill(redis_client, 1, 300)
    redis_client.xgroup_create(STREAM, "desk", "0")
    take(redis_client, 10)
    assert (
        retention(redis_client, tmp_path, entries=100, idle=0.2).retain() == 0
    )  # seen for the first time: live
    patient = retention(redis_client, tmp_path, entries=100, idle=0.2)
    until(lambda: states(patient) == {"desk": Standing.IDLE})
    assert patient.retain() == 210
    until(lambda: states(patient) == {"desk": Standing.EXPIRED})
    patient.retain()
    assert redis_client.xinfo_groups(STREAM) == []
    assert redis_client.hgetall(KEYS.groups("documents")) == {}


def test_reading_and_acknowledging_keep_a_group_alive(redis_client: redis.Redis, tmp_path: Path):
    fill(redis_client, 1, 300)
    redis_client.xgroup_create(STREAM, "desk", "0")
    ids = take(redis_client, 10)
    keeper = retention(redis_client, tmp_path, idle=0.2)
    keeper.retain()
    until(lambda: states(keeper) == {"desk": Standing.IDLE})
    redis_client.xack(STREAM, "desk", ids[0])
    assert states(keeper) == {"desk": Standing.LIVE}
    keeper.retain()
    until(lambda: states(keeper) == {"desk": Standing.IDLE})
    take(redis_client, 1)
    assert states(keeper) == {"desk": Standing.LIVE}


def test_a_group_whose_consumers_are_forgotten_is_judged_by_what_was_noted(
    redis_client: redis.Redis, tmp_path: Path
):
    fill(redis_client, 1, 300)
    redis_client.xgroup_create(STREAM, "desk", "0")
    take(redis_client, 10, ack=10)
    keeper = retention(redis_client, tmp_path, idle=0.2)
    keeper.retain()
    redis_client.xgroup_delconsumer(STREAM, "desk", "one")
    assert states(keeper) == {"desk": Standing.LIVE}
    until(lambda: states(keeper) == {"desk": Standing.IDLE})


# --- files ---


def test_the_oldest_files_leave_first(redis_client: redis.Redis, tmp_path: Path):
    for begin in range(1, 1001, 200):
        fill(redis_client, begin, begin + 199, text=100)
        retention(redis_client, tmp_path, entries=20).retain()
    files = Segments(tmp_path, "wireroom:").all()
    assert len(files) == 5
    folder = tmp_path / "wireroom"
    room = sum((folder / one.name).stat().st_size for one in files[2:])
    retention(redis_client, tmp_path, files=room).retain()
    assert Segments(tmp_path, "wireroom:").all() == files[2:]
    os.utime(folder / files[2].name, (1, 1))
    retention(redis_client, tmp_path, age=3600).retain()
    assert Segments(tmp_path, "wireroom:").all() == files[3:]


def test_a_folder_that_cannot_be_written_keeps_everything_in_the_stream(
    redis_client: redis.Redis, tmp_path: Path
):
    fill(redis_client, 1, 300)
    (tmp_path / "wireroom").write_text("a file where the folder should be")
    with pytest.raises(StoreError, match="cannot write segments into"):
        retention(redis_client, tmp_path, entries=100, size=1).retain()
    assert redis_client.xlen(STREAM) == 300


def test_one_scheduler_at_a_time_trims(redis_client: redis.Redis, tmp_path: Path):
    fill(redis_client, 1, 300)
    with Segments(tmp_path, "wireroom:").writing() as ours:
        assert ours
        assert retention(redis_client, tmp_path, entries=100).retain() == 0
    assert retention(redis_client, tmp_path, entries=100).retain() == 210


KILLED = """
import os, signal, sys
from pathlib import Path
import redis
from wireroom.adapters.keys import Keys
from wireroom.adapters.retention import Retention
from wireroom.adapters.segments import Segments
from wireroom.retention import Limits

class Dying(redis.Redis):
    def xtrim(self, *_, **__):
        os.kill(os.getpid(), signal.SIGKILL)

class Torn(Segments):
    def write(self, stream, number, entries):
        def some():
            for count, entry in enumerate(entries):
                if count == 50:
                    os.kill(os.getpid(), signal.SIGKILL)
                yield entry
        return super().write(stream, number, some())

url, folder, where = sys.argv[1:]
client = (Dying if where == "trim" else redis.Redis).from_url(url, protocol=2)
segments = (Torn if where == "write" else Segments)(Path(folder), "wireroom:")
Retention(client, Keys("wireroom:"), Limits(100, 10**9, 3600, 10**9, 3600), segments).retain()
"""


@pytest.mark.parametrize("where", ["write", "trim"])
def test_killed_between_the_file_and_the_trim_nothing_is_lost_or_read_twice(
    redis_url: str, redis_client: redis.Redis, tmp_path: Path, where: str
):
    fill(redis_client, 1, 300)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, redis_url, str(tmp_path), where], check=False, timeout=60
    )
    assert killed.returncode == -signal.SIGKILL
    assert redis_client.xlen(STREAM) == 300
    fill(redis_client, 301, 320)
    assert retention(redis_client, tmp_path, entries=100).retain() == 230
    assert kept(tmp_path) == [*range(1, 231)]
    assert [one.missing for one in Segments(tmp_path, "wireroom:").read("documents", "0-0", "999-0")] == [
        0
    ] * 230
    assert len(Segments(tmp_path, "wireroom:").all()) == (2 if where == "trim" else 1)
    assert not list((tmp_path / "wireroom").glob("*.part"))
