"""Letting entries go from the streams: first into segment files, then out of Redis.

Nothing is trimmed where it is written; only this does it. The order is: write a file, see it on the disk, trim exactly
what it holds. A crash between leaves the entries in both places; the next round writes them once more, and readers
give none twice. Where the files cannot be written nothing is trimmed: intake pauses before Redis is full.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import redis
import structlog

from wireroom.adapters.connection import TROUBLE
from wireroom.events import Stream
from wireroom.retention import (
    PENDING_BYTES,
    Group,
    Limits,
    Seen,
    Standing,
    needed,
    seen,
    standing,
    too_large,
    too_many,
)
from wireroom.subscribing import order, successor

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wireroom.adapters.client import Client
    from wireroom.adapters.keys import Keys
    from wireroom.adapters.segments import Segments

log = structlog.get_logger()

_PAGE: Final = 50
"""Entries read at once: an entry may hold megabytes."""
_FILE: Final = 8 * 1024 * 1024
"""Bytes of fields after which a segment file is closed and what it holds is trimmed."""
_ENTRY: Final = 64
"""Bytes an entry takes beside its fields, about: what leaves is counted a little too low rather than too high."""

_DESTROY = """
for _, flat in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local group = {}
  for i = 1, #flat, 2 do group[flat[i]] = flat[i + 1] end
  if group['name'] == ARGV[1] and group['last-delivered-id'] == ARGV[2] and group['pending'] == tonumber(ARGV[3]) then
    for _, row in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
      for i = 1, #row, 2 do
        if row[i] == 'idle' and row[i + 1] < tonumber(ARGV[4]) then return 0 end
      end
    end
    return redis.call('XGROUP', 'DESTROY', KEYS[1], ARGV[1])
  end
end
return 0
"""
"""Deletes a group that is still as it was when it was judged."""


@dataclass(frozen=True, slots=True)
class GroupState:
    """A group, and how it stands.

    Attributes:
        group: as it was found.
        standing: whether it holds entries back.
        quiet: seconds since something happened in it.
    """

    group: Group
    standing: Standing
    quiet: float


class Groups:
    """The groups of the streams, and what is noted of them."""

    def __init__(self, redis_: Client, keys: Keys, idle: float) -> None:
        self._redis = redis_
        self._keys = keys
        self._idle = idle

    def states(self, stream: Stream) -> list[GroupState]:
        """How each group of a stream stands now."""
        return [state for state, _ in self._judged(stream)]

    def review(self, stream: Stream) -> list[Group]:
        """Note what happened in each group, delete those that expired.

        Returns:
            Those that live.
        """
        live = []
        notes: dict[str, str] = {}
        gone = set(self._notes(stream))
        for state, noted in self._judged(stream):
            group = state.group
            said = {"stream": str(stream), "group": group.name, "days": round(state.quiet / 86400, 1)}
            if state.standing is Standing.EXPIRED and self._destroy(stream, group):
                log.warning("a group was deleted: nothing happened in it", **said, pending=group.pending)
                continue
            if state.standing is Standing.LIVE:
                live.append(group)
            else:
                log.debug("a group is idle and holds nothing back", **said, pending=group.pending)
            gone.discard(group.name)
            notes[group.name] = str(noted)
        self._note(stream, notes, gone)
        return live

    def _judged(self, stream: Stream) -> Iterator[tuple[GroupState, Seen]]:
        seconds, micro = self._redis.time()
        now = seconds * 1000 + micro // 1000
        notes = self._notes(stream)
        for group in self._groups(stream):
            noted = seen(group, notes.get(group.name), now)
            quiet = (now - noted.active) / 1000
            yield GroupState(group, standing(noted, now, self._idle), quiet), noted

    def _groups(self, stream: Stream) -> Iterator[Group]:
        key = self._keys.stream(stream)
        if not self._redis.exists(key):
            return
        first = self._redis.xinfo_stream(key)["recorded-first-entry-id"].decode()
        for found in self._redis.xinfo_groups(key):
            name = found["name"].decode("utf-8", "surrogateescape")
            try:
                # What is pending and no longer there holds nothing back.
                pending = self._redis.xpending_range(key, found["name"], min=first, max="+", count=1)
                consumers = self._redis.xinfo_consumers(key, found["name"])
            except redis.ResponseError as error:
                if "NOGROUP" in str(error):
                    continue  # deleted meanwhile
                raise
            yield Group(
                name=name,
                delivered=found["last-delivered-id"].decode(),
                pending=found["pending"],
                oldest=pending[0]["message_id"].decode() if pending else None,
                quiet=min((consumer["idle"] for consumer in consumers), default=None),
                lag=found.get("lag"),
            )

    def _notes(self, stream: Stream) -> dict[str, Seen]:
        found = self._redis.hgetall(self._keys.groups(stream))
        notes = {
            name.decode("utf-8", "surrogateescape"): Seen.read(note.decode()) for name, note in found.items()
        }
        return {name: note for name, note in notes.items() if note}

    def _note(self, stream: Stream, notes: Mapping[str, str], gone: set[str]) -> None:
        key = self._keys.groups(stream)
        with self._redis.pipeline(transaction=False) as pipe:
            if gone:
                pipe.hdel(key, *map(_name, gone))
            if notes:
                pipe.hset(key, mapping={_name(name): note for name, note in notes.items()})
            # A Redis that is full takes no note; what follows makes room.
            with contextlib.suppress(redis.exceptions.OutOfMemoryError):
                pipe.execute()

    def _destroy(self, stream: Stream, group: Group) -> bool:
        """Delete a group that is still as it was when it was judged."""
        asked = (_name(group.name), group.delivered, group.pending, int(self._idle * 1000))
        return bool(self._redis.eval(_DESTROY, 1, self._keys.stream(stream), *asked))


def _name(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")


class Retention:
    """Keeps the streams within their limits.

    Args:
        redis_: the store.
        keys: key names.
        limits: what is kept.
        segments: where what leaves is written to; None: it is gone.
    """

    def __init__(self, redis_: Client, keys: Keys, limits: Limits, segments: Segments | None) -> None:
        self.groups = Groups(redis_, keys, limits.idle)
        self._redis = redis_
        self._keys = keys
        self._limits = limits
        self._segments = segments

    def retain(self) -> int:
        """Let go of what is over the limits.

        Returns:
            How many entries left the streams.

        Raises:
            StoreError: the segments cannot be written; nothing that is not in them was trimmed.
        """
        if self._segments is None:
            return sum(self._stream(stream) for stream in Stream)
        with self._segments.writing() as ours:
            if not ours:
                return 0  # another scheduler is at it
            try:
                return sum(self._stream(stream) for stream in Stream)
            finally:
                for segment in self._segments.trim(self._limits, time.time()):
                    log.info("a segment was deleted", file=segment.name, entries=segment.count)

    def _stream(self, stream: Stream) -> int:
        try:
            return self._within(stream)
        except redis.ResponseError as error:
            if isinstance(error, TROUBLE):
                raise
            # Something of another type under this key must not stop the other streams.
            log.error("a stream cannot be trimmed", stream=str(stream), why=str(error))  # noqa: TRY400
            return 0

    def _within(self, stream: Stream) -> int:
        key = self._keys.stream(stream)
        if not self._redis.xlen(key):
            return 0
        live = self.groups.review(stream)
        left = 0
        # What a pass frees is estimated, so the next one measures again.
        while passed := self._pass(stream, key, needed(live)):
            left += passed
            log.info(
                "entries left a stream", stream=str(stream), entries=passed, kept=self._segments is not None
            )
        return left

    def _pass(self, stream: Stream, key: str, floor: str | None) -> int:
        leaving = _Leaving(self._redis, key, floor)
        leaving.entries = too_many(self._redis.xlen(key), self._limits.entries)
        leaving.size = too_large(self._used(key), self._limits.size)
        left = 0
        while (entries := leaving.next_file()) is not None:
            if self._segments is not None:
                info = self._redis.xinfo_stream(key)
                self._segments.write(stream, info["entries-added"] - info["length"], entries)
            else:
                for _ in entries:
                    pass
            if not leaving.last:
                break
            left += self._redis.xtrim(key, minid=successor(leaving.last), approximate=False)
        if leaving.unread:
            log.warning(
                "over the budget: unread entries left a stream", stream=str(stream), entries=leaving.unread
            )
        return left

    def _used(self, key: str) -> int:
        """Bytes of the entries alone: what groups have pending does not get less by trimming."""
        used = self._redis.memory_usage(key, samples=0) or 0
        pending: int = sum(group["pending"] for group in self._redis.xinfo_groups(key))
        return used - PENDING_BYTES * pending


class _Leaving:
    """The oldest entries of a stream, as long as they should leave; a file's worth at a time.

    Attributes:
        entries: how many more should leave, as far as nobody needs them.
        size: how many more bytes must leave.
        last: position of the last that was given.
        unread: how many of them a live group needs.
    """

    def __init__(self, redis_: Client, key: str, floor: str | None) -> None:
        self.entries = self.size = self.unread = 0
        self.last = ""
        self._redis = redis_
        self._key = key
        self._floor = order(floor) if floor else None
        self._over = False

    def next_file(self) -> Iterator[tuple[str, Mapping[bytes, bytes]]] | None:
        """The entries of the next file; None when no more should leave."""
        self.last = ""
        return None if self._over or not (self.entries > 0 or self.size > 0) else self._file()

    def _file(self) -> Iterator[tuple[str, Mapping[bytes, bytes]]]:
        size = 0
        after = "-"
        while size < _FILE:
            rows: Any = self._redis.xrange(self._key, min=after, count=_PAGE)
            for entry, fields in rows:
                position = entry.decode()
                needed_ = self._floor is not None and order(position) >= self._floor
                if not (self.size > 0 or (self.entries > 0 and not needed_)):
                    self._over = True
                    return
                weight = sum(len(key) + len(value) for key, value in fields.items())
                size += weight
                self.entries -= 1
                self.size -= weight + _ENTRY
                self.unread += needed_
                yield position, fields
                self.last = position
                after = f"({position}"
                if size >= _FILE:
                    return
            if len(rows) < _PAGE:
                self._over = True
                return
