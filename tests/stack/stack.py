"""The compose stack as the tests use it: commands of Docker, the API from outside, redis-cli inside. Knows no Wireroom."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
ENGINE_SCRIPT = ROOT.parent / "shared" / "docker" / "docker-up.sh"
"""Brings an engine up where there is none; used where it exists."""
FILES = "docker-compose.yml:tests/stack/compose.yml"


class NoEngineError(Exception):
    """No Docker engine can be had; the message says why."""


def engine() -> None:
    """See that a Docker engine answers, or bring one up.

    Raises:
        NoEngineError: none can be had.
    """
    if _answers():
        return
    if not ENGINE_SCRIPT.is_file():
        raise NoEngineError("no Docker engine answers here (docker info)")
    if os.geteuid() != 0:
        raise NoEngineError(
            f"no Docker engine answers, and only root can start one with {ENGINE_SCRIPT.name}"
        )
    done = subprocess.run(
        ["bash", ENGINE_SCRIPT], capture_output=True, text=True, check=False, timeout=900, cwd=ROOT
    )
    if not _answers():
        raise NoEngineError(
            f"{ENGINE_SCRIPT.name} brought no engine up: {(done.stdout + done.stderr)[-500:]}"
        )


def _answers() -> bool:
    if shutil.which("docker") is None:
        return False
    asked = subprocess.run(["docker", "info"], capture_output=True, check=False, timeout=60)
    compose = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False, timeout=60)
    return asked.returncode == 0 and compose.returncode == 0


@dataclass
class Stack:
    """One project of compose."""

    project: str
    subnet: str
    image: str = "wireroom-stack-test"
    token: str = "given by the test"
    inbox: str = "./inbox"

    def docker(self, *command: str, given: str | None = None, seconds: float = 120) -> str:
        """What a command of Docker prints.

        Raises:
            AssertionError: it failed; the message has what it said.
        """
        return self._run(["docker", *command], given, seconds)

    def shell(self, script: str, seconds: float = 120) -> str:
        """What a script prints in which ``docker compose`` means this stack."""
        return self._run(["bash", "-euo", "pipefail", "-c", script], None, seconds)

    def _run(self, command: list[str], given: str | None, seconds: float) -> str:
        ours = ("WIREROOM_", "STACK_", "COMPOSE_")
        environ = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        environ |= {
            "COMPOSE_PROJECT_NAME": self.project,
            "COMPOSE_FILE": FILES,
            "COMPOSE_ENV_FILES": os.devnull,
            "STACK_SUBNET": self.subnet,
            "STACK_IMAGE": self.image,
            "WIREROOM_PORT": "0",  # Docker chooses a free one
            "STACK_INBOX": self.inbox,
            "WIREROOM_API_TOKEN": self.token,
            "WIREROOM_LEASE": "5",
        }
        done = subprocess.run(
            command,
            input=given,
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
            cwd=ROOT,
            env=environ,
        )
        assert done.returncode == 0, f"{' '.join(command)}: {(done.stdout + done.stderr)[-4000:]}"
        return done.stdout

    def compose(self, *command: str, given: str | None = None, seconds: float = 120) -> str:
        """What a command of compose prints."""
        return self.docker("compose", *command, given=given, seconds=seconds)

    def up(self, *options: str) -> None:
        """Start what is not running and wait until all of it is healthy."""
        try:
            self.compose("up", "--detach", "--wait", "--wait-timeout", "150", *options, seconds=200)
        except AssertionError as error:
            error.add_note(self.compose("logs", "--no-color", "--tail", "15"))
            raise

    def containers(self, service: str = "") -> list[dict[str, Any]]:
        """What Docker knows of the running containers, of one service or of all."""
        ids = self.compose("ps", "--quiet", *([service] if service else [])).split()
        found: list[dict[str, Any]] = json.loads(self.docker("inspect", *ids)) if ids else []
        return found

    def ask(self, path: str, body: Any = None, *, token: str | None = None) -> tuple[int, Any]:
        """Status and JSON of a call; a POST when there is a body."""
        address = self.compose("port", "api", "8600").strip()
        request = urllib.request.Request(
            f"http://{address}{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self.token if token is None else token}",
                "Content-Type": "application/json",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def redis(self, *command: str) -> Any:
        """The answer of redis-cli, run where Redis is."""
        script = 'REDISCLI_AUTH="$(cat /run/wireroom/redis/password)" exec redis-cli --json "$@"'
        return json.loads(self.compose("exec", "-T", "redis", "sh", "-c", script, "redis-cli", *command))

    def read(self, stream: str, group: str) -> list[dict[str, Any]]:
        """The entries of a stream that this group has not read, acknowledged at once."""
        key = f"wireroom:{stream}"
        answer = self.redis(
            "XREADGROUP", "GROUP", group, "desk", "COUNT", "5000", "NOACK", "STREAMS", key, ">"
        )
        entries = answer[key] if answer else []
        return [dict(zip(fields[::2], fields[1::2], strict=True)) for _, fields in entries]
