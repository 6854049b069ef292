"""The archive's lane beside the site's own: a capture is never taken for fresh, and the archive is a host with its own delay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from archiveroom import LINES, Room, article
from localweb import LocalWeb
from soundness import check_sound
from waiting import until, until_async
from wayback import too_many
from workshop import enrich, fetchers, lease, make_world, normalize, response, take_in

from wireroom.adapters.hosts import Hosts
from wireroom.document import web_document_id
from wireroom.errors import FetchError, Reason
from wireroom.events import FetchOutcome, Stream, Type

if TYPE_CHECKING:
    from collections.abc import Iterator

SLEW = 0.005
"""Seconds by which the sites' clock and the store's may differ over a test."""


@pytest.fixture
def net() -> Iterator[LocalWeb]:
    with LocalWeb() as web:
        yield web


@pytest.fixture
def room(redis_url: str, net: LocalWeb) -> Room:
    return Room(redis_url, net)


# --- never taken for fresh ---


async def test_a_capture_leaves_no_validators_and_is_not_fresh(room: Room) -> None:
    url = room.paper.url("/ferry")
    room.archive.keep(url, "20190306070809", article(), headers={"ETag": '"1"'})
    await room.crawl(url)
    record = room.record(url)
    assert not {"etag", "last_modified", "fetched", "final_url"} & record.keys()
    assert (record["document"], record["archived"]) == (web_document_id(url), "2019-03-06T07:08:09.000Z")
    assert record["reason"] == "http_404"
    take_in(room.world, urls=[url], batch="again")
    (crawl,) = lease(room.world)
    assert (crawl.fresh, crawl.etag, crawl.last_modified) == (False, None, None)


@pytest.mark.parametrize("lines", [LINES, (*LINES, "A fifth paragraph came later.")], ids=["same", "other"])
async def test_a_live_page_that_returns_replaces_the_capture(room: Room, lines: tuple[str, ...]) -> None:
    url = room.paper.url("/ferry")
    room.archive.keep(url, "20190306070809", article())
    await room.crawl(url)
    room.paper.page("/ferry", article(*lines), etag='"2"')
    await room.crawl(url)
    data = room.document(url)
    assert (data["revision"], data["origin"]["kind"], data["origin"]["status"]) == (2, "web", 200)
    assert data["origin"]["captured_at"] is None
    assert data["origin"]["etag"] == '"2"'
    assert [event.type for event in room.events(Stream.DOCUMENTS)] == [
        Type.DOCUMENT_CREATED,
        Type.DOCUMENT_UPDATED,
    ]
    assert "archived" not in room.record(url)
    await room.crawl(url)
    assert room.ends()[-1] == ("fetch.unchanged", "not_modified")


async def test_a_capture_that_is_published_is_not_fetched_again(room: Room) -> None:
    url = room.paper.url("/ferry")
    room.archive.keep(url, "20190306070809", article())
    await room.crawl(url)
    await room.crawl(url)
    assert room.ends()[-1] == ("fetch.unchanged", "same_capture")
    assert room.last()["status"] == 404
    assert room.archive.asked() == ["index", "capture", "index"]
    room.archive.keep(url, "20190406070809", article(*LINES, "A fifth paragraph came later."))
    await room.crawl(url)
    data = room.document(url)
    assert (data["revision"], data["origin"]["captured_at"]) == (2, "2019-04-06T07:08:09.000Z")
    assert Type.DOCUMENT_GONE not in {event.type for event in room.events(Stream.DOCUMENTS)}


# --- manners ---


async def test_the_archive_has_its_own_delay_however_many_fetch(redis_url: str, net: LocalWeb) -> None:
    room = Room(redis_url, net, archive_delay=0.2)
    urls = [room.paper.url(f"/{n}") for n in range(4)]
    for url in urls[:2]:
        room.archive.keep(url, "20190306070809", article(f"{url} is the address of this. " * 20))
    more = tuple(make_world(redis_url, **room.settings) for _ in range(2))
    await room.crawl(*urls, worlds=(room.world, *more))
    assert sorted(room.archive.asked()) == ["capture"] * 2 + ["index"] * 4
    assert room.archive.site.most_at_once() == 1
    assert min(room.archive.site.gaps()) >= 0.2 - SLEW
    stats = room.world.ledger.stats()
    assert (stats["accepted"], stats["published"], stats["failed"]) == (4, 2, 2)


async def test_retry_after_of_the_archive_holds_for_all_that_wait_for_it(room: Room) -> None:
    urls = [room.paper.url(f"/{n}") for n in range(3)]
    room.archive.keep(urls[0], "20190306070809", article())
    room.archive.faults.append(lambda: too_many(1))
    await room.crawl(*urls)
    first, second = [hit for hit in room.archive.site.log if hit.path != "/robots.txt"][:2]
    assert second.began - first.began >= 1 - SLEW
    assert sorted(room.archive.asked()) == ["capture"] + ["index"] * 4
    assert sorted(reason or "" for _, reason in room.ends()) == ["", "http_404", "http_404"]


async def test_the_archive_is_a_host_one_can_look_at_and_pause(room: Room) -> None:
    url = room.paper.url("/ferry")
    hosts = Hosts(room.world.client, room.world.keys, room.world.settings)
    hosts.set(room.archive.host, {"paused": True})
    take_in(room.world, urls=[url])
    async with fetchers(room.world):
        await until_async(lambda: room.timeline(url)[-1:] == ["archive"])
    told = hosts.one(room.archive.host)
    assert told is not None
    assert (told["state"], told["waiting"], told["delay"]["seconds"]) == ("paused", 1, 0.0)
    paper = hosts.one(room.paper.origin.removeprefix("http://"))
    assert paper is not None
    assert (paper["state"], paper["waiting"]) == ("idle", 0)
    assert room.world.ledger.stats()["waiting"]["waiting"] == 1
    check_sound(room.world)
    assert room.world.ledger.cancel("b1") == 1
    check_sound(room.world)


@pytest.mark.long
async def test_what_waits_for_an_archive_that_is_down_ends_when_patience_does(
    redis_url: str, net: LocalWeb
) -> None:
    room = Room(redis_url, net, archive_url="http://127.9.9.8:9", fetch_patience=0.3, fetch_retry_delay=0.05)
    await room.crawl(*(room.paper.url(f"/{n}") for n in range(30)))
    assert room.ends() == [("fetch.failed", "http_404")] * 30
    assert len(room.events(Stream.DEAD)) == 30


async def test_what_waits_for_a_name_that_is_gone_waits_for_the_archive_in_one_go(room: Room) -> None:
    """A name server in trouble: when patience ends, nobody asks for each of the host's URLs."""
    world = make_world(room.redis_url, **room.settings | {"fetch_patience": 0, "fetch_tries": 1})
    hosts = Hosts(world.client, world.keys, world.settings)
    hosts.set(room.archive.host, {"paused": True})
    take_in(world, urls=[f"http://ledger.example/{n}" for n in range(5)])
    error = FetchError(Reason.DNS_ERROR, "no answer of a name server", temporary=True)
    for _ in range(2):
        (crawl,) = await until_async(lambda: lease(world))
        assert world.frontier.failed(crawl, FetchOutcome(crawl.url), error).done
    told = {name: hosts.one(name) for name in ("ledger.example", room.archive.host)}
    assert {name: host and host["waiting"] for name, host in told.items()} == {
        "ledger.example": 0,
        room.archive.host: 5,
    }
    assert room.events(Stream.FETCHES) == []
    check_sound(world)


def test_a_live_revision_that_came_meanwhile_stands(room: Room) -> None:
    """Between normalizing a capture and publishing it another URL's live page of the same document may be published."""
    own, old = (
        room.paper.url("/ferry-aground-off-larne-vale"),
        room.paper.url("/ferry-aground-off-larne-vale/print"),
    )
    take_in(room.world, urls=[old])
    (dead,) = lease(room.world)
    capture = {
        "archive": {"captured_at": "2019-03-06T07:08:09Z", "status": 404, "via": "http://keep.example/"}
    }
    body = article("An older text. " * 30, head=f'<link rel="canonical" href="{own}">')
    told = response(dead, x_robots_tag=None, detail=None, **capture)
    room.world.frontier.fetched([(dead, told, body.encode())])
    assert normalize(room.world, dead.lease.uid) == 1
    take_in(room.world, urls=[own], batch="b2")
    (live,) = until(lambda: lease(room.world))
    room.world.frontier.fetched([(live, response(live), article().encode())])
    normalize(room.world, live.lease.uid)
    enrich(room.world, live.lease.uid)
    enrich(room.world, dead.lease.uid)
    data = room.document(own)
    assert (data["revision"], data["origin"]["kind"]) == (1, "web")
    stats = room.world.ledger.stats()
    assert (stats["published"], stats["unchanged"]) == (1, 1)
    assert room.world.ledger.unit(dead.lease.uid)["reason"] == "live_revision"
    assert "archived" not in room.record(old)
    check_sound(room.world)


# --- kills ---


async def test_a_fetcher_that_dies_with_an_ask_leaves_it_in_the_lane(redis_url: str, net: LocalWeb) -> None:
    room = Room(redis_url, net, lease=2)
    url = room.paper.url("/ferry")
    room.archive.keep(url, "20190306070809", article())
    hosts = Hosts(room.world.client, room.world.keys, room.world.settings)
    hosts.set(room.archive.host, {"paused": True})
    take_in(room.world, urls=[url])
    async with fetchers(room.world):
        await until_async(lambda: room.timeline(url)[-1:] == ["archive"])
    hosts.set(room.archive.host, {"paused": None})
    (lost,) = await until_async(lambda: lease(room.world))
    assert lost.ask is not None
    assert (lost.host, lost.ask.live.reason) == (room.archive.host, "http_404")
    await room.crawl()
    assert "again" in room.timeline(url)
    assert room.document(url)["origin"]["kind"] == "archive"
    assert [hit.path for hit in room.paper.log] == ["/robots.txt", "/ferry"]
    assert room.archive.asked() == ["index", "capture"]
