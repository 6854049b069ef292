"""What the guarantees cost: the ledger's steps against bare RQ jobs, and when the append-only file reaches the disk.

    python benchmarks/guarantees.py                     about two minutes
    python benchmarks/guarantees.py --documents 1000    longer and steadier

The same document files are taken in, normalized, given to an enricher and published, in jobs of 32 documents and of one. The work itself is the
same and small (a file is read, nothing is looked up), so that what is around it shows:

- *bare*: RQ alone. A job holds the texts, the next job the drafts, a worker puts the event on the stream. Killed at the
  wrong moment it loses or repeats documents, and nothing says which.
- *ledger*: what Wireroom does: units, leases, fencing, atomic steps, revisions, results joined, lists, statistics.

Both run in this process, with RQ's resident worker in burst mode; CPU is of this process and of the server.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pages
import redis
from report import table
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

from wireroom import jobs
from wireroom.adapters.embedded import EmbeddedServer
from wireroom.adapters.enrich_work import EnrichWork
from wireroom.adapters.normalize_work import NormalizeWork
from wireroom.adapters.work import work_on
from wireroom.assembly import assemble
from wireroom.document import document_id
from wireroom.draft import Draft, from_file
from wireroom.events import Stream, document_event
from wireroom.normalizing import draft as draft_of
from wireroom.records import Listing, Stage
from wireroom.settings import Settings
from wireroom.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

BATCHES = (32, 1)
"""Documents in a job: as under load, and as when they come one by one."""
POLICIES = ("no", "everysec", "always")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a run took.

    Attributes:
        documents: how many.
        wall: seconds.
        ours: CPU seconds of this process.
        server: CPU seconds of the server.
        commands: Redis commands, those inside of steps included.
        trips: times the server read from a socket.
        memory: bytes the server keeps.
        log: bytes of its append-only file.
        steps: the ledger's atomic steps.
    """

    documents: int
    wall: float
    ours: float
    server: float
    commands: int
    trips: int
    memory: int
    log: int
    steps: int


def texts(count: int) -> list[str]:
    """Document files of about 4 kB."""
    found = []
    for number in range(count):
        chance = random.Random(pages.SEED + number)
        told = pages.story(chance)
        lines = pages.article(chance, told)[:16]
        found.append("date 2031-05-04\n\n" + "\n\n".join([pages.title(chance, told), *lines]) + "\n")
    return found


# --- the work, the same in both ---


def nothing_found(drafts: Sequence[Draft]) -> Iterator[dict[str, Any]]:
    """An enricher that finds nothing."""
    for _ in drafts:
        yield {"data": None, "seconds": 0.0}


# --- bare RQ ---


class Bare:
    """Jobs that hold what they work on."""

    client: redis.Redis
    queues: tuple[Queue, Queue]

    @classmethod
    def normalize(cls, files: list[str]) -> None:
        """First job: drafts."""
        drafts = [from_file(text, "x.txt", document_id(text)).to_json().decode() for text in files]
        cls.queues[1].enqueue(bare_publish, drafts, result_ttl=0)

    @classmethod
    def publish(cls, drafts: list[str]) -> None:
        """Second job: results, and the events."""
        made = [Draft.from_json(body.encode()) for body in drafts]
        with cls.client.pipeline(transaction=False) as pipe:
            for draft, _ in zip(made, nothing_found(made), strict=True):
                event = document_event("wireroom", assemble(draft, {}, None), datetime.now(UTC))
                pipe.xadd("bare:documents", {"type": event.type, "data": orjson.dumps(event.data)})
            pipe.execute()


def bare_normalize(files: list[str]) -> None:
    """Named by RQ."""
    Bare.normalize(files)


def bare_publish(drafts: list[str]) -> None:
    """Named by RQ."""
    Bare.publish(drafts)


def run_bare(url: str, files: list[str], batch: int) -> None:
    """Everything through RQ alone."""
    client = Bare.client = redis.Redis.from_url(url)
    Bare.queues = tuple(Queue(name, connection=client, serializer=JSONSerializer) for name in ("n", "p"))  # type: ignore[assignment]
    for start in range(0, len(files), batch):
        Bare.queues[0].enqueue(bare_normalize, files[start : start + batch], result_ttl=0)
    for queue in Bare.queues:
        worker = SimpleWorker([queue], connection=client, serializer=JSONSerializer)
        worker.work(burst=True, logging_level="ERROR")
    if client.xlen("bare:documents") != len(files):
        sys.exit("bare jobs lost documents")


# --- the ledger ---


class Here:
    """Makes drafts in this process."""

    def map(self, items: Sequence[Any]) -> Iterator[Draft]:
        """A draft for each."""
        yield from map(draft_of, items)


def run_ledger(url: str, files: list[str], batch: int) -> None:
    """Everything through the ledger."""
    world = World(Settings(redis_url=url, enrich=("dates",), batch_size=batch))
    ledger = world.ledger
    normalize = NormalizeWork(ledger, world.store, world.endings, world.settings, world.enrichers)
    normalize.pool = Here()  # type: ignore[assignment]
    enrich = EnrichWork(Stage.DATES, "bench", nothing_found, ledger, world.publisher, world.settings)
    works = {Stage.NORMALIZE: normalize, Stage.DATES: enrich}

    def run(stage: Stage, uids: Sequence[str]) -> None:
        work_on(ledger, works[stage], uids, lambda: False)

    jobs.Desk.run = run
    listings = [Listing(f"{n}.txt", document_id(text), text, "dated", ()) for n, text in enumerate(files)]
    for start in range(0, len(listings), batch):
        ledger.open_batch(f"b{start}", "bench")
        ledger.accept(f"b{start}", listings[start : start + batch])
    for stage in works:
        world.jobs.worker(stage, f"bench-{stage}", threading.Event()).work(burst=True, logging_level="ERROR")
    if ledger.stats()["published"] != len(files) or world.client.xlen(
        world.keys.stream(Stream.DOCUMENTS)
    ) != len(files):
        sys.exit(f"the ledger is not through: {ledger.stats()}")


# --- measuring ---


def measured(
    run: Callable[[str, list[str], int], None], files: list[str], batch: int, policy: str, folder: Path
) -> Cost:
    """One run on a server of its own."""
    with EmbeddedServer(folder, appendfsync=policy) as server:  # type: ignore[arg-type]
        url = server.endpoint.url
        run(url, [f"{text}\nwarm\n" for text in files[:32]], batch)
        with redis.Redis.from_url(url) as client:
            client.flushall()
            client.config_resetstat()
            before: Any = client.info("everything")
            begun, cpu = time.perf_counter(), time.process_time()
            run(url, files, batch)
            wall, ours = time.perf_counter() - begun, time.process_time() - cpu
            after: Any = client.info("everything")
    calls = {
        name.removeprefix("cmdstat_"): found["calls"]
        for name, found in after.items()
        if name.startswith("cmdstat_")
    }
    server_cpu = sum(after[name] - before[name] for name in ("used_cpu_sys", "used_cpu_user"))
    return Cost(
        len(files), wall, ours, server_cpu, sum(calls.values()), after["total_reads_processed"],
        after["used_memory"] - before["used_memory"], after["aof_current_size"] - before["aof_current_size"],
        calls.get("fcall", 0),
    )  # fmt: skip


RUNS = {"bare": run_bare, "ledger": run_ledger}


def show(found: dict[tuple[str, int, str], Cost]) -> None:
    """The table."""
    rows = []
    for (how, batch, policy), cost in found.items():
        n = cost.documents
        rows.append(
            (
                how, batch, policy, f"{n / cost.wall:.0f}", f"{1000 * cost.ours / n:.2f}", f"{1000 * cost.server / n:.2f}",
                f"{cost.steps / n:.1f}", cost.commands / n, cost.trips / n, cost.memory / n / 1000, cost.log / n / 1000,
            )
        )  # fmt: skip
    columns = (
        "",
        "a job",
        "fsync",
        "documents/s",
        "CPU ms",
        "server ms",
        "steps",
        "commands",
        "reads",
        "kB kept",
        "kB of log",
    )
    table("For each document", columns, rows)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--documents", type=int, default=480)
    parser.add_argument("--rounds", type=int, default=2, help="of which the fastest counts")
    given = parser.parse_args()
    files = texts(given.documents)
    size = sum(map(len, files)) / len(files) / 1000
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{len(files)} invented documents of {size:.1f} kB, load {load}")
    found: dict[tuple[str, int, str], Cost] = {}
    with tempfile.TemporaryDirectory(prefix="wireroom-guarantees-", dir=Path.cwd()) as folder:
        # Not in memory: what `always` costs is what the disk costs.
        for round_, batch, policy, how in product(range(given.rounds), BATCHES, POLICIES, RUNS):
            place = Path(folder) / f"{round_}-{batch}-{policy}-{how}"
            cost = measured(RUNS[how], files, batch, policy, place)
            key = (how, batch, policy)
            if key not in found or cost.wall < found[key].wall:
                found[key] = cost
    show(dict(sorted(found.items(), key=lambda item: (item[0][0], -item[0][1], POLICIES.index(item[0][2])))))


if __name__ == "__main__":
    import guarantees  # RQ names functions by their module, and takes none of the main one

    guarantees.main()
