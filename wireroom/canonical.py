"""Which address a page stands under: what it declares for itself, unless that cannot be true. Pure.

Law: a wrong yes makes one document of two articles, and each becomes a "revision" of the other; a wrong no leaves two
documents of one article, which sameness then finds to be copies. So a doubt is a no.

A declared address (``rel=canonical`` in the page, then in a ``Link`` header, then ``og:url``; RFC 6596, RFC 8288) is
taken when it

1. is one of the addresses this very fetch came over (asked for, or a redirect of the site itself): proven equal; or
2. is of the same site, by the registrable domain, and is none of the faults that content systems are known for:
   the front page or a section declared by every article, the script without the number that names the article, the
   first page declared by the second, and the address of another article left over in a template.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from wireroom import urls
from wireroom.errors import UrlError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

LONGEST: Final = 2_000
"""Most characters in a declared address."""

_ID: Final = re.compile(r"\d{5,}")
_WORD: Final = re.compile(r"[^\W\d_]{3,}")
_HOME: Final = re.compile(r"/?(?:(?:index|default|home)\.\w{2,5})?", re.IGNORECASE)
_SUFFIX: Final = re.compile(
    r"amp|print(?:er)?|comments?|share|gallery|photos?|video|embed|full|single|all|mobile|index\.\w{2,5}|1",
    re.IGNORECASE,
)
_PAGE: Final = re.compile(r"/(?:page|seite|pagina|p)[/-]?([2-9]|\d\d{1,2})/?$", re.IGNORECASE)
_PAGES: Final = frozenset({"page", "paged", "pg", "seite", "pagina", "p"})
_SLUG: Final = 3
"""Words in a last part of a path from which it names an article: ``sea-wall-rises``."""


@dataclass(frozen=True, slots=True)
class _Place:
    """What an address tells of the page behind it."""

    path: str
    parts: tuple[str, ...]
    query: tuple[tuple[str, str], ...]
    ids: frozenset[str]
    words: frozenset[str]

    @property
    def is_home(self) -> bool:
        return _HOME.fullmatch(self.path) is not None and not self.query

    @property
    def names_article(self) -> bool:
        last = self.parts[-1] if self.parts else ""
        return bool(self.ids) or len(_WORD.findall(last)) >= _SLUG

    @property
    def page(self) -> int:
        """Which page of a long article it is, as far as the address says so."""
        found = _PAGE.search(self.path)
        values = [found[1]] if found else [v for n, v in self.query if n in _PAGES and len(v) < 3]  # noqa: PLR2004 - /?p=123 is an id
        return next((int(v) for v in values if v.isdecimal()), 1)


def choose(
    url: str,
    declared: Sequence[str],
    *,
    known: Collection[str] = (),
    told: Collection[str] = (),
    title: str = "",
) -> str | None:
    """The first declared address that can be the page's own.

    Args:
        url: the page's final address.
        declared: the addresses it declares, the weightiest first, as they are written.
        known: the addresses the page was reached over.
        told: the addresses its structured data gives it.
        title: its title: an address that is made of its words is its own.

    Returns:
        An address without fragment, or None: the page stands under its final address.
    """
    resolved = [r for d in declared if (r := _resolved(url, d))]
    own_names = {_same(r) for t in told if (r := _resolved(url, t))}
    proven = {_same(k) for k in (url, *known)}
    for number, address in enumerate(resolved):
        if _same(address) in proven:
            return address
        others = own_names | {_same(r) for r in resolved[number + 1 :]}
        if urls.same_site(address, url) and _plausible(_place(url), _place(address)):
            own, other = _place(url), _place(address)
            named = _same(address) in others or len(_words(title) & other.words) >= min(
                2, len(other.words) or 2
            )
            if named or _related(own, other):
                return address
    return None


def _plausible(own: _Place, other: _Place) -> bool:
    """Whether an address of the same site is none of the known faults."""
    if other.is_home:
        return _HOME.fullmatch(own.path) is not None and not _numbers(own)
    if own.page > 1 and other.page == 1:
        return False
    if other.path == own.path and not own.names_article and own.query and not other.query:
        return not _numbers(own)
    size = len(other.parts)
    if size < len(own.parts) and own.parts[:size] == other.parts:
        return bool(_ID.search(other.parts[-1])) or all(map(_SUFFIX.fullmatch, own.parts[size:]))
    return other.names_article or bool(other.query) or not _is_article(own)


def _related(own: _Place, other: _Place) -> bool:
    """Whether nothing says that two plausible addresses name two articles."""
    if not own.names_article or not other.names_article or own.ids & other.ids:
        return True
    if own.ids and other.ids and own.words == other.words:
        return False  # the same words with another number are the next part of a series
    shared = len(own.words & other.words)
    return shared > 0 and 2 * shared >= min(len(own.words), len(other.words))


def _numbers(place: _Place) -> bool:
    """Whether the query may name an article."""
    return any(any(map(str.isdigit, value)) for _, value in place.query)


def _is_article(place: _Place) -> bool:
    dated = re.search(r"/(?:19|20)\d\d[/-]\d\d?(?:[/-]|$)", place.path)
    return place.names_article or dated is not None or any(v.isdecimal() for _, v in place.query)


def _place(url: str) -> _Place:
    split = urlsplit(urls.canonical(url))
    path = unquote(split.path)
    parts = tuple(p for p in path.split("/") if p)
    query = tuple((n.lower(), v) for n, v in parse_qsl(split.query))
    ids = frozenset(_ID.findall(path)) | {v for _, v in query if _ID.fullmatch(v)}
    return _Place(
        path, parts, query, ids, _words(parts[-1].rpartition(".")[0] or parts[-1]) if parts else frozenset()
    )


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.casefold()))


def _same(address: str) -> str:
    """An address without what does not matter to which page it is: scheme and final slash."""
    try:
        return urls.canonical(address).partition("://")[2].rstrip("/")
    except UrlError:
        return ""


def _resolved(url: str, declared: str) -> str | None:
    address = urls.resolve(url, declared.strip()) if declared.strip() and len(declared) <= LONGEST else None
    return address.partition("#")[0] if address else None
