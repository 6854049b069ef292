# ruff: noqa: RUF001 - typographic marks are what texts hold
"""People whom every reader knows, where a tagger passes over them: by one name, in capitals, without any.

Pure. A tagger knows 'Xi Jinping' by the words around and may not know 'Jinping' alone, nor 'vladimir putin'. Only the
people of ``data/aliases.tsv`` are looked for: by their full names, and by the surnames that are hardly anybody else's. A mark of the
tagger stays as it is, but for one in a line of capitals that runs over several names ('BIDEN WARNS PUTIN').
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from wireroom.casing import is_lower_case, is_shouted
from wireroom.mentions import Mention
from wireroom.names import TITLES
from wireroom.spans import LABELS, Span
from wireroom.tables import rows

if TYPE_CHECKING:
    from collections.abc import Sequence

_WORDS: Final = frozenset({"trump"})
"""Surnames that are words, too: not looked for in a text without capitals."""
_SHORTEST: Final = 5
"""Letters of the shortest surname that is looked for alone."""
_PERSON: Final = LABELS["person"]


@lru_cache(maxsize=1)
def _names() -> tuple[frozenset[str], frozenset[str]]:
    """Full names, and surnames that are looked for alone."""
    full: set[str] = set()
    short: set[str] = set()
    for kind, name, _, spellings in rows("aliases", 4):
        if kind in ("person", "alone"):
            full.update([name, *filter(None, spellings.split("|"))])
            last = name.rpartition(" ")[2].rpartition("-")[2]
            if kind == "alone" and len(last) >= _SHORTEST:
                short.add(last)
    return frozenset(full), frozenset(short)


@lru_cache(maxsize=1)
def _written() -> dict[str, str]:
    return {name.casefold(): name for names in _names() for name in names}


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    full, short = _names()
    longest = sorted(full, key=lambda name: (-len(name), name))
    names = "|".join(re.escape(name).replace(r"\ ", "[ \u00a0]") for name in longest)
    return re.compile(
        rf"(?<![\w’'-])(?:(?P<full>{names})|(?P<short>{'|'.join(sorted(short))}))(?![\w-])", re.IGNORECASE
    )


def with_big_names(text: str, spans: Sequence[Span]) -> tuple[Span, ...]:
    """The marks, and those of well-known people that were passed over; in order."""
    ordered = sorted(spans, key=lambda span: (span.start, span.end))
    if is_lower_case(text):
        return tuple(ordered)
    ends = [span.end for span in ordered]
    added: list[Span] = []
    gone: set[Span] = set()
    for hit in _pattern().finditer(text):
        if not _is_name(text, hit):
            continue
        at = bisect_left(ends, hit.start() + 1)
        around = []
        while at < len(ordered) and ordered[at].start < hit.end():
            around.append(ordered[at])
            at += 1
        if all(_runs_over(text, span, hit) for span in around):
            gone.update(around)
            added.append(Span(hit.start(), hit.end(), _PERSON, hit[0]))
    return tuple(sorted([*(s for s in ordered if s not in gone), *added], key=lambda s: (s.start, s.end)))


def in_small_letters(text: str) -> list[Mention]:
    """Well-known people in a text that is written without capitals, each with the name it stands for."""
    if not is_lower_case(text):
        return []
    return [
        Mention(
            hit.start(), hit.end(), hit[0], "person", form=_written()[" ".join(hit[0].casefold().split())]
        )
        for hit in _pattern().finditer(text)
        if hit[0].lower() not in _WORDS
    ]


def _is_name(text: str, hit: re.Match[str]) -> bool:
    if not all(part[0].isupper() for part in re.split(r"[ \u00a0-]", hit[0]) if part not in _PARTICLES):
        return False
    if hit["full"]:
        return True
    if is_shouted(text, hit.start()):
        return True
    # A word with a capital beside it belongs to a longer name: 'Putin Square', 'Hunter Biden'; not 'President Putin'.
    behind = _BEHIND.match(text, hit.end())
    before = _BEFORE.search(text, max(0, hit.start() - 30), hit.start())
    titled = before is None or not before[1][0].isupper() or before[1].lower() in TITLES
    return not hit[0].isupper() and titled and (behind is None or not behind[1][0].isupper())


_PARTICLES: Final = frozenset({"von", "der", "al"})
_BEHIND: Final = re.compile(r"[ \u00a0]([^\W\d_]+)")
_BEFORE: Final = re.compile(r"([^\W\d_]+)\.?[ \u00a0]$")


def _runs_over(text: str, span: Span, hit: re.Match[str]) -> bool:
    """Whether a mark in a line of capitals holds the name and a clause around it."""
    words = len(text[span.start : span.end].split())
    return words > max(2, len(hit[0].split())) and is_shouted(text, span.start)
