"""What the store knows of each host's manners: its delay, its trouble, its page count. Read here, written in steps.

What somebody set by hand stands in a record of its own: it does not expire with what was observed.
"""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

import orjson

from wireroom import manners
from wireroom.adapters.ids import now_ms
from wireroom.errors import FetchError, Reason
from wireroom.manners import Delay, Health, Patience, Rest
from wireroom.urls import host_key

if TYPE_CHECKING:
    from wireroom.adapters.client import Client
    from wireroom.adapters.keys import Keys
    from wireroom.adapters.steps import Command
    from wireroom.settings import Settings

KEPT = 2 * 86400 * 1000
"""Milliseconds a host's record is kept after it was last used: longer than any rest."""
_DETAIL = 300
"""Characters of an error's sentence that are kept."""


class HostRecords:
    """Reads how a host is to be treated, and makes the commands that write down what happened to it."""

    def __init__(self, redis_: Client, keys: Keys, settings: Settings) -> None:
        self.redis = redis_
        self.keys = keys
        self.settings = settings
        self._archive = host_key(settings.archive_url) if settings.archive else None
        self.patience = Patience(settings.fetch_retry_delay, settings.fetch_tries, settings.fetch_patience)

    def delay(self, host: str) -> Delay:
        """The time between two requests to a host that is in force now."""
        with self.redis.pipeline(transaction=False) as pipe:
            pipe.hget(self.keys.host(host), "crawl_delay")
            pipe.hget(self.keys.host_hand(host), "delay")
            asked, by_hand = pipe.execute()
        return self.delay_of(asked, by_hand, host)

    def delay_of(
        self, asked: bytes | str | None, by_hand: bytes | str | None, host: str | None = None
    ) -> Delay:
        """The delay in force, of the two fields of a host's records; the archive has a setting of its own."""
        own = self.settings.archive_delay if host and host == self._archive else self.settings.fetch_delay
        return manners.delay(
            own,
            asked=float(asked) if asked else None,
            most=self.settings.fetch_max_delay,
            by_hand=float(by_hand) if by_hand else None,
        )

    def rest(self, host: str, error: FetchError) -> Rest | None:
        """How long a host is left alone after an error; None where the error says nothing against it."""
        fields = self.redis.hmget(self.keys.host(host), "failures", "since", "backoff", "backoff_until")
        failures, since, backoff, until = (float(value or 0) for value in fields)
        health = Health(int(failures), since, backoff, until)
        return manners.rest(health, error, time.time(), self.patience, chance=random.random())  # noqa: S311

    # --- commands of a step ---

    def failed(self, host: str, url: str, error: FetchError, rest: Rest | None) -> list[Command]:
        """A request to a host came to nothing: note why, and what follows."""
        if error.reason is Reason.ROBOTS_DENIED:
            return []
        key, now = self.keys.host(host), now_ms()
        detail = error.detail[:_DETAIL].encode("utf-8", "replace").decode()
        note = {"code": error.code, "detail": detail, "url": url, "at": now}
        commands: list[Command] = [("HSET", key, "error", orjson.dumps(note)), ("PEXPIRE", key, KEPT)]
        if rest is None:
            # An answer of any kind says that the host is up.
            return [*commands, *(self.answered(host) if error.status is not None else ())]
        health = rest.health
        commands.append(("HSET", key, "failures", health.failures, "since", health.since))
        if health.backoff:
            commands.append(("HSET", key, "backoff", health.backoff, "backoff_until", health.until))
        if rest.seconds:
            until = now + int(rest.seconds * 1000)
            commands.append(("HSET", key, "rests_until", until, "rests_for", error.code))
        return commands

    def answered(self, host: str) -> list[Command]:
        """A host served a request: what it failed at before does not count any more."""
        return [("HDEL", self.keys.host(host), "failures", "since", "rests_until", "rests_for")]
