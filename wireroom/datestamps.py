"""A point in time as precisely as it was written: ISO 8601, RFC 5322, and seconds since 1970.

Law: nothing is added that was not written. A day stays a day, a time without a zone stays without one, and what is no
calendar date is None, never an exception.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from enum import StrEnum

from wireroom.datewords import AMBIGUOUS, AMERICAN, OFFSETS


class Precision(StrEnum):
    """How exactly a date is known."""

    SECOND = "second"
    MINUTE = "minute"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"


FINENESS = {p: i for i, p in enumerate(reversed(Precision))}
"""Precisions by rank: the finer, the larger."""


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day.

    Attributes:
        hour: 0 to 23.
        minute: 0 to 59.
        second: 0 to 59, or None where only minutes were written.
        offset: minutes east of UTC, or None where no zone was written.
    """

    hour: int
    minute: int
    second: int | None = None
    offset: int | None = None


@dataclass(frozen=True, slots=True)
class Stamp:
    """A date at its own precision.

    Attributes:
        value: ISO 8601 at that precision: ``2026``, ``2026-03``, ``2026-03-04``, ``2026-03-04T10:15+01:00``.
        precision: how exactly it is known.
        timezone_known: whether the value ends in an offset.
    """

    value: str
    precision: Precision
    timezone_known: bool = False

    @property
    def day(self) -> date:
        """The calendar day as written; the first one where only a month or a year is known."""
        year, month, day = (*map(int, self.value[:10].split("-")), 1, 1)[:3]
        return date(year, month, day)

    @property
    def moment(self) -> datetime | None:
        """The instant, where a time of day is known; read as UTC without a zone."""
        if FINENESS[self.precision] < FINENESS[Precision.MINUTE]:
            return None
        moment = datetime.fromisoformat(self.value)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def stamp(
    year: int, month: int | None = None, day: int | None = None, clock: Clock | None = None
) -> Stamp | None:
    """Put the parts together; None where they are no calendar date."""
    try:
        first = date(year, month or 1, day or 1)
        if month is None:
            return Stamp(f"{year:04d}", Precision.YEAR)
        if day is None:
            return Stamp(f"{year:04d}-{month:02d}", Precision.MONTH)
        if clock is None:
            return Stamp(first.isoformat(), Precision.DAY)
        zone = None if clock.offset is None else timezone(timedelta(minutes=clock.offset))
        moment = datetime(year, month, day, clock.hour, clock.minute, clock.second or 0, tzinfo=zone)
        moment.utctimetuple()  # an instant before year 1 or after 9999 cannot be compared
        detail = "minutes" if clock.second is None else "seconds"
        value = moment.isoformat(timespec=detail)
    except (ValueError, OverflowError):
        return None
    return Stamp(value, Precision.MINUTE if clock.second is None else Precision.SECOND, zone is not None)


_ISO = re.compile(
    r"\s{0,9}(\d{4})-?(\d{2})(?:-?(\d{2})"
    r"(?:(?:T|\s{1,3}|\s?T\s?|\sat\s)(\d{1,2}):?(\d{2})(?::?(\d{2})(?:[.,]\d{1,9})?)?\s?([ap]m\b)?\s?"
    r"(Z|[A-Z]{2,4}|[+\-\u2212]\s?\d{2}:?(?:\d{2})?)?)?)?(?!\d)",
    re.ASCII | re.IGNORECASE,
)
_DIGITS = re.compile(r"\s{0,9}((?:19|20)\d{6})(\d{2})(\d{2})(\d{2})?(?!\d)", re.ASCII)
_CTIME = re.compile(
    r"\s{0,9}(?:[A-Z][a-z]{2},?\s)?([A-Z][a-z]{2})\s{1,2}(\d{1,2})\s(?:(\d{4})\s)?(\d{2}):(\d{2}):(\d{2})"
    r"(?:\s?([A-Z]{2,5}(?:[+-]\d{2}:?\d{2})?|[+-]\d{2}:?\d{2}))?(?:\s(\d{4}))?",
    re.ASCII,
)
_ENGLISH = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_EPOCH = re.compile(r"\s{0,9}(\d{10})(\d{3})?\s{0,9}", re.ASCII)
_RFC = re.compile(r"\s{0,9}(?:[A-Z][a-z]{2,8},?\s)?\d{1,2}[ -][A-Z][a-z]{2}[ -]\d{4}\s\d{2}:\d{2}", re.ASCII)


def read(text: str) -> Stamp | None:  # noqa: PLR0911 - one way of writing, one return
    """Read a value written for machines.

    Args:
        text: ISO 8601 (basic, extended, with a blank for the T), an RFC 5322 date, what C's ``ctime`` and the clocks of Java
            and JavaScript print, or 10 or 13 digits of Unix time.

    Returns:
        The stamp, or None where it is none of them; words for people are `wireroom.datephrases`' work.
    """
    text = text[:80]
    if found := _ISO.match(text):
        return _iso(found)
    if (found := _DIGITS.match(text)) and (packed := _packed(found)):
        return packed
    if found := _EPOCH.fullmatch(text):
        moment = datetime.fromtimestamp(int(found[1]), UTC)
        return Stamp(moment.isoformat(timespec="seconds"), Precision.SECOND, timezone_known=True)
    if found := _CTIME.match(text):
        return _ctime(found)
    if _RFC.match(text):
        try:
            moment = parsedate_to_datetime(text.strip())
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        return Stamp(moment.isoformat(timespec="seconds"), Precision.SECOND, moment.tzinfo is not None)
    return None


def _packed(found: re.Match[str]) -> Stamp | None:
    """Twelve or fourteen digits; not thirteen, which are milliseconds."""
    day = found[1]
    clock = Clock(int(found[2]), int(found[3]), None if found[4] is None else int(found[4]))
    return stamp(int(day[:4]), int(day[4:6]), int(day[6:]), clock)


def _ctime(found: re.Match[str]) -> Stamp | None:
    year = found[3] or found[8]
    if year is None or found[1] not in _ENGLISH:
        return None
    day = (int(year), _ENGLISH.index(found[1]) + 1, int(found[2]))
    zone = found[7] or None
    if zone and zone[0] not in "+-" and len(zone) > 5:  # noqa: PLR2004 - GMT+0100
        zone = zone[-6:] if ":" in zone else zone[-5:]
    clock = Clock(int(found[4]), int(found[5]), int(found[6]), offset(zone, *day))
    return stamp(*day, clock) or stamp(*day)


def _iso(found: re.Match[str]) -> Stamp | None:
    year, month = int(found[1]), int(found[2])
    if found[3] is None:
        return stamp(year, month) if "-" in found[0] else None  # six digits alone are no month
    day = int(found[3])
    if found[4] is None:
        return stamp(year, month, day)
    hour = half_day(int(found[4]), found[7])
    second = None if found[6] is None else int(found[6])
    clock = Clock(hour, int(found[5]), second, offset(found[8], year, month, day))
    return stamp(year, month, day, clock) or stamp(year, month, day)


def half_day(hour: int, half: str | None) -> int:
    """The hour of 24 for an hour of 12 with ``am`` or ``pm`` behind it; unchanged without."""
    if not half or not 1 <= hour <= 12:  # noqa: PLR2004 - hours on a clock face
        return hour
    return hour % 12 + (12 if half[0] in "pP" else 0)


def offset(
    zone: str | None,
    year: int,
    month: int,
    day: int,
    *,
    language: str | None = "en",
    country: str | None = None,
) -> int | None:
    """Minutes east of UTC of a zone as it is written; None where it is unknown.

    Args:
        zone: ``Z``, an abbreviation, ``+01:00``, ``+0100`` or ``+01``.
        year: of the date the zone stands with; American zones without their season depend on it.
        month: of that date.
        day: of that date.
        language: of the text: an abbreviation of several zones is read in its country, else its language, or not at all.
        country: two letters, lower case.
    """
    if not zone:
        return None
    name = zone.strip().lower().replace("\u2212", "-")
    if name[0] in "+-":
        digits = name[1:].strip().replace(":", "").ljust(4, "0")
        minutes = int(digits[:2]) * 60 + int(digits[2:4])
        return (minutes if name[0] == "+" else -minutes) if minutes <= 14 * 60 else None
    if name in AMERICAN:
        return AMERICAN[name] + (60 if _american_summer(year, month, day) else 0)
    if name in AMBIGUOUS:
        return AMBIGUOUS[name].get(country or "", AMBIGUOUS[name].get(language or "en"))
    return OFFSETS.get(name)


def _american_summer(year: int, month: int, day: int) -> bool:
    """Summer time of the US since 2007: second Sunday in March to first Sunday in November (15 USC 260a)."""
    try:
        march, november, this = date(year, 3, 8), date(year, 11, 1), date(year, month, day)
        begin = march + timedelta(days=6 - march.weekday())
        return begin <= this < november + timedelta(days=6 - november.weekday())
    except (ValueError, OverflowError):
        return False
