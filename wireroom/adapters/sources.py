"""Sources in the store: which there are, whose turn it is, and what each answered last.

All of it is in the store, so that any number of fetchers ask each source once in its interval. Whoever asks one holds a
lease with a token; one who dies leaves the source to be asked again when the lease ends, and a result that comes with
an old token is refused. What a source named is taken in before its answer is noted: a kill between asks again, and what
was taken in is known by then.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson
import structlog

from wireroom.adapters.ids import new_id, now_ms
from wireroom.adapters.steps import Condition, Step
from wireroom.sources import Source
from wireroom.urls import host_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wireroom.adapters.frontier import Frontier
    from wireroom.adapters.steps import Command, Value
    from wireroom.settings import Settings

log = structlog.get_logger()

_NAMED = ("url", "name", "interval", "priority")
"""What the settings say of a source."""
ANSWER = ("etag", "last_modified", "final_url")


@dataclass(frozen=True, slots=True)
class Validators:
    """What the last answer was told apart by, and the address that gave it."""

    etag: str | None = None
    last_modified: str | None = None
    final_url: str | None = None

    def known(self) -> dict[str, str]:
        """Those that there are."""
        return {name: value for name in ANSWER if (value := getattr(self, name))}


@dataclass(frozen=True, slots=True)
class Poll:
    """The right to ask one source.

    Attributes:
        uid: of this look; it stands in its host's record and in its fetch event.
        token: grows with each lease.
        source: as the settings name it.
        interval: seconds between two looks.
        failures: looks in a row that came to nothing, until now.
        validators: of the last answer.
        children: of an index, by address: when each was read, and its validators.
    """

    uid: str
    token: str
    source: Source
    interval: float
    failures: int = 0
    validators: Validators = Validators()
    children: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


class Sources:
    """Knows the sources, leases them, and notes what they answered."""

    def __init__(self, frontier: Frontier, settings: Settings) -> None:
        self.frontier = frontier
        self.ledger = frontier.ledger
        self.keys = frontier.keys
        self.redis = frontier.redis
        self.streams = frontier.endings.streams
        self.settings = settings

    @property
    def configured(self) -> dict[str, Source]:
        """The sources that the settings name, by id."""
        return {one.id: one for one in (*self.settings.sources_feeds, *self.settings.sources_sitemaps)}

    # --- which there are ---

    def sync(self) -> int:
        """Make the store know the sources of the settings, and no others. A new one is due at once.

        Returns:
            How many there are.
        """
        configured, now = self.configured, now_ms()
        steps: list[Step] = []
        with self.redis.pipeline(transaction=False) as pipe:
            pipe.zrange(self.keys.sources, 0, -1)
            for sid in configured:
                pipe.hmget(self.keys.source(sid), *_NAMED)
            rows, *known = pipe.execute()
        listed = {name.decode() for name in rows}
        for (sid, one), before in zip(configured.items(), known, strict=True):
            key, interval = self.keys.source(sid), self._interval(one)
            named: tuple[Value, ...] = (one.url, one.name, interval, one.priority)
            if sid in listed and before == [str(value).encode() for value in named]:
                continue
            fields: list[Value] = [word for pair in zip(_NAMED, named, strict=True) for word in pair]
            listing: Command = ("ZADD", self.keys.sources, "NX", now, sid)
            steps.append(Step((), [("HSET", key, *fields), listing]))
            if before[2] not in (None, str(interval).encode()):
                # With another interval the old turn means nothing; but whoever is being asked now is not asked twice.
                idle = [Condition(key, "asking", "")]
                steps.append(Step(idle, [("ZADD", self.keys.sources, "XX", "LT", now, sid)]))
        steps += [
            Step((), [("ZREM", self.keys.sources, sid), ("DEL", self.keys.source(sid))])
            for sid in listed - set(configured)
        ]
        self.ledger.commit(steps)
        return len(configured)

    def _interval(self, one: Source) -> float:
        return one.interval or self.settings.sources_interval

    # --- whose turn it is ---

    def lease(self, most: int) -> list[Poll]:
        """Lease sources that are due. None while Redis is nearly full: there is no room for what they name."""
        if most <= 0 or self.frontier.pressed():
            return []
        due = self.redis.zrangebyscore(self.keys.sources, "-inf", now_ms(), start=0, num=most)
        found = [self._lease(sid.decode()) for sid in due]
        return [poll for poll in found if poll is not None]

    def _lease(self, sid: str) -> Poll | None:
        key = self.keys.source(sid)
        with self.redis.pipeline(transaction=True) as pipe:
            pipe.hgetall(key)
            pipe.zscore(self.keys.sources, sid)
            row, due = pipe.execute()
        record = _text(row)
        if "url" not in record:
            self.redis.zrem(self.keys.sources, sid)
            return None
        if due is None or due > now_ms():
            return None  # somebody was faster; the token that is read is the faster one's
        token = record.get("token", "")
        following = str(int(token) + 1 if token.isdecimal() else 1)
        conditions = [Condition(key, "token", token), Condition(key, "url", record["url"])]
        uid = new_id()
        commands: list[Command] = [
            *self._freed(record),
            ("HSET", key, "token", following, "asking", 1, "uid", uid),
            ("ZADD", self.keys.sources, now_ms() + self.ledger.lease_ms, sid),
        ]
        if not self.ledger.commit([Step(conditions, commands)])[0].done:
            return None  # somebody else was first
        try:
            return self._poll(record, uid, following)
        except (KeyError, ValueError, TypeError) as error:
            # Somebody wrote into it. The scheduler makes it anew from the settings.
            log.warning("a source's record is broken and made anew", source=sid, why=repr(error))
            self.ledger.commit([Step((), [("ZREM", self.keys.sources, sid), ("DEL", key)])])
            return None

    def _freed(self, record: Mapping[str, str]) -> list[Command]:
        """Free the host of whoever let his lease run out: he holds it for as long as a request may take."""
        if "asking" not in record or "uid" not in record:
            return []
        host = self.keys.host(host_key(record["url"]))
        return [("HDELIF", host, "holder", record["uid"], "holder", "until")]

    def _poll(self, record: Mapping[str, str], uid: str, token: str) -> Poll:
        return Poll(
            uid=uid,
            token=token,
            source=Source(record["url"], record["name"], None, int(record["priority"])),
            interval=float(record["interval"]),
            failures=int(record.get("failures", 0)),
            validators=Validators(*(record.get(name) for name in ANSWER)),
            children=orjson.loads(record.get("children", "{}")),
        )

    def held(self, poll: Poll) -> list[Condition]:
        """The conditions under which a result is taken: the lease is the last one, and not over."""
        key = self.keys.source(poll.source.id)
        return [Condition(key, "token", poll.token), Condition(key, "asking", "1")]

    def renew(self, poll: Poll) -> bool:
        """Hold a source for longer; False where somebody else has it by now, or it is no source any more."""
        command: Command = ("ZADD", self.keys.sources, "XX", now_ms() + self.ledger.lease_ms, poll.source.id)
        return self.ledger.commit([Step(self.held(poll), [command])])[0].done

    def put_back(self, poll: Poll, after: float = 0.0, waits: str = "") -> bool:
        """Give a source back as if it had not been asked: the fetcher stops, or its host's turn is not now.

        Args:
            poll: the look.
            after: seconds until it may be leased again.
            waits: what it waits for, for a person.
        """
        key = self.keys.source(poll.source.id)
        commands: list[Command] = [("HDEL", key, "asking"), self.due(poll, after)]
        commands += [("HSET", key, "waits", waits)] if waits else []
        return self.ledger.commit([Step(self.held(poll), commands)])[0].done

    def due(self, poll: Poll, after: float) -> Command:
        """The command that lets a source be asked again after some seconds."""
        return ("ZADD", self.keys.sources, "XX", now_ms() + int(after * 1000), poll.source.id)

    def soon(self, sid: str) -> bool:
        """Let a source be asked at its host's next turn; False where there is none of that id."""
        key = self.keys.source(sid)
        idle = [Condition(key, "asking", "")]
        if not self.redis.exists(key):
            return False
        self.ledger.commit([Step(idle, [("ZADD", self.keys.sources, "XX", now_ms(), sid)])])
        return True


def _text(row: Mapping[bytes, bytes]) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in row.items()}
