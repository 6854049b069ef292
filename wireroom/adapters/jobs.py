"""RQ: jobs of unit ids, enqueued as part of an atomic step, run by resident workers. RQ executes; it is not believed."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar

import structlog
from rq import Queue, SimpleWorker
from rq.exceptions import NoSuchJobError, StopRequested
from rq.job import Job
from rq.serializers import JSONSerializer

from wireroom.adapters.connection import TROUBLE
from wireroom.records import QUEUES

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Mapping, Sequence

    import redis

    from wireroom.adapters.steps import Command

log = structlog.get_logger()

LONGEST_JOB = 86_400
"""Seconds a job may say that it takes."""
FAILURE_TTL = 3600
"""Seconds RQ keeps the hash of a job that failed: enough to look at; the ledger tries again by itself."""


USERS = "enricher"
"""The module of `wireroom.workers` that all users' enrichers share: their queues are known only when they are installed."""


def function_name(stage: str) -> str:
    """The one function a queue's jobs may name."""
    return f"wireroom.workers.{stage if stage in QUEUES else USERS}.run"


class ListedJob(Job):
    """A job that runs only functions of Wireroom's workers, on lists of ids, and nothing before or after them.

    JSON payloads alone are no protection: whoever can write to Redis could name ``os.system``, as the function or as a
    callback. RQ's worker quits on a hash that it cannot read, so such a job is refused where it is read: to RQ it is
    gone. The ledger enqueues the work that it stood for again.
    """

    allowed: ClassVar[frozenset[str]] = frozenset(function_name(stage) for stage in (*QUEUES, USERS))
    refuse: ClassVar[Callable[[str, str], None] | None] = None
    """Is told a refused job's id and why. Set once, when a worker starts."""

    def restore(self, raw_data: Any) -> Any:
        """Read a job's hash.

        Raises:
            NoSuchJobError: it is none of ours; it is deleted, and whoever wants to know is told.
        """
        try:
            super().restore(raw_data)
            self._check(raw_data)
        except Exception as error:
            why = f"{type(error).__name__}: {error}"[:300]
            log.warning("job refused", job=self.id, why=why)
            if ListedJob.refuse is not None:
                ListedJob.refuse(self.id, why)
            self.connection.delete(self.key)
            raise NoSuchJobError(why) from error

    def _check(self, raw_data: Mapping[bytes, bytes]) -> None:
        if self.func_name not in self.allowed:
            msg = f"names {self.func_name!r}, which no worker of Wireroom may run"
            raise PermissionError(msg)
        if self.kwargs or len(self.args) != 1 or not _is_ids(self.args[0]):
            msg = "its arguments are not one list of ids"
            raise ValueError(msg)
        # RQ forgets webhooks that it cannot read, so they are looked for where they stand.
        webhooks = raw_data.get(b"webhooks")
        if any((*self._callbacks(), webhooks, self._dependency_ids, self.repeats_left, self.group_id)):
            msg = "it would do something before or after its work"
            raise PermissionError(msg)
        if not 0 < (self.timeout or 0) <= LONGEST_JOB:
            msg = f"may not take {self.timeout!r} s"
            raise ValueError(msg)

    def _callbacks(self) -> tuple[str | None, ...]:
        return self._success_callback_name, self._failure_callback_name, self._stopped_callback_name

    @property
    def func(self) -> Any:
        """The function, if it is on the list.

        Raises:
            PermissionError: it is not.
        """
        if self.func_name not in self.allowed:
            msg = f"job {self.id} names {self.func_name!r}, which no worker of Wireroom may run"
            raise PermissionError(msg)
        return super().func


def _is_ids(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(uid, str) for uid in value)


class ResidentWorker(SimpleWorker):
    """Runs jobs in its own process: a fork for each costs 11 to 14 ms, and the models would be loaded anew.

    Signals are its owner's. It stops when ``stop`` is set and it has no job in hand: RQ's own way, an exception out of
    the signal handler, loses the job that Redis has just handed over.
    """

    stop: threading.Event
    max_connection_wait_time = 1.0
    """RQ would wait up to three minutes for Redis to come back."""

    @property
    def dequeue_timeout(self) -> int:
        """Seconds one blocking pop takes: so long a stop may wait."""
        return 1

    @property
    def should_run_maintenance_tasks(self) -> Any:
        """Whether it is time to tidy up. RQ asks it before each pop, with no job in hand: the place to stop.

        Raises:
            StopRequested: the owner said so.
        """
        if self.stop.is_set():
            raise StopRequested
        return super().should_run_maintenance_tasks

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        """Tell Redis that the worker lives.

        Raises:
            StopRequested: Redis is gone, and the owner said to stop.
        """
        try:
            super().heartbeat(timeout, pipeline)
        except TROUBLE as error:
            if self.stop.is_set():
                raise StopRequested from error
            raise

    def run_maintenance_tasks(self) -> None:
        """Let RQ tidy up its keys; what it trips over there stops no work."""
        try:
            super().run_maintenance_tasks()  # type: ignore[no-untyped-call]
        except TROUBLE:
            raise
        except Exception:
            log.exception("RQ could not tidy up")
            self.last_cleaned_at = datetime.now(UTC)  # type: ignore[assignment]

    def _install_signal_handlers(self) -> None:
        """Leave them to the owner."""


class Jobs:
    """The queues, one a stage.

    Attributes:
        stages: those that are looked at: ours, and those of the users' enrichers that are switched on.
    """

    def __init__(
        self, redis_: redis.Redis, namespace: str, *, timeout: float, stages: Sequence[str] = QUEUES
    ) -> None:
        self.stages = tuple(stages)
        self._redis = redis_
        self._namespace = namespace
        self._timeout = timeout

    def queue(self, stage: str) -> Queue:
        """The queue of one stage; its name carries the namespace, so that two can share a Redis."""
        return Queue(
            f"{self._namespace}{stage}",
            connection=self._redis,
            serializer=JSONSerializer,
            job_class=ListedJob,
        )

    def enqueue(self, stage: str, job_id: str, uids: Sequence[str]) -> list[Command]:
        """RQ's commands that enqueue one job, to be part of a step."""
        recorder = self._redis.pipeline(transaction=True)
        recorder.multi()
        self.queue(stage).enqueue_call(
            function_name(stage),
            args=(list(uids),),
            timeout=int(self._timeout * len(uids) + 60),
            result_ttl=0,
            failure_ttl=FAILURE_TTL,
            job_id=job_id,
            description=f"{stage} of {len(uids)}",
            pipeline=recorder,
        )
        return [tuple(_plain(word) for word in words) for words, _options in recorder.command_stack]

    def dropped(self, stage: str, job_id: str) -> list[Command]:
        """Commands that take one job out of its queue, to be part of a step."""
        return [("LREM", self.queue(stage).key, 0, job_id), ("DEL", Job.key_for(job_id))]

    def queued(self, stage: str, job_id: str) -> bool:
        """Whether a job still stands in its queue."""
        return self._redis.lpos(self.queue(stage).key, job_id) is not None

    def length(self, stage: str) -> int:
        """How many jobs stand in a queue."""
        return int(self._redis.llen(self.queue(stage).key))

    def worker(self, stage: str, name: str, stop: threading.Event) -> ResidentWorker:
        """A resident worker of one queue name, which a signal stops and ``stop`` tells of it.

        More than one name makes RQ pop with BLPOP, which loses a job when the worker is killed before it starts it.
        """
        worker = ResidentWorker(
            [self.queue(stage)],
            name=name,
            connection=self._redis,
            serializer=JSONSerializer,
            job_class=ListedJob,
            worker_ttl=60,
            maintenance_interval=30,
            job_monitoring_interval=5,
            log_job_description=False,
        )
        worker.stop = stop
        return worker


def _plain(word: object) -> Any:
    if isinstance(word, Enum):
        return word.value
    return word if isinstance(word, (bytes, int, float)) else str(word)
