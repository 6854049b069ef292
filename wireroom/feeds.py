"""Feeds: RSS 0.9x, 1.0 and 2.0, Atom 0.3 and 1.0, JSON Feed 1.x; and the one way in for sitemaps, too. Pure.

Law: takes bytes that were fetched, gives what they say; fetches nothing, whatever stands in them. What a source is is
told from what it holds: servers call feeds text/html, and people put a sitemap where a feed was asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from wireroom import charset, xmlscan
from wireroom.errors import Reason, WorkError
from wireroom.sitemaps import ROOTS, sitemap
from wireroom.syndication import MOST, Feed, Item, address, based, line, once, when
from wireroom.xmlscan import Record, Shape

if TYPE_CHECKING:
    from collections.abc import Iterator

HINTS: Final = 5
"""Feeds that a page names and that are told of at most."""

_LINES: Final = 100
"""Lines of a text that are all addresses where it is a sitemap."""
_FEED_TYPES: Final = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json"})
_UPDATES: Final = {
    "hourly": 3600,
    "daily": 86400,
    "weekly": 7 * 86400,
    "monthly": 30 * 86400,
    "yearly": 365 * 86400,
}
_TEXTS: Final = frozenset(
    {
        *(
            "link",
            "guid",
            "pubdate",
            "id",
            "published",
            "updated",
            "issued",
            "modified",
            "dc:date",
            "dcterms:modified",
        ),
        *("atom:id", "atom:published", "atom:updated", "feedburner:origlink", "title", "atom:title", "ttl"),
        *("sy:updateperiod", "sy:updatefrequency"),
    }
)
_SHAPE: Final = Shape(
    heads=frozenset({"rss", "channel", "rdf:rdf", "rdf", "feed", "atom:feed"}),
    records=frozenset({"item", "entry", "atom:entry"}),
    fields=_TEXTS | {"atom:link"},
    texts=_TEXTS,
    breaks=_TEXTS | {"atom:link"},
)
_ROOTS: Final = {"rss": "rss", "rdf": "rss", "channel": "rss", "feed": "atom"}


def read(body: bytes, content_type: str | None, url: str, most: int = MOST) -> Feed:
    """Read what a source answered.

    Args:
        body: as it was fetched, unpacked.
        content_type: the HTTP header; only its charset counts.
        url: the address it came from, which links start from.
        most: items that are looked at.

    Raises:
        WorkError: ``empty_page`` or ``not_a_feed``; the detail names the feeds of a page, where it is one.
    """
    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"{", b"["}:
        return _json(body, url, most)
    text = _decoded(body, content_type)
    if not text.strip():
        raise WorkError(Reason.EMPTY_PAGE, "the answer is empty")
    root = xmlscan.root(text)
    if root in ROOTS:
        return sitemap(text, url, most)
    if root in _ROOTS:
        return _xml(text, _ROOTS[root], url, most)
    lines = text.split()
    if not root and all(line_.startswith(("http://", "https://")) for line_ in lines[:_LINES]):
        return _list(lines, url, most)
    raise WorkError(Reason.NOT_A_FEED, _what_it_is(text, root, url))


def _list(lines: list[str], url: str, most: int) -> Feed:
    """A sitemap as a text file: an address a line, and nothing else of them."""
    found = [Item(address_) for line_ in lines[:most] if (address_ := address(url, line_))]
    taken = min(len(lines), most)
    return Feed("sitemap", items=once(found), skipped=taken - len(found), cut=len(lines) > most)


def _decoded(body: bytes, content_type: str | None) -> str:
    # Wide letters without a mark show in the first sign (XML 1.0, appendix F).
    for start, name in ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be")):
        if body.startswith(start):
            return body.decode(name, "replace")
    return charset.decode(body, content_type).text


# --- RSS and Atom ---


def _xml(text: str, kind: str, url: str, most: int) -> Feed:
    document = xmlscan.read(text, _SHAPE, most)
    head = document.head
    base = based(url, head.attributes.get("xml:base"))
    found = [item for record in document.records if (item := _entry(record, base))]
    return Feed(
        kind,
        title=line(head.text("title", "atom:title"), markup=True),
        items=once(found),
        skipped=len(document.records) - len(found),
        cut=document.cut,
        wish=_wish(head),
    )


def _entry(record: Record, base: str) -> Item | None:
    base = based(base, record.attributes.get("xml:base"))
    url = next(filter(None, (address(of, link) for of, link in _links(record, base))), None)
    if url is None:
        return None
    return Item(
        url,
        line(record.text("title", "atom:title"), markup=True),
        when(record.text("published", "atom:published", "pubdate", "issued", "dc:date")),
        when(record.text("updated", "atom:updated", "dcterms:modified", "modified")),
    )


def _links(record: Record, base: str) -> Iterator[tuple[str | None, str]]:
    """What may be an item's address, the likeliest first, each with its base."""
    for found in record.all("feedburner:origlink"):
        yield base, found.text
    links = list(record.all("link", "atom:link"))
    for wanted in (_is_page, _is_alternate):
        for found in links:
            if wanted(found.attributes):
                yield (
                    based(base, found.attributes.get("xml:base")),
                    found.text or found.attributes.get("href", ""),
                )
    for found in record.all("guid"):
        if found.attributes.get("isPermaLink", "true").strip().lower() != "false":
            yield None, found.text
    if record.attributes.get("rdf:about"):
        yield base, record.attributes["rdf:about"]
    if not links:
        for found in record.all("id", "atom:id"):
            yield None, found.text


def _is_alternate(attributes: dict[str, str]) -> bool:
    return attributes.get("rel", "alternate").strip().lower() in {"alternate", ""}


def _is_page(attributes: dict[str, str]) -> bool:
    kind = attributes.get("type", "text/html").strip().lower()
    return _is_alternate(attributes) and kind in {"text/html", "application/xhtml+xml", ""}


def _wish(head: Record) -> float | None:
    """Seconds between two looks by RSS's ``ttl`` (minutes) or the syndication module's period and frequency."""
    ttl = head.text("ttl")
    wishes = [float(ttl[:9]) * 60] if ttl[:9].isdecimal() else []
    period = _UPDATES.get(head.text("sy:updateperiod").lower())
    if period:
        times = head.text("sy:updatefrequency")[:6]
        wishes.append(period / max(1, int(times) if times.isdecimal() else 1))
    return max(wishes, default=None)


# --- JSON Feed (https://www.jsonfeed.org/version/1.1/) ---


def _json(body: bytes, url: str, most: int) -> Feed:
    try:
        data = orjson.loads(body.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise WorkError(Reason.NOT_A_FEED, f"broken JSON: {error}"[:200]) from None
    if not isinstance(data, dict) or not isinstance(data.get("items"), list):
        raise WorkError(Reason.NOT_A_FEED, "JSON, but no JSON Feed: it has no items")
    entries = data["items"]
    found = [item for entry in entries[:most] if (item := _json_item(entry, url))]
    return Feed(
        "json",
        title=line(_text(data, "title")),
        items=once(found),
        skipped=min(len(entries), most) - len(found),
        cut=len(entries) > most,
    )


def _json_item(entry: Any, base: str) -> Item | None:
    if not isinstance(entry, dict):
        return None
    links = ((base, _text(entry, "url")), (None, _text(entry, "id")), (base, _text(entry, "external_url")))
    url = next(filter(None, (address(of, link) for of, link in links)), None)
    if url is None:
        return None
    published, updated = when(_text(entry, "date_published")), when(_text(entry, "date_modified"))
    return Item(url, line(_text(entry, "title")), published, updated)


def _text(data: dict[str, Any], name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""


# --- what is no feed ---


def _what_it_is(text: str, root: str, url: str) -> str:
    if not root:
        return "neither XML nor JSON"
    if root != "html" and "<html" not in text[:4096].lower():
        return f"XML, but no feed or sitemap: its root is {root[:40]!r}"
    named = list(dict.fromkeys(_named(text, url)))[:HINTS]
    return "a page, no feed" + (f"; the page names {', '.join(named)}" if named else "")


def _named(text: str, url: str) -> Iterator[str]:
    """The feeds that a page names by ``<link rel=alternate>``."""
    for name, link in xmlscan.tags(text):
        attributes = xmlscan.attributes(link) if name == "link" else {}
        known = {key.lower(): value for key, value in attributes.items()}
        if (
            "alternate" in known.get("rel", "").lower().split()
            and known.get("type", "").lower() in _FEED_TYPES
        ):
            found = address(url, known.get("href", ""))
            if found:
                yield found
