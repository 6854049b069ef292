"""Document files of a watched folder on their way in; what was taken is remembered, so that a restart goes on."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import structlog

from wireroom.adapters.folderwatch import Mark
from wireroom.errors import Reason
from wireroom.events import dead_letter
from wireroom.intake import Checked, Rejection, check_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from wireroom.adapters.client import Client
    from wireroom.adapters.folderwatch import FolderWatch
    from wireroom.adapters.keys import Keys
    from wireroom.adapters.streams import Streams
    from wireroom.records import Listing
    from wireroom.settings import Settings

log = structlog.get_logger()

STAGE = "intake"
_MOST_FILES = 32
_MOST_BYTES = 32 * 1024 * 1024


class Inbox:
    """A watched folder's way into the ledger.

    Args:
        watch: the folder.
        redis_: where what was taken is remembered.
        keys: key names.
        streams: for the letters about files that cannot be taken.
        take_in: takes checked documents in, with a note of where they come from.
        settings: limits, and how long a folder that nobody watches is remembered.
    """

    def __init__(
        self,
        watch: FolderWatch,
        redis_: Client,
        keys: Keys,
        streams: Streams,
        take_in: Callable[[Checked, str], str],
        settings: Settings,
    ) -> None:
        self.watch = watch
        self._redis = redis_
        self._streams = streams
        self._take_in = take_in
        self._settings = settings
        self._folder = _shown(str(watch.folder))
        self._key = keys.watched(self._folder)
        self._known: dict[str, Mark] | None = None

    def look(self) -> int:
        """Take in what is new and whole.

        Returns:
            How many files were taken, or refused.
        """
        if self._known is None:
            self._known = self._remembered()
        look = self.watch.look(self._known)
        if look.names is not None:
            self._forget(self._known.keys() - look.names)
        return sum(self._take(self._known, portion) for portion in _portions(look.resting))

    def _take(self, known: dict[str, Mark], portion: Mapping[str, Mark]) -> int:
        listings: dict[str, Listing] = {}
        refused: dict[str, Rejection] = {}
        for name, mark in portion.items():
            checked = self._checked(name, mark)
            if checked is None:
                continue
            if checked.listings:
                (listings[name],) = checked.listings
            for rejection in checked.rejections:
                log.warning("refused", name=rejection.name, reason=rejection.reason, detail=rejection.detail)
                if not checked.listings:
                    refused[name] = rejection
        if listings:
            batch = self._take_in(Checked(tuple(listings.values()), ()), f"folder {self._folder}")
            log.info("taken in", folder=self._folder, files=len(listings), batch=batch)
        marks = {name: Mark(portion[name].size, portion[name].mtime) for name in listings}
        # What could not be read is tried again when its rights change, too.
        marks |= {name: portion[name] for name in refused}
        self._remember(marks, {name: listing.id for name, listing in listings.items()}, refused)
        known |= marks
        return len(marks)

    def _checked(self, name: str, mark: Mark) -> Checked | None:
        """One file, looked at; None when it is not whole yet, or gone."""
        shown, limit = _shown(name), self._settings.max_document
        if mark.size > limit:
            detail = f"holds {mark.size:,} bytes, more than the {limit:,} allowed"
            return Checked((), (Rejection(shown, Reason.TOO_LARGE, detail),))
        try:
            data = self.watch.read(name, mark, limit)
        except OSError as error:
            detail = f"cannot be read: {error.strerror or error}"
            return Checked((), (Rejection(shown, Reason.UNREADABLE, detail),))
        if data is None:
            return None
        return check_files([(shown, data)], max_bytes=limit, max_urls=self._settings.max_urls)

    # --- what was taken ---

    def _remembered(self) -> dict[str, Mark]:
        return {os.fsdecode(name): _mark(value) for name, value in self._redis.hgetall(self._key).items()}

    def _remember(
        self, marks: Mapping[str, Mark], ids: Mapping[str, str], refused: Mapping[str, Rejection]
    ) -> None:
        if not marks:
            return
        values = {
            os.fsencode(
                name
            ): f"{mark.size} {mark.mtime} {mark.ctime} {ids.get(name) or refused[name].reason}"
            for name, mark in marks.items()
        }
        with self._redis.pipeline(transaction=True) as pipe:
            for name, rejection in refused.items():
                pipe.execute_command(*self._letter(name, marks[name], rejection))
            pipe.hset(self._key, mapping=values)
            pipe.pexpire(self._key, int(self._settings.keep_documents * 1000))
            pipe.execute()

    def _forget(self, names: set[str]) -> None:
        """Let go of files that are no longer there, so that what is remembered is no larger than the folder."""
        if not names or self._known is None:
            return
        with self._redis.pipeline(transaction=False) as pipe:
            pipe.hdel(self._key, *(os.fsencode(name) for name in names))
            pipe.execute()
        for name in names:
            del self._known[name]

    def _letter(self, name: str, mark: Mark, rejection: Rejection) -> Any:
        """The dead letter about a file: the same file in the same state gives the same id."""
        what = f"{self._folder}\n{rejection.name}\n{mark.size}\n{mark.mtime}\n{rejection.reason}"
        uid = hashlib.sha256(what.encode()).hexdigest()[:20]
        data: dict[str, Any] = {"unit": None, "stage": STAGE, "reason": rejection.reason, "tries": 1}
        data |= {"detail": rejection.detail, "stack": None}
        data |= {"url": None, "document": None, "name": rejection.name, "batch": None}
        data |= {"folder": self._folder, "file": _shown(str(self.watch.folder / name)), "bytes": mark.size}
        return self._streams.entry(dead_letter(self._streams.source, uid, data, datetime.now(UTC)))


def _portions(files: Mapping[str, Mark]) -> Iterator[dict[str, Mark]]:
    portion: dict[str, Mark] = {}
    for name, mark in files.items():
        full = sum(other.size for other in portion.values()) + mark.size > _MOST_BYTES
        if portion and (full or len(portion) == _MOST_FILES):
            yield portion
            portion = {}
        portion[name] = mark
    if portion:
        yield portion


def _mark(value: bytes) -> Mark:
    size, mtime, ctime, _ = value.split(b" ", 3)
    return Mark(int(size), int(mtime), int(ctime))


def _shown(name: str) -> str:
    """A file's name as text: names on the disk are bytes."""
    return os.fsencode(name).decode("utf-8", "replace")
