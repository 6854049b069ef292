"""What may leave a stream, and which groups still count. Pure.

The rule, in order:

1. Nothing leaves a stream of at most ``entries`` entries and ``size`` bytes.
2. Over ``entries``, the oldest leave, down to nine tenths; but not what a live group has still to read or to acknowledge.
3. Over ``size``, the oldest leave, down to nine tenths, whoever needs them: Redis must live.

A group is live until nothing happened in it for ``idle`` seconds: no consumer asked, nothing was given, nothing was
acknowledged. Then it holds nothing back. After four times as long it is deleted.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from wireroom.subscribing import order, successor

if TYPE_CHECKING:
    from collections.abc import Sequence

PENDING_BYTES = 94
"""What a server reports of a stream's memory for each pending entry of a group (measured on Valkey 9.1)."""
_FORGOTTEN = 4
"""A group is deleted after so many times the time after which it is idle."""


class Standing(StrEnum):
    """How a group stands."""

    LIVE = "live"
    """It holds back what it has not acknowledged."""
    IDLE = "idle"
    """It holds nothing back."""
    EXPIRED = "expired"
    """It is deleted."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What is kept.

    Attributes:
        entries: most entries of a stream, beside what live groups need.
        size: most bytes of a stream, whoever needs them.
        idle: seconds without activity after which a group holds nothing back.
        files: most bytes of all segment files.
        age: seconds a segment file is kept.
    """

    entries: int
    size: int
    idle: float
    files: int
    age: float


@dataclass(frozen=True, slots=True)
class Group:
    """A group as it was found.

    Attributes:
        name: its name.
        delivered: the last position it was given.
        pending: how many entries it was given and has not acknowledged.
        oldest: the first of these; None where there are none.
        quiet: milliseconds since one of its consumers asked for something; None where it has no consumers.
        lag: how many entries it was not given yet; None where the server cannot tell.
    """

    name: str
    delivered: str
    pending: int
    oldest: str | None
    quiet: int | None
    lag: int | None = None

    @property
    def signature(self) -> str:
        """Changes with everything the group is given or acknowledges."""
        return f"{self.delivered} {self.pending}"

    @property
    def needs(self) -> str:
        """The first position it has not done with."""
        return self.oldest or successor(self.delivered)


@dataclass(frozen=True, slots=True)
class Seen:
    """What was noted of a group.

    Attributes:
        active: when something happened in it, in milliseconds since 1970.
        signature: how it stood then.
    """

    active: int
    signature: str

    def __str__(self) -> str:
        return f"{self.active} {self.signature}"

    @classmethod
    def read(cls, note: str) -> Seen | None:
        """Read a note; None where it is none."""
        active, _, signature = note.partition(" ")
        return cls(int(active), signature) if active.isdecimal() else None


def seen(group: Group, before: Seen | None, now: int) -> Seen:
    """When something happened in a group: what its consumers say, else when it was last seen to change.

    Args:
        group: as it is now.
        before: what was noted the last time; None for a group that is seen first, which counts as a change.
        now: milliseconds since 1970.
    """
    active = now
    if before and before.signature == group.signature:
        # An acknowledgement is no sign of life to the server, and consumers are forgotten: hence the note beside them.
        asked = before.active if group.quiet is None else now - group.quiet
        active = min(now, max(before.active, asked))
    return Seen(active, group.signature)


def standing(noted: Seen, now: int, idle: float) -> Standing:
    """How a group stands."""
    quiet = (now - noted.active) / 1000
    if quiet < idle:
        return Standing.LIVE
    return Standing.IDLE if quiet < _FORGOTTEN * idle else Standing.EXPIRED


def needed(live: Sequence[Group]) -> str | None:
    """The first position that a live group has not done with; None without live groups."""
    return min((group.needs for group in live), key=order, default=None)


def too_many(length: int, most: int) -> int:
    """How many entries should leave."""
    return length - most * 9 // 10 if length > most else 0


def too_large(used: int, most: int) -> int:
    """How many bytes must leave."""
    return used - most * 9 // 10 if used > most else 0
