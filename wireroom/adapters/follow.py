"""Following streams in an event loop: positions, what comes after them, and what is missing between.

Nothing is kept for a follower that does not ask: each round reads a few entries, and the next round waits until they
were taken. What is no longer in a stream is read from the segment files, where there are any.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wireroom.adapters.replay import Replay
from wireroom.events import Stream
from wireroom.subscribing import predecessor, successor

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import redis.asyncio

    from wireroom.adapters.keys import Keys
    from wireroom.adapters.segments import Segments

ROUND: Final = 20
"""Most entries of each stream read at once: an entry may hold megabytes."""
_POSITION: Final = re.compile(r"([0-9]{1,20})(?:-([0-9]{1,20}))?")
_LAST_SEQUENCE: Final = 2**64 - 1
BEGINNING: Final = "0-0"
LATE: Final = 1.0
"""Seconds a follower may be away before it is looked whether the streams were trimmed under it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a stream."""

    stream: Stream
    position: str
    fields: Mapping[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Gap:
    """Entries after a position that are gone: the stream was trimmed before they were read.

    Attributes:
        stream: the stream.
        after: the last position read.
        first: the first entry there is now; None when there is none.
    """

    stream: Stream
    after: str
    first: str | None


def is_position(text: str) -> bool:
    """Whether a text is an entry's id: two numbers of 64 bits, the second of which may be left out."""
    return bool(_POSITION.fullmatch(text)) and max(order(text)) <= _LAST_SEQUENCE


def is_entry(text: str) -> bool:
    """Whether a text is an entry's id with both its numbers."""
    return "-" in text and is_position(text)


def order(position: str) -> tuple[int, int]:
    """A position as it is ordered."""
    moment, _, number = position.partition("-")
    return int(moment), int(number or 0)


def read_positions(given: str, streams: Sequence[Stream]) -> dict[Stream, str]:
    """Positions from an event's id: of one stream its entry's id, of several ``documents=1-0,fetches=2-0``.

    One entry's id for several streams means the beginning of its millisecond in each: something may come twice,
    nothing is left out. A stream that is not named begins now.

    Raises:
        ValueError: it is no such id.
    """
    if is_position(given):
        moment, number = order(given)
        if len(streams) == 1:
            return {streams[0]: f"{moment}-{number}"}
        return dict.fromkeys(streams, f"{moment - 1}-{_LAST_SEQUENCE}" if moment else BEGINNING)
    found: dict[Stream, str] = {}
    for part in given.split(","):
        name, _, position = part.strip().partition("=")
        if name not in set(Stream) or not is_position(position):
            msg = "is no id of an event: such as 1700000000000-0, or documents=1700000000000-0,fetches=0-0"
            raise ValueError(msg)
        if Stream(name) in streams:
            moment_, number_ = order(position)
            found[Stream(name)] = f"{moment_}-{number_}"
    return found


def write_positions(positions: Mapping[Stream, str]) -> str:
    """Positions as an event's id."""
    if len(positions) == 1:
        return next(iter(positions.values()))
    return ",".join(f"{stream}={position}" for stream, position in positions.items())


class Follower:
    """Reads streams from positions on.

    Args:
        client: the store.
        keys: key names.
        streams: what is followed.
        segments: where what left the streams is kept, if anywhere.
    """

    def __init__(
        self,
        client: redis.asyncio.Redis,
        keys: Keys,
        streams: Sequence[Stream],
        segments: Segments | None = None,
    ) -> None:
        self._client = client
        self._keys = {stream: keys.stream(stream) for stream in streams}
        self._streams = {keys.stream(stream).encode(): stream for stream in streams}
        self._replays = {stream: Replay(segments, stream) for stream in streams} if segments else {}
        self._behind: set[Stream] = set()
        # How many entries a stream ever had up to the position, where that is known.
        self._numbers: dict[Stream, int] = {}
        self._left = time.monotonic()
        self._found: list[Entry | Gap] = []
        self.positions: dict[Stream, str] = {}

    async def begin(self, positions: Mapping[Stream, str]) -> None:
        """Begin at positions; streams without one begin now."""
        for stream in self._keys:
            if stream in positions:
                self.positions[stream] = positions[stream]
                self._behind.add(stream)
                continue
            info = await self._info(stream)
            self.positions[stream] = info["last-generated-id"].decode() if info else BEGINNING
            self._numbers[stream] = info["entries-added"] if info else 0
        # Now, because the less was written behind a position, the surer it is what is missing.
        self._found = await self._missed()

    async def next(self, wait: float) -> list[Entry | Gap]:
        """What comes next, by stream in order, or that something is missing; empty when ``wait`` seconds brought nothing.

        It is asked for again when all of it was taken.
        """
        if found := self._found:
            self._found = []
            return found
        if time.monotonic() - self._left > LATE:
            self._behind.update(self._keys)
        try:
            # Both before the read, which waits, and after it: a stream may be trimmed at any time.
            return await self._missed() or await self._read(wait)
        finally:
            self._left = time.monotonic()

    async def _read(self, wait: float) -> list[Entry | Gap]:
        asked: Any = {key: self.positions[stream] for stream, key in self._keys.items()}
        answer: Any = await self._client.xread(asked, count=ROUND, block=max(1, int(wait * 1000)))
        if missed := await self._missed():
            return missed
        self._behind.clear()
        found: list[Entry | Gap] = []
        for key, rows in answer or ():
            stream = self._streams[key]
            if len(rows) >= ROUND:
                self._behind.add(stream)
            found += [Entry(stream, entry_id.decode(), fields) for entry_id, fields in rows]
        return found

    def took(self, entry: Entry) -> str:
        """An entry was handed on.

        Returns:
            The id to go on from.
        """
        self.positions[entry.stream] = entry.position
        if entry.stream in self._numbers:
            self._numbers[entry.stream] += 1
        return write_positions(self.positions)

    async def _missed(self) -> list[Entry | Gap]:
        """What comes next where a position was overtaken by trimming: from the files, else that it is gone."""
        found: list[Entry | Gap] = []
        for stream in sorted(self._behind):
            found += await self._overtaken(stream)
        return found

    async def _overtaken(self, stream: Stream) -> list[Entry | Gap]:
        after = self.positions[stream]
        info = await self._info(stream)
        if info is None:
            return []
        first = info["recorded-first-entry-id"].decode() if info["length"] else None
        last = info["last-generated-id"].decode()
        if last == after:
            self._numbers[stream] = info["entries-added"]
        before = first or successor(last)
        gone = info["entries-added"] - info["length"]
        if gone <= self._numbers.get(stream, 0) or order(before) <= order(successor(after)):
            return []
        replay, known = self._replays.get(stream), self._numbers.get(stream)
        kept = await replay.page(after, before, known) if replay else []
        if kept:
            before, first, gone = kept[0].position, kept[0].position, kept[0].number - 1
            if kept[0].missing == 0:
                self._numbers[stream] = gone
                return [Entry(stream, one.position, one.fields) for one in kept]
        # Said once: from here on it is read as if from just before what there is.
        self.positions[stream] = predecessor(before)
        self._numbers[stream] = gone
        # Whoever has read nothing has nothing to miss.
        if order(after) == (0, 0) or (not kept and await self._complete(stream, after, gone)):
            return []
        return [Gap(stream, after, first)]

    async def _complete(self, stream: Stream, after: str, gone: int) -> bool:
        """Whether the files hold all that is gone, and end at the position."""
        return stream in self._replays and await self._replays[stream].complete(after, gone)

    async def _info(self, stream: Stream) -> Any:
        """The stream's own word on itself; None where it is not there."""
        if not await self._client.exists(self._keys[stream]):
            return None
        return await self._client.xinfo_stream(self._keys[stream])
