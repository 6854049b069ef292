"""What was accepted survives the server's death while its disk is busy: a sync hangs, as on a machine that copies files."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from waiting import until
from workshop import listing, make_world, take_in

from wireroom.adapters.embedded import EmbeddedServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.long

SYNC = 1_500_000
"""Microseconds that each sync takes."""


@contextmanager
def slow_disk(pid: int, trace: Path) -> Iterator[None]:
    """Let every sync of a process hang for a while."""
    slow = ("-e", "trace=fsync,fdatasync", "-e", f"inject=fsync,fdatasync:delay_enter={SYNC}")
    with subprocess.Popen(
        ["strace", "-f", "-o", trace, "-p", str(pid), *slow], stderr=subprocess.PIPE
    ) as tracer:
        assert tracer.stderr is not None
        if b"attached" not in tracer.stderr.readline():
            tracer.wait()
            pytest.skip("no process may be traced here")
        yield
        tracer.kill()


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs the strace command to slow a disk down")
def test_what_is_accepted_on_a_busy_disk_survives_a_killed_server(tmp_path: Path) -> None:
    with EmbeddedServer(tmp_path / "kept") as server:
        assert server.pid is not None
        trace = tmp_path / "trace"
        with slow_disk(server.pid, trace):
            world = make_world(server.endpoint.url)
            take_in(world, listing("first"), batch="b1")
            until(lambda: "sync" in trace.read_text())  # one has begun, and hangs
            take_in(world, listing("second"), batch="b2")
            os.kill(server.pid, signal.SIGKILL)
        world.redis.close()
    with EmbeddedServer(tmp_path / "kept") as server:
        world = make_world(server.endpoint.url)
        assert world.ledger.stats()["accepted"] == 2
        world.redis.close()
