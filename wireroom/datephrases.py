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

from wireroom.datepatterns import EAST_ASIA, Lexicon, S, lexicon, lower
from wireroom.dateread import Reading
from wireroom.datestamps import Clock, Precision, Stamp, half_day, offset, read, stamp
from wireroom.datewords import LANGUAGES, NUMBERS

MAX_MENTIONS = 1_000
"""Mentions kept of one text; a list of a million dates is no article."""
MAX_PARSED = 20
"""Spans of one text that dateparser is asked about, at 2 ms each."""


_FOREIGN = re.compile(rf"(?<!\w)\d{{1,2}}\.?{S}[^\W\d_]{{3,15}}{S}\d{{4}}(?!\w)")
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
    r"wird|werden|soll|aura|será|sera|sarà|zal|будет|będzie)\b"
    r"|\b(?P<past>said|told|was|were|had|has|have|did|held|met|took|made|began|came|went|saw|won|lost|fell|rose|died|"
    r"sent|left|(?!united|indeed|hundred)[a-z]{3,14}[^e]ed|wurde|fue|foi|был|была)\b",
    re.IGNORECASE,
)
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
    words = lexicon(code if code in LANGUAGES else "en")
    found: list[DateMention] = []
    for hit in words.pattern.finditer(lower(text)):
        resolved = _resolve(hit, text, published, words)
        if resolved is not None:
            found.append(_mention(hit, text, resolved))
            if len(found) >= MAX_MENTIONS:
                break
    if "月" in text or "월" in text or "年" in text or "년" in text:
        found.extend(_east_asian(text, published))
    if code not in LANGUAGES:
        found.extend(_foreign(text, code))
    return _in_order(found)


def absolute(text: str, language: str | None = None) -> Stamp | None:
    """The first full date (day, month and year) of a short text, with its time of day where one stands there."""
    return Reading(language).first(text[:200])


def _raw(hit: re.Match[str], group: str, text: str) -> str:
    """A group as it is written in the text."""
    return text[hit.start(group) : hit.end(group)]


def _mention(hit: re.Match[str], text: str, found: Stamp) -> DateMention:
    start, end = hit.span()
    while end > start and text[end - 1] in " \u00a0.,(":
        end -= 1
    return DateMention(text[start:end], start, end, found.value, found.precision)


def _in_order(found: list[DateMention]) -> tuple[DateMention, ...]:
    ordered: list[DateMention] = []
    for mention in sorted(found, key=lambda m: (m.start, -m.end)):
        if not ordered or mention.start >= ordered[-1].end:
            ordered.append(mention)
    return tuple(ordered[:MAX_MENTIONS])


def _resolve(  # noqa: PLR0911 - one way of writing, one return
    hit: re.Match[str], text: str, published: date | None, lexicon: Lexicon
) -> Stamp | None:
    try:
        match hit.lastgroup:
            case "iso" | "compact":
                return read(text[hit.start() : hit.end()]) or _padded(hit[0])
            case "ymd":
                return stamp(int(hit["y_a"]), int(hit["m_a"]), int(hit["d_a"]))
            case "numeric":
                return _numeric(hit, text, american=lexicon.american)
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


def _numeric(hit: re.Match[str], text: str, *, american: bool) -> Stamp | None:
    first, second = int(hit["d_b"]), int(hit["m_b"])
    swapped = second > 12 or (american and "/" in hit[0] and first <= 12)  # noqa: PLR2004 - months
    day, month = (second, first) if swapped else (first, second)
    return _with_time(hit, "b", text, date(int(hit["y_b"]), month, day))


def _with_time(hit: re.Match[str], key: str, text: str, day: date) -> Stamp | None:
    parts = (day.year, day.month, day.day)
    hour = hit[f"hh_{key}"]
    if hour is None:
        return stamp(*parts)
    second, half = hit[f"ss_{key}"], hit[f"half_{key}"] or hit[f"half2_{key}"]
    zone = hit[f"zone_{key}"]
    if zone and zone[-1].isalpha() and _raw(hit, f"zone_{key}", text).islower():
        zone = None  # 'est' is also a French word
    if zone and zone[:3] in {"utc", "gmt"} and len(zone) > 3:  # noqa: PLR2004
        hours, _, minutes = zone[4:].partition(":")
        zone = zone[3] + hours.zfill(2) + minutes
    clock = Clock(
        half_day(int(hour), half),
        int(hit[f"mm_{key}"] or 0),
        None if second is None else int(second),
        offset(zone, *parts),
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
        return _with_time(hit, key, text, date(int(hit[f"y_{key}"]), month, day))
    if published is None:
        return None
    nearest = _nearest([_date(y, month, day) for y in _years(published)], published, _tense(text, hit, 25))
    return None if nearest is None else _with_time(hit, key, text, nearest)


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
            return _day(published + timedelta(days=words.days[_fold(hit[0])]))
        case "period":
            return _shift(published, *words.periods[_fold(hit[0])])
        case "ago":
            number = hit["n_a"]
            count = int(number) if number.isdigit() else NUMBERS[_fold(number)]
            return _shift(published, words.before_day[_fold(hit["u_a"])], -count)
        case "month2":
            return stamp(published.year + _STEP[hit["year_k"]], lexicon.months[_fold(hit["m_k"])] + 1)
        case "month":
            return _bare_month(hit, text, published, lexicon)
        case "weekday":
            return _weekday(hit, text, published, lexicon)
    return None


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
        return _numbered(published, int(hit["d_g"]))
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


def _numbered(published: date, day: int) -> Stamp | None:
    """The nearest day of that number: this month's, the last one's or the next one's."""
    month = published.year * 12 + published.month - 1
    near = [_date((month + n) // 12, (month + n) % 12 + 1, day) for n in (0, -1, 1)]
    found = _nearest(near, published, 0)
    return None if found is None else _day(found)


def _day(day: date) -> Stamp:
    return Stamp(day.isoformat(), Precision.DAY)


def _shift(published: date, unit: str, count: int) -> Stamp | None:
    if unit in "dw":
        return _day(published + timedelta(days=count * (7 if unit == "w" else 1)))
    if unit == "y":
        return stamp(published.year + count)
    month = published.year * 12 + published.month - 1 + count
    return stamp(month // 12, month % 12 + 1)


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
    return re.sub(S, " ", word).lower()


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


def _east_asian(text: str, published: date | None) -> list[DateMention]:
    found = []
    for hit in EAST_ASIA.finditer(text):
        year, month, day, alone = (None if g is None else int(g) for g in hit.groups())
        if year is None and alone is None and day is not None and published is not None and month is not None:
            nearest = _nearest([_date(y, month, day) for y in _years(published)], published, 0)
            year = nearest.year if nearest else None
        whole = alone or year
        resolved = stamp(whole, month, day) if whole and (month is None or 1 <= month <= 12) else None  # noqa: PLR2004
        if resolved is not None:
            found.append(_mention(hit, text, resolved))
            if len(found) >= MAX_MENTIONS:
                break
    return found


def _foreign(text: str, language: str) -> list[DateMention]:
    """Day, word, year in a language without a table: the word is dateparser's business."""
    import dateparser  # noqa: PLC0415 - 1.4 s of CPU, which most processes never need

    found = []
    for hit, _ in zip(_FOREIGN.finditer(text), range(MAX_PARSED), strict=False):
        try:
            moment = dateparser.parse(hit[0], languages=[language], settings={"STRICT_PARSING": True})
        except (ValueError, OverflowError, TypeError, AttributeError):
            break  # the language is unknown to it
        if moment is not None:
            found.append(_mention(hit, text, _day(moment.date())))
    return found
