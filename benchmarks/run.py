"""What the whole path costs beside trafilatura alone, in one run, on the same invented pages, on this machine.

    python benchmarks/run.py                    everything, in three to four minutes
    python benchmarks/run.py --quick            a minute: does it run at all, is the order of magnitude right
    python benchmarks/run.py --only fetch       fetch, ceiling, path, memory, store, latency, overhead

Times are worth something as ratios within one run. What others did on the machine meanwhile is printed with them.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import redis
import report
from service import Counts, Service

from wireroom.adapters.embedded import EmbeddedServer
from wireroom.adapters.lifeline import die_with_parent

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).resolve().parent
SECTIONS = ("fetch", "ceiling", "path", "memory", "store", "latency", "overhead")
ALL, LEAN = "dates,sameness,entities", "dates,sameness"
CONFIGURATIONS = (("best", ALL), ("fast", LEAN), ("best", LEAN), ("fast", ALL))
"""The default first; the leanest second, because it shows most of what is ours."""
WARMING = 4
"""Whole pages that go through a service before it is measured; a brief of each site goes before them."""

IDLE = 3.0
"""Seconds for which a warm service is watched doing nothing."""


@dataclass(frozen=True, slots=True)
class WholePath:
    """One configuration's run.

    Attributes:
        mode: of extraction.
        enrich: the enrichers.
        documents: how many went through.
        without: how many of them brought no document.
        wall: seconds from the POST to the last entry on the stream.
        idle: what was counted some seconds before, with nothing to do since.
        rest: what was counted before.
        done: what was counted after.
        cores: cores that were busy meanwhile with something else.
    """

    mode: str
    enrich: str
    documents: int
    without: int
    wall: float
    idle: Counts
    rest: Counts
    done: Counts
    cores: float

    @property
    def cpu(self) -> dict[str, float]:
        """CPU seconds a document by service."""
        return {name: seconds / self.documents for name, seconds in self.done.cpu_since(self.rest).items()}


@dataclass(slots=True)
class Run:
    """One run of the benchmark.

    Attributes:
        folder: temporary; holds the pages and the services' data.
        pages: how many are measured.
        singles: how many single URLs the latency is measured with.
        only: the sections asked for.
        until: monotonic time after which nothing more is begun.
    """

    folder: Path
    pages: int
    singles: int
    only: tuple[str, ...]
    until: float
    quick: bool
    index: dict[str, list[str]] = field(default_factory=dict)
    found: dict[str, Any] = field(default_factory=dict)

    def go(self) -> None:
        """Measure what was asked for, and print each thing as soon as it is known."""
        with self._web():
            if "fetch" in self.only:
                self._fetch()
            if "ceiling" in self.only:
                self._ceiling()
            wanted = "overhead" in self.only
            functions = [self._functions()] if wanted and not self.quick else []
            paths = (
                self._paths() if {"path", "overhead", "memory", "store", "latency"} & set(self.only) else []
            )
            if wanted and self._time_left("the functions alone, after the path", 15):
                # Twice, before and after: others may have worked on this machine in between.
                functions.append(self._functions())
            if functions:
                report.overhead(paths, functions)
        self.found["paths"] = [report.plain(path) for path in paths]

    def _time_left(self, what: str, seconds: float) -> bool:
        left = time.monotonic() + seconds < self.until
        if not left:
            print(f"\n{what}: left out, the time is up (--budget)")
        return left

    # --- the pages ---

    @contextmanager
    def _web(self) -> Iterator[None]:
        """Serve the pages while the block runs."""
        pages = self.folder / "pages"
        pages.mkdir()
        count = self.pages + WARMING + (self.singles if "latency" in self.only else 0)
        command = [sys.executable, str(HERE / "pageserver.py"), str(pages), "--pages", str(count)]
        with subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            text=True,
            process_group=0,
            preexec_fn=die_with_parent(signal.SIGKILL),  # noqa: PLW1509 - there are no threads here
        ) as server:
            try:
                if server.stdout is None or server.stdout.readline() != "ready\n":
                    sys.exit("the page server does not start")
                self.index = json.loads((pages / "index.json").read_text())
                sizes = sorted(path.stat().st_size for path in pages.glob("*.html"))
                report.title(len(sizes), sizes, len(set(self.index["briefs"])))
                yield
            finally:
                server.kill()

    def _alone(self, what: str, processes: int = 1, redis_url: str = "") -> list[dict[str, Any]]:
        """Run a measurement in processes of its own, each with its part of the pages."""
        commands = [
            [
                *(sys.executable, str(HERE / "alone.py"), what, str(self.folder / "pages")),
                *("--pages", str(self.pages), "--part", f"{part}/{processes}", "--redis", redis_url),
            ]
            for part in range(processes)
        ]
        running = [
            subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                process_group=0,
                preexec_fn=die_with_parent(signal.SIGKILL),  # noqa: PLW1509 - no threads
            )
            for command in commands
        ]
        try:
            outputs = [process.communicate(timeout=120)[0] for process in running]
        finally:
            for process in running:
                process.kill()
        if any(process.returncode for process in running):
            sys.exit(f"{what} failed")
        return [json.loads(output) for output in outputs]

    # --- alone ---

    def _fetch(self) -> None:
        found = {what: self._alone(what)[0] for what in ("aiohttp", "fetch")}
        self.found["fetch"] = found
        report.fetch(found)

    def _ceiling(self) -> None:
        found = {}
        for what in ("trafilatura", "trafilatura-fast"):
            for processes in (2,) if self.quick else (1, 2):
                if self._time_left(f"{what} in {processes} processes", 10):
                    found[f"{what}, {processes}"] = self._alone(what, processes)
        self.found["ceiling"] = found
        report.ceiling(found)

    def _functions(self) -> dict[str, float]:
        """CPU seconds a page of each pure function, two processes at once as in the pipeline."""
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        with EmbeddedServer(folder / "redis") as server:
            client = redis.Redis.from_url(server.endpoint.url)
            before: Any = client.info("cpu")
            parts = self._alone("functions", 2, server.endpoint.url)
            after: Any = client.info("cpu")
        pages = sum(part["pages"] for part in parts)
        names = parts[0]["cpu"]
        found = {name: sum(part["cpu"][name] for part in parts) / pages for name in names}
        spent = sum(after[name] - before[name] for name in ("used_cpu_sys", "used_cpu_user"))
        self.found.setdefault("functions", []).append(found | {"place, server": spent / pages})
        return {**found, "place, server": spent / pages}

    # --- the whole path ---

    def _paths(self) -> list[WholePath]:
        chosen = CONFIGURATIONS if {"path", "overhead"} & set(self.only) else CONFIGURATIONS[:1]
        paths = []
        for number, (mode, enrich) in enumerate(chosen[:2] if self.quick else chosen):
            if number and not self._time_left(f"{mode}, {enrich}", 25):
                continue
            paths.append(self._path(number, mode, enrich))
        return paths

    def _path(self, number: int, mode: str, enrich: str) -> WholePath:
        settings = {"WIREROOM_EXTRACTION": mode, "WIREROOM_ENRICH": enrich}
        whole = self.index["pages"]
        measured, warming, singles = (
            whole[: self.pages],
            whole[self.pages : self.pages + WARMING],
            whole[self.pages + WARMING :],
        )
        with Service(self.folder / f"data-{number}", settings) as service:
            for urls in (self.index["briefs"], warming):
                service.crawl(urls)
                service.wait(len(urls), 90)
            time.sleep(1.0)  # what follows an entry is written too
            path = _measure(service, mode, enrich, measured, 0.2 if number else IDLE)
            if {"path", "overhead"} & set(self.only):
                report.path(path)
            if number == 0:
                if "memory" in self.only:
                    report.memory(path)
                if "store" in self.only:
                    report.store(path)
                    every = len(self.index["briefs"]) + WARMING + self.pages
                    report.kept(service.kept(), every)
                if "latency" in self.only:
                    self._latency(service, singles)
        return path

    def _latency(self, service: Service, urls: list[str]) -> None:
        """One URL after the other, each alone in a warm service."""
        took: list[float] = []
        steps: dict[str, list[float]] = {}
        for url in urls:
            begun, at = time.monotonic(), time.time() * 1000
            service.crawl([url])
            answered = time.monotonic()
            ended, _ = service.wait(1, 30)
            took.append(ended - begun)
            steps.setdefault("POST answered", []).append(answered - begun)
            time.sleep(0.05)  # the last line of the timeline is in the same step as the entry
            for step, when in service.timeline(url).items():
                steps.setdefault(step, []).append((when - at) / 1000)
                at = when
        self.found["latency"] = {
            "seconds": took,
            "steps": {k: statistics.median(v) for k, v in steps.items()},
        }
        report.latency(took, steps)


def _measure(service: Service, mode: str, enrich: str, urls: list[str], idle: float) -> WholePath:
    nothing = service.counts()
    time.sleep(idle)
    rest = service.counts()
    begun = time.monotonic()
    service.crawl(urls)
    last, without = service.wait(len(urls), 150)
    done = service.counts()
    ours = sum(done.cpu_since(rest).values())
    cores = max(0.0, done.busy - rest.busy - ours) / (done.at - rest.at)
    return WholePath(mode, enrich, len(urls), without, last - begun, nothing, rest, done, cores)


def _end(number: int, _frame: object) -> NoReturn:
    sys.exit("stopped: the time is up" if number == signal.SIGALRM else 130)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, help="pages measured (60; quick: 16)")
    parser.add_argument("--only", default=",".join(SECTIONS), help="sections, separated by commas")
    parser.add_argument("--quick", action="store_true", help="a minute's run, for a look")
    parser.add_argument(
        "--budget",
        type=float,
        help="seconds after which nothing is begun (180; quick: 40); three times as many end it",
    )
    parser.add_argument("--json", type=Path, help="write the numbers there too")
    given = parser.parse_args()
    only = tuple(given.only.split(","))
    if unknown := set(only) - set(SECTIONS):
        parser.error(f"{', '.join(unknown)}: the sections are {', '.join(SECTIONS)}")
    if not Path("/proc/self/smaps_rollup").exists():
        parser.error("CPU and memory are read from /proc: this needs Linux")
    for number in (signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, _end)
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    begun = time.monotonic()
    budget = given.budget or (40 if given.quick else 180)
    signal.alarm(int(3 * budget))  # whatever happens
    with tempfile.TemporaryDirectory(prefix="wireroom-bench-", ignore_cleanup_errors=True) as folder:
        run = Run(
            Path(folder),
            pages=given.pages or (16 if given.quick else 60),
            singles=6 if given.quick else 30,
            only=only,
            until=begun + budget,
            quick=given.quick,
        )
        run.go()
    if given.json:
        given.json.write_text(json.dumps(run.found, indent=1))
    print(f"\ndone in {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
