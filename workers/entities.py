"""The ``entities`` queue. Finds people, organisations and places, each under one name."""

from __future__ import annotations

from wireroom import jobs
from wireroom.records import Stage


def run(uids: list[str]) -> None:
    """Work on these units, as far as nobody else does."""
    jobs.run(Stage.ENTITIES, uids)
