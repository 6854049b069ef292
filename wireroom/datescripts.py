"""Dates counted from the day of the paper in Japanese, Chinese, Korean, Arabic and Hindi.

These are written without blanks, or with letters that `re` takes for no word, so they have patterns of their own beside
those of `wireroom.datepatterns`. Law: one pattern a language, every repeat bounded; the rules of `wireroom.datephrases`
hold: a weekday is the last one, the day of writing included; a bare day or month is the nearest that has been, or the
next one where the words behind it look ahead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Final

from wireroom.datestamps import Precision, Stamp, stamp

if TYPE_CHECKING:
    from collections.abc import Iterator

REACH: Final = 40
"""Characters behind a phrase in which its tense is looked for."""


@dataclass(frozen=True, slots=True)
class Script:
    """The words of one language.

    Attributes:
        counted: phrase, unit (d, w, m, y) and distance: ``先月 m -1``, one a word, divided by blanks and bars.
        weekdays: seven, Monday first; forms behind ``|``.
        weekday: the pattern of a weekday with ``{d}`` for its name, and groups ``back``, ``ahead`` and ``week``.
        ago: the pattern of a number of units before, with groups ``n`` and ``u``, or ``pair`` for a dual.
        units: words of a unit and its letter.
        numbers: numbers in words.
        bare: the pattern of a day or a month without a year, with groups ``day`` and ``month``.
        year: the pattern of a year, with group ``year``.
        ahead: what behind a phrase says that it is still to come.
    """

    counted: str
    weekdays: str
    weekday: str
    ago: str
    units: dict[str, str]
    numbers: dict[str, int]
    bare: str = "(?!)"
    year: str = "(?!)"
    ahead: str = "(?!)"


_HAN: Final = {c: n for n, c in enumerate("一二三四五六七八九十", 1)} | {"两": 2, "兩": 2, "半": 0}
SCRIPTS: Final = {
    "ja": Script(
        "一昨日 d -2|おととい d -2|昨日 d -1|きのう d -1|昨夜 d -1|昨晩 d -1|前日 d -1|本日 d 0|今日 d 0|今朝 d 0|今夜 d 0|明日 d 1|あす d 1|翌日 d 1|"
        "明後日 d 2|あさって d 2|先週 w -1|来週 w 1|先月 m -1|来月 m 1|今月 m 0|一昨年 y -2|昨年 y -1|去年 y -1|来年 y 1|今年 y 0",
        "月 火 水 木 金 土 日",
        r"(?:(?P<week>(?P<back>先週)|(?P<ahead>来週)|今週)の?)?(?P<w>{d})曜日?",
        r"(?P<n>\d{1,3}|[一二三四五六七八九十])(?P<u>日|週間|か月|カ月|ヶ月|ヵ月|年)前",
        {"日": "d", "週間": "w", "か月": "m", "カ月": "m", "ヶ月": "m", "ヵ月": "m", "年": "y"},
        _HAN,
        r"(?<![\d月年])(?P<day>\d{1,2})日(?!間|前|後|目|以|ぶり|連続|分|本|\d)|(?<![\d年])(?P<month>1[0-2]|[1-9])月(?!\d|曜|号|分)",
        ahead=r"予定|見通し|方針|計画|だろう|開催される|始まる|行われる",
    ),
    "zh": Script(
        "前天 d -2|昨天 d -1|昨日 d -1|昨晚 d -1|昨夜 d -1|今天 d 0|今日 d 0|今晚 d 0|今晨 d 0|今早 d 0|明天 d 1|明日 d 1|后天 d 2|後天 d 2|"
        "上周 w -1|上週 w -1|上星期 w -1|下周 w 1|下週 w 1|下星期 w 1|上个月 m -1|上個月 m -1|上月 m -1|下个月 m 1|下個月 m 1|下月 m 1|本月 m 0|"
        "前年 y -2|去年 y -1|明年 y 1|今年 y 0",
        "一 二 三 四 五 六 日|天",
        r"(?P<week>(?P<back>上)|(?P<ahead>下)|本|这|這)?(?:个|個)?(?:周|週|星期|礼拜|禮拜)(?P<w>{d})",
        r"(?P<n>\d{1,3}|[一二两兩三四五六七八九十])(?P<u>天|日|周|週|个星期|個星期|个月|個月|年)(?:以)?前",
        {"天": "d", "日": "d", "周": "w", "週": "w", "个星期": "w", "個星期": "w", "个月": "m", "個月": "m", "年": "y"},
        _HAN,
        r"(?<![\d月年])(?P<day>\d{1,2})日(?!前|后|後|内|起|元|本|\d)|(?<![\d年])(?P<month>1[0-2]|[1-9])月(?!\d|份?刊)",
        ahead=r"将|將|计划|計劃|预计|預計|举行|舉行",
    ),
    "ko": Script(
        "그저께 d -2|어제 d -1|오늘 d 0|내일 d 1|모레 d 2|지난주 w -1|지난 주 w -1|다음 주 w 1|다음주 w 1|지난달 m -1|지난 달 m -1|다음 달 m 1|다음달 m 1|"
        "이달 m 0|지난해 y -1|작년 y -1|내년 y 1|올해 y 0",
        "월 화 수 목 금 토 일",
        r"(?:(?:(?P<back>지난)|(?P<ahead>다음)|이번)[ ]?(?P<week>주)?[ ]?)?(?P<w>{d})요일",
        r"(?P<n>\d{1,3})[ ]?(?P<u>일|주|개월|달|년)[ ]?전",
        {"일": "d", "주": "w", "개월": "m", "달": "m", "년": "y"},
        {},
        r"(?<![\d월년 ])(?P<day>\d{1,2})일(?![ ]?간|동안|째|\d|[ ]?전|[ ]?후)|(?<![\d년])(?P<month>1[0-2]|[1-9])월(?![ ]?\d)",
        ahead=r"예정|계획|전망|것",
    ),
    "ar": Script(
        "أول أمس d -2|أمس d -1|اليوم d 0|غداً d 1|غدًا d 1|غدا d 1|الأسبوع الماضي w -1|الأسبوع المقبل w 1|الأسبوع القادم w 1|الشهر الماضي m -1|"
        "الشهر المقبل m 1|الشهر القادم m 1|هذا الشهر m 0|العام الماضي y -1|السنة الماضية y -1|العام المقبل y 1|العام القادم y 1|هذا العام y 0",
        "الاثنين|الإثنين الثلاثاء الأربعاء|الاربعاء الخميس الجمعة السبت الأحد|الاحد",
        r"(?<!\w)(?:يوم[ ])?(?P<w>{d})(?:[ ](?:(?P<back>الماضية?)|(?P<ahead>المقبلة?|القادمة?)))?(?!\w)",
        r"(?<!\w)(?:قبل|منذ)[ ](?:(?P<pair>يومين|أسبوعين|شهرين|عامين|سنتين)|(?:(?P<n>\d{1,3}|ثلاثة|ثلاث|أربعة|أربع|خمسة|خمس|ستة|ست|سبعة|سبع|ثمانية|تسعة|عشرة|عشر)[ ])?"
        r"(?P<u>أيام|يوما|يومًا|يوم|أسابيع|أسبوع|أشهر|شهور|شهرا|شهر|أعوام|سنوات|عاما|عام|سنة))(?![\w])(?![ ]\d{4})",
        {
            "يومين": "d", "أسبوعين": "w", "شهرين": "m", "عامين": "y", "سنتين": "y", "أيام": "d", "يوما": "d", "يومًا": "d", "يوم": "d", "أسابيع": "w",
            "أسبوع": "w", "أشهر": "m", "شهور": "m", "شهرا": "m", "شهر": "m", "أعوام": "y", "سنوات": "y", "عاما": "y", "عام": "y", "سنة": "y",
        },
        {
            "ثلاثة": 3, "ثلاث": 3, "أربعة": 4, "أربع": 4, "خمسة": 5, "خمس": 5, "ستة": 6, "ست": 6, "سبعة": 7, "سبع": 7, "ثمانية": 8, "تسعة": 9,
            "عشرة": 10, "عشر": 10,
        },
        year=r"(?<!\w)(?:منذ عام|في عام|منذ|في|عام|سنة)[ ](?P<year>(?:19|20)\d{2})(?![\d/.-])",
        ahead=r"سوف|المقبل|القادم",
    ),
    "hi": Script(
        "आज d 0|बीते कल d -1|कल d -1|पिछले हफ्ते w -1|पिछले हफ़्ते w -1|पिछले सप्ताह w -1|अगले हफ्ते w 1|अगले सप्ताह w 1|पिछले महीने m -1|अगले महीने m 1|"
        "इस महीने m 0|पिछले साल y -1|पिछले वर्ष y -1|अगले साल y 1|अगले वर्ष y 1|इस साल y 0|इस वर्ष y 0",
        "सोमवार मंगलवार बुधवार गुरुवार|बृहस्पतिवार|वीरवार शुक्रवार शनिवार रविवार",
        r"(?:(?:(?P<back>पिछले)|(?P<ahead>अगले)|इस)[ ])?(?P<w>{d})",
        r"(?P<n>\d{1,3}|एक|दो|तीन|चार|पांच|पाँच|छह|सात|आठ|नौ|दस)[ ](?P<u>दिन|दिनों|हफ्ते|हफ़्ते|सप्ताह|महीने|महीना|साल|वर्ष)[ ]पहले",
        {"दिन": "d", "दिनों": "d", "हफ्ते": "w", "हफ़्ते": "w", "सप्ताह": "w", "महीने": "m", "महीना": "m", "साल": "y", "वर्ष": "y"},
        {"एक": 1, "दो": 2, "तीन": 3, "चार": 4, "पांच": 5, "पाँच": 5, "छह": 6, "सात": 7, "आठ": 8, "नौ": 9, "दस": 10},
        year=r"(?:साल|वर्ष|सन)[ ](?P<year>(?:19|20)\d{2})(?!\d)",
        ahead=r"ेगा|ेगी|ेंगे|गा।|गी।|गे।",
    ),
}  # fmt: skip
"""By ISO 639-1 code."""


@cache
def _compiled(
    language: str,
) -> tuple[re.Pattern[str], dict[str, tuple[str, int]], dict[str, int], re.Pattern[str]]:
    script = SCRIPTS[language]
    counted = {}
    for row in script.counted.split("|"):
        phrase, unit, distance = row.rsplit(" ", 2)
        counted[phrase] = (unit, int(distance))
    weekdays = {form: at for at, forms in enumerate(script.weekdays.split(" ")) for form in forms.split("|")}
    names = "(?:" + "|".join(sorted(weekdays, key=len, reverse=True)) + ")"
    fixed = "|".join(sorted(map(re.escape, counted), key=len, reverse=True))
    spaced = r"(?<!\w)" if language == "ar" else ""
    parts = (
        script.ago,
        script.weekday.replace("{d}", names),
        rf"{spaced}(?P<fixed>{fixed})" + (r"(?!\w)" if language == "ar" else ""),
        script.bare,
        script.year,
    )
    return re.compile("|".join(f"(?:{p})" for p in parts)), counted, weekdays, re.compile(script.ahead)


def counted_days(text: str, published: date, language: str) -> Iterator[tuple[int, int, Stamp]]:
    """Begin, end and meaning of the phrases of a text.

    Args:
        text: with western digits.
        published: the day it was written.
        language: one of `SCRIPTS`.
    """
    pattern, counted, weekdays, ahead = _compiled(language)
    script = SCRIPTS[language]
    for hit in pattern.finditer(text):
        told = hit.groupdict()
        try:
            if told.get("fixed"):
                unit, distance = counted[told["fixed"]]
                if told["fixed"] == "कल" and ahead.search(text, hit.end(), hit.end() + REACH):
                    distance = 1  # one word for yesterday and tomorrow
                found = shifted(published, unit, distance)
            elif told.get("w"):
                found = _weekday(published, weekdays[told["w"]], told)
            elif told.get("u") or told.get("pair"):
                found = _ago(published, script, told)
            elif told.get("year"):
                found = stamp(int(told["year"]))
            else:
                coming = ahead.search(text, hit.end(), hit.end() + REACH) is not None
                found = _bare(published, told, coming=coming)
        except (ValueError, OverflowError, KeyError):
            continue
        if found is not None:
            yield hit.start(), hit.end(), found


_UNIT_DAYS: Final = {"d": 1, "w": 7, "f": 14}


def shifted(published: date, unit: str, count: int) -> Stamp | None:
    """The day, month or year so many units (d, w, f for two weeks, m, y) from the day of writing."""
    if unit in _UNIT_DAYS:
        return _day(published + timedelta(days=count * _UNIT_DAYS[unit]))
    if unit == "y":
        return stamp(published.year + count)
    month = published.year * 12 + published.month - 1 + count
    return stamp(month // 12, month % 12 + 1)


def _day(day: date) -> Stamp:
    return Stamp(day.isoformat(), Precision.DAY)


def _weekday(published: date, target: int, told: dict[str, str | None]) -> Stamp:
    step = -1 if told.get("back") else 1 if told.get("ahead") else 0
    if told.get("week"):
        monday = published - timedelta(days=published.weekday())
        return _day(monday + timedelta(days=target + 7 * step))
    back, ahead = (published.weekday() - target) % 7, (target - published.weekday()) % 7
    if step > 0:
        return _day(published + timedelta(days=ahead or 7))
    return _day(published - timedelta(days=(back or 7) if step < 0 else back))


def _ago(published: date, script: Script, told: dict[str, str | None]) -> Stamp | None:
    if pair := told.get("pair"):
        return shifted(published, script.units[pair], -2)
    number = told.get("n")
    count = 1 if number is None else int(number) if number.isdigit() else script.numbers[number]
    return shifted(published, script.units[told["u"] or ""], -count)


def _bare(published: date, told: dict[str, str | None], *, coming: bool) -> Stamp | None:
    """A day of a month, or a month, that has no year: the last one, or the next one where it is to come."""
    index = published.year * 12 + published.month - 1
    if number := told.get("day"):
        for step in (0, 1) if coming else (0, -1, -2):
            year, month = (index + step) // 12, (index + step) % 12 + 1
            found = stamp(year, month, int(number))
            if found and (found.day >= published if coming else found.day <= published):
                return found
        return None
    month = int(told.get("month") or 0)
    late = (month < published.month) if coming else (month > published.month)
    return stamp(published.year + ((1 if coming else -1) if late else 0), month)
