"""How the index of sameness writes its records: vectors, stories, placements, to bytes and back. Opens nothing."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import orjson
import zstandard
from xxhash import xxh3_64_digest

from wireroom.placement import Placement, StoryEvent
from wireroom.stories import Story
from wireroom.terms import heaviest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wireroom.terms import Vector

_LEVEL: Final = 1
_POSTED: Final = 48
_MOST: Final = 4 * 1024 * 1024


def pack_terms(terms: Iterable[str]) -> bytes:
    """Terms as a JSON array; nothing for none."""
    listed = list(terms)
    return orjson.dumps(listed) if listed else b""


def pack_vector(vector: Vector) -> bytes:
    """The number of bytes of the terms, the terms, then the three weights of each as floats."""
    terms = pack_terms(vector)
    weights = [*chain.from_iterable(vector.values())]
    return struct.pack(f"<I{len(terms)}s{len(weights)}f", len(terms), terms, *weights)


def unpack_vector(blob: bytes) -> Vector:
    """The vector that was packed, its weights rounded to single precision."""
    (size,) = struct.unpack_from("<I", blob)
    if not size:
        return {}
    terms = orjson.loads(blob[4 : 4 + size])
    return dict(zip(terms, struct.iter_unpack("<3f", blob[4 + size :]), strict=True))


@dataclass(frozen=True, slots=True)
class Record:
    """A story as the index keeps it.

    Attributes:
        id: the story's id.
        mark: 8 bytes that differ where state or sum differ.
        state: all of the story but its id and its sum.
        total: its sum, as `pack_vector` writes it.
        seen: when its newest member was seen, milliseconds since 1970.
        posted: the terms to find it by.
    """

    id: str
    mark: bytes
    state: bytes
    total: bytes
    seen: int = 0
    posted: bytes = b""

    @classmethod
    def of(cls, story: Story) -> Record:
        """The record of a story."""
        state = orjson.dumps(
            [
                story.title,
                story.size,
                story.members,
                story.first_seen,
                story.last_seen,
                story.first_day,
                story.last_day,
                story.weight,
            ]
        )
        total = pack_vector(story.total)
        posted = pack_terms(heaviest(story.total, _POSTED))
        return cls(story.id, xxh3_64_digest(state + total), state, total, story.last_seen, posted)

    def story(self) -> Story:
        """The story, its weights rounded to single precision."""
        title, size, members, first_seen, last_seen, first_day, last_day, weight = orjson.loads(self.state)
        days = (first_seen, last_seen, first_day, last_day)
        return Story(self.id, title, size, tuple(members), *days, weight, unpack_vector(self.total))


def pack_placement(placement: Placement) -> bytes:
    """A placement as JSON."""
    events = [
        {"type": event.type, "story": event.story, "data": event.data} for event in placement.story_events
    ]
    return orjson.dumps({"data": placement.data, "events": events})


def unpack_placement(blob: bytes) -> Placement:
    """The placement that was packed."""
    known: dict[str, Any] = orjson.loads(blob)
    return Placement(known["data"], tuple(StoryEvent(**event) for event in known["events"]))


def pack_text(text: str) -> bytes:
    """A text as zstd."""
    return zstandard.compress(text.encode("utf-8", "surrogatepass"), _LEVEL)


def unpack_text(blob: bytes) -> str:
    """The text that was packed."""
    return zstandard.decompress(blob, max_output_size=_MOST).decode("utf-8", "surrogatepass")
