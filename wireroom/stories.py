"""Which documents tell the same story. Pure: terms, weights and dates in, a decision out.

A document is the vector of its telling words (`wireroom.terms`). A document and a story are as similar as the document
and the story's members are on average, which the sum of their vectors gives without looking at each of them. Members of
days past count less, so that a story which goes on for a week is compared with what it has become.

Names speak against it (see `kinship`): where the two name different people and places, likeness counts less. It keeps
two elections of one country and two fires in two towns apart, whose other words are the same.

One document after the other is decided once: it joins the most similar story that is near in time, or begins one. When a
document makes two stories one (their members' mean similarity passes the same threshold), the younger is merged into the
older. Measured on public sets of news without the names: threshold 0.18 to 0.20, a window of one to three days.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from xxhash import xxh3_64_intdigest

from wireroom.terms import heaviest, names_shared, similarity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wireroom.terms import Vector

THRESHOLD: Final = 0.18
"""Kinship with a story from which a document joins."""
MERGE: Final = 0.18
"""Kinship of two stories from which they are one."""
NAMES: Final = 2.8
"""How many times as many of the names as of the words two texts of one event share at least."""
NAMES_LEAST: Final = 0.2
"""What is left of the likeness where none of the names are shared: texts name in many ways."""
WINDOW: Final = 3
"""Days between a document's date and a story's, beyond which it cannot join."""
COOLING: Final = 0.1
"""Part of the kinship that each day between a document and a story takes: two matchdays of one team are no story."""
HALF_LIFE: Final = 2.0
"""Days after which a member counts half."""
MAX_STORY_TERMS: Final = 128
"""Terms of a story's sum that are kept."""
MAX_MEMBERS: Final = 500
"""Members of a story that are remembered by id, the newest; the size counts all."""
COMMON_TERMS: Final = 24
"""Common terms that a decision names."""


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
        similarity: kinship with the members it joined, less for the days between; None where it began the story.
        days: days between the document and the story's range before it joined; None where it began it.
        terms: the heaviest common terms, most telling first.
        close: ids of the stories that mattered: had one of them been another, the decision might have been.
    """

    story: Story
    began: bool
    merged: tuple[str, ...]
    similarity: float | None
    days: int | None
    terms: tuple[str, ...]
    close: tuple[str, ...]


def story_id(first: str, salt: str = "") -> str:
    """The id of a story that a document begins; `salt` tells it from an earlier story of the same document."""
    return f"{xxh3_64_intdigest(f'story:{first}:{salt}'.encode()):016x}"


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
        else {term: (a * times, b * times, c * times) for term, (a, b, c) in one.items()}
    )
    known = total.get
    for term, (full, lead, name) in other.items():
        there = known(term)
        if there is None:
            total[term] = (full * other_times, lead * other_times, name * other_times)
        else:
            total[term] = (
                there[0] + full * other_times,
                there[1] + lead * other_times,
                there[2] + name * other_times,
            )
    if other_times < 0:
        total = {term: (max(0.0, a), max(0.0, b), max(0.0, c)) for term, (a, b, c) in total.items()}
    if len(total) <= MAX_STORY_TERMS:
        return total
    return {term: total[term] for term in heaviest(total, MAX_STORY_TERMS)}


def kinship(one: Vector, one_weight: float, other: Vector, other_weight: float) -> float:
    """How surely two stories, or a document and a story, tell of one event: 0 to 1.

    The mean similarity of their members, or less where they share few names: texts of one event share more of their
    names than of their other words, those of one kind of event share the words only.
    """
    likeness = similarity(one, other) / (one_weight * other_weight)
    if likeness < THRESHOLD or (shared := names_shared(one, other)) is None:
        return likeness
    return max(NAMES_LEAST * likeness, min(likeness, shared / NAMES))


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
    scored = [
        (
            kinship(member.vector, 1.0, story.total, story.weight)
            * (1 - COOLING * distance(story, member.day)),
            story,
        )
        for story in near
    ]
    close = tuple([story.id for score, story in scored if score >= THRESHOLD / 2 or story.id in bars])
    fit = [(score, story) for score, story in scored if score >= bars.get(story.id, THRESHOLD)]
    fit.sort(key=lambda pair: (pair[1].id != same, -pair[0], pair[1].first_seen, pair[1].id))
    if not fit:
        return Decision(begin(new_id, member), True, (), None, None, (), close)
    score, chosen = fit[0]
    terms = _common(member.vector, chosen.total)
    result = join(chosen, begin(chosen.id, member))
    merged = []
    for other_score, other in fit[1:]:
        linkage = kinship(result.total, result.weight, other.total, other.weight)
        if other_score >= THRESHOLD and linkage >= MERGE:
            older, younger = sorted((result, other), key=lambda story: (story.first_seen, story.id))
            result = join(older, younger)
            merged.append(younger.id)
    days = distance(chosen, member.day)
    return Decision(result, False, tuple(merged), round(score, 4), days, terms, close)


def _common(one: Vector, other: Vector) -> tuple[str, ...]:
    common = []
    for term in one.keys() & other.keys():
        full, lead, _ = one[term]
        other_full, other_lead, _ = other[term]
        common.append((-(full + lead) * (other_full + other_lead), term))
    common.sort()
    return tuple(term for value, term in common[:COMMON_TERMS] if value < 0)
