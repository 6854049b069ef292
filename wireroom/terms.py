"""The terms of a text and what they weigh. Pure: words and counts in, vectors out.

TF-IDF over the whole text and once more over its lead (title and first hundred words); two texts are as similar as the
mean of the two cosines. How rare a term is, is learned on the way: behind the documents seen stand some unseen ones, in
which function words do not count, the formulas of news are frequent and every other word is rare.

Beside the two stands a third weight, of the terms that are names in the text. It is not evidence for one story but
against it: two fires in two towns share the words of fires, and none of the names. See `wireroom.stories.kinship`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import hypot, log
from operator import add, mul
from typing import TYPE_CHECKING, Final

from wireroom.commonwords import FRAME, NEWS, STOP

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

LEAD: Final = 100
"""Words at the beginning of a text that count as its lead, beside the title."""
MAX_TERMS: Final = 100
"""Terms of one document that are counted, the heaviest first."""
MIN_TERMS: Final = 8
"""Different terms below which a text belongs to no story."""
MIN_FRAME: Final = 3
"""Words of a site's frame from which a text may be nothing but its frame."""
MIN_NAMES: Final = 2
"""Names below which nothing can be said against two texts telling one story."""
PRIOR: Final = 500.0
"""The unseen documents that stand behind the counts, so that the first document of a store has sensible weights."""
RARE: Final = 0.004
"""Part of the unseen documents that hold a word nobody knows to be frequent."""
FREQUENT: Final = 0.12
"""Part of the unseen documents that hold a word of `wireroom.commonwords.NEWS`."""
_RARE: Final = PRIOR * RARE
_FREQUENT: Final = PRIOR * FREQUENT
_LONGEST: Final = 40
_STEMMED_FROM: Final = 4
_REMEMBERED: Final = 200_000

_LEAD_NAME: Final = 1.5
_NAME_RARITY: Final = 1.5

Vector = dict[str, tuple[float, float, float]]
"""Weight of each term in the whole text, in the lead, and as a name; each of the three has length 1 (or is empty)."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How often a document's terms occur, the most promising term first.

    Attributes:
        full: the terms in the order of `promise`, with how often they stand in title and text.
        lead: for each, how often it stands in the title and the lead.
        names: for each, how surely it is a name in the text: 0 to 1.
        promise: the weight of each before the frequencies are known; what to look stories up by.
    """

    full: Mapping[str, int]
    lead: tuple[int, ...]
    names: tuple[float, ...]
    promise: tuple[float, ...]


NOTHING: Final = Counts({}, (), (), ())
"""The counts of a text that says too little to belong to a story."""


def count(
    words: Sequence[str], title_words: Sequence[str] = (), names: Mapping[str, float] | None = None
) -> Counts:
    """Counts the terms of a text, given as its normalised words; few terms give empty counts.

    Args:
        words: the words of the text.
        title_words: the words of its title.
        names: words that are names in the text, with how surely (`wireroom.capitals.name_words`).
    """
    full = _terms([*title_words, *words])
    if len(full) < MIN_TERMS or _is_frame(words):
        return NOTHING
    lead = _terms([*title_words, *words[:LEAD]])
    promise = dict(zip(full, _weights(_PROMISE, full.values()), strict=True))
    for term in filter(NEWS.__contains__, full):
        promise[term] *= _FREQUENT_SHARE
    for term in lead:
        promise[term] *= 2
    named = _named(names or {})
    for term in filter(promise.__contains__, named):
        promise[term] *= 2
    # Equal ones stay in the order of the text: what is said first matters more.
    order = sorted(full, key=promise.__getitem__, reverse=True)[:MAX_TERMS]
    in_lead, as_name = lead.get, named.get
    return Counts(
        {term: full[term] for term in order},
        tuple([in_lead(term, 0) for term in order]),
        tuple([as_name(term, 0.0) for term in order]),
        tuple([promise[term] for term in order]),
    )


def _is_frame(words: Sequence[str]) -> bool:
    """Whether a text says no more than how to read on; one site's thousands of these are no story, whatever their titles."""
    if len(words) > LEAD:
        return False
    told = {word for word in words if STEMS[word]}
    frame = len(told & FRAME)
    return frame >= MIN_FRAME and len(told) - frame < min(MIN_TERMS, frame)


def _terms(words: Sequence[str]) -> dict[str, int]:
    counted = Counter(words)
    found: dict[str, int] = {}
    for term, times in zip(map(STEMS.__getitem__, counted), counted.values(), strict=True):
        found[term] = found[term] + times if term in found else times
    found.pop("", None)
    return found


def _named(names: Mapping[str, float]) -> dict[str, float]:
    found: dict[str, float] = {}
    for word, sure in names.items():
        term = STEMS[word]
        if term not in NEWS:
            found[term] = max(sure, found.get(term, 0.0))
    return found


_MANY: Final = 50
_TIMES: Final = (0.0, *[1.0 + log(number) for number in range(1, _MANY + 1)])
"""Weight of a term that stands so many times in a text; more than `_MANY` say no more."""
_PROMISE: Final = tuple([times * -log(RARE) for times in _TIMES])
_FREQUENT_SHARE: Final = log(FREQUENT) / log(RARE)


def _weights(table: tuple[float, ...], times: Collection[int]) -> Iterator[float]:
    """What so many times weigh."""
    if times and max(times) > _MANY:
        times = [min(number, _MANY) for number in times]
    return map(table.__getitem__, times)


class _Stems(dict[str, str]):
    """Words with their terms: a dictionary is looked up three times as fast as a cached function."""

    def __missing__(self, word: str) -> str:
        if len(self) >= _REMEMBERED:
            self.clear()
        self[word] = term = stem(word)
        return term


def stem(word: str) -> str:
    """The term a normalised word counts for; empty for function words, numbers and single letters.

    Only the English plural is taken off (Harman's S stemmer, 1991), and only from words of plain Latin letters.
    """
    if word in STOP or len(word) == 1 or len(word) > _LONGEST or word.isdecimal():
        return ""
    if not word.isascii() or len(word) < _STEMMED_FROM or word[-1] != "s":
        return word
    if word.endswith("ies") and word[-4] not in "ae":
        return word[:-3] + "y"
    if word[-2] in "aiosu":
        return word[:-1] if word[-2] == "o" else word
    return word[:-1]


STEMS: Final = _Stems()
"""The term of each word; see `stem`."""


def vector(counts: Counts, frequencies: Sequence[int], documents: int) -> Vector:
    """The weighted terms of a document.

    Args:
        counts: its terms.
        frequencies: for each of ``counts.full``, the documents seen that hold it.
        documents: documents seen.
    """
    whole = log(documents + PRIOR)
    terms = counts.full
    unseen = [_FREQUENT if term in NEWS else _RARE for term in terms]
    rarity = [whole - seen for seen in map(log, map(add, frequencies, unseen))]
    times = list(_weights(_TIMES, terms.values()))
    full = _scaled(list(map(mul, times, rarity)))
    lead = _scaled(list(map(mul, _weights(_TIMES, counts.lead), rarity)))
    names = [0.0] * len(terms)
    for at, sure in enumerate(counts.names):
        if sure:
            names[at] = sure * times[at] * rarity[at] ** _NAME_RARITY * (_LEAD_NAME if lead[at] else 1.0)
    return dict(zip(terms, zip(full, lead, _scaled(names), strict=True), strict=True))


def _scaled(weights: list[float]) -> list[float]:
    length = hypot(*weights)
    return [weight / length for weight in weights] if length else weights


def similarity(one: Vector, other: Vector) -> float:
    """Mean of the cosines of whole text and lead; for sums of vectors, their mean times the weights."""
    if len(other) < len(one):
        one, other = other, one
    total = 0.0
    # In the order of one of them, so that the sum is the same in every process.
    for term in filter(other.__contains__, one):
        full, lead, _ = one[term]
        other_full, other_lead, _ = other[term]
        total += full * other_full + lead * other_lead
    return total / 2


def names_shared(one: Vector, other: Vector) -> float | None:
    """The part of either text's names that the other holds, weighed, the larger of both ways: 0 to 1.

    None where one of the two names hardly anything. A name of one is held by the other in whatever case it stands there.
    """
    here = [(term, name * name) for term, (_, _, name) in one.items() if name]
    there = [(term, name * name) for term, (_, _, name) in other.items() if name]
    if len(here) < MIN_NAMES or len(there) < MIN_NAMES:
        return None
    return max(_held(here, other), _held(there, one))


def _held(names: list[tuple[str, float]], other: Vector) -> float:
    whole = sum([square for _, square in names])
    return sum([square for term, square in names if term in other]) / whole if whole else 0.0


def heaviest(of: Vector, number: int) -> list[str]:
    """The terms with most weight, heaviest first."""
    weights = {term: full + lead for term, (full, lead, _) in of.items()}
    return sorted(weights, key=weights.__getitem__, reverse=True)[:number]
