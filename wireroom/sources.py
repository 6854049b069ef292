"""Sources: feeds and sitemaps that are asked again and again for new articles. Pure: what one is, and what follows.

Law: a source is a claim. It may ask for more rest than the setting gives it, never for less; what it names is crawled
once, and again only where it says that something changed and that can be believed.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from wireroom import ages, urls
from wireroom.errors import UrlError
from wireroom.manners import spread
from wireroom.syndication import moment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wireroom.syndication import Item

LEAST_INTERVAL: Final = 60.0
"""Seconds between two looks that a setting may ask for at least."""
LONGEST_WISH: Final = 6 * 3600.0
"""Most seconds between two looks that a source gets by asking for them: many say a day and write by the hour."""
LONGEST_PAUSE: Final = 86400.0
"""Most seconds between two looks at a source that fails, or is gone."""
AGAIN: Final = -10
"""Added to the priority of an article that is crawled again because its source says that it changed."""

_OPTIONS: Final = ("interval", "name", "priority")
_BREAK: Final = re.compile(r"[\s,]+(?=https?://)", re.IGNORECASE)
_PRIORITIES: Final = 100
_GENERATED: Final = 3
"""Items with one time of change from which it may be the time at which the list was written."""


@dataclass(frozen=True, slots=True)
class Source:
    """One feed or sitemap, as the settings name it.

    Attributes:
        url: the address, checked.
        name: what people call it.
        interval: seconds between two looks; None takes the setting for all.
        priority: of its articles within their host.
    """

    url: str
    name: str
    interval: float | None = None
    priority: int = 0

    @property
    def id(self) -> str:
        """16 hexadecimal digits, from the address."""
        return urls.url_key(self.url)

    def __str__(self) -> str:
        options = [f"name={self.name}"] if self.name != _own_name(self.url) else []
        options += [f"interval={self.interval:g}"] if self.interval is not None else []
        options += [f"priority={self.priority}"] if self.priority else []
        return " ".join([self.url, *options])


def source(value: Any) -> Source:
    """A source of what stands in the settings.

    Args:
        value: an address, with options behind it: ``https://… interval=5m name=desk priority=2``; or a table of
            ``url`` and the options.

    Raises:
        ValueError: it is none of these.
    """
    if isinstance(value, Source):
        return value
    if isinstance(value, str):
        value = _words(value)
    if not isinstance(value, dict) or not isinstance(value.get("url"), str):
        raise ValueError("must be an address, or a table with a url")  # noqa: TRY004 - pydantic's way
    for key in value:
        if key not in {"url", *_OPTIONS}:
            raise ValueError(f"{key!r} is no option of a source; there are {', '.join(_OPTIONS)}")
    try:
        url = urls.check(value["url"]).partition("#")[0]
    except UrlError as error:
        raise ValueError(error.detail) from None
    name = " ".join(str(value.get("name", "")).split()) or _own_name(url)
    return Source(url, name[:100], _interval(value.get("interval")), _priority(value.get("priority", 0)))


def split(text: str) -> list[str]:
    """Sources of one line: commas or blanks before the next address part them."""
    return [part for part in _BREAK.split(text.strip().strip(",")) if part.strip()]


def interval(value: Any) -> float:
    """Seconds between two looks, of an age such as ``"15m"``.

    Raises:
        ValueError: it is none, or shorter than is polite.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError('must be an age such as "15m"')  # noqa: TRY004 - pydantic's way
    found = ages.seconds(value)
    if found < LEAST_INTERVAL:
        raise ValueError(f"must be {LEAST_INTERVAL:g} seconds at least: nobody is asked more often")
    return found


def _words(text: str) -> dict[str, Any]:
    url, *options = text.split() or [""]
    found: dict[str, Any] = {"url": url}
    for option in options:
        key, equals, value = option.partition("=")
        if not equals or key in found:
            raise ValueError(
                f"{option!r} is no option of a source: write interval=5m, name=desk or priority=2"
            )
        found[key] = value
    return found


def _own_name(url: str) -> str:
    return url.partition("//")[2].rstrip("/")[:100]


def _interval(value: Any) -> float | None:
    return None if value is None else interval(value)


def _priority(value: Any) -> int:
    text = str(value).strip()
    if isinstance(value, bool) or not re.fullmatch(r"-?\d{1,3}", text) or abs(int(text)) > _PRIORITIES:
        raise ValueError(f"priority must be a whole number from -{_PRIORITIES} to {_PRIORITIES}")
    return int(text)


def alone(found: Sequence[Source], others: Sequence[Source] = ()) -> None:
    """See that no address and no name stands twice.

    Raises:
        ValueError: one does.
    """
    seen: dict[str, Source] = {other.id: other for other in others}
    names = {other.name: other for other in others}
    for one in found:
        if one.id in seen:
            raise ValueError(f"{one.url} is named twice")
        if one.name in names:
            raise ValueError(f"two sources are called {one.name!r}; give one of them another name")
        seen[one.id] = names[one.name] = one


# --- when it is asked again ---


def pause(interval: float, wish: float | None) -> float:
    """Seconds until a source that answered is asked again."""
    return max(interval, min(wish or 0.0, LONGEST_WISH))


def pause_after(interval: float, failures: int, *, asked: float | None, gone: bool, chance: float) -> float:
    """Seconds until a source that failed is asked again: its interval, doubled each time, up to a day.

    Args:
        interval: of the source.
        failures: in a row, this one included.
        asked: seconds that the server asked for (``Retry-After``).
        gone: it answered 410: only looked at now and then.
        chance: 0 to 1, of the jitter.
    """
    longest = max(interval, LONGEST_PAUSE)
    if gone:
        return longest
    growing = min(interval * 2.0 ** min(failures - 1, 20), longest)
    return max(spread(growing, chance), asked or 0.0)


# --- what is crawled ---


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an article's address.

    Attributes:
        fetched: seconds since the epoch when it was last fetched; None where it never was.
        open: it is on its way now.
    """

    fetched: float | None
    open: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """An article that is to be crawled.

    Attributes:
        item: what the source says of it.
        again: it was crawled before, and changed since by what the source says.
    """

    item: Item
    again: bool


def wanted(items: Sequence[Item], known: Mapping[str, Known], now: float, fresh: float) -> list[Wanted]:
    """Which of a source's items are crawled: those that are not known, and those that changed since we looked.

    A time of change is not believed that lies ahead, or that half of the items share: then it is when the list was
    written. What was fetched within the fresh time is left alone.

    Args:
        items: what the source names.
        known: what is known, by address; what is not in it is new.
        now: seconds since the epoch.
        fresh: seconds for which a fetched address is fresh.
    """
    times = Counter(moment(item.updated) for item in items if item.updated)
    stamped = {time for time, count in times.items() if _generated(count, len(items))}
    found: list[Wanted] = []
    for item in items:
        record = known.get(item.url)
        if record is None:
            found.append(Wanted(item, again=False))
        elif not record.open and record.fetched is not None and moment(item.updated) not in stamped:
            changed = _instant(item)
            if changed is not None and record.fetched < changed <= now and now - record.fetched > fresh:
                found.append(Wanted(item, again=True))
    return found


def told(items: Sequence[Item]) -> dict[str, dict[str, Any]]:
    """What a source says of the articles it names, by address: when each was published, as a witness of its date.

    A time that half of the items share is when the list was written, and says nothing.
    """
    times = Counter(moment(item.published) for item in items if item.published)
    return {
        item.url: {
            "published": [item.published.value, item.published.precision.value, item.published.timezone_known]
        }
        for item in items
        if item.published and not _generated(times[moment(item.published)], len(items))
    }


def _generated(count: int, items: int) -> bool:
    return count >= _GENERATED and 2 * count > items


def _instant(item: Item) -> float | None:
    if item.updated is None:
        return None
    known = item.updated.moment
    if known is None:
        day = item.updated.day
        known = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return known.timestamp()


class Standing(StrEnum):
    """Where a source stands."""

    NEW = "new"
    """It was never asked."""
    ASKING = "asking"
    """It is being asked now."""
    FINE = "fine"
    """It answered when it was last asked."""
    FAILING = "failing"
    """It did not, or what it answered is no feed; the reason says why."""
    REFUSED = "refused"
    """A rule forbids it: robots.txt, a blocked address."""
