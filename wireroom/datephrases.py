"""Dates in a text, resolved against the day it was written.

Law: one pass of one pattern a language, every repeat bounded, so the time grows with the text and with nothing else.
Rules come first; `dateparser` sees only a span that a rule has already found, in languages without a table here.

How a phrase is read (news is told in the past):

- A weekday is the last one, the day of writing included: 'on Wednesday' in Wednesday's paper is that day. After 'next',
  or where the verb before it looks ahead ('will meet on Friday'), it is the next one. 'last Friday' is never today.
- A day number in brackets beats the weekday: 'Thursday (15)' is the 15th, whatever weekday that was.
- A month or a day without a year is the nearest one; a past verb right before it ('fell in May') takes the last one,
  a verb that looks ahead or 'next' the coming one.
- 'last week', 'two weeks ago' are the day so many days before; months and years stay months and years.
- 03/04/2021 is the third of April, in English the fourth of March, unless one number can only be the day.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from wireroom.dateforeign import foreign_dates
from wireroom.datenames import western
from wireroom.datepatterns import Lexicon, S, lexicon, lower
from wireroom.dateread import Reading, zone_minutes
from wireroom.datescripts import shifted
from wireroom.datestamps import Clock, Precision, Stamp, half_day, read, stamp
from wireroom.datewords import AMERICAN, LANGUAGES, NUMBERS, OFFSETS, Words

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_MENTIONS = 1_000
"""Mentions kept of one text; a list of a million dates is no article."""

_FALSE_WEEKDAY = re.compile(
    r"(?:\b(?:black|good|bloody|ash|super|cyber|palm|easter|holy|maundy)|[-\u2019'])[ \u00a0]{0,3}$",
    re.IGNORECASE,
)
_FALSE_AFTER = re.compile(
    r"[ \u00a0](?:times|mirror|telegraph|express|mail|prayers?|night football)\b", re.IGNORECASE
)
_NOT_A_YEAR = re.compile(
    r"[.,]\d|[ \u00a0]?(?:%|per ?cent|people|miles|km|kilomet|tonnes|euros|dollars|[ap]\.?m\b)", re.IGNORECASE
)
_VERBS = re.compile(
    r"\b(?P<ahead>will|would|shall|won't|(?:is|are|be) (?:due|set|expected|scheduled|planned|slated)|scheduled|upcoming|"
    r"plans? to|going to|to (?:be|meet|attend|visit|hold|host|take|travel|open|start|begin|go|vote|decide|speak|return)|"
    r"wird|werden|soll|aura|auront|será|serán|serão|sera|seront|sarà|saranno|zal|zullen|будет|будут|состоится|będzie|będą|olacak)\b"
    r"|\b(?P<past>said|told|was|were|had|has|have|did|held|met|took|made|began|came|went|saw|won|lost|fell|rose|died|"
    r"sent|left|(?!united|indeed|hundred)[a-z]{3,14}[^e]ed|wurden?|war|waren|hatten?|hat|était|étaient|été|avait|ont|a|fue|era|fueron|ha|han|había|"
    r"foi|foram|tinha|è|era|sono|fu|hanno|werd|was|waren|был|была|было|были|był|była|było|byli)\b",
    re.IGNORECASE,
)
_HALF = re.compile(r"\bhalf[ \u00a0]$", re.IGNORECASE)
_CLOCK_BEFORE = re.compile(
    r"(?<![\w:.])(?P<h>1[0-2]|0?[1-9])(?:[:.](?P<mi>[0-5]\d))?[ \u00a0]?(?P<half>[ap])\.?m\b\.?(?:[ \u00a0](?P<z>[A-Z]{2,4}))?,?[ \u00a0](?:on[ \u00a0])?$",
    re.IGNORECASE,
)
_CLOCK_AFTER = re.compile(
    r",?[ \u00a0](?:at[ \u00a0])?(?P<h>1[0-2]|0?[1-9])(?:[:.](?P<mi>[0-5]\d))?[ \u00a0]?(?P<half>[ap])\.?m\b\.?"
    rf"(?:[ \u00a0]\(?(?P<z>{'|'.join(name.upper() for name in (*OFFSETS, *AMERICAN))})\b\)?)?"
)
_NO_DAY = re.compile(
    r"(?<!\w)(?:guten|am|jeden|der|den|zum|vom|la|una|cada|de|esta|esa)[ \u00a0]$", re.IGNORECASE
)
_EAST = re.compile("[月年월년]")
_STEP = {"last": -1, "this": 0, "next": 1}
_SENTENCE = re.compile(r"[.!?\u2026]\s|\n")
_CAPITAL = frozenset({"may", "march", "mar", "sun", "sat", "mon", "wed", "sept", "dec", "jan"})


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date in a text.

    Attributes:
        text: the phrase as it stands there.
        start: where it begins, in code points.
        end: where it ends, so that ``whole[start:end] == text``.
        value: ISO 8601 at its precision.
        precision: how exactly it is known.
    """

    text: str
    start: int
    end: int
    value: str
    precision: Precision


def mentions(text: str, published: date | None, language: str | None) -> tuple[DateMention, ...]:
    """Find and resolve the dates in a text.

    Args:
        text: any text, of any length.
        published: the day it was written. Without it only phrases with a year of their own are resolved.
        language: ISO 639-1 code; English rules where it is None or has no table.

    Returns:
        At most `MAX_MENTIONS` mentions in order of their place, none overlapping.
    """
    code = language or "en"
    known = code in LANGUAGES
    words = lexicon(code if known else "en")
    plain = western(text)
    found: list[DateMention] = []
    for hit in words.pattern.finditer(lower(plain)):
        resolved = _resolve(hit, plain, published, words, american=words.american and known)
        if resolved is not None:
            found.extend(_mentions(hit, text, resolved))
            if len(found) >= MAX_MENTIONS:
                break
    if not known or _EAST.search(text):
        others = islice(foreign_dates(plain, published, code), MAX_MENTIONS)
        found.extend(DateMention(text[a:b], a, b, when.value, when.precision) for a, b, when in others)
    return _in_order(found)


def absolute(text: str, language: str | None = None) -> Stamp | None:
    """The first full date (day, month and year) of a short text, with its time of day where one stands there."""
    return Reading(language).first(text[:200])


def _raw(hit: re.Match[str], group: str, text: str) -> str:
    """A group as it is written in the text."""
    return text[hit.start(group) : hit.end(group)]


def _mentions(hit: re.Match[str], text: str, found: Stamp) -> Iterator[DateMention]:
    """The mention of a phrase; two of a range of days, each of what is written of it."""
    start, end = hit.span()
    while end > start and text[end - 1] in " \u00a0.,(":
        end -= 1
    if text[end : end + 1] == ")" and "(" in text[start:end] and ")" not in text[start:end]:
        end += 1
    if found.precision is Precision.DAY and hit.lastgroup in {"mdy", "dmy", "weekday"}:
        before = _CLOCK_BEFORE.search(text, max(0, start - 24), start)
        if before is not None:  # '9:14 pm on Wednesday'
            found, start = _clocked(found, before), before.start()
        elif hit.lastgroup == "weekday" and (after := _CLOCK_AFTER.match(text, end)) is not None:
            found, end = _clocked(found, after), after.end()  # 'Wednesday at 9:14 pm'
    key = {"mdy": "c", "dmy": "d"}.get(hit.lastgroup or "")
    other = hit[f"r_{key}"] if key else None
    if other is None:
        yield DateMention(text[start:end], start, end, found.value, found.precision)
        return
    first, last = (int(hit["d_c"]), int(other)) if key == "c" else (int(other), int(hit["d_d"]))
    cut = hit.end("d_c") if key == "c" else hit.end("r_d")
    again = hit.start("r_c") if key == "c" else hit.start("d_d")
    spans = ((start, cut, first), (again, end, last)) if first < last else ((start, end, found.day.day),)
    for begin, until, number in spans:
        day = stamp(found.day.year, found.day.month, number)
        if day is not None:
            yield DateMention(text[begin:until], begin, until, day.value, day.precision)


def _clocked(day: Stamp, hit: re.Match[str]) -> Stamp:
    parts = (day.day.year, day.day.month, day.day.day)
    clock = Clock(
        half_day(int(hit["h"]), hit["half"]), int(hit["mi"] or 0), None, zone_minutes(hit["z"], parts, "en")
    )
    return stamp(*parts, clock) or day


def _in_order(found: list[DateMention]) -> tuple[DateMention, ...]:
    ordered: list[DateMention] = []
    for mention in sorted(found, key=lambda m: (m.start, -m.end)):
        if not ordered or mention.start >= ordered[-1].end:
            ordered.append(mention)
    return tuple(ordered[:MAX_MENTIONS])


def _resolve(  # noqa: PLR0911 - one way of writing, one return
    hit: re.Match[str], text: str, published: date | None, lexicon: Lexicon, *, american: bool
) -> Stamp | None:
    try:
        match hit.lastgroup:
            case "iso" | "compact":
                return read(text[hit.start() : hit.end()]) or _padded(hit[0])
            case "ymd":
                return stamp(int(hit["y_a"]), int(hit["m_a"]), int(hit["d_a"]))
            case "numeric":
                return _numeric(hit, text, lexicon, american=american)
            case "mdy":
                return _named_day(hit, "c", text, published, lexicon)
            case "dmy":
                return _named_day(hit, "d", text, published, lexicon)
            case "dashed":
                return _named_day(hit, "j", text, published, lexicon)
            case "my":
                return _month_year(hit, text, lexicon)
            case "year":
                return None if _NOT_A_YEAR.match(text, hit.end()) else stamp(int(hit["y_h"]))
        return None if published is None else _relative(hit, text, published, lexicon)
    except (ValueError, OverflowError, KeyError):
        return None  # year 0 or 10000, 30 February, a word the folding of cases made up


def _padded(text: str) -> Stamp | None:
    year, month, day = (int(p) for p in re.split(r"[-t ]", text)[:3])
    return stamp(year, month, day)


def _numeric(hit: re.Match[str], text: str, lexicon: Lexicon, *, american: bool) -> Stamp | None:
    first, second = int(hit["d_b"]), int(hit["m_b"])
    swapped = second > 12 or (american and "/" in hit[0] and first <= 12)  # noqa: PLR2004 - months
    day, month = (second, first) if swapped else (first, second)
    return _with_time(hit, "b", text, date(int(hit["y_b"]), month, day), lexicon)


def _with_time(hit: re.Match[str], key: str, text: str, day: date, lexicon: Lexicon) -> Stamp | None:
    parts = (day.year, day.month, day.day)
    hour = hit[f"hh_{key}"]
    if hour is None:
        return stamp(*parts)
    second, half = hit[f"ss_{key}"], hit[f"half_{key}"] or hit[f"half2_{key}"]
    zone = hit[f"zone_{key}"]
    if zone and zone[-1].isalpha() and _raw(hit, f"zone_{key}", text).islower():
        zone = None  # 'est' is also a French word
    clock = Clock(
        half_day(int(hour), half),
        int(hit[f"mm_{key}"] or 0),
        None if second is None else int(second),
        zone_minutes(zone, parts, lexicon.language),
    )
    return stamp(*parts, clock) or stamp(*parts)


def _named_day(
    hit: re.Match[str], key: str, text: str, published: date | None, lexicon: Lexicon
) -> Stamp | None:
    word = hit[f"m_{key}"]
    if word in _CAPITAL and lexicon.american and _raw(hit, f"m_{key}", text).islower():
        return None  # 'may 5' in a sentence is no date
    month, day = lexicon.months[word] + 1, int(hit[f"d_{key}"])
    if hit[f"y_{key}"]:
        return _with_time(hit, key, text, date(int(hit[f"y_{key}"]), month, day), lexicon)
    if published is None:
        return None
    nearest = _nearest([_date(y, month, day) for y in _years(published)], published, _tense(text, hit, 25))
    return None if nearest is None else _with_time(hit, key, text, nearest, lexicon)


def _month_year(hit: re.Match[str], text: str, lexicon: Lexicon) -> Stamp | None:
    if re.search(r"\d[ \u00a0]$", text[max(0, hit.start() - 2) : hit.start()]):
        return None  # '32 December 2021'
    return stamp(int(hit["y_e"]), lexicon.months[_fold(hit["m_e"])] + 1)


def _relative(  # noqa: PLR0911 - one way of counting, one return
    hit: re.Match[str], text: str, published: date, lexicon: Lexicon
) -> Stamp | None:
    words = lexicon.words
    match hit.lastgroup:
        case "days":
            if _NO_DAY.search(text[max(0, hit.start() - 10) : hit.start()]):
                return None  # 'guten Morgen', 'la mañana'
            return _day(published + timedelta(days=words.days[_fold(hit[0])]))
        case "period":
            return shifted(published, *words.periods[_fold(hit[0])])
        case "ago" | "coming":
            return _counted(hit, text, published, words)
        case "month2":
            return stamp(published.year + _STEP[hit["year_k"]], lexicon.months[_fold(hit["m_k"])] + 1)
        case "month":
            return _bare_month(hit, text, published, lexicon)
        case "nth":
            return _numbered(published, int(hit["d_n"]), _tense(text, hit, 40))
        case "weekday":
            return _weekday(hit, text, published, lexicon)
    return None


def _counted(hit: re.Match[str], text: str, published: date, words: Words) -> Stamp | None:
    """So many units before the day of writing, or after it where the verb looks ahead."""
    past = hit.lastgroup == "ago"
    if past and _HALF.search(text[max(0, hit.start() - 6) : hit.start()]):
        return None  # 'half a year ago' is no year ago
    if not past and _tense(text, hit, 60) <= 0:
        return None  # 'it rose twice in two weeks'
    key = "a" if past else "b"
    number = hit[f"n_{key}"]
    count = int(number) if number.isdigit() else NUMBERS[_fold(number)]
    return shifted(published, words.before_day[_fold(hit[f"u_{key}"])], -count if past else count)


def _bare_month(hit: re.Match[str], text: str, published: date, lexicon: Lexicon) -> Stamp | None:
    word, how = hit["m_f"], _fold(hit["how_f"])
    if lexicon.american and word in _CAPITAL and _raw(hit, "m_f", text).islower():
        return None  # 'in may', 'by march' are words
    month = lexicon.months[_fold(word)] + 1
    if hit["year_f"]:
        return stamp(published.year + _STEP[hit["year_f"]], month)
    tense = -1 if how in lexicon.words.back or how == "since" else 1 if how in lexicon.words.ahead else 0
    tense = tense or _tense(text, hit, 18)
    if how in lexicon.words.back and month == published.month:
        return stamp(published.year - 1, month)
    this = date(published.year, published.month, 15)
    nearest = _nearest([_date(y, month, 15) for y in _years(published)], this, tense)
    return None if nearest is None else stamp(nearest.year, month)


def _weekday(  # noqa: PLR0911 - one rule, one return
    hit: re.Match[str], text: str, published: date, lexicon: Lexicon
) -> Stamp | None:
    word, how = hit["w_g"], _fold(hit["how_g"] or hit["after_g"] or "")
    if lexicon.american and len(word) < 6 and (not how or _raw(hit, "w_g", text).islower()):  # noqa: PLR2004
        return None  # 'sat', 'wed' are words, 'Sun' alone is a star or a paper
    before = text[max(0, hit.start() - 12) : hit.start()]
    if not how and (_FALSE_WEEKDAY.search(before) or _FALSE_AFTER.match(text, hit.end())):
        return None
    if hit["d_g"]:
        return _numbered(published, int(hit["d_g"]), 0)
    target = lexicon.weekdays[_fold(word)]
    back, ahead = (published.weekday() - target) % 7, (target - published.weekday()) % 7
    if hit["week_g"]:
        monday = published - timedelta(days=published.weekday())
        return _day(monday + timedelta(days=target + 7 * _STEP[hit["week_g"]]))
    if how in lexicon.words.back and how:
        return _day(published - timedelta(days=back or 7))
    if how in lexicon.words.ahead and how:
        return _day(published + timedelta(days=ahead or 7))
    tense = _tense(text, hit, 80)
    if tense > 0 or (how in {"by", "until", "this"} and tense == 0):
        return _day(published + timedelta(days=ahead))
    return _day(published - timedelta(days=back))


def _numbered(published: date, day: int, tense: int) -> Stamp | None:
    """The nearest day of that number: this month's, the last one's or the next one's."""
    month = published.year * 12 + published.month - 1
    near = [_date((month + n) // 12, (month + n) % 12 + 1, day) for n in (0, -1, 1)]
    found = _nearest(near, published, tense)
    return None if found is None else _day(found)


def _day(day: date) -> Stamp:
    return Stamp(day.isoformat(), Precision.DAY)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _years(published: date) -> tuple[int, int, int]:
    return (published.year, published.year - 1, published.year + 1)


def _nearest(choices: list[date | None], published: date, tense: int) -> date | None:
    real = [c for c in choices if c is not None]
    told = [c for c in real if (c <= published if tense < 0 else c >= published)] if tense else real
    return min(told or real, key=lambda c: (abs(c - published), c), default=None)


def _fold(word: str) -> str:
    return re.sub(S, " ", word).lower() if " " in word or "\u00a0" in word else word.lower()


def _tense(text: str, hit: re.Match[str], reach: int) -> int:
    """-1 where the last verb before a phrase, in its sentence, looks back, 1 where it looks ahead, 0 where none says."""
    before = _SENTENCE.split(text[max(0, hit.start() - reach) : hit.start()])[-1]
    last = None
    for last in _VERBS.finditer(before):  # noqa: B007 - the last one is what is wanted
        pass
    if last is not None:
        return 1 if last.lastgroup == "ahead" else -1
    if before.strip():
        return 0
    after = re.match(
        r",?(?:[ \u00a0][\w'\u2019-]{1,20}){0,6}?[ \u00a0](?:will|would|shall)\b",
        text[hit.end() : hit.end() + 120],
    )
    return 1 if after else 0
