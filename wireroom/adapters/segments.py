"""The folder of segment files: what left the streams, kept on the disk and read again.

    FOLDER/<namespace>/<stream>_<number>_<count>_<first>_<last>.jsonl.zst

Each file is a row of zstd frames with a checksum each; ``zstdcat`` shows it. A file is written under another name, synced, and
then named: what bears a segment's name is whole, unless the disk lied. One process writes at a time (flock(2) on
``.lock``); any number read, and a reader needs no lock.

Logs go to the standard library's logging, because this is read in programs that are not ours.
"""

from __future__ import annotations

import contextlib
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import zstandard

from wireroom.adapters.ownfiles import try_lock
from wireroom.errors import StoreError
from wireroom.segments import Kept, Segment, between, in_order, reached, read_line, surplus, write_line
from wireroom.subscribing import order

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wireroom.retention import Limits
    from wireroom.settings import Settings

log = logging.getLogger("wireroom")

_PART = ".part"
"""A file on its way. One that is there while nobody holds the lock was left by a process that died."""
_LOCK = ".lock"
_LEVEL = 3
_BLOCK = 256 * 1024
"""Bytes of lines after which a block ends. What is damaged costs its block and what follows in its file."""


class Segments:
    """The segment files of one namespace.

    Args:
        folder: holds a folder for each namespace; made when it is first written to.
        namespace: begins every key.
    """

    def __init__(self, folder: Path, namespace: str) -> None:
        self.folder = folder / quote(namespace.rstrip(":") or namespace, safe="")

    # --- writing ---

    @contextlib.contextmanager
    def writing(self) -> Iterator[bool]:
        """Be the one who writes while the block runs.

        Yields:
            Whether we are; False when another process is.

        Raises:
            StoreError: the folder cannot be written.
        """
        try:
            self.folder.mkdir(mode=0o750, parents=True, exist_ok=True)
            lock = try_lock(self.folder / _LOCK)
        except OSError as error:
            raise self._error(error) from error
        if lock is None:
            yield False
            return
        try:
            for left in self.folder.glob(f"*{_PART}"):
                left.unlink(missing_ok=True)
            yield True
        finally:
            os.close(lock)

    def write(
        self, stream: str, number: int, entries: Iterable[tuple[str, Mapping[bytes, bytes]]]
    ) -> Segment | None:
        """Write consecutive entries into a file, and see it safely on the disk.

        Args:
            stream: the stream they are from.
            number: how many entries it ever had before the first of them.
            entries: position and fields; read as they are written.

        Returns:
            The new segment; None where there are no entries.

        Raises:
            StoreError: it cannot be written; nothing is left of it.
        """
        part = self.folder / f"{stream}{_PART}"
        try:
            segment = self._fill(part, stream, number, entries)
            if segment is None:
                part.unlink()
                return None
            part.rename(self.folder / segment.name)
            self._sync_folder()
        except OSError as error:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
            raise self._error(error) from error
        return segment

    @staticmethod
    def _fill(
        part: Path, stream: str, number: int, entries: Iterable[tuple[str, Mapping[bytes, bytes]]]
    ) -> Segment | None:
        first = last = ""
        count = 0
        compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True)
        block = bytearray()
        with part.open("wb") as file:
            for position, fields in entries:
                block += write_line(position, fields)
                first, last, count = first or position, position, count + 1
                if len(block) >= _BLOCK:
                    file.write(compressor.compress(block))
                    block.clear()
            if block:
                file.write(compressor.compress(block))
            file.flush()
            os.fsync(file.fileno())
        return Segment(stream, number, count, first, last) if count else None

    def _sync_folder(self) -> None:
        fd = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)

    def trim(self, limits: Limits, now: float) -> list[Segment]:
        """Delete the oldest files over the limits.

        Args:
            limits: what is kept.
            now: seconds since 1970.

        Returns:
            What was deleted.

        Raises:
            StoreError: the folder cannot be written.
        """
        files = []
        try:
            for segment in self.all():
                with contextlib.suppress(FileNotFoundError):
                    stat = (self.folder / segment.name).stat()
                    files.append((segment, stat.st_size, stat.st_mtime))
            doomed = surplus(files, limits.files, now - limits.age)
            for segment in doomed:
                (self.folder / segment.name).unlink(missing_ok=True)
        except OSError as error:
            raise self._error(error) from error
        return doomed

    def _error(self, error: OSError) -> StoreError:
        return StoreError(f"cannot write segments into {self.folder}: {error.strerror or error}")

    # --- reading ---

    def all(self, stream: str | None = None) -> list[Segment]:
        """The segments there are, of one stream or of all, in order."""
        try:
            names = [path.name for path in self.folder.iterdir()]
        except FileNotFoundError:
            return []
        except OSError as error:
            log.warning("segments cannot be read: %s: %s", self.folder, error.strerror)
            return []
        found = (Segment.named(name) for name in names)
        return in_order([one for one in found if one and stream in {None, one.stream}])

    def read(self, stream: str, after: str, before: str, known: int | None = None) -> Iterator[Kept]:
        """What is kept between two positions, in order, nothing twice. What cannot be read is logged and missing.

        Args:
            stream: the stream.
            after: a position; what came behind it is read.
            before: a position; what came before it is read.
            known: how many entries the stream ever had up to ``after``, if that is known.
        """
        every = self.all(stream)
        chosen = between(every, after, before)
        exact = known is not None or order(after) == (0, 0)
        had = known if known is not None else reached(every, after)
        if order(after) == (0, 0) and had is None and chosen:
            had = chosen[0].number  # who has read nothing has nothing to miss
        for segment in chosen:
            for position, fields, number in self._entries(segment):
                if order(position) >= order(before):
                    return
                if order(position) <= order(after):
                    had, exact = max(had or 0, number), True
                    continue
                missing = None if had is None and number > 1 else number - (had or 0) - 1
                if missing and (missing < 0 or not exact):
                    missing = None
                yield Kept(position, fields, number, missing)
                after, had, exact = position, number, True

    def _entries(self, segment: Segment) -> Iterator[tuple[str, dict[bytes, bytes], int]]:
        """The entries of a file as far as it can be read."""
        path = self.folder / segment.name
        count = 0
        try:
            for block in _blocks(path.read_bytes()):
                for line in block.splitlines():
                    position, fields = read_line(line)
                    count += 1
                    yield position, fields, segment.number + count
            why = "it ends too early" if count < segment.count else None
        except FileNotFoundError:
            why = "it was deleted meanwhile"
        except (OSError, ValueError, zstandard.ZstdError) as error:
            why = str(error)
        if why is not None:
            log.error("segment %s: %s of %s entries read: %s", path, count, segment.count, why)


def segments_of(settings: Settings) -> Segments | None:
    """The segments of the folder that the settings name; None where they name none."""
    return Segments(Path(settings.segments), settings.namespace) if settings.segments else None


def _blocks(data: bytes) -> Iterator[bytes]:
    """The blocks of a file, each once its checksum is right."""
    while data:
        frame = zstandard.ZstdDecompressor().decompressobj()
        block = frame.decompress(data)
        if not frame.eof:
            return
        yield block
        data = frame.unused_data
