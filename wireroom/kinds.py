# ruff: noqa: RUF001 - typographic marks are what texts hold
"""What a name tells of its own kind, whatever a tagger made of it, and the names that tell it without one. Pure.

1. Its last word, or its first: an institute is a body, a river a place, a cup or a hurricane something else.
2. A given name before a surname is a person, unless the name says otherwise or its first word is a known place.
3. A town and a team's word (Chicago Bulls, Leeds United) are a body, and so is a team's word behind 'the'.
4. 'Martin and Carla Bexley' are two people with one surname, the first of them Martin Bexley.

The words stand in ``wireroom/data/words.tsv``, the given names in ``given.tsv``.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from wireroom import names
from wireroom.casing import is_shouted
from wireroom.gazetteer import Type, lookup
from wireroom.mentions import LAST_WORD, OPENERS, Mention
from wireroom.tables import words

if TYPE_CHECKING:
    from collections.abc import Iterator

_BODY = words("body_word") | words("legal_form")
_PLACE = words("place_word")
_PLACE_FIRST = words("place_first")
_EVENT = words("event_word")
_EVENT_FIRST = words("event_first")
_LEAGUE = words("league")
_CLUB = words("club")
_TEAM = words("team")
_SKIPPED = words("not_sought")
_MOST = 4
"""Words of a person's name that is told by its given name."""

_CAPITAL = r"[A-ZÀ-ÖØ-Þ][\w'’]{0,30}[^\W\d_](?:-[\w'’]{0,30}[^\W\d_])?"
_PARTICLE = r"(?:(?:van|von|der|den|de|da|di|do|dos|du|la|le|bin|ibn|ben|al|el|ter|y|abu)[ -])"
_SURNAME = rf"(?:[A-Z]\.[ ]?){{0,2}}(?:[“\"‘'][A-Z][\w.]*[”\"’'] )?{_PARTICLE}{{0,3}}(?:{_CAPITAL})"
_FULL = re.compile(
    rf"(?<![\w@#.&/])(?<![^\W\d]-)(?P<given>{_CAPITAL}) (?P<rest>{_SURNAME}(?: {_PARTICLE}{{0,2}}{_CAPITAL})?)"
)
_COUPLE = re.compile(
    rf"(?<![\w@#.&/-])(?P<one>{_CAPITAL}) (?:and|&) (?P<other>{_CAPITAL}) (?P<rest>{_SURNAME})(?![\w-])"
)
_TEAM_NAME = re.compile(
    rf"(?<![\w@#])(?:[Tt]he |(?P<town>{_CAPITAL}(?: {_CAPITAL})?) )(?P<team>{'|'.join(sorted(w.title() for w in _TEAM))})(?!\w)"
)
_STORM = re.compile(rf"(?<!\w)(?:Hurricane|Typhoon|Cyclone|Tropical Storm) {_CAPITAL}")
_AT = re.compile(rf"(?<!\w)University of (?:{_CAPITAL} ){{1,5}}at {_CAPITAL}(?: {_CAPITAL})?")
_INITIALS = re.compile(r"(?:[A-Z]\. ?){1,3}[A-ZÀ-Þ][a-zß-ÿ'’-]+")
_INITIALLED = re.compile(
    r"(?<![\w.@#-])(?:[A-Z]\.[ -]?){1,3}(?P<surname>[A-ZÀ-Þ][a-zß-ÿ'’-]{1,30}[a-zß-ÿ])(?!\w)"
)
_LETTERED = frozenset(
    {
        "group",
        "plan",
        "category",
        "vitamin",
        "hepatitis",
        "section",
        "type",
        "grade",
        "class",
        "part",
        "phase",
        "pool",
        "size",
    }
)
"""Words that a letter follows which is no initial: 'in group A. Poland won'."""
_REACH = 24
_POSSESSIVE = re.compile(r"['’]s?$")


def told(name: str, label: Type | None = None) -> Type | None:
    """The kind of thing a name of several words says it is; None where it says nothing.

    Args:
        name: as it stands, its edges repaired.
        label: what a tagger took it for: a person's name may end in a word like Church or Lake.
    """
    folded = [names.word(word) for word in name.split()]
    if len(folded) < 2 or lookup(name) is not None:  # noqa: PLR2004
        return None
    given = names.gender(folded[0]) != ""
    if folded[0] in names.LEADING_TITLES and (names.gender(folded[1]) or names.generation(name)):
        return "person"
    if label == "person" and given and len(folded) == 2:  # noqa: PLR2004
        return None
    return _by_words(folded) or (
        "person" if label != "person" and (_is_person(name, folded) or _INITIALS.fullmatch(name)) else None
    )


def _by_words(folded: list[str]) -> Type | None:
    first, last = folded[0], folded[-1]
    if (
        first in _EVENT_FIRST
        or last in _EVENT - _BODY
        or (last in ("league", "division") and first in _LEAGUE)
    ):
        return "other"
    if (
        last in _BODY
        or "&" in folded
        or any(w in _BODY and n in ("of", "for", "on") for w, n in pairwise(folded))
    ):
        return "organisation"
    if last in _PLACE or first in _PLACE_FIRST:
        return "place"
    return "organisation" if last in _CLUB or last in _TEAM else None


def _is_person(name: str, folded: list[str]) -> bool:
    parts = name.split()
    if len(parts) > _MOST or not names.gender(folded[0]) or folded[0] in names.TITLES | _SKIPPED:
        return False
    known, last = lookup(parts[0]), lookup(parts[-1])
    return (
        all(part[0].isupper() or names.is_particle(part) or part[0] in "“\"‘'" for part in parts)
        and known is None
        and (last is None or "person" in last.flags)
    )


def is_given(word: str) -> bool:
    """Whether one word is a given name and nothing that a table knows."""
    return (
        " " not in word
        and word[:1].isupper()
        and bool(names.gender(word))
        and lookup(word) is None
        and names.fold(word) not in _SKIPPED
    )


def unmarked(text: str, small: frozenset[str]) -> Iterator[Mention]:
    """The names that tell their kind without a tagger (rules 2 to 4), in no order; some may overlap.

    Args:
        text: the document.
        small: the words that it writes without a capital.
    """
    for match in _AT.finditer(text):
        yield Mention(match.start(), match.end(), match[0], "organisation", sure=True)
    for match in _STORM.finditer(text):
        yield Mention(match.start(), match.end(), match[0], "other", sure=True)
    for couple in _COUPLE.finditer(text):
        if all(_begins_name(couple[part], small) for part in ("one", "other")):
            meant, start = f"{couple['one']} {couple['rest']}", couple.start("other")
            yield Mention(couple.start("one"), couple.end("one"), couple["one"], "person", form=meant)
            yield Mention(start, couple.end(), text[start : couple.end()], "person")
    yield from _teams(text)
    yield from _full_names(text, small)
    yield from _initialled(text)


def _initialled(text: str) -> Iterator[Mention]:
    for match in _INITIALLED.finditer(text):
        before = LAST_WORD.search(text, max(0, match.start() - _REACH), match.start())
        lettered = before is not None and (before[1][0].isupper() or before[1] in _LETTERED)
        surname = match["surname"]
        known = lookup(surname) or lookup(match[0].removesuffix(surname).strip())
        if (
            not lettered
            and known is None
            and names.fold(surname) not in OPENERS
            and told(match[0]) == "person"
        ):
            yield Mention(match.start(), match.end(), match[0], "person")


def _full_names(text: str, small: frozenset[str]) -> Iterator[Mention]:
    at = 0
    while (match := _FULL.search(text, at)) is not None:
        at, given = match.end("given"), match["given"]
        if not _begins_name(given, small) or (given.isupper() and not is_shouted(text, match.start())):
            continue
        name = _POSSESSIVE.sub("", " ".join(match[0].split(" ")[:2]) if given.isupper() else match[0])
        if _is_person(name, [names.word(word) for word in name.split()]) and told(name) == "person":
            at = match.start() + len(name)
            yield Mention(match.start(), at, name, "person")


def _begins_name(word: str, small: frozenset[str]) -> bool:
    return (
        is_given(word)
        and word.lower() not in small
        and names.fold(word) not in OPENERS
        and not word.isupper()
    )


def _teams(text: str) -> Iterator[Mention]:
    for match in _TEAM_NAME.finditer(text):
        town = match["town"]
        start = match.start("team")
        if town is not None:
            for name in (town, town.rpartition(" ")[2]):
                known = lookup(name)
                if known is not None and known.type == "place":
                    start = match.end("town") - len(name)
                    break
            else:
                continue
        yield Mention(start, match.end(), text[start : match.end()], "organisation", sure=True)


def is_where(text: str, at: int) -> bool:
    """Whether what stands at an offset is where something is: 'in Lincoln'."""
    return text[max(0, at - 9) : at].endswith((" in ", " near ", " outside ", "In ", "Near "))
