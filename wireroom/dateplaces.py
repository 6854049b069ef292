"""Where an element of a page stands: in its article, or in a comment, a neighbour, the masthead, the footer.

Law: one pass over the tree collects all that may name a date or stand outside; what an element is called is asked once
for each name, and what its ancestors say once for each element.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MANY: Final = 12
"""Children from which an element is a container, no byline."""
MAX_HEADS: Final = 12
"""Headings of one level that are asked whether they are the headline."""
MAX_ARTICLES: Final = 40
"""Article elements that are weighed."""
MAX_PARAGRAPHS: Final = 400
"""Paragraphs that are asked for their length where a page has no headline."""
MAX_NAMES: Final = 4_096
"""Names of elements whose meaning is kept: those of some hundred pages."""
DATED: Final = ("datetime", "data-utime", "data-datetime", "data-timestamp", "data-published", "data-date")
"""Attributes that hold a date."""

OUTSIDE: Final = re.compile(
    r"(?<!has-)(?<!with-)(?<!no-)(?:^|[\s_-])(?:comments?|commentlist|disqus|replies|related|recommend\w*|sidebar|side-bar|"
    r"widget(?!-(?:container|content|wrap|post))|widgets|widget-area|teasers?|promo|popular|trending|latest|ticker|mostread|most-read|"
    r"most-popular|more-news|read-?more|newsletter|(?<!fa-)(?<!icon-)clock(?!-o)|current-?date|todays?-date|date-?today|server-?time|site-?date|"
    r"copyright|breadcrumbs?|advert\w*|events?-list|upcoming|calendar-widget|archives?-list|recent-?posts?|recent)(?:$|[\s_-])",
    re.IGNORECASE,
)
_ELEMENTOR: Final = re.compile(r"elementor-widget")
_PART: Final = re.compile(
    r"entry|post|article|story|content|meta|by-?line|author|date|publish|info", re.IGNORECASE
)
_COMMENT: Final = re.compile(r"comment|disqus|repl(?:y|ies)|sidebar|footer", re.IGNORECASE)
_SITE: Final = re.compile(
    r"colophon|page-?footer|logo|site-?(?:title|name|header)|brand|masthead", re.IGNORECASE
)
_LABELLED: Final = re.compile(
    r"pub(?:lish|_?date|time)|post(?:ed)?[_-]?(?:date|on|time|meta|info|detail)|(?:^|[\s_-])(?:date|datum|fecha|data|time|dato|datetime)(?:$|[\s_-])|"
    r"date-?(?:line|time|pub|box|display|text)|[a-z]Date|(?:entry|article|story|news|blog)[_-]?(?:date|time)|time-?stamp|parution|"
    r"erschienen|created|submitted|displaydate",
)
_BYLINE: Final = re.compile(
    r"by-?line|(?:^|[\s_-])(?:entry|article|story|post|news|page|blog|content)?[_-]?(?:meta|info|author|autor|subline|details?|header-meta)"
    r"(?:$|[\s_-]|data|infos?)|fa-(?:clock|calendar)|dateline|date|Date|time|Time",
)
COPYRIGHT: Final = re.compile(r"©|copyright|\(c\)|all rights reserved|alle rechte", re.IGNORECASE)
_KEEP: Final = frozenset({"html", "body", "main"})
_SECTIONS: Final = frozenset({"aside", "nav", "footer", "header", "article", "figcaption"})
_TELLING: Final = frozenset({*DATED, "itemprop", "pubdate"})
_TAGS: Final = (
    "h1", "h2", "h3", "h4", "h5", "h6", "time", "article", "aside", "nav", "footer", "header", "div", "section", "span", "p", "li", "ul", "ol",
    "abbr", "small", "em", "b", "i", "strong", "td", "table", "dd", "font", "address", "meta", "form", "figcaption",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Name:
    """What class and id of an element say.

    Attributes:
        labelled: that it holds a date.
        byline: that it is a place where dates stand.
        outside: that it is no part of the article.
        site: that it is the site's name or the page's footer.
        part: that it is a part of the article.
        dated: that htmldate would look for a date in it.
    """

    labelled: bool
    byline: bool
    outside: bool
    site: bool
    part: bool
    dated: bool


@lru_cache(maxsize=MAX_NAMES)
def _named(cls: str, own: str) -> Name:
    marks = f"{cls} {own}"
    outside = bool(OUTSIDE.search(own)) or (bool(OUTSIDE.search(cls)) and not _ELEMENTOR.search(cls))
    return Name(
        labelled=bool(_LABELLED.search(marks)), byline=bool(_BYLINE.search(marks)), outside=outside, site=bool(_SITE.search(marks)),
        part=bool(_PART.search(marks)) and not OUTSIDE.search(marks), dated="date" in marks or "time" in marks,
    )  # fmt: skip


def name_of(e: HtmlElement) -> Name:
    """What an element is called."""
    return _named((e.get("class") or "")[:200], (e.get("id") or "")[:100])


@dataclass(frozen=True, slots=True)
class Survey:
    """What one pass over a page finds.

    Attributes:
        marked: elements that may hold a date, and the headline, in the order of the page.
        headline: the element that repeats the page's title, else its first heading.
        suspects: elements that may stand outside.
        place: where elements stand.
        dated: elements in which htmldate would look for a date.
    """

    marked: list[HtmlElement]
    headline: HtmlElement | None
    suspects: list[HtmlElement]
    place: Place
    dated: int


def survey(tree: HtmlElement, title: str | None) -> Survey:
    """Look at a page once.

    Args:
        tree: the parsed page.
        title: its title, which tells the headline from the site's name.
    """
    marked: list[HtmlElement] = []
    suspects: list[HtmlElement] = []
    heads: dict[str, list[HtmlElement]] = {"h1": [], "h2": []}
    dated = 0
    for e in tree.iter(*_TAGS):
        tag = e.tag
        if tag in heads and len(heads[tag]) < MAX_HEADS:
            heads[tag].append(e)
            marked.append(e)
            continue
        keys = e.keys()
        if tag in _SECTIONS:
            suspects.append(e)
        elif tag == "time":
            marked.append(e)
            continue
        elif not keys:
            continue
        if not _TELLING.isdisjoint(keys):
            marked.append(e)
        elif "class" in keys or "id" in keys:
            name = name_of(e)
            dated += name.dated
            if name.outside and tag not in _SECTIONS:
                suspects.append(e)
            if name.labelled or name.byline:
                marked.append(e)
    found = _headlines([*heads["h1"], *heads["h2"]], title)
    anchors = found or _longest_paragraph(tree)
    keep = {e for anchor in anchors for e in (anchor, *anchor.iterancestors())}
    articles = [e for e in suspects if e.tag == "article"]
    own = next((e for e in articles if e in keep), None)
    article = _longest(articles) if own is None else own
    return Survey(marked, found[0] if found else None, suspects, Place(keep, article), dated)


def _longest_paragraph(tree: HtmlElement) -> list[HtmlElement]:
    """What tells the article where there is no headline: its longest paragraph, as far as it is no comment."""
    best, length = None, 0
    for p, _ in zip(tree.iter("p"), range(MAX_PARAGRAPHS), strict=False):
        size = len(p.text or "") + sum(len(e.tail or "") for e in p)
        if size > length and not any(
            _COMMENT.search(f"{a.get('class') or ''} {a.get('id') or ''}") for a in p.iterancestors()
        ):
            best, length = p, size
    return [] if best is None else [best]


def _longest(articles: list[HtmlElement]) -> HtmlElement | None:
    """The article that is the page's, where the headline is in none: the one with most of the text; in a list, none."""
    if len(articles) <= 1:
        return articles[0] if articles else None
    ranked = sorted(
        ((len(e.text_content()), -at) for at, e in enumerate(articles[:MAX_ARTICLES])), reverse=True
    )
    return articles[-ranked[0][1]] if ranked[0][0] > 2 * ranked[1][0] else None


def _headlines(heads: list[HtmlElement], title: str | None) -> list[HtmlElement]:
    """The elements that repeat the page's title, else its first heading that is not the site's name."""
    told = " ".join((title or "").lower().split())
    heads = [e for e in heads if not name_of(e).site]
    repeating = []
    for e in heads:
        words = " ".join(e.text_content().lower().split())[:120]
        if len(words) > 5 and told and (words[:40] in told or told[:40] in words):  # noqa: PLR2004
            repeating.append(e)
    return repeating or [e for e in heads if e.tag == "h1" and e.text_content().strip()][:1]


def labels_of(e: HtmlElement) -> tuple[str, bool] | None:
    """What an element is called, and whether that says 'date'; None where it is no place for one."""
    marks = f"{e.get('class') or ''} {e.get('id') or ''}"
    prop = (e.get("itemprop") or "").lower()
    if e.tag == "time" or "date" in prop or any(map(e.get, DATED)):
        return f"{prop} {marks}", True
    if prop and marks == " ":
        return None
    name = name_of(e)
    if name.labelled:
        return marks, True
    return (marks, False) if name.byline and len(e) <= MANY else None


@dataclass(slots=True)
class Place:
    """Where an element stands: what its ancestors say, asked once for each.

    Attributes:
        keep: the headline and its ancestors, which are no neighbours whatever they are called.
        article: the article element the page is about, if it marks one.
    """

    keep: set[HtmlElement]
    article: HtmlElement | None
    _known: dict[HtmlElement, tuple[bool, bool]] = field(default_factory=dict)

    def outside(self, element: HtmlElement) -> bool:
        """Whether it belongs to a comment, a neighbour, the masthead or the page's footer."""
        return self._of(element)[0]

    def inside(self, element: HtmlElement) -> bool:
        """Whether it is within the page's article or main element."""
        return self._of(element)[1]

    def _of(self, element: HtmlElement) -> tuple[bool, bool]:
        path = []
        e: HtmlElement | None = element
        while e is not None and e not in self._known:
            path.append(e)
            e = e.getparent()
        outside, inside = self._known[e] if e is not None else (False, False)
        for step in reversed(path):
            outside = outside or self._neighbour(step, inside=inside)
            inside = inside or step is self.article or step.tag == "main"
            self._known[step] = (outside, inside)
        return outside, inside

    def _neighbour(self, e: HtmlElement, *, inside: bool) -> bool:
        tag = e.tag
        if tag in _KEEP or e in self.keep:
            return False
        if tag == "article":
            # An article inside an article is a comment or a teaser (HTML standard, 4.3.2), one beside it a neighbour.
            return e is not self.article
        if tag == "figcaption":
            return True
        if tag in {"aside", "nav", "footer", "header"}:
            return not name_of(e).part and (tag in {"aside", "nav"} or (not inside and _of_the_page(e)))
        return name_of(e).outside


def _of_the_page(e: HtmlElement) -> bool:
    """Whether a header or footer is that of the page: right in its body, or with a line about rights."""
    parent = e.getparent()
    if e.tag == "header" or parent is None or parent.tag == "body":
        return True
    return bool(name_of(e).site or COPYRIGHT.search(" ".join(t[:200] for t in islice(e.itertext(), 60))))
