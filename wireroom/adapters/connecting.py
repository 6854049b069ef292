"""Connections that go only where the address policy lets them, and what their failures mean.

The address is checked in the socket factory, where the connection is made: each literal, each resolved address, each
hop and each new connection passes there. A guard in the resolver alone let 10 of 30 internal addresses through,
because a literal asks no resolver; the socket factory let none (measured). The resolver is guarded as well, because
only there one sees the whole answer: one that mixes public and internal addresses is refused.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from wireroom.adapters.trust import CertificateProblem, why_refused
from wireroom.errors import FetchError, Reason

if TYPE_CHECKING:
    from aiohappyeyeballs import AddrInfoType

    from wireroom.networks import AddressPolicy

Lookup = Callable[[str], list[str]]
"""Gives the addresses of a name; may block; raises `OSError` when there is none."""

_LOOKUPS = 32
"""Names looked up at a time. asyncio's own pool has six threads on two cores: six dead name servers would stop all."""
_DNS_SECONDS = 30
"""Seconds a looked-up answer is used again. The socket factory checks each address all the same."""
_NO_NAMES = frozenset({"invalid", "onion"})
"""Ends of names that no name server may be asked for (RFC 6761, RFC 7686)."""
_DETAIL = 200
"""Characters of a library's message that are kept: it may quote what the server sent."""
_UNKNOWN_NAME = frozenset(
    {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME), socket.EAI_FAMILY}
)
"""What `getaddrinfo` says of a name that does not exist; anything else may pass."""


class BlockedError(OSError):
    """The policy refuses a connection. An `OSError`, so that aiohttp carries it as it does any failed connection.

    Attributes:
        reason: ``blocked_address`` or ``blocked_port``.
        detail: one sentence for a person.
    """

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def _block(policy: AddressPolicy, ip: str, port: int, host: str) -> BlockedError:
    reason = Reason.BLOCKED_PORT if policy.refuse_address(ip) is None else Reason.BLOCKED_ADDRESS
    why = policy.refuse(ip, port) or f"another address of the same answer is refused beside {ip}"
    return BlockedError(reason, why if host == ip else f"{host}: {why}")


class GuardedResolver(AbstractResolver):
    """Looks names up in threads of its own and refuses answers that the policy does not let through."""

    def __init__(self, policy: AddressPolicy, lookup: Lookup | None = None) -> None:
        self._policy = policy
        self._lookup = lookup or addresses
        self._threads = ThreadPoolExecutor(_LOOKUPS, thread_name_prefix="dns")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of a name that may be connected to.

        Raises:
            BlockedError: the policy refuses the answer.
            OSError: the name cannot be resolved.
        """
        ips = await asyncio.get_running_loop().run_in_executor(self._threads, self._lookup, host)
        usable = self._policy.screen(ips, port)
        if not usable:
            refused = next((ip for ip in ips if self._policy.refuse(ip, port)), "no address")
            raise _block(self._policy, refused, port, host)
        return [
            ResolveResult(
                hostname=host, host=ip, port=port, family=_family(ip), proto=0, flags=socket.AI_NUMERICHOST
            )
            for ip in usable
            if family in (socket.AF_UNSPEC, _family(ip))
        ]

    async def close(self) -> None:
        """Let running look-ups end by themselves: a thread in `getaddrinfo` cannot be stopped."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def addresses(host: str) -> list[str]:
    """The distinct addresses of a name, in the system's order. Blocks.

    Raises:
        OSError: the name cannot be resolved.
    """
    if host.rstrip(".").rpartition(".")[2] in _NO_NAMES:
        raise socket.gaierror(socket.EAI_NONAME, "no such name by definition")
    # Bytes go past Python's own IDNA codec, which fails on long labels with an error that is no OSError.
    found = socket.getaddrinfo(host.encode("ascii"), None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _family(ip: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in ip else socket.AF_INET


def guarded_connector(policy: AddressPolicy, resolver: AbstractResolver) -> aiohttp.TCPConnector:
    """A connector that opens a socket only to what the policy allows.

    Args:
        policy: what may be connected to.
        resolver: where names are looked up; the caller closes it.
    """

    def guarded_socket(info: AddrInfoType) -> socket.socket:
        family, kind, protocol, _, address = info
        ip, port = str(address[0]), int(address[1])
        if policy.refuse(ip, port) is not None:
            raise _block(policy, ip, port, ip)
        return socket.socket(family, kind, protocol)

    return aiohttp.TCPConnector(
        resolver=resolver,
        socket_factory=guarded_socket,
        ttl_dns_cache=_DNS_SECONDS,
        limit=0,  # the caller bounds how much is fetched at a time; waiting here would count against a page's time
    )


def explain(exc: Exception) -> FetchError:
    """What a failed exchange means to the caller: a reason, a sentence, and whether another try may succeed."""
    cause = exc.os_error if isinstance(exc, aiohttp.ClientConnectorError) else exc
    if isinstance(cause, BlockedError):
        return FetchError(cause.reason, cause.detail)
    if isinstance(exc, CertificateProblem):
        return FetchError(Reason.CERTIFICATE_INVALID, why_refused(exc))
    reason, temporary = _meaning(exc, cause)
    return FetchError(reason, (str(cause) or type(exc).__name__)[:_DETAIL], temporary=temporary)


def _meaning(exc: Exception, cause: Exception) -> tuple[Reason, bool]:
    """The reason, and whether it may pass."""
    if isinstance(exc, aiohttp.ClientConnectorDNSError):
        return Reason.DNS_ERROR, getattr(cause, "errno", None) not in _UNKNOWN_NAME
    if isinstance(exc, aiohttp.ClientSSLError):
        return Reason.TLS_ERROR, False
    if isinstance(cause, TimeoutError):
        return Reason.TIMEOUT, True
    if isinstance(exc, aiohttp.ClientConnectorError):
        return Reason.CONNECT_ERROR, True
    if isinstance(exc, aiohttp.InvalidURL):
        return Reason.INVALID_URL, False
    # An answer that is no HTTP will be none next time; one that broke off may be whole.
    return Reason.PROTOCOL_ERROR, not isinstance(exc, aiohttp.ClientResponseError)
