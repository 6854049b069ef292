"""Which addresses may be connected to. Pure: takes addresses and networks, opens nothing.

The rule is a list of what is open, not of what is closed: IPv4 without IANA's special-purpose blocks, IPv6 only inside
2000::/3 without its special blocks, and what an address carries inside is looked at too. Python's ``is_global`` is not
used: it passes multicast, NAT64, SIIT, 6to4, site-local and some cloud metadata addresses (measured on 3.11).

Sources: the IANA IPv4 and IPv6 Special-Purpose Address Registries; RFC 4291 (mapped and compatible addresses), RFC 6052
and RFC 8215 (NAT64), RFC 7915 (SIIT), RFC 3056 and RFC 7526 (6to4), RFC 4380 (Teredo), RFC 5214 (ISATAP).
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

_CLOSED_4: tuple[tuple[IPv4Network, str], ...] = tuple(
    (IPv4Network(network), why)
    for network, why in (
        ("0.0.0.0/8", "unspecified"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "carrier-grade NAT"),  # holds Alibaba's metadata, 100.100.100.200
        ("127.0.0.0/8", "loopback"),
        ("168.63.129.16/32", "cloud metadata"),  # Azure's, in the middle of public space
        ("169.254.0.0/16", "link-local"),  # holds most clouds' metadata, 169.254.169.254
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved for protocols"),  # holds Oracle's metadata, 192.0.0.192
        ("192.0.2.0/24", "documentation"),
        ("192.88.99.0/24", "6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
    )
)
_CLOSED_6: tuple[tuple[IPv6Network, str], ...] = tuple(
    (IPv6Network(network), why)
    for network, why in (
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("::/96", "IPv4-compatible"),
        ("::ffff:0:0:0/96", "SIIT"),
        ("64:ff9b:1::/48", "local NAT64"),
        ("100::/64", "discard"),
        ("2001::/32", "Teredo"),
        ("2001::/23", "reserved for protocols"),
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "6to4"),
        ("3ffe::/16", "6bone"),
        ("3fff::/20", "documentation"),
        ("5f00::/16", "segment routing"),
        ("fc00::/7", "private"),  # holds Amazon's metadata, fd00:ec2::254
        ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"),
        ("ff00::/8", "multicast"),
    )
)
_OPEN_6 = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
_ISATAP = frozenset({0x00005EFE, 0x02005EFE})


def parse_networks(text: str) -> tuple[Network, ...]:
    """Networks from a comma- or blank-separated list such as ``127.0.0.0/8,fd00::/8``.

    Raises:
        ValueError: a part is no network; the message names it.
    """
    return tuple(ip_network(part) for part in text.replace(",", " ").split())


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """What may be connected to: public addresses on named ports, and named networks on every port.

    Attributes:
        allow: networks allowed though they may not be public, on every port.
        ports: ports allowed on public addresses.
    """

    allow: tuple[Network, ...] = ()
    ports: tuple[int, ...] = (80, 443)

    def names(self, ip: str) -> bool:
        """Whether the address is in a network the operator named. A mapped IPv4 address counts as the IPv4 one."""
        address = _parse(ip)
        return address is not None and self._named(address)

    def refuse_address(self, ip: str) -> str | None:
        """Why this address is refused on every port, or None."""
        address = _parse(ip)
        if address is None:
            return f"{ip!r} is not an address"
        if self._named(address):
            return None
        why = _closed(address)
        return None if why is None else f"{ip} is not public: {why}"

    def refuse(self, ip: str, port: int) -> str | None:
        """Why a connection to this address and port is refused, or None."""
        if self.names(ip):
            return None
        why = self.refuse_address(ip)
        if why is None and port not in self.ports:
            return f"port {port} is not among the allowed ports"
        return why

    def screen(self, ips: Sequence[str], port: int) -> tuple[str, ...]:
        """The addresses of one DNS answer that may be connected to; empty when the answer is refused.

        One refused address refuses the whole answer: public and internal addresses under one name are what rebinding
        looks like. Only when the answer holds networks the operator named, these are used and the rest is dropped, as
        for a ``localhost`` that is both 127.0.0.1 and ::1.
        """
        if all(self.refuse(ip, port) is None for ip in ips):
            return tuple(ips)
        return tuple(ip for ip in ips if self.names(ip))

    def _named(self, address: Address) -> bool:
        plain = _unmapped(address)
        return any(plain in network or address in network for network in self.allow)


def _parse(ip: str) -> Address | None:
    try:
        return ip_address(ip)
    except ValueError:
        return None


def _unmapped(address: Address) -> Address:
    """The IPv4 address that the kernel connects to for ``::ffff:a.b.c.d``; any other address as it is."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _closed(address: Address) -> str | None:
    """Why an address is not public, or None."""
    address = _unmapped(address)
    if isinstance(address, IPv4Address):
        return next((why for network, why in _CLOSED_4 if address in network), None)
    why = next((why for network, why in _CLOSED_6 if address in network), None)
    if why is None and address.scope_id is not None:
        why = "bound to an interface"
    return why or _closed_inside(address)


def _closed_inside(address: IPv6Address) -> str | None:
    """Why the IPv4 address that another one carries is not public, or None."""
    if address in _NAT64:
        return _embedded("NAT64", int(address) & 0xFFFFFFFF)
    if address not in _OPEN_6:
        return "outside global unicast"
    if int(address) >> 32 & 0xFFFFFFFF in _ISATAP:
        return _embedded("ISATAP", int(address) & 0xFFFFFFFF)
    return None


def _embedded(kind: str, number: int) -> str | None:
    """Why the IPv4 address inside another one is not public, or None."""
    inner = IPv4Address(number)
    why = _closed(inner)
    return None if why is None else f"{kind} of {inner}, {why}"


def local_url(host: str, port: int) -> str:
    """The URL at which a client on this machine finds what listens on a host and port."""
    local = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host.strip("[]"), host.strip("[]"))  # noqa: S104 - read, not bound
    return f"http://[{local}]:{port}" if ":" in local else f"http://{local}:{port}"
