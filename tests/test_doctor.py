"""The doctor: finds each thing that can be wrong, mends it where it can, and then finds nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from soundness import check_sound
from workshop import enrich, lease, listing, make_world, normalize, take_in

from wireroom.adapters.doctor import Finding, examine
from wireroom.adapters.ids import now_ms
from wireroom.events import Stream
from wireroom.records import Stage, State
from wireroom.soundness import Fault
from wireroom.urls import url_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wireroom.world import World

URL = "http://larnevale.example/ferry"
HOST = "larnevale.example"


@pytest.fixture
def world(redis_url: str) -> Iterator[World]:
    made = make_world(redis_url)
    yield made
    made.redis.close()


def found(world: World, *, repair: bool = False) -> list[Finding]:
    return [finding for finding in examine(world, repair=repair) if finding.code != "no_worker"]


def crawl(world: World) -> str:
    return take_in(world, urls=[URL])[0]


def fetching(world: World) -> str:
    take_in(world, urls=[URL])
    return lease(world)[0].lease.uid


def document(world: World) -> str:
    return take_in(world, listing("one"))[0]


def enriching(world: World) -> str:
    uid = document(world)
    normalize(world, uid)
    return uid


def ended(world: World) -> str:
    uid = enriching(world)
    enrich(world, uid)
    return uid


def unit_field(name: str, *values: str) -> Callable[[World, str], None]:
    def spoil(world: World, uid: str) -> None:
        if values:
            world.redis.hset(world.keys.unit(uid), name, values[0])
        else:
            world.redis.hdel(world.keys.unit(uid), name)

    return spoil


def add(key: str, score: float = 0) -> Callable[[World, str], None]:
    def spoil(world: World, uid: str) -> None:
        world.redis.zadd(world.keys.ns + key, {uid: score or now_ms()})

    return spoil


def drop(key: str, member: str = "{}") -> Callable[[World, str], None]:
    def spoil(world: World, uid: str) -> None:
        assert world.redis.zrem(world.keys.ns + key, member.format(uid)) == 1

    return spoil


def task(name: str) -> Callable[[World, str], None]:
    def spoil(world: World, uid: str) -> None:
        world.redis.zadd(world.keys.tasks, {f"{name}:{uid}": now_ms() + 60_000})

    return spoil


CASES = {
    "in two sets": (crawl, add("state:fetching"), Fault.WRONG_SET),
    "in no set": (document, drop("state:normalizing"), Fault.WRONG_SET),
    "in no queue": (crawl, drop(f"host:{HOST}:queue"), Fault.NOT_IN_FRONTIER),
    "its host forgotten": (crawl, drop("hosts", HOST), Fault.NOT_IN_FRONTIER),
    "fetched by nobody": (fetching, unit_field("fetch.status"), Fault.NO_STAGE),
    "normalized by nobody": (document, unit_field("normalize.status"), Fault.NO_STAGE),
    "enriched by nobody": (enriching, unit_field("dates.status"), Fault.NO_STAGE),
    "waits for too many": (enriching, unit_field("missing", "3"), Fault.NO_STAGE),
    "swept by nobody": (document, drop("tasks", "normalize:{}"), Fault.NO_TASK),
    "fetch swept by nobody": (fetching, drop("tasks", "fetch:{}"), Fault.NO_TASK),
    "task of no stage": (document, task("entities"), Fault.STALE_TASK),
    "task of an ended one": (ended, task("dates"), Fault.STALE_TASK),
    "ended and delayed": (ended, add("delayed"), Fault.OVER_BUT_QUEUED),
    "ended and open": (ended, unit_field("dates.status", "queued"), Fault.OVER_BUT_QUEUED),
    "kept for ever": (
        ended,
        lambda world, uid: world.redis.persist(world.keys.unit(uid)),
        Fault.KEPT_FOR_EVER,
    ),
    "url not held": (
        crawl,
        lambda world, _: world.redis.hdel(world.keys.url(url_key(URL)), "open"),
        Fault.URL_NOT_HELD,
    ),
    "only a task": (lambda _: "feedbeef", task("dates"), Fault.NO_RECORD),
    "only in a set": (lambda _: "feedbeef", add("state:enriching"), Fault.NO_RECORD),
    "only in an ended set": (lambda _: "feedbeef", add("state:failed"), Fault.NO_RECORD),
    "only delayed": (lambda _: "feedbeef", add("delayed"), Fault.NO_RECORD),
}


@pytest.mark.parametrize("name", CASES)
def test_each_fault_is_found_mended_and_gone(world: World, name: str) -> None:
    make, spoil, fault = CASES[name]
    uid = make(world)
    check_sound(world)
    spoil(world, uid)
    before = found(world)
    assert (fault, uid, False) in {(f.code, f.subject, f.repaired) for f in before}
    assert found(world) == before
    assert all(finding.repaired for finding in found(world, repair=True))
    check_sound(world)


@pytest.mark.parametrize(
    "name", [name for name, (make, *_) in CASES.items() if make in (document, enriching)]
)
def test_what_was_mended_goes_on_to_its_end(world: World, name: str) -> None:
    make, spoil, _ = CASES[name]
    uid = make(world)
    spoil(world, uid)
    examine(world, repair=True)
    for _ in range(3):
        for overdue in world.redis.zrange(world.keys.tasks, 0, -1):
            world.redis.zadd(world.keys.tasks, {overdue: now_ms() - 1})
        world.sweeper.sweep()
        normalize(world, uid)
        enrich(world, uid)
    assert world.ledger.unit(uid)["state"] == "published"
    assert len(world.streams.read(Stream.DOCUMENTS, "0")) == 1
    check_sound(world)


def test_a_mended_crawl_is_leased_again(world: World) -> None:
    uid = fetching(world)
    unit_field("fetch.status")(world, uid)
    examine(world, repair=True)
    world.redis.zadd(world.keys.hosts, {HOST: 0})
    world.redis.hdel(world.keys.host(HOST), "until", "holder")
    assert [crawl.lease.uid for crawl in lease(world)] == [uid]
    check_sound(world)


def test_a_url_held_by_what_is_over_is_freed(world: World) -> None:
    uid = ended(world)
    take_in(world, urls=[URL])
    world.ledger.cancel("b1")
    world.redis.hset(world.keys.url(url_key(URL)), "open", uid)
    assert [(f.code, f.repaired) for f in found(world)] == [("url_blocked", False)]
    assert [(f.code, f.repaired) for f in found(world, repair=True)] == [("url_blocked", True)]
    check_sound(world)


def test_a_unit_that_vanished_is_missed(world: World) -> None:
    uid = ended(world)
    world.redis.delete(world.keys.unit(uid))
    world.redis.zrem(world.keys.state(State.PUBLISHED), uid)
    assert [(f.code, f.subject, f.repaired) for f in found(world, repair=True)] == [("lost_unit", uid, False)]


def test_what_nobody_swept_is_swept(world: World) -> None:
    uid = document(world)
    world.ledger.take(Stage.NORMALIZE, [uid])
    world.redis.zadd(world.keys.tasks, {f"normalize:{uid}": now_ms() - 61_000})
    assert [f.code for f in found(world)] == ["overdue"]
    assert [(f.code, f.repaired) for f in found(world, repair=True)] == [("overdue", True)]
    check_sound(world)
    assert world.ledger.unit(uid)["normalize.status"] == "queued"


def test_keys_of_another_type_end_the_examination(world: World) -> None:
    crawl(world)
    world.redis.set(world.keys.stream(Stream.DEAD), "somebody else's")
    (finding,) = found(world, repair=True)
    assert (finding.code, finding.subject, finding.repaired) == ("wrong_type", "wireroom:dead", False)


def test_a_revision_that_is_gone_is_told(world: World) -> None:
    ended(world)
    (did,) = (event.subject for _, event in world.streams.read(Stream.DOCUMENTS, "0"))
    world.redis.delete(world.keys.revision(did, 1))
    assert [(f.code, f.subject) for f in found(world)] == [("revision_missing", did)]


def test_a_queue_that_nobody_serves_is_told(world: World) -> None:
    document(world)
    assert [(f.code, f.subject) for f in examine(world, repair=True)] == [("no_worker", "normalize")]
    world.redis.hset(world.keys.process("work-normalize", "here:1"), "pid", 1)
    assert examine(world, repair=True) == []


def test_an_evicting_server_is_told(world: World) -> None:
    world.redis.config_set("maxmemory-policy", "allkeys-lru")
    try:
        assert [f.code for f in found(world)] == ["evicting"]
    finally:
        world.redis.config_set("maxmemory-policy", "noeviction")


def test_units_that_expired_are_no_fault(redis_url: str) -> None:
    world = make_world(redis_url, keep_units=0.05)
    ended(world)
    assert found(world) == []
