"""Metrics for Prometheus. Every name stands in one typed list; what is in Redis is asked when it is scraped.

Queues and workers keep the names of rq-exporter (https://github.com/mdawar/rq-exporter), so its dashboards work.
"""

from __future__ import annotations

import asyncio
from collections import Counter as Counted
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from aiohttp import web
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from rq.worker_registration import get_keys

from wireroom.adapters.connection import TROUBLE
from wireroom.adapters.http.routes import Answer, Route
from wireroom.adapters.http.shared import shared
from wireroom.adapters.ids import now_ms
from wireroom.adapters.sourcelisting import listed
from wireroom.events import Stream
from wireroom.records import END_STATES, OPEN_STATES
from wireroom.sources import Standing as SourceStanding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prometheus_client.core import Metric as Family
    from rq import Queue

    from wireroom.adapters.http.pressure import Standing
    from wireroom.world import World


class Kind(StrEnum):
    """How a metric's value moves."""

    GAUGE = "gauge"
    COUNTER = "counter"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: its name, what it says, and its labels."""

    name: str
    kind: Kind
    about: str
    labels: tuple[str, ...] = ()


REQUESTS = Metric("wireroom_http_requests", Kind.COUNTER, "Answers given.", ("method", "route", "status"))
SECONDS = Metric("wireroom_http_request_seconds", Kind.HISTOGRAM, "Seconds to an answer.", ("route",))
SUBSCRIBERS = Metric("wireroom_http_subscribers", Kind.GAUGE, "Clients that follow the streams now.")
REDIS_UP = Metric("wireroom_redis_up", Kind.GAUGE, "1 when Redis answers.")
REDIS_MEMORY = Metric("wireroom_redis_memory_bytes", Kind.GAUGE, "Bytes of memory Redis uses.")
REDIS_BUDGET = Metric("wireroom_redis_memory_budget_bytes", Kind.GAUGE, "Bytes Redis may use; 0: no limit.")
UNITS = Metric("wireroom_units", Kind.GAUGE, "Units of work by state.", ("state",))
ENTRIES = Metric("wireroom_stream_entries", Kind.GAUGE, "Entries kept in each stream.", ("stream",))
DOCUMENTS = Metric("wireroom_documents", Kind.GAUGE, "Documents that are kept.")
URLS = Metric("wireroom_urls", Kind.GAUGE, "URLs that are known.")
HOSTS = Metric("wireroom_frontier_hosts", Kind.GAUGE, "Hosts with URLs that wait.")
DELAYED = Metric("wireroom_frontier_delayed", Kind.GAUGE, "URLs that wait for another try.")
SOURCES = Metric("wireroom_sources", Kind.GAUGE, "Feeds and sitemaps by state.", ("state",))
SOURCE_NEW = Metric(
    "wireroom_source_new", Kind.COUNTER, "Articles that each source named first.", ("source",)
)
SOURCE_LOOKS = Metric("wireroom_source_looks", Kind.COUNTER, "Times each source was asked.", ("source",))
SOURCE_FAILURES = Metric(
    "wireroom_source_failures", Kind.GAUGE, "Looks in a row that came to nothing.", ("source",)
)
LOOKS = Metric("wireroom_recrawl_hosts", Kind.GAUGE, "Hosts with documents that are looked at again unasked.")
LOOKS_DUE = Metric(
    "wireroom_recrawl_hosts_due", Kind.GAUGE, "Those of them with documents that are due by now."
)
TASKS = Metric("wireroom_tasks", Kind.GAUGE, "Stages of work that are open.")
OVERDUE = Metric("wireroom_tasks_overdue", Kind.GAUGE, "Stages of work whose time is over.")
RQ_JOBS = Metric("rq_jobs", Kind.GAUGE, "RQ jobs by queue and status.", ("queue", "status"))
RQ_WORKERS = Metric("rq_workers", Kind.GAUGE, "RQ workers.", ("name", "state", "queues"))
RQ_SUCCESS = Metric("rq_workers_success", Kind.COUNTER, "Jobs done by each worker.", ("name", "queues"))
RQ_FAILED = Metric("rq_workers_failed", Kind.COUNTER, "Jobs failed by each worker.", ("name", "queues"))
RQ_SECONDS = Metric(
    "rq_workers_working_time", Kind.COUNTER, "Seconds each worker worked.", ("name", "queues")
)

METRICS: Final = (
    *(REQUESTS, SECONDS, SUBSCRIBERS, REDIS_UP, REDIS_MEMORY, REDIS_BUDGET, UNITS, ENTRIES, DOCUMENTS, URLS),
    *(SOURCES, SOURCE_NEW, SOURCE_LOOKS, SOURCE_FAILURES),
    *(HOSTS, DELAYED, LOOKS, LOOKS_DUE, TASKS, OVERDUE),
    *(RQ_JOBS, RQ_WORKERS, RQ_SUCCESS, RQ_FAILED, RQ_SECONDS),
)
"""Every metric there is."""

Reading = tuple[tuple[str, ...], float]
"""Values of the labels, and the value."""


class Metrics:
    """What this process counts, and what it finds in Redis when it is asked."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._own = CollectorRegistry()
        self._requests = Counter(REQUESTS.name, REQUESTS.about, REQUESTS.labels, registry=self._own)
        self._seconds = Histogram(SECONDS.name, SECONDS.about, SECONDS.labels, registry=self._own)
        self.subscribers = Gauge(SUBSCRIBERS.name, SUBSCRIBERS.about, registry=self._own)

    def answered(self, request: web.Request, status: int, seconds: float | None) -> None:
        """Count an answer; the seconds it took, unless it was a stream without an end."""
        resource = request.match_info.route.resource
        route = resource.canonical if resource is not None else "none"
        # A method is whatever a client writes: only known ones become a label.
        method = request.method if request.method in {"GET", "HEAD", "POST", "PATCH", "DELETE"} else "other"
        self._requests.labels(method, route, str(status)).inc()
        if seconds is not None:
            self._seconds.labels(route).observe(seconds)

    def text(self, standing: Standing) -> bytes:
        """Everything, as Prometheus reads it. Asks Redis."""
        asked = CollectorRegistry()
        asked.register(_Asked(self._world, standing))
        return generate_latest(self._own) + generate_latest(asked)


class _Asked:
    """What is found in Redis."""

    def __init__(self, world: World, standing: Standing) -> None:
        self._world = world
        self._standing = standing

    def describe(self) -> Iterable[Family]:
        """Nothing is asked before the scrape."""
        return ()

    def collect(self) -> Iterator[Family]:
        """Everything, or that Redis does not answer."""
        found: list[Family] = []
        up = self._standing.reachable
        if up:
            try:
                found = [_family(metric, readings) for metric, readings in self._readings()]
            except TROUBLE:
                up = False
        yield _family(REDIS_UP, [((), float(up))])
        if up:
            yield from found

    def _readings(self) -> Iterator[tuple[Metric, list[Reading]]]:
        world, keys = self._world, self._world.keys
        with world.client.pipeline(transaction=False) as pipe:
            for state in (*OPEN_STATES, *END_STATES):
                pipe.zcard(keys.state(state))
            for stream in Stream:
                pipe.xlen(keys.stream(stream))
            for key in (keys.documents, keys.urls, keys.hosts, keys.delayed, keys.tasks):
                pipe.zcard(key)
            pipe.zcount(keys.tasks, "-inf", now_ms())
            pipe.zcard(keys.looks)
            pipe.zcount(keys.looks, "-inf", now_ms())
            counts = iter(pipe.execute())
        yield UNITS, [((state.value,), next(counts)) for state in (*OPEN_STATES, *END_STATES)]
        yield ENTRIES, [((stream.value,), next(counts)) for stream in Stream]
        for metric in (DOCUMENTS, URLS, HOSTS, DELAYED, TASKS, OVERDUE, LOOKS, LOOKS_DUE):
            yield metric, [((), next(counts))]
        yield REDIS_MEMORY, [((), self._standing.used or 0)]
        yield REDIS_BUDGET, [((), self._standing.budget)]
        yield from _sources(world)
        queues = [world.jobs.queue(stage) for stage in world.jobs.stages]
        yield RQ_JOBS, [reading for queue in queues for reading in _jobs(queue)]
        yield from _workers(world, queues)


def _sources(world: World) -> Iterator[tuple[Metric, list[Reading]]]:
    found = listed(world.client, world.keys)
    states = Counted(one["state"] for one in found)
    yield SOURCES, [((state.value,), states[state.value]) for state in SourceStanding]
    for metric, name in ((SOURCE_NEW, "new_total"), (SOURCE_LOOKS, "looks"), (SOURCE_FAILURES, "failures")):
        yield metric, [((str(one["name"]),), one[name]) for one in found]


def _family(metric: Metric, readings: list[Reading]) -> Family:
    kind = CounterMetricFamily if metric.kind is Kind.COUNTER else GaugeMetricFamily
    family = kind(metric.name, metric.about, labels=metric.labels)
    for labels, value in readings:
        family.add_metric(labels, value)
    return family


def _jobs(queue: Queue) -> Iterator[Reading]:
    yield (queue.name, "queued"), queue.count
    for status in ("started", "finished", "failed", "deferred", "scheduled"):
        # Without cleanup: a scrape only reads.
        registry = getattr(queue, f"{status}_job_registry")
        yield (queue.name, status), registry.get_job_count(cleanup=False)


def _workers(world: World, queues: list[Queue]) -> Iterator[tuple[Metric, list[Reading]]]:
    found = [(key, queue.name) for queue in queues for key in sorted(get_keys(queue))]
    with world.client.pipeline(transaction=False) as pipe:
        for key, _ in found:
            pipe.hmget(key, "state", "successful_job_count", "failed_job_count", "total_working_time")
        rows: list[list[bytes | None]] = pipe.execute()
    # The key's last part is the name; a name holds no colon.
    names = [(key.rpartition(":")[2], queue) for key, queue in found]
    states = [(row[0] or b"?").decode() for row in rows]
    yield RQ_WORKERS, [((name, state, queue), 1) for (name, queue), state in zip(names, states, strict=True)]
    for place, metric in enumerate((RQ_SUCCESS, RQ_FAILED, RQ_SECONDS), start=1):
        yield metric, [(name, float(row[place] or 0)) for name, row in zip(names, rows, strict=True)]


async def show(request: web.Request) -> web.Response:
    """All metrics."""
    own = shared(request)
    text = await asyncio.to_thread(own.metrics.text, await own.pressure.standing())
    return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE_LATEST})


ROUTES: Final = (
    Route(
        "GET",
        "/metrics",
        show,
        "Give every metric to Prometheus.",
        "health",
        {200: Answer("The metrics.", types=("text/plain",))},
    ),
)
