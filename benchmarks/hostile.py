"""Fifty hostile servers beside fifty good ones: what the good ones lose by it, and what memory the fetcher takes.

python benchmarks/hostile.py [--good N] [--hostile N] [--pages N] [--delay SECONDS] [--timeout SECONDS] [--concurrency N] [--json]

One fetch process against the embedded server, twice: with the good sites alone, then with the hostile ones beside
them. A page's time is when its site was asked for it, from the start: it holds the waiting for room in the fetcher,
too. Nothing is normalized. Ends with 1 if the good pages' 95th percentile more than doubled.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import localweb

from wireroom.adapters.embedded import EmbeddedServer
from wireroom.records import CrawlRequest
from wireroom.settings import Settings
from wireroom.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

FAULTS = (
    localweb.silent,
    localweb.drips_headers,
    localweb.drips_body,
    localweb.huge_header,
    localweb.many_headers,
    localweb.endless_body,
    localweb.bomb(500_000_000),
    localweb.bomb(500_000_000, "zstd"),
    localweb.bomb(500_000_000, "br"),
    localweb.garbage,
    localweb.hangs_up,
)
"""What stands behind the hostile addresses, in turn."""
PAGE = (
    "<html><body><article><p>"
    + "The ferry left the harbour in the morning. " * 800
    + "</p></article></body></html>"
)
PATIENCE = 300.0
ENOUGH = 2.0
"""Times by which the hostile ones may slow the good ones down at the 95th percentile."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run.

    Attributes:
        pages: good pages that were asked for.
        median, p95, last: seconds from the start to when they were.
        cpu: seconds of CPU the fetcher took for it.
        memory: most bytes the fetcher had resident.
        hostile: connections to hostile servers until then.
    """

    pages: int
    median: float
    p95: float
    last: float
    cpu: float
    memory: int
    hostile: int


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--good", type=int, default=50)
    parser.add_argument("--hostile", type=int, default=50)
    parser.add_argument("--pages", type=int, default=5, help="of each good site, and of each hostile one")
    parser.add_argument("--delay", type=float, default=1.0, help="seconds between two requests to one host")
    parser.add_argument("--timeout", type=float, default=30.0)
    parser.add_argument("--concurrency", type=int, default=Settings().fetch_concurrency)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--serve", type=int, help="serve so many hostile addresses until the input ends")
    options = parser.parse_args()
    if options.serve is not None:
        return serve(options.serve)
    alone = run(options, hostile=0)
    beside = run(options, hostile=options.hostile)
    ratio = beside.p95 / alone.p95
    if options.json:
        print(json.dumps({"alone": asdict(alone), "beside": asdict(beside), "ratio": ratio}))
    else:
        for name, told in (("good alone", alone), (f"beside {options.hostile} hostile", beside)):
            print(
                f"{name:20}  {told.pages} pages: median {told.median:.2f} s, p95 {told.p95:.2f} s, last {told.last:.2f} s; "
                f"fetcher's CPU {told.cpu:.1f} s, peak memory {told.memory / 1e6:.0f} MB; {told.hostile} connections to hostile servers"
            )
        print(f"p95 {ratio:.2f} times")
    return 0 if ratio <= ENOUGH else 1


def serve(number: int) -> int:
    """Be the hostile servers: a process of their own, so that what they pour out takes no time of the good ones."""
    with localweb.LocalWeb() as web:
        bad = [web.raw(FAULTS[n % len(FAULTS)]) for n in range(number)]
        print(json.dumps([site.origin for site in bad]), flush=True)
        sys.stdin.read()
        print(sum(site.connections for site in bad), flush=True)
    return 0


def run(options: argparse.Namespace, *, hostile: int) -> Run:
    """Fetch everything of the good sites, with so many hostile ones beside them."""
    command = [sys.executable, __file__, "--serve", str(hostile)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with (
        tempfile.TemporaryDirectory() as folder,
        localweb.LocalWeb() as web,
        subprocess.Popen(command, text=True, **pipes) as servers,  # type: ignore[call-overload]
    ):
        bad = json.loads(servers.stdout.readline())
        good = [web.site() for _ in range(options.good)]
        # The hostile ones are taken in first: they are the first that wait.
        urls = [f"{origin}/{n}" for origin in bad for n in range(options.pages)]
        urls += [site.page(f"/{n}", PAGE, coding="gzip") for site in good for n in range(options.pages)]
        server = EmbeddedServer(Path(folder), appendfsync="no")
        try:
            began, cpu, memory = fetch(server.start().url, urls, good, options)
        finally:
            server.stop()
            connections = servers.communicate()[0]
        times = sorted(hit.began - began for site in good for hit in site.log if hit.path != "/robots.txt")
        return Run(
            pages=len(times),
            median=median(times),
            p95=quantiles(times, n=20)[-1],
            last=times[-1],
            cpu=cpu,
            memory=memory,
            hostile=int(connections),
        )


def fetch(
    redis_url: str, urls: list[str], good: list[localweb.Site], options: argparse.Namespace
) -> tuple[float, float, int]:
    """Run a fetcher until every good page was asked for. When it was ready, its CPU since, and its peak memory."""
    world = World(Settings(redis_url=redis_url))
    world.wait_ready(print)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("WIREROOM_")} | {
        "WIREROOM_REDIS_URL": redis_url,
        "WIREROOM_FETCH_DELAY": str(options.delay),
        "WIREROOM_FETCH_TIMEOUT": str(options.timeout),
        "WIREROOM_FETCH_CONCURRENCY": str(options.concurrency),
        "WIREROOM_FETCH_ALLOW_PRIVATE": "127.0.0.0/8",
        "WIREROOM_FETCH_CONTACT": "desk@paper.example",
    }
    command = [sys.executable, "-m", "wireroom", "fetch"]
    process = subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL)
    try:
        while not world.alive("fetch"):
            time.sleep(0.05)
        world.ledger.accept("bench", [], [CrawlRequest(url) for url in urls])
        began, used = time.monotonic(), cpu_seconds(process.pid)
        wanted = len(good) * options.pages
        while sum(len(site.log) for site in good) < wanted + len(good):
            if time.monotonic() - began > PATIENCE:
                raise TimeoutError(f"not all good pages were asked for within {PATIENCE:g} s")
            time.sleep(0.05)
        return began, cpu_seconds(process.pid) - used, peak(process.pid)
    finally:
        process.terminate()
        process.wait()
        world.redis.close()


def cpu_seconds(pid: int) -> float:
    """Seconds of CPU a process took until now, in all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak(pid: int) -> int:
    """Most bytes a process had resident until now."""
    for name, value in status(pid):
        if name == "VmHWM":
            return int(value.split()[0]) * 1024
    raise LookupError(pid)


def status(pid: int) -> Iterator[tuple[str, str]]:
    """The fields of a process's status file."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        name, _, value = line.partition(":")
        yield name, value.strip()


if __name__ == "__main__":
    sys.exit(main())
