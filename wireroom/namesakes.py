"""Towns of North America that bear the name of a known city: Paris, Texas; Moscow, Idaho; London, Ont.

Pure. The tables know one place by each of these names; where the words behind it say that another is meant, the text
means no known place by that name: a wrong identifier is worse than none.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from wireroom import governments
from wireroom.tables import rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wireroom.mentions import Mention

_HOME: Final = {
    "United States": frozenset(
        {"Boston", "Chicago", "Los Angeles", "New York City", "San Francisco", "Washington, D.C."}
    ),
    "Canada": frozenset({"Ottawa", "Toronto"}),
}
"""Known cities that stand before a state or province of their own country."""
_STATES: Final = ("Alaska", "Hawaii", "Idaho", "Iowa", "Maine", "Ohio", "Texas", "Utah")
"""States that newspapers do not shorten, or no longer."""
_PROVINCES: Final = (
    "Alberta", "British Columbia", "Manitoba", "New Brunswick", "Newfoundland", "Nova Scotia", "Ontario", "Prince Edward Island",
    "Quebec", "Saskatchewan", "Alta.", "B.C.", "Man.", "N.B.", "N.S.", "Ont.", "Que.", "Sask.",
)  # fmt: skip


_LANDS: Final = frozenset(
    {
        "Africa", "Alaska", "Antarctica", "Asia", "California", "Crimea", "Czechoslovakia", "East Germany", "England", "Europe", "Florida",
        "Hawaii", "North America", "Northern Ireland", "Scotland", "South America", "Soviet Union", "Texas", "Wales",
    }
)  # fmt: skip
"""Known places that are no towns: what stands behind them is the next of a list."""


@lru_cache(maxsize=1)
def _behind() -> re.Pattern[str]:
    names = sorted((*_STATES, *(cell for row in rows("states", 2) for cell in row), *_PROVINCES), key=len)
    short = "|".join(re.escape(name) for name in reversed(names) if name.endswith("."))
    long = "|".join(re.escape(name) for name in reversed(names) if not name.endswith("."))
    # 'London, California and Tokyo' is a list.
    return re.compile(
        rf",[ \u00a0\n](?P<region>{short}|(?:{long})(?!\w|,?[ \u00a0](?:and|or)\b|,[ \u00a0][A-Z]))"
    )


@lru_cache(maxsize=1)
def _towns() -> frozenset[str]:
    return frozenset(name for name, wikidata, *_ in rows("places", 4) if wikidata) - _LANDS


def without_namesakes(text: str, found: Iterable[Mention]) -> tuple[Mention, ...]:
    """The mentions, without the known place where the text tells of its namesake: anywhere in the text, once it is told."""
    found = tuple(found)
    told = {m.entry.name for m in found if m.entry is not None and _is_namesake(text, m)}
    return tuple(replace(m, entry=None) if m.entry is not None and m.entry.name in told else m for m in found)


def _is_namesake(text: str, mention: Mention) -> bool:
    entry = mention.entry
    if entry is None or entry.name not in _towns():
        return False
    hit = _behind().match(text, mention.end)
    if hit is None:
        return False
    country = governments.country_of(entry)
    if hit["region"] == "Georgia" and country is not None and country.name == "Georgia":
        return False  # 'Tbilisi, Georgia'
    return entry.name not in _HOME["Canada" if hit["region"] in _PROVINCES else "United States"]
