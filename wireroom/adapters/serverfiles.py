"""The files of an embedded server's folder: what stands in them. Starts nothing.

All for the owner only::

    redis.conf      written at every start        password   made once, kept
    redis.log       what the server says          port       kept while it is free
    owner.lock      held by the process that started the server
    server.lock     held by the server process itself: as long as it is locked, a server of this folder lives
"""

from __future__ import annotations

import os
import secrets
import string
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from wireroom.adapters.ownfiles import first_line, write_whole

if TYPE_CHECKING:
    from pathlib import Path

_SOCKET_PATH_MOST = 103
"""Bytes a unix socket's path may have: 104 with the closing NUL on macOS, 108 on Linux (unix(7))."""
_LOG_MOST = 1024 * 1024
"""Bytes of log after which the next start begins a new one."""
_LAST_WORDS = 6
"""Lines of the server's log shown with an error."""
_PLAIN = frozenset((string.ascii_letters + string.digits + "/._-").encode())


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the server answers.

    Attributes:
        url: ``redis://`` on loopback, with the password.
        socket_url: ``unix://``, with the password; None where the folder's path is too long for a socket.
        truncated: this start found the end of the append-only file torn and cut it off.
    """

    url: str
    socket_url: str | None = None
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class ServerFiles:
    """The folder of one embedded server.

    Attributes:
        folder: absolute path.
    """

    folder: Path

    def make(self) -> None:
        """Make the folder, for the owner only.

        Raises:
            OSError: it cannot be made or is no folder.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.chmod(0o700)

    @property
    def config(self) -> Path:
        """The server's configuration file."""
        return self.folder / "redis.conf"

    @property
    def owner_lock(self) -> Path:
        """Locked by the process that started the server."""
        return self.folder / "owner.lock"

    @property
    def server_lock(self) -> Path:
        """Locked by the server process."""
        return self.folder / "server.lock"

    @property
    def socket(self) -> Path | None:
        """The unix socket, where the path is short enough for one."""
        path = self.folder / "redis.sock"
        return path if len(os.fsencode(path)) <= _SOCKET_PATH_MOST else None

    @property
    def pid(self) -> str:
        """What the server wrote of its process id; empty when nothing."""
        return first_line(self.folder / "redis.pid")

    def port(self) -> int:
        """The port of the last start that succeeded; 0 when there was none."""
        with suppress(ValueError):
            return int(first_line(self.folder / "port"))
        return 0

    def keep_port(self, port: int) -> None:
        """Write down the port for the next start and for who shares the server."""
        write_whole(self.folder / "port", f"{port}\n")

    def password(self) -> str:
        """The server's password: made at the first start, the same ever after."""
        path = self.folder / "password"
        if not first_line(path):
            write_whole(path, f"{secrets.token_hex(32)}\n")
        return first_line(path)

    def endpoint(self, port: int, *, truncated: bool = False) -> Endpoint:
        """Where a server on this port answers."""
        password = self.password()
        socket_url = f"unix://:{password}@{quote(str(self.socket))}?db=0" if self.socket else None
        return Endpoint(f"redis://default:{password}@127.0.0.1:{port}/0", socket_url, truncated)

    def write_config(self, port: int, *, maxmemory: int, appendfsync: str) -> None:
        """Write the server's configuration; only what Redis 7.0 and Valkey both know."""
        lines = {
            "bind": "127.0.0.1",
            "port": str(port),
            "protected-mode": "yes",
            "requirepass": self.password(),
            "daemonize": "no",
            "pidfile": _quoted(self.folder / "redis.pid"),
            "dir": _quoted(self.folder),
            "save": '""',
            "appendonly": "yes",
            "appendfsync": appendfsync,
            "aof-load-truncated": "yes",
            "maxmemory": str(maxmemory),
            "maxmemory-policy": "noeviction",
            "tcp-backlog": "128",
        }
        if self.socket:
            lines |= {"unixsocket": _quoted(self.socket), "unixsocketperm": "700"}
        write_whole(self.config, "".join(f"{key} {value}\n" for key, value in lines.items()))

    def open_log(self) -> tuple[int, int]:
        """Open the server's log for appending: the descriptor, and where this start's part begins."""
        path = self.folder / "redis.log"
        if path.exists() and path.stat().st_size > _LOG_MOST:
            path.replace(self.folder / "redis.log.1")
        log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return log, os.fstat(log).st_size

    def said(self, since: int) -> str:
        """What the server wrote to its log since a place in it."""
        with (self.folder / "redis.log").open("rb") as log:
            log.seek(since)
            return log.read(_LOG_MOST).decode(errors="replace")

    def last_words(self, since: int) -> str:
        """The last lines the server wrote since a place in its log."""
        lines = [line for line in self.said(since).splitlines() if line.strip()]
        return "\n".join(lines[-_LAST_WORDS:]) or "(nothing)"


def _quoted(path: Path) -> str:
    """A path as the server's configuration file wants it, whatever bytes it holds."""
    return '"' + "".join(chr(b) if b in _PLAIN else f"\\x{b:02x}" for b in os.fsencode(path)) + '"'
