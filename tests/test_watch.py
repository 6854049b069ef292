"""A watched folder: new files are taken once, whole, and what cannot be taken is told."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
import redis
from waiting import until, until_async

from wireroom.adapters.embedded import EmbeddedServer
from wireroom.adapters.folderwatch import FolderWatch, Look, Mark
from wireroom.adapters.inbox import Inbox
from wireroom.document import document_id
from wireroom.errors import UsageError
from wireroom.events import Event
from wireroom.settings import Settings
from wireroom.world import World

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

watch: Any = import_module("wireroom.services.watch")
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF"


WRITER = """
import sys
with open(sys.argv[1], "w") as file:
    print("The first half, ", end="", file=file, flush=True)
    print(flush=True)
    sys.stdin.readline()
    print("the second half.", end="", file=file)
"""


def settled(folder: Path, **more: Any) -> FolderWatch:
    """A watch that takes what rested for as long as two looks are apart."""
    return FolderWatch(folder, settle=0.01, **more)


def inbox_of(url: str, folder: Path, **more: Any) -> Inbox:
    world = World(Settings(redis_url=url, **more))
    return Inbox(settled(folder), world.client, world.keys, world.streams, world.take_in, world.settings)


def take(inbox: Inbox) -> int:
    """Look until something is taken."""
    return until(inbox.look, 5)


def rest(inbox: Inbox, looks: int = 5) -> int:
    """Look some times more, each long enough after the last for a file to have rested."""
    taken = 0
    for _ in range(looks):
        now = os.times().elapsed
        until(lambda now=now: os.times().elapsed > now + 0.015)
        taken += inbox.look()
    return taken


def accepted(client: redis.Redis) -> list[str]:
    """Names of the documents in the ledger."""
    units = [client.hgetall(key) for key in client.keys("wireroom:unit:*")]
    return sorted(unit[b"name"].decode() for unit in units if unit[b"kind"] == b"document")


def letters(client: redis.Redis) -> list[dict[str, Any]]:
    return [dict(Event.from_fields(fields).data) for _, fields in client.xrange("wireroom:dead")]


def test_files_are_taken_once_from_all_folders(redis_url: str, redis_client: redis.Redis, tmp_path: Path):
    (tmp_path / "a.txt").write_text("The bridge is open.")
    (tmp_path / "desk" / "deep").mkdir(parents=True)
    (tmp_path / "desk" / "deep" / "b.txt").write_text("The harbour is closed.")
    inbox = inbox_of(redis_url, tmp_path)
    assert take(inbox) == 2
    assert rest(inbox) == 0
    assert accepted(redis_client) == ["a.txt", "desk/deep/b.txt"]
    known = redis_client.hget(f"wireroom:watched:{tmp_path}", "a.txt")
    assert known.split()[-1].decode() == document_id("The bridge is open.")
    assert redis_client.pttl(f"wireroom:watched:{tmp_path}") > 0


def test_hidden_and_unfinished_names_are_left(redis_url: str, tmp_path: Path):
    for name in (".hidden", "a.tmp", "b.part", "c.txt~", "d.crdownload"):
        (tmp_path / name).write_text("not yet")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text("not for us")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path)
    assert rest(inbox_of(redis_url, tmp_path)) == 0


def test_a_restart_takes_nothing_again_and_a_change_is_taken(
    redis_url: str, redis_client: redis.Redis, tmp_path: Path
):
    (tmp_path / "a.txt").write_text("The bridge is open.")
    assert take(inbox_of(redis_url, tmp_path)) == 1
    inbox = inbox_of(redis_url, tmp_path)
    assert rest(inbox) == 0
    (tmp_path / "a.txt").write_text("The bridge is closed again.")
    assert take(inbox) == 1
    assert accepted(redis_client) == ["a.txt", "a.txt"]


def test_files_that_are_gone_are_forgotten(redis_url: str, redis_client: redis.Redis, tmp_path: Path):
    for name in "ab":
        (tmp_path / name).write_text(f"Text {name}.")
    inbox = inbox_of(redis_url, tmp_path)
    assert take(inbox) == 2
    (tmp_path / "a").unlink()
    inbox.look()
    assert redis_client.hkeys(f"wireroom:watched:{tmp_path}") == [b"b"]


def test_a_file_that_is_open_for_writing_is_not_taken(
    redis_url: str, redis_client: redis.Redis, tmp_path: Path
):
    inbox = inbox_of(redis_url, tmp_path)
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path / "a.txt")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert writer.stdin
    assert writer.stdout
    writer.stdout.readline()
    assert rest(inbox) == 0
    writer.communicate(b"\n")
    assert take(inbox) == 1
    (name,) = redis_client.hvals(f"wireroom:watched:{tmp_path}")
    assert name.split()[-1].decode() == document_id("The first half, the second half.")


def test_a_file_that_grows_is_not_taken_before_it_rests(tmp_path: Path):
    watched = FolderWatch(tmp_path, settle=0.3)
    file = tmp_path / "a.txt"
    for size in range(1, 20):
        file.write_text("x" * size)
        assert watched.look({}).resting == {}
    resting = until(lambda: watched.look({}).resting)
    assert resting["a.txt"].size == 19
    file.write_text("changed since")
    assert watched.read("a.txt", resting["a.txt"], 100) is None


@pytest.mark.parametrize(("data", "reason"), [(JPEG, "not_text"), (b"", "empty"), (b"x" * 2000, "too_large")])
def test_what_cannot_be_taken_is_told_once_and_keeps_no_other_out(
    redis_url: str, redis_client: redis.Redis, tmp_path: Path, data: bytes, reason: str
):
    (tmp_path / "a.jpg").write_bytes(data)
    (tmp_path / "b.txt").write_text("The bridge is open.")
    assert take(inbox_of(redis_url, tmp_path, max_document=1000)) == 2
    assert rest(inbox_of(redis_url, tmp_path, max_document=1000)) == 0
    assert accepted(redis_client) == ["b.txt"]
    (letter,) = letters(redis_client)
    assert {name: letter[name] for name in ("stage", "reason", "name", "file", "tries")} == {
        "stage": "intake", "reason": reason, "name": "a.jpg", "file": str(tmp_path / "a.jpg"), "tries": 1,
    }  # fmt: skip
    if reason == "too_large":
        assert "2,000" in letter["detail"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_cannot_be_read_is_told_and_tried_when_its_rights_change(
    redis_url: str, redis_client: redis.Redis, tmp_path: Path
):
    (tmp_path / "a.txt").write_text("The bridge is open.")
    (tmp_path / "a.txt").chmod(0)
    inbox = inbox_of(redis_url, tmp_path)
    assert take(inbox) == 1
    assert letters(redis_client)[0]["reason"] == "unreadable"
    assert rest(inbox) == 0
    (tmp_path / "a.txt").chmod(0o600)
    assert take(inbox) == 1
    assert accepted(redis_client) == ["a.txt"]


def test_a_state_whose_rights_matter_differs_by_them_only_then():
    assert Mark(1, 2).same(Mark(1, 2, 3))
    assert not Mark(1, 2, 3).same(Mark(1, 2, 4))
    assert not Mark(1, 2).same(Mark(1, 3))


def test_a_broken_address_in_a_file_is_no_reason_to_refuse_it(
    redis_url: str, redis_client: redis.Redis, tmp_path: Path
):
    (tmp_path / "a.txt").write_text("The bridge is open.\n\nSources: http://[::1\n")
    assert take(inbox_of(redis_url, tmp_path)) == 1
    assert accepted(redis_client) == ["a.txt"]
    assert letters(redis_client) == []


def test_names_that_are_no_text_are_taken(redis_url: str, redis_client: redis.Redis, tmp_path: Path):
    for name, text in ((b"a\xff.txt", "One."), (b"a\xfe.txt", "Two.")):
        (tmp_path / os.fsdecode(name)).write_text(text)
    assert take(inbox_of(redis_url, tmp_path)) == 2
    assert rest(inbox_of(redis_url, tmp_path)) == 0
    assert accepted(redis_client) == ["a\ufffd.txt"] * 2


def test_many_files_are_taken_in_portions(redis_url: str, redis_client: redis.Redis, tmp_path: Path):
    for n in range(100):
        (tmp_path / f"{n}.txt").write_text(f"Text {n}.")
    assert take(inbox_of(redis_url, tmp_path)) == 100
    assert len(accepted(redis_client)) == 100
    assert len([key for key in redis_client.keys("wireroom:batch:*") if not key.endswith(b":units")]) == 4


def test_our_own_output_is_never_taken_in(tmp_path: Path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "001_0000000000000000.txt").write_text("Ours.")
    (tmp_path / "a.txt").write_text("Theirs.")
    watched = settled(tmp_path, avoid=out)
    watched.check()
    assert set(until(lambda: watched.look({}).resting)) == {"a.txt"}
    with pytest.raises(UsageError, match="again"):
        settled(out, avoid=out).check()


def test_a_folder_that_vanishes_is_waited_for_and_nothing_is_forgotten(tmp_path: Path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text("The bridge is open.")
    watched = settled(folder)
    known = dict(until(lambda: watched.look({}).resting))
    folder.rename(tmp_path / "away")
    assert watched.look(known) == Look({}, None)
    (tmp_path / "away").rename(folder)
    assert watched.look(known) == Look({}, frozenset({"a.txt"}))


@pytest.mark.parametrize("wrong", ["nowhere", "file"])
async def test_a_folder_that_is_none_is_an_error_at_once(redis_url: str, tmp_path: Path, wrong: str):
    (tmp_path / "file").write_text("a file")
    with pytest.raises(UsageError, match=wrong):
        await watch.run(World(Settings(redis_url=redis_url)), asyncio.Event(), print, tmp_path / wrong)


@contextlib.asynccontextmanager
async def watching(url: str, folder: Path) -> AsyncIterator[list[str]]:
    stop, said = asyncio.Event(), []
    task = asyncio.create_task(watch.run(World(Settings(redis_url=url)), stop, said.append, folder))
    yield said
    stop.set()
    async with asyncio.timeout(20):
        await task


@pytest.mark.long
async def test_the_service_takes_files_as_they_appear_and_waits_for_a_lost_folder(
    redis_url: str, redis_client: redis.Redis, tmp_path: Path
):
    folder = tmp_path / "in"
    folder.mkdir()
    async with watching(redis_url, folder) as said:
        await until_async(lambda: said)
        (folder / "a.txt").write_text("The bridge is open.")
        await until_async(lambda: accepted(redis_client) == ["a.txt"])
        shutil.rmtree(folder)
        folder.mkdir()
        (folder / "b.txt").write_text("The harbour is closed.")
        await until_async(lambda: accepted(redis_client) == ["a.txt", "b.txt"])


async def test_the_service_outlives_redis(tmp_path: Path):
    (tmp_path / "in").mkdir()
    server = EmbeddedServer(tmp_path / "redis")
    url = server.start().url
    async with watching(url, tmp_path / "in") as said:
        await until_async(lambda: said)
        server.stop()
        (tmp_path / "in" / "a.txt").write_text("The bridge is open.")
        server.start()
        with redis.Redis.from_url(url, protocol=2) as client:
            await until_async(lambda: accepted(client) == ["a.txt"], 20)
    server.stop()
