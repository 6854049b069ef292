"""What the README shows is run: the consumer in Python, and the same in plain redis-cli."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from wireroom.adapters.keys import Keys
from wireroom.adapters.streams import Streams
from wireroom.events import document_event

if TYPE_CHECKING:
    import redis

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def example(name: str) -> str:
    """The fenced block behind a marker."""
    found = re.search(rf"<!-- example: {re.escape(name)} -->\n```\w+\n(.*?)```", README, re.DOTALL)
    assert found, f"README.md has no example {name}"
    return found[1]


@pytest.fixture
def published(redis_client: redis.Redis, redis_url: str) -> str:
    """The URL of a server with two documents on its stream."""
    streams = Streams(redis_client, Keys("wireroom:"))
    for number in (1, 2):
        data = {
            "id": f"{number:016x}",
            "revision": 1,
            "dates": {"published": {"value": "2026-03-02"}},
            "entities": [{"name": "Agnes Birtwell"}, {"name": "Port Sorrel"}],
        }
        redis_client.execute_command(*streams.entry(document_event(streams.source, data, datetime.now(UTC))))
    return redis_url


def test_the_python_consumer_prints_every_document(published: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", example("consumer.py")],
        env={**os.environ, "WIREROOM_REDIS_URL": published},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(2)]
    process.kill()
    process.wait()
    process.stdout.close()
    for number, line in enumerate(lines, start=1):
        assert line.startswith(f"document.created {number:016x} ")
        assert "2026-03-02" in line
        assert "['Agnes Birtwell', 'Port Sorrel']" in line


def test_redis_cli_reads_the_same(published: str, redis_client: redis.Redis) -> None:
    if shutil.which("redis-cli"):
        run = subprocess.run(
            ["sh", "-euc", example("redis-cli")],
            env={**os.environ, "WIREROOM_REDIS_URL": published},
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )
        told = run.stdout
    else:  # the same words, sent by a client that is here
        told = ""
        for line in example("redis-cli").splitlines():
            program, _, _, *words = shlex.split(line)
            assert program == "redis-cli"
            told += repr(redis_client.execute_command(*words)) + "\n"
    for number in (1, 2):
        assert told.count(f"{number:016x}.1.document.created") == 1
    assert redis_client.xpending("wireroom:documents", "archive")["pending"] == 2
