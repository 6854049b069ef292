"""``wireroom up`` and the commands that run one process of the service each."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click
import structlog

from wireroom.errors import UsageError
from wireroom.networks import local_url
from wireroom.world import (
    World,
    check_address,
    chosen_queues,
    free_port,
    load_settings,
    machine,
    set_up_logs,
    side_by_side,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from types import FrameType

    from wireroom.settings import Settings

log = structlog.get_logger()

LOOK = 0.2
"""Seconds between two looks whether the API listens."""
DATA = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="WIREROOM_DATA",
    default=Path("data"),
    show_default=True,
    metavar="DIR",
    help="Folder that everything is kept in; made if it is missing.",
)


def until_stopped(main: Callable[[asyncio.Event], Coroutine[None, None, None]]) -> None:
    """Run a coroutine function with an event that SIGTERM and SIGINT set."""

    async def run() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        await main(stop)

    asyncio.run(run())


def leave_when_told() -> None:
    """Make SIGTERM a clean end as long as nothing is under way: while we start, or wait for Redis."""

    def leave(_signal: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, leave)


def serve(service: str, config: Path | None, *args: object) -> None:
    """Run one asyncio service until it is told to stop."""
    leave_when_told()
    world = World(load_settings(config, os.environ).settings)
    module = import_module(f"wireroom.services.{service}")

    async def main(stop: asyncio.Event) -> None:
        await module.run(world, stop, lambda line: log.info("ready", what=line), *args)

    set_up_logs(world.settings, service)
    world.wait_ready(log.warning)
    with world.running_as(service):
        until_stopped(main)
        log.info("stopped")


@click.command("api")
@click.pass_obj
def api_command(config: Path | None) -> None:
    """Serve the HTTP API on WIREROOM_HOST and WIREROOM_PORT. Beyond this machine it needs WIREROOM_API_TOKEN."""
    check_address(load_settings(config, os.environ).settings)  # before Redis is waited for
    serve("api", config)


@click.command("fetch")
@click.pass_obj
def fetch_command(config: Path | None) -> None:
    """Fetch URLs whose turn has come. Any number may run."""
    serve("fetch", config)


@click.command("schedule")
@click.pass_obj
def schedule_command(config: Path | None) -> None:
    """Take back overdue work, let go of old records. One is enough, more do no harm."""
    serve("schedule", config)


@click.command("deliver")
@click.pass_obj
def deliver_command(config: Path | None) -> None:
    """Write published documents as files into WIREROOM_OUT."""
    serve("deliver", config)


@click.command("watch")
@click.argument("folder", type=click.Path(path_type=Path))
@click.pass_obj
def watch_command(config: Path | None, folder: Path) -> None:
    """Take new document files of FOLDER as they appear."""
    serve("watch", config, folder)


@click.command("work")
@click.argument("queues", nargs=-1)
@click.pass_obj
def work_command(config: Path | None, queues: tuple[str, ...]) -> None:
    """Run the jobs of QUEUES, all when none is named. Each queue is served by a process of its own.

    The queues are normalize, dates, sameness, entities, and one for each enricher of yours, by its name.
    """
    leave_when_told()
    settings = load_settings(config, os.environ).settings
    chosen = chosen_queues(settings, queues)
    if len(chosen) > 1:
        set_up_logs(settings, "work")
        until_stopped(lambda stop: _side_by_side(stop, chosen, config, settings))
        return
    world, service = World(settings), f"work-{chosen[0]}"
    set_up_logs(settings, service)
    world.wait_ready(log.warning)
    with world.running_as(service):
        world.serve_queue(chosen[0], lambda line: log.info("ready", what=line))
        log.info("stopped")


async def _side_by_side(
    stop: asyncio.Event, queues: Sequence[str], config: Path | None, settings: Settings
) -> None:
    # One queue name a worker: with two, RQ pops with BLPOP and a killed worker loses the job.
    async with side_by_side(settings, queues, config):
        await stop.wait()


@click.command("health")
@click.argument("service")
@click.pass_obj
def health_command(config: Path | None, service: str) -> None:
    """Exit 0 when SERVICE (fetch, schedule, work-dates …) gives signs of life on this host."""
    world = World(load_settings(config, os.environ).settings)
    count = world.alive(service, socket.gethostname())
    click.echo(f"{service}: {count} alive on {socket.gethostname()}")
    raise SystemExit(0 if count else 1)


@click.command("up")
@DATA
@click.option(
    "--watch",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Take the document files of this folder, and new ones as they appear.",
)
@click.option("--host", metavar="ADDRESS", help="Address the API listens on, 127.0.0.1 unless set.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help="Port the API listens on, 8600 unless set; 0 takes a free one.",
)
@click.pass_obj
def up_command(
    config: Path | None, data: Path, watch: Path | None, host: str | None, port: int | None
) -> None:
    """Run the whole service here: API, fetcher, workers, scheduler, and an embedded Redis-compatible server.

    Ctrl-C stops it cleanly; a second start with the same folder goes on where it stopped. While it runs, the client
    commands (submit, status, tail …) find it by themselves from the same working folder, else by --data.
    """
    settings = load_settings(config, os.environ).settings
    changes = {"host": host or settings.host, "port": settings.port if port is None else port}
    settings = settings.model_copy(update=changes)
    set_up_logs(settings, "up")
    check_address(settings)
    if watch is not None and not watch.is_dir():
        msg = f"{watch}: there is no such folder to watch"
        raise UsageError(msg)
    settings = settings.model_copy(update={"port": free_port(settings.host, settings.port)})
    services: list[tuple[str, ...]] = [("schedule",), ("fetch",), ("api",)]
    if settings.out:
        if Path(settings.out).exists() and not Path(settings.out).is_dir():
            msg = f"out: {settings.out} is no folder to write documents to; name another one"
            raise UsageError(msg)
        services.append(("deliver",))
    if watch is not None:
        services.append(("watch", str(watch.resolve())))
    environ = {"WIREROOM_HOST": settings.host, "WIREROOM_PORT": str(settings.port)}

    where = str(data.resolve())

    async def main(stop: asyncio.Event) -> None:
        async with machine(data, settings, services, config, environ) as redis_url:
            del redis_url  # it holds the password; service.json has it, readable by the owner only
            url = local_url(settings.host, settings.port)
            log.info("starting", data=where)
            if await _served(url, stop):
                log.info("up: Ctrl-C stops it, the next start goes on", api=url, pages=f"{url}/", data=where)
            await stop.wait()
            log.info("stopping")

    until_stopped(main)


async def _served(url: str, stop: asyncio.Event) -> bool:
    """Wait until the API listens; False when it is to stop before that."""
    address = urlsplit(url)
    while not stop.is_set():
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(address.hostname, address.port)
            writer.close()
            return True
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOK)
    return False
