"""Publishing on a real server: a revision and its event in one step, once, whoever else publishes meanwhile."""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson
import pytest
import redis
from soundness import check_sound
from workshop import STORY, enrich, enricher, listing, make_world, normalize, take_in

from wireroom.adapters.ids import now_ms
from wireroom.adapters.publishing import Publisher
from wireroom.adapters.store import Store
from wireroom.adapters.work import work_on
from wireroom.document import document_id
from wireroom.events import Event, Stream, Type
from wireroom.records import Listing, Stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wireroom.world import World


@pytest.fixture
def world(redis_url: str) -> Iterator[World]:
    made = make_world(redis_url)
    yield made
    made.redis.close()


def published(world: World, stream: Stream = Stream.DOCUMENTS) -> list[Event]:
    return [event for _, event in world.streams.read(stream, "0", count=10_000)]


def never_twice(events: Sequence[Event]) -> None:
    """No event id stands on a stream with two contents."""
    contents = defaultdict(set)
    for event in events:
        contents[event.id].add(orjson.dumps(event.data))
    assert {event_id: len(found) for event_id, found in contents.items() if len(found) > 1} == {}
    assert len(contents) == len(events)


def same_document(name: str, text: str) -> Listing:
    """A file with a text of its own under an id that others have too: as two URLs of one article are."""
    return replace(listing(name, text), id=document_id("the same"))


def ready(world: World, *listings: Listing, batch: str = "b1") -> list[str]:
    uids = take_in(world, *listings, batch=batch)
    normalize(world, *uids)
    return uids


def test_a_document_is_published_once(world: World) -> None:
    (uid,) = ready(world, listing("one"))
    assert enrich(world, uid) == 1
    assert enrich(world, uid) == 0
    (event,) = published(world)
    assert (event.type, event.data["revision"], event.data["previous_revision"]) == (
        Type.DOCUMENT_CREATED,
        1,
        None,
    )
    assert world.store.revision(event.subject, 1)["data"] == event.data  # type: ignore[index]
    assert world.redis.exists(world.keys.work(uid)) == 0
    check_sound(world)


def test_the_same_text_again_is_unchanged(world: World) -> None:
    enrich(world, *ready(world, listing("one")))
    ready(world, listing("one"), batch="b2")
    assert world.ledger.stats()["unchanged"] == 1
    assert len(published(world)) == 1
    check_sound(world)


def test_two_units_of_one_document_make_one_revision_each(world: World) -> None:
    one, two = ready(
        world,
        same_document("one", STORY.format(name="Gull")),
        same_document("two", STORY.format(name="Tern")),
    )
    enrich(world, one, two)
    assert [(e.type, e.data["revision"], e.data["previous_revision"]) for e in published(world)] == [
        (Type.DOCUMENT_CREATED, 1, None),
        (Type.DOCUMENT_UPDATED, 2, 1),
    ]
    never_twice(published(world))
    check_sound(world)


def test_two_units_of_one_document_and_text_make_one_revision(world: World) -> None:
    text = STORY.format(name="Gull")
    uids = ready(world, same_document("one", text), same_document("two", text))
    enrich(world, *uids)
    assert len(published(world)) == 1
    stats = world.ledger.stats()
    assert (stats["published"], stats["unchanged"]) == (1, 1)
    check_sound(world)


def test_many_publishers_at_once_never_repeat_an_id(redis_url: str) -> None:
    worlds = [make_world(redis_url) for _ in range(4)]
    texts = [STORY.format(name=f"Ship {i % 6}") for i in range(24)]
    uids = ready(worlds[0], *(same_document(f"n{i}", text) for i, text in enumerate(texts)))
    for uid in uids:
        (held,) = worlds[0].ledger.take(Stage.DATES, [uid])
        assert worlds[0].ledger.commit([worlds[0].ledger.enriched(held, b'{"data": null}')])[0].zero
    threads = [threading.Thread(target=world.publisher.publish, args=(uids,)) for world in worlds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while worlds[0].ledger.stats()["waiting"]["enriching"]:
        for task in worlds[0].redis.zrange(worlds[0].keys.tasks, 0, -1):
            worlds[0].redis.zadd(worlds[0].keys.tasks, {task: now_ms() - 1})
        worlds[0].sweeper.sweep()
    events = published(worlds[0])
    never_twice(events)
    assert [event.data["revision"] for event in events] == list(range(1, len(events) + 1))
    stats = worlds[0].ledger.stats()
    assert stats["published"] == len(events) > 1
    assert stats["published"] + stats["unchanged"] == 24
    check_sound(worlds[0])


def test_a_revision_published_meanwhile_is_seen(world: World) -> None:
    """What was read before the step no longer holds: the step is made anew on what does."""
    first, second = ready(
        world,
        same_document("one", STORY.format(name="Gull")),
        same_document("two", STORY.format(name="Tern")),
    )

    class Racing(Store):
        """Somebody publishes the first while the second has read what there is."""

        def revision(self, did: str, number: int | None = None) -> dict[str, Any] | None:
            before = super().revision(did, number)
            if world.ledger.unit(first)["state"] == "enriching":
                enrich(world, first)
            return before

    (held,) = world.ledger.take(Stage.DATES, [second])
    world.ledger.commit([world.ledger.enriched(held, b'{"data": null}')])
    store = Racing(world.client, world.keys, keep_documents=60)
    assert Publisher(world.ledger, store, world.streams).publish([second]) == 1
    assert [(e.data["origin"]["name"], e.data["revision"]) for e in published(world)] == [
        ("one.txt", 1),
        ("two.txt", 2),
    ]
    never_twice(published(world))
    check_sound(world)


def test_stories_go_with_the_document(world: World) -> None:
    event = {
        "type": "story.created",
        "story": "00112233aabbccdd",
        "data": {"id": "00112233aabbccdd", "size": 1},
    }

    def place(drafts: Sequence[Any]) -> Iterator[dict[str, Any]]:
        yield from ({"data": None, "events": [event], "seconds": 0.0} for _ in drafts)

    world = make_world(world.settings.redis_url, enrich=("sameness",))
    uids = ready(world, listing("one"))
    work_on(world.ledger, enricher(world, place, Stage.SAMENESS), uids, lambda: False)
    (story,) = published(world, Stream.STORIES)
    assert (story.type, story.subject) == (Type.STORY_CREATED, "00112233aabbccdd")


@pytest.mark.parametrize("stream", [Stream.DOCUMENTS, Stream.STORIES])
def test_a_stream_of_another_type_publishes_nothing_half_way(redis_url: str, stream: Stream) -> None:
    world = make_world(redis_url, enrich=("sameness",))
    event = {"type": "story.created", "story": "00112233aabbccdd", "data": {}}

    def place(drafts: Sequence[Any]) -> Iterator[dict[str, Any]]:
        yield from ({"data": None, "events": [event], "seconds": 0.0} for _ in drafts)

    (uid,) = ready(world, listing("one"))
    world.redis.set(world.keys.stream(stream), "somebody else's")
    work_on(world.ledger, enricher(world, place, Stage.SAMENESS), [uid], lambda: False)
    assert world.ledger.unit(uid)["state"] == "enriching"
    assert "WRONGTYPE" in world.ledger.unit(uid)["publish.error"]
    assert world.store.listed(before=None, since=None, count=9) == []
    other = Stream.STORIES if stream is Stream.DOCUMENTS else Stream.DOCUMENTS
    assert not world.redis.exists(world.keys.stream(other))
    world.redis.delete(world.keys.stream(stream))
    world.redis.zadd(world.keys.tasks, {f"publish:{uid}": 1})
    world.sweeper.sweep()
    assert len(published(world)) == len(published(world, Stream.STORIES)) == 1
    check_sound(world)


def test_a_frozen_publishers_step_is_refused(world: World) -> None:
    """It has read everything and made its step; when it wakes, another has published."""
    (uid,) = ready(world, listing("one"))
    (held,) = world.ledger.take(Stage.DATES, [uid])
    world.ledger.commit([world.ledger.enriched(held, b'{"data": null}')])
    (frozen,) = world.ledger.take(Stage.PUBLISH, [uid])
    draft = world.publisher.drafts([uid])[0]
    assert draft is not None
    step = world.publisher._step(frozen, draft, {}, "")  # noqa: SLF001 - the step it held when it froze
    world.redis.zadd(world.keys.tasks, {f"publish:{uid}": 1})
    assert world.publisher.publish([uid]) == 1
    assert not world.ledger.commit([step])[0].done
    assert len(published(world)) == 1
    check_sound(world)


def test_a_gone_server_is_no_fault_of_the_document(world: World) -> None:
    (uid,) = ready(world, listing("one"))
    (held,) = world.ledger.take(Stage.DATES, [uid])
    world.ledger.commit([world.ledger.enriched(held, b'{"data": null}')])

    class Gone(Store):
        def revision(self, did: str, number: int | None = None) -> None:
            raise redis.ConnectionError(did, number)

    store = Gone(world.client, world.keys, keep_documents=60)
    with pytest.raises(redis.ConnectionError):
        Publisher(world.ledger, store, world.streams).publish([uid])
    assert "publish.error" not in world.ledger.unit(uid)
    world.redis.zadd(world.keys.tasks, {f"publish:{uid}": 1})
    world.sweeper.sweep()
    assert len(published(world)) == 1
    check_sound(world)
