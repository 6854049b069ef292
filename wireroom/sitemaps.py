"""Sitemaps (https://www.sitemaps.org/protocol.html) with Google's news extension, and indexes of them. Pure.

Law: takes what was scanned, gives what it says; opens nothing. An index names sitemaps, never indexes: one level.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wireroom.syndication import MOST_READ, Child, Feed, Item, address, line, moment, newest, once, when
from wireroom.xmlscan import Document, Record, Shape, read

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOTS: Final = frozenset({"urlset", "sitemapindex"})
MOST_CHILDREN: Final = 10
"""Sitemaps of an index that are asked for each time: those that changed last."""

_FIELDS: Final = frozenset({"loc", "lastmod", "news:title", "news:publication_date"})
_SHAPE: Final = Shape(
    heads=ROOTS,
    records=frozenset({"url", "sitemap"}),
    fields=_FIELDS,
    texts=_FIELDS,
    breaks=_FIELDS,
    holders=frozenset({"news:news"}),
)


def sitemap(text: str, base: str, most: int) -> Feed:
    """Read a sitemap or an index.

    Args:
        text: decoded.
        base: the address it was fetched from.
        most: items that are looked at; of more the newest.
    """
    document = read(text, _SHAPE, MOST_READ)
    return _index(document, base) if document.root == "sitemapindex" else _urls(document, base, most)


def _urls(document: Document, base: str, most: int) -> Feed:
    records = newest(document.records, most, _age)
    found = [item for record in records if (item := _item(record, base))]
    return Feed(
        "sitemap",
        items=once(found),
        skipped=len(records) - len(found),
        cut=document.cut or len(records) < len(document.records),
    )


def _age(record: Record) -> str:
    """What puts the newest last: the later of its dates."""
    dates = record.all("lastmod", "news:publication_date")
    return max((moment(when(found.text)) for found in dates), default="")


def _item(record: Record, base: str) -> Item | None:
    url = address(base, record.text("loc"))
    if url is None:
        return None
    published = when(record.text("news:publication_date"))
    return Item(url, line(record.text("news:title"), markup=True), published, when(record.text("lastmod")))


def _index(document: Document, base: str) -> Feed:
    children = [
        Child(url, when(record.text("lastmod")))
        for record in document.records
        if (url := address(base, record.text("loc")))
    ]
    return Feed(
        "index",
        children=tuple({child.url: child for child in children}.values()),
        skipped=len(document.records) - len(children),
        cut=document.cut,
    )


def due(children: Sequence[Child], seen: dict[str, str]) -> tuple[Child, ...]:
    """Which sitemaps of an index are asked for now: those that changed since, the newest first.

    Sites keep years of archives in an index. One whose ``lastmod`` is the one that was seen is left out; of those that
    are left, the ones that changed last come first, then those that name no time and are called news, in their order.

    Args:
        children: what the index names.
        seen: by address, the ``lastmod`` at which it was last read.
    """
    changed = [
        child for child in children if not child.updated or seen.get(child.url) != moment(child.updated)
    ]
    ranked = sorted(changed, key=lambda child: "news" in child.url.lower(), reverse=True)
    ranked.sort(key=lambda child: moment(child.updated), reverse=True)
    return tuple(ranked[:MOST_CHILDREN])
