"""Where a document stands among the others: what goes into the sameness stage and what comes out. Pure.

`Placement.data` is the ``sameness`` object of a document event; `StoryEvent` becomes an entry of the stories stream.
Both are made of content alone, so that placing a document again says the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final

from xxhash import xxh3_64_digest

from wireroom.capitals import names
from wireroom.stories import decide, leave, story_id
from wireroom.terms import heaviest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wireroom.sameness import Overlap
    from wireroom.stories import Decision, Member, Story

MAX_NEAR: Final = 20
"""Near copies, and documents with shared passages, that are named in one document."""
_STORY_TERMS: Final = 10
_WHY_TERMS: Final = 8
_TITLE: Final = 160


@dataclass(frozen=True, slots=True)
class Item:
    """A document to be placed.

    Attributes:
        id: document id, 16 hexadecimal digits.
        text: its text.
        title: its title, if there is one.
        published: its publication date, if known; else the day it was seen stands in for it.
        seen_at: when it came in, with a time zone.
        language: code of its language, if known.
        url: where it is from, if it is from the web.
    """

    id: str
    text: str
    title: str | None
    published: date | None
    seen_at: datetime
    language: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class StoryEvent:
    """Something that happened to a story.

    Attributes:
        type: ``story.created``, ``story.updated`` or ``story.merged``.
        story: the story's id; of ``story.merged``, the one that is no more.
        data: the event's data; see `story_data`.
    """

    type: str
    story: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Placement:
    """What was found out about one document.

    Attributes:
        data: the ``sameness`` object of the document event.
        story_events: what happened to stories because of it, in order.
    """

    data: dict[str, Any]
    story_events: tuple[StoryEvent, ...]


@dataclass(frozen=True, slots=True)
class Before:
    """What stood in the index when a document came in.

    Attributes:
        exact_of: id of the oldest document with the same text.
        overlaps: what it shares with which earlier documents.
        copied: id of the story that the document of `exact_of` belongs to.
        story: id of the story that an earlier text of the same document belongs to.
        member: the earlier text as that story knows it.
        taken: whether the story id made of its own id is in use.
    """

    exact_of: str | None
    overlaps: Sequence[tuple[str, Overlap]]
    copied: str | None
    story: str | None
    member: Member | None
    taken: bool


@dataclass(frozen=True, slots=True)
class Settled:
    """What is to be written for a document.

    Attributes:
        placement: the answer.
        story: id of its story; None for a text that belongs to none.
        saves: stories as they are now.
        ends: ids of stories that are no more, each with the story it became, or None.
        close: ids of stories that mattered for the decision.
    """

    placement: Placement
    story: str | None
    saves: tuple[Story, ...]
    ends: tuple[tuple[str, str | None], ...]
    close: tuple[str, ...] = ()


def milliseconds(at: datetime) -> int:
    """Milliseconds since 1970."""
    return round(at.timestamp() * 1000)


def day_of(item: Item) -> int:
    """The day a document counts for in stories, as a proleptic ordinal."""
    return (item.published or item.seen_at.astimezone(UTC).date()).toordinal()


def face(item: Item) -> bytes:
    """8 bytes that differ where a document's story may be another though its text is the same: of its title and date."""
    return xxh3_64_digest(f"{item.published or ''}\n{item.title or ''}".encode("utf-8", "surrogatepass"))


def headline(item: Item) -> str | None:
    """The title, or else the beginning of the text, in one line."""
    source = item.title if item.title and item.title.strip() else item.text
    line = " ".join(source[: 4 * _TITLE].split())
    return line[:_TITLE].rstrip() or None


def sameness_data(
    exact_of: str | None, overlaps: Sequence[tuple[str, Overlap]], story: Mapping[str, Any] | None
) -> dict[str, Any]:
    """The ``sameness`` object: nearest copies first, most shared words first."""
    near = sorted(
        ((other, found.similarity) for other, found in overlaps if found.near),
        key=lambda pair: (-pair[1], pair[0]),
    )
    shares = sorted(
        ((other, found) for other, found in overlaps if found.linked),
        key=lambda pair: (-pair[1].share, pair[0]),
    )
    return {
        "exact_of": exact_of,
        "near": [{"id": other, "similarity": value} for other, value in near[:MAX_NEAR]],
        "shares": [
            {"id": other, "share": found.share, "passages": [list(passage) for passage in found.passages]}
            for other, found in shares[:MAX_NEAR]
        ],
        "story": dict(story) if story is not None else None,
    }


def why(decision: Decision, text: str) -> dict[str, Any] | None:
    """Why a document belongs to its story; None for the document that began it."""
    if decision.similarity is None:
        return None
    return {
        "terms": list(decision.terms[:_WHY_TERMS]),
        "names": names(text, decision.terms),
        "days": decision.days,
        "similarity": decision.similarity,
    }


def story_data(
    story: Story,
    *,
    because: dict[str, Any] | None = None,
    merged_into: str | None = None,
    merged_from: Sequence[str] = (),
) -> dict[str, Any]:
    """The data of a story event, and what the API shows of a story.

    ``size`` counts all members; ``members`` names the newest, up to `wireroom.stories.MAX_MEMBERS`.
    """
    return {
        "id": story.id,
        "title": story.title,
        "size": story.size,
        "members": list(story.members),
        "first_seen": _rfc3339(story.first_seen),
        "last_seen": _rfc3339(story.last_seen),
        "terms": heaviest(story.total, _STORY_TERMS),
        "entities": None,
        "why": because,
        "merged_into": merged_into,
        "merged_from": list(merged_from),
    }


def _rfc3339(milliseconds_: int) -> str:
    at = datetime.fromtimestamp(milliseconds_ / 1000, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def settle(item: Item, salt: str, member: Member, before: Before, known: Sequence[Story]) -> Settled:
    """Decides the story of a document and tells what follows from it.

    Args:
        item: the document.
        salt: different for each text of a document; tells its story from one that it began with another text.
        member: the document as a story sees it; without terms it belongs to none.
        before: what stood in the index.
        known: the stories it may belong to, its earlier one among them.
    """
    rest, left = _without(before, known)
    emptied = before.story if before.story and left is None else None
    if not member.vector:
        events = (StoryEvent("story.updated", left.id, story_data(left)),) if left else ()
        data = sameness_data(before.exact_of, before.overlaps, None)
        return Settled(
            Placement(data, events), None, (left,) if left else (), ((emptied, None),) if emptied else ()
        )
    new = emptied or story_id(member.id, salt if before.taken else "")
    decision = decide(member, rest, new, same=before.copied, before=before.story)
    story = decision.story
    gone = decision.merged if emptied in (None, story.id) else (*decision.merged, str(emptied))
    moved = (left,) if left and left.id != story.id and left.id not in gone else ()
    because = why(decision, item.text)
    data = sameness_data(
        before.exact_of, before.overlaps, {"id": story.id, "size": story.size, "why": because}
    )
    kind = "story.created" if decision.began and not emptied else "story.updated"
    told = _events(kind, story, because, gone, moved)
    ends = tuple((sid, story.id) for sid in gone)
    return Settled(Placement(data, told), story.id, (story, *moved), ends, decision.close)


def _without(before: Before, known: Sequence[Story]) -> tuple[list[Story], Story | None]:
    """The stories without the earlier text of the document, and what is left of its story."""
    if before.member is None:
        return list(known), None
    changed = {story.id: leave(story, before.member) for story in known if story.id == before.story}
    rest = [changed.get(story.id, story) for story in known]
    return [story for story in rest if story], next(iter(changed.values()), None)


def _events(
    kind: str, story: Story, because: dict[str, Any] | None, gone: Sequence[str], moved: Sequence[Story]
) -> tuple[StoryEvent, ...]:
    data = story_data(story, because=because, merged_from=gone)
    merged = story_data(story, because=because, merged_into=story.id, merged_from=gone)
    return (
        StoryEvent(kind, story.id, data),
        *(StoryEvent("story.merged", sid, merged | {"id": sid}) for sid in gone),
        *(StoryEvent("story.updated", old.id, story_data(old)) for old in moved),
    )
