"""Each process is killed at numbered points of the path, before and after each atomic step: nothing is lost or told twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from localweb import LocalWeb
from press import page, story
from soundness import check_sound
from waiting import until
from workshop import make_world

from wireroom.adapters.embedded import EmbeddedServer
from wireroom.document import document_id
from wireroom.events import Stream
from wireroom.records import Listing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wireroom.world import World

pytestmark = [pytest.mark.long, pytest.mark.timeout(400)]

DIES = str(Path(__file__).parent / "dies.py")
SERVICES = (("schedule",), ("fetch",), ("work", "normalize"), ("work", "dates"))
POINTS = {("fetch",): 5, ("work", "normalize"): 3, ("work", "dates"): 6}
"""How many steps of each are struck; a round of one document and two pages takes about so many."""


class Room:
    """A server, and the processes beside the one that dies."""

    def __init__(self, url: str, log: Path) -> None:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("WIREROOM_")}
        self.environment = clean | {
            "WIREROOM_REDIS_URL": url,
            "WIREROOM_ENRICH": "dates",
            "WIREROOM_LEASE": "2",
            "WIREROOM_WORK_TRIES": "9",
            "WIREROOM_FETCH_ALLOW_PRIVATE": "127.0.0.0/8",
            "WIREROOM_FETCH_DELAY": "0",
        }
        self.log = log
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as stderr:
            process = subprocess.Popen([sys.executable, *command], env=self.environment, stderr=stderr)
        self.running.append(process)
        return process

    def end(self) -> None:
        for process in self.running:
            process.kill()
            process.wait()


def take_in(world: World, web: LocalWeb, number: int) -> None:
    urls = tuple(web.site().page(f"/{number}/{n}", page(100 * number + n)) for n in range(2))
    text = "\n\n".join(["date 2031-05-04", *story(100 * number + 9), "Sources: " + " ".join(urls)]) + "\n"
    world.ledger.open_batch(f"b{number}", "a test")
    world.ledger.accept(f"b{number}", [Listing(f"{number}.txt", document_id(text), text, "dated", urls)])


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with EmbeddedServer(tmp_path / "redis") as server:
        made = Room(server.endpoint.url, tmp_path / "log")
        yield made
        made.end()


@pytest.mark.parametrize("victim", list(POINTS), ids="-".join)
def test_killed_before_and_after_each_step_the_outcome_is_whole(victim: tuple[str, ...], room: Room) -> None:
    world = make_world(room.environment["WIREROOM_REDIS_URL"], lease=2)
    for words in SERVICES:
        if words != victim:
            room.start("-m", "wireroom", *words)
    points = [(when, number) for number in range(1, POINTS[victim] + 1) for when in ("before", "after")]
    with LocalWeb() as web:
        for done, (when, number) in enumerate(points, start=1):
            take_in(world, web, done)
            dying = room.start(DIES, when, str(number), *victim)
            assert dying.wait(60) == -signal.SIGKILL, (when, number)
            substitute = room.start("-m", "wireroom", *victim)
            until(lambda: not any(world.ledger.stats()["waiting"].values()), 60)
            substitute.terminate()
            assert substitute.wait(30) == 0
            stats = world.ledger.stats()
            assert (stats["accepted"], stats["published"]) == (3 * done, 3 * done), (when, number)
        check_sound(world)
        told = Counter(event.id for _, event in world.streams.read(Stream.DOCUMENTS, "0", 10_000))
        assert len(told) == 3 * len(points)
        assert set(told.values()) == {1}
    world.redis.close()
