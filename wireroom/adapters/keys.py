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

    # --- streams (bounded by `stream_max` entries and what live groups have not read, within `stream_budget` bytes) ---

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

    @property
    def tasks(self) -> str:
        """Sorted set: ``stage:uid`` of every open stage; the score is when somebody must look at it (ms)."""
        return f"{self.ns}tasks"

    @property
    def delayed(self) -> str:
        """Sorted set: unit ids of URLs to be tried again, by when (ms)."""
        return f"{self.ns}delayed"

    def batch(self, bid: str) -> str:
        """Hash: a batch's record and its counts; expires."""
        return f"{self.ns}batch:{bid}"

    def batch_units(self, bid: str) -> str:
        """Set: unit ids of one batch; expires."""
        return f"{self.ns}batch:{bid}:units"

    def idempotency(self, digest: str) -> str:
        """String: the answer once given to an Idempotency-Key; expires after a day."""
        return f"{self.ns}idempotency:{digest}"

    @property
    def dead_retried(self) -> str:
        """Sorted set: ids of dead letters that were tried again, by when they were written (ms); leaves with them."""
        return f"{self.ns}dead:retried"

    # --- the frontier ---

    @property
    def hosts(self) -> str:
        """Sorted set: hosts with waiting URLs; the score is when the next request may begin (ms)."""
        return f"{self.ns}hosts"

    @property
    def hosts_known(self) -> str:
        """Sorted set: every host that was ever asked or set by hand, by name; as many as `urls` has."""
        return f"{self.ns}hosts:known"

    def host(self, name: str) -> str:
        """Hash: how one host is treated: next, holder, backoff, pages of the day, last error; expires when idle."""
        return f"{self.ns}host:{name}"

    def host_hand(self, name: str) -> str:
        """Hash: what somebody set for one host: paused, delay, pages_per_day; goes when it is taken back."""
        return f"{self.ns}host:{name}:hand"

    def host_queue(self, name: str) -> str:
        """Sorted set: waiting unit ids of one host; the score is due time less priority."""
        return f"{self.ns}host:{name}:queue"

    def robots(self, origin: str) -> str:
        """String: robots.txt of one origin as it was read; expires within a day."""
        return f"{self.ns}robots:{origin}"

    def robots_asked(self, origin: str) -> str:
        """String: the unit that asks for an origin's robots.txt now; expires when that must be over."""
        return f"{self.ns}robots:asked:{origin}"

    def url(self, key: str) -> str:
        """Hash: what is known of one URL: validators, last fetch, document, its capture's time, open unit."""
        return f"{self.ns}url:{key}"

    def listed(self, key: str) -> str:
        """Set: ids of the documents that list one URL; expires with the URL's record."""
        return f"{self.ns}url:{key}:listed"

    def url_log(self, key: str) -> str:
        """Stream: the timeline of one URL, capped at 100 entries; expires with its record."""
        return f"{self.ns}url:{key}:log"

    @property
    def urls(self) -> str:
        """Sorted set: URL keys by the time of their last fetch (0: never)."""
        return f"{self.ns}urls"

    def urls_of_host(self, host: str) -> str:
        """Set: URL keys of one host."""
        return f"{self.ns}urls:host:{host}"

    # --- sources (as many as the settings name; one that is no longer named is deleted) ---

    @property
    def sources(self) -> str:
        """Sorted set: ids of sources by when each is to be asked, or its lease ends (ms)."""
        return f"{self.ns}sources"

    def source(self, sid: str) -> str:
        """Hash: one source: what the settings say of it, its lease, what it answered last; goes with the settings."""
        return f"{self.ns}source:{sid}"

    # --- documents ---

    def document(self, did: str) -> str:
        """Hash: head revision, its hashes, when, schedule of looks; expires after `keep_documents`."""
        return f"{self.ns}document:{did}"

    @property
    def looks(self) -> str:
        """Sorted set: hosts with documents that are looked at again, by when the first may be due (ms)."""
        return f"{self.ns}looks"

    def looks_of_host(self, host: str) -> str:
        """Sorted set: ids of documents whose page is of one host, by when it is looked at again (ms); leave with them."""
        return f"{self.ns}looks:{host}"

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

    # --- sameness (documents leave after `window_days`, a few for each that comes in, or when there are too many) ---

    @property
    def sameness_postings(self) -> str:
        """Hash: fingerprint (8 bytes) to raw ids of documents, the newest 48; leaves with its documents."""
        return f"{self.ns}sameness:postings"

    @property
    def sameness_texts(self) -> str:
        """Hash: digest of a normalised text to raw ids of documents, at most 64; leaves with its documents."""
        return f"{self.ns}sameness:texts"

    @property
    def sameness_frequencies(self) -> str:
        """Hash: term to the number of indexed documents that hold it; leaves with its documents."""
        return f"{self.ns}sameness:frequencies"

    @property
    def sameness_terms(self) -> str:
        """Hash: term to raw ids of stories, the newest 48; leaves with its stories."""
        return f"{self.ns}sameness:terms"

    @property
    def sameness_times(self) -> str:
        """Sorted set: indexed document ids by when they were seen (ms); bounded by the window and a budget."""
        return f"{self.ns}sameness:times"

    @property
    def sameness_stories(self) -> str:
        """Sorted set: story ids by when their newest member was seen (ms); bounded by the window."""
        return f"{self.ns}sameness:stories"

    @property
    def sameness_state(self) -> str:
        """Hash: three counters: seq, documents, version."""
        return f"{self.ns}sameness:state"

    def sameness_document(self, did: str) -> str:
        """Hash: fingerprints, terms, compressed text, story and placement of an indexed document; leaves with it."""
        return f"{self.ns}sameness:document:{did}"

    def sameness_story(self, sid: str) -> str:
        """Hash: a story's state and sum; of a merged one what it became, which expires after two windows."""
        return f"{self.ns}sameness:story:{sid}"

    # --- names across documents (bounded by `window_days`, and by how many documents and spellings an alias keeps) ---

    def alias(self, key: str) -> str:
        """Hash: of a surname or acronym, document id to the full names in it, ``=spelling`` to day and name; expires."""
        return f"{self.ns}alias:{key}"

    def alias_document(self, did: str) -> str:
        """Hash: what one document names besides, and the aliases it stands under; expires after the window."""
        return f"{self.ns}alias-document:{did}"

    @property
    def alias_times(self) -> str:
        """Sorted set: ids of documents in the alias index by when they were published (ms); bounded by window and budget."""
        return f"{self.ns}alias-times"

    # --- consumers ---

    def consumer(self, stream: str, group: str, name: str) -> str:
        """String: who holds a consumer's name; expires a day after the last sign of life."""
        return f"{self.ns}consumer:{stream}:{group}:{name}"

    def replay(self, stream: str, group: str) -> str:
        """Hash: position to who reads it from the segment files; each goes when it is done; expires a day unused."""
        return f"{self.ns}replay:{stream}:{group}"

    def groups(self, stream: str) -> str:
        """Hash: group of a stream to when something happened in it; goes with the group."""
        return f"{self.ns}groups:{stream}"

    def watched(self, folder: str) -> str:
        """Hash: file of a watched folder to what was taken of it; files that are gone leave it; expires unused."""
        return f"{self.ns}watched:{folder}"

    # --- processes ---

    @property
    def relieved(self) -> str:
        """Hash: how much was let go before its time because Redis was nearly full, by kind, and until when; five numbers."""
        return f"{self.ns}relieved"

    def process(self, service: str, name: str) -> str:
        """Hash with expiry: a running process's heartbeat."""
        return f"{self.ns}process:{service}:{name}"

    @property
    def processes(self) -> str:
        """Sorted set: ``service host:pid`` by the last sign of life (ms); each sign takes those away that are dead."""
        return f"{self.ns}processes"
