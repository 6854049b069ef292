"""Which names in one document are one person. Pure: takes names, returns who they belong to.

1. Full names that may be one (`wireroom.names.may_be_one`) are one person, unless a form fits two.
2. A surname alone belongs to the full name that ends in it, if exactly one does. Two people of one surname are
   never joined, and the surname alone then stays by itself.
3. In East Asian order the family name alone (Xi) and the given name alone (Jinping) both belong to the full name.
4. Another given name alone belongs to the full name that begins with it, if exactly one does and nobody has it as
   surname.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wireroom.names import Tokens, is_family_first, may_be_one, tokens

if TYPE_CHECKING:
    from collections.abc import Iterable


_CROWD = 400

Owners = dict[Tokens, Tokens]
"""Folded form of a name → folded fullest form of the same person."""


@dataclass(slots=True, eq=False)
class _Person:
    forms: list[Tokens]

    def takes(self, form: Tokens) -> bool:
        return all(may_be_one(form, own) for own in self.forms)

    @property
    def family_first(self) -> bool:
        return any(is_family_first(form) for form in self.forms)


class _Directory:
    """The people of one document, found by any word their full names begin or end with."""

    def __init__(self) -> None:
        self.people: list[_Person] = []
        self._ends: dict[Tokens, list[_Person]] = {}
        self._begins: dict[Tokens, list[_Person]] = {}

    def add(self, form: Tokens, person: _Person | None) -> None:
        """Write a full name down, as somebody's or as a new person's."""
        if person is None:
            person = _Person([])
            self.people.append(person)
        person.forms.append(form)
        for count in range(1, len(form)):
            for index, part in ((self._ends, form[-count:]), (self._begins, form[:count])):
                listed = index.setdefault(part, [])
                if person not in listed:
                    listed.append(person)

    def ending_in(self, form: Tokens) -> list[_Person]:
        return self._ends.get(form, [])

    def beginning_with(self, form: Tokens) -> list[_Person]:
        return self._begins.get(form, [])

    def taking(self, form: Tokens) -> list[_Person]:
        """Who a full name may belong to; in a crowd of one surname nobody, so that a list of names stays cheap."""
        edges = (form[:1], form[-1:])
        near = [
            person for edge in edges for index in (self._ends, self._begins) for person in index.get(edge, [])
        ]
        if len(near) > _CROWD:
            return []
        return [person for person in dict.fromkeys(near) if person.takes(form)]

    def owner(self, form: Tokens) -> _Person | None:
        """Whose a part of a name is (rules 2 to 4)."""
        begins = self.beginning_with(form)
        first = [person for person in begins if person.family_first]
        ends = [person for person in self.ending_in(form) if person not in first]
        if first or ends:
            return (first + ends)[0] if len(first) + len(ends) == 1 else None
        return begins[0] if len(begins) == 1 else None


def resolve(forms: Iterable[str]) -> Owners:
    """For each form of a person's name, the fullest form of the same person.

    Args:
        forms: names as they stand, titles and possessives cut off.

    Returns:
        folded form → folded fullest form; a form that belongs to nobody else is its own.
    """
    folded = sorted({tokens(form) for form in forms} - {()}, key=lambda t: (len(t[0]) == 1, -len(t), t))
    directory = _Directory()
    alone: list[Tokens] = []
    for form in folded:
        fits = directory.taking(form) if len(form) > 1 else []
        if len(form) == 1 or (directory.ending_in(form) and not fits):
            alone.append(form)
        else:
            directory.add(form, fits[0] if len(fits) == 1 else None)
    owner = {form: person.forms[0] for person in directory.people for form in person.forms}
    for form in alone:
        person = directory.owner(form)
        owner[form] = person.forms[0] if person else form
    return owner
