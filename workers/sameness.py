"""The ``sameness`` queue. Finds exact copies, near-duplicates with their shared passages, and the story a document belongs to."""

from __future__ import annotations

from wireroom import jobs
from wireroom.records import Stage


def run(uids: list[str]) -> None:
    """Work on these units, as far as nobody else does."""
    jobs.run(Stage.SAMENESS, uids)
