"""Delivery: published documents become files of the output folder. Any number may run on one folder."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from wireroom.errors import UsageError
from wireroom.events import Type

if TYPE_CHECKING:
    from collections.abc import Callable

    from wireroom.world import World

log = structlog.get_logger()

GROUP = "wireroom-deliver"
TYPES = (Type.DOCUMENT_CREATED, Type.DOCUMENT_UPDATED)
PAUSE = 5.0
"""Seconds between two tries while the folder or Redis refuses."""


async def run(world: World, stop: asyncio.Event, ready: Callable[[str], None]) -> None:
    """Write what is published until told to stop. A document that is gone keeps its file.

    Raises:
        UsageError: the output folder cannot be written.
    """
    if not world.settings.out:
        log.warning("no document is delivered: name an output folder with WIREROOM_OUT")
        ready("no output folder")
        await stop.wait()
        return
    delivery = Delivery(world, Path(world.settings.out), stop)
    await asyncio.to_thread(delivery.outbox.open)
    ready(f"delivering into {delivery.outbox.folder}")
    events = world.subscribe("documents", group=GROUP, types=TYPES, stop=stop)
    async with contextlib.aclosing(events):
        async for event in events:
            if not await delivery.write(event.subject):
                break  # handed back, not acknowledged


class Delivery:
    """The way from published documents to files of one folder."""

    def __init__(self, world: World, folder: Path, stop: asyncio.Event) -> None:
        self.outbox = world.outbox(folder)
        self._store = world.store
        self._refusals: tuple[type[Exception], ...] = (*world.store_errors, UsageError)
        self._stop = stop

    async def write(self, document: str) -> bool:
        """Write a document's file, however long the folder or Redis refuses; False when told to stop before."""
        while True:
            try:
                await asyncio.to_thread(self._write_newest, document)
            except self._refusals as error:
                log.warning("a document cannot be delivered now", document=document, why=str(error))
            else:
                return True
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PAUSE):
                    await self._stop.wait()
            if self._stop.is_set():
                return False

    def _write_newest(self, document: str) -> None:
        """Write the newest revision, whichever one the event was about: events come again, and out of order."""
        while kept := self._store.revision(document):
            path = self.outbox.write(document, kept["file"])
            revision = kept["data"]["revision"]
            head = self._store.head(document)
            # Another process may have written a newer one between our reading and our writing.
            if head is None or head.revision == revision:
                log.info("delivered", document=document, revision=revision, file=path.name)
                return
        log.warning("a document is no longer kept and was not delivered", document=document)
