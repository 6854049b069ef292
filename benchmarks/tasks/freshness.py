"""Looks at pages that change: how many changes are seen soon, for how many requests, by our rule and by others.

The pages are made up: articles that are edited soon after they come, some late, pages that go on for days, a few that
never rest. No server, no clock: the rule of `wireroom.freshness` is asked what it would do, on 3,000 pages of 30 days.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tasks import Row
from wireroom import freshness
from wireroom.freshness import Bounds, Found

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

HOUR: Final = 3600.0
DAY: Final = 24 * HOUR
DAYS: Final = 30 * DAY
PAGES: Final = 3000
BOUNDS: Final = Bounds(HOUR, 30 * DAY, 60 * DAY)
"""The defaults of the settings."""

Looks = "Callable[[Sequence[float], str], Sequence[float]]"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a way of looking comes to.

    Attributes:
        requests: looks, over all pages.
        hour, day: part of the changes that were seen within so long.
    """

    requests: int
    hour: float
    day: float


def pages(seed: int = 4) -> list[tuple[str, list[float]]]:
    """Ids of documents, and when their pages change, in seconds after they came."""
    chance = random.Random(seed)
    return [(f"{chance.getrandbits(64):016x}", sorted(_life(chance))) for _ in range(PAGES)]


def _life(chance: random.Random) -> list[float]:
    kind = chance.random()
    if kind < 0.55:  # left as it is
        times: list[float] = []
    elif kind < 0.88:  # edited while it is young: half of it within three hours
        count = 1 + min(int(chance.expovariate(0.7)), 12)
        times = [chance.lognormvariate(1.1, 1.3) * HOUR for _ in range(count)]
    elif kind < 0.94:  # corrected late, and half of these once more within a day
        first = chance.uniform(1, 25) * DAY
        times = [first] + ([first + chance.random() * DAY] if chance.random() < 0.5 else [])
    elif kind < 0.98:  # goes on for one to four days
        times = _steady(chance, chance.uniform(1, 6) * HOUR, chance.uniform(1, 4) * DAY)
    else:  # never rests
        times = _steady(chance, chance.uniform(6, 48) * HOUR, DAYS)
    return [at for at in times if at < DAYS]


def _steady(chance: random.Random, every: float, until: float) -> list[float]:
    times, at = [], chance.expovariate(1 / every)
    while at < until:
        times.append(at)
        at += chance.expovariate(1 / every)
    return times


def ours(changes: Sequence[float], did: str, bounds: Bounds = BOUNDS) -> list[float]:
    """When our rule looks."""
    look, looks, seen = freshness.begun("", Found.NEW, 0.0, 0.0, bounds), [], 0
    now = freshness.wait(look, did, bounds)
    while now < DAYS and not freshness.over(look, now, bounds):
        looks.append(now)
        known = sum(change <= now for change in changes)
        look = freshness.learnt(look, Found.CHANGED if known > seen else Found.UNCHANGED, now, bounds)
        seen, now = known, now + freshness.wait(look, did, bounds)
    return looks


def fixed(every: float) -> Callable[[Sequence[float], str], list[float]]:
    """Looks at every page as often; each begins at its own moment."""

    def looks(_changes: Sequence[float], did: str) -> list[float]:
        first = every * int(did, 16) / 16 ** len(did)
        return [first + n * every for n in range(int(DAYS / every) + 1) if first + n * every < DAYS]

    return looks


def stormcrawler(first: float) -> Callable[[Sequence[float], str], list[float]]:
    """The rule of StormCrawler's AdaptiveScheduler, an hour to 14 days; its default begins with a day."""

    def looks(changes: Sequence[float], _did: str) -> list[float]:
        interval, now, looks, seen = first, first, [], 0
        while now < DAYS:
            looks.append(now)
            known = sum(change <= now for change in changes)
            interval = 0.5 * interval + 0.5 * HOUR if known > seen else min(1.5 * interval, 14 * DAY)
            seen, now = known, now + interval
        return looks

    return looks


def newsdiffs(changes: Sequence[float], _did: str) -> list[float]:
    """NewsDiffs' delays, by the time since the last change that was seen."""
    now, looks, updated = 0.25 * HOUR, [], 0.0
    while now < DAYS:
        looks.append(now)
        if any(updated < change <= now for change in changes):
            updated = now
        quiet = now - updated
        steps = ((3 * HOUR, 0.25 * HOUR), (DAY, 0.5 * HOUR), (7 * DAY, 2 * HOUR))
        now += next((delay for until, delay in steps if quiet < until), DAY)
    return looks


def measured(
    web: Sequence[tuple[str, list[float]]], way: Callable[[Sequence[float], str], Sequence[float]]
) -> Seen:
    """Look at all pages in one way."""
    requests = hour = day = total = 0
    for did, changes in web:
        looks = way(changes, did)
        requests += len(looks)
        for change in changes:
            late = next((look - change for look in looks if look >= change), DAYS)
            total, hour, day = total + 1, hour + (late <= HOUR), day + (late <= DAY)
    return Seen(requests, hour / total, day / total)


def rows() -> list[Row]:
    """Our rule, a fixed interval with as many requests, and StormCrawler's rule."""
    web = pages()
    begun = time.process_time()
    own = measured(web, ours)
    each = (time.process_time() - begun) / own.requests
    every = DAYS * PAGES / own.requests
    same = measured(web, fixed(every))
    told = f"{PAGES:,} pages, 30 days"
    goal = "4 times as many within an hour as fixed"
    each_look = f"{1e6 * each:.0f} us a look"
    ratio = f"{own.hour / same.hour:.1f} times within an hour, {own.day / same.day:.1f} within a day"
    return [
        Row("looks, our rule", told, _score(own), goal, own.hour >= 4 * same.hour, each_look),
        Row(f"looks, each {every / HOUR:.0f} h", told, _score(same)),
        Row("looks, ours beside each", told, ratio),
        Row("looks, AdaptiveScheduler", told, _score(measured(web, stormcrawler(DAY)))),
        Row("looks, the same from an hour on", told, _score(measured(web, stormcrawler(HOUR)))),
        Row("looks, NewsDiffs", told, _score(measured(web, newsdiffs))),
    ]


def _score(seen: Seen) -> str:
    return f"{seen.hour:.0%} of changes seen within an hour, {seen.day:.0%} within a day, {seen.requests / PAGES:.1f} requests a page"
