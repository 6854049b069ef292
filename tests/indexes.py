"""What the tests of the index of sameness share: documents to place, and a look at everything it keeps."""

from __future__ import annotations

import json
import random
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from news_samples import BRIDGE, STORIES, edits

from wireroom.adapters.keys import Keys
from wireroom.adapters.sameness_index import SamenessIndex
from wireroom.placement import Item

if TYPE_CHECKING:
    from collections.abc import Iterable

    import redis

KEYS = Keys("wireroom:")
FIRST = datetime(2026, 3, 2, 8, tzinfo=UTC)


def index_of(client: redis.Redis, keys: Keys = KEYS, **more: int) -> SamenessIndex:
    return SamenessIndex(client, keys, **({"window_days": 14} | more))


def item(number: int, text: str, *, after: timedelta | None = None, title: str | None = None) -> Item:
    seen = FIRST + (timedelta(minutes=number) if after is None else after)
    return Item(f"{number:016x}", text, title, date(2026, 3, 2), seen)


def mixed() -> list[Item]:
    """Stories, copies and edits of them, short texts: sixty documents in one order."""
    texts = [text for story in STORIES for text in story]
    texts += [edited for at, text in enumerate(texts[:8]) for edited in edits(text, at).values()]
    texts += ["Read more here", "", BRIDGE[0], BRIDGE[0].upper(), "Read more here"]
    random.Random(3).shuffle(texts)
    return [item(number, text) for number, text in enumerate(texts)]


def place_all(index: SamenessIndex, texts: Iterable[str]) -> list[dict[str, Any]]:
    return [index.place(item(number, text)).data for number, text in enumerate(texts)]


def dump(client: redis.Redis) -> dict[bytes, Any]:
    """Everything in the database."""
    kinds = {key: client.type(key) for key in client.scan_iter()}
    return {
        key: client.hgetall(key) if kind == b"hash" else client.zrange(key, 0, -1, withscores=True)
        for key, kind in kinds.items()
    }


def check_whole(client: redis.Redis) -> None:
    """The counts and postings are those of the documents that are there, and each story's members name it."""
    documents = [key.decode() for key in client.scan_iter(match=KEYS.sameness_document("*"))]
    ids = {key.rpartition(":")[2] for key in documents}
    terms: dict[bytes, int] = {}
    prints: dict[bytes, set[str]] = {}
    for key in documents:
        record = client.hgetall(key)
        for term in json.loads(record[b"terms"] or "[]"):
            terms[term.encode()] = terms.get(term.encode(), 0) + 1
        blob = record[b"prints"]
        for at in range(0, len(blob), 8):
            prints.setdefault(blob[at : at + 8], set()).add(key.rpartition(":")[2])
    assert {term: int(number) for term, number in client.hgetall(KEYS.sameness_frequencies).items()} == terms
    postings = client.hgetall(KEYS.sameness_postings)
    assert postings.keys() == prints.keys()
    for field, blob in postings.items():
        posted = [blob[at : at + 8].hex() for at in range(0, len(blob), 8)]
        assert len(posted) == len(set(posted))
        assert set(posted) <= prints[field]
    assert {did.decode() for did in client.zrange(KEYS.sameness_times, 0, -1)} == ids


def memberships(index: SamenessIndex) -> dict[str, list[str]]:
    """The ids of the stories that name each document."""
    found: dict[str, list[str]] = {}
    for story in index.stories(limit=1000)[0]:
        assert story["size"] == len(story["members"])
        for member in story["members"]:
            found.setdefault(member, []).append(story["id"])
    return found
