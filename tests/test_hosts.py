"""Hosts as they are listed and set by hand, over HTTP and from the command line; pages a day."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from httpworld import serving
from soundness import check_sound
from waiting import until
from workshop import lease, make_world, response, take_in

from wireroom.adapters.hosts import Hosts, host_name
from wireroom.adapters.ids import now_ms
from wireroom.errors import FetchError, Reason, UsageError
from wireroom.events import FetchOutcome

if TYPE_CHECKING:
    from httpworld import Api

    from wireroom.records import Crawl
    from wireroom.world import World

A, B = "http://larnevale.example", "http://millhaven.example"
HOST = "larnevale.example"
QUICK: dict[str, Any] = {"lease": 2, "fetch_delay": 0, "fetch_retry_delay": 0.01}


def hosts(world: World) -> Hosts:
    return Hosts(world.client, world.keys, world.settings)


def told(world: World, name: str = HOST) -> dict[str, Any]:
    found = hosts(world).one(name)
    assert found is not None
    return found


def fail(world: World, crawl: Crawl, reason: Reason, **how: Any) -> None:
    error = FetchError(reason, "as the test says", **how)
    assert world.frontier.failed(crawl, FetchOutcome(crawl.url), error).done


def midnight() -> float:
    """Milliseconds until the next UTC day."""
    return 86_400_000 - now_ms() % 86_400_000


# --- why a host waits ---


def test_a_host_says_where_it_stands_and_why(redis_url: str) -> None:
    world = make_world(redis_url, fetch_delay=30)
    take_in(world, urls=[f"{A}/1", f"{A}/2"])
    assert (told(world)["state"], told(world)["waiting"], told(world)["next"]) == ("ready", 2, None)
    (crawl,) = lease(world)
    assert (told(world)["state"], told(world)["waiting"], told(world)["in_flight"]) == ("fetching", 1, 1)
    fail(world, crawl, Reason.HTTP_STATUS, status=404)
    after = told(world)
    assert (after["state"], after["waiting"], after["in_flight"]) == ("delayed", 1, 0)
    assert after["next"] is not None
    assert after["last_error"]["code"] == "http_404"
    assert after["last_error"]["url"] == f"{A}/1"
    assert after["delay"] == {"seconds": 30, "from": "setting", "robots": None, "hand": None}


def test_a_host_that_asked_for_rest_says_so(redis_url: str) -> None:
    world = make_world(redis_url)
    take_in(world, urls=[f"{A}/1", f"{A}/2"])
    (crawl,) = lease(world)
    fail(world, crawl, Reason.HTTP_STATUS, status=429, temporary=True, retry_after=90.0)
    after = told(world)
    assert (after["state"], after["waiting"], after["failures"]) == ("resting", 2, 1)
    assert after["backoff"]["why"] == "http_429"
    assert after["failing_since"] is not None


def test_what_robots_txt_asks_for_is_told_beside_what_is_done(redis_url: str) -> None:
    world = make_world(redis_url)
    take_in(world, urls=[f"{A}/1"])
    world.frontier.keep_robots(A, "rules", b"User-agent: *", 3600, 86400.0, [f"{A}/a.xml", f"{A}/b.xml"])
    after = told(world)
    assert after["delay"] == {"seconds": 300, "from": "robots", "robots": 86400, "hand": None}
    assert after["sitemaps"] == [f"{A}/a.xml", f"{A}/b.xml"]
    ((origin, verdict),) = [(kept["origin"], kept["verdict"]) for kept in after["robots"]]
    assert (origin, verdict) == (A, "rules")


# --- pages a day ---


def test_a_host_gives_no_more_than_its_pages_of_a_day(redis_url: str) -> None:
    worlds = [make_world(redis_url, fetch_pages_per_day=2) for _ in range(3)]
    take_in(worlds[0], urls=[f"{A}/{n}" for n in range(5)])
    fetched = 0
    while leased := [(world, crawl) for world in worlds for crawl in lease(world)]:
        for world, crawl in leased:
            assert world.frontier.slot(f"{A}/robots.txt", crawl.lease.uid, page=False) == 0
            world.frontier.leave(HOST, crawl.lease.uid, elsewhere=True)
            assert world.frontier.slot(crawl.url, crawl.lease.uid) == 0
            world.frontier.fetched([(crawl, response(crawl), b"<p>page")])
            fetched += 1
    assert fetched == 2
    after = told(worlds[0])
    assert (after["state"], after["pages"]) == ("full", {"today": 2, "per_day": 2, "from": "setting"})
    assert 0 < (worlds[0].redis.zscore(worlds[0].keys.hosts, HOST) - now_ms()) <= midnight() + 1000
    check_sound(worlds[0])


def test_a_redirect_cannot_take_a_page_over_the_bound(redis_url: str) -> None:
    world = make_world(redis_url, fetch_pages_per_day=1)
    take_in(world, urls=[f"{B}/1"])
    (crawl,) = lease(world)
    assert world.frontier.slot(f"{A}/1", crawl.lease.uid) == 0
    world.frontier.leave(HOST, crawl.lease.uid, elsewhere=True)
    assert world.frontier.slot(f"{A}/2", crawl.lease.uid) * 1000 == pytest.approx(midnight(), abs=5000)
    assert world.frontier.slot(f"{A}/robots.txt", crawl.lease.uid, page=False) == 0


def test_a_new_day_begins_anew(redis_url: str) -> None:
    world = make_world(redis_url, fetch_pages_per_day=1)
    yesterday = now_ms() // 86_400_000 - 1
    world.redis.hset(world.keys.host(HOST), mapping={"day": yesterday, "pages": 1})
    take_in(world, urls=[f"{A}/1"])
    assert told(world)["pages"]["today"] == 0
    (crawl,) = lease(world)
    assert world.frontier.slot(f"{A}/1", crawl.lease.uid) == 0
    assert told(world)["pages"]["today"] == 1


def test_one_host_may_have_a_bound_of_its_own(redis_url: str) -> None:
    world = make_world(redis_url, fetch_pages_per_day=1)
    hosts(world).set(HOST, {"pages_per_day": 0})
    hosts(world).set("millhaven.example", {"pages_per_day": 2})
    take_in(world, urls=[f"{place}/{n}" for place in (A, B, "http://third.example") for n in range(3)])
    counts: dict[str, int] = {}
    while leased := lease(world):
        for crawl in leased:
            assert world.frontier.slot(crawl.url, crawl.lease.uid) == 0
            fail(world, crawl, Reason.HTTP_STATUS, status=404)
            counts[crawl.host] = counts.get(crawl.host, 0) + 1
    assert counts == {HOST: 3, "millhaven.example": 2, "third.example": 1}


# --- by hand ---


def test_a_paused_host_waits_until_it_is_resumed(redis_url: str) -> None:
    world = make_world(redis_url)
    take_in(world, urls=[f"{A}/1"])
    assert hosts(world).set(HOST, {"paused": True})["state"] == "paused"
    assert lease(world) == []
    assert hosts(world).set(HOST, {"paused": False})["state"] == "ready"
    assert [crawl.url for crawl in lease(world)] == [f"{A}/1"]
    assert not world.redis.exists(world.keys.host_hand(HOST))


def test_a_pause_holds_redirects_off_too(redis_url: str) -> None:
    world = make_world(redis_url)
    take_in(world, urls=[f"{B}/1"])
    (crawl,) = lease(world)
    hosts(world).set(HOST, {"paused": True})
    assert world.frontier.slot(f"{A}/1", crawl.lease.uid) > 0
    assert world.frontier.slot(f"{A}/robots.txt", crawl.lease.uid, page=False) > 0


def test_a_delay_set_by_hand_holds_at_once_but_never_below_robots_txt(redis_url: str) -> None:
    world = make_world(redis_url, fetch_delay=60)
    take_in(world, urls=[f"{A}/1", f"{A}/2"])
    (crawl,) = lease(world)
    fail(world, crawl, Reason.HTTP_STATUS, status=404)
    assert lease(world) == []
    assert hosts(world).set(HOST, {"delay": 0.05})["delay"]["seconds"] == 0.05
    until(lambda: lease(world), 5)
    world.frontier.keep_robots(A, "rules", b"", 60, 7.0)
    assert told(world)["delay"] == {"seconds": 7, "from": "robots", "robots": 7, "hand": 0.05}
    assert hosts(world).set(HOST, {"delay": None})["delay"]["from"] == "setting"


def test_a_shorter_delay_does_not_end_a_rest(redis_url: str) -> None:
    world = make_world(redis_url)
    take_in(world, urls=[f"{A}/1", f"{A}/2"])
    (crawl,) = lease(world)
    fail(world, crawl, Reason.HTTP_STATUS, status=503, temporary=True, retry_after=60.0)
    assert hosts(world).set(HOST, {"delay": 0, "paused": False})["state"] == "resting"
    assert lease(world) == []


def test_what_is_set_by_hand_does_not_expire(redis_url: str) -> None:
    world = make_world(redis_url)
    take_in(world, urls=[f"{A}/1"])
    hosts(world).set(HOST, {"paused": True, "delay": 3, "pages_per_day": 9})
    hosts(world).set(HOST, {"paused": False})
    (crawl,) = lease(world)
    world.frontier.slot(crawl.url, crawl.lease.uid)
    fail(world, crawl, Reason.HTTP_STATUS, status=404)
    assert world.redis.pttl(world.keys.host(HOST)) > 0
    assert world.redis.pttl(world.keys.host_hand(HOST)) == -1
    assert (told(world)["delay"]["hand"], told(world)["pages"]["per_day"]) == (3, 9)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("Larnevale.Example", "larnevale.example"),
        ("larnevale.example:80", "larnevale.example"),
        ("larnevale.example:443", "larnevale.example"),
        ("larnevale.example:8080", "larnevale.example:8080"),
        ("[::1]:81", "[::1]:81"),
        ("bücher.example", "xn--bcher-kva.example"),
    ],
)
def test_a_host_has_one_name(given: str, name: str) -> None:
    assert host_name(given) == name


@pytest.mark.parametrize(
    "given", ["", " ", "a b", "user@host.example", "a.example/path", "a?b", "a#b", "[::1"]
)
def test_what_is_no_host_is_refused(given: str) -> None:
    with pytest.raises(UsageError, match="is no host"):
        host_name(given)


# --- over HTTP ---


async def change(api: Api, host: str, body: Any, status: int = 200) -> Any:
    async with api.client.patch(f"/v1/hosts/{host}", json=body) as answer:
        assert answer.status == status, await answer.text()
        return await answer.json(content_type=None)


async def test_hosts_are_listed_page_by_page(redis_url: str) -> None:
    async with serving(redis_url, **QUICK) as api:
        take_in(api.world, urls=[f"http://h{n}.example/{m}" for n in range(5) for m in range(2)])
        seen: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            answer = await api.get(f"/v1/hosts?limit=2&cursor={cursor}")
            assert len(answer["hosts"]) <= 2
            seen += [host["host"] for host in answer["hosts"]]
            assert all(host["waiting"] == 2 for host in answer["hosts"])
            cursor = answer["cursor"]
        assert seen == [f"h{n}.example" for n in range(5)]
        await api.get("/v1/hosts?cursor=%20", 422)


async def test_a_host_is_paused_and_resumed(redis_url: str) -> None:
    async with serving(redis_url, **QUICK) as api:
        take_in(api.world, urls=[f"{A}/1"])
        await api.get("/v1/hosts/nowhere.example", 404)
        paused = await change(api, "LarneVale.example", {"paused": True})
        assert (paused["host"], paused["state"]) == (HOST, "paused")
        assert await asyncio.to_thread(lease, api.world) == []
        assert (await api.get(f"/v1/hosts/{HOST}"))["paused"]
        await change(api, HOST, {"paused": False})
        assert len(await asyncio.to_thread(lease, api.world)) == 1


async def test_a_host_can_be_set_before_it_is_known(redis_url: str) -> None:
    async with serving(redis_url, **QUICK) as api:
        assert (await change(api, "new.example:8080", {"delay": 4}))["delay"]["seconds"] == 4
        assert [host["host"] for host in (await api.get("/v1/hosts"))["hosts"]] == ["new.example:8080"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"paused": None},
        {"paused": 1},
        {"delay": -1},
        {"delay": "2"},
        {"delay": 1e9},
        {"pages_per_day": 1.5},
        {"pages_per_day": -1},
        {"speed": 1},
        [],
    ],
)
async def test_a_wrong_change_is_refused_and_changes_nothing(redis_url: str, body: Any) -> None:
    async with serving(redis_url, **QUICK) as api:
        problem = await change(api, HOST, body, 422)
        assert problem["type"] == "urn:wireroom:problem:invalid_value"
        await api.get(f"/v1/hosts/{HOST}", 404)


async def test_a_change_to_what_is_no_host_is_refused(redis_url: str) -> None:
    async with serving(redis_url, **QUICK) as api:
        await change(api, "a%20b", {"paused": True}, 422)
        async with api.client.patch(f"/v1/hosts/{HOST}", data=b"{") as answer:
            assert answer.status == 415


# --- from the command line ---


def wireroom(url: str, *words: str) -> str:
    command = [sys.executable, "-m", "wireroom", "hosts", "--api", url, *words]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("WIREROOM_")}
    done = subprocess.run(
        command, capture_output=True, text=True, env=environ | {"COLUMNS": "200"}, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.long
async def test_the_command_lists_shows_and_sets(redis_url: str) -> None:
    async with serving(redis_url, **QUICK) as api:
        take_in(api.world, urls=[f"{A}/1", f"{B}/1"])
        url = str(api.client.make_url("")).rstrip("/")
        listed = await asyncio.to_thread(wireroom, url)
        assert HOST in listed
        assert "ready" in listed
        both = orjson.loads(await asyncio.to_thread(wireroom, url, "--json"))
        assert [host["host"] for host in both] == [HOST, "millhaven.example"]
        shown = await asyncio.to_thread(
            wireroom, url, HOST, "--pause", "--delay", "7.5", "--pages-per-day", "9"
        )
        assert "paused" in shown
        assert "7.5 s, by hand" in shown
        back = orjson.loads(
            await asyncio.to_thread(wireroom, url, HOST, "--resume", "--delay", "default", "--json")
        )
        assert (back["paused"], back["delay"]["from"], back["pages"]["per_day"]) == (False, "setting", 9)
