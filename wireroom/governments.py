# ruff: noqa: RUF001 - typographic marks are what texts hold
"""Where a capital or a seat of power stands for a government: 'Moscow said', 'accused Beijing', 'the Kremlin'. Pure.

The mention stays the place it names; it is marked, not merged with the country. A mark needs a sign in the words around it:

1. behind it a verb of saying, wanting or deciding, or a modal: 'Kiev may', 'Berlin has agreed';
2. before it such a verb's object: 'accused Moscow of', 'urged Tehran to', 'talks with', 'relations between';
3. behind its possessive what only a government has: 'Ankara's policy', 'Seoul's ambassador';
4. names of a seat (Kremlin, White House, Downing Street) always do, unless 'in', 'at', 'near' or 'outside' stand before them;
5. two capitals with 'and' between them share what is said of either.

'in Moscow', 'from Moscow', 'Moscow-based' and 'Moscow's mayor' are the town.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from wireroom.gazetteer import Entry, lookup
from wireroom.tables import rows, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_BEHIND: Final = re.compile(
    r"(?:,? ?(?:has|have|had|both|also|again|still|now|then|later|and [A-Z]\w+))*,? ?(?P<word>[a-z]+)"
)
_BEFORE: Final = re.compile(r"(?P<word>[\w'’-]+)(?P<the> the| both)?[ ]$")
_POSSESSIVE: Final = re.compile(r" ?['’]s? (?:[a-z]+ ){0,2}?(?P<word>[a-z]+)")
_RELATION: Final = re.compile(
    r"(?:talks|ties|relations|disputes?|deals?|agreement|treaty|war|conflict|tensions?|row|pact|negotiations|alliance|feud|"
    r"cooperation|rift|trade|summit|sanctions|standoff|truce|ceasefire|split|friction)(?: [\w'’-]+){0,2} (?:with|between|against|on) (?:both )?$"
)
_AND: Final = re.compile(r"(?:,| and| or),? (?:the )?")
_ACTS: Final = words("government_verb")
_OBJECT: Final = words("government_object")
_OWNS: Final = words("government_has")
_THERE: Final = frozenset(
    {"in", "at", "near", "outside", "inside", "around", "across", "into", "through", "from", "of"}
)
_REACH: Final = 40


@lru_cache(maxsize=1)
def _seats() -> dict[str, tuple[str, bool]]:
    """Name of a capital or seat → whose it is, and whether it is no town."""
    return {name: (country, kind == "seat") for name, country, kind in rows("seats", 3)}


def country_of(entry: Entry) -> Entry | None:
    """The country or union whose government a known name may stand for; None for other names."""
    seat = _seats().get(entry.name)
    return lookup(seat[0]) if seat is not None else None


def standing(text: str, places: Sequence[tuple[int, int, Entry]]) -> set[tuple[int, int]]:
    """Which mentions of capitals and seats stand for a government.

    Args:
        text: the document.
        places: their mentions in order: start, end, entry; datelines left out.
    """
    marked = {
        (start, end) for start, end, entry in places if _acts(text, start, end, seat=_seats()[entry.name][1])
    }
    marked |= set(_paired(text, places, marked))
    return marked


def _paired(
    text: str, places: Sequence[tuple[int, int, Entry]], marked: set[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    for (one, one_end, _), (other, other_end, _) in pairwise(places):
        joined = _AND.fullmatch(text, one_end, other) is not None
        if joined and ((one, one_end) in marked or (other, other_end) in marked):
            yield from ((one, one_end), (other, other_end))


def _acts(text: str, start: int, end: int, *, seat: bool) -> bool:
    before = _BEFORE.search(text, max(0, start - _REACH), start)
    word = before["word"].lower() if before else ""
    if word in _THERE:
        return False
    if seat or word in _OBJECT or _RELATION.search(text, max(0, start - 2 * _REACH), start):
        return True
    behind = _BEHIND.match(text, end, end + _REACH)
    if behind is not None and behind["word"] in _ACTS:
        return True
    owned = _POSSESSIVE.match(text, end, end + _REACH)
    return owned is not None and owned["word"] in _OWNS
