"""Pages that are looked at again by themselves: on a local web, with due times that the tests move."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from httpworld import page_draft, serving
from httpworld import publish as publish_draft
from localweb import LocalWeb
from news_samples import BRIDGE, CHEESE
from soundness import check_sound
from waiting import until_async
from workshop import enricher, lease, make_world, normalize, take_in

from wireroom.adapters.hosts import Hosts
from wireroom.adapters.ids import now_ms
from wireroom.adapters.looks import FIELD
from wireroom.adapters.steps import Step
from wireroom.adapters.work import work_on
from wireroom.assembly import NO_DATES
from wireroom.events import Stream
from wireroom.freshness import GONE, MISSES, Found
from wireroom.services import schedule as schedule_service
from wireroom.urls import host_key, url_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from localweb import Site

    from wireroom.draft import Draft
    from wireroom.freshness import Look
    from wireroom.world import World

HOUR, DAY = 3600.0, 86400.0
LOCAL: dict[str, Any] = {"fetch_allow_private": "127.0.0.0/8", "fetch_contact": "desk@paper.example"}
TEXT = BRIDGE[0]


@pytest.fixture
def net() -> Iterator[LocalWeb]:
    with LocalWeb() as web:
        yield web


@pytest.fixture
def world(redis_url: str) -> Iterator[World]:
    made = make_world(redis_url, recrawl=True, **LOCAL)
    yield made
    made.redis.close()


def page(
    site: Site, path: str = "/bridge", text: str = TEXT, etag: str | None = None, *, age: float = 0
) -> str:
    published = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - age))
    head = f'<title>The bridge</title><meta property="article:published_time" content="{published}">'
    return site.page(path, f"<html><head>{head}</head><body><article><p>{text}</p></article>", etag=etag)


def dated(drafts: Sequence[Draft]) -> Iterator[dict[str, Any]]:
    """The enricher of dates, for pages that say when they were published."""
    for draft in drafts:
        found = next(c for c in draft.candidates if c.kind == "published")
        published = {"value": found.value, "precision": found.precision.value}
        yield {"data": {**NO_DATES, "published": published}, "seconds": 0.0}


async def work(world: World) -> None:
    """Fetch and publish all that waits."""
    async with world.fetcher() as fetcher:
        pages: list[Any] = []

        async def deliver(page: Any) -> None:
            pages.append(page)

        crawler = world.crawler(fetcher, deliver)
        while leased := await asyncio.to_thread(lease, world):
            await asyncio.gather(*(crawler.crawl(crawl) for crawl in leased))
            if pages:
                world.frontier.fetched(pages)
                uids = [crawl.lease.uid for crawl, _, _ in pages]
                normalize(world, *uids)
                work_on(world.ledger, enricher(world, dated), uids, lambda: False)
                pages.clear()


async def publish(world: World, *urls: str) -> None:
    take_in(world, urls=urls)
    await work(world)


def document(world: World, url: str) -> str:
    did = world.client.hget(world.keys.url(url_key(url)), "document")
    assert did is not None
    return did.decode()


def look_at(world: World, url: str) -> tuple[Look, float]:
    """What was learnt of a page, and in how many seconds it is looked at."""
    known = world.store.looks.of(document(world, url))
    assert known is not None
    return known[0], (known[1] - now_ms()) / 1000


def hurry(world: World, url: str) -> None:
    """The page's time has come, as long after the last look as it would have."""
    did, (look, _) = document(world, url), look_at(world, url)
    earlier = look.interval + 1
    kept = look.to_json().replace(f'"looked":{look.looked}', f'"looked":{look.looked - earlier}')
    host = host_key(look.url)
    world.redis.hset(world.keys.document(did), FIELD, kept)
    world.redis.zadd(world.keys.looks_of_host(host), {did: now_ms() - 1})
    world.redis.zadd(world.keys.looks, {host: now_ms() - 1})


def again(world: World) -> int:
    assert world.recrawling is not None
    return world.recrawling.round()


def ends(world: World) -> list[str]:
    return [event.type.value for _, event in world.streams.read(Stream.FETCHES, "0")]


# --- one page ---


async def test_a_new_document_is_looked_at_by_its_age(world: World, net: LocalWeb):
    site = net.site()
    young, old = page(site, "/young", age=60), page(site, "/old", CHEESE[0], age=10 * DAY)
    ancient = page(site, "/ancient", CHEESE[1], age=100 * DAY)
    await publish(world, young, old, ancient)
    look, seconds = look_at(world, young)
    assert (look.found, look.interval, look.url) == (Found.NEW, HOUR, young)
    assert HOUR - 5 < seconds < 1.2 * HOUR
    look, seconds = look_at(world, old)
    assert look.interval == pytest.approx(2 * DAY, rel=0.01)
    assert world.store.looks.of(document(world, ancient)) is None
    assert again(world) == 0
    check_sound(world)


async def test_nobody_looks_unasked_unless_it_is_wanted(redis_url: str, net: LocalWeb):
    world = make_world(redis_url, **LOCAL)
    url = page(net.site())
    await publish(world, url)
    assert world.recrawling is None
    assert world.store.looks.of(document(world, url)) is None
    assert not world.redis.exists(world.keys.looks)
    assert not world.redis.hexists(world.keys.document(document(world, url)), FIELD)


async def test_a_look_that_finds_no_change_costs_a_304_and_lengthens(world: World, net: LocalWeb):
    site = net.site()
    url = page(site, etag='"1"')
    await publish(world, url)
    hurry(world, url)
    assert again(world) == 1
    await work(world)
    assert [hit.headers.get("If-None-Match") for hit in site.hits("/bridge")] == [None, '"1"']
    assert ends(world) == ["fetch.succeeded", "fetch.unchanged"]
    look, seconds = look_at(world, url)
    assert (look.found, look.interval, look.misses) == (Found.UNCHANGED, 1.5 * HOUR, 0)
    assert seconds > 1.4 * HOUR
    assert world.ledger.stats()["accepted"] == 2
    check_sound(world)


async def test_a_page_that_changes_is_looked_at_more_often_than_one_that_does_not(
    world: World, net: LocalWeb
):
    site = net.site()
    urls = {
        name: page(site, f"/{name}", text, age=DAY) for name, text in (("live", TEXT), ("still", CHEESE[0]))
    }
    await publish(world, *urls.values())
    first = look_at(world, urls["live"])[0].interval
    for number in range(2):
        page(site, "/live", f"{TEXT} Update {number}: the ferry runs all night.", age=DAY)
        for url in urls.values():
            hurry(world, url)
        assert again(world) == 2
        await work(world)
    live, still = look_at(world, urls["live"]), look_at(world, urls["still"])
    assert (live[0].found, still[0].found) == (Found.CHANGED, Found.UNCHANGED)
    assert live[0].interval == HOUR
    assert still[0].interval == pytest.approx(1.5 * 1.5 * first, rel=0.01)
    assert live[1] < first < still[1]
    stats = world.ledger.stats()
    assert (stats["published"], stats["unchanged"], stats["accepted"]) == (4, 2, 6)
    check_sound(world)


async def test_somebody_who_asks_in_between_moves_its_time(world: World, net: LocalWeb):
    site = net.site()
    url = page(site, age=DAY)
    await publish(world, url)
    before, _ = look_at(world, url)
    page(site, text=f"{TEXT} And more.", age=DAY)
    await publish(world, url)
    look, seconds = look_at(world, url)
    assert look.interval == pytest.approx(before.interval / 3, rel=0.01)
    assert seconds < before.interval / 2
    await publish(world, url)
    assert look_at(world, url)[0].interval == look.interval


async def test_a_page_that_is_gone_is_looked_at_rarely_then_no_more(world: World, net: LocalWeb):
    site = net.site()
    url = page(site)
    await publish(world, url)
    site.page("/bridge", status=410)
    for times in range(1, GONE):
        hurry(world, url)
        assert again(world) == 1
        await work(world)
        look, seconds = look_at(world, url)
        assert (look.found, look.gone, look.misses) == (Found.GONE, times, 0)
        assert seconds > DAY - 5
    hurry(world, url)
    assert again(world) == 1
    await work(world)
    assert world.store.looks.of(document(world, url)) is None
    world.redis.zadd(world.keys.looks, {host_key(url): 1})
    assert again(world) == 0
    assert not world.redis.exists(world.keys.looks)
    page(site, text=f"{TEXT} It is back.")
    await publish(world, url)
    assert look_at(world, url)[0].gone == 0
    check_sound(world)


async def test_a_page_that_robots_txt_forbids_is_asked_for_rarely(world: World, net: LocalWeb):
    site = net.site()
    url = page(site)
    await publish(world, url)
    world.frontier.keep_robots(site.origin, "rules", b"User-agent: *\nDisallow: /", 60, None)
    hurry(world, url)
    again(world)
    await work(world)
    look, seconds = look_at(world, url)
    assert (look.found, look.gone) == (Found.FORBIDDEN, 1)
    assert seconds > DAY - 5
    assert len(site.hits("/bridge")) == 1


async def test_a_page_that_cannot_be_had_is_given_up_in_the_end(redis_url: str, net: LocalWeb):
    world = make_world(redis_url, recrawl=True, fetch_tries=1, **LOCAL)
    site = net.site()
    url = page(site)
    await publish(world, url)
    site.page("/bridge", status=500)
    for times in range(1, MISSES + 1):
        hurry(world, url)
        assert again(world) == 1
        await work(world)
        look, seconds = look_at(world, url)
        assert (look.misses, look.interval) == (times, HOUR)
        assert seconds > 0.99 * HOUR * 2**times
    hurry(world, url)
    assert again(world) == 0
    assert world.store.looks.of(document(world, url)) is None
    assert world.ledger.stats()["failed"] == MISSES
    check_sound(world)


async def test_a_page_that_moved_for_good_is_looked_at_where_it_is(world: World, net: LocalWeb):
    old, new = net.site(), net.site()
    url = page(old)
    await publish(world, url)
    there = page(new, "/moved", etag='"7"')
    old.redirect("/bridge", there, status=301)
    hurry(world, url)
    again(world)
    await work(world)
    look, _ = look_at(world, there)
    assert (look.url, look.found) == (there, Found.NEW)
    before = document(world, url)
    assert before == document(world, there)
    hurry(world, there)
    assert again(world) == 1
    await work(world)
    assert len(old.hits("/bridge")) == 2
    assert [hit.headers.get("If-None-Match") for hit in new.hits("/moved")] == [None, '"7"']
    assert ends(world)[-1] == "fetch.unchanged"
    assert world.client.zcard(world.keys.looks_of_host(host_key(url))) == 0
    check_sound(world)


async def test_a_document_that_moves_for_good_keeps_what_was_learnt(world: World, net: LocalWeb):
    site = net.site()
    link = f'<link rel="canonical" href="{site.url("/new")}">'
    url = page(site, "/old", link + TEXT, age=DAY)
    await publish(world, url)
    did, (first, _) = document(world, url), look_at(world, url)
    there = page(site, "/new", link + TEXT, etag='"7"', age=DAY)
    site.redirect("/old", there, status=308)
    hurry(world, url)
    assert again(world) == 1
    await work(world)
    assert document(world, there) == did
    look, _ = look_at(world, there)
    assert (look.url, look.found) == (there, Found.UNCHANGED)
    assert look.interval == pytest.approx(1.5 * first.interval, rel=0.01)
    hurry(world, there)
    assert again(world) == 1
    await work(world)
    assert site.hits("/new")[-1].headers.get("If-None-Match") == '"7"'
    assert len(site.hits("/old")) == 2
    check_sound(world)


async def test_a_page_that_only_leads_elsewhere_for_now_is_asked_where_it_was(world: World, net: LocalWeb):
    site = net.site()
    there = page(site, "/today")
    url = site.redirect("/bridge", there, status=302)
    await publish(world, url)
    assert look_at(world, url)[0].url == url


async def test_two_addresses_of_one_document_are_one_schedule(world: World, net: LocalWeb):
    site = net.site()
    url = page(site)
    other = site.redirect("/short", url, status=302)
    await publish(world, url, other)
    assert document(world, url) == document(world, other)
    assert look_at(world, other)[0].url in (url, other)
    hurry(world, url)
    assert again(world) == 1


async def test_it_is_told_when_and_why_a_page_is_looked_at(redis_url: str, net: LocalWeb):
    site = net.site()
    url, other = page(site, age=DAY), site.url("/never")
    settings = {"recrawl": True, "fetch_delay": 0, "fetch_retry_delay": 0.01, "enrich": ("dates",), **LOCAL}
    async with serving(redis_url, **settings) as api:
        await publish(api.world, url, other)
        told = (await api.get("/v1/urls", params={"url": url}))["look"]
        assert (told["why"], told["url"], told["misses"], told["gone"]) == ("new", url, 0, 0)
        assert told["interval"] == pytest.approx(DAY / 5, rel=0.01)
        assert told["changed"] < told["at"]
        assert (await api.get("/v1/urls", params={"url": other}))["look"] is None
        hurry(api.world, url)
        path = f"/v1/hosts/{host_key(url)}"
        assert (await api.get(path))["looks"] == {"documents": 1, "due": 1}
        assert again(api.world) == 1
        assert (await api.get("/v1/urls", params={"url": url}))["look"]["why"] == "unreached"
        assert (await api.get(path))["looks"] == {"documents": 1, "due": 0}


def test_what_an_archive_gave_is_looked_at_rarely_at_its_own_address(world: World):
    draft = page_draft("http://larnevale.example/ferry", "The ferry", TEXT)
    draft = replace(draft, origin=replace(draft.origin, kind="archive"))
    publish_draft(world, draft)
    key = url_key("http://larnevale.example/ferry")
    response = {"url": draft.url, "final_url": "http://archive.example/2031/ferry", "redirects": []}
    for _ in range(3):
        for found in (Found.NEW, Found.CHANGED):
            world.ledger.commit([Step((), world.store.looks.page(key, response, draft, found, 0.0))])
            known = world.store.looks.of(draft.id)
            assert known is not None
            assert (known[0].url, known[0].found) == (draft.url, Found.ARCHIVED)
            assert known[1] - now_ms() > 0.79 * 30 * DAY * 1000


async def test_the_scheduler_looks_again(world: World, net: LocalWeb):
    url = page(net.site())
    await publish(world, url)
    hurry(world, url)
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(schedule_service.run(world, stop, lambda _: None))
        await until_async(lambda: asyncio.to_thread(lambda: world.ledger.stats()["accepted"] == 2))
        stop.set()
    check_sound(world)


# --- how much, and when not ---


async def followed(world: World, site: Site, count: int) -> list[str]:
    urls = [page(site, f"/{n}", f"{CHEESE[n % 3]} Number {n} of the fair.") for n in range(count)]
    await publish(world, *urls)
    for url in urls:
        hurry(world, url)
    return urls


async def test_a_host_is_given_no_more_than_it_serves_until_the_next_round(world: World, net: LocalWeb):
    site, slow = net.site(), net.site()
    await followed(world, site, 6)
    await followed(world, slow, 2)
    hosts = Hosts(world.client, world.keys, world.settings)
    hosts.set(host_key(site.origin), {"delay": 2.0})
    hosts.set(host_key(slow.origin), {"delay": 60.0})
    assert again(world) == 4 + 1
    assert again(world) == 0
    world.redis.zadd(world.keys.looks, {host_key(site.origin): 1, host_key(slow.origin): 1})
    assert again(world) == 0  # what was asked for still waits
    assert world.ledger.stats()["waiting"]["waiting"] == 5
    check_sound(world)


async def test_nothing_is_asked_of_a_host_that_somebody_else_waits_for(world: World, net: LocalWeb):
    site = net.site()
    urls = await followed(world, site, 2)
    take_in(world, urls=[site.url("/asked")], batch="b2")
    assert again(world) == 0
    world.ledger.cancel("b2")
    world.redis.zadd(world.keys.looks, {host_key(site.origin): 1})
    assert again(world) == 2
    take_in(world, urls=[site.url("/asked")], batch="b3")
    (first,) = lease(world)
    assert first.url == site.url("/asked")
    assert first.url not in urls


async def test_a_url_that_waits_already_is_shared_not_asked_for_twice(world: World, net: LocalWeb):
    url = page(net.site())
    await publish(world, url)
    hurry(world, url)
    take_in(world, urls=[url], batch="b2")
    assert again(world) == 0
    world.redis.zrem(
        world.keys.host_queue(host_key(url)), *world.redis.zrange(world.keys.host_queue(host_key(url)), 0, -1)
    )
    assert world.ledger.stats()["accepted"] == 2


async def test_paused_and_resting_hosts_are_left_alone(world: World, net: LocalWeb):
    paused, resting = net.site(), net.site()
    await followed(world, paused, 1)
    await followed(world, resting, 1)
    world.redis.hset(world.keys.host_hand(host_key(paused.origin)), "paused", 1)
    world.redis.hset(world.keys.host(host_key(resting.origin)), "rests_until", now_ms() + 60_000)
    assert again(world) == 0
    assert world.ledger.stats()["waiting"]["waiting"] == 0
    Hosts(world.client, world.keys, world.settings).set(host_key(paused.origin), {"paused": False})
    world.redis.zadd(world.keys.looks, {host_key(paused.origin): 1})
    assert again(world) == 1


async def test_half_of_a_hosts_pages_of_the_day_is_left_for_others(redis_url: str, net: LocalWeb):
    world = make_world(redis_url, recrawl=True, fetch_pages_per_day=14, **LOCAL)
    await followed(world, net.site(), 5)
    assert again(world) == 2  # of 7, 5 are gone


async def test_nothing_is_asked_for_while_redis_is_nearly_full(redis_url: str, net: LocalWeb):
    world = make_world(redis_url, recrawl=True, **LOCAL)
    url = page(net.site())
    await publish(world, url)
    hurry(world, url)
    full = make_world(redis_url, recrawl=True, memory_budget=1, **LOCAL)
    assert again(full) == 0
    assert again(world) == 1


# --- crashes and neighbours ---


async def test_two_schedulers_ask_for_each_page_once(redis_url: str, net: LocalWeb):
    worlds = [make_world(redis_url, recrawl=True, **LOCAL) for _ in range(4)]
    sites = [net.site() for _ in range(3)]
    for site in sites:
        await followed(worlds[0], site, 4)
    counts = await asyncio.gather(*(asyncio.to_thread(again, world) for world in worlds))
    assert sum(counts) == 12
    await work(worlds[0])
    assert [len(site.hits(f"/{n}")) for site in sites for n in range(4)] == [2] * 12
    assert worlds[0].ledger.stats()["accepted"] == 24
    check_sound(worlds[0])


async def test_killed_before_the_host_is_settled_nothing_is_asked_twice_or_lost(world: World, net: LocalWeb):
    urls = await followed(world, net.site(), 3)
    recrawling = world.recrawling
    assert recrawling is not None
    hosts = [host_key(urls[0])]
    due = recrawling._due(recrawling._rooms(hosts))  # noqa: SLF001 - what a killed one had in hand
    read = [*recrawling._read(due)]  # noqa: SLF001
    assert recrawling._ask(iter(read)) == 3  # noqa: SLF001
    assert recrawling._ask(iter(read)) == 0  # noqa: SLF001 - another read it before, and asked after
    assert recrawling._ask(recrawling._read(due)) == 0  # noqa: SLF001 - another saw it due before, and read after
    assert again(world) == 0
    assert world.ledger.stats()["accepted"] == 6
    await work(world)
    for url in urls:
        assert look_at(world, url)[0].misses == 0
    check_sound(world)


async def test_a_look_that_is_cancelled_comes_again(world: World, net: LocalWeb):
    url = page(net.site())
    await publish(world, url)
    hurry(world, url)
    assert again(world) == 1
    (batch,) = [key.decode().rpartition(":")[2] for key in world.redis.scan_iter(match=world.keys.batch("*"))
                if world.redis.type(key) == b"hash" and world.redis.hget(key, "note") == b"recrawl policy"]  # fmt: skip
    assert world.ledger.cancel(batch) == 1
    look, seconds = look_at(world, url)
    assert look.misses == 1
    assert 1.9 * HOUR < seconds < 2.5 * HOUR
    hurry(world, url)
    assert again(world) == 1
    await work(world)
    assert look_at(world, url)[0].misses == 0
    check_sound(world)


async def test_a_document_that_is_let_go_leaves_the_schedule(world: World, net: LocalWeb):
    url = page(net.site(), etag='"1"')
    await publish(world, url)
    did = document(world, url)
    assert world.store.let_go(None, 10) == 1
    assert world.store.looks.of(did) is None
    assert world.client.zcard(world.keys.looks_of_host(host_key(url))) == 0
    take_in(world, urls=[url])
    await work(world)
    assert world.store.looks.of(did) is None
    assert again(world) == 0


async def test_what_expired_leaves_the_schedule(world: World, net: LocalWeb):
    urls = await followed(world, net.site(), 2)
    world.redis.delete(world.keys.document(document(world, urls[0])))
    assert again(world) == 1
    assert world.client.zcard(world.keys.looks_of_host(host_key(urls[0]))) == 1


async def test_a_schedule_that_cannot_be_read_begins_anew(world: World, net: LocalWeb):
    (url,) = await followed(world, net.site(), 1)
    world.redis.hset(world.keys.document(document(world, url)), FIELD, '{"of": "another version"}')
    assert again(world) == 0
    assert world.client.zcard(world.keys.looks_of_host(host_key(url))) == 0
    await publish(world, url)
    assert look_at(world, url)[0].found is Found.UNCHANGED
    check_sound(world)


async def test_what_nobody_looks_at_any_more_is_forgotten_with_its_documents(redis_url: str, net: LocalWeb):
    followed_, off = make_world(redis_url, recrawl=True, **LOCAL), make_world(redis_url, **LOCAL)
    urls = await followed(followed_, net.site(), 2)
    host = host_key(urls[0])
    off.store.trim()
    assert off.client.zcard(off.keys.looks_of_host(host)) == 2
    long_ago = now_ms() - off.store.keep_ms - 1
    off.redis.zadd(off.keys.looks_of_host(host), {document(off, urls[0]): long_ago})
    off.redis.zadd(off.keys.looks, {host: long_ago})
    assert off.store.trim() == 1
    assert off.client.zcard(off.keys.looks_of_host(host)) == 1
    off.redis.zadd(off.keys.looks_of_host(host), {document(off, urls[1]): long_ago})
    off.redis.zadd(off.keys.looks, {host: long_ago})
    assert off.store.trim() == 1
    assert not off.redis.exists(off.keys.looks)


async def test_a_document_known_before_is_followed_from_its_next_look_on(redis_url: str, net: LocalWeb):
    before, world = make_world(redis_url, **LOCAL), make_world(redis_url, recrawl=True, **LOCAL)
    sites = [net.site() for _ in range(2)]
    urls = [page(sites[0], etag='"1"'), page(sites[1], text=CHEESE[0])]
    await publish(before, *urls)
    await publish(world, *urls)
    assert [look_at(world, url)[0].found for url in urls] == [Found.UNCHANGED] * 2
    check_sound(world)
