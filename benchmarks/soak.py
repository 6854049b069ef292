"""Many documents through a small Redis: does memory level off, does everything that was accepted end?

    python benchmarks/soak.py                       20,000 documents through 64 MB: about a quarter of an hour
    python benchmarks/soak.py --documents 1500      the short form: a minute, 16 MB

Half of what is asked for are document files, half the pages they list: every second document names a page on loopback.
They go in by HTTP, as fast as the service takes them; 503 is obeyed for as long as its Retry-After says. The service is a
`wireroom up` of its own with the enrichers `dates,sameness`, whose processes are measured from outside.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NoReturn

import pages
from report import kept, table
from service import Service

MB = 1024 * 1024
POSTED = 20
"""Documents in one POST."""
LEVEL = 1.15
"""Memory has levelled off when its mean in the last third is at most this part of that in the middle third."""


def brief(number: int) -> list[str]:
    """A short article that no other number has: a lead and three paragraphs of two sentences."""
    chance = random.Random(pages.SEED + number)
    told = pages.story(random.Random(number // pages.STORIES))
    lines = [pages.title(chance, told)]
    return lines + [" ".join(pages.sentence(chance, told) for _ in range(2)) for _ in range(4)]


class Web(BaseHTTPRequestHandler):
    """Serves the page of each number."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer with a page; there is no robots.txt."""
        number = self.path.strip("/")
        found = number.isdecimal()
        head, *rest = brief(int(number)) if found else ["not here"]
        text = "".join(f"<p>{line}</p>" for line in rest)
        body = f"<html lang=en><title>{head}</title><article><h1>{head}</h1>{text}</article></html>".encode()
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """Does not tell of connections that a client let go."""

    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_: object) -> None:
        """Say nothing."""


@dataclass(slots=True)
class Look:
    """What was seen at one time.

    Attributes:
        posted: documents taken in so far.
        seconds: since the start.
        memory: bytes by process name, Redis included (proportional set size).
        data: bytes of Redis' data.
        keys: how many keys by what they are about.
        streams: entries of all streams.
        segments: bytes of the segment files.
        waiting: units that have not ended.
    """

    posted: int
    seconds: float
    memory: dict[str, int]
    data: int
    keys: dict[str, int]
    streams: int
    segments: int
    waiting: int


@dataclass(slots=True)
class Soak:
    """One run."""

    service: Service
    folder: Path
    port: int
    count: int
    every: int
    begun: float = field(default_factory=time.monotonic)
    codes: Counter[int] = field(default_factory=Counter)
    refused_for: float = 0.0
    looks: list[Look] = field(default_factory=list)

    def go(self) -> None:
        """Post everything, looking at the service now and then; then wait until all has ended."""
        for first in range(0, self.count, POSTED):
            self._post(range(first, min(first + POSTED, self.count)))
            if first // self.every != (first + POSTED) // self.every:
                self._look(first + POSTED)
            # As much as is posted is worked off: what waits is bounded, as with a client that watches.
            while self._stats()["waiting_all"] > 10 * POSTED:
                time.sleep(0.2)
        until = time.monotonic() + 600
        while self._stats()["waiting_all"] and time.monotonic() < until:
            time.sleep(0.5)
        self._look(self.count)

    def _post(self, numbers: range) -> None:
        """Post documents until they are taken."""
        files = []
        for number in numbers:
            text = "\n\n".join(brief(number))
            listed = f"\n\nSources: http://127.0.0.{2 + number % 50}:{self.port}/{self.count + number}\n"
            files.append({"name": f"{number:05}.txt", "text": text + (listed if number % 2 else "\n")})
        body = json.dumps({"documents": files}).encode()
        while True:
            status, again, answer = self.service.ask(
                "POST", "/v1/documents", body, {"Idempotency-Key": f"soak-{numbers[0]}"}
            )
            self.codes[status] += 1
            if status == 202:
                return
            if status != 503 or not again:
                sys.exit(f"POST was answered {status}, Retry-After {again}: {answer}")
            pause = float(again)
            self.refused_for += pause
            time.sleep(pause)

    def _stats(self) -> dict[str, Any]:
        status, _, found = self.service.ask("GET", "/v1/stats")
        if status != 200:
            sys.exit(f"no statistics: {status} {found}")
        return {**found, "waiting_all": sum(found["waiting"].values())}

    def _look(self, posted: int) -> None:
        stats = self._stats()
        keys: Counter[str] = Counter()
        for name in self.service.redis.scan_iter(count=1000):
            words = name.decode(errors="replace").split(":")
            own = words[0] == "wireroom"
            keys[words[1] if own else f"{words[0]}:{words[1] if len(words) > 1 else ''}"] += 1
        one = Look(
            posted,
            time.monotonic() - self.begun,
            self.service.memory(),
            int(self.service.redis.info("memory")["used_memory"]),  # type: ignore[index]
            dict(keys),
            sum(stats["streams"].values()),
            sum(path.stat().st_size for path in (self.folder / "segments").rglob("*.zst")),
            stats["waiting_all"],
        )
        self.looks.append(one)
        others = sum(size for name, size in one.memory.items() if name != "redis")
        print(
            f"{posted:6} posted {one.seconds:6.0f} s  data {one.data / MB:5.1f} MB  redis {one.memory['redis'] / MB:5.1f} MB"
            f"  others {others / MB:5.0f} MB  keys {sum(keys.values()):6}  of RQ {_of_rq(one):3}  entries {one.streams:6}"
            f"  segments {one.segments / MB:5.1f} MB  waiting {one.waiting:4}",
            flush=True,
        )

    # --- the judgement ---

    def judge(self) -> bool:
        """Print how it went.

        Returns:
            Whether everything is as it should be.
        """
        right = [self._levels(), self._keys(), self._ends(), self._sound()]
        return all(right)

    def _levels(self) -> bool:
        third = max(1, len(self.looks) // 3)
        middle, last = self.looks[-2 * third : -third], self.looks[-third:]
        names = [name for name in self.looks[-1].memory if name != "up"]
        rows = [("data in Redis", *(_mean([one.data for one in part]) for part in (middle, last)))]
        rows += [
            (name, *(_mean([one.memory.get(name, 0) for one in part]) for part in (middle, last)))
            for name in ["up", *names]
        ]
        table(
            "Memory in MB: the mean of the middle third, of the last third",
            ("", "middle", "last", "ratio"),
            [(name, a / MB, b / MB, f"{b / a:.2f}" if a else "") for name, a, b in rows],
        )
        grown = [name for name, a, b in rows if a and b > LEVEL * a]
        print(f"  levelled off: {'yes' if not grown else 'no: ' + ', '.join(grown)}")
        return not grown

    def _keys(self) -> bool:
        names = sorted({name for look in self.looks for name in look.keys})
        half = self.looks[len(self.looks) // 2]
        rows = [(name, half.keys.get(name, 0), self.looks[-1].keys.get(name, 0)) for name in names]
        table(
            "Keys: half way, at the end", ("", "half way", "end"), [row for row in rows if max(row[1:]) > 2]
        )
        kept(self.service.kept(), self.count)
        most = max(_of_rq(look) for look in self.looks)
        print(f"  of RQ at most {most} at any look, at the end {_of_rq(self.looks[-1])}")
        return _of_rq(self.looks[-1]) < 60

    def _ends(self) -> bool:
        stats = self._stats()
        expected = self.count + self.count // 2
        let_go = {
            name.removeprefix("let_go_"): n
            for name, n in stats["memory"].items()
            if name.startswith("let_go")
        }
        known = stats["accepted"] + let_go["units"]
        ended = {name: stats[name] for name in ("published", "unchanged", "refused", "failed", "cancelled")}
        print(f"\nAnswers: {dict(self.codes)}; {self.refused_for:.0f} s of waiting for Retry-After")
        print(
            f"Units: {expected} asked for; {ended}, waiting {stats['waiting_all']}; let go to make room: {let_go}"
        )
        right = known == expected and not stats["waiting_all"] and not stats["failed"]
        print(f"  everything accepted ended: {'yes' if right else f'no: {known} of {expected}'}")
        return right

    def _sound(self) -> bool:
        done = subprocess.run(
            [sys.executable, "-m", "wireroom", "doctor", "--data", str(self.folder)],
            capture_output=True, text=True, check=False, env=self.service.environment,
        )  # fmt: skip
        print(
            f"  wireroom doctor: {done.returncode}, {(done.stdout or done.stderr).strip().splitlines()[-1:]}"
        )
        return done.returncode == 0


def _of_rq(look: Look) -> int:
    return sum(count for name, count in look.keys.items() if name.startswith("rq:"))


def _mean(values: list[int]) -> float:
    return sum(values) / len(values)


def _end(number: int, _frame: object) -> NoReturn:
    sys.exit("stopped: the time is up" if number == signal.SIGALRM else 130)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--documents", type=int, default=20_000, help="how many (20,000)")
    parser.add_argument("--budget", type=float, help="MB of Redis memory (64; below 10,000 documents 16)")
    parser.add_argument("--hours", type=float, default=3.0, help="after which it is stopped (3)")
    given = parser.parse_args()
    budget = given.budget or (64 if given.documents >= 10_000 else 16)
    for number in (signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, _end)
    signal.alarm(int(given.hours * 3600))
    web = Server(("0.0.0.0", 0), Web)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    settings = {
        "WIREROOM_MEMORY_BUDGET": str(int(budget * MB)),
        "WIREROOM_ENRICH": "dates,sameness",
        "WIREROOM_EXTRACTION": "fast",
        "WIREROOM_LOG_LEVEL": "error",
    }
    print(f"{given.documents} documents through {budget:g} MB")
    with tempfile.TemporaryDirectory(prefix="wireroom-soak-", ignore_cleanup_errors=True) as folder:
        data = Path(folder) / "data"
        with Service(data, settings) as service:
            every = max(POSTED, given.documents // 30 // POSTED * POSTED)
            soak = Soak(service, data, web.server_address[1], given.documents, every)
            soak.go()
            right = soak.judge()
    sys.exit(not right)


if __name__ == "__main__":
    main()
