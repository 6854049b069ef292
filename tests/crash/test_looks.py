"""A scheduler is killed just before and just after the step that asks for what is due: each page is asked for once."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from localweb import LocalWeb
from press import page
from soundness import check_sound
from test_points import DIES, Room
from waiting import until
from workshop import make_world, take_in

from wireroom.adapters.embedded import EmbeddedServer
from wireroom.adapters.ids import now_ms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wireroom.world import World

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]

PAGES = 3


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with EmbeddedServer(tmp_path / "redis") as server:
        made = Room(server.endpoint.url, tmp_path / "log")
        made.environment |= {"WIREROOM_RECRAWL": "true", "WIREROOM_RECRAWL_STOP": "1e10"}
        yield made
        made.end()


def make_due(world: World) -> None:
    for host in world.redis.zrange(world.keys.looks, 0, -1):
        key = world.keys.looks_of_host(host.decode())
        world.redis.zadd(key, dict.fromkeys(world.redis.zrange(key, 0, -1), now_ms() - 1))
        world.redis.zadd(world.keys.looks, {host: now_ms() - 1})


def all_ended(world: World, accepted: int) -> bool:
    stats = world.ledger.stats()
    return stats["accepted"] >= accepted and not any(stats["waiting"].values())


def test_killed_before_and_after_the_step_each_page_is_asked_for_once(room: Room) -> None:
    world = make_world(room.environment["WIREROOM_REDIS_URL"], lease=2)
    for words in (("fetch",), ("work", "normalize"), ("work", "dates")):
        room.start("-m", "wireroom", *words)
    with LocalWeb() as web:
        sites = [web.site() for _ in range(PAGES)]
        take_in(world, urls=[site.page("/", page(n)) for n, site in enumerate(sites)])
        until(lambda: all_ended(world, PAGES), 60)
        assert world.ledger.stats()["published"] == PAGES
        for done, when in enumerate(("before", "after", "before", "after"), start=1):
            make_due(world)
            dying = room.start(DIES, when, "1", "schedule")
            assert dying.wait(60) == -signal.SIGKILL
            substitute = room.start("-m", "wireroom", "schedule")
            until(lambda: world.redis.zcount(world.keys.looks, "-inf", now_ms()) == 0, 60)
            until(lambda: all_ended(world, (done + 1) * PAGES), 60)  # noqa: B023 - asked at once
            substitute.terminate()
            assert substitute.wait(30) == 0
            assert world.ledger.stats()["accepted"] == (done + 1) * PAGES
            assert [len(site.hits("/")) for site in sites] == [done + 1] * PAGES
        check_sound(world)
    world.redis.close()
