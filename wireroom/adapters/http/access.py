"""Who may ask. With a token: who has it. Without: whoever is on this machine and asks for it by a local name.

Without a token a page in a browser must not reach the service behind its owner's back. Two ways are closed: a foreign
name that resolves to this machine (DNS rebinding) shows in ``Host``, a form posted from a foreign page in ``Origin``.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from aiohttp import web

from wireroom.adapters.http.problems import ProblemError, full, unavailable
from wireroom.adapters.http.shared import shared

if TYPE_CHECKING:
    from wireroom.adapters.http.problems import Handler
    from wireroom.settings import Settings

OPEN: Final = frozenset({"/healthz", "/readyz"})
"""Paths that need no token."""
WITHOUT_STORE: Final = frozenset({*OPEN, "/", "/docs", "/openapi.json", "/asyncapi.json", "/metrics"})
"""Paths that are answered without Redis."""
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def is_loopback(host: str) -> bool:
    """Whether a name or address means this machine only."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def check_access(request: web.Request, settings: Settings) -> None:
    """See whether a request may be served.

    Raises:
        ProblemError: 401 without the token, 403 from a foreign page.
    """
    if request.path in OPEN:
        return
    if settings.api_token is None:
        _check_origin(request, settings.host)
        return
    scheme, _, given = request.headers.get("Authorization", "").strip().partition(" ")
    if scheme.lower() != "bearer" or not _same(given.strip(), settings.api_token.get_secret_value()):
        raise ProblemError(
            "unauthorized",
            "send the header Authorization: Bearer <token>, with the token of WIREROOM_API_TOKEN",
            headers={"WWW-Authenticate": 'Bearer realm="wireroom"'},
        )


def _same(given: str, token: str) -> bool:
    # compare_digest takes no text beyond ASCII; digests also hide the token's length.
    first, second = (hashlib.sha256(text.encode("utf-8", "surrogateescape")) for text in (given, token))
    return hmac.compare_digest(first.digest(), second.digest())


def _check_origin(request: web.Request, configured: str) -> None:
    name = _host_name(request.headers.get("Host", ""))
    if not is_loopback(name) and name != configured.lower():
        raise ProblemError(
            "forbidden",
            f"{name or 'no name'!r} is not a name of this machine; ask for it as localhost, or set a token",
        )
    origin = request.headers.get("Origin")
    if origin is None or request.method in _SAFE:
        return
    if urlsplit(origin).netloc.lower() != request.headers.get("Host", "").lower():
        raise ProblemError("forbidden", f"pages of {origin!r} may not write here")


def _host_name(header: str) -> str:
    try:
        return (urlsplit(f"//{header}").hostname or "").rstrip(".")
    except ValueError:
        return ""


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Serve only who may ask, and take nothing in that Redis has no room for."""
    own = shared(request)
    try:
        check_access(request, own.world.settings)
    except ProblemError as problem:
        # Who opens a page in a browser without the token gets the page, which asks for it. It holds no data.
        page = own.pages.get(request.path)
        if (
            page is None
            or problem.code != "unauthorized"
            or "text/html" not in request.headers.get("Accept", "")
        ):
            raise
        return page.response(problem.status, problem.headers)
    if request.path not in WITHOUT_STORE:
        standing = await own.pressure.standing()
        if not standing.reachable:
            raise unavailable(standing.detail)
        if standing.full and request.method == "POST":
            raise full(
                f"Redis uses {standing.used:,} of {standing.budget:,} bytes; nothing more is taken in now"
            )
    return await handler(request)
