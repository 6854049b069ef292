"""The terms of a text and what they weigh. Pure: words and counts in, vectors out.

TF-IDF over the whole text and once more over its lead (title and first hundred words); two texts are as similar as the
mean of the two cosines. How rare a term is, is learned on the way: behind the documents seen stand some unseen ones, in
which function words do not count, the formulas of news are frequent and every other word is rare.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from math import hypot, log
from typing import TYPE_CHECKING, Final

from wireroom.commonwords import NEWS, STOP

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LEAD: Final = 100
"""Words at the beginning of a text that count as its lead, beside the title."""
MAX_TERMS: Final = 100
"""Terms of one document that are counted, the heaviest first."""
MIN_TERMS: Final = 8
"""Different terms below which a text belongs to no story."""
PRIOR: Final = 500.0
"""The unseen documents that stand behind the counts, so that the first document of a store has sensible weights."""
RARE: Final = 0.004
"""Part of the unseen documents that hold a word nobody knows to be frequent."""
FREQUENT: Final = 0.12
"""Part of the unseen documents that hold a word of `wireroom.commonwords.NEWS`."""
_PROMISE_RARE: Final = -log(RARE)
_PROMISE_FREQUENT: Final = -log(FREQUENT)
_RARE: Final = PRIOR * RARE
_FREQUENT: Final = PRIOR * FREQUENT
_LONGEST: Final = 40
_STEMMED_FROM: Final = 4

Vector = dict[str, tuple[float, float]]
"""Weight of each term in the whole text and in the lead; each of the two has length 1 (or is empty)."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How often a document's terms occur, the most promising term first.

    Attributes:
        full: the terms in the order of `promise`, with how often they stand in title and text.
        lead: those in the title and the lead, with how often they stand there.
        promise: the weight of each before the frequencies are known; what to look stories up by.
    """

    full: Mapping[str, int]
    lead: Mapping[str, int]
    promise: tuple[float, ...]


def count(words: Sequence[str], title_words: Sequence[str] = ()) -> Counts:
    """Counts the terms of a text, given as its normalised words; few terms give empty counts."""
    full = _terms([*title_words, *words])
    if len(full) < MIN_TERMS:
        return Counts({}, {}, ())
    lead = _terms([*title_words, *words[:LEAD]])
    promise = {
        term: _times(times)
        * (_PROMISE_FREQUENT if term in NEWS else _PROMISE_RARE)
        * (2 if term in lead else 1)
        for term, times in full.items()
    }
    # Equal ones stay in the order of the text: what is said first matters more.
    order = sorted(full, key=promise.__getitem__, reverse=True)[:MAX_TERMS]
    return Counts(
        {term: full[term] for term in order},
        {term: lead[term] for term in order if term in lead},
        tuple([promise[term] for term in order]),
    )


def _terms(words: Sequence[str]) -> dict[str, int]:
    found = Counter(map(stem, words))
    found.pop("", None)
    return found


@lru_cache(maxsize=1024)
def _times(number: int) -> float:
    """Weight of a term that stands so many times in a text."""
    return 1.0 + log(number) if number else 0.0


@lru_cache(maxsize=100_000)
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


def vector(counts: Counts, frequencies: Sequence[int], documents: int) -> Vector:
    """The weighted terms of a document.

    Args:
        counts: its terms.
        frequencies: for each of ``counts.full``, the documents seen that hold it.
        documents: documents seen.
    """
    terms = counts.full
    whole = log(documents + PRIOR)
    weights = [
        whole - log(frequency + (_FREQUENT if term in NEWS else _RARE))
        for term, frequency in zip(terms, frequencies, strict=True)
    ]
    full = [_times(number) * weight for number, weight in zip(terms.values(), weights, strict=True)]
    times = counts.lead.get
    lead = [_times(times(term, 0)) * weight for term, weight in zip(terms, weights, strict=True)]
    full_length = hypot(*full) or 1.0
    lead_length = hypot(*lead) or 1.0
    scaled = zip(
        [value / full_length for value in full], [value / lead_length for value in lead], strict=True
    )
    return dict(zip(terms, scaled, strict=True))


def similarity(one: Vector, other: Vector) -> float:
    """Mean of the cosines of whole text and lead; for sums of vectors, their mean times the weights."""
    if len(other) < len(one):
        one, other = other, one
    total = 0.0
    known = other.get
    for term, (full, lead) in one.items():  # in this order, so that the sum is the same in every process
        found = known(term)
        if found is not None:
            total += full * found[0] + lead * found[1]
    return total / 2


def heaviest(of: Vector, number: int) -> list[str]:
    """The terms with most weight, heaviest first."""
    weights = {term: full + lead for term, (full, lead) in of.items()}
    return sorted(weights, key=weights.__getitem__, reverse=True)[:number]
