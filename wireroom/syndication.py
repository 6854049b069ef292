"""What a source says, whatever its format: items with an address and their dates. Pure: types, and how a value is read.

Everything in a feed is a claim of the feed: an address is checked, a date that is none is left out, a text is one line.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final, TypeVar

from wireroom import urls
from wireroom.datestamps import Precision, Stamp
from wireroom.datestamps import read as read_stamp
from wireroom.errors import UrlError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

T = TypeVar("T")

MOST: Final = 1_000
"""Items of one source that are looked at, each time it is asked; Google's news sitemaps hold as many at most."""
MOST_READ: Final = 50_000
"""Addresses of one sitemap that are read to find the newest: as many as the protocol allows."""
LONGEST_TITLE: Final = 500
_YEAR: Final = len("2031")

_TAG = re.compile(r"</?[A-Za-z][^<>]{0,500}>")
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Item:
    """One article that a source names.

    Attributes:
        url: its address, canonical: without trackers and fragment.
        title: one line without markup; None where there is none.
        published: when it came out, as the source says.
        updated: when it was last changed, as the source says.
    """

    url: str
    title: str | None = None
    published: Stamp | None = None
    updated: Stamp | None = None


@dataclass(frozen=True, slots=True)
class Child:
    """One sitemap that an index names."""

    url: str
    updated: Stamp | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """What a source said.

    Attributes:
        format: ``rss``, ``atom``, ``json``, ``sitemap`` or ``index``.
        title: the source's own name.
        items: in its order; each address once.
        children: the sitemaps of an index.
        skipped: items that name no address that can be fetched.
        cut: it names more than is looked at.
        wish: seconds between two looks that it asks for; None where it asks for nothing.
    """

    format: str
    title: str | None = None
    items: tuple[Item, ...] = ()
    children: tuple[Child, ...] = ()
    skipped: int = 0
    cut: bool = False
    wish: float | None = None


def moment(stamp: Stamp | None) -> str:
    """A stamp as text that sorts by time; a day alone is its beginning. Empty where there is none."""
    if stamp is None:
        return ""
    known = stamp.moment
    return known.astimezone(UTC).isoformat() if known else stamp.day.isoformat()


def age(item: Item) -> str:
    """What sorts the newest item last: the later of its dates."""
    return max(moment(item.published), moment(item.updated))


def address(base: str | None, link: str) -> str | None:
    """The canonical address of a link; None where it cannot be fetched. Without a base it must be whole."""
    link = link.strip()
    if not link:
        return None
    found = urls.resolve(base, link) if base else link
    try:
        return urls.canonical(found) if found else None
    except UrlError:
        return None


def based(base: str, *declared: str | None) -> str:
    """The base of links after ``xml:base`` of the elements around them, the outermost first."""
    for link in declared:
        base = (urls.resolve(base, link) if link else None) or base
    return base


def when(text: str) -> Stamp | None:
    """A date as feeds write it: ISO 8601 at any precision, or RFC 822 in its variants; None for anything else."""
    text = _BLANKS.sub(" ", text[:80]).strip()
    if not text:
        return None
    if len(text) == _YEAR and text.isdecimal():
        return Stamp(text, Precision.YEAR) if text > "0999" else None
    found = read_stamp(text)
    if found is not None:
        return found
    try:
        parsed = parsedate_to_datetime(text)
        parsed.utctimetuple()
        return Stamp(parsed.isoformat(timespec="seconds"), Precision.SECOND, parsed.tzinfo is not None)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def line(text: str, *, markup: bool = False) -> str | None:
    """Text as one line; None where nothing is left.

    Args:
        text: as the source gives it.
        markup: it may be escaped HTML.
    """
    if markup and ("<" in text or "&" in text):
        text = html.unescape(_TAG.sub("", text))
    clean = _BLANKS.sub(" ", text).strip()
    printable = "".join(char if char.isprintable() else " " for char in clean)
    return printable.encode("utf-8", "ignore").decode()[:LONGEST_TITLE].strip() or None


def once(items: Iterable[Item]) -> tuple[Item, ...]:
    """Each address once, the first of it."""
    found: dict[str, Item] = {}
    for item in items:
        found.setdefault(item.url, item)
    return tuple(found.values())


def newest(things: Sequence[T], most: int, age: Callable[[T], str]) -> tuple[T, ...]:
    """As many as are looked at; where there are more, those whose age sorts last. The order stays."""
    if len(things) <= most:
        return tuple(things)
    ranked = sorted(range(len(things)), key=[age(thing) for thing in things].__getitem__, reverse=True)[:most]
    return tuple(things[place] for place in sorted(ranked))
