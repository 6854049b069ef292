"""Which URLs a re-crawl means: addresses, and what the store knows of hosts, documents, stories and ages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wireroom.adapters.ids import now_ms
from wireroom.errors import UrlError
from wireroom.records import CrawlRequest
from wireroom.urls import check, host_key, url_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wireroom.adapters.client import Client
    from wireroom.adapters.keys import Keys
    from wireroom.adapters.sameness_index import SamenessIndex
    from wireroom.adapters.store import Store

UNKNOWN: Final = "unknown"
"""Reason: there is no such host, document or story here."""
_ID: Final = re.compile("[0-9a-f]{16}")
_CHUNK: Final = 1000


@dataclass(frozen=True, slots=True)
class Selection:
    """What a re-crawl asks for.

    Attributes:
        urls: addresses, as given.
        hosts: names; one with a port means that port, one without the usual ports, else whichever are known.
        documents: ids.
        stories: ids.
        older_than: seconds; None takes URLs of any age.
        all: every known URL.
        force: also what is fresher than ``older_than``, without conditional headers.
        priority: higher goes first within its host.
    """

    urls: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    stories: tuple[str, ...] = ()
    older_than: float | None = None
    all: bool = False
    force: bool = False
    priority: int = 0

    @property
    def names_some(self) -> bool:
        """It names URLs, hosts, documents or stories."""
        return bool(self.urls or self.hosts or self.documents or self.stories)

    @property
    def empty(self) -> bool:
        """It selects nothing at all."""
        return not (self.names_some or self.all or self.older_than is not None)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a selection means.

    Attributes:
        crawls: one for each URL, none twice.
        rejected: ``{name, reason, detail}`` of what was named and cannot be crawled.
    """

    crawls: tuple[CrawlRequest, ...]
    rejected: tuple[dict[str, str], ...]


class Recrawls:
    """Finds the URLs of selections."""

    def __init__(self, redis_: Client, keys: Keys, store: Store, stories: SamenessIndex) -> None:
        self._redis = redis_
        self._keys = keys
        self._store = store
        self._stories = stories

    def choose(self, selection: Selection) -> Chosen:
        """The URLs a selection means, each once, in the order they were named."""
        rejected: list[dict[str, str]] = []
        found: dict[str, str] = {}
        for url in self._named(selection, rejected):
            found.setdefault(url_key(url), url)
        if selection.all or not selection.names_some:
            for key, url in self._known(self._every(), found):
                found.setdefault(key, url)
        keys = self._aged(list(found), selection)
        crawls = [
            CrawlRequest(found[key], priority=selection.priority, force=selection.force) for key in keys
        ]
        return Chosen(tuple(crawls), tuple(rejected))

    def _named(self, selection: Selection, rejected: list[dict[str, str]]) -> Iterator[str]:
        for url in selection.urls:
            try:
                yield check(url)
            except UrlError as error:
                rejected.append(_rejection(url, error.reason, error.detail))
        for host in selection.hosts:
            yield from self._of_host(host, rejected)
        for did in selection.documents:
            yield from self._of_document(did, rejected)
        for sid in selection.stories:
            yield from self._of_story(sid, rejected)

    def _of_host(self, host: str, rejected: list[dict[str, str]]) -> Iterator[str]:
        try:
            name = host_key(host if "//" in host else f"http://{host}/")
        except UrlError as error:
            rejected.append(_rejection(host, error.reason, error.detail))
            return
        members = self._members(name) or [
            key for other in self._with_port(name) for key in self._members(other)
        ]
        if not members:
            rejected.append(_rejection(host, UNKNOWN, "no URL of this host is known"))
        yield from (url for _, url in self._known(members))

    def _members(self, host: str) -> list[str]:
        return sorted(key.decode() for key in self._redis.smembers(self._keys.urls_of_host(host)))

    def _with_port(self, host: str) -> list[str]:
        """The hosts of this name that are known by a port. Looks at every URL: for names that are not known."""
        begin, known, found = f"{host}:".encode(), self._every(), set()
        for start in range(0, len(known), _CHUNK):
            with self._redis.pipeline(transaction=False) as pipe:
                for key in known[start : start + _CHUNK]:
                    pipe.hget(self._keys.url(key), "host")
                found |= {row for row in pipe.execute() if row is not None and row.startswith(begin)}
        return sorted(name.decode() for name in found)

    def _of_document(self, did: str, rejected: list[dict[str, str]] | None) -> Iterator[str]:
        kept = self._store.revision(did) if _ID.fullmatch(did) else None
        if kept is None:
            if rejected is not None:
                rejected.append(_rejection(did, UNKNOWN, "there is no such document"))
            return
        yield from self._urls(kept["data"])

    def _urls(self, data: dict[str, Any]) -> list[str]:
        """A file lists its sources. A page has one address: the one it was asked for by, if it was redirected."""
        sources = [check(url) for url in data["sources"]]
        if data["origin"]["kind"] == "file":
            return sources
        known = [url for url in sources if self._redis.exists(self._keys.url(url_key(url)))]
        return known[:1] or [check(data["url"])]

    def _of_story(self, sid: str, rejected: list[dict[str, str]]) -> Iterator[str]:
        story = self._stories.story(sid) if _ID.fullmatch(sid) else None
        members = list(story["members"]) if story else []
        if _ID.fullmatch(sid):
            # The index names the newest members only, and forgets a story when its time is over.
            rows = self._store.listed(before=None, since=None, count=_CHUNK, field="story", value=sid)
            members = list(dict.fromkeys((*members, *(did for did, _ in rows))))
        if not members:
            rejected.append(_rejection(sid, UNKNOWN, "there is no such story"))
        for did in members:
            yield from self._of_document(did, None)

    def _every(self) -> Sequence[str]:
        return [key.decode() for key in self._redis.zrange(self._keys.urls, 0, -1)]

    def _known(self, keys: Sequence[str], but: Iterable[str] = ()) -> Iterator[tuple[str, str]]:
        """Keys with their addresses, where they are known."""
        left_out = set(but)
        for start in range(0, len(keys), _CHUNK):
            chunk = [key for key in keys[start : start + _CHUNK] if key not in left_out]
            with self._redis.pipeline(transaction=False) as pipe:
                for key in chunk:
                    pipe.hget(self._keys.url(key), "url")
                for key, url in zip(chunk, pipe.execute(), strict=True):
                    if url is not None:
                        yield key, url.decode()

    def _aged(self, keys: list[str], selection: Selection) -> list[str]:
        """Those that were last fetched long enough ago, or never."""
        if selection.older_than is None or selection.force:
            return keys
        before = now_ms() - selection.older_than * 1000
        old: list[str] = []
        for start in range(0, len(keys), _CHUNK):
            chunk = keys[start : start + _CHUNK]
            with self._redis.pipeline(transaction=False) as pipe:
                for key in chunk:
                    pipe.zscore(self._keys.urls, key)
                old += [key for key, at in zip(chunk, pipe.execute(), strict=True) if (at or 0) <= before]
        return old


def _rejection(name: str, reason: str, detail: str) -> dict[str, str]:
    return {"name": name, "reason": reason, "detail": detail}
