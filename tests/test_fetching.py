import asyncio
import socket
import ssl
import time
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import localweb
import pytest
import pytest_asyncio
from aiohttp import web
from localweb import LocalWeb

from wireroom.adapters.fetching import Fetcher
from wireroom.errors import FetchError, Reason
from wireroom.networks import AddressPolicy, parse_networks

LOOPBACK = AddressPolicy(parse_networks("127.0.0.0/8"))
PAGE = "<!doctype html><title>Harbour</title><p>The harbour reopened on Monday.</p>"
LIMIT = 100_000
SOON = 0.4
"""Seconds a page may take in these tests."""


@pytest.fixture(scope="module")
def net() -> Iterator[LocalWeb]:
    with LocalWeb() as running:
        yield running


def fetcher(policy: AddressPolicy = LOOPBACK, **changes: object) -> Fetcher:
    known: dict[str, object] = {
        "user_agent": "Wireroom",
        "contact": "desk@paper.example",
        "timeout": SOON,
        "max_bytes": LIMIT,
        "max_redirects": 5,
    }
    return Fetcher(policy=policy, **(known | changes))  # type: ignore[arg-type]


@pytest_asyncio.fixture
async def client() -> AsyncIterator[Fetcher]:
    async with fetcher() as opened:
        yield opened


async def refused(client: Fetcher, url: str, **options: object) -> FetchError:
    with pytest.raises(FetchError) as caught:
        await client.fetch(url, **options)  # type: ignore[arg-type]
    return caught.value


# --- a page ---


async def test_a_page_comes_with_what_the_server_says_of_it(net: LocalWeb, client: Fetcher):
    url = net.site().page(
        "/harbour",
        PAGE,
        kind="Text/HTML; Charset=ISO-8859-1",
        etag='W/"7"',
        last_modified="Mon, 02 Mar 2026 10:00:00 GMT",
        headers={"X-Robots-Tag": "noarchive"},
    )
    page = await client.fetch(url + "#top")
    assert (page.url, page.final_url, page.status) == (url + "#top", url, 200)
    assert page.body == PAGE.encode()
    assert (page.content_type, page.charset) == ("text/html", "ISO-8859-1")
    assert (page.etag, page.last_modified) == ('W/"7"', "Mon, 02 Mar 2026 10:00:00 GMT")
    assert (page.x_robots_tag, page.redirects, page.bytes) == ("noarchive", (), len(PAGE))
    assert 0 < page.seconds < SOON


async def test_the_request_says_who_asks_and_what_it_can_read(net: LocalWeb, client: Fetcher):
    site = net.site()
    await client.fetch(site.page("/a%2Fb", PAGE) + "?q=%20+ü|x")
    headers = site.log[0].headers
    assert site.log[0].path == "/a%2Fb?q=%20+%C3%BC|x"
    assert headers["User-Agent"].startswith("Wireroom/")
    assert headers["User-Agent"].endswith(" (+desk@paper.example)")
    assert headers["From"] == "desk@paper.example"
    assert headers["Accept-Encoding"] == "gzip, deflate, br, zstd"
    assert not {"Cookie", "Referer", "Authorization", "If-None-Match", "If-Modified-Since"} & set(headers)


@pytest.mark.parametrize(
    ("product", "contact", "agent", "sender"),
    [
        ("Desk/3", "https://paper.example/bot(1)", "Desk/3 (+https://paper.example/bot%281%29)", None),
        ("Desk/3", "mailto:a@paper.example", "Desk/3 (+mailto:a@paper.example)", "a@paper.example"),
        ("Desk/3", "", "Desk/3", None),
    ],
)
async def test_the_contact_is_an_address_or_a_page(
    net: LocalWeb, product: str, contact: str, agent: str, sender: str | None
):
    site = net.site()
    async with fetcher(user_agent=product, contact=contact) as client:
        await client.fetch(site.page("/", PAGE))
        assert client.agent_token == "desk"
    assert site.log[0].headers["User-Agent"] == agent
    assert site.log[0].headers.get("From") == sender


@pytest.mark.parametrize("contact", ["a\r\nX: y", "Zürich", "\x00"])
def test_a_contact_that_cannot_stand_in_a_header_is_refused(contact: str):
    with pytest.raises(ValueError, match="printable ASCII"):
        fetcher(contact=contact)


@pytest.mark.parametrize("coding", sorted(localweb.PACK))
async def test_packed_pages_are_unpacked(net: LocalWeb, client: Fetcher, coding: str):
    body = PAGE * 50
    page = await client.fetch(net.site().page("/", body, coding=coding))
    assert page.body == body.encode()
    assert page.bytes < len(body) / 5


async def test_an_unchanged_page_is_not_sent_again(net: LocalWeb, client: Fetcher):
    site = net.site()
    when = "Mon, 02 Mar 2026 10:00:00 GMT"
    tagged, dated = site.page("/tagged", PAGE, etag='"1"'), site.page("/dated", PAGE, last_modified=when)
    first = await client.fetch(tagged)
    again = await client.fetch(tagged, etag=first.etag)
    assert (again.status, again.body, again.etag, again.bytes) == (304, b"", '"1"', 0)
    assert (await client.fetch(tagged, etag='"2"')).status == 200
    assert (await client.fetch(dated, last_modified=when)).status == 304


async def test_validators_are_sent_only_to_the_address_that_gave_them(net: LocalWeb, client: Fetcher):
    site = net.site()
    old, new = site.redirect("/old", "/new"), site.page("/new", PAGE, etag='"1"')
    assert (await client.fetch(old, etag='"1"')).status == 304
    assert (await client.fetch(old, etag='"1"', validated=new)).status == 304
    assert (await client.fetch(old, etag='"1"', validated=site.url("/former"))).status == 200
    assert [hit.headers.get("If-None-Match") for hit in site.log[2:]] == [None, '"1"', None, None]


async def test_validators_that_cannot_be_sent_are_left_out(net: LocalWeb, client: Fetcher):
    site = net.site()
    url = site.page("/", PAGE)
    assert (await client.fetch(url, etag='"a\r\nX-Evil: 1"', last_modified="é")).status == 200
    assert not {"If-None-Match", "If-Modified-Since", "X-Evil"} & set(site.log[0].headers)


async def test_headers_that_cannot_be_kept_do_no_harm(net: LocalWeb, client: Fetcher):
    head = b'Content-Type: text/html; charset=\xff\xfe\r\nETag: "\xff"\r\nX-Robots-Tag: a\xffb\r\nX-Robots-Tag: none\r\n'
    page = await client.fetch(net.raw(localweb.says(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n<p>Text")).url())
    assert (page.etag, page.charset, page.body) == (None, None, b"<p>Text")
    assert page.x_robots_tag == "a\ufffdb\nnone"


async def test_the_fields_of_one_name_are_kept_apart(net: LocalWeb, client: Fetcher):
    fields = [
        ("X-Robots-Tag", "otherbot: noindex"),
        ("X-Robots-Tag", "noarchive"),
        ("Link", "</style.css>; rel=preload"),
        ("Link", '</news/seeüfer>; rel="canonical"'),
    ]
    head = "".join(f"{name}: {value}\r\n" for name, value in fields).encode()
    page = await client.fetch(net.raw(localweb.says(localweb.OK_HEAD + head + b"\r\n<p>Text")).url())
    assert page.x_robots_tag == "otherbot: noindex\nnoarchive"
    assert page.canonical == ("/news/see%C3%BCfer",)


async def test_no_cookie_is_sent_back(net: LocalWeb, client: Fetcher):
    site = net.site()
    first = site.page("/first", PAGE, headers={"Set-Cookie": "id=1; Path=/"})
    hop = site.page("/hop", status=302, headers={"Location": "/first", "Set-Cookie": "hop=1; Path=/"})
    for url in (first, hop, first):
        await client.fetch(url)
    assert len(site.log) == 4
    assert not any("Cookie" in hit.headers for hit in site.log)


# --- redirects ---


async def test_redirects_are_followed_asked_about_and_noted(net: LocalWeb, client: Fetcher):
    one, two = net.site(), net.site()
    asked: list[str] = []

    async def may(url: str) -> None:
        asked.append(url)

    urls = [one.redirect("/1", "/2", status=301), one.redirect("/2", two.url("/3?a#b"), status=308)]
    final = two.page("/3", PAGE) + "?a"
    page = await client.fetch(urls[0], may=may)
    assert page.final_url == final
    assert page.redirects == ({"url": urls[0], "status": 301}, {"url": urls[1], "status": 308})
    assert asked == [*urls, final]


async def test_a_hop_that_may_not_be_fetched_is_not_asked_for(net: LocalWeb, client: Fetcher):
    site, closed = net.site(), net.site()
    start = site.redirect("/", closed.page("/secret", PAGE))

    async def may(url: str) -> None:
        if url.startswith(closed.origin):
            raise FetchError(Reason.ROBOTS_DENIED, "no")

    error = await refused(client, start, may=may)
    assert (error.code, error.final_url) == ("robots_denied", closed.url("/secret"))
    assert error.redirects == ({"url": start, "status": 302},)
    assert closed.log == []


async def test_waiting_for_leave_does_not_use_up_the_time(net: LocalWeb):
    site = net.site()

    async def may(_: str) -> None:
        await asyncio.sleep(0.2)

    async with fetcher(timeout=0.15) as client:
        page = await client.fetch(site.page("/", PAGE), may=may)
    assert page.seconds < 0.15


async def test_redirect_loops_end(net: LocalWeb, client: Fetcher):
    site = net.site()
    site.redirect("/b", "/a")
    error = await refused(client, site.redirect("/a", "/b#x"))
    assert (error.code, error.temporary, len(site.log)) == ("redirect_loop", False, 2)


async def test_redirects_are_bounded(net: LocalWeb, client: Fetcher):
    site = net.site()
    for number in range(20):
        site.redirect(f"/{number}", f"/{number + 1}")
    error = await refused(client, site.url("/0"))
    assert (error.code, error.temporary, error.final_url) == ("too_many_redirects", False, site.url("/5"))
    assert len(site.log) == 6
    site.page("/5", PAGE)
    assert (await client.fetch(site.url("/0"))).final_url == site.url("/5")


@pytest.mark.parametrize(
    "to",
    [
        *(
            "ftp://127.0.0.1/",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "gopher://127.0.0.1:70/",
            "data:text/html,x",
        ),
        *(
            "http://user:secret@127.0.0.1/",
            "http://user@127.0.0.1/",
            "http://[::1",
            "http://a b/",
            "http:///",
        ),
    ],
)
async def test_redirects_to_what_is_not_fetched_are_refused(net: LocalWeb, client: Fetcher, to: str):
    error = await refused(client, net.site().redirect("/", to))
    assert (error.code, error.temporary, error.status) == ("invalid_url", False, 302)


async def test_a_location_keeps_the_bytes_it_has(net: LocalWeb, client: Fetcher):
    site = net.site()
    site.page("/caf%E9", PAGE)
    location = b"HTTP/1.1 302 Found\r\nLocation: " + site.url("/caf").encode() + b"\xe9\r\n\r\n"
    page = await client.fetch(net.raw(localweb.says(location)).url())
    assert site.log[0].path == "/caf%E9"
    assert page.body == PAGE.encode()


async def test_a_redirect_without_a_target_is_a_status(net: LocalWeb, client: Fetcher):
    assert (await refused(client, net.site().page("/", status=302))).code == "http_302"


# --- statuses ---


@pytest.mark.parametrize("status", [204, 206, 300, 400, 401, 403, 404, 410, 451])
async def test_other_statuses_are_for_good(net: LocalWeb, client: Fetcher, status: int):
    error = await refused(client, net.site().page("/", status=status))
    assert (error.code, error.status, error.temporary) == (f"http_{status}", status, False)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 520])
async def test_some_statuses_may_pass(net: LocalWeb, client: Fetcher, status: int):
    error = await refused(client, net.site().page("/", status=status))
    assert (error.code, error.temporary, error.retry_after) == (f"http_{status}", True, None)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7.0), ("Mon, 02 Mar 2026 10:02:00 GMT", 120.0), ("999999", 86400.0), ("soon", None)],
)
async def test_the_site_is_heard_on_when_to_come_back(
    net: LocalWeb, client: Fetcher, value: str, seconds: float | None
):
    headers = {"Retry-After": value, "Date": "Mon, 02 Mar 2026 10:00:00 GMT"}
    error = await refused(client, net.site().page("/", status=503, headers=headers))
    assert error.retry_after == seconds


async def test_unchanged_without_a_question_is_no_answer(net: LocalWeb, client: Fetcher):
    error = await refused(client, net.site().page("/", status=304))
    assert (error.code, error.status) == ("protocol_error", 304)


# --- what is no page ---


@pytest.mark.parametrize("kind", ["application/pdf", "image/png", "video/mp4", "application/zip"])
async def test_a_plainly_binary_type_is_not_read(net: LocalWeb, client: Fetcher, kind: str):
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n\r\n".encode()
    error = await refused(client, net.raw(localweb.pours(head, b"%PDF" * 1000)).url())
    assert (error.code, error.status, error.temporary) == ("unsupported_type", 200, False)


@pytest.mark.parametrize("kind", ["text/html", "application/octet-stream"])
async def test_a_binary_page_that_says_otherwise_is_found_out(net: LocalWeb, client: Fetcher, kind: str):
    site = net.site()
    for path, body in (("/long", b"%PDF-1.7\n" + b"\0" * 5000), ("/short", b"GIF89a")):
        assert (await refused(client, site.page(path, body, kind=kind))).code == "unsupported_type"
    assert (await client.fetch(site.page("/text", PAGE, kind=kind))).body == PAGE.encode()


@pytest.mark.parametrize("value", ["gzip, gzip", "br, gzip", "x-unheard-of", "gzip, br"])
async def test_nested_and_unknown_codings_are_refused(net: LocalWeb, client: Fetcher, value: str):
    packed = localweb.PACK["gzip"](localweb.PACK["gzip"](PAGE.encode()))
    error = await refused(client, net.site().page("/", packed, headers={"Content-Encoding": value}))
    assert (error.code, error.temporary) == ("unsupported_encoding", False)


async def test_two_coding_headers_are_nested(net: LocalWeb, client: Fetcher):
    head = localweb.OK_HEAD + b"Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n\r\n"
    assert (await refused(client, net.raw(localweb.says(head)).url())).code == "unsupported_encoding"


async def test_a_body_that_is_not_what_its_coding_says_is_an_error(net: LocalWeb, client: Fetcher):
    error = await refused(client, net.site().page("/", PAGE, headers={"Content-Encoding": "gzip"}))
    assert (error.code, error.temporary) == ("protocol_error", True)


# --- bounds ---


async def test_a_page_over_the_limit_is_not_read_to_its_end(net: LocalWeb, client: Fetcher):
    site = net.site()
    assert (await refused(client, site.page("/told", "x" * (LIMIT + 1)))).code == "too_large"
    assert (await refused(client, net.raw(localweb.endless_body).url())).code == "too_large"
    assert len((await client.fetch(site.page("/fits", "x" * LIMIT))).body) == LIMIT


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
async def test_a_bomb_costs_little_memory(net: LocalWeb, coding: str):
    bomb = net.raw(localweb.bomb(500_000_000, coding)).url()
    async with fetcher(max_bytes=8 * 1024 * 1024, timeout=5) as client:
        tracemalloc.start()
        try:
            assert (await refused(client, bomb)).code == "too_large"
            assert tracemalloc.get_traced_memory()[1] < 40_000_000
        finally:
            tracemalloc.stop()


async def test_a_coded_body_without_content_is_bounded_too(net: LocalWeb, client: Fetcher):
    head = localweb.OK_HEAD + b"Content-Encoding: gzip\r\n\r\n" + b"\x1f\x8b\x08\x08" + b"\0" * 6
    endless_name = localweb.pours(head, b"name" * 1000)
    assert (await refused(client, net.raw(endless_name).url())).code == "too_large"


@pytest.mark.parametrize("fault", ["silent", "drips_headers", "drips_body"])
async def test_one_clock_stops_every_kind_of_slowness(net: LocalWeb, client: Fetcher, fault: str):
    began = time.monotonic()
    error = await refused(client, net.raw(getattr(localweb, fault)).url())
    assert (error.code, error.temporary) == ("timeout", True)
    assert SOON <= time.monotonic() - began < SOON + 0.5


async def test_the_clock_runs_over_all_hops(net: LocalWeb, client: Fetcher):
    site = net.site()
    for number in range(5):
        site.page(f"/{number}", status=302, headers={"Location": f"/{number + 1}"}, delay=0.15)
    error = await refused(client, site.url("/0"))
    assert (error.code, len(site.log)) == ("timeout", 3)


@pytest.mark.parametrize("fault", ["huge_header", "many_headers"])
async def test_headers_are_bounded(net: LocalWeb, client: Fetcher, fault: str):
    error = await refused(client, net.raw(getattr(localweb, fault)).url())
    assert (error.code, error.temporary) == ("protocol_error", False)
    assert len(error.detail) <= 200


# --- faults of the network and the server ---


@pytest.mark.parametrize(
    ("fault", "temporary"), [("hangs_up", True), ("cut_short", True), ("garbage", False)]
)
async def test_a_server_that_does_not_answer_properly(
    net: LocalWeb,
    client: Fetcher,
    fault: str,
    temporary: bool,  # noqa: FBT001
):
    site = net.raw(getattr(localweb, fault))
    error = await refused(client, site.url())
    assert (error.code, error.temporary) == ("protocol_error", temporary)
    assert site.connections == 1  # asked once, not again at once


async def test_a_kept_connection_that_was_closed_is_no_fault(net: LocalWeb, client: Fetcher):
    async def answers_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(localweb.OK_HEAD + b"Content-Length: 2\r\n\r\nok")
        await writer.drain()
        await reader.readuntil(b"\r\n\r\n")

    site = net.raw(answers_once)
    assert [(await client.fetch(site.url())).body for _ in range(3)] == [b"ok"] * 3
    assert site.connections == 3


async def test_nobody_listens(client: Fetcher):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        error = await refused(client, f"http://127.0.0.1:{unused.getsockname()[1]}/")
    assert (error.code, error.temporary) == ("connect_error", True)


async def test_names_that_do_not_exist_and_name_servers_that_do_not_answer(client: Fetcher):
    error = await refused(client, "http://no-such-host.invalid/")
    assert (error.code, error.temporary) == ("dns_error", False)
    assert (await refused(client, f"http://{'a' * 70}.example/")).code == "dns_error"

    def busy(_: str) -> list[str]:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    async with fetcher(lookup=busy) as cut_off:
        error = await refused(cut_off, "http://paper.example/")
    assert (error.code, error.temporary) == ("dns_error", True)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "paper.example",
        "ftp://paper.example/",
        "http://[::1",
        "http://a:b@paper.example/",
        "http://",
        "\ud800",
    ],
)
async def test_addresses_that_cannot_be_fetched(client: Fetcher, url: str):
    error = await refused(client, url)
    assert (error.code, error.temporary, error.final_url) == ("invalid_url", False, None)


async def test_certificates_are_verified(net: LocalWeb, client: Fetcher, tmp_path: Path):
    server, trusting = localweb.certificate(tmp_path, "127.0.7.1")
    right, wrong = net.site("127.0.7.1", tls=server), net.site("127.0.7.2", tls=server)
    urls = [site.page("/", PAGE) for site in (right, wrong)]
    for url in urls:
        error = await refused(client, url)
        assert (error.code, error.temporary) == ("certificate_invalid", False)
    async with fetcher(tls=trusting) as trusted:
        assert (await trusted.fetch(urls[0])).body == PAGE.encode()
        assert (await refused(trusted, urls[1])).code == "certificate_invalid"
    assert [len(right.log), len(wrong.log)] == [1, 0]


async def test_a_server_without_tls_is_a_tls_error(net: LocalWeb, client: Fetcher):
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()

    site = net.raw(plain)
    error = await refused(client, site.url().replace("http:", "https:"))
    assert error.code == "tls_error"


def test_a_context_that_does_not_verify_is_refused():
    blind = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    blind.check_hostname = False
    blind.verify_mode = ssl.CERT_NONE
    with pytest.raises(ValueError, match="verify"):
        fetcher(tls=blind)


# --- where it must not go ---

INSIDE = [
    *(
        "127.0.0.1",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "017700000001",
        "127.0.0.1.",
    ),
    *(
        "①②⑦.⓪.⓪.①",
        "127%2e0%2e0%2e1",
        "0",
        "0.0.0.0",
        "10.0.0.1",
        "0xa.1",
        "012.0.0.1",
        "167772161",
        "172.16.0.1",
    ),
    *("192.168.1.1", "100.64.0.1", "169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376"),
    *(
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "4294967295",
    ),
    *(
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[::ffff:0:127.0.0.1]",
        "[fe80::1]",
    ),
    *(
        "[fd00:ec2::254]",
        "[fec0::1]",
        "[ff02::1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b:1::7f00:1]",
        "[2002:7f00:1::]",
    ),
    *("[2001:0:4136:e378:8000:63bf:3fff:fdd2]", "[2001:db8::1]", "localhost", "LOCALHOST"),
]


@pytest.mark.parametrize("host", INSIDE)
async def test_nothing_inside_is_reached_however_it_is_written(net: LocalWeb, host: str):
    inside = net.site()
    inside.page("/", PAGE)
    async with fetcher(AddressPolicy(ports=(80, 443, inside.port))) as client:
        for url in (f"http://{host}/", f"http://{host}:{inside.port}/", f"https://{host}/"):
            assert (await refused(client, url)).code == "blocked_address"
        answer = await client.robots_txt(f"http://{host}")
        assert answer.verdict == "deny_all"
        assert answer.error is not None
        assert answer.error.code == "blocked_address"
    assert inside.log == []


@pytest.mark.parametrize("host", INSIDE[:8] + INSIDE[-15:])
async def test_no_redirect_leads_inside(net: LocalWeb, host: str):
    outside = net.site("127.0.9.1")
    policy = AddressPolicy(parse_networks("127.0.9.1/32"))
    async with fetcher(policy) as client:
        error = await refused(client, outside.redirect("/", f"http://{host}/"))
    assert (error.code, error.temporary, len(error.redirects)) == ("blocked_address", False, 1)


async def test_a_redirect_to_a_private_network_is_refused(net: LocalWeb, client: Fetcher):
    error = await refused(client, net.site().redirect("/", "http://10.0.0.1/"))
    assert error.code == "blocked_address"
    assert "10.0.0.1 is not public: private" in error.detail


async def test_other_ports_are_refused_before_anything_is_sent(client: Fetcher):
    for url in (
        "http://8.8.8.8:22/",
        "https://[2606:4700::1111]:6379/",
        "http://1.1.1.1:8080/",
        "http://8.8.8.8:0/",
    ):
        error = await refused(client, url)
        assert (error.code, error.temporary) == ("blocked_port", False)


async def test_a_name_that_mixes_public_and_internal_addresses_is_refused(net: LocalWeb):
    inside = net.site()
    inside.page("/", PAGE)
    net.names["mixed.example"] = ["8.8.8.8", inside.ip]
    net.names["inside.example"] = [inside.ip]
    policy = AddressPolicy(ports=(inside.port,))
    async with fetcher(policy, lookup=net.lookup) as client:
        for name in ("mixed.example", "inside.example"):
            error = await refused(client, f"http://{name}:{inside.port}/")
            assert error.code == "blocked_address"
            assert error.detail.startswith(
                f"{name}: {inside.ip} "
            )  # said of the whole answer, before any connection
    assert inside.log == []


async def test_an_answer_that_changes_is_looked_at_each_time(net: LocalWeb):
    site, inside = net.site("127.0.9.2"), net.site("127.0.9.3")
    page = site.page("/", PAGE, headers={"Connection": "close"})
    answers = iter([[site.ip], [inside.ip]])
    async with fetcher(
        AddressPolicy(parse_networks("127.0.9.2/32")), lookup=lambda _: next(answers)
    ) as client:
        rebound = page.replace(site.ip, "rebind.example")
        assert (await client.fetch(rebound)).body == PAGE.encode()
        error = await refused(client, f"http://rebind.example:{inside.port}/")
    assert error.code == "blocked_address"
    assert inside.log == []


async def test_named_networks_are_reached_by_name_too(net: LocalWeb):
    site = net.site("127.0.0.1")
    site.page("/", PAGE)
    net.names["both.example"] = ["::1", "127.0.0.1"]
    async with fetcher(lookup=net.lookup) as client:
        assert (await client.fetch(f"http://both.example:{site.port}/")).body == PAGE.encode()
    async with fetcher() as client:
        assert (await client.fetch(f"http://localhost:{site.port}/")).body == PAGE.encode()
        assert (await client.fetch(f"http://[::ffff:127.0.0.1]:{site.port}/")).body == PAGE.encode()


async def test_no_proxy_of_the_environment_is_used(net: LocalWeb, monkeypatch: pytest.MonkeyPatch):
    proxy, site = net.site(), net.site()
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.origin)
    async with fetcher() as client:
        assert (await client.fetch(site.page("/", PAGE))).body == PAGE.encode()
    assert proxy.log == []


# --- robots.txt ---


async def test_robots_rules_are_read_and_kept_a_day(net: LocalWeb, client: Fetcher):
    site = net.site()
    site.robots("User-agent: *\nDisallow: /")
    answer = await client.robots_txt(site.origin)
    assert (answer.verdict, answer.status, answer.ttl, answer.error) == ("rules", 200, 86400, None)
    assert answer.body == b"User-agent: *\nDisallow: /"
    assert [hit.path for hit in site.log] == ["/robots.txt"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
async def test_a_site_without_robots_allows_all(net: LocalWeb, client: Fetcher, status: int):
    site = net.site()
    site.robots("User-agent: *\nDisallow: /", status=status)
    answer = await client.robots_txt(site.origin)
    assert (answer.body, answer.verdict, answer.status, answer.ttl) == (None, "allow_all", status, 86400)


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_site_that_cannot_say_allows_nothing_for_a_while(net: LocalWeb, client: Fetcher, status: int):
    site = net.site()
    site.robots("User-agent: *\nDisallow:", status=status)
    answer = await client.robots_txt(site.origin)
    assert (answer.verdict, answer.status, answer.ttl) == ("deny_all", status, 300)
    assert answer.error is not None
    assert answer.error.temporary
    site.robots("", status=status, headers={"Retry-After": "3600"})
    assert (await client.robots_txt(site.origin)).ttl == 3600


@pytest.mark.parametrize(
    ("fault", "code"), [("silent", "timeout"), ("hangs_up", "protocol_error"), ("drips_headers", "timeout")]
)
async def test_an_unreachable_site_allows_nothing(net: LocalWeb, client: Fetcher, fault: str, code: str):
    answer = await client.robots_txt(net.raw(getattr(localweb, fault)).origin)
    assert (answer.verdict, answer.status, answer.ttl) == ("deny_all", None, 300)
    assert answer.error is not None
    assert answer.error.code == code


async def test_robots_redirects_are_followed_five_times(net: LocalWeb, client: Fetcher):
    site = net.site()
    site.redirect("/robots.txt", "/1")
    for number in range(1, 5):
        site.redirect(f"/{number}", f"/{number + 1}")
    site.page("/5", "User-agent: *\nDisallow: /", kind="text/plain")
    assert (await client.robots_txt(site.origin)).verdict == "rules"
    site.redirect("/5", "/6")
    assert (await client.robots_txt(site.origin)).verdict == "allow_all"
    site.redirect("/1", "/robots.txt")
    assert (await client.robots_txt(site.origin)).verdict == "allow_all"


async def test_a_robots_redirect_that_leads_inside_allows_nothing(net: LocalWeb, client: Fetcher):
    site = net.site()
    site.redirect("/robots.txt", "http://10.0.0.1/robots.txt")
    assert (await client.robots_txt(site.origin)).verdict == "deny_all"


async def test_no_more_of_a_robots_file_is_read_than_the_cap(net: LocalWeb):
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nUser-agent: *\nDisallow: /a\n"
    async with fetcher(timeout=5) as client:
        answer = await client.robots_txt(net.raw(localweb.pours(head, b"# and so on\n" * 100)).origin)
    assert answer.verdict == "rules"
    assert answer.body is not None
    assert len(answer.body) == 500 * 1024 + 1


# --- many at a time ---


async def test_slow_servers_do_not_hold_up_the_others(net: LocalWeb):
    slow = [net.raw(localweb.drips_body).url() for _ in range(20)]
    good = [net.site().page("/", PAGE) for _ in range(20)]
    async with fetcher(timeout=2) as client:
        waiting = [asyncio.create_task(refused(client, url)) for url in slow]
        pages = await asyncio.gather(*(client.fetch(url) for url in good))
        assert not any(task.done() for task in waiting)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    assert max(page.seconds for page in pages) < 1.5


async def test_a_cancelled_fetch_leaves_nothing_behind(net: LocalWeb, client: Fetcher):
    site = net.site()
    seen = asyncio.Event()
    loop = asyncio.get_running_loop()

    async def never(_: web.Request) -> web.Response:
        loop.call_soon_threadsafe(seen.set)
        await asyncio.sleep(30)
        return web.Response()

    task = asyncio.create_task(client.fetch(site.on("/", never)))
    await seen.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await client.fetch(site.page("/", PAGE))).status == 200
