"""How the fetcher names itself to a site: an honest product, and where its operator is reached. Pure."""

from __future__ import annotations

import re

_PRINTABLE = re.compile(r"[\x20-\x7e]*")
_MAIL = re.compile(r"[^@\s<>%,;]+@[^@\s<>%,;]+")


def header_text(value: str) -> str:
    """A value that can stand in a header.

    Raises:
        ValueError: it is not printable ASCII.
    """
    if not _PRINTABLE.fullmatch(value):
        msg = "must be printable ASCII: it stands in a header"
        raise ValueError(msg)
    return value


def identity(product: str, version: str, contact: str) -> dict[str, str]:
    """The headers that say who asks: ``User-Agent``, and ``From`` when the contact is a mail address.

    Args:
        product: product name, such as ``Wireroom``; the version is added when it names none.
        version: our version.
        contact: a mail address or a URL; empty when there is none.

    Raises:
        ValueError: product or contact is not printable ASCII, so it cannot stand in a header.
    """
    for name, value in (("user agent", product), ("contact", contact)):
        try:
            header_text(value)
        except ValueError as error:
            raise ValueError(f"the {name} {value[:80]!r} {error}") from None
    agent = product if "/" in product else f"{product}/{version}"
    # A bracket would end the comment that the contact stands in (RFC 9110, 5.6.5).
    reach = contact.strip().replace("(", "%28").replace(")", "%29")
    headers = {"User-Agent": f"{agent} (+{reach})" if reach else agent}
    address = reach.removeprefix("mailto:")
    if _MAIL.fullmatch(address):
        headers["From"] = address
    return headers
