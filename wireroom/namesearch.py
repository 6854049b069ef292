"""What a document is listed by, and what somebody who asks for a name means. Pure.

A document is listed by each of its names, by the forms that stand in it, a person also by the surname, a body also by its
initials; so whichever form is asked for finds it. Case, accents, full stops, hyphens and the endings that transliterations
differ in tell nothing. A name that a table knows (`wireroom.gazetteer`) is listed by the table's name, and asked for by it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from wireroom.bodies import initials
from wireroom.gazetteer import Entry, lookup
from wireroom.names import fold, is_family_first, tokens, without_titles

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MOST: Final = 6
"""Most forms that one entity is listed by."""
_SURFACES: Final = 12
_LEAST_INITIALS: Final = 3


def sought(name: str) -> str:
    """The key that documents are listed by under a name that somebody asks for, in any case and form."""
    entry = _known(name.strip())
    return _key(entry.name if entry else without_titles(name) or name)


def listed_by(entity: Mapping[str, Any], text: str) -> tuple[str, ...]:
    """The keys that a document is listed by for one of its entities.

    Args:
        entity: an entity of its data.
        text: its text.
    """
    keys = (_key(form) for form in _forms(entity, text))
    return tuple(dict.fromkeys(key for key in keys if key))[:MOST]


def _forms(entity: Mapping[str, Any], text: str) -> Iterator[str]:
    name: str = entity["name"]
    yield name
    joined = entity.get("joined")
    if joined:
        yield joined["from"]
    entry = lookup(name)
    if entry is not None and entry.type == entity["type"]:
        return
    if entity["type"] == "person" and " " in name:
        form = tokens(name)
        yield form[-1]
        if is_family_first(form):
            yield form[0]
    if entity["type"] == "organisation" and len(initials(name)) >= _LEAST_INITIALS:
        yield initials(name)
    for start, end in entity["mentions"][:_SURFACES]:
        yield text[start:end]


def _known(name: str) -> Entry | None:
    for form in (name, name.title(), name.upper()):
        entry = lookup(form)
        if entry is not None:
            return entry
    return None


@lru_cache(maxsize=50_000)
def _key(name: str) -> str:
    folded = fold(name).replace(".", "").removeprefix("the ")
    return " ".join(tokens(folded)) or folded
