"""RQ: jobs of unit ids, enqueued as part of an atomic step, run by resident workers. RQ executes; it is not believed."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar

from rq import Queue, SimpleWorker
from rq.job import Job
from rq.serializers import JSONSerializer

from wireroom.records import Stage

if TYPE_CHECKING:
    import threading
    from collections.abc import Sequence
    from types import FrameType

    import redis

    from wireroom.adapters.steps import Command

FAILURE_TTL = 3600
"""Seconds RQ keeps the hash of a job that failed: enough to look at; the ledger tries again by itself."""


def function_name(stage: Stage) -> str:
    """The one function a queue's jobs may name."""
    return f"wireroom.workers.{stage}.run"


class ListedJob(Job):
    """A job that runs only functions of Wireroom's workers.

    JSON payloads alone are no protection: whoever can write to Redis could name ``os.system``.
    """

    allowed: ClassVar[frozenset[str]] = frozenset(function_name(stage) for stage in Stage)

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


class ResidentWorker(SimpleWorker):
    """Runs jobs in its own process: a fork for each costs 11 to 14 ms, and the models would be loaded anew."""

    stop: threading.Event

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """Stop after the job under way, which is told to hand back what it has not begun; at once when idle."""
        self.stop.set()
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]


class Jobs:
    """The queues, one a stage."""

    def __init__(self, redis_: redis.Redis, namespace: str, *, timeout: float) -> None:
        self._redis = redis_
        self._namespace = namespace
        self._timeout = timeout

    def queue(self, stage: Stage) -> Queue:
        """The queue of one stage; its name carries the namespace, so that two can share a Redis."""
        return Queue(
            f"{self._namespace}{stage}",
            connection=self._redis,
            serializer=JSONSerializer,
            job_class=ListedJob,
        )

    def enqueue(self, stage: Stage, job_id: str, uids: Sequence[str]) -> list[Command]:
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

    def queued(self, stage: Stage, job_id: str) -> bool:
        """Whether a job still stands in its queue."""
        return self._redis.lpos(self.queue(stage).key, job_id) is not None

    def length(self, stage: Stage) -> int:
        """How many jobs stand in a queue."""
        return int(self._redis.llen(self.queue(stage).key))

    def worker(self, stage: Stage, name: str, stop: threading.Event) -> ResidentWorker:
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
