"""The output folder: one file a document, ``NNN_<id>.txt``. The folder itself is the only record of what was written.

Every write happens under the folder's lock (flock(2) on the folder), so any number of processes may share it and no
number is given twice. What was written is on the disk when `Outbox.write` returns.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import time
from typing import TYPE_CHECKING

from wireroom.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NAME = re.compile(r"(\d{3,})_([0-9a-f]{16})\.txt")
_ID = re.compile(r"[0-9a-f]{16}")
_PART = ".wireroom.part"
"""A file on its way. One that is there while nobody holds the lock was left by a process that died."""


class Outbox:
    """An output folder.

    Args:
        folder: made when it is first needed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._names: dict[str, str] = {}
        self._last = -1
        self._seen: int | None = None

    def open(self) -> None:
        """Make the folder if it is missing, and see that it can be written.

        Raises:
            UsageError: it cannot.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with self._locked() as fd:
                self._scan(fd)
                os.close(self._new(fd))
                os.unlink(_PART, dir_fd=fd)
        except OSError as error:
            raise self._error(error) from error

    def write(self, document_id: str, file_text: str) -> Path:
        """Put a document's file in place, whole; readers see the old text or the new.

        A document that has a file keeps it and its number. The same text again changes nothing.

        Args:
            document_id: 16 hexadecimal digits.
            file_text: written as UTF-8, to the byte.

        Returns:
            The file's path.

        Raises:
            UsageError: the folder cannot be written.
            ValueError: that is no document's id.
        """
        if not _ID.fullmatch(document_id):
            raise ValueError(f"no document id: {document_id!r}")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with self._locked() as fd:
                return self.folder / self._put(fd, document_id, file_text.encode())
        except OSError as error:
            raise self._error(error) from error

    def _put(self, fd: int, document_id: str, data: bytes) -> str:
        self._refresh(fd)
        known = self._names.get(document_id)
        name = known or f"{self._last + 1:03d}_{document_id}.txt"
        if known and self._holds(fd, known, data):
            return known
        part = self._new(fd)
        try:
            with os.fdopen(part, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.rename(_PART, name, src_dir_fd=fd, dst_dir_fd=fd)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(_PART, dir_fd=fd)
            raise
        os.fsync(fd)
        self._note(name)
        self._stamp(fd)
        return name

    @contextlib.contextmanager
    def _locked(self) -> Iterator[int]:
        fd = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            yield fd
        finally:
            os.close(fd)

    @staticmethod
    def _new(fd: int) -> int:
        return os.open(_PART, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o666, dir_fd=fd)

    @staticmethod
    def _holds(fd: int, name: str, data: bytes) -> bool:
        try:
            with open(os.open(name, os.O_RDONLY, dir_fd=fd), "rb") as file:  # noqa: PTH123 - in an open folder
                return file.read(len(data) + 1) == data
        except FileNotFoundError:
            return False

    # --- what is there ---

    def _refresh(self, fd: int) -> None:
        """Read the folder again if anything in it came or went since we last did."""
        if os.fstat(fd).st_mtime_ns != self._seen:
            self._scan(fd)

    def _scan(self, fd: int) -> None:
        self._names.clear()
        self._last = -1
        for name in sorted(os.listdir(fd)):
            self._note(name)
        self._stamp(fd)

    def _note(self, name: str) -> None:
        if found := _NAME.fullmatch(name):
            self._names[found[2]] = name
            self._last = max(self._last, int(found[1]))

    def _stamp(self, fd: int) -> None:
        """Give the folder a time of ours, to the nanosecond.

        The system's own is as coarse as 4 ms: a change by another process right after ours would not show.
        """
        now = time.time_ns()
        try:
            os.utime(fd, ns=(now, now))
            self._seen = os.fstat(fd).st_mtime_ns if os.fstat(fd).st_mtime_ns == now else None
        except PermissionError:  # somebody else's folder: read it each time
            self._seen = None

    def _error(self, error: OSError) -> UsageError:
        return UsageError(f"cannot write into the folder {self.folder}: {error.strerror or error}")
