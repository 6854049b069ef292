"""What docs/enrichers.md shows is run: its code, its limits, its compose file."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from wireroom import enricher
from wireroom.records import ENRICHER_NAME
from wireroom.settings import ENRICHERS, RESERVED, Settings

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "docs" / "enrichers.md").read_text(encoding="utf-8")
STACK = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


def services(text: str) -> dict[str, str]:
    """The services of a compose file with what stands under each, by the file's own indentation."""
    body = re.split(r"^services:\n", text, maxsplit=1, flags=re.MULTILINE)[1]
    body = re.split(r"^\w", body, maxsplit=1, flags=re.MULTILINE)[0]
    parts = re.split(r"^  ([\w-]+):", body, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_the_code_of_the_page_runs() -> None:
    names: dict[str, Any] = {}
    found = blocks("python")
    assert len(found) == 2
    for block in found:
        exec(compile(block, "docs/enrichers.md", "exec"), names)


def test_the_page_names_the_limits_that_hold() -> None:
    defaults = {name: field.default for name, field in Settings.model_fields.items()}
    assert f"at most {enricher.MAX_RESULT:,} bytes" in TEXT
    assert "(30 s) for one document" in TEXT
    assert defaults["enrich_timeout"] == 30
    assert f"`work_tries` ({defaults['work_tries']})" in TEXT
    assert all(f"`{name}`" in TEXT for name in (*ENRICHERS, *RESERVED))
    assert ENRICHER_NAME.fullmatch("a" * 32)
    assert not ENRICHER_NAME.fullmatch("a" * 33)
    assert all(f"`{name}`" in TEXT for name in enricher.EnrichInput.__slots__)


def test_the_override_reaches_every_process_of_the_program_and_adds_a_worker() -> None:
    (override,) = blocks("yaml")
    added = services(override)
    program = {
        name
        for name, body in services(STACK).items()
        if re.search(r"<<: \*(light|worker|entities)\b", body) and "entrypoint:" not in body
    }
    assert len(program) > 8
    assert set(added) - program == {"work-readability"}
    assert program - set(added) == set()
    assert "command: [work, readability]" in added["work-readability"]


@pytest.mark.skipif(shutil.which("docker") is None, reason="docker's client reads the file; it is not here")
def test_compose_reads_the_override(tmp_path: Path) -> None:
    (override,) = blocks("yaml")
    (tmp_path / "docker-compose.yml").write_text(STACK)
    (tmp_path / "docker-compose.override.yml").write_text(override)
    done = subprocess.run(
        ["docker", "compose", "--profile", "*", "config", "--format", "json"],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    if "not a docker command" in done.stderr:
        pytest.skip("docker is here without compose")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)["services"]
    worker = found["work-readability"]
    assert worker["command"] == ["work", "readability"]
    assert worker["networks"] == {"store": None}
    assert {v["target"] for v in worker["volumes"]} == {"/run/wireroom/redis", "/enrichers"}
    assert worker["read_only"] is True
    for name in services(override):
        assert found[name]["environment"]["WIREROOM_ENRICH"] == "dates,sameness,entities,readability"
        assert found[name]["environment"]["PYTHONPATH"] == "/enrichers"
