# ruff: noqa: SIM905 - a split list of names reads as one
"""Every place of a page that names its date, with what that place is worth.

Law: reads a parsed tree and changes nothing in it. Nothing is taken from comments, related articles, side bars, page
footers or the masthead with its clock; a copyright year is no date. htmldate gets a tree, never a string: a string that
begins with http it would download.
"""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from htmldate import find_date

from wireroom.datephrases import absolute
from wireroom.dates import DateCandidate, Kind, candidate
from wireroom.datestamps import Precision, Stamp, read, stamp
from wireroom.markup import Markup, about, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

STRONG_META = frozenset(
    "article:published_time article:published article:published_date article.published og:article:published_time "
    "og:article:published og:published_time og:pubdate og:publish_date og:datepublished published_time publish_time "
    "datepublished date_published publishdate publish_date publish-date published-date published_date publication_date "
    "originalpublicationdate pubdate parsely-pub-date sailthru.date cxenseparse:recs:publishtime citation_publication_date "
    "dc.date.issued dcterms.issued dc.date.publication rnews:datepublished shareaholic:article_published_time bt:pubdate "
    "vr:published_time mediator_published_time dcsext.articlefirstpublished article_date_original rbpubdate ptime "
    "analyticsattributes.articledate article:post_date article:publicationdate".split(),
)
WEAK_META = frozenset(
    "date dc.date dcterms.date dc.created dcterms.created created article.created date_created datecreated".split()
)
MODIFIED_META = frozenset(
    "article:modified_time article:modified article:modified_date og:article:modified_time og:modified_time og:updated_time "
    "datemodified dc.modified dcterms.modified modified lastmod last-modified lastmodified modified_time revision_date "
    "bt:moddate updated_time".split(),
)
MAX_CANDIDATES = 24
"""Candidates of one page that are kept."""
MAX_MARKED = 60
"""Elements looked at in the body."""
MANY = 12
"""Children from which an element is a container, no byline."""
TOO_MANY = 100
"""Elements that look like dates from which the slow parser behind htmldate is left out (10 ms each)."""

_OUTSIDE = re.compile(
    r"(?<!has-)(?<!with-)(?<!no-)(?:^|[\s_-])(?:comments?|disqus|replies|related|recommend\w*|sidebar|side-bar|widget|teasers?|"
    r"promo|popular|trending|latest|ticker|mostread|most-read|most-popular|more-news|read-?more|newsletter|clock|"
    r"current-?date|today|server-?time|site-?date|copyright|breadcrumbs?|advert\w*)(?:$|[\s_-])",
    re.IGNORECASE,
)
_BYLINE = re.compile(r"(?:^|[\s_-])(?:pub(?:lish(?:ed)?)?-?(?:date|time|on)?|post(?:ed)?-?(?:date|on|meta)|date(?:line|time|published)?|byline|"
                     r"time-?stamp|entry-(?:date|meta)|article-?(?:date|info|meta|time)|meta-?(?:date|info))(?:$|[\s_-])", re.IGNORECASE)  # fmt: skip
_CHANGED = re.compile(
    r"updat|modif|aktualisiert|mis à jour|actualizad|atualizad|aggiornat|bijgewerkt|обновлен|güncelle",
    re.IGNORECASE,
)
_URL_DAY = re.compile(
    r"(?<=[/_-])((?:19|20)\d{2})([/_-]?)(0?[1-9]|1[0-2])\2(0?[1-9]|[12]\d|3[01])(?=[/_.?-]|$)"
)
_URL_MONTH = re.compile(r"(?<=/)((?:19|20)\d{2})/(0[1-9]|1[0-2])(?=/)")
_KEEP = {"html", "body", "article", "main"}


def page_candidates(
    tree: HtmlElement, url: str, last_modified: str | None, fetched_at: datetime, markup: Markup
) -> tuple[DateCandidate, ...]:
    """Collect the date candidates of a page.

    Args:
        tree: the parsed page.
        url: its final address.
        last_modified: the HTTP header, if there was one.
        fetched_at: when it was fetched or archived.
        markup: what `wireroom.markup.read_markup` read from the tree.
    """
    urls = (url, markup.canonical) if markup.canonical else (url,)
    found = [*_jsonld(markup, urls), *_metas(markup), *_body(tree, markup.language), *_address(urls)]
    if last_modified and (changed := read(last_modified)):
        found.append(candidate(changed, "http:last-modified", 0.3, "modified"))
    if not _settled(found):
        found.extend(_by_htmldate(tree, urls[-1], fetched_at, found))
    unique = {(c.value, c.evidence, c.kind): c for c in reversed(found)}
    return tuple(
        sorted(unique.values(), key=lambda c: (-c.confidence, c.kind, c.evidence, c.value))[:MAX_CANDIDATES]
    )


def _stamp(value: Any, language: str | None) -> Stamp | None:
    text = value if isinstance(value, str) else text_of(value)
    return (read(text.strip()) or absolute(text, language)) if text else None


def _jsonld(markup: Markup, urls: tuple[str, ...]) -> Iterator[DateCandidate]:
    worth = {"this": 0.92, "unknown": 0.88, "other": 0.25}
    first = True
    for node in markup.articles[:20]:
        told = about(node, urls)
        # An article that names no address of its own is this page's if it is the first; later ones are its neighbours.
        trust = worth[told] if told == "this" or first else 0.25
        first = first and told == "other"
        yield from _node(node, trust, markup.language)
    for node in markup.pages[:5]:
        yield from _node(node, 0.25 if about(node, urls) == "other" else 0.7, markup.language)
    for text in markup.broken:
        for key, kind in (("datePublished", "published"), ("dateModified", "modified")):
            if (hit := re.search(rf'"{key}"\s{{0,5}}:\s{{0,5}}"([^"]{{4,40}})"', text)) and (
                when := read(hit[1])
            ):
                yield candidate(when, f"jsonld:{key}", 0.75, kind)  # type: ignore[arg-type]


def _node(node: dict[str, Any], trust: float, language: str | None) -> Iterator[DateCandidate]:
    fields: tuple[tuple[str, float, Kind], ...] = (
        ("datePublished", trust, "published"), ("dateCreated", trust * 0.7, "published"),
        ("uploadDate", trust * 0.5, "published"), ("dateModified", trust * 0.95, "modified"),
    )  # fmt: skip
    for key, confidence, kind in fields:
        if (when := _stamp(node.get(key), language)) is not None:
            yield candidate(when, f"jsonld:{key}", round(confidence, 3), kind)


def _metas(markup: Markup) -> Iterator[DateCandidate]:
    for name, content in markup.metas:
        strong = name in STRONG_META
        if (strong or name in WEAK_META) and (when := _stamp(content, markup.language)):
            yield candidate(when, f"meta:{name}", 0.88 if strong else 0.65)
        elif name in MODIFIED_META and (when := _stamp(content, markup.language)):
            yield candidate(when, f"meta:{name}", 0.85, "modified")


def _address(urls: tuple[str, ...]) -> Iterator[DateCandidate]:
    for url in urls:
        path = "/" + url.partition("://")[2].partition("/")[2].partition("#")[0]
        if hit := _URL_DAY.search(path):
            when = stamp(int(hit[1]), int(hit[3]), int(hit[4]))
            plain = hit[2] == "" and len(hit[3]) + len(hit[4]) < 4  # noqa: PLR2004 - a number, not a date
            if when and not plain:
                yield candidate(when, "url", 0.8 if hit[2] == "/" else 0.72)
                return
        if (hit := _URL_MONTH.search(path)) and (when := stamp(int(hit[1]), int(hit[2]))):
            yield candidate(when, "url", 0.5)
            return


def _body(tree: HtmlElement, language: str | None) -> Iterator[DateCandidate]:
    """Itemprops, time elements and bylines: the first of each kind is the article's, the later ones are weaker."""
    seen: dict[str, int] = {}
    for element in _marked(tree):
        itemprop = (element.get("itemprop") or "").lower()
        evidence, confidence = _place(element, itemprop)
        if evidence is None or _outside(element):
            continue
        words = " ".join(element.text_content().split())[:160] if element.tag != "meta" else ""
        value = (
            element.get("datetime") or element.get("content") or (element.get("title") if itemprop else None)
        )
        when = (_stamp(value, language) if value else None) or (absolute(words, language) if words else None)
        if when is None:
            continue
        changed = "modif" in itemprop or _is_change(element, words)
        key = f"{evidence}{changed}"
        seen[key] = seen.get(key, 0) + 1
        trust = confidence if seen[key] == 1 else 0.2
        yield candidate(when, evidence, trust, "modified" if changed else "published")


def _marked(tree: HtmlElement) -> Iterator[HtmlElement]:
    count = 0
    for element in tree.iter("time", "meta", "span", "div", "p", "li", "abbr", "small", "em", "b", "header"):
        marks = element.attrib
        if (
            element.tag == "time"
            or "itemprop" in marks
            or "datetime" in marks
            or "class" in marks
            or "id" in marks
        ):
            prop = element.get("itemprop")
            if element.tag == "time" or (prop and "date" in prop.lower()):
                pass
            elif len(element) > MANY or not _BYLINE.search(
                f"{element.get('class') or ''} {element.get('id') or ''}"
            ):
                continue
            count += 1
            if count > MAX_MARKED:
                return
            yield element


def _place(element: HtmlElement, itemprop: str) -> tuple[str | None, float]:
    if "datepublished" in itemprop or "datemodified" in itemprop or "datecreated" in itemprop:
        name = (
            "dateModified"
            if "modified" in itemprop
            else "datePublished"
            if "published" in itemprop
            else "dateCreated"
        )
        return f"itemprop:{name}", 0.6 if name == "dateCreated" else 0.85
    if element.tag == "time":
        marked = element.get("pubdate") is not None or "publish" in (element.get("class") or "").lower()
        inside = any(a.tag in {"article", "main"} for a in element.iterancestors())
        if element.get("datetime"):
            return "time[datetime]", 0.8 if marked else 0.7 if inside else 0.55
        return "time", 0.6 if inside else 0.5
    return ("byline", 0.6) if element.tag != "meta" else (None, 0.0)


def _is_change(element: HtmlElement, words: str) -> bool:
    marks = f"{element.get('class') or ''} {element.get('id') or ''}"
    if _CHANGED.search(marks):
        return True
    before = (
        element.getprevious().tail if element.getprevious() is not None else element.getparent().text
    ) or ""
    return bool(_CHANGED.search(words[:24]) or _CHANGED.search(before[-24:]))


def _outside(element: HtmlElement) -> bool:
    """Whether an element belongs to a comment, a neighbour, the masthead or the page's footer."""
    articles = 0
    for step, e in enumerate((element, *element.iterancestors())):
        if step > 40:  # noqa: PLR2004 - deeper than any page that was made by hand
            break
        tag = e.tag if isinstance(e.tag, str) else ""
        if tag == "article":
            # An article inside an article is a comment or a teaser (HTML standard, 4.3.2), unless the headline is in it.
            articles += 1 if articles or e.find(".//h1") is None else 0
        if tag in _KEEP:
            continue
        if tag in {"aside", "nav"} or (tag == "footer" and not _within_article(e)):
            return True
        if (_outside_marks(e) or (tag == "header" and not _within_article(e))) and e.find(".//h1") is None:
            return True
    return articles > 1


def _outside_marks(e: HtmlElement) -> bool:
    return bool(_OUTSIDE.search(e.get("class") or "") or _OUTSIDE.search(e.get("id") or ""))


def _within_article(e: HtmlElement) -> bool:
    return any(a.tag in {"article", "main"} for a in e.iterancestors())


def _settled(found: list[DateCandidate]) -> bool:
    """Whether two strong places name the same day: then nothing that htmldate reads can change it."""
    strong: dict[str, set[str]] = {}
    for c in found:
        if c.kind == "published" and c.confidence >= 0.72:  # noqa: PLR2004
            strong.setdefault(c.value[:10], set()).add(c.evidence.partition(":")[0])
    return any(len(s) > 1 for s in strong.values()) and len(strong) == 1


def _by_htmldate(
    tree: HtmlElement, url: str, fetched_at: datetime, known: list[DateCandidate]
) -> Iterator[DateCandidate]:
    pruned = deepcopy(tree)
    dated = 0
    for element in list(
        pruned.iter("footer", "aside", "nav", "header", "div", "section", "ul", "p", "span", "small")
    ):
        marks = f"{element.get('class') or ''} {element.get('id') or ''}"
        dated += "date" in marks or "time" in marks
        simple = element.tag in {"aside", "nav"} or _outside_marks(element)
        masthead = element.tag == "header" and not _within_article(element) and element.find(".//h1") is None
        footer = element.tag == "footer" and not _within_article(element)
        if (
            (simple or masthead or footer)
            and element.getparent() is not None
            and element.find(".//h1") is None
        ):
            element.drop_tree()
    try:
        day = find_date(
            pruned,
            extensive_search=dated <= TOO_MANY,
            original_date=True,
            url=url,
            max_date=(fetched_at.astimezone(UTC) + timedelta(days=1)).strftime("%Y-%m-%d"),
        )
    except Exception:  # noqa: BLE001 - one witness that fails is a witness less, not a page less
        return
    when = read(day) if day else None
    if when is None:
        return
    same = [c.confidence for c in known if c.value.startswith(when.value)]
    if any(c >= 0.5 for c in same):  # noqa: PLR2004 - it has read what is known already
        return
    if when.value.endswith("-01-01") and not same:
        yield DateCandidate(
            when.value[:4], Precision.YEAR, timezone_known=False, evidence="htmldate", confidence=0.15
        )
        return
    vague = when.value.endswith("-01") or when.day >= fetched_at.astimezone(UTC).date()
    yield candidate(when, "htmldate", 0.4 if vague and not same else 0.6)
