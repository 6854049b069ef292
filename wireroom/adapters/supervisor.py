"""Running a set of child processes and keeping them running. Knows processes and signals, nothing of what they do.

Every child leads a process group of its own, so that Ctrl-C in the terminal reaches the supervisor only, which then
stops the children in its own order. What children write goes to our standard error as it is. On Linux a child is
killed by the kernel when its supervisor dies, however it dies.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from wireroom.adapters.lifeline import die_with_parent
from wireroom.errors import WireroomError

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Callable, Mapping, Sequence

_log = structlog.get_logger(__name__)

_STDERR = 2


@dataclass(frozen=True, slots=True)
class Child:
    """What to run.

    Attributes:
        name: service name; unique in one supervisor.
        argv: program and arguments.
        env: variables over our own environment.
        replicas: processes of this kind.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    replicas: int = 1


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait before a child that ended is started again.

    Attributes:
        first: seconds after the first end; doubled with each further one.
        most: seconds at most.
        healthy: seconds of life after which the count begins anew.
    """

    first: float = 0.5
    most: float = 30.0
    healthy: float = 60.0

    def delay(self, failures: int) -> float:
        """Seconds to wait after so many ends in a row, from 1."""
        return min(self.most, self.first * 2.0 ** min(failures - 1, 30))


@dataclass(frozen=True, slots=True)
class Exit:
    """A child ended while it should have run.

    Attributes:
        name: its service name.
        replica: its number, from 0.
        pid: its process id.
        code: exit code; negative is the signal that killed it.
        failures: ends in a row, this one included.
        restart_in: seconds until it is started again.
    """

    name: str
    replica: int
    pid: int
    code: int
    failures: int
    restart_in: float


class Supervisor:
    """Runs children from `start` to `stop`; starts those that end again. Lives in the main thread's event loop.

    Args:
        children: in the order in which they are started.
        on_exit: called for each child that ended by itself.
        on_start: called with the service name and the process id whenever a child was started.
        backoff: waits between restarts.
    """

    def __init__(
        self,
        children: Sequence[Child],
        *,
        on_exit: Callable[[Exit], None] | None = None,
        on_start: Callable[[str, int], None] | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        self._slots = [(child, replica) for child in children for replica in range(child.replicas)]
        self._on_exit = on_exit
        self._on_start = on_start
        self._backoff = backoff or Backoff()
        self._running: dict[tuple[str, int], Process] = {}
        self._keepers: list[asyncio.Task[None]] = []
        self._stopping = asyncio.Event()

    def pids(self) -> dict[str, list[int]]:
        """Process ids of the children that run now, by service; a service between two lives has none."""
        found: dict[str, list[int]] = {child.name: [] for child, _ in self._slots}
        for (name, _), process in sorted(self._running.items()):
            found[name].append(process.pid)
        return found

    async def start(self) -> None:
        """Start every child, in order.

        Raises:
            WireroomError: a program cannot be started at all; those started before it are stopped.
            RuntimeError: not in the main thread.
        """
        for child, replica in self._slots:
            if self._stopping.is_set():  # asked to stop while starting
                return
            try:
                process = await self._spawn(child, replica)
            except OSError as error:
                await self.stop(0)
                raise WireroomError(
                    f"cannot start {child.name}: {child.argv[0]}: {error.strerror}"
                ) from error
            except BaseException:
                await self.stop(0)
                raise
            keeper = asyncio.create_task(
                self._keep(child, replica, process), name=f"keep {child.name} {replica}"
            )
            self._keepers.append(keeper)

    async def stop(self, grace: float = 20.0) -> None:
        """Stop every child: SIGTERM, the last started first; what is left after ``grace`` seconds is killed.

        Killed with its whole process group. May be called again, with a shorter grace, while it runs.
        """
        self._stopping.set()
        for process in reversed(list(self._running.values())):
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
        if self._keepers:
            await asyncio.wait(self._keepers, timeout=grace)
        for (name, replica), process in list(self._running.items()):
            _log.warning("did not stop, killed", service=name, replica=replica, pid=process.pid, grace=grace)
            _kill_group(process.pid)
        if self._keepers:
            await asyncio.wait(self._keepers)

    async def _spawn(self, child: Child, replica: int) -> Process:
        process = await asyncio.create_subprocess_exec(
            *child.argv,
            stdin=subprocess.DEVNULL,
            stdout=_STDERR,  # our own standard output may be somebody's data
            env={**os.environ, **child.env},
            process_group=0,
            # SIGKILL, because a child that hangs must not go on beside its successor.
            preexec_fn=die_with_parent(signal.SIGKILL),  # one system call, see lifeline
        )
        self._running[child.name, replica] = process
        if self._stopping.is_set():  # asked to stop while it was being started: it has nothing to finish yet
            _kill_group(process.pid)
        elif self._on_start:
            _tell(self._on_start, child.name, process.pid)
        return process

    async def _keep(self, child: Child, replica: int, process: Process | None) -> None:
        """One child's lives, until we stop."""
        failures = 0
        while True:
            begun = time.monotonic()
            pid = process.pid if process else 0
            code = await self._end_of(child, replica, process) if process else os.EX_UNAVAILABLE
            if self._stopping.is_set():
                return
            failures = 1 if time.monotonic() - begun >= self._backoff.healthy else failures + 1
            self._report(Exit(child.name, replica, pid, code, failures, self._backoff.delay(failures)))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), self._backoff.delay(failures))
            if self._stopping.is_set():
                return
            process = await self._respawn(child, replica)

    async def _respawn(self, child: Child, replica: int) -> Process | None:
        try:
            return await self._spawn(child, replica)
        except OSError as error:  # no memory or no process left: that may pass
            _log.warning("cannot be started", service=child.name, replica=replica, error=str(error))
            return None

    async def _end_of(self, child: Child, replica: int, process: Process) -> int:
        code = await process.wait()
        _kill_group(process.pid)  # what it left behind
        self._running.pop((child.name, replica), None)
        return code

    def _report(self, end: Exit) -> None:
        _log.warning(
            "ended, will be started again",
            service=end.name,
            replica=end.replica,
            pid=end.pid,
            code=end.code,
            restart_in=end.restart_in,
        )
        if self._on_exit:
            _tell(self._on_exit, end)


def _tell(callback: Callable[..., None], *what: object) -> None:
    try:
        callback(*what)
    except Exception:  # noqa: BLE001 - the caller's mistake must not end the keeping
        _log.exception("a callback failed")


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):  # all gone; or, on macOS, zombies only
        os.killpg(pid, signal.SIGKILL)
