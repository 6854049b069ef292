"""What fetching gives: a page, or what an origin says in its robots.txt. Pure: types only.

What is no page is a `wireroom.errors.FetchError`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wireroom.errors import FetchError
    from wireroom.robots import Verdict

Body = bytes
Redirect = dict[str, str | int]
"""One hop: its ``url`` and the ``status`` it answered."""


@dataclass(frozen=True, slots=True)
class Memento:
    """What an archive's headers say of a capture (RFC 7089). Any server may send them: they mean something on an archive's.

    Attributes:
        captured: ``Memento-Datetime``.
        last_modified: the captured page's own Last-Modified, which archives send as ``X-Archive-Orig-Last-Modified``.
        x_robots_tag: likewise its ``X-Robots-Tag`` fields, one a line.
    """

    captured: str
    last_modified: str | None
    x_robots_tag: str | None


@dataclass(frozen=True, slots=True)
class Response:
    """A page as it was read, or the news that it has not changed.

    Attributes:
        url: the address that was asked for.
        final_url: the one that answered, in the standard's spelling, without fragment.
        status: 200, or 304 with an empty body.
        body: decoded bytes.
        content_type: media type in lower case, without parameters; empty when the server named none.
        charset: what the header says of the encoding; None when it says nothing.
        etag: validator for the next request, or None.
        last_modified: validator for the next request, or None.
        x_robots_tag: all fields of this name, one a line; None when there is none.
        canonical: the addresses that ``Link`` fields declare to be the page's own.
        redirects: the hops before the answer.
        unverified: hosts on the way whose certificate was not, or not wholly, verified: the settings except them.
        seconds: time it took in all, without the waiting for ``may``.
        bytes: length of the body on the wire.
        max_age: seconds it stays fresh by its ``Cache-Control``; None when that says nothing.
        memento: what its headers say of it as a capture of another page; None when they say nothing.
    """

    url: str
    final_url: str
    status: int
    body: Body = field(repr=False)
    content_type: str
    charset: str | None
    etag: str | None
    last_modified: str | None
    x_robots_tag: str | None
    canonical: tuple[str, ...]
    redirects: tuple[Redirect, ...]
    unverified: tuple[str, ...]
    seconds: float
    bytes: int
    max_age: float | None = None
    memento: Memento | None = None


@dataclass(frozen=True, slots=True)
class RobotsAnswer:
    """What asking an origin for its robots.txt gave.

    Attributes:
        body: what `wireroom.robots.parse` takes, when the verdict is ``rules``; else None.
        status: the HTTP status, if there was an answer.
        verdict: what it means (RFC 9309, 2.3.1).
        ttl: seconds the answer may be kept.
        error: why the verdict is ``deny_all``: the reason that a page of this origin would most likely fail with.
    """

    body: Body | None
    status: int | None
    verdict: Verdict
    ttl: float
    error: FetchError | None = None
