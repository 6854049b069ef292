"""The scheduler: gives back what is overdue, and lets go of what has been kept long enough."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable

    from wireroom.world import World

log = structlog.get_logger()

SWEEP = 2.0
"""Seconds between two sweeps."""
TRIM = 60.0
"""Seconds between two rounds of letting go."""


async def run(world: World, stop: asyncio.Event, ready: Callable[[str], None]) -> None:
    """Sweep until told to stop."""
    ready("scheduling")
    async with asyncio.TaskGroup() as group:
        group.create_task(_every(SWEEP, stop, world.sweeper.sweep, world.store_errors))
        group.create_task(_every(TRIM, stop, world.trim, world.store_errors))


async def _every(
    seconds: float, stop: asyncio.Event, work: Callable[[], int], trouble: tuple[type[Exception], ...]
) -> None:
    while not stop.is_set():
        try:
            count = await asyncio.to_thread(work)
            log.debug(work.__name__, count=count)
        except trouble as error:
            log.warning("could not be done now", what=work.__name__, why=str(error))
        except Exception:
            # One thing that cannot be done must not stop the others: nobody else takes back what is overdue.
            log.exception("could not be done", what=work.__name__)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await stop.wait()
