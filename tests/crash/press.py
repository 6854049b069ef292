"""A whole service of real processes with documents under way, ways to hurt it, and what must be true afterwards."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import orjson
import redis
from soundness import check_sound
from waiting import until

from wireroom.document import document_id
from wireroom.events import Stream
from wireroom.records import CrawlRequest, Listing
from wireroom.settings import Settings
from wireroom.world import World

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from localweb import LocalWeb, Site

SERVICES = ("fetch", "schedule", "work-normalize", "work-dates", "work-sameness", "work-entities")
REDIS = "redis"
LEASE = 3

_WHO = (
    "the harbour board",
    "a school in the hills",
    "the night ferry",
    "the old brewery",
    "a choir of nurses",
)
_DID = ("opened its books", "lost its roof", "hired a new head", "moved across the river", "won its appeal")
_WHERE = ("Larne Vale", "Millhaven", "Upper Tarn", "Port Sorrel", "Kestrel Bay")


def story(number: int) -> list[str]:
    """Paragraphs of a story that no other number has."""
    pick = random.Random(number)
    who, did, where = pick.choice(_WHO), pick.choice(_DID), pick.choice(_WHERE)
    return [
        f"In case number {number}, {who} {did} near {where} on Monday, and {pick.randint(20, 900)} people came to see it.",
        f"Nobody in {where} had expected that {who} would ever do so, said the clerk who keeps file {number} there.",
        f"The cost of {pick.randint(3, 90)} thousand crowns is shared by {pick.randint(2, 9)} parishes of the district.",
    ]


def page(number: int) -> str:
    """The page of one story."""
    body = "".join(f"<p>{line}</p>" for line in story(number))
    meta = f'<meta property="article:published_time" content="2031-03-{number % 27 + 1:02}T08:30:00Z">'
    return f"<html lang=en><head><title>Case {number}</title>{meta}</head><body><article><h1>Case {number}</h1>{body}</article></body></html>"


@dataclass
class Edition:
    """Documents and the pages they list, on a local web.

    Attributes:
        web: where the pages are.
        listings: the documents.
        urls: the pages' addresses; each third document lists one that is not there.
    """

    web: LocalWeb
    listings: list[Listing] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)

    @classmethod
    def make(cls, web: LocalWeb, documents: int, pages: int, sites: int = 6) -> Self:
        """Write an edition."""
        made = cls(web)
        places: list[Site] = [web.site() for _ in range(sites)]
        number = 0
        for d in range(documents):
            urls = []
            for _ in range(pages):
                number += 1
                place = places[number % sites]
                urls.append(place.page(f"/{number}", page(number), delay=0.05 * (number % 4)))
            if d % 3 == 0:
                urls.append(places[0].url(f"/gone/{d}"))
            text = (
                "\n\n".join([f"date 2031-04-{d + 1:02}", *story(1000 + d), "Sources: " + " ".join(urls)])
                + "\n"
            )
            made.listings.append(Listing(f"{d:03}.txt", document_id(text), text, "dated", tuple(urls)))
            made.urls += urls
        return made

    @property
    def units(self) -> int:
        """How many units it comes to."""
        return len(self.listings) + len(set(self.urls))


class Press:
    """``wireroom up`` on a folder, and a second fetcher beside it."""

    def __init__(self, data: Path, **settings: str) -> None:
        self.data = data
        clean = {name: value for name, value in os.environ.items() if not name.startswith("WIREROOM_")}
        self.environment = clean | {
            "WIREROOM_FETCH_ALLOW_PRIVATE": "127.0.0.0/8",
            "WIREROOM_FETCH_DELAY": "0.05",
            "WIREROOM_FETCH_RETRY_DELAY": "0.3",
            "WIREROOM_FETCH_CONTACT": "desk@tarn.example",
            "WIREROOM_LEASE": str(LEASE),
            # Every kill counts as a try of what was under way; what is asked here is that nothing is lost.
            "WIREROOM_WORK_TRIES": "20",
            "WIREROOM_FETCH_TRIES": "20",
            "WIREROOM_BATCH_SIZE": "8",
            "WIREROOM_ENRICH": "dates,sameness",
            **{f"WIREROOM_{name.upper()}": value for name, value in settings.items()},
        }
        self.log = data.parent / f"{data.name}.log"
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "wireroom", "up", "--data", str(data), "--port", "0"]
            self.process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        try:
            until(lambda: self.pids("redis"), 30)
            redis_url = json.loads((data / "service.json").read_text())["redis_url"]
        except BaseException:
            self.process.kill()
            raise
        enrich = tuple(self.environment["WIREROOM_ENRICH"].split(","))
        self.world = World(Settings(redis_url=redis_url, lease=LEASE, work_tries=20, enrich=enrich))
        self.world.wait_ready(lambda _: None, 30)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.world.redis.close()

    def pids(self, service: str) -> list[int]:
        """The processes of a service that run now."""
        with suppress(FileNotFoundError, json.JSONDecodeError):
            known: Mapping[str, Any] = json.loads((self.data / "service.json").read_text())
            return list(known["processes"].get(service, []))
        return []

    def take_in(self, listings: Iterable[Listing], urls: Iterable[str] = ()) -> None:
        """Accept a batch, and wait until it is on the disk.

        A reply alone does not say that: with ``everysec`` the server may put a write off for up to two seconds while an
        fsync is under way, so that even a SIGKILL of it can lose what it has answered (seen on a busy disk).
        """
        batch = f"b{time.monotonic_ns()}"
        world = self.world
        world.ledger.open_batch(batch, "a test")
        world.ledger.accept(batch, list(listings), [CrawlRequest(url) for url in urls])
        until(lambda: world.redis.execute_command("WAITAOF", 1, 0, 5000)[0] == 1, 30)  # type: ignore[no-untyped-call]

    def signal(self, service: str, number: signal.Signals) -> list[int]:
        """Send a signal to each process of a service; the processes that got it."""
        hit = []
        for pid in self.pids(service):
            with suppress(ProcessLookupError):
                os.kill(pid, number)
                hit.append(pid)
        return hit

    def settled(self, units: int) -> bool:
        """Everything that was taken in has ended."""
        try:
            stats = self.world.ledger.stats()
        except redis.RedisError:
            return False
        return stats["accepted"] >= units and not any(stats["waiting"].values())

    def wait(self, units: int, seconds: float = 150) -> None:
        """Wait until everything has ended."""
        try:
            until(lambda: self.settled(units), seconds)
        except AssertionError:
            stuck = [self.world.ledger.unit(uid) for uid in self.open_units()]
            raise AssertionError(f"{self.world.ledger.stats()}\n{stuck[:5]}\n{self.last_words()}") from None

    def open_units(self) -> list[str]:
        """Units that have not ended."""
        world = self.world
        return [
            uid.decode()
            for state in ("waiting", "fetching", "normalizing", "enriching")
            for uid in world.redis.zrange(world.keys.state(state), 0, -1)  # type: ignore[arg-type]
        ]

    def last_words(self, most: int = 6000) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-most:]

    def stop(self, seconds: float = 30) -> int:
        """SIGTERM; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)

    # --- what came of it ---

    def outcome(self) -> dict[str, Any]:
        """What must be the same however often something died: units by state, documents with their content."""
        world = self.world
        units: Counter[tuple[str, str, str]] = Counter()
        for key in world.redis.scan_iter(match=world.keys.unit("*")):
            unit = world.ledger.unit(key.decode().removeprefix(world.keys.unit("")))
            units[unit.get("name") or unit["url"], unit["state"], unit["reason"]] += 1
        documents = {}
        for event in self.events(Stream.DOCUMENTS):
            data = event["data"]
            name = data["origin"]["name"] or data["url"]
            published = data["dates"]["published"]
            documents[name, data["revision"]] = (
                data["id"], data["title"], data["text"], published and published["value"], data["layout"],
                {stage: found["status"] for stage, found in data["enrichment"].items()},
            )  # fmt: skip
        counted = int(world.redis.hget(world.keys.sameness_state, "documents") or 0)  # type: ignore[arg-type]
        return {"units": dict(units), "documents": documents, "counted": counted}

    def events(self, stream: Stream) -> list[dict[str, Any]]:
        """The entries of a stream."""
        rows = self.world.redis.xrange(self.world.keys.stream(stream))
        return [
            {
                "id": fields[b"id"].decode(),
                "type": fields[b"type"].decode(),
                "data": orjson.loads(fields[b"data"]),
            }
            for _, fields in rows
        ]

    def check(self) -> None:
        """Nothing is twice, nothing is stranded, the index holds what was published."""
        for stream in Stream:
            contents = defaultdict(list)
            for event in self.events(stream):
                contents[event["id"]].append(event["data"])
            assert {key: found for key, found in contents.items() if len(found) > 1} == {}, stream
        check_sound(self.world)
        indexed = {did.decode() for did in self.world.redis.zrange(self.world.keys.sameness_times, 0, -1)}  # type: ignore[union-attr]
        assert indexed == {event["data"]["id"] for event in self.events(Stream.DOCUMENTS)}


@dataclass
class Havoc:
    """Hurts a press at moments of chance: which, and when, is the seed's."""

    press: Press
    seed: int

    def __post_init__(self) -> None:
        self.pick = random.Random(self.seed)
        self.frozen: list[threading.Timer] = []
        self.done: list[str] = []

    def strike(self, service: str, how: signal.Signals) -> None:
        """Kill or freeze a service; a frozen one is thawed, from a thread of its own, after its leases ran out or before."""
        for pid in self.press.signal(service, how):
            self.done.append(f"{how.name} {service} {pid}")
            if how is signal.SIGSTOP:
                thaw = threading.Timer(LEASE * self.pick.uniform(0.5, 2.0), _thaw, [pid])
                thaw.start()
                self.frozen.append(thaw)

    def rest(self, most: float) -> None:
        """Let things go on for a while."""
        time.sleep(self.pick.uniform(0, most))

    def all_thawed(self) -> None:
        """Wait until nobody is frozen."""
        for thaw in self.frozen:
            thaw.join()


def _thaw(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)
