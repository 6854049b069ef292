"""The dates a page shows: marked elements, bylines, and the lines under its headline.

Law: reads a parsed tree and changes nothing in it; each element is asked once. Nothing is taken from comments, related
articles, side bars, page footers, or a masthead with its clock. What stands behind the headline is worth more than what
stands before it, and the first of a kind more than its repeats.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

from wireroom.dateplaces import COPYRIGHT, DATED, MANY, Place, Survey, labels_of, survey
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
MAX_PIECES: Final = 60
"""Pieces of text of an element that are put together."""
PROSE: Final = 80
"""Characters from which a line is a sentence that may speak of another day."""
LINE: Final = 200
"""Characters of an element that are read."""

_CHANGED: Final = re.compile(
    r"updat|modif|aktualis|geändert|mis à jour|mise à jour|actualiz|atualiz|aggiorna|bijgewerkt|gewijzigd|обновл|изменен|"
    r"güncel|aktualiz|zaktual|uppdater|opdater|oppdater|更新|تحديث|अपडेट|diperbarui|päivitetty|edited|revised",
    re.IGNORECASE,
)
_DIGIT: Final = re.compile(r"\d")
_SKIPPED: Final = frozenset({"script", "style", "noscript", "template", "select", "option", "textarea"})


@dataclass(frozen=True, slots=True)
class Shown:
    """What the body of a page shows.

    Attributes:
        candidates: the dates, in the order of the page.
        survey: its elements, and where they stand.
    """

    candidates: tuple[DateCandidate, ...]
    survey: Survey


def shown(tree: HtmlElement, title: str | None, reading: Reading) -> Shown:
    """The dates of a page's body.

    Args:
        tree: the parsed page.
        title: its title, which tells the headline from the site's name.
        reading: how its dates are read.
    """
    seen = survey(tree, title)
    headline, place = seen.headline, seen.place
    found = tuple(_marked(seen.marked, headline, place, reading))
    if not any(c.kind == "published" and c.confidence >= 0.6 for c in found):  # noqa: PLR2004
        found += tuple(_lines(tree, headline, place, reading))
    return Shown(found, seen)


def _marked(
    marked: list[HtmlElement], headline: HtmlElement | None, place: Place, reading: Reading
) -> Iterator[DateCandidate]:
    """Marked elements: the first day of each kind is the article's, other days of the same kind are weaker."""
    behind = headline is None
    first: dict[tuple[str, str], str] = {}
    asked = 0
    for e in marked:
        behind = behind or e is headline
        if e is headline or (labels := labels_of(e)) is None or place.outside(e):
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


def _element(
    e: HtmlElement, labels: tuple[str, bool], reading: Reading, *, near: bool, inside: bool
) -> Iterator[DateCandidate]:
    marks, labelled = labels
    words = _words(e)
    changed: Kind = "modified" if _is_change(e, marks) else "published"
    value = e.get("content") or next((v for name in DATED if (v := e.get(name))), None)
    value = value or (e.get("title") if e.tag in {"abbr", "span", "time"} else None)
    prop = (e.get("itemprop") or "").lower()
    if value and (when := read(value) or reading.first(value)) is not None:
        evidence, worth = _attribute(e, prop, marks, inside=inside, near=near)
        kind: Kind = "modified" if "modified" in prop or "dateupdate" in prop else changed
        yield candidate(when, evidence, worth, kind)
    if not words or not _DIGIT.search(words) or COPYRIGHT.search(words):
        return
    evidence = "time" if e.tag == "time" else "byline"
    worth = (0.75 if labelled else 0.7) if near else 0.5
    before, told_once = 0, False
    days = full_days(words, reading)
    if not days and labelled and (completed := reading.completed(words[:40])) is not None:
        yield candidate(completed, evidence, min(worth, 0.7), changed)
    for start, end, when in days:
        told: Kind = (
            "modified"
            if changed == "modified" or _CHANGED.search(words[max(before, start - 32) : start])
            else "published"
        )
        if start <= MAX_AWAY or told_once or labelled:
            yield candidate(when, evidence, worth if not told_once or told == "modified" else 0.2, told)
        before, told_once = end, told == "published"


def _words(e: HtmlElement) -> str:
    """The text of a small element, its parts apart where they are elements: day, month and year often are."""
    if e.tag == "meta" or len(e) > MANY:
        return ""
    return " ".join(" ".join(t[:LINE] for t in islice(e.itertext(), MAX_PIECES)).split())[:LINE]


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
        if not _DIGIT.search(line) or COPYRIGHT.search(line):
            continue
        before, told = 0, False
        for start, end, when in full_days(line[:LINE], reading)[:2]:
            if _now(when, reading, behind=worth > LENDS + 0.1):
                break
            away = start - before  # the day of publication may stand behind that of the last change
            if away > MAX_AWAY // 2 or (len(line) > LINE and start > 40) or when.precision not in _DAYS:  # noqa: PLR2004
                break
            changed = bool(_CHANGED.search(line[before:start]))
            before = end
            if told and not changed:
                break
            yield candidate(
                when,
                "byline",
                worth - (0.15 if len(line) > PROSE else 0),
                "modified" if changed else "published",
            )
            told = told or not changed
        if told:
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
