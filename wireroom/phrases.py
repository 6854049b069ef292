"""What pages say that are no articles, in many languages (``wireroom/data/gate.tsv``). Pure: read-only data.

Phrases are compared as plain pieces of text in lower case; titles and buttons as wholes, without marks.
"""

from __future__ import annotations

from functools import lru_cache

from wireroom.pagefacts import plain
from wireroom.tables import rows


@lru_cache(maxsize=16)
def of(kind: str) -> frozenset[str]:
    """The phrases of one kind."""
    cells = (row[1] for row in rows("gate", 2) if row[0] == kind)
    phrases = frozenset(p for cell in cells for p in cell.split("|"))
    return frozenset(map(plain, phrases)) if kind.endswith(("_title", "_button")) else phrases


def count(kind: str, text: str) -> int:
    """How many phrases of a kind stand in a text in lower case."""
    return sum(1 for phrase in of(kind) if phrase in text)


def has(kind: str, text: str) -> bool:
    """Whether a phrase of a kind stands in a text in lower case."""
    return any(phrase in text for phrase in of(kind))
