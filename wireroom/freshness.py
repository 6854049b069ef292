"""When the page of a document is looked at again: a schedule per document that learns from what the looks found. Pure.

The rule, in seconds, between ``shortest`` and ``longest``:

1. A new document waits a fifth of its age: one published an hour ago is looked at after twelve minutes or the shortest
   interval, one of last month after six days. Its age counts from its date of publication, else from when it came.
2. A look that finds a change cuts the interval to a third; one that finds none makes it half as long again, if it came
   when it was due: several looks at once teach nothing. An interval is never shorter than a fifth of the quiet, which
   is the time since the last change; publication counts as one.
3. A look that does not reach the page doubles the wait, and the interval stays. After `MISSES` of them in a row, nobody
   looks any more.
4. A page that is gone (404, 410) or forbidden (robots.txt) waits a day at least, each time four times as long, and is
   looked at `GONE` times, then no more.
5. A document from an archive waits the longest interval: its live page is dead.
6. After ``stop`` seconds of quiet nobody looks any more.

The sources: an interval that shrinks with a change and grows without is what Apache Nutch's AdaptiveFetchSchedule (by
0.8 and 1.2) and StormCrawler's AdaptiveScheduler (by 0.5 and 1.5) do; that no interval should stay far below the quiet is
Nutch's ``sync_delta``. That looks should go where changes are likely, but less than in proportion, is Cho and
Garcia-Molina, "Effective page refresh policies for Web crawlers", ACM TODS 28(4), 2003. That news changes soon after it
is published or not at all, so that the wait should grow with the time since the last change, is how NewsDiffs chose its
delays. Fifth, third and half: measured, see docs/design.md.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Self

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping

SHARE: Final = 0.2
"""Part of the quiet that an interval is at least."""
SHRINK: Final = 1 / 3
"""What an interval is multiplied by when a look found a change."""
GROW: Final = 1.5
"""What an interval is multiplied by when a look found none."""
SPREAD: Final = 0.2
"""Part of a wait that documents differ by, so that what came together is not due together."""
RARELY: Final = 86400.0
"""Seconds that a page which is gone or forbidden waits at least."""
RARER: Final = 4.0
"""What the wait is multiplied by each time it is still gone."""
GONE: Final = 3
"""Times in a row that a page may be found gone or forbidden before nobody looks any more."""
MISSES: Final = 6
"""Looks in a row that may not reach the page before nobody looks any more."""
TIME: Final = 0.8
"""Part of a host's time that looks may take: the rest is for what comes meanwhile."""
DAILY: Final = 0.5
"""Part of a host's pages of a day that looks may take."""
MOST: Final = 50
"""Looks asked of one host at once, however fast it may be asked."""


class Found(StrEnum):
    """What a look found."""

    NEW = "new"
    """A document that was not there before."""
    CHANGED = "changed"
    """Another text, title or date: a new revision."""
    UNCHANGED = "unchanged"
    """The same, or a 304."""
    GONE = "gone"
    """404 or 410."""
    FORBIDDEN = "forbidden"
    """A robots.txt does not allow it any more."""
    ARCHIVED = "archived"
    """The page is dead; what is kept comes from an archive."""
    ASKED = "asked"
    """Nothing yet: it was asked for and the answer is still to come, or the page could not be had."""


_COARSE: Final = {"day": 86400.0, "month": 31 * 86400.0, "year": 366 * 86400.0}
"""Seconds that a date of such a precision spans."""
_ABSENT: Final = frozenset({Found.GONE, Found.FORBIDDEN})


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an operator allows, in seconds.

    Attributes:
        shortest: between two looks at one page.
        longest: between two looks; never less than the shortest.
        stop: of quiet, after which nobody looks any more.
    """

    shortest: float
    longest: float
    stop: float

    def within(self, interval: float) -> float:
        """An interval that these bounds allow."""
        return max(self.shortest, min(interval, self.longest))


@dataclass(frozen=True, slots=True)
class Look:
    """What was learnt of one document's page. Times are seconds since the epoch.

    Attributes:
        url: the address that is looked at.
        interval: seconds between two looks while the page answers, before jitter.
        changed: when it was last seen to change; before that, when it was published or came.
        looked: when it was last reached.
        found: what the last look found.
        misses: looks since then that did not reach it.
        gone: times in a row that it was gone or forbidden.
    """

    url: str
    interval: float
    changed: float
    looked: float
    found: Found
    misses: int = 0
    gone: int = 0

    def to_json(self) -> str:
        """As it is kept."""
        return orjson.dumps(asdict(self)).decode()

    @classmethod
    def read(cls, text: str | bytes) -> Self | None:
        """Read one back; None where it is none, or another version's: the schedule begins anew."""
        try:
            values = orjson.loads(text)
            return cls(**values | {"found": Found(values["found"])})
        except (ValueError, TypeError, KeyError):
            return None


def published_since(data: Mapping[str, Any]) -> float | None:
    """When a document was published at the latest, in seconds since the epoch; None when that is unknown.

    Args:
        data: of a document event. A date without a time may mean the end of its day, or of its month or year.
    """
    published = data["dates"]["published"]
    if published is None:
        return None
    value = published["value"]
    try:
        moment = datetime.fromisoformat(f"{value}-01-01"[:10] if len(value) < len("2031-05-04") else value)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.timestamp() + _COARSE.get(published["precision"], 0.0)


def begun(url: str, found: Found, since: float, now: float, bounds: Bounds) -> Look:
    """The schedule of a document that had none.

    Args:
        url: the address that is looked at.
        found: how it came: `Found.NEW`, `Found.ARCHIVED`, or what a look at a document without a schedule found.
        since: when it was published or last changed, as far as that is known; a time to come counts as now.
        now: seconds since the epoch.
        bounds: what is allowed.
    """
    since = min(since, now)
    interval = bounds.longest if found is Found.ARCHIVED else SHARE * (now - since)
    return Look(url, bounds.within(interval), since, now, found)


def learnt(look: Look, found: Found, now: float, bounds: Bounds) -> Look:
    """What is known after another look.

    Args:
        look: what was known before.
        found: what it found.
        now: seconds since the epoch.
        bounds: what is allowed.
    """
    if found is Found.ASKED:
        return replace(look, misses=look.misses + 1)
    if found in _ABSENT:
        return replace(look, found=found, misses=0, gone=look.gone + 1)
    changed, interval = look.changed, look.interval
    if found is Found.ARCHIVED:
        interval = bounds.longest
    elif found is Found.UNCHANGED:
        due = now - look.looked >= interval
        interval = max(interval * GROW if due else interval, SHARE * (now - changed))
    else:
        changed, interval = now, interval * SHRINK
    return Look(look.url, bounds.within(interval), changed, now, found)


def wait(look: Look, did: str, bounds: Bounds) -> float:
    """Seconds from now until the next look, jitter included: it depends on the document's id alone.

    Args:
        look: what is known.
        did: the document's id, 16 hexadecimal digits.
        bounds: what is allowed.
    """
    seconds = look.interval * RARER**look.gone * 2.0 ** min(look.misses, MISSES)
    if look.gone:
        seconds = max(seconds, RARELY)
    part = SPREAD * int(did, 16) / 16.0 ** len(did)
    return max(bounds.shortest, min(seconds * (1 + part), bounds.longest * (1 - SPREAD + part)))


def over(look: Look, now: float, bounds: Bounds) -> bool:
    """Nobody looks any more."""
    return look.gone >= GONE or look.misses >= MISSES or now - look.changed > bounds.stop


@dataclass(frozen=True, slots=True)
class Host:
    """What decides how many looks a host can bear.

    Attributes:
        delay: seconds between two requests.
        waiting: URLs of it that wait already, whoever asked for them.
        barred: it is paused, or asked for rest.
        pages: asked of it today.
        pages_per_day: most a day; 0 for no bound.
    """

    delay: float
    waiting: int
    barred: bool = False
    pages: int = 0
    pages_per_day: int = 0


def room(host: Host, period: float) -> int:
    """How many looks may be asked of a host in one round.

    None while anything of it waits: what somebody asked for comes first, and nothing piles up. Else as many as it can
    serve in four fifths of the period, but always one; and never beyond half of its pages of the day.

    Args:
        host: how it stands.
        period: seconds until the next round.
    """
    if host.barred or host.waiting:
        return 0
    most = max(1, int(min(TIME * period, MOST * host.delay) / host.delay)) if host.delay else MOST
    if host.pages_per_day:
        most = min(most, int(DAILY * host.pages_per_day) - host.pages)
    return max(0, most)
