# ruff: noqa: RUF001 - signs of other scripts are what is read
"""Full dates (day, month and year) in short lines written for people, with the time of day beside them.

Law: short lines only, cut at `MAX_LINE`; every repeat is bounded. The order of day and month is told by the page, or by
a number that can only be a day; it is never guessed from the clock.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wireroom.datenames import day_of_month, full_dates, gregorian_year, month_number, western
from wireroom.datestamps import Clock, Stamp, half_day, offset, read, stamp
from wireroom.datewords import AMERICAN, OFFSETS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

MAX_LINE: Final = 300
"""Characters of a line that are read."""
DAY_FIRST: Final = frozenset("uk gb ie au nz in za ng ke gh pk sg my hk lk bd ug tz zm zw jm tt mt".split())  # noqa: SIM905
"""English-speaking countries that write the day first; only the US, and parts of Canada and the Philippines do not."""

_ZONE: Final = rf"(?:(?:utc|gmt)?[+\-\u2212]\d{{1,2}}:?(?:\d{{2}})?(?!\d)|(?:{'|'.join((*OFFSETS, *AMERICAN))})(?![^\W_]))"
_CLOCK: Final = (
    r"(?:(?P<early>上午|午前|오전|صباحا|صباحاً)|(?P<late>下午|午後|晚上|오후|مساء|مساءً))?[ \u00a0]?"
    r"(?P<h>[01]?\d|2[0-4])(?:(?:[:.h：時时点]|[ ]?시[ ]?|[ ]:[ ])(?P<mi>[0-5]\d)(?::(?P<s>[0-5]\d))?[分분]?(?P<half>[ \u00a0]?[ap]\.?m\b\.?)?"
    r"|(?P<half2>[ \u00a0]?[ap]\.?m\b\.?))(?![\d/]|\.\d)"
    rf"(?:[ \u00a0]?(?:uhr|hrs?|h|น\.)(?!\w))?(?:[ \u00a0]?\(?(?P<z>{_ZONE}))?"
)
_AFTER: Final = re.compile(
    r"(?:st|nd|rd|th)?[ \u00a0,.;|/(@·•\u2013\u2014-]{0,4}(?:\([^)]{1,4}\)[ ]?)?(?:(?:at|um|à|às|a las|las|alle|ore|ora|om|o|w|godz\.|в|klo|kl\.?|saat|pukul|jam|as|الساعة|ساعت|time:?|г\.?,?|года,?|r\.,?|the)"
    rf"[ \u00a0.,:-]{{1,3}}){{0,2}}{_CLOCK}",
    re.IGNORECASE,
)
_BEFORE: Final = re.compile(
    rf"(?<![\d:.]){_CLOCK}\)?[ \u00a0,.;|/(@·•\u2013\u2014-]{{0,4}}(?:on|am|le|el|il|op|den|du|,)?[ \u00a0]?(?:[^\W\d_]{{2,12}}\.?,?[ \u00a0])?$",
    re.IGNORECASE,
)
_NUMERIC: Final = re.compile(
    r"(?<![\w./-])(?P<a>\d{1,2})(?P<s>[ ]?[./-][ ]?)(?P<b>\d{1,2})(?P=s)(?P<y>\d{4}|\d{2})(?![\d]|[./-]\d)"
    r"|(?<![\d./-])(?P<y2>\d{4})(?P<s2>[./]|\.[ ])(?P<m2>\d{1,2})(?P=s2)(?P<d2>\d{1,2})(?!\d|[./-]\d)"
    r"|(?<!\d)(?P<y3>\d{4})[ ]?[年년][ ]?(?P<m3>\d{1,2})[ ]?[月월][ ]?(?P<d3>\d{1,2})[ ]?[日일号]"
    r"|(?<!\w)(?P<d4>\d{1,2}) tháng (?P<m4>\d{1,2})(?:,| năm)? (?P<y4>\d{4})(?!\d)"
    r"|(?<![\w-])(?P<d5>\d{1,2})-(?P<m5>[^\W\d_]{3,9})\.?-(?P<y5>\d{4}|\d{2})(?![\w-])"
)
_MACHINE: Final = re.compile(r"(?<![\w.,/-])(?:\d{4}-\d{1,2}-\d{1,2}|(?:19|20)\d{6}(?!\d|[.,]\d))")
_UNPADDED: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")


@dataclass(frozen=True, slots=True)
class Reading:
    """How a page's dates are read.

    Attributes:
        language: primary subtag of its language.
        country: last label of its host's name, or the region of its language; decides what IST means.
        month_first: whether 03/04/2021 is March; None where nothing says so.
        month: year and month that the address tells, for days without a year.
        fetched: the day of the fetch, for years of two digits and the site's clock; None where it is unknown.
    """

    language: str | None = None
    country: str | None = None
    month_first: bool | None = None
    month: tuple[int, int] | None = None
    fetched: date | None = None

    def completed(self, text: str) -> Stamp | None:
        """The day of a line without a year, in the month of the address."""
        return (
            None if self.month is None else day_of_month(western(text[:MAX_LINE]), self.language, *self.month)
        )

    def first(self, text: str) -> Stamp | None:
        """The first full date of a line."""
        found = full_days(text, self)
        return found[0][2] if found else None


PLAIN: Final = Reading()


def full_days(text: str, reading: Reading = PLAIN) -> list[tuple[int, int, Stamp]]:
    """Every full date of a line, in order, none overlapping: begin, end (with its time) and stamp."""
    text = western(text[:MAX_LINE])
    found = sorted(
        {*_machine(text), *_numeric(text, reading), *full_dates(text, reading.language)},
        key=lambda f: (f[0], -f[1]),
    )
    days: list[tuple[int, int, Stamp]] = []
    for start, end, day in found:
        if not days or start >= days[-1][1]:
            days.append(with_clock(text, start, end, day, reading))
    return days


def _machine(text: str) -> Iterator[tuple[int, int, Stamp]]:
    for hit in _MACHINE.finditer(text):
        when = read(text[hit.start() : hit.start() + 40])
        if when is not None and len(when.value) >= 10:  # noqa: PLR2004 - a whole day
            yield hit.start(), hit.end(), when
        elif plain := _UNPADDED.match(hit[0]):
            day = stamp(int(plain[1]), int(plain[2]), int(plain[3]))
            if day is not None:
                yield hit.start(), hit.end(), day


def _numeric(text: str, reading: Reading) -> Iterator[tuple[int, int, Stamp]]:
    for hit in _NUMERIC.finditer(text):
        day = _numeric_day(hit, reading)
        if day is not None:
            yield hit.start(), hit.end(), day


def _numeric_day(hit: re.Match[str], reading: Reading) -> Stamp | None:
    for n in "234":
        if hit[f"y{n}"]:
            return stamp(gregorian_year(int(hit[f"y{n}"])), int(hit[f"m{n}"]), int(hit[f"d{n}"]))
    if hit["y5"]:
        month, year = month_number(hit["m5"].lower(), reading.language), _year(hit["y5"], reading)
        return stamp(year, month, int(hit["d5"])) if month and year else None
    year, one, two = _year(hit["y"], reading), int(hit["a"]), int(hit["b"])
    if year is None or (len(hit["y"]) == 2 and hit["s"].strip() == "-" and one > 12 and two > 12):  # noqa: PLR2004
        return None
    slash = hit["s"].strip() == "/"
    english = reading.language in {None, "en"} and reading.country not in DAY_FIRST
    first = reading.month_first if reading.month_first is not None else english and slash
    month, day = (one, two) if (first and one <= 12) or two > 12 else (two, one)  # noqa: PLR2004 - months
    return stamp(year, month, day)


def _year(text: str, reading: Reading) -> int | None:
    """A year as it is written; of two digits, the last one that was not after the fetch."""
    year = int(text)
    if len(text) == 4:  # noqa: PLR2004 - digits of a year
        return gregorian_year(year)
    if reading.fetched is None:
        return None
    century = reading.fetched.year // 100 * 100
    return century + year if century + year <= reading.fetched.year else century - 100 + year


def with_clock(text: str, start: int, end: int, day: Stamp, reading: Reading) -> tuple[int, int, Stamp]:
    """A day with the time of day that stands behind or before it: begin, end and stamp."""
    if len(day.value) > 10:  # noqa: PLR2004 - it has its time
        return start, end, day
    if hit := _AFTER.match(text, end):
        told = _clocked(day, hit, text, reading)
        if told is not None:
            return start, hit.end(), told
    if hit := _BEFORE.search(text, max(0, start - 40), start):
        told = _clocked(day, hit, text, reading)
        if told is not None:
            return start, end, told
    return start, end, day


def _clocked(day: Stamp, hit: re.Match[str], text: str, reading: Reading) -> Stamp | None:
    year, month, number = (int(p) for p in day.value.split("-"))
    hour, half = int(hit["h"]), (hit["half"] or hit["half2"] or "").strip()
    if hit["late"] and hour < 12:  # noqa: PLR2004 - noon
        hour += 12
    zone = hit["z"]
    if zone and zone[-1].isalpha() and text[hit.start("z") : hit.end("z")].islower():
        zone = None  # 'est' is also a French word
    minutes = zone_minutes(zone, (year, month, number), reading.language, reading.country)
    second = None if hit["s"] is None else int(hit["s"])
    clock = Clock(half_day(hour, half), int(hit["mi"] or 0), second, minutes)
    return stamp(year, month, number, clock)


def zone_minutes(
    zone: str | None, day: tuple[int, int, int], language: str | None, country: str | None = None
) -> int | None:
    """Minutes east of UTC of a zone as people write it: ``GMT+1``, ``IST``; None where it could be several."""
    if not zone:
        return None
    name = zone.lower()
    if name[:3] in {"utc", "gmt"} and len(name) > 3:  # noqa: PLR2004
        hours, _, minutes = name[4:].partition(":")
        name = name[3] + (hours.zfill(2) if len(hours) < 3 else hours.zfill(4)) + minutes  # noqa: PLR2004
    return offset(name, *day, language=language, country=country)
