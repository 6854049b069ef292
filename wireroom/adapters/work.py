"""The loop around every stage: lease, renew, work, commit. It lives once, here."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import structlog

from wireroom.adapters.connection import TROUBLE
from wireroom.adapters.ids import new_id
from wireroom.adapters.ledger import Ledger
from wireroom.adapters.steps import Step
from wireroom.failure import WorkInterrupted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from wireroom.adapters.steps import Outcome
    from wireroom.records import Lease

log = structlog.get_logger()

FLUSH_AFTER = 0.2
"""Seconds after which finished work is committed, though the batch is not done."""
HOLD_AT_MOST = 2.0
"""Seconds for which it is held while the next stage has enough to do: fewer, larger jobs (one costs 2 to 3 ms)."""


class Work(Protocol):
    """One stage's work on a batch."""

    stage: str

    def results(self, leases: Sequence[Lease]) -> Iterator[tuple[Lease, Step]]:
        """The step that each unit's work ends with, as soon as it is known."""
        ...

    def committed(self, done: Sequence[tuple[Lease, Outcome]]) -> None:
        """What is to be done after the steps were applied."""
        ...

    def crowded(self) -> bool:
        """Whether the next stage has enough to do, so that nobody waits for what is held back here."""
        ...

    def interrupt(self) -> None:
        """End `results` soon, from another thread, with `WorkInterrupted`."""
        ...

    def close(self) -> None:
        """End what the work runs in."""
        ...

    def flush(self, steps: Sequence[tuple[Lease, Step]]) -> Sequence[Step]:
        """Steps to be applied in the same transaction, such as the next stage's jobs."""
        ...


def work_on(ledger: Ledger, work: Work, uids: Sequence[str], stopping: Callable[[], bool]) -> int:
    """Do one job: lease its units, work on them and commit what came of it, in groups.

    When told to stop, what is not done yet is handed back.

    Returns:
        How many units were worked on; those that somebody else holds or that are done already are left out.
    """
    leases = ledger.take(work.stage, uids)
    ready: list[tuple[Lease, Step]] = []
    left = {lease.uid: lease for lease in leases}
    flushed = time.monotonic()
    with renewing(ledger, leases):
        try:
            for lease, step in work.results(leases):
                ready.append((lease, step))
                del left[lease.uid]
                if stopping():
                    break
                held = time.monotonic() - flushed
                if held >= HOLD_AT_MOST or (held >= FLUSH_AFTER and not work.crowded()):
                    _flush(ledger, work, ready)
                    ready, flushed = [], time.monotonic()
        except WorkInterrupted:
            log.info("interrupted", stage=work.stage, units=len(left))
        _flush(ledger, work, ready)
        if stopping() and left:
            _hand_back(ledger, work.stage, list(left.values()))
    return len(leases)


def _hand_back(ledger: Ledger, stage: str, leases: Sequence[Lease]) -> None:
    job = new_id()
    steps = [
        Step(
            ledger.held(lease),
            [
                *ledger.opened(lease.uid, stage, job),
                ("HINCRBY", ledger.keys.unit(lease.uid), f"{stage}.tries", -1),
            ],
        )
        for lease in leases
    ]
    ledger.commit([*steps, Step((), ledger.jobs.enqueue(stage, job, [lease.uid for lease in leases]))])
    log.info("handed back", stage=stage, units=len(leases))


def _flush(ledger: Ledger, work: Work, ready: Sequence[tuple[Lease, Step]]) -> None:
    if not ready:
        return
    outcomes = ledger.commit([*(step for _, step in ready), *work.flush(ready)])
    done = [(lease, outcome) for (lease, _), outcome in zip(ready, outcomes, strict=False)]
    for lease, outcome in done:
        if not outcome.done:
            log.warning("lease lost, result dropped", unit=lease.uid, stage=lease.stage, token=lease.token)
    work.committed(done)


@contextmanager
def renewing(ledger: Ledger, leases: Sequence[Lease]) -> Iterator[None]:
    """Renew leases in the background while the block runs. When this process freezes, nobody renews: as it should be."""
    stop = threading.Event()

    def renew() -> None:
        while not stop.wait(ledger.lease_ms / 3000):
            try:
                ledger.renew(leases)
            except TROUBLE as error:
                log.warning("leases could not be renewed", stage=leases[0].stage, why=str(error))
            except Exception:
                log.warning("could not renew leases", stage=leases[0].stage, exc_info=True)

    thread = threading.Thread(target=renew, name="renew", daemon=True)
    if leases:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        if leases:
            thread.join()
