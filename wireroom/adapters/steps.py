"""Atomic steps: lists of plain Redis commands that are applied together, and only if what they rest on still holds.

The Lua library beside this file applies them. RQ's own commands for an enqueued job can be part of a step, because RQ
writes them to a pipeline that is never sent, only read.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

from redis.exceptions import ResponseError

from wireroom.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wireroom.adapters.client import Client

Value = str | bytes | int | float
Command = tuple[Value, ...]

_SOURCE = resources.files(__package__).joinpath("ledger.lua").read_text("utf-8")
_VERSION = hashlib.sha256(_SOURCE.encode()).hexdigest()[:8]
# Names carry the version: old and new processes of a rolling restart each call their own.
_LIBRARY = _SOURCE.replace("name=wireroom", f"name=wireroom_{_VERSION}", 1).replace(
    "function('wireroom_", f"function('wireroom_{_VERSION}_"
)


DISK_WAIT = 10_000
"""Milliseconds that Redis's disk is waited for, where that is asked for; `everysec` takes up to one second."""
FILE_LOOK = 0.02
"""Seconds between two looks whether Redis has written to its file."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A hash field that must still have a value; the empty string means that it is absent."""

    key: str
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Countdown:
    """A hash field counted down by one with the step, and what follows when it reaches zero."""

    key: str
    name: str
    commands: Sequence[Command]


@dataclass(frozen=True, slots=True)
class Step:
    """One change of state and everything that follows from it."""

    conditions: Sequence[Condition]
    commands: Sequence[Command]
    countdown: Countdown | None = None

    def arguments(self) -> list[Value]:
        """The step as the Lua library takes it."""
        words: list[Value] = [len(self.conditions)]
        for condition in self.conditions:
            words += [condition.key, condition.name, condition.value]
        words += flatten(self.commands)
        if self.countdown is None:
            words.append("")
        else:
            words += [self.countdown.key, self.countdown.name, *flatten(self.countdown.commands)]
        return words


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a step.

    Attributes:
        done: it was applied.
        lost: number of the first condition that no longer held, if it was not applied.
        zero: the countdown reached zero.
    """

    done: bool
    lost: int | None = None
    zero: bool = False

    @classmethod
    def of(cls, reply: int) -> Outcome:
        """Read the library's answer."""
        return cls(done=reply > 0, lost=None if reply > 0 else -reply, zero=reply == 2)  # noqa: PLR2004 - ledger.lua


@dataclass(frozen=True, slots=True)
class Joining:
    """What is asked of a URL's unit, and of the open one where there is one already.

    Attributes:
        url_record: the key whose field ``open`` names the URL's open unit.
        force: 1 where it is fetched though it is fresh.
        listed: 1 where a document lists it, 0 where somebody asked for it.
        order: its place in its host's queue.
        commands: what is done where it joins the open unit.
    """

    url_record: str
    force: int
    listed: int
    order: int
    commands: Sequence[Command] = ()


@dataclass(frozen=True, slots=True)
class Arrival:
    """One unit on its way into the ledger; one with ``joining`` shares the open unit of its URL, if there is one.

    Where ``only_if`` does not hold any more, it is left out.
    """

    uid: str
    commands: Sequence[Command]
    joining: Joining | None = None
    only_if: Condition | None = None

    def arguments(self) -> list[Value]:
        """The arrival as the Lua library takes it."""
        joining = self.joining or Joining("", 0, 0, 0)
        words: list[Value] = [self.uid, joining.url_record, joining.force, joining.listed, joining.order]
        only_if = self.only_if or Condition("", "", "")
        words += [only_if.key, only_if.name, only_if.value]
        return [*words, *flatten(self.commands), *flatten(joining.commands)]


def flatten(commands: Sequence[Command]) -> list[Value]:
    """Count, then for each command its length and its words."""
    words: list[Value] = [len(commands)]
    for command in commands:
        words.append(len(command))
        words.extend(command)
    return words


class Steps:
    """Calls the Lua library; loads it where the server does not have it."""

    def __init__(self, redis_: Client) -> None:
        self._redis = redis_

    def call(self, name: str, *args: Value) -> Any:
        """Call one function of the library.

        Raises:
            redis.exceptions.ResponseError: the server refused; nothing was done.
        """
        try:
            return self._redis.fcall(f"wireroom_{_VERSION}_{name}", 0, *args)
        except ResponseError as error:
            if not _missing(error):
                raise
            self.load()
            return self._redis.fcall(f"wireroom_{_VERSION}_{name}", 0, *args)

    def call_to_disk(self, name: str, *args: Value) -> Any:
        """Call one function, and wait until what it wrote is on Redis's disk (WAITAOF, Redis 7.2 and Valkey).

        Raises:
            StoreError: it is not on the disk in time, or Redis keeps no append-only file.
        """
        self.load()
        with self._redis.pipeline(transaction=False) as pipe:
            pipe.fcall(f"wireroom_{_VERSION}_{name}", 0, *args)
            pipe.execute_command("WAITAOF", 1, 0, DISK_WAIT)
            result, (local, _) = pipe.execute()
        if not local:
            raise StoreError(f"Redis had not written to its disk after {DISK_WAIT / 1000:g} s")
        return result

    def call_to_file(self, name: str, *args: Value) -> Any:
        """Call one function, and wait until Redis has given what it wrote to the operating system.

        A server that syncs every second answers before that while the disk is busy with the last sync, for up to two
        seconds: what it then holds is lost if the server is killed. Without an append-only file nothing is waited for.

        Raises:
            StoreError: it is not there in time.
        """
        result = self.call(name, *args)
        first = self._redis.info("persistence")
        end = time.monotonic() + DISK_WAIT / 1000
        now = first
        while not _written(first, now):
            if time.monotonic() > end:
                raise StoreError(
                    f"Redis had not written to its file after {DISK_WAIT / 1000:g} s: is its disk full or slow?"
                )
            time.sleep(FILE_LOOK)
            now = self._redis.info("persistence")
        return result

    def commit(self, steps: Sequence[Step]) -> list[Outcome]:
        """Apply steps in one transaction; each stands or falls by its own conditions."""
        if len(steps) == 1:
            return [Outcome.of(self.call("commit", *steps[0].arguments()))]
        try:
            return self._transaction(steps)
        except ResponseError as error:
            if not _missing(error):
                raise
            self.load()
            return self._transaction(steps)

    def _transaction(self, steps: Sequence[Step]) -> list[Outcome]:
        if not steps:
            return []
        with self._redis.pipeline(transaction=True) as pipe:
            for step in steps:
                pipe.fcall(f"wireroom_{_VERSION}_commit", 0, *step.arguments())
            return [Outcome.of(reply) for reply in pipe.execute()]

    def load(self) -> None:
        """Give the server the library, if it does not have it."""
        try:
            self._redis.function_load(_LIBRARY)
        except ResponseError as error:
            if "already exists" not in str(error):
                raise


def _written(first: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether the file holds all that the server held back at the first look, by two of its INFOs."""
    if not now.get("aof_enabled") or not now.get("aof_buffer_length"):
        return True
    if now.get("aof_rewrites") != first.get("aof_rewrites"):
        return False  # the sizes are those of another file: wait for the buffer
    return bool(now["aof_current_size"] >= first["aof_current_size"] + first["aof_buffer_length"])


def _missing(error: ResponseError) -> bool:
    return "Function not found" in str(error)
