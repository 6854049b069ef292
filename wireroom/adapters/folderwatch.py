"""A folder that files appear in: which of them are new and whole. Knows the disk; nothing of documents.

A file is whole when its size and time rested for a while and nobody has it open for writing. The second is known only
on Linux, for files of our own user, on file systems with leases (fcntl(2), F_SETLEASE); elsewhere the rest decides.
"""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import stat
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from wireroom.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

log = structlog.get_logger()

SETTLE = 1.5
"""Seconds that a file's size and time must rest."""
PARTS = (".tmp", ".part", ".partial", ".crdownload", ".swp", "~")
"""Ends of names that programs give to files they are still writing."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What tells one state of a file from another.

    Attributes:
        size: bytes.
        mtime: when its content changed, in ns.
        ctime: when anything of it changed, rights included, in ns; 0 where that does not matter.
    """

    size: int
    mtime: int
    ctime: int = 0

    @classmethod
    def of(cls, status: os.stat_result) -> Mark:
        """The mark of a file as it is."""
        return cls(status.st_size, status.st_mtime_ns, status.st_ctime_ns)

    def same(self, other: Mark) -> bool:
        """Whether nothing that matters to both has changed."""
        ctime = self.ctime == other.ctime or not self.ctime or not other.ctime
        return (self.size, self.mtime) == (other.size, other.mtime) and ctime


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at the folder showed.

    Attributes:
        resting: names of files to be taken, relative to the folder, with their marks.
        names: all files; None when a part of the folder could not be read.
    """

    resting: Mapping[str, Mark]
    names: frozenset[str] | None


class FolderWatch:
    """Looks at a folder and the folders below, again and again.

    Hidden files and folders, links to folders, and names that mean "not done yet" (`PARTS`) are left out.

    Args:
        folder: what is watched.
        settle: seconds that a file's size and time must rest.
        avoid: a folder that is left out: the one our own output goes to.
    """

    def __init__(self, folder: Path, *, settle: float = SETTLE, avoid: Path | None = None) -> None:
        self.folder = folder.absolute()
        self._settle = settle
        self._avoid = avoid.resolve() if avoid else None
        self._since: dict[str, tuple[Mark, float]] = {}
        self._unread: set[str] = set()

    def check(self) -> None:
        """See that the folder can be watched.

        Raises:
            UsageError: it is not there, is no folder, cannot be read, or is where our own output goes.
        """
        try:
            with os.scandir(self.folder):
                pass
        except OSError as error:
            raise UsageError(f"cannot watch {self.folder}: {error.strerror}") from error
        if self._avoid and self.folder.resolve().is_relative_to(self._avoid):
            raise UsageError(
                f"cannot watch {self.folder}: documents are written there, and would be taken in again"
            )

    def look(self, known: Mapping[str, Mark]) -> Look:
        """Look once.

        Args:
            known: files that need not be taken unless they have changed.
        """
        failed: list[str] = []
        now, seen, resting = time.monotonic(), {}, {}
        names = set()
        for name, mark in self._files("", failed):
            names.add(name)
            if name in known and known[name].same(mark):
                continue
            before, since = self._since.get(name, (mark, now))
            seen[name] = (mark, since if before.same(mark) else now)
            if now - seen[name][1] >= self._settle:
                resting[name] = mark
        self._since = seen
        self._tell(failed)
        return Look(resting, None if failed else frozenset(names))

    def read(self, name: str, mark: Mark, limit: int) -> bytes | None:
        """A file's bytes, one more than ``limit`` at most; None when it is not whole after all, or gone.

        Raises:
            OSError: it cannot be read.
        """
        try:
            fd = os.open(self.folder / name, os.O_RDONLY | os.O_NONBLOCK)
        except FileNotFoundError:
            return None
        with open(fd, "rb") as file:  # noqa: PTH123 - it is open
            if not stat.S_ISREG(os.fstat(fd).st_mode) or _being_written(fd):
                return None
            data = file.read(limit + 1)
            return data if Mark.of(os.fstat(fd)).same(mark) else None

    def _files(self, below: str, failed: list[str]) -> Iterator[tuple[str, Mark]]:
        try:
            with os.scandir(self.folder / below) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            failed.append(f"{self.folder / below}: {error.strerror}")
            return
        for entry in found:
            name = os.path.join(below, entry.name)  # noqa: PTH118 - hot, and names may be no text
            if entry.name.startswith("."):
                continue
            try:
                if entry.is_dir(follow_symlinks=False):
                    if self._avoid is None or Path(entry.path).resolve() != self._avoid:
                        yield from self._files(name, failed)
                elif entry.is_file() and not entry.name.endswith(PARTS):
                    yield name, Mark.of(entry.stat())
            except FileNotFoundError:
                continue
            except OSError as error:
                failed.append(f"{entry.path}: {error.strerror}")

    def _tell(self, failed: list[str]) -> None:
        """Say once what cannot be read, and once that it can be again."""
        for line in failed:
            if line not in self._unread:
                log.warning("cannot be looked at, and is waited for", folder=line)
        for line in self._unread.difference(failed):
            log.info("can be looked at again", folder=line.rpartition(":")[0])
        self._unread = set(failed)


def _being_written(fd: int) -> bool:
    """Whether some process has the file open for writing, as far as the system tells."""
    if not hasattr(fcntl, "F_SETLEASE"):
        return False
    try:
        # Whoever opens the file for writing while we hold the lease has us sent a signal: one that does nothing. The
        # usual one, SIGIO, would end the process.
        fcntl.fcntl(fd, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False
