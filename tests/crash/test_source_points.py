"""A fetcher is killed between the steps of a look at a source: each article is taken in once."""

from __future__ import annotations

import signal
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from localweb import LocalWeb
from press import page
from soundness import check_sound
from test_points import DIES, Room
from waiting import until
from workshop import make_world

from wireroom.adapters.embedded import EmbeddedServer
from wireroom.events import Stream
from wireroom.sources import source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wireroom.world import World

pytestmark = [pytest.mark.long, pytest.mark.timeout(400)]

STEPS = 6
"""A look takes its lease, its host, leaves it, takes articles in and notes the answer; then the first crawl begins."""


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with EmbeddedServer(tmp_path / "redis") as server:
        made = Room(server.endpoint.url, tmp_path / "log")
        yield made
        made.end()


def ended(world: World, accepted: int) -> bool:
    stats = world.ledger.stats()
    return stats["accepted"] >= accepted and not any(stats["waiting"].values())


def test_killed_between_any_two_steps_each_article_is_taken_in_once(room: Room) -> None:
    world = make_world(room.environment["WIREROOM_REDIS_URL"], lease=2)
    with LocalWeb() as web:
        site = web.site()
        named = source(site.url("/rss"))
        room.environment["WIREROOM_SOURCES_FEEDS"] = str(named)
        for words in (("schedule",), ("work", "normalize"), ("work", "dates")):
            room.start("-m", "wireroom", *words)
        until(lambda: world.redis.exists(world.keys.source(named.id)), 60)
        points = [("before", 1), *(("after", number) for number in range(1, STEPS + 1))]
        for done, (when, number) in enumerate(points, start=1):
            site.page(f"/{done}", page(done))
            items = "".join(f"<item><link>{site.url(f'/{n}')}</link></item>" for n in range(1, done + 1))
            site.page("/rss", f"<rss><channel>{items}</channel></rss>")
            world.sources.soon(named.id)
            dying = room.start(DIES, when, str(number), "fetch")
            assert dying.wait(60) == -signal.SIGKILL, (when, number)
            substitute = room.start("-m", "wireroom", "fetch")
            until(lambda: ended(world, done), 60)  # noqa: B023 - asked at once
            until(lambda: not world.redis.hget(world.keys.source(named.id), "asking"), 60)
            substitute.terminate()
            assert substitute.wait(30) == 0
            stats = world.ledger.stats()
            assert (stats["accepted"], stats["published"]) == (done, done), (when, number)
        check_sound(world)
        told = Counter(event.id for _, event in world.streams.read(Stream.DOCUMENTS, "0", 10_000))
        assert len(told) == len(points)
        assert set(told.values()) == {1}
        assert world.streams.read(Stream.DEAD, "0") == []
    world.redis.close()
