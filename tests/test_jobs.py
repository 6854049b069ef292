"""RQ on a real server: ours and nobody else's jobs run, whatever stands in Redis; no key of it grows without bound."""

from __future__ import annotations

import json
import threading
import zlib
from typing import TYPE_CHECKING, Any

import pytest
from soundness import check_sound
from waiting import until
from workshop import enricher, listing, make_world, normalize, normalizer, take_in

from wireroom import jobs
from wireroom.adapters.ids import new_id
from wireroom.adapters.jobs import ListedJob, function_name
from wireroom.adapters.steps import Step
from wireroom.adapters.work import work_on
from wireroom.events import Stream
from wireroom.records import Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from wireroom.world import World


@pytest.fixture
def world(redis_url: str) -> Iterator[World]:
    made = make_world(redis_url)
    yield made
    made.redis.close()


RAN: list[Any] = []


def harm(*args: Any) -> None:
    """What a job must not get at."""
    RAN.append(args)


def serve_until(
    world: World, stage: Stage, condition: Callable[[list[tuple[str, str]]], object], seconds: float = 20
) -> list[tuple[str, str]]:
    """Serve one queue here until a condition holds; gives the jobs that were refused.

    RQ limits a job's time by an alarm, which only a main thread can set.
    """
    stop, refused, late = threading.Event(), [], []
    work = normalizer(world) if stage is Stage.NORMALIZE else enricher(world)
    jobs.Desk.run = lambda _, uids: work_on(world.ledger, work, uids, stop.is_set)
    ListedJob.refuse = lambda job, why: refused.append((job, why))

    def watch() -> None:
        try:
            until(lambda: condition(refused), seconds)
        except AssertionError as error:
            late.append(error)
        stop.set()

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        while not stop.is_set():
            world.jobs.worker(stage, f"test-{new_id()}", stop).work(logging_level="CRITICAL")
    finally:
        stop.set()
        watcher.join()
        jobs.Desk.run = None
        ListedJob.refuse = None
    assert late == []
    return refused


def normalized(world: World, uid: str) -> Callable[[object], bool]:
    return lambda _: world.ledger.unit(uid)["state"] == "enriching"


def enqueue(world: World, stage: Stage, uids: Sequence[str]) -> str:
    job = new_id()
    world.ledger.commit([Step((), world.jobs.enqueue(stage, job, uids))])
    return job


def spoilt(world: World, fields: dict[Any, Any]) -> str:
    """A job of ours with some fields of its hash changed."""
    job = enqueue(world, Stage.NORMALIZE, ["u"])
    world.redis.hset(f"rq:job:{job}", mapping=fields)
    return job


def data(function: str, *args: Any, **kwargs: Any) -> bytes:
    return zlib.compress(json.dumps([function, None, args, kwargs]).encode())


OURS = function_name(Stage.NORMALIZE)
BAD = {
    "status": {"status": "no such status"},
    "created at": {"created_at": "yesterday"},
    "timeout": {"timeout": "a while"},
    "timeout of an hour and a day": {"timeout": 90_000},
    "no data": {"data": b""},
    "garbage": {"data": b"\x80\x04garbage"},
    "a list too short": {"data": zlib.compress(b"[1]")},
    "os.system": {"data": data("os.system", "true")},
    "harm": {"data": data("test_jobs.harm", ["u"])},
    "another module's": {"data": data("wireroom.workers.normalize.jobs.run", ["u"])},
    "no ids": {"data": data(OURS, [{"not": "an id"}])},
    "two arguments": {"data": data(OURS, ["u"], ["v"])},
    "keywords": {"data": data(OURS, ["u"], stage="x")},
    "success callback": {"success_callback_name": "test_jobs.harm"},
    "failure callback": {"failure_callback_name": "test_jobs.harm"},
    "stopped callback": {"stopped_callback_name": "test_jobs.harm"},
    "dependency": {"dependency_ids": '["other"]'},
    "repeats": {"repeats_left": 9, "repeat_intervals": "[1]"},
    "webhooks": {"webhooks": '[{"url": "http://169.254.169.254/", "on": ["finished"]}]'},
    "names that are no text": {b"\xff\xfe": b"\xff\xfe"},
}


def test_bad_jobs_stop_nobody_and_harm_nothing(world: World) -> None:
    bad = {spoilt(world, fields): name for name, fields in BAD.items()}
    (uid,) = take_in(world, listing("one"))
    refused = serve_until(world, Stage.NORMALIZE, normalized(world, uid))
    assert {bad[job] for job, _ in refused} == set(BAD)
    assert RAN == []
    assert [key for key in world.redis.scan_iter(match="rq:job:*") if key.decode()[7:] in dict(refused)] == []
    check_sound(world)


def test_a_job_that_is_no_hash_stops_nobody(world: World) -> None:
    queue = world.jobs.queue(Stage.NORMALIZE)
    world.redis.set("rq:job:text", "no hash")
    world.redis.rpush(queue.key, "text", "gone", b"")
    (uid,) = take_in(world, listing("one"))
    serve_until(world, Stage.NORMALIZE, normalized(world, uid))


def test_a_refused_job_ends_as_a_dead_letter_and_its_units_are_enqueued_again(world: World) -> None:
    (uid,) = take_in(world, listing("one"))
    queue = world.jobs.queue(Stage.NORMALIZE)
    (job,) = queue.job_ids
    world.redis.hset(f"rq:job:{job}", "data", data("os.system", "true"))
    refused = serve_until(world, Stage.NORMALIZE, bool)
    letter = world.endings.dead(job, {}, Stage.NORMALIZE, "invalid_job", 1, detail=refused[0][1])
    world.ledger.commit([Step((), [letter])])
    ((_, event),) = world.streams.read(Stream.DEAD, "0")
    assert "os.system" in event.data["detail"]
    world.redis.zadd(world.keys.tasks, {f"normalize:{uid}": 1})
    world.sweeper.sweep()
    assert world.jobs.length(Stage.NORMALIZE) == 1
    check_sound(world)


def test_what_trips_rqs_tidying_stops_nobody(world: World) -> None:
    queue = world.jobs.queue(Stage.NORMALIZE)
    world.redis.zadd(f"rq:wip:{queue.name}", {"no composite key": 1, b"\xff:\xff": 1, "a:b": 1})
    world.redis.zadd(f"rq:failed:{queue.name}", {"gone": 1})
    world.redis.sadd("rq:workers", "rq:worker:nobody", b"\xff")
    world.redis.sadd(f"rq:workers:{queue.name}", "rq:worker:nobody")
    (uid,) = take_in(world, listing("one"))
    serve_until(world, Stage.NORMALIZE, normalized(world, uid))


def rq_keys(world: World) -> dict[str, int]:
    """RQ's keys that no expiry bounds, with their sizes."""
    sizes = {"list": "llen", "set": "scard", "zset": "zcard", "hash": "hlen", "stream": "xlen"}
    found = {}
    for key in world.redis.scan_iter(match="rq:*"):
        kind = world.redis.type(key).decode()
        if world.redis.ttl(key) < 0:
            found[key.decode()] = getattr(world.redis, sizes[kind])(key) if kind in sizes else 1
    return found


@pytest.mark.long
def test_rqs_keys_do_not_grow_with_the_jobs(world: World) -> None:
    seen = []
    for round_ in range(3):
        uids = take_in(world, *(listing(f"{round_} {i}") for i in range(20)), batch=f"b{round_}")
        for uid in uids:
            enqueue(world, Stage.NORMALIZE, [uid])
        serve_until(
            world,
            Stage.NORMALIZE,
            lambda _: (
                not world.jobs.length(Stage.NORMALIZE) and not world.ledger.stats()["waiting"]["normalizing"]
            ),
        )
        left = {f"rq:job:{job}".encode() for job in world.jobs.queue(Stage.DATES).job_ids}
        assert set(world.redis.keys("rq:job:*")) == left
        world.redis.delete(world.jobs.queue(Stage.DATES).key, *left)
        seen.append({key: n for key, n in rq_keys(world).items() if "dates" not in key})
    assert seen[0].keys() == seen[2].keys()
    assert sum(seen[2].values()) == sum(seen[0].values())


def test_a_job_that_fails_is_kept_for_a_time_only(world: World) -> None:
    (uid,) = take_in(world, listing("one"))
    normalize(world, uid)
    world.redis.hset(world.keys.work(uid), "draft", "no draft")
    failed = f"rq:failed:{world.jobs.queue(Stage.DATES).name}"
    serve_until(world, Stage.DATES, lambda _: world.redis.zcard(failed))
    (job,) = (
        key for key in world.redis.scan_iter(match="rq:job:*") if world.redis.hget(key, "status") == b"failed"
    )
    assert 0 < world.redis.ttl(job) <= 3600


def test_a_worker_stops_between_jobs(world: World) -> None:
    uids = take_in(world, *(listing(f"number {i}") for i in range(3)))
    for uid in uids:
        enqueue(world, Stage.NORMALIZE, [uid])
    serve_until(world, Stage.NORMALIZE, lambda _: world.ledger.stats()["waiting"]["enriching"])
    assert world.redis.llen(world.jobs.queue(Stage.NORMALIZE).intermediate_queue_key) == 0
    assert world.redis.keys("rq:worker:*:executions") == []
    check_sound(world)


def test_only_our_functions_are_reachable(world: World) -> None:
    enqueue(world, Stage.NORMALIZE, ["u"])
    queue = world.jobs.queue(Stage.NORMALIZE)
    job = queue.fetch_job(queue.job_ids[0])
    assert job is not None
    assert job.func.__module__ == "wireroom.workers.normalize"
    job.func_name = "os.system"
    with pytest.raises(PermissionError, match=r"os\.system"):
        _ = job.func


def test_a_job_outside_a_worker_says_how_to_start_one() -> None:
    with pytest.raises(RuntimeError, match="wireroom work dates"):
        jobs.run(Stage.DATES, [])
