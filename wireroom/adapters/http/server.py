"""The application, listening: on loopback without a token, anywhere with one; until it is closed, cleanly."""

from __future__ import annotations

import errno
import socket
from typing import TYPE_CHECKING, Final

from aiohttp import web

from wireroom.adapters.http.access import is_loopback
from wireroom.adapters.http.app import build_app
from wireroom.adapters.http.malformed import Runner
from wireroom.errors import AddressInUse, SettingsError
from wireroom.networks import local_url
from wireroom.urls import LONGEST

if TYPE_CHECKING:
    from wireroom.settings import Settings
    from wireroom.world import World


LINE: Final = 4 * LONGEST
"""Most bytes of a request's first line: it holds the longest address there is, percent-encoded."""


class HttpServer:
    """Serves the HTTP API of a world.

    Raises:
        SettingsError: the address is not loopback and there is no token.
    """

    def __init__(self, world: World) -> None:
        check_address(world.settings)
        self._settings = world.settings
        self.app = build_app(world)
        self._runner = Runner(
            self.app,
            handle_signals=False,
            access_log=None,
            shutdown_timeout=world.settings.grace,
            max_line_size=LINE,
        )

    async def start(self) -> str:
        """Listen.

        Returns:
            The URL to ask.

        Raises:
            AddressInUse: somebody else listens there.
            SettingsError: there is no such address here, or the port is not for us.
        """
        host, port = self._settings.host, self._settings.port
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise _told(error, host, port) from None
        return url_of(self._runner.addresses[0])

    async def close(self) -> None:
        """Take no more, finish what is under way within the grace, and close."""
        await self._runner.cleanup()


def check_address(settings: Settings) -> None:
    """See that the address may be served.

    Raises:
        SettingsError: it may not without a token.
    """
    if settings.api_token is not None:
        if not settings.api_token.get_secret_value().strip():
            raise SettingsError("api_token", "is empty: leave it away, or set a long random text")
        return
    if not is_loopback(settings.host):
        raise SettingsError(
            "host",
            f"{settings.host!r} can be reached from elsewhere: set WIREROOM_API_TOKEN, or listen on 127.0.0.1",
        )


def url_of(address: tuple[str | int, ...]) -> str:
    """The URL of a socket's address, as a client on this machine uses it."""
    return local_url(str(address[0]), int(address[1]))


def _told(error: OSError, host: str, port: int) -> Exception:
    if isinstance(error, socket.gaierror) or error.errno in {errno.EADDRNOTAVAIL, errno.EINVAL}:
        return SettingsError("host", f"{host!r} is no address of this machine")
    if error.errno == errno.EADDRINUSE:
        return AddressInUse(
            f"port {port} on {host} is taken: stop what listens there, or set WIREROOM_PORT (0 takes a free one)"
        )
    if error.errno in {errno.EACCES, errno.EPERM}:
        return SettingsError("port", f"{port} is not for this user; take one from 1024 up")
    return error
