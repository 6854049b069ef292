"""Publishing: what was found is joined and put on the streams, once, in one atomic step with the revision itself."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
import structlog

from wireroom.adapters.connection import TROUBLE
from wireroom.adapters.steps import Step
from wireroom.adapters.store import stands
from wireroom.archive import LIVE_REVISION
from wireroom.assembly import assemble, content, published_at
from wireroom.draft import Draft, file_text
from wireroom.events import Event, Type, document_event
from wireroom.failure import stack
from wireroom.freshness import Found, published_since
from wireroom.records import Lease, Stage, State

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wireroom.adapters.alias_index import AliasIndex
    from wireroom.adapters.ledger import Ledger
    from wireroom.adapters.steps import Command
    from wireroom.adapters.store import Store
    from wireroom.adapters.streams import Streams

log = structlog.get_logger()

CONFLICTS = 5
"""Times a revision is made anew because another unit published one of the same document meanwhile."""
NAMINGS = 3
"""Times it is made anew because another document spelt a new name first; after that each keeps its own."""


class Publisher:
    """Ends enriched units.

    Args:
        ledger: the owner of truth.
        store: the documents.
        streams: the four streams.
        aliases: names across documents; without it each document keeps its own.
    """

    def __init__(
        self, ledger: Ledger, store: Store, streams: Streams, aliases: AliasIndex | None = None
    ) -> None:
        self.ledger = ledger
        self.store = store
        self.streams = streams
        self.aliases = aliases

    def drafts(self, uids: Sequence[str]) -> list[Draft | None]:
        """The drafts of units; None where a unit has none (it was ended meanwhile)."""
        with self.ledger.redis.pipeline(transaction=False) as pipe:
            for uid in uids:
                pipe.hget(self.ledger.keys.work(uid), "draft")
            return [None if body is None else Draft.from_json(body) for body in pipe.execute()]

    def publish(self, uids: Sequence[str]) -> int:
        """Publish units whose enrichers are all done.

        Returns:
            How many were ended; those that somebody else publishes are left out.
        """
        leases = self.ledger.take(Stage.PUBLISH, uids)
        return sum(self._attempt(lease) for lease in leases)

    def _attempt(self, lease: Lease) -> bool:
        """Publish one unit. Why it could not be is kept with it: the sweeper tries again, and gives up in the end."""
        try:
            return self._publish(lease)
        except TROUBLE:
            raise
        except Exception as error:
            log.exception("could not be published", unit=lease.uid, tries=lease.tries)
            fields = (
                "publish.error",
                f"{type(error).__name__}: {error}"[:500],
                "publish.stack",
                stack(error),
            )
            unit = self.ledger.keys.unit(lease.uid)
            self.ledger.commit([Step(self.ledger.held(lease), [("HSET", unit, *fields)])])
            return False

    def _publish(self, lease: Lease) -> bool:
        work = self.ledger.redis.hgetall(self.ledger.keys.work(lease.uid))
        body = work.get(b"draft")
        if body is None:
            msg = "its draft is gone"
            raise LookupError(msg)
        draft = Draft.from_json(body)
        results = {
            name.decode().removeprefix("result."): orjson.loads(value)
            for name, value in work.items()
            if name.startswith(b"result.")
        }
        url = self.ledger.unit(lease.uid).get("key", "")
        for attempt in range(CONFLICTS):
            step = self._step(lease, draft, results, url, spelt_alike=attempt < NAMINGS)
            outcome = self.ledger.commit([step])[0]
            if outcome.done:
                return True
            if outcome.lost is not None and outcome.lost < len(self.ledger.held(lease)):
                log.warning("lease lost, result dropped", unit=lease.uid, stage=lease.stage)
                return False
        log.warning("published by others too often, left to the sweeper", unit=lease.uid, document=draft.id)
        return False

    def _step(
        self,
        lease: Lease,
        draft: Draft,
        results: Mapping[str, Mapping[str, Any]],
        url: str,
        *,
        spelt_alike: bool = True,
    ) -> Step:
        head, kept = self.store.head(draft.id), self.store.revision(draft.id)
        previous = kept["data"] if kept else None
        data = assemble(draft, results, previous)
        if head is not None and previous is None:
            # The last revision was let go to make room: the numbers go on, and what changed cannot be told.
            data |= {"revision": head.revision + 1, "previous_revision": head.revision}
        conditions = [*self.ledger.held(lease), self.store.expected(draft.id, data["previous_revision"])]
        digest = content(data)
        live = head is not None and stands(head, draft)
        unchanged = live or (head is not None and head.content == digest)
        commands: list[Command] = []
        if not unchanged:
            now = datetime.now(UTC)
            if self.aliases is not None:
                named = self.aliases.name(data)
                data["entities"] = named.entities
                conditions += named.conditions if spelt_alike else ()
                commands += named.commands
            commands.append(self.streams.entry(document_event(self.streams.source, data, now)))
            commands += self._stories(results, now)
            commands += self.store.written(
                draft, data, file_text(draft, published_at(data)), digest, previous
            )
        if url and not live:
            commands += self.store.validators(url, draft)
            found = Found.NEW if head is None else Found.UNCHANGED if unchanged else Found.CHANGED
            commands += self._looks(lease.uid, url, draft, found, data)
        state = State.UNCHANGED if unchanged else State.PUBLISHED
        commands += self.ledger.closed(lease.uid, Stage.PUBLISH)
        reason = LIVE_REVISION if live else ""
        commands += self.ledger.ended(lease.uid, State.ENRICHING, state, reason=reason, url=url)
        return Step(conditions, commands)

    def _looks(
        self, uid: str, url: str, draft: Draft, found: Found, data: Mapping[str, Any]
    ) -> list[Command]:
        """When the document is looked at again, as far as anybody does."""
        if not self.store.looks.on:
            return []
        response = orjson.loads(self.ledger.redis.hget(self.ledger.keys.work(uid), "response") or b"null")
        if response is None:
            return []
        return self.store.looks.page(url, response, draft, found, published_since(data))

    def _stories(self, results: Mapping[str, Mapping[str, Any]], now: datetime) -> list[Command]:
        return [
            self.streams.entry(
                Event(
                    Type(event["type"]),
                    event["story"],
                    f"{event['story']}.{event['type']}.{_digest(event['data'])}",
                    self.streams.source,
                    now,
                    event["data"],
                )
            )
            for event in results.get("sameness", {}).get("events", ())
        ]


def _digest(data: Mapping[str, Any]) -> str:
    return hashlib.sha256(orjson.dumps(data, option=orjson.OPT_SORT_KEYS)).hexdigest()[:12]
