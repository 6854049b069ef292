"""The ledger on a real server: one state a unit, leases with tokens, steps that are whole or not at all."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest
import redis
from soundness import all_units, check_sound
from waiting import until
from workshop import STORY, enrich, enricher, lease, listing, make_world, no_dates, normalize, take_in

from wireroom.adapters.embedded import EmbeddedServer
from wireroom.adapters.ids import new_id, now_ms
from wireroom.adapters.steps import Arrival, Condition, Joining, Step
from wireroom.adapters.work import work_on
from wireroom.errors import FetchError, Reason, StoreError
from wireroom.events import FetchOutcome, Stream
from wireroom.records import CrawlRequest, Lease, Stage, State
from wireroom.urls import url_key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wireroom.world import World

URL = "http://larnevale.example/ferry"


@pytest.fixture
def world(redis_url: str) -> Iterator[World]:
    made = make_world(redis_url)
    yield made
    made.redis.close()


def states(world: World) -> dict[str, int]:
    stats = world.ledger.stats()
    flat = stats | stats["waiting"]
    return {name: n for name, n in flat.items() if name not in ("waiting", "accepted") and n} | {
        name: n for name, n in stats["waiting"].items() if n
    }


def overdue(world: World, stage: Stage, uid: str) -> None:
    """Let a lease run out now."""
    world.redis.zadd(world.keys.tasks, {f"{stage}:{uid}": now_ms() - 1})


# --- in ---


def test_documents_and_what_they_list_are_taken_in_with_their_job(world: World) -> None:
    uids = take_in(world, listing("one", urls=[URL]), listing("two"), urls=["http://other.example/"])
    assert len(uids) == 4
    assert states(world) == {"waiting": 2, "normalizing": 2}
    assert world.jobs.length(Stage.NORMALIZE) == 1
    assert {world.ledger.unit(uid)["kind"] for uid in uids} == {"document", "crawl"}
    assert world.redis.smembers(world.keys.listed(url_key(URL))) == {listing("one").id.encode()}
    assert world.redis.pttl(world.keys.batch_units("b1")) > 0
    check_sound(world)


def test_the_sums_agree_after_every_step(world: World) -> None:
    doc, crawl = take_in(world, listing("one", urls=[URL]))[::-1]
    check_sound(world)
    world.ledger.take(Stage.NORMALIZE, [doc])
    check_sound(world)
    overdue(world, Stage.NORMALIZE, doc)
    normalize(world, doc)
    check_sound(world)
    assert states(world) == {"waiting": 1, "enriching": 1}
    enrich(world, doc)
    check_sound(world)
    assert states(world) == {"waiting": 1, "published": 1}
    world.ledger.cancel("b1")
    check_sound(world)
    assert states(world) == {"cancelled": 1, "published": 1}
    assert world.ledger.unit(crawl)["state"] == "cancelled"


def test_a_url_asked_twice_is_one_unit(world: World) -> None:
    first = take_in(world, urls=[URL])
    second = take_in(world, listing("one", urls=[URL]), urls=[URL, URL], batch="b2")
    assert {*first, *second} - {second[1]} == set(first)
    assert states(world) == {"waiting": 1, "normalizing": 1}
    assert world.ledger.batch("b2") == {"waiting": 1, "normalizing": 1}
    check_sound(world)


def test_a_url_whose_unit_ended_gets_a_new_one(world: World) -> None:
    (first,) = take_in(world, urls=[URL])
    assert world.ledger.cancel("b1") == 1
    (second,) = take_in(world, urls=[URL], batch="b2")
    assert second != first
    assert states(world) == {"cancelled": 1, "waiting": 1}
    check_sound(world)


def test_a_url_held_by_a_unit_that_is_gone_is_free(world: World) -> None:
    (first,) = take_in(world, urls=[URL])
    world.ledger.cancel("b1")
    world.redis.hset(world.keys.url(url_key(URL)), "open", first)
    assert take_in(world, urls=[URL], batch="b2") != [first]
    check_sound(world)


def test_whoever_joins_an_open_unit_gets_what_they_asked_for(world: World) -> None:
    crawls = [CrawlRequest(URL, listed_by="0123456789abcdef"), CrawlRequest("http://larnevale.example/b")]
    uid, _ = world.ledger.accept("b1", [], crawls)
    world.ledger.accept("b2", [], [CrawlRequest(URL, force=True, priority=3, layout="plain")])
    unit = world.ledger.unit(uid)
    assert (unit["force"], unit["listed"], unit["shared"]) == ("1", "0", "1")
    assert world.redis.hget(world.keys.url(url_key(URL)), "layout") == b"plain"
    assert world.redis.zrange(world.keys.host_queue("larnevale.example"), 0, 0) == [uid.encode()]
    world.ledger.accept("b3", [], [CrawlRequest(URL, listed_by="0123456789abcdef")])
    assert world.ledger.unit(uid)["force"] == "1"
    check_sound(world)


def test_one_batch_does_not_cancel_what_another_asked_for(world: World) -> None:
    take_in(world, urls=[URL, "http://other.example/"])
    take_in(world, urls=[URL], batch="b2")
    assert world.ledger.cancel("b2") == 0
    assert world.ledger.cancel("b1") == 1
    assert world.ledger.batch("b2") == {"waiting": 1}
    check_sound(world)


def test_cancelled_units_leave_the_queues(world: World) -> None:
    take_in(world, urls=[URL])
    world.ledger.cancel("b1")
    assert lease(world) == []
    assert world.ledger.cancel("b1") == 0
    assert not world.redis.exists(world.keys.host_queue("larnevale.example"))


def test_what_has_begun_is_not_cancelled(world: World) -> None:
    take_in(world, listing("one"), urls=[URL])
    lease(world)
    assert world.ledger.cancel("b1") == 0
    assert states(world) == {"fetching": 1, "normalizing": 1}


def test_many_urls_fit_their_steps(world: World) -> None:
    urls = [f"http://larnevale.example/{i}" for i in range(700)]
    uids = take_in(world, listing("one", urls=urls[:600]), listing("two", urls=urls[100:]), urls=urls)
    assert len(uids) == 600 + 600 + 700 + 2
    assert states(world) == {"waiting": 700, "normalizing": 2}
    assert world.jobs.length(Stage.NORMALIZE) == 2


def test_a_batch_nobody_knows(world: World) -> None:
    assert world.ledger.batch("none") is None
    assert world.ledger.cancel("none") == 0


# --- calls that a broken connection sends twice ---


def test_whoever_died_on_the_way_says_it_again(world: World) -> None:
    batch, one, two = new_id(), listing("one", urls=[URL]), listing("two", urls=[URL, URL + "/2"])
    world.ledger.open_batch(batch, "a test")
    again = [CrawlRequest(URL + "/3"), CrawlRequest(URL)]
    first = world.ledger.accept(batch, [one], once=True)  # killed before it came to the rest
    whole = world.ledger.accept(batch, [one, two], again, once=True)
    assert whole[0] == first[0]
    assert world.ledger.accept(batch, [one, two], again, once=True) == whole
    assert world.ledger.stats()["accepted"] == 5
    assert len(set(world.redis.smembers(world.keys.batch_units(batch)))) == 5
    # Another batch is other work, but for the URL that waits; the same document twice in one is two units.
    world.ledger.accept(new_id(), [one, one], once=True)
    assert world.ledger.stats()["accepted"] == 7
    check_sound(world)


def test_accepting_twice_takes_in_once(world: World) -> None:
    calls: list[tuple[object, ...]] = []
    arrivals = world.ledger._arrivals("b1", [(0, listing("one", urls=[URL]))], once=False)  # noqa: SLF001 - what a client sends again
    words = [world.keys.ns, "b1", world.keys.batch_units("b1"), 60_000, len(arrivals)]
    for arrival in arrivals:
        words += arrival.arguments()
    calls.append(tuple(world.ledger.steps.call("accept", *words)))
    doc = arrivals[-1].uid
    normalize(world, doc)
    enrich(world, doc)
    calls.append(tuple(world.ledger.steps.call("accept", *words)))
    assert calls[0] == calls[1]
    assert states(world) == {"waiting": 1, "published": 1}
    assert world.jobs.length(Stage.NORMALIZE) == 1
    check_sound(world)


def test_accepting_an_ended_crawl_again_does_not_raise_it(world: World) -> None:
    arrival = world.ledger._crawl("b1", CrawlRequest(URL), "u1")  # noqa: SLF001 - what a client sends again
    words = [world.keys.ns, "b1", world.keys.batch_units("b1"), 60_000, 1, *arrival.arguments()]
    world.ledger.steps.call("accept", *words)
    world.ledger.cancel("b1")
    assert world.ledger.steps.call("accept", *words) == [arrival.uid.encode()]
    assert states(world) == {"cancelled": 1}
    check_sound(world)


def test_a_step_sent_twice_is_applied_once(world: World) -> None:
    (uid,) = take_in(world, listing("one"))
    normalize(world, uid)
    (held,) = world.ledger.take(Stage.DATES, [uid])
    step = world.ledger.enriched(held, b'{"data": null}')
    assert [outcome.done for outcome in world.ledger.commit([step])] == [True]
    assert [outcome.lost for outcome in world.ledger.commit([step])] == [1]
    assert world.ledger.unit(uid)["missing"] == "0"
    world.publisher.publish([uid])
    assert world.publisher.publish([uid]) == 0
    assert world.streams.redis.xlen(world.keys.stream(Stream.DOCUMENTS)) == 1
    check_sound(world)


def test_leasing_twice_strands_nothing(world: World) -> None:
    (uid,) = take_in(world, urls=[URL])
    first = lease(world)
    assert lease(world) == []
    overdue(world, Stage.FETCH, uid)
    world.sweeper.sweep()
    again = until(lambda: lease(world))
    assert again[0].lease.token == first[0].lease.token + 1
    check_sound(world)


# --- leases ---


def test_only_open_stages_are_leased_and_only_once(world: World) -> None:
    one, two = take_in(world, listing("one"), listing("two"))
    leases = world.ledger.take(Stage.NORMALIZE, [one, two, "unknown"])
    assert [(held.uid, held.token, held.tries) for held in leases] == [(one, 1, 1), (two, 1, 1)]
    assert world.ledger.take(Stage.NORMALIZE, [one, two]) == []
    assert world.ledger.take(Stage.DATES, [one]) == []
    assert world.ledger.take(Stage.NORMALIZE, []) == []


def test_an_old_tokens_result_is_refused(world: World) -> None:
    (uid,) = take_in(world, listing("one"))
    (old,) = world.ledger.take(Stage.NORMALIZE, [uid])
    overdue(world, Stage.NORMALIZE, uid)
    (new,) = world.ledger.take(Stage.NORMALIZE, [uid])
    assert (new.token, new.tries) == (2, 2)
    unit = world.keys.unit(uid)
    refused, taken = world.ledger.commit(
        [Step(world.ledger.held(held), [("HSET", unit, "by", held.token)]) for held in (old, new)]
    )
    assert (refused.done, refused.lost, taken.done) == (False, 0, True)
    assert world.ledger.unit(uid)["by"] == "2"


def test_renewing_says_what_is_lost(world: World) -> None:
    one, two = take_in(world, listing("one"), listing("two"))
    leases = world.ledger.take(Stage.NORMALIZE, [one, two])
    before = world.redis.zscore(world.keys.tasks, f"normalize:{one}")
    overdue(world, Stage.NORMALIZE, two)
    world.ledger.take(Stage.NORMALIZE, [two])
    until(lambda: now_ms() + 2000 > before)
    assert world.ledger.renew(leases) == {two}
    assert world.redis.zscore(world.keys.tasks, f"normalize:{one}") > before
    assert world.ledger.renew([]) == set()


def test_a_lease_is_renewed_as_long_as_the_work_goes_on(world: World) -> None:
    (uid,) = take_in(world, listing("one"))
    normalize(world, uid)

    def slow(drafts: list[object]) -> Iterator[dict[str, None]]:
        begun = now_ms()
        until(lambda: now_ms() - begun > 2500)
        assert world.sweeper.sweep() == 0
        yield from ({"data": None, "seconds": 0.0} for _ in drafts)

    assert work_on(world.ledger, enricher(world, slow), [uid], lambda: False) == 1
    assert states(world) == {"published": 1}


def test_work_that_is_told_to_stop_hands_the_rest_back(world: World) -> None:
    uids = take_in(world, *(listing(f"number {i}") for i in range(4)))
    normalize(world, *uids)
    before = world.jobs.length(Stage.DATES)
    assert work_on(world.ledger, enricher(world, no_dates), uids, lambda: True) == 4
    assert states(world) == {"published": 1, "enriching": 3}
    assert world.jobs.length(Stage.DATES) == before + 1
    assert [world.ledger.unit(uid)["dates.tries"] for uid in uids[1:]] == ["0"] * 3
    check_sound(world)
    enrich(world, *uids)
    assert states(world) == {"published": 4}
    check_sound(world)


def test_a_worker_that_fails_in_the_middle_keeps_what_it_did(world: World) -> None:
    uids = take_in(world, *(listing(f"number {i}") for i in range(3)))
    normalize(world, *uids)

    def broken(drafts: list[object]) -> Iterator[dict[str, None]]:
        del drafts
        yield {"data": None, "seconds": 0.0}
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        work_on(world.ledger, enricher(world, broken), uids, lambda: False)
    check_sound(world)
    for uid in uids:
        if world.ledger.unit(uid).get("dates.status"):
            overdue(world, Stage.DATES, uid)
    world.sweeper.sweep()
    enrich(world, *uids)
    assert states(world) == {"published": 3}
    check_sound(world)


# --- steps ---


def test_a_step_is_applied_only_if_every_condition_holds(world: World) -> None:
    world.redis.hset("h", "a", "1")
    steps = world.ledger.steps
    ok = Step([Condition("h", "a", "1"), Condition("h", "none", "")], [("SET", "x", "done")])
    lost = Step([Condition("h", "a", "1"), Condition("h", "a", "2")], [("SET", "y", "done")])
    assert [(o.done, o.lost) for o in steps.commit([ok, lost])] == [(True, None), (False, 1)]
    assert (world.redis.get("x"), world.redis.get("y")) == (b"done", None)
    assert steps.commit([]) == []


@pytest.mark.parametrize("key", ["a-string", "a-stream"])
def test_a_step_that_meets_a_key_of_another_type_changes_nothing(world: World, key: str) -> None:
    world.redis.set("a-string", "mine")
    world.redis.xadd("a-stream", {"a": "b"})
    commands = [("HSET", "h", "a", "1"), ("ZADD", key, "1", "m"), ("SET", "x", "done")]
    with pytest.raises(redis.ResponseError, match="WRONGTYPE"):
        world.ledger.commit([Step((), commands)])
    assert not world.redis.exists("h", "x")


@pytest.mark.parametrize("stream", list(Stream))
def test_a_stream_key_of_another_type_stops_nothing_half_way(world: World, stream: Stream) -> None:
    uids = take_in(world, listing("one"), listing("two", STORY.format(name="two")))
    normalize(world, *uids)
    key = world.keys.stream(stream)
    world.redis.set(key, "somebody else's")
    (held,) = world.ledger.take(Stage.DATES, uids[:1])
    entry = ("XADD", key, "*", "a", "b")
    with pytest.raises(redis.ResponseError, match="WRONGTYPE"):
        world.ledger.commit(
            [Step(world.ledger.held(held), [*world.ledger.closed(held.uid, held.stage), entry])]
        )
    assert world.ledger.unit(uids[0])["dates.status"] == "leased"
    with pytest.raises(StoreError, match=key):
        world.ledger.check()
    world.redis.delete(key)
    overdue(world, Stage.DATES, uids[0])
    enrich(world, *uids)
    check_sound(world)


def test_a_batch_key_of_another_type_takes_nothing_in(world: World) -> None:
    world.redis.set(world.keys.batch_units("b1"), "somebody else's")
    with pytest.raises(redis.ResponseError, match="WRONGTYPE"):
        take_in(world, listing("one", urls=[URL]))
    assert all_units(world) == []
    assert world.jobs.length(Stage.NORMALIZE) == 0


def test_the_library_is_loaded_where_it_is_missing(world: World) -> None:
    (uid,) = take_in(world, listing("one"))
    world.redis.function_flush()
    (held,) = world.ledger.take(Stage.NORMALIZE, [uid])
    world.redis.function_flush()
    back = Step(world.ledger.held(held), world.ledger.opened(uid, Stage.NORMALIZE, "j"))
    assert [o.done for o in world.ledger.commit([back, back])] == [True, False]


def test_a_field_is_deleted_only_from_who_holds_it(world: World) -> None:
    world.redis.hset("h", mapping={"holder": "me", "until": "9"})
    world.ledger.commit([Step((), [("HDELIF", "h", "holder", "you", "holder", "until")])])
    assert world.redis.hlen("h") == 2
    world.ledger.commit([Step((), [("HDELIF", "h", "holder", "me", "holder", "until")])])
    assert not world.redis.exists("h")


def test_arrivals_are_told_with_their_joining() -> None:
    plain = Arrival("u", [("SET", "a", 1)])
    assert plain.arguments() == ["u", "", 0, 0, 0, "", "", "", 1, 3, "SET", "a", 1, 0]
    joined = Arrival("u", [], Joining("record", 1, 0, 7, [("SET", "a", 1)]), Condition("h", "f", "v"))
    assert joined.arguments() == ["u", "record", 1, 0, 7, "h", "f", "v", 0, 1, 3, "SET", "a", 1]


# --- what is kept ---


def test_ended_units_expire_and_leave_their_sets(redis_url: str) -> None:
    world = make_world(redis_url, keep_units=0.2)
    take_in(world, urls=[URL])
    world.ledger.cancel("b1")
    (uid,) = all_units(world)
    until(lambda: not world.redis.exists(world.keys.unit(uid)))
    assert until(world.ledger.trim) == 1
    assert world.ledger.stats()["accepted"] == 0
    check_sound(world)


def test_fields_of_many_units(world: World) -> None:
    uids = take_in(world, listing("one"), urls=[URL])
    assert world.ledger.units([*uids, "none"], "state", "url") == [
        (State.NORMALIZING, None),
        (State.WAITING, URL),
        (None, None),
    ]
    assert world.ledger.unit("none") == {}


def test_a_lease_is_what_was_leased(world: World) -> None:
    (uid,) = take_in(world, listing("one"))
    assert world.ledger.take(Stage.NORMALIZE, [uid]) == [Lease(uid, Stage.NORMALIZE, 1, 1)]


def test_a_url_is_forgotten_long_after_its_last_crawl(world: World) -> None:
    (uid,) = take_in(world, urls=[URL])
    record = world.keys.url(url_key(URL))
    assert world.redis.pttl(record) == -1  # kept while its crawl is open
    (crawl,) = world.frontier.lease(1)
    assert crawl.lease.uid == uid
    gone = FetchError(Reason.HTTP_STATUS, "the server answered 404", status=404)
    assert world.frontier.failed(crawl, FetchOutcome(URL), gone).done
    for key in (record, world.keys.url_log(url_key(URL)), world.keys.urls_of_host("larnevale.example")):
        assert world.redis.pttl(key) > 0
    world.redis.delete(record)  # as when its time is over
    world.ledger.trim()
    assert world.redis.zcard(world.keys.urls) == 0


def test_what_is_accepted_can_be_waited_for_until_it_is_on_the_disk(tmp_path: Path) -> None:
    with EmbeddedServer(tmp_path / "kept") as server:
        world = make_world(server.endpoint.url, accept_to_disk=True)
        take_in(world, listing("one"))
        world.redis.close()
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
    with EmbeddedServer(tmp_path / "kept") as server:
        world = make_world(server.endpoint.url)
        assert states(world) == {"normalizing": 1}
        world.redis.close()


def test_a_server_without_a_disk_cannot_promise_it(world: World) -> None:
    world.redis.config_set("appendonly", "no")
    try:
        with pytest.raises((StoreError, redis.ResponseError)):
            take_in(make_world(world.settings.redis_url, accept_to_disk=True), listing("one"))
    finally:
        world.redis.config_set("appendonly", "yes")
