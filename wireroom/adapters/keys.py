"""Every key Wireroom has in Redis, its type, and what bounds it. No key name is written anywhere else.

RQ's own keys (``rq:…``) are RQ's; Wireroom's begin with the namespace.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Keys:
    """Key names under one namespace.

    Attributes:
        ns: what every key begins with, ``wireroom:`` unless configured.
    """

    ns: str

    # --- streams (bounded by `stream_max` entries and what live groups have not read) ---

    def stream(self, name: str) -> str:
        """Stream: ``documents``, ``stories``, ``fetches`` or ``dead``."""
        return f"{self.ns}{name}"

    # --- the ledger (records of ended units expire after `keep_units`) ---

    def unit(self, uid: str) -> str:
        """Hash: everything the ledger knows of one unit of work."""
        return f"{self.ns}unit:{uid}"

    def state(self, name: str) -> str:
        """Sorted set of unit ids in one state; the score is the deadline, or the time it ended (ms)."""
        return f"{self.ns}state:{name}"

    def work(self, uid: str) -> str:
        """Hash: what the stages hand on for one unit; deleted when it ends."""
        return f"{self.ns}work:{uid}"

    def batch(self, bid: str) -> str:
        """Hash: a batch's record and its counts; expires."""
        return f"{self.ns}batch:{bid}"

    def batch_units(self, bid: str) -> str:
        """Set: unit ids of one batch; expires."""
        return f"{self.ns}batch:{bid}:units"

    def idempotency(self, digest: str) -> str:
        """String: the answer once given to an Idempotency-Key; expires after a day."""
        return f"{self.ns}idempotency:{digest}"

    # --- the frontier ---

    @property
    def hosts(self) -> str:
        """Sorted set: hosts with waiting URLs; the score is when the next request may begin (ms)."""
        return f"{self.ns}hosts"

    def host(self, name: str) -> str:
        """Hash: one host's manners: delay, next, backoff, paused; expires when idle."""
        return f"{self.ns}host:{name}"

    def host_queue(self, name: str) -> str:
        """Sorted set: waiting unit ids of one host; the score is due time less priority."""
        return f"{self.ns}host:{name}:queue"

    def robots(self, origin: str) -> str:
        """String: robots.txt of one origin as it was read; expires within a day."""
        return f"{self.ns}robots:{origin}"

    def url(self, key: str) -> str:
        """Hash: what is known of one URL: validators, last fetch, document, open unit."""
        return f"{self.ns}url:{key}"

    def url_log(self, key: str) -> str:
        """Stream: the timeline of one URL, capped at 100 entries."""
        return f"{self.ns}url:{key}:log"

    @property
    def urls(self) -> str:
        """Sorted set: URL keys by the time of their last fetch (0: never)."""
        return f"{self.ns}urls"

    def urls_of_host(self, host: str) -> str:
        """Set: URL keys of one host."""
        return f"{self.ns}urls:host:{host}"

    # --- documents ---

    def document(self, did: str) -> str:
        """Hash: head revision, URL, layout, when; expires after `keep_documents`."""
        return f"{self.ns}document:{did}"

    def revision(self, did: str, number: int) -> str:
        """String: one revision's event data as zstd JSON; expires after `keep_documents`."""
        return f"{self.ns}document:{did}:{number}"

    @property
    def documents(self) -> str:
        """Sorted set: document ids by the time of their newest revision (ms)."""
        return f"{self.ns}documents:by-time"

    def documents_by(self, field: str, value: str) -> str:
        """Sorted set: like `documents`, of one ``host``, ``language``, ``story`` or ``entity``."""
        return f"{self.ns}documents:by-{field}:{value}"

    # --- processes ---

    def process(self, service: str, name: str) -> str:
        """Hash with expiry: a running process's heartbeat."""
        return f"{self.ns}process:{service}:{name}"
