"""A stored document is a draft again: each enricher gives from it what it gave from the first one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from workshop import STORY, enricher, listing, make_world, normalize, take_in

from wireroom import entities
from wireroom.adapters import stages
from wireroom.adapters.work import work_on
from wireroom.assembly import assemble
from wireroom.draft import Draft, Origin, from_file, from_page
from wireroom.enricher import EnrichInput
from wireroom.errors import Reason
from wireroom.events import Stream
from wireroom.extract import Page, extract
from wireroom.failure import Failure
from wireroom.settings import ENRICHERS
from wireroom.stored import draft_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

PAGE = b"""<html lang="en"><head><title>New boats for Lower Tarn</title><link rel="canonical" href="https://tarn.example/boats">
<meta property="article:published_time" content="2026-03-02T08:30:00+01:00"></head><body><article><h1>New boats for Lower Tarn</h1>
<p>The ferry company of Lower Tarn said on Monday that its two old boats would be replaced before the winter comes.</p>
<p>Passengers in Canada had complained for years about cold cabins, late departures and engines that failed in a swell.</p>
<p>Councillor Agnes Birtwell called the decision overdue and asked for a timetable that the workers can rely on.</p>
</article></body></html>"""


def page() -> Draft:
    fetched = datetime(2026, 3, 3, 10, tzinfo=UTC)
    article = extract(Page(PAGE, "https://tarn.example/boats", "text/html; charset=utf-8", None, fetched))
    origin = Origin(
        "web",
        fetched_at="2026-03-03T10:00:00Z",
        status=200,
        listed_by=("a" * 16,),
        via=("https://t.example/",),
    )
    return from_page(
        article, origin, url="https://t.example/", final_url="https://tarn.example/boats", layout="titled"
    )


def file() -> Draft:
    return from_file(
        "date 2031-05-04\n\nNothing happened in Larne Vale, Canada, on Tuesday.\n", "one.txt", "b" * 16
    )


def empty() -> Draft:
    return from_file("date 2031-05-04\n\nSources: http://larnevale.example/ferry\n", "two.txt", "c" * 16)


MAKERS = [page, file, empty]


def stored(draft: Draft, results: dict[str, Any]) -> Draft:
    """A draft as it comes back from where revisions are kept."""
    return draft_of(orjson.loads(orjson.dumps(assemble(draft, results, None))), draft.file or "")


@pytest.mark.parametrize("make", MAKERS)
def test_the_draft_comes_back_whole_where_no_enricher_said_anything(make: Callable[[], Draft]) -> None:
    draft = make()
    again = stored(draft, {})
    assert {n: getattr(again, n) for n in Draft.__slots__ if n != "extraction"} == {
        n: getattr(draft, n) for n in Draft.__slots__ if n != "extraction"
    }
    assert EnrichInput.of(again) == EnrichInput.of(draft)


@pytest.mark.parametrize("make", MAKERS)
def test_dates_are_found_again(make: Callable[[], Draft]) -> None:
    draft = make()
    first = stages.find_dates(draft)["data"]
    again = stages.find_dates(stored(draft, {"dates": {"data": first, "enrichment": {}}}))["data"]
    assert orjson.dumps(again) == orjson.dumps(first)
    failed = stored(draft, {"dates": {"data": None, "enrichment": {}}})
    assert orjson.dumps(stages.find_dates(failed)["data"]) == orjson.dumps(first)


@pytest.mark.parametrize("make", MAKERS)
def test_names_are_found_again(make: Callable[[], Draft]) -> None:
    draft = make()
    first = entities.enrich(draft.text, draft.title, entities.tag_by_rules(draft.text), ())
    known = {"data": {"entities": first, "warnings": ["no_entity_model"]}, "enrichment": {}}
    again = stored(draft, {"entities": known})
    assert entities.enrich(again.text, again.title, entities.tag_by_rules(again.text), ()) == first
    assert set(again.warnings) == {*draft.warnings, "no_entity_model"}


def test_a_stored_document_is_placed_where_it_was(redis_url: str) -> None:
    world = make_world(redis_url, enrich=("sameness",))
    uids = take_in(world, *(listing(name, long_story(name)) for name in ("one", "two")))
    normalize(world, *uids)
    work_on(world.ledger, world.work("sameness"), uids, lambda: False)
    events = [event.data for _, event in world.streams.read(Stream.DOCUMENTS, "0")]
    assert events[1]["sameness"]["near"]
    place = world.work("sameness").enrich
    again = list(place([draft_of(data, "") for data in events]))
    assert [found["data"] for found in again] == [data["sameness"] for data in events]
    world.redis.close()


def long_story(name: str) -> str:
    sentences = [f"Sentence {word} of the ferry that ran aground off Larne Vale." for word in "abcdefghij"]
    return STORY.format(name=name) + "\n" + " ".join(sentences) + "\n"


@pytest.mark.parametrize("fails", ENRICHERS)
@pytest.mark.parametrize("last", [True, False])
def test_one_of_the_three_failing_leaves_the_others_standing(
    redis_url: str, fails: str, *, last: bool
) -> None:
    world = make_world(redis_url, enrich=ENRICHERS)
    uids = take_in(world, listing("one"), listing("two"))
    normalize(world, *uids)

    def fail(drafts: Sequence[Draft]) -> Iterator[Failure]:
        for _ in drafts:
            yield Failure(Reason.ENRICHMENT_ERROR, "LookupError: a fault of ours")

    others = [name for name in ENRICHERS if name != fails]
    for name in (*others, fails) if last else (fails, *others):
        work = enricher(world, fail if name == fails else found_of(name), name)
        assert work_on(world.ledger, work, uids, lambda: False) == 2
    assert world.ledger.stats()["published"] == 2
    for _, event in world.streams.read(Stream.DOCUMENTS, "0"):
        told = event.data["enrichment"]
        assert told[fails] == {
            "status": "failed", "version": "by hand", "seconds": None,
            "error": "enrichment_error: LookupError: a fault of ours",
        }  # fmt: skip
        assert {told[name]["status"] for name in others} == {"done"}
        assert event.data["dates"]["candidates"], "what the places say is kept"
        assert bool(event.data["entities"]) is (fails != "entities")
        assert bool(event.data["sameness"]["near"]) is (fails != "sameness")
        assert bool(event.data["dates"]["published"]) is (fails != "dates")
    assert world.streams.read(Stream.DEAD, "0") == []
    world.redis.close()


def found_of(name: str) -> Callable[[Sequence[Draft]], Iterator[dict[str, Any]]]:
    """What an enricher finds that always finds something."""

    def find(drafts: Sequence[Draft]) -> Iterator[dict[str, Any]]:
        entity = {"name": "Larne Vale", "type": "place", "count": 1, "mentions": [[0, 1]], "wikidata": None}
        nothing = {"exact_of": None, "shares": [], "story": None}
        for draft in drafts:
            data: dict[str, Any] = {
                "dates": stages.find_dates(draft)["data"],
                "sameness": nothing | {"near": [{"id": "d" * 16, "similarity": 0.9}]},
                "entities": {"entities": [entity], "warnings": []},
            }[name]
            yield {"data": data, "seconds": 0.001}

    return find
