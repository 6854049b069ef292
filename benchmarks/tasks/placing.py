"""Documents through the index of sameness on a real server, by one worker or several, with the CPU it took."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import redis

from wireroom.adapters.embedded import EmbeddedServer
from wireroom.adapters.keys import Keys
from wireroom.adapters.sameness_index import SamenessIndex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wireroom.placement import Item

BATCH: Final = 32
"""Documents of one job, as the workers have it."""


@dataclass(frozen=True, slots=True)
class Placed:
    """What came of a set.

    Attributes:
        answers: the ``sameness`` object of each document, by id.
        stories: the story of each document at the end, by id.
        cpu: seconds of CPU, the workers' and the server's.
    """

    answers: dict[str, dict[str, Any]]
    stories: dict[str, str]
    cpu: float


@contextmanager
def server() -> Iterator[str]:
    """The URL of a server for these measurements alone."""
    with tempfile.TemporaryDirectory(prefix="quality") as folder:
        embedded = EmbeddedServer(Path(folder), appendfsync="no")
        try:
            yield embedded.start().url
        finally:
            embedded.stop()


def place(url: str, items: Sequence[Item], workers: int = 1) -> Placed:
    """Places documents, in batches as they come, by so many workers at once."""
    with redis.Redis.from_url(url, protocol=2) as client:
        client.flushall()
        index = _index(client)
        before = _server_cpu(client)
        if workers == 1:
            begun = time.process_time()
            answers = _place(index, items, 0, 1)
            spent = time.process_time() - begun
        else:
            # Fork: the documents need no copying, and nothing else runs here.
            context = multiprocessing.get_context("fork")
            with context.Pool(workers) as pool:
                parts = pool.starmap(_work, [(url, items, at, workers) for at in range(workers)], chunksize=1)
            answers = {did: answer for part, _ in parts for did, answer in part.items()}
            spent = sum(cpu for _, cpu in parts)
        spent += _server_cpu(client) - before
        stories: dict[str, str] = {}
        cursor: str | None = None
        while True:
            page, cursor = index.stories(500, cursor)
            stories |= {member: story["id"] for story in page for member in story["members"]}
            if cursor is None:
                return Placed(answers, stories, spent)


def _work(url: str, items: Sequence[Item], at: int, workers: int) -> tuple[dict[str, dict[str, Any]], float]:
    with redis.Redis.from_url(url, protocol=2) as client:
        begun = time.process_time()
        answers = _place(_index(client), items, at, workers)
        return answers, time.process_time() - begun


def _place(index: SamenessIndex, items: Sequence[Item], at: int, workers: int) -> dict[str, dict[str, Any]]:
    """Every so-manieth batch."""
    answers: dict[str, dict[str, Any]] = {}
    for begin in range(at * BATCH, len(items), workers * BATCH):
        batch = items[begin : begin + BATCH]
        answers |= {item.id: found.data for item, found in zip(batch, index.place_many(batch), strict=True)}
    return answers


def _index(client: redis.Redis) -> SamenessIndex:
    return SamenessIndex(client, Keys(f"quality-{os.getuid()}:"), window_days=30)


def _server_cpu(client: redis.Redis) -> float:
    spent = client.info("cpu")
    return float(spent["used_cpu_user"]) + float(spent["used_cpu_sys"])
