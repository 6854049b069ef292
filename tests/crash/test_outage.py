"""Redis is not there yet, then gone for half a minute with work under way: every process waits, and nothing is lost."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from localweb import LocalWeb
from press import Edition
from soundness import check_sound
from waiting import until
from workshop import make_world

from wireroom.adapters.embedded import EmbeddedServer

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]

OUTAGE = 30.0
PROCESSES = (("fetch",), ("schedule",), ("work", "normalize"), ("work", "dates"))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedServer]:
    """A server that has its port and password, and does not run."""
    made = EmbeddedServer(tmp_path / "redis")
    made.start()
    made.stop()
    yield made
    made.stop()


def processes(url: str, log: Path) -> list[subprocess.Popen[bytes]]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("WIREROOM_")}
    settings = {
        "WIREROOM_REDIS_URL": url,
        "WIREROOM_ENRICH": "dates",
        "WIREROOM_LEASE": "4",
        "WIREROOM_FETCH_ALLOW_PRIVATE": "127.0.0.0/8",
        "WIREROOM_FETCH_DELAY": "0.2",
    }
    with log.open("wb") as stderr:
        return [
            subprocess.Popen([sys.executable, "-m", "wireroom", *words], env=clean | settings, stderr=stderr)
            for words in PROCESSES
        ]


def test_redis_comes_late_and_is_gone_for_half_a_minute(server: EmbeddedServer, tmp_path: Path) -> None:
    log = tmp_path / "log"
    url = server.start().url
    server.stop()
    with LocalWeb() as web:
        edition = Edition.make(web, documents=12, pages=2)
        running = processes(url, log)
        try:
            until(lambda: log.read_text(errors="replace").count("127.0.0.1") >= len(PROCESSES), 60)
            assert server.start().url == url
            world = make_world(url, lease=4)
            world.ledger.open_batch("b1", "a test")
            world.ledger.accept("b1", edition.listings)
            until(lambda: world.ledger.stats()["published"] >= 3, 90)
            server.stop()
            threading.Event().wait(OUTAGE)
            assert all(process.poll() is None for process in running)
            server.start()
            until(lambda: not any(world.ledger.stats()["waiting"].values()), 120)
            assert world.ledger.stats()["accepted"] == edition.units
            check_sound(world)
            for process in running:
                process.terminate()
            assert [process.wait(40) for process in running] == [0] * len(running)
        finally:
            for process in running:
                process.kill()
                process.wait()
    assert "Traceback" not in log.read_text(errors="replace")
