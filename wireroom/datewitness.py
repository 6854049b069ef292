"""Who may say when a document was published, and what each is worth.

Law: one table, `WITNESSES`, and the types around it. A new kind of candidate is one line of the table; nothing else
names it. The order of the lines is the order of trust: where witnesses differ, the earliest line leads, and
`wireroom.datechoice` says when it does not. Worth is the chance that the day is right when nobody else speaks.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

from wireroom.datestamps import Precision, Stamp

Kind = Literal["published", "modified"]

FIRST = 0.8
"""Worth from which a witness is of the first class: alone and uncontradicted it makes a date certain."""
GOOD = 0.6
"""Worth from which a witness can contradict another."""
LENDS = 0.45
"""Worth from which a witness supports a day, and lends it its time."""
FLOOR = 0.3
"""Worth below which nothing is chosen."""


@dataclass(frozen=True, slots=True)
class Witness:
    """One line of the table.

    Attributes:
        evidence: the name candidates carry; one that ends in ``:`` stands for all that begin so.
        family: who is behind it. Two witnesses of one family are one: they copy the same field.
        worth: 0 to 1. A place may give less, where it is badly placed; never more.
        kind: which date it names, unless the place says otherwise.
        bound: whether nothing can have been published after it.
    """

    evidence: str
    family: str
    worth: float
    kind: Kind = "published"
    bound: bool = False


WITNESSES = (
    Witness("header", "header", 0.92),  # of a document file
    Witness("url", "url", 0.88),  # /2021/12/15/
    Witness("meta:", "markup", 0.9),
    Witness("jsonld:datePublished", "markup", 0.92),
    Witness("meta:date", "markup", 0.75),  # these six do not say which date they are
    Witness("meta:dc.date", "markup", 0.75),
    Witness("meta:dcterms.date", "markup", 0.75),
    Witness("meta:created", "markup", 0.7),
    Witness("meta:timestamp", "markup", 0.65),
    Witness("meta:http-equiv=date", "markup", 0.5),
    Witness("feed", "feed", 0.88),  # pubDate or published of the entry that listed the page
    Witness("url:slug", "url", 0.72),  # the-fair-2021-12-15: the day may be that of the event
    Witness("itemprop:datePublished", "body", 0.85),
    Witness("time[datetime]", "body", 0.8),
    Witness("byline", "body", 0.75),
    Witness("time", "body", 0.72),
    Witness("jsonld:dateCreated", "markup", 0.62),
    Witness("itemprop:dateCreated", "body", 0.6),
    Witness("script", "script", 0.6),  # a field of the page's own program
    Witness("jsonld:uploadDate", "markup", 0.45),
    Witness("htmldate", "htmldate", 0.55),
    Witness("dateline", "text", 0.4),
    Witness("jsonld:dateModified", "markup", 0.87, "modified"),
    Witness("itemprop:dateModified", "body", 0.8, "modified"),
    Witness("http:last-modified", "http", 0.3, "modified"),
    Witness("archive_capture", "archive", 0.1, bound=True),
)
UNKNOWN = Witness("", "other", 0.5)
"""What a candidate of a kind without a line is taken for."""


@cache
def witness(evidence: str) -> Witness:
    """The line of an evidence: its own, else that of its prefix, else `UNKNOWN`."""
    own = next((w for w in WITNESSES if w.evidence == evidence), None)
    return own or next(
        (w for w in WITNESSES if w.evidence[-1:] == ":" and evidence.startswith(w.evidence)), UNKNOWN
    )


@cache
def rank(evidence: str) -> int:
    """Place in the order of trust: the smaller, the more."""
    line = witness(evidence)
    return WITNESSES.index(line) if line in WITNESSES else len(WITNESSES)


@dataclass(frozen=True, slots=True)
class DateCandidate:
    """One place that names a date.

    Attributes:
        value: ISO 8601 at its precision, with an offset when it was written there.
        precision: how exactly it is known.
        timezone_known: whether the value ends in an offset.
        evidence: the place, a name of `WITNESSES`.
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


def candidate(
    stamp: Stamp, evidence: str, confidence: float | None = None, kind: Kind | None = None
) -> DateCandidate:
    """A candidate from a stamp.

    Args:
        stamp: what the place says.
        evidence: the place.
        confidence: what it is worth there; the table's worth where it is None.
        kind: which date it names; the table's where it is None.
    """
    line = witness(evidence)
    worth = line.worth if confidence is None else min(confidence, line.worth)
    return DateCandidate(
        stamp.value, stamp.precision, stamp.timezone_known, evidence, round(worth, 3), kind or line.kind
    )
