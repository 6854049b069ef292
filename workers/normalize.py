"""The ``normalize`` queue. Makes drafts of files and pages, and hands them to the enrichers."""

from __future__ import annotations

from wireroom import jobs
from wireroom.records import Stage


def run(uids: list[str]) -> None:
    """Work on these units, as far as nobody else does."""
    jobs.run(Stage.NORMALIZE, uids)
