"""The queues of users' enrichers: one queue each, and this module for all. A worker's process knows which one it serves."""

from __future__ import annotations

from wireroom import jobs


def run(uids: list[str]) -> None:
    """Work on these units, as far as nobody else does."""
    jobs.run(None, uids)
