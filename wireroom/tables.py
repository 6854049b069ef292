"""The packaged tables (``wireroom/data/*.tsv``): rows of cells between tabs, ``#`` for remarks. Pure: read-only data."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files


@lru_cache(maxsize=16)
def rows(name: str, columns: int) -> tuple[tuple[str, ...], ...]:
    """The rows of a table, each filled up with empty cells.

    Args:
        name: the file's name without its ending.
        columns: cells in each row.
    """
    text = (files("wireroom") / "data" / f"{name}.tsv").read_text(encoding="utf-8")
    lines = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return tuple(tuple([*cells, *[""] * columns][:columns]) for cells in lines)


def words(kind: str) -> frozenset[str]:
    """The words of one kind from ``words.tsv``."""
    return frozenset(word for row, listed in rows("words", 2) if row == kind for word in listed.split())
