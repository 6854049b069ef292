# ruff: noqa: RUF001 - typographic marks are what texts hold
"""Who and what a document is about: one entry for each person, organisation and place, with every mention.

Pure: a tagger's marks in, entities out; the tagger itself is `wireroom.adapters.tagger`. How marks become mentions is
told in `wireroom.repair`; how mentions become entities:

1. A known name is one entity in all its forms ('US', 'U.S.', 'the United States'), shown by the table's name.
2. People are joined by `wireroom.people`, bodies by `wireroom.bodies`; other names by their folded form.
3. An entity is shown by its fullest form; capitals only when it is never written otherwise.
4. Demonyms ('Russian') are entities of type ``other``; they are not merged into the country. A capital that stands
   for its government stays a place. Both carry a mark that says which country (`wireroom.governments`).
5. A Wikidata identifier stands only for known names that mean one thing.
6. The first `MAX_TEXT` code points are read.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypedDict

from wireroom import bodies, governments
from wireroom.bignames import in_small_letters, with_big_names
from wireroom.gazetteer import Entry, Type, find, lookup
from wireroom.marks import standing_alone
from wireroom.mentions import LAST_WORD, Mention, apart
from wireroom.names import HONORIFIC_OF, fold, word
from wireroom.namesakes import without_namesakes
from wireroom.people import People
from wireroom.repair import repair
from wireroom.spans import LABELS, Span, clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["MAX_TEXT", "VERSION", "Entity", "EntityData", "Span", "enrich", "join", "tag_by_rules"]

VERSION = "2"
"""Grows when the same text and marks would give other entities."""

MAX_TEXT = 200_000
"""Code points of a text that are read; what stands behind is not (warning ``entities_truncated``)."""

_SURNAME = 5
"""Letters from which a person's name in capitals is no initials (JFK, MBS)."""

Joined = dict[tuple[str, str], tuple[str, object]]


@dataclass(frozen=True, slots=True)
class StandsFor:
    """The country or union that a name speaks of without being its name.

    Attributes:
        name: of the country or union.
        how: ``people`` (a demonym: Russian, Russians) or ``government`` (its capital or seat: 'Moscow said').
        mentions: which of the entity's mentions do.
        wikidata: identifier of the country, or None where it is not certain.
    """

    name: str
    how: Literal["people", "government"]
    mentions: tuple[tuple[int, int], ...]
    wikidata: str | None = None


@dataclass(frozen=True, slots=True)
class Entity:
    """One entity of a document.

    Attributes:
        name: its fullest form here, or the name a table knows it by.
        type: person, organisation, place or other.
        count: how often it is mentioned.
        mentions: where: (first code point, one behind the last), in order.
        wikidata: identifier such as ``Q159``, or None where it is not certain.
        stands_for: whose government or people some of the mentions speak of, if any do.
    """

    name: str
    type: Type
    count: int
    mentions: tuple[tuple[int, int], ...]
    wikidata: str | None = None
    stands_for: StandsFor | None = None


class StandsForData(TypedDict):
    """A mark as it is published."""

    name: str
    how: Literal["people", "government"]
    mentions: list[list[int]]
    wikidata: str | None


class EntityData(TypedDict):
    """An entity as it is published."""

    name: str
    type: Type
    count: int
    mentions: list[list[int]]
    wikidata: str | None
    stands_for: StandsForData | None


def tag_by_rules(text: str) -> tuple[Span, ...]:
    """Marks of the names that tables know: for texts in a language without a model.

    Args:
        text: any text; the first `MAX_TEXT` code points are read.
    """
    text = text[:MAX_TEXT]
    return tuple(
        Span(hit.start, hit.end, LABELS[hit.entry.type], text[hit.start : hit.end])
        for hit in find(text)
        if standing_alone(text, hit)
    )


def join(
    text: str, spans: Sequence[Span], title_spans: Iterable[Span] = (), *, english: bool = True
) -> tuple[Entity, ...]:
    """The entities of a text: the most frequent first, then by first mention.

    Args:
        text: the document; the first `MAX_TEXT` code points are read.
        spans: a tagger's marks in it.
        title_spans: a tagger's marks in its title: full names there join surnames in the text.
        english: whether it is in English: in other languages words without a capital may belong to a name.
    """
    text = text[:MAX_TEXT]
    known = {
        piece.text
        for span in title_spans
        if span.type == "person"
        for piece in clean(span)
        if " " in piece.text
    }
    spans = with_big_names(text, spans)
    found = apart([*repair(text, spans, known, english=english), *in_small_letters(text)])
    found = without_namesakes(text, found)
    people = People(_named(found, known))
    joined = _bodies(text, found)
    events = _events(found)
    groups: dict[tuple[str, object], list[Mention]] = {}
    for mention in found:
        groups.setdefault(_key(text, mention, people, joined, events), []).append(mention)
    titled = {name: people.whose(name) for name in known}
    acting = _acting(text, found)
    entities = (_entity(key, group, titled, acting) for key, group in groups.items())
    return tuple(sorted(entities, key=lambda e: (-e.count, e.mentions[0])))


def _named(found: Iterable[Mention], known: Iterable[str]) -> dict[str, int]:
    """The names of people and where each is first named; those of the title before all."""
    named = dict.fromkeys(known, -1)
    for mention in found:
        if mention.type == "person":
            named.setdefault(mention.meant, mention.start)
    return named


def _events(found: Iterable[Mention]) -> dict[str, str]:
    """Folded short name → folded long name: 'Odette' of Hurricane Odette, where it is one's only."""
    short: dict[str, set[str]] = {}
    for mention in found:
        if mention.type == "other" and mention.entry is None and " " in mention.text:
            long = fold(mention.text)
            short.setdefault(long.rpartition(" ")[2], set()).add(long)
    return {name: next(iter(longs)) for name, longs in short.items() if len(longs) == 1}


def _acting(text: str, found: Sequence[Mention]) -> set[tuple[int, int]]:
    seats = [
        (m.start, m.end, m.entry)
        for m in found
        if m.entry is not None and not m.filed and governments.country_of(m.entry) is not None
    ]
    return governments.standing(text, seats)


def enrich(
    text: str,
    title: str | None,
    spans: Sequence[Span],
    title_spans: Sequence[Span] = (),
    *,
    english: bool = True,
) -> list[EntityData]:
    """The entities of a document as they are published.

    Args:
        text: the document's text: offsets count in it.
        title: its title; used only where ``title_spans`` are given.
        spans: a tagger's marks in the text, or `tag_by_rules`.
        title_spans: its marks in the title.
        english: whether it is in English.
    """
    return [
        EntityData(
            name=entity.name,
            type=entity.type,
            count=entity.count,
            mentions=[[start, end] for start, end in entity.mentions],
            wikidata=entity.wikidata,
            stands_for=_marked(entity.stands_for),
        )
        for entity in join(text, spans, title_spans if title else (), english=english)
    ]


def _marked(mark: StandsFor | None) -> StandsForData | None:
    if mark is None:
        return None
    places = [[start, end] for start, end in mark.mentions]
    return StandsForData(name=mark.name, how=mark.how, mentions=places, wikidata=mark.wikidata)


def _bodies(text: str, found: Sequence[Mention]) -> Joined:
    """For each body that no table knows, (its text, its country), the group it belongs to."""
    own = [m for m in found if m.type == "organisation" and m.entry is None]
    named = {m.text: m.entry.name for m in found if m.type == "organisation" and m.entry is not None}
    known = {bodies.key(name): told for name, told in named.items()}
    short_of = bodies.stated(text, [(m.start, m.end) for m in own])
    owner = bodies.resolve((m.text for m in own), short_of, named)
    countries: dict[str, set[str]] = {}
    for mention in own:
        if mention.country:
            countries.setdefault(_general(mention), set()).add(mention.country)
    out: Joined = {}
    for mention in own:
        general = _general(mention)
        whose = {mention.country} if mention.country else countries.get(general, set())
        longer = {name for key, name in known.items() if key.endswith(f" {general}")}
        if len(whose) == 1:
            out[mention.text, mention.country] = ("organisation", (general, next(iter(whose))))
        elif owner[bodies.key(mention.text)] in known:
            out[mention.text, mention.country] = ("known", known[owner[bodies.key(mention.text)]])
        elif " " in general and len(longer) == 1:
            out[mention.text, mention.country] = ("known", next(iter(longer)))
        else:
            out[mention.text, mention.country] = ("organisation", (owner[bodies.key(mention.text)], ""))
    return out


def _general(mention: Mention) -> str:
    """A general body's key without whose it is: 'Chinese Foreign Ministry' is 'foreign ministry'."""
    if not mention.country:
        return bodies.key(mention.text)
    hits = find(mention.text)
    rest = mention.text[hits[0].end :] if hits and hits[0].start == 0 else mention.text
    return bodies.key(rest.removeprefix("'s").removeprefix("’s").strip())


def _key(
    text: str, mention: Mention, people: People, joined: Joined, events: Mapping[str, str]
) -> tuple[str, object]:
    if mention.entry is not None:
        return ("known", mention.entry.name)
    if mention.type == "person":
        return ("person", people.whose(mention.meant, mention.start, _sex(text, mention)))
    if mention.type == "organisation":
        return joined[mention.text, mention.country]
    folded = fold(mention.text)
    return (mention.type, events.get(folded, folded) if mention.type == "other" else folded)


def _sex(text: str, mention: Mention) -> str:
    """What the honorific before a name says: 'Mrs. Brandt'."""
    before = LAST_WORD.search(text, max(0, mention.start - 12), mention.start)
    return HONORIFIC_OF.get(word(before[1]), "") if before is not None else ""


def _entity(
    key: tuple[str, object],
    group: Sequence[Mention],
    titled: Mapping[str, object],
    acting: set[tuple[int, int]],
) -> Entity:
    places = tuple((m.start, m.end) for m in group)
    entry = next((m.entry for m in group if m.entry is not None), None)
    if entry is not None:
        mark = _standing(entry, places, acting)
        return Entity(entry.name, entry.type, len(group), places, entry.wikidata, mark)
    kind = group[0].type
    forms = Counter(" ".join(m.meant.split()) for m in group)
    forms.update(name for name, whose in titled.items() if key == ("person", whose))
    return Entity(_fullest(forms, kind), kind, len(group), places)


def _standing(
    entry: Entry, places: tuple[tuple[int, int], ...], acting: set[tuple[int, int]]
) -> StandsFor | None:
    how: Literal["people", "government"] = "people" if entry.group else "government"
    country = lookup(entry.country or "") if entry.group else governments.country_of(entry)
    marked = places if entry.group else tuple(place for place in places if place in acting)
    if country is None or not marked:
        return None
    return StandsFor(country.name, how, marked, country.wikidata)


def _fullest(forms: Counter[str], kind: Type) -> str:
    """The form of most words; of equals one that is not in capitals, then the most frequent, then the longest."""
    name = max(forms, key=lambda f: (len(f.split()), not f.isupper(), forms[f], len(f), f))
    initials = bodies.is_acronym(name) and (kind != "person" or len(name) < _SURNAME)
    if name.isupper() and (kind in ("person", "place") or " " in name) and not initials:
        return name.title()
    return name
