"""Makes what is known across documents anew from the documents that are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

from wireroom.adapters.ids import now_ms
from wireroom.placement import Item

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wireroom.adapters.store import Store
    from wireroom.world import World

_MOST = 1_000_000
_DAY = len("2026-03-04")
_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild did.

    Attributes:
        documents: how many were read and put into the index again.
        stories: how many stories they make.
        moved: how many of them are now in another story than their newest revision says.
    """

    documents: int
    stories: int
    moved: int


def rebuild(world: World) -> Rebuilt:
    """Make the index of copies and stories, and that of names, anew from the newest revision of every document of the window.

    Documents are placed in the order they were published in. The service may run meanwhile: what it places stays. What
    the streams and the revisions say is not changed.

    Raises:
        redis.exceptions.RedisError: the server is gone; run it again.
    """
    told: dict[str, str | None] = {}
    since = now_ms() - world.settings.window_days * _DAY_MS

    def items() -> Iterator[Item]:
        for data, updated in _newest(world.store, since):
            story = data["sameness"]["story"]
            told[data["id"]] = story["id"] if story else None
            yield item_of(data, updated)

    found = world.sameness_index.rebuild(items())
    world.alias_index.rebuild(_newest(world.store, since), world.ledger)
    stories = {story for story in found.values() if story}
    moved = sum(sid is not None and found[did] != sid for did, sid in told.items())
    return Rebuilt(len(found), len(stories), moved)


def item_of(data: Mapping[str, Any], updated_ms: int) -> Item:
    """A published document as the index takes it."""
    published = data["dates"]["published"]
    day = published["value"][:_DAY] if published else ""
    fetched = data["origin"]["fetched_at"]
    return Item(
        id=data["id"],
        text=data["text"],
        title=data["title"],
        published=date.fromisoformat(day) if len(day) == _DAY else None,
        seen_at=datetime.fromisoformat(fetched)
        if fetched
        else datetime.fromtimestamp(updated_ms / 1000, UTC),
        language=data["language"]["code"],
        url=data["url"],
    )


def _newest(store: Store, since: int) -> Iterator[tuple[dict[str, Any], int]]:
    """The newest revisions in the order they were published in, with the times (ms)."""
    rows = reversed(store.listed(before=None, since=since, count=_MOST))
    for updated, some in groupby(rows, key=lambda row: row[1]):
        kept = [found["data"] for did, _ in some if (found := store.revision(did)) is not None]
        # Of those of one millisecond, the earlier knew the smaller story.
        for data in sorted(kept, key=_story_size):
            yield data, updated


def _story_size(data: Mapping[str, Any]) -> int:
    story = data["sameness"]["story"]
    return int(story["size"]) if story else 0
