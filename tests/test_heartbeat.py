"""Signs of life: in Redis for whoever asks from afar, in a file for a container's own health check."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import redis
from waiting import until

from wireroom.adapters.heartbeat import alive, beating, running
from wireroom.adapters.keys import Keys
from wireroom.settings import Settings
from wireroom.world import World

if TYPE_CHECKING:
    from pathlib import Path


def test_a_process_is_known_while_it_runs_and_no_longer(redis_client: redis.Redis):
    keys = Keys("test:")
    with beating(redis_client, keys, "fetch"):
        until(lambda: alive(redis_client, keys, "fetch", socket.gethostname()) == 1)
        assert alive(redis_client, keys, "fetch", "elsewhere") == 0
        assert alive(redis_client, keys, "schedule") == 0
        assert running(redis_client, keys) == {"fetch": 1}
    assert alive(redis_client, keys, "fetch") == 0
    assert running(redis_client, keys) == {}


def test_processes_are_counted_by_service_and_the_dead_forgotten(redis_client: redis.Redis):
    keys = Keys("test:")
    redis_client.zadd(keys.processes, {"fetch far:1": 1000, "schedule far:2": 1000})
    with beating(redis_client, keys, "work-dates"), beating(redis_client, keys, "fetch"):
        until(lambda: running(redis_client, keys) == {"fetch": 1, "work-dates": 1})
        assert redis_client.zcard(keys.processes) == 2


def test_the_file_is_there_once_redis_has_taken_the_sign_and_gone_after_the_end(
    redis_url: str, tmp_path: Path
):
    file = tmp_path / "alive"
    with World(Settings(redis_url=redis_url, alive_file=str(file))).running_as("fetch"):
        until(file.exists)
    assert not file.exists()


def test_the_file_stays_away_while_redis_cannot_be_reached(tmp_path: Path):
    file = tmp_path / "alive"
    with redis.Redis(port=1, retry=None) as nobody, beating(nobody, Keys("test:"), "fetch", file):
        pass
    assert not file.exists()
