"""The streams: entries written as part of a step, and read by position."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireroom.events import Event, Stream

if TYPE_CHECKING:
    from wireroom.adapters.client import Client
    from wireroom.adapters.keys import Keys
    from wireroom.adapters.steps import Command


class Streams:
    """The four streams of one namespace."""

    def __init__(self, redis_: Client, keys: Keys) -> None:
        self.redis = redis_
        self.keys = keys

    @property
    def source(self) -> str:
        """The ``source`` of every event written here."""
        return source_of(self.keys.ns)

    def entry(self, event: Event) -> Command:
        """The command that writes an event, to be part of a step. What is too much leaves by `retention`."""
        words = [word for pair in event.fields().items() for word in pair]
        return ("XADD", self.keys.stream(event.type.stream), "*", *words)

    def read(self, stream: Stream, after: str, count: int = 100) -> list[tuple[str, Event]]:
        """Entries of a stream after a position (``0`` for all), oldest first."""
        rows = self.redis.xrange(self.keys.stream(stream), min=f"({after}", count=count)
        return [(entry_id.decode(), Event.from_fields(fields)) for entry_id, fields in rows]

    def last(self, stream: Stream) -> str:
        """The position of the newest entry; ``0-0`` when there is none."""
        rows = self.redis.xrevrange(self.keys.stream(stream), count=1)
        return rows[0][0].decode() if rows else "0-0"


def source_of(namespace: str) -> str:
    """The ``source`` of a Wireroom's events: a URI reference made from its namespace."""
    return "/" + namespace.rstrip(":").replace(":", "/")
