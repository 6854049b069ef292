"""``Link`` header fields (RFC 8288): which addresses an answer names with a relation. Pure.

Read up to the first thing that is no link; what stands before it counts. Each step goes forward only, so a field costs
no more than its length.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_LINK: Final = re.compile(r'[\s,]*<([^<>]*)>((?:[^,"]|"(?:[^"\\]|\\.)*")*)(?:,|\Z)', re.DOTALL)
_PARAMETER: Final = re.compile(r';\s*([^\s=;,"]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?', re.DOTALL)


def targets(field: str, relation: str) -> Iterator[str]:
    """The addresses named with a relation, as they are written.

    A link with an ``anchor`` speaks of another page than the one it came with, and is left out (section 3.2). Of
    several ``rel`` the first counts (section 3.3).

    Args:
        field: the header's value; several fields of the name are joined by commas (RFC 9110, 5.3).
        relation: the relation type, in lower case.
    """
    at = 0
    while link := _LINK.match(field, at):
        at = link.end()
        told: dict[str, str] = {}
        for name, quoted, plain in _PARAMETER.findall(link[2]):
            told.setdefault(name.lower(), quoted or plain)
        if relation in told.get("rel", "").lower().split() and "anchor" not in told and link[1].strip():
            yield link[1].strip()
