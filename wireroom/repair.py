# ruff: noqa: RUF001 - typographic marks are what texts hold
"""Where entities are named in a text: a tagger's marks, repaired by what is known. Pure.

1. The edges of every mark are repaired (`wireroom.spans`).
2. Known names beat the tagger: 'Kiev may try' is about a place, 'Uyghur Muslims' are no person. A known name inside
   a longer name (Bank of China) stays part of it; several known names in one mark (Russia-China) are split.
   Names that people bear too (Jordan, Paris) are places only where nobody bears them.
3. A dateline's capitals are a place; the agency in a dateline, a byline or a credit is dropped.
4. A word with an honorific before it is a person ('Mr', 'President'); so is the surname of a full name that stands
   in the text, whatever the tagger made of it ('Jinping' as a product).
5. Other names have one type in one document: the most frequent.
6. A single word at the beginning of a sentence that the text also writes small is no name.
7. Occurrences of a person's or body's name that the tagger passed over are added (`wireroom.mentions`).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from wireroom import names
from wireroom.bodies import explained, is_acronym, without_legal_form
from wireroom.casing import starts_sentence
from wireroom.datelines import credits_of, datelines, is_agency
from wireroom.gazetteer import Hit, Type, find, lookup, overlapping
from wireroom.mentions import LAST_WORD, NEXT_WORD, OPENERS, SMALL_WORD, Mention, apart, owned, passed_over
from wireroom.spans import Span, clean
from wireroom.tables import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_JOINERS = re.compile(r"(?:[\s\-‐–—/,&]|\band\b|['’]s?\b)*")
_HYPHENATED = re.compile(r"-[^\W\d_]+\b")
_SENDERS = frozenset({"agency", "broadcaster"})
_FULL_NAME = re.compile(r"[A-ZÀ-Þ][\w'’-]+ [A-ZÀ-Þ][\w'’-]+")
_OFFICES = words("office")


def repair(text: str, spans: Sequence[Span], full_names: Iterable[str] = ()) -> tuple[Mention, ...]:
    """Every mention in order, none overlapping another.

    Args:
        text: the document.
        spans: the tagger's marks; marks that do not fit the text are taken by their offsets.
        full_names: names of people known from outside the text (its title).
    """
    sent = credits_of(text)
    own, others = _explained(text)
    hits = [
        hit
        for hit in find(text)
        if not (hit.entry.flags & _SENDERS and _covered(sent, hit.start))
        and text[hit.start : hit.end] not in others
    ]
    found = [*_filed(text), *own]
    for span in sorted(_fitting(text, spans), key=lambda s: (s.start, -s.end)):
        for piece in clean(span):
            if not (_covered(sent, piece.start) and _is_sender(piece.text)):
                found += _weigh(piece, hits)
    taken = apart(found)
    found = [*taken, *_untaken(text, hits, taken)]
    people = {m.text for m in found if m.type == "person"} | set(full_names)
    small = frozenset(SMALL_WORD.findall(text))
    kept = _agreed(text, _persons(text, apart(found), people, small), small)
    return apart([*(owned(text, m, hits) for m in kept), *passed_over(text, kept, small)])


def standing_alone(text: str, hit: Hit) -> bool:
    """Whether a known name that people bear too stands by itself: 'in Jordan', not 'Michael Jordan'."""
    if "word" in hit.entry.flags:
        return False
    if "person" not in hit.entry.flags:
        return True
    before = LAST_WORD.search(text, max(0, hit.start - 40), hit.start)
    after = NEXT_WORD.match(text, hit.end)
    if after and after[1][0].isupper() and lookup(after[1]) is None:
        return False
    return not (before and before[1][0].isupper() and names.fold(before[1]) not in OPENERS)


def _fitting(text: str, spans: Iterable[Span]) -> Iterable[Span]:
    for span in spans:
        start, end = max(0, span.start), min(span.end, len(text))
        if span.label in ("PERSON", "PER"):
            end = _whole_given_name(text, start, end)
        if start < end:
            yield span if span.text == text[start:end] else Span(start, end, span.label, text[start:end])


def _whole_given_name(text: str, start: int, end: int) -> int:
    """Where a name of East Asian order ends, if the tagger stopped at its hyphen: 'Yoon Suk-yeol'."""
    rest = _HYPHENATED.match(text, end)
    return rest.end() if rest and names.is_family_first(names.tokens(text[start:end])) else end


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
        elif sent and entry is None:
            found.append(Mention(line.start, line.end, name, "place", filed=True))
    return found


def _known(hit: Hit, text: str) -> Mention:
    return Mention(hit.start, hit.end, text, hit.entry.type, hit.entry)


def _weigh(span: Span, hits: Sequence[Hit]) -> list[Mention]:
    """A repaired mark against the known names in it (rule 2)."""
    assert span.type is not None
    body = without_legal_form(span.text) if span.type == "organisation" else span.text
    own = Mention(span.start, span.end, span.text, span.type, lookup(body) if body != span.text else None)
    inside = overlapping(hits, span.start, span.end)
    if not inside:
        return [own]
    first = inside[0]
    if first.start <= span.start and first.end >= span.end:
        flags = first.entry.flags
        if ("person" in flags and span.type == "person") or (
            "word" in flags and span.type != first.entry.type
        ):
            return [own]
        return [_known(first, span.text)] if (first.start, first.end) == (span.start, span.end) else []
    if any(h.start < span.start or h.end > span.end for h in inside):
        return []
    rest, at = "", span.start
    for hit in inside:
        rest += span.text[at - span.start : hit.start - span.start]
        at = hit.end
    rest += span.text[at - span.start :]
    if _JOINERS.fullmatch(rest) and not any("word" in h.entry.flags for h in inside):
        return [_known(h, span.text[h.start - span.start : h.end - span.start]) for h in inside]
    return _split(span, own, first, hits)


def _split(span: Span, own: Mention, first: Hit, hits: Sequence[Hit]) -> list[Mention]:
    """A mark that begins with a known name: 'Russian Jane Roe', 'China's Foreign Ministry', 'Bank of China'."""
    if first.start != span.start or first.entry.flags & {"person", "word"}:
        return [own]
    tail = span.cut(first.end - span.start, len(span.text))
    owns = (
        span.type == "organisation" and tail.text.startswith(("'s ", "’s ")) and first.entry.type == "place"
    )
    if span.type == "person" and first.entry.type == "organisation" and len(tail.text.split()) == 1:
        return [replace(own, type="other")]
    if owns or span.type == "person":
        rest = tail.cut(3, len(tail.text)) if owns else tail
        known = _known(first, span.text[: first.end - span.start])
        return [known, *(m for piece in clean(rest) for m in _weigh(piece, hits))]
    return [own]


def _untaken(text: str, hits: Sequence[Hit], taken: Sequence[Mention]) -> list[Mention]:
    starts = [m.start for m in taken]
    free = []
    for hit in hits:
        at = bisect_left(starts, hit.end)
        if (at == 0 or taken[at - 1].end <= hit.start) and standing_alone(text, hit):
            free.append(_known(hit, text[hit.start : hit.end]))
    return free


def _persons(
    text: str, found: Sequence[Mention], people: Iterable[str], small: frozenset[str]
) -> list[Mention]:
    """Rule 4."""
    forms = {names.tokens(name) for name in people} - {()}
    ends = {full[-count:] for full in forms if len(full) > 1 for count in range(1, len(full) + 1)}
    ends |= {full[:1] for full in forms if names.is_family_first(full)}
    out = []
    for mention in found:
        form = names.tokens(mention.text)
        carries = form in ends or (_FULL_NAME.fullmatch(mention.text) is not None and form[-1:] in forms)
        if mention.type != "person" and _is_open(text, mention) and (carries or _is_titled(text, mention)):
            mention = replace(mention, type="person", entry=None)  # noqa: PLW2901 - the repaired one takes its place
        if mention.type == "person":
            mention = _without_verb(text, mention, ends, small)  # noqa: PLW2901
        out.append(mention)
    return out


def _is_open(text: str, mention: Mention) -> bool:
    """Whether a mention may turn out to be a person: no dateline, no place behind 'in', no name that is only a place's."""
    if mention.entry is None:
        return not mention.filed
    before = text[max(0, mention.start - 9) : mention.start]
    return (
        "person" in mention.entry.flags
        and not mention.filed
        and not before.endswith((" in ", " near ", " outside "))
    )


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


def _agreed(text: str, found: Sequence[Mention], small: frozenset[str]) -> list[Mention]:
    """Rules 5 and 6."""
    votes: dict[str, Counter[Type]] = {}
    for mention in found:
        if mention.entry is None:
            votes.setdefault(names.fold(mention.text), Counter())[mention.type] += 1
    places: dict[str, bool] = {}
    for mention in found:
        key = names.fold(mention.text)
        places[key] = places.get(key, True) and starts_sentence(text, mention.start)
    kept = []
    for mention in found:
        if mention.entry is not None:
            kept.append(mention)
            continue
        key = names.fold(mention.text)
        if places[key] and mention.text.lower() in small and not mention.text.isupper():
            continue
        if mention.type != "person" and all(
            names.word(w) in names.TITLES | _OFFICES for w in mention.text.split()
        ):
            continue
        kept.append(replace(mention, type=votes[key].most_common(1)[0][0]))
    return kept
