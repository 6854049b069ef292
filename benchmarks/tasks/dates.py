"""Dates: the day of publication of hard pages, and what phrases in a text mean; htmldate and dateparser beside.

htmldate is asked as its authors would: extensive search, original date, the page's address. dateparser is given the bare
phrase, the language and the day of the paper, and told to prefer the past: the easier half of the work, for it need not
find the phrase.
"""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import dateparser
from htmldate import find_date
from htmldate.meta import reset_caches
from lxml.html import HTMLParser, document_fromstring

from tasks import Row
from tasks.date_pages import FETCHED, pages
from tasks.date_phrases import PAPER, phrases
from wireroom.dates import HIGH, mentions
from wireroom.markup import read_markup
from wireroom.pagedates import find

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lxml.html import HtmlElement

    from tasks.date_pages import Told
    from tasks.date_phrases import Phrase
    from wireroom.datechoice import Dates

DAY: Final = len("2026-03-10")


def rows() -> Iterator[Row]:
    """The pages, then the phrases."""
    told = list(pages())
    for one in told:  # what each first use loads: dateparser has a table a language
        _ask(_parse(one.html), one)
    trees = [(_parse(one.html), _parse(one.html)) for one in told]
    reset_caches()  # what htmldate remembers of the strings of a page
    begun = time.process_time()
    found = [_ask(tree, one) for one, (tree, _) in zip(told, trees, strict=True)]
    ours = (time.process_time() - begun) / len(told)
    reset_caches()
    begun = time.process_time()
    theirs = [_htmldate(tree, one) for one, (_, tree) in zip(told, trees, strict=True)]
    beside = (time.process_time() - begun) / len(told)
    yield from _page_rows(told, found, theirs, ours, beside)
    yield from _phrase_rows(list(phrases()))


def _parse(html: str) -> HtmlElement:
    return document_fromstring(
        html.encode(), parser=HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    )


def _ask(tree: HtmlElement, told: Told) -> Dates:
    return find(tree, told.url, fetched_at=FETCHED)


def _htmldate(tree: HtmlElement, told: Told) -> str | None:
    latest = (FETCHED + timedelta(days=1)).strftime("%Y-%m-%d")
    canonical = read_markup(tree, told.url).canonical
    day: str | None = find_date(tree, original_date=True, url=canonical or told.url, max_date=latest)
    return day


def _page_rows(
    told: Sequence[Told], found: Sequence[Dates], theirs: Sequence[str | None], ours: float, beside: float
) -> Iterator[Row]:
    right = [_day(one) == _truth(page) for page, one in zip(told, found, strict=True)]
    failures = tuple(_line(page, one) for page, one, good in zip(told, found, right, strict=True) if not good)
    name = f"day of {len(told)} pages of {len({page.family for page in told})} kinds"
    yield _goal(name, right, f"{ours * 1000:.1f} ms/page", failures)
    htmldate = [day == _truth(page) for page, day in zip(told, theirs, strict=True)]
    missed = Counter(page.family for page, good in zip(told, htmldate, strict=True) if not good)
    kinds = tuple(f"{family}: {number}" for family, number in missed.most_common())
    speed = f"{beside * 1000:.1f} ms/page"
    yield Row("dates", "the same, htmldate extensive", _share(htmldate), speed=speed, failures=kinds)
    timed = [_has_time(one) for page, one in zip(told, found, strict=True) if page.time]
    yield _goal("time of day, where the page says one", timed)
    zoned = [_has_zone(one) for page, one in zip(told, found, strict=True) if page.zone]
    yield _goal("zone, where the page says one", zoned)
    high = [
        good
        for one, good in zip(found, right, strict=True)
        if one.published and one.published.confidence >= HIGH
    ]
    yield _goal(f"day, where confidence is {HIGH} or more", high)
    yield _differences(told, found, theirs)


def _goal(name: str, right: Sequence[bool], speed: str = "", failures: tuple[str, ...] = ()) -> Row:
    return Row("dates", name, _share(right), "0.97", sum(right) >= 0.97 * len(right), speed, failures)


def _differences(told: Sequence[Told], found: Sequence[Dates], theirs: Sequence[str | None]) -> Row:
    """Where we say another day than htmldate: by which witness and rule."""
    other = [(page, one, day) for page, one, day in zip(told, found, theirs, strict=True) if _day(one) != day]
    right = sum(_day(one) == _truth(page) for page, one, _ in other)
    lines = tuple(f"{_line(page, one)}; htmldate {day}" for page, one, day in other)
    return Row("dates", "where we and htmldate differ", f"{right} of {len(other)} right", failures=lines)


def _truth(page: Told) -> str | None:
    return page.day.isoformat() if page.day else None


def _day(found: Dates) -> str | None:
    return found.published.value[:DAY] if found.published else None


def _has_time(found: Dates) -> bool:
    return bool(found.published and len(found.published.value) > DAY)


def _has_zone(found: Dates) -> bool:
    return bool(found.published and found.published.timezone_known)


def _share(right: Sequence[bool]) -> str:
    return f"{sum(right) / max(1, len(right)):.3f} of {len(right)}"


def _line(page: Told, found: Dates) -> str:
    told = found.published
    said = f"{told.value} by {told.evidence} ({found.why}, {told.confidence})" if told else "nothing"
    return f"{page.family}, {page.url}: {_truth(page)}, told {said}"


def _phrase_rows(told: Sequence[Phrase]) -> Iterator[Row]:
    for one in told:
        mentions(one.text, PAPER, one.language)
    begun = time.process_time()
    found = [mentions(one.text, PAPER, one.language) for one in told for _ in range(5)][::5]
    spent = (time.process_time() - begun) / len(told) / 5
    wrong, spans = [], 0
    for one, all_ in zip(told, found, strict=True):
        near = [m for m in all_ if m.start < one.end and m.end > one.start] if one.value else list(all_)
        good = [m for m in near if m.value == one.value] if one.value else not near
        spans += bool(one.value and good and (near[0].start, near[0].end) == (one.start, one.end))
        if not good:
            wrong.append(
                f"{one.language}: {one.text}: {one.value or 'no date'}, told {[(m.text, m.value) for m in near]}"
            )
    name = f"{len(told)} phrases in {len({one.language for one in told})} languages"
    score = f"{1 - len(wrong) / len(told):.3f}, span exact {spans} of {sum(bool(one.value) for one in told)}"
    yield Row(
        "dates", name, score, "0.97", len(wrong) <= 0.03 * len(told), f"{1 / spent:,.0f}/CPU s", tuple(wrong)
    )
    yield _dateparser_row([one for one in told if one.value])


def _dateparser_row(told: Sequence[Phrase]) -> Row:
    settings = {
        "RELATIVE_BASE": datetime(PAPER.year, PAPER.month, PAPER.day, 12, tzinfo=UTC).replace(tzinfo=None),
        "PREFER_DATES_FROM": "past",
    }
    begun = time.process_time()
    wrong = []
    for one in told:
        phrase = one.text[one.start : one.end]
        try:
            moment = dateparser.parse(phrase, languages=[one.language], settings=settings)
        except ValueError:
            moment = None
        # What it cannot say, a month or a year alone, it gives as a day in it: counted as right.
        if moment is None or not moment.isoformat().startswith(one.value[:DAY]):
            wrong.append(f"{one.language}: {phrase}: {one.value}, told {moment}")
    spent = (time.process_time() - begun) / len(told)
    score = f"{1 - len(wrong) / len(told):.3f} of {len(told)}"
    return Row(
        "dates", "the bare phrases, dateparser", score, speed=f"{1 / spent:,.0f}/CPU s", failures=tuple(wrong)
    )
