"""One page at a time over HTTP: asked for honestly, read under bounds, and never from where it must not be.

Every bound holds while reading: decoded bytes, header bytes, redirects, and one clock over all hops, because only a
total time stops a server that drips. Whose turn it is, how often and with what delay is not decided here.

Redirects are followed here and not by aiohttp: each hop passes the caller's ``may`` and the address guard, and is noted.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from importlib.metadata import version
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Self, TypeVar

import aiohttp
from yarl import URL

from wireroom import codings, robots, urls, useragent
from wireroom.adapters.answers import (
    NOT_MODIFIED,
    OK,
    canonical_links,
    content_type,
    max_age,
    memento,
    must_be_ok,
    read_feed,
    read_page,
    read_start,
    redirect_target,
    token,
    words,
)
from wireroom.adapters.connecting import GuardedResolver, Lookup, explain, guarded_connector
from wireroom.adapters.trust import Trust
from wireroom.errors import FetchError, Reason, UrlError
from wireroom.fetched import Response, RobotsAnswer

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable, Mapping
    from types import TracebackType

    from wireroom.certificates import Exemption
    from wireroom.fetched import Body, Redirect
    from wireroom.networks import AddressPolicy

    May = Callable[[str], Awaitable[None]]
    Read = Callable[[aiohttp.ClientResponse], Awaitable["T"]]

__all__ = ["Fetcher", "Response", "RobotsAnswer"]

T = TypeVar("T")
ROBOTS_REDIRECTS = 5
"""Redirects followed for a robots.txt (RFC 9309, 2.3.1.2)."""
ROBOTS_TTL = 86400.0
"""Seconds a robots.txt is kept (RFC 9309, 2.4)."""
ROBOTS_ERROR_TTL = 300.0
"""Seconds for which a robots.txt that could not be had is not asked for again."""

_ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,text/plain;q=0.8,*/*;q=0.1"
_ACCEPT_FEED = "application/rss+xml,application/atom+xml,application/feed+json,application/xml;q=0.9,text/xml;q=0.9,*/*;q=0.1"
_MAX_LINE = 8190
_MAX_FIELD = 16384
_MAX_FIELDS = 128
_LOST = frozenset({Reason.TOO_MANY_REDIRECTS, Reason.REDIRECT_LOOP, Reason.INVALID_URL})
"""Ways in which a robots.txt leads nowhere: it counts as missing (RFC 9309, 2.3.1.2)."""


@dataclass(slots=True)
class _Trip:
    """One page's way: how much time it has, and where it has been."""

    seconds: float
    most: int
    at: str
    spent: float = 0.0
    began: float = 0.0
    redirects: tuple[Redirect, ...] = ()
    unverified: tuple[str, ...] = ()

    def so_far(self) -> float:
        """Seconds of hops done and of the one under way."""
        return self.spent + time.monotonic() - self.began

    def move(self, target: str, status: int) -> None:
        """Go on to where the answer points."""
        self.redirects += ({"url": self.at, "status": status},)
        if target in {hop["url"] for hop in self.redirects}:
            raise FetchError(Reason.REDIRECT_LOOP, f"redirected back to {target}", status=status)
        if len(self.redirects) > self.most:
            raise FetchError(Reason.TOO_MANY_REDIRECTS, f"more than {self.most} redirects", status=status)
        self.at = target


class _HungUpError(Exception):
    """The connection ended without an answer. Not aiohttp's own error: that one makes aiohttp ask a second time."""


async def _ask_once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as exc:
        raise _HungUpError(f"the server hung up without an answer: {exc}") from exc


async def _note_reuse(_session: aiohttp.ClientSession, context: Any, _params: object) -> None:
    context.trace_request_ctx.reused = True


class Fetcher:
    """Fetches pages and robots files. An async context manager; the connections live as long as it is open."""

    def __init__(
        self,
        *,
        policy: AddressPolicy,
        user_agent: str,
        contact: str,
        timeout: float,
        max_bytes: int,
        max_redirects: int,
        tls: ssl.SSLContext | None = None,
        exemptions: Mapping[str, Exemption] | None = None,
        lookup: Lookup | None = None,
    ) -> None:
        """Keep the bounds; nothing is opened before the context is entered.

        Args:
            policy: which addresses and ports may be connected to.
            user_agent: product name such as ``Wireroom``; our version is added when it names none.
            contact: where a site's owner reaches the operator, an address or a URL; empty when there is none.
            timeout: seconds one page may take in all, redirects included.
            max_bytes: most decoded bytes of a page.
            max_redirects: most redirects followed for a page.
            tls: trust other than the system's; it must verify.
            exemptions: by host, what is not asked of its certificate.
            lookup: gives the addresses of a name, other than the system's resolver; its answers pass the guard too.

        Raises:
            ValueError: product name or contact cannot stand in a header, or the trust given does not verify.
        """
        self._policy = policy
        self._headers = {
            **useragent.identity(user_agent, version("wireroom"), contact),
            "Accept": _ACCEPT,
            "Accept-Encoding": codings.ACCEPTED,
        }
        self._timeout = timeout
        self._max_bytes = max_bytes
        self._max_redirects = max_redirects
        self._trust = Trust(tls, exemptions or {})
        self._lookup = lookup
        self._resolver: GuardedResolver
        self._session: aiohttp.ClientSession
        self.agent_token = robots.product_token(user_agent)

    async def __aenter__(self) -> Self:
        self._resolver = GuardedResolver(self._policy, self._lookup)
        reuse = aiohttp.TraceConfig()
        reuse.on_connection_reuseconn.append(_note_reuse)
        self._session = aiohttp.ClientSession(
            connector=guarded_connector(self._policy, self._resolver),
            headers=self._headers,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None),  # one clock for all hops: see _exchange
            auto_decompress=False,
            trust_env=False,  # a proxy would make the connection where our guard does not see the address
            max_line_size=_MAX_LINE,
            max_field_size=_MAX_FIELD,
            max_headers=_MAX_FIELDS,
            middlewares=(_ask_once,),
            trace_configs=[reuse],
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()
        await self._resolver.close()

    async def fetch(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        validated: str | None = None,
        may: May | None = None,
        feed: bool = False,
        seconds: float | None = None,
    ) -> Response:
        """Fetch one page.

        Args:
            url: the address.
            etag: validator of the last answer, for a conditional request.
            last_modified: the other validator.
            validated: the final address that gave the validators. They are sent to no other: after a redirect to
                another article, "not modified since" would be true and wrong. None sends them on every hop.
            may: awaited with the address of each hop before it is asked for; raises `FetchError` to refuse it.
                Its time does not count.
            feed: a feed or a sitemap is meant: it says so, and unpacks a file that is packed.
            seconds: it may take in all, where that is not what pages may.

        Raises:
            FetchError: anything but the whole page or a 304; ``final_url`` and ``redirects`` tell how far it got.
        """
        trip = _Trip(seconds or self._timeout, self._max_redirects, url)
        condition = _condition(etag, last_modified)
        wanted = {"Accept": _ACCEPT_FEED} if feed else {}
        read_body = read_feed if feed else read_page

        def headers() -> dict[str, str]:
            return {**wanted, **condition} if validated in (None, trip.at) else wanted

        async def read(answer: aiohttp.ClientResponse) -> Response:
            unchanged = answer.status == NOT_MODIFIED and headers() != wanted
            if not unchanged:
                must_be_ok(answer)
            body, wire = (b"", 0) if unchanged else await read_body(answer, self._max_bytes)
            return _response(url, trip, answer, body, wire)

        return await self._follow(trip, read, headers, may)

    async def robots_txt(self, origin: str, may: May | None = None) -> RobotsAnswer:
        """Ask an origin for its robots.txt and say what the answer means (RFC 9309, 2.3.1).

        Args:
            origin: ``scheme://host[:port]``.
            may: awaited with the address of each hop before it is asked for. Its time does not count.

        Returns:
            4xx, or more than 5 redirects, allow all; 5xx, 429 and no answer at all deny all for a while.
        """
        trip = _Trip(self._timeout, ROBOTS_REDIRECTS, f"{origin}/robots.txt")

        async def read(answer: aiohttp.ClientResponse) -> Body:
            must_be_ok(answer)
            return await read_start(answer, robots.MAX_BYTES + 1)  # the parser sees that it was cut

        try:
            body = await self._follow(trip, read, may=may)
        except FetchError as exc:
            return _no_rules(exc)
        return RobotsAnswer(body, OK, "rules", ROBOTS_TTL)

    async def _follow(
        self, trip: _Trip, read: Read[T], headers: Callable[[], dict[str, str]] = dict, may: May | None = None
    ) -> T:
        """Go from hop to hop until an answer is no redirect, and read that one."""
        try:
            trip.at = _checked(trip.at)
            while True:
                if may is not None:
                    await may(trip.at)
                found = await self._exchange(trip, read, headers())
                if found is not None:
                    return found
        except FetchError as exc:
            exc.redirects = trip.redirects
            exc.final_url = trip.at if trip.redirects else None
            raise

    async def _exchange(self, trip: _Trip, read: Read[T], headers: dict[str, str]) -> T | None:
        """One request on the page's clock. None when it was a redirect: the trip has moved on then."""
        trip.began = time.monotonic()
        try:
            async with asyncio.timeout(trip.seconds - trip.spent):
                return await self._ask(trip, read, headers)
        except TimeoutError:
            raise FetchError(
                Reason.TIMEOUT, f"not done after {trip.seconds:g} seconds", temporary=True
            ) from None
        except (aiohttp.ClientError, OSError, _HungUpError) as exc:
            raise explain(exc) from exc
        finally:
            trip.spent = trip.so_far()

    async def _ask(self, trip: _Trip, read: Read[T], headers: dict[str, str]) -> T | None:
        at = URL(trip.at, encoded=True)
        if at.scheme == "https" and self._trust.excepts(at.raw_host):
            trip.unverified += (at.raw_host or "",)
        for last in (False, True):
            connection = SimpleNamespace(reused=False)
            request = self._session.get(
                at,
                headers=headers,
                allow_redirects=False,
                ssl=self._trust.of(at.raw_host),
                trace_request_ctx=connection,
            )
            try:
                async with request as answer:
                    target = redirect_target(trip.at, answer)
                    if target is None:
                        return await read(answer)
                    trip.move(target, answer.status)
                    return None
            except _HungUpError:
                # A kept connection may have been closed while nobody looked: then the site has not seen the request,
                # and asking again is right (RFC 9112, 9.3.1). Otherwise it would be a second request at once.
                if last or not connection.reused:
                    raise
        return None


def _checked(url: str) -> str:
    """The address as it is asked for: in the standard's spelling, without fragment."""
    try:
        href = urls.check(url).partition("#")[0]
        URL(href, encoded=True)
    except UrlError as exc:
        raise FetchError(Reason.INVALID_URL, exc.detail) from exc
    except ValueError as exc:
        raise FetchError(Reason.INVALID_URL, str(exc)[:200]) from exc
    return href


def _condition(etag: str | None, last_modified: str | None) -> dict[str, str]:
    headers = {"If-None-Match": token(etag), "If-Modified-Since": token(last_modified)}
    return {name: value for name, value in headers.items() if value is not None}


def _response(url: str, trip: _Trip, answer: aiohttp.ClientResponse, body: Body, wire: int) -> Response:
    return Response(
        url=url,
        final_url=trip.at,
        status=answer.status,
        body=body,
        content_type=content_type(answer),
        charset=token(answer.charset),
        etag=token(answer.headers.get("ETag")),
        last_modified=token(answer.headers.get("Last-Modified")),
        x_robots_tag=words(answer, "X-Robots-Tag"),
        canonical=canonical_links(answer),
        redirects=trip.redirects,
        unverified=tuple(dict.fromkeys(trip.unverified)),
        seconds=trip.so_far(),
        bytes=wire,
        max_age=max_age(answer),
        memento=memento(answer),
    )


def _no_rules(exc: FetchError) -> RobotsAnswer:
    """What it means that there is no robots.txt to read: a site without rules, or one that cannot say them."""
    led_nowhere = exc.reason in _LOST and bool(exc.redirects)
    missing = exc.reason is Reason.HTTP_STATUS and not exc.temporary
    if led_nowhere or missing:
        return RobotsAnswer(None, exc.status, "allow_all", ROBOTS_TTL)
    ttl = max(ROBOTS_ERROR_TTL, exc.retry_after or 0.0)
    return RobotsAnswer(None, exc.status, "deny_all", ttl, exc)
