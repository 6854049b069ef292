"""The whole service on this machine: the embedded server and one child process for each service and queue."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import structlog

from wireroom.adapters.datafolder import OWNER, DataFolder, Service
from wireroom.adapters.embedded import EmbeddedServer
from wireroom.adapters.supervisor import Child, Supervisor
from wireroom.errors import AddressInUse, StoreError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from wireroom.settings import Settings

log = structlog.get_logger()

RESTART_PAUSE = 5.0
"""Seconds after a start of the embedded server that failed."""
WATCHED = 0.5
"""Seconds between two looks at the embedded server and the process ids."""


def services(commands: Sequence[Sequence[str]], config: Path | None) -> list[Child]:
    """A process for each command: a service's name and its arguments."""
    return [Child(command[0], (*_program(config), *command)) for command in commands]


def workers(settings: Settings, queues: Sequence[str], config: Path | None) -> list[Child]:
    """The processes that serve these queues: each of them one."""
    return [
        Child(f"work-{queue}", (*_program(config), "work", str(queue)), replicas=settings.work_processes)
        for queue in queues
    ]


def _program(config: Path | None) -> list[str]:
    return [sys.executable, "-m", "wireroom", *(["--config", str(config)] if config else [])]


@asynccontextmanager
async def side_by_side(processes: Sequence[Child]) -> AsyncIterator[None]:
    """Run processes while the block runs."""
    supervisor = Supervisor(processes)
    await supervisor.start()
    try:
        yield
    finally:
        await supervisor.stop()


@asynccontextmanager
async def machine(
    folder: Path,
    processes: Sequence[Child],
    environ: dict[str, str],
    *,
    api_url: str = "",
    segments: Path | None = None,
    fsync: Literal["everysec", "always"] = "everysec",
) -> AsyncIterator[str]:
    """Run the embedded server and the processes while the block runs; everything stops with it.

    Args:
        folder: the data folder.
        processes: what runs.
        environ: variables over our own environment.
        api_url: where the API is, if one runs.
        segments: the folder for what leaves the streams, if it is kept.
        fsync: when the server writes to the disk.

    Yields:
        The URL of the embedded server.

    Raises:
        DataFolderLocked: another process owns the folder.
        StoreError: the server does not start.
    """
    with DataFolder(folder) as data, EmbeddedServer(folder / "redis", appendfsync=fsync) as server:
        environ = {name: value for name, value in environ.items() if not name.startswith("WIREROOM_REDIS_")}
        environ["WIREROOM_REDIS_URL"] = server.endpoint.url
        if segments is not None:
            environ["WIREROOM_SEGMENTS"] = str(segments)
        supervisor = Supervisor([_with_environment(child, environ) for child in processes])
        _forget_redis_names()
        await supervisor.start()
        service = Service(api_url, server.endpoint.url, segments=environ.get("WIREROOM_SEGMENTS"))
        watch = asyncio.create_task(_watch(data, server, supervisor, service))
        try:
            yield server.endpoint.url
        finally:
            watch.cancel()
            await supervisor.stop()


def _with_environment(child: Child, environ: dict[str, str]) -> Child:
    return Child(child.name, child.argv, env={**environ, **child.env}, replicas=child.replicas)


def _forget_redis_names() -> None:
    """The children inherit our environment, where another Redis may be named; the embedded one is meant."""
    for name in [name for name in os.environ if name.startswith("WIREROOM_REDIS_")]:
        del os.environ[name]


async def _watch(data: DataFolder, server: EmbeddedServer, supervisor: Supervisor, service: Service) -> None:
    """Keep the embedded server alive and ``service.json`` true."""
    written: object = None
    while True:
        if server.pid is None:
            log.warning("the embedded server ended and is started again")
            try:
                server.start()
            except StoreError as error:
                log.error("the embedded server does not start; it is tried again", why=str(error))  # noqa: TRY400
                await asyncio.sleep(RESTART_PAUSE)
                continue
        known = {OWNER: (os.getpid(),), "redis": tuple(pid for pid in (server.pid,) if pid)}
        known |= {name: tuple(pids) for name, pids in supervisor.pids().items()}
        if known != written:
            data.write_service(replace(service, redis_url=server.endpoint.url, processes=known))
            written = known
        await asyncio.sleep(WATCHED)


def free_port(host: str, port: int) -> int:
    """See that a port can be listened on; 0 chooses one.

    Raises:
        AddressInUse: somebody else listens on it.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            msg = f"cannot listen on {host}:{port}: {error.strerror}; choose another with --port or WIREROOM_PORT"
            raise AddressInUse(msg) from None
        chosen: int = probe.getsockname()[1]
        return chosen
