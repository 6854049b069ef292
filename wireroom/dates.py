"""When a document was published and modified, and by which witness we know it.

How one date is chosen among the candidates (`wireroom.datechoice.choose`):

1. A candidate later than the fetch or the archive's capture is no date of publication: out, with one day of tolerance
   for a zone not written. So is what is before `EARLIEST`, and the instant of the fetch itself, which is the site's
   clock.
2. A time in UTC is written in the zone its readers are in, where a witness tells which (`wireroom.datezones`): the
   instant is the same, the day is the reader's. Midnight in UTC is a day in a time's clothes and keeps its day.
3. The first in the order of trust leads (`wireroom.datewitness.WITNESSES`): the day in the address, the meta elements,
   the article's JSON-LD, marked elements, the visible line under the headline. This is the order of htmldate, which on
   news pages no vote among cheap sources has beaten; htmldate itself, with what it finds in the text of a page, is a
   witness behind those who can say where they read the date. What is badly placed (a neighbour, a repeat) comes last.
4. The leader is outvoted only where its day has one family of witnesses (address, markup, body, feed, file) and another
   day has two. A day in the address that is the day in UTC of an instant in another zone gives way to the local day.
5. Of the witnesses of that day the most telling gives the value: one with a time of day before one without, one with
   its zone before one without.
6. `conflict` when another good witness (`GOOD` or more) is more than a day away; the confidence falls.
7. Below `FLOOR` nothing is chosen: a copyright year or an unlabelled number is no date.
8. Modified is chosen in the same way, and only if it is not before publication.

Law: pure; the clock is an argument. Confidence is the chance that the day is right. `HIGH` or more is meant to be right
in 97 of 100: two independent families agree, or one of the first class speaks and nobody of weight against it. An
instant in UTC whose day depends on where the reader is, and nobody tells where, is not of the first class.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from wireroom.datechoice import DAYS, EARLIEST, HIGH, Dates, DateValue, choose
from wireroom.datephrases import DateMention, absolute, mentions
from wireroom.datestamps import Precision, Stamp
from wireroom.datewitness import FLOOR, GOOD, DateCandidate, Kind, candidate

if TYPE_CHECKING:
    from datetime import date, datetime

__all__ = [
    "EARLIEST", "FLOOR", "GOOD", "HIGH", "VERSION", "DateCandidate", "DateMention", "DateValue", "Dates", "Kind", "Precision",
    "candidate", "choose", "enrich", "header_candidate", "mentions",
]  # fmt: skip

VERSION = "dates 2"
"""Changes when the same input may give another result."""


def header_candidate(day: date) -> DateCandidate:
    """The candidate that the header of a document file is."""
    return candidate(Stamp(day.isoformat(), Precision.DAY), "header")


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
            candidates = (*candidates, candidate(dateline, "dateline"))
    dates = choose(candidates, not_after=fetched_at)
    told = dates.published
    day = Stamp(told.value, told.precision).day if told and told.precision in DAYS else None
    return {
        "published": asdict(told) if told else None,
        "modified": asdict(dates.modified) if dates.modified else None,
        "candidates": [asdict(c) for c in dates.candidates],
        "mentions": [asdict(m) for m in mentions(text, day, language)],
        "conflict": dates.conflict,
    }
