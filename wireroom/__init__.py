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
