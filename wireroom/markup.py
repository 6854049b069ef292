"""What a page says about itself in markup: JSON-LD, meta elements, its declared address.

Law: reads a parsed tree and changes nothing in it. Everything here was written by the page's owner and may be broken,
lying or about another page; nothing raises for it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urljoin, urlsplit

from wireroom.canonical import choose

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

Node = dict[str, Any]

MAX_SCRIPTS = 64
"""JSON-LD blocks read of one page."""
MAX_SCRIPT = 1_000_000
"""Characters of one block."""
MAX_NODES = 500
"""JSON-LD nodes looked at."""
MAX_METAS = 1_000
"""Meta elements looked at."""

_LABEL = re.compile(r"^(?:www\d?|m|mobile|amp|edition)\.", re.IGNORECASE)
_ARTICLE = re.compile(
    r"(?:article|blogposting|liveblogposting|socialmediaposting|discussionforumposting|^report)$"
)
_CONTROL = re.compile(r"[\x00-\x1f]")
_WRAPPING = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/)|(?:-->|//\s*\]\]>|\]\]>|;)\s*$"
)


@dataclass(frozen=True, slots=True)
class Markup:
    """The markup of one page.

    Attributes:
        articles: JSON-LD nodes of an article type, in the order of the page.
        pages: JSON-LD nodes of a page type.
        broken: JSON-LD blocks that are no JSON.
        metas: name, property or itemprop in lower case, and content, in the order of the page.
        canonical: the address the page declares for itself, if `wireroom.canonical` takes it.
        language: the primary subtag of ``<html lang>``, lower case.
        kinds: every type of its JSON-LD nodes, lower case.
    """

    articles: tuple[Node, ...]
    pages: tuple[Node, ...]
    broken: tuple[str, ...]
    metas: tuple[tuple[str, str], ...]
    canonical: str | None
    language: str | None
    kinds: frozenset[str]

    def meta(self, *names: str) -> str | None:
        """Content of the first meta element that has one of these names, asked in their order."""
        return next((c for n in names for name, c in self.metas if name == n and c.strip()), None)


def read_markup(
    tree: HtmlElement, url: str, known: tuple[str, ...] = (), links: tuple[str, ...] = ()
) -> Markup:
    """Read a page's markup.

    Args:
        tree: the parsed page.
        url: its final address, against which declared ones are resolved.
        known: the addresses it was reached over.
        links: the addresses that its ``Link`` headers declare to be its own.
    """
    kinds: set[str] = set()
    articles: list[Node] = []
    pages: list[Node] = []
    broken: list[str] = []
    for script in _scripts(tree):
        value = _loads(script)
        if value is None:
            broken.append(script)
            continue
        for node in _nodes(value):
            types = _types(node)
            kinds.update(types)
            if any(_ARTICLE.search(t) for t in types):
                articles.append(node)
            elif any(t.endswith("page") for t in types):
                pages.append(node)
    metas = tuple(_metas(tree))
    language = (tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or "").lower()
    return Markup(
        articles=tuple(articles),
        pages=tuple(pages),
        broken=tuple(broken),
        metas=metas,
        canonical=choose(
            url,
            _declared(tree, metas, links),
            known=known,
            told=[address for node in (articles + pages)[:5] for address in _addresses(node)],
            title=_title(tree, metas),
        ),
        language=re.split("[-_]", language)[0] or None,
        kinds=frozenset(kinds),
    )


def about(node: Node, urls: tuple[str, ...]) -> Literal["this", "other", "unknown"]:
    """Which page a JSON-LD node speaks of, by the addresses it names.

    Args:
        node: the node.
        urls: the page's own addresses.
    """
    addresses = _addresses(node)
    if not addresses:
        return "unknown"
    own = {_place(u, u) for u in urls}
    places = {_place(urls[0], a) for a in addresses}
    if own & places:
        return "this"
    return "other" if all(p[1] not in {"", "/"} for p in places) else "unknown"


def text_of(value: Any) -> str | None:
    """The text of a JSON-LD value: a string, the first of a list, or the name of a thing."""
    if isinstance(value, list):
        return next((t for v in value[:5] if (t := text_of(v))), None)
    if isinstance(value, dict):
        return text_of(value.get("name") or value.get("@value"))
    return (unescape(value).strip() or None) if isinstance(value, str) else None


def names_of(value: Any) -> list[str]:
    """The names in a JSON-LD author: persons, strings or a list of them; addresses are no names."""
    values = value if isinstance(value, list) else [value]
    names = (text_of(v) for v in values[:20])
    return [n for n in names if n and not n.startswith(("http://", "https://", "@"))]


def _scripts(tree: HtmlElement) -> Iterator[str]:
    count = 0
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or "").lower() and script.text and count < MAX_SCRIPTS:
            count += 1
            yield script.text[:MAX_SCRIPT]


def _loads(text: str) -> Any:
    """The JSON of a block, as browsers' readers forgive it; None where there is none."""
    stripped = _WRAPPING.sub("", _WRAPPING.sub("", text)).strip()
    for attempt in (
        stripped,
        _CONTROL.sub(" ", stripped),
        unescape(stripped) if "&quot;" in stripped else "",
    ):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _nodes(value: Any) -> Iterator[Node]:
    """Top-level nodes, those of graphs and lists, and main entities; not what is nested as a part of them."""
    stack, seen = [(value, 0)], 0
    while stack and seen < MAX_NODES:
        seen += 1
        item, depth = stack.pop()
        if isinstance(item, list) and depth < 6:  # noqa: PLR2004 - lists of lists of lists are no markup
            stack.extend((v, depth + 1) for v in reversed(item[:MAX_NODES]))
        elif isinstance(item, dict):
            yield item
            stack.extend(
                (item[k], depth + 1) for k in ("mainEntity", "@graph") if isinstance(item.get(k), dict | list)
            )


def _types(node: Node) -> list[str]:
    types = node.get("@type")
    return [
        t.rsplit("/", 1)[-1].lower()
        for t in (types if isinstance(types, list) else [types])
        if isinstance(t, str)
    ]


def _metas(tree: HtmlElement) -> Iterator[tuple[str, str]]:
    for count, element in enumerate(tree.iter("meta")):
        if count >= MAX_METAS:
            return
        content = element.get("content")
        if content:
            for key in ("property", "name", "itemprop"):
                for name in (element.get(key) or "").lower().split()[:4]:
                    yield name, content[:2_000]


def _declared(tree: HtmlElement, metas: tuple[tuple[str, str], ...], links: tuple[str, ...]) -> list[str]:
    """The addresses a page gives itself: its own elements, then its headers, then what it tells other services."""
    found = (e.get("href") for e in tree.iter("link") if "canonical" in (e.get("rel") or "").lower().split())
    elements = [href for href in found if href]
    return [*elements[:3], *links[:3], *[c for n, c in metas if n == "og:url"][:1]]


def _title(tree: HtmlElement, metas: tuple[tuple[str, str], ...]) -> str:
    return next((c for n, c in metas if n == "og:title"), None) or tree.findtext(".//title") or ""


def _host(url: str) -> str:
    return _LABEL.sub("", (urlsplit(url).hostname or "").rstrip("."))


def _addresses(node: Node) -> list[str]:
    main = node.get("mainEntityOfPage")
    named = [
        node.get("url"),
        main.get("@id") or main.get("url") if isinstance(main, dict) else main,
        node.get("@id"),
    ]
    return [n for n in named if isinstance(n, str) and n.startswith(("http://", "https://", "/", "//"))]


def _place(base: str, url: str) -> tuple[str, str]:
    """Host and path of an address, as far as they tell two articles apart."""
    try:
        address = urljoin(base, url)
        return _host(address), urlsplit(address).path.rstrip("/")
    except ValueError:
        return "", url
