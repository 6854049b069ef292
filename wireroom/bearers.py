# ruff: noqa: RUF001 - typographic marks are what texts hold
"""Which mentions are people, whatever they were taken for. Pure.

1. A word with an honorific before it is a person ('Mr', 'President'); so is the surname of a full name that stands in
   the text ('Jinping' as a product), unless it stands behind 'in' or begins the longer name of a body (Ford Motor Co.).
2. A single word that is known as a place is a person only where somebody in the text bears it.
3. A verb is no part of a name ('Welcoming Roe'), nor are the words of a headline in capitals ('SEDOV MEETS').
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from wireroom import names
from wireroom.casing import is_shouted, starts_sentence
from wireroom.gazetteer import lookup
from wireroom.kinds import is_where
from wireroom.mentions import LAST_WORD, Mention

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_SHORT = 2
_FULL_NAME = re.compile(r"[A-ZÀ-Þ][\w'’-]+ [A-ZÀ-Þ][\w'’-]+")


def persons(
    text: str, found: Sequence[Mention], people: Iterable[str], small: frozenset[str]
) -> Iterator[Mention]:
    """The mentions, those of people told as such.

    Args:
        text: the document.
        found: its mentions.
        people: names of people, in it or known from outside.
        small: the words it writes without a capital.
    """
    forms = {names.tokens(name) for name in people} - {()}
    full = {form for form in forms if len(form) > 1}
    ends = {form[-count:] for form in full for count in range(1, len(form) + 1)}
    ends |= {form[:1] for form in full if names.is_family_first(form)}
    ends |= {form[1:2] for form in full if names.has_second_surname(form)}
    written = {names.tokens(name) for name in people if " " in name and not name.isupper()} - {()}
    begins = {form[:1] for form in full}
    firms = {names.fold(m.text.split()[0]) for m in found if m.type == "organisation" and " " in m.text}
    for mention in found:
        if _is_headline(text, mention, written, small):
            continue
        form = names.tokens(mention.text)
        carries = form in ends or (_FULL_NAME.fullmatch(mention.text) is not None and form[-1:] in forms)
        if mention.type == "person":
            yield _person(text, mention, ends, begins, small)
        elif _is_titled(text, mention) and _is_open(text, mention):
            yield replace(mention, type="person", entry=None)
        elif carries and mention.entry is None and mention.type == "place" and is_where(text, mention.start):
            yield replace(mention, filed=True)
        elif carries and _is_open(text, mention) and names.fold(mention.text) not in firms:
            yield replace(mention, type="person", entry=None)
        else:
            yield mention


def _person(
    text: str, mention: Mention, ends: set[names.Tokens], begins: set[names.Tokens], small: frozenset[str]
) -> Mention:
    entry = lookup(mention.text) if not mention.form else None
    form = names.tokens(mention.text)
    borne = form in ends or form in begins or " " in mention.text or _is_titled(text, mention)
    if entry is not None and not borne:
        return replace(mention, type=entry.type, entry=entry)
    return _without_verb(text, mention, ends, small)


def _is_headline(text: str, mention: Mention, written: set[names.Tokens], small: frozenset[str]) -> bool:
    """Whether a mark in a line of capitals took words of the headline for a name; who is named there is found again."""
    if mention.entry is not None or mention.sure or not mention.text.isupper() or " " not in mention.text:
        return False
    form = names.tokens(mention.text)
    if not form or form in written:
        return False
    said = any(word in small for word in mention.text.lower().split() if len(word) > _SHORT)
    said = said or any(token == name[-1] for token in (form[0], form[-1]) for name in written)
    return said and is_shouted(text, mention.start)


def _is_open(text: str, mention: Mention) -> bool:
    """Whether a mention may turn out to be a person: no dateline, no place behind 'in', no name that is only a place's."""
    if mention.entry is None:
        return not mention.filed and not mention.sure
    return "person" in mention.entry.flags and not mention.filed and not is_where(text, mention.start)


def _is_titled(text: str, mention: Mention) -> bool:
    before = LAST_WORD.search(text, max(0, mention.start - 24), mention.start)
    return before is not None and names.word(before[1]) in names.HONORIFICS and before[1][0].isupper()


def _without_verb(text: str, mention: Mention, people: set[names.Tokens], small: frozenset[str]) -> Mention:
    """'Welcoming Roe' is Roe, when Roe is somebody here; so is 'File Roe'."""
    head, _, tail = mention.text.partition(" ")
    if not tail or names.tokens(tail) not in people:
        return mention
    gerund = head.endswith("ing") and starts_sentence(text, mention.start)
    if gerund or head.lower() in small:
        return Mention(mention.end - len(tail), mention.end, tail, "person")
    return mention
