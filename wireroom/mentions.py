# ruff: noqa: RUF001 - typographic marks are what texts hold
"""Where an entity is named, and which places a tagger passed over. Pure.

Occurrences of a person's or body's name that are not marked are found again as they are written; a person's also by
the surname alone, and in a headline's capitals. A name that runs on (the word before or behind it is written like
one) is another's, and a name that the text also writes small is an ordinary word.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wireroom import names
from wireroom.bodies import without_legal_form
from wireroom.casing import is_shouted
from wireroom.commonwords import NEWS, STOP
from wireroom.gazetteer import MIN_CAPS, Entry, Hit, Type, lookup, overlapping
from wireroom.shortnames import BODY_WORDS, generic_of, short_of
from wireroom.tables import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_WORD = re.compile(r"(?<![\w@#-])[^\W\d_]+")
SMALL_WORD = re.compile(r"\b[^\W\d_A-Z][^\W\d_]*\b")
LAST_WORD = re.compile(r"([^\W\d_][\w.'’-]*)[ \u00a0]$")
NEXT_WORD = re.compile(r"[ \u00a0]([^\W\d_][\w'’-]*)")
OPENERS = words("opener")
_SKIPPED = words("not_sought")
_CLUB = words("club") - {"city", "town", "county"}
_SPEAKS = words("government_verb")
_ARTICLE = frozenset({"the ", "The "})
_INITIAL = 2
"""Letters of a word before a full stop that belongs to a name: 'J.', 'Wm.'."""
_GENERIC = re.compile(
    r"(?:\w+ )?(?:ministry|parliament|senate|navy|army|air force|central bank|supreme court|government|congress|"
    r"embassy|military|armed forces)|ministry of [\w ]+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Mention:
    """One place where an entity is named.

    Attributes:
        start: first code point.
        end: one behind the last.
        text: ``document[start:end]``.
        type: what is named.
        entry: the known name, if it is one.
        country: of a general body ('Foreign Ministry'): whose it is, if the words before it say so.
        filed: whether it is a place beyond doubt: a dateline's, or behind 'in'.
        sure: whether the words themselves say what it is: it stays whole against what is known inside it.
        form: of a person named by part of a name that the text completes: the whole name.
    """

    start: int
    end: int
    text: str
    type: Type
    entry: Entry | None = None
    country: str = ""
    filed: bool = False
    sure: bool = False
    form: str = ""

    @property
    def meant(self) -> str:
        """The name it stands for: its own, unless the text says more."""
        return self.form or self.text


def apart(found: Iterable[Mention]) -> tuple[Mention, ...]:
    """In order, without overlaps: of two the known one, else the longer one, stays."""
    kept: list[Mention] = []
    for mention in sorted(found, key=lambda m: (m.start, -m.end)):
        if kept and mention.start < kept[-1].end:
            if _weight(mention) > _weight(kept[-1]):
                kept[-1] = mention
            continue
        kept.append(mention)
    return tuple(kept)


def _weight(mention: Mention) -> tuple[bool, int]:
    certain = mention.entry is not None or bool(mention.country) or mention.sure
    return certain, mention.end - mention.start


def owned(text: str, mention: Mention, hits: Sequence[Hit]) -> Mention:
    """A general body with whose it is: 'Chinese Foreign Ministry', 'China's Foreign Ministry'."""
    if mention.entry is not None or mention.type != "organisation":
        return mention
    inside = overlapping(hits, mention.start, mention.end)
    body = mention.text[inside[0].end - mention.start :].strip(" '’s") if inside else mention.text
    if _GENERIC.fullmatch(body) is None:
        return mention
    if inside:
        return replace(mention, country=inside[0].entry.country or inside[0].entry.name)
    at = bisect_left(hits, mention.start, key=lambda h: h.end)
    if at == 0 and not (hits and hits[0].end < mention.start):
        return mention
    last = hits[at - 1]
    country = last.entry.country or last.entry.name
    gap = text[last.end : mention.start]
    if gap in (" ", "\u00a0") and (last.entry.group or last.entry.type == "place"):
        return replace(mention, start=last.start, text=text[last.start : mention.end], country=country)
    return replace(mention, country=country) if gap in ("'s ", "’s ", "' ", "’ ") else mention


def passed_over(text: str, found: Sequence[Mention], small: frozenset[str]) -> list[Mention]:
    """Rule 7."""
    wanted: dict[str, Mention] = {}
    for mention in found:
        if mention.entry is None and mention.type != "other":
            for name in _forms(mention):
                if any(map(str.isupper, name)):
                    wanted.setdefault(name, mention)
    more = []
    ordinary = small | _SKIPPED
    generic = {name for name, mention in wanted.items() if _is_generic(name, mention)}
    for start, name in _occurrences(text, wanted):
        end = start + len(name)
        if not is_shouted(text, start):
            if _has_neighbour(text, start, end) or (
                name in generic and text[start - 4 : start] not in _ARTICLE
            ):
                continue
            after = NEXT_WORD.match(text, end)
            if name.lower() in ordinary and not (after is not None and after[1] in _SPEAKS):
                continue
        elif name.lower() in ordinary:
            continue
        mention = wanted[name]
        more.append(Mention(start, end, name, mention.type, None, mention.country))
    return more


def _is_generic(name: str, mention: Mention) -> bool:
    """Whether a short name says only what kind of body it is: taken up again by 'the Observatory'."""
    return mention.type == "organisation" and name != mention.text and names.fold(name) in BODY_WORDS - _CLUB


def _occurrences(text: str, wanted: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Where whole words make one of some names: (offset, name), the longest name at each."""
    by_first: dict[str, list[str]] = {}
    for name in sorted(wanted, key=len, reverse=True):
        first = _WORD.match(name)
        if first is not None:
            by_first.setdefault(first[0], []).append(name)
    for match in _WORD.finditer(text):
        for name in by_first.get(match[0], ()):
            end = match.start() + len(name)
            if text.startswith(name, match.start()) and not (
                end < len(text) and (text[end].isalnum() or text[end] in "-_")
            ):
                yield match.start(), name
                break


def _forms(mention: Mention) -> list[str]:
    """What a name is looked for by: a person's surname too, and both in a headline's capitals."""
    name = mention.text
    if mention.type == "organisation":
        return _short_forms(name) if " " in name else [name] if name.isupper() or _is_own(name) else []
    if mention.type == "place":
        return [name] if _is_own(name) else []
    words = [word for word in name.split() if word.rstrip(".").casefold() not in names.GENERATIONS]
    forms = [name, words[0]] if len(words) == 1 < len(name.split()) else [name]
    if words and "-" in words[-1] and names.is_particle(words[-1]):
        forms.append(words[-1].partition("-")[2])
    if len(words) > 1:
        forms.append(words[-1])
        if names.is_particle(words[-2]):
            surname = " ".join(words[_particles_from(words) :])
            forms += [surname, surname[0].upper() + surname[1:]]
        if names.is_family_first(names.tokens(name)) or names.is_east_asian(name):
            forms.append(words[0])
        if names.has_second_surname(names.tokens(name)):
            forms.append(words[1])
    forms += [form.upper() for form in forms if len(form) >= MIN_CAPS]
    return [form for form in forms if len(form) > 1]


def _is_own(name: str) -> bool:
    """Whether a name is none of the words that many texts hold."""
    folded = names.fold(name)
    return len(name) > _INITIAL + 1 and not {folded, folded.removesuffix("s")} & (STOP | NEWS | BODY_WORDS)


def _short_forms(name: str) -> list[str]:
    """What a body with a long name is looked for by: without its legal form, and by the words that may stand for it."""
    words = name.split()
    short = short_of(name) | generic_of([names.fold(word) for word in words])
    return list(
        dict.fromkeys([name, without_legal_form(name), *(w for w in words if names.fold(w) in short)])
    )


def _particles_from(words: Sequence[str]) -> int:
    at = len(words) - 1
    while at > 1 and names.is_particle(words[at - 1]):
        at -= 1
    return at


def _has_neighbour(text: str, start: int, end: int) -> bool:
    """Whether a name runs on: the word before or behind it is written like one."""
    after = NEXT_WORD.match(text, end)
    if after and after[1][0].isupper() and names.fold(after[1]) not in _SKIPPED:
        return True
    before = LAST_WORD.search(text, max(0, start - 40), start)
    if before is None or not before[1][0].isupper():
        return False
    told = names.word(before[1])
    if before[1].endswith(".") and len(told) > _INITIAL and told not in names.TITLES:
        return False
    known = lookup(before[1])
    return not (
        told in names.TITLES or told in OPENERS or told in _SKIPPED or (known is not None and known.group)
    )
