"""An archive on the local web that answers as the Wayback Machine documents, with faults that it is known for.

What it imitates stands in the service's own pages: the index in
https://github.com/internetarchive/wayback/tree/master/wayback-cdx-server (fields, filters, negative limits, JSON with a
first row of names, ``[]`` for nothing), the replay in RFC 7089 and https://archive.org/help/wayback_api.php
(``Memento-Datetime`` and ``Link`` on captures only, the captured page's own headers behind ``X-Archive-Orig-``, a redirect
to the nearest capture, ``id_`` for the bytes as they came, a toolbar and changed links without it)::

    archive = Wayback(web.site())
    archive.keep("http://127.0.0.2:81/a", "20190304050607", "<p>…</p>")
    …Settings(archive=True, archive_url=archive.url)…
    assert archive.asked() == ["index", "capture"]
"""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from localweb import Site

FIELDS = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length")
TOOLBAR = "<!-- BEGIN WAYBACK TOOLBAR INSERT --><div id='wm-ipp'>Ask the keeper of old pages</div><!-- END WAYBACK TOOLBAR INSERT -->"


@dataclass(frozen=True, slots=True)
class Kept:
    """One capture."""

    original: str
    timestamp: str
    body: bytes
    status: int
    kind: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def at(self) -> datetime:
        return datetime.strptime(self.timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)

    def row(self) -> dict[str, str]:
        kind = self.kind.partition(";")[0]
        values = (key(self.original), self.timestamp, self.original, kind, str(self.status), "A" * 32, "1024")
        return dict(zip(FIELDS, values, strict=True))


def key(url: str) -> str:
    """What the index sorts by: no scheme, no ``www.``, lower case, no final slash."""
    return re.sub(r"^https?://(www\d*\.)?", "", url).lower().rstrip("/")


class Wayback:
    """The archive. Captures and faults may be added while it runs."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.kept: list[Kept] = []
        self.faults: list[Callable[[], web.Response]] = []
        """Answers given instead of its own, each once, the first first."""
        self.slow = 0.0
        self.raw = True
        """Whether ``id_`` is honoured; some archives show their toolbar all the same."""
        site.on("/cdx/search/cdx", self._index)
        site.otherwise(self._replay)

    @property
    def url(self) -> str:
        return self.site.origin

    @property
    def host(self) -> str:
        return self.site.origin.removeprefix("http://")

    def keep(
        self,
        original: str,
        timestamp: str,
        body: str,
        *,
        status: int = 200,
        kind: str = "text/html; charset=utf-8",
        headers: Mapping[str, str] | None = None,
    ) -> str:
        """Keep a capture; gives the address of its bytes."""
        self.kept.append(Kept(original, timestamp, body.encode(), status, kind, headers or {}))
        return f"{self.url}/web/{timestamp}id_/{original}"

    def asked(self) -> list[str]:
        """What was asked for, in order: ``index``, ``capture``, or a path."""
        paths = [hit.path for hit in self.site.log if hit.path != "/robots.txt"]
        return [
            "index" if path.startswith("/cdx/") else "capture" if path.startswith("/web/") else path
            for path in paths
        ]

    # --- the index ---

    async def _index(self, request: web.Request) -> web.Response:
        if (fault := await self._trouble()) is not None:
            return fault
        query = request.query
        rows = [kept.row() for kept in sorted(self.kept, key=lambda kept: kept.timestamp)]
        rows = [row for row in rows if row["urlkey"] == key(query["url"])]
        for one in query.getall("filter", []):
            name, _, pattern = one.removeprefix("!").partition(":")
            rows = [row for row in rows if bool(re.fullmatch(pattern, row[name])) is not one.startswith("!")]
        limit = int(query.get("limit", "150000"))
        rows = rows[limit:] if limit < 0 else rows[:limit]
        names = query.get("fl", ",".join(FIELDS)).split(",")
        table = [names, *([row[name] for name in names] for row in rows)] if rows else []
        if query.get("output") != "json":
            return web.Response(text="\n".join(" ".join(line) for line in table[1:]))
        return web.Response(text=json.dumps(table), content_type="application/json")

    # --- the replay ---

    async def _replay(self, request: web.Request) -> web.Response:
        found = re.fullmatch(r"/web/(\d{4,14})(id_)?/(https?://.+)", request.raw_path)
        if found is None:
            return web.Response(status=404)
        if (fault := await self._trouble()) is not None:
            return fault
        stamp, raw, url = found.groups()
        captures = [kept for kept in self.kept if key(kept.original) == key(url)]
        if not captures:
            text = "<h1>Hrm.</h1><p>This place has not kept that address.</p>"
            return web.Response(status=404, text=text, content_type="text/html")
        kept = min(captures, key=lambda one: abs(int(one.timestamp) - int(stamp.ljust(14, "0"))))
        if kept.timestamp != stamp:
            place = f"{self.url}/web/{kept.timestamp}{raw or ''}/{kept.original}"
            return web.Response(
                status=302, headers={"Location": place, "X-Archive-Redirect-Reason": "nearest"}
            )
        return self._capture(kept, raw=bool(raw) and self.raw)

    def _capture(self, kept: Kept, *, raw: bool) -> web.Response:
        body = kept.body if raw else self._replayed(kept)
        original = {f"X-Archive-Orig-{name}": value for name, value in kept.headers.items()}
        links = [
            f'<{kept.original}>; rel="original"',
            f'<{self.url}/web/timemap/link/{kept.original}>; rel="timemap"; type="application/link-format"',
            f'<{self.url}/web/{kept.timestamp}/{kept.original}>; rel="memento"; datetime="{self._date(kept)}"',
        ]
        own = {
            "Content-Type": kept.kind,
            "Memento-Datetime": self._date(kept),
            "Link": ", ".join(links),
            "X-Archive-Src": "keep-2019.warc.gz",
            "ETag": '"of the archive"',
            "Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT",
            "X-Robots-Tag": "noarchive",
        }
        return web.Response(status=kept.status, body=body, headers={**own, **original})

    def _date(self, kept: Kept) -> str:
        return format_datetime(kept.at, usegmt=True)

    def _replayed(self, kept: Kept) -> bytes:
        """As a browser is shown it."""
        text = kept.body.decode()
        text = re.sub(r'(href|content)="(https?://)', rf'\1="/web/{kept.timestamp}/\2', text)
        return re.sub(r"(<body[^>]*>)", rf"\1{TOOLBAR}", text).encode()

    async def _trouble(self) -> web.Response | None:
        if self.slow:
            await asyncio.sleep(self.slow)
        return self.faults.pop(0)() if self.faults else None


# --- faults ---


def too_many(seconds: int = 1) -> web.Response:
    """What who asks too often is told."""
    return web.Response(status=429, text="<h1>Too Many Requests</h1>", headers={"Retry-After": str(seconds)})


def maintenance() -> web.Response:
    """A page for people with status 200, where an answer for programs is meant."""
    return web.Response(text="<html><h1>We are mending the shelves</h1></html>", content_type="text/html")


def index_of(url: str, timestamp: str) -> Callable[[], web.Response]:
    """An index that names a capture, whatever the shelves hold by now."""
    rows = [["timestamp", "original", "mimetype", "statuscode"], [timestamp, url, "text/html", "200"]]
    return lambda: web.json_response(rows)


def leads_to(place: str) -> Callable[[], web.Response]:
    """A redirect."""
    return lambda: web.Response(status=302, headers={"Location": place})


def blocked() -> web.Response:
    """What the index says of a site whose owner had it taken out."""
    why = "org.archive.wayback.exception.AdministrativeAccessControlException: Blocked Site Error"
    headers = {"X-Archive-Wayback-Runtime-Error": why}
    return web.Response(status=403, text=why, headers=headers)
