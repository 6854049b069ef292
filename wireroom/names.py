# ruff: noqa: RUF001 - typographic marks are what texts hold
"""The parts of a person's name: titles, surnames, initials. Pure: takes strings, knows no text and no offsets.

A name is compared by its folded tokens: accents, case, full stops and hyphens are gone, and the endings that
transliterations differ in (Zelensky, Zelenskyy, Zelenskiy; Dmitri, Dmitry) are one. What is shown is never folded.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from wireroom.tables import rows, words

Tokens = tuple[str, ...]

_BREAK = re.compile(r"[\s\-\u2010-\u2013_/]+")
_ENDING = re.compile(r"(?:iy|yy|ij|yi|i|j)$")
_PARTICLES = words("particle")
_HYPHENATED_GIVEN = re.compile(r"[A-Z][a-z]+ [A-Z][a-z]+-[a-z]+")
_SHORT = 2
_NAME = 200
"""Code points up to which a folded name is kept."""
_MARKS = ".,'\"“”„«»"


def _ending(token: str) -> str:
    """A token with the ending that transliterations agree on; short ones (Li, Yi) stay."""
    return _ENDING.sub("y", token) if len(token) > _SHORT else token


HONORIFICS = words("honorific")
"""Words that a person's name follows: whatever stands behind one is a person."""

HONORIFIC_OF = {
    "mr": "male",
    "sir": "male",
    "herr": "male",
    "mrs": "female",
    "ms": "female",
    "miss": "female",
} | {"dame": "female", "frau": "female", "madame": "female"}
"""Honorifics that say whom they are for."""

TITLES = HONORIFICS | words("title")
"""Words that are cut off wherever they stand before a name."""

LEADING_TITLES = words("leading_title")
"""Titles that are also names (Billie Jean King): cut off only as a span's first word."""

GENERATIONS = frozenset({"jr", "sr", "ii", "iii", "iv", "vii", "viii", "xii", "xiii", "xiv", "xvi"})
"""Behind a surname or a monarch's name; no part of it, but two of them are two people. (V, X, VI and XI are names, too.)"""

FAMILY_FIRST = frozenset(_ending(name) for name in words("family_first"))
"""Family names of Chinese, Korean and Vietnamese people, written before the given name."""


def fold(text: str) -> str:
    """Case, accents, apostrophes and blanks made equal: the form that surfaces are compared by."""
    return _fold_name(text) if len(text) <= _NAME else _fold(text)


def _fold(text: str) -> str:
    if text.isascii():
        return " ".join(text.lower().split())
    plain = unicodedata.normalize("NFKD", text).replace("’", "'").casefold()
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


_fold_name = lru_cache(maxsize=50_000)(_fold)


@lru_cache(maxsize=50_000)
def tokens(name: str) -> Tokens:
    """A person's name as folded tokens, without generations (Jr., Sr.)."""
    parted = _parted(name)
    return tuple(_ending(part) for part in parted if part not in GENERATIONS) or parted


def _parted(name: str) -> Tokens:
    return tuple(part for part in (part.strip(_MARKS) for part in _BREAK.split(fold(name))) if part)


def generation(name: str) -> str:
    """What tells a person from another of the same name: ``jr``, ``sr``, ``ii``; else nothing."""
    parted = _parted(name)
    return parted[-1] if len(parted) > 1 and parted[-1] in GENERATIONS else ""


def word(token: str) -> str:
    """One written word, folded and without its full stop: ``Sen.`` is ``sen``."""
    return fold(token).strip(".,:;()'\"")


def is_particle(token: str) -> bool:
    """Whether a small word belongs to the surname behind it: von, de, bin, al-."""
    return _BREAK.split(token.casefold())[0] in _PARTICLES


@lru_cache(maxsize=1)
def _nicknames() -> dict[str, frozenset[int]]:
    table: dict[str, frozenset[int]] = {}
    for number, line in enumerate(listed for kind, listed in rows("words", 2) if kind == "nickname"):
        for name in line.split():
            key = _ending(name)
            table[key] = table.get(key, frozenset()) | {number}
    return table


@lru_cache(maxsize=1)
def _given() -> dict[str, str]:
    table: dict[str, str] = {}
    for gender, listed in rows("given", 2):
        for name in listed.split():
            table[name] = gender if table.get(name, gender) == gender else "either"
    return table


def gender(given: str) -> str:
    """Who bears a given name: ``male``, ``female``, ``either``; nothing where it is not known as one."""
    return _given().get(fold(given).partition("-")[0], "")


def same_given(first: str, second: str) -> bool:
    """Whether two given names may be one: equal, an initial of the other, or short and long form."""
    if first == second:
        return True
    if 1 in (len(first), len(second)):
        return first[0] == second[0]
    table = _nicknames()
    return bool(table.get(first, frozenset()) & table.get(second, frozenset()))


def may_be_one(first: Tokens, second: Tokens) -> bool:
    """Whether two full names may be one person's.

    The surnames are equal and no given name contradicts: John A. Smith is not John B. Smith, Michelle Obama is
    not Barack Obama. A family name written first may also stand last (Xi Jinping, Jinping Xi).
    """
    if first == second or "".join(first) == "".join(second):
        return True
    if is_family_first(first) or is_family_first(second):
        return sorted(first) == sorted(second)
    if first[-1] != second[-1] or not same_given(first[0], second[0]):
        return False
    one, other = first[1:-1], second[1:-1]
    return all(same_given(a, b) for a, b in zip(one, other, strict=False))


def is_east_asian(name: str) -> bool:
    """Whether a name as it stands is written in East Asian order: 'Ang Wei-lun'."""
    return _HYPHENATED_GIVEN.fullmatch(name) is not None


def is_family_first(name: Tokens) -> bool:
    """Whether a full name begins with a family name of East Asian order."""
    return len(name) in (2, 3) and name[0] in FAMILY_FIRST and name[-1] not in FAMILY_FIRST


def has_second_surname(name: Tokens) -> bool:
    """Whether a full name may go by its second word: 'Bedoya' of Harold Bedoya Ruiz, not 'Paul' of John Paul Stone."""
    return (
        len(name) > _SHORT
        and gender(name[0]) != ""
        and len(name[1]) > _SHORT
        and gender(name[1]) == ""
        and name[1] not in _PARTICLES
    )


def without_titles(name: str) -> str:
    """The name behind its titles: ``US President Joe Biden`` is ``Joe Biden``; empty when there are only titles."""
    found = list(re.finditer(r"\S+", name))
    folded = [word(match[0]) for match in found]
    cut = 0
    while cut < len(found) and (folded[cut] in TITLES or (folded[cut] in LEADING_TITLES and len(found) > 1)):
        cut += 1
    for place in range(len(found) - 1, cut - 1, -1):
        if folded[place] in TITLES and any(w not in GENERATIONS for w in folded[place + 1 :]):
            cut = place + 1
            break
    if cut >= len(found):
        return ""
    return name[found[cut].start() :]
