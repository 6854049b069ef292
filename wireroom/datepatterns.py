"""The pattern of one language that finds every way a date is written in it.

Law: tables in, one compiled pattern out. Every repeat is bounded and the first letter is asked first, so that a search
costs the same for every letter of a text. Patterns are matched against lower case: letter by letter, so places stay.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from wireroom.datewords import AMERICAN, ENGLISH, LANGUAGES, NUMBERS, OFFSETS, Words

S = "[ \u00a0]{1,3}"
"""Blanks between two words."""
_ZONE = rf"(?:(?:utc|gmt)?[+\-\u2212]\d{{1,2}}:?(?:\d{{2}})?(?!\d)|(?:{'|'.join((*OFFSETS, *AMERICAN))})\b)"
_TIME = (
    rf"(?:,?[ \u00a0]{{0,2}}(?:[|\u2013\u2014-]|at|um|à|a las|às|alle|om|o|в)?[ \u00a0]{{0,2}}"
    rf"(?P<hh_X>\d{{1,2}})(?:(?::|h(?=\d\d)|(?=[.]\d\d[ \u00a0]?(?:[ap]\.?m|uhr|gmt|utc|bst|cet|ist|,))[.])(?P<mm_X>\d{{2}})(?::(?P<ss_X>\d{{2}}))?"
    rf"(?:[ \u00a0]?(?P<half_X>[ap]\.?m\b\.?))?|[ \u00a0]?(?P<half2_X>[ap]\.?m\b\.?))"
    rf"(?!\w)(?:[ \u00a0]?(?:uhr)?[ \u00a0]?\(?(?P<zone_X>{_ZONE}))?)?"
)
_COMPACT = r"(?P<compact>(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\w|[.,]\d))"
_ISO = (
    r"(?P<iso>\d{4}-\d{1,2}-\d{1,2}(?!\d)"
    r"(?:[t ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?: ?(?:z\b|[a-z]{3,4}\b|[+-]\d{2}:?\d{2}))?)?)"
)
_NUMERIC = (
    r"(?P<ymd>(?P<y_a>(?:1[5-9]|20|21)\d{2})[/.](?P<m_a>\d{1,2})[/.](?P<d_a>\d{1,2})(?![\d/]))"
    r"|(?P<numeric>(?P<d_b>\d{1,2})[./-](?P<m_b>\d{1,2})[./-](?P<y_b>\d{4})(?![\d/])"
    + _TIME.replace("_X", "_b")
    + ")"
)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What one language's pattern needs beside the pattern."""

    pattern: re.Pattern[str]
    months: dict[str, int]
    weekdays: dict[str, int]
    words: Words
    american: bool
    language: str


def _any(words: object) -> str:
    longest = sorted((str(w) for w in words), key=len, reverse=True)  # type: ignore[attr-defined]
    return "(?:" + "|".join(re.escape(w).replace(r"\ ", S) for w in longest) + ")" if longest else "(?!)"


def _index(rows: tuple[str, ...]) -> dict[str, int]:
    return {form: i for i, row in enumerate(rows) for form in row.split("|")}


@cache
def lexicon(language: str) -> Lexicon:
    """The lexicon of a language of `wireroom.datewords.LANGUAGES`, compiled once in a process."""
    words = LANGUAGES.get(language, ENGLISH)
    months, weekdays = _index(words.months), _index(words.weekdays)
    months |= {k: v for k, v in _index(ENGLISH.months).items() if len(k) > 3 and k not in months}  # noqa: PLR2004
    mon, wd = _any(months), _any(weekdays)
    parts = [*_absolute(words, mon, wd), _ISO, _COMPACT, _NUMERIC, *_relative(words, mon, wd)]
    # The first letters are asked first: most words of a text begin no date.
    asked = (
        words.inside,
        words.onto,
        words.back,
        words.ahead,
        words.days,
        words.periods,
        filter(None, words.ago),
    )
    others = ("the", "this", "le", "el", "il", "on", *months, *weekdays, *NUMBERS)
    initials = {form[0] for forms in (*asked, others) for form in forms}
    gate = rf"(?<!\w)(?=[\d{''.join(sorted(initials))}])(?<!\d[.,/-])"
    return Lexicon(
        re.compile(f"{gate}(?:{'|'.join(parts)})"),
        months,
        weekdays,
        words,
        american=language == "en",
        language=language,
    )


def _absolute(words: Words, mon: str, wd: str) -> list[str]:
    """Days and months by name, with or without their year."""
    lead = rf"(?:(?:{_any((*words.onto, 'on'))}{S})?{wd}\.?,?{S}\(?)?"  # 'Thursday (Dec 16)'
    of = r"(?:(?:of|de|del|di)[ \u00a0])?"
    mdy = (
        rf"(?P<mdy>{lead}(?P<m_c>{mon})\.?{S}(?P<d_c>\d{{1,2}})(?:st|nd|rd|th)?(?![\w:]|[.,]\d)"
        rf"(?:(?:[ ]?[-\u2013][ ]?|{S}(?:to|and|bis|au|al|a){S})(?P<r_c>\d{{1,2}})(?:st|nd|rd|th)?(?![\w:.-]\d|\w))?"
        rf"(?:,?{S}(?P<y_c>\d{{4}})(?!\w|-\d))?{_TIME.replace('_X', '_c')})"
    )
    dmy = (
        rf"(?P<dmy>{lead}(?:(?:the|le|el|il)[ \u00a0])?(?:(?P<r_d>\d{{1,2}})(?:st|nd|rd|th|[.])?(?:[ ]?[-\u2013][ ]?|{S}(?:to|and|bis|und|au|et|al|y|e|a|i|и|по|ve|en|tot){S}))?(?P<d_d>\d{{1,2}})(?:st|nd|rd|th|er|[.º°ª])?{S}{of}"
        rf"(?P<m_d>{mon})\b\.?(?:,?{S}{of}(?P<y_d>\d{{4}})(?!\w|-\d))?{_TIME.replace('_X', '_d')})"
    )
    dashed = (
        rf"(?P<dashed>(?P<d_j>\d{{1,2}})-(?P<m_j>{mon})-(?P<y_j>\d{{4}})(?!\w|-){_TIME.replace('_X', '_j')})"
    )
    return [mdy, dmy, dashed, rf"(?P<my>(?P<m_e>{mon})\.?,?{S}{of}(?P<y_e>\d{{4}})(?!\w|-\d))"]


def _relative(words: Words, mon: str, wd: str) -> list[str]:
    """What is counted from the day of writing."""
    front, behind = words.ago
    count = rf"(?P<n_a>\d{{1,3}}|{_any(NUMBERS)}){S}(?P<u_a>{_any(words.before_day)})"
    coming = rf"in{S}{count.replace('_a>', '_b>')}(?:[\u2019']{S}?time)?"
    ago = rf"{_any([front])}{S}{count}" if front else rf"{count}{S}{_any([behind])}"
    onto = _any((*words.onto, *words.back, *words.ahead, "this"))
    weekday = (
        rf"(?P<weekday>(?:(?P<how_g>{onto}){S})?(?P<w_g>{wd})\b(?!-)"
        rf"(?:{S}(?:of )?(?P<week_g>last|next|this){S}week\b|{S}(?P<after_g>{_any((*words.back, *words.ahead))})\b"
        rf"(?!{S}(?:month|year)))?(?:{S}\((?P<d_g>\d{{1,2}})(?:st|nd|rd|th)?\))?)"
    )
    how = _any((*words.inside, *words.back, *words.ahead))
    month = (
        rf"(?P<month>(?P<how_f>{how})(?:{S}|-)(?P<m_f>{mon})\b(?![.]?[ \u00a0]\d)"
        rf"(?:{S}(?:of )?(?P<year_f>last|next|this){S}year\b)?)"
    )
    return [
        rf"(?P<ago>{ago}\b)",
        *([rf"(?P<coming>{coming}\b)"] if words is ENGLISH else ()),
        rf"(?P<period>{_any(words.periods)}\b)",
        rf"(?P<days>{_any(words.days)}\b)",
        month,
        rf"(?P<month2>(?P<m_k>{mon}){S}(?:of )?(?P<year_k>last|next|this){S}year\b)",
        weekday,
        rf"(?P<nth>(?:on|by|until|since){S}the{S}(?P<d_n>\d{{1,2}})(?:st|nd|rd|th)(?=[.,;:!?)]|\s*$|{S}(?:and|to|in|at|after|when|with|but)\b))",
        rf"(?P<year>{_any(words.inside)}{S}(?P<y_h>(?:1[5-9]|20|21)\d{{2}})(?!\w|-\d))",
    ]


def lower(text: str) -> str:
    """Lower case, letter by letter, so that places stay places (one capital, the Turkish dotted I, becomes two)."""
    low = text.replace("\u0130", "i").lower()
    return low if len(low) == len(text) else "".join(c if len(c.lower()) != 1 else c.lower() for c in text)
