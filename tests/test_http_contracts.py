"""The contracts as files, held against what is really answered and written; and the pages for people."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from httpworld import STORM, file_draft, page_draft, place, publish, serving
from news_samples import BRIDGE
from schemacheck import faults
from test_http_rest import QUICK, fail
from workshop import lease

from wireroom.adapters.http.app import ROUTES
from wireroom.adapters.http.problems import CODES
from wireroom.adapters.sourceresults import SourceResults
from wireroom.adapters.sources import Sources
from wireroom.adapters.steps import Step
from wireroom.errors import FetchError, Reason
from wireroom.events import Event, Stream, Type
from wireroom.sources import source

if TYPE_CHECKING:
    from httpworld import Api

A = "http://larnevale.example"
PROBLEM = "application/problem+json"


async def test_the_contract_names_every_call_and_no_other(redis_url: str):
    async with serving(redis_url) as api:
        contract = await api.get("/openapi.json")
        assert contract["openapi"].startswith("3.1")
        named = {(method.upper(), path) for path, calls in contract["paths"].items() for method in calls}
        served = {
            (route.method, route.resource.canonical)
            for route in api.client.server.app.router.routes()
            if route.resource is not None and route.method != "HEAD"
        }
        assert named == served
        operations = [call for calls in contract["paths"].values() for call in calls.values()]
        ids = [operation["operationId"] for operation in operations]
        assert len(set(ids)) == len(ids)
        for operation in operations:
            assert operation["summary"].endswith(".")
            assert any(status.startswith("2") for status in operation["responses"])
        for path, calls in contract["paths"].items():
            for call in calls.values():
                in_path = {p["name"] for p in call["parameters"] if p["in"] == "path"}
                assert in_path == set(re.findall(r"{(\w+)}", path))


async def test_every_reference_of_the_contracts_leads_somewhere(redis_url: str):
    async with serving(redis_url) as api:
        for path in ("/openapi.json", "/asyncapi.json"):
            contract = await api.get(path)
            found = set(re.findall(r'"\$ref":"#/([^"]+)"', orjson.dumps(contract).decode()))
            assert found
            for reference in found:
                node = contract
                for part in reference.split("/"):
                    node = node[part]


class Tour:
    """Asks the API and holds each answer against the contract."""

    def __init__(self, api: Api, contract: dict[str, Any]) -> None:
        self.api = api
        self.contract = contract
        self.seen: set[tuple[str, str, int]] = set()

    async def ask(self, method: str, path: str, status: int, of: str | None = None, **options: Any) -> Any:
        template = of or path.partition("?")[0]
        async with self.api.client.request(method, path, **options) as answer:
            assert answer.status == status, await answer.text()
            responses = self.contract["paths"][template][method.lower()]["responses"]
            content = responses[str(status)]["content"]
            schema = content[answer.content_type]["schema"]
            told = (
                await answer.json(content_type=None) if "json" in answer.content_type else await answer.text()
            )
        assert list(faults(told, schema, self.contract)) == []
        self.seen.add((method, template, status))
        return told


async def test_what_is_answered_is_what_the_contract_says(redis_url: str):
    async with serving(redis_url, **QUICK) as api:
        tour = Tour(api, await api.get("/openapi.json"))
        text = STORM.format(urls=f"{A}/1, http://[::1")
        taken = await tour.ask(
            "POST", "/v1/documents", 202, json={"documents": [{"name": "a.txt", "text": text}]}
        )
        await tour.ask("POST", "/v1/documents", 422, json={"documents": [{"text": ""}]})
        await tour.ask("POST", "/v1/documents", 422, json={"documents": [{"txt": ""}]})
        await tour.ask("POST", "/v1/documents", 400, data=b"{", headers={"Content-Type": "application/json"})
        await tour.ask("POST", "/v1/documents", 415, data=b"x", headers={"Content-Type": "image/png"})
        await tour.ask("POST", "/v1/recrawls", 202, json={"urls": [f"{A}/1", "x"]})
        await tour.ask("POST", "/v1/recrawls", 202, json={"all": True, "dry_run": True})
        await tour.ask("POST", "/v1/recrawls", 422, json={})
        for crawl in lease(api.world):
            fail(api.world, crawl, Reason.TIMEOUT)
        await tour.ask("GET", f"/v1/urls?url={A}/1", 200)
        await tour.ask("GET", f"/v1/urls?url={A}/2", 404)
        await _of_hosts(tour)
        await _of_sources(tour)
        await tour.ask("GET", "/v1/dead", 200)
        await tour.ask("GET", "/v1/dead?limit=x", 422)
        await tour.ask("POST", "/v1/dead/retry", 202, json={"all": True})
        await tour.ask("POST", "/v1/dead/retry", 422, json={"ids": ["1-1"]})
        batch = f"/v1/batches/{taken['batch']}"
        await tour.ask("GET", batch, 200, "/v1/batches/{id}")
        await tour.ask("DELETE", batch, 200, "/v1/batches/{id}")
        await tour.ask("GET", "/v1/batches/x", 404, "/v1/batches/{id}")
        await tour.ask("DELETE", "/v1/batches/x", 404, "/v1/batches/{id}")
        await _of_documents(tour)
        await tour.ask("GET", "/v1/stats", 200)
        for path in ("/healthz", "/readyz", "/metrics", "/", "/docs", "/openapi.json", "/asyncapi.json"):
            await tour.ask("GET", path, 200)
        await tour.ask("GET", "/v1/events?stream=x", 422)
        visited = {(method, path) for method, path, _ in tour.seen}
        assert visited == {(route.method, route.path) for route in ROUTES}


async def _of_hosts(tour: Tour) -> None:
    host, template = "/v1/hosts/larnevale.example", "/v1/hosts/{host}"
    tour.api.world.frontier.keep_robots(A, "rules", b"", 60, 4.0, [f"{A}/news.xml"])
    await tour.ask("GET", "/v1/hosts", 200)
    await tour.ask("GET", "/v1/hosts?limit=x", 422)
    await tour.ask("GET", host, 200, template)
    await tour.ask("GET", "/v1/hosts/nowhere.example", 404, template)
    await tour.ask("PATCH", host, 200, template, json={"paused": True, "delay": 9, "pages_per_day": 3})
    await tour.ask("PATCH", host, 200, template, json={"paused": False, "delay": None, "pages_per_day": None})
    await tour.ask("PATCH", host, 422, template, json={})


async def _of_sources(tour: Tour) -> None:
    world, template = tour.api.world, "/v1/sources/{id}/ask"
    named = world.settings.model_copy(update={"sources_feeds": (source(f"{A}/rss"), source(f"{A}/atom"))})
    Sources(world.frontier, named).sync()
    (poll, _) = world.sources.lease(2)
    SourceResults(world.sources).failed(poll, poll.source.url, FetchError(Reason.TIMEOUT, "slow"), 1.0)
    await tour.ask("GET", "/v1/sources", 200)
    await tour.ask("POST", f"/v1/sources/{poll.source.id}/ask", 202, template)
    await tour.ask("POST", "/v1/sources/x/ask", 404, template)


async def _of_documents(tour: Tour) -> None:
    draft = page_draft(f"{A}/2", "Bridge", BRIDGE[0])
    story = place(tour.api.world, draft, names=["Larne Vale"])
    did = publish(tour.api.world, page_draft(f"{A}/2", "Bridge", BRIDGE[1]), story=story, day="2031-05-04")[
        "id"
    ]
    publish(tour.api.world, file_draft("Something happened.", "a.txt"))
    await tour.ask("GET", "/v1/documents?limit=1", 200)
    await tour.ask("GET", "/v1/documents?since=x", 422)
    await tour.ask("GET", f"/v1/documents/{did}", 200, "/v1/documents/{id}")
    await tour.ask("GET", f"/v1/documents/{did}?revision=1", 200, "/v1/documents/{id}")
    await tour.ask("GET", f"/v1/documents/{did}", 200, "/v1/documents/{id}", headers={"Accept": "text/plain"})
    await tour.ask("GET", f"/v1/documents/{did}?revision=x", 422, "/v1/documents/{id}")
    await tour.ask("GET", f"/v1/documents/{did}/revisions", 200, "/v1/documents/{id}/revisions")
    await tour.ask("GET", f"/v1/documents/{did}/diff", 200, "/v1/documents/{id}/diff")
    await tour.ask("GET", "/v1/documents/x/diff", 404, "/v1/documents/{id}/diff")
    await tour.ask("GET", "/v1/stories", 200)
    await tour.ask("GET", "/v1/stories?cursor=x", 422)
    await tour.ask("GET", f"/v1/stories/{story}", 200, "/v1/stories/{id}")
    await tour.ask("GET", "/v1/stories/x", 404, "/v1/stories/{id}")


async def test_every_problem_is_named_in_the_contract(redis_url: str):
    async with serving(redis_url) as api:
        contract = await api.get("/openapi.json")
        told = orjson.dumps(contract["paths"]).decode()
        anywhere = {"method_not_allowed", "expectation_failed"}
        assert {code for code in CODES if f"`{code}`" not in told} <= anywhere


# --- the streams ---


async def test_the_streams_contract_names_every_type_on_its_stream(redis_url: str):
    async with serving(redis_url, namespace="desk:") as api:
        contract = await api.get("/asyncapi.json")
        assert contract["asyncapi"].startswith("3.")
        channels = contract["channels"]
        assert {name: channel["address"] for name, channel in channels.items()} == {
            stream.value: f"desk:{stream}" for stream in Stream
        }
        messages = contract["components"]["messages"]
        assert sorted(message["name"] for message in messages.values()) == sorted(Type)
        for name, channel in channels.items():
            types = {messages[key]["name"] for key in channel["messages"]}
            assert types == {kind.value for kind in Type if kind.stream == name}


async def test_what_is_written_is_what_the_streams_contract_says(redis_url: str):
    async with serving(redis_url, **QUICK) as api:
        world = api.world
        publish(world, page_draft(f"{A}/1", "Bridge", BRIDGE[0]), names=["Larne Vale"], day="2031-05-04")
        publish(world, page_draft(f"{A}/1", "Bridge", BRIDGE[1]), story="ab" * 8)
        publish(world, file_draft(STORM.format(urls=f"{A}/2"), "storm.txt"))
        await api.post("/v1/recrawls", json={"urls": [f"{A}/3"]})
        (crawl,) = lease(world)
        fail(world, crawl, Reason.TIMEOUT)
        await api.post("/v1/recrawls", json={"urls": [f"{A}/3"]})
        (crawl,) = lease(world)
        fail(world, crawl, Reason.ROBOTS_DENIED)
        draft = page_draft(f"{A}/4", "Bridge", BRIDGE[2])
        place(world, draft)
        story = (await api.get("/v1/stories"))["stories"][0]
        events = [Event(Type.STORY_CREATED, story["id"], "1", world.streams.source, datetime.now(UTC), story)]
        assert world.ledger.commit([Step((), [world.streams.entry(event) for event in events])])[0].done
        contract = await api.get("/asyncapi.json")
        messages = {message["name"]: message for message in contract["components"]["messages"].values()}
        seen = set()
        for stream in Stream:
            for _, fields in world.client.xrange(world.keys.stream(stream)):
                entry = {name.decode(): value.decode() for name, value in fields.items()}
                payload = messages[entry["type"]]["payload"]
                assert list(faults(entry, payload, contract)) == []
                data = orjson.loads(entry["data"])
                assert list(faults(data, payload["properties"]["data"]["contentSchema"], contract)) == []
                seen.add(entry["type"])
        assert seen == {
            "document.created",
            "document.updated",
            "story.created",
            "fetch.failed",
            "fetch.refused",
            "dead.letter",
        }


def test_what_does_not_fit_a_schema_is_found():
    root = {"$defs": {"N": {"type": "integer", "minimum": 1}}}
    schema = {
        "type": "object",
        "required": ["n"],
        "properties": {"n": {"anyOf": [{"$ref": "#/$defs/N"}, {"type": "null"}]}},
    }
    assert list(faults({"n": None}, schema, root)) == list(faults({"n": 1, "m": 2}, schema, root)) == []
    for wrong in ({}, {"n": 0}, {"n": "1"}, {"n": True}, []):
        assert len(list(faults(wrong, schema, root))) == 1
    with pytest.raises(KeyError):
        list(faults(1, {"multipleOf": 2}, root))


# --- the pages ---


@pytest.mark.parametrize("path", ["/", "/docs"])
async def test_a_page_is_whole_in_itself(redis_url: str, path: str):
    async with serving(redis_url) as api, api.client.get(path) as answer:
        assert (answer.status, answer.content_type) == (200, "text/html")
        policy, page = answer.headers["Content-Security-Policy"], await answer.text()
        # A namespace is a name; nothing is loaded from it.
        assert not re.search(r"""https?://|["'`(=]//""", page.replace("http://www.w3.org/2000/svg", ""))
        assert not re.search(r"\b(src|srcset|action|style|on[a-z]+)=", page)
        assert "innerHTML" not in page
        links = re.findall(r'href="([^"]*)"', page)
        assert links
        for link in links:
            await api.get(link)
        for kind in ("style", "script"):
            inside = re.findall(f"<{kind}>(.*?)</{kind}>", page, re.DOTALL)
            assert len(inside) == 1
            digest = base64.b64encode(hashlib.sha256(inside[0].encode()).digest()).decode()
            assert f"{kind}-src 'sha256-{digest}'" in policy
        for rule in ("default-src 'none'", "connect-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"):
            assert rule in policy
