"""Files of our own in a folder of our own: written whole, for the owner only, locked. Knows the disk, no meaning."""

from __future__ import annotations

import fcntl
import os
import tempfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Put a file in place at once: a reader sees the old text or the new, never a part. Mode 0600."""
    fd, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mkstemp makes it 0600
    try:
        with os.fdopen(fd, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)  # noqa: PTH105 - both are at hand as they are
    except BaseException:
        os.unlink(part)  # noqa: PTH108
        raise


def try_lock(path: Path) -> int | None:
    """Take the exclusive lock of a file (flock(2)), made if it is missing.

    The lock lasts as long as any process has the returned descriptor open, a child that was given it included.

    Returns:
        The open descriptor, or None when another holds the lock.
    """
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return None
    return fd


def first_line(path: Path) -> str:
    """The first line of a file; empty when there is none."""
    try:
        return path.read_text(encoding="utf-8").partition("\n")[0].strip()
    except OSError:
        return ""
