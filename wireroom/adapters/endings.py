"""How work ends: the events and dead letters of units that are over, made as commands of a step."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from wireroom.adapters.steps import Step
from wireroom.archive import Ask
from wireroom.errors import REFUSALS, Reason
from wireroom.events import FetchOutcome, Type, dead_letter, fetch_event
from wireroom.failure import Failure
from wireroom.records import Lease, Stage, State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wireroom.adapters.ledger import Ledger
    from wireroom.adapters.steps import Command
    from wireroom.adapters.streams import Streams

DIED = Failure(Reason.WORKER_DIED, "whoever worked on it died or froze, each time it was tried")


class Endings:
    """Makes what is written when a unit ends."""

    def __init__(self, ledger: Ledger, streams: Streams) -> None:
        self.ledger = ledger
        self.streams = streams

    def fetched(
        self,
        kind: Type,
        uid: str,
        response: Mapping[str, Any],
        *,
        document: str | None = None,
        failure: Failure | None = None,
        reason: str | None = None,
    ) -> Command:
        """The fetch event of a page that was fetched, whatever became of it after."""
        return self.fetch(kind, uid, self.outcome(response, document, failure, reason))

    @staticmethod
    def outcome(
        response: Mapping[str, Any],
        document: str | None = None,
        failure: Failure | None = None,
        reason: str | None = None,
    ) -> FetchOutcome:
        """What a fetch event tells of a page that was fetched."""
        return FetchOutcome(
            url=response["url"],
            final_url=response["final_url"],
            status=response["status"],
            reason=failure.reason.value if failure else reason,
            detail=failure.detail if failure else response.get("detail"),
            tries=response["tries"],
            document=document,
            bytes=response["bytes"],
            seconds=response["seconds"],
            redirects=tuple(response["redirects"]),
            listed_by=tuple(response["listed_by"]),
        )

    def fetch(self, kind: Type, uid: str, outcome: FetchOutcome) -> Command:
        """The fetch event of an ended crawl."""
        return self.streams.entry(fetch_event(self.streams.source, kind, uid, outcome, datetime.now(UTC)))

    def dead(
        self, uid: str, unit: Mapping[str, str], stage: str, reason: str, tries: int, **details: Any
    ) -> Command:
        """The dead letter of a unit: why it was given up, and what another try needs."""
        data: dict[str, Any] = {"unit": uid, "stage": str(stage), "reason": reason, "tries": tries}
        data |= {"detail": None, "stack": None} | details
        data |= {name: unit.get(name) for name in ("url", "document", "name", "batch")}
        return self.streams.entry(dead_letter(self.streams.source, uid, data, datetime.now(UTC)))

    def unarchived(
        self, uid: str, unit: Mapping[str, str], old: State, ask: Ask, answer: str
    ) -> list[Command]:
        """The end of a crawl of a dead link for which the archive has nothing: the one it would have had without it."""
        outcome, key = ask.ended(answer), unit["key"]
        stage = Stage.NORMALIZE if outcome.reason == Reason.SOFT_404 else Stage.FETCH
        reason = outcome.reason or ""
        return [
            self.fetch(Type.FETCH_FAILED, uid, outcome),
            self.dead(uid, unit, stage, reason, outcome.tries, detail=outcome.detail),
            self.ledger.logged(key, "no_capture", unit=uid, detail=answer),
            *self.ledger.ended(uid, old, State.FAILED, reason=reason, url=key),
        ]

    def given_up(
        self,
        lease: Lease,
        unit: Mapping[str, str],
        failure: Failure,
        response: Mapping[str, Any] | None = None,
    ) -> Step:
        """End a unit as failed; as refused, without a letter, where a rule found after the fetch says no."""
        uid, key = lease.uid, unit.get("key", "")
        ask = Ask.of(unit)
        if ask is not None and lease.stage in {Stage.FETCH, Stage.NORMALIZE}:
            answer = f"what the archive has is of no use: {failure.reason} ({failure.detail})"
            ended = self.unarchived(uid, unit, State(unit["state"]), ask, answer)
            return Step(self.ledger.held(lease), [*self.ledger.closed(uid, lease.stage), *ended])
        refused = failure.reason in REFUSALS
        kind, state = (Type.FETCH_REFUSED, State.REFUSED) if refused else (Type.FETCH_FAILED, State.FAILED)
        commands = []
        if lease.stage not in {Stage.FETCH, Stage.NORMALIZE}:
            pass  # the fetch had its event when the page was normalized
        elif response is not None:
            commands.append(self.fetched(kind, uid, response, failure=failure))
        elif key:
            outcome = FetchOutcome(
                unit["url"], reason=failure.reason, detail=failure.detail, tries=lease.tries
            )
            commands.append(self.fetch(kind, uid, outcome))
        if not refused:
            told = {"detail": failure.detail, "stack": failure.stack}
            commands.append(self.dead(uid, unit, lease.stage, failure.reason, lease.tries, **told))
        commands += [
            *self.ledger.closed(uid, lease.stage),
            *self.ledger.ended(uid, State(unit["state"]), state, reason=failure.reason, url=key),
        ]
        return Step(self.ledger.held(lease), commands)
