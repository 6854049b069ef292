"""The queue of a user's enricher: its code runs in a process of its own, without Redis, killed by the clock or its memory."""

from __future__ import annotations

import functools
import time
from typing import TYPE_CHECKING, Any

import structlog

from wireroom.adapters import registry
from wireroom.adapters.enrich_work import EnrichWork
from wireroom.adapters.pool import ENRICHMENT, Pool
from wireroom.enricher import EnrichInput, checked_result, version_of
from wireroom.errors import Reason, WorkError
from wireroom.failure import Failure

if TYPE_CHECKING:
    from wireroom.adapters.ledger import Ledger
    from wireroom.adapters.publishing import Publisher
    from wireroom.draft import Draft
    from wireroom.enricher import Enricher
    from wireroom.settings import Settings

log = structlog.get_logger()


def user_work(name: str, ledger: Ledger, publisher: Publisher, settings: Settings) -> EnrichWork:
    """The work of a user's enricher, with the process it is done in, loaded there.

    One that cannot be loaded fails each document with the reason, so that none waits for it; it is tried anew each time.
    """
    pool: Pool[Draft | None, dict[str, Any]] = Pool(
        functools.partial(enrich, name),
        ENRICHMENT,
        timeout=settings.enrich_timeout,
        memory=settings.work_memory,
    )
    try:
        (told,) = pool.map([None])
    except BaseException:
        pool.close()
        raise
    version = None
    if isinstance(told, Failure):
        log.error("the enricher could not be loaded", enricher=name, why=f"{told.reason}: {told.detail}")
    else:
        version = told["version"]
    return EnrichWork(name, version, pool.map, ledger, publisher, settings, pool.interrupt, pool.close)


def enrich(name: str, draft: Draft | None) -> dict[str, Any]:
    """What a user's enricher finds in a draft; without one only its version. Runs in the other process.

    Raises:
        WorkError: it failed, in a way that must not end the process; the pool tells any other error of its code.
    """
    try:
        enricher = _loaded(name)
        version = version_of(enricher)
        if draft is None:
            return {"version": version}
        document = EnrichInput.of(draft)
        begun = time.perf_counter()
        found = enricher.enrich(document)
        seconds = time.perf_counter() - begun
        return {"data": checked_result(found), "seconds": seconds, "version": version}
    except (MemoryError, WorkError):
        raise
    except BaseException as error:
        # SystemExit and its like would end more than this document; and an error's own text may fail.
        raise WorkError(Reason.ENRICHMENT_ERROR, _told(error)) from error


@functools.cache
def _loaded(name: str) -> Enricher:
    return registry.load(name)


def _told(error: BaseException) -> str:
    try:
        return f"{type(error).__name__}: {error}"[:500]
    except Exception:  # noqa: BLE001 - it is the error's own code that fails here
        return type(error).__name__
