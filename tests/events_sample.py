"""Events of our own making, on a stream."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from wireroom.events import Event, Type

if TYPE_CHECKING:
    import redis

    from wireroom.subscribing import Delivery

STREAM = "wireroom:documents"
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def event(number: int, kind: Type = Type.DOCUMENT_CREATED) -> Event:
    subject = f"{number:016x}"
    return Event(kind, subject, f"{subject}.1.{kind}", "/wireroom", NOON, {"id": subject, "revision": 1})


def add(client: redis.Redis, *numbers: int, kind: Type = Type.DOCUMENT_CREATED) -> None:
    for number in numbers:
        client.xadd(f"wireroom:{kind.stream}", event(number, kind).fields(), id=f"{number}-0")


def number(delivery: Delivery) -> int:
    return int(delivery.subject, 16)
