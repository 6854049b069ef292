"""How good the enrichments are, on sets whose answers are known: one table of score, speed and failures.

Run it as ``make quality`` or ``python benchmarks/quality.py [task…]``, where a task is a module of ``benchmarks/tasks``.
The sets are made by generators in that folder, seeded: the same everywhere. Exit status 1 where a goal is missed.
"""

from __future__ import annotations

import pkgutil
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import tasks
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SHOWN = 5


def rows(wanted: Sequence[str]) -> Iterator[tasks.Row]:
    for found in sorted(pkgutil.iter_modules(tasks.__path__), key=lambda found: found.name):
        if not wanted or found.name in wanted:
            module = import_module(f"tasks.{found.name}")
            if hasattr(module, "rows"):
                yield from module.rows()


def main() -> int:
    console = Console(width=None if sys.stdout.isatty() else 140)
    table = Table(title="Quality")
    for name in ("task", "set", "score", "goal", "", "speed"):
        table.add_column(name, overflow="fold")
    found = []
    for row in rows(sys.argv[1:]):
        found.append(row)
        mark = {True: "yes", False: "NO", None: ""}[row.good]
        table.add_row(row.task, row.set, row.score, row.goal, mark, row.speed)
        if sys.stdout.isatty():
            console.print(f"{row.task}, {row.set}: {row.score}", highlight=False)
    console.print(table)
    for row in found:
        if row.failures:
            console.print(f"\n{row.task}, {row.set}: {len(row.failures)} failures", highlight=False)
            for failure in row.failures[:SHOWN]:
                console.print(f"  {failure}", highlight=False)
    return int(any(row.good is False for row in found))


if __name__ == "__main__":
    sys.exit(main())
