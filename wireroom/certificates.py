"""Hosts whose certificate is taken though it is not valid: which, and what of it is not asked for. Pure.

An exception is written ``host=what``, and holds for that host alone, on each of its ports:

    paper.example=expired            its time is not looked at; issuer and name are
    paper.example=name               its name is not looked at; issuer and time are
    paper.example=sha256:0a1b…       it is this very certificate, by the digest of its DER form; nothing else is asked for
    paper.example=any                whoever answers is believed
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

Excepted = Literal["expired", "name", "pinned", "any"]

_DIGEST: Final = re.compile(r"sha256:((?:[0-9a-f]{2}:?){31}[0-9a-f]{2})", re.IGNORECASE)
_LESS: Final[dict[str, Excepted]] = {"expired": "expired", "name": "name", "any": "any"}
_FORM: Final = (
    "must be like paper.example=expired, where the second part is expired, name, any or sha256: and a digest"
)


@dataclass(frozen=True, slots=True)
class Exemption:
    """What is not asked of one host's certificate.

    Attributes:
        host: its name in lower case and ASCII, without a port; an IPv6 address without brackets.
        excepted: ``expired``, ``name``, ``pinned`` or ``any``.
        digest: the SHA-256 of a pinned certificate.
    """

    host: str
    excepted: Excepted
    digest: bytes | None = None


def exemption(entry: str) -> Exemption:
    """Read one exception.

    Raises:
        ValueError: it is none; says how one is written.
    """
    given, sign, what = (part.strip() for part in entry.rpartition("="))
    if not sign:
        raise ValueError(_FORM)
    host, what = _host(given), what.lower()
    if what in _LESS:
        return Exemption(host, _LESS[what])
    if found := _DIGEST.fullmatch(what):
        return Exemption(host, "pinned", bytes.fromhex(found[1].replace(":", "")))
    raise ValueError(_FORM)


def exemptions(entries: Iterable[str]) -> dict[str, Exemption]:
    """The exceptions by their hosts.

    Raises:
        ValueError: one cannot be read, or a host has two.
    """
    found: dict[str, Exemption] = {}
    for entry in entries:
        read = exemption(entry)
        if read.host in found:
            raise ValueError(f"{read.host} has two exceptions: `any` takes whatever it has")
        found[read.host] = read
    return found


def remedy(host: str, code: int) -> str:
    """The exception that would take a host's certificate, for the sentence about its refusal.

    Args:
        host: the host.
        code: why the certificate was refused, by OpenSSL's ``X509_V_ERR_`` numbers (verify(1)); 0 where unknown.
    """
    excepted = "expired" if code in _TIME else "name" if code in _NAME else "any"
    return f"{f'[{host}]' if ':' in host else host}={excepted}"


def not_verified(hosts: Iterable[str]) -> str | None:
    """The sentence of a fetch event about what was not verified on the way; None where all was."""
    names = ", ".join(hosts)
    return f"the certificate of {names} was not verified (fetch_tls_exceptions)" if names else None


_TIME: Final = frozenset({9, 10})
"""Not valid yet, and not valid any more."""
_NAME: Final = frozenset({62, 63, 64})
"""Issued for another host name, mail address or IP address."""


def _host(given: str) -> str:
    # Only who has exceptions pays for the list of public suffixes that comes with it.
    from wireroom.errors import UrlError  # noqa: PLC0415
    from wireroom.urls import check  # noqa: PLC0415

    try:
        parts = urlsplit(check(f"https://{given}/"))
    except UrlError:
        raise ValueError(f"{given[:80]!r} is no host") from None
    plain = parts.path == "/" and not parts.query and not parts.fragment and parts.port is None
    if not plain or not parts.hostname or "*" in given or given.endswith(":443"):
        raise ValueError(f"{given[:80]!r} is no host: give one name, without a port")
    return parts.hostname
