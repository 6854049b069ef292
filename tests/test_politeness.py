"""What sites see of us: their own logs, with one fetcher and with many."""

from __future__ import annotations

import asyncio
import socket
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import pytest
from localweb import LocalWeb, hangs_up, silent
from soundness import all_units, check_sound
from structlog.testing import capture_logs
from waiting import until_async
from workshop import fetchers, make_world, take_in

from wireroom.adapters.hosts import Hosts
from wireroom.events import Stream
from wireroom.services import fetch as fetch_service

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aiohttp import web as aiohttp_web
    from localweb import Site

    from wireroom.world import World

LOCAL: dict[str, Any] = {"fetch_allow_private": "127.0.0.0/8", "fetch_contact": "desk@paper.example"}
SLEW = 0.005
"""Seconds by which the sites' clock and the store's may differ over a test."""


@pytest.fixture
def net() -> Iterator[LocalWeb]:
    with LocalWeb() as web:
        yield web


def still_open(world: World) -> int:
    waiting: dict[str, int] = world.ledger.stats()["waiting"]
    return waiting["waiting"] + waiting["fetching"]


async def all_asked(world: World, seconds: float = 60) -> None:
    async def over() -> bool:
        await asyncio.to_thread(world.sweeper.sweep)
        return await asyncio.to_thread(still_open, world) == 0

    await until_async(over, seconds)


def reasons(world: World) -> Counter[str]:
    return Counter(event.data["reason"] for _, event in world.streams.read(Stream.FETCHES, "0"))


def host_of(site: Site) -> str:
    return site.origin.removeprefix("http://")


# --- the same manners, however many fetch ---


def newspapers(net: LocalWeb) -> tuple[list[Site], list[str]]:
    """Sites that redirect to each other, one of them its robots.txt too; and what is to be fetched."""
    sites = [net.site() for _ in range(4)]
    urls = []
    for number, site in enumerate(sites):
        other = sites[(number + 1) % len(sites)]
        site.robots("User-agent: *\nDisallow: /private\n")
        urls += [site.page(f"/{n}", "<p>Something happened.</p>", delay=0.02 * n) for n in range(3)]
        other.page("/moved", "<p>Something moved.</p>", delay=0.1)
        urls.append(site.redirect("/old", other.url("/moved")))
        urls.append(site.redirect("/twice", "/old"))
        site.page("/private", "")
        urls.append(site.url("/private"))
    sites[0].redirect("/robots.txt", sites[1].url("/rules.txt"))
    sites[1].page("/rules.txt", "User-agent: *\nDisallow: /private\n", kind="text/plain")
    return sites, urls


@pytest.mark.parametrize("number", [1, 2, 8])
async def test_the_sites_see_the_same_manners_of_any_number_of_fetchers(
    redis_url: str, net: LocalWeb, number: int
) -> None:
    delay = 0.15
    worlds = [make_world(redis_url, fetch_delay=delay, lease=10, **LOCAL) for _ in range(number)]
    sites, urls = newspapers(net)
    take_in(worlds[0], urls=urls)
    async with fetchers(*worlds):
        await all_asked(worlds[0])
    for site in sites:
        assert site.most_at_once() == 1
        assert min(site.gaps()) >= delay - SLEW
        assert site.hits("/private") == []
        assert len(site.hits("/robots.txt")) == 1
        assert {hit.path for hit in site.log} >= {"/0", "/1", "/2", "/old", "/twice", "/moved"}
    assert reasons(worlds[0]) == {"robots_denied": 4}
    assert worlds[0].ledger.stats()["waiting"]["normalizing"] == len(urls) - 4
    check_sound(worlds[0])


@pytest.mark.long
async def test_a_robots_txt_that_lies_on_a_busy_host_is_asked_for_once(redis_url: str, net: LocalWeb) -> None:
    """Whoever asks for it leaves its host and waits for the other; those who come after wait for him."""
    worlds = [make_world(redis_url, fetch_delay=0.05, lease=10, **LOCAL) for _ in range(3)]
    led, busy = net.site(), net.site()
    led.redirect("/robots.txt", busy.url("/rules.txt"))
    busy.page("/rules.txt", "User-agent: *\nDisallow: /private\n", kind="text/plain")
    slow = [busy.page(f"/slow/{n}", "<p>Slow.</p>", delay=1.0) for n in range(3)]
    urls = [led.page(f"/{n}", "<p>Something happened.</p>") for n in range(6)] + [led.url("/private")]
    take_in(worlds[0], urls=slow)
    async with fetchers(*worlds):
        await until_async(lambda: asyncio.to_thread(lambda: bool(busy.hits("/slow/0"))))
        take_in(worlds[0], urls=urls, batch="b2")
        await all_asked(worlds[0])
    assert len(led.hits("/robots.txt")) == 1
    assert len(busy.hits("/rules.txt")) == len(busy.hits("/robots.txt")) == 1
    assert led.most_at_once() == busy.most_at_once() == 1
    assert reasons(worlds[0]) == {"robots_denied": 1}
    assert worlds[0].redis.keys(worlds[0].keys.robots_asked("*")) == []
    check_sound(worlds[0])


@pytest.mark.long
async def test_a_slow_page_that_others_are_led_to_is_asked_for_once_at_a_time(
    redis_url: str, net: LocalWeb
) -> None:
    """Its request takes longer than the delay: only the hold keeps the others away."""
    worlds = [make_world(redis_url, fetch_delay=0.05, lease=10, **LOCAL) for _ in range(2)]
    slow, *others = (net.site() for _ in range(4))
    urls = [slow.page(f"/{n}", "<p>Slow.</p>", delay=0.4) for n in range(2)]
    urls += [site.redirect("/", slow.url("/0")) for site in others]
    take_in(worlds[0], urls=urls)
    async with fetchers(*worlds):
        await all_asked(worlds[0])
    assert len(slow.log) == 6
    assert slow.most_at_once() == 1


# --- delays ---


async def test_a_robots_txt_that_asks_for_a_day_gets_the_longest_delay(redis_url: str, net: LocalWeb) -> None:
    world = make_world(redis_url, fetch_max_delay=0.5, **LOCAL)
    site = net.site()
    site.robots("User-agent: *\nCrawl-delay: 86400\nSitemap: http://news.example/map.xml\n")
    take_in(world, urls=[site.page(f"/{n}", "<p>x</p>") for n in range(3)])
    async with fetchers(world):
        await all_asked(world)
    assert min(site.gaps()) >= 0.5 - SLEW
    host = Hosts(world.client, world.keys, world.settings).one(host_of(site))
    assert host is not None
    assert (host["delay"]["seconds"], host["delay"]["robots"]) == (0.5, 86400)
    assert host["sitemaps"] == ["http://news.example/map.xml"]


@pytest.mark.parametrize("form", ["seconds", "date"])
@pytest.mark.parametrize("status", [429, 503])
async def test_a_host_that_names_a_time_is_left_alone_so_long(
    redis_url: str, net: LocalWeb, form: str, status: int
) -> None:
    world = make_world(redis_url, **LOCAL)
    site = net.site()
    site.robots("")

    async def busy(_: aiohttp_web.Request) -> aiohttp_web.Response:
        from aiohttp import web  # noqa: PLC0415 - the answer of one handler

        if len(site.hits("/busy")) > 1:
            return web.Response(text="<p>Now.</p>", content_type="text/html")
        date = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
        return web.Response(status=status, headers={"Retry-After": "2" if form == "seconds" else date})

    take_in(world, urls=[site.on("/busy", busy), site.page("/other", "<p>x</p>")])
    async with fetchers(world):
        await all_asked(world)
    first = site.hits("/busy")[0]
    later = [hit.began - first.began for hit in site.log if hit.began > first.began]
    # A date has whole seconds, and so has what it is counted from.
    assert min(later) >= (2 if form == "seconds" else 1) - SLEW
    assert len(later) == 2 or [hit.path for hit in site.log][:2] == ["/robots.txt", "/other"]
    assert world.ledger.stats()["waiting"]["normalizing"] == 2


# --- hosts that are down ---


def free_port(ip: str) -> int:
    with socket.socket() as one:
        one.bind((ip, 0))
        return int(one.getsockname()[1])


def tries(world: World) -> list[int]:
    return [int(world.ledger.unit(uid).get("fetch.tries", 0)) for uid in all_units(world)]


@pytest.mark.long
async def test_a_host_that_is_down_is_left_alone_and_asked_again_later(redis_url: str, net: LocalWeb) -> None:
    world = make_world(redis_url, fetch_retry_delay=0.2, **LOCAL)
    port = free_port("127.9.9.9")
    urls = [f"http://127.9.9.9:{port}/{n}" for n in range(20)]
    take_in(world, urls=urls)
    hosts = Hosts(world.client, world.keys, world.settings)

    def resting() -> bool:
        host = hosts.one(f"127.9.9.9:{port}")
        return host is not None and host["failures"] >= 6 and host["state"] == "resting"

    async with fetchers(world):
        await until_async(lambda: asyncio.to_thread(resting), 30)
        spent = await asyncio.to_thread(tries, world)
        assert sum(spent) < 10
        assert max(spent) <= 2
        assert reasons(world) == {}
        site = net.site("127.9.9.9", port=port)
        for n in range(20):
            site.page(f"/{n}", "<p>Back again.</p>")
        await all_asked(world)
    assert world.ledger.stats()["waiting"]["normalizing"] == 20
    host = hosts.one(f"127.9.9.9:{port}")
    assert host is not None
    assert (host["failures"], host["backoff"], host["failing_since"]) == (0, None, None)
    assert host["last_error"]["code"] == "connect_error"
    check_sound(world)


async def test_what_waits_for_a_host_is_given_up_when_patience_ends(redis_url: str, net: LocalWeb) -> None:
    world = make_world(redis_url, fetch_retry_delay=0.05, fetch_patience=0.3, **LOCAL)
    down = net.raw(hangs_up)
    take_in(world, urls=[down.url(f"/{n}") for n in range(50)])
    async with fetchers(world):
        await all_asked(world)
    assert reasons(world) == {"protocol_error": 50}
    assert down.connections < 15
    assert len(world.streams.read(Stream.DEAD, "0")) == 50
    check_sound(world)


@pytest.mark.long
async def test_bad_pages_in_front_do_not_make_a_good_host_look_down_for_ever(
    redis_url: str, net: LocalWeb
) -> None:
    world = make_world(redis_url, fetch_retry_delay=0.2, fetch_timeout=0.3, fetch_tries=9, **LOCAL)
    site = net.site()
    site.robots("")
    bad = [site.page(f"/bad{n}", "<p>x</p>", delay=5) for n in range(7)]
    good = [site.page(f"/good{n}", "<p>x</p>") for n in range(3)]
    take_in(world, urls=bad)
    take_in(world, urls=good, batch="b2")
    async with fetchers(world):
        await until_async(lambda: len([hit for hit in site.log if hit.path.startswith("/good")]) == 3, 30)


async def test_a_robots_txt_that_fails_is_asked_for_again_and_nothing_else_is(
    redis_url: str, net: LocalWeb
) -> None:
    world = make_world(redis_url, fetch_retry_delay=0.2, **LOCAL)
    site = net.site()
    site.robots("", status=500)
    take_in(world, urls=[site.page("/", "<p>x</p>")])
    async with fetchers(world):
        await all_asked(world)
    assert [hit.path for hit in site.log] == ["/robots.txt"] * 3
    first, second = site.gaps()
    assert first >= 0.2 - SLEW
    assert second >= 0.4 - SLEW
    assert reasons(world) == {"robots_unreachable": 1}
    check_sound(world)


async def test_a_robots_txt_that_comes_back_lets_the_page_through(redis_url: str, net: LocalWeb) -> None:
    world = make_world(redis_url, fetch_retry_delay=0.2, **LOCAL)
    site = net.site()
    site.robots("", status=503, headers={"Retry-After": "1"})
    take_in(world, urls=[site.page("/", "<p>x</p>")])
    async with fetchers(world):
        await until_async(lambda: site.hits("/robots.txt"))
        site.robots("User-agent: *\nAllow: /\n")
        await all_asked(world)
    assert [hit.path for hit in site.log] == ["/robots.txt", "/robots.txt", "/"]
    assert site.gaps()[0] >= 1 - SLEW
    assert world.ledger.stats()["waiting"]["normalizing"] == 1


async def test_whoever_is_led_to_a_host_that_rests_waits_for_its_rest(redis_url: str, net: LocalWeb) -> None:
    world = make_world(redis_url, **LOCAL)
    here, there = net.site(), net.site()
    here.robots("")
    there.robots("")
    there.page("/", status=429, headers={"Retry-After": "3600"})
    take_in(world, urls=[here.redirect("/", there.url("/"))])
    async with fetchers(world):
        await until_async(lambda: there.hits("/"))
        await until_async(lambda: world.redis.zcard(world.keys.delayed))
    (due,) = world.redis.zrange(world.keys.delayed, 0, -1, withscores=True)
    assert due[1] / 1000 - time.time() > 3500
    hosts = Hosts(world.client, world.keys, world.settings)
    mine, theirs = hosts.one(host_of(here)), hosts.one(host_of(there))
    assert mine is not None
    assert theirs is not None
    assert (mine["failures"], mine["backoff"]) == (0, None)
    assert (theirs["failures"], theirs["backoff"]["why"]) == (1, "http_429")


async def test_hosts_that_say_nothing_do_not_keep_the_others_waiting(redis_url: str, net: LocalWeb) -> None:
    world = make_world(redis_url, fetch_concurrency=2, fetch_timeout=60, grace=1, **LOCAL)
    take_in(world, urls=[net.raw(silent).url(f"/{n}") for n in range(4)])
    good = [net.site() for _ in range(3)]
    take_in(world, urls=[site.page("/", "<p>x</p>") for site in good], batch="b2")
    async with fetchers(world):
        await until_async(lambda: all(site.hits("/") for site in good), 30)
    assert world.ledger.stats()["waiting"]["waiting"] == 4
    check_sound(world)


# --- who we say we are ---


@pytest.mark.parametrize(("contact", "warned"), [("", True), ("desk@paper.example", False)])
async def test_a_fetcher_without_a_contact_warns_at_its_start(
    redis_url: str, contact: str, *, warned: bool
) -> None:
    world = make_world(redis_url, fetch_contact=contact)
    stop = asyncio.Event()
    stop.set()
    with capture_logs() as logs:
        await fetch_service.run(world, stop, lambda _: None)
    told = [line for line in logs if "WIREROOM_FETCH_CONTACT" in line["event"]]
    assert [line["log_level"] for line in told] == (["warning"] if warned else [])
