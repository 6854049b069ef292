"""What ``data/aliases.tsv`` says of names: people whom every reader knows, surnames and words that many bear. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from wireroom.aliasforms import full_form, person_key
from wireroom.context import place_code
from wireroom.tables import rows

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Person:
    """A person of the table.

    Attributes:
        shown: the name.
        spelt: full forms that are the same person though they do not look so.
        country: the code of the country in a context.
        alone: the surname is hardly anybody else's.
    """

    shown: str
    spelt: frozenset[str]
    country: str
    alone: bool


@lru_cache(maxsize=1)
def people() -> Mapping[str, tuple[Person, ...]]:
    """By the key of each alias, who is meant by it."""
    found: dict[str, tuple[Person, ...]] = {}
    for kind, name, country, spellings in rows("aliases", 4):
        if kind in ("person", "alone"):
            listed = [full_form(spelling) for spelling in spellings.split("|") if spelling]
            person = Person(name, frozenset({full_form(name), *listed}), place_code(country), kind == "alone")
            for key in person_key(name).aliases:
                found[key] = (*found.get(key, ()), person)
    return found


@lru_cache(maxsize=4)
def words(kind: str) -> frozenset[str]:
    """The words of a kind: ``common`` surnames, ``generic`` words."""
    return frozenset(word for row, listed, *_ in rows("aliases", 4) if row == kind for word in listed.split())
