"""What the archive is asked, and what its answers mean."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from wayback import TOOLBAR

from wireroom import archive
from wireroom.archive import Ask, Capture
from wireroom.errors import FetchError, Reason
from wireroom.events import FetchOutcome

BASE = "https://web.archive.example"
NAMES = ["timestamp", "original", "mimetype", "statuscode"]
PAGE = "http://harbour.example/news/petrel?id=7"


def answer(*rows: tuple[str, str, str, str]) -> bytes:
    return json.dumps([NAMES, *map(list, rows)]).encode() if rows else b"[]\n"


# --- which crawls ---


@pytest.mark.parametrize(
    ("reason", "status", "expected"),
    [
        (Reason.HTTP_STATUS, 404, True),
        (Reason.HTTP_STATUS, 410, True),
        (Reason.DNS_ERROR, None, True),
        (Reason.SOFT_404, 200, True),
        (Reason.HTTP_STATUS, 401, False),
        (Reason.HTTP_STATUS, 403, False),
        (Reason.HTTP_STATUS, 451, False),
        (Reason.HTTP_STATUS, 500, False),
        (Reason.HTTP_STATUS, 429, False),
        (Reason.CONNECT_ERROR, None, False),
        (Reason.TIMEOUT, None, False),
        (Reason.TLS_ERROR, None, False),
        (Reason.ROBOTS_DENIED, None, False),
        (Reason.ROBOTS_UNREACHABLE, None, False),
        (Reason.ROBOTS_META, 200, False),
        (Reason.BLOCKED_ADDRESS, None, False),
        (Reason.BLOCKED_PORT, None, False),
        (Reason.PAYWALL_TEASER, 200, False),
        (Reason.TOO_LARGE, 200, False),
        (Reason.WORKER_DIED, None, False),
    ],
)
def test_only_what_is_gone_is_a_dead_link(reason: Reason, status: int | None, *, expected: bool) -> None:
    assert archive.dead(reason, status) is expected


# --- the index ---


def test_the_index_is_asked_for_the_newest_captures_with_status_200() -> None:
    assert archive.lookup_url(BASE, PAGE) == (
        f"{BASE}/cdx/search/cdx?url=http%3A%2F%2Fharbour.example%2Fnews%2Fpetrel%3Fid%3D7&output=json"
        "&fl=timestamp,original,mimetype,statuscode&filter=statuscode:200&limit=-5"
    )
    assert archive.lookup_url(BASE, PAGE, first=True).endswith("&filter=statuscode:200&limit=5")


def test_the_newest_page_is_taken() -> None:
    old, new = "20190304050607", "20210304050607"
    rows = [(new, PAGE, "text/html", "200"), (old, PAGE, "text/html", "200")]
    assert archive.chosen(answer(*rows), PAGE) == Capture(new, PAGE)
    assert archive.chosen(answer(*reversed(rows)), PAGE) == Capture(new, PAGE)
    assert archive.chosen(answer(*rows), PAGE, first=True) == Capture(old, PAGE)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (("20210304050607", PAGE, "application/pdf", "200"), "no page"),
        (("20210304050607", PAGE, "warc/revisit", "-"), "no body of its own"),
        (("20210304050607", PAGE, "text/html", "404"), "not there"),
        (("20210304050607", PAGE.replace("petrel", "Petrel"), "text/html", "200"), "another case"),
        (("20210304050607", PAGE.replace("id=7", "id=8"), "text/html", "200"), "another page"),
        (("20210300050607", PAGE, "text/html", "200"), "a day 00"),
        (("2021", PAGE, "text/html", "200"), "half a time"),
        (("20210304050607", "http://mailto:desk@harbour.example", "text/html", "200"), "no address"),
        ((), "an empty row"),
    ],
)
def test_what_is_no_capture_of_the_page_is_passed_over(row: tuple[str, str, str, str], why: str) -> None:
    older = ("20190304050607", PAGE, "text/html", "200")
    assert archive.chosen(answer(older, row), PAGE) == Capture("20190304050607", PAGE), why
    assert archive.chosen(answer(row), PAGE) is None, why


@pytest.mark.parametrize("body", [b"[]", b"[]\n", b"", b" \n", json.dumps([NAMES]).encode()])
def test_an_empty_answer_is_no_capture(body: bytes) -> None:
    assert archive.chosen(body, PAGE) is None


@pytest.mark.parametrize("body", [b"<html>later</html>", b"{}", b'["timestamp"]', b'"no"', b"\xff[]"])
def test_an_answer_that_is_no_list_may_be_one_next_time(body: bytes) -> None:
    with pytest.raises(FetchError) as caught:
        archive.chosen(body, PAGE)
    assert (caught.value.reason, caught.value.temporary) == (Reason.PROTOCOL_ERROR, True)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("http://a.example/x", "https://www.a.example:443/x/", True),
        ("http://a.example:80/x", "https://www2.a.example/x", True),
        ("http://a.example", "http://a.example/", True),
        ("http://a.example/x?utm_source=mail", "http://a.example/x", True),
        ("http://a.example/x", "http://a.example/X", False),
        ("http://a.example/x?a=1", "http://a.example/x?a=2", False),
        ("http://a.example:81/x", "http://a.example/x", False),
        ("http://a.example/x", "http://b.example/x", False),
        ("http://a.example/x", "no address", False),
    ],
)
def test_addresses_that_are_one_page(first: str, second: str, *, expected: bool) -> None:
    assert archive.same_page(first, second) is expected


# --- captures ---


def test_a_captures_bytes_are_asked_for_without_toolbar() -> None:
    capture = Capture("20190304050607", PAGE)
    assert capture.url(BASE) == f"{BASE}/web/20190304050607id_/{PAGE}"
    assert capture.at == datetime(2019, 3, 4, 5, 6, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("url", "wanted", "followed"),
    [
        (f"{BASE}/cdx/search/cdx?url=x", None, True),
        ("https://elsewhere.example/cdx", None, False),
        (f"{BASE}/web/20190304050608id_/{PAGE}", PAGE, True),
        (f"{BASE}/web/20190304050608id_/https://www.harbour.example/news/petrel?id=7", PAGE, True),
        (f"{BASE}/web/20190304050608id_/http:/harbour.example/news/petrel?id=7", PAGE, True),
        (f"{BASE}/web/20190304050608id_/http://harbour.example/", PAGE, False),
        (f"{BASE}/sorry", PAGE, False),
        (PAGE, PAGE, False),
    ],
)
def test_an_archive_leads_only_to_captures_of_the_same_page(
    url: str, wanted: str | None, *, followed: bool
) -> None:
    assert (archive.within(BASE, url, wanted) is None) is followed


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Mon, 04 Mar 2019 05:06:07 GMT", datetime(2019, 3, 4, 5, 6, 7, tzinfo=UTC)),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_the_time_of_a_capture(header: str | None, expected: datetime | None) -> None:
    assert archive.moment(header) == expected


def test_a_replays_toolbar_and_changed_links_are_undone() -> None:
    shown = f"""<body>{TOOLBAR}<a href="/web/20190304050607/http://harbour.example/log">log</a>
        <img src="https://web.archive.org/web/20190304050607im_/https://harbour.example/p.png">"""
    plain = """<body><a href="http://harbour.example/log">log</a>
        <img src="https://harbour.example/p.png">"""
    assert archive.plain(shown.encode()) == plain.encode()


def test_a_raw_capture_stays_as_it_is() -> None:
    body = b'<body>See <a href="https://web.archive.org/web/2019/http://harbour.example/">the old page</a>'
    assert archive.plain(body) is body


# --- what waits ---


def test_an_ask_survives_its_unit() -> None:
    live = FetchOutcome(
        PAGE,
        final_url=f"{PAGE}&moved=1",
        status=404,
        reason="http_404",
        detail="the server answered 404",
        tries=2,
        seconds=0.25,
        redirects=({"url": PAGE, "status": 301},),
        listed_by=("00ff00ff00ff00ff",),
    )
    for ask in (Ask(live), Ask(live).with_capture(Capture("20190304050607", PAGE))):
        assert Ask.of({"archive": ask.to_json().decode()}) == ask
    assert Ask.of({"url": PAGE}) is None
    first = Ask(live).with_capture(Capture("20190304050607", PAGE)).for_the_first(Reason.NO_TEXT, "nothing")
    assert first is not None
    assert Ask.of({"archive": first.to_json().decode()}) == first
    assert (first.capture, first.passed) == (None, Capture("20190304050607", PAGE))
    assert first.with_capture(Capture("20180304050607", PAGE)).for_the_first(Reason.NO_TEXT, "") is None
    assert Ask(live).for_the_first(Reason.NO_TEXT, "nothing was fetched") is None
    ended = Ask(live).ended("the archive has no capture of it")
    assert ended.detail == "the server answered 404; the archive has no capture of it"
    assert (ended.reason, ended.status, ended.redirects) == ("http_404", 404, live.redirects)
