"""Delivery: what is published becomes files, the newest revision wins, nothing is acknowledged unwritten."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from waiting import until_async

from wireroom.assembly import assemble, content
from wireroom.draft import from_file
from wireroom.errors import UsageError
from wireroom.events import document_event
from wireroom.settings import Settings
from wireroom.world import World

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import redis

deliver: Any = import_module("wireroom.services.deliver")
GROUP = "wireroom-deliver"
STREAM = "wireroom:documents"


def world_of(url: str, out: Path | str) -> World:
    return World(Settings(redis_url=url, out=str(out)))


def publish(world: World, did: str, text: str, *, silently: bool = False) -> None:
    """Publish a revision as the publisher does."""
    draft = from_file(text, "a.txt", did)
    kept = world.store.revision(did)
    previous = kept["data"] if kept else None
    data = assemble(draft, {}, previous)
    event = document_event("/wireroom", data, datetime.now(UTC))
    commands = world.store.written(draft, data, text, content(data), previous)
    with world.redis.pipeline(transaction=True) as pipe:
        for command in commands if silently else [*commands, world.streams.entry(event)]:
            pipe.execute_command(*command)
        pipe.execute()


@contextlib.asynccontextmanager
async def delivering(world: World) -> AsyncIterator[list[str]]:
    stop, said = asyncio.Event(), []
    task = asyncio.create_task(deliver.run(world, stop, said.append))
    yield said
    stop.set()
    async with asyncio.timeout(10):
        await task


def texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_bytes().decode() for path in folder.glob("*") if path.is_file()}


async def test_published_documents_become_files_and_updates_replace_them(redis_url: str, tmp_path: Path):
    world = world_of(redis_url, tmp_path / "out")
    one, two = "1" * 16, "2" * 16
    publish(world, one, "date 2026-03-04\n\nThe bridge is open.\r\n")
    async with delivering(world) as said:
        await until_async(lambda: len(texts(tmp_path / "out")) == 1)
        publish(world, two, "The harbour is closed.")
        publish(world, one, "date 2026-03-04\n\nThe bridge is closed again.\n")
        await until_async(lambda: "again" in texts(tmp_path / "out")[f"000_{one}.txt"])
        await until_async(lambda: len(texts(tmp_path / "out")) == 2)
    assert texts(tmp_path / "out")[f"001_{two}.txt"] == "The harbour is closed."
    assert said == [f"delivering into {tmp_path / 'out'}"]


async def test_a_restart_goes_on_and_old_events_bring_no_old_text(
    redis_url: str, redis_client: redis.Redis, tmp_path: Path
):
    world = world_of(redis_url, tmp_path)
    publish(world, "1" * 16, "The first text.")
    async with delivering(world):
        await until_async(lambda: texts(tmp_path))
    publish(world, "1" * 16, "The second text.")
    publish(world, "1" * 16, "The third text.", silently=True)
    async with delivering(world):
        await until_async(lambda: redis_client.xinfo_groups(STREAM)[0]["lag"] == 0)
        await until_async(lambda: "third" in texts(tmp_path)[f"000_{'1' * 16}.txt"])
    assert redis_client.xpending(STREAM, GROUP)["pending"] == 0
    assert len(texts(tmp_path)) == 1


async def test_a_document_that_expired_keeps_no_other_from_its_file(
    redis_url: str, redis_client: redis.Redis, tmp_path: Path
):
    world = world_of(redis_url, tmp_path)
    publish(world, "1" * 16, "The first document.")
    redis_client.delete(world.keys.document("1" * 16))
    publish(world, "2" * 16, "The second document.")
    async with delivering(world):
        await until_async(lambda: list(texts(tmp_path)) == [f"000_{'2' * 16}.txt"])
    assert redis_client.xpending(STREAM, GROUP)["pending"] == 0


async def test_a_folder_that_turns_bad_is_waited_for_and_nothing_is_acknowledged(
    redis_url: str, redis_client: redis.Redis, tmp_path: Path
):
    world, out = world_of(redis_url, tmp_path / "out"), tmp_path / "out"
    async with delivering(world) as said:
        await until_async(lambda: said and redis_client.exists(STREAM))
        shutil.rmtree(out)
        out.write_text("in the way")
        publish(world, "1" * 16, "The first document.")
        await until_async(lambda: redis_client.xpending(STREAM, GROUP)["pending"])
    assert redis_client.xpending(STREAM, GROUP)["pending"] == 1
    out.unlink()
    async with delivering(world):
        await until_async(lambda: texts(out))
    assert redis_client.xpending(STREAM, GROUP)["pending"] == 0


async def test_a_folder_that_cannot_be_written_is_an_error_at_once(redis_url: str, tmp_path: Path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(UsageError, match="out"):
        await deliver.run(world_of(redis_url, tmp_path / "out"), asyncio.Event(), lambda _: None)


async def test_without_a_folder_it_idles_until_told_to_stop(redis_url: str, redis_client: redis.Redis):
    async with delivering(world_of(redis_url, "")) as said:
        await until_async(lambda: said)
    assert said == ["no output folder"]
    assert not redis_client.exists(STREAM)
