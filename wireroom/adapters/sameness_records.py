"""How the index of sameness writes its records: vectors, stories, placements, to bytes and back. Opens nothing."""

from __future__ import annotations

import struct
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import orjson
import zstandard

from wireroom.placement import Placement, StoryEvent
from wireroom.stories import Story

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wireroom.terms import Vector

_LEVEL: Final = 1
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


def pack_story(story: Story) -> bytes:
    """All of a story but its id and its sum."""
    return orjson.dumps(
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


def unpack_story(story_id: str, state: bytes, total: bytes) -> Story:
    """The story that was packed."""
    title, size, members, first_seen, last_seen, first_day, last_day, weight = orjson.loads(state)
    days = (first_seen, last_seen, first_day, last_day)
    return Story(story_id, title, size, tuple(members), *days, weight, unpack_vector(total))


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
