"""The wheel against the tree: setuptools leaves an unlisted package or data file out without a word.

The wheel is built from a copy, so that a stale ``build/`` cannot lend it a file, and by the pinned setuptools.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = {"wireroom": "wireroom", "services": "wireroom/services", "workers": "wireroom/workers"}
"""Folder of the tree to folder of the wheel."""
LEFT_OUT = {"__pycache__"}

HEAVY = (
    "aiohttp",
    "click",
    "lxml",
    "numpy",
    "pydantic",
    "redis",
    "rich",
    "rq",
    "spacy",
    "structlog",
    "trafilatura",
)
"""Packages that ``import wireroom`` must not bring in: a consumer pays for what it uses."""

pytestmark = pytest.mark.long


def tree() -> set[str]:
    """What the wheel should hold, by its name there."""
    return {
        f"{place}/{path.relative_to(ROOT / folder).as_posix()}"
        for folder, place in FOLDERS.items()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and not LEFT_OUT & set(path.parts)
    }


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this tree."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, source / folder, ignore=shutil.ignore_patterns(*LEFT_OUT))
    code = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"
    run(sys.executable, "-c", code, str(out), cwd=source)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def fresh(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ``bin`` of a new environment that holds the wheel and what it needs, without the extras."""
    place = tmp_path_factory.mktemp("fresh")
    run(sys.executable, "-m", "venv", str(place))
    pip = (str(place / "bin" / "python"), "-m", "pip", "install", "-qq", "--disable-pip-version-check")
    run(*pip, "--require-hashes", "-r", str(ROOT / "requirements" / "base.txt"))
    run(*pip, "--no-deps", str(wheel))
    return place / "bin"


def run(*command: str, cwd: Path | None = None) -> str:
    """What a command prints; outside the tree, so that it cannot be imported from there."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "WIREROOM_"))}
    done = subprocess.run(
        command, cwd=cwd or "/", env=environ, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_the_wheel_holds_the_tree(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert len(held) > 50
    assert held == tree()


def test_the_wheel_carries_its_licence(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (n for n in archive.namelist() if n.endswith("/LICENSE"))
        assert archive.read(name) == (ROOT / "LICENSE").read_bytes()


@pytest.mark.timeout(400)
def test_the_installed_command_starts_without_the_extras(fresh: Path) -> None:
    answer = run(str(fresh / "wireroom"), "--help")
    assert "Usage: wireroom" in answer
    assert all(f"\n  {command} " in answer for command in ("run", "up", "api", "fetch", "work", "tail"))


@pytest.mark.timeout(400)
def test_what_is_no_worker_needs_no_extras(fresh: Path) -> None:
    places = [*(ROOT / "services").glob("*.py"), *(ROOT / "wireroom" / "cli").glob("*.py")]
    names = [f"wireroom.{path.parent.name}.{path.stem}" for path in places if path.stem != "__init__"]
    code = "import sys, importlib; [importlib.import_module(name) for name in sys.argv[1:]]"
    run(str(fresh / "python"), "-c", code, "wireroom.world", *names)


@pytest.mark.timeout(400)
def test_importing_the_package_is_light(fresh: Path) -> None:
    loaded = run(str(fresh / "python"), "-c", "import sys, wireroom; print(*sys.modules)").split()
    assert "wireroom" in loaded
    assert [name for name in loaded if name.partition(".")[0] in HEAVY] == []
    assert [name for name in loaded if name.startswith("wireroom.")] == []
