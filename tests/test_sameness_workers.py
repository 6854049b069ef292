"""The index of sameness under several workers, killed ones, and as time goes by."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import redis
from indexes import KEYS, check_whole, dump, index_of, item, memberships, mixed, place_all
from news_samples import BRIDGE, CHEESE, COMET, UNRELATED, article, invented_words

from wireroom.adapters.keys import Keys
from wireroom.adapters.sameness_index import SamenessIndex
from wireroom.placement import Placement
from wireroom.sameness import words_of
from wireroom.terms import count

PLACER = """
import sys
sys.path.insert(0, sys.argv[2])
import redis
from indexes import index_of, mixed
index = index_of(redis.Redis.from_url(sys.argv[1], protocol=2))
for item in mixed():
    index.place(item)
    print(item.id, flush=True)
"""


@pytest.fixture
def index(redis_client: redis.Redis) -> SamenessIndex:
    return index_of(redis_client)


def test_two_copies_at_once_find_each_other(redis_url: str):
    clients = [redis.Redis.from_url(redis_url, protocol=2) for _ in range(4)]
    barrier = Barrier(4, timeout=30)

    def work(at: int) -> list[dict[str, Any]]:
        index, found = index_of(clients[at]), []
        for number, text in enumerate([*BRIDGE, *CHEESE, *COMET, *UNRELATED]):
            barrier.wait()
            found.append(index.place(item(number * 4 + at, text)).data)
        return found

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(work, range(4)))
    for copies in zip(*results, strict=True):
        assert sum(found["exact_of"] is None for found in copies) == 1
        assert sorted(
            len([near for near in found["near"] if near["similarity"] == 1]) for found in copies
        ) == [0, 1, 2, 3]
    assert len(memberships(index_of(clients[0]))) == 44
    assert all(len(stories) == 1 for stories in memberships(index_of(clients[0])).values())
    check_whole(clients[0])
    for client in clients:
        client.close()


def test_several_workers_agree(redis_url: str):
    items = mixed()

    def work(at: int) -> None:
        with redis.Redis.from_url(redis_url, protocol=2) as client:
            index, order = index_of(client), items[:]
            random.Random(at).shuffle(order)
            for one in order:
                index.place(one)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    with redis.Redis.from_url(redis_url, protocol=2) as client:
        check_whole(client)
        counted = [one for one in items if count(words_of(one.text)).full]
        told = memberships(index_of(client))
        assert all(len(stories) == 1 for stories in told.values())
        assert int(client.hget(KEYS.sameness_state, "documents") or 0) == len(
            [one for one in counted if len(set(words_of(one.text))) >= 10]
        )
        assert [index_of(client).place(one).data["story"] is None for one in items] == [
            one.id not in told for one in items
        ]


def test_killed_at_any_point_and_placed_again_is_the_same(redis_client: redis.Redis, redis_url: str):
    items, rng = mixed(), random.Random()
    undisturbed = [index_of(redis_client).place(one) for one in items]
    expected = dump(redis_client)
    redis_client.flushall()
    for lines in sorted(rng.sample(range(1, len(items) - 1), 5)):
        command = [sys.executable, "-c", PLACER, redis_url, str(Path(__file__).parent)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            for _ in range(lines):
                assert process.stdout.readline()
            end = time.perf_counter() + rng.random() / 500
            while time.perf_counter() < end:
                pass
            process.kill()
    index = index_of(redis_client)
    assert [index.place(one) for one in items] == undisturbed
    assert dump(redis_client) == expected


def test_the_overdue_leave_and_take_everything_along(index: SamenessIndex, redis_client: redis.Redis):
    for number, text in enumerate([*BRIDGE, *CHEESE]):
        index.place(item(number, text))
    for number, text in enumerate(UNRELATED, start=100):
        index.place(item(number, text, after=timedelta(days=20)))
    assert redis_client.zcard(KEYS.sameness_times) == 2
    assert redis_client.zcard(KEYS.sameness_stories) == 2
    check_whole(redis_client)
    again = index.place(item(200, BRIDGE[0], after=timedelta(days=20, hours=1)))
    assert again.data["exact_of"] is None
    assert again.data["near"] == []


def test_the_index_holds_no_more_than_its_budget(redis_client: redis.Redis):
    index = index_of(redis_client, max_documents=10)
    vocabulary = invented_words(500, random.Random(2))
    for number in range(40):
        index.place(item(number, article(80, number, vocabulary)))
    assert redis_client.zcard(KEYS.sameness_times) <= 11
    check_whole(redis_client)


def test_removed_documents_leave_nothing(index: SamenessIndex, redis_client: redis.Redis):
    items = mixed()
    for one in items:
        index.place(one)
    for one in items:
        index.remove(one.id)
        check_whole(redis_client)
    assert index.remove(items[0].id) == ()
    assert list(redis_client.scan_iter()) == [KEYS.sameness_state.encode()]
    assert redis_client.hget(KEYS.sameness_state, "documents") == b"0"


def test_removing_a_member_tells_its_story(index: SamenessIndex):
    story = place_all(index, BRIDGE)[0]["story"]["id"]
    (event,) = index.remove(f"{2:016x}")
    assert (event.type, event.story, event.data["size"]) == ("story.updated", story, 3)
    assert f"{2:016x}" not in event.data["members"]


def test_a_rebuilt_index_is_the_same(index: SamenessIndex, redis_client: redis.Redis):
    found = index.rebuild(mixed())
    assert {did: [sid] for did, sid in found.items() if sid} == memberships(index)
    before = dump(redis_client)
    redis_client.set("another:key", "stays")
    assert index.rebuild(mixed()) == found
    assert redis_client.get("another:key") == b"stays"
    redis_client.delete("another:key")
    assert dump(redis_client) == before


def told(placement: Placement) -> dict[str, Any]:
    """What was found out, without what rounding may change."""
    story = placement.data["story"]
    return placement.data | {"story": story and (story["id"], story["size"])}


@pytest.mark.parametrize("size", [2, 7, 60])
def test_a_batch_is_as_one_after_the_other(index: SamenessIndex, redis_client: redis.Redis, size: int):
    items = [*mixed(), item(3, CHEESE[0], after=timedelta(hours=2)), *mixed()[:2]]
    one_by_one = [index.place(one) for one in items]
    alone = memberships(index)
    redis_client.flushall()
    fresh = index_of(redis_client)
    batched = [
        found for at in range(0, len(items), size) for found in fresh.place_many(items[at : at + size])
    ]
    assert [told(found) for found in batched] == [told(found) for found in one_by_one]
    assert memberships(fresh) == alone
    check_whole(redis_client)


def test_batches_of_several_workers_agree(redis_url: str):
    items = mixed()

    def work(at: int) -> None:
        with redis.Redis.from_url(redis_url, protocol=2) as client:
            order = items[:]
            random.Random(at).shuffle(order)
            index_of(client).place_many(order)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    with redis.Redis.from_url(redis_url, protocol=2) as client:
        check_whole(client)
        found = memberships(index_of(client))
        assert all(len(stories) == 1 for stories in found.values())
        assert [placed.data["story"] is None for placed in index_of(client).place_many(items)] == [
            one.id not in found for one in items
        ]


def test_forgetting_deletes_all_keys_of_one_namespace_only(redis_client: redis.Redis):
    odd, other = index_of(redis_client, Keys("w[a]*:")), index_of(redis_client, Keys("wa:"))
    odd.place(item(1, BRIDGE[0]))
    other.place(item(1, BRIDGE[0]))
    odd.forget()
    assert all(key.startswith(b"wa:") for key in redis_client.scan_iter())
    assert len(other.stories()[0]) == 1
