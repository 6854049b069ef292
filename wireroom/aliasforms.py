"""The forms of a name that the alias index knows it by: keys for full names, surnames, acronyms. Pure.

A key is ``p:`` or ``o:`` and folded words. A person's full name has its *home* under the surname, where its spellings
stand together; a body under its own key.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal

from wireroom import bodies
from wireroom.context import code, person_code
from wireroom.gazetteer import lookup
from wireroom.names import GENERATIONS, is_family_first, is_particle, may_be_one, tokens, without_titles, word

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Kind = Literal["person", "organisation"]

MOST_NAMES: Final = 60
"""Names of a document that are joined across documents: those that it names most."""
_SURFACES: Final = 12
"""Mentions of a name that are looked at for short forms."""
_LONGEST: Final = 120
_SURNAME: Final = re.compile(r"(?:\w+['\u2019-])?[^\W\d_]{3,}")
_REGNAL: Final = re.compile(r"[IVX]+")


@dataclass(frozen=True, slots=True)
class Name:
    """A person or body of one document.

    Attributes:
        at: its number among the document's entities.
        type: person or organisation.
        name: as the document alone shows it.
        form: its folded words, with its generation (jr).
        short: it is only a part of a name: a surname, an initial and a surname.
        home: the key under which spellings of it stand.
        sought: the key under which its full name is looked for, where it may be a short form.
        aliases: the keys of the short forms it may be called by.
        initials: it is a surname with initials.
        code: its code in a context.
        guess: the document takes it for something else, and a surname may be meant.
    """

    at: int
    type: Kind
    name: str
    form: str
    short: bool
    home: str
    sought: str | None = None
    aliases: tuple[str, ...] = ()
    initials: bool = False
    code: str = ""
    guess: bool = False


def names_of(data: Mapping[str, Any]) -> tuple[Name, ...]:
    """The people and bodies of a document's data that no table knows."""
    found: list[Name] = []
    for at, entity in enumerate(data["entities"]):
        name, kind = own(entity)
        if not _is_plain(name) or _is_known(kind, name):
            continue
        if kind in ("organisation", "other") and _may_be_surname(name):
            made = _person(at, name, ())
            found += [replace(made, guess=True)] if made is not None else []
        if kind not in ("person", "organisation"):
            continue
        surfaces = tuple(
            dict.fromkeys(data["text"][start:end] for start, end in entity["mentions"][:_SURFACES])
        )
        made = (_person if kind == "person" else _body)(at, name, surfaces)
        if made is not None:
            found.append(made)
        if len(found) == MOST_NAMES:
            break
    return tuple(found)


def own(entity: Mapping[str, Any]) -> tuple[str, str]:
    """The name and the type that the document alone shows."""
    joined = entity.get("joined")
    return (joined["from"], joined["type"]) if joined else (entity["name"], entity["type"])


def person_key(name: str) -> Name:
    """A person known from elsewhere, as a name of no document."""
    made = _person(-1, name, ())
    assert made is not None
    return made


@lru_cache(maxsize=50_000)
def full_form(name: str) -> str:
    """A full name's folded words, with its generation behind them."""
    generation = [w for w in map(word, name.replace(",", " ").split()[1:]) if w in GENERATIONS]
    return " ".join((*tokens(name), *generation[:1]))


@lru_cache(maxsize=50_000)
def compatible(first: str, second: str) -> bool:
    """Whether two full forms may be spellings of one name; a generation is never left out."""
    one, other = first.split(), second.split()
    mine, yours = set(one) & GENERATIONS, set(other) & GENERATIONS
    if mine != yours:
        return False
    a, b = (tuple(w for w in form if w not in GENERATIONS) for form in (one, other))
    return bool(a and b) and may_be_one(a, b)


def _may_be_surname(name: str) -> bool:
    return _SURNAME.fullmatch(name) is not None and not bodies.is_acronym(name)


def _is_plain(name: str) -> bool:
    return len(name) <= _LONGEST and " ".join(name.split()) == name


@lru_cache(maxsize=50_000)
def _is_known(kind: str, name: str) -> bool:
    entry = lookup(name)
    return entry is not None and entry.type == kind


def _person(at: int, name: str, surfaces: Sequence[str]) -> Name | None:
    form = tokens(name)
    if not form:
        return None
    written = name.split()
    initials = len(form) > 1 and all(len(part) == 1 for part in form[:-1])
    whole = full_form(name)
    own = person_code(name)
    if len(written) == 1 or initials:
        key = f"p:{form[-1] if initials else ' '.join(form)}"
        return Name(at, "person", name, whole, True, key, key, (), initials, own)
    if _REGNAL.fullmatch(written[-1]) and not is_family_first(form):
        return Name(at, "person", name, whole, False, f"p:{whole}", code=own)
    keys = tuple(dict.fromkeys(f"p:{' '.join(part)}" for part in _parts(form, written, surfaces)))
    sought = f"p:{' '.join(form)}" if is_particle(written[0]) else None
    return Name(at, "person", name, whole, False, keys[0], sought, keys, False, own)


def _parts(
    form: tuple[str, ...], written: Sequence[str], surfaces: Sequence[str]
) -> Iterator[tuple[str, ...]]:
    """The short forms of a full name, its home first."""
    if is_family_first(form):
        yield form[:1]
        yield form[1:]
    yield form[-1:]
    last = tokens(written[-1])
    if 0 < len(last) < len(form) and form[-len(last) :] == last:
        yield last
    at = len(form) - 1
    while at > 1 and is_particle(form[at - 1]):
        at -= 1
        yield form[at:]
    for surface in surfaces:
        part = tokens(without_titles(surface) or surface)
        if 0 < len(part) < len(form) and len(part[0]) > 1 and set(part) <= set(form):
            yield part


def _body(at: int, name: str, surfaces: Sequence[str]) -> Name | None:
    form = bodies.key(name)
    if not form:
        return None
    key = f"o:{form}"
    short = {bodies.key(surface) for surface in surfaces} - {form, ""}
    keys = tuple(f"o:{one}" for one in sorted(short) if " " not in one)
    sought = None if " " in form else key
    return Name(at, "organisation", name, form, False, key, sought, keys, False, code("o", form))
