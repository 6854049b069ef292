"""Lists of documents: pages, newest first, of those that fit every filter.

The order is that of the time a document's newest revision came in; of equal times, the greater id comes first. A
cursor names the last place that was looked at, so what comes in meanwhile moves nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson
import zstandard

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wireroom.adapters.client import Client
    from wireroom.adapters.keys import Keys

LOOKED_AT: Final = 20_000
"""Most documents looked at for one page; a page of a rare combination may be short, and its cursor goes on."""
NAMED: Final = 5
"""Most names in a summary; those the text names most come first."""
_CHUNK: Final = 500
_CURSOR: Final = re.compile(r"([0-9]{1,15})-([0-9a-f]{16})")

Place = tuple[int, str]
"""Time (ms) and id of a document: where it stands in the order."""


def read_cursor(cursor: str) -> Place:
    """The place a cursor names.

    Raises:
        ValueError: it is none that was given out.
    """
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        msg = "is no cursor that was given out; leave it away to begin anew"
        raise ValueError(msg)
    return int(found[1]), found[2]


def write_cursor(place: Place) -> str:
    """A place as a cursor."""
    return f"{place[0]}-{place[1]}"


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a list.

    Attributes:
        items: summaries.
        after: where the next page begins; None when this was the last.
    """

    items: tuple[dict[str, Any], ...]
    after: Place | None


class Listing:
    """Lists documents."""

    def __init__(self, redis_: Client, keys: Keys) -> None:
        self._redis = redis_
        self._keys = keys

    def page(
        self,
        filters: Mapping[str, str],
        *,
        limit: int,
        since: int | None = None,
        until: int | None = None,
        after: Place | None = None,
    ) -> Page:
        """Documents that fit all filters.

        Args:
            filters: by ``host``, ``language``, ``story`` or ``entity``.
            limit: most documents.
            since: earliest time (ms), itself included.
            until: first time (ms) that is too late.
            after: the last place looked at before.
        """
        orders = [self._keys.documents_by(field, value) for field, value in filters.items()]
        order, others = self._shortest(orders)
        found: list[Place] = []
        looked, last = 0, after
        for chunk in self._places(order, since, until, after):
            found += self._in_all(chunk, others)
            if len(found) > limit:
                return Page(tuple(self.summaries(found[:limit])), found[limit - 1])
            looked, last = looked + len(chunk), chunk[-1]
            if looked >= LOOKED_AT:
                return Page(tuple(self.summaries(found)), last)
        return Page(tuple(self.summaries(found)), None)

    def summaries(self, places: Sequence[Place]) -> Iterator[dict[str, Any]]:
        """What a list shows of each document; those that are kept no longer are left out."""
        with self._redis.pipeline(transaction=False) as pipe:
            for _, did in places:
                pipe.hget(self._keys.document(did), "revision")
            numbers = pipe.execute()
            for (_, did), number in zip(places, numbers, strict=True):
                pipe.get(self._keys.revision(did, int(number or 0)))
            bodies = pipe.execute()
        for (at, _), body in zip(places, bodies, strict=True):
            if body is not None:
                yield summary(orjson.loads(zstandard.decompress(body))["data"], at)

    def of(self, ids: Sequence[str]) -> list[dict[str, Any]]:
        """Summaries of these documents, in this order."""
        with self._redis.pipeline(transaction=False) as pipe:
            for did in ids:
                pipe.zscore(self._keys.documents, did)
            times = pipe.execute()
        return list(self.summaries([(int(at or 0), did) for did, at in zip(ids, times, strict=True)]))

    def _shortest(self, orders: list[str]) -> tuple[str, list[str]]:
        if not orders:
            return self._keys.documents, []
        sizes = {order: self._redis.zcard(order) for order in orders}
        shortest = min(orders, key=sizes.__getitem__)
        return shortest, [order for order in orders if order != shortest]

    def _places(
        self, order: str, since: int | None, until: int | None, after: Place | None
    ) -> Iterator[list[Place]]:
        """The places of an order behind one, in chunks."""
        top: int | str = "+inf" if until is None else f"({until}"
        if after is not None and (until is None or after[0] < until):
            top = after[0]
        offset = 0
        while True:
            with self._redis.pipeline(transaction=False) as pipe:
                bottom = "-inf" if since is None else since
                pipe.zrevrangebyscore(order, top, bottom, start=offset, num=_CHUNK, withscores=True)
                rows: list[tuple[bytes, float]] = pipe.execute()[0]
            places = [(int(at), did.decode()) for did, at in rows]
            behind = [place for place in places if after is None or place < after]
            if behind:
                yield behind
            if len(rows) < _CHUNK:
                return
            # Go on below what was seen, by offset only among equal times: what comes in moves offsets.
            lowest = places[-1][0]
            same = sum(1 for at, _ in places if at == lowest)
            offset = offset + _CHUNK if top == lowest else same
            top = lowest

    def _in_all(self, places: list[Place], orders: list[str]) -> list[Place]:
        if not orders:
            return places
        with self._redis.pipeline(transaction=False) as pipe:
            for order in orders:
                pipe.zmscore(order, [did for _, did in places])
            scores = pipe.execute()
        return [place for place, *found in zip(places, *scores, strict=True) if None not in found]


def summary(data: Mapping[str, Any], updated: int) -> dict[str, Any]:
    """What a list shows of a document; ``updated`` is in milliseconds here and in the answer."""
    published, story = data["dates"]["published"], data["sameness"]["story"]
    return {
        "id": data["id"],
        "revision": data["revision"],
        "title": data["title"],
        "url": data["url"],
        "published": published and published["value"],
        "language": data["language"]["code"],
        "story": story and story["id"],
        "names": [entity["name"] for entity in data["entities"][:NAMED]],
        "updated": updated,
    }
