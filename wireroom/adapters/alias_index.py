"""The alias index in Redis: which short forms and spellings documents of the last days use for whom, for any number of workers.

A document is read for in one round trip (``aliases.lua``) and writes in the step that publishes it: so it counts when it
is published and only then, once, whatever is killed when. Its id is the field under each of its aliases, so a new revision
takes the place of the old one. Of two that spell a new name differently at the same moment one is told so by a condition
of its step, and looks again.

Whether somebody is still in the window is told by his document's record, which expires; an alias keeps the newest
`MOST_OF_AN_ALIAS` documents and `MOST_SPELLINGS` spellings, the index `max_documents`.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, cast

import orjson
import structlog

from wireroom import aliases
from wireroom.adapters.ids import now_ms
from wireroom.adapters.steps import Condition, Step
from wireroom.context import pack, unpack

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from redis import Redis

    from wireroom.adapters.keys import Keys
    from wireroom.adapters.ledger import Ledger
    from wireroom.adapters.steps import Command, Value

log = structlog.get_logger()

MOST_OF_AN_ALIAS: Final = 48
MOST_SPELLINGS: Final = 64
_DAY_MS: Final = 86_400_000
_FAULTS: Final = (ValueError, ArithmeticError, LookupError)
"""What one document may do to the code: then its names stay its own, and it is published."""


@dataclass(frozen=True, slots=True)
class Named:
    """A document with its names across documents, and what its publication writes.

    Attributes:
        entities: its entities.
        conditions: what must still hold: that nobody has spelt its new names meanwhile.
        commands: what the index learns from it.
    """

    entities: list[dict[str, Any]]
    conditions: list[Condition]
    commands: list[Command]


@dataclass(frozen=True, slots=True)
class _Read:
    own: frozenset[str]
    over: Sequence[str]
    spelt: Mapping[str, Mapping[str, str]]
    overdue: Mapping[str, Sequence[str]]
    known: Mapping[str, aliases.Known]


class AliasIndex:
    """Names across the documents of the last days.

    Args:
        redis: client with ``decode_responses=False``.
        keys: the names of the keys.
        window_days: days a document tells others of its names, from its publication.
        max_documents: documents kept in the index whatever the window says.
    """

    def __init__(self, redis: Redis, keys: Keys, *, window_days: int, max_documents: int = 500_000) -> None:
        self._redis = redis
        self._keys = keys
        self._window = window_days * _DAY_MS
        self._most = max_documents
        source = files("wireroom.adapters").joinpath("aliases.lua").read_text(encoding="utf-8")
        self._script = redis.register_script(source)

    def name(self, data: Mapping[str, Any], at: int | None = None) -> Named:
        """Name a document's entities as others do, and what publishing it tells the index.

        Args:
            data: the document (`wireroom.assembly`); nothing in it is changed.
            at: the time, in milliseconds since 1970; now, if none is given.
        """
        at = now_ms() if at is None else at
        try:
            asked = aliases.ask(data)
            read = self._read(data["id"], asked, at)
            verdicts = aliases.resolve(asked, read.known)
            entities = aliases.apply(data["entities"], verdicts)
            return Named(entities, *self._writes(data["id"], asked, verdicts, read, at))
        except _FAULTS:
            log.exception("names could not be joined across documents", document=data["id"])
            return Named(aliases.apply(data["entities"], ()), [], [])

    def rebuild(self, documents: Iterable[tuple[Mapping[str, Any], int]], ledger: Ledger) -> int:
        """Make the index anew from published documents and their times (ms), the oldest first; returns how many.

        Their names stay as they were published. What others publish meanwhile stays.
        """
        self.forget()
        number = 0
        for data, at in documents:
            asked = aliases.ask(data)
            read = self._read(data["id"], asked, at)
            verdicts = aliases.published(asked, data["entities"])
            _, commands = self._writes(data["id"], asked, verdicts, read, at)
            ledger.commit([Step((), commands)])
            number += 1
        return number

    def forget(self) -> None:
        """Delete the whole index."""
        self._redis.unlink(self._keys.alias_times)
        for prefix in (self._keys.alias(""), self._keys.alias_document("")):
            pattern = "".join(f"\\{c}" if c in "*?[]^\\" else c for c in prefix) + "*"
            for key in self._redis.scan_iter(match=pattern, count=1000):
                self._redis.unlink(key)

    def let_go(self, most: int) -> int:
        """Take the oldest documents out of the index, so many at most; their spellings stay for the window.

        Needs only commands that a full Redis takes.
        """
        if most <= 0:
            return 0
        oldest = cast("list[bytes]", self._redis.zrange(self._keys.alias_times, 0, most - 1))
        ids = [did.decode() for did in oldest]
        with self._redis.pipeline(transaction=False) as pipe:
            for did in ids:
                pipe.hget(self._keys.alias_document(did), "aliases")
            stand_under = pipe.execute()
            for did, packed in zip(ids, stand_under, strict=True):
                for key in orjson.loads(packed or b"[]"):
                    pipe.hdel(self._keys.alias(key), did)
                pipe.delete(self._keys.alias_document(did))
                pipe.zrem(self._keys.alias_times, did)
            pipe.execute()
        return len(ids)

    # --- reading and writing ---

    def _read(self, did: str, asked: aliases.Asked, at: int) -> _Read:
        wanted = asked.wanted
        words: list[Value] = [
            self._keys.alias(""),
            self._keys.alias_document(""),
            did,
            self._most,
            MOST_OF_AN_ALIAS,
        ]
        for key, documents in wanted.items():
            words += [key, "d" if documents else "n"]
        own, over, *answers = self._script(keys=[self._keys.alias_times], args=words)
        spelt: dict[str, dict[str, str]] = {}
        overdue: dict[str, list[str]] = {}
        known: dict[str, aliases.Known] = {}
        for key, (spellings, seen, gone) in zip(wanted, answers, strict=True):
            spelt[key], old = self._spellings(spellings, at)
            overdue[key] = [*old, *(one.decode() for one in gone)]
            known[key] = aliases.Known(
                spelt[key],
                tuple(
                    aliases.Seen(tuple(names.decode().split("\n")), unpack(context.decode()))
                    for names, context in zip(seen[::2], seen[1::2], strict=True)
                ),
            )
        return _Read(
            frozenset(orjson.loads(own)) if own else frozenset(),
            [one.decode() for one in over],
            spelt,
            overdue,
            known,
        )

    def _spellings(self, flat: Sequence[bytes], at: int) -> tuple[dict[str, str], list[str]]:
        """Full form → shown name, and the fields of those that are over the window or too many."""
        first = (at - self._window) // _DAY_MS
        rows = sorted(
            (int(day), form.decode()[1:], shown.decode())
            for form, value in zip(flat[::2], flat[1::2], strict=True)
            for day, _, shown in (value.partition(b"\t"),)
        )
        live = [row for row in rows if row[0] >= first][-MOST_SPELLINGS:]
        spelt = {form: shown for _, form, shown in live}
        return spelt, [f"={form}" for _, form, _ in rows if form not in spelt]

    def _writes(
        self,
        did: str,
        asked: aliases.Asked,
        verdicts: Sequence[aliases.Verdict],
        read: _Read,
        at: int,
    ) -> tuple[list[Condition], list[Command]]:
        seen, spelt = aliases.told(verdicts)
        fields: dict[str, list[Value]] = {}
        for key, names in seen.items():
            fields.setdefault(key, []).extend((did, "\n".join(dict.fromkeys(names))))
        conditions = []
        for key, forms in spelt.items():
            for form, shown in forms.items():
                fields.setdefault(key, []).extend((f"={form}", f"{at // _DAY_MS}\t{shown}"))
                if form not in read.spelt[key] and f"={form}" not in read.overdue[key]:
                    conditions.append(Condition(self._keys.alias(key), f"={form}", ""))
        commands: list[Command] = [
            ("HDEL", self._keys.alias(key), did) for key in sorted(read.own - seen.keys())
        ]
        for key, words in fields.items():
            gone = [one for one in read.overdue[key] if one not in words]
            if gone:
                commands.append(("HDEL", self._keys.alias(key), *gone))
            commands.append(("HSET", self._keys.alias(key), *words))
            commands.append(("PEXPIRE", self._keys.alias(key), self._window))
        return conditions, [*commands, *self._record(did, asked, sorted(seen), read, at)]

    def _record(
        self, did: str, asked: aliases.Asked, seen: Sequence[str], read: _Read, at: int
    ) -> list[Command]:
        key, times = self._keys.alias_document(did), self._keys.alias_times
        commands: list[Command] = []
        if seen:
            left = max(1, at + self._window - now_ms())
            commands += [
                ("HSET", key, "context", pack(asked.told), "aliases", orjson.dumps(seen)),
                ("PEXPIRE", key, left),
                ("ZADD", times, at, did),
                ("ZREMRANGEBYSCORE", times, "-inf", at - self._window),
            ]
        elif read.own:
            commands += [("DEL", key), ("ZREM", times, did)]
        for one in read.over:
            if one != did:
                commands += [("DEL", self._keys.alias_document(one)), ("ZREM", times, one)]
        return commands
