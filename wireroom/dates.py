"""When a document was published and modified, and by which witness we know it.

How one date is chosen among the candidates (`choose`):

1. A candidate later than the fetch is no date of publication: out, with one day of tolerance for a zone not written.
   So is what is before `EARLIEST`, and the instant of the fetch itself, which is the site's clock.
2. Candidates of one day stand together. Their weight is what is left when each independent witness may be wrong:
   1 - (1-c1)(1-c2)…, one witness a family (JSON-LD, meta, itemprop and time, address, byline, header). htmldate reads
   the same places, so it counts only where nobody else says its day.
3. The heaviest day wins; of equals, the earlier.
4. Within that day the most precise candidate is the value, one with a zone before one without. A time in UTC is
   written in the page's own zone where the page uses one elsewhere: the instant is the same, the day is the reader's.
5. `conflict` when another good witness (confidence `GOOD` or more) is more than a day away; the confidence falls.
6. Below `FLOOR` nothing is chosen: a copyright year or an unlabelled number is no date.
7. Modified is chosen in the same way, and only if it is not before publication.

Law: pure; the clock is an argument. Confidence is the chance that the day is right, as far as it was measured: what
says 0.9 or more is meant to be right in 97 of 100.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from math import prod
from typing import Literal

from wireroom.datephrases import DateMention, absolute, mentions
from wireroom.datestamps import FINENESS, Precision, Stamp

__all__ = [
    "VERSION", "DateCandidate", "DateMention", "DateValue", "Dates", "Precision", "choose", "enrich",
    "header_candidate", "mentions",
]  # fmt: skip

VERSION = "dates 1"
"""Changes when the same input may give another result."""
EARLIEST = date(1690, 1, 1)
"""Nothing was published in newspapers much before."""
GOOD = 0.6
"""Confidence of a witness that is worth a conflict."""
FLOOR = 0.3
"""Confidence below which nothing is chosen."""
CERTAIN = 0.9
"""Confidence that only an article's own structured data and a file's header reach alone."""
DAY_LENGTH = len("YYYY-MM-DD")
CLOCK = timedelta(seconds=90)
"""So near to the fetch a time is the site's clock, not an article's."""

Kind = Literal["published", "modified"]


@dataclass(frozen=True, slots=True)
class DateCandidate:
    """One place that names a date.

    Attributes:
        value: ISO 8601 at its precision, with an offset when it was written there.
        precision: how exactly it is known.
        timezone_known: whether the value ends in an offset.
        evidence: the place: ``header``, ``jsonld:datePublished``, ``meta:article:published_time``,
            ``itemprop:datePublished``, ``time[datetime]``, ``url``, ``byline``, ``htmldate``, ``http:last-modified``, ``dateline``.
        confidence: 0 to 1, what the place is worth alone.
        kind: which date it names.
    """

    value: str
    precision: Precision
    timezone_known: bool
    evidence: str
    confidence: float
    kind: Kind = "published"

    @property
    def stamp(self) -> Stamp:
        """The same point in time, without its evidence."""
        return Stamp(self.value, self.precision, self.timezone_known)


@dataclass(frozen=True, slots=True)
class DateValue:
    """A chosen date; the fields are those of a candidate."""

    value: str
    precision: Precision
    timezone_known: bool
    evidence: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Dates:
    """What was chosen.

    Attributes:
        published: when the document was published, or None.
        modified: when it was last changed, or None.
        candidates: all candidates, the strongest first.
        conflict: whether good witnesses of publication differ by more than a day.
    """

    published: DateValue | None
    modified: DateValue | None
    candidates: tuple[DateCandidate, ...]
    conflict: bool


def candidate(stamp: Stamp, evidence: str, confidence: float, kind: Kind = "published") -> DateCandidate:
    """A candidate from a stamp."""
    return DateCandidate(stamp.value, stamp.precision, stamp.timezone_known, evidence, confidence, kind)


def header_candidate(day: date) -> DateCandidate:
    """The candidate that the header of a document file is."""
    return DateCandidate(
        day.isoformat(), Precision.DAY, timezone_known=False, evidence="header", confidence=0.9
    )


def choose(candidates: tuple[DateCandidate, ...], *, not_after: datetime | None) -> Dates:
    """Choose by the rules above.

    Args:
        candidates: of both kinds, in any order.
        not_after: when the page was fetched or archived; None where that is unknown.
    """
    ranked = tuple(sorted(candidates, key=lambda c: (-c.confidence, c.kind, c.evidence, c.value)))
    possible = [c for c in ranked if _possible(c, not_after)]
    published, conflict = _chosen([c for c in possible if c.kind == "published"], ranked)
    modified, _ = _chosen([c for c in possible if c.kind == "modified"], ranked)
    if published and modified and _before(modified, published):
        modified = None
    return Dates(published, modified, ranked, conflict)


def enrich(
    text: str, candidates: tuple[DateCandidate, ...], *, fetched_at: datetime | None, language: str | None
) -> dict[str, object]:
    """The ``dates`` field of a document event.

    Args:
        text: the document's text.
        candidates: of its page and its header.
        fetched_at: when the page was fetched; None for a file.
        language: code of its language, for the dates in the text.

    Returns:
        ``published``, ``modified``, ``candidates``, ``mentions`` and ``conflict``, ready for JSON.
    """
    if not any(c.kind == "published" and c.confidence >= FLOOR for c in candidates):
        dateline = absolute(text.lstrip()[:120], language)
        if dateline is not None:
            candidates = (*candidates, candidate(dateline, "dateline", 0.4))
    dates = choose(candidates, not_after=fetched_at)
    told = dates.published
    day = Stamp(told.value, told.precision).day if told and told.precision in _DAYS else None
    return {
        "published": asdict(told) if told else None,
        "modified": asdict(dates.modified) if dates.modified else None,
        "candidates": [asdict(c) for c in dates.candidates],
        "mentions": [asdict(m) for m in mentions(text, day, language)],
        "conflict": dates.conflict,
    }


_DAYS = (Precision.DAY, Precision.MINUTE, Precision.SECOND)


def _possible(told: DateCandidate, not_after: datetime | None) -> bool:
    stamp = told.stamp
    if stamp.day < EARLIEST or stamp.value.startswith("1970-01-01"):
        return False  # 1970-01-01 is an empty field, not a day
    if not_after is None:
        return True
    moment = stamp.moment
    if (
        moment is not None
        and told.timezone_known
        and abs(moment - not_after) <= CLOCK
        and told.confidence < CERTAIN
    ):
        return False
    latest = not_after.astimezone(UTC) + timedelta(days=1)
    return moment <= latest if moment is not None and told.timezone_known else stamp.day <= latest.date()


def _chosen(
    possible: list[DateCandidate], everything: tuple[DateCandidate, ...]
) -> tuple[DateValue | None, bool]:
    zones = {_offset(c) for c in everything if c.timezone_known and c.confidence >= FLOOR} - {
        None,
        timedelta(0),
    }
    home = zones.pop() if len(zones) == 1 else None
    told = [replace(c, value=_at_home(c, home)) for c in possible]
    days: dict[str, list[DateCandidate]] = {}
    for c in told:
        days.setdefault(c.value[:10], []).append(c)
    if not days:
        return None, False
    days = _with_coarser(days)
    best = min(
        days, key=lambda d: (-round(_weight(days[d]), 3), -max(FINENESS[c.precision] for c in days[d]), d)
    )
    weight = _weight(days[best])
    if weight < FLOOR:
        return None, False
    value = max(days[best], key=lambda c: (_usable(c), FINENESS[c.precision], c.timezone_known, c.confidence))
    apart = [abs(c.stamp.day - value.stamp.day).days for c in told if _day_known(c) and c.confidence >= GOOD]
    conflict = _day_known(value) and any(d > 1 for d in apart)
    doubt = 0.75 if conflict else 0.9 if any(apart) else 1.0
    confidence = round(min(weight, 0.99) * doubt, 3)
    return DateValue(value.value, value.precision, value.timezone_known, value.evidence, confidence), conflict


def _with_coarser(days: dict[str, list[DateCandidate]]) -> dict[str, list[DateCandidate]]:
    """A month or a year supports every day in it, and stands alone only where there is none."""
    full = {d: c for d, c in days.items() if len(d) == DAY_LENGTH}
    if not full or max(map(_weight, full.values())) < FLOOR:
        return days
    return {
        day: [
            *own,
            *(
                c
                for short, cs in days.items()
                if len(short) < DAY_LENGTH and day.startswith(short)
                for c in cs
            ),
        ]
        for day, own in full.items()
    }


def _weight(witnesses: list[DateCandidate]) -> float:
    families: dict[str, float] = {}
    for c in witnesses:
        family = _family(c.evidence)
        families[family] = max(families.get(family, 0.0), c.confidence)
    if len(families) > 1:
        families.pop("htmldate", None)
    return 1 - prod(1 - c for c in families.values())


def _family(evidence: str) -> str:
    return "body" if evidence.startswith(("itemprop", "time")) else evidence.partition(":")[0]


def _usable(told: DateCandidate) -> bool:
    """A weak witness supports a day; it does not lend its time to it."""
    return told.confidence >= GOOD or told.evidence == "header"


def _day_known(told: DateCandidate) -> bool:
    return told.precision in _DAYS


def _offset(told: DateCandidate) -> timedelta | None:
    return datetime.fromisoformat(told.value).utcoffset()


def _at_home(told: DateCandidate, home: timedelta | None) -> str:
    """The value in the page's own zone, where it was written in UTC."""
    if home is None or not told.timezone_known or _offset(told) != timedelta(0):
        return told.value
    try:
        moment = datetime.fromisoformat(told.value) + home
        local = moment.replace(tzinfo=datetime.fromisoformat(f"2000-01-01T00:00{_zone(home)}").tzinfo)
    except OverflowError:
        return told.value
    return local.isoformat(timespec="minutes" if told.precision is Precision.MINUTE else "seconds")


def _zone(home: timedelta) -> str:
    minutes = round(home.total_seconds() / 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def _before(modified: DateValue, published: DateValue) -> bool:
    one, other = Stamp(modified.value, modified.precision), Stamp(published.value, published.precision)
    if modified.timezone_known and published.timezone_known and one.moment and other.moment:
        return one.moment < other.moment
    return one.day < other.day
