"""Waiting for a condition, with an end: what tests use instead of sleeping."""

from __future__ import annotations

import asyncio
import inspect
import time
from typing import TYPE_CHECKING, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")

_POLL = 0.01


def until(condition: Callable[[], T], seconds: float = 10.0) -> T:
    """Ask until the answer is true; give it back.

    Raises:
        AssertionError: it was not true in time; the message shows the last answer.
    """
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:g} s: {condition!r} last gave {answer!r}")
        time.sleep(_POLL)
    return answer


async def until_async(condition: Callable[[], T | Awaitable[T]], seconds: float = 10.0) -> T:
    """Like `until`, for a running event loop; the condition may be a coroutine function."""
    deadline = time.monotonic() + seconds
    while True:
        given = condition()
        answer = cast("T", await given if inspect.isawaitable(given) else given)
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:g} s: {condition!r} last gave {answer!r}")
        await asyncio.sleep(_POLL)
