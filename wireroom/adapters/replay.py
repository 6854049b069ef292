"""Reading on in the segment files, in an event loop: what a reader of one stream missed, a few entries at a time.

Files are read in threads. Nothing is held open between two reads but a place in a file, which is found again when the
reader goes somewhere else.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from wireroom.segments import reached
from wireroom.subscribing import order, predecessor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wireroom.adapters.segments import Segments
    from wireroom.segments import Kept

_MOST = 50
"""Most entries read ahead."""
_BYTES = 1024 * 1024
"""Bytes after which no further entry is read ahead."""
_END = "18446744073709551615-18446744073709551615"


class Replay:
    """A place in the segment files of one stream.

    Args:
        segments: the files.
        stream: the stream that the entries left.
    """

    def __init__(self, segments: Segments, stream: str) -> None:
        self._segments = segments
        self._stream = stream
        self._reader: Iterator[Kept] = iter(())
        self._ahead: deque[Kept] = deque()
        self._at = self._before = ""

    async def next(self, after: str, before: str, known: int | None = None) -> Kept | None:
        """The first entry that is kept between two positions; None where none is. As `Segments.read`."""
        if not self._stands_at(after, before):
            self._reader = self._segments.read(self._stream, after, before, known)
            self._ahead.clear()
            self._at, self._before = after, before
        if not self._ahead:
            self._ahead.extend(await asyncio.to_thread(self._some))
        if not self._ahead:
            self._at = ""  # a file that comes later is found the next time
            return None
        kept = self._ahead.popleft()
        self._at = kept.position
        return kept

    async def page(self, after: str, before: str, known: int | None = None) -> list[Kept]:
        """The first entries that are kept between two positions, up to where something is missing."""
        first = await self.next(after, before, known)
        if first is None:
            return []
        kept = [first]
        while self._ahead and self._ahead[0].missing == 0:
            kept.append(self._ahead.popleft())
        self._at = kept[-1].position
        return kept

    async def find(self, position: str) -> Kept | None:
        """One entry; None where it is not kept."""
        kept = await self.next(predecessor(position), _END)
        return kept if kept is not None and kept.position == position else None

    async def complete(self, after: str, gone: int) -> bool:
        """Whether nothing that left the stream is missing behind a position that the files reach.

        Args:
            after: the position.
            gone: how many entries ever left the stream.
        """
        return reached(await asyncio.to_thread(self._segments.all, self._stream), after) == gone

    def _stands_at(self, after: str, before: str) -> bool:
        if not self._at or before != self._before:
            return False
        if self._at == after:
            return True
        behind = bool(self._ahead) and order(self._ahead[0].position) > order(after)
        return behind and order(self._at) <= order(after)

    def _some(self) -> list[Kept]:
        found: list[Kept] = []
        size = 0
        for kept in self._reader:
            found.append(kept)
            size += sum(map(len, kept.fields.values()))
            if len(found) >= _MOST or size >= _BYTES:
                break
        return found
