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
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
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
            found.setdefault(alias, entry)

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


def _pattern(aliases: Iterable[str], flags: int) -> re.Pattern[str]:
    by_first: dict[str, list[str]] = {}
    for alias in sorted(aliases, key=lambda a: (-len(a), a)):
        rest = (
            re.escape(alias[1:])
            .replace(r"\ ", r"[ \u00a0]")
            .replace("'", "['’]")
            .replace(r"\-", r"[-\u2010\u2011]")
        )
        by_first.setdefault(alias[0], []).append(rest)
    body = "|".join(f"{re.escape(first)}(?:{'|'.join(rests)})" for first, rests in by_first.items())
    return re.compile(rf"(?<![\w@#])(?:{body})(?!\w)", flags)


@lru_cache(maxsize=1)
def _cased() -> re.Pattern[str]:
    return _pattern(table(), 0)


@lru_cache(maxsize=1)
def _uncased() -> re.Pattern[str]:
    names = (a for a, e in table().items() if len(a) >= _MIN_UNCASED and not e.flags and a != "Polish")
    return _pattern({a.casefold() for a in names}, re.IGNORECASE)


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
    if is_lower_case(text):
        folded = _folded()
        matches = ((m, folded.get(_plain(m[0]).casefold())) for m in _uncased().finditer(text))
        return tuple(Hit(m.start(), m.end(), entry) for m, entry in matches if entry is not None)
    hits = []
    for match in _cased().finditer(text):
        name = match[0]
        if name in _SHOUTED_WORDS and is_shouted(text, match.start()):
            continue
        entry = lookup(name)
        if entry is not None:
            hits.append(Hit(match.start(), match.end(), entry))
    return tuple(hits)


def overlapping(hits: Sequence[Hit], start: int, end: int) -> list[Hit]:
    """The hits, in order and none overlapping another, that share a code point with ``start`` to ``end``."""
    at = bisect_left(hits, start, key=lambda hit: hit.end - 1)
    inside = []
    while at < len(hits) and hits[at].start < end:
        inside.append(hits[at])
        at += 1
    return inside
