"""Dead links and the archive: what is asked, what is published of it, and what ends as it would have ended without."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from archiveroom import LINES, Room, article
from localweb import LocalWeb
from wayback import TOOLBAR, blocked, index_of, leads_to, maintenance, too_many
from workshop import make_world

from wireroom.document import web_document_id
from wireroom.events import Stream, Type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from localweb import Site


@pytest.fixture
def net() -> Iterator[LocalWeb]:
    with LocalWeb() as web:
        yield web


@pytest.fixture
def room(redis_url: str, net: LocalWeb) -> Room:
    return Room(redis_url, net)


def at(paths: Site) -> list[str]:
    return [hit.path for hit in paths.log]


# --- what is published ---


async def test_the_last_capture_of_a_dead_page_is_published_and_says_what_it_is(room: Room) -> None:
    url = room.paper.url("/ferry")
    head = '<meta property="article:published_time" content="2019-03-05T06:00:00+01:00">'
    room.archive.keep(url, "20180101000000", article("An older text of it. " * 20))
    via = room.archive.keep(
        url, "20190306070809", article(head=head), headers={"Last-Modified": "Tue, 05 Mar 2019 09:00:00 GMT"}
    )
    await room.crawl(url)
    data = room.document(url)
    assert data["id"] == web_document_id(url)
    assert (data["url"], data["canonical_url"], data["sources"]) == (url, url, [url])
    assert data["text"].split("\n") == list(LINES)
    fetched_at = data["origin"]["fetched_at"]
    assert data["origin"] == {
        "kind": "archive",
        "name": None,
        "listed_by": [],
        "fetched_at": fetched_at,
        "status": 404,
        "etag": None,
        "last_modified": None,
        "via": [via],
        "captured_at": "2019-03-06T07:08:09.000Z",
    }
    assert fetched_at > "2020"
    assert data["dates"]["published"]["value"] == "2019-03-05T06:00:00+01:00"
    witness = next(c for c in data["dates"]["candidates"] if c["evidence"] == "archive_capture")
    assert (witness["value"], witness["confidence"]) == ("2019-03-06T07:08:09+00:00", 0.1)
    changed = next(c for c in data["dates"]["candidates"] if c["evidence"] == "http:last-modified")
    assert datetime.fromisoformat(changed["value"]) == datetime(2019, 3, 5, 9, tzinfo=UTC)
    assert data["warnings"] == []
    assert room.archive.asked() == ["index", "capture"]
    assert at(room.paper) == ["/robots.txt", "/ferry"]


async def test_the_fetch_event_and_the_timeline_tell_of_the_archive(room: Room) -> None:
    url = room.paper.url("/ferry")
    via = room.archive.keep(url, "20190306070809", article())
    await room.crawl(url)
    assert room.ends() == [("fetch.succeeded", None)]
    told = room.last()
    assert (told["url"], told["final_url"], told["status"]) == (url, via, 200)
    assert told["detail"] == "http_404; the archive's capture of 2019-03-06T07:08:09.000Z was taken"
    assert room.timeline(url) == ["waiting", "archive", "capture", "fetched", "normalized", "published"]
    assert room.world.ledger.stats()["published"] == 1
    assert room.events(Stream.DEAD) == []


async def test_a_page_without_a_date_is_not_dated_by_its_capture(room: Room) -> None:
    url = room.paper.url("/ferry")
    room.archive.keep(url, "20190306070809", article())
    await room.crawl(url)
    dates = room.document(url)["dates"]
    assert dates["published"] is None
    assert [c["evidence"] for c in dates["candidates"]] == ["archive_capture"]


async def test_what_a_page_says_of_a_day_after_its_capture_is_not_believed(room: Room) -> None:
    url = room.paper.url("/ferry")
    head = '<meta property="article:published_time" content="2022-03-05T06:00:00+01:00">'
    room.archive.keep(url, "20190306070809", article(head=head))
    await room.crawl(url)
    published = room.document(url)["dates"]["published"]
    assert published is None or published["value"] < "2019-03-08"


async def test_the_document_stands_under_the_address_the_page_declares(room: Room) -> None:
    url = room.paper.url("/ferry-aground-off-larne-vale?from=mail")
    own = room.paper.url("/ferry-aground-off-larne-vale")
    room.archive.keep(url, "20190306070809", article(head=f'<link rel="canonical" href="{own}">'))
    await room.crawl(url)
    assert (room.document(own)["url"], room.document(own)["canonical_url"]) == (url, own)


async def test_a_replay_with_toolbar_leaves_nothing_of_it(room: Room) -> None:
    url = room.paper.url("/ferry-aground-off-larne-vale")
    room.archive.raw = False
    room.archive.keep(url, "20190306070809", article(head=f'<link rel="canonical" href="{url}">'))
    await room.crawl(url)
    data = room.document(url)
    assert data["text"].split("\n") == list(LINES)
    assert TOOLBAR not in data["text"]
    assert data["canonical_url"] == url


async def test_the_nearest_capture_is_followed_and_names_its_own_time(room: Room) -> None:
    url = room.paper.url("/ferry")
    there = room.archive.keep(url, "20190306070809", article())
    room.archive.faults.append(index_of(url, "20190306070855"))
    await room.crawl(url)
    origin = room.document(url)["origin"]
    assert origin["captured_at"] == "2019-03-06T07:08:09.000Z"
    assert origin["via"] == [f"{room.archive.url}/web/20190306070855id_/{url}", there]
    assert room.last()["redirects"] == [{"url": origin["via"][0], "status": 302}]


async def test_a_name_that_is_gone_is_a_dead_link_without_a_status(room: Room) -> None:
    url = "http://larne-vale-ledger.invalid/ferry"
    room.archive.keep(url, "20190306070809", article())
    await room.crawl(url)
    assert room.document(url)["origin"]["kind"] == "archive"
    assert room.document(url)["origin"]["status"] is None
    assert room.last()["detail"].startswith("dns_error; ")


async def test_a_page_that_says_with_status_200_that_it_is_gone_is_a_dead_link(room: Room) -> None:
    text = "<html><title>Page not found</title><h1>Page not found</h1><p>Sorry, the page you requested could not be found.</p></html>"
    url = room.paper.page("/ferry", text)
    room.archive.keep(url, "20190306070809", article())
    await room.crawl(url)
    assert room.document(url)["origin"]["status"] == 200
    assert room.last()["detail"].startswith("soft_404; ")
    assert room.timeline(url)[:4] == ["waiting", "fetched", "archive", "capture"]


# --- what ends as it would have ended ---


async def test_a_page_nobody_kept_ends_as_it_would_have(room: Room) -> None:
    url = room.paper.url("/ferry")
    await room.crawl(url)
    assert room.ends() == [("fetch.failed", "http_404")]
    told = room.last()
    assert told["detail"] == "the server answered 404; the archive has no capture of it"
    assert (told["status"], told["final_url"], told["tries"]) == (404, None, 1)
    (letter,) = room.events(Stream.DEAD)
    assert (letter.data["reason"], letter.data["stage"]) == ("http_404", "fetch")
    assert room.timeline(url) == ["waiting", "archive", "no_capture", "failed"]
    assert room.record(url)["reason"] == "http_404"
    assert room.archive.asked() == ["index"]
    assert room.world.ledger.stats()["failed"] == 1


async def test_captures_that_are_no_page_are_none(room: Room) -> None:
    url = room.paper.url("/ferry")
    room.archive.keep(url, "20190306070809", "%PDF-1.4", kind="application/pdf")
    room.archive.keep(url, "20200306070809", article("Gone."), status=404)
    await room.crawl(url)
    assert room.ends() == [("fetch.failed", "http_404")]
    assert room.archive.asked() == ["index"]


async def test_a_capture_that_turns_out_to_be_of_a_404_page(room: Room) -> None:
    url = room.paper.url("/ferry")
    room.archive.keep(url, "20190306070809", article("Gone."), status=404)
    room.archive.faults.append(index_of(url, "20190306070809"))
    await room.crawl(url)
    assert room.ends() == [("fetch.failed", "http_404")]
    assert room.last()["detail"] == (
        "the server answered 404; asking the archive came to nothing: http_404 (the server answered 404)"
    )
    assert room.archive.asked() == ["index", "capture"]


async def test_a_capture_that_is_no_article_changes_nothing(room: Room) -> None:
    url = room.paper.url("/ferry")
    room.archive.keep(url, "20190306070809", "<html><body><script>x()</script></body></html>")
    await room.crawl(url)
    assert room.ends() == [("fetch.failed", "http_404")]
    assert room.last()["detail"] == (
        "the server answered 404; the archive's capture of 2019-03-06T07:08:09.000Z is no article: "
        "no_text (no readable text was found); the archive has no other capture of it"
    )
    assert room.timeline(url)[-2:] == ["no_capture", "failed"]
    assert room.archive.asked() == ["index", "capture", "index"]


async def test_what_a_page_became_before_it_was_gone_is_passed_over_for_its_first_capture(room: Room) -> None:
    url = room.paper.url("/ferry")
    missing = "<html><title>Page not found</title><h1>Page not found</h1><p>Sorry, the page you requested could not be found.</p></html>"
    room.archive.keep(url, "20190306070809", article())
    room.archive.keep(url, "20200306070809", article("Another text of it. " * 20))
    room.archive.keep(url, "20220306070809", missing)
    await room.crawl(url)
    assert room.document(url)["origin"]["captured_at"] == "2019-03-06T07:08:09.000Z"
    assert room.last()["detail"] == "http_404; the archive's capture of 2019-03-06T07:08:09.000Z was taken"
    assert room.archive.asked() == ["index", "capture"] * 2


async def test_no_third_capture_is_asked_for(room: Room) -> None:
    url = room.paper.url("/ferry")
    for year in range(2015, 2022):
        room.archive.keep(url, f"{year}0306070809", f"<html><body><script>x({year})</script></body></html>")
    await room.crawl(url)
    assert room.ends() == [("fetch.failed", "http_404")]
    assert "what the archive has is of no use: no_text" in room.last()["detail"]
    assert room.archive.asked() == ["index", "capture"] * 2


async def test_a_capture_of_another_page_is_not_taken(room: Room) -> None:
    url = room.paper.url("/ferry")
    elsewhere = f"{room.archive.url}/web/20190306070810id_/{room.paper.url('/')}"
    room.archive.faults += [index_of(url, "20190306070809"), leads_to(elsewhere)]
    await room.crawl(url)
    assert room.ends() == [("fetch.failed", "http_404")]
    assert "which is no capture of this page" in room.last()["detail"]
    assert room.archive.asked() == ["index", "capture"]


async def test_a_site_that_was_taken_out_of_the_archive(room: Room) -> None:
    room.archive.faults.append(blocked)
    await room.crawl(room.paper.url("/ferry"))
    assert room.ends() == [("fetch.failed", "http_404")]
    assert "http_403" in room.last()["detail"]
    assert room.archive.asked() == ["index"]


@pytest.mark.parametrize("fault", [maintenance, lambda: too_many(0)], ids=["a page for people", "429"])
async def test_an_archive_in_trouble_is_asked_a_bounded_number_of_times(room: Room, fault: Any) -> None:
    room.archive.faults += [fault] * 9
    await room.crawl(room.paper.url("/ferry"))
    assert room.ends() == [("fetch.failed", "http_404")]
    assert room.archive.asked() == ["index"] * 3
    assert "asking the archive came to nothing" in room.last()["detail"]


async def test_an_archive_that_recovers_is_enough(room: Room) -> None:
    url = room.paper.url("/ferry")
    room.archive.keep(url, "20190306070809", article())
    room.archive.faults += [maintenance, maintenance]
    await room.crawl(url)
    assert room.archive.asked() == ["index"] * 3 + ["capture"]
    assert room.document(url)["origin"]["kind"] == "archive"


async def test_a_page_of_the_archives_own_is_no_capture(room: Room) -> None:
    """Its maintenance page has status 200 and no Memento-Datetime; the index is not asked again."""
    url = room.paper.url("/ferry")
    room.archive.keep(url, "20190306070809", article())
    room.archive.faults += [index_of(url, "20190306070809"), maintenance]
    await room.crawl(url)
    assert room.archive.asked() == ["index", "capture", "capture"]
    assert room.document(url)["text"].split("\n") == list(LINES)


async def test_a_slow_archive_is_not_waited_for(redis_url: str, net: LocalWeb) -> None:
    room = Room(redis_url, net, archive_timeout=0.2, fetch_tries=1)
    room.archive.slow = 5
    await room.crawl(room.paper.url("/ferry"))
    assert room.ends() == [("fetch.failed", "http_404")]
    assert "timeout (not done after 0.2 seconds)" in room.last()["detail"]


async def test_the_archive_may_take_longer_than_a_page(redis_url: str, net: LocalWeb) -> None:
    room = Room(redis_url, net, fetch_timeout=0.3, archive_timeout=10)
    url = room.paper.url("/ferry")
    room.archive.keep(url, "20190306070809", article())
    room.archive.slow = 0.5
    await room.crawl(url)
    assert room.document(url)["origin"]["kind"] == "archive"


async def test_the_archives_address_passes_the_same_guard(redis_url: str, net: LocalWeb) -> None:
    room = Room(redis_url, net)
    world = make_world(redis_url, **room.settings | {"fetch_allow_private": f"{room.paper.ip}/32"})
    room.world = world
    await room.crawl(room.paper.url("/ferry"))
    assert room.ends() == [("fetch.failed", "http_404")]
    assert "blocked_address" in room.last()["detail"]
    assert room.archive.site.log == []


async def test_the_archives_robots_txt_is_kept_to(room: Room) -> None:
    room.archive.site.robots("User-agent: *\nDisallow: /cdx/\n")
    await room.crawl(room.paper.url("/ferry"))
    assert room.ends() == [("fetch.failed", "http_404")]
    assert "robots_denied" in room.last()["detail"]
    assert room.archive.asked() == []


# --- who is not asked about ---


async def test_an_archive_is_not_asked_unless_it_is_switched_on(redis_url: str, net: LocalWeb) -> None:
    room = Room(redis_url, net, archive=False)
    await room.crawl(room.paper.url("/ferry"))
    assert room.ends() == [("fetch.failed", "http_404")]
    assert room.last()["detail"] == "the server answered 404"
    assert room.archive.site.log == []


async def test_what_is_forbidden_or_in_trouble_is_no_dead_link(room: Room) -> None:
    paper = room.paper
    paper.robots("User-agent: *\nDisallow: /private\n")
    urls = [paper.page(f"/{status}", "", status=status) for status in (401, 403, 451, 500)]
    urls += [paper.url("/private"), "http://10.1.2.3/", paper.page("/empty", "")]
    for url in urls:
        room.archive.keep(url, "20190306070809", article())
    await room.crawl(*urls)
    assert room.archive.site.log == []
    ends = {reason for _, reason in room.ends()}
    assert ends == {
        "http_401", "http_403", "http_451", "http_500", "robots_denied", "blocked_address", "empty_page",
    }  # fmt: skip


async def test_the_archive_is_not_asked_about_itself(room: Room) -> None:
    await room.crawl(room.archive.url + "/web/20190306070809/http://nowhere.example/")
    assert room.ends() == [("fetch.failed", "http_404")]
    assert room.archive.asked() == ["capture"]


async def test_a_page_that_was_published_live_and_died_keeps_its_live_revision(room: Room) -> None:
    url = room.paper.page("/ferry", article())
    room.archive.keep(url, "20190306070809", article("Another text of it. " * 20))
    await room.crawl(url)
    room.paper.page("/ferry", "", status=410)
    await room.crawl(url)
    assert [event.type for event in room.events(Stream.DOCUMENTS)] == [
        Type.DOCUMENT_CREATED,
        Type.DOCUMENT_GONE,
    ]
    assert room.ends()[-1] == ("fetch.failed", "http_410")
    assert room.archive.site.log == []
    assert room.document(url)["origin"]["kind"] == "web"


async def test_a_capture_of_what_is_live_elsewhere_is_not_published_over_it(room: Room) -> None:
    own = room.paper.page("/ferry-aground-off-larne-vale", article())
    old = room.paper.url("/ferry-aground-off-larne-vale/print")
    await room.crawl(own)
    room.archive.keep(
        old, "20190306070809", article("An older text. " * 30, head=f'<link rel="canonical" href="{own}">')
    )
    await room.crawl(old)
    assert room.ends()[-1] == ("fetch.unchanged", "live_revision")
    data = room.document(own)
    assert (data["revision"], data["origin"]["kind"]) == (1, "web")
    assert "document" not in room.record(old)
    assert room.record(old)["reason"] == "http_404"
    await room.crawl(own)
    assert room.ends()[-1][0] == "fetch.unchanged"
