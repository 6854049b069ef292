"""What is wrong with one unit of work, judged from all that the ledger says of it at one moment. Pure.

A sound unit is in the set of its state and in no other; open, somebody is to look at it again; ended, nobody is.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Self

from wireroom.records import END_STATES, NO_ENRICHERS, OPEN_STATES, Stage, State

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

STATES = (*OPEN_STATES, *END_STATES)


class Fault(StrEnum):
    """What can be wrong with a unit."""

    NO_RECORD = "no_record"
    """Its record is gone while a set or a task names it: nobody can say what became of it."""
    WRONG_SET = "wrong_set"
    """It is in more than one state's set, in none, or in another than its record says."""
    NOT_IN_FRONTIER = "not_in_frontier"
    """It waits, but no host's queue will ever bring it up."""
    NO_STAGE = "no_stage"
    """It is open, but nobody is to do anything with it."""
    NO_TASK = "no_task"
    """A stage is open, but no sweeper would notice if it were lost."""
    STALE_TASK = "stale_task"
    """A sweeper is to look at a stage that is not open."""
    OVER_BUT_QUEUED = "over_but_queued"
    """It has ended, and still stands in a queue or has an open stage."""
    KEPT_FOR_EVER = "kept_for_ever"
    """It has ended, and its record does not expire."""
    URL_NOT_HELD = "url_not_held"
    """It is open, but its URL does not name it: a second unit could be made."""


@dataclass(frozen=True, slots=True)
class Held:
    """One stage of a unit.

    Attributes:
        status: ``queued``, ``leased`` or empty.
        token: of the last lease; empty when there was none.
        task: when a sweeper looks at it (ms); None when it does not.
    """

    status: str
    token: str
    task: float | None


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known of a unit at one moment.

    Attributes:
        uid: the unit.
        state: what its record says; None when there is none.
        host, key, order, missing: of its record; empty where it has none.
        kept_ms: how long the record is kept; negative for ever.
        open: the unit that its URL names.
        delayed, queued, hosted: its place among the delayed, in its host's queue, and that host's among the hosts.
        sets: score in each state's set that it is in.
        stages: those that have a status or a task.
    """

    uid: str
    state: State | None
    host: str
    key: str
    order: str
    missing: str
    kept_ms: int
    open: str
    delayed: float | None
    queued: float | None
    hosted: float | None
    sets: Mapping[State, float]
    stages: Mapping[str, Held]

    @classmethod
    def read(cls, uid: str, row: Sequence[bytes]) -> Self:
        """Read what the ledger's ``look`` answered."""
        words = [word.decode() for word in row]
        state, host, key, order, missing, kept_ms, open_ = words[:7]
        delayed, queued, hosted, *scores = (float(w) if w else None for w in words[7 : 10 + len(STATES)])
        rest = words[10 + len(STATES) :]
        stages = {
            rest[i]: Held(rest[i + 1], rest[i + 2], float(rest[i + 3]) if rest[i + 3] else None)
            for i in range(0, len(rest), 4)
        }
        return cls(
            uid=uid,
            state=State(state) if state in STATES else None,
            host=host,
            key=key,
            order=order,
            missing=missing,
            kept_ms=int(kept_ms),
            open=open_,
            delayed=delayed,
            queued=queued,
            hosted=hosted,
            sets={name: score for name, score in zip(STATES, scores, strict=True) if score is not None},
            stages={stage: held for stage, held in stages.items() if held.status or held.task is not None},
        )

    @property
    def over(self) -> bool:
        """It has ended."""
        return self.state in END_STATES

    @property
    def opened(self) -> list[str]:
        """The stages that are open."""
        return [stage for stage, held in self.stages.items() if held.status]

    @property
    def enriching(self) -> list[str]:
        """The enrichers that are open."""
        return [stage for stage in self.opened if stage not in NO_ENRICHERS]


def faults(facts: Facts, now_ms: int, keep_ms: int) -> Iterator[tuple[Fault, str]]:
    """What is wrong with a unit, and where it shows.

    Args:
        facts: what is known of it.
        now_ms: the time.
        keep_ms: how long the record of an ended unit is kept.
    """
    if facts.state is None:
        # The set of an ended state is trimmed some time after its records expired.
        forgotten = set(facts.sets) <= set(END_STATES) and all(
            at < now_ms - keep_ms + 1000 for at in facts.sets.values()
        )
        named = [f"{stage}:{facts.uid}" for stage in facts.stages]
        if named or facts.delayed is not None or not forgotten:
            yield Fault.NO_RECORD, f"named by {', '.join([*facts.sets, *named]) or 'the frontier'}"
        return
    if set(facts.sets) != {facts.state}:
        yield Fault.WRONG_SET, f"is {facts.state}, in the sets of: {', '.join(facts.sets) or 'none'}"
    if facts.over:
        yield from _ended(facts)
    else:
        yield from _open(facts)
    for stage, held in facts.stages.items():
        if held.status and held.task is None and not facts.over:
            yield Fault.NO_TASK, f"{stage} is {held.status}"
        if not held.status:
            yield Fault.STALE_TASK, f"{stage} is not open"


def _ended(facts: Facts) -> Iterator[tuple[Fault, str]]:
    if facts.opened or facts.delayed is not None or facts.queued is not None:
        where = ", ".join(facts.opened) or "the frontier"
        yield Fault.OVER_BUT_QUEUED, f"{facts.state}, and still in {where}"
    if facts.kept_ms < 0:
        yield Fault.KEPT_FOR_EVER, f"{facts.state}, and its record does not expire"


def _open(facts: Facts) -> Iterator[tuple[Fault, str]]:
    if facts.key and facts.open != facts.uid:
        yield Fault.URL_NOT_HELD, f"its URL's open unit is {facts.open or 'none'}"
    if facts.state is State.WAITING:
        in_queue = facts.queued is not None and facts.hosted is not None
        if facts.delayed is None and not in_queue:
            yield Fault.NOT_IN_FRONTIER, "neither delayed nor in its host's queue"
    elif facts.state is State.ENRICHING:
        yield from _enriching(facts)
    else:
        stage = Stage.FETCH if facts.state is State.FETCHING else Stage.NORMALIZE
        if stage not in facts.opened:
            yield Fault.NO_STAGE, f"{facts.state}, but {stage} is not open"


def _enriching(facts: Facts) -> Iterator[tuple[Fault, str]]:
    if Stage.PUBLISH in facts.opened:
        return
    open_, missing = len(facts.enriching), int(facts.missing or 0)
    if open_ == 0 or open_ != missing:
        yield (
            Fault.NO_STAGE,
            f"{open_} enrichers are open, {missing} results are missing, and it is not publishing",
        )
