"""The sweeper on a real server: what is overdue is taken back, and given up after bounded tries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from soundness import check_sound
from workshop import (
    Here,
    enrich,
    lease,
    listing,
    make_world,
    no_dates,
    normalize,
    normalizer,
    response,
    take_in,
)

from wireroom.adapters.ids import now_ms
from wireroom.adapters.work import work_on
from wireroom.errors import Reason
from wireroom.events import Stream, Type
from wireroom.failure import Failure
from wireroom.records import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wireroom.world import World

URL = "http://larnevale.example/ferry"


@pytest.fixture
def world(redis_url: str) -> Iterator[World]:
    made = make_world(redis_url)
    yield made
    made.redis.close()


def all_overdue(world: World) -> None:
    """Let every deadline pass now."""
    for task in world.redis.zrange(world.keys.tasks, 0, -1):
        world.redis.zadd(world.keys.tasks, {task: now_ms() - 1})


def letters(world: World) -> list[Any]:
    return [event.data for _, event in world.streams.read(Stream.DEAD, "0")]


def test_nothing_is_swept_before_its_time(world: World) -> None:
    take_in(world, listing("one"), urls=[URL])
    lease(world)
    assert world.sweeper.sweep() == 0


def test_a_job_that_still_stands_is_left_alone(world: World) -> None:
    take_in(world, listing("one"), listing("two"))
    all_overdue(world)
    assert world.sweeper.sweep() == 2
    assert world.jobs.length(Stage.NORMALIZE) == 1
    assert world.sweeper.sweep() == 0
    check_sound(world)


def test_a_job_that_vanished_is_enqueued_again_for_each_unit_alone(world: World) -> None:
    uids = take_in(world, listing("one"), listing("two"))
    queue = world.jobs.queue(Stage.NORMALIZE)
    world.redis.delete(queue.key)
    all_overdue(world)
    world.sweeper.sweep()
    jobs = [queue.fetch_job(job_id) for job_id in queue.job_ids]
    assert sorted(job.args[0] for job in jobs if job) == sorted([uid] for uid in uids)
    check_sound(world)
    normalize(world, *uids)
    enrich(world, *uids)
    assert world.ledger.stats()["published"] == 2


def test_a_dead_workers_document_is_tried_alone_and_given_up_in_the_end(world: World) -> None:
    (uid,) = take_in(world, listing("one"))
    for tries in (1, 2, 3):
        (held,) = world.ledger.take(Stage.NORMALIZE, [uid])
        assert held.tries == tries
        check_sound(world)
        all_overdue(world)
        world.sweeper.sweep()
    assert world.ledger.unit(uid)["state"] == "failed"
    (letter,) = letters(world)
    assert {name: letter[name] for name in ("stage", "reason", "tries", "unit", "name")} == {
        "stage": "normalize", "reason": "worker_died", "tries": 3, "unit": uid, "name": "one.txt",
    }  # fmt: skip
    assert world.redis.hget(world.keys.work(uid), "text") is not None
    check_sound(world)


def test_a_dead_workers_page_ends_with_one_fetch_event(world: World) -> None:
    take_in(world, urls=[URL])
    (crawl,) = lease(world)
    world.frontier.fetched([(crawl, response(crawl), b"<p>page")])
    for _ in range(3):
        world.ledger.take(Stage.NORMALIZE, [crawl.lease.uid])
        all_overdue(world)
        world.sweeper.sweep()
    assert [(e.type, e.data["reason"]) for _, e in world.streams.read(Stream.FETCHES, "0")] == [
        (Type.FETCH_FAILED, "worker_died")
    ]
    assert len(letters(world)) == 1
    assert world.redis.hget(world.keys.url(world.ledger.unit(crawl.lease.uid)["key"]), "open") is None
    check_sound(world)


def test_an_enricher_that_always_dies_does_not_keep_a_document_from_being_published(redis_url: str) -> None:
    world = make_world(redis_url, enrich=("dates", "entities"))
    (uid,) = take_in(world, listing("one"))
    normalize(world, uid)
    for _ in range(3):
        world.ledger.take(Stage.ENTITIES, [uid])
        all_overdue(world)
        world.sweeper.sweep()
    check_sound(world)
    enrich(world, uid)
    ((_, event),) = world.streams.read(Stream.DOCUMENTS, "0")
    assert event.data["enrichment"]["entities"]["status"] == "failed"
    assert event.data["enrichment"]["entities"]["error"].startswith("worker_died")
    assert event.data["enrichment"]["dates"]["status"] == "done"
    check_sound(world)


def test_a_lost_crawl_waits_again_and_is_given_up_in_the_end(world: World) -> None:
    (uid,) = take_in(world, urls=[URL])
    tried = 0
    while leased := lease(world):
        tried += 1
        assert leased[0].lease.tries == tried
        all_overdue(world)
        world.sweeper.sweep()
        check_sound(world)
    assert tried == world.settings.fetch_tries + 3
    assert world.ledger.unit(uid)["state"] == "failed"
    assert [(letter["stage"], letter["reason"]) for letter in letters(world)] == [("fetch", "worker_died")]


def test_what_was_ready_is_published_when_its_enricher_died(world: World) -> None:
    (uid,) = take_in(world, listing("one"))
    normalize(world, uid)
    (held,) = world.ledger.take(Stage.DATES, [uid])
    assert world.ledger.commit([world.ledger.enriched(held, b'{"data": null}')])[0].zero
    check_sound(world)
    all_overdue(world)
    world.sweeper.sweep()
    assert world.ledger.unit(uid)["state"] == "published"
    check_sound(world)


@pytest.mark.parametrize("spoil", ["draft", "result"])
def test_what_cannot_be_published_is_given_up_with_where_it_failed(world: World, spoil: str) -> None:
    (uid, other) = take_in(world, listing("one"), listing("two"))
    normalize(world, uid, other)
    (held,) = world.ledger.take(Stage.DATES, [uid])
    world.ledger.commit([world.ledger.enriched(held, b"[]" if spoil == "result" else b"{}")])
    if spoil == "draft":
        world.redis.hset(world.keys.work(uid), "draft", "{")
    for _ in range(4):
        all_overdue(world)
        world.sweeper.sweep()
    assert world.ledger.unit(uid)["state"] == "failed"
    (letter,) = letters(world)
    assert (letter["stage"], letter["reason"], letter["tries"]) == ("publish", "publish_error", 3)
    assert letter["detail"]
    assert len(letter["stack"]) == 12
    enrich(world, other)
    assert world.ledger.unit(other)["state"] == "published"
    check_sound(world)


def test_a_document_whose_draft_is_gone_is_given_up(world: World) -> None:
    (uid,) = take_in(world, listing("one"))
    normalize(world, uid)
    world.redis.delete(world.keys.work(uid))
    for _ in range(8):
        enrich(world, uid)
        all_overdue(world)
        world.sweeper.sweep()
    assert world.ledger.unit(uid)["state"] == "failed"
    assert letters(world)[0]["detail"] == "LookupError: its draft is gone"
    check_sound(world)


def test_a_body_that_is_gone_is_given_up_at_once(world: World) -> None:
    (uid,) = take_in(world, listing("one"))
    world.redis.delete(world.keys.work(uid))
    normalize(world, uid)
    assert (letters(world)[0]["reason"], letters(world)[0]["tries"]) == ("body_expired", 1)
    check_sound(world)


def test_one_record_that_cannot_be_read_hides_nothing_behind_it(world: World) -> None:
    first, second = take_in(world, listing("one"), listing("two"))
    world.ledger.take(Stage.NORMALIZE, [first, second])
    world.redis.hset(world.keys.unit(first), "normalize.tries", "many")
    world.redis.zadd(
        world.keys.tasks, {b"\xff\xfe": 1, "nonsense": 1, "nostage:x": 1, "normalize:unknown": 1}
    )
    all_overdue(world)
    world.sweeper.sweep()
    assert world.ledger.unit(second)["normalize.status"] == "queued"
    assert world.redis.zscore(world.keys.tasks, "normalize:unknown") is None
    world.redis.hset(world.keys.unit(first), "normalize.tries", "1")
    all_overdue(world)
    world.sweeper.sweep()
    assert world.ledger.unit(first)["normalize.status"] == "queued"


def test_two_sweepers_enqueue_once(redis_url: str) -> None:
    worlds = [make_world(redis_url) for _ in range(2)]
    (uid,) = take_in(worlds[0], listing("one"))
    worlds[0].ledger.take(Stage.NORMALIZE, [uid])
    worlds[0].redis.delete(worlds[0].jobs.queue(Stage.NORMALIZE).key)
    all_overdue(worlds[0])
    overdue = worlds[0].redis.zrange(worlds[0].keys.tasks, 0, -1)
    assert [world.sweeper.sweep() for world in worlds] == [len(overdue), 0]
    assert worlds[0].jobs.length(Stage.NORMALIZE) == 1
    check_sound(worlds[0])


class Dying:
    """A pool whose process dies at one of its items, and goes on with the next."""

    def __init__(self, at: str) -> None:
        self.at = at

    def map(self, items: Sequence[Any]) -> Iterator[Any]:
        here = Here()
        for item in items:
            if item.name == self.at:
                yield Failure(Reason.WORKER_DIED, "its process ended with exit code -9", again=True)
            else:
                yield from here.map([item])


def test_poison_is_tried_alone_so_often_and_its_neighbours_are_published(world: World) -> None:
    uids = take_in(world, *(listing(name) for name in ("one", "poison", "two")))
    work = normalizer(world, Dying("poison.txt"))
    assert work_on(world.ledger, work, uids, lambda: False) == 3
    assert [world.ledger.unit(uid)["state"] for uid in uids] == ["enriching", "normalizing", "enriching"]
    queue = world.jobs.queue(Stage.NORMALIZE)
    job = queue.fetch_job(queue.job_ids[-1])
    assert job is not None
    assert job.args == [[uids[1]]]
    check_sound(world)
    assert [work_on(world.ledger, work, [uids[1]], lambda: False) for _ in range(3)] == [1, 1, 0]
    assert [(d["reason"], d["tries"]) for d in letters(world)] == [("worker_died", 3)]
    enrich(world, *uids)
    assert world.ledger.stats()["published"] == 2
    check_sound(world)


def test_an_enricher_that_finds_nothing_is_no_failure() -> None:
    assert list(no_dates([])) == []
