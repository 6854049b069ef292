"""Which names of bodies in one document are one: acronyms, company forms. Pure.

1. An acronym in brackets behind a long name is that name: 'Northern Grain Council (NGC)'; also the other way round.
2. An acronym of three letters or more is the one long name in the document whose capitals it is.
3. The legal form (Inc, Ltd, PLC, AG) and a general word behind the name (Group, Airlines) are left aside when the
   short name stands in the document by itself.
4. A single word is the one long name in the document that it begins or ends ('Goldman' of Goldman Sachs).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wireroom.gazetteer import lookup
from wireroom.names import fold
from wireroom.tables import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_LEGAL = words("legal_form")
_GENERAL = words("general")
_SMALL = words("small")
_IN_BRACKETS = r"[(\[][ \t]?[\"“]?(?P<short>[A-Z][\w.&-]{1,11})[\"”]?[ \t]?[)\]]"
_BRACKET = re.compile(rf"{_IN_BRACKETS}|,[ ]or[ ](?:the[ ])?(?P<or>[A-Z]{{3,8}})(?=[ ,.])")
_BEHIND = re.compile(r"[ \t\u00a0]?" + _IN_BRACKETS)
_NAME_WORD = re.compile(r"[^\s()\[\],;:\"“”]+")
_MIN_ACRONYM = 3
_REACH = 120
"""Code points before a bracket in which the long name stands."""


def key(name: str) -> str:
    """A body's name folded, without full stops, article and legal form."""
    words = fold(name).replace(".", "").replace(",", "").split()
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    while len(words) > 1 and words[-1] in _LEGAL:
        words = words[:-1]
    return " ".join(words)


def without_legal_form(name: str) -> str:
    """A body's name without Inc., Ltd and their like, otherwise as it stands."""
    words = name.split()
    while len(words) > 1 and fold(words[-1]).strip(".,").replace(".", "") in _LEGAL:
        words = words[:-1]
    return " ".join(words).rstrip(",") if len(words) < len(name.split()) else name


def initials(name: str, *, small: bool = False) -> str:
    """The capitals of a long name in order: ``Bank for Inland Trade`` is ``BIT``; with the small words ``BFIT``."""
    parts = [w for w in re.split(r"[\s-]+", name) if w]
    words = parts if small else [w for w in parts if not w[0].islower() and fold(w) not in _SMALL]
    return "".join(word[0] for word in words).upper()


def is_acronym(name: str) -> bool:
    """Whether a name is one word of capitals: ``NGC``, ``N.G.C.``."""
    letters = name.replace(".", "").replace("&", "")
    return " " not in name and 2 <= len(letters) <= 8 and letters.isalpha() and letters.isupper()  # noqa: PLR2004


def explained(text: str) -> Iterator[tuple[int, int, str]]:
    """Acronyms a text explains itself: (start and end of the long name before the bracket, short form).

    The long name is the shortest run of words before the bracket whose first letters make the
    acronym: 'the Northern Grain Council (NGC)'.
    """
    for bracket in _BRACKET.finditer(text):
        start = max(
            0,
            bracket.start() - _REACH,
            text.rfind("\n", max(0, bracket.start() - _REACH), bracket.start()) + 1,
        )
        words = list(_NAME_WORD.finditer(text, start, bracket.start()))
        if len(words) < 2:  # noqa: PLR2004 - one word has no acronym
            continue
        written = bracket["short"] or bracket["or"]
        end, short = words[-1].end(), written.replace(".", "").upper()
        for word in reversed(words[-2 * len(short) : -1]):
            long = text[word.start() : end]
            if long[0].isupper() and short in (initials(long), initials(long, small=True)):
                yield word.start(), end, written
                break


def bracketed(text: str, end: int, name: str) -> tuple[int, int] | None:
    """Where the acronym of a long name stands in brackets right behind it, also a foreign one: 'Front (FLNC)'."""
    match = _BEHIND.match(text, end)
    if match is None or len(name.split()) < _MIN_ACRONYM:
        return None
    short = match["short"]
    return match.span("short") if is_acronym(short) and len(short) >= _MIN_ACRONYM else None


def stated(text: str, spans: Iterable[tuple[int, int]]) -> dict[str, str]:
    """Folded short form → long form, for names that stand before a bracket with their letters in order.

    Args:
        text: the document.
        spans: where long names stand, (start, end).
    """
    found = {fold(short.replace(".", "")): text[start:end] for start, end, short in explained(text)}
    for start, end in spans:
        match = _BEHIND.match(text, end)
        if match is None:
            continue
        long, short = text[start:end], match["short"].replace(".", "")
        near = " " in long and initials(long)[:1] == short[:1].upper() and _is_short_of(short, long)
        foreign = len(long.split()) >= _MIN_ACRONYM and is_acronym(short) and len(short) >= _MIN_ACRONYM
        if near or foreign:
            found.setdefault(fold(short), long)
    return found


def _is_short_of(short: str, long: str) -> bool:
    """Whether the letters of a short form stand in the long one in order."""
    letters = iter(fold(long))
    return all(letter in letters for letter in fold(short))


def resolve(names: Iterable[str], short_of: Mapping[str, str], known: Iterable[str] = ()) -> dict[str, str]:
    """For each body's key, the key of the name it is joined with.

    Args:
        names: names of bodies as they stand.
        short_of: what `stated` found.
        known: names of bodies that a table knows, as they stand.
    """
    seen = dict.fromkeys(names)
    keys = {key(name) for name in seen}
    longer = {key(name) for name in [*seen, *known] if " " in name}
    by_initials: dict[str, set[str]] = {}
    for name in dict.fromkeys([*seen, *known]):
        if " " in name:
            by_initials.setdefault(initials(name), set()).add(key(name))
    owner: dict[str, str] = {}
    for name in seen:
        own = key(name)
        plain = name.replace(".", "")
        if fold(plain) in short_of:
            owner[own] = key(short_of[fold(plain)])
        elif is_acronym(name) and len(plain) >= _MIN_ACRONYM and len(by_initials.get(plain, ())) == 1:
            owner[own] = next(iter(by_initials[plain]))
        else:
            owner[own] = _longer(own, longer) or _shorter(own, keys)
    return owner


def _shorter(own: str, keys: set[str]) -> str:
    head, _, tail = own.rpartition(" ")
    return head if tail in _GENERAL and head in keys else own


def _is_town(folded: str) -> bool:
    known = lookup(folded.strip().title())
    return known is not None and known.type == "place"


def _longer(own: str, longer: set[str]) -> str | None:
    """The one long name that a single word begins or ends (Goldman of Goldman Sachs, Post of Washington Post)."""
    if " " in own:
        town = [name for name in longer if name.endswith(f" {own}") and _is_town(name.removesuffix(own))]
        return town[0] if len(town) == 1 else None
    inside = tuple(f" {own} {small} " for small in ("for", "of", "on"))
    found = [
        name
        for name in longer
        if name.startswith(f"{own} ") or name.endswith(f" {own}") or any(part in name for part in inside)
    ]
    return found[0] if len(found) == 1 and found[0].rpartition(" ")[2] not in _GENERAL - {own} else None
