"""Hard cases of publication dates and of dates in a text. All pages and sentences are invented."""
# ruff: noqa: RUF001, UP031 - letters of other scripts are the point of some cases; the braces are the JSON's

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wireroom import dates
from wireroom.dates import DateCandidate, Precision, choose, enrich, header_candidate, mentions
from wireroom.datestamps import read
from wireroom.extract import Page, extract

FETCHED = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
URL = "https://www.example.org/news/sea-wall"
BODY = "".join(
    f"<p>Part {n}: the harbour council sat until late and spoke of the sea wall, the ferries and the price of salt.</p>"
    for n in "abcdefgh"
)


def page(
    head: str = "",
    before: str = "",
    after: str = "",
    *,
    url: str = URL,
    last_modified: str | None = None,
    outer: str = "",
) -> Page:
    html = (
        f"<!doctype html><html lang='en'><head><title>Sea wall rises</title>{head}</head><body>{outer}"
        f"<article><h1>Sea wall rises</h1>{before}{BODY}{after}</article></body></html>"
    )
    return Page(html.encode(), url, "text/html; charset=utf-8", last_modified, FETCHED)


def chosen(page: Page) -> dates.Dates:
    return choose(extract(page, mode="fast").candidates, not_after=page.fetched_at)


def ld(text: str) -> str:
    return f'<script type="application/ld+json">{text}</script>'


def meta(name: str, content: str) -> str:
    return f'<meta property="{name}" content="{content}">'


ARTICLE = '"@type":"NewsArticle","headline":"Sea wall rises"'


@dataclass(frozen=True)
class Case:
    name: str
    page: Page
    value: str | None
    evidence: str | None = None


CASES = [
    Case("json-ld with a zone", page(ld('{%s,"datePublished":"2026-03-04T10:15:00+01:00"}' % ARTICLE)), "2026-03-04T10:15:00+01:00", "jsonld:datePublished"),
    Case("json-ld in a graph", page(ld('{"@context":"x","@graph":[{"@type":"WebSite"},{%s,"datePublished":"2026-03-04T10:15:00Z"}]}' % ARTICLE)), "2026-03-04T10:15:00+00:00"),
    Case("json-ld list of lists", page(ld('[[{%s,"datePublished":["2026-03-04T10:15"]}]]' % ARTICLE)), "2026-03-04T10:15"),
    Case("type as list and address", page(ld('{"@type":["https://schema.org/ReportageNewsArticle"],"datePublished":"2026-03-04"}')), "2026-03-04"),
    Case("zone without colon", page(ld('{%s,"datePublished":"2026-03-04T10:15:00.123+0100"}' % ARTICLE)), "2026-03-04T10:15:00+01:00"),
    Case("half-hour zone", page(ld('{%s,"datePublished":"2026-03-04T00:15:00+05:30"}' % ARTICLE)), "2026-03-04T00:15:00+05:30"),
    Case("seconds since 1970", page(ld('{%s,"datePublished":"1772619300"}' % ARTICLE)), "2026-03-04T10:15:00+00:00"),
    Case("control character in json-ld", page(ld('{%s,"description":"a\nb\tc","datePublished":"2026-03-04"}' % ARTICLE)), "2026-03-04"),
    Case("broken json-ld", page(ld('{%s,"description":"he said "no"","datePublished":"2026-03-04T10:15:00Z",}' % ARTICLE)), "2026-03-04T10:15:00+00:00"),
    Case("related articles in json-ld", page(
        ld('[{"@type":"NewsArticle","url":"https://www.example.org/news/other","datePublished":"2026-02-01T08:00:00Z"},'
           '{"@type":"NewsArticle","url":"%s","datePublished":"2026-03-04T10:15:00Z"}]' % URL)), "2026-03-04T10:15:00+00:00"),
    Case("item list of neighbours is not read", page(
        ld('{"@type":"ItemList","itemListElement":[{"@type":"NewsArticle","datePublished":"2026-02-01"}]}')
        + meta("article:published_time", "2026-03-04T10:15:00Z")), "2026-03-04T10:15:00+00:00"),
    Case("meta alone", page(meta("article:published_time", "2026-03-04T10:15:00-05:00")), "2026-03-04T10:15:00-05:00", "meta:article:published_time"),
    Case("meta in words", page('<meta name="pubdate" content="March 4, 2026 10:15 am EST">'), "2026-03-04T10:15-05:00"),
    Case("meta as rfc 5322", page('<meta name="publishdate" content="Wed, 04 Mar 2026 10:15:00 GMT">'), "2026-03-04T10:15:00+00:00"),
    Case("compact meta", page('<meta name="date" content="20260304">'), "2026-03-04"),
    Case("microdata", page(before='<span itemprop="datePublished" content="2026-03-04T10:15:00+01:00">4 March</span>'), "2026-03-04T10:15:00+01:00", "itemprop:datePublished"),
    Case("time with datetime", page(before='<time datetime="2026-03-04T10:15:00+01:00">last week</time>'), "2026-03-04T10:15:00+01:00", "time[datetime]"),
    Case("time in words", page(before="<time>4 March 2026, 10:15 GMT</time>"), "2026-03-04T10:15+00:00"),
    Case("byline in words", page(before='<p class="byline">By Ada Tern | March 4, 2026 | 9:14 pm IST</p>'), "2026-03-04T21:14+05:30", "byline"),
    Case("day in the address", page(url="https://www.example.org/2026/03/04/sea-wall"), "2026-03-04", "url"),
    Case("address and utc agree", page(meta("article:published_time", "2026-03-04T10:15:00Z"), url="https://example.org/2026/03/04/x"), "2026-03-04T10:15:00+00:00"),
    Case("utc is written in the page's zone", page(
        ld('{%s,"datePublished":"2026-03-05T02:15:00Z"}' % ARTICLE) + meta("article:modified_time", "2026-03-05T08:00:00-05:00")), "2026-03-04T21:15:00-05:00"),
    Case("copyright year in the footer", page(outer="<footer>&copy; 2026 Harbour News</footer>"), None),
    Case("copyright line with a date", page(outer='<div class="copyright">Copyright 1 January 2026</div>'), None),
    Case("site clock in the masthead", page(outer="<header><div class='date'>Tuesday, March 10, 2026</div></header>"), None),
    Case("site clock by class", page(outer="<div class='current-date'>Tuesday, March 10, 2026</div>"), None),
    Case("clock does not beat the byline", page(
        before='<p class="published-on">Published 4 March 2026</p>', outer="<div class='clock'>Tuesday, March 10, 2026</div>"), "2026-03-04"),
    Case("comments", page(before="<time datetime='2026-03-04'>4 March</time>",
                          after='<div class="comments"><time datetime="2026-03-05T11:00:00Z">x</time></div>'), "2026-03-04"),
    Case("only comments", page(after='<section id="comments"><article><time datetime="2026-03-05T11:00:00Z">x</time></article></section>'), None),
    Case("related teasers", page(before='<p class="byline">4 March 2026</p>',
                                 outer='<aside class="related"><time datetime="2026-03-08">x</time></aside>'), "2026-03-04"),
    Case("future date", page(meta("article:published_time", "2031-01-01T00:00:00Z") + ld('{%s,"datePublished":"2026-03-04"}' % ARTICLE)), "2026-03-04"),
    Case("only a future date", page(meta("article:published_time", "2031-01-01T00:00:00Z")), None),
    Case("tomorrow in the east is today", page(meta("article:published_time", "2026-03-11T00:30:00+13:00")), "2026-03-11T00:30:00+13:00"),
    Case("empty field of a system", page(meta("article:published_time", "1970-01-01T00:00:00Z")), None),
    Case("year 1", page(meta("article:published_time", "0001-01-01T00:00:00")), None),
    Case("no calendar date", page(meta("article:published_time", "2026-13-40")), None),
    Case("modified is not published", page(meta("article:modified_time", "2026-03-05T10:15:00Z") + meta("article:published_time", "2026-03-04")), "2026-03-04"),
    Case("change before publication in one line", page(
        before="<span>Last Updated: Mar 05, 2026, 21:14 IST | First Published: Mar 04, 2026, 09:00 IST</span>"), "2026-03-04T09:00+05:30"),
    Case("change before publication, marked and short", page(
        before='<span class="date">Edited 5.3.2026 Published 4.3.2026</span>', url="https://www.example.co.uk/x"), "2026-03-04"),
    Case("local time named UTC", page(
        ld('{%s,"datePublished":"2026-03-04T10:15:00+01:00"}' % ARTICLE) + meta("article:published_time", "2026-03-04T10:15:00Z")),
        "2026-03-04T10:15:00+01:00", "meta:article:published_time"),
    Case("updated line", page(before='<p class="byline">Updated 5 March 2026</p><p class="post-date">4 March 2026</p>'), "2026-03-04"),
    Case("the headline's wrapper is no neighbour", page(
        before='<div class="latest"><article><h1>Sea wall</h1><p class="byline">4 March 2026</p></article></div>'), "2026-03-04"),
    Case("two days after the fetch", page(meta("article:published_time", "2026-03-11T23:00:00Z")), None),
    Case("many dates, none labelled", page(after="".join(f"<div class='date'>32 Foo 20{i % 90:02d} bar {i}</div>" for i in range(400))), None),
    Case("german page", page(before='<p class="article-date">Mittwoch, 4. März 2026, 10:15 Uhr</p>'), None),
    Case("nothing at all", page(), None),
]  # fmt: skip


@pytest.mark.parametrize("case", [c for c in CASES if c.name != "german page"], ids=lambda c: c.name)
def test_publication_date(case: Case):
    found = chosen(case.page).published
    assert (found.value if found else None) == case.value
    if case.evidence:
        assert found is not None
        assert found.evidence == case.evidence


def test_a_line_tells_publication_and_change():
    found = chosen(page(before="<p>Published 4 March 2026, 9:14 pm | Updated 5 March 2026, 8:00 am</p>"))
    assert found.published is not None
    assert found.modified is not None
    assert (found.published.value, found.modified.value) == ("2026-03-04T21:14", "2026-03-05T08:00")


def test_the_page_language_reads_its_bylines():
    html = page(before='<p class="article-date">Mittwoch, 4. März 2026, 10:15 Uhr</p>').body.replace(
        b"lang='en'", b"lang='de-AT'"
    )
    found = chosen(Page(html, URL, "text/html", None, FETCHED)).published
    assert found is not None
    assert found.value == "2026-03-04T10:15"


def test_good_witnesses_that_differ_are_a_conflict_with_less_confidence():
    agreed = chosen(
        page(
            meta("article:published_time", "2026-03-04T10:00:00Z")
            + ld('{%s,"datePublished":"2026-03-04T10:00:00Z"}' % ARTICLE)
        )
    )
    apart = chosen(
        page(
            meta("article:published_time", "2026-02-04T10:00:00Z")
            + ld('{%s,"datePublished":"2026-03-04T10:00:00Z"}' % ARTICLE)
        )
    )
    assert not agreed.conflict
    assert apart.conflict
    assert agreed.published is not None
    assert apart.published is not None
    assert apart.published.confidence < 0.8 < agreed.published.confidence


def test_the_address_decides_between_two_equal_witnesses():
    found = chosen(page(
        meta("article:published_time", "2026-02-04T10:00:00Z") + ld('{%s,"datePublished":"2026-03-04T10:00:00Z"}' % ARTICLE),
        url="https://example.org/2026/02/04/sea-wall",
    ))  # fmt: skip
    assert found.published is not None
    assert found.published.value == "2026-02-04T10:00:00+00:00"


def test_a_day_apart_is_a_matter_of_zones_not_a_conflict():
    found = chosen(
        page(
            ld('{%s,"datePublished":"2026-03-05T02:00:00Z"}' % ARTICLE),
            url="https://example.org/2026/03/04/x",
        )
    )
    assert not found.conflict


def test_modified_stands_apart_and_never_before_publication():
    both = chosen(
        page(
            meta("article:modified_time", "2026-03-05T10:15:00Z")
            + meta("article:published_time", "2026-03-04T10:00:00Z")
        )
    )
    assert both.modified is not None
    assert both.modified.value == "2026-03-05T10:15:00+00:00"
    wrong = chosen(
        page(
            meta("article:modified_time", "2026-03-01T10:15:00Z")
            + meta("article:published_time", "2026-03-04T10:00:00Z")
        )
    )
    assert wrong.modified is None


def test_last_modified_is_a_weak_witness_of_change():
    found = chosen(
        page(meta("article:published_time", "2026-03-04"), last_modified="Thu, 05 Mar 2026 08:00:00 GMT")
    )
    assert found.modified is not None
    assert (found.modified.evidence, found.modified.value) == (
        "http:last-modified",
        "2026-03-05T08:00:00+00:00",
    )
    assert found.modified.confidence <= 0.3


def test_a_header_is_the_date_of_a_file():
    found = choose((header_candidate(date(2026, 3, 4)),), not_after=None)
    assert found.published is not None
    assert (found.published.value, found.published.precision, found.published.evidence) == (
        "2026-03-04",
        "day",
        "header",
    )


def test_choice_does_not_depend_on_the_order():
    told = extract(
        page(meta("article:published_time", "2026-03-04T10:00:00Z"), url="https://example.org/2026/03/04/x"),
        mode="fast",
    ).candidates
    assert choose(told, not_after=FETCHED) == choose(tuple(reversed(told)), not_after=FETCHED)


@given(
    st.lists(
        st.builds(
            lambda moment, evidence, confidence, kind: DateCandidate(
                moment.isoformat(timespec="seconds"), Precision.SECOND, timezone_known=True, evidence=evidence, confidence=confidence, kind=kind,
            ),
            st.datetimes(
                min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1),  # noqa: DTZ001
                timezones=st.integers(-12, 14).map(lambda h: timezone(timedelta(hours=h))),
            ),
            st.sampled_from(["url", "jsonld:datePublished", "meta:date", "htmldate"]),
            st.floats(0, 1),
            st.sampled_from(["published", "modified"]),
        ),
        max_size=6,
    )
)  # fmt: skip
@settings(max_examples=100, deadline=None)
def test_nothing_chosen_is_after_the_fetch(told: list[DateCandidate]):
    found = choose(tuple(told), not_after=FETCHED)
    for value in (found.published, found.modified):
        if value is not None:
            assert datetime.fromisoformat(value.value) <= FETCHED + timedelta(days=3)
            assert 0 < value.confidence <= 0.99


PAPER = date(2021, 12, 16)  # a Thursday
PHRASES = {
    "The speaker left on Wednesday.": [("on Wednesday", "2021-12-15", "day")],
    "They met on Thursday (15) by video.": [("on Thursday (15)", "2021-12-15", "day")],
    "It opened on Thursday.": [("on Thursday", "2021-12-16", "day")],
    "It opened last Thursday.": [("last Thursday", "2021-12-09", "day")],
    "It opens next Thursday.": [("next Thursday", "2021-12-23", "day")],
    "The council will vote on Monday.": [("on Monday", "2021-12-20", "day")],
    "He will go, his office said on Monday.": [("on Monday", "2021-12-13", "day")],
    "Prices rose last month.": [("last month", "2021-11", "month")],
    "The games in February come first.": [("in February", "2022-02", "month")],
    "The wall fell in May.": [("in May", "2021-05", "month")],
    "The dam broke in July 2019.": [("July 2019", "2019-07", "month")],
    "He spoke on Thursday (Dec 16) of it.": [("on Thursday (Dec 16)", "2021-12-16", "day")],
    "on Wednesday (15 December 2021), she": [("on Wednesday (15 December 2021)", "2021-12-15", "day")],
    "It opens Tuesday at 3 p.m. and closes.": [("Tuesday at 3 p.m.", "2021-12-14T15:00", "minute")],
    "It began on Friday, 9:14 pm IST, in Oslo.": [
        ("on Friday, 9:14 pm IST", "2021-12-10T21:14+05:30", "minute")
    ],
    "It began at 3pm EST on Dec 14 in Oslo.": [("3pm EST on Dec 14", "2021-12-14T15:00-05:00", "minute")],
    "It drew on Tuesday 3 people.": [("on Tuesday", "2021-12-14", "day")],
    "Updated: Dec 15, 9:14 pm IST": [("Dec 15, 9:14 pm IST", "2021-12-15T21:14+05:30", "minute")],
    "No 20211216 in the archive": [("20211216", "2021-12-16", "day")],
    "SALTPORT, Dec 15 (HNA) - Ferries": [("Dec 15", "2021-12-15", "day")],
    "Earlier on Wednesday he spoke": [("Earlier on Wednesday", "2021-12-15", "day")],
    "yesterday and two weeks ago": [
        ("yesterday", "2021-12-15", "day"),
        ("two weeks ago", "2021-12-02", "day"),
    ],
    "since 2014": [("since 2014", "2014", "year")],
    "at 2021-12-15T10:15:00Z sharp": [("2021-12-15T10:15:00Z", "2021-12-15T10:15:00+00:00", "second")],
    "by 12/25/2021 or 03/04/2022": [("12/25/2021", "2021-12-25", "day"), ("03/04/2022", "2022-03-04", "day")],
    "The 4th of July 2020 was loud": [("The 4th of July 2020", "2020-07-04", "day")],
    "due by Jan. 5": [("Jan. 5", "2022-01-05", "day")],
    "In February last year and mid-December": [
        ("In February last year", "2020-02", "month"),
        ("mid-December", "2021-12", "month"),
    ],
    "They spoke on Tuesday last week": [("on Tuesday last week", "2021-12-07", "day")],
    "printed 15-Dec-2021, this morning": [
        ("15-Dec-2021", "2021-12-15", "day"),
        ("this morning", "2021-12-16", "day"),
    ],
    "Thu 16 Dec 2021 10.15 GMT": [("Thu 16 Dec 2021 10.15 GMT", "2021-12-16T10:15+00:00", "minute")],
    "She may march with 20 people; the sun sat.": [],
    "On 32 December 2021 and February 30, 2021": [],
    "Black Friday sales in the Sunday Times": [],
    "in 2014 people": [],
}


@pytest.mark.parametrize("text", PHRASES)
def test_phrases_are_resolved_against_the_paper(text: str):
    assert [(m.text, m.value, m.precision) for m in mentions(text, PAPER, "en")] == PHRASES[text]


LANGUAGES = {
    "de": "Am Mittwoch, 15. Dezember 2021 um 10.30 Uhr",
    "fr": "Le mercredi 15 décembre 2021",
    "es": "el 15 de diciembre de 2021",
    "pt": "em 15 de dezembro de 2021",
    "it": "mercoledì 15 dicembre 2021",
    "nl": "woensdag 15 december 2021",
    "pl": "w środę, 15 grudnia 2021 r.",
    "ru": "в среду, 15 декабря 2021 года",
    "tr": "15 Aralık 2021",
    "ja": "2021年12月15日に",
    "zh": "于2021年12月15日",
    "ko": "2021년 12월 15일",
    "sv": "den 15 december 2021",
    "cs": "dne 15. prosince 2021",
}


@pytest.mark.parametrize("code", LANGUAGES)
def test_full_dates_of_the_webs_languages(code: str):
    (found,) = mentions(LANGUAGES[code], PAPER, code)
    assert found.value[:10] == "2021-12-15"


@given(
    st.text(
        alphabet=st.sampled_from("on Wednesday Dec 15, 2021 9:14 pm İı\U0001f30a年月日\n()0123456789./-"),
        max_size=200,
    ),
    st.dates(),
)
@settings(max_examples=200, deadline=None)
def test_offsets_are_exact_and_nothing_raises(text: str, published: date):
    last = 0
    for code in ("en", "ja", "tr"):
        last = 0
        for m in mentions(text, published, code):
            assert text[m.start : m.end] == m.text
            assert m.start >= last
            last = m.end
            assert read(m.value) is not None or len(m.value) == 4
    assert last <= len(text)


@pytest.mark.parametrize("published", [date(1, 1, 1), date(9999, 12, 31)])
def test_the_ends_of_the_calendar(published: date):
    text = "yesterday, tomorrow, last month, next year, on Monday, 3 years ago, in May, Dec 31, 0001-01-01, 9999-12-31"
    assert {"0001-01-01", "9999-12-31"} <= {m.value for m in mentions(text, published, "en")}


def test_without_a_publication_date_only_full_dates_are_told():
    assert [m.value for m in mentions("on Monday, Dec 15, yesterday, 5 May 2020", None, "en")] == [
        "2020-05-05"
    ]


@pytest.mark.parametrize(
    "unit", ["1234567890", "1 ", "on ", "May ", "12/12/2021 ", "a b ", " ", "Dec 15, ", "2021年", "9:9 "]
)
def test_megabytes_of_anything_end(unit: str):
    size = 5_000_000 if unit.isdigit() else 1_000_000
    text = unit * (size // len(unit))
    start = time.process_time()
    found = mentions(text, PAPER, "en")
    assert time.process_time() - start < 10
    assert len(found) <= 1_000


def test_the_field_of_the_event_is_json_and_complete():
    text = "SALTPORT, 4 March 2026 (HNA) - The wall rose on Tuesday."
    field = enrich(text, (), fetched_at=FETCHED, language="en")
    again = orjson.loads(orjson.dumps(field))
    assert set(again) == {"published", "modified", "candidates", "mentions", "conflict"}
    assert again["published"] == {
        "value": "2026-03-04", "precision": "day", "timezone_known": False, "evidence": "dateline", "confidence": 0.4,
    }  # fmt: skip
    assert [m["value"] for m in again["mentions"]] == ["2026-03-04", "2026-03-03"]
    assert set(again["mentions"][0]) == {"text", "start", "end", "value", "precision"}
    assert again["modified"] is None


@pytest.mark.parametrize(
    "text", ["", "word", "7" * 100, "\u202eabc\u0634", "https://example.org/2026/03/04/x"]
)
def test_poor_texts_give_an_empty_field(text: str):
    field = enrich(text, (), fetched_at=None, language=None)
    assert field["published"] is None
    assert field["conflict"] is False
