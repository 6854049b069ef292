"""The small nouns over HTTP: counts, URLs, stories, dead letters, metrics."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from httpworld import file_draft, page_draft, place, publish, serving
from news_samples import BRIDGE, CHEESE
from prometheus_client.parser import text_string_to_metric_families
from soundness import check_sound
from waiting import until
from workshop import enrich, lease, listing, normalize, normalizer, take_in

from wireroom.adapters.http.metrics import METRICS, Kind
from wireroom.adapters.http.schemas import StoryData
from wireroom.adapters.steps import Step
from wireroom.adapters.work import work_on
from wireroom.errors import FetchError, Reason
from wireroom.events import FetchOutcome, Stream
from wireroom.failure import Failure
from wireroom.subscribing import Terms, letter

if TYPE_CHECKING:
    from pathlib import Path

    from httpworld import Api

    from wireroom.records import Crawl
    from wireroom.world import World

A, B = "http://larnevale.example", "http://millhaven.example"
QUICK: dict[str, Any] = {"fetch_delay": 0, "fetch_tries": 2, "fetch_retry_delay": 0.01, "enrich": ("dates",)}


def fail(world: World, crawl: Crawl, reason: Reason, *, temporary: bool = False) -> None:
    error = FetchError(reason, "as the test says", temporary=temporary)
    assert world.frontier.failed(crawl, FetchOutcome(crawl.url, status=500), error).done


def one(world: World) -> Crawl:
    (crawl,) = lease(world)
    return crawl


# --- counts ---


async def test_stats_count_every_unit_once(redis_url: str):
    async with serving(redis_url, **QUICK) as api:
        world = api.world
        uids = take_in(world, listing("Aster"), listing("Bruna"))
        normalize(world, *uids)
        enrich(world, uids[0])
        take_in(world, listing("Cora"), urls=[f"{A}/{n}" for n in range(5)])
        fail(world, one(world), Reason.ROBOTS_DENIED)
        fail(world, one(world), Reason.TIMEOUT)
        crawl = one(world)
        assert world.frontier.unchanged(crawl, FetchOutcome(crawl.url), "not_modified").done
        one(world)
        batch = take_in(world, urls=[f"{B}/1"], batch="b2")
        async with api.client.delete("/v1/batches/b2"):
            assert len(batch) == 1
        stats = await api.get("/v1/stats")
        ended = {name: stats[name] for name in ("published", "unchanged", "refused", "failed", "cancelled")}
        assert ended == dict.fromkeys(ended, 1)
        assert stats["waiting"] == {"waiting": 1, "fetching": 1, "normalizing": 1, "enriching": 1}
        assert stats["accepted"] == sum(ended.values()) + sum(stats["waiting"].values()) == 9
        assert {stream.value for stream in Stream} == stats["streams"].keys()
        assert (stats["streams"]["fetches"], stats["streams"]["dead"], stats["documents"]) == (3, 1, 1)
        assert stats["queues"]["dates"] > 0
        check_sound(world)


async def test_stats_of_nothing_are_zeros(redis_url: str):
    async with serving(redis_url) as api:
        stats = await api.get("/v1/stats")
        zeros = {"published": 0, "unchanged": 0, "refused": 0, "failed": 0, "cancelled": 0, "accepted": 0}
        assert zeros.items() <= stats.items()
        assert set(stats["waiting"].values()) == set(stats["queues"].values()) == {0}


# --- URLs ---


async def test_a_url_tells_every_step_wait_and_reason(redis_url: str):
    async with serving(redis_url, **QUICK) as api:
        batch = (await api.post("/v1/recrawls", json={"urls": [f"{A}/1"]}))["batch"]
        where = {"url": f"{A.upper()}/1#part"}
        told = await api.get("/v1/urls", params=where)
        assert (told["url"], told["host"], told["state"]) == (f"{A}/1", "larnevale.example", "waiting")
        assert (told["batch"], told["reason"], told["document"]) == (batch, None, None)
        assert datetime.fromisoformat(told["next"]) <= datetime.now(UTC)
        crawl = one(api.world)
        assert (await api.get("/v1/urls", params=where))["state"] == "fetching"
        fail(api.world, crawl, Reason.TIMEOUT, temporary=True)
        told = await api.get("/v1/urls", params=where)
        assert told["state"] == "waiting"
        assert datetime.fromisoformat(told["next"]).tzinfo is not None
        fail(api.world, _again(api), Reason.TIMEOUT, temporary=True)
        told = await api.get("/v1/urls", params=where)
        assert (told["state"], told["next"], told["reason"]) == ("failed", None, "timeout")
        steps = [line["step"] for line in told["timeline"]]
        assert steps[0] == "waiting"
        assert steps[-1] == "failed"
        assert len(steps) >= 3
        assert all(datetime.fromisoformat(line["time"]).tzinfo for line in told["timeline"])
        assert {line.get("reason") for line in told["timeline"]} >= {"timeout"}


def _again(api: Api) -> Crawl:
    (crawl,) = until(lambda: lease(api.world))
    return crawl


async def test_a_url_names_the_documents_that_list_it(redis_url: str):
    async with serving(redis_url) as api:
        taken = listing("Aster", urls=[f"{A}/1"])
        take_in(api.world, taken)
        told = await api.get("/v1/urls", params={"url": f"{A}/1"})
        assert told["listed_by"] == [taken.id]
        assert told["layout"] == "dated"


@pytest.mark.parametrize(
    ("query", "status"), [("", 422), ("?url=", 422), ("?url=news", 422), (f"?url={A}/x", 404)]
)
async def test_a_url_that_is_none_or_unknown(redis_url: str, query: str, status: int):
    async with serving(redis_url) as api:
        assert (await api.get(f"/v1/urls{query}", status))["status"] == status


# --- stories ---


async def test_stories_have_members_entities_and_a_beginning(redis_url: str):
    async with serving(redis_url) as api:
        drafts = [page_draft(f"{A}/{n}", f"Bridge {n}", text) for n, text in enumerate(BRIDGE[:3])]
        sids = [place(api.world, draft, names=["Larne Vale", f"Pier {n}"]) for n, draft in enumerate(drafts)]
        (sid,) = set(sids)
        other = place(api.world, page_draft(f"{B}/1", "Cheese", CHEESE[0]))
        page = await api.get("/v1/stories")
        assert {story["id"] for story in page["stories"]} == {sid, other}
        assert page["cursor"] is None
        story = await api.get(f"/v1/stories/{sid}")
        StoryData.model_validate(story)
        assert (story["size"], set(story["members"])) == (3, {draft.id for draft in drafts})
        assert datetime.fromisoformat(story["first_seen"]) <= datetime.fromisoformat(story["last_seen"])
        assert story["entities"][0] == {"name": "Larne Vale", "type": "place", "documents": 3}
        assert {document["title"] for document in story["documents"]} == {"Bridge 0", "Bridge 1", "Bridge 2"}
        listed = await api.get(f"/v1/documents?story={sid}")
        assert {document["id"] for document in listed["documents"]} == set(story["members"])


async def test_stories_come_in_pages(redis_url: str):
    async with serving(redis_url) as api:
        for number, text in enumerate(
            (BRIDGE[0], CHEESE[0], *(" ".join(f"w{n}x{i}" for i in range(60)) for n in range(3)))
        ):
            place(api.world, page_draft(f"{A}/{number}", f"T{number}", text))
        whole = [story["id"] for story in (await api.get("/v1/stories"))["stories"]]
        assert len(set(whole)) == 5
        found, cursor = [], ""
        while cursor is not None:
            page = await api.get(f"/v1/stories?limit=2{cursor and f'&cursor={cursor}'}")
            assert len(page["stories"]) <= 2
            found += [story["id"] for story in page["stories"]]
            cursor = page["cursor"]
        assert found == whole


@pytest.mark.parametrize(
    ("path", "status"),
    [("/x", 404), ("/" + "0" * 16, 404), ("/" + "A" * 16, 404), ("?limit=0", 422), ("?cursor=x", 422)],
)
async def test_a_story_that_is_none(redis_url: str, path: str, status: int):
    async with serving(redis_url) as api:
        assert (await api.get(f"/v1/stories{path}", status))["status"] == status


# --- dead letters ---


async def test_dead_letters_are_told_newest_first_in_pages(redis_url: str):
    async with serving(redis_url, **QUICK) as api:
        take_in(api.world, urls=[f"{A}/{n}" for n in range(5)])
        given_up = []
        for _ in range(5):
            given_up.append(one(api.world))
            fail(api.world, given_up[-1], Reason.TIMEOUT)
        whole = (await api.get("/v1/dead"))["dead"]
        assert [told["url"] for told in whole] == [crawl.url for crawl in reversed(given_up)]
        assert {told["url"] for told in whole} == {f"{A}/{n}" for n in range(5)}
        assert {(told["stage"], told["reason"], told["tries"], told["retried"]) for told in whole} == {
            ("fetch", "timeout", 1, False)
        }
        found, cursor = [], ""
        while cursor is not None:
            page = await api.get(f"/v1/dead?limit=2{cursor and f'&cursor={cursor}'}")
            found += page["dead"]
            cursor = page["cursor"]
        assert found == whole
        for query in ("cursor=x", "cursor=7", "limit=0"):
            await api.get(f"/v1/dead?{query}", 422)


async def test_a_crawl_that_was_given_up_is_tried_again(redis_url: str):
    async with serving(redis_url, **QUICK) as api:
        take_in(api.world, urls=[f"{A}/1", f"{B}/1"])
        for crawl in lease(api.world):
            fail(api.world, crawl, Reason.TIMEOUT)
        first, second = (await api.get("/v1/dead"))["dead"]
        answer = await api.post("/v1/dead/retry", json={"ids": [first["id"], first["id"], second["unit"]]})
        assert set(answer["retried"]) == {first["id"], second["id"]}
        assert answer["rejected"] == []
        assert (await api.get(f"/v1/batches/{answer['batch']}"))["states"] == {"waiting": 2}
        assert [told["retried"] for told in (await api.get("/v1/dead"))["dead"]] == [True, True]
        again = await api.post("/v1/dead/retry", json={"all": True})
        assert again == {"batch": None, "retried": [], "rejected": []}
        for crawl in lease(api.world):
            fail(api.world, crawl, Reason.TIMEOUT)
        assert len((await api.post("/v1/dead/retry", json={"all": True}))["retried"]) == 2
        check_sound(api.world)


class _Broken:
    """Cannot make a draft of anything."""

    def map(self, items: Any) -> Any:
        return iter([Failure(Reason.EXTRACTION_ERROR, "as the test says") for _ in items])


async def test_a_document_that_was_given_up_is_tried_again_while_its_text_is_kept(redis_url: str):
    async with serving(redis_url, **QUICK) as api:
        world = api.world
        uids = take_in(world, listing("Aster", urls=[f"{A}/1"]), listing("Bruna"))
        documents = [uid for uid in uids if world.ledger.unit(uid)["kind"] == "document"]
        work_on(world.ledger, normalizer(world, _Broken()), documents, lambda: False)
        dead = {told["name"]: told for told in (await api.get("/v1/dead"))["dead"]}
        assert {told["stage"] for told in dead.values()} == {"normalize"}
        world.redis.delete(world.keys.work(dead["Bruna.txt"]["unit"]))
        answer = await api.post("/v1/dead/retry", json={"all": True})
        assert answer["retried"] == [dead["Aster.txt"]["id"]]
        assert [(r["name"], r["reason"]) for r in answer["rejected"]] == [
            (dead["Bruna.txt"]["id"], "body_expired")
        ]
        assert (await api.get(f"/v1/batches/{answer['batch']}"))["states"] == {"normalizing": 1}
        (uid,) = (unit.decode() for unit in world.redis.smembers(world.keys.batch_units(answer["batch"])))
        normalize(world, uid)
        enrich(world, uid)
        did = dead["Aster.txt"]["document"]
        assert (await api.get(f"/v1/documents/{did}"))["origin"]["name"] == "Aster.txt"
        told = {told["name"]: told["retried"] for told in (await api.get("/v1/dead"))["dead"]}
        assert told == {"Aster.txt": True, "Bruna.txt": False}
        check_sound(world)


async def test_letters_of_no_unit_say_what_a_person_can_do(redis_url: str, tmp_path: Path):
    async with serving(redis_url) as api:
        world = api.world
        (tmp_path / "photo.txt").write_bytes(b"\0\1\2")
        until(world.inbox(tmp_path).look)
        data = publish(world, file_draft("Something happened.", "a.txt"))
        ((position, event),) = world.streams.read(Stream.DOCUMENTS, "0")
        terms = Terms(Stream.DOCUMENTS, "desk", "one", named=True)
        fields = {
            name.encode(): value if isinstance(value, bytes) else value.encode()
            for name, value in event.fields().items()
        }
        left = letter(terms, position, fields, 5, world.streams.source, datetime.now(UTC))
        assert world.ledger.commit([Step((), [world.streams.entry(left)])])[0].done
        consumer, intake = (await api.get("/v1/dead"))["dead"]
        assert (consumer["stage"], consumer["unit"], consumer["document"]) == (
            "consumer:desk",
            None,
            data["id"],
        )
        assert (intake["stage"], intake["unit"], intake["reason"]) == ("intake", None, "not_text")
        problem = await api.post(
            "/v1/dead/retry", 422, json={"ids": [consumer["id"], intake["id"], "9-9", "x"]}
        )
        assert {(r["name"], r["reason"]) for r in problem["rejected"]} == {
            (consumer["id"], "not_retryable"),
            (intake["id"], "not_retryable"),
            ("9-9", "unknown"),
            ("x", "unknown"),
        }
        whole = await api.post("/v1/dead/retry", json={"all": True})
        assert (whole["batch"], whole["retried"], len(whole["rejected"])) == (None, [], 2)


async def test_an_entry_that_is_no_letter_is_shown_as_far_as_it_goes(redis_url: str):
    async with serving(redis_url) as api:
        stream = api.world.keys.stream("dead")
        for data in ("[]", "no JSON", '{"url": 7, "unit": {}}', '{"url": "news", "stage": "fetch"}'):
            api.world.redis.xadd(stream, {"data": data, "time": b"\xff"})
        assert len((await api.get("/v1/dead"))["dead"]) == 4
        answer = await api.post("/v1/dead/retry", json={"all": True})
        assert (answer["retried"], len(answer["rejected"])) == ([], 4)


@pytest.mark.parametrize(
    "body", [{}, {"ids": []}, {"ids": ["1-1"], "all": True}, {"ids": "1-1"}, {"every": True}]
)
async def test_a_retry_names_letters_or_all(redis_url: str, body: Any):
    async with serving(redis_url) as api:
        assert (await api.post("/v1/dead/retry", 422, json=body))["errors"]


# --- metrics ---


async def test_metrics_are_what_prometheus_reads(redis_url: str):
    async with serving(redis_url) as api:
        take_in(api.world, listing("Aster"), urls=[f"{A}/1"])
        await api.get("/v1/nothing", 404)
        async with api.client.get("/metrics") as answer:
            assert answer.content_type == "text/plain"
            text = await answer.text()
        families = {family.name: family for family in text_string_to_metric_families(text)}
        for metric in METRICS:
            assert families[metric.name].type == metric.kind.value, metric.name
            assert families[metric.name].documentation == metric.about
            assert all(
                metric.labels == tuple(s.labels)
                for s in families[metric.name].samples
                if metric.kind is Kind.GAUGE
            )
        values = {(s.name, *s.labels.values()): s.value for f in families.values() for s in f.samples}
        assert values["rq_jobs", f"{api.world.jobs.queue('normalize').name}", "queued"] == 1
        assert values["wireroom_units", "normalizing"] == values["wireroom_units", "waiting"] == 1
        assert values["wireroom_http_requests_total", "GET", "none", "404"] == 1
        assert values["wireroom_redis_up",] == 1
        assert values["wireroom_redis_memory_bytes",] > 0
        stats = await api.get("/v1/stats")
        assert sum(v for k, v in values.items() if k[0] == "wireroom_units") == stats["accepted"]
