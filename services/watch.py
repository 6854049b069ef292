"""The watch on a folder: new document files are taken in as they appear, whole. One process a folder is enough."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from wireroom.world import World

log = structlog.get_logger()

LOOK = 0.5
"""Seconds between two looks at the folder. Looking works on every file system; being told does not on network ones."""


async def run(world: World, stop: asyncio.Event, ready: Callable[[str], None], folder: Path) -> None:
    """Take new files in until told to stop.

    Raises:
        UsageError: the folder is not there or cannot be read.
    """
    inbox = world.inbox(folder)
    inbox.watch.check()
    ready(f"watching {folder}")
    while not stop.is_set():
        try:
            await asyncio.to_thread(inbox.look)
        except world.store_errors as error:
            log.warning("files wait: Redis does not take them", folder=str(folder), why=str(error))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK):
                await stop.wait()
