"""In which zone a page is at home, so that an instant written in UTC gives the reader's day.

Many systems write ``2021-12-16T04:30:00Z`` under an article that its readers saw on the 15th. The instant is right, the
day is not. Law: an instant is never changed, only the zone it is written in, and only where a witness says which:

1. a time of day that is visible on the page: the distance to the instant is the zone;
2. another value of the page with an offset of its own;
3. the day that the address or the byline says: the zone is one in which the instant is on that day;
4. the country of the host's name, or the language, where it is at home in one zone only.

The rules of summer time are those in force since 1996 (EU directive 2000/84/EC), 2007 (15 USC 260a) and 2008
(Australia, New Zealand); a country with several zones, or whose rules changed often, is left out or has its commonest; so are the names that anybody takes (co, me, tv, io).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

WEST, EAST = -12 * 60, 14 * 60
"""The westernmost and the easternmost zone, minutes."""
QUARTER = 15
"""Zones are whole quarters of an hour."""


def _table(text: str, minutes: int, rule: str = "") -> dict[str, tuple[int, str]]:
    return dict.fromkeys(text.split(), (minutes, rule))


COUNTRIES = {
    **_table("uk ie pt", 0, "eu"),
    **_table("de at ch fr it es nl be lu pl cz sk hu si hr rs ba mk al dk no se mt li", 60, "eu"),
    **_table("gr fi ro bg ua lt lv ee cy", 120, "eu"),
    **_table("is gh sn ci", 0), **_table("ng dz tn", 60), **_table("za eg", 120),
    **_table("tr sa ru by ke iq kw qa", 180), **_table("ir", 210), **_table("ae om", 240), **_table("pk", 300),
    **_table("in lk", 330), **_table("np", 345), **_table("bd", 360), **_table("th vn id", 420),
    **_table("cn tw hk sg my ph", 480), **_table("jp kr", 540), **_table("au", 600, "au"), **_table("nz", 720, "nz"),
    **_table("br ar uy", -180), **_table("bo", -240), **_table("pe ec", -300), **_table("mx cr gt sv hn ni", -360),
}  # fmt: skip
"""By the last label of a host's name: minutes east of UTC, and the rule of summer time."""
LANGUAGES = {
    **_table("de it pl cs sk hu sl hr da sv nb no nn sq mk bs", 60, "eu"), **_table("nl fr", 60, "eu"),
    **_table("el fi ro bg uk lt lv et", 120, "eu"), **_table("tr", 180), **_table("ja ko", 540), **_table("th vi id", 420),
    **_table("hi ta te mr kn ml gu pa", 330), **_table("fa", 210), **_table("ne", 345),
}  # fmt: skip
"""By language, where almost all of its papers are in one zone. Not English, Spanish, Portuguese, Arabic, Russian, Chinese."""
RANGES = {
    "en": (-480, 60), "es": (-360, 120), "pt": (-180, 60), "fr": (-300, 120), "ru": (120, 420), "ar": (0, 240), "zh": (480, 480),
}  # fmt: skip
"""Zones most papers of a language are in, minutes: the west and the east end."""
ANYWHERE = (-480, 540)
"""The same for any other language."""
LIKELY = {
    "en": (-240, -300, 60, -420, -360, -480, 330, 600, 660), "es": (-180, -300, -360, 60, 120, -240), "pt": (-180, 60, -120),
    "fr": (60, 120, -240, -300), "ru": (180, 300, 420), "ar": (180, 120, 240, 60), "zh": (480,),
}  # fmt: skip
"""Zones to try for a day that a witness says, the commonest first."""


@dataclass(frozen=True, slots=True)
class Home:
    """What a page lets us know of its zone without a time.

    Attributes:
        country: last label of the host's name, lower case.
        language: primary subtag of the page's language.
        region: region subtag of the language, lower case, where one is written that is no mere default.
    """

    country: str | None = None
    language: str | None = None
    region: str | None = None

    def offset(self, moment: datetime) -> int | None:
        """Minutes east of UTC at this instant, where country, region or language is at home in one zone."""
        region = "uk" if self.region == "gb" else self.region
        if region in {"us", "ca"}:
            region = None
        row = COUNTRIES.get(self.country or "") or COUNTRIES.get(region or "")
        if row is None and self.region is None:
            row = LANGUAGES.get(self.language or "")
        if row is None:
            return None
        minutes, rule = row
        return minutes + (60 if _summer(rule, moment, minutes) else 0)

    def reaching(self, moment: datetime, day: date) -> int | None:
        """A zone in which this instant is on that day: the page's own, else the likeliest of its language."""
        own = self.offset(moment)
        known = LIKELY.get(self.language or "") or sorted(range(ANYWHERE[0], ANYWHERE[1] + 1, 60), key=abs)
        tried = (own, 0, own + 60, *known) if own is not None else (0, *known)
        return next((minutes for minutes in tried if local_day(moment, minutes) == day), None)

    def plausible(self, minutes: int) -> bool:
        """Whether a page of this country or language can be in this zone, summer time or not."""
        row = COUNTRIES.get(self.country or "") or (
            LANGUAGES.get(self.language or "") if self.region is None else None
        )
        if row is not None:
            return minutes in {0, row[0], row[0] + 60}
        return minutes == 0 or minutes in (LIKELY.get(self.language or "") or range(WEST, EAST + 1))

    def sure(self, moment: datetime) -> bool:
        """Whether this instant is on one and the same day wherever the page may be at home."""
        own = self.offset(moment)
        west, east = (own, own) if own is not None else RANGES.get(self.language or "", ANYWHERE)
        return local_day(moment, west) == local_day(moment, east) == moment.astimezone(UTC).date()


def local_day(moment: datetime, minutes: int) -> date | None:
    """The day of an instant in a zone; None at the ends of the calendar."""
    try:
        return (moment.astimezone(UTC) + timedelta(minutes=minutes)).date()
    except OverflowError:
        return None


def moved(value: str, minutes: int) -> str:
    """The same instant, written in another zone, as finely as before.

    Args:
        value: ISO 8601 with a time and an offset.
        minutes: the zone, east of UTC.
    """
    moment = datetime.fromisoformat(value)
    try:
        local = moment.astimezone(timezone(timedelta(minutes=minutes)))
    except (OverflowError, ValueError):
        return value
    seconds = value[16:17] == ":"
    return local.isoformat(timespec="seconds" if seconds else "minutes")


def distance(wall: datetime, instant: datetime) -> int | None:
    """The zone in which a clock showed ``wall`` at this instant: minutes, or None where no zone has that distance.

    Args:
        wall: what the clock showed, without a zone.
        instant: with a zone.
    """
    apart = wall.replace(second=0) - instant.astimezone(UTC).replace(tzinfo=None, second=0, microsecond=0)
    minutes = round(apart.total_seconds() / 60)
    return minutes if WEST <= minutes <= EAST and minutes % QUARTER == 0 else None


def _summer(rule: str, moment: datetime, minutes: int) -> bool:
    utc = moment.astimezone(UTC)
    year = utc.year
    if rule == "eu":  # one in the morning UTC of the last Sundays of March and October
        hour = timedelta(hours=1)
        return _sunday(year, 4, 1, -1) + hour <= utc < _sunday(year, 11, 1, -1) + hour
    if rule in {"au", "nz"}:  # first Sunday of October, or last of September, to the first Sunday of April
        local = utc + timedelta(minutes=minutes)
        begin = _sunday(year, 10, 1, 0) if rule == "au" else _sunday(year, 10, 1, -1)
        return local < _sunday(year, 4, 1, 0) + timedelta(hours=2) or local >= begin + timedelta(hours=2)
    return False


def _sunday(year: int, month: int, day: int, weeks: int) -> datetime:
    """The first Sunday from a day on, moved by weeks."""
    first = datetime(year, month, day, tzinfo=UTC)
    return first + timedelta(days=6 - first.weekday() + 7 * weeks)
