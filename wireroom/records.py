"""What the stages of the path hand to each other: one frozen type each. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wireroom.archive import Ask


class State(StrEnum):
    """Where one unit of work stands. A unit is in exactly one state."""

    WAITING = "waiting"
    """A URL in the frontier, until its host's turn comes."""
    FETCHING = "fetching"
    """A fetcher holds it."""
    NORMALIZING = "normalizing"
    """Its body is here; text and metadata are being made of it."""
    ENRICHING = "enriching"
    """Dates, sameness and entities are being found, then joined."""
    PUBLISHED = "published"
    """A new document or revision is on the stream."""
    UNCHANGED = "unchanged"
    """Nothing new: the same text, title and date as the last revision, or a 304."""
    REFUSED = "refused"
    """A rule forbids it: robots.txt, a blocked address."""
    FAILED = "failed"
    """Given up, with a reason; a dead letter tells how to try again."""
    CANCELLED = "cancelled"
    """Taken back before it began."""


OPEN_STATES = (State.WAITING, State.FETCHING, State.NORMALIZING, State.ENRICHING)
END_STATES = (State.PUBLISHED, State.UNCHANGED, State.REFUSED, State.FAILED, State.CANCELLED)


class Stage(StrEnum):
    """What can be open, leased and overdue for a unit. All but the first and last are queues.

    An enricher that a user installed is a stage too, by its name; so a stage is a ``str`` wherever it can be one of those.
    """

    FETCH = "fetch"
    NORMALIZE = "normalize"
    DATES = "dates"
    SAMENESS = "sameness"
    ENTITIES = "entities"
    PUBLISH = "publish"


QUEUES = (Stage.NORMALIZE, Stage.DATES, Stage.SAMENESS, Stage.ENTITIES)
"""The queues that every installation has."""
NO_ENRICHERS = frozenset({Stage.FETCH, Stage.NORMALIZE, Stage.PUBLISH})
"""The stages that every unit takes; each other one is an enricher."""
ENRICHER_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")
"""What the name of a user's enricher looks like; it is part of the names of queues, tasks, fields and processes."""


def enrichers(enabled: Sequence[str]) -> tuple[str, ...]:
    """The stages of the enrichers that run: ours in the order of `QUEUES`, then users' in the order they are named."""
    own = [stage for stage in QUEUES if stage.value in enabled]
    return (*own, *dict.fromkeys(name for name in enabled if name not in own))


def queues(enabled: Sequence[str]) -> tuple[str, ...]:
    """Ours, and those of the users' enrichers that run."""
    return (*QUEUES, *(name for name in enrichers(enabled) if name not in QUEUES))


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on one stage of one unit, until it runs out.

    Attributes:
        uid: the unit.
        stage: what may be done: a `Stage`, or the name of a user's enricher.
        token: grows with each lease; a result with an old token is refused.
        tries: how often this stage was begun, this time included.
    """

    uid: str
    stage: str
    token: int
    tries: int


@dataclass(frozen=True, slots=True)
class Crawl:
    """A leased URL, ready to be fetched.

    Attributes:
        lease: the right to fetch it.
        url: the address as it was checked.
        key: the URL's key in the store.
        host: the politeness key.
        etag: validator of the last fetch, if it may be used.
        last_modified: validator of the last fetch, if it may be used.
        validated: the final address that gave the validators.
        fresh: it was fetched so recently that a document that lists it is no reason to fetch it again.
        document: id of the document last made of it.
        listed_by: ids of the documents that list it.
        ask: what the archive is asked about it; None where the site itself is asked.
        archived: when the capture was made that its document is made of, RFC 3339; None where it is no capture.
        feed: what the source that named it says of it, as JSON; None where none did.
    """

    lease: Lease
    url: str
    key: str
    host: str
    etag: str | None = None
    last_modified: str | None = None
    validated: str | None = None
    fresh: bool = False
    document: str | None = None
    listed_by: tuple[str, ...] = ()
    ask: Ask | None = None
    archived: str | None = None
    feed: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """One checked document file on its way in.

    Attributes:
        name: the file's name as it was given.
        id: the document's id.
        text: the file's text, to the byte.
        layout: the file's layout.
        urls: its source URLs, checked.
        broken: what stood where a URL was meant, with what is wrong with it.
    """

    name: str
    id: str
    text: str
    layout: str
    urls: tuple[str, ...]
    broken: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class CrawlRequest:
    """One asked-for crawl of a URL.

    Attributes:
        url: the address, checked.
        priority: higher goes first within its host.
        force: fetch even what is fresh, without the conditional headers.
        layout: the layout its document is written in, unless a document that lists it says so.
        listed_by: id of the document that lists it, if one does.
    """

    url: str
    priority: int = 0
    force: bool = False
    layout: str | None = None
    listed_by: str | None = None
