"""docker-compose.yml says what the program knows: every setting can be given, every queue has its service."""

from __future__ import annotations

import re
from pathlib import Path

from wireroom.records import QUEUES
from wireroom.settings import Settings

TEXT = (Path(__file__).resolve().parents[1] / "docker-compose.yml").read_text(encoding="utf-8")
PLACED = {"host", "port", "out", "segments", "redis_password", "api_token"}
"""Settings that only some services have, or that stand in a file."""


def test_every_setting_can_come_from_the_environment_of_compose():
    (block,) = re.findall(r"^x-environment:.*\n((?:  .*\n)+)", TEXT, re.MULTILINE)
    names = {name.lower() for name in re.findall(r"^  WIREROOM_(\w+):", block, re.MULTILINE)}
    assert names - {"redis_password_file"} == set(Settings.model_fields) - PLACED


def test_every_queue_has_a_service_that_works_on_it_alone():
    found = dict(re.findall(r"^  (work-\w+): \{.*command: \[work, ([^\]]*)\]", TEXT, re.MULTILINE))
    assert found == {f"work-{queue}": queue.value for queue in QUEUES}


def test_what_compose_alone_reads_cannot_be_taken_for_a_setting():
    read = set(re.findall(r"(?<!\$)\$\{(\w+)", TEXT))
    assert {name for name in read if not name.startswith("STACK_")} == {
        "WIREROOM_PORT",
        "WIREROOM_WORK_MEMORY",
    }
