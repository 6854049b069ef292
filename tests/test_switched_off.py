"""An enricher that is switched off while documents wait for it strands none of them, whoever wrote it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from soundness import check_sound
from waiting import until
from workshop import enrich, listing, make_world, normalize, take_in

from wireroom.adapters.doctor import examine
from wireroom.adapters.heartbeat import beating, running
from wireroom.adapters.ids import now_ms
from wireroom.events import Stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wireroom.world import World

NAMES = ["entities", "readability"]
OFF = "enricher_off: it was switched off while this document waited for it"


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def before(redis_url: str, name: str) -> Iterator[World]:
    """As it was when the documents came in."""
    made = make_world(redis_url, enrich=("dates", name))
    yield made
    made.redis.close()


@pytest.fixture
def after(before: World) -> Iterator[World]:
    """As it is since then: one enricher fewer."""
    made = make_world(before.settings.redis_url, enrich=("dates",))
    yield made
    made.redis.close()


def sweep(world: World) -> None:
    """Let every deadline pass now, and look."""
    for task in world.redis.zrange(world.keys.tasks, 0, -1):
        world.redis.zadd(world.keys.tasks, {task: now_ms() - 1})
    world.sweeper.sweep()


def published(world: World) -> list[Any]:
    return [event.data for _, event in world.streams.read(Stream.DOCUMENTS, "0")]


@pytest.mark.parametrize("dates_first", [True, False])
def test_what_waits_for_it_is_published_without_it(
    before: World, after: World, name: str, *, dates_first: bool
) -> None:
    uids = take_in(before, listing("one"), listing("two"))
    normalize(before, *uids)
    for step in (enrich, None) if dates_first else (None, enrich):
        if step is None:
            sweep(after)
        else:
            step(after, *uids)
        check_sound(after)
    assert after.ledger.stats()["published"] == 2
    for data in published(after):
        told = data["enrichment"][name]
        assert (told["status"], told["error"]) == ("failed", OFF)
        assert data["enrichment"]["dates"]["status"] == "done"
    assert after.jobs.length(name) == 0
    assert list(after.redis.scan_iter(match=f"rq:job:*{name}*")) == []
    check_sound(after)


def test_a_worker_of_it_that_still_runs_ends_its_work(before: World, after: World, name: str) -> None:
    uids = take_in(before, listing("one"))
    normalize(before, *uids)
    enrich(before, *uids)
    with beating(after.client, after.keys, f"work-{name}"):
        until(lambda: running(after.client, after.keys))
        sweep(after)
        assert after.ledger.unit(uids[0])["state"] == "enriching"
        assert len(before.ledger.take(name, uids)) == 1
    sweep(after)
    assert [data["enrichment"][name]["error"] for data in published(after)] == [OFF]
    check_sound(after)


def test_a_worker_that_comes_too_late_finds_nothing_to_do(before: World, after: World, name: str) -> None:
    uids = take_in(before, listing("one"))
    normalize(before, *uids)
    enrich(before, *uids)
    (held,) = before.ledger.take(name, uids)
    sweep(after)
    late = before.ledger.not_enriched(held, "too late")
    assert not before.ledger.commit([late])[0].done
    assert before.ledger.take(name, uids) == []
    assert [data["enrichment"][name]["error"] for data in published(after)] == [OFF]
    check_sound(before)


def test_switched_on_again_it_takes_what_still_waits(before: World, after: World, name: str) -> None:
    one, two = take_in(before, listing("one"), listing("two"))
    normalize(before, one, two)
    after.redis.zadd(after.keys.tasks, {f"{name}:{one}": now_ms() - 1})
    after.sweeper.sweep()
    sweep(before)
    assert [lease.uid for lease in before.ledger.take(name, [one, two])] == [two]
    assert before.jobs.length(name) == 1
    check_sound(before)


def test_the_doctor_mends_a_unit_that_waits_for_an_enricher_it_does_not_know(
    before: World, after: World, name: str
) -> None:
    uids = take_in(before, listing("one"))
    normalize(before, *uids)
    after.redis.zrem(after.keys.tasks, f"{name}:{uids[0]}")
    found = {(f.code, f.detail) for f in examine(after, repair=True)}
    assert ("no_task", f"{name} is queued") in found
    check_sound(after)
    enrich(after, *uids)
    sweep(after)
    assert len(published(after)) == 1
    after.redis.zadd(after.keys.tasks, {f"{name}:{uids[0]}": now_ms()})
    assert ("stale_task", True) in {(f.code, f.repaired) for f in examine(after, repair=True)}
    check_sound(after)


def test_what_was_never_switched_on_is_not_told(after: World, name: str) -> None:
    uids = take_in(after, listing("one"))
    normalize(after, *uids)
    enrich(after, *uids)
    (data,) = published(after)
    assert data["enrichment"].get(name, {"status": "off"})["status"] == "off"
    assert ("readability" in data["enrichment"]) is False
