"""The HTTP API: takes documents and re-crawls in, tells what became of them. Any number may run behind a balancer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from wireroom.world import World


async def run(world: World, stop: asyncio.Event, ready: Callable[[str], None]) -> None:
    """Serve until told to stop; then finish what is under way within the grace.

    Raises:
        AddressInUse: somebody else listens there.
        SettingsError: the address is not loopback and there is no token, or it is none of this machine.
    """
    server = world.http_app()
    ready(await server.start())
    try:
        await stop.wait()
    finally:
        await server.close()
