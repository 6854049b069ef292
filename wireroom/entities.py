# ruff: noqa: RUF001 - typographic marks are what texts hold
"""Who and what a document is about: one entry for each person, organisation and place, with every mention.

Pure: a tagger's marks in, entities out; the tagger itself is `wireroom.adapters.tagger`. How marks become mentions is
told in `wireroom.repair`; how mentions become entities:

1. A known name is one entity in all its forms ('US', 'U.S.', 'the United States'), shown by the table's name.
2. People are joined by `wireroom.people`, bodies by `wireroom.bodies`; other names by their folded form.
3. An entity is shown by its fullest form; capitals only when it is never written otherwise.
4. Demonyms ('Russian') are entities of type ``other``; they are not merged into the country. A capital that stands
   for its government stays a place.
5. A Wikidata identifier stands only for known names that mean one thing.
6. The first `MAX_TEXT` code points are read.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from wireroom import bodies, people
from wireroom.gazetteer import Type, find
from wireroom.mentions import Mention
from wireroom.names import Tokens, fold, tokens
from wireroom.repair import repair, standing_alone
from wireroom.spans import Span, clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["MAX_TEXT", "VERSION", "Entity", "EntityData", "Span", "enrich", "join", "tag_by_rules"]

VERSION = "1"
"""Grows when the same text and marks would give other entities."""

MAX_TEXT = 200_000
"""Code points of a text that are read; what stands behind is not (warning ``entities_truncated``)."""

Joined = dict[tuple[str, str], tuple[str, object]]

_LABELS: dict[Type, str] = {"place": "GPE", "organisation": "ORG", "other": "NORP", "person": "PERSON"}


@dataclass(frozen=True, slots=True)
class Entity:
    """One entity of a document.

    Attributes:
        name: its fullest form here, or the name a table knows it by.
        type: person, organisation, place or other.
        count: how often it is mentioned.
        mentions: where: (first code point, one behind the last), in order.
        wikidata: identifier such as ``Q159``, or None where it is not certain.
    """

    name: str
    type: Type
    count: int
    mentions: tuple[tuple[int, int], ...]
    wikidata: str | None = None


class EntityData(TypedDict):
    """An entity as it is published."""

    name: str
    type: Type
    count: int
    mentions: list[list[int]]
    wikidata: str | None


def tag_by_rules(text: str) -> tuple[Span, ...]:
    """Marks of the names that tables know: for texts in a language without a model.

    Args:
        text: any text; the first `MAX_TEXT` code points are read.
    """
    text = text[:MAX_TEXT]
    return tuple(
        Span(hit.start, hit.end, _LABELS[hit.entry.type], text[hit.start : hit.end])
        for hit in find(text)
        if standing_alone(text, hit)
    )


def join(text: str, spans: Sequence[Span], title_spans: Iterable[Span] = ()) -> tuple[Entity, ...]:
    """The entities of a text: the most frequent first, then by first mention.

    Args:
        text: the document; the first `MAX_TEXT` code points are read.
        spans: a tagger's marks in it.
        title_spans: a tagger's marks in its title: full names there join surnames in the text.
    """
    text = text[:MAX_TEXT]
    known = {
        piece.text
        for span in title_spans
        if span.type == "person"
        for piece in clean(span)
        if " " in piece.text
    }
    found = repair(text, spans, known)
    owners = people.resolve([*(m.text for m in found if m.type == "person"), *known])
    joined = _bodies(text, found)
    groups: dict[tuple[str, object], list[Mention]] = {}
    for mention in found:
        groups.setdefault(_key(mention, owners, joined), []).append(mention)
    entities = (_entity(group, known, owners) for group in groups.values())
    return tuple(sorted(entities, key=lambda e: (-e.count, e.mentions[0])))


def enrich(
    text: str, title: str | None, spans: Sequence[Span], title_spans: Sequence[Span] = ()
) -> list[EntityData]:
    """The entities of a document as they are published.

    Args:
        text: the document's text: offsets count in it.
        title: its title; used only where ``title_spans`` are given.
        spans: a tagger's marks in the text, or `tag_by_rules`.
        title_spans: its marks in the title.
    """
    return [
        EntityData(
            name=entity.name,
            type=entity.type,
            count=entity.count,
            mentions=[[start, end] for start, end in entity.mentions],
            wikidata=entity.wikidata,
        )
        for entity in join(text, spans, title_spans if title else ())
    ]


def _bodies(text: str, found: Sequence[Mention]) -> Joined:
    """For each body that no table knows, (its text, its country), the group it belongs to."""
    own = [m for m in found if m.type == "organisation" and m.entry is None]
    known = {
        bodies.key(m.text): m.entry.name for m in found if m.type == "organisation" and m.entry is not None
    }
    short_of = bodies.stated(text, [(m.start, m.end) for m in own])
    owner = bodies.resolve((m.text for m in own), short_of, known)
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


def _key(mention: Mention, owners: people.Owners, joined: Joined) -> tuple[str, object]:
    if mention.entry is not None:
        return ("known", mention.entry.name)
    if mention.type == "person":
        form: Tokens = tokens(mention.text)
        return ("person", owners.get(form, form))
    if mention.type == "organisation":
        return joined[mention.text, mention.country]
    return (mention.type, fold(mention.text))


def _entity(group: Sequence[Mention], known: Iterable[str], owners: people.Owners) -> Entity:
    places = tuple((m.start, m.end) for m in group)
    entry = next((m.entry for m in group if m.entry is not None), None)
    if entry is not None:
        return Entity(entry.name, entry.type, len(group), places, entry.wikidata)
    kind = group[0].type
    forms = Counter(" ".join(m.text.split()) for m in group)
    if kind == "person":
        mine = owners.get(tokens(group[0].text))
        forms.update(name for name in known if owners.get(tokens(name)) == mine)
    return Entity(_fullest(forms, kind), kind, len(group), places)


def _fullest(forms: Counter[str], kind: Type) -> str:
    """The form of most words; of equals one that is not in capitals, then the most frequent, then the longest."""
    name = max(forms, key=lambda f: (len(f.split()), not f.isupper(), forms[f], len(f), f))
    if name.isupper() and (kind in ("person", "place") or " " in name) and not bodies.is_acronym(name):
        return name.title()
    return name
