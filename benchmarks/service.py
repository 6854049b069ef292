"""A whole ``wireroom up`` on a folder of its own, driven from outside as a user drives it, and what it has cost so far."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import measure
import redis

from wireroom.adapters.keys import Keys
from wireroom.adapters.lifeline import die_with_parent
from wireroom.urls import url_key

if TYPE_CHECKING:
    from pathlib import Path

KEYS = Keys("wireroom:")
DOCUMENTS, FETCHES = KEYS.stream("documents"), KEYS.stream("fetches")
OURS = {"xread", "info", "hello", "client|setinfo", "auth"}
"""Commands of the measuring itself."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What everything has cost since the start.

    Attributes:
        at: when, seconds of the monotonic clock.
        busy: seconds all cores worked, for whomever.
        usage: by service.
        commands: Redis commands by name, those of scripts included.
        round_trips: times the server read from a client.
        wire: bytes in and out of the server.
        memory: bytes of the server's data.
        log: bytes of its append-only file.
    """

    at: float
    busy: float
    usage: dict[str, measure.Usage]
    commands: dict[str, int]
    round_trips: int
    wire: int
    memory: int
    log: int

    def cpu_since(self, before: Counts) -> dict[str, float]:
        """CPU seconds by service."""
        return {
            name: used.cpu - before.usage[name].cpu
            for name, used in self.usage.items()
            if name in before.usage
        }

    def commands_since(self, before: Counts) -> dict[str, int]:
        """Commands by name."""
        since = {name: count - before.commands.get(name, 0) for name, count in self.commands.items()}
        return {name: count for name, count in since.items() if count and name not in OURS}


class Service:
    """One running service. Use it as a context manager; everything it started ends with it."""

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        self._folder = folder
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self._pids: dict[str, list[int]] = {}
        self._api: http.client.HTTPConnection
        self._positions = {DOCUMENTS: "0-0", FETCHES: "0-0"}
        self.redis: redis.Redis
        self.environment: dict[str, str] = {}

    def __enter__(self) -> Self:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("WIREROOM_")}
        always = {
            "WIREROOM_FETCH_DELAY": "0",
            "WIREROOM_FETCH_ALLOW_PRIVATE": "127.0.0.0/8",
            "WIREROOM_FETCH_CONTACT": "bench@example.org",
            "WIREROOM_LOG_LEVEL": "warning",
        }
        self.environment = {**clean, **always, **self._settings}
        command = [sys.executable, "-m", "wireroom", "up", "--data", str(self._folder), "--port", "0"]
        self._process = subprocess.Popen(
            command,
            env=self.environment,
            cwd=self._folder.parent,
            process_group=0,
            preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - there are no threads here
        )
        try:
            self._find()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _find(self) -> None:
        """Wait until it answers."""
        until = time.monotonic() + 60
        path = self._folder / "service.json"
        while time.monotonic() < until:
            if self._process is None or self._process.poll() is not None:
                sys.exit("wireroom up ended at its start")
            with suppress(OSError, ValueError, http.client.HTTPException):
                found = json.loads(path.read_text())
                self._api = http.client.HTTPConnection(urlsplit(found["api_url"]).netloc, timeout=30)
                if self._ask("GET", "/readyz")[0] == 200:
                    self._pids = json.loads(path.read_text())["processes"]
                    self.redis = redis.Redis.from_url(found["redis_url"])
                    return
            time.sleep(0.1)
        sys.exit("wireroom up was not ready after 60 seconds")

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, str | None, Any]:
        """Status, Retry-After and body of an answer of the API."""
        kind = {"Content-Type": "application/json"} if body else {}
        self._api.request(method, path, body, kind | (headers or {}))
        answer = self._api.getresponse()
        return answer.status, answer.getheader("Retry-After"), json.loads(answer.read() or b"null")

    def _ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        status, _, answer = self.ask(method, path, None if body is None else json.dumps(body).encode())
        return status, answer

    def crawl(self, urls: list[str]) -> None:
        """Ask for URLs over HTTP."""
        status, answer = self._ask("POST", "/v1/recrawls", {"urls": urls})
        if status != 202 or answer["matched"] != len(urls):
            sys.exit(f"the service took {answer} of {len(urls)} URLs: {status}")

    def wait(self, count: int, patience: float) -> tuple[float, int]:
        """Read the streams as a consumer does until so many crawls have ended.

        Returns:
            When the last one ended, and how many of them brought no document.
        """
        done, without, until = 0, 0, time.monotonic() + patience
        at = time.monotonic()
        while done < count:
            if time.monotonic() > until:
                sys.exit(
                    f"only {done} of {count} documents after {patience:.0f} seconds: {self._ask('GET', '/v1/stats')[1]}"
                )
            found: Any = self.redis.xread(self._positions, block=500)  # type: ignore[arg-type]
            for stream, rows in found:
                name = stream.decode()
                self._positions[name] = rows[-1][0].decode()
                kinds = [fields[b"type"].decode() for _, fields in rows]
                ended = [kind for kind in kinds if kind not in {"fetch.succeeded", "document.gone"}]
                done += len(ended)
                without += sum(kind.startswith("fetch.") for kind in ended)
                at = time.monotonic()
        return at, without

    def counts(self) -> Counts:
        """What everything has cost until now."""
        known = measure.children()
        trees: dict[str, list[int]] = {}
        for name, roots in self._pids.items():
            trees[name] = roots
            below = [pid for root in roots for pid in measure.tree(root, known)[1:]]
            if below and name != "up":  # which is the parent of all
                trees[f"{name}, its pool"] = below
        stats: Any = self.redis.info("commandstats")
        everything: Any = self.redis.info()
        return Counts(
            at=time.monotonic(),
            busy=measure.busy(),
            usage={name: measure.usage(pids) for name, pids in trees.items()},
            commands={name.removeprefix("cmdstat_"): found["calls"] for name, found in stats.items()},
            round_trips=everything["total_reads_processed"],
            wire=everything["total_net_input_bytes"] + everything["total_net_output_bytes"],
            memory=everything["used_memory"],
            log=everything["aof_current_size"],
        )

    def memory(self) -> dict[str, int]:
        """Bytes of memory (proportional set size) by service, each with what is under it."""
        known = measure.children()
        pids = json.loads((self._folder / "service.json").read_text())["processes"]
        return {
            name: measure.usage(
                [pid for root in roots for pid in (measure.tree(root, known) if name != "up" else [root])]
            ).pss
            for name, roots in pids.items()
        }

    def kept(self) -> dict[str, int]:
        """Bytes of memory by what keys are about: the first word after the namespace."""
        names: list[bytes] = list(self.redis.scan_iter(count=1000))
        with self.redis.pipeline(transaction=False) as pipe:
            for name in names:
                pipe.memory_usage(name, samples=0)
            sizes = pipe.execute()
        found: dict[str, int] = {}
        for name, size in zip(names, sizes, strict=True):
            words = name.decode(errors="replace").split(":")
            kind = words[1] if words[0] == "wireroom" else words[0]
            if kind in {"sameness", "documents"} and len(words) > 2:
                kind = ":".join(words[1:3])
            found[kind] = found.get(kind, 0) + (size or 0)
        return found

    def timeline(self, url: str) -> dict[str, int]:
        """When each step of a URL was done, in ms since the epoch, from its own timeline."""
        rows: Any = self.redis.xrange(KEYS.url_log(url_key(url)))
        return {fields[b"step"].decode(): int(entry.split(b"-")[0]) for entry, fields in rows}
