"""The one place where everything is wired. Nothing connects at import; each part is made when it is first asked for."""

from __future__ import annotations

import os
import socket
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from wireroom.adapters import connection
from wireroom.adapters.crawler import Crawler, Handover
from wireroom.adapters.endings import Endings
from wireroom.adapters.fetching import Fetcher
from wireroom.adapters.frontier import Frontier
from wireroom.adapters.jobs import Jobs
from wireroom.adapters.keys import Keys
from wireroom.adapters.ledger import Ledger, enrichers
from wireroom.adapters.publishing import Publisher
from wireroom.adapters.store import Store
from wireroom.adapters.streams import Streams
from wireroom.adapters.sweeper import Sweeper
from wireroom.networks import AddressPolicy, parse_networks

if TYPE_CHECKING:
    from collections.abc import Callable

    import redis

    from wireroom.adapters.client import Client
    from wireroom.adapters.crawler import Deliver
    from wireroom.adapters.sameness_index import SamenessIndex
    from wireroom.records import Stage
    from wireroom.settings import Settings


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
        return Jobs(self.redis, self.settings.namespace, timeout=longest)

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
            batch_size=settings.batch_size,
        )

    @cached_property
    def streams(self) -> Streams:
        """The four streams."""
        return Streams(self.client, self.keys, most=self.settings.stream_max)

    @cached_property
    def store(self) -> Store:
        """The documents."""
        return Store(self.client, self.keys, keep_documents=self.settings.keep_documents)

    @cached_property
    def endings(self) -> Endings:
        """How work ends."""
        return Endings(self.ledger, self.streams)

    @cached_property
    def frontier(self) -> Frontier:
        """Which URL may be fetched now."""
        return Frontier(self.ledger, self.endings, self.settings)

    @cached_property
    def publisher(self) -> Publisher:
        """Joins results and publishes them."""
        return Publisher(self.ledger, self.store, self.streams)

    @cached_property
    def sweeper(self) -> Sweeper:
        """Gives back what is overdue."""
        return Sweeper(self.ledger, self.endings, self.publisher, self.settings)

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

    # --- fetching ---

    def fetcher(self) -> Fetcher:
        """A fetcher, to be entered as a context."""
        settings = self.settings
        policy = AddressPolicy(parse_networks(settings.fetch_allow_private), settings.fetch_ports)
        return Fetcher(
            policy=policy,
            user_agent=settings.fetch_user_agent,
            contact=settings.fetch_contact,
            timeout=settings.fetch_timeout,
            max_bytes=settings.fetch_max_bytes,
            max_redirects=settings.fetch_max_redirects,
        )

    def crawler(self, fetcher: Fetcher, deliver: Deliver) -> Crawler:
        """What is done with one leased URL."""
        return Crawler(self.frontier, fetcher, deliver)

    def handover(self) -> Handover:
        """Collects fetched pages."""
        return Handover(self.frontier, most=self.settings.batch_size)

    # --- work ---

    @property
    def enrichers(self) -> tuple[Stage, ...]:
        """The enrichers that run."""
        return enrichers(self.settings.enrich)

    def work(self, stage: Stage) -> Any:
        """The work of one queue, with the process it is done in. Imports what only that queue needs."""
        from wireroom.adapters import stages  # noqa: PLC0415 - trafilatura and spaCy stay out of the light processes

        return stages.work(self, stage)

    def name(self, service: str) -> str:
        """A name for this process among all of its kind."""
        return f"{service}-{socket.gethostname()}-{os.getpid()}"
