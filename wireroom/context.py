"""What a document names besides, in short codes: two documents that have some in common may mean the same person. Pure.

A code is a letter for the kind and six hexadecimal digits of a hash, so that an index of thousands of documents stays
small: s a story, p a person by the surname, o a body, b a body that a table knows, l a place or the country of a
demonym or capital, w what is named everywhere.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from xxhash import xxh3_64_hexdigest

from wireroom import bodies
from wireroom.gazetteer import find, lookup
from wireroom.governments import country_of
from wireroom.names import fold, is_family_first, tokens
from wireroom.tables import rows

if TYPE_CHECKING:
    from collections.abc import Mapping

WEIGHTS: Final[Mapping[str, int]] = {"s": 8, "p": 4, "o": 4, "b": 2, "l": 2, "w": 1}
"""What one name in common weighs, by its kind."""
_WEAK: Final[Mapping[str, int]] = {"p": 2, "o": 1}
MOST: Final = 16
"""Codes of a document: those of the names it names most."""
_SIZE: Final = 7
_DIGITS: Final = 6
_TITLE: Final = 200


@lru_cache(maxsize=50_000)
def code(kind: str, key: str) -> str:
    """The code of a folded name."""
    return kind + xxh3_64_hexdigest(key.encode("utf-8", "surrogatepass"))[:_DIGITS]


def weight(one: str) -> int:
    """What a code in common weighs."""
    return WEIGHTS[one[0]]


def shared(first: frozenset[str], second: frozenset[str], weak: frozenset[str] = frozenset()) -> int:
    """What two documents have in common; of ``weak`` codes people weigh half and bodies a quarter."""
    return sum(_WEAK.get(one[0], 1) if one in weak else WEIGHTS[one[0]] for one in first & second)


@lru_cache(maxsize=1)
def everywhere() -> frozenset[str]:
    """Names that hardly tell one document from another."""
    return frozenset(
        name for kind, listed, *_ in rows("aliases", 4) if kind == "everywhere" for name in listed.split("|")
    )


def place_code(name: str) -> str:
    """The code of a place or of a body that stands for one, as a table shows it."""
    if name in everywhere():
        return code("w", fold(name))
    entry = lookup(name)
    return code("b" if entry and entry.type == "organisation" else "l", fold(name))


def person_code(name: str) -> str:
    """The code of a person: by the surname, because that stands in every document."""
    form = tokens(name)
    return code("p", form[0] if is_family_first(form) else form[-1]) if form else ""


def context_of(data: Mapping[str, Any]) -> frozenset[str]:
    """The codes of a document's data (`wireroom.assembly`)."""
    found: dict[str, None] = {}
    story = (data.get("sameness") or {}).get("story")
    if story:
        found[code("s", story["id"])] = None
    for hit in find((data.get("title") or "")[:_TITLE]):
        found |= dict.fromkeys(_codes(hit.entry.type, hit.entry.name))
    for entity in data["entities"]:
        found |= dict.fromkeys(_codes(entity["type"], entity["name"]))
        if len(found) >= MOST:
            break
    return frozenset(found)


def pack(context: frozenset[str]) -> str:
    """Codes as one string."""
    return "".join(sorted(context))


def unpack(packed: str) -> frozenset[str]:
    """The codes that were packed."""
    return frozenset(packed[at : at + _SIZE] for at in range(0, len(packed), _SIZE))


@lru_cache(maxsize=50_000)
def _codes(kind: str, name: str) -> tuple[str, ...]:
    """The codes of an entity; a capital's country with it; none where it tells nothing: agencies, peoples without a country."""
    entry = lookup(name)
    if kind == "person":
        return (person_code(name),) if tokens(name) else ()
    if entry is None or entry.type != kind:
        own = {"place": ("l", fold(name)), "organisation": ("o", bodies.key(name))}.get(kind)
        return (code(*own),) if own else ()
    if kind == "other":
        return (place_code(entry.country),) if entry.country else ()
    if entry.flags & {"agency", "broadcaster"}:
        return ()
    country = country_of(entry)
    return (place_code(entry.name), *((place_code(country.name),) if country else ()))
