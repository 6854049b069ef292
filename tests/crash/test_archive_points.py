"""A fetcher is killed at numbered points of the archive's lane: each dead link ends once, and as if nobody had died."""

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

from archiveroom import article
from localweb import LocalWeb
from soundness import check_sound
from waiting import until
from wayback import Wayback
from workshop import make_world, take_in

from wireroom.adapters.embedded import EmbeddedServer
from wireroom.events import Stream

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

DIES = str(Path(__file__).parent / "dies.py")
FETCH = ("fetch",)
BESIDE = (("schedule",), ("work", "normalize"), ("work", "dates"))
POINTS = 8
"""Steps of the fetcher that are struck: two turns of the site, the one that asks the archive, and the archive's own."""


@pytest.fixture
def redis_of_its_own(tmp_path: Path) -> Iterator[str]:
    with EmbeddedServer(tmp_path / "redis") as server:
        yield server.endpoint.url


def test_killed_in_the_archives_lane_each_dead_link_ends_once(redis_of_its_own: str, tmp_path: Path) -> None:
    world = make_world(redis_of_its_own, lease=2)
    running: list[subprocess.Popen[bytes]] = []
    with LocalWeb() as web, (tmp_path / "log").open("wb") as log:
        archive = Wayback(web.site())
        clean = {name: value for name, value in os.environ.items() if not name.startswith("WIREROOM_")}
        environment = clean | {
            "WIREROOM_REDIS_URL": redis_of_its_own,
            "WIREROOM_ENRICH": "dates",
            "WIREROOM_LEASE": "2",
            "WIREROOM_FETCH_ALLOW_PRIVATE": "127.0.0.0/8",
            "WIREROOM_FETCH_DELAY": "0",
            "WIREROOM_ARCHIVE": "true",
            "WIREROOM_ARCHIVE_URL": archive.url,
            "WIREROOM_ARCHIVE_DELAY": "0",
        }

        def start(*command: str) -> subprocess.Popen[bytes]:
            running.append(subprocess.Popen([sys.executable, *command], env=environment, stderr=log))
            return running[-1]

        try:
            for words in BESIDE:
                start("-m", "wireroom", *words)
            points = [(when, number) for number in range(1, POINTS + 1) for when in ("before", "after")]
            for done, (when, number) in enumerate(points, start=1):
                paper = web.site()
                kept, lost = paper.url("/kept"), paper.url("/lost")
                archive.keep(
                    kept, "20190306070809", article(f"What {kept} said of the storm of that year. " * 9)
                )
                take_in(world, urls=[kept, lost], batch=f"b{done}")
                dying = start(DIES, when, str(number), *FETCH)
                assert dying.wait(60) == -signal.SIGKILL, (when, number)
                substitute = start("-m", "wireroom", *FETCH)
                until(lambda: not any(world.ledger.stats()["waiting"].values()), 60)
                substitute.terminate()
                assert substitute.wait(30) == 0
                stats = world.ledger.stats()
                ended = (stats["accepted"], stats["published"], stats["failed"])
                assert ended == (2 * done, done, done), (when, number)
            check_sound(world)
        finally:
            for process in running:
                process.kill()
                process.wait()
        for stream, expected in ((Stream.DOCUMENTS, 1), (Stream.FETCHES, 2), (Stream.DEAD, 1)):
            told = Counter(event.id for _, event in world.streams.read(stream, "0", 10_000))
            assert len(told) == expected * len(points)
            assert set(told.values()) == {1}
        kinds = {
            event.data["origin"]["kind"] for _, event in world.streams.read(Stream.DOCUMENTS, "0", 10_000)
        }
        assert kinds == {"archive"}
    world.redis.close()
