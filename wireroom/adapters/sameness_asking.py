"""A document on its way through the index of sameness: what is asked of the script and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from struct import pack
from typing import TYPE_CHECKING, Any, Final

from wireroom.adapters.sameness_records import (
    pack_terms,
    pack_text,
    unpack_vector,
)
from wireroom.capitals import name_words
from wireroom.placement import Before, day_of, face, headline, milliseconds
from wireroom.sameness import digest, fingerprints, read, words_of
from wireroom.stories import Member, story_id
from wireroom.terms import NOTHING, count, vector

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wireroom.adapters.sameness_records import Record
    from wireroom.placement import Item
    from wireroom.sameness import Overlap, Reading
    from wireroom.terms import Counts

_RANKED: Final = 48
_FINE: Final = 4
_MOST: Final = 255
_RAW: Final = 8


@dataclass(frozen=True, slots=True)
class Asked:
    """A document as it comes: read once, for all that is done with it."""

    item: Item
    digest: bytes
    reading: Reading
    counts: Counts


@dataclass(frozen=True, slots=True)
class Entered:
    """A document that is in the index and waits for its story.

    Attributes:
        item: the document.
        digest: of its text.
        seq: its number in the index.
        member: the document as a story sees it.
        before: what stood in the index before it.
        more: ids of stories to look at whatever they share: that of its earlier text, that of its exact copy.
        blob: the stories it may belong to, 8 bytes of id and 8 of mark each.
    """

    item: Item
    digest: bytes
    seq: int
    member: Member
    before: Before
    more: tuple[bytes, bytes]
    blob: bytes

    def looking_at(self, blob: bytes) -> Entered:
        """The same with other stories to look at."""
        return replace(self, blob=blob)

    @property
    def marks(self) -> dict[str, bytes]:
        """The stories it may belong to with their marks."""
        blob = self.blob
        return {
            blob[at : at + _RAW].hex(): blob[at + _RAW : at + 2 * _RAW]
            for at in range(0, len(blob), 2 * _RAW)
        }

    @property
    def looked(self) -> list[str]:
        """The ids of the stories it may belong to."""
        return [self.blob[at : at + _RAW].hex() for at in range(0, len(self.blob), 2 * _RAW)]

    @property
    def values(self) -> tuple[str | bytes | int, ...]:
        """What the commit asks for to see whether the decision stands."""
        return (self.item.id, self.digest, self.seq, self.blob, *self.more)


def ask(item: Item) -> Asked:
    """Reads a document."""
    reading = read(item.text)
    counts = NOTHING
    if reading.telling:
        names = name_words(reading.cased, reading.words, reading.text)
        counts = count(reading.words, words_of(item.title or ""), names)
    return Asked(item, digest(item.text), reading, counts)


def asked_values(asked: Asked) -> list[str | bytes | int]:
    """A document as the script reads it."""
    item, prints = asked.item, fingerprints(asked.reading)
    return [
        item.id,
        milliseconds(item.seen_at),
        asked.digest,
        face(item),
        pack(f">{len(prints)}Q", *prints),
        pack_terms(asked.counts.full),
        pack_text(asked.reading.text) if prints else b"",
        bytes([min(_MOST, int(_FINE * weight)) for weight in asked.counts.promise[:_RANKED]]),
        story_id(item.id),
    ]


def entered_from(asked: Asked, answer: Sequence[Any], overlaps: Sequence[tuple[str, Overlap]]) -> Entered:
    """A document that was entered, from the script's answer and what it shares with which others."""
    _, seq, exact, _, documents, frequencies, story, total, day, copied, taken, blob = answer
    item = asked.item
    before = Before(
        exact_of=exact.decode() or None,
        overlaps=overlaps,
        copied=copied.decode() or None,
        story=story.decode() or None,
        member=Member(item.id, None, int(day), 0, unpack_vector(total)) if story else None,
        taken=bool(taken),
    )
    weights = vector(asked.counts, frequencies, documents)
    member = Member(item.id, headline(item), day_of(item), milliseconds(item.seen_at), weights)
    return Entered(item, asked.digest, seq, member, before, (story, copied), blob)


def writes(saves: Sequence[Record], ends: Mapping[str, str | None]) -> list[str | bytes | int]:
    """The writes of a step as the script reads them."""
    flat: list[str | bytes | int] = [len(saves)]
    for record in saves:
        flat += [record.id, record.mark, record.state, record.total, record.seen, record.posted]
    flat.append(len(ends))
    for sid, into in ends.items():
        flat += [sid, into or ""]
    return flat
