# ruff: noqa: RUF001 - digits of other scripts are what is read
"""Which witness of a date is believed, and on which day an instant was. All pages are invented."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime

import pytest
from lxml.html import document_fromstring, tostring

from wireroom.datechoice import HIGH, Dates, choose
from wireroom.datestamps import Precision, Stamp, read
from wireroom.datewitness import FIRST, UNKNOWN, WITNESSES, DateCandidate, candidate, rank, witness
from wireroom.datezones import Home, distance, moved
from wireroom.pagedates import find

FETCHED = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
TEXT = "<p>" + "The harbour council sat until late and spoke of ferries and salt. " * 12 + "</p>"


def told(value: str, evidence: str, confidence: float | None = None) -> DateCandidate:
    stamp = read(value) or Stamp(value, Precision.YEAR)
    return candidate(stamp, evidence, confidence)


def chosen(*candidates: DateCandidate) -> Dates:
    return choose(candidates, not_after=FETCHED)


def page(
    published: str | None = None,
    body: str = "",
    *,
    url: str = "https://www.example.com/sea-wall",
    language: str = "en",
    head: str = "",
) -> Dates:
    if published:
        head += f'<meta property="article:published_time" content="{published}">'
    html = (
        f'<html lang="{language}"><head><title>Sea wall rises</title>{head}</head><body><main><article><h1>Sea wall rises</h1>'
        f"{body}{TEXT}</article></main></body></html>"
    )
    return find(document_fromstring(html), url, fetched_at=FETCHED)


def test_a_kind_of_witness_is_one_line_of_the_table():
    names = [line.evidence for line in WITNESSES]
    assert len(set(names)) == len(names)
    assert witness("feed").family == "feed"
    assert witness("meta:article:published_time").evidence == "meta:"
    assert witness("meta:date").evidence == "meta:date"
    assert witness("of a kind nobody listed") is UNKNOWN
    assert rank("url") < rank("jsonld:datePublished") < rank("byline") < rank("htmldate") < rank("unheard of")


def test_no_place_makes_a_witness_worth_more_than_the_table():
    assert told("2026-03-04", "byline", 0.99).confidence == witness("byline").worth
    assert told("2026-03-04", "byline", 0.2).confidence == 0.2


@pytest.mark.parametrize(
    "evidence", [w.evidence for w in WITNESSES if w.worth >= FIRST and w.kind == "published"]
)
def test_one_of_the_first_class_alone_is_high(evidence: str):
    found = chosen(
        told("2026-03-04", evidence + "published" if evidence.endswith(":") else evidence)
    ).published
    assert found is not None
    assert found.confidence >= HIGH


def test_two_families_are_high_and_two_of_one_family_are_one():
    one = chosen(told("2026-03-04", "byline")).published
    two = chosen(told("2026-03-04", "byline"), told("2026-03-04", "time")).published
    both = chosen(told("2026-03-04", "byline"), told("2026-03-04", "url:slug")).published
    assert one is not None
    assert two is not None
    assert both is not None
    assert one.confidence < HIGH
    assert two.confidence < HIGH
    assert both.confidence >= HIGH


def test_a_witness_of_weight_against_it_makes_nothing_high():
    near = chosen(told("2026-03-04", "url"), told("2026-03-05", "byline"))
    far = chosen(told("2026-03-04", "url"), told("2026-02-01", "byline"))
    assert near.published is not None
    assert far.published is not None
    assert (near.conflict, far.conflict) == (False, True)
    assert far.published.confidence < near.published.confidence < HIGH


def test_the_first_in_trust_leads_until_two_families_stand_against_it():
    pair = (told("2026-03-04", "url"), told("2026-02-01T10:00:00+01:00", "jsonld:datePublished"))
    assert (chosen(*pair).why, chosen(*pair).published.value) == ("trust", "2026-03-04")  # type: ignore[union-attr]
    three = chosen(*pair, told("2026-02-01", "byline"))
    assert three.why == "outvoted"
    assert three.published is not None
    assert three.published.value == "2026-02-01T10:00:00+01:00"
    assert three.conflict


def test_a_day_of_utc_in_the_address_gives_way_to_the_local_day():
    found = chosen(told("2026-03-05", "url"), told("2026-03-04T21:30:00-05:00", "jsonld:datePublished"))
    assert found.why == "local day"
    assert found.published is not None
    assert found.published.value == "2026-03-04T21:30:00-05:00"


def test_htmldate_is_no_second_witness():
    alone = chosen(told("2026-03-04", "htmldate")).published
    beside = chosen(told("2026-03-04", "byline"), told("2026-03-04", "htmldate")).published
    assert alone is not None
    assert beside is not None
    assert beside.evidence == "byline"
    assert alone.confidence < beside.confidence < HIGH


def test_nothing_is_published_after_the_archives_capture():
    candidates = (
        told("2026-03-04", "url"),
        told("2026-03-01T10:00:00Z", "archive_capture"),
        told("2026-02-27", "byline"),
    )
    found = chosen(*candidates).published
    assert found is not None
    assert found.value == "2026-02-27"
    assert chosen(told("2026-03-01T10:00:00Z", "archive_capture")).published is None


def test_the_sites_clock_loses_to_any_earlier_day():
    clock = told("2026-03-10T12:00:30Z", "jsonld:datePublished")
    found = chosen(clock, told("2026-03-04", "byline")).published
    assert found is not None
    assert found.value == "2026-03-04"


def test_a_month_is_told_where_nobody_knows_the_day():
    found = chosen(told("2026-03", "url", 0.5), told("2026", "htmldate", 0.15))
    assert found.published is not None
    assert (found.published.value, found.published.precision, found.why) == ("2026-03", "month", "coarse")


def test_a_repeat_lends_its_time_only_to_a_day_that_another_has_confirmed():
    times = (
        told("2026-02-01T10:00:00Z", "time[datetime]"),
        told("2026-03-04T10:15:00+01:00", "time[datetime]", 0.2),
    )
    found = chosen(told("2026-03-04", "url"), *times).published
    assert found is not None
    assert found.value == "2026-03-04T10:15:00+01:00"
    neighbour = chosen(
        told("2026-03-04", "url"), told("2026-03-04T10:15:00+01:00", "jsonld:datePublished", 0.25)
    ).published
    assert neighbour is not None
    assert neighbour.value == "2026-03-04"


def test_a_feeds_time_in_utc_gives_way_to_the_day_its_page_shows():
    found = chosen(told("2021-12-16T03:30:00Z", "feed"), told("2021-12-15", "byline")).published
    assert found is not None
    assert found.value[:10] == "2021-12-15"
    assert datetime.fromisoformat(found.value) == datetime(2021, 12, 16, 3, 30, tzinfo=UTC)


# The reader's day


def test_an_instant_is_on_the_day_of_its_own_zone():
    found = page("2021-12-15T23:30:00-05:00").published
    assert found is not None
    assert found.value == "2021-12-15T23:30:00-05:00"


def test_a_country_with_one_zone_has_its_own_day():
    found = page("2021-12-15T23:30:00Z", url="https://www.example.de/x", language="de").published
    assert found is not None
    assert found.value == "2021-12-16T00:30:00+01:00"
    summer = page("2021-06-15T22:30:00Z", url="https://www.example.de/x", language="de").published
    assert summer is not None
    assert summer.value == "2021-06-16T00:30:00+02:00"


def test_where_the_zone_is_unknown_utc_stays_and_is_not_high_at_night():
    night, noon = page("2021-12-16T03:30:00Z").published, page("2021-12-16T15:30:00Z").published
    assert night is not None
    assert noon is not None
    assert night.value == "2021-12-16T03:30:00+00:00"
    assert night.confidence < HIGH <= noon.confidence


def test_a_visible_day_or_clock_tells_the_zone():
    by_day = page("2021-12-16T03:30:00Z", '<p class="date">December 15, 2021</p>').published
    by_clock = page("2021-12-16T03:30:00Z", '<p class="date">December 15, 2021 9:30 pm</p>').published
    assert by_day is not None
    assert by_clock is not None
    assert by_day.value[:10] == "2021-12-15"
    assert by_clock.value == "2021-12-15T21:30:00-06:00"
    for value in (by_day.value, by_clock.value):
        assert datetime.fromisoformat(value) == datetime(2021, 12, 16, 3, 30, tzinfo=UTC)


def test_a_written_clock_without_a_zone_tells_it_too():
    naive = '<script type="application/ld+json">{"@type":"NewsArticle","datePublished":"2021-12-15T22:30:00"}</script>'
    found = page("2021-12-16T03:30:00Z", head=naive).published
    assert found is not None
    assert found.value == "2021-12-15T22:30:00-05:00"


def test_a_visible_day_that_utc_has_too_moves_nothing():
    found = page(
        "2021-12-15T23:30:00Z",
        '<p class="date">15. Dezember 2021</p>',
        url="https://www.example.de/x",
        language="de",
    ).published
    assert found is not None
    assert found.value == "2021-12-15T23:30:00+00:00"
    assert found.confidence >= HIGH


def test_midnight_in_utc_is_a_day_and_keeps_it():
    found = page("2021-12-15T00:00:00Z", url="https://www.example.com.br/x", language="pt").published
    assert found is not None
    assert found.value[:10] == "2021-12-15"


def test_local_time_misnamed_as_utc_is_not_moved():
    shown = '<time class="published" datetime="2021-12-16T01:30:00-05:00">December 16, 2021</time>'
    found = page("2021-12-16T01:30:00+00:00", shown).published
    assert found is not None
    assert found.value[:10] == "2021-12-16"


def test_a_day_too_far_for_any_zone_moves_nothing():
    found = page("2021-12-16T15:30:00Z", '<p class="date">December 15, 2021</p>').published
    assert found is not None
    assert found.value == "2021-12-16T15:30:00+00:00"
    assert found.confidence < HIGH


@pytest.mark.parametrize(
    ("country", "moment", "minutes"),
    [
        ("de", datetime(2021, 3, 28, 0, 59, tzinfo=UTC), 60), ("de", datetime(2021, 3, 28, 1, 0, tzinfo=UTC), 120),
        ("uk", datetime(2021, 10, 31, 0, 59, tzinfo=UTC), 60), ("uk", datetime(2021, 10, 31, 1, 0, tzinfo=UTC), 0),
        ("au", datetime(2021, 12, 15, tzinfo=UTC), 660), ("au", datetime(2021, 7, 15, tzinfo=UTC), 600),
        ("nz", datetime(2021, 12, 15, tzinfo=UTC), 780), ("in", datetime(2021, 7, 15, tzinfo=UTC), 330),
        ("com", datetime(2021, 7, 15, tzinfo=UTC), None), ("us", datetime(2021, 7, 15, tzinfo=UTC), None),
    ],
)  # fmt: skip
def test_zones_of_countries(country: str, moment: datetime, minutes: int | None):
    assert Home(country, "en").offset(moment) == minutes


def test_distance_of_a_clock_from_an_instant_is_a_zone_or_nothing():
    instant = datetime(2021, 12, 16, 3, 30, 20, tzinfo=UTC)
    assert distance(datetime(2021, 12, 15, 22, 30), instant) == -300  # noqa: DTZ001
    assert distance(datetime(2021, 12, 15, 22, 31), instant) is None  # noqa: DTZ001
    assert distance(datetime(2021, 12, 18, 22, 30), instant) is None  # noqa: DTZ001


def test_the_ends_of_the_calendar_have_zones_too():
    assert moved("0001-01-01T00:00:00+00:00", -300) == "0001-01-01T00:00:00+00:00"
    assert moved("9999-12-31T23:59:59+00:00", 300) == "9999-12-31T23:59:59+00:00"
    assert page("9999-12-31T23:59:59Z").published is None
    assert page("0001-01-01T00:00:00Z").published is None


# The page


def test_the_tree_is_the_same_afterwards():
    html = (
        "<html><head><title>Sea wall</title></head><body><header>Top <i>x</i></header> tail <nav>n</nav> and <div class='related'>r "
        "<p class='date'>3 May 2020</p></div> more <div><h2>Sea wall</h2><aside>a</aside> end </div><footer>f</footer> last</body></html>"
    )
    tree = document_fromstring(html)
    before = tostring(tree)
    find(tree, "https://example.org/x", fetched_at=FETCHED)
    assert tostring(tree) == before


@pytest.mark.parametrize(
    ("language", "url", "shown", "day"),
    [
        ("en-US", "https://e.com/x", "12/05/2021", date(2021, 12, 5)), ("en-GB", "https://e.com/x", "12/05/2021", date(2021, 5, 12)),
        ("en", "https://e.co.uk/x", "12/05/2021", date(2021, 5, 12)), ("fr", "https://e.com/x", "12/05/2021", date(2021, 5, 12)),
        ("en", "https://e.com/x", "25/12/2021", date(2021, 12, 25)), ("th", "https://e.co.th/x", "15 ธันวาคม 2564", date(2021, 12, 15)),
        ("ja", "https://e.jp/x", "令和3年12月15日", date(2021, 12, 15)), ("fa", "https://e.ir/x", "۲۴ آذر ۱۴۰۰", date(2021, 12, 15)),
        ("ar", "https://e.com/x", "١٥ ديسمبر ٢٠٢١", date(2021, 12, 15)), ("hi", "https://e.in/x", "१५ दिसंबर २०२१", date(2021, 12, 15)),
        ("hu", "https://e.hu/x", "2021. december 15.", date(2021, 12, 15)), ("ko", "https://e.kr/x", "2021. 12. 15.", date(2021, 12, 15)),
        ("vi", "https://e.vn/x", "15 tháng 12, 2021", date(2021, 12, 15)), ("cs", "https://e.cz/x", "15. prosince 2021", date(2021, 12, 15)),
    ],
)  # fmt: skip
def test_visible_dates_of_many_countries(language: str, url: str, shown: str, day: date):
    found = page(None, f'<span class="date">{shown}</span>', url=url, language=language).published
    assert found is not None
    assert found.value == day.isoformat()


def test_the_pages_own_dates_tell_the_order_of_day_and_month():
    found = page(
        None, '<span class="date">12/05/2021</span><p>The fair of 25/11/2021 and that of 3/7/2020.</p>'
    ).published
    assert found is not None
    assert found.value == "2021-05-12"


def test_an_abbreviation_of_several_zones_is_read_in_its_country():
    india = page(None, '<p class="date">Dec 15, 2021, 9:14 pm IST</p>').published
    ireland = page(None, '<p class="date">15 Dec 2021, 9:14 pm IST</p>', url="https://e.ie/x").published
    nowhere = page(None, '<p class="date">15 Dec 2021, 21:14 IST</p>', language="fi").published
    assert india is not None
    assert ireland is not None
    assert nowhere is not None
    assert india.value == "2021-12-15T21:14+05:30"
    assert ireland.value == "2021-12-15T21:14+01:00"
    assert (nowhere.value, nowhere.timezone_known) == ("2021-12-15T21:14", False)


def test_what_changed_is_the_last_resort_and_never_high():
    found = page(None, head='<meta property="article:modified_time" content="2021-12-15T10:15:00Z">')
    assert found.published is not None
    assert found.modified is not None
    assert found.published.value == found.modified.value
    assert found.published.confidence < 0.4
    both = page(
        None,
        '<p class="byline">3 December 2021</p>',
        head='<meta property="article:modified_time" content="2021-12-15T10:15:00Z">',
    )
    assert both.published is not None
    assert both.published.value == "2021-12-03"


def test_the_longest_of_several_articles_is_the_pages_and_a_list_has_none():
    def html(*texts: str) -> str:
        rows = "".join(
            f"<article><time datetime='2021-12-{at + 10}'>x</time>{text}</article>"
            for at, text in enumerate(texts)
        )
        return (
            f"<html lang='en'><head><title>Sea wall</title></head><body><h1>Sea wall</h1>{rows}</body></html>"
        )

    one = find(
        document_fromstring(html("<p>teaser</p>", TEXT, "<p>teaser</p>")),
        "https://e.com/x",
        fetched_at=FETCHED,
    )
    assert one.published is not None
    assert one.published.value == "2021-12-11"
    several = find(document_fromstring(html(TEXT, TEXT, TEXT)), "https://e.com/x", fetched_at=FETCHED)
    assert several.published is None


def test_an_unlabelled_clock_before_the_headline_is_no_date():
    html = f"<html lang='en'><head><title>Sea wall</title></head><body><div>March 10, 2026 11:58</div><h1>Sea wall</h1>{TEXT}</body></html>"
    assert find(document_fromstring(html), "https://e.com/x", fetched_at=FETCHED).published is None


@pytest.mark.parametrize(
    "body",
    [
        '<time datetime="2026-01-02">x</time>' * 5_000, '<span class="date">3 May 2020</span>' * 5_000, '<div class="widget">3 May 2020</div>' * 5_000,
        '<div class="date">' * 200 + "x " * 100_000 + "</div>" * 200, "<div><footer>" * 100 + "x " * 100_000 + "</footer></div>" * 100,
        "<article><h1>Sea wall</h1><time>3 May 2020</time></article>" * 2_000, "<p>" + "12/12/2021 " * 20_000, "<p>" + "1" * 200_000,
        "<script>" + "publishedAt " * 20_000 + "</script>", '<div class="' + "date " * 50_000 + '">3 May 2020</div>', '<meta name="date" content="x">' * 5_000,
    ],
    ids=lambda body: body[:20],
)  # fmt: skip
def test_hostile_pages_end(body: str):
    tree = document_fromstring(
        f"<html lang='en'><head><title>Sea wall</title></head><body>{body}</body></html>"
    )
    begun = time.process_time()
    found = find(tree, "https://e.com/x", fetched_at=FETCHED)
    assert time.process_time() - begun < 5
    assert len(found.candidates) <= 24


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("20211215101500", "2021-12-15T10:15:00"), ("202112151015", "2021-12-15T10:15"), ("1639563300", "2021-12-15T10:15:00+00:00"),
        ("1639563300123", "2021-12-15T10:15:00+00:00"), ("Wed Dec 15 10:15:00 CET 2021", "2021-12-15T10:15:00+01:00"),
        ("Wed Dec 15 2021 10:15:00 GMT+0100 (CET)", "2021-12-15T10:15:00+01:00"), ("Wed Foo 15 10:15:00 2021", None), ("20211315", None),
    ],
)  # fmt: skip
def test_what_clocks_of_programs_print(text: str, value: str | None):
    found = read(text)
    assert (found.value if found else None) == value
