"""The ``dates`` queue. Finds when a document was published, and the dates in its text."""

from __future__ import annotations

from wireroom import jobs
from wireroom.records import Stage


def run(uids: list[str]) -> None:
    """Work on these units, as far as nobody else does."""
    jobs.run(Stage.DATES, uids)
