"""The worker of a user's enricher on a real server, with its real other process: whatever the code does, documents go on."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest
from plugins import install
from soundness import check_sound
from workshop import enrich, listing, make_world, normalize, take_in

from wireroom.adapters.doctor import examine
from wireroom.adapters.http.schemas import DocumentData
from wireroom.adapters.ledger import now_ms
from wireroom.adapters.work import work_on
from wireroom.events import Stream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wireroom.adapters.enrich_work import EnrichWork
    from wireroom.world import World

TEXT = "date 2031-05-04\n\nThe ferry ran aground, please {word} now, off Larne Vale.\n"


@pytest.fixture
def world(redis_url: str, tmp_path: Path) -> Iterator[World]:
    points = {"troubled": "trouble:Troubled", "explodes": "trouble:explode"}
    install(tmp_path / "site", points)
    sys.path.insert(0, str(tmp_path / "site"))
    made = make_world(redis_url, enrich=("dates", "troubled"), enrich_timeout=3, lease=20)
    yield made
    made.redis.close()
    sys.path.remove(str(tmp_path / "site"))


@pytest.fixture
def work(world: World) -> Iterator[EnrichWork]:
    made = world.work("troubled")
    yield made
    made.close()


def given(world: World, *words: str) -> list[str]:
    """Normalized documents, one for each word, with the built-in enricher's work done."""
    uids = take_in(world, *(listing(word, TEXT.format(word=word)) for word in words))
    normalize(world, *uids)
    enrich(world, *uids)
    return uids


def published(world: World) -> dict[str, Any]:
    """The data of each document event, by the name of its file."""
    return {
        event.data["origin"]["name"]: event.data for _, event in world.streams.read(Stream.DOCUMENTS, "0")
    }


def test_what_it_finds_stands_in_the_document_beside_the_built_in_ones(
    world: World, work: EnrichWork
) -> None:
    uids = given(world, "float", "sink")
    assert world.ledger.stats()["waiting"]["enriching"] == 2
    check_sound(world)
    assert work_on(world.ledger, work, uids, lambda: False) == 2
    data = published(world)["float.txt"]
    told = data["enrichment"]["troubled"]
    assert list(data["enrichment"]) == ["dates", "sameness", "entities", "troubled"]
    assert (told["status"], told["version"], told["error"]) == ("done", "t1", None)
    assert told["result"] == {"loads": 1, "pid": told["result"]["pid"], "length": len(data["text"])}
    assert 0 <= told["seconds"] < 1
    DocumentData.model_validate(data)
    for built_in in ("dates", "sameness", "entities"):
        assert list(data["enrichment"][built_in]) == ["status", "version", "seconds", "error"]
    check_sound(world)


WRONG = {
    "raise": "enrichment_error: LookupError: nothing of that kind",
    "mute": "enrichment_error: Mute",
    "leave": "enrichment_error: SystemExit: 3",
    "hog": "enrichment_error: needed more memory",
    "huge": "enrichment_error: its result has 70011 bytes as JSON; at most 65536 are taken",
    "odd": "enrichment_error: its result is no JSON: Type is not JSON serializable: set",
    "trap": "enrichment_error: SystemExit: a trap",
    "list": "enrichment_error: its result is a list, not a mapping",
}
KILLED = {
    "hang": "enrichment_timeout: took longer than 3 s and was killed",
    # An exit that says all is well is noticed when the time is over.
    "vanish": "enrichment_timeout: took longer than 3 s and was killed",
}


@pytest.mark.parametrize(
    "wrong", [WRONG, pytest.param(KILLED, marks=pytest.mark.long)], ids=["told", "killed"]
)
def test_one_that_fails_says_why_and_its_neighbours_are_enriched(
    world: World, work: EnrichWork, wrong: dict[str, str]
) -> None:
    words = [word for bad in wrong for word in (bad, f"good{bad}")]
    uids = given(world, *words)
    assert work_on(world.ledger, work, uids, lambda: False) == len(words)
    found = {name.removesuffix(".txt"): data["enrichment"] for name, data in published(world).items()}
    assert set(found) == set(words)
    for bad, error in wrong.items():
        told = found[bad]["troubled"]
        assert (told["status"], told["version"], told["seconds"], told["result"]) == (
            "failed",
            "t1",
            None,
            None,
        )
        assert told["error"].startswith(error)
        assert found[bad]["dates"]["status"] == "done"
        assert found[f"good{bad}"]["troubled"]["status"] == "done"
    check_sound(world)


@pytest.mark.long
def test_one_that_ends_its_process_is_tried_alone_and_then_published_without(
    world: World, work: EnrichWork
) -> None:
    uids = given(world, "one", "crash", "two", "exit", "three")
    work_on(world.ledger, work, uids, lambda: False)
    assert [world.ledger.unit(uid)["state"] for uid in uids] == [
        "published", "enriching", "published", "enriching", "published",
    ]  # fmt: skip
    queue = world.jobs.queue("troubled")
    jobs = [queue.fetch_job(job_id) for job_id in queue.job_ids]
    assert [job.args for job in jobs if job][-2:] == [[[uids[1]]], [[uids[3]]]]
    for _ in range(2):
        for culprit in (uids[1], uids[3]):
            assert work_on(world.ledger, work, [culprit], lambda: False) == 1
    found = published(world)
    for name in ("crash.txt", "exit.txt"):
        told = found[name]["enrichment"]["troubled"]
        assert told["status"] == "failed"
        assert told["error"].startswith("worker_died: its process ended with exit code")
    assert world.ledger.stats()["published"] == 5
    check_sound(world)


def test_what_a_dead_worker_held_is_tried_again_each_document_alone(world: World) -> None:
    uids = given(world, "one", "two", "three")
    queue = world.jobs.queue("troubled")
    for tries in (1, 2, 3):
        assert {lease.tries for lease in world.ledger.take("troubled", uids)} == {tries}
        check_sound(world)
        world.redis.delete(queue.key)
        for task in world.redis.zrange(world.keys.tasks, 0, -1):
            world.redis.zadd(world.keys.tasks, {task: now_ms() - 1})
        world.sweeper.sweep()
        jobs = [queue.fetch_job(job_id) for job_id in queue.job_ids]
        assert sorted(job.args[0] for job in jobs if job) == (
            sorted([uid] for uid in uids) if tries < 3 else []
        )
    assert {data["enrichment"]["troubled"]["error"] for data in published(world).values()} == {
        "worker_died: whoever worked on it died or froze, each time it was tried"
    }
    assert world.ledger.stats()["published"] == 3
    check_sound(world)


def test_one_that_cannot_be_loaded_keeps_no_document_waiting(world: World) -> None:
    world = make_world(world.settings.redis_url, enrich=("explodes",), lease=20)
    uids = take_in(world, listing("one"))
    normalize(world, *uids)
    work = world.work("explodes")
    try:
        work_on(world.ledger, work, uids, lambda: False)
    finally:
        work.close()
    told = published(world)["one.txt"]["enrichment"]["explodes"]
    assert told == {
        "status": "failed", "version": None, "seconds": None,
        "error": "enrichment_error: RuntimeError: no model here", "result": None,
    }  # fmt: skip


def test_a_job_of_its_queue_names_the_function_that_all_users_enrichers_share(world: World) -> None:
    given(world, "one")
    queue = world.jobs.queue("troubled")
    (job,) = [queue.fetch_job(job_id) for job_id in queue.job_ids]
    assert job is not None
    assert (queue.name, job.func_name) == ("wireroom:troubled", "wireroom.workers.enricher.run")
    world.redis.hset(job.key, "data", b"garbage")
    letter = world.endings.dead(job.id, {}, "troubled", "invalid_job", 1)
    world.redis.execute_command(*letter)
    ((_, event),) = world.streams.read(Stream.DEAD, "0")
    assert (event.data["stage"], event.data["reason"]) == ("troubled", "invalid_job")


def test_its_queue_is_counted_and_missed_when_nobody_serves_it(world: World) -> None:
    assert world.jobs.stages == ("normalize", "dates", "sameness", "entities", "troubled")
    given(world, "one")
    assert ("no_worker", "troubled") in {(f.code, f.subject) for f in examine(world, repair=False)}
