"""Every error Wireroom raises on purpose, and every code it gives a reason by.

    WireroomError                   something went wrong; the message says what to do
    ├── UsageError                  what the caller gave is wrong; trying again does not help
    │   ├── DocumentError           a document file cannot be taken (carries name and reason)
    │   ├── UrlError                an address cannot be taken (carries url)
    │   └── SettingsError           a setting is wrong (carries key)
    ├── WorkError                   one page or document could not be worked on (carries reason, detail)
    │   └── FetchError              … because of the network, the site or its rules
    ├── StoreError                  Redis is not there, refuses, or is not fit for the work
    │   ├── StoreUnavailable        … not there yet, or gone: wait and try again
    │   └── StoreFull               … near its memory budget: try again later
    ├── LeaseLost                   somebody else has taken this work over: drop the result
    ├── DataFolderLocked            another process owns this data folder
    └── AddressInUse                the port to listen on is taken

``retry`` on the type answers "try again?", so that no caller keeps a list of its own.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar


class Retry(StrEnum):
    """What to do with work that failed this way."""

    LATER = "later"
    """The cause may pass: try again, a bounded number of times."""
    NEVER = "never"
    """The same input gives the same failure."""
    DROP = "drop"
    """Somebody else is responsible now."""


class Reason(StrEnum):
    """Why something was not published as an article: the codes of events, rejections and dead letters."""

    # the input
    NOT_TEXT = "not_text"
    EMPTY = "empty"
    TOO_LARGE = "too_large"
    UNREADABLE = "unreadable"
    TOO_MANY_URLS = "too_many_urls"
    INVALID_URL = "invalid_url"
    # refused: a rule says no
    ROBOTS_DENIED = "robots_denied"
    ROBOTS_UNREACHABLE = "robots_unreachable"
    BLOCKED_ADDRESS = "blocked_address"
    BLOCKED_PORT = "blocked_port"
    ROBOTS_META = "robots_meta"
    # failed: the network or the site
    DNS_ERROR = "dns_error"
    CONNECT_ERROR = "connect_error"
    TLS_ERROR = "tls_error"
    CERTIFICATE_INVALID = "certificate_invalid"
    TIMEOUT = "timeout"
    PROTOCOL_ERROR = "protocol_error"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    REDIRECT_LOOP = "redirect_loop"
    HTTP_STATUS = "http_status"
    UNSUPPORTED_TYPE = "unsupported_type"
    UNSUPPORTED_ENCODING = "unsupported_encoding"
    NOT_A_FEED = "not_a_feed"
    # failed: the page
    EMPTY_PAGE = "empty_page"
    NO_TEXT = "no_text"
    EXTRACTION_TIMEOUT = "extraction_timeout"
    EXTRACTION_ERROR = "extraction_error"
    # failed: the page is no article (`wireroom.gate`)
    BOT_CHALLENGE = "bot_challenge"
    SOFT_404 = "soft_404"
    CONSENT_WALL = "consent_wall"
    PAYWALL_TEASER = "paywall_teaser"
    INDEX_PAGE = "index_page"
    TEXT_SHRUNK = "text_shrunk"
    # failed: the work
    ENRICHMENT_TIMEOUT = "enrichment_timeout"
    ENRICHMENT_ERROR = "enrichment_error"
    ENRICHER_OFF = "enricher_off"
    WORKER_DIED = "worker_died"
    BODY_EXPIRED = "body_expired"
    PUBLISH_ERROR = "publish_error"
    INVALID_JOB = "invalid_job"
    CANCELLED = "cancelled"
    # failed: a consumer
    TOO_MANY_DELIVERIES = "too_many_deliveries"
    INVALID_EVENT = "invalid_event"


REFUSALS = frozenset(
    {
        Reason.ROBOTS_DENIED,
        Reason.ROBOTS_UNREACHABLE,
        Reason.BLOCKED_ADDRESS,
        Reason.BLOCKED_PORT,
        Reason.ROBOTS_META,
    },
)
"""Reasons that end a crawl as ``fetch.refused``; every other one ends it as ``fetch.failed``."""


class WireroomError(Exception):
    """Base of every error raised on purpose."""

    retry: ClassVar[Retry] = Retry.NEVER


class UsageError(WireroomError):
    """What the caller gave cannot be used."""


class DocumentError(UsageError):
    """A document file that cannot be taken.

    Attributes:
        name: the file's name as it was given.
        reason: one of ``not_text``, ``empty``, ``too_large``, ``unreadable``, ``too_many_urls``.
        detail: one sentence for a person.
    """

    def __init__(self, name: str, reason: Reason, detail: str) -> None:
        super().__init__(f"{name}: {detail} ({reason})")
        self.name = name
        self.reason = reason
        self.detail = detail


class UrlError(UsageError):
    """An address that cannot be taken.

    Attributes:
        url: the address as it was given.
        detail: one sentence for a person.
    """

    def __init__(self, url: str, detail: str) -> None:
        super().__init__(f"{url!r}: {detail}")
        self.url = url
        self.reason = Reason.INVALID_URL
        self.detail = detail


class SettingsError(UsageError):
    """A setting with an unknown name or a wrong value.

    Attributes:
        key: the setting's name, as it is written where the wrong value stands.
    """

    def __init__(self, key: str, message: str) -> None:
        super().__init__(f"{key}: {message}")
        self.key = key


class WorkError(WireroomError):
    """One page or document could not be worked on.

    Attributes:
        reason: the code published with the event.
        detail: one sentence for a person.
        temporary: whether another try may succeed.
    """

    def __init__(self, reason: Reason, detail: str, *, temporary: bool = False) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.temporary = temporary


class FetchError(WorkError):
    """A page could not be fetched.

    Attributes:
        status: the HTTP status, if there was an answer.
        retry_after: seconds the site asked us to wait, if it said so.
        final_url: the address that failed, after redirects; None when it is the one that was asked for.
        redirects: the hops before it, each with its ``url`` and ``status``.
    """

    def __init__(
        self,
        reason: Reason,
        detail: str,
        *,
        temporary: bool = False,
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(reason, detail, temporary=temporary)
        self.status = status
        self.retry_after = retry_after
        self.final_url: str | None = None
        self.redirects: tuple[dict[str, str | int], ...] = ()

    @property
    def code(self) -> str:
        """The code published with the event: ``http_404`` for an HTTP status, else the reason."""
        if self.reason is Reason.HTTP_STATUS and self.status is not None:
            return f"http_{self.status}"
        return str(self.reason)


class StoreError(WireroomError):
    """Redis refuses, or is not fit for the work."""


class StoreUnavailable(StoreError):  # noqa: N818 - reads as what it is
    """Redis is not there yet, or gone."""

    retry = Retry.LATER


class StoreFull(StoreError):  # noqa: N818 - reads as what it is
    """Redis is near its memory budget.

    Attributes:
        retry_after: seconds after which another try makes sense.
    """

    retry = Retry.LATER

    def __init__(self, message: str, retry_after: float = 10.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class LeaseLost(WireroomError):  # noqa: N818 - an outcome, not a fault
    """Somebody else has taken this work over."""

    retry = Retry.DROP


class DataFolderLocked(WireroomError):  # noqa: N818
    """Another process owns this data folder."""


class AddressInUse(WireroomError):  # noqa: N818
    """The port to listen on is taken."""
