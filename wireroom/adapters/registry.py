"""Which enrichers of users are installed, and their code. Finding out reads metadata alone; only `load` runs any of it."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING

from wireroom.enricher import GROUP, version_of
from wireroom.errors import Reason, UsageError, WorkError
from wireroom.records import ENRICHER_NAME, QUEUES
from wireroom.settings import ENRICHERS, RESERVED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wireroom.enricher import Enricher


def installed() -> dict[str, EntryPoint]:
    """The enrichers that packages offer, by name. One whose name is taken or cannot be used is none.

    Raises:
        UsageError: two packages offer one of the same name.
    """
    found: dict[str, EntryPoint] = {}
    for point in entry_points(group=GROUP):
        if point.name in {*ENRICHERS, *RESERVED} or not ENRICHER_NAME.fullmatch(point.name):
            continue
        if point.name in found:
            both = " and ".join(sorted(f"{_package(p)} ({p.value})" for p in (found[point.name], point)))
            raise UsageError(f"two packages offer an enricher {point.name!r}: {both}; uninstall one")
        found[point.name] = point
    return dict(sorted(found.items()))


def known_queues(enabled: Iterable[str]) -> tuple[str, ...]:
    """Every queue that can be worked on here: ours, those that are switched on, those of what is installed."""
    return tuple(dict.fromkeys(map(str, (*QUEUES, *enabled, *installed()))))


def missing(names: Iterable[str]) -> str | None:
    """Why not all of these enrichers can run here; None when they can."""
    users = [name for name in names if name not in ENRICHERS]
    there = installed() if users else {}
    for name in users:
        if name not in there:
            *rest, last = (repr(known) for known in (*ENRICHERS, *there))
            return f"no enricher {name!r} is installed; there are {', '.join(rest)} or {last}"
    return None


def load(name: str) -> Enricher:
    """An enricher, made and warmed up. Runs its package's code.

    Raises:
        WorkError: it is not installed, or is not what an enricher is.
        Exception: what its own code raises.
    """
    point = installed().get(name)
    if point is None:
        raise WorkError(Reason.ENRICHMENT_ERROR, f"no enricher {name!r} is installed")
    found = point.load()
    # A class and a function make one; anything else that can enrich is one.
    made: Enricher = found() if isinstance(found, type) or not hasattr(found, "enrich") else found
    version_of(made)
    if not callable(getattr(made, "enrich", None)):
        raise WorkError(Reason.ENRICHMENT_ERROR, f"{point.value} gives {made!r:.100}, which cannot enrich")
    warm_up = getattr(made, "load", None)
    if warm_up is not None:
        warm_up()
    return made


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else "?"
