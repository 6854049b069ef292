"""The folder that ``wireroom up`` keeps everything in: one owner at a time, and where its service is found.

Files of the folder::

    lock            locked by the process that owns the folder; holds its process id
    service.json    while the service runs: where it is, for the commands that are its clients
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import orjson

from wireroom.adapters.lifeline import alive
from wireroom.adapters.ownfiles import first_line, try_lock, write_whole
from wireroom.errors import DataFolderLocked, StoreUnavailable, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT = Path("data")
"""The data folder of ``wireroom up`` without ``--data``, in the working folder."""
OWNER = "up"
"""The name under which the process that runs the others stands in ``processes``."""


@dataclass(frozen=True, slots=True)
class Service:
    """What ``service.json`` says of a running service.

    Attributes:
        api_url: where the HTTP API is, without a path.
        redis_url: Redis, with the password.
        processes: process ids by service.
        token_file: file that holds the API's bearer token; None where there is none.
        segments: folder of what left the streams; None where there is none.
    """

    api_url: str
    redis_url: str
    processes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    token_file: str | None = None
    segments: str | None = None

    @property
    def alive(self) -> bool:
        """Whether the process that runs the others is there (any process, where it is not named)."""
        pids = self.processes.get(OWNER) or [pid for group in self.processes.values() for pid in group]
        return any(alive(pid) for pid in pids)


class DataFolder:
    """A data folder that is ours from `lock` to `release`. Use it as a context manager.

    The lock goes with the process, however it ends.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._lock: int | None = None

    def __enter__(self) -> Self:
        self.lock()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def lock(self) -> None:
        """Make the folder if it is missing, and own it.

        Raises:
            DataFolderLocked: another process owns it; the message names the process.
            UsageError: it cannot be made, or is no folder.
        """
        if self._lock is not None:
            return
        path = self.path / "lock"
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = try_lock(path)
        except OSError as error:
            raise UsageError(f"cannot use {self.path} as a data folder: {error.strerror}") from error
        if lock is None:
            holder = first_line(path) or "unknown"
            raise DataFolderLocked(
                f"the data folder {self.path} is in use by process {holder}: stop that one, or name another folder"
            )
        os.ftruncate(lock, 0)
        os.write(lock, f"{os.getpid()}\n".encode())
        self._lock = lock

    def release(self) -> None:
        """Take ``service.json`` away and let go of the folder."""
        if self._lock is None:
            return
        self._service_file.unlink(missing_ok=True)
        os.ftruncate(self._lock, 0)
        os.close(self._lock)
        self._lock = None

    def write_service(self, service: Service) -> None:
        """Say where the service is, for the owner of the folder only. Readers see the old file or the new one.

        Raises:
            RuntimeError: the folder is not ours.
        """
        if self._lock is None:
            raise RuntimeError("only who holds the folder's lock says where its service is")
        record: dict[str, Any] = {
            "api_url": service.api_url,
            "redis_url": service.redis_url,
            "processes": {name: list(pids) for name, pids in service.processes.items()},
        }
        if service.token_file is not None:
            record["token_file"] = service.token_file
        if service.segments is not None:
            record["segments"] = service.segments
        text = orjson.dumps(record, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()
        write_whole(self._service_file, text)

    @property
    def _service_file(self) -> Path:
        return self.path / "service.json"


def read_service(folder: Path) -> Service | None:
    """What the folder says of its service, running or not; None where it says nothing readable."""
    try:
        record = orjson.loads((folder / "service.json").read_bytes())
        return Service(
            api_url=str(record["api_url"]),
            redis_url=str(record["redis_url"]),
            processes={
                str(name): tuple(map(int, pids)) for name, pids in record.get("processes", {}).items()
            },
            token_file=record.get("token_file"),
            segments=record.get("segments"),
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def find_service(environ: Mapping[str, str], folder: Path | None = None) -> Service | None:
    """The local service that runs, for the commands that are its clients.

    Args:
        environ: where ``WIREROOM_DATA`` may name the data folder.
        folder: the data folder, if the command was told; else ``WIREROOM_DATA``, else ``./data``.

    Returns:
        The service, or None where there is none or its processes are gone.
    """
    named = environ.get("WIREROOM_DATA")
    service = read_service(folder or (Path(named) if named else DEFAULT))
    return service if service and service.alive else None


def running_service(environ: Mapping[str, str], folder: Path | None) -> Service | None:
    """The same for a command that may have been told the folder: then that service is meant, and no other.

    Raises:
        StoreUnavailable: no service runs in the folder that was named.
    """
    service = find_service(environ, folder)
    if folder is not None and service is None:
        msg = f"no service runs in {folder}: start one with `wireroom up --data {folder}`, or name another folder"
        raise StoreUnavailable(msg)
    return service
