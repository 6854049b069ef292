"""The enriching stages: each draft, one enricher, its result kept until all are there. One failing stops no other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from wireroom.adapters.ids import new_id
from wireroom.adapters.steps import Step
from wireroom.draft import Draft
from wireroom.failure import Failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from wireroom.adapters.ledger import Ledger
    from wireroom.adapters.publishing import Publisher
    from wireroom.adapters.steps import Outcome
    from wireroom.records import Lease
    from wireroom.settings import Settings


class EnrichWork:
    """One enricher's work on a batch.

    ``enrich`` gives for each draft, in order, ``{"data": …, "seconds": …}`` with what else the publisher needs, or a `Failure`.
    A ``version`` beside them is told instead of the one that was known at the start.
    """

    def __init__(
        self,
        stage: str,
        version: str | None,
        enrich: Callable[[Sequence[Draft]], Iterator[Mapping[str, Any] | Failure]],
        ledger: Ledger,
        publisher: Publisher,
        settings: Settings,
        interrupt: Callable[[], None] = lambda: None,
        close: Callable[[], None] = lambda: None,
    ) -> None:
        self.stage = stage
        self.version = version
        self.enrich = enrich
        self.ledger = ledger
        self.publisher = publisher
        self.settings = settings
        self.interrupt = interrupt
        self.close = close

    def results(self, leases: Sequence[Lease]) -> Iterator[tuple[Lease, Step]]:
        """The step for each unit."""
        drafts = self.publisher.drafts([lease.uid for lease in leases])
        known = [(lease, draft) for lease, draft in zip(leases, drafts, strict=True) if draft is not None]
        results = self.enrich([draft for _, draft in known])
        for lease, _ in known:
            yield lease, self._step(lease, next(results))

    def _step(self, lease: Lease, result: Mapping[str, Any] | Failure) -> Step:
        if not isinstance(result, Failure):
            version, seconds = result.get("version", self.version), round(result["seconds"], 5)
            status = {"status": "done", "version": version, "seconds": seconds, "error": None}
            return self.ledger.enriched(lease, orjson.dumps({**result, "enrichment": status}))
        if result.again and lease.tries < self.settings.work_tries:
            return self._again(lease)
        return self.ledger.not_enriched(lease, f"{result.reason}: {result.detail}", self.version)

    def _again(self, lease: Lease) -> Step:
        job = new_id()
        commands = self.ledger.opened(lease.uid, self.stage, job)
        commands += self.ledger.jobs.enqueue(self.stage, job, [lease.uid])
        return Step(self.ledger.held(lease), commands)

    def crowded(self) -> bool:
        """Publishing is never crowded: it needs no jobs."""
        return False

    def flush(self, steps: Sequence[tuple[Lease, Step]]) -> Sequence[Step]:  # noqa: ARG002 - the loop's signature
        """Nothing else is written with the results."""
        return ()

    def committed(self, done: Sequence[tuple[Lease, Outcome]]) -> None:
        """Publish what this was the last enricher for."""
        self.publisher.publish([lease.uid for lease, outcome in done if outcome.zero])
