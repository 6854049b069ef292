"""Following streams in an event loop: positions, what comes after them, and what is missing between.

Nothing is kept for a follower that does not ask: each round reads a few entries, and the next round waits until they
were taken.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wireroom.events import Stream

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import redis.asyncio

    from wireroom.adapters.keys import Keys

ROUND: Final = 20
"""Most entries of each stream read at once: an entry may hold megabytes."""
_POSITION: Final = re.compile(r"([0-9]{1,20})(?:-([0-9]{1,20}))?")
_LAST_SEQUENCE: Final = 2**64 - 1
BEGINNING: Final = "0-0"


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
    """Reads streams from positions on."""

    def __init__(self, client: redis.asyncio.Redis, keys: Keys, streams: Sequence[Stream]) -> None:
        self._client = client
        self._keys = {stream: keys.stream(stream) for stream in streams}
        self._streams = {keys.stream(stream).encode(): stream for stream in streams}
        self._behind: set[Stream] = set()
        self.positions: dict[Stream, str] = {}

    async def begin(self, positions: Mapping[Stream, str]) -> list[Gap]:
        """Begin at positions; streams without one begin now.

        Returns:
            What is missing.
        """
        for stream, key in self._keys.items():
            position = positions.get(stream)
            if position is None:
                rows: Any = await self._client.xrevrange(key, count=1)
                position = rows[0][0].decode() if rows else BEGINNING
            self.positions[stream] = position
        return await self._gaps([stream for stream in self._keys if stream in positions])

    async def next(self, wait: float) -> list[Entry | Gap]:
        """What comes next, by stream in order; empty when nothing came within ``wait`` seconds."""
        found: list[Entry | Gap] = list(await self._gaps(sorted(self._behind)))
        self._behind.clear()
        if found:
            return found
        asked: Any = {key: self.positions[stream] for stream, key in self._keys.items()}
        answer: Any = await self._client.xread(asked, count=ROUND, block=max(1, int(wait * 1000)))
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
        return write_positions(self.positions)

    async def _gaps(self, streams: Sequence[Stream]) -> list[Gap]:
        """Where a position was overtaken by trimming. Whoever has read nothing has nothing to miss."""
        gaps = []
        for stream in streams:
            after = self.positions[stream]
            if order(after) == (0, 0):
                continue
            first = await self._first(stream)
            if first is not None and order(first) <= order(after):
                continue
            if first is None and order(await self._last_ever(stream)) <= order(after):
                continue
            gaps.append(Gap(stream, after, first))
            # Said once: from here on it is read as if from just before what there is.
            self.positions[stream] = BEGINNING
        return gaps

    async def _first(self, stream: Stream) -> str | None:
        rows: Any = await self._client.xrange(self._keys[stream], count=1)
        return rows[0][0].decode() if rows else None

    async def _last_ever(self, stream: Stream) -> str:
        """The last id that was ever given; 0-0 where the stream is not there."""
        if not await self._client.exists(self._keys[stream]):
            return BEGINNING
        info: Any = await self._client.xinfo_stream(self._keys[stream])
        last: bytes = info["last-generated-id"]
        return last.decode()
