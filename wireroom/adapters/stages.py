"""The work of each queue: what is done to one draft, and where."""

from __future__ import annotations

import functools
import time
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import structlog

from wireroom import dates, entities
from wireroom.adapters.enrich_work import EnrichWork
from wireroom.adapters.normalize_work import NormalizeWork
from wireroom.adapters.pool import ENRICHMENT, Pool
from wireroom.adapters.tagger import Taggers
from wireroom.adapters.user_work import user_work
from wireroom.draft import Draft
from wireroom.errors import Reason
from wireroom.failure import Failure
from wireroom.placement import Item
from wireroom.records import QUEUES, Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from wireroom.adapters.work import Work
    from wireroom.placement import Placement
    from wireroom.world import World

log = structlog.get_logger()

SAMENESS_VERSION = "wireroom 1"
NO_MODEL = "no_entity_model"
"""Warning: there is no model for the document's language, so only rules marked its names."""
_FAULTS = (ValueError, ArithmeticError, LookupError)
"""What one document may do to the code; everything else is the world's."""


def work(world: World, stage: str) -> Work:
    """The work of one queue, with the process it is done in."""
    settings = world.settings
    if stage not in QUEUES:
        return user_work(stage, world.ledger, world.publisher, settings)
    stage = Stage(stage)
    if stage is Stage.NORMALIZE:
        return NormalizeWork(world.ledger, world.store, world.endings, settings, world.enrichers)
    if stage is Stage.SAMENESS:
        place = functools.partial(_place, world)
        return EnrichWork(stage, SAMENESS_VERSION, place, world.ledger, world.publisher, settings)
    functions: dict[Stage, tuple[str, Callable[[Draft], dict[str, Any]]]] = {
        Stage.DATES: (dates.VERSION, find_dates),
        Stage.ENTITIES: (entities.VERSION, functools.partial(find_entities, models=settings.entity_models)),
    }
    version, function = functions[stage]
    pool: Pool[Draft, dict[str, Any]] = Pool(
        function, ENRICHMENT, timeout=settings.enrich_timeout, memory=settings.work_memory
    )
    parts = (pool.map, world.ledger, world.publisher, settings, pool.interrupt, pool.close)
    return EnrichWork(stage, version, *parts)


def find_dates(draft: Draft) -> dict[str, Any]:
    """The dates of a draft. Runs in the other process."""
    begun = time.perf_counter()
    language = draft.language.code
    found = dates.enrich(draft.text, draft.candidates, fetched_at=_fetched(draft), language=language)
    return {"data": found, "seconds": time.perf_counter() - begun}


def find_entities(draft: Draft, models: tuple[str, ...] = ()) -> dict[str, Any]:
    """The entities of a draft. Runs in the other process, where the models stay loaded."""
    tagger = _taggers(models).of(draft.language.code)
    begun = time.perf_counter()
    warnings: tuple[str, ...] = ()
    title_spans: Sequence[Any] = ()
    if tagger is not None:
        found, of_title = tagger.tag([draft.text, draft.title or ""])
        spans, title_spans, warnings = found.spans, of_title.spans, found.warnings
    else:
        spans, warnings = entities.tag_by_rules(draft.text), (NO_MODEL,)
    named = entities.enrich(
        draft.text, draft.title, spans, title_spans, english=draft.language.code in ("en", None)
    )
    seconds = time.perf_counter() - begun
    return {"data": {"entities": named, "warnings": list(warnings)}, "seconds": seconds}


@functools.cache
def _taggers(models: tuple[str, ...]) -> Taggers:
    return Taggers(dict(pair.split("=", 1) for pair in models))


def _place(world: World, drafts: Sequence[Draft]) -> Iterator[Mapping[str, Any] | Failure]:
    """Compare drafts with what was read before, as if one after the other: each finds the one before it."""
    begun = time.perf_counter()
    try:
        placements = world.sameness_index.place_many([_item(draft) for draft in drafts])
    except _FAULTS:
        # Placing again what was placed changes nothing; so the culprit is found by placing each alone.
        for draft in drafts:
            yield _place_alone(world, draft)
        return
    seconds = (time.perf_counter() - begun) / max(1, len(drafts))
    for placement in placements:
        yield _placed(placement, seconds)


def _place_alone(world: World, draft: Draft) -> Mapping[str, Any] | Failure:
    begun = time.perf_counter()
    try:
        placement = world.sameness_index.place(_item(draft))
    except _FAULTS as error:
        log.exception("sameness failed", document=draft.id)
        return Failure(Reason.ENRICHMENT_ERROR, f"{type(error).__name__}: {error}"[:500])
    return _placed(placement, time.perf_counter() - begun)


def _placed(placement: Placement, seconds: float) -> Mapping[str, Any]:
    events = [asdict(event) for event in placement.story_events]
    return {"data": placement.data, "events": events, "seconds": seconds}


def _item(draft: Draft) -> Item:
    fetched = _fetched(draft)
    published = dates.choose(draft.candidates, not_after=fetched).published
    day = (
        date.fromisoformat(published.value[:10])
        if published and len(published.value) >= len("2026-03-04")
        else None
    )
    return Item(
        id=draft.id,
        text=draft.text,
        title=draft.title,
        published=day,
        seen_at=fetched or datetime.now(UTC),
        language=draft.language.code,
        url=draft.url,
    )


def _fetched(draft: Draft) -> datetime | None:
    return datetime.fromisoformat(draft.origin.fetched_at) if draft.origin.fetched_at else None
