# ruff: noqa: RUF001 - typographic marks are what texts hold
"""Where a story was filed, and who sent it. Pure.

The wire's habit: ``MOSCOW (AP) — …``, ``LONDON, Dec 15 (Reuters) - …``, ``KYIV, Ukraine — …``. The place is a place;
the agency that sent the story is no party of it, nor is the one in a photo credit ('AFP via Getty Images', 'AP
Photo / …') or in a byline.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_CAPS = r"[A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ.'’-]+"
_PLACE = rf"(?P<place>{_CAPS}(?:(?: |/){_CAPS})*|[A-Z][\w.'’-]+(?: [A-Z][\w'’-]+){{0,2}}(?=,? ?[^\n(]{{0,30}}\((?:AP|Reuters|AFP|UPI|dpa|DPA|PTI|ANI)\b))"
_DATELINE = re.compile(
    rf"(?m)^[ \t\"“]*{_PLACE}(?P<rest> ?,[^\n(—–]{{1,40}})?"
    r"(?:\s*\((?P<agency>[^)\n]{2,40})\)|\s*(?=—|–|--|\s-\s|\s\d{4}-\d{2}-\d{2}(?!\d)))",
)
_AGENCY = (
    r"(?:AP|A\.P\.|Associated Press|Reuters|REUTERS|AFP|Agence France-Presse|UPI|dpa|DPA|PTI|ANI|IANS|TASS|Tass|Xinhua|"
    r"XINHUA|Sputnik|SPUTNIK|Getty Images|GETTY IMAGES|Getty|ZUMA Press|ZUMA|EPA|EPA-EFE|EFE|ANSA|Kyodo|Yonhap|Anadolu)"
)
_SENDER = re.compile(_AGENCY)
_CREDIT = re.compile(
    rf"\({_AGENCY}\)(?=[ \t]*(?:$|\n|[-–—]))|(?:^|(?<=\n))\([A-Z]{{2,8}}\)|(?:\bvia |/ ?|Photo(?:s|graph)?(?: by|:) |Source: |Credit: ){_AGENCY}\b|"
    rf"\b{_AGENCY}(?= ?/| [Pp]hoto\b| via | Images\b)|(?:^|(?<=\n))[ \t]*By [^\n]{{3,60}}\n",
)


@dataclass(frozen=True, slots=True)
class Dateline:
    """One dateline.

    Attributes:
        start: first code point of the place.
        end: one behind the place's last.
        agency: what stands in brackets behind the place, or nothing.
        until: one behind the dateline's last: nothing between ``end`` and here but a known place is a party.
    """

    start: int
    end: int
    until: int
    agency: str


def is_agency(name: str) -> bool:
    """Whether a name is one that agencies sign with."""
    return _SENDER.fullmatch(name) is not None


def datelines(text: str) -> Iterator[Dateline]:
    """The datelines of a text: at the beginning of any line."""
    for match in _DATELINE.finditer(text):
        start, end = match.span("place")
        if match["agency"] is None and (end - start < 3 or len(match["place"].split()) > 3):  # noqa: PLR2004
            continue
        at = start
        for part in match["place"].split("/"):
            yield Dateline(at, at + len(part), match.end(), match["agency"] or "")
            at += len(part) + 1


def credits_of(text: str) -> tuple[tuple[int, int], ...]:
    """Where agencies are named as senders of a story or a photo: (start, end), in order."""
    found = [match.span() for match in _CREDIT.finditer(text)]
    found += [(line.end, line.until) for line in datelines(text)]
    return tuple(sorted(found))
