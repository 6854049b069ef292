"""Making room while Redis is nearly full: the oldest of what has ended is let go before its time.

What waits or is under way is never touched, nor what a live group has still to read and could not read elsewhere. Only
commands that a full Redis takes are needed; where one is not, the rest is done without it.
"""

from __future__ import annotations

import contextlib
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Final

import redis
import structlog

from wireroom.adapters.client import texts
from wireroom.adapters.ids import born_ms
from wireroom.adapters.retention import Groups, Retention
from wireroom.errors import StoreError
from wireroom.events import Stream
from wireroom.records import END_STATES
from wireroom.retention import Standing, needed
from wireroom.subscribing import order

if TYPE_CHECKING:
    from wireroom.adapters.alias_index import AliasIndex
    from wireroom.adapters.client import Client
    from wireroom.adapters.keys import Keys
    from wireroom.adapters.sameness_index import SamenessIndex
    from wireroom.adapters.segments import Segments
    from wireroom.adapters.store import Store
    from wireroom.retention import Limits

log = structlog.get_logger()

BEGIN: Final = 0.75
"""Part of the memory budget over which the oldest is let go: before fetching pauses (0.85) and intake (0.9)."""
END: Final = 0.6
"""Part of the memory budget under which no more is let go."""
STREAM: Final = 0.08
"""Part of the memory budget that a stream keeps where its entries go on in segment files."""
_PART: Final = 5
"""One part in so many of each kind is let go at once; then it is measured again."""
_LEAST, _MOST, _ROUNDS = 50, 500, 10
_LATE_MS: Final = 5000
"""How long before the first event that somebody has still to read a document must have come: clocks differ."""

_FORGET = """
local ns, state = ARGV[1], ARGV[2]
local gone = 0
for i = 4, #ARGV do
  local uid = ARGV[i]
  if redis.call('ZREM', state, uid) == 1 then
    local known = redis.call('HMGET', ns .. 'unit:' .. uid, 'key', 'ended')
    redis.call('DEL', ns .. 'unit:' .. uid, ns .. 'work:' .. uid)
    if known[1] and known[2] then
      local lines = ns .. 'url:' .. known[1] .. ':log'
      redis.call('XTRIM', lines, 'MINID', string.format('%.0f', tonumber(known[2]) + 1000))
      if redis.call('XLEN', lines) == 0 then redis.call('DEL', lines) end
    end
    gone = gone + 1
  end
end
if gone > 0 then
  redis.call('HINCRBY', KEYS[1], 'units', gone)
  if tonumber(ARGV[3]) > tonumber(redis.call('HGET', KEYS[1], 'until') or 0) then
    redis.call('HSET', KEYS[1], 'until', ARGV[3])
  end
end
return gone
"""
"""Forgets ended units, with what the timelines of their URLs say until then, and notes it, or they would be taken for
lost. A full Redis refuses a script that begins with a write that takes room; these begin with one that makes some."""


@dataclass(frozen=True, slots=True)
class Relieved:
    """What was let go.

    Attributes:
        entries: of streams; they go on in the segment files, where there are any.
        documents: whose stored revisions were dropped; their heads stay.
        units: ended, with the timeline of their URL.
        indexed: documents that others are no longer compared with.
    """

    entries: int = 0
    documents: int = 0
    units: int = 0
    indexed: int = 0

    def __add__(self, other: Relieved) -> Relieved:
        """Both."""
        return Relieved(
            self.entries + other.entries,
            self.documents + other.documents,
            self.units + other.units,
            self.indexed + other.indexed,
        )

    def __bool__(self) -> bool:
        """Whether it is anything."""
        return bool(self.entries or self.documents or self.units or self.indexed)


class Relief:
    """Keeps Redis within its memory budget.

    Args:
        redis_: the server.
        keys: key names.
        store: the documents.
        index: of sameness.
        names: the index of names.
        limits: of the streams.
        segments: where what leaves the streams goes on; None: nowhere.
        budget: bytes of memory; 0 asks the server for its ``maxmemory``.
    """

    def __init__(
        self,
        redis_: Client,
        keys: Keys,
        store: Store,
        index: SamenessIndex,
        names: AliasIndex,
        limits: Limits,
        segments: Segments | None,
        budget: int,
    ) -> None:
        self._redis = redis_
        self._keys = keys
        self._store = store
        self._index = index
        self._names = names
        self._limits = limits
        self._segments = segments
        self._budget = budget
        self._helpless = False

    def relieve(self) -> Relieved:
        """Let the oldest go if Redis is nearly full, until it is not."""
        used, budget = self._memory()
        if not budget or used <= BEGIN * budget:
            self._helpless = False
            return Relieved()
        done = Relieved()
        for _ in range(_ROUNDS):
            # What leaves the streams is still in the files: it goes first.
            some = Relieved(entries=self._streams(budget))
            if self._memory()[0] > END * budget:
                some += Relieved(documents=self._documents(), units=self._units(), indexed=self._indexed())
            self._count(some)
            done += some
            if not some or self._memory()[0] <= END * budget:
                break
        self._tell(done, used, budget)
        return done

    def _memory(self) -> tuple[int, int]:
        memory = self._redis.info("memory")
        return int(memory["used_memory"]), self._budget or int(memory.get("maxmemory", 0))

    def _count(self, some: Relieved) -> None:
        """Add to the numbers that the statistics show; units are counted where they are forgotten."""
        counts = {name: getattr(some, name) for name in ("entries", "documents", "indexed")}
        with contextlib.suppress(redis.exceptions.OutOfMemoryError), self._redis.pipeline() as pipe:
            for name, count in counts.items():
                if count:
                    pipe.hincrby(self._keys.relieved, name, count)
            pipe.execute()

    def _tell(self, done: Relieved, used: int, budget: int) -> None:
        now = self._memory()[0]
        if done:
            log.warning(
                "Redis is nearly full: the oldest was let go",
                used=used,
                now=now,
                budget=budget,
                **asdict(done),
            )
        elif not self._helpless:
            log.warning("Redis is nearly full of what has not ended", used=now, budget=budget)
        self._helpless = not done

    # --- what is let go ---

    def _streams(self, budget: int) -> int:
        """With files, all but the newest entries, which are read on there; without, what nobody has to read."""
        limits = replace(self._limits, entries=min(self._limits.entries, 1000))
        if self._segments is not None:
            limits = replace(self._limits, size=min(self._limits.size, int(STREAM * budget)))
        try:
            return Retention(self._redis, self._keys, limits, self._segments).retain()
        except StoreError as error:
            log.warning("the streams could not be relieved", why=str(error))
            return 0

    def _documents(self) -> int:
        """The stored revisions of the oldest documents; not those whose event a live group has still to read."""
        states = Groups(self._redis, self._keys, self._limits.idle).states(Stream.DOCUMENTS)
        floor = needed([state.group for state in states if state.standing is Standing.LIVE])
        unread = [floor] if floor else []
        for state in states:  # entries that are just being read in the files
            unread += texts(self._redis.hgetall(self._keys.replay(Stream.DOCUMENTS, state.group.name)).keys())
        before = min(order(position)[0] for position in unread) - _LATE_MS if unread else None
        return self._store.let_go(before, self._part(self._keys.documents))

    def _units(self) -> int:
        gone = 0
        for state in END_STATES:
            key = self._keys.state(state)
            if uids := self._oldest(key):
                until = max(map(born_ms, uids))
                gone += self._redis.eval(_FORGET, 1, self._keys.relieved, self._keys.ns, key, until, *uids)
        return gone

    def _indexed(self) -> int:
        gone = 0
        for did in self._oldest(self._keys.sameness_times):
            try:
                self._index.remove(did)
            except redis.exceptions.OutOfMemoryError:
                break  # a story that others are in is written anew, which a full Redis does not take
            except StoreError as error:
                log.warning("a document stays in the index of sameness", document=did, why=str(error))
            else:
                gone += 1
        # Mostly the same documents: they are counted once.
        return max(gone, self._names.let_go(self._part(self._keys.alias_times)))

    def _oldest(self, key: str) -> list[str]:
        part = self._part(key)
        return [member.decode() for member in self._redis.zrange(key, 0, part - 1)] if part else []

    def _part(self, key: str) -> int:
        count = self._redis.zcard(key)
        return min(count, _MOST, max(_LEAST, count // _PART))
