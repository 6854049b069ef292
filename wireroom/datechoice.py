"""Choosing one date among candidates; the rules stand in the docstring of `wireroom.dates`.

Law: pure and deterministic: the same candidates in any order give the same choice, and every departure from the order
of trust has a rule with a name (`Dates.why`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from wireroom.datestamps import FINENESS, Precision, Stamp
from wireroom.datewitness import FIRST, FLOOR, GOOD, LENDS, DateCandidate, rank, witness
from wireroom.datezones import Home, distance, local_day, moved

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

EARLIEST: Final = date(1690, 1, 1)
"""Nothing was published in newspapers much before."""
HIGH: Final = 0.9
"""Confidence that means high: two independent witnesses, or one of the first class; and nobody of weight against it."""
CLOCK: Final = timedelta(seconds=90)
"""So near to the fetch a time is the site's clock, not an article's."""
RISKY: Final = 0.78
"""Most that an instant in UTC is worth where its day depends on the reader's zone and nobody says which."""
WEAK: Final = 0.2
"""Worth of a repeat."""
BADLY_PLACED: Final = 0.75
"""Share of its worth below which a witness is badly placed: a neighbour, a repeat."""
DAYS: Final = (Precision.DAY, Precision.MINUTE, Precision.SECOND)
DAY_LENGTH: Final = len("YYYY-MM-DD")


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
        why: the rule that chose: ``trust``, ``outvoted``, ``local day``, ``coarse``, or nothing where nothing was.
    """

    published: DateValue | None
    modified: DateValue | None
    candidates: tuple[DateCandidate, ...]
    conflict: bool
    why: str = ""


def choose(candidates: Iterable[DateCandidate], *, not_after: datetime | None) -> Dates:
    """Choose by the rules.

    Args:
        candidates: of both kinds, in any order.
        not_after: when the page was fetched or archived; None where that is unknown.
    """
    ranked = tuple(sorted(candidates, key=_strength))
    latest = _latest(ranked, not_after)
    possible = at_home([c for c in ranked if _possible(c, latest)])
    told = _without_clock([c for c in possible if c.kind == "published"], latest)
    published, conflict, why = _chosen(told)
    modified, *_ = _chosen([c for c in possible if c.kind == "modified"])
    if published and modified and _before(modified, published):
        modified = None
    return Dates(published, modified, ranked, conflict, why)


def at_home(candidates: Sequence[DateCandidate], home: Home | None = None) -> list[DateCandidate]:
    """Write instants that are in UTC in the page's zone, as the rules of `wireroom.datezones` know it.

    Args:
        candidates: of one page, in any order.
        home: country and language of the page; without it only what candidates say of each other counts.
    """
    visible = _visible_zone(candidates, home) if home else None
    zone = _written_zone(candidates) if visible is None else visible
    walls: dict[str, set[str]] = {}
    for c in candidates:
        if c.timezone_known and _offset(c) != timedelta(0):
            walls.setdefault(c.value[:16], set()).add(c.value[-6:])
    days = {c.stamp.day for c in candidates if _says_day(c)}
    told = []
    for c in candidates:
        if not c.timezone_known or _offset(c) != timedelta(0):
            told.append(c)
        elif offsets := walls.get(c.value[:16]):  # no instant: local time, misnamed
            told.append(replace(c, value=c.value[:-6] + min(offsets)) if len(offsets) == 1 else c)
        else:
            told.append(_at_home(c, zone, days, home))
    return told


def _at_home(  # noqa: PLR0911 - one rule, one return
    told: DateCandidate, zone: int | None, days: set[date], home: Home | None
) -> DateCandidate:
    moment = told.stamp.moment
    if moment is None or zone == 0 or (told.kind == "modified" and zone is None):
        return told
    if zone is not None:
        # A day in UTC's clothes keeps its day, unless a witness says that it is none.
        return told if _midnight(told) and told.stamp.day in days else _move(told, zone)
    day = told.stamp.day
    if day in days or _midnight(told):
        return told
    near = min((d for d in days if abs(d - day).days == 1), default=None)
    if home is None:
        if witness(told.evidence).family != "feed":
            return told  # it was asked with its page
        home = Home()
    if near is not None and (minutes := home.reaching(moment, near)) is not None:
        return _move(told, minutes)
    own = home.offset(moment)
    if own is not None:
        return _move(told, own) if local_day(moment, own) != day else told
    return told if home.sure(moment) else replace(told, confidence=min(told.confidence, RISKY))


def _move(told: DateCandidate, minutes: int) -> DateCandidate:
    return replace(told, value=moved(told.value, minutes))


def _visible_zone(candidates: Sequence[DateCandidate], home: Home) -> int | None:
    """The zone in which a clock without one, visible or written, showed what an instant of the page says."""
    instants = [
        c.stamp.moment for c in candidates if c.kind == "published" and c.timezone_known and _offset(c) == timedelta(0)
        and not _midnight(c) and c.confidence >= LENDS
    ]  # fmt: skip
    for c in candidates:
        clock = (
            witness(c.evidence).family in {"body", "markup"}
            and c.kind == "published"
            and c.confidence >= LENDS
        )
        if clock and _clock_known(c) and not c.timezone_known:
            wall = datetime.fromisoformat(c.value)
            apart = {distance(wall, i) for i in instants if i is not None}
            told = {d for d in apart if d is not None and home.plausible(d)}
            if len(told) == 1:
                return told.pop()
    return None


def _written_zone(candidates: Sequence[DateCandidate]) -> int | None:
    """The only offset of the page that is not UTC's; None where there is none, or are several."""
    offsets = {_offset(c) for c in candidates if c.timezone_known and c.confidence >= FLOOR} - {
        None,
        timedelta(0),
    }
    only = offsets.pop() if len(offsets) == 1 else None
    return None if only is None else round(only.total_seconds() / 60)


def _says_day(told: DateCandidate) -> bool:
    """Whether it names a day as readers saw it: the address, a visible line, or a value with no zone to shift it."""
    if told.kind != "published" or told.precision not in DAYS or told.confidence < LENDS:
        return False
    line = witness(told.evidence)
    if line.family in {"url", "body", "header"}:
        return not told.timezone_known or _offset(told) != timedelta(0)
    return line.family == "markup" and told.timezone_known and _offset(told) != timedelta(0)


def _latest(candidates: Iterable[DateCandidate], not_after: datetime | None) -> datetime | None:
    bounds = [c.stamp.moment for c in candidates if witness(c.evidence).bound]
    known = [b for b in (*bounds, not_after) if b is not None]
    return min(known, default=None)


def _possible(told: DateCandidate, not_after: datetime | None) -> bool:
    stamp = told.stamp
    if witness(told.evidence).bound or stamp.day < EARLIEST or stamp.value.startswith("1970-01-01"):
        return False  # 1970-01-01 is an empty field, not a day
    if not_after is None:
        return True
    if _at_the_clock(told, not_after) and told.confidence < HIGH:
        return False
    moment = stamp.moment
    try:
        latest = not_after.astimezone(UTC) + timedelta(days=1)
    except OverflowError:
        return True
    return moment <= latest if moment is not None and told.timezone_known else stamp.day <= latest.date()


def _at_the_clock(told: DateCandidate, not_after: datetime) -> bool:
    moment = told.stamp.moment
    return moment is not None and told.timezone_known and abs(moment - not_after) <= CLOCK


def _without_clock(told: list[DateCandidate], not_after: datetime | None) -> list[DateCandidate]:
    """A time at the fetch itself counts only where no other witness has an earlier day."""
    if not_after is None:
        return told
    others = [c for c in told if not _at_the_clock(c, not_after)]
    return others if any(c.confidence >= GOOD and c.precision in DAYS for c in others) else told


def _chosen(told: list[DateCandidate]) -> tuple[DateValue | None, bool, str]:
    days: dict[date, list[DateCandidate]] = {}
    for c in told:
        if c.precision in DAYS:
            days.setdefault(c.stamp.day, []).append(c)
    leaders = [c for c in told if c.precision in DAYS and c.confidence >= FLOOR]
    if not leaders:
        return _coarse(told)
    coarse = [c for c in told if c.precision not in DAYS]
    support = {day: _families(day, own, coarse) for day, own in days.items()}
    day, why = _leading_day(min(leaders, key=_trust), days, support)
    best = min(days[day], key=_telling)
    alone = len(support[day]) <= 1
    doubts = [c for c in told if c.precision in DAYS and c.stamp.day != day and _contradicts(c, alone=alone)]
    apart = [abs((c.stamp.day - day).days) for c in doubts]
    conflict = any(d > 1 for c, d in zip(doubts, apart, strict=True) if c.confidence >= GOOD)
    confidence = _confidence(days[day], support[day], apart)
    value = DateValue(best.value, best.precision, best.timezone_known, best.evidence, round(confidence, 3))
    return (value, conflict, why) if confidence >= FLOOR else (None, False, "")


def _leading_day(
    leader: DateCandidate, days: dict[date, list[DateCandidate]], support: dict[date, set[str]]
) -> tuple[date, str]:
    """The leader's day, unless two families stand against its one, or its day is that of UTC and not the reader's."""
    day = leader.stamp.day
    if len(support[day]) <= 1:
        outvoting = [d for d in days if d != day and len(support[d]) > 1]
        if outvoting:
            best = min(outvoting, key=lambda d: (-len(support[d]), min(map(_trust, days[d])), d))
            return best, "outvoted"
        if witness(leader.evidence).family == "url":
            for other in sorted(days):
                if abs((other - day).days) == 1 and any(_locally(c, day) for c in days[other]):
                    return other, "local day"
    return day, "trust"


def _locally(told: DateCandidate, day: date) -> bool:
    """Whether it is an instant of that day in UTC, and its own zone has another."""
    moment = told.stamp.moment
    return (
        told.timezone_known and told.confidence >= GOOD and _offset(told) != timedelta(0)
        and moment is not None and local_day(moment, 0) == day
    )  # fmt: skip


def _families(day: date, own: list[DateCandidate], coarse: list[DateCandidate]) -> set[str]:
    """The independent witnesses of a day; htmldate reads the same places as we do, so it is none."""
    months = [c for c in coarse if c.precision is Precision.MONTH and day.isoformat().startswith(c.value)]
    return {witness(c.evidence).family for c in (*own, *months) if c.confidence >= LENDS} - {"htmldate"}


def _contradicts(told: DateCandidate, *, alone: bool) -> bool:
    return told.confidence >= GOOD or (alone and told.evidence == "htmldate" and told.confidence >= LENDS)


def _confidence(own: list[DateCandidate], families: set[str], apart: list[int]) -> float:
    known = [c.confidence for c in own if c.evidence != "htmldate"]
    top = max(known, default=0.0) or max(c.confidence for c in own)
    agreed = bool(known) and len(known) < len(own)
    if len(families) > 1:
        base = 0.97
    elif top >= FIRST:
        base = 0.92
    else:
        base = min(top + (0.06 if agreed else 0.0), 0.85)
    if any(d > 1 for d in apart):
        return min(base, 0.75 if len(families) > 1 else 0.6)
    return min(base, 0.85) if apart else base


def _coarse(told: list[DateCandidate]) -> tuple[DateValue | None, bool, str]:
    """A month or a year, where nobody says the day."""
    usable = [c for c in told if c.confidence >= FLOOR]
    if not usable:
        return None, False, ""
    c = min(usable, key=lambda c: (-FINENESS[c.precision], *_trust(c)))
    return DateValue(c.value, c.precision, c.timezone_known, c.evidence, c.confidence), False, "coarse"


def _strength(told: DateCandidate) -> tuple[float, str, str, str]:
    return -told.confidence, told.kind, told.evidence, told.value


def _trust(told: DateCandidate) -> tuple[bool, int, float, str]:
    """The order of trust, the first first; of equals, the earlier date."""
    badly = told.confidence < BADLY_PLACED * witness(told.evidence).worth
    return badly, rank(told.evidence), -told.confidence, told.value


def _telling(told: DateCandidate) -> tuple[object, ...]:
    """What of one day says most: a time of day, then its zone, then trust.

    A weak witness lends its time only from the body, where another has confirmed its day, and only if nobody else has one.
    """
    clock = _clock_known(told) and not _midnight(told)
    lends = told.confidence >= LENDS
    weak = not lends and told.confidence >= WEAK and witness(told.evidence).family == "body"
    zoned = told.timezone_known and (lends or weak)
    return (
        0 if clock and lends else 1 if clock and weak else 2, not (zoned and _clock_known(told)), not (lends and _clock_known(told)),
        *_trust(told), -FINENESS[told.precision],
    )  # fmt: skip


def _clock_known(told: DateCandidate) -> bool:
    return told.precision in {Precision.MINUTE, Precision.SECOND}


def _midnight(told: DateCandidate) -> bool:
    """Whether the time is midnight to the second: nearly always a day that a system wrote as a time."""
    return told.value[11:16] == "00:00" and told.value[16:19] in {"", ":00", "+00", "Z"}


def _offset(told: DateCandidate) -> timedelta | None:
    return datetime.fromisoformat(told.value).utcoffset() if told.timezone_known else None


def _before(modified: DateValue, published: DateValue) -> bool:
    one, other = Stamp(modified.value, modified.precision), Stamp(published.value, published.precision)
    if modified.timezone_known and published.timezone_known and one.moment and other.moment:
        return one.moment < other.moment
    return one.day < other.day
