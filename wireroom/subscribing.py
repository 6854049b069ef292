"""What a consumer of a stream asks for and is given: terms, deliveries, gaps, letters about what it could not take. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, Self

from wireroom.errors import Reason, UsageError
from wireroom.events import Event, Stream, Type, timestamp

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

START, END = "0", "$"
"""Positions: before everything that is kept, and behind everything that is there."""
_NONE = "0-0"
_LAST = 2**64 - 1
_ID = re.compile(r"(\d{1,20})(?:-(\d{1,20}))?")
_AGE = re.compile(r"(\d{1,9})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_SHOWN = 2000
"""Most characters of a field that cannot be read that a letter keeps."""


@dataclass(frozen=True, slots=True)
class Delivery(Event):
    """An event as it was given to a consumer.

    Attributes:
        position: the entry's id in the stream.
        deliveries: how often the group was given it, this time included; 0 where no group reads.
    """

    position: str
    deliveries: int

    @classmethod
    def read(cls, position: str, fields: Mapping[bytes, bytes], deliveries: int) -> Self:
        """Read an entry.

        Raises:
            KeyError: a field of the contract is missing.
            ValueError: a field's value is not what the contract says.
        """
        event = Event.from_fields(fields)
        return cls(
            event.type, event.subject, event.id, event.source, event.time, event.data, position, deliveries
        )


@dataclass(frozen=True, slots=True)
class Gap:
    """Events that were trimmed from the stream before the group had done with them.

    Attributes:
        stream: where they were.
        group: who will not get them.
        after: a position; all that is lost came after it.
        before: a position; all that is lost came before it. None where nothing is behind the gap.
        lost: how many; None where the server cannot tell: there may be none.
    """

    stream: str
    group: str
    after: str
    before: str | None
    lost: int | None

    def __str__(self) -> str:
        many = "an unknown number of events" if self.lost is None else f"{self.lost} event(s)"
        return (
            f"gap: {many} of {self.stream} were trimmed before group {self.group} had done with them "
            f"(after {self.after}, before {self.before or 'whatever comes'})"
        )


@dataclass(frozen=True, slots=True)
class Terms:
    """What one subscription asks for, checked.

    Attributes:
        stream: which stream.
        group: who reads; each group gets every event.
        consumer: name within the group.
        named: the caller chose that name, so somebody else may have it too.
        types: the types asked for; empty for all.
        since: where a new group begins, as Redis takes it.
        deliveries: times an event is given before it is set aside.
        claim_after: seconds without a sign of life after which a consumer's entry is given to another.
        block: most seconds one wait for new entries takes.
        gaps: ``log`` or ``yield``.
    """

    stream: Stream
    group: str
    consumer: str
    named: bool
    types: frozenset[Type] = frozenset()
    since: str = START
    deliveries: int = 5
    claim_after: float = 30.0
    block: float = 5.0
    gaps: Literal["log", "yield"] = "log"

    def __post_init__(self) -> None:
        if not self.group or not self.consumer:
            raise UsageError("a group and its consumer need a name")
        if self.deliveries < 1:
            raise UsageError("deliveries: at least 1")
        for name in ("claim_after", "block"):
            if not getattr(self, name) > 0:
                raise UsageError(f"{name}: a number of seconds above 0")
        if self.gaps not in ("log", "yield"):
            raise UsageError("gaps: log or yield")


def stream_named(name: str) -> Stream:
    """The stream of a name.

    Raises:
        UsageError: there is none.
    """
    try:
        return Stream(name)
    except ValueError:
        raise UsageError(f"no stream {name!r}: there are {', '.join(Stream)}") from None


def types_named(names: Collection[str] | None, streams: Collection[Stream]) -> frozenset[Type]:
    """The types of some names; empty for all.

    Raises:
        UsageError: no such type, or none that these streams carry.
    """
    if isinstance(names, str):
        names = (names,)
    known = {kind.value: kind for kind in Type if kind.stream in streams}
    unknown = [name for name in names or () if name not in known]
    if unknown:
        raise UsageError(f"no type {unknown[0]!r} on {', '.join(streams)}: there are {', '.join(known)}")
    return frozenset(known[name] for name in names or ())


def position(since: str | datetime, now: datetime) -> str:
    """Where reading begins, as Redis takes it: everything behind the position is read.

    Args:
        since: ``0``, ``$``, an entry's id (what comes after it), a time (RFC 3339 or a datetime; without a zone it is
            UTC; what came then or later) or an age: ``90s``, ``15m``, ``24h``, ``7d``.
        now: the time an age is counted from.

    Raises:
        UsageError: none of these.
    """
    if isinstance(since, datetime):
        return _before_time(since)
    if since in (START, END):
        return since
    if found := _ID.fullmatch(since):
        entry = f"{int(found[1])}-{int(found[2] or 0)}"
        return START if entry == _NONE else entry
    try:
        if found := _AGE.fullmatch(since):
            return _before_time(now - timedelta(**{_UNITS[found[2]]: int(found[1])}))
        return _before_time(datetime.fromisoformat(since))
    except (ValueError, OverflowError):
        raise UsageError(
            f"since {since!r}: 0, $, an entry's id, a time such as 2026-03-04T05:06:07Z, or an age such as 24h"
        ) from None


def _before_time(moment: datetime) -> str:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    entry = predecessor(f"{max(0, int(aware.timestamp() * 1000))}-0")
    return START if entry == _NONE else entry


def predecessor(entry: str) -> str:
    """The id right before an entry's id."""
    ms, _, seq = entry.partition("-")
    if int(seq):
        return f"{ms}-{int(seq) - 1}"
    return f"{int(ms) - 1}-{_LAST}" if int(ms) else _NONE


def successor(entry: str) -> str:
    """The id right after an entry's id."""
    ms, _, seq = entry.partition("-")
    return f"{ms}-{int(seq) + 1}" if int(seq) < _LAST else f"{int(ms) + 1}-0"


def order(entry: str) -> tuple[int, int]:
    """A key that sorts ids of entries."""
    ms, _, seq = entry.partition("-")
    return int(ms), int(seq or 0)


def letter(
    terms: Terms, position: str, fields: Mapping[bytes, bytes], tries: int, source: str, now: datetime
) -> Event:
    """The dead letter about an entry that a group could not take.

    Args:
        terms: who could not.
        position: the entry's id.
        fields: the entry.
        tries: how often it was given.
        source: where an entry that does not say comes from.
        now: when it was given up.
    """
    stage = f"consumer:{terms.group}"
    data: dict[str, Any] = {"unit": None, "stage": stage, "stack": None}
    data |= dict.fromkeys(("url", "document", "name", "batch"))
    data |= {"tries": tries, "stream": terms.stream.value, "group": terms.group, "position": position}
    try:
        event = Event.from_fields(fields)
    except (KeyError, ValueError) as error:
        shown = {_shown(key): _shown(value) for key, value in fields.items()}
        detail = f"the entry is no event: {type(error).__name__}: {error}"
        data |= {"reason": Reason.INVALID_EVENT, "detail": detail, "event": None, "fields": shown}
        return Event(Type.DEAD_LETTER, position, f"{position}.{Type.DEAD_LETTER}.{stage}", source, now, data)
    what = {"id": event.id, "type": event.type, "subject": event.subject, "source": event.source}
    what["time"] = timestamp(event.time)
    detail = f"given {tries} times to group {terms.group}, never acknowledged"
    data |= {"reason": Reason.TOO_MANY_DELIVERIES, "detail": detail, "event": what, "fields": None}
    if terms.stream is Stream.DOCUMENTS:
        data["document"] = event.subject
    return Event(
        Type.DEAD_LETTER, event.subject, f"{event.id}.{Type.DEAD_LETTER}.{stage}", event.source, now, data
    )


def _shown(value: bytes) -> str:
    return value[:_SHOWN].decode("utf-8", "replace")
