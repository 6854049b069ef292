"""Subscribing to a stream: the door that programs which are not ours come through."""

from __future__ import annotations

import os
import secrets
import socket
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from wireroom.adapters.consumer import Consumer
from wireroom.adapters.whereabouts import client_settings
from wireroom.subscribing import START, Delivery, Terms, position, stream_named, types_named

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncGenerator, Collection

    from wireroom.settings import Settings


def subscribe(
    stream: str = "documents",
    *,
    group: str,
    consumer: str | None = None,
    redis_url: str | None = None,
    namespace: str | None = None,
    types: Collection[str] | None = None,
    since: str | datetime | None = None,
    deliveries: int = 5,
    claim_after: float = 30.0,
    block: float = 5.0,
    gaps: Literal["log", "yield"] = "log",
    stop: asyncio.Event | None = None,
) -> AsyncGenerator[Delivery, None]:
    """Read a stream as one consumer of a group, for ever.

    Use it as ``async for event in wireroom.subscribe("documents", group="desk"):``. Each group gets every event;
    within a group each goes to one consumer. An event is acknowledged when the next one is asked for. One whose body
    raised, or that the loop was left at, is given again: at once the first time, then after 1, 3, 7 … seconds. So
    delivery is at least once: equal ``source`` and ``id`` are the same event.

    What a consumer that died held is given to another after ``claim_after`` seconds. A living one keeps its event
    however long the body takes, unless the body blocks the event loop for that long. Order is the stream's, but for
    what is given again. A Redis that is gone is waited for.

    What is no longer in the stream is read from the segment files, where their folder can be read here
    (``WIREROOM_SEGMENTS``, or a local ``wireroom up`` that runs): as if it were still in the stream.

    Args:
        stream: ``documents``, ``stories``, ``fetches`` or ``dead``.
        group: name of the group; made when it is new.
        consumer: a name that outlives the process: what it held is given to it again at once. Without one the name is
            host, process and chance. A name that is used twice at a time ends the older one with a `UsageError`.
        redis_url: where Redis is; else ``WIREROOM_REDIS_URL`` or the settings file, else a local ``wireroom up`` that
            runs, else ``redis://127.0.0.1:6379/0``.
        namespace: begins every key; else as set, else ``wireroom:``.
        types: only events of these types, such as ``document.created``; the others count as read. All consumers of a
            group should ask for the same.
        since: where a new group begins: ``0`` (also without it: all that is kept), ``$`` (what comes from now on), an
            entry's id (what came after it), a time (RFC 3339 or a datetime) or an age (``24h``). A group that exists
            goes on where it is.
        deliveries: times an event is given to the group before it is set aside: a ``dead.letter`` with stage
            ``consumer:<group>`` takes its place, and the loop goes on.
        claim_after: seconds without a sign of life after which what a consumer holds is given to another.
        block: most seconds one wait for new events takes.
        gaps: what becomes of a gap, events that were trimmed before the group had done with them and that no segment
            file holds: it is logged as an error; with ``yield`` the loop also gets a `wireroom.Gap` in their place.
        stop: when it is set, the loop ends after the body it is in, which is acknowledged.

    Returns:
        An asynchronous generator of `Delivery`: type, subject, id, source, time, data, position, deliveries.

    Raises:
        UsageError: an argument is wrong (at once), or the consumer's name is used by another (while reading).
        StoreError: Redis is there but not fit: wrong password, an evicting policy, a key that is no stream.
    """
    return subscribed(
        client_settings(redis_url, namespace, os.environ),
        stream,
        group=group,
        consumer=consumer,
        types=types,
        since=since,
        deliveries=deliveries,
        claim_after=claim_after,
        block=block,
        gaps=gaps,
        stop=stop,
    )


def subscribed(
    settings: Settings,
    stream: str,
    *,
    group: str,
    consumer: str | None = None,
    types: Collection[str] | None = None,
    since: str | datetime | None = None,
    stop: asyncio.Event | None = None,
    **more: Any,
) -> AsyncGenerator[Delivery, None]:
    """`subscribe` with the settings of a process of ours."""
    chosen = stream_named(stream)
    terms = Terms(
        stream=chosen,
        group=group,
        consumer=consumer if consumer is not None else _chance_name(),
        named=consumer is not None,
        types=types_named(types, (chosen,)),
        since=position(START if since is None else since, datetime.now(UTC)),
        **more,
    )
    return Consumer(settings, terms, stop).events()


def _chance_name() -> str:
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
