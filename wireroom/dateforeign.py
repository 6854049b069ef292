"""Dates in texts whose language has no lexicon of its own: East Asian signs, scripts without word borders, any month's name.

Law: spans are found by patterns with bounded repeats; `dateparser` sees only a span whose word nobody here knows, and at
most `MAX_PARSED` of them in a text, at 2 ms each.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, Final

from wireroom.datenames import any_days, full_dates, is_month
from wireroom.dateread import Reading, with_clock
from wireroom.datescripts import SCRIPTS, counted_days
from wireroom.datestamps import Precision, Stamp, stamp

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

MAX_PARSED: Final = 20
"""Spans of one text that dateparser is asked about."""
_EAST_ASIA: Final = re.compile(
    r"(?<!\d)(?:(\d{4})[ ]?[年년] ?)?(\d{1,2})[ ]?[月월] ?(\d{1,2})[ ]?[日일号號]|(?<!\d)(\d{4})[ ]?[年년](?: ?(\d{1,2})[月월])?(?!间|間|前|来|來|度)"
)
_UNKNOWN: Final = re.compile(r"(?<!\w)\d{1,2}\.?[ \u00a0]([^\W\d_]{3,15})[ \u00a0]\d{4}(?!\w)")

Found = tuple[int, int, Stamp]


def foreign_dates(text: str, published: date | None, language: str) -> Iterator[Found]:
    """Begin, end and meaning of the dates of a text, in no order.

    Args:
        text: with western digits.
        published: the day it was written; None where only full dates are wanted.
        language: ISO 639-1 code.
    """
    parts: list[Iterator[Found]] = [full_dates(text, language), _east_asian(text, published)]
    if language in SCRIPTS and published is not None:
        parts.append(counted_days(text, published, language))
    if (
        language
        in {"ar", "hi", "fa", "he", "bn", "sv", "da", "nb", "no", "fi", "cs", "hu", "ro", "el", "uk", "id"}
        and published
    ):
        parts.append(_without_year(text, published, language))
    yield from chain.from_iterable(parts)
    yield from _unknown(text, language)


def nearest(published: date, month: int, day: int) -> Stamp | None:
    """The day and month nearest to the day of writing."""
    found = [s for year in (0, -1, 1) if (s := stamp(published.year + year, month, day))]
    return min(found, key=lambda s: (abs(s.day - published), s.value), default=None)


def _east_asian(text: str, published: date | None) -> Iterator[Found]:
    for hit in _EAST_ASIA.finditer(text):
        year, month, day, alone, month_alone = (None if g is None else int(g) for g in hit.groups())
        when: Stamp | None
        if month is not None and day is not None and year is not None:
            when = stamp(year, month, day)
            if when is not None:
                yield with_clock(text, hit.start(), hit.end(), when, _READING)
            continue
        if month is not None and day is not None:
            when = nearest(published, month, day) if published else None
        else:
            when = stamp(alone, month_alone) if alone and (month_alone or 1) <= 12 else None  # noqa: PLR2004 - months
        if when is not None:
            yield hit.start(), hit.end(), when


_READING: Final = Reading()


def _without_year(text: str, published: date, language: str) -> Iterator[Found]:
    for start, end, month, day in any_days(text, language):
        when = nearest(published, month, day)
        if when is not None:
            yield start, end, when


def _unknown(text: str, language: str) -> Iterator[Found]:
    """Day, word, year, where no table knows the word."""
    asked = 0
    for hit in _UNKNOWN.finditer(text):
        if is_month(hit[1].lower(), language):
            continue
        asked += 1
        if asked > MAX_PARSED:
            return
        import dateparser  # noqa: PLC0415 - 1.4 s of CPU, which most processes never need

        try:
            moment = dateparser.parse(hit[0], languages=[language], settings={"STRICT_PARSING": True})
        except (ValueError, OverflowError, TypeError, AttributeError):
            return  # the language is unknown to it
        if moment is not None:
            yield hit.start(), hit.end(), Stamp(moment.date().isoformat(), Precision.DAY)
