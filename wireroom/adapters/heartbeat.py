"""A sign of life in Redis, so that health checks and the status page know which processes run."""

from __future__ import annotations

import os
import socket
import threading
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog

from wireroom.adapters.connection import TROUBLE
from wireroom.adapters.ids import now_ms

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wireroom.adapters.client import Client
    from wireroom.adapters.keys import Keys

log = structlog.get_logger()

BEAT = 5.0
"""Seconds between two signs of life."""
LIFE = 20
"""Seconds after which a process that gave none is taken for dead."""
_MISSED: tuple[type[Exception], ...] = (*TROUBLE, OSError)


@contextmanager
def beating(client: Client, keys: Keys, service: str, file: Path | None = None) -> Iterator[None]:
    """Give signs of life while the block runs.

    Args:
        client: of the store.
        keys: key names.
        service: what runs.
        file: touched after each sign that Redis has taken; removed at the end. A container's health check looks at its
            age, which costs 2 ms where asking Redis from a new Python costs most of a second.
    """
    name = f"{socket.gethostname()}:{os.getpid()}"
    key, member = keys.process(service, name), f"{service} {name}"
    stop = threading.Event()
    started = now_ms()

    def beat() -> None:
        while True:
            try:
                with client.pipeline(transaction=True) as pipe:
                    pipe.hset(
                        key, mapping={"host": socket.gethostname(), "pid": os.getpid(), "started": started}
                    )
                    pipe.expire(key, LIFE)
                    pipe.zadd(keys.processes, {member: now_ms()})
                    pipe.zremrangebyscore(keys.processes, "-inf", now_ms() - LIFE * 1000)
                    pipe.execute()
                if file is not None:
                    file.touch()
            except _MISSED as error:
                log.debug("no sign of life given", why=str(error))
            if stop.wait(BEAT):
                return

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        if file is not None:
            file.unlink(missing_ok=True)
        try:
            with client.pipeline(transaction=True) as pipe:
                pipe.delete(key)
                pipe.zrem(keys.processes, member)
                pipe.execute()
        except TROUBLE as error:
            log.debug("sign of life left to expire", why=str(error))


def alive(client: Client, keys: Keys, service: str, host: str | None = None) -> int:
    """How many processes of a service gave a sign of life lately, on one host or on any."""
    return sum(1 for _ in client.scan_iter(match=keys.process(service, f"{host}:*" if host else "*")))


def running(client: Client, keys: Keys) -> dict[str, int]:
    """How many processes of each service gave a sign of life lately, by service. One command, however many keys."""
    since = now_ms() - LIFE * 1000
    members: list[bytes] = client.zrangebyscore(keys.processes, since, "+inf")
    return dict(sorted(Counter(member.decode().partition(" ")[0] for member in members).items()))
