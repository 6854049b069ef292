# ruff: noqa: RUF001 - typographic marks are what texts hold
"""Where entities are named in a text: a tagger's marks, repaired by what is known. Pure.

1. The edges of every mark are repaired (`wireroom.spans`).
2. Known names beat the tagger, and so do names that tell their kind (`wireroom.marks`, `wireroom.kinds`): 'Kiev may try'
   is about a place, 'Uyghur Muslims' are no person. Names that people bear too (Jordan, Paris) are places only where
   nobody bears them.
3. A dateline's capitals are a place; so is a town before a state's abbreviation (Gary, Ind.). The agency in a dateline,
   a byline or a credit is dropped.
4. Who is a person is told by honorifics and full names (`wireroom.bearers`), which short name is a body's by its long
   name (`wireroom.shortnames`).
5. Other names have one type in one document: the most frequent.
6. A single word at the beginning of a sentence that the text also writes small is no name.
7. Occurrences of a person's or body's name that the tagger passed over are added (`wireroom.mentions`).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from wireroom import names
from wireroom.bearers import persons
from wireroom.bodies import bracketed, explained, is_acronym
from wireroom.casing import starts_sentence
from wireroom.commonwords import NEWS, STOP
from wireroom.datelines import credits_of, datelines, is_agency
from wireroom.gazetteer import Entry, Type, find, lookup
from wireroom.kinds import unmarked
from wireroom.marks import mentions_of, untaken
from wireroom.mentions import SMALL_WORD, Mention, apart, owned, passed_over
from wireroom.shortnames import bodies_named
from wireroom.spans import addresses
from wireroom.tables import rows, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wireroom.spans import Span

_SENDERS = frozenset({"agency", "broadcaster"})
_SURE = 1000
"""Votes of a mention whose own words say what it is."""
_OFFICES = words("office")
_STATE = re.compile(
    r"(?:(?<![\w.'’-])(?P<town>[A-ZÀ-Þ][\w.'’-]{0,30}\w(?: [A-ZÀ-Þ][\w.'’-]{0,30}\w){0,2}), |[DR]-)(?P<state>(?:[NSW]\. ?)?[A-Z][A-Za-z]{0,5}\.)(?!\w)"
)


def repair(
    text: str, spans: Sequence[Span], full_names: Iterable[str] = (), *, english: bool = True
) -> tuple[Mention, ...]:
    """Every mention in order, none overlapping another.

    Args:
        text: the document.
        spans: the tagger's marks; marks that do not fit the text are taken by their offsets.
        full_names: names of people known from outside the text (its title).
        english: whether the text is in English.
    """
    sent, out = credits_of(text), addresses(text)
    own, others = _explained(text)
    hits = [
        hit
        for hit in find(text)
        if not (hit.entry.flags & _SENDERS and _covered(sent, hit.start))
        and text[hit.start : hit.end] not in others
        and not _covered(out, hit.start)
    ]
    small = frozenset(SMALL_WORD.findall(text))
    found = [*_filed(text), *_stated(text), *own, *unmarked(text, small)]
    for name, mentions in mentions_of(text, spans, hits, english=english):
        if not (_covered(sent, name.start) and _is_sender(name.text)) and not _covered(out, name.start):
            found += mentions
    taken = apart(found)
    taken = apart([*taken, *untaken(text, hits, taken)])
    people = {m.meant for m in taken if m.type == "person"} | set(full_names)
    told = list(persons(text, taken, people, small))
    borne = {names.tokens(m.meant)[-1:] for m in told if m.type == "person" and " " in m.meant}
    kept = _agreed(text, bodies_named(told, borne), small)
    kept = list(apart([*kept, *_bracketed(text, kept)]))
    return apart([*(owned(text, m, hits) for m in kept), *passed_over(text, kept, small)])


def _covered(regions: Sequence[tuple[int, int]], at: int) -> bool:
    place = bisect_left(regions, (at + 1,))
    return any(start <= at < end for start, end in regions[max(0, place - 3) : place])


def _is_sender(name: str) -> bool:
    known = lookup(name)
    return bool(known.flags & _SENDERS) if known else is_acronym(name)


def _explained(text: str) -> tuple[list[Mention], set[str]]:
    """Bodies a text explains the acronym of, and the acronyms that are then not what the tables say."""
    found, others = [], set()
    for start, end, short in explained(text):
        long, known = text[start:end], lookup(short)
        if lookup(long) is None:
            found.append(Mention(start, end, long, "organisation"))
            found.append(
                Mention(text.index(short, end), text.index(short, end) + len(short), short, "organisation")
            )
        if known is not None and known != lookup(long):
            others.add(short)
    return found, others


def _filed(text: str) -> list[Mention]:
    found = []
    for line in datelines(text):
        name = text[line.start : line.end]
        entry = lookup(name) or lookup(name.title())
        sent = any(is_agency(part.strip()) for part in line.agency.split("/"))
        if entry is not None and entry.type == "place":
            found.append(Mention(line.start, line.end, name, "place", entry, filed=True))
        elif entry is None and (
            sent or any(h.entry.type == "place" for h in find(text[line.end : line.until]))
        ):
            found.append(Mention(line.start, line.end, name, "place", filed=True))
    return found


@lru_cache(maxsize=1)
def _states() -> dict[str, Entry]:
    """Abbreviation → state of the United States."""
    found = {short: lookup(name) for short, name in rows("states", 2)}
    return {short: entry for short, entry in found.items() if entry is not None}


def _stated(text: str) -> Iterator[Mention]:
    """Towns before a state's abbreviation, and the states: 'Gary, Ind.', 'D-Ariz.'."""
    for match in _STATE.finditer(text):
        entry = _states().get(match["state"].replace(" ", ""))
        if entry is None:
            continue
        yield Mention(match.start("state"), match.end("state"), match["state"], "place", entry)
        if match["town"]:
            known = lookup(match["town"]) or lookup(match["town"].title())
            yield Mention(match.start("town"), match.end("town"), match["town"], "place", known, filed=True)


def _bracketed(text: str, found: Iterable[Mention]) -> Iterator[Mention]:
    for mention in found:
        if mention.type == "organisation" and mention.entry is None:
            short = bracketed(text, mention.end, mention.text)
            if short is not None and lookup(text[slice(*short)]) is None:
                yield Mention(*short, text[slice(*short)], "organisation")


def _is_ordinary(word: str) -> bool:
    """Whether one word is one that many texts hold: at the beginning of sentences alone it is no name."""
    folded = names.fold(word)
    return " " not in word and not word.isupper() and bool({folded, folded.removesuffix("s")} & (STOP | NEWS))


def _agreed(text: str, found: Sequence[Mention], small: frozenset[str]) -> list[Mention]:
    """Rules 5 and 6."""
    votes: dict[str, Counter[Type]] = {}
    for mention in found:
        if mention.entry is None and not mention.filed:
            votes.setdefault(names.fold(mention.text), Counter())[mention.type] += (
                _SURE if mention.sure else 1
            )
    places: dict[str, bool] = {}
    for mention in found:
        key = names.fold(mention.text)
        places[key] = places.get(key, True) and starts_sentence(text, mention.start)
    kept = []
    for mention in found:
        if mention.entry is not None or mention.filed:
            kept.append(mention)
            continue
        key = names.fold(mention.text)
        if places[key] and mention.text.lower() in small and not mention.text.isupper():
            continue
        if places[key] and _is_ordinary(mention.text):
            continue
        if mention.type != "person" and all(
            names.word(w) in names.TITLES | _OFFICES for w in mention.text.split()
        ):
            continue
        kept.append(replace(mention, type=votes[key].most_common(1)[0][0]))
    return kept
