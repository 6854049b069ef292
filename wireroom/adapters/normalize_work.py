"""The normalizing stage: pages and files become drafts; the enrichers' jobs are enqueued with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from wireroom.adapters.archive import Archive
from wireroom.adapters.ids import new_id
from wireroom.adapters.pool import EXTRACTION, Pool
from wireroom.adapters.steps import Command, Step
from wireroom.adapters.store import stands
from wireroom.archive import LIVE_REVISION, Ask
from wireroom.draft import Draft
from wireroom.errors import Reason
from wireroom.events import Type
from wireroom.failure import Failure
from wireroom.freshness import Found
from wireroom.gate import shrunk
from wireroom.layouts import Layout
from wireroom.normalizing import FileInput, PageInput, draft
from wireroom.records import Lease, Stage, State
from wireroom.robots import product_token
from wireroom.robotsmeta import Policy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wireroom.adapters.endings import Endings
    from wireroom.adapters.ledger import Ledger
    from wireroom.adapters.steps import Outcome
    from wireroom.adapters.store import Store
    from wireroom.settings import Settings

Input = FileInput | PageInput


class NormalizeWork:
    """Makes drafts of what came in."""

    stage: str = Stage.NORMALIZE

    def __init__(
        self, ledger: Ledger, store: Store, endings: Endings, settings: Settings, enrichers: tuple[str, ...]
    ) -> None:
        self.ledger = ledger
        self.store = store
        self.endings = endings
        self.settings = settings
        self.enrichers = enrichers
        self.pool: Pool[Input, Draft] = Pool(
            draft, EXTRACTION, timeout=settings.extract_timeout, memory=settings.work_memory
        )
        self._robots = Policy(product_token(settings.fetch_user_agent), settings.robots_meta)
        self.archive = Archive(ledger, settings)
        self._jobs: dict[str, str] = {}

    def results(self, leases: Sequence[Lease]) -> Iterator[tuple[Lease, Step]]:
        """The step for each unit."""
        self._jobs = {stage: new_id() for stage in self.enrichers}
        loaded = [(lease, *self._load(lease)) for lease in leases]
        results = self.pool.map([item for _, _, item in loaded if item is not None])
        for lease, unit, item in loaded:
            result = next(results) if item is not None else Failure(Reason.BODY_EXPIRED, "its body is gone")
            if isinstance(result, Failure):
                yield lease, self._failed(lease, unit, item, result)
            else:
                yield lease, self._drafted(lease, unit, item, result)

    def flush(self, steps: Sequence[tuple[Lease, Step]]) -> Sequence[Step]:
        """The enrichers' jobs, in the same transaction as the drafts they are for."""
        uids = [lease.uid for lease, _ in steps]
        jobs, self._jobs = self._jobs, {stage: new_id() for stage in self.enrichers}
        return [Step((), self.ledger.jobs.enqueue(stage, jobs[stage], uids)) for stage in self.enrichers]

    def committed(self, done: Sequence[tuple[Lease, Outcome]]) -> None:
        """Nothing is left to do."""

    def crowded(self) -> bool:
        """Whether an enricher has jobs waiting: its result is what the others wait for."""
        return any(self.ledger.jobs.length(stage) > 0 for stage in self.enrichers)

    def interrupt(self) -> None:
        """End `results` soon."""
        self.pool.interrupt()

    def close(self) -> None:
        """End the extraction's process."""
        self.pool.close()

    def _load(self, lease: Lease) -> tuple[dict[str, str], Input | None]:
        keys = self.ledger.keys
        unit = self.ledger.unit(lease.uid)
        text, page, response = self.ledger.redis.hmget(keys.work(lease.uid), "text", "page", "response")
        if text is not None:
            return unit, FileInput(text, unit["name"], unit["document"])
        if page is None or response is None:
            return unit, None
        layout = self.ledger.redis.hget(keys.url(unit["key"]), "layout")
        return unit, PageInput(
            page,
            orjson.loads(response),
            url=unit["url"],
            layout=layout.decode() if layout else Layout.TITLED.value,
            mode=self.settings.extraction,
            robots=self._robots,
        )

    def _drafted(self, lease: Lease, unit: Mapping[str, str], item: Input | None, made: Draft) -> Step:
        uid = lease.uid
        commands = self.ledger.closed(uid, Stage.NORMALIZE)
        known = self.store.head(made.id)
        if known is not None and (known.digest == made.digest or stands(known, made)):
            ended = self._unchanged(uid, unit, item, made, live=stands(known, made))
            return Step(self.ledger.held(lease), [*commands, *ended])
        partial = "paywalled" in made.warnings
        length = known.length if known is not None and isinstance(item, PageInput) else 0
        if known is not None and shrunk(length, len(made.text), partial=partial):
            detail = f"{len(made.text)} characters, where revision {known.revision} has {length}"
            return self._failed(lease, unit, item, Failure(Reason.TEXT_SHRUNK, detail))
        if isinstance(item, PageInput):
            commands.append(self.endings.fetched(Type.FETCH_SUCCEEDED, uid, item.response, document=made.id))
            commands.append(self.ledger.logged(unit["key"], "normalized", unit=uid, document=made.id))
        work = self.ledger.keys.work(uid)
        commands += [
            ("HSET", work, "draft", made.to_json()),
            ("HDEL", work, "text", "page"),
            ("HSET", self.ledger.keys.unit(uid), "document", made.id, "missing", len(self.enrichers)),
            *self.ledger.moved(uid, State.NORMALIZING, State.ENRICHING),
        ]
        for stage in self.enrichers:
            commands += self.ledger.opened(uid, stage, self._jobs[stage])
        if not self.enrichers:
            commands += self.ledger.opened(uid, Stage.PUBLISH, "", patience_ms=0)
        return Step(self.ledger.held(lease), commands)

    def _unchanged(
        self, uid: str, unit: Mapping[str, str], item: Input | None, made: Draft, *, live: bool
    ) -> list[Command]:
        reason = LIVE_REVISION if live else "same_text"
        commands: list[Command] = []
        key = unit.get("key", "")
        if isinstance(item, PageInput):
            event = self.endings.fetched(
                Type.FETCH_UNCHANGED, uid, item.response, document=made.id, reason=reason
            )
            commands.append(event)
            if not live:
                commands += self.store.validators(key, made)
                commands += self.store.looks.page(key, item.response, made, Found.UNCHANGED)
        return commands + self.ledger.ended(uid, State.NORMALIZING, State.UNCHANGED, reason=reason, url=key)

    def _failed(self, lease: Lease, unit: Mapping[str, str], item: Input | None, failure: Failure) -> Step:
        if failure.again and lease.tries < self.settings.work_tries:
            job = new_id()
            commands = self.ledger.opened(lease.uid, Stage.NORMALIZE, job)
            commands += self.ledger.jobs.enqueue(Stage.NORMALIZE, job, [lease.uid])
            return Step(self.ledger.held(lease), commands)
        response = item.response if isinstance(item, PageInput) else None
        ask = Ask.of(unit)
        if ask is not None:
            ask = ask.for_the_first(failure.reason, failure.detail)
        elif response is not None and self.archive.takes(unit, failure.reason, response["status"]):
            ask = Ask(self.endings.outcome(response, failure=failure))
        if ask is not None:
            asked = self.archive.asked(lease.uid, unit, State.NORMALIZING, ask)
            closed = self.ledger.closed(lease.uid, Stage.NORMALIZE)
            return Step(self.ledger.held(lease), [*closed, *asked])
        return self.endings.given_up(lease, unit, failure, response)
