"""One consumer of a group: given one event at a time, acknowledged when the next one is asked for.

Every step is whole (``consumer.lua``), so a kill between two of them loses nothing: at worst an event is given again.
Nothing is read ahead: what a dead consumer leaves is the one event it worked on, and deliveries are counted for that
one alone.

Logs go to the standard library's logging, because this runs in programs that are not ours.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from datetime import UTC, datetime
from importlib import resources
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import redis

from wireroom.adapters.connection import LONGEST_BLOCK, TROUBLE, connect_async, wait_ready_async
from wireroom.adapters.keys import Keys
from wireroom.adapters.replay import Replay
from wireroom.adapters.segments import segments_of
from wireroom.adapters.streams import source_of
from wireroom.errors import StoreError, UsageError
from wireroom.events import Stream
from wireroom.subscribing import (
    START,
    Delivery,
    Gap,
    Terms,
    letter,
    predecessor,
    successor,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Mapping

    from wireroom.segments import Kept
    from wireroom.settings import Settings

T = TypeVar("T")
_Pass: TypeAlias = tuple[str | bytes, str | bytes, str | int]
"""The group's last position before, the one it moves to, and how many entries the stream ever had up to there."""

log = logging.getLogger("wireroom")

_SCRIPT = resources.files(__package__).joinpath("consumer.lua").read_text("utf-8")
_FORGOTTEN_MS = 3_600_000
"""Milliseconds after which a consumer that holds nothing and asks for nothing is taken off the group's list."""
_CLAIM_MOST = 5.0
"""Most seconds between two looks at what others left."""
_PAUSE = 0.2
"""Seconds before a step that Redis refused is tried again."""
_BUSY = 0.5
"""Seconds before we look again at what another consumer of the group reads from the files."""
_NO_PASS: _Pass = ("", "", "")
_PASSING = ("BUSY", "MASTERDOWN", "MISCONF")
"""How refusals begin that pass by themselves, beside those in `TROUBLE`."""
_FAREWELL = 2.0
"""Most seconds a consumer that leaves spends on handing back what it holds."""


class Consumer:
    """One consumer of a group.

    Args:
        settings: where Redis is, the namespace, the folder of the segment files.
        terms: what is asked for.
        stop: ends `events` when it is set.
    """

    def __init__(self, settings: Settings, terms: Terms, stop: asyncio.Event | None = None) -> None:
        self._terms = terms
        self._settings = settings
        self._stop = stop or asyncio.Event()
        # No retries below us: after a break what was sent to us and never arrived is asked for again.
        self._redis = connect_async(settings, retries=0)
        keys = Keys(settings.namespace)
        self._stream = keys.stream(terms.stream)
        self._keys = [
            self._stream,
            keys.stream(Stream.DEAD),
            keys.consumer(terms.stream, terms.group, terms.consumer),
            keys.replay(terms.stream, terms.group),
        ]
        self._segments = segments_of(settings)
        self._replay = Replay(self._segments, terms.stream) if self._segments else None
        self._script = self._redis.register_script(_SCRIPT)
        self._token = secrets.token_hex(8) if terms.named else ""
        self._types = "," + ",".join(sorted(terms.types)) + "," if terms.types else ""
        self._look_every = min(_CLAIM_MOST, terms.claim_after / 4)
        self._next_look = 0.0
        self._known = False  # the group was there once
        self._open = False  # the group is there
        self._own = True  # first comes what we were given already
        self._held: str | None = None
        self._over: list[str | bytes] = []  # to be acknowledged when the body is over
        self._acks: list[str | bytes] = []  # to be acknowledged with the next step
        self._passing = _NO_PASS  # to be passed over when the body is over
        self._passed = _NO_PASS  # to be passed over with the next step

    # --- the loop ---

    async def events(self) -> AsyncGenerator[Any, None]:
        """What there is for us, one at a time, for ever."""
        beat = asyncio.create_task(self._beat())
        try:
            while not self._stop.is_set():
                item = await self._item()
                if item is not None:
                    yield item
                self._done()
        finally:
            beat.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await beat
            await self._leave()

    async def _item(self) -> Delivery | Gap | None:
        kind, how, *rest = await self._patiently(self._next)
        self._own = how == b"own"
        if how == b"claim":
            self._next_look = 0.0
        if kind in (b"entry", b"poison"):
            return await self._delivery(kind, *rest)
        if kind == b"lost":
            return await self._lost(rest[0])
        if kind == b"gap":
            return await self._gap(*rest)
        if kind == b"replaced":
            raise UsageError(
                f"consumer {self._terms.consumer!r} of group {self._terms.group!r} was started again elsewhere: "
                "give each running consumer a name of its own, or none"
            )
        if kind == b"nogroup":
            self._open = False
        elif kind == b"none":
            await self._patiently(self._news, rest[0])
        return None

    async def _delivery(self, kind: bytes, entry: bytes, times: int, flat: list[bytes]) -> Delivery | None:
        fields = dict(zip(flat[::2], flat[1::2], strict=True))
        return await self._given(entry.decode(), fields, times, poison=kind == b"poison", over=_NO_PASS)

    async def _given(
        self,
        position: str,
        fields: Mapping[bytes, bytes],
        times: int,
        *,
        poison: bool,
        over: _Pass,
    ) -> Delivery | None:
        """An entry for the body: pending, or one the group passes over when the body is over."""
        try:
            delivery = None if poison else Delivery.read(position, fields, times)
        except (KeyError, ValueError):
            delivery = None
        if delivery is None:
            await self._patiently(self._set_aside, position, fields, times, over)
            return None
        self._held = position
        if over == _NO_PASS:
            self._over = [position]
        self._passing = over
        return delivery

    def _done(self) -> None:
        """The body is over: acknowledge with the next step."""
        self._acks += self._over
        if self._passing != _NO_PASS:
            self._passed = self._passing
        self._held, self._over, self._passing = None, [], _NO_PASS

    # --- what is no longer in the stream: from the files, else a gap ---

    async def _lost(self, entries: list[bytes]) -> Delivery | Gap | None:
        """Entries that were given to somebody, and trimmed before they were acknowledged."""
        gone: list[str | bytes] = []
        for entry in entries:
            kept = await self._replay.find(entry.decode()) if self._replay else None
            if kept is None:
                gone.append(entry)
            elif gone:
                break
            else:
                return await self._restored(kept)
        first, last = entries[0].decode(), entries[len(gone) - 1].decode()
        self._over = gone
        return self._report(
            Gap(self._terms.stream, self._terms.group, predecessor(first), successor(last), len(gone))
        )

    async def _restored(self, kept: Kept) -> Delivery | None:
        if not self._wanted(kept):
            self._over = [kept.position]
            return None
        times = await self._patiently(self._call, "restore", kept.position, self._claim_ms)
        if isinstance(times, int) and times > 0:
            return await self._leased(kept, times, _NO_PASS)
        # Another has it: it is looked at again like all that others left.
        self._own, self._next_look = False, time.monotonic() + _BUSY
        return None

    async def _gap(
        self, after: bytes, before: bytes, newest: bytes, count: int, gone: int
    ) -> Delivery | Gap | None:
        """Entries that were trimmed before anybody was given them. Passed over with the step after the body."""
        begin, end = after.decode(), before.decode() if before else successor(newest.decode())
        behind = before.decode() or None
        lost = count if count >= 0 else None
        if self._replay is not None:
            kept = await self._replay.next(begin, end, None if lost is None else gone - lost)
            # Higher numbers are of an earlier stream of this name.
            if kept is not None and kept.number <= gone:
                if kept.missing == 0:
                    return await self._replayed(begin, kept)
                end, behind, gone, lost = kept.position, kept.position, kept.number - 1, kept.missing
            elif await self._replay.complete(begin, gone):
                self._passing = (after, predecessor(end), gone)
                return None
        self._passing = (after, predecessor(end), gone)
        return self._report(Gap(self._terms.stream, self._terms.group, begin, behind, lost))

    async def _replayed(self, after: str, kept: Kept) -> Delivery | None:
        over = (after, kept.position, kept.number)
        if not self._wanted(kept):
            self._passing = over
            return None
        times = await self._patiently(self._call, "replay", after, kept.position, self._claim_ms)
        if isinstance(times, int) and times > 0:
            return await self._leased(kept, times, over)
        if times == 0:
            await self._or_stop(asyncio.sleep(_BUSY))
        return None

    async def _leased(self, kept: Kept, times: int, over: _Pass) -> Delivery | None:
        poison = times > self._terms.deliveries
        return await self._given(kept.position, kept.fields, times - poison, poison=poison, over=over)

    def _wanted(self, kept: Kept) -> bool:
        types = self._terms.types
        return not types or kept.fields.get(b"type", b"").decode("utf-8", "replace") in types

    def _report(self, gap: Gap) -> Gap | None:
        log.error("%s", gap)
        return gap if self._terms.gaps == "yield" else None

    # --- steps ---

    @property
    def _claim_ms(self) -> int:
        return int(self._terms.claim_after * 1000)

    async def _call(self, step: str, *words: str | bytes | float) -> Any:
        return await self._script(
            self._keys, [step, self._terms.group, self._terms.consumer, self._token, *words]
        )

    async def _next(self) -> Any:
        if not self._open:
            await self._make_sure()
        look = time.monotonic() >= self._next_look
        if look:
            self._next_look = time.monotonic() + self._look_every
        terms = self._terms
        words = (terms.deliveries, self._claim_ms, int(self._own), int(look), self._types)
        answer = await self._call("next", *words, *self._passed, *self._acks)
        self._acks.clear()
        self._passed = _NO_PASS
        return answer

    async def _make_sure(self) -> None:
        # A group that vanished under us may have held what others were given: all that is kept is read again.
        since = START if self._known else self._terms.since
        oldest = await asyncio.to_thread(self._oldest)
        created = await self._call("open", since, _FORGOTTEN_MS, *oldest)
        if created and self._known:
            log.warning(
                "group %s of %s was gone: made again, from the start", self._terms.group, self._stream
            )
        self._open = self._known = True

    def _oldest(self) -> tuple[str, int | str]:
        """Where all that is kept begins, if it begins in the files, and how many entries came before."""
        for segment in self._segments.all(self._terms.stream) if self._segments else ():
            return predecessor(segment.first), segment.number
        return "", ""

    async def _news(self, after: bytes) -> None:
        """Wait until there is something behind a position, but no longer than until the next look at what is left."""
        seconds = min(self._terms.block, LONGEST_BLOCK, max(0.01, self._next_look - time.monotonic()))
        reading = self._redis.xread(
            {self._stream: after.decode()}, count=1, block=max(1, int(seconds * 1000))
        )
        await self._or_stop(reading)

    async def _set_aside(self, entry: str, fields: Mapping[bytes, bytes], tries: int, over: _Pass) -> None:
        terms, source = self._terms, source_of(self._settings.namespace)
        event = letter(terms, entry, fields, tries, source, datetime.now(UTC))
        words = [word for pair in event.fields().items() for word in pair]
        if terms.stream is Stream.DEAD and event.data["stage"].encode() in fields.get(b"data", b""):
            words = []  # a letter about our own letter would be the next we cannot take
        await self._call("set_aside", *over, entry, *words)
        log.error("set aside: entry %s of %s: %s", entry, self._stream, event.data["detail"])

    async def _patiently(self, step: Any, *words: Any) -> Any:
        """Do a step; wait for Redis as long as it takes, then begin as after a start."""
        while True:
            try:
                return await step(*words)
            except TROUBLE as error:
                log.debug("Redis: %s", error)
            except redis.ResponseError as error:
                if str(error).startswith(_PASSING):
                    log.warning("Redis: %s", error)
                elif "WRONGTYPE" in str(error):
                    raise StoreError(f"{self._stream} is no stream: another program uses this key") from error
                else:
                    raise StoreError(f"Redis refuses: {error}") from error
            if self._stop.is_set():
                return [b"stopped", b""]
            await self._or_stop(asyncio.sleep(_PAUSE))
            await self._or_stop(wait_ready_async(self._redis, log.warning))
            self._open, self._own = False, True

    async def _or_stop(self, work: Awaitable[T]) -> T | None:
        """The result of some work, or None when we are told to stop before."""
        task, stop = asyncio.ensure_future(work), asyncio.ensure_future(self._stop.wait())
        try:
            await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
            return task.result() if task.done() else None
        finally:
            stop.cancel()
            # A first cancellation can be lost while redis-py connects (Python 3.11, measured).
            while not task.done():
                task.cancel()
                await asyncio.wait({task}, timeout=0.1)

    async def _beat(self) -> None:
        """Signs of life for what we hold."""
        while True:
            await asyncio.sleep(self._terms.claim_after / 3)
            if self._held is not None:
                with contextlib.suppress(redis.RedisError, OSError):
                    await self._call("hold", self._held, self._claim_ms)

    async def _leave(self) -> None:
        """Acknowledge what is done, hand back what is not."""
        try:
            if self._open:
                words = (self._claim_ms, *self._passed, *self._acks)
                await asyncio.wait_for(self._call("leave", *words), _FAREWELL)
        except (redis.RedisError, OSError, TimeoutError) as error:
            log.debug("left without a word: %s", error)
        finally:
            await self._redis.aclose()
