"""The dates a page shows: marked elements, bylines, and the lines under its headline.

Law: reads a parsed tree and changes nothing in it; each element is asked once. Nothing is taken from comments, related
articles, side bars, page footers, or a masthead with its clock. What stands behind the headline is worth more than what
stands before it, and the first of a kind more than its repeats.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Final

from lxml.etree import XPath

from wireroom.dateread import Reading, full_days
from wireroom.datestamps import Precision, Stamp, read
from wireroom.datewitness import LENDS, DateCandidate, Kind, candidate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

MAX_MARKED: Final = 120
"""Elements with a date's marks that are looked at."""
MAX_LINES: Final = 40
"""Lines under a headline without marks that are looked at."""
MAX_AWAY: Final = 120
"""Characters of a byline before its date."""
MANY: Final = 12
"""Children from which an element is a container, no byline."""
LINE: Final = 200
"""Characters of an element that are read."""

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
_CHANGED: Final = re.compile(
    r"updat|modif|aktualis|geändert|mis à jour|mise à jour|actualiz|atualiz|aggiorna|bijgewerkt|gewijzigd|обновл|изменен|"
    r"güncel|aktualiz|zaktual|uppdater|opdater|oppdater|更新|تحديث|अपडेट|diperbarui|päivitetty|edited|revised",
    re.IGNORECASE,
)
_COPYRIGHT: Final = re.compile(r"©|copyright|\(c\)|all rights reserved|alle rechte", re.IGNORECASE)
_HINTS: Final = (
    "date", "Date", "ime", "ubl", "ost", "eta", "yline", "tamp", "nfo", "uthor", "utor", "echa", "atum", "data",
    "arution", "ubmitted", "clock", "alendar", "rschienen", "created", "etail", "subline", "dato",
)  # fmt: skip
_MARKED: Final = XPath(
    "//h1|//h2|//time|//article|//*[@datetime or @itemprop or @pubdate or @data-utime or @data-timestamp or @data-datetime or @data-date or @data-published]|//*["
    "self::div or self::span or self::p or self::li or self::abbr or self::small or self::em or self::b or self::i or self::td or self::a "
    "or self::dd or self::strong or self::font or self::h3 or self::h4 or self::h5 or self::h6 or self::address or self::header or self::ul or self::section]["
    + " or ".join(f"contains(@class,'{h}') or contains(@id,'{h}')" for h in _HINTS)
    + "]"
)
_DIGIT: Final = re.compile(r"\d")
_KEEP: Final = frozenset({"html", "body", "main"})
_SKIPPED: Final = frozenset({"script", "style", "noscript", "template", "select", "option", "textarea"})


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
        if tag in {"aside", "nav", "footer", "header"}:
            return not inside_marked(e) and (tag in {"aside", "nav"} or (not inside and _of_the_page(e)))
        return marked_outside(e)


def inside_marked(e: HtmlElement) -> bool:
    """Whether an aside, a header or a footer is called a part of the article, such as its byline."""
    marks = _marks(e)
    return bool(_PART.search(marks)) and not OUTSIDE.search(marks)


def _of_the_page(e: HtmlElement) -> bool:
    """Whether a header or footer is that of the page: right in its body, or with a line about rights."""
    parent = e.getparent()
    if e.tag == "header" or parent is None or parent.tag == "body":
        return True
    return bool(_SITE.search(_marks(e)) or _COPYRIGHT.search(e.text_content()[:2_000]))


def marked_outside(e: HtmlElement) -> bool:
    """Whether class or id of an element say that it is no part of the article."""
    cls, own = e.get("class"), e.get("id")
    if cls and OUTSIDE.search(cls):
        return not _ELEMENTOR.search(cls)
    return bool(own and OUTSIDE.search(own))


@dataclass(frozen=True, slots=True)
class Shown:
    """What the body of a page shows.

    Attributes:
        candidates: the dates, in the order of the page.
        place: where its elements stand.
    """

    candidates: tuple[DateCandidate, ...]
    place: Place


def shown(tree: HtmlElement, title: str | None, reading: Reading) -> Shown:
    """The dates of a page's body.

    Args:
        tree: the parsed page.
        title: its title, which tells the headline from the site's name.
        reading: how its dates are read.
    """
    marked: list[HtmlElement] = _MARKED(tree)
    heads = _headlines(marked, title)
    headline = heads[0] if heads else None
    keep = {e for head in heads for e in (head, *head.iterancestors())}
    articles = [e for e in marked if e.tag == "article"]
    article = next((e for e in articles if e in keep), articles[0] if articles else None)
    place = Place(keep, article)
    found = tuple(_marked(marked, headline, place, reading))
    if not any(c.kind == "published" and c.confidence >= 0.6 for c in found):  # noqa: PLR2004
        found += tuple(_lines(tree, headline, place, reading))
    return Shown(found, place)


def _headlines(marked: list[HtmlElement], title: str | None) -> list[HtmlElement]:
    """The elements that repeat the page's title, else its first heading that is not the site's name."""
    told = " ".join((title or "").lower().split())
    heads = [
        e
        for tag in ("h1", "h2")
        for e in [e for e in marked if e.tag == tag][:12]
        if not _SITE.search(_marks(e))
    ]
    repeating = []
    for e in heads:
        words = " ".join(e.text_content().lower().split())[:120]
        if len(words) > 5 and told and (words[:40] in told or told[:40] in words):  # noqa: PLR2004
            repeating.append(e)
    return repeating or [e for e in heads if e.tag == "h1" and e.text_content().strip()][:1]


def _marks(e: HtmlElement) -> str:
    return f"{e.get('class') or ''} {e.get('id') or ''}"


def _marked(
    marked: list[HtmlElement], headline: HtmlElement | None, place: Place, reading: Reading
) -> Iterator[DateCandidate]:
    """Marked elements: the first day of each kind is the article's, other days of the same kind are weaker."""
    behind = headline is None
    first: dict[tuple[str, str], str] = {}
    asked = 0
    for e in marked:
        behind = behind or e is headline
        if e.tag in {"h1", "h2", "article"} or (labels := _labels(e)) is None or place.outside(e):
            continue
        asked += 1
        if asked > MAX_MARKED:
            return
        near = behind or place.inside(e)
        for c in _element(e, labels, reading, near=near, inside=place.inside(e)):
            if _now(c.stamp, reading, behind=near):
                continue
            key = (c.evidence, c.kind)
            day = first.setdefault(key, c.value[:10])
            yield c if day == c.value[:10] else candidate(c.stamp, c.evidence, 0.2, c.kind)


def _now(when: Stamp, reading: Reading, *, behind: bool) -> bool:
    """Whether it is the day of the fetch, told before the headline: the site's clock, not an article's."""
    return not behind and reading.fetched is not None and abs((when.day - reading.fetched).days) <= 1


def _labels(e: HtmlElement) -> tuple[str, bool] | None:
    """What an element is called, and whether that says 'date'; None where it is no place for one."""
    marks = _marks(e)
    prop = (e.get("itemprop") or "").lower()
    if e.tag == "time" or "date" in prop or e.get("datetime") or e.get("data-utime"):
        return f"{prop} {marks}", True
    if prop and marks == " ":
        return None
    if _LABELLED.search(marks):
        return marks, True
    return (marks, False) if len(e) <= MANY and _BYLINE.search(marks) else None


def _element(
    e: HtmlElement, labels: tuple[str, bool], reading: Reading, *, near: bool, inside: bool
) -> Iterator[DateCandidate]:
    marks, labelled = labels
    words = _words(e)
    changed: Kind = "modified" if _is_change(e, marks) else "published"
    value = (
        e.get("datetime")
        or e.get("content")
        or e.get("data-datetime")
        or e.get("data-utime")
        or e.get("data-timestamp")
        or e.get("data-published")
        or e.get("data-date")
    )
    value = value or (e.get("title") if e.tag in {"abbr", "span", "time"} else None)
    prop = (e.get("itemprop") or "").lower()
    if value and (when := read(value) or reading.first(value)) is not None:
        evidence, worth = _attribute(e, prop, marks, inside=inside, near=near)
        kind: Kind = "modified" if "modified" in prop or "dateupdate" in prop else changed
        yield candidate(when, evidence, worth, kind)
    if not words or not _DIGIT.search(words) or _COPYRIGHT.search(words):
        return
    evidence = "time" if e.tag == "time" else "byline"
    worth = (0.75 if labelled else 0.7) if near else 0.5
    before = 0
    for start, end, when in full_days(words, reading):
        told: Kind = (
            "modified"
            if changed == "modified" or _CHANGED.search(words[max(before, start - 32) : start])
            else "published"
        )
        if start <= MAX_AWAY or before or labelled:
            yield candidate(when, evidence, worth if not before or told == "modified" else 0.2, told)
        before = end if told == "published" else 0


def _words(e: HtmlElement) -> str:
    """The text of a small element, its parts apart where they are elements: day, month and year often are."""
    if e.tag == "meta" or len(e) > MANY:
        return ""
    return " ".join((" ".join(e.itertext()) if len(e) else e.text or "").split())[:LINE]


def _attribute(e: HtmlElement, prop: str, marks: str, *, inside: bool, near: bool) -> tuple[str, float]:
    if "datepublished" in prop or "pubdate" in prop:
        return "itemprop:datePublished", 0.85 if inside or near or e.tag == "meta" else 0.7
    if "datecreated" in prop:
        return "itemprop:dateCreated", 0.6
    if "modified" in prop or "dateupdate" in prop:
        return "itemprop:dateModified", 0.8
    if e.tag == "time" or e.get("datetime"):
        own = e.get("pubdate") is not None or "publish" in marks.lower() or "entry-date" in marks
        return "time[datetime]", 0.8 if own and (
            inside or near
        ) else 0.76 if inside else 0.65 if near else 0.5
    return "byline", 0.75 if near else 0.5


def _is_change(e: HtmlElement, marks: str) -> bool:
    """Whether an element speaks of a change: by its name, or by the word before it."""
    if _CHANGED.search(marks) and "publish" not in marks:
        return True
    parent = e.getparent()
    if parent is None:
        return False
    if len(parent) <= 2 and _CHANGED.search(parent.get("class") or ""):  # noqa: PLR2004 - it and a label
        return True
    previous = e.getprevious()
    before = (
        parent.text
        if previous is None
        else previous.tail or (previous.text_content() if len(previous) <= 1 else "")
    )
    return bool(_CHANGED.search((before or "")[-24:]))


def _lines(
    tree: HtmlElement, headline: HtmlElement | None, place: Place, reading: Reading
) -> Iterator[DateCandidate]:
    """Lines with no mark of their own, just behind the headline, then just before it."""
    behind = _following(headline, place) if headline is not None else _texts(tree, place)
    for line, worth in chain(((t, 0.62) for t in behind), ((t, 0.5) for t in _preceding(headline, place))):
        if not _DIGIT.search(line) or _COPYRIGHT.search(line):
            continue
        for start, _, when in full_days(line[:LINE], reading)[:1]:
            if _now(when, reading, behind=worth > LENDS + 0.1):
                continue
            if start > MAX_AWAY // 2 or (len(line) > LINE and start > 40) or when.precision not in _DAYS:  # noqa: PLR2004
                continue
            changed = bool(_CHANGED.search(line[:start]))
            yield candidate(
                when,
                "byline",
                worth - (0.1 if len(line) > LINE else 0),
                "modified" if changed else "published",
            )
            if not changed:
                return


_DAYS: Final = (Precision.DAY, Precision.MINUTE, Precision.SECOND)


def _following(e: HtmlElement, place: Place) -> Iterator[str]:
    """The next lines of the page behind an element."""
    count = 0
    node: HtmlElement | None = e
    while node is not None:
        for line in chain(
            (node.tail,), chain.from_iterable(_texts(s, place, tail=True) for s in node.itersiblings())
        ):
            text = " ".join((line or "").split())
            if text:
                count += 1
                if count > MAX_LINES:
                    return
                yield text
        node = node.getparent()


def _preceding(headline: HtmlElement | None, place: Place) -> Iterator[str]:
    """The last lines before the headline, within its own block."""
    node, count = headline, 0
    while node is not None and count < 8:  # noqa: PLR2004
        for s in node.itersiblings(preceding=True):
            if count >= 8:  # noqa: PLR2004
                return
            if isinstance(s.tag, str) and s.tag not in {"head", *_SKIPPED} and not place.outside(s):
                count += 1
                yield " ".join(f"{s.text_content()[:400]} {s.tail or ''}".split())[:LINE]
        node = node.getparent()


def _texts(e: HtmlElement, place: Place, *, tail: bool = False) -> Iterator[str]:
    """The texts of an element, line by line, without what is outside the article."""
    if isinstance(e.tag, str) and e.tag not in _SKIPPED and not place.outside(e):
        for own in e.iter():
            if not isinstance(own.tag, str) or own.tag in _SKIPPED:
                continue
            if own.text and not place.outside(own):
                yield own.text
            if own is not e and own.tail:
                yield own.tail
    if tail and e.tail:
        yield e.tail


def first_stamp(value: object, reading: Reading) -> Stamp | None:
    """What a field says, written for machines or for people; None where it is no date."""
    if not isinstance(value, str) or not value:
        return None
    return read(value.strip()) or reading.first(value)
