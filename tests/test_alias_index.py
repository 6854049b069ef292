"""The alias index on a real server: what is published counts once, for all workers, and leaves in time."""

from __future__ import annotations

import random
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from soundness import check_sound
from workshop import enricher, listing, make_world, normalize, take_in

from wireroom.adapters.alias_index import MOST_OF_AN_ALIAS, MOST_SPELLINGS, AliasIndex
from wireroom.adapters.ids import now_ms
from wireroom.adapters.keys import Keys
from wireroom.adapters.listing import Listing
from wireroom.adapters.rebuilding import rebuild
from wireroom.adapters.steps import Step
from wireroom.namesearch import sought
from wireroom.records import Stage, State

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import redis

    from wireroom.draft import Draft
    from wireroom.world import World

DAY_MS = 86_400_000
PLACES = {"Norway", "Oslo", "Chile", "Santiago"}
NAME = re.compile(r"[A-Z][\w.'-]*(?: [A-Z][\w.'-]*)*")

PUBLISHER = """
import sys
sys.path.insert(0, sys.argv[2])
from workshop import make_world
world = make_world(sys.argv[1], enrich=("entities",))
print("ready", flush=True)
for uid in sys.argv[3:]:
    world.publisher.publish([uid])
    print(uid, flush=True)
"""


@pytest.fixture
def world(redis_url: str) -> Iterator[World]:
    made = make_world(redis_url, enrich=("entities",))
    yield made
    made.redis.close()


def entities(text: str) -> list[dict[str, Any]]:
    """Every run of capitalised words is a person, or a place that is one."""
    found: dict[str, list[list[int]]] = {}
    for match in NAME.finditer(text):
        found.setdefault(match[0], []).append([match.start(), match.end()])
    return [
        {"name": name, "type": "place" if name in PLACES else "person", "count": len(at), "mentions": at, "wikidata": None}
        for name, at in found.items()
    ]  # fmt: skip


def tag(drafts: Sequence[Draft]) -> Iterator[dict[str, Any]]:
    for draft in drafts:
        yield {"data": {"entities": entities(draft.text), "warnings": []}, "seconds": 0.0}


def ready(world: World, *texts: str, batch: str = "b1") -> list[str]:
    """Units with everything but the publishing done; the texts are of lines of names."""
    listings = [listing(f"{batch}-{at}", f"{text}\n\n{batch} {at}\n") for at, text in enumerate(texts)]
    uids = take_in(world, *listings, batch=batch)
    normalize(world, *uids)
    for held in world.ledger.take(Stage.ENTITIES, uids):
        (draft,) = world.publisher.drafts([held.uid])
        assert draft is not None
        work = enricher(world, tag, Stage.ENTITIES)
        ((_, step),) = work.results([held])
        assert world.ledger.commit([step])[0].zero
    return uids


def publish(world: World, *texts: str, batch: str = "b1") -> list[list[str]]:
    """Publish texts as one batch; the names of each document as it was published."""
    uids = ready(world, *texts, batch=batch)
    assert world.publisher.publish(uids) == len(uids)
    return [[e["name"] for e in kept(world, uid)["entities"]] for uid in uids]


def kept(world: World, uid: str) -> dict[str, Any]:
    revision = world.store.revision(world.ledger.unit(uid)["document"])
    assert revision is not None
    data: dict[str, Any] = revision["data"]
    return data


def dump(client: redis.Redis, keys: Keys) -> dict[str, dict[str, str]]:
    """The aliases: documents with their names, spellings with the name that is shown."""
    prefix = keys.alias("")
    return {
        key.decode().removeprefix(prefix): {
            field.decode(): value.decode().rpartition("\t")[2] for field, value in client.hgetall(key).items()
        }
        for key in client.scan_iter(match=f"{prefix}*")
    }


def check_whole(world: World) -> None:
    """The index is what the published documents make anew."""
    ids = [did for did, _ in reversed(world.store.listed(before=None, since=None, count=10_000))]
    documents = [(revision["data"], now_ms()) for did in ids if (revision := world.store.revision(did))]
    other = Keys("again:")
    AliasIndex(world.redis, other, window_days=14).rebuild(documents, world.ledger)
    assert dump(world.redis, other) == dump(world.redis, world.keys)
    AliasIndex(world.redis, other, window_days=14).forget()


def test_a_batch_sees_what_stands_before_in_it(world: World):
    names = publish(
        world,
        "Viktor Sedov in Norway, in Oslo",
        "Sedov in Norway, in Oslo",
        "Viktor Sedov in Norway",
        "Sedov in Chile",
        "Clara Sedov and Viktor Sedov and Sedov in Norway",
    )
    assert names == [
        ["Viktor Sedov", "Norway", "Oslo"],
        ["Viktor Sedov", "Norway", "Oslo"],
        ["Viktor Sedov", "Norway"],
        ["Sedov", "Chile"],
        ["Clara Sedov", "Viktor Sedov", "Sedov", "Norway"],
    ]
    check_whole(world)
    check_sound(world)


def test_the_event_says_what_joined_a_name(world: World):
    uids = ready(world, "Viktor Sedov in Norway, in Oslo", "Sedov in Norway, in Oslo")
    world.publisher.publish(uids)
    first, second = kept(world, uids[0]), kept(world, uids[1])
    assert [entity["joined"] for entity in first["entities"]] == [None, None, None]
    assert second["entities"][0]["joined"] == {
        "from": "Sedov",
        "type": "person",
        "by": "index",
        "documents": 1,
    }
    assert second["text"][:5] == "Sedov"
    assert second["entities"][0]["mentions"] == [[0, 5]]


def test_any_form_of_a_name_finds_all_its_documents(world: World):
    publish(world, "Viktor Sedov in Norway, in Oslo", "Sedov in Norway, in Oslo", "Ida Brask in Chile")
    page = Listing(world.client, world.keys).page
    for asked, number in (
        ("Sedov", 2),
        ("viktor sedov", 2),
        ("President Sedov", 2),
        ("Brask", 1),
        ("Larsen", 0),
    ):
        assert len(page({"entity": sought(asked)}, limit=9).items) == number, asked


def test_published_twice_it_counts_once(world: World):
    uids = ready(world, "Viktor Sedov in Norway", "Ida Brask in Norway")
    assert world.publisher.publish(uids) == 2
    before = dump(world.redis, world.keys)
    assert world.publisher.publish(uids) == 0
    ready(world, "Viktor Sedov in Norway", batch="b1")  # the same bytes
    assert world.ledger.stats()["unchanged"] == 1
    assert dump(world.redis, world.keys) == before
    check_whole(world)


def test_a_step_that_is_refused_tells_the_index_nothing(world: World):
    (uid,) = ready(world, "Viktor Sedov in Norway")
    (frozen,) = world.ledger.take(Stage.PUBLISH, [uid])
    (draft,) = world.publisher.drafts([uid])
    assert draft is not None
    results = {"entities": {"data": {"entities": entities("Igor Falk in Chile"), "warnings": []}}}
    step = world.publisher._step(frozen, draft, results, "")  # noqa: SLF001 - the step it held when it froze
    world.redis.zadd(world.keys.tasks, {f"publish:{uid}": 1})
    assert world.publisher.publish([uid]) == 1
    assert not world.ledger.commit([step])[0].done
    assert "p:falk" not in dump(world.redis, world.keys)
    check_whole(world)


def test_two_that_spell_a_new_name_at_once_agree(redis_url: str):
    worlds = [make_world(redis_url, enrich=("entities",)) for _ in range(2)]
    for number in range(12):
        surname = f"H{'aeiou'[number % 5]}l{'bdk'[number % 3]}en"
        spelt = (f"Volodymyr {surname}skyy in Norway", f"Volodymyr {surname}sky in Norway")
        uids = ready(worlds[0], *spelt, batch=f"b{number}")
        barrier = threading.Barrier(2, timeout=30)

        def work(at: int, uid: str, barrier: threading.Barrier = barrier) -> None:
            barrier.wait()
            assert worlds[at].publisher.publish([uid]) == 1

        threads = [threading.Thread(target=work, args=pair) for pair in enumerate(uids)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len({kept(worlds[0], uid)["entities"][0]["name"] for uid in uids}) == 1
    check_whole(worlds[0])
    check_sound(worlds[0])
    for world in worlds:
        world.redis.close()


def test_a_name_spelt_first_by_others_is_looked_at_again(world: World):
    index = world.alias_index
    one, two = (
        {"id": f"{at:016x}", "title": None, "text": text, "entities": entities(text), "sameness": {"story": None}}
        for at, text in enumerate(("Volodymyr Halenskyy", "Volodymyr Halensky"))
    )  # fmt: skip
    first, second = index.name(one), index.name(two)
    assert world.ledger.commit([Step(first.conditions, first.commands)])[0].done
    assert not world.ledger.commit([Step(second.conditions, second.commands)])[0].done
    again = index.name(two)
    assert again.entities[0]["name"] == "Volodymyr Halenskyy"
    assert again.conditions == []


@pytest.mark.long
def test_killed_at_any_point_the_index_is_what_was_published(redis_url: str):
    world = make_world(redis_url, enrich=("entities",), lease=2)
    people = [
        "Viktor Sedov",
        "Ida Brask",
        "Sedov",
        "Clara Sedov",
        "Brask",
        "Volodymyr Halenskyy",
        "Volodymyr Halensky",
    ]
    rng = random.Random(5)
    texts = [f"{rng.choice(people)} and {rng.choice(people)} in Norway, in Oslo, {at}" for at in range(30)]
    uids = ready(world, *texts)
    waiting = uids
    for _ in range(3):
        command = [sys.executable, "-c", PUBLISHER, redis_url, str(Path(__file__).parent), *waiting]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            for _ in range(rng.randint(2, 8)):
                assert process.stdout.readline()
            end = time.perf_counter() + random.random() / 500
            while time.perf_counter() < end:
                pass
            process.kill()
        check_whole(world)
        waiting = [uid for uid in uids if world.ledger.unit(uid)["state"] == State.ENRICHING]
        assert waiting
        # What the dead one held is overdue.
        for task in world.redis.zrange(world.keys.tasks, 0, -1):
            world.redis.zadd(world.keys.tasks, {task: now_ms() - 1})
    while world.ledger.stats()["waiting"]["enriching"]:
        for task in world.redis.zrange(world.keys.tasks, 0, -1):
            world.redis.zadd(world.keys.tasks, {task: now_ms() - 1})
        world.sweeper.sweep()
    assert world.ledger.stats()["published"] == len(uids)
    check_whole(world)
    check_sound(world)


def test_workers_and_orders_agree_on_who_is_who(redis_url: str):
    """However many publish, in whatever order: nobody is joined with somebody else, few keep a surname."""
    worlds = [make_world(redis_url, enrich=("entities",)) for _ in range(3)]
    texts = [f"Viktor Sedov in Norway, in Oslo, {at}" for at in range(6)]
    texts += [f"Clara Sedov in Chile, in Santiago, {at}" for at in range(6)]
    texts += [
        f"Sedov in {place}, {at}" for at in range(6) for place in ("Norway, in Oslo", "Chile, in Santiago")
    ]
    rng = random.Random(3)
    for number in range(3):
        worlds[0].alias_index.forget()
        rng.shuffle(texts)
        uids = ready(worlds[0], *texts, batch=f"b{number}")
        parts = [uids[at::3] for at in range(3)]
        threads = [
            threading.Thread(target=one.publisher.publish, args=(part,))
            for one, part in zip(worlds, parts, strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        named = Counter[tuple[str, str]]()
        for uid in uids:
            person, country, *_ = (entity["name"] for entity in kept(worlds[0], uid)["entities"])
            named[person, country] += 1
        assert {pair for pair in named if pair[0] != "Sedov"} == {
            ("Viktor Sedov", "Norway"),
            ("Clara Sedov", "Chile"),
        }
        assert named["Sedov", "Norway"] + named["Sedov", "Chile"] <= 8
        assert named.total() == len(texts)
    for world in worlds:
        world.redis.close()


def data(number: int, text: str) -> dict[str, Any]:
    return {
        "id": f"{number:016x}",
        "title": None,
        "text": text,
        "entities": entities(text),
        "sameness": {"story": None},
    }


def tell(world: World, index: AliasIndex, number: int, text: str, at: int | None = None) -> list[str]:
    named = index.name(data(number, text), at)
    assert world.ledger.commit([Step(named.conditions, named.commands)])[0].done
    return [entity["name"] for entity in named.entities]


def test_a_new_revision_takes_the_place_of_the_old_one(world: World):
    index = world.alias_index
    tell(world, index, 1, "Viktor Sedov and Ida Brask in Norway, in Oslo")
    tell(world, index, 1, "Ida Brask in Norway, in Oslo")
    aliases = dump(world.redis, world.keys)
    assert f"{1:016x}" not in aliases["p:sedov"]
    assert aliases["p:brask"][f"{1:016x}"] == "Ida Brask"
    assert tell(world, index, 2, "Sedov in Norway, in Oslo")[0] == "Sedov"
    tell(world, index, 1, "in Oslo")
    assert world.redis.zcard(world.keys.alias_times) == 0
    assert not world.redis.exists(world.keys.alias_document(f"{1:016x}"))


def test_a_document_is_no_evidence_of_itself(world: World):
    index = world.alias_index
    tell(world, index, 1, "Viktor Sedov in Norway, in Oslo")
    assert tell(world, index, 1, "Sedov in Norway, in Oslo")[0] == "Sedov"


def test_what_is_over_the_window_is_forgotten(world: World):
    index = world.alias_index
    now = now_ms()
    tell(world, index, 1, "Viktor Sedov in Norway, in Oslo", now - 15 * DAY_MS)
    tell(world, index, 2, "Volodymyr Halenskyy in Norway", now - 16 * DAY_MS)
    end = time.monotonic() + 5
    while world.redis.exists(world.keys.alias_document(f"{1:016x}")) and time.monotonic() < end:
        pass
    assert tell(world, index, 3, "Sedov in Norway, in Oslo", now)[0] == "Sedov"
    assert tell(world, index, 4, "Volodymyr Halensky in Norway", now)[0] == "Volodymyr Halensky"
    assert world.redis.zrange(world.keys.alias_times, 0, -1) == [f"{4:016x}".encode()]


def test_every_key_expires_or_is_bounded(world: World):
    publish(world, "Viktor Sedov and Ida Brask in Norway")
    keys = [key.decode() for key in world.redis.scan_iter(match=f"{world.keys.ns}alias*")]
    assert len(keys) == 4
    for key in keys:
        assert world.redis.pttl(key) > 0 or key == world.keys.alias_times


def test_an_alias_keeps_its_newest_documents_and_spellings(world: World):
    index = world.alias_index
    most = MOST_OF_AN_ALIAS + MOST_OF_AN_ALIAS // 4 + 1
    now = now_ms()
    for number in range(150):
        given_name = f"{'BCDFGHKLMN'[number % 10]}{'aeiou'[number // 10 % 5]}{'rstnlm'[number // 50]}o"
        tell(world, index, number, f"{given_name} Sedov in Norway", now + number)
    fields = world.redis.hgetall(world.keys.alias("p:sedov"))
    documents = sorted(field.decode() for field in fields if not field.startswith(b"="))
    assert len(documents) <= most
    assert documents[-1] == f"{149:016x}"
    assert documents == [f"{150 - at:016x}" for at in range(len(documents), 0, -1)]
    assert len(fields) - len(documents) <= MOST_SPELLINGS + 1


def test_the_index_holds_no_more_than_its_budget(world: World):
    index = AliasIndex(world.redis, world.keys, window_days=14, max_documents=5)
    for number in range(20):
        tell(world, index, number, f"Viktor Sedov in Norway {number}", now_ms() + number)
    assert world.redis.zcard(world.keys.alias_times) <= 6
    assert len(list(world.redis.scan_iter(match=world.keys.alias_document("*")))) <= 6
    assert world.redis.exists(world.keys.alias_document(f"{19:016x}"))


def test_when_room_is_needed_the_oldest_leave(world: World):
    index = world.alias_index
    for number in range(6):
        tell(world, index, number, f"Viktor Sedov and Ida Brask in Norway {number}", now_ms() + number)
    assert index.let_go(4) == 4
    assert index.let_go(0) == 0
    left = {f"{4:016x}", f"{5:016x}"}
    aliases = dump(world.redis, world.keys)
    assert {field for field in aliases["p:sedov"] if not field.startswith("=")} == left
    assert {field for field in aliases["p:brask"] if not field.startswith("=")} == left
    assert index.let_go(9) == 2
    assert list(world.redis.scan_iter(match=world.keys.alias_document("*"))) == []


def test_a_rebuilt_index_is_the_same(world: World):
    publish(
        world,
        "Viktor Sedov in Norway, in Oslo",
        "Sedov in Norway, in Oslo",
        "Volodymyr Halenskyy",
        "Volodymyr Halensky",
    )
    before = dump(world.redis, world.keys)
    assert set(before) == {"p:sedov", "p:halensky"}
    documents = [
        (revision["data"], at)
        for did, at in reversed(world.store.listed(before=None, since=None, count=99))
        if (revision := world.store.revision(did))
    ]
    world.redis.set("another:key", "stays")
    assert world.alias_index.rebuild(documents, world.ledger) == 4
    assert dump(world.redis, world.keys) == before
    assert world.redis.get("another:key") == b"stays"
    assert publish(world, "Sedov in Norway, in Oslo", batch="b2") == [["Viktor Sedov", "Norway", "Oslo"]]


def test_the_command_rebuilds_it_with_the_other_index(world: World):
    publish(world, "Viktor Sedov in Norway, in Oslo", "Ida Brask in Norway")
    before = dump(world.redis, world.keys)
    world.alias_index.forget()
    assert dump(world.redis, world.keys) == {}
    assert rebuild(world).documents == 2
    assert dump(world.redis, world.keys) == before


def test_odd_data_keeps_its_own_names(world: World):
    broken = [{"name": "Sedov", "type": "person", "count": 1, "mentions": [[0]], "wikidata": None}]
    named = world.alias_index.name(data(1, "Sedov") | {"entities": broken})
    assert named.entities == [{**broken[0], "joined": None}]
    assert (named.conditions, named.commands) == ([], [])
