"""What lands on the streams: entries with plain fields named after CloudEvents 1.0. Pure.

Entries with equal ``source`` and ``id`` are the same event. The id is made from the content, so a repeat can be
recognised by whoever reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping

SPEC_VERSION = "1.0"
CONTENT_TYPE = "application/json"


class Stream(StrEnum):
    """The four streams; each key begins with the namespace."""

    DOCUMENTS = "documents"
    STORIES = "stories"
    FETCHES = "fetches"
    DEAD = "dead"


class Type(StrEnum):
    """The types of entries."""

    DOCUMENT_CREATED = "document.created"
    DOCUMENT_UPDATED = "document.updated"
    DOCUMENT_GONE = "document.gone"
    STORY_CREATED = "story.created"
    STORY_UPDATED = "story.updated"
    STORY_MERGED = "story.merged"
    FETCH_SUCCEEDED = "fetch.succeeded"
    FETCH_UNCHANGED = "fetch.unchanged"
    FETCH_FAILED = "fetch.failed"
    FETCH_REFUSED = "fetch.refused"
    DEAD_LETTER = "dead.letter"

    @property
    def stream(self) -> Stream:
        """The stream that carries this type."""
        return _STREAM_OF[self.partition(".")[0]]


_STREAM_OF = {
    "document": Stream.DOCUMENTS,
    "story": Stream.STORIES,
    "fetch": Stream.FETCHES,
    "dead": Stream.DEAD,
}


@dataclass(frozen=True, slots=True)
class Event:
    """One event.

    Attributes:
        type: what happened.
        subject: the document's, story's or unit's id.
        id: made from the content; equal ids are the same event.
        source: the Wireroom it comes from, a URI reference.
        time: when it happened.
        data: what happened, as JSON values.
    """

    type: Type
    subject: str
    id: str
    source: str
    time: datetime
    data: Mapping[str, Any]

    def fields(self) -> dict[str, str | bytes]:
        """The entry's fields, as every client reads them."""
        return {
            "specversion": SPEC_VERSION,
            "id": self.id,
            "source": self.source,
            "type": str(self.type),
            "subject": self.subject,
            "time": timestamp(self.time),
            "datacontenttype": CONTENT_TYPE,
            "data": orjson.dumps(self.data),
        }

    @classmethod
    def from_fields(cls, fields: Mapping[bytes, bytes]) -> Event:
        """Read an entry back.

        Raises:
            KeyError: a field of the contract is missing.
            ValueError: a field's value is not what the contract says.
        """
        text = {key.decode(): value.decode() for key, value in fields.items() if key != b"data"}
        return cls(
            type=Type(text["type"]),
            subject=text["subject"],
            id=text["id"],
            source=text["source"],
            time=datetime.fromisoformat(text["time"]),
            data=orjson.loads(fields[b"data"]),
        )


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds, such as ``2026-03-04T05:06:07.089Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def document_event(source: str, data: Mapping[str, Any], time: datetime) -> Event:
    """The event of a new document or revision."""
    kind = Type.DOCUMENT_CREATED if data["revision"] == 1 else Type.DOCUMENT_UPDATED
    return Event(kind, data["id"], f"{data['id']}.{data['revision']}.{kind}", source, time, data)


def gone_event(source: str, data: Mapping[str, Any], status: int, time: datetime) -> Event:
    """The event of a document whose page is no longer there: its last revision, with the status that says so."""
    told = {**data, "origin": {**data["origin"], "status": status}, "changes": None}
    told["warnings"] = sorted({*data["warnings"], "gone"})
    return Event(
        Type.DOCUMENT_GONE,
        data["id"],
        f"{data['id']}.{data['revision']}.{Type.DOCUMENT_GONE}",
        source,
        time,
        told,
    )


@dataclass(frozen=True, slots=True)
class FetchOutcome:
    """What a fetch event tells: the contract's fields, in its order.

    Attributes:
        url: the address asked for.
        final_url: the address that answered, after redirects.
        status: the HTTP status, if there was an answer.
        reason: None where it succeeded, else a code of `wireroom.errors.Reason` or ``http_NNN``.
        detail: one sentence for a person.
        tries: how often it was tried.
        document: id of the document made of it.
        bytes: length of the body on the wire.
        seconds: how long the last try took.
        redirects: every hop, with its status.
        listed_by: ids of the documents that list the URL.
    """

    url: str
    final_url: str | None = None
    status: int | None = None
    reason: str | None = None
    detail: str | None = None
    tries: int = 1
    document: str | None = None
    bytes: int | None = None
    seconds: float | None = None
    redirects: tuple[Mapping[str, Any], ...] = ()
    listed_by: tuple[str, ...] = ()


def fetch_event(source: str, kind: Type, uid: str, outcome: FetchOutcome, time: datetime) -> Event:
    """The event of one ended crawl; one unit of work has one."""
    data = {name: getattr(outcome, name) for name in FetchOutcome.__slots__}
    return Event(kind, outcome.document or uid, f"{uid}.{kind}", source, time, data)


def dead_letter(source: str, uid: str, data: Mapping[str, Any], time: datetime) -> Event:
    """The event of work that was given up; ``data`` holds stage, reason, tries and what another try needs."""
    return Event(Type.DEAD_LETTER, uid, f"{uid}.{Type.DEAD_LETTER}.{data['stage']}", source, time, data)
