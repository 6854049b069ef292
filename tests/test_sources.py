"""Feeds and sitemaps as sources: asked once in their interval with the manners of any page, their articles taken in."""

from __future__ import annotations

import asyncio
import gzip
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import zstandard
from localweb import LocalWeb
from test_service import PARAGRAPHS
from waiting import until_async
from workshop import lease, make_world, normalize

from wireroom.adapters.sourcelisting import listed
from wireroom.events import Stream, Type
from wireroom.normalizing import PageInput, draft
from wireroom.sources import Known, Source, pause, pause_after, source, told, wanted
from wireroom.syndication import Item, when

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from localweb import Site

    from wireroom.adapters.polling import Polls
    from wireroom.adapters.sources import Poll
    from wireroom.world import World


@pytest.fixture(scope="module")
def net() -> Iterator[LocalWeb]:
    with LocalWeb() as running:
        yield running


def feed_of(site: Site, *paths: str, head: str = "", date: str = "") -> str:
    items = "".join(f"<item><title>{p}</title><link>{site.url(p)}</link>{date}</item>" for p in paths)
    return f"<rss version='2.0'><channel><title>Gull</title>{head}{items}</channel></rss>"


def world_of(redis_url: str, *addresses: str, **settings: Any) -> World:
    found = tuple(source(address) for address in addresses)
    known = {"fetch_allow_private": "127.0.0.0/8", "fetch_timeout": 5.0, "sources_feeds": found}
    world = make_world(redis_url, **(known | settings))
    world.sources.sync()
    return world


@asynccontextmanager
async def asking(world: World) -> AsyncIterator[Polls]:
    async def deliver(_: object) -> None:
        raise AssertionError("no page was asked for")

    async with world.fetcher() as fetcher:
        yield world.polls(world.crawler(fetcher, deliver))


async def ask_all(world: World) -> list[dict[str, Any]]:
    """Ask each source now, due or not; how they stand then."""
    for one in listed(world.client, world.keys):
        world.sources.soon(one["id"])
    async with asking(world) as polls:
        for poll in world.sources.lease(100):
            await polls.ask(poll)
    return listed(world.client, world.keys)


async def ask(world: World) -> dict[str, Any]:
    (one,) = await ask_all(world)
    return one


def waiting(world: World) -> list[str]:
    """The addresses that wait to be crawled."""
    uids = world.client.zrange(world.keys.state("waiting"), 0, -1)
    return sorted(world.ledger.unit(uid.decode())["url"] for uid in uids)


def events(world: World) -> list[Any]:
    return [event for _, event in world.streams.read(Stream.FETCHES, "0")]


# --- what is asked for, and what is taken in ---


async def test_new_articles_are_taken_in_once(net: LocalWeb, redis_url: str):
    site = net.site()
    world = world_of(redis_url, f"{site.url('/rss')} name=gull priority=3")
    site.page("/rss", feed_of(site, "/a", "/b?utm_source=rss"), kind="text/html")
    found = await ask(world)
    assert (found["state"], found["format"], found["title"], found["items"]) == ("fine", "rss", "Gull", 2)
    assert (found["new"], found["new_total"], found["status"], found["reason"]) == (2, 2, 200, None)
    assert waiting(world) == [site.url("/a"), site.url("/b")]

    site.page("/rss", feed_of(site, "/c", "/a"), kind="text/html")
    assert (await ask(world))["new"] == 1
    assert waiting(world) == [site.url("/a"), site.url("/b"), site.url("/c")]
    assert world.ledger.stats()["accepted"] == 3
    assert events(world) == []

    (crawl,) = lease(world, 1)
    unit = world.ledger.unit(crawl.lease.uid)
    batch = world.client.hgetall(world.keys.batch(unit["batch"]))
    assert batch[b"note"] == b"source gull"
    assert (crawl.listed_by, unit["listed"]) == ((), "0")
    assert world.client.hget(world.keys.url(crawl.key), "layout") == b"titled"


async def test_what_is_asked_for_says_so_and_is_conditional(net: LocalWeb, redis_url: str):
    site = net.site()
    site.robots("User-agent: *\nDisallow: /private")
    world = world_of(redis_url, site.url("/rss"))
    site.page("/rss", feed_of(site, "/a"), etag='"1"', last_modified="Sun, 04 May 2031 10:00:00 GMT")
    await ask(world)
    found = await ask(world)
    assert (found["status"], found["state"], found["new"], found["items"], found["looks"]) == (
        304,
        "fine",
        0,
        1,
        2,
    )
    assert [hit.path for hit in site.log] == ["/robots.txt", "/rss", "/rss"]
    assert site.log[1].headers["Accept"].startswith("application/rss+xml")
    assert "If-None-Match" not in site.log[1].headers
    assert site.log[2].headers["If-None-Match"] == '"1"'
    site.page("/rss", feed_of(site, "/a", "/b"), etag='"2"')
    assert (await ask(world))["new"] == 1


async def test_a_source_waits_for_its_hosts_turn_like_any_page(net: LocalWeb, redis_url: str):
    site = net.site()
    world = world_of(redis_url, site.url("/one"), site.url("/two"), fetch_delay=0.3)
    site.page("/one", feed_of(site, "/a"))
    site.page("/two", feed_of(site, "/b"))
    async with asking(world) as polls:
        await asyncio.gather(*(polls.ask(poll) for poll in world.sources.lease(10)))
    assert {one["state"] for one in listed(world.client, world.keys)} == {"fine"}
    assert site.most_at_once() == 1
    assert min(site.gaps()) >= 0.3
    record = world.client.hgetall(world.keys.host(f"{site.ip}:{site.port}"))
    assert b"holder" not in record
    assert record[b"pages"] == b"2"


async def test_a_sitemap_index_is_read_one_level_deep(net: LocalWeb, redis_url: str):
    site = net.site()
    url = "<url><loc>{}</loc></url>".format
    index = "<sitemapindex>{}</sitemapindex>".format
    child = "<sitemap><loc>{}</loc><lastmod>{}</lastmod></sitemap>".format
    site.page(
        "/news.xml.gz",
        gzip.compress(f"<urlset>{url(site.url('/a'))}</urlset>".encode()),
        kind="application/x-gzip",
    )
    site.page("/old.xml", f"<urlset>{url(site.url('/b'))}</urlset>", etag='"1"')
    site.page("/more.xml", index(child(site.url("/deep.xml"), "2031-05-04")))
    names = ("/news.xml.gz", "/old.xml", "/more.xml", "/missing.xml")
    site.page("/index.xml", index("".join(child(site.url(name), "2031-05-04") for name in names)), etag='"i"')
    world = world_of(redis_url, sources_feeds=(), sources_sitemaps=(source(site.url("/index.xml")),))
    found = await ask(world)
    assert (found["state"], found["format"], found["items"], found["new"]) == ("fine", "index", 2, 2)
    assert "/more.xml: not_a_feed" in found["detail"]
    assert "/missing.xml: http_404" in found["detail"]
    assert site.hits("/deep.xml") == []
    assert waiting(world) == [site.url("/a"), site.url("/b")]

    site.page(
        "/index.xml",
        index(child(site.url("/news.xml.gz"), "2031-05-04") + child(site.url("/old.xml"), "2031-05-05")),
    )
    found = await ask(world)
    assert (found["new"], found["detail"]) == (0, None)
    assert (len(site.hits("/news.xml.gz")), len(site.hits("/old.xml"))) == (1, 2)
    assert site.hits("/old.xml")[1].headers["If-None-Match"] == '"1"'


async def test_an_article_is_crawled_again_when_its_feed_says_that_it_changed(net: LocalWeb, redis_url: str):
    site = net.site()
    world = world_of(redis_url, site.url("/rss"), fetch_fresh=60)
    items = [f"<entry><link href='{site.url(f'/{n}')}'/><updated>{{}}</updated></entry>" for n in range(4)]
    site.page("/rss", "<feed>" + "".join(items).format(*["2026-01-01T00:00:00Z"] * 4) + "</feed>")
    await ask(world)
    now = int(world.client.time()[0])
    for n, crawl in enumerate(sorted(lease_all(world), key=lambda one: one.url)):
        world.ledger.cancel(world.ledger.unit(crawl.lease.uid)["batch"])
        world.client.hset(world.keys.url(crawl.key), mapping={"fetched": (now - 7200 if n else now) * 1000})
        world.client.hdel(world.keys.url(crawl.key), "open")
    times = [_iso(now - 5), _iso(now - 5), _iso(now + 99999), _iso(now - 9000)]
    site.page("/rss", "<feed>" + "".join(items).format(*times) + "</feed>")
    found = await ask(world)
    assert (found["new"], found["again"]) == (0, 1)
    assert waiting(world) == [site.url("/1")]


async def test_the_date_that_a_feed_gives_is_a_witness_of_its_article(net: LocalWeb, redis_url: str):
    site = net.site()
    world = world_of(redis_url, site.url("/rss"))
    date = "<pubDate>Sun, 04 May 2025 10:15:00 +0200</pubDate>"
    site.page("/rss", feed_of(site, "/a", date=date))
    await ask(world)
    paragraphs = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
    site.page(
        "/a", f"<html lang=en><title>New boats</title><article><h1>New boats</h1>{paragraphs}</article>"
    )
    pages: list[Any] = []

    async def deliver(page: Any) -> None:
        pages.append(page)

    (crawl,) = lease(world, 1)
    async with world.fetcher() as fetcher:
        await world.crawler(fetcher, deliver).crawl(crawl)
    world.frontier.fetched(pages)
    assert normalize(world, crawl.lease.uid) == 1
    found = draft(PageInput(zstandard.compress(pages[0][2]), pages[0][1], crawl.url, "titled", "best"))
    (witness,) = [one for one in found.candidates if one.evidence == "feed"]
    assert (witness.value, witness.timezone_known, witness.kind) == (
        "2025-05-04T10:15:00+02:00",
        True,
        "published",
    )


def test_one_time_for_all_says_nothing_of_any():
    items = [Item(f"http://a.example/{n}", published=when("2031-05-04T10:00:00Z")) for n in range(4)]
    other = Item("http://a.example/x", published=when("2031-05-04"))
    assert told([*items, other]) == {other.url: {"published": ["2031-05-04", "day", False]}}
    assert len(told([*items[:1], other])) == 2


def lease_all(world: World) -> Sequence[Any]:
    found = []
    while crawls := lease(world):
        found += crawls
        for crawl in crawls:
            world.client.hdel(world.keys.host(crawl.host), "holder", "until", "next")
            world.client.zadd(world.keys.hosts, {crawl.host: 0})
    return found


def _iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


# --- what goes wrong ---


async def test_a_page_instead_of_a_feed_is_told_with_the_feed_it_names(net: LocalWeb, redis_url: str):
    site = net.site()
    world = world_of(redis_url, f"{site.url('/')} name=front")
    site.page("/", "<html><link rel=alternate type='application/rss+xml' href='/rss.xml'><p>Fog", etag='"1"')
    found = await ask(world)
    assert (found["state"], found["reason"], found["status"], found["failures"]) == (
        "failing",
        "not_a_feed",
        200,
        1,
    )
    assert found["detail"] == f"a page, no feed; the page names {site.url('/rss.xml')}"
    (event,) = events(world)
    assert event.type is Type.FETCH_FAILED
    assert (event.data["url"], event.data["reason"], event.data["status"]) == (
        site.url("/"),
        "not_a_feed",
        200,
    )
    assert event.data["detail"] == f"source front: {found['detail']}"
    assert event.data["listed_by"] == []
    site.page("/", feed_of(site, "/a"), etag='"1"')
    found = await ask(world)
    assert (found["state"], found["failures"], found["reason"], found["detail"]) == ("fine", 0, None, None)
    assert world.ledger.stats()["accepted"] == 1


async def test_robots_txt_forbids_a_source_as_it_does_a_page(net: LocalWeb, redis_url: str):
    site = net.site()
    site.robots("User-agent: *\nDisallow: /rss")
    world = world_of(redis_url, site.url("/rss"))
    found = await ask(world)
    assert (found["state"], found["reason"]) == ("refused", "robots_denied")
    assert site.hits("/rss") == []
    assert [event.type for event in events(world)] == [Type.FETCH_REFUSED]


async def test_a_private_address_is_refused(redis_url: str):
    world = world_of(redis_url, "http://10.0.0.1/rss", fetch_allow_private="")
    found = await ask(world)
    assert (found["state"], found["reason"]) == ("refused", "blocked_address")


async def test_a_source_that_asks_for_rest_gets_it_and_so_does_its_host(net: LocalWeb, redis_url: str):
    site = net.site()
    world = world_of(redis_url, site.url("/rss"), site.url("/other"))
    site.page("/rss", status=429, headers={"Retry-After": "4000"})
    first, second = sorted(world.sources.lease(10), key=lambda poll: poll.source.url, reverse=True)
    async with asking(world) as polls:
        await polls.ask(first)
        await polls.ask(second)
    assert site.hits("/other") == []
    other, found = listed(world.client, world.keys)
    assert (found["state"], found["reason"], found["failures"]) == ("failing", "http_429", 1)
    assert (other["state"], other["waits"]) == ("new", "its host's turn: see `wireroom hosts`")
    now = int(world.client.time()[0]) * 1000
    due = [world.client.zscore(world.keys.sources, one["id"]) - now for one in (found, other)]
    assert min(due) >= 3_990_000
    assert world.client.hget(world.keys.host(f"{site.ip}:{site.port}"), "rests_for") == b"http_429"


@pytest.mark.parametrize(
    ("body", "status", "state", "reason", "items"),
    [
        ("<rss><channel/></rss>", 200, "fine", None, 0),
        ("", 200, "failing", "empty_page", None),
        ("{}", 200, "failing", "not_a_feed", None),
        ("<rss/>", 404, "failing", "http_404", None),
        ("<rss/>", 410, "failing", "http_410", None),
        ("<rss><channel>" + "<!-- -->" * 200_000, 200, "failing", "too_large", None),
        (gzip.compress(b"<rss><channel>" + bytes(5_000_000), mtime=0), 200, "failing", "too_large", None),
        (gzip.compress(b"<rss><channel>", mtime=0)[:-6], 200, "failing", "protocol_error", None),
    ],
)
async def test_bad_input(
    net: LocalWeb,
    redis_url: str,
    body: str | bytes,
    status: int,
    state: str,
    reason: str | None,
    items: int | None,
):
    site = net.site()
    world = world_of(redis_url, site.url("/rss"), fetch_max_bytes=1_000_000)
    site.page("/rss", body, status=status)
    found = await ask(world)
    assert (found["state"], found["reason"], found["items"]) == (state, reason, items)
    if status == 410:
        now = int(world.client.time()[0]) * 1000
        assert (world.client.zscore(world.keys.sources, found["id"]) or 0) - now > 86_000_000


async def test_a_source_that_fails_keeps_what_it_said_before(net: LocalWeb, redis_url: str):
    site = net.site()
    world = world_of(redis_url, site.url("/rss"))
    site.page("/rss", feed_of(site, "/a"), etag='"1"')
    answered = (await ask(world))["answered"]
    site.page("/rss", status=500)
    await ask(world)
    found = await ask(world)
    assert (found["state"], found["reason"], found["failures"], found["items"]) == (
        "failing",
        "http_500",
        2,
        1,
    )
    assert found["answered"] == answered
    assert found["failing_since"] >= answered
    site.page("/rss", feed_of(site, "/a"), etag='"1"')
    assert (await ask(world))["status"] == 304


# --- whose turn it is ---


async def test_each_source_is_leased_once_however_many_ask(redis_url: str):
    world = world_of(redis_url, *(f"http://127.0.0.1/{n}" for n in range(20)))
    worlds = [make_world(redis_url) for _ in range(4)]
    found = await asyncio.gather(*(asyncio.to_thread(one.sources.lease, 20) for one in worlds))
    polls = [poll.source.url for some in found for poll in some]
    more = [poll.source.url for poll in world.sources.lease(100)]
    assert sorted([*polls, *more]) == sorted(f"http://127.0.0.1/{n}" for n in range(20))
    assert world.sources.lease(100) == []


def overdue(world: World, poll: Poll) -> None:
    world.client.zadd(world.keys.sources, {poll.source.id: 1})


async def test_one_who_dies_is_followed_and_one_who_wakes_up_is_refused(net: LocalWeb, redis_url: str):
    site = net.site()
    world = world_of(redis_url, site.url("/rss"))
    site.page("/rss", feed_of(site, "/a"), etag='"1"')
    (frozen,) = world.sources.lease(1)
    assert world.sources.lease(1) == []
    host = world.keys.host(f"{site.ip}:{site.port}")
    assert world.frontier.slot(site.url("/rss"), frozen.uid) == 0
    overdue(world, frozen)
    (second,) = world.sources.lease(1)
    assert not world.client.hget(host, "holder")  # else nobody could ask it for as long as a request may take
    assert not world.sources.renew(frozen)
    assert world.sources.renew(second)
    async with asking(world) as polls:
        await polls.ask(frozen)  # what it finds is taken in, what it notes is not
        assert listed(world.client, world.keys)[0]["state"] == "asking"
        assert world.ledger.stats()["accepted"] == 1
        await polls.ask(second)
    (found,) = listed(world.client, world.keys)
    assert (found["state"], found["new"], found["new_total"], found["looks"]) == ("fine", 0, 0, 1)
    assert world.ledger.stats()["accepted"] == 1
    assert not world.sources.put_back(second)


async def test_the_store_knows_the_sources_of_the_settings_and_no_others(redis_url: str):
    world = world_of(redis_url, "http://a.example/ name=one", "http://b.example/")
    (poll, _) = world.sources.lease(5)
    assert [one["name"] for one in listed(world.client, world.keys)] == ["b.example", "one"]
    other = world_of(redis_url, "http://c.example/", "http://a.example/ interval=5m")
    assert [(one["name"], one["interval"]) for one in listed(other.client, other.keys)] == [
        ("a.example", 300.0),
        ("c.example", 900.0),
    ]
    assert [poll.source.url for poll in other.sources.lease(5)] == ["http://c.example/"]
    world_of(redis_url)
    assert listed(world.client, world.keys) == []
    assert not world.sources.put_back(poll)
    assert list(world.client.scan_iter(f"{world.keys.ns}source*")) == []


async def test_a_record_that_somebody_spoiled_is_made_anew_and_stops_no_other(redis_url: str):
    world = world_of(redis_url, "http://a.example/", "http://b.example/", "http://c.example/")
    for one, field, value in (("a", "children", "no JSON"), ("b", "interval", "soon"), ("c", "token", "x")):
        world.client.hset(world.keys.source(source(f"http://{one}.example/").id), mapping={field: value})
    assert [poll.source.name for poll in world.sources.lease(5)] == ["c.example"]
    world.sources.sync()
    assert sorted(poll.source.name for poll in world.sources.lease(5)) == ["a.example", "b.example"]


async def test_another_interval_counts_at_once(net: LocalWeb, redis_url: str):
    site = net.site()
    site.page("/rss", feed_of(site))
    world = world_of(redis_url, f"{site.url('/rss')} interval=1d")
    await ask(world)
    world_of(redis_url, f"{site.url('/rss')} interval=1d")
    assert world.sources.lease(1) == []
    assert len(world_of(redis_url, f"{site.url('/rss')} interval=1h").sources.lease(1)) == 1


@pytest.mark.parametrize(
    ("headers", "head", "least"),
    [
        ({}, "", 900),
        ({"Cache-Control": "public, max-age=3000", "Age": "1000"}, "", 2000),
        ({"Cache-Control": "max-age=60"}, "<ttl>45</ttl>", 2700),
        ({}, "<sy:updatePeriod> hourly </sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>", 1800),
        ({}, "<ttl>99999</ttl>", 21600),
        ({"Cache-Control": "no-cache, s-maxage=9999"}, "<ttl>soon</ttl>", 900),
    ],
)
async def test_a_source_may_ask_for_more_time_within_bounds(
    net: LocalWeb, redis_url: str, headers: dict[str, str], head: str, least: int
):
    site = net.site()
    site.page("/rss", feed_of(site, head=head), headers=headers, etag='"1"')
    world = world_of(redis_url, site.url("/rss"))
    for _ in range(2):  # what it asked for holds when nothing changed, too
        found = await ask(world)
        after = (world.client.zscore(world.keys.sources, found["id"]) or 0) / 1000 - int(
            world.client.time()[0]
        )
        assert least - 1 <= after <= least + 2


async def test_polls_ask_what_is_due_and_give_back_what_they_hold(net: LocalWeb, redis_url: str):
    site, slow = net.site(), net.site()
    site.page("/rss", feed_of(site, "/a"))
    slow.page("/rss", feed_of(slow, "/b"), delay=30)
    world = world_of(redis_url, site.url("/rss"), slow.url("/rss"))
    async with asking(world) as polls:
        running = asyncio.create_task(polls.run())
        await until_async(
            lambda: (
                slow.hits("/rss") and {"fine"} < {one["state"] for one in listed(world.client, world.keys)}
            )
        )
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    assert {one["state"] for one in listed(world.client, world.keys)} == {"fine", "new"}
    assert [poll.source.url for poll in world.sources.lease(5)] == [slow.url("/rss")]


# --- the rules ---


def test_how_long_a_source_that_fails_is_left_alone():
    assert pause(900, None) == 900
    assert [pause_after(900, n, asked=None, gone=False, chance=0) for n in (1, 2, 3, 50)] == [
        900,
        1800,
        3600,
        86400,
    ]
    assert pause_after(900, 1, asked=5000, gone=False, chance=0) == 5000
    assert pause_after(900, 1, asked=None, gone=True, chance=0) == 86400
    assert pause_after(9e5, 3, asked=None, gone=False, chance=0) == 9e5


NOW = 2_000_000.0


def item(n: int, updated: str = "") -> Item:
    return Item(f"http://a.example/{n}", updated=when(updated))


@pytest.mark.parametrize(
    ("updated", "known", "again"),
    [
        ("1970-01-24T03:00:00Z", Known(NOW - 9000, open=False), True),
        ("1970-01-24T03:00:00Z", Known(NOW - 9000, open=True), False),
        ("1970-01-24T03:00:00Z", Known(None, open=False), False),
        ("1970-01-24T03:00:00Z", Known(NOW - 100, open=False), False),
        ("1970-01-24T00:00:00Z", Known(NOW - 9000, open=False), False),
        ("1970-01-25T00:00:00Z", Known(NOW - 9000, open=False), False),
        ("1970-01-24", Known(NOW - 90000, open=False), True),
        ("1970-01-24", Known(NOW - 9000, open=False), False),
        ("", Known(NOW - 9000, open=False), False),
    ],
)
def test_when_a_known_article_is_crawled_again(updated: str, known: Known, again: bool):  # noqa: FBT001 - a table's column
    found = wanted([item(1, updated)], {"http://a.example/1": known}, NOW, 3600)
    assert [one.again for one in found] == ([True] if again else [])


def test_a_time_that_half_of_the_items_share_is_when_the_list_was_written():
    known = {f"http://a.example/{n}": Known(NOW - 9000, open=False) for n in range(5)}
    items = [item(n, "1970-01-24T03:00:00Z") for n in range(4)] + [item(4, "1970-01-24T03:01:00Z")]
    assert [one.item.url for one in wanted(items, known, NOW, 3600)] == ["http://a.example/4"]


def test_a_source_is_written_as_it_is_read():
    for text in ("http://a.example/", "http://a.example/x name=desk interval=300 priority=-2"):
        assert str(source(text)) == text
        assert source(Source(*_parts(source(text)))) == source(text)


def _parts(one: Source) -> tuple[Any, ...]:
    return one.url, one.name, one.interval, one.priority
