"""A worker process: one queue name, a resident RQ worker, its function and models loaded once in a killable process."""

from __future__ import annotations

import logging
import signal
import threading
import time
from typing import TYPE_CHECKING

import structlog

from wireroom import jobs
from wireroom.adapters.connection import TROUBLE
from wireroom.adapters.ids import new_id
from wireroom.adapters.jobs import ListedJob
from wireroom.adapters.steps import Step
from wireroom.adapters.work import work_on
from wireroom.errors import Reason, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import FrameType

    from wireroom.world import World

log = structlog.get_logger()

PAUSE = 1.0
"""Seconds before a worker that RQ ended is started again."""
LOOK = 2.0
"""Seconds after which a worker that waits for Redis asks whether it is to stop."""


class _InOneLine(logging.Filter):
    """RQ tells of a Redis that is gone by a traceback. It is no fault of the program: one line says it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Shorten such a record; every record passes."""
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, TROUBLE):
            record.msg, record.args, record.exc_info = "Redis is gone: %s", (error,), None
        return True


class QueueWorker:
    """Serves one queue until SIGTERM or SIGINT. RQ's worker quits on many an error; this one starts another."""

    def __init__(self, world: World, stage: str) -> None:
        self._world = world
        self._stage = stage
        self._stop = threading.Event()
        self._work = world.work(stage)

    def serve(self, ready: Callable[[str], None]) -> None:
        """Run jobs until told to stop."""
        jobs.Desk.run, jobs.Desk.stage = self._run, self._stage
        ListedJob.refuse = self._refused
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._request_stop)
        logging.getLogger("rq.worker").addFilter(_InOneLine())
        ready(f"working on {self._stage}")
        try:
            while not self._stop.is_set():
                self._serve_once()
                self._stop.wait(PAUSE)
        finally:
            self._work.close()

    def _serve_once(self) -> None:
        worker = self._world.jobs.worker(
            self._stage, f"{self._world.name(self._stage)}-{new_id()[-4:]}", self._stop
        )
        try:
            worker.work(logging_level="WARNING")
        except self._world.store_errors as error:
            log.warning("Redis is gone; waiting for it", why=str(error))
            self._wait_for_redis()
        except Exception:
            log.exception("the worker ended; another takes its place")

    def _wait_for_redis(self) -> None:
        say = log.warning
        while not self._stop.is_set():
            try:
                self._world.wait_ready(say, LOOK)
            except StoreUnavailable:
                say = log.debug
            else:
                return

    def _request_stop(self, _signal: int, _frame: FrameType | None) -> None:
        """Stop after the document under way, which may take half the time there is; the rest is handed back."""
        if not self._stop.is_set():
            self._stop.set()
            late = threading.Timer(self._world.settings.grace / 2, self._work.interrupt)
            late.daemon = True
            late.start()

    def _refused(self, job: str, why: str) -> None:
        """A job that is none of ours ends as a dead letter; the units it may have stood for are enqueued again."""
        letter = self._world.endings.dead(job, {}, self._stage, Reason.INVALID_JOB, 1, detail=why)
        self._world.ledger.commit([Step((), [letter])])

    def _run(self, stage: str, uids: Sequence[str]) -> None:
        begun = time.monotonic()
        count = work_on(self._world.ledger, self._work, uids, self._stop.is_set)
        seconds = round(time.monotonic() - begun, 3)
        log.debug("job done", stage=stage, units=count, of=len(uids), seconds=seconds)
