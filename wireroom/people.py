"""Which names in one document are one person. Pure: takes names, returns who they belong to.

1. Full names that may be one (`wireroom.names.may_be_one`) are one person, unless a form fits two. Jr. and Sr., II and
   III are two people.
2. A surname alone belongs to the full name that ends in it, if exactly one does, or if exactly one of them was named
   before it. 'Mr' and 'Mrs' leave out who is known to be none. Two people of one surname are never joined, and a surname
   that may be either's stays by itself.
3. In East Asian order the family name alone (Xi) and the given name alone (Jinping) both belong to the full name.
4. Another given name alone belongs to the full name that begins with it, if exactly one does and nobody has it as
   surname; and so does a name from inside a long one (Robledo of Andrés Manuel Robledo Ortiz).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wireroom.names import Tokens, gender, generation, is_east_asian, is_family_first, may_be_one, tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


_CROWD = 400
_LONG = 3
"""Words of a name from which a name inside it may stand for the whole."""

Whose = tuple[str, ...]
"""Whom a name belongs to: the same for all names of one person."""


@dataclass(slots=True, eq=False)
class _Person:
    forms: list[Tokens]
    generation: str
    gender: str
    since: int
    east_asian: bool = False

    def takes(self, form: Tokens, number: str) -> bool:
        agree = not number or not self.generation or number == self.generation
        return agree and all(may_be_one(form, own) for own in self.forms)

    @property
    def family_first(self) -> bool:
        return self.east_asian or any(is_family_first(form) for form in self.forms)

    @property
    def whose(self) -> Whose:
        return (*self.forms[0], self.generation) if self.generation else self.forms[0]


class People:
    """The people of one document, found by any word their full names begin or end with.

    Args:
        named: names as they stand, titles and possessives cut off, and the first offset where each stands; names known
            from outside the text have -1.
    """

    def __init__(self, named: Mapping[str, int]) -> None:
        self._ends: dict[Tokens, list[_Person]] = {}
        self._begins: dict[Tokens, list[_Person]] = {}
        self._inside: dict[Tokens, list[_Person]] = {}
        self._full: dict[tuple[Tokens, str], _Person] = {}
        since: dict[tuple[Tokens, str], tuple[int, str]] = {}
        for name, at in named.items():
            key = (tokens(name), generation(name))
            since[key] = min(since.get(key, (at, name)), (at, name))
        for form, number in sorted(since, key=_fullest_first):
            if form and (len(form) > 1 or number):
                self._take(form, number, *since[form, number])

    def _take(self, form: Tokens, number: str, since: int, name: str) -> None:
        fits = self._taking(form, number)
        if not fits and not number and self._ends.get(form):
            return
        if len(fits) == 1:
            fits[0].since = min(fits[0].since, since)
            self._add(form, number, fits[0])
        else:
            sex = gender(name.split(maxsplit=1)[0]) if " " in name else ""
            self._add(form, number, _Person([], number, sex, since, is_east_asian(name)))

    def _add(self, form: Tokens, number: str, person: _Person) -> None:
        person.forms.append(form)
        person.generation = person.generation or number
        self._full[form, number] = person
        parts = [(self._ends, form[-count:]) for count in range(1, len(form))]
        parts += [(self._begins, form[:count]) for count in range(1, len(form))]
        parts += [(self._inside, form[at : at + 1]) for at in range(1, len(form) - 1) if len(form) >= _LONG]
        if len(form) == 1:
            parts.append((self._begins, form))
        for index, part in parts:
            listed = index.setdefault(part, [])
            if person not in listed:
                listed.append(person)

    def _taking(self, form: Tokens, number: str) -> list[_Person]:
        """Who a full name may belong to; in a crowd of one surname nobody, so that a list of names stays cheap."""
        near = [
            person
            for edge in (form[:1], form[-1:])
            for index in (self._ends, self._begins)
            for person in index.get(edge, [])
        ]
        if len(near) > _CROWD:
            return []
        return [person for person in dict.fromkeys(near) if person.takes(form, number)]

    def _candidates(self, form: Tokens) -> list[_Person]:
        """Whose a part of a name may be (rules 2 to 4)."""
        begins = self._begins.get(form, [])
        first = [person for person in begins if person.family_first]
        ends = [person for person in self._ends.get(form, []) if person not in first]
        return first + ends or begins or self._inside.get(form, [])

    def whose(self, name: str, at: int | None = None, sex: str = "") -> Whose:
        """Whom a name belongs to: one of the people, or itself where nobody or more than one may bear it.

        Args:
            name: as it stands, titles and possessives cut off.
            at: the offset where it stands; None: anywhere.
            sex: ``male`` or ``female`` where an honorific says so.
        """
        form, number = tokens(name), generation(name)
        person = self._full.get((form, number))
        if person is not None:
            return person.whose
        found = [person for person in self._candidates(form) if _agrees(person, number, sex)]
        if len(found) > 1 and at is not None and len(found) <= _CROWD:
            found = [person for person in found if person.since < at]
        return found[0].whose if len(found) == 1 else form


def _fullest_first(key: tuple[Tokens, str]) -> tuple[bool, bool, int, tuple[Tokens, str]]:
    """Names with an initial in front come last, those that say which of two they are first."""
    form, number = key
    return len(form[0]) == 1 if form else True, not number, -len(form), key


def _agrees(person: _Person, number: str, sex: str) -> bool:
    same = not number or not person.generation or number == person.generation
    return same and not (sex and person.gender in ("male", "female") and person.gender != sex)


def resolve(forms: Iterable[str]) -> dict[Tokens, Whose]:
    """For each form of a person's name, folded, whom it belongs to, wherever it stands."""
    listed = list(forms)
    people = People(dict.fromkeys(listed, -1))
    return {tokens(form): people.whose(form) for form in listed}
