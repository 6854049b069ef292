"""Redis near its memory budget: nothing more is taken in, everything accepted ends, and afterwards all is as before."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from httpworld import file_draft, place, publish
from localweb import LocalWeb
from soundness import check_sound
from waiting import until
from workshop import enrich, lease, listing, make_world, normalize, take_in

from wireroom.adapters.embedded import EmbeddedServer
from wireroom.adapters.store import Store
from wireroom.document import document_id
from wireroom.events import Stream
from wireroom.records import Listing, State
from wireroom.settings import Settings
from wireroom.world import World

if TYPE_CHECKING:
    from pathlib import Path

    from localweb import Site

PAGES = 1000
TEXT = "The council of ward {n} voted on bill {n}. " * 12


def used(world: World) -> int:
    return int(world.client.info("memory")["used_memory"])


def long_text(seed: int) -> str:
    """20,000 characters that no packing makes small."""
    return " ".join(f"{word:06x}" for word in random.Random(seed).sample(range(2**24), 3000))


def ended(world: World, count: int) -> list[str]:
    """So many documents that came in and were published; the units' ids."""
    texts = [f"date 2031-05-04\n\nStory {n}.\n\n{long_text(n)}\n" for n in range(count)]
    uids = take_in(world, *(listing(str(n), text) for n, text in enumerate(texts)))
    normalize(world, *uids)
    enrich(world, *uids)
    return uids


def tight(redis_url: str, world: World, part: float, **settings: Any) -> World:
    """The same world, of whose budget this part is used now."""
    return make_world(redis_url, memory_budget=int(used(world) / part), **settings)


# --- what is let go ---


def test_with_room_nothing_is_let_go(redis_url: str):
    world = make_world(redis_url)
    ended(world, 60)
    world.redis.set("ballast", b"x" * 20_000_000)  # beside which the buffers of connections are nothing
    assert world.relieve() == 0
    assert tight(redis_url, world, 0.7).relieve() == 0
    assert world.ledger.stats()["published"] == 60


def test_nearly_full_the_oldest_of_what_has_ended_is_let_go(redis_url: str):
    world = make_world(redis_url)
    done = ended(world, 120)
    open_units = take_in(world, listing("open"), urls=["http://a.example/1"], batch="b2")
    full = tight(redis_url, world, 0.99)
    assert full.relieve() > 0
    left = full.ledger.stats()
    assert 0 <= left["published"] < 120
    assert left["waiting"]["normalizing"] == left["waiting"]["waiting"] == 1
    assert all(full.ledger.unit(uid) for uid in open_units)
    assert full.ledger.unit(done[0]) == {}
    check_sound(full)
    normalize(full, open_units[0])
    enrich(full, open_units[0])
    assert full.ledger.unit(open_units[0])["state"] == State.PUBLISHED


def test_entries_that_were_let_go_are_in_the_files(redis_url: str, tmp_path: Path):
    world = make_world(redis_url)
    ended(world, 60)
    before = [position.decode() for position, _ in world.client.xrange(world.keys.stream(Stream.DOCUMENTS))]
    full = tight(redis_url, world, 0.99, segments=str(tmp_path), stream_max=1000, stream_budget=2**20)
    full.redis.xgroup_create(full.keys.stream(Stream.DOCUMENTS), "desk", "0")
    full.relieve()
    stream = [position.decode() for position, _ in full.client.xrange(full.keys.stream(Stream.DOCUMENTS))]
    assert full.segments is not None
    files = [kept.position for kept in full.segments.read("documents", "0-0", "99999999999999-0")]
    assert files + stream == before


def test_a_document_whose_event_is_unread_keeps_its_revision(redis_url: str):
    world = make_world(redis_url)
    for n in range(60):
        publish(world, file_draft(TEXT.format(n=n), f"{n}.txt"))
    world.redis.xgroup_create(world.keys.stream(Stream.DOCUMENTS), "desk", "0")
    tight(redis_url, world, 0.99).relieve()
    assert world.client.zcard(world.keys.documents) == 60
    world.redis.xgroup_destroy(world.keys.stream(Stream.DOCUMENTS), "desk")
    tight(redis_url, world, 0.99).relieve()
    assert world.client.zcard(world.keys.documents) < 60


def test_after_a_revision_was_let_go_the_numbers_go_on(redis_url: str):
    world = make_world(redis_url)

    def told(name: str) -> tuple[str, int | None, int | None]:
        text = f"date 2031-05-04\n\n{name}.\n"
        (uid,) = take_in(
            world, Listing(f"{name}.txt", document_id("the same"), text, "dated", ()), batch=name
        )
        normalize(world, uid)
        enrich(world, uid)
        head = world.store.head(document_id("the same"))
        *_, event = (event for _, event in world.streams.read(Stream.DOCUMENTS, "0", count=100))
        assert head is not None
        return world.ledger.unit(uid)["state"], head.revision, event.data["previous_revision"]

    assert told("one") == ("published", 1, None)
    assert world.store.let_go(None, 10) == 1
    assert world.store.revision(document_id("the same")) is None
    assert world.store.listed(before=None, since=None, count=10) == []
    assert told("one") == ("unchanged", 1, None)
    assert told("two") == ("published", 2, 1)
    kept = world.store.revision(document_id("the same"))
    assert kept is not None
    assert kept["data"]["changes"] is None
    check_sound(world)


def test_a_document_that_changes_meanwhile_is_not_let_go(redis_url: str):
    world = make_world(redis_url)
    draft = file_draft(TEXT, "a.txt")
    publish(world, draft)

    class Racing(Store):
        """Somebody publishes while it is looked what there is to drop."""

        def revision(self, did: str, number: int | None = None) -> dict[str, Any] | None:
            before = super().revision(did, number)
            publish(world, draft)
            return before

    assert Racing(world.client, world.keys, keep_documents=60).let_go(None, 10) == 0
    kept = world.store.revision(draft.id)
    assert kept is not None
    assert kept["data"]["revision"] == 2


def test_the_index_of_sameness_gets_smaller(redis_url: str):
    world = make_world(redis_url)
    for n in range(60):
        place(world, file_draft(f"Harbour master {n} of Larne Vale. {long_text(n)}", f"{n}.txt"))
    tight(redis_url, world, 0.99).relieve()
    left = world.client.zcard(world.keys.sameness_times)
    assert left < 60
    assert len(list(world.redis.scan_iter(match=world.keys.sameness_document("*")))) == left


def test_a_server_over_its_limit_is_relieved_too(tmp_path: Path):
    with EmbeddedServer(tmp_path / "redis", appendfsync="no") as server:
        world = make_world(server.endpoint.url, segments=str(tmp_path))
        ended(world, 120)
        world.redis.config_set("maxmemory", used(world) - 10_000)
        with pytest.raises(world.store_errors):
            take_in(world, listing("refused"), batch="b2")
        assert world.relieve() > 0
        take_in(world, listing("taken"), batch="b3")
        check_sound(world)


# --- what waits ---


def test_what_waits_is_fetched_one_by_one_when_it_is_what_fills_redis(redis_url: str):
    world = make_world(redis_url)
    take_in(world, urls=[f"http://{host}.example/" for host in "abc"])
    world.redis.set("ballast", b"x" * 20_000_000)  # beside which the buffers of connections are nothing
    full = tight(redis_url, world, 0.9)
    assert full.frontier.pressed()
    (crawl,) = lease(full)
    assert lease(full) == []
    full.frontier.put_back(crawl)
    assert lease(tight(redis_url, world, 0.99)) == []


# --- the whole service ---


class Service:
    """A whole `wireroom up` with a memory budget."""

    def __init__(self, data: Path, **environment: str) -> None:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("WIREROOM_")}
        self.data = data
        self.environment = {
            **clean,
            "WIREROOM_FETCH_ALLOW_PRIVATE": "127.0.0.0/8",
            "WIREROOM_FETCH_DELAY": "0",
        }
        self.environment |= {
            "WIREROOM_ENRICH": "dates",
            "WIREROOM_FETCH_CONTACT": "a@example.org",
        } | environment
        command = [sys.executable, "-m", "wireroom", "up", "--data", str(data), "--port", "0"]
        with (data.parent / "log.txt").open("ab") as log:
            self.process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        until(self.ready, 60)
        self.world = World(Settings(redis_url=self.info["redis_url"]))

    @property
    def info(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads((self.data / "service.json").read_text())
        return loaded

    def ready(self) -> bool:
        try:
            return bool(self.ask("/readyz")[0] == 200)
        except (OSError, ValueError, KeyError):
            return False

    def ask(self, path: str, body: object = None) -> tuple[int, Any, str | None]:
        """Status, body and Retry-After of an answer."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.info["api_url"] + path, data, {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, json.load(answer), None
        except urllib.error.HTTPError as error:
            return error.code, json.load(error), error.headers["Retry-After"]

    def stop(self) -> None:
        self.world.redis.close()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)


def settled(service: Service) -> dict[str, Any] | None:
    stats: dict[str, Any] = service.ask("/v1/stats")[1]
    return None if any(stats["waiting"].values()) else stats


@pytest.mark.long
@pytest.mark.timeout(300)
def test_through_a_time_of_pressure_everything_accepted_ends(tmp_path: Path):
    """Ballast takes the room from beside: POST says when to come again, pages wait; without it all goes on."""
    with LocalWeb() as web:
        site = web.site()
        for n in range(PAGES):
            site.page(f"/{n}", f"<html><article><h1>Bill {n}</h1><p>{TEXT.format(n=n)}</p></article></html>")
        budget = 40_000_000
        service = Service(tmp_path / "data", WIREROOM_MEMORY_BUDGET=str(budget))
        try:
            _press(service, site, budget)
        finally:
            service.stop()


def _press(service: Service, site: Site, budget: int) -> None:
    def document(n: int) -> dict[str, Any]:
        return {
            "documents": [
                {"name": f"{n}.txt", "text": f"{TEXT.format(n=n)}\n\nSources: {site.url(f'/{n}')}\n"}
            ]
        }

    redis = service.world.redis
    numbers = iter(range(PAGES))
    codes: Counter[int] = Counter()

    def post() -> bool:
        """Post a document that is new, with a page that is new."""
        status, _, again = service.ask("/v1/documents", document(next(numbers)))
        codes[status] += 1
        assert status == 202 or (status == 503 and int(again or 0) > 0)
        return status == 202

    def ballast(part: float) -> None:
        redis.set("ballast", b"x" * (int(part * budget) - used(service.world) + redis.strlen("ballast")))

    assert post()
    before = until(lambda: settled(service), 60)["accepted"]
    assert before == 2
    ballast(0.99)
    until(lambda: not post(), 30)
    pages = len(site.log)
    # Between the fetchers' limit and the API's: what is posted is taken in, and its page waits.
    ballast(0.885)
    until(post, 30)
    ballast(0.99)
    until(lambda: not post(), 30)
    waiting = service.world.ledger.stats()["waiting"]["waiting"]
    assert len(site.log) - pages + waiting >= 1
    assert codes[503] >= 2
    redis.delete("ballast")
    for _ in range(25):
        until(post, 30)
    stats = until(lambda: settled(service), 120)
    assert stats["failed"] == stats["refused"] == stats["cancelled"] == 0
    assert stats["accepted"] + stats["memory"]["let_go_units"] == 2 * codes[202]
    assert stats["memory"]["used"] < 0.75 * budget
    check_sound(service.world)
