"""The scheduler: gives back what is overdue, and lets go of what has been kept long enough."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import structlog

from wireroom.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from wireroom.world import World

log = structlog.get_logger()

SWEEP = 2.0
"""Seconds between two sweeps."""
TRIM = 60.0
"""Seconds between two rounds of letting go."""
RETAIN = 10.0
"""Seconds between two looks at the streams: in between they may grow over their limits."""
SYNC = 60.0
"""Seconds between two looks whether the store knows the sources of the settings."""
RELIEVE = 2.0
"""Seconds between two looks at how full Redis is."""


async def run(world: World, stop: asyncio.Event, ready: Callable[[str], None]) -> None:
    """Sweep until told to stop."""
    ready("scheduling")
    async with asyncio.TaskGroup() as group:
        group.create_task(_every(SWEEP, stop, world.sweeper.sweep, world.store_errors))
        group.create_task(_every(TRIM, stop, world.trim, world.store_errors))
        group.create_task(_every(RELIEVE, stop, world.relieve, world.store_errors))
        group.create_task(_every(RETAIN, stop, world.retain, (*world.store_errors, StoreError)))
        group.create_task(_every(SYNC, stop, world.sources.sync, world.store_errors))
        if world.recrawling is not None:
            again = world.recrawling
            group.create_task(_every(again.period, stop, again.round, world.store_errors))


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
