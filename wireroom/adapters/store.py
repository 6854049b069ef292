"""The documents: heads, revisions and the orders they are listed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import orjson
import redis
import zstandard

from wireroom.adapters.ids import now_ms
from wireroom.adapters.looks import Looks
from wireroom.adapters.steps import Condition
from wireroom.namesearch import listed_by

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wireroom.adapters.client import Client
    from wireroom.adapters.keys import Keys
    from wireroom.adapters.steps import Command
    from wireroom.draft import Draft
    from wireroom.freshness import Bounds

ENTITIES_INDEXED = 50
"""Most entities of one document that it can be listed by."""


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of a document without reading a revision.

    Attributes:
        revision: the newest.
        content: hash of what makes a revision.
        digest: hash of the draft it was made from.
        length: characters of its text; 0 where it was written before they were kept.
        archived: its newest revision is an archive's capture; the live page was never seen.
    """

    revision: int
    content: str
    digest: str
    length: int = 0
    archived: bool = False


def stands(head: Head, draft: Draft) -> bool:
    """Whether a document's live revision stands before an archive's capture of it: also where the page is gone by now."""
    return draft.origin.captured_at is not None and not head.archived


class Store:
    """Documents in Redis."""

    def __init__(
        self, redis_: Client, keys: Keys, *, keep_documents: float, looks: Bounds | None = None
    ) -> None:
        self.redis = redis_
        self.keys = keys
        self.keep_ms = int(keep_documents * 1000)
        self.looks = Looks(redis_, keys, looks, self.keep_ms)

    def head(self, did: str) -> Head | None:
        """The head of a document; None when it is not known."""
        row = self.redis.hmget(self.keys.document(did), "revision", "content", "digest", "length", "archived")
        values = [None if value is None else value.decode() for value in row]
        if values[0] is None:
            return None
        return Head(
            int(values[0]),
            values[1] or "",
            values[2] or "",
            int(values[3] or 0),
            archived=values[4] is not None,
        )

    def revision(self, did: str, number: int | None = None) -> dict[str, Any] | None:
        """A revision as ``{"data": …, "file": …}``; the newest when no number is given; None when not known."""
        if number is None:
            head = self.head(did)
            if head is None:
                return None
            number = head.revision
        body = self.redis.get(self.keys.revision(did, number))
        if body is None:
            return None
        kept: dict[str, Any] = orjson.loads(zstandard.decompress(body))
        return kept

    def revisions(self, did: str) -> list[int]:
        """The numbers of the revisions that are kept."""
        head = self.head(did)
        if head is None:
            return []
        numbers = list(range(1, head.revision + 1))
        with self.redis.pipeline(transaction=False) as pipe:
            for number in numbers:
                pipe.exists(self.keys.revision(did, number))
            return [number for number, there in zip(numbers, pipe.execute(), strict=True) if there]

    def listed(
        self, *, before: int | None, since: int | None, count: int, field: str = "", value: str = ""
    ) -> list[tuple[str, int]]:
        """Ids and times (ms) of documents, newest first, from one of the orders."""
        key = self.keys.documents_by(field, value) if field else self.keys.documents
        top = "+inf" if before is None else f"({before}"
        with self.redis.pipeline(transaction=False) as pipe:
            pipe.zrevrangebyscore(key, top, since or "-inf", start=0, num=count, withscores=True)
            rows = pipe.execute()[0]
        return [(did.decode(), int(score)) for did, score in rows]

    # --- written as part of a step ---

    def expected(self, did: str, previous: int | None) -> Condition:
        """The condition that nobody has published another revision meanwhile."""
        return Condition(self.keys.document(did), "revision", "" if previous is None else str(previous))

    def written(
        self,
        draft: Draft,
        data: Mapping[str, Any],
        file: str,
        content: str,
        previous: Mapping[str, Any] | None,
    ) -> list[Command]:
        """The commands that write a revision and list it."""
        did, number, now = draft.id, data["revision"], now_ms()
        body = zstandard.compress(orjson.dumps({"data": data, "file": file}))
        head = self.keys.document(did)
        commands: list[Command] = [
            ("HSET", head, "revision", number, "content", content, "digest", draft.digest, "updated", now),
            ("HSET", head, "length", len(data["text"])),
            ("HSET", head, "archived", 1) if draft.origin.captured_at else ("HDEL", head, "archived"),
            ("PEXPIRE", head, self.keep_ms),
            ("SET", self.keys.revision(did, number), body, "PX", self.keep_ms),
            ("ZADD", self.keys.documents, now, did),
        ]
        orders = self._orders(data)
        gone = self._orders(previous) - orders if previous is not None else set()
        commands += [("ZREM", key, did) for key in sorted(gone)]
        for key in sorted(orders):
            commands += [("ZADD", key, now, did), ("PEXPIRE", key, self.keep_ms)]
        return commands

    def forgotten(self, did: str) -> list[Command]:
        """The commands after which whatever comes of a document is new: its page was gone, and told to be."""
        return [("HSET", self.keys.document(did), "content", "", "digest", "")]

    def validators(self, url: str, draft: Draft) -> list[Command]:
        """The commands that keep what the next conditional request of a URL needs.

        An archive's capture says nothing of the live page: the URL is not fetched, not fresh, and still dead.
        """
        key = self.keys.url(url)
        if draft.origin.captured_at:
            return [
                ("HDEL", key, "etag", "last_modified", "fetched", "final_url"),
                ("HSET", key, "document", draft.id, "archived", draft.origin.captured_at),
            ]
        now = now_ms()
        kept = {"etag": draft.origin.etag, "last_modified": draft.origin.last_modified}
        commands: list[Command] = [
            ("HSET", key, "fetched", now, "document", draft.id, "final_url", draft.url or ""),
            ("HDEL", key, "failed", "reason", "archived"),
            ("ZADD", self.keys.urls, now, url),
        ]
        for name, value in kept.items():
            commands.append(("HDEL", key, name) if value is None else ("HSET", key, name, value))
        return commands

    def _orders(self, data: Mapping[str, Any]) -> set[str]:
        found = {("language", data["language"]["code"])}
        if data["url"]:
            found.add(("host", urlsplit(data["url"]).hostname))
        if data["sameness"]["story"]:
            found.add(("story", data["sameness"]["story"]["id"]))
        for entity in data["entities"][:ENTITIES_INDEXED]:
            found |= {("entity", key) for key in listed_by(entity, data["text"])}
        return {self.keys.documents_by(field, value) for field, value in found if value}

    def let_go(self, before: int | None, most: int) -> int:
        """Drop the revisions of the oldest documents, of those that came before a time (ms), and list them no more.

        The head stays: a revision that comes later gets the next number, and none is told twice.
        """
        top = "+inf" if before is None else f"({before}"
        oldest = self.redis.zrangebyscore(self.keys.documents, "-inf", top, start=0, num=most) if most else []
        return sum(self._let_go(did.decode()) for did in oldest)

    def _let_go(self, did: str) -> bool:
        with self.redis.pipeline() as pipe:
            pipe.watch(self.keys.document(did))
            head, kept, look = self.head(did), self.revision(did), self.looks.of(did)
            pipe.multi()
            pipe.zrem(self.keys.documents, did)
            for command in self.looks.dropped(did, look[0]) if look else ():
                pipe.execute_command(*command)
            for key in sorted(self._orders(kept["data"])) if kept else ():
                pipe.zrem(key, did)
            if head:
                pipe.delete(*(self.keys.revision(did, number) for number in range(1, head.revision + 1)))
            try:
                pipe.execute()
            except redis.WatchError:
                return False  # a new revision came meanwhile
        return True

    def trim(self, most: int = 1000) -> int:
        """Take documents that have expired out of the list by time; the other orders expire by themselves."""
        overdue = self.redis.zrangebyscore(
            self.keys.documents, "-inf", now_ms() - self.keep_ms, start=0, num=most
        )
        gone = int(self.redis.zrem(self.keys.documents, *overdue)) if overdue else 0
        return gone + self.looks.trim()
