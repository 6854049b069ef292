"""Which addresses may be connected to. Pure: takes addresses and networks, opens nothing."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network

Network = IPv4Network | IPv6Network


def parse_networks(text: str) -> tuple[Network, ...]:
    """Networks from a comma- or blank-separated list such as ``127.0.0.0/8,fd00::/8``.

    Raises:
        ValueError: a part is no network; the message names it.
    """
    return tuple(ip_network(part) for part in text.replace(",", " ").split())
