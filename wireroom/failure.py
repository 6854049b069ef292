"""Why one item could not be worked on, as a value: it crosses processes and reaches events and dead letters. Pure."""

from __future__ import annotations

import hashlib
import traceback
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


class WorkInterrupted(Exception):  # noqa: N818 - an outcome, not a fault
    """The work was interrupted: what has no result yet is to be handed back."""


def stack(error: BaseException) -> str:
    """Hash of the place in the code where an error was raised; equal faults have equal hashes."""
    frames = traceback.extract_tb(error.__traceback__)
    places = "|".join(f"{frame.name}:{frame.line}" for frame in frames)
    return hashlib.sha256(places.encode()).hexdigest()[:12]
