"""Certificates: verified for everybody, except where a host is named; and then that is said."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from typing import TYPE_CHECKING

import localweb
import pytest
from test_fetching import PAGE, fetcher, refused
from test_politeness import LOCAL, all_asked
from waiting import until_async
from workshop import enrich, fetchers, make_world, normalize, take_in

from wireroom.certificates import Exemption, exemption, exemptions, not_verified, remedy
from wireroom.events import Stream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from localweb import LocalWeb

HOST, OTHER = "127.0.8.1", "127.0.8.2"
DIGEST = "0a" * 32


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("paper.example=expired", Exemption("paper.example", "expired")),
        (" Paper.Example = NAME ", Exemption("paper.example", "name")),
        ("zeitung-köln.example=any", Exemption("xn--zeitung-kln-zfb.example", "any")),
        ("127.0.0.1=any", Exemption("127.0.0.1", "any")),
        ("[::1]=any", Exemption("::1", "any")),
        (f"paper.example=sha256:{DIGEST}", Exemption("paper.example", "pinned", b"\n" * 32)),
        (
            "paper.example=SHA256:" + ":".join(["0A"] * 32),
            Exemption("paper.example", "pinned", b"\n" * 32),
        ),
    ],
)
def test_an_exception_is_read(entry: str, expected: Exemption):
    assert exemption(entry) == expected


@pytest.mark.parametrize(
    "entry",
    [
        "",
        "paper.example",
        "paper.example=",
        "=any",
        "paper.example=yes",
        "paper.example=sha256:0a0a",
        "paper.example=sha1:" + DIGEST,
        "*.example=any",
        "paper.example:8443=any",
        "paper.example:443=any",
        "https://paper.example=any",
        "paper.example/news=any",
        "a@paper.example=any",
        "two words=any",
    ],
)
def test_what_is_no_exception_is_refused(entry: str):
    with pytest.raises(ValueError, match=r"is no host|must be like"):
        exemption(entry)


def test_a_host_has_one_exception():
    assert list(exemptions(["a.example=any", "b.example=expired"])) == ["a.example", "b.example"]
    with pytest.raises(ValueError, match="two exceptions"):
        exemptions(["a.example=any", "A.example=expired"])


def test_the_remedy_is_the_smallest_that_helps_and_can_be_read_back():
    wanted = {10: "expired", 9: "expired", 62: "name", 64: "name", 18: "any", 20: "any", 0: "any"}
    for host in ("paper.example", "::1"):
        assert {code: exemption(remedy(host, code)).excepted for code in wanted} == wanted
    assert not_verified([]) is None
    assert not_verified(["a.example", "b.example"]) == (
        "the certificate of a.example, b.example was not verified (fetch_tls_exceptions)"
    )


# --- over real connections ---


@pytest.fixture(scope="module")
def net() -> Iterator[LocalWeb]:
    with localweb.LocalWeb() as web:
        yield web


def digest(folder: Path) -> str:
    der = ssl.PEM_cert_to_DER_cert((folder / "cert.pem").read_text())
    return hashlib.sha256(der).hexdigest()


async def test_only_the_named_host_is_taken_and_the_answer_says_so(net: LocalWeb, tmp_path: Path):
    server, _ = localweb.certificate(tmp_path, HOST, OTHER)
    one, other = net.site(HOST, tls=server), net.site(OTHER, tls=server)
    page, away = one.page("/", PAGE), other.page("/", PAGE)
    there = one.redirect("/away", away)
    back = net.site().redirect("/", page)
    for entry in (f"{HOST}=any", f"{HOST}=sha256:{digest(tmp_path)}"):
        async with fetcher(exemptions=exemptions([entry])) as client:
            taken = await client.fetch(page)
            assert (taken.body, taken.unverified) == (PAGE.encode(), (HOST,))
            assert (await client.fetch(back)).unverified == (HOST,)
            for url in (away, there):
                error = await refused(client, url)
                assert (error.code, error.temporary) == ("certificate_invalid", False)
                assert f"add {OTHER}=any to fetch_tls_exceptions" in error.detail
    assert not other.log


async def test_another_certificate_than_the_pinned_one_is_refused(net: LocalWeb, tmp_path: Path):
    server, trusting = localweb.certificate(tmp_path, HOST)
    site = net.site(HOST, tls=server)
    url = site.page("/", PAGE)
    watched = asyncio.get_running_loop()._selector.get_map()  # type: ignore[attr-defined]  # noqa: SLF001 - asyncio tells it nowhere else
    before = len(watched)
    async with fetcher(tls=trusting, exemptions=exemptions([f"{HOST}=sha256:{DIGEST}"])) as client:
        error = await refused(client, url)
    await until_async(
        lambda: len(watched) == before
    )  # aiohttp takes leave of the server without waiting for it
    assert error.code == "certificate_invalid"
    assert f"sha256:{digest(tmp_path)}" in error.detail
    assert not site.log


async def test_an_expired_certificate_is_taken_with_its_issuer_and_name_still_verified(
    net: LocalWeb, tmp_path: Path
):
    expired = ("20200101000000Z", "20200102000000Z")
    server, trusting = localweb.certificate(tmp_path, HOST, valid=expired)
    right, wrong = net.site(HOST, tls=server), net.site(OTHER, tls=server)
    urls = [site.page("/", PAGE) for site in (right, wrong)]
    async with fetcher(tls=trusting) as strict:
        error = await refused(strict, urls[0])
        assert error.code == "certificate_invalid"
        assert error.detail == (
            f"the certificate of {HOST} is not valid: certificate has expired. "
            f"To take it all the same, add {HOST}=expired to fetch_tls_exceptions"
        )
    entries = [f"{HOST}=expired", f"{OTHER}=expired"]
    async with fetcher(tls=trusting, exemptions=exemptions(entries)) as client:
        assert (await client.fetch(urls[0])).unverified == (HOST,)
        assert f"{OTHER}=name" in (await refused(client, urls[1])).detail
    async with fetcher(exemptions=exemptions(entries)) as unknown_issuer:
        assert f"{HOST}=any" in (await refused(unknown_issuer, urls[0])).detail
    assert [len(right.log), len(wrong.log)] == [1, 0]


async def test_a_certificate_for_another_name_is_taken_with_its_issuer_and_time_still_verified(
    net: LocalWeb, tmp_path: Path
):
    server, trusting = localweb.certificate(tmp_path, "127.0.8.9")
    url = net.site(HOST, tls=server).page("/", PAGE)
    named = exemptions([f"{HOST}=name"])
    async with fetcher(tls=trusting, exemptions=named) as client:
        assert (await client.fetch(url)).body == PAGE.encode()
    async with fetcher(exemptions=named) as unknown_issuer:
        assert (await refused(unknown_issuer, url)).code == "certificate_invalid"


async def test_the_document_and_the_fetch_event_say_so(redis_url: str, net: LocalWeb, tmp_path: Path):
    server, _ = localweb.certificate(tmp_path, HOST)
    html = "<title>Sea wall rises</title><article><p>" + "The sea wall rises again this year. " * 20
    taken, left = (net.site(HOST, tls=server), net.site(OTHER, tls=server))
    urls = [site.page("/news/sea-wall", html) for site in (taken, left)]
    world = make_world(redis_url, fetch_tls_exceptions=(f"{HOST}=any",), **LOCAL)
    uid, other = take_in(world, urls=urls)
    async with fetchers(world):
        await all_asked(world)
    normalize(world, uid)
    enrich(world, uid)
    (document,) = (event.data for _, event in world.streams.read(Stream.DOCUMENTS, "0"))
    assert document["warnings"] == ["certificate_not_verified"]
    told = {event.data["url"]: event.data for _, event in world.streams.read(Stream.FETCHES, "0")}
    assert told[urls[0]]["reason"] is None
    assert told[urls[0]]["detail"] == not_verified([HOST])
    assert told[urls[1]]["reason"] == world.ledger.unit(other)["reason"] == "certificate_invalid"


async def test_plain_http_of_a_named_host_says_nothing(net: LocalWeb):
    url = net.site(HOST).page("/", PAGE)
    async with fetcher(exemptions=exemptions([f"{HOST}=any"])) as client:
        assert (await client.fetch(url)).unverified == ()


def test_the_systems_authorities_stay_in_force_beside_the_exceptions():
    from wireroom.adapters.trust import Trust  # noqa: PLC0415 - the only test that looks inside

    trust = Trust(None, exemptions(["a.example=expired", "b.example=name"]))
    for host, checks_name in (("a.example", True), ("b.example", False)):
        context = trust.of(host)
        assert isinstance(context, ssl.SSLContext)
        assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, checks_name)
        assert (
            context.cert_store_stats()["x509_ca"]
            == ssl.create_default_context().cert_store_stats()["x509_ca"]
        )
    assert trust.of("c.example") is True
    assert trust.of(None) is True
