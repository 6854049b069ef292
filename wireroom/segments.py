"""Segment files: what left a stream, one event a line, named so that a missing piece shows. Pure.

A segment holds consecutive entries of one stream. Its name says how many entries the stream ever had before its first
one, how many it holds, and the positions of its first and last. So whoever reads several in order sees whether
something between them is missing, and how much; and whether a file ends too early.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import orjson

from wireroom.subscribing import order

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SUFFIX = ".jsonl.zst"
_NAME = re.compile(
    r"([a-z]+)_(\d{1,19})_(\d{1,9})_(\d{1,20}-\d{1,20})_(\d{1,20}-\d{1,20})" + re.escape(SUFFIX)
)
_OWN = frozenset({"position", "raw"})
"""Keys of a line that are no fields of an entry."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment file.

    Attributes:
        stream: the stream that its entries left.
        number: how many entries the stream ever had before the first one here.
        count: how many are here.
        first: position of the first.
        last: position of the last.
    """

    stream: str
    number: int
    count: int
    first: str
    last: str

    @property
    def name(self) -> str:
        """The file's name."""
        return f"{self.stream}_{self.number}_{self.count}_{self.first}_{self.last}{SUFFIX}"

    @property
    def end(self) -> int:
        """How many entries the stream ever had up to the last one here."""
        return self.number + self.count

    @classmethod
    def named(cls, name: str) -> Self | None:
        """The segment of a file's name; None where it is no segment's."""
        found = _NAME.fullmatch(name)
        return cls(found[1], int(found[2]), int(found[3]), found[4], found[5]) if found else None


@dataclass(frozen=True, slots=True)
class Kept:
    """An entry as a segment keeps it.

    Attributes:
        position: its id in the stream.
        fields: its fields.
        number: how many entries the stream ever had up to this one.
        missing: how many entries are missing between the one read before and this one; None where that cannot be told.
    """

    position: str
    fields: Mapping[bytes, bytes]
    number: int
    missing: int | None


def write_line(position: str, fields: Mapping[bytes, bytes]) -> bytes:
    """An entry as a line of JSON: its position, its fields, and ``data`` as what it says.

    An entry that is no event of ours is kept as well: ``raw`` holds its fields in base64.
    """
    try:
        text = {key.decode(): value.decode() for key, value in fields.items() if key != b"data"}
        line: dict[str, Any] = {"position": position, **text}
        if b"data" in fields:
            line["data"] = orjson.loads(fields[b"data"])
        plain = not text.keys() & _OWN
    except ValueError:
        plain = False
    if not plain:
        raw = [[base64.b64encode(word).decode() for word in pair] for pair in fields.items()]
        line = {"position": position, "raw": raw}
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)


def read_line(line: bytes) -> tuple[str, dict[bytes, bytes]]:
    """The position and the fields of a line.

    Raises:
        ValueError: it is no such line.
    """
    try:
        found = orjson.loads(line)
        position = found.pop("position")
        order(position)
        if "raw" in found:
            return position, {base64.b64decode(key): base64.b64decode(value) for key, value in found["raw"]}
        return position, {
            key.encode(): orjson.dumps(value) if key == "data" else value.encode()
            for key, value in found.items()
        }
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no line of a segment: {line[:80]!r}") from error


def in_order(segments: Sequence[Segment]) -> list[Segment]:
    """Segments by what they begin with; of two that begin alike the longer one first."""
    return sorted(segments, key=lambda one: (order(one.first), tuple(-part for part in order(one.last))))


def between(segments: Sequence[Segment], after: str, before: str) -> list[Segment]:
    """The segments that may hold entries behind ``after`` and before ``before``, in order."""
    return [
        one
        for one in in_order(segments)
        if order(one.last) > order(after) and order(one.first) < order(before)
    ]


def reached(segments: Sequence[Segment], after: str) -> int | None:
    """How many entries the stream had up to a position at least, as far as the names tell; None where they do not.

    The number is exact where a file ends with that position, and where the next file goes on with the next number.
    """
    ended = [one for one in segments if order(one.last) <= order(after)]
    return max(ended, key=lambda one: order(one.last)).end if ended else None


def surplus(files: Sequence[tuple[Segment, int, float]], most_bytes: int, oldest: float) -> list[Segment]:
    """The segments to be deleted, oldest first.

    Args:
        files: each with its length in bytes and the time it was written.
        most_bytes: what all may take together.
        oldest: what was written before this time goes.
    """
    doomed = []
    total = sum(size for _, size, _ in files)
    for segment, size, written in sorted(files, key=lambda file: (file[2], order(file[0].last))):
        if total <= most_bytes and written >= oldest:
            break
        doomed.append(segment)
        total -= size
    return doomed
