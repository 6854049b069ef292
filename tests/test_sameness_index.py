"""The index of sameness on a real server: alone, with others, killed, and when time goes by."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest
import redis
from news_samples import BRIDGE, CHEESE, COMET, STORIES, UNRELATED, article, edits, invented_words

from wireroom.adapters.keys import Keys
from wireroom.adapters.sameness_index import SamenessIndex
from wireroom.document import parse
from wireroom.placement import Item
from wireroom.sameness import words_of
from wireroom.terms import count

if TYPE_CHECKING:
    from collections.abc import Iterable

KEYS = Keys("wireroom:")
FIRST = datetime(2026, 3, 2, 8, tzinfo=UTC)
DOCUMENTS = Path(__file__).parents[2] / "shared" / "documents"
PLACER = """
import sys
sys.path.insert(0, sys.argv[2])
import redis
from test_sameness_index import KEYS, mixed, index_of
index = index_of(redis.Redis.from_url(sys.argv[1], protocol=2))
for item in mixed():
    index.place(item)
    print(item.id, flush=True)
"""


def index_of(client: redis.Redis, keys: Keys = KEYS, **more: int) -> SamenessIndex:
    return SamenessIndex(client, keys, **({"window_days": 14} | more))


@pytest.fixture
def index(redis_client: redis.Redis) -> SamenessIndex:
    return index_of(redis_client)


def item(number: int, text: str, *, after: timedelta | None = None, title: str | None = None) -> Item:
    seen = FIRST + (timedelta(minutes=number) if after is None else after)
    return Item(f"{number:016x}", text, title, date(2026, 3, 2), seen)


def mixed() -> list[Item]:
    """Stories, copies and edits of them, short texts: sixty documents in one order."""
    texts = [text for story in STORIES for text in story]
    texts += [edited for at, text in enumerate(texts[:8]) for edited in edits(text, at).values()]
    texts += ["Read more here", "", BRIDGE[0], BRIDGE[0].upper(), "Read more here"]
    random.Random(3).shuffle(texts)
    return [item(number, text) for number, text in enumerate(texts)]


def place_all(index: SamenessIndex, texts: Iterable[str]) -> list[dict[str, Any]]:
    return [index.place(item(number, text)).data for number, text in enumerate(texts)]


def dump(client: redis.Redis) -> dict[bytes, Any]:
    """Everything in the database."""
    kinds = {key: client.type(key) for key in client.scan_iter()}
    return {
        key: client.hgetall(key) if kind == b"hash" else client.zrange(key, 0, -1, withscores=True)
        for key, kind in kinds.items()
    }


def check_whole(client: redis.Redis) -> None:
    """The counts and postings are those of the documents that are there, and each story's members name it."""
    documents = [key.decode() for key in client.scan_iter(match=KEYS.sameness_document("*"))]
    ids = {key.rpartition(":")[2] for key in documents}
    terms: dict[bytes, int] = {}
    prints: dict[bytes, set[str]] = {}
    for key in documents:
        record = client.hgetall(key)
        for term in json.loads(record[b"terms"] or "[]"):
            terms[term.encode()] = terms.get(term.encode(), 0) + 1
        blob = record[b"prints"]
        for at in range(0, len(blob), 8):
            prints.setdefault(blob[at : at + 8], set()).add(key.rpartition(":")[2])
    assert {term: int(number) for term, number in client.hgetall(KEYS.sameness_frequencies).items()} == terms
    postings = client.hgetall(KEYS.sameness_postings)
    assert postings.keys() == prints.keys()
    for field, blob in postings.items():
        posted = [blob[at : at + 8].hex() for at in range(0, len(blob), 8)]
        assert len(posted) == len(set(posted))
        assert set(posted) <= prints[field]
    assert {did.decode() for did in client.zrange(KEYS.sameness_times, 0, -1)} == ids


def memberships(index: SamenessIndex) -> dict[str, list[str]]:
    """The ids of the stories that name each document."""
    found: dict[str, list[str]] = {}
    for story in index.stories(limit=1000)[0]:
        assert story["size"] == len(story["members"])
        for member in story["members"]:
            found.setdefault(member, []).append(story["id"])
    return found


def test_a_first_document_begins_a_story(index: SamenessIndex):
    placement = index.place(item(1, BRIDGE[0], title="Bridge closed"))
    assert placement.data["exact_of"] is None
    assert placement.data["near"] == []
    assert placement.data["shares"] == []
    (event,) = placement.story_events
    assert (event.type, event.story) == ("story.created", placement.data["story"]["id"])
    assert placement.data["story"] == {"id": event.story, "size": 1, "why": None}
    assert event.data["members"] == [f"{1:016x}"]
    assert event.data["title"] == "Bridge closed"
    assert event.data["first_seen"] == "2026-03-02T08:01:00.000Z"
    assert event.data["entities"] is None


def test_the_same_words_are_an_exact_copy_of_the_oldest(index: SamenessIndex):
    first, second, third = place_all(
        index, [BRIDGE[0], "  " + BRIDGE[0].upper(), BRIDGE[0].replace(" ", "\n")]
    )
    assert first["exact_of"] is None
    assert second["exact_of"] == third["exact_of"] == f"{0:016x}"
    assert third["near"] == [{"id": f"{0:016x}", "similarity": 1.0}, {"id": f"{1:016x}", "similarity": 1.0}]
    assert second["story"]["id"] == first["story"]["id"]


def test_a_near_copy_is_linked_with_its_passages(index: SamenessIndex):
    copies = edits(BRIDGE[0], 1)
    data = place_all(index, [BRIDGE[0], *copies.values()])
    for found, text in zip(data[1:], copies.values(), strict=True):
        assert f"{0:016x}" in [near["id"] for near in found["near"]]
        (shared,) = [share for share in found["shares"] if share["id"] == f"{0:016x}"]
        for start, end, other_start, other_end in shared["passages"]:
            assert words_of(text[start:end]) == words_of(BRIDGE[0][other_start:other_end])
        assert 0 < shared["share"] <= 1
        assert found["story"]["id"] == data[0]["story"]["id"]


def test_documents_of_one_story_say_why(index: SamenessIndex):
    data = place_all(index, [*BRIDGE, *UNRELATED])
    assert [found["story"]["size"] for found in data] == [1, 2, 3, 4, 1, 1]
    assert len({found["story"]["id"] for found in data}) == 3
    because = data[1]["story"]["why"]
    assert set(because) == {"terms", "names", "days", "similarity"}
    assert "anchor" in because["terms"]
    assert "Velmund" in because["names"]


def test_placing_again_changes_nothing(index: SamenessIndex, redis_client: redis.Redis):
    first = [index.place(one) for one in mixed()]
    before = dump(redis_client)
    assert [index.place(one) for one in mixed()] == first
    assert dump(redis_client) == before
    check_whole(redis_client)


def test_a_new_text_replaces_the_old_one(index: SamenessIndex, redis_client: redis.Redis):
    data = place_all(index, BRIDGE)
    changed = index.place(item(1, BRIDGE[1] + " The tram depot said that nobody would lose a day of pay."))
    assert changed.data["story"]["id"] == data[0]["story"]["id"]
    assert changed.data["story"]["size"] == 4
    assert f"{1:016x}" not in [near["id"] for near in changed.data["near"]]
    check_whole(redis_client)
    moved = index.place(item(1, CHEESE[0]))
    assert [event.type for event in moved.story_events] == ["story.created", "story.updated"]
    assert moved.story_events[1].data["size"] == 3
    check_whole(redis_client)
    assert all(len(stories) == 1 for stories in memberships(index).values())


def test_a_story_keeps_its_id_when_its_only_text_changes(index: SamenessIndex):
    first = index.place(item(1, BRIDGE[0]))
    second = index.place(item(1, CHEESE[0]))
    assert second.data["story"]["id"] == first.data["story"]["id"]
    assert [event.type for event in second.story_events] == ["story.updated"]


def test_a_story_that_a_changed_text_leaves_empty_is_merged(index: SamenessIndex):
    first = index.place(item(1, BRIDGE[0])).data["story"]["id"]
    other = index.place(item(2, CHEESE[0])).data["story"]["id"]
    changed = index.place(item(1, CHEESE[1]))
    assert [(event.type, event.story) for event in changed.story_events] == [
        ("story.updated", other),
        ("story.merged", first),
    ]
    assert changed.story_events[1].data["merged_into"] == other
    assert changed.story_events[0].data["merged_from"] == [first]
    story = index.story(first)
    assert story is not None
    assert story["id"] == other
    assert sorted(story["members"]) == [f"{1:016x}", f"{2:016x}"]


def test_a_changed_first_member_does_not_take_its_story_along(index: SamenessIndex):
    old = place_all(index, BRIDGE[:3])[0]["story"]["id"]
    new = index.place(item(0, CHEESE[0])).data["story"]["id"]
    assert new != old
    story = index.story(old)
    assert story is not None
    assert story["size"] == 2


def test_a_text_without_terms_leaves_its_story(index: SamenessIndex, redis_client: redis.Redis):
    story = index.place(item(1, BRIDGE[0])).data["story"]["id"]
    placement = index.place(item(1, "Read more here"))
    assert placement.data["story"] is None
    assert index.story(story) is None
    check_whole(redis_client)


def test_equal_teasers_are_no_story_and_fill_no_bucket(index: SamenessIndex, redis_client: redis.Redis):
    data = place_all(index, ["Read more here"] * 300)
    assert all(found["story"] is None and found["near"] == [] and found["shares"] == [] for found in data)
    assert {found["exact_of"] for found in data[1:]} == {f"{0:016x}"}
    assert redis_client.hlen(KEYS.sameness_postings) == 0
    (copies,) = redis_client.hvals(KEYS.sameness_texts)
    assert len(copies) <= 64 * 8


def test_thousands_of_longer_copies_keep_postings_and_answers_short(
    index: SamenessIndex, redis_client: redis.Redis
):
    data = place_all(index, [BRIDGE[0]] * 120)
    assert len(data[-1]["near"]) == 20
    assert max(map(len, redis_client.hvals(KEYS.sameness_postings))) <= 48 * 8
    assert data[-1]["story"]["size"] == 120


@pytest.mark.parametrize(
    "text",
    ["", "word", "1 2 3 " * 50, "word " * 100_000, "\ud800 lone", "نص قصير", "字" * 500],
    ids=["empty", "one", "digits", "repeated", "surrogate", "rtl", "han"],
)
def test_strange_texts_are_placed(index: SamenessIndex, text: str):
    data = index.place(item(1, text)).data
    assert data == {"exact_of": None, "near": [], "shares": [], "story": None}


def test_five_megabytes_are_placed_in_bounded_time(index: SamenessIndex):
    vocabulary = invented_words(40_000, random.Random(1))
    text = article(850_000, 1, vocabulary)[: 5 * 1024 * 1024]
    begun = time.process_time()
    index.place(item(1, text))
    index.place(item(2, text[:100_000]))
    assert time.process_time() - begun < 2


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
    for one in mixed():
        index.place(one)
    before = dump(redis_client)
    redis_client.set("another:key", "stays")
    assert index.rebuild(mixed()) == len(mixed())
    assert redis_client.get("another:key") == b"stays"
    redis_client.delete("another:key")
    assert dump(redis_client) == before


def test_forgetting_deletes_all_keys_of_one_namespace_only(redis_client: redis.Redis):
    odd, other = index_of(redis_client, Keys("w[a]*:")), index_of(redis_client, Keys("wa:"))
    odd.place(item(1, BRIDGE[0]))
    other.place(item(1, BRIDGE[0]))
    odd.forget()
    assert all(key.startswith(b"wa:") for key in redis_client.scan_iter())
    assert len(other.stories()[0]) == 1


def test_stories_are_listed_by_pages(index: SamenessIndex):
    vocabulary = invented_words(5000, random.Random(4))
    seen = timedelta(hours=1)
    for number in range(25):
        after = seen if number % 2 else timedelta(minutes=number)
        index.place(item(number, article(60, number, vocabulary), after=after))
    whole, end = index.stories(limit=1000)
    assert end is None
    pages: list[dict[str, Any]] = []
    cursor: str | None = None
    for _ in range(20):
        page, cursor = index.stories(limit=4, cursor=cursor)
        pages += page
        if cursor is None:
            break
    assert pages == whole
    assert len({story["id"] for story in whole}) == len(whole)
    assert [story["last_seen"] for story in whole] == sorted((s["last_seen"] for s in whole), reverse=True)


def test_a_wrong_cursor_or_id_is_refused(index: SamenessIndex):
    for cursor in ("", "x", "12", "12:zz", ":" + "0" * 16):
        with pytest.raises(ValueError, match="cursor"):
            index.stories(cursor=cursor)
    for did in ("", "abc", "G" * 16, "A" * 16):
        with pytest.raises(ValueError, match="16 hexadecimal"):
            index.place(Item(did, "text", None, None, FIRST))
    assert index.story("0" * 16) is None


def test_an_answer_is_json(index: SamenessIndex):
    for one in mixed():
        placement = index.place(one)
        assert json.loads(json.dumps(placement.data)) == placement.data
        assert all(json.loads(json.dumps(event.data)) == event.data for event in placement.story_events)


@pytest.mark.skipif(not DOCUMENTS.is_dir(), reason="the five sample documents are not here")
@pytest.mark.parametrize("seed", range(4))
def test_the_sample_documents_become_one_story_with_shared_passages(index: SamenessIndex, seed: int):
    documents = [parse(path.read_text(encoding="utf-8")) for path in sorted(DOCUMENTS.glob("*.txt"))]
    random.Random(seed).shuffle(documents)
    data = []
    for number, document in enumerate(documents):
        seen = FIRST + timedelta(minutes=number)
        data.append(
            index.place(Item(f"{number:016x}", document.text, document.title, document.date, seen)).data
        )
    assert len({found["story"]["id"] for found in data}) == 1
    assert data[-1]["story"]["size"] == 5
    linked = {number for number, found in enumerate(data) if found["shares"]}
    linked |= {int(share["id"], 16) for found in data for share in found["shares"]}
    assert linked == set(range(5))
    for number, found in enumerate(data):
        for share in found["shares"]:
            for start, end, other_start, other_end in share["passages"]:
                other = documents[int(share["id"], 16)].text
                assert words_of(documents[number].text[start:end]) == words_of(other[other_start:other_end])
