"""The loop around every stage: lease, renew, work, commit. It lives once, here."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import structlog

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wireroom.adapters.ledger import Ledger
    from wireroom.adapters.steps import Outcome, Step
    from wireroom.records import Lease, Stage

log = structlog.get_logger()

FLUSH_AFTER = 0.2
"""Seconds after which finished work is committed, though the batch is not done."""


class Work(Protocol):
    """One stage's work on a batch."""

    stage: Stage

    def results(self, leases: Sequence[Lease]) -> Iterator[tuple[Lease, Step]]:
        """The step that each unit's work ends with, as soon as it is known."""
        ...

    def committed(self, done: Sequence[tuple[Lease, Outcome]]) -> None:
        """What is to be done after the steps were applied."""
        ...

    def flush(self, steps: Sequence[tuple[Lease, Step]]) -> Sequence[Step]:
        """Steps to be applied in the same transaction, such as the next stage's jobs."""
        ...


def work_on(ledger: Ledger, work: Work, uids: Sequence[str]) -> int:
    """Do one job: lease its units, work on them and commit what came of it, in groups.

    Returns:
        How many units were worked on; those that somebody else holds or that are done already are left out.
    """
    leases = ledger.take(work.stage, uids)
    ready: list[tuple[Lease, Step]] = []
    flushed = time.monotonic()
    with renewing(ledger, leases):
        for lease, step in work.results(leases):
            ready.append((lease, step))
            if time.monotonic() - flushed >= FLUSH_AFTER:
                _flush(ledger, work, ready)
                ready, flushed = [], time.monotonic()
        _flush(ledger, work, ready)
    return len(leases)


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
