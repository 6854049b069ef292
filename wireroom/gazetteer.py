# ruff: noqa: RUF001 - typographic marks are what texts hold
"""Names that are known without a model: countries, cities, bodies, and the words for their people.

Pure: the tables are packaged data (``wireroom/data/*.tsv``), read once. An alias is matched as it is written, or in
capitals from four letters up, so that 'us' is no country and 'MOSCOW' is Moscow. A Wikidata identifier stands only
where the name can mean one thing.

Flags of a row:
    person     also a given name or surname (Jordan, Paris): somebody's name beats the table
    place      also another place (Georgia, Washington): no identifier
    word       also an ordinary word (West, Quad): counts only where the model tagged it too
    agency     a news agency: not a party of the story where it stands in a dateline or a credit
    broadcaster  a broadcaster; for readers of the table
An alias with ``~`` behind it has the flag ``person`` by itself (Holland), one with ``^`` the flag ``word`` (Labour).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from wireroom.casing import is_lower_case, is_shouted
from wireroom.tables import rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Type = Literal["person", "organisation", "place", "other"]
MIN_CAPS = 4
"""Letters from which a name written in capitals is looked up without its case."""
_MIN_UNCASED = 5
_SHOUTED_WORDS = frozenset({"US", "WHO", "WEST", "QUAD", "READING", "TURKEY", "POLISH", "ICE"})
_ALSO = {"~": "person", "^": "word"}
_VARIANTS = str.maketrans({"’": "'", "\u00a0": " ", "\u2010": "-", "\u2011": "-"})
"""Marks that are written in several ways; each stays one code point."""
_WORD = re.compile(r"(?<![\w@#])\w+")


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the tables.

    Attributes:
        name: the name it is shown by, whatever form was seen.
        type: place, organisation, or other for a demonym.
        wikidata: identifier such as ``Q159``, or None where it is not certain.
        flags: see the module.
        group: whether it is a people, faith or camp (Russian, Muslims): a mark, never a party.
        country: whose people a demonym names.
    """

    name: str
    type: Type
    wikidata: str | None = None
    flags: frozenset[str] = frozenset()
    group: bool = False
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """Where an entry's name stands: offsets in code points."""

    start: int
    end: int
    entry: Entry


def _aliases(cell: str) -> list[str]:
    return [alias for alias in cell.split("|") if alias]


@lru_cache(maxsize=1)
def table() -> Mapping[str, Entry]:
    """Every alias and its entry; the first row that claims an alias keeps it."""
    found: dict[str, Entry] = {}

    def add(entry: Entry, names: Iterable[str]) -> None:
        for alias in names:
            flag = _ALSO.get(alias[-1])
            bare = alias[:-1] if flag else alias
            mine = replace(entry, flags=entry.flags | {flag}) if flag else entry
            found.setdefault(bare, mine)

    for name, wikidata, flags, demonyms, aliases in rows("countries", 5):
        country = Entry(name, "place", wikidata or None, frozenset(flags.split()))
        add(country, [name, *_aliases(aliases)])
        forms = _aliases(demonyms)
        if forms:
            add(Entry(forms[0], "other", group=True, country=name), forms)
    for (name,) in rows("groups", 1):
        singular = found.get(name.removesuffix("s"))
        entry = singular if singular and singular.group else Entry(name, "other", group=True)
        add(entry, [name])
    kinds: tuple[tuple[str, Type], ...] = (("places", "place"), ("bodies", "organisation"))
    for file, kind in kinds:
        for name, wikidata, flags, aliases in rows(file, 4):
            add(Entry(name, kind, wikidata or None, frozenset(flags.split())), [name, *_aliases(aliases)])
    for alias, entry in list(found.items()):
        if len(alias) >= MIN_CAPS:
            found.setdefault(alias.upper(), entry)
    return found


@lru_cache(maxsize=1)
def _folded() -> Mapping[str, Entry]:
    return {_plain(alias).casefold(): entry for alias, entry in reversed(list(table().items()))}


def _plain(name: str) -> str:
    return " ".join(name.replace("’", "'").split())


@lru_cache(maxsize=2)
def _index(*, cased: bool) -> Mapping[str, tuple[tuple[str, Entry], ...]]:
    """First word of an alias → the aliases that begin with it and their entries, the longest first."""
    if cased:
        aliases = dict(table())
    else:
        known = (
            (a, e) for a, e in table().items() if len(a) >= _MIN_UNCASED and not e.flags and a != "Polish"
        )
        aliases = {_lowered(alias): entry for alias, entry in reversed(list(known))}
    found: dict[str, list[tuple[str, Entry]]] = {}
    for alias, entry in sorted(aliases.items(), key=lambda pair: (-len(pair[0]), pair[0])):
        first = _WORD.search(alias)
        if first is not None:
            found.setdefault(first[0], []).append((alias, entry))
    return {word: tuple(listed) for word, listed in found.items()}


def _lowered(text: str) -> str:
    """In small letters, each code point where it was."""
    small = text.lower()
    return small if len(small) == len(text) else "".join(c.lower()[:1] for c in text)


def lookup(name: str) -> Entry | None:
    """The entry of a name as it is written, or in capitals; None if no table knows it."""
    plain = _plain(name)
    entry = table().get(plain)
    if entry is None and plain.isupper() and len(plain) >= MIN_CAPS:
        entry = _folded().get(plain.casefold())
    return entry


def find(text: str) -> tuple[Hit, ...]:
    """Every place where a known name stands, in order, the longest name at each.

    In a line of capitals a name that is also a word there ('GIVE US MORE', 'WHO SAYS') is left out. A text without
    capitals is searched without case, for long names that are nothing else.
    """
    cased = not is_lower_case(text)
    plain = text.translate(_VARIANTS)
    plain = plain if cased else _lowered(plain)
    index = _index(cased=cased)
    hits = []
    until = 0
    for match in _WORD.finditer(plain):
        start = match.start()
        if start < until or match[0] not in index:
            continue
        for alias, entry in index[match[0]]:
            end = start + len(alias)
            if plain.startswith(alias, start) and not (end < len(plain) and _is_word(plain[end])):
                until = end
                if not (alias in _SHOUTED_WORDS and is_shouted(text, start)):
                    hits.append(Hit(start, end, entry))
                break
    return tuple(hits)


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_"


def overlapping(hits: Sequence[Hit], start: int, end: int) -> list[Hit]:
    """The hits, in order and none overlapping another, that share a code point with ``start`` to ``end``."""
    at = bisect_left(hits, start, key=lambda hit: hit.end - 1)
    inside = []
    while at < len(hits) and hits[at].start < end:
        inside.append(hits[at])
        at += 1
    return inside
