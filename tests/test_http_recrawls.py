"""Re-crawls over HTTP: which URLs are meant, and the batch they make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from httpworld import STORM, file_draft, page_draft, place, publish, serving
from news_samples import BRIDGE
from soundness import check_sound
from workshop import lease

from wireroom.adapters.ids import now_ms
from wireroom.urls import url_key

if TYPE_CHECKING:
    from httpworld import Api

A, B, PORT = "http://larnevale.example", "http://millhaven.example", "http://millhaven.example:8080"
KNOWN = [f"{A}/1", f"{A}/2", f"{B}/1", f"{PORT}/1"]
HOUR = 3600 * 1000


async def know(api: Api, *urls: str, hours_ago: float | None = None) -> None:
    """Make URLs known as a crawl that is over does; by default they were never fetched."""
    answer = await api.post("/v1/recrawls", json={"urls": list(urls)})
    async with api.client.delete(f"/v1/batches/{answer['batch']}") as gone:
        assert (await gone.json())["cancelled"] == len(urls)
    if hours_ago is not None:
        at = now_ms() - int(hours_ago * HOUR)
        api.world.redis.zadd(api.world.keys.urls, {url_key(url): at for url in urls})


def waiting(api: Api) -> dict[str, dict[str, str]]:
    """The URLs that wait, with what is known of their units."""
    uids = [uid.decode() for uid in api.world.client.zrange(api.world.keys.state("waiting"), 0, -1)]
    return {unit["url"]: unit for unit in map(api.world.ledger.unit, uids)}


async def recrawl(api: Api, status: int = 202, **body: Any) -> Any:
    return await api.post("/v1/recrawls", status, json=body)


# --- which ---


async def test_named_urls_are_taken_and_unknown_ones_added(redis_url: str):
    async with serving(redis_url) as api:
        await know(api, f"{A}/1")
        body = {"urls": [f"{A}/1", f"{B}/new", f"{B}/new#part", f"{B.upper()}/new?utm_source=x"]}
        answer = await recrawl(api, **body)
        assert answer.keys() == {"batch", "matched", "rejected", "dry_run"}
        assert (answer["matched"], answer["rejected"], answer["dry_run"]) == (2, [], False)
        assert waiting(api).keys() == {f"{A}/1", f"{B}/new"}
        batch = await api.get(f"/v1/batches/{answer['batch']}")
        assert batch["states"] == {"waiting": 2}
        assert (await api.get("/v1/urls", params={"url": f"{B}/new"}))["state"] == "waiting"
        check_sound(api.world)


async def test_what_is_no_address_is_named_and_the_rest_taken(redis_url: str):
    async with serving(redis_url) as api:
        wrong = ["", "ftp://larnevale.example/", "http://[::1", "http://a:b@larnevale.example/", "x"]
        answer = await recrawl(api, urls=[*wrong, f"{A}/1"], hosts=["http://[", f"{B}/"], documents=["y"])
        assert answer["matched"] == 1
        told = {(found["name"], found["reason"]) for found in answer["rejected"]}
        assert told == {
            *((url, "invalid_url") for url in wrong),
            ("http://[", "invalid_url"),
            (f"{B}/", "unknown"),
            ("y", "unknown"),
        }
        assert all(found["detail"] for found in answer["rejected"])


async def test_when_no_address_can_be_taken_it_is_a_problem(redis_url: str):
    async with serving(redis_url) as api:
        problem = await recrawl(api, 422, urls=["news"])
        assert problem["type"] == "urn:wireroom:problem:nothing_accepted"
        assert problem["rejected"][0]["name"] == "news"
        assert (await api.get("/v1/stats"))["accepted"] == 0


@pytest.mark.parametrize(
    ("hosts", "found"),
    [
        (["larnevale.example"], KNOWN[:2]),
        (["LARNEVALE.example", "larnevale.example"], KNOWN[:2]),
        (["http://larnevale.example/anything"], KNOWN[:2]),
        (["millhaven.example"], KNOWN[2:3]),
        (["millhaven.example:8080"], KNOWN[3:]),
        (["larnevale.example", "millhaven.example:8080"], [*KNOWN[:2], KNOWN[3]]),
        (["vale.example"], []),
    ],
)
async def test_hosts_mean_their_known_urls(redis_url: str, hosts: list[str], found: list[str]):
    async with serving(redis_url) as api:
        await know(api, *KNOWN)
        answer = await recrawl(api, hosts=hosts)
        assert answer["matched"] == len(found)
        assert waiting(api).keys() == set(found)
        assert [r["reason"] for r in answer["rejected"]] == ([] if found else ["unknown"])


async def test_a_host_that_is_known_by_its_port_only_is_found_by_its_name(redis_url: str):
    async with serving(redis_url) as api:
        await know(api, f"{PORT}/1", f"{A}:81/2")
        await recrawl(api, hosts=["millhaven.example"])
        assert waiting(api).keys() == {f"{PORT}/1"}


async def test_documents_mean_their_page_or_what_they_list(redis_url: str):
    async with serving(redis_url) as api:
        page = publish(api.world, page_draft(f"{A}/page", "Storm", "Boats stay in."))["id"]
        listing = STORM.format(urls=f"{B}/1, {B}/2")
        file = publish(api.world, file_draft(listing, "storm.txt"))["id"]
        answer = await recrawl(api, documents=[page, file, "0" * 16, "../x"])
        assert answer["matched"] == 3
        assert waiting(api).keys() == {f"{A}/page", f"{B}/1", f"{B}/2"}
        assert [r["name"] for r in answer["rejected"]] == ["0" * 16, "../x"]


async def test_stories_mean_the_pages_of_their_documents(redis_url: str):
    async with serving(redis_url) as api:
        ids = [place(api.world, page_draft(f"{A}/{n}", f"Bridge {n}", BRIDGE[n])) for n in range(2)]
        assert ids[0] == ids[1]
        publish(api.world, page_draft(f"{B}/old", "Storm", "An old one."), story=ids[0])
        publish(api.world, page_draft(f"{B}/other", "Bridge", "Another."), story="ab" * 8)
        answer = await recrawl(api, stories=[ids[0], "cd" * 8])
        assert answer["matched"] == 3
        assert waiting(api).keys() == {f"{A}/0", f"{A}/1", f"{B}/old"}
        assert [r["reason"] for r in answer["rejected"]] == ["unknown"]
        assert (await recrawl(api, stories=["ab" * 8]))["matched"] == 1


async def test_all_means_every_known_url_once(redis_url: str):
    async with serving(redis_url) as api:
        assert (await recrawl(api, all=True))["matched"] == 0
        await know(api, *KNOWN)
        answer = await recrawl(api, all=True, urls=[f"{A}/1", f"{A}/new"], hosts=["larnevale.example"])
        assert answer["matched"] == 5
        assert waiting(api).keys() == {*KNOWN, f"{A}/new"}


@pytest.mark.parametrize(
    ("older_than", "found"),
    [
        ("24h", [KNOWN[0], KNOWN[2]]),
        ("1d", [KNOWN[0], KNOWN[2]]),
        (86400, [KNOWN[0], KNOWN[2]]),
        ("30m", KNOWN[:3]),
        ("90", KNOWN[:3]),
        (0, KNOWN),
        ("5w", [KNOWN[2]]),
    ],
)
async def test_an_age_alone_means_every_url_that_old_or_never_fetched(
    redis_url: str, older_than: Any, found: list[str]
):
    async with serving(redis_url) as api:
        for url, hours in zip(KNOWN, (48, 1, None, 0.01), strict=True):
            await know(api, url, hours_ago=hours)
        assert (await recrawl(api, older_than=older_than))["matched"] == len(found)
        assert waiting(api).keys() == set(found)


async def test_an_age_narrows_what_is_named_unless_it_is_forced(redis_url: str):
    async with serving(redis_url) as api:
        await know(api, f"{A}/1", f"{B}/1", hours_ago=48)
        await know(api, f"{A}/2", hours_ago=1)
        body = {"hosts": ["larnevale.example"], "urls": [f"{A}/new"], "older_than": "24h", "dry_run": True}
        assert (await recrawl(api, **body))["matched"] == 2
        assert (await recrawl(api, **body, force=True))["matched"] == 3


# --- how ---


async def test_a_dry_run_only_counts(redis_url: str):
    async with serving(redis_url) as api:
        await know(api, f"{A}/1")
        before = await api.get("/v1/stats")
        answer = await recrawl(api, urls=[f"{B}/new"], hosts=["larnevale.example"], dry_run=True)
        assert answer == {"batch": None, "matched": 2, "rejected": [], "dry_run": True}
        after = await api.get("/v1/stats")
        assert after["accepted"] == before["accepted"]
        await api.get("/v1/urls", 404, params={"url": f"{B}/new"})


async def test_forced_crawls_ask_without_conditions(redis_url: str):
    async with serving(redis_url, fetch_delay=0) as api:
        await know(api, f"{A}/1", f"{B}/1", hours_ago=0)
        for url in (f"{A}/1", f"{B}/1"):
            api.world.redis.hset(
                api.world.keys.url(url_key(url)), mapping={"etag": '"7"', "fetched": now_ms()}
            )
        await recrawl(api, urls=[f"{A}/1"], force=True)
        await recrawl(api, urls=[f"{B}/1"])
        crawls = {crawl.url: crawl for crawl in lease(api.world)}
        assert {url: (crawl.etag, crawl.fresh) for url, crawl in crawls.items()} == {
            f"{A}/1": (None, False),
            f"{B}/1": ('"7"', False),
        }


async def test_a_higher_priority_goes_first_within_its_host(redis_url: str):
    async with serving(redis_url, fetch_delay=0) as api:
        await recrawl(api, urls=[f"{A}/{n}" for n in range(3)], priority=-1)
        await recrawl(api, urls=[f"{A}/usual"])
        await recrawl(api, urls=[f"{A}/urgent"], priority=7)
        assert [crawl.url for crawl in lease(api.world)] == [f"{A}/urgent"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "#"),
        ({"force": True, "priority": 3, "dry_run": True}, "#"),
        ({"urls": [], "hosts": [], "documents": [], "stories": [], "all": False}, "#"),
        ({"urls": [f"{A}/1"], "colour": "red"}, "#/colour"),
        ({"urls": f"{A}/1"}, "#/urls"),
        ({"urls": [1]}, "#/urls/0"),
        ({"all": "yes"}, "#/all"),
        ({"all": True, "priority": 101}, "#/priority"),
        ({"all": True, "priority": 1.5}, "#/priority"),
        ({"older_than": "yesterday"}, "#/older_than"),
        ({"older_than": "-5m"}, "#/older_than"),
        ({"older_than": -5}, "#/older_than"),
        ({"older_than": True}, "#/older_than"),
        ({"older_than": "99999999w"}, "#/older_than"),
        ({"older_than": ["24h"]}, "#/older_than"),
        ([], "#"),
    ],
)
async def test_what_is_wrong_is_pointed_at(redis_url: str, body: Any, pointer: str):
    async with serving(redis_url) as api:
        problem = await api.post("/v1/recrawls", 422, json=body)
        assert problem["errors"][0]["pointer"] == pointer
        assert problem["errors"][0]["detail"]
        assert (await api.get("/v1/stats"))["accepted"] == 0


# --- the batch ---


async def test_a_batch_is_told_and_only_what_waits_is_cancelled(redis_url: str):
    async with serving(redis_url, fetch_delay=0) as api:
        async with api.client.post("/v1/recrawls", json={"urls": KNOWN}) as answer:
            place = answer.headers["Location"]
            assert place == f"/v1/batches/{(await answer.json())['batch']}"
        begun = lease(api.world, 2)
        assert (await api.get(place))["states"] == {"waiting": 2, "fetching": 2}
        for cancelled in (2, 0):
            async with api.client.delete(place) as answer:
                assert answer.status == 200
                told = await answer.json()
            assert told["cancelled"] == cancelled
            assert told["states"] == {"cancelled": 2, "fetching": 2}
            assert (told["units"], told["waiting"], told["done"]) == (4, 2, False)
        for crawl in begun:
            assert (await api.get("/v1/urls", params={"url": crawl.url}))["state"] == "fetching"
        stats = await api.get("/v1/stats")
        assert (stats["accepted"], stats["cancelled"], stats["waiting"]["waiting"]) == (4, 2, 0)
        check_sound(api.world)
        assert (await recrawl(api, urls=KNOWN))["matched"] == 4


async def test_what_another_batch_asked_for_too_goes_on(redis_url: str):
    async with serving(redis_url) as api:
        first = await recrawl(api, urls=[f"{A}/1", f"{A}/2"])
        second = await recrawl(api, urls=[f"{A}/2", f"{A}/3"])
        assert (await api.get("/v1/stats"))["accepted"] == 3
        async with api.client.delete(f"/v1/batches/{first['batch']}") as answer:
            assert (await answer.json())["states"] == {"cancelled": 1, "waiting": 1}
        assert (await api.get(f"/v1/batches/{second['batch']}"))["states"] == {"waiting": 2}
        check_sound(api.world)


@pytest.mark.parametrize("bid", ["nothing", "0" * 20, "b1:units", "%2e%2e", "*"])
async def test_an_unknown_batch_is_a_problem(redis_url: str, bid: str):
    async with serving(redis_url) as api:
        await recrawl(api, urls=[f"{A}/1"])
        await api.get(f"/v1/batches/{bid}", 404)
        async with api.client.delete(f"/v1/batches/{bid}") as answer:
            assert answer.status == 404
