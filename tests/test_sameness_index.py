"""The index of sameness on a real server: alone, with others, killed, and when time goes by."""

from __future__ import annotations

import json
import random
import time
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from indexes import FIRST, KEYS, check_whole, dump, index_of, item, memberships, mixed, place_all
from news_samples import BRIDGE, CHEESE, UNRELATED, article, edits, invented_words

from wireroom.adapters.sameness_index import SamenessIndex
from wireroom.document import parse
from wireroom.placement import Item
from wireroom.sameness import words_of

if TYPE_CHECKING:
    import redis

DOCUMENTS = Path(__file__).parents[2] / "shared" / "documents"


@pytest.fixture
def index(redis_client: redis.Redis) -> SamenessIndex:
    return index_of(redis_client)


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


def test_a_document_that_bridges_two_stories_merges_them(index: SamenessIndex):
    vocabulary = sorted(set(invented_words(400, random.Random(9))))[:190]
    one, other = vocabulary[:100], vocabulary[90:]
    first = index.place(item(1, " ".join(one))).data["story"]["id"]
    second = index.place(item(2, " ".join(other))).data["story"]["id"]
    assert first != second
    bridge = index.place(item(3, " ".join([*one[20:70], *other[20:70]])))
    assert [(event.type, event.story) for event in bridge.story_events] == [
        ("story.updated", first),
        ("story.merged", second),
    ]
    assert bridge.data["story"]["size"] == 3
    assert index.story(second) == index.story(first)
    assert [story["id"] for story in index.stories()[0]] == [first]
    later = index.place(item(4, " ".join(other[10:80])))
    assert later.data["story"]["id"] == first


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


@pytest.mark.parametrize(
    "changed", [{"title": "Cheese from a mine wins"}, {"published": date(2026, 5, 1)}], ids=["title", "date"]
)
def test_another_title_or_date_is_placed_anew(
    index: SamenessIndex, redis_client: redis.Redis, changed: dict[str, Any]
):
    first, copy = item(1, CHEESE[0]), item(2, CHEESE[0])
    before = index.place(first)
    index.place(copy)
    after = index.place(replace(first, **changed))
    assert after.data["exact_of"] is None  # it is still the oldest of its text
    assert index.place(copy).data["exact_of"] == first.id
    assert [event.type for event in after.story_events] != [event.type for event in before.story_events]
    assert index.place(replace(first, **changed)) == after
    check_whole(redis_client)
    assert {did: len(sids) for did, sids in memberships(index).items()} == {first.id: 1, copy.id: 1}


def test_the_story_of_a_short_text_follows_its_title(index: SamenessIndex):
    bridge = place_all(index, BRIDGE)[0]["story"]["id"]
    short = "Engineers said the trams would not run for weeks, and that the divers had found more than they had feared."
    title = "Velmund chain bridge closed: mayor Harkonsen, ferry queues and cracked anchors on the Orsa"
    begun = index.place(item(20, short)).data["story"]
    assert begun is None or begun["id"] != bridge
    assert index.place(item(20, short, title=title)).data["story"]["id"] == bridge
