# ruff: noqa: RUF001 - letters of other scripts are the words themselves, and a split list reads as a table
"""Dates in any script and calendar: digits, names of months, eras. For lines whose language nobody told.

Law: tables and one pass; offsets never move, because every digit is replaced by one digit. A name that means one month
in one language and another in a second is read in the page's own language, else in the one that is listed first.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from wireroom.datestamps import Stamp, stamp

if TYPE_CHECKING:
    from collections.abc import Iterator

_MONTHS: Final = {
    "en": "january jan|february feb|march mar|april apr|may|june jun|july jul|august aug|september sept sep|october oct|november nov|december dec",
    "de": "januar jänner|februar feber|märz mär mrz|april|mai|juni|juli|august|september|oktober okt|november|dezember dez",
    "fr": "janvier janv|février fevrier févr fév|mars|avril avr|mai|juin|juillet juil|août aout|septembre|octobre|novembre|décembre decembre déc",
    "es": "enero ene|febrero|marzo|abril abr|mayo|junio|julio|agosto ago|septiembre setiembre|octubre|noviembre|diciembre dic",
    "pt": "janeiro|fevereiro fev|março|abril|maio|junho|julho|agosto|setembro set|outubro out|novembro|dezembro",
    "it": "gennaio gen|febbraio|marzo|aprile|maggio mag|giugno giu|luglio lug|agosto|settembre sett|ottobre ott|novembre|dicembre",
    "nl": "januari|februari|maart mrt|april|mei|juni|juli|augustus|september|oktober|november|december",
    "sv": "januari|februari|mars|april|maj|juni|juli|augusti|september|oktober|november|december",
    "da": "januar|februar|marts|april|maj|juni|juli|august|september|oktober|november|december",
    "nb": "januar|februar|mars|april|mai|juni|juli|august|september|oktober|november|desember des",
    "fi": "tammikuuta tammikuu|helmikuuta helmikuu|maaliskuuta maaliskuu|huhtikuuta huhtikuu|toukokuuta toukokuu|kesäkuuta kesäkuu|heinäkuuta heinäkuu|elokuuta elokuu|syyskuuta syyskuu|lokakuuta lokakuu|marraskuuta marraskuu|joulukuuta joulukuu",
    "pl": "stycznia styczeń sty|lutego luty|marca marzec|kwietnia kwiecień kwi|maja maj|czerwca czerwiec cze|lipca lipiec|sierpnia sierpień sie|września wrzesień wrz|października październik paź|listopada|grudnia grudzień gru",
    "cs": "ledna leden|února únor|března březen|dubna duben|května květen|června červen|července červenec|srpna srpen|září|října říjen|listopadu|prosince prosinec",
    "sk": "januára január|februára február|marca marec|apríla apríl|mája máj|júna jún|júla júl|augusta|septembra|októbra október|novembra|decembra",
    "sl": "januarja|februarja|marca|aprila|maja|junija|julija|avgusta|septembra|oktobra|novembra|decembra",
    "hr": "siječnja|veljače|ožujka|travnja|svibnja|lipnja|srpnja|kolovoza|rujna|listopada|studenoga studenog|prosinca",
    "hu": "január|február|március márc|április ápr|május máj|június jún|július júl|augusztus|szeptember szept|október|november|december",
    "ro": "ianuarie ian|februarie|martie|aprilie|mai|iunie iun|iulie iul|august|septembrie|octombrie|noiembrie noi|decembrie",
    "tr": "ocak|şubat|mart|nisan|mayıs|haziran|temmuz|ağustos|eylül|ekim|kasım|aralık",
    "id": "januari|februari|maret|april|mei|juni|juli|agustus|september|oktober|november|desember",
    "ca": "gener|febrer|març|abril|maig|juny|juliol|agost|setembre|octubre|novembre|desembre",
    "ru": "января янв|февраля фев|марта мар|апреля апр|мая май|июня июн|июля июл|августа авг|сентября сен|октября окт|ноября ноя|декабря дек",
    "uk": "січня|лютого|березня|квітня|травня|червня|липня|серпня|вересня|жовтня|листопада|грудня",
    "bg": "януари|февруари|март|април|май|юни|юли|август|септември|октомври|ноември|декември",
    "sr": "јануара јануар|фебруара фебруар|марта март|априла април|маја мај|јуна јун|јула јул|августа август|септембра септембар|октобра октобар|новембра новембар|децембра децембар",
    "el": "ιανουαρίου ιαν|φεβρουαρίου φεβ|μαρτίου μαρ|απριλίου απρ|μαΐου μαΐ|ιουνίου ιουν|ιουλίου ιουλ|αυγούστου αυγ|σεπτεμβρίου σεπ|οκτωβρίου οκτ|νοεμβρίου νοε|δεκεμβρίου δεκ",
    "ar": "يناير|فبراير|مارس|أبريل ابريل إبريل|مايو|يونيو يونيه|يوليو يوليه|أغسطس اغسطس|سبتمبر|أكتوبر اكتوبر|نوفمبر|ديسمبر",
    "fa": "ژانویه|فوریه|مارس|آوریل|مه|ژوئن|ژوئیه|اوت|سپتامبر|اکتبر|نوامبر|دسامبر",
    "he": "בינואר ינואר|בפברואר פברואר|במרץ מרץ|באפריל אפריל|במאי מאי|ביוני יוני|ביולי יולי|באוגוסט אוגוסט|בספטמבר ספטמבר|באוקטובר אוקטובר|בנובמבר נובמבר|בדצמבר דצמבר",
    "hi": "जनवरी|फरवरी फ़रवरी|मार्च|अप्रैल|मई|जून|जुलाई|अगस्त|सितंबर सितम्बर|अक्टूबर अक्तूबर|नवंबर नवम्बर|दिसंबर दिसम्बर",
    "bn": "জানুয়ারি|ফেব্রুয়ারি|মার্চ|এপ্রিল|মে|জুন|জুলাই|আগস্ট|সেপ্টেম্বর|অক্টোবর|নভেম্বর|ডিসেম্বর",
    "th": "มกราคม ม.ค.|กุมภาพันธ์ ก.พ.|มีนาคม มี.ค.|เมษายน เม.ย.|พฤษภาคม พ.ค.|มิถุนายน มิ.ย.|กรกฎาคม ก.ค.|สิงหาคม ส.ค.|กันยายน ก.ย.|ตุลาคม ต.ค.|พฤศจิกายน พ.ย.|ธันวาคม ธ.ค.",
}  # fmt: skip
_LEVANT: Final = "كانون الثاني|شباط|آذار|نيسان|أيار|حزيران|تموز|آب|أيلول|تشرين الأول|تشرين الثاني|كانون الأول"
_PERSIAN: Final = "فروردین|اردیبهشت|خرداد|تیر|مرداد|شهریور|مهر|آبان|آذر|دی|بهمن|اسفند"

_DIGITS: Final = {
    zero + n: ord("0") + n
    for zero in (0x0660, 0x06F0, 0x0966, 0x09E6, 0x0E50, 0xFF10)  # Arabic, Persian, Devanagari, Bengali, Thai, full width
    for n in range(10)
}  # fmt: skip
_FOREIGN_DIGIT: Final = re.compile("[٠-٩۰-۹०-९০-৯๐-๙０-９]")
_WORD: Final = r"[^\W\d_][\w\u093c-\u094d\u0900-\u0903\u0981-\u09cd\u0e31-\u0e4e.]{1,16}"
_OF: Final = r"(?:(?:de|del|di|of|da|den|ta\u2019|ta')[ \u00a0]|d[\u2019'])?"
_DAY_FIRST: Final = re.compile(
    rf"(?<![\w.,:/-])(?P<d>[0-9]{{1,2}})(?:st|nd|rd|th|er|[.\u00ba\u00b0\u00aa])?[ \u00a0]{{0,2}}{_OF}"
    rf"(?P<m>{_WORD}(?:[ \u00a0](?:الثاني|الأول))?)[.,\u060c]?[ \u00a0]{{1,2}}{_OF}(?:พ\.ศ\.[ \u00a0]?)?(?P<y>[0-9]{{4}})(?![0-9])"
)
_MONTH_FIRST: Final = re.compile(
    rf"(?<![\w.-])(?P<m>{_WORD})[ \u00a0](?P<d>[0-9]{{1,2}})(?:[ ]?(?:st|nd|rd|th))?(?:,?[ \u00a0]|,)(?P<y>[0-9]{{4}})(?![0-9])"
)
_YEAR_FIRST: Final = re.compile(
    rf"(?<![0-9./-])(?P<y>[0-9]{{4}})\.?[ \u00a0](?P<m>{_WORD})[ \u00a0](?P<d>[0-9]{{1,2}})(?![0-9:])"
)
_NO_YEAR: Final = tuple(
    re.compile(rf"(?<![\w.:/-]){pattern}(?![\w:]|[., ]{{1,2}}[0-9]{{4}})")
    for pattern in (
        rf"(?P<d>[0-9]{{1,2}})(?:st|nd|rd|th|[.\u00ba])?[ \u00a0]{_OF}(?P<m>{_WORD})",
        rf"(?P<m>{_WORD})[ \u00a0](?P<d>[0-9]{{1,2}})",
    )
)
_ERA: Final = re.compile(r"(令和|平成|昭和)(元|[0-9]{1,2})年[ ]?([0-9]{1,2})月[ ]?([0-9]{1,2})日")
_ERAS: Final = {"令和": 2018, "平成": 1988, "昭和": 1925}
_SOLAR: Final = re.compile(
    r"(?<![0-9/])(?P<y>1[234][0-9]{2})[/-](?P<m>[0-9]{1,2})[/-](?P<d>[0-9]{1,2})(?![0-9/])"
)
BUDDHIST: Final = 543
"""Years the Thai calendar is ahead."""
BUDDHIST_FROM: Final = 2400
"""Years from which a year is one of the Thai calendar."""
_PERSIAN_YEARS: Final = range(1250, 1500)
"""Years that are Persian ones where they stand with a Persian month or in a Persian page."""
_LEAPS: Final = frozenset({1, 5, 9, 13, 17, 22, 26, 30})
"""Leap years of the Persian calendar in its cycle of 33, right from 1200 to 1600 or so."""


def _rows(text: str) -> dict[str, int]:
    return {name: at for at, row in enumerate(text.split("|"), 1) for name in row.split(" ")}


_NAMES: Final = {code: _rows(text) for code, text in _MONTHS.items()}
_NAMES["ar"] |= {name: at for at, name in enumerate(_LEVANT.split("|"), 1)}
_ALL: Final = {name: at for code in reversed(_NAMES) for name, at in _NAMES[code].items()}
_SOLAR_MONTHS: Final = {name: at for at, name in enumerate(_PERSIAN.split("|"), 1)}


def western(text: str) -> str:
    """The text with every digit of another script as one of ours; no place moves."""
    return text.translate(_DIGITS) if _FOREIGN_DIGIT.search(text) else text


def full_dates(text: str, language: str | None) -> Iterator[tuple[int, int, Stamp]]:
    """Days written with a month's name, in any language and three calendars, in a short text.

    Args:
        text: with western digits.
        language: of the page; decides where a name means two months, and the calendar of bare numbers.

    Yields:
        Where it begins, where it ends, and the day in the Gregorian calendar.
    """
    low = text.lower()
    if len(low) != len(text):
        low = text
    for pattern in (_DAY_FIRST, _MONTH_FIRST, _YEAR_FIRST):
        for hit in pattern.finditer(low):
            day = _named(hit["m"], int(hit["d"]), int(hit["y"]), language)
            if day is not None:
                yield hit.start(), hit.end(), day
    for hit in _ERA.finditer(text):
        year = _ERAS[hit[1]] + (1 if hit[2] == "元" else int(hit[2]))
        if day := stamp(year, int(hit[3]), int(hit[4])):
            yield hit.start(), hit.end(), day
    if language == "fa":
        for hit in _SOLAR.finditer(text):
            if day := _persian(int(hit["y"]), int(hit["m"]), int(hit["d"])):
                yield hit.start(), hit.end(), day


def day_of_month(text: str, language: str | None, year: int, month: int) -> Stamp | None:
    """The day of a line that names it and its month but no year, where the month is that one."""
    for _, _, told, day in any_days(text, language):
        if told == month:
            return stamp(year, month, day)
    return None


def any_days(text: str, language: str | None) -> Iterator[tuple[int, int, int, int]]:
    """Days written with a month's name and no year: begin, end, month and day."""
    low = text.lower()
    low = low if len(low) == len(text) else text
    for hit in (hit for pattern in _NO_YEAR for hit in pattern.finditer(low)):
        month = month_number(hit["m"], language)
        if month is not None:
            end = hit.end() - (hit[0][-1] == ".")
            yield hit.start(), end, month, int(hit["d"])


def is_month(word: str, language: str | None) -> bool:
    """Whether a word is a month's name here, in either calendar."""
    return word in _SOLAR_MONTHS or month_number(word, language) is not None


def month_number(word: str, language: str | None) -> int | None:
    """The number of a month's name in lower case; None where it is none."""
    for form in (word, word.rstrip(".")):
        found = _NAMES.get(language or "", {}).get(form) or _ALL.get(form)
        if found:
            return found
    plain = unicodedata.normalize("NFC", word).rstrip(".")
    return _ALL.get(plain)


def _named(word: str, day: int, year: int, language: str | None) -> Stamp | None:
    solar = _SOLAR_MONTHS.get(word)
    if solar and year in _PERSIAN_YEARS:
        return _persian(year, solar, day)
    month = month_number(word, language)
    if month is None:
        return None
    return stamp(gregorian_year(year), month, day)


def gregorian_year(year: int) -> int:
    """The year of the Common Era for one of the Thai calendar; others as they are."""
    return year - BUDDHIST if BUDDHIST_FROM <= year < 2700 else year  # noqa: PLR2004 - the calendar's next century


def _persian(year: int, month: int, day: int) -> Stamp | None:
    """A day of the Persian solar calendar: by the cycle of 33 years, which is right for every year in use."""
    if not (1 <= month <= 12 and 1 <= day <= 31):  # noqa: PLR2004 - months and days
        return None
    from datetime import date, timedelta  # noqa: PLC0415

    cycles, rest = divmod(year - 1, 33)
    leaps = cycles * 8 + sum(1 for n in range(1, rest + 1) if n in _LEAPS)
    before = min(month - 1, 6) * 31 + max(month - 7, 0) * 30
    first = date(622, 3, 21)  # 1 Farvardin 1, as the cycle counts it
    try:
        found = first + timedelta(days=365 * (year - 1) + leaps + before + day - 1)
    except OverflowError:
        return None
    return stamp(found.year, found.month, found.day)
