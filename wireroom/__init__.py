"""Wireroom: streaming ingestion for news documents.

The path of one document::

    a document file ──▶ document.parse ──┬─▶ its source URLs ──▶ the frontier (per host, polite)
    (folder, CLI, HTTP)                  │                         │ services/fetch: robots, address guard, aiohttp
                                         │                         ▼
                                         │              workers/normalize: extract.extract ─▶ an Article
                                         ▼                         │
                               workers/normalize ◀─────────────────┘   one unit of work each, in the ledger
                                         │
              ┌──────────────────────────┼──────────────────────────┐
              ▼                          ▼                          ▼
      workers/dates              workers/sameness           workers/entities      RQ jobs of ids, each result kept
              └──────────────────────────┼──────────────────────────┘
                                         ▼  the last one in publishes, in one atomic step
                   streams: documents, stories, fetches, dead ──▶ consumer groups, SSE
                                         └──▶ services/deliver ──▶ files in the same format

A re-crawl enters at the frontier, through the same door as a document's URL. Where everything stands is known to the
ledger (`wireroom.adapters.ledger`) alone: RQ executes, it is not believed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wireroom.adapters.subscription import subscribe
    from wireroom.subscribing import Delivery, Gap

__all__ = ["Delivery", "Gap", "subscribe"]

_HOME = {
    "Delivery": "wireroom.subscribing",
    "Gap": "wireroom.subscribing",
    "subscribe": "wireroom.adapters.subscription",
}
"""Where what a consumer needs is imported from when it is first asked for: ``import wireroom`` stays light."""


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - as light as can be

    return getattr(import_module(_HOME[name]), name)
