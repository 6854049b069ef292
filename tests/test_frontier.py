"""The frontier on a real server: one request at a time for each host, manners that hold for any number of fetchers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from soundness import check_sound
from waiting import until, until_async
from workshop import lease, make_world, response, take_in

from wireroom.adapters.crawler import Crawler, Handover
from wireroom.adapters.ids import now_ms
from wireroom.errors import FetchError, Reason
from wireroom.events import FetchOutcome, Stream, Type
from wireroom.manners import Delay, DelayFrom
from wireroom.records import CrawlRequest, Stage
from wireroom.urls import url_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wireroom.records import Crawl
    from wireroom.world import World

A, B = "http://larnevale.example", "http://millhaven.example"


@pytest.fixture
def world(redis_url: str) -> Iterator[World]:
    made = make_world(redis_url)
    yield made
    made.redis.close()


def events(world: World, stream: Stream = Stream.FETCHES) -> list[tuple[str, Any]]:
    return [(event.type, event.data["reason"]) for _, event in world.streams.read(stream, "0")]


def fail(world: World, crawl: Crawl, reason: Reason, **how: Any) -> bool:
    error = FetchError(reason, "as the test says", **how)
    return world.frontier.failed(crawl, FetchOutcome(crawl.url), error).done


def resting(world: World, host: str) -> float:
    """Seconds until a host may be asked."""
    return (int(world.redis.hget(world.keys.host(host), "next") or 0) - now_ms()) / 1000


# --- out ---


def test_each_host_gives_one_at_a_time(world: World) -> None:
    take_in(world, urls=[f"{A}/1", f"{A}/2", f"{B}/1"])
    first = lease(world)
    assert sorted(crawl.host for crawl in first) == ["larnevale.example", "millhaven.example"]
    assert lease(world) == []
    for crawl in first:
        world.frontier.put_back(crawl)
    check_sound(world)
    assert len(lease(world)) == 2


def test_no_more_are_leased_than_asked_for(world: World) -> None:
    take_in(world, urls=[f"http://h{i}.example/" for i in range(7)])
    assert [len(lease(world, 3)) for _ in range(4)] == [3, 3, 1, 0]


def test_many_fetchers_never_ask_a_host_twice_at_once(redis_url: str) -> None:
    worlds = [make_world(redis_url) for _ in range(4)]
    take_in(worlds[0], urls=[f"http://h{i % 5}.example/{i}" for i in range(40)])
    for _ in range(8):
        leased = [crawl for world in worlds for crawl in lease(world)]
        assert sorted(crawl.host for crawl in leased) == [f"h{i}.example" for i in range(5)]
        for crawl in leased:
            world = worlds[int(crawl.url[-1]) % 4]
            assert fail(world, crawl, Reason.HTTP_STATUS, status=404)
    assert worlds[0].ledger.stats()["failed"] == 40
    check_sound(worlds[0])


def test_higher_priority_goes_first(world: World) -> None:
    world.ledger.accept("b", [], [CrawlRequest(f"{A}/{p}", priority=p) for p in (0, 5, -1, 9)])
    order = []
    while leased := lease(world):
        order.append(leased[0].url.rpartition("/")[2])
        fail(world, leased[0], Reason.HTTP_STATUS, status=404)
    assert order == ["9", "5", "0", "-1"]


def test_a_host_rests_between_requests(redis_url: str) -> None:
    world = make_world(redis_url, fetch_delay=0.4)
    take_in(world, urls=[f"{A}/1", f"{A}/2"])
    (crawl,) = lease(world)
    fail(world, crawl, Reason.HTTP_STATUS, status=404)
    begun = now_ms()
    until(lambda: lease(world))
    assert 300 <= now_ms() - begun < 2000


def test_a_paused_host_gives_nothing(world: World) -> None:
    take_in(world, urls=[f"{A}/1"])
    world.redis.hset(world.keys.host_hand("larnevale.example"), "paused", 1)
    assert lease(world) == []
    assert world.redis.zscore(world.keys.hosts, "larnevale.example") > now_ms()


def test_what_is_known_of_a_url_goes_with_it(world: World) -> None:
    known = {
        "etag": '"1"',
        "last_modified": "Sun",
        "fetched": now_ms(),
        "final_url": f"{A}/x",
        "document": "d",
    }
    world.redis.hset(world.keys.url(url_key(f"{A}/1")), mapping=known)
    world.ledger.accept(
        "b", [], [CrawlRequest(f"{A}/1", listed_by="doc"), CrawlRequest(f"{B}/1", force=True)]
    )
    world.redis.hset(world.keys.url(url_key(f"{B}/1")), mapping=known)
    first, forced = sorted(lease(world), key=lambda crawl: crawl.url)
    assert (first.etag, first.last_modified, first.validated) == ('"1"', "Sun", f"{A}/x")
    assert first.fresh
    assert (forced.etag, forced.last_modified, forced.fresh) == (None, None, False)


def test_nothing_is_fetched_while_redis_is_nearly_full(redis_url: str) -> None:
    world = make_world(redis_url, memory_budget=1)
    take_in(world, urls=[f"{A}/1"])
    assert world.frontier.pressed()
    assert lease(world) == []
    roomy = make_world(redis_url, memory_budget=10**12)
    assert not roomy.frontier.pressed()
    assert len(lease(roomy)) == 1


# --- slots ---


def test_a_slot_is_given_to_whoever_holds_the_host(redis_url: str) -> None:
    world = make_world(redis_url, fetch_delay=0.3)
    take_in(world, urls=[f"{A}/1"])
    (crawl,) = lease(world)
    assert world.frontier.slot(f"{A}/1", crawl.lease.uid) == 0
    assert 0 < world.frontier.slot(f"{A}/1", crawl.lease.uid) <= 0.3
    assert 1 < world.frontier.slot(f"{A}/2", "somebody else") <= 2


def test_the_longest_delay_counts(redis_url: str) -> None:
    world = make_world(redis_url, fetch_delay=1.5)
    hosts = world.frontier.hosts
    assert hosts.delay("larnevale.example") == Delay(1.5, DelayFrom.SETTING)
    world.frontier.keep_robots(A, "rules", b"User-agent: *", 60, 4.0, [f"{A}/news.xml"])
    assert hosts.delay("larnevale.example") == Delay(4.0, DelayFrom.ROBOTS)
    assert world.frontier.robots(A) == ("rules", b"User-agent: *")
    world.redis.hset(world.keys.host_hand("larnevale.example"), "delay", 9)
    assert hosts.delay("larnevale.example") == Delay(9, DelayFrom.HAND)
    world.frontier.keep_robots(A, "rules", b"", 60, 86400.0)
    assert hosts.delay("larnevale.example") == Delay(300, DelayFrom.ROBOTS)
    world.frontier.keep_robots(A, "allow_all", b"", 60, None)
    assert world.frontier.robots(A) == ("allow_all", b"")
    assert world.frontier.robots(B) is None


# --- back ---


def test_pages_are_handed_on_with_one_job(world: World) -> None:
    take_in(world, urls=[f"{A}/1", f"{B}/1"])
    leased = lease(world)
    outcomes = world.frontier.fetched([(crawl, response(crawl), b"<p>page") for crawl in leased])
    assert [outcome.done for outcome in outcomes] == [True, True]
    assert world.jobs.length(Stage.NORMALIZE) == 1
    assert world.ledger.stats()["waiting"]["normalizing"] == 2
    check_sound(world)


def test_a_late_page_is_refused_and_frees_nobody_elses_host(world: World) -> None:
    take_in(world, urls=[f"{A}/1", f"{A}/2"])
    (late,) = lease(world)
    world.redis.zadd(world.keys.tasks, {f"fetch:{late.lease.uid}": 1})
    world.sweeper.sweep()
    (other,) = until(lambda: lease(world))
    assert other.lease != late.lease
    assert not world.frontier.fetched([(late, response(late), b"")])[0].done
    assert not world.frontier.put_back(late).done
    assert not fail(world, late, Reason.TIMEOUT, temporary=True)
    holder = world.redis.hget(world.keys.host("larnevale.example"), "holder")
    assert holder == other.lease.uid.encode()
    check_sound(world)


def test_a_crawl_not_yet_taken_back_frees_only_its_own_hold(world: World) -> None:
    """Its host's hold is over and another crawl has it, while its own lease is still open: it was late, not lost."""
    take_in(world, urls=[f"{A}/1", f"{A}/2"])
    (late,) = lease(world)
    world.redis.hset(world.keys.host("larnevale.example"), "until", 1)
    world.redis.zadd(world.keys.hosts, {"larnevale.example": 0})
    (other,) = lease(world)
    assert fail(world, late, Reason.HTTP_STATUS, status=404)
    assert world.redis.hget(world.keys.host("larnevale.example"), "holder") == other.lease.uid.encode()
    assert lease(world) == []
    check_sound(world)


def test_a_crawl_put_back_has_not_been_tried(world: World) -> None:
    take_in(world, urls=[f"{A}/1"])
    for _ in range(3):
        (crawl,) = lease(world)
        assert crawl.lease.tries == 1
        assert world.frontier.put_back(crawl).done
        check_sound(world)
    (crawl,) = lease(world)
    world.frontier.put_back(crawl, after=30)
    assert lease(world) == []
    check_sound(world)


def test_a_failure_that_may_pass_is_tried_again_so_often(world: World) -> None:
    take_in(world, urls=[f"{A}/1"])
    for tries in (1, 2, 3):
        (crawl,) = until(lambda: lease(world))
        assert crawl.lease.tries == tries
        assert fail(world, crawl, Reason.TIMEOUT, temporary=True)
        check_sound(world)
    assert events(world) == [(Type.FETCH_FAILED, "timeout")]
    ((_, letter),) = world.streams.read(Stream.DEAD, "0")
    assert {k: letter.data[k] for k in ("stage", "reason", "tries", "url")} == {
        "stage": "fetch", "reason": "timeout", "tries": 3, "url": f"{A}/1",
    }  # fmt: skip


def test_a_rule_that_says_no_is_no_dead_letter(world: World) -> None:
    take_in(world, urls=[f"{A}/1"])
    (crawl,) = lease(world)
    assert fail(world, crawl, Reason.ROBOTS_DENIED)
    assert events(world) == [(Type.FETCH_REFUSED, "robots_denied")]
    assert world.streams.read(Stream.DEAD, "0") == []
    assert world.ledger.stats()["refused"] == 1
    check_sound(world)


@pytest.mark.parametrize(("fresh", "reason"), [(True, "fresh"), (False, "not_modified")])
def test_nothing_new_is_unchanged(world: World, reason: str, *, fresh: bool) -> None:
    if fresh:
        world.redis.hset(world.keys.url(url_key(f"{A}/1")), "fetched", now_ms())
    world.ledger.accept("b", [], [CrawlRequest(f"{A}/1", listed_by="doc")])
    (crawl,) = lease(world)
    assert crawl.fresh is fresh
    assert world.frontier.unchanged(crawl, FetchOutcome(crawl.url), reason).done
    assert events(world) == [(Type.FETCH_UNCHANGED, reason)]
    check_sound(world)


# --- manners ---


@pytest.mark.parametrize("status", [429, 503])
def test_a_host_that_asks_for_rest_gets_twice_as_much_each_time(redis_url: str, status: int) -> None:
    world = make_world(redis_url, fetch_tries=20)
    take_in(world, urls=[f"{A}/1"])
    for seconds in (60, 120, 240):
        (crawl,) = lease(world)
        assert fail(world, crawl, Reason.HTTP_STATUS, temporary=True, status=status)
        assert seconds - 1 < resting(world, "larnevale.example") <= 1.1 * seconds
        assert lease(world) == []
        due = world.redis.zscore(world.keys.delayed, crawl.lease.uid)
        assert due - now_ms() > (seconds - 1) * 1000
        world.redis.zadd(world.keys.delayed, {crawl.lease.uid: 0})
        world.redis.hset(world.keys.host("larnevale.example"), "next", 0)
        world.redis.zadd(world.keys.hosts, {"larnevale.example": 0})
    world.redis.hset(world.keys.host("larnevale.example"), "backoff_until", now_ms() / 1000 - 1801)
    (crawl,) = lease(world)
    fail(world, crawl, Reason.HTTP_STATUS, temporary=True, status=status)
    assert 59 < resting(world, "larnevale.example") <= 66


def test_a_host_that_says_how_long_is_believed(world: World) -> None:
    take_in(world, urls=[f"{A}/1", f"{A}/2"])
    (crawl,) = lease(world)
    fail(world, crawl, Reason.HTTP_STATUS, temporary=True, status=429, retry_after=7.0)
    assert 6 < resting(world, "larnevale.example") <= 7
    assert lease(world) == []
    world.redis.hset(world.keys.host("larnevale.example"), "next", 0)
    world.redis.zadd(world.keys.hosts, {"larnevale.example": 0})
    (crawl,) = lease(world)
    fail(world, crawl, Reason.HTTP_STATUS, temporary=True, status=503, retry_after=1e9)
    assert resting(world, "larnevale.example") <= 86400


# --- the fetcher's side ---


async def _deliver(page: Any) -> None:
    raise AssertionError(page)


class Redirecting:
    """Asks, for each URL, leave to fetch the one it leads to; there is no network."""

    agent_token = "wireroom"

    def __init__(self, leads: dict[str, str]) -> None:
        self.leads = leads

    async def fetch(self, url: str, *, may: Any, **_: Any) -> None:
        await may(url)
        await may(self.leads[url])
        raise FetchError(Reason.HTTP_STATUS, "it ends here", status=404)


async def test_two_crawls_that_wait_for_each_others_host_both_end(world: World) -> None:
    leads = {f"{A}/1": f"{B}/2", f"{B}/1": f"{A}/2"}
    take_in(world, urls=list(leads))
    for place in (A, B):
        world.frontier.keep_robots(place, "allow_all", b"", 60, None)
    fetcher: Any = Redirecting(leads)
    crawls = Crawler(world.frontier, fetcher, _deliver, longest_wait=0.6)

    async def work() -> bool:
        leased = await asyncio.to_thread(lease, world)
        await asyncio.gather(*(crawls.crawl(crawl) for crawl in leased))
        return world.ledger.stats()["failed"] == 2

    await until_async(work, 20)
    check_sound(world)


async def test_a_crawl_that_is_cancelled_is_handed_back(world: World) -> None:
    take_in(world, urls=[f"{A}/1"])
    (crawl,) = lease(world)
    world.redis.hset(world.keys.host("larnevale.example"), "next", now_ms() + 20_000)
    world.frontier.keep_robots(A, "allow_all", b"", 60, None)
    fetcher: Any = Redirecting({f"{A}/1": f"{A}/2"})
    task = asyncio.create_task(Crawler(world.frontier, fetcher, _deliver).crawl(crawl))
    done, _ = await asyncio.wait([task], timeout=0.2)
    assert not done
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert world.ledger.unit(crawl.lease.uid)["state"] == "waiting"
    assert world.ledger.unit(crawl.lease.uid)["fetch.tries"] == "0"
    check_sound(world)


async def test_pages_are_collected_for_one_job(world: World) -> None:
    take_in(world, urls=[f"http://h{i}.example/" for i in range(5)])
    handover = Handover(world.frontier, most=3)
    task = asyncio.create_task(handover.run())
    for crawl in lease(world):
        await handover.put((crawl, response(crawl), b"<p>page"))
    await until_async(lambda: world.ledger.stats()["waiting"]["normalizing"] == 5)
    assert not handover.pending
    assert world.jobs.length(Stage.NORMALIZE) == 2
    task.cancel()
    check_sound(world)
