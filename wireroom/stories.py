"""Which documents tell the same story. Pure: terms, weights and dates in, a decision out.

A document is a vector of its telling words: TF-IDF over the whole text and once more over its lead (title and first
hundred words). Two documents are as similar as the mean of the two cosines; a document and a story, as the mean
similarity to the story's members, which the sum of their vectors gives without looking at each of them. Members of days
past count less, so that a story which goes on for a week is compared with what it has become.

One document after the other is decided once: it joins the most similar story that is near in time, or begins one. When a
document makes two stories one (their members' mean similarity passes the same threshold), the younger is merged into the
older. Measured on public sets of news with similar settings: threshold 0.18 to 0.20, a window of one to three days.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache
from math import hypot, log
from typing import TYPE_CHECKING, Final

from xxhash import xxh3_64_intdigest

from wireroom.commonwords import NEWS, STOP

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

THRESHOLD: Final = 0.19
"""Mean similarity to a story's members from which a document joins."""
MERGE: Final = 0.19
"""Mean similarity between the members of two stories from which they are one."""
WINDOW: Final = 3
"""Days between a document's date and a story's, beyond which it cannot join."""
HALF_LIFE: Final = 2.0
"""Days after which a member counts half."""
LEAD: Final = 100
"""Words at the beginning of a text that count as its lead, beside the title."""
MAX_TERMS: Final = 100
"""Terms of one document that are counted, the heaviest first."""
MAX_STORY_TERMS: Final = 128
"""Terms of a story's sum that are kept."""
MIN_TERMS: Final = 8
"""Different terms below which a text belongs to no story."""
MAX_MEMBERS: Final = 500
"""Members of a story that are remembered by id, the newest; the size counts all."""
COMMON_TERMS: Final = 24
"""Common terms that a decision names."""
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


@dataclass(frozen=True, slots=True)
class Story:
    """A story as it stands.

    Attributes:
        id: 16 hexadecimal digits, made from its first member's id.
        title: its first member's title.
        size: members it has had.
        members: ids of the newest `MAX_MEMBERS`, in the order they joined.
        first_seen: when its first member was seen, milliseconds since 1970.
        last_seen: when its newest member was seen, milliseconds since 1970.
        first_day: its first member's date as a proleptic ordinal.
        last_day: its newest member's date as a proleptic ordinal; the day that `weight` and `total` refer to.
        weight: members, each halved for every `HALF_LIFE` days before `last_day`.
        total: the members' vectors, added with these weights.
    """

    id: str
    title: str | None
    size: int
    members: tuple[str, ...]
    first_seen: int
    last_seen: int
    first_day: int
    last_day: int
    weight: float
    total: Vector


@dataclass(frozen=True, slots=True)
class Member:
    """A document as a story sees it.

    Attributes:
        id: document id.
        title: its title, if there is one.
        day: publication date, or the day it was seen, as a proleptic ordinal.
        seen: when it was seen, milliseconds since 1970.
        vector: its weighted terms.
    """

    id: str
    title: str | None
    day: int
    seen: int
    vector: Vector


@dataclass(frozen=True, slots=True)
class Decision:
    """What a document does to the stories.

    Attributes:
        story: the story it belongs to, with the document in it and whatever was merged into it.
        began: whether the story is new.
        merged: ids of stories that are now part of it.
        similarity: mean similarity to the members it joined; None where it began the story.
        days: days between the document and the story's range before it joined; None where it began it.
        terms: the heaviest common terms, most telling first.
    """

    story: Story
    began: bool
    merged: tuple[str, ...]
    similarity: float | None
    days: int | None
    terms: tuple[str, ...]


def count(words: Sequence[str], title_words: Sequence[str] = ()) -> Counts:
    """Counts the terms of a text, given as its normalised words; few terms give empty counts."""
    full = _terms([*title_words, *words])
    if len(full) < MIN_TERMS:
        return Counts({}, {}, ())
    lead = _terms([*title_words, *words[:LEAD]])
    order = [
        (_times(times) * (log(FREQUENT) if term in NEWS else log(RARE)) * (2 if term in lead else 1), term)
        for term, times in full.items()
    ]
    order.sort()
    del order[MAX_TERMS:]
    return Counts(
        {term: full[term] for _, term in order},
        {term: lead[term] for _, term in order if term in lead},
        tuple([-promise for promise, _ in order]),
    )


def story_id(first: str, salt: str = "") -> str:
    """The id of a story that a document begins; `salt` tells it from an earlier story of the same document."""
    return f"{xxh3_64_intdigest(f'story:{first}:{salt}'.encode()):016x}"


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
    for term in one.keys() & other.keys():
        full, lead = one[term]
        other_full, other_lead = other[term]
        total += full * other_full + lead * other_lead
    return total / 2


def heaviest(of: Vector, number: int) -> list[str]:
    """The terms with most weight, heaviest first."""
    order = [(-full - lead, term) for term, (full, lead) in of.items()]
    order.sort()
    return [term for _, term in order[:number]]


def distance(story: Story, day: int) -> int:
    """Days between a date and the days a story has spanned; 0 within."""
    return max(0, story.first_day - day, day - story.last_day)


def begin(story_id: str, member: Member) -> Story:
    """A story of one member."""
    return Story(
        story_id,
        member.title,
        1,
        (member.id,),
        member.seen,
        member.seen,
        member.day,
        member.day,
        1.0,
        member.vector,
    )


def join(story: Story, other: Story) -> Story:
    """Two stories as one that bears the first one's id and title."""
    last_day = max(story.last_day, other.last_day)
    mine, theirs = _fade(last_day - story.last_day), _fade(last_day - other.last_day)
    known = set(story.members)
    added = tuple(member for member in other.members if member not in known)
    members = story.members + added
    return replace(
        story,
        size=story.size + other.size - (len(other.members) - len(added)),
        members=members[-MAX_MEMBERS:],
        first_seen=min(story.first_seen, other.first_seen),
        last_seen=max(story.last_seen, other.last_seen),
        first_day=min(story.first_day, other.first_day),
        last_day=last_day,
        weight=story.weight * mine + other.weight * theirs,
        total=_add(story.total, mine, other.total, theirs),
    )


def leave(story: Story, member: Member) -> Story | None:
    """The story without one member; None when nobody is left."""
    if story.size <= 1:
        return None
    share = _fade(story.last_day - member.day)
    return replace(
        story,
        size=story.size - 1,
        members=tuple(known for known in story.members if known != member.id),
        weight=max(story.weight - share, share / 2),
        total=_add(story.total, 1.0, member.vector, -share),
    )


def _fade(days: int) -> float:
    return float(0.5 ** (max(0, days) / HALF_LIFE))


def _add(one: Vector, times: float, other: Vector, other_times: float) -> Vector:
    total = (
        dict(one)
        if times == 1.0
        else {term: (full * times, lead * times) for term, (full, lead) in one.items()}
    )
    nothing = (0.0, 0.0)
    for term, (full, lead) in other.items():
        known_full, known_lead = total.get(term, nothing)
        total[term] = (known_full + full * other_times, known_lead + lead * other_times)
    if other_times < 0:
        total = {term: (max(0.0, full), max(0.0, lead)) for term, (full, lead) in total.items()}
    if len(total) <= MAX_STORY_TERMS:
        return total
    return {term: total[term] for term in heaviest(total, MAX_STORY_TERMS)}


def decide(
    member: Member,
    stories: Iterable[Story],
    new_id: str,
    *,
    same: str | None = None,
    before: str | None = None,
) -> Decision:
    """Puts one document into a story.

    Args:
        member: the document.
        stories: the stories it may belong to, without the document itself.
        new_id: id of the story it begins if it joins none.
        same: the story of an exact copy: joined whatever the threshold says.
        before: the story that an earlier text of this document belongs to: left only below half the threshold, or for
            a better one.
    """
    bars = {before: THRESHOLD / 2, same: 0.0}
    near = [story for story in stories if distance(story, member.day) <= WINDOW]
    scored = [(similarity(member.vector, story.total) / story.weight, story) for story in near]
    fit = [(score, story) for score, story in scored if score >= bars.get(story.id, THRESHOLD)]
    fit.sort(key=lambda pair: (pair[1].id != same, -pair[0], pair[1].first_seen, pair[1].id))
    if not fit:
        return Decision(begin(new_id, member), began=True, merged=(), similarity=None, days=None, terms=())
    score, chosen = fit[0]
    terms = _common(member.vector, chosen.total)
    result = join(chosen, begin(chosen.id, member))
    merged = []
    for other_score, other in fit[1:]:
        linkage = similarity(result.total, other.total) / (result.weight * other.weight)
        if other_score >= THRESHOLD and linkage >= MERGE:
            older, younger = sorted((result, other), key=lambda story: (story.first_seen, story.id))
            result = join(older, younger)
            merged.append(younger.id)
    days = distance(chosen, member.day)
    return Decision(
        result, began=False, merged=tuple(merged), similarity=round(score, 4), days=days, terms=terms
    )


def _common(one: Vector, other: Vector) -> tuple[str, ...]:
    common = []
    for term in one.keys() & other.keys():
        full, lead = one[term]
        other_full, other_lead = other[term]
        common.append((-(full + lead) * (other_full + other_lead), term))
    common.sort()
    return tuple(term for value, term in common[:COMMON_TERMS] if value < 0)
