"""How a host is treated: how long between two requests, and how long it is left alone when it is in trouble. Pure.

The habits are those of StormCrawler and URLFrontier (2026), the politest crawlers found; where ours differ it is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from wireroom.errors import FetchError, Reason

BACKOFF_FIRST = 60.0
"""Seconds a host is left alone after its first 429 or 503 without Retry-After; doubled after."""
BACKOFF_MOST = 86400.0
"""Most seconds a host is left alone, whatever it asks for."""
BACKOFF_FORGIVEN = 1800.0
"""Seconds of quiet after which a host's backing off begins anew."""
JITTER = 0.1
"""Part of a rest that is added to it by chance, so that hosts of one outage are not all asked at once."""
DOWN_AFTER = 5
"""Requests in a row without an answer after which a host counts as down."""
DOWN_MOST = 3600.0
"""Most seconds a host that is down is left alone: one that is back is noticed within the hour."""
DAY = 86400

_ASKS_FOR_REST = frozenset({429, 503})
_SERVER_ERROR = 500
_NO_ANSWER = frozenset({Reason.CONNECT_ERROR, Reason.DNS_ERROR, Reason.TIMEOUT, Reason.PROTOCOL_ERROR})


class DelayFrom(StrEnum):
    """Who says how long to wait between two requests to a host."""

    SETTING = "setting"
    ROBOTS = "robots"
    HAND = "hand"


@dataclass(frozen=True, slots=True)
class Delay:
    """Seconds between two requests to a host, and who says so."""

    seconds: float
    origin: DelayFrom


def delay(setting: float, *, asked: float | None, most: float, by_hand: float | None) -> Delay:
    """The delay in force: what was set by hand, else the setting; never less than what robots.txt asks for.

    Args:
        setting: seconds, for every host.
        asked: what the host's robots.txt asks for; None when it asks for nothing.
        most: seconds that a robots.txt may ask for; more is cut to it (one that asks for a day means to be left alone
            and has a better way to say so).
        by_hand: seconds that somebody set for this host; may be less than the setting.
    """
    own = Delay(setting, DelayFrom.SETTING) if by_hand is None else Delay(by_hand, DelayFrom.HAND)
    wish = min(asked or 0.0, most)
    return Delay(wish, DelayFrom.ROBOTS) if wish > own.seconds else own


@dataclass(frozen=True, slots=True)
class Health:
    """What a host's last requests came to. Times are seconds since the epoch.

    Attributes:
        failures: requests in a row that the host did not serve: it gave no answer, or asked for rest.
        since: when the first of them failed.
        backoff: seconds it was last left alone by the doubling rule, without jitter; 0 when never.
        until: when that was over.
    """

    failures: int = 0
    since: float = 0.0
    backoff: float = 0.0
    until: float = 0.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How much trouble of a host is borne.

    Attributes:
        retry_delay: seconds before the second try of a page; what rests of a host that is down begin with.
        tries: times a page is tried.
        seconds: time after which the waiting URLs of a host in trouble are given up.
    """

    retry_delay: float
    tries: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Rest:
    """What follows from a host's trouble.

    Attributes:
        seconds: it is left alone, jitter included; 0 when the delay is enough.
        health: the host's, from now on.
        given_up: its waiting URLs need not wait any more: it was tried often and long enough.
    """

    seconds: float
    health: Health
    given_up: bool


def rest(health: Health, error: FetchError, now: float, patience: Patience, *, chance: float) -> Rest | None:
    """How long a host is left alone after an error; None where the error says nothing against the host.

    - It asks for rest (429, 503, any server error with Retry-After): what it says, else 60 s, doubled each time,
      forgiven after 30 quiet minutes.
    - Its robots.txt cannot be had: the delay before a second try, doubled each time. Nothing of the host can be
      fetched meanwhile, so nothing else is asked, either.
    - It gives no answer: nothing, until that was so five times in a row; then likewise.

    Args:
        health: the host's until now.
        error: what a request to it came to.
        now: seconds since the epoch.
        patience: how much is borne.
        chance: 0 to 1, of the jitter.
    """
    failures = health.failures + 1
    backoff, until = health.backoff, health.until
    if error.reason is Reason.ROBOTS_UNREACHABLE:
        seconds = _told(error) or _growing(patience.retry_delay, failures, chance)
    elif error.status in _ASKS_FOR_REST or (error.retry_after and (error.status or 0) >= _SERVER_ERROR):
        if error.retry_after is None:
            quiet = now - until
            backoff = (
                min(2 * backoff, BACKOFF_MOST) if backoff and quiet < BACKOFF_FORGIVEN else BACKOFF_FIRST
            )
            seconds = min(backoff * (1 + JITTER * chance), BACKOFF_MOST)
            until = now + seconds
        else:
            seconds = _told(error)
    elif error.temporary and error.status is None and error.reason in _NO_ANSWER:
        over = failures - DOWN_AFTER
        seconds = _growing(patience.retry_delay, over + 2, chance) if over >= 0 else 0.0
    else:
        return None
    since = health.since if health.failures else now
    given_up = failures >= patience.tries and now - since > patience.seconds
    return Rest(seconds, Health(failures, since, backoff, until), given_up)


def spread(seconds: float, chance: float) -> float:
    """Seconds with jitter; ``chance`` is 0 to 1."""
    return seconds * (1 + JITTER * chance)


def _told(error: FetchError) -> float:
    return min(error.retry_after or 0.0, BACKOFF_MOST)


def _growing(first: float, times: int, chance: float) -> float:
    return spread(min(first * 2.0 ** min(times - 1, 30), DOWN_MOST), chance)


class Standing(StrEnum):
    """Where a host stands: why its next URL is not being fetched now."""

    IDLE = "idle"
    """Nothing waits."""
    READY = "ready"
    """Its next URL may be fetched now."""
    FETCHING = "fetching"
    """A request is under way; there is never a second one beside it."""
    DELAYED = "delayed"
    """The time between two requests is not over."""
    RETRYING = "retrying"
    """What waits was tried, and is to be tried again later."""
    RESTING = "resting"
    """It asked to be left alone, or is down."""
    FULL = "full"
    """It gave its pages of this day (UTC)."""
    PAUSED = "paused"
    """Somebody paused it."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What decides where a host stands. Times are seconds since the epoch.

    Attributes:
        queued: URLs in its queue.
        delayed: URLs that wait for a time of their own.
        in_flight: a request is under way.
        paused: by hand.
        next: when its next request may begin.
        rests_until: it is left alone.
        pages: asked of it today.
        pages_per_day: most a day; 0 for no bound.
    """

    queued: int
    delayed: int
    in_flight: bool
    paused: bool
    next: float
    rests_until: float
    pages: int
    pages_per_day: int


def standing(facts: Facts, now: float) -> Standing:
    """Where a host stands now; of several reasons the one that lasts longest."""
    reasons = (
        (facts.in_flight, Standing.FETCHING),
        (facts.paused, Standing.PAUSED),
        (not facts.queued and not facts.delayed, Standing.IDLE),
        (0 < facts.pages_per_day <= facts.pages, Standing.FULL),
        (facts.rests_until > now, Standing.RESTING),
        (not facts.queued, Standing.RETRYING),
        (facts.next > now, Standing.DELAYED),
    )
    return next((name for holds, name in reasons if holds), Standing.READY)
