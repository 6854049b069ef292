"""Short names of bodies that a text also names in full: 'Harlow' of Harlow Motors Corp., 'United' of Leeds United. Pure.

A single word, or a name without its legal form, is the body's where its long name stands in the text and what is left out
only says what kind of body it is. Words that a person here bears stay the person's. A hurricane or a ship is named by
its name alone, too.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from wireroom import bodies, names
from wireroom.bodies import without_legal_form
from wireroom.gazetteer import lookup
from wireroom.tables import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wireroom.mentions import Mention

_CLUB = words("club")
_TEAM = words("team")
_TAIL = words("general") | words("legal_form") | words("body_word") | _CLUB
_VAGUE = words("vague")
_EVENT_FIRST = words("event_first")
BODY_WORDS = words("body_word") | _CLUB | _TEAM
"""Folded words that say what kind of body a name is."""


def short_of(name: str) -> set[str]:
    """Folded short names by which a body's long name may be taken up again.

    Args:
        name: the long name as it stands, two words or more.
    """
    key = bodies.key(name).split()
    found = {" ".join(key)}
    if len(key) > 1:
        rest = key[1:]
        tail = all(word in _TAIL for word in rest) or (
            len(rest) == 1 and lookup(name.rsplit(maxsplit=1)[-1]) is not None
        )
        legal = without_legal_form(name) != name and key[0] not in _VAGUE
        if (tail or legal) and lookup(name.split(maxsplit=1)[0]) is None:
            found.add(key[0])
        if bodies.is_acronym(name.split(maxsplit=1)[0]) and len(key[0]) > 2:  # noqa: PLR2004 - not 'UK Treasury'
            found.add(key[0])
        found.update(generic_of(key))
    return found


def generic_of(key: Sequence[str]) -> set[str]:
    """The words of a body's folded name that say what it is: 'observatory' of 'observatory for human rights'."""
    found = {word for word, after in pairwise(key) if after in ("for", "of", "on") and word in BODY_WORDS}
    return found | ({key[-1]} & BODY_WORDS)


def bodies_named(found: Sequence[Mention], borne: Iterable[names.Tokens]) -> list[Mention]:
    """The mentions, short names of bodies and events told as such.

    Args:
        found: the mentions of a text.
        borne: folded surnames and full names of people in it.
    """
    persons = set(borne)
    shorts: set[str] = set()
    events: set[str] = set()
    for mention in found:
        if mention.entry is None and " " in mention.text:
            if mention.type == "organisation":
                shorts |= short_of(mention.text)
            elif mention.type == "other" and names.word(mention.text.split()[0]) in _EVENT_FIRST | {
                "tropical"
            }:
                events.add(names.fold(mention.text.split()[-1]))
    out = []
    for mention in found:
        free = mention.entry is None and not mention.filed and names.tokens(mention.text) not in persons
        if free and mention.type != "organisation" and bodies.key(mention.text) in shorts:
            out.append(replace(mention, type="organisation", sure=True))
        elif free and names.fold(mention.text) in events:
            out.append(replace(mention, type="other", sure=True))
        else:
            out.append(mention)
    return out
