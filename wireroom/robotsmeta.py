"""What a page lets robots do with it: ``X-Robots-Tag`` and robots meta elements. Pure.

The directives are a custom of search engines, not a standard
(https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag). What is said to all robots and what is
said to us are added up, as they do it: a directive only ever takes something away. Those said to another robot are not ours.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

_MEANS: Final = {
    "noindex": "noindex",
    "none": "noindex",
    "noarchive": "noarchive",
    "nocache": "noarchive",
    "nosnippet": "nosnippet",
}
_VALUED: Final = frozenset({"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"})
_NAMED: Final = re.compile(r"\s*([\w.*-]+)\s*:\s*(.*)", re.DOTALL)
_WEEKDAY: Final = re.compile(r"\s*(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?\s*", re.IGNORECASE)
MOST: Final = 200
"""Directives read of one page."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Who we are to a site, and which of its directives refuse a page.

    Attributes:
        agent: our product token, such as ``wireroom``.
        refuse: ``noindex``, ``noarchive``, ``nosnippet``, ``unavailable_after``; what is not named is only recorded.
    """

    agent: str = "wireroom"
    refuse: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Directives:
    """What was said to us.

    Attributes:
        names: of ``noindex``, ``noarchive``, ``nosnippet``, ``unavailable_after``.
        until: when the page is to be forgotten, if it says so; in UTC.
    """

    names: frozenset[str] = field(default_factory=frozenset)
    until: datetime | None = None

    @property
    def warnings(self) -> tuple[str, ...]:
        """The codes a document carries for them."""
        return tuple(f"robots_{name}" for name in sorted(self.names))

    def refused(self, refuse: Collection[str], now: datetime) -> str | None:
        """The directive that refuses the page at a time; None when it may be taken."""
        for name in sorted(self.names & set(refuse)):
            if name != "unavailable_after" or (self.until is not None and self.until <= now):
                return name
        return None


def directives(header: str | None, metas: Iterable[tuple[str, str]], agent: str) -> Directives:
    """What a page says to us.

    Args:
        header: the ``X-Robots-Tag`` fields, one a line: in each, a robot's name holds up to the next name or its end.
        metas: names in lower case and contents of the page's meta elements.
        agent: our product token.
    """
    ours = {"*", "robots", agent.lower()}
    found = [told for line in (header or "").split("\n") for told in _read(line, ours)]
    for name, content in metas:
        if name in ours:
            found += _read(content, None)
    untils = [u for n, v in found if n == "unavailable_after" and (u := _when(v))]
    names = {_MEANS[n] for n, _ in found if n in _MEANS}
    names |= {"nosnippet" for n, v in found if n == "max-snippet" and v.strip() == "0"}
    return Directives(
        frozenset(names | ({"unavailable_after"} if untils else set())), min(untils) if untils else None
    )


def _read(text: str, ours: set[str] | None) -> Iterator[tuple[str, str]]:
    """The directives and their values; ``ours`` is None where a robot's name has no place."""
    pieces = text.split(",")[:MOST]
    applies, number = True, 0
    while number < len(pieces):
        piece, number = pieces[number], number + 1
        named = _NAMED.match(piece)
        if named and named[1].lower() not in _VALUED and ours is not None:
            applies, piece = named[1].lower() in ours, named[2]
            named = _NAMED.match(piece)
        if named and named[1].lower() in _VALUED:
            name, value = named[1].lower(), named[2]
            if name == "unavailable_after" and _WEEKDAY.fullmatch(value) and number < len(pieces):
                value, number = pieces[number], number + 1
            if applies:
                yield name, value
        elif applies:
            yield from ((word, "") for word in re.split(r"[\s;]+", piece.lower()) if word)


def _when(text: str) -> datetime | None:
    """A date in RFC 822, RFC 850 or ISO 8601; UTC where it names no zone."""
    value = _WEEKDAY.sub("", text, count=1).strip(" ,") if _WEEKDAY.match(text) else text.strip()
    try:
        when = datetime.fromisoformat(value)
    except ValueError:
        try:
            when = parsedate_to_datetime(re.sub(r"^(\d{1,2})-([A-Za-z]{3})-", r"\1 \2 ", value))
        except (ValueError, IndexError, TypeError, OverflowError):
            return None
    try:
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except OverflowError:
        return None
