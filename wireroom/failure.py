"""Why one item could not be worked on, as a value: it crosses processes and reaches events and dead letters. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from wireroom.errors import Reason


@dataclass(frozen=True, slots=True)
class Failure:
    """Why one item could not be worked on.

    Attributes:
        reason: the code.
        detail: one sentence for a person.
        again: another try may succeed.
        stack: hash of the place in the code where it failed, None where it was killed; equal faults have equal hashes.
    """

    reason: Reason
    detail: str
    again: bool = False
    stack: str | None = None
