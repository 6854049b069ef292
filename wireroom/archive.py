"""The archive of dead links: which crawls it is asked for, what it is asked, and what its answers mean. Pure.

The service is the Internet Archive's Wayback Machine, or one that answers alike. Two of its interfaces are used:

    GET /cdx/search/cdx?url=…&output=json&…     the captures of one address: a JSON list, the first row names the fields
    GET /web/<YYYYMMDDhhmmss>id_/<address>      one capture as it was received, without toolbar and changed links

The first is documented by the service (https://github.com/internetarchive/wayback/tree/master/wayback-cdx-server), the
headers of the second by RFC 7089: what bears ``Memento-Datetime`` is a capture, what does not is the archive's own. The
availability interface (https://archive.org/help/wayback_api.php) is not used: it is known to name no capture where there
are some (internetarchive/wayback#296), it knows no filter by status, and it answered 429 to slow clients (#274).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import quote

import ada_url
import orjson

from wireroom.errors import FetchError, Reason, UrlError
from wireroom.events import FetchOutcome, timestamp
from wireroom.urls import canonical, check, host_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

KIND: Final = "archive"
"""The ``origin.kind`` of a document made of a capture."""
EVIDENCE: Final = "archive_capture"
"""The evidence of the date candidate that a capture's time is: never chosen, the page is older."""
SAME_CAPTURE: Final = "same_capture"
LIVE_REVISION: Final = "live_revision"
NEWEST: Final = 5
"""Captures asked for, the newest or the first with status 200: one of another kind or address is passed over."""

_DEAD: Final = frozenset({404, 410})
_NO_ARTICLE: Final = frozenset(
    {
        Reason.SOFT_404,
        Reason.BOT_CHALLENGE,
        Reason.CONSENT_WALL,
        Reason.PAYWALL_TEASER,
        Reason.INDEX_PAGE,
        Reason.NO_TEXT,
        Reason.EMPTY_PAGE,
        Reason.TEXT_SHRUNK,
    }
)
"""What a page may have become before it was gone: its first capture may be the article still."""
_PAGES: Final = frozenset({"text/html", "application/xhtml+xml", "text/plain", "application/xml", "text/xml"})
_UNKNOWN: Final = frozenset({"unk", "-", ""})
"""What the index says of captures whose type it does not know."""
_STAMP: Final = re.compile(r"\d{14}")
_CAPTURE: Final = re.compile(r"/web/(\d{4,14})(?:[a-z]{2}_)?/(https?):/{1,2}(.+)", re.DOTALL)
_WWW: Final = re.compile(r"^www\d*\.")
_OWN_PORT: Final = {"http:": "80", "https:": "443"}
_TOOLBAR: Final = re.compile(
    rb"<!-- BEGIN WAYBACK TOOLBAR INSERT -->.*?<!-- END WAYBACK TOOLBAR INSERT -->", re.DOTALL
)
_REWRITTEN: Final = re.compile(
    rb"(?:(?:https?:)?//web\.archive\.org)?/web/\d{4,14}(?:[a-z]{2}_)?/(?=https?://)"
)


@dataclass(frozen=True, slots=True)
class Capture:
    """One capture, as the archive's index names it.

    Attributes:
        timestamp: 14 digits, UTC.
        original: the address it was captured from.
    """

    timestamp: str
    original: str

    @property
    def at(self) -> datetime:
        """When it was made."""
        return datetime.strptime(self.timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)

    def url(self, base: str) -> str:
        """Where its bytes are."""
        return f"{base}/web/{self.timestamp}id_/{self.original}"


@dataclass(frozen=True, slots=True)
class Ask:
    """What an archive is asked about: a crawl that ended dead.

    Attributes:
        live: how the crawl would have ended without the archive, and ends if the archive has nothing.
        capture: what the archive's index named; None until it was asked.
        passed: the newest capture, where that was no article: the first one is asked for then.
    """

    live: FetchOutcome
    capture: Capture | None = None
    passed: Capture | None = None

    def ended(self, answer: str) -> FetchOutcome:
        """How the crawl ends after all: as it would have, with what the archive said beside it."""
        return replace(self.live, detail=f"{self.live.detail or self.live.reason}; {answer}")

    def with_capture(self, capture: Capture) -> Self:
        """The same, with what the index named."""
        return replace(self, capture=capture)

    def for_the_first(self, why: Reason, detail: str) -> Self | None:
        """The ask for the first capture after the newest was of no use; None where there is no point in it."""
        if self.capture is None or self.passed is not None or why not in _NO_ARTICLE:
            return None
        live = self.ended(
            f"the archive's capture of {timestamp(self.capture.at)} is no article: {why} ({detail})"
        )
        return replace(self, live=live, capture=None, passed=self.capture)

    def to_json(self) -> bytes:
        """As the unit keeps it."""
        return orjson.dumps(self)

    @classmethod
    def of(cls, unit: Mapping[str, str]) -> Self | None:
        """What a unit asks the archive; None where it does not."""
        if "archive" not in unit:
            return None
        values: dict[str, Any] = orjson.loads(unit["archive"])
        live = values["live"]
        found, passed = (Capture(**told) if told else None for told in (values["capture"], values["passed"]))
        told = {name: tuple(live[name]) for name in ("redirects", "listed_by")}
        return cls(FetchOutcome(**live | told), found, passed)


def dead(reason: Reason | str, status: int | None) -> bool:
    """Whether a crawl that is given up for this leaves a dead link behind.

    It does where the page is gone (404, 410, a page that says so with status 200) and where the site's name is. It does
    not where a rule says no, where the site is in trouble, and where what came is not what was looked for: those may pass,
    or are to be respected.
    """
    return reason in {Reason.DNS_ERROR, Reason.SOFT_404} or (reason == Reason.HTTP_STATUS and status in _DEAD)


# --- asking ---


def lookup_url(base: str, url: str, *, first: bool = False) -> str:
    """Where the index names the newest captures of an address that had status 200, or the first ones.

    ``fastLatest`` is left out: it reads the last block of the index only, and the filter may leave nothing of it.
    """
    query = f"url={quote(url, safe='')}&output=json&fl=timestamp,original,mimetype,statuscode"
    return f"{base}/cdx/search/cdx?{query}&filter=statuscode:200&limit={NEWEST if first else -NEWEST}"


def chosen(body: bytes, url: str, *, first: bool = False) -> Capture | None:
    """The newest capture of a page in an answer of the index, or the first; None where there is none.

    The index takes addresses for the same that differ in scheme, ``www.``, port, case and a final slash; those that differ
    in case are passed over here, for they may be two pages. So is what is no page, and what has no calendar date (the
    index has days ``00``).

    Raises:
        FetchError: the answer is not what the index answers; another try may help.
    """
    found = [capture for capture in _rows(body) if same_page(capture.original, url)]
    return (min if first else max)(found, key=lambda capture: capture.timestamp, default=None)


def _rows(body: bytes) -> Iterator[Capture]:
    try:
        rows = orjson.loads(body) if body.strip() else []
    except orjson.JSONDecodeError:
        rows = None
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise FetchError(
            Reason.PROTOCOL_ERROR, "the archive's index answered with no list of captures", temporary=True
        )
    names = rows[0] if rows else []
    for row in rows[1:]:
        told = dict(zip(names, row, strict=False))
        kind = str(told.get("mimetype", ""))
        capture = Capture(str(told.get("timestamp", "")), str(told.get("original", "")))
        if str(told.get("statuscode")) == "200" and kind in _PAGES | _UNKNOWN and _dated(capture):
            yield capture


def _dated(capture: Capture) -> bool:
    try:
        return _STAMP.fullmatch(capture.timestamp) is not None and capture.at.year > 0
    except ValueError:
        return False


def same_page(first: str, second: str) -> bool:
    """Whether two addresses are one page to an archive: scheme, ``www.``, the scheme's port and a final slash do not count."""
    try:
        return _loose(first) == _loose(second)
    except UrlError:
        return False


def _loose(url: str) -> tuple[str, str, str]:
    parts = ada_url.URL(canonical(url))
    port = "" if parts.port in _OWN_PORT.values() else parts.port
    return f"{_WWW.sub('', parts.hostname)}:{port}", parts.pathname.rstrip("/"), parts.search


def within(base: str, url: str, wanted: str | None) -> str | None:
    """Why the archive's answer is not followed to an address; None when it may be.

    Args:
        base: where the archive is.
        url: where it leads to.
        wanted: the page of which a capture is asked for; None where the index is asked.
    """
    if host_key(url) != host_key(base):
        return f"the archive leads away, to {url}"
    if wanted is None:
        return None
    named = captured_page(url)
    if named is None or not same_page(named, wanted):
        return f"the archive leads to {url}, which is no capture of this page"
    return None


def captured_page(url: str) -> str | None:
    """The page a capture's address names; None when it is none."""
    found = _CAPTURE.search(url)
    try:
        return check(f"{found[2]}://{found[3]}") if found else None
    except UrlError:
        return None


def moment(header: str | None) -> datetime | None:
    """The time in a ``Memento-Datetime`` header (RFC 7089, 2.1.1); None where there is none."""
    try:
        return parsedate_to_datetime(header).astimezone(UTC) if header else None
    except ValueError:
        return None


# --- what came ---


def facts(ask: Ask, captured_at: datetime, via: str) -> dict[str, Any]:
    """What is handed on with a capture's body: of the capture, and of the live page."""
    at = timestamp(captured_at)
    return {
        "archive": {"captured_at": at, "status": ask.live.status, "via": via},
        "detail": f"{ask.live.reason}; the archive's capture of {at} was taken",
    }


def plain(body: bytes) -> bytes:
    """A capture without what a replay adds: the toolbar, and addresses that lead into the archive.

    A raw capture has neither and is left as it is. Some archives give replays all the same.
    """
    if _TOOLBAR.search(body) is None:
        return body
    return _REWRITTEN.sub(b"", _TOOLBAR.sub(b"", body))
