# ruff: noqa: RUF001 - letters of other scripts are what is read
"""Dates as news writes them, in many scripts and calendars, and what hostile texts do to their patterns. All invented."""

from __future__ import annotations

import time
from datetime import date

import pytest

from wireroom.dateforeign import foreign_dates
from wireroom.datenames import full_dates, western
from wireroom.datephrases import MAX_MENTIONS, mentions
from wireroom.dateread import MAX_LINE, Reading, full_days

PAPER = date(2021, 12, 16)  # a Thursday

SENTENCES = {
    ("en", "They met on the 15th."): [("on the 15th", "2021-12-15")],
    ("en", "They will meet on the 20th."): [("on the 20th", "2021-12-20")],
    ("en", "On the 15th floor of the 20th century tower"): [],
    ("en", "The fair runs Dec 3-5 in Vardo."): [("Dec 3", "2021-12-03"), ("5", "2021-12-05")],
    ("en", "The fair ran 3-5 December 2020."): [("3", "2020-12-03"), ("5 December 2020", "2020-12-05")],
    ("en", "Profits fell in Q3 and in fiscal 2022, as in the 1990s."): [],
    ("en", "Rates rise from January."): [("from January", "2022-01")],
    ("en", "It came a fortnight ago, half a year ago."): [("a fortnight ago", "2021-12-02")],
    ("en", "It will open in two weeks. It rose twice in two weeks."): [("in two weeks", "2021-12-30")],
    ("en", "He spoke at 9:14 p.m. on Wednesday."): [("9:14 p.m. on Wednesday", "2021-12-15T21:14")],
    ("de", "Guten Morgen, sagte er."): [],
    ("de", "Er kommt morgen."): [("morgen", "2021-12-17")],
    ("es", "Llega mañana por la mañana."): [("mañana", "2021-12-17")],
    ("pt", "Foi na última sexta-feira."): [("na última sexta-feira", "2021-12-10")],
    ("ru", "Это было в прошлую пятницу."): [("в прошлую пятницу", "2021-12-10")],
    ("tr", "İki hafta önce geldi."): [("İki hafta önce", "2021-12-02")],
    ("fr", "C'était en mai."): [("en mai", "2021-05")],
    ("fr", "Publié le 15/12/2021 à 10h15."): [("15/12/2021 à 10h15", "2021-12-15T10:15")],
    ("ja", "議長は15日に退任した。"): [("15日", "2021-12-15")],
    ("ja", "先週の金曜日から15日間の旅。"): [("先週の金曜日", "2021-12-10")],
    ("ja", "２０２１年１２月１５日に決まった。"): [("２０２１年１２月１５日", "2021-12-15")],
    ("zh", "主席周三辞职，上周五开会，下周二投票。"): [
        ("周三", "2021-12-15"),
        ("上周五", "2021-12-10"),
        ("下周二", "2021-12-21"),
    ],
    ("zh", "3天前，2021年12月15日 10:15"): [
        ("3天前", "2021-12-13"),
        ("2021年12月15日 10:15", "2021-12-15T10:15"),
    ],
    ("ko", "의장은 수요일 사임했다. 2주 전"): [("수요일", "2021-12-15"), ("2주 전", "2021-12-02")],
    ("ar", "تحدث يوم الأربعاء ووصل أمس قبل أسبوعين."): [
        ("يوم الأربعاء", "2021-12-15"),
        ("أمس", "2021-12-15"),
        ("قبل أسبوعين", "2021-12-02"),
    ],
    ("ar", "في 3 ديسمبر."): [("3 ديسمبر", "2021-12-03")],
    ("ar", "كان ذلك في 12/05/2021."): [("12/05/2021", "2021-05-12")],
    ("hi", "अध्यक्ष ने बुधवार को बात की।"): [("बुधवार", "2021-12-15")],
    ("hi", "कल हुआ।"): [("कल", "2021-12-15")],
    ("hi", "बैठक कल होगी और चलेगा।"): [("कल", "2021-12-17")],
    ("sv", "Det hände den 15 december 2021."): [("15 december 2021", "2021-12-15")],
}


@pytest.mark.parametrize(("language", "text"), SENTENCES)
def test_what_a_sentence_means(language: str, text: str):
    found = mentions(text, PAPER, language)
    assert [(m.text, m.value) for m in found] == SENTENCES[language, text]
    assert all(text[m.start : m.end] == m.text for m in found)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("۱ فروردین ۱۴۰۳", "2024-03-20"), ("۳۰ اسفند ۱۳۹۹", "2021-03-20"), ("۱ فروردین ۱۴۰۴", "2025-03-21"),
        ("۱ فروردین ۱۳۹۵", "2016-03-20"), ("۱۵ دی ۱۳۵۷", "1979-01-05"), ("15 ธ.ค. 2564", "2021-12-15"), ("昭和64年1月7日", "1989-01-07"),
        ("平成31年4月30日", "2019-04-30"), ("令和元年5月1日", "2019-05-01"), ("15 كانون الأول 2021", "2021-12-15"),
    ],
)  # fmt: skip
def test_other_calendars(text: str, day: str):
    (found,) = list(full_dates(western(text), None))
    assert found[2].value == day


def test_digits_keep_their_places():
    text = "١٢ ۱۲ १२ ১২ ๑๒ １２ 12"
    assert western(text) == " ".join(["12"] * 7)
    assert len(western(text)) == len(text)


@pytest.mark.parametrize(
    "text", ["32 December 2021", "30 February 2021", "2021-13-40", "15.13.2021", "00/00/0000", "99/99/9999"]
)
def test_what_the_calendar_does_not_have(text: str):
    assert full_days(text, Reading("en", fetched=PAPER)) == []
    assert mentions(text, PAPER, "en") == ()


@pytest.mark.parametrize(("text", "year"), [("15.12.21", 2021), ("15.12.22", 1922), ("15.12.99", 1999)])
def test_a_year_of_two_digits_is_not_after_the_fetch(text: str, year: int):
    ((_, _, found),) = full_days(text, Reading("de", fetched=PAPER))
    assert found.day.year == year


def test_a_line_is_cut_before_it_is_read():
    assert full_days(" " * MAX_LINE + "15.12.2021", Reading("de")) == []


UNITS = [
    "1 ", "12/12/2021 ", "Dec 15, ", "2021年", "3日", "上个", "قبل ", "म ", "a.b.", "Dec 3-", "12:12:", "x" * 20 + " ", "1 aaaaaaaaaaaaaaaa ",
    "2021-12-", "vor ", "5. ", "\u00a0", "\u202eab\u0634 ", "9" * 50, "on the ", "3-", "d'",
]  # fmt: skip


@pytest.mark.parametrize("language", ["en", "de", "ar", "ja", "hi", "xx"])
def test_time_grows_with_the_text_and_with_nothing_else(language: str):
    # Eight times the text takes about eight times as long; a pattern that backtracks takes sixty-four.
    for unit in UNITS:
        small, large = (_seconds(unit * (size // len(unit)), language) for size in (5_000, 40_000))
        assert large < 24 * small + 0.2, unit


def _seconds(text: str, language: str) -> float:
    begun = time.process_time()
    mentions(text, PAPER, language)
    return time.process_time() - begun


def test_a_hundred_thousand_dates_are_read_to_the_cap():
    text = "Lamps were lit on 15 December 2021 and then put out; " * 100_000
    found = mentions(text, PAPER, "en")
    assert len(text) > 5_000_000
    assert len(found) == MAX_MENTIONS
    assert all(m.value == "2021-12-15" for m in found)


def test_only_words_that_no_table_knows_are_asked_of_the_slow_parser():
    known = list(foreign_dates("15 prosince 2021", PAPER, "cs"))
    assert [found[2].value for found in known] == ["2021-12-15"]
    unknown = list(foreign_dates("15 desemba 2021", PAPER, "sw"))  # Swahili has no table here
    assert [found[2].value for found in unknown] == ["2021-12-15"]
