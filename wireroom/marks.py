# ruff: noqa: RUF001 - typographic marks are what texts hold
"""What a tagger's marks become when they are weighed against what is known. Pure.

1. A mark that stops inside a name is made whole ('Yoon Suk' of 'Yoon Suk-yeol', 'Jan van' of 'Jan van der Velde'); one
   behind # or @ is none.
2. What its own words tell beats its label (`wireroom.kinds`).
3. Known names beat the tagger, unless people bear them too or they are ordinary words; a known name inside a longer name
   stays part of it; several in one mark are split.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import replace
from typing import TYPE_CHECKING

from wireroom import names
from wireroom.bodies import without_legal_form
from wireroom.casing import is_shouted, starts_sentence
from wireroom.gazetteer import Hit, lookup, overlapping
from wireroom.kinds import is_given, is_where, told
from wireroom.mentions import LAST_WORD, NEXT_WORD, OPENERS, Mention
from wireroom.spans import LABELS, Span, clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_JOINERS = re.compile(r"(?:[\s\-‐–—/,&]|\band\b|['’]s?\b)*")
_HYPHENATED = re.compile(r"-[^\W\d_]+\b")
_MORE = re.compile(
    r"(?:(?<=[ -])|[ ])(?:(?:van|von|der|den|de|da|di|do|dos|du|la|bin|ibn|al|el|ter)[ -]){1,3}[A-ZÀ-Þ][\w'’-]*\w"
)
_BEFORE = re.compile(r"(?:[A-ZÀ-Þ][\w'’-]*\w )(?:(?:van|von|der|den|de|da|di|do|dos|du|bin|ibn|ter) ){0,3}$")
_AROUND = 40


def mentions_of(
    text: str, spans: Iterable[Span], hits: Sequence[Hit], *, english: bool = True
) -> Iterator[tuple[Span, list[Mention]]]:
    """Each name in the marks, its edges repaired, and the mentions it is.

    Args:
        text: the document.
        spans: the tagger's marks; marks that do not fit the text are taken by their offsets.
        hits: the known names in it.
        english: whether it is in English.
    """
    for span in sorted(_fitting(text, spans), key=lambda s: (s.start, -s.end)):
        for piece in clean(span, english=english):
            for name in _telling(text, piece):
                found = _weigh(name, hits)
                known = lookup(name.text)
                if known is not None and known.type == "place" and is_where(text, name.start):
                    found = [Mention(name.start, name.end, name.text, "place", known)]
                certain = told(name.text, piece.type) in ("other", "organisation")
                yield name, [replace(m, sure=True) for m in found] if certain else found


def standing_alone(text: str, hit: Hit, *, words: bool = False) -> bool:
    """Whether a known name that people bear too stands by itself: 'in Jordan', not 'Michael Jordan'.

    Args:
        text: the document.
        hit: the name in it.
        words: whether a capital inside a sentence tells a name from an ordinary word (Split), as in English.
    """
    if "word" in hit.entry.flags and (
        not words or starts_sentence(text, hit.start) or is_shouted(text, hit.start)
    ):
        return False
    if not hit.entry.flags & {"person", "word"}:
        return True
    before = LAST_WORD.search(text, max(0, hit.start - 40), hit.start)
    after = NEXT_WORD.match(text, hit.end)
    if after and after[1][0].isupper() and lookup(after[1]) is None:
        return False
    return not (before and before[1][0].isupper() and names.fold(before[1]) not in OPENERS)


def _fitting(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    for span in spans:
        start, end = max(0, span.start), min(span.end, len(text))
        if start >= end or text[start - 1 : start] in ("#", "@"):
            continue
        if span.label in ("PERSON", "PER"):
            start, end = _whole_name(text, start, _whole_given_name(text, start, end))
        fits = (span.start, span.end, span.text) == (start, end, text[start:end])
        yield span if fits else Span(start, end, span.label, text[start:end])


def _whole_name(text: str, start: int, end: int) -> tuple[int, int]:
    """A name with the particles and words that belong to it: 'Otávio da Costa' behind 'Luiz'."""
    more = _MORE.match(text, end, end + _AROUND)
    end = more.end() if more is not None else end
    before = _BEFORE.search(text, max(0, start - _AROUND), start)
    if before is not None and text[start:end].strip():
        given = before[0].split()[0]
        small = " " in before[0].strip() or names.is_particle(text[start:end].split(maxsplit=1)[0])
        if is_given(given) and (small or " " not in text[start:end]):
            start = before.start()
    return start, end


def _whole_given_name(text: str, start: int, end: int) -> int:
    """Where a name of East Asian order ends, if the tagger stopped at its hyphen: 'Yoon Suk-yeol'."""
    rest = _HYPHENATED.match(text, end)
    return rest.end() if rest and names.is_family_first(names.tokens(text[start:end])) else end


def _telling(text: str, span: Span) -> list[Span]:
    """A mark with the label that its own words tell (`wireroom.kinds`)."""
    head, _, tail = span.text.partition(" ")
    if (
        span.type == "person"
        and span.text.isupper()
        and is_given(tail.partition(" ")[0])
        and not is_given(head)
    ):
        return [span.cut(len(head) + 1, len(span.text))]
    kind = told(span.text, span.type)
    if kind is None and span.type != "person" and is_given(span.text) and not is_where(text, span.start):
        kind = "person"
    if kind in (None, span.type):
        return [span]
    named = replace(span, label=LABELS[kind])
    return list(clean(named)) if kind == "person" else [named]


def known_at(hit: Hit, text: str) -> Mention:
    """The mention of a known name."""
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
        return [known_at(first, span.text)] if (first.start, first.end) == (span.start, span.end) else []
    if any(h.start < span.start or h.end > span.end for h in inside):
        return []
    rest, at = "", span.start
    for hit in inside:
        rest += span.text[at - span.start : hit.start - span.start]
        at = hit.end
    rest += span.text[at - span.start :]
    headline = span.text.isupper() and " " in span.text and span.type != "person" and told(span.text) is None
    if headline or (_JOINERS.fullmatch(rest) and not any("word" in h.entry.flags for h in inside)):
        return [known_at(h, span.text[h.start - span.start : h.end - span.start]) for h in inside]
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
        known = known_at(first, span.text[: first.end - span.start])
        return [known, *(m for piece in clean(rest) for m in _weigh(piece, hits))]
    return [own]


def untaken(text: str, hits: Sequence[Hit], taken: Sequence[Mention]) -> list[Mention]:
    """The known names that no mark holds."""
    starts = [m.start for m in taken]
    free = []
    for hit in hits:
        at = bisect_left(starts, hit.end)
        if (at == 0 or taken[at - 1].end <= hit.start) and standing_alone(text, hit, words=True):
            free.append(known_at(hit, text[hit.start : hit.end]))
    return free
