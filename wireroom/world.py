"""The one place where everything is wired. Nothing connects at import; each part is made when it is first asked for."""

from __future__ import annotations

import os
import socket
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from wireroom.adapters import connection, heartbeat, logs
from wireroom.adapters.alias_index import AliasIndex
from wireroom.adapters.endings import Endings
from wireroom.adapters.entry import (
    api_client,
    check_address,
    check_document_files,
    chosen_queues,
    document_files,
    free_port,
    load_settings,
    machine,
    read_files,
    set_up_logs,
    side_by_side,
)
from wireroom.adapters.frontier import Frontier
from wireroom.adapters.ids import new_id
from wireroom.adapters.jobs import Jobs
from wireroom.adapters.keys import Keys
from wireroom.adapters.ledger import Ledger
from wireroom.adapters.publishing import Publisher
from wireroom.adapters.store import Store
from wireroom.adapters.streams import Streams
from wireroom.adapters.sweeper import Sweeper
from wireroom.errors import StoreError
from wireroom.freshness import Bounds
from wireroom.intake import Checked
from wireroom.records import enrichers, queues

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncGenerator, Callable, Collection, Iterator, Mapping, Sequence

    import redis

    from wireroom.adapters.client import Client
    from wireroom.adapters.configuration import Loaded
    from wireroom.adapters.crawler import Crawler, Deliver, Handover
    from wireroom.adapters.doctor import Finding
    from wireroom.adapters.fetching import Fetcher
    from wireroom.adapters.http.server import HttpServer
    from wireroom.adapters.inbox import Inbox
    from wireroom.adapters.outbox import Outbox
    from wireroom.adapters.polling import Polls
    from wireroom.adapters.rebuilding import Rebuilt
    from wireroom.adapters.recrawling import Recrawling
    from wireroom.adapters.relief import Relief
    from wireroom.adapters.retention import GroupState, Retention
    from wireroom.adapters.sameness_index import SamenessIndex
    from wireroom.adapters.segments import Segments
    from wireroom.adapters.sources import Sources
    from wireroom.events import Stream
    from wireroom.retention import Limits
    from wireroom.settings import Settings
    from wireroom.subscribing import Delivery


__all__ = [
    "World",
    "api_client",
    "check_address",
    "check_document_files",
    "chosen_queues",
    "document_files",
    "free_port",
    "load_settings",
    "machine",
    "read_files",
    "running_world",
    "set_up_logs",
    "side_by_side",
]


class World:
    """Everything a process needs, made from its settings."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    # --- the store ---

    @cached_property
    def redis(self) -> redis.Redis:
        """The connection pool to Redis."""
        return connection.connect(self.settings)

    @property
    def client(self) -> Client:
        """The same, with the types it answers."""
        return cast("Client", self.redis)

    @cached_property
    def keys(self) -> Keys:
        """Key names under the namespace."""
        return Keys(self.settings.namespace)

    @cached_property
    def jobs(self) -> Jobs:
        """RQ's queues."""
        longest = max(self.settings.extract_timeout, self.settings.enrich_timeout)
        stages = queues(self.settings.enrich)
        return Jobs(self.redis, self.settings.namespace, timeout=longest, stages=stages)

    @cached_property
    def ledger(self) -> Ledger:
        """The owner of truth."""
        settings = self.settings
        return Ledger(
            self.client,
            self.keys,
            self.jobs,
            lease=settings.lease,
            keep_units=settings.keep_units,
            keep_urls=settings.keep_documents,
            batch_size=settings.batch_size,
            to_disk=settings.accept_to_disk,
        )

    @cached_property
    def streams(self) -> Streams:
        """The four streams."""
        return Streams(self.client, self.keys)

    @cached_property
    def store(self) -> Store:
        """The documents."""
        keep = self.settings.keep_documents
        return Store(self.client, self.keys, keep_documents=keep, looks=self._bounds)

    @property
    def _bounds(self) -> Bounds | None:
        settings = self.settings
        if not settings.recrawl:
            return None
        longest = max(settings.recrawl_min, settings.recrawl_max)
        return Bounds(settings.recrawl_min, longest, min(settings.recrawl_stop, settings.keep_documents))

    @cached_property
    def recrawling(self) -> Recrawling | None:
        """Looks again at what is due; None where nobody wants it."""
        from wireroom.adapters.recrawling import Recrawling  # noqa: PLC0415 - only one service needs it

        if self._bounds is None:
            return None
        return Recrawling(self.ledger, self.store.looks, self.frontier, self.settings, self._bounds)

    @cached_property
    def endings(self) -> Endings:
        """How work ends."""
        return Endings(self.ledger, self.streams)

    @cached_property
    def frontier(self) -> Frontier:
        """Which URL may be fetched now."""
        return Frontier(self.ledger, self.endings, self.store, self.settings)

    @cached_property
    def publisher(self) -> Publisher:
        """Joins results and publishes them."""
        return Publisher(self.ledger, self.store, self.streams, self.alias_index)

    @cached_property
    def alias_index(self) -> AliasIndex:
        """Names across documents."""
        return AliasIndex(self.redis, self.keys, window_days=self.settings.window_days)

    @cached_property
    def sweeper(self) -> Sweeper:
        """Gives back what is overdue."""
        return Sweeper(self.ledger, self.endings, self.publisher, self.settings)

    @cached_property
    def segments(self) -> Segments | None:
        """Where what left the streams is kept; None where no folder is named."""
        from wireroom.adapters.segments import segments_of  # noqa: PLC0415 - few processes need it

        return segments_of(self.settings)

    @cached_property
    def retention(self) -> Retention:
        """Keeps the streams within their limits."""
        from wireroom.adapters.retention import Retention  # noqa: PLC0415 - few processes need it

        return Retention(self.client, self.keys, self._limits, self.segments)

    @cached_property
    def relief(self) -> Relief:
        """Keeps Redis within its memory budget."""
        from wireroom.adapters.relief import Relief  # noqa: PLC0415 - only one service needs it

        budget = self.settings.memory_budget
        return Relief(
            self.client,
            self.keys,
            self.store,
            self.sameness_index,
            self.alias_index,
            self._limits,
            self.segments,
            budget,
        )

    @property
    def _limits(self) -> Limits:
        from wireroom.retention import Limits  # noqa: PLC0415 - few processes need it

        settings = self.settings
        return Limits(
            entries=settings.stream_max,
            size=settings.stream_budget,
            idle=settings.group_idle,
            files=settings.segments_max,
            age=settings.keep_segments,
        )

    @cached_property
    def sameness_index(self) -> SamenessIndex:
        """What was read before, to compare with."""
        from wireroom.adapters.sameness_index import SamenessIndex  # noqa: PLC0415 - only one worker needs it

        return SamenessIndex(self.redis, self.keys, window_days=self.settings.window_days)

    def wait_ready(self, say: Callable[[str], None], patience: float | None = None) -> None:
        """Wait until Redis is there and fit for the work.

        Raises:
            StoreError: it will not be: wrong password, an evicting policy, too old.
        """
        connection.wait_ready(self.redis, say, patience)
        self.ledger.check()
        self.ledger.steps.load()

    @property
    def store_errors(self) -> tuple[type[Exception], ...]:
        """What the store's calls raise when it is gone, full or refuses: wait, and try again."""
        return connection.TROUBLE

    def trim(self) -> int:
        """Let go of what has been kept long enough."""
        return self.store.trim() + self.ledger.trim()

    def groups(self, stream: Stream) -> list[GroupState]:
        """How the groups of a stream stand."""
        return self.retention.groups.states(stream)

    def retain(self) -> int:
        """Let go of what the streams hold over their limits."""
        return self.retention.retain()

    def relieve(self) -> int:
        """Let the oldest of what has ended go if Redis is nearly full."""
        done = self.relief.relieve()
        return done.entries + done.documents + done.units + done.indexed

    def take_in(self, checked: Checked, note: str, batch: str = "") -> str:
        """Take checked documents in as one batch.

        Args:
            checked: the documents.
            note: where they come from.
            batch: its id, if whoever takes them in may die and say it again; else one is made.

        Returns:
            The batch's id.
        """
        batch = batch or new_id()
        self.ledger.open_batch(batch, note)
        self.ledger.accept(batch, checked.listings, once=True)
        return batch

    # --- fetching ---

    def fetcher(self) -> Fetcher:
        """A fetcher, to be entered as a context."""
        from wireroom.adapters.fetching import Fetcher  # noqa: PLC0415 - aiohttp stays out of the workers
        from wireroom.certificates import exemptions  # noqa: PLC0415
        from wireroom.networks import AddressPolicy, parse_networks  # noqa: PLC0415

        settings = self.settings
        policy = AddressPolicy(parse_networks(settings.fetch_allow_private), settings.fetch_ports)
        return Fetcher(
            policy=policy,
            user_agent=settings.fetch_user_agent,
            contact=settings.fetch_contact,
            timeout=settings.fetch_timeout,
            max_bytes=settings.fetch_max_bytes,
            max_redirects=settings.fetch_max_redirects,
            exemptions=exemptions(settings.fetch_tls_exceptions),
        )

    def crawler(self, fetcher: Fetcher, deliver: Deliver) -> Crawler:
        """What is done with one leased URL."""
        from wireroom.adapters.crawler import Crawler  # noqa: PLC0415 - only one service needs it

        return Crawler(self.frontier, fetcher, deliver)

    @cached_property
    def sources(self) -> Sources:
        """Feeds and sitemaps, and whose turn it is."""
        from wireroom.adapters.sources import Sources  # noqa: PLC0415 - few processes need it

        return Sources(self.frontier, self.settings)

    def polls(self, crawler: Crawler) -> Polls:
        """What asks the sources that are due."""
        from wireroom.adapters.polling import Polls  # noqa: PLC0415 - only one service needs it

        return Polls(self.sources, crawler)

    def handover(self) -> Handover:
        """Collects fetched pages."""
        from wireroom.adapters.crawler import Handover  # noqa: PLC0415 - only one service needs it

        return Handover(self.frontier, most=self.settings.batch_size)

    # --- work ---

    @property
    def enrichers(self) -> tuple[str, ...]:
        """The enrichers that run."""
        return enrichers(self.settings.enrich)

    def work(self, stage: str) -> Any:
        """The work of one queue, with the process it is done in. Imports what only that queue needs."""
        from wireroom.adapters import stages  # noqa: PLC0415 - trafilatura and spaCy stay out of the light processes

        return stages.work(self, stage)

    def serve_queue(self, stage: str, ready: Callable[[str], None]) -> None:
        """Run the jobs of one queue until a signal says to stop."""
        from wireroom.adapters.queue_worker import QueueWorker  # noqa: PLC0415 - RQ's worker stays out of the rest

        QueueWorker(self, stage).serve(ready)

    def http_app(self) -> HttpServer:
        """The HTTP API, to be started.

        Raises:
            SettingsError: the address is not loopback and there is no token.
        """
        from wireroom.adapters.http.server import HttpServer  # noqa: PLC0415 - only one service serves it

        return HttpServer(self)

    # --- consumers and folders ---

    def subscribe(
        self, stream: str, *, group: str, types: Collection[str] | None = None, stop: asyncio.Event
    ) -> AsyncGenerator[Delivery, None]:
        """Events of a stream as one consumer of a group, until told to stop. As `wireroom.subscribe`."""
        from wireroom.adapters.subscription import subscribed  # noqa: PLC0415 - few processes need it

        return subscribed(self.settings, stream, group=group, types=types, stop=stop)

    def tail(
        self, streams: Sequence[str], *, since: str | None, follow: bool, types: Collection[str] | None
    ) -> AsyncGenerator[Delivery, None]:
        """Events of streams in order, without a group."""
        from wireroom.adapters.tail import tailed  # noqa: PLC0415 - few processes need it

        return tailed(self.settings, streams, since=since, follow=follow, types=types)

    def examine(self, *, repair: bool) -> list[Finding]:
        """Whether the ledger is sound; what is not, and what was mended."""
        from wireroom.adapters.doctor import examine  # noqa: PLC0415 - one command needs it

        return examine(self, repair=repair)

    def rebuild(self) -> Rebuilt:
        """Make the index of copies and stories anew from the documents that are kept."""
        from wireroom.adapters.rebuilding import rebuild  # noqa: PLC0415 - one command needs it

        return rebuild(self)

    def outbox(self, folder: Path) -> Outbox:
        """The folder that published documents are written to."""
        from wireroom.adapters.outbox import Outbox  # noqa: PLC0415 - few processes need it

        return Outbox(folder)

    def inbox(self, folder: Path) -> Inbox:
        """A folder whose new files are taken in."""
        from wireroom.adapters.folderwatch import FolderWatch  # noqa: PLC0415 - few processes need it
        from wireroom.adapters.inbox import Inbox  # noqa: PLC0415

        out = self.settings.out
        watch = FolderWatch(folder, avoid=Path(out) if out else None)
        return Inbox(watch, self.client, self.keys, self.streams, self.take_in, self.settings)

    def name(self, service: str) -> str:
        """A name for this process among all of its kind."""
        return f"{service}-{socket.gethostname()}-{os.getpid()}"

    @contextmanager
    def running_as(self, service: str) -> Iterator[None]:
        """Set logs up and give signs of life while the block runs."""
        logs.configure_logs(self.settings, service)
        file = Path(self.settings.alive_file) if self.settings.alive_file else None
        with heartbeat.beating(self.client, self.keys, service, file):
            yield

    def alive(self, service: str, host: str | None = None) -> int:
        """How many processes of a service gave a sign of life lately, on one host or on any.

        Raises:
            StoreError: Redis does not answer, or is not fit for the work.
        """
        connection.wait_ready(self.redis, lambda line: None, 0.0)  # noqa: ARG005 - the error says it
        return heartbeat.alive(self.client, self.keys, service, host)


def running_world(loaded: Loaded, data: Path | None, environ: Mapping[str, str]) -> World:
    """The world of the local service that runs; else of the Redis that the settings name."""
    from wireroom.adapters import datafolder  # noqa: PLC0415 - only the client's commands need it

    named = loaded.origins["redis_url"] != "default"
    service = None if named else datafolder.running_service(environ, data)
    change: dict[str, Any] = {"redis_url": service.redis_url, "redis_password": None} if service else {}
    if service and service.segments:
        change["segments"] = service.segments
    world = World(loaded.settings.model_copy(update=change))
    try:
        world.wait_ready(lambda line: None, patience=5.0)  # noqa: ARG005 - a command says it once, by its error
    except StoreError as error:
        if named or service:
            raise
        msg = f"{error}; no service runs from here: start `wireroom up`, name its folder by --data, or set WIREROOM_REDIS_URL"
        raise StoreError(msg) from None
    return world
