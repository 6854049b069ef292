"""When a page is looked at again, as plain values: the laws of the rule, whatever the numbers."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireroom import freshness
from wireroom.freshness import (
    GONE,
    MISSES,
    RARELY,
    Bounds,
    Found,
    Host,
    Look,
    begun,
    learnt,
    over,
    published_since,
    room,
    wait,
)

HOUR, DAY = 3600.0, 86400.0
NOW = 2_000_000_000.0
BOUNDS = Bounds(HOUR, 30 * DAY, 60 * DAY)
URL = "https://larnevale.example/ferry"

ids = st.integers(0, 2**64 - 1).map(lambda n: f"{n:016x}")
spans = st.floats(0.001, 1e8)
ages = st.floats(0, 1e9)
bounds = st.tuples(spans, spans, spans).map(lambda s: Bounds(min(s[:2]), max(s[:2]), s[2]))
found = st.sampled_from([*Found])


@st.composite
def histories(draw: st.DrawFn) -> tuple[Look, Bounds, float, str]:
    """A schedule as any row of looks may have left it, when that was, and whose it is."""
    allowed, now = draw(bounds), NOW
    look = begun(URL, draw(found), now - draw(ages), now, allowed)
    for kind, later in draw(st.lists(st.tuples(found, ages), max_size=8)):
        now += later
        look = learnt(look, kind, now, allowed)
    return look, allowed, now, draw(ids)


@given(histories())
def test_no_wait_is_shorter_or_longer_than_is_allowed(history: tuple[Look, Bounds, float, str]) -> None:
    look, allowed, _, did = history
    assert allowed.shortest <= wait(look, did, allowed) <= allowed.longest
    assert allowed.shortest <= look.interval <= allowed.longest


@given(ages, ages, bounds, ids)
def test_the_older_a_new_document_the_longer_it_waits(
    one: float, other: float, allowed: Bounds, did: str
) -> None:
    young, old = (
        wait(begun(URL, Found.NEW, NOW - age, NOW, allowed), did, allowed) for age in sorted((one, other))
    )
    assert young <= old


@given(histories(), ages)
def test_a_change_shortens(history: tuple[Look, Bounds, float, str], later: float) -> None:
    look, allowed, now, did = history
    after = learnt(look, Found.CHANGED, now + later, allowed)
    assert after.interval == max(allowed.shortest, look.interval * freshness.SHRINK)
    assert wait(after, did, allowed) <= wait(look, did, allowed)


@given(histories(), ages)
def test_no_change_never_shortens_and_lengthens_when_it_was_due(
    history: tuple[Look, Bounds, float, str], later: float
) -> None:
    look, allowed, now, _ = history
    after = learnt(look, Found.UNCHANGED, now + later, allowed)
    assert after.interval >= look.interval
    if now + later - look.looked >= look.interval:
        assert after.interval >= min(allowed.longest, look.interval * freshness.GROW)


@given(histories(), ages)
def test_a_page_that_is_back_is_looked_at_as_before(
    history: tuple[Look, Bounds, float, str], later: float
) -> None:
    look, allowed, now, did = history
    lost = learnt(learnt(look, Found.GONE, now, allowed), Found.ASKED, now, allowed)
    assert lost.interval == look.interval
    assert wait(lost, did, allowed) >= wait(look, did, allowed)
    back = learnt(lost, Found.UNCHANGED, now + later, allowed)
    assert (back.gone, back.misses) == (0, 0)


def test_many_looks_at_once_teach_nothing() -> None:
    look = begun(URL, Found.NEW, NOW, NOW, BOUNDS)
    for second in range(100):
        look = learnt(look, Found.UNCHANGED, NOW + second, BOUNDS)
    assert look.interval == HOUR


def test_after_a_long_pause_the_interval_has_grown_with_the_quiet() -> None:
    look = learnt(begun(URL, Found.NEW, NOW, NOW, BOUNDS), Found.UNCHANGED, NOW + 10 * DAY, BOUNDS)
    assert look.interval == 2 * DAY


@pytest.mark.parametrize(
    ("age", "first"), [(-DAY, HOUR), (0, HOUR), (HOUR, HOUR), (DAY, 4.8 * HOUR), (30 * DAY, 6 * DAY)]
)
def test_the_first_wait_is_a_fifth_of_the_age(age: float, first: float) -> None:
    look = begun(URL, Found.NEW, NOW - age, NOW, BOUNDS)
    assert look.interval == pytest.approx(first)
    assert wait(look, "0" * 16, BOUNDS) == pytest.approx(first)


def test_a_page_that_is_gone_is_looked_at_rarely_then_no_more() -> None:
    look, waits = begun(URL, Found.NEW, NOW, NOW, BOUNDS), []
    for _ in range(GONE):
        assert not over(look, NOW, BOUNDS)
        look = learnt(look, Found.GONE, NOW, BOUNDS)
        waits.append(wait(look, "0" * 16, BOUNDS))
    assert over(look, NOW, BOUNDS)
    assert waits == [RARELY, RARELY, 64 * HOUR]


def test_a_page_that_cannot_be_had_is_asked_for_ever_more_rarely_then_no_more() -> None:
    look, waits = begun(URL, Found.NEW, NOW, NOW, BOUNDS), []
    for _ in range(MISSES):
        assert not over(look, NOW, BOUNDS)
        look = learnt(look, Found.ASKED, NOW, BOUNDS)
        waits.append(wait(look, "0" * 16, BOUNDS) / HOUR)
    assert over(look, NOW, BOUNDS)
    assert waits == [2, 4, 8, 16, 32, 64]


def test_nobody_looks_after_so_much_quiet_and_a_change_ends_it() -> None:
    look = begun(URL, Found.NEW, NOW - 59 * DAY, NOW, BOUNDS)
    assert not over(look, NOW, BOUNDS)
    assert over(look, NOW + 2 * DAY, BOUNDS)
    assert not over(learnt(look, Found.CHANGED, NOW + 2 * DAY, BOUNDS), NOW + 30 * DAY, BOUNDS)


def test_what_an_archive_gave_waits_the_longest() -> None:
    for look in (
        begun(URL, Found.ARCHIVED, NOW, NOW, BOUNDS),
        learnt(begun(URL, Found.NEW, NOW, NOW, BOUNDS), Found.ARCHIVED, NOW, BOUNDS),
    ):
        assert look.interval == 30 * DAY
        assert learnt(look, Found.ARCHIVED, NOW + DAY, BOUNDS).interval == 30 * DAY


def test_ten_thousand_at_once_are_due_over_a_fifth_of_the_wait() -> None:
    look = begun(URL, Found.NEW, NOW, NOW, BOUNDS)
    due = Counter(int(wait(look, f"{n * 0x9E3779B97F4A7C15 % 2**64:016x}", BOUNDS)) for n in range(10_000))
    assert max(due.values()) < 30
    assert max(due) - min(due) > 0.19 * HOUR
    assert wait(look, "5" * 16, BOUNDS) == wait(look, "5" * 16, BOUNDS)


def test_the_bounds_hold_where_they_are_one() -> None:
    same = Bounds(HOUR, HOUR, DAY)
    assert {wait(begun(URL, Found.NEW, NOW, NOW, same), did * 16, same) for did in "07f"} == {HOUR}


@given(histories())
def test_a_schedule_is_kept_as_it_is(history: tuple[Look, Bounds, float, str]) -> None:
    assert Look.read(history[0].to_json()) == history[0]


@pytest.mark.parametrize(
    "text", ["", "7", "{}", "[]", '{"found": "lost"}', '{"found": "new", "interval": 7}', b"\xff"]
)
def test_what_is_no_schedule_is_none(text: str | bytes) -> None:
    assert Look.read(text) is None


@pytest.mark.parametrize(
    ("value", "precision", "since"),
    [
        ("2031-05-04T10:00:00+02:00", "second", 1935648000),
        ("2031-05-04T08:00:00", "minute", 1935648000),
        ("2031-05-04", "day", 1935705600),
        ("2031-05", "month", 1938038400),
        ("2031", "year", 1956614400),
        ("whenever", "day", None),
    ],
)
def test_a_coarse_date_counts_by_its_end(value: str, precision: str, since: float | None) -> None:
    data: dict[str, Any] = {"dates": {"published": {"value": value, "precision": precision}}}
    assert published_since(data) == since


def test_without_a_date_nothing_is_known_of_the_age() -> None:
    assert published_since({"dates": {"published": None}}) is None


# --- what a host can bear ---


@pytest.mark.parametrize(
    ("host", "most"),
    [
        (Host(delay=2, waiting=0), 4),
        (Host(delay=2, waiting=1), 0),
        (Host(delay=2, waiting=0, barred=True), 0),
        (Host(delay=300, waiting=0), 1),
        (Host(delay=0, waiting=0), freshness.MOST),
        (Host(delay=0.001, waiting=0), freshness.MOST),
        (Host(delay=2, waiting=0, pages=48, pages_per_day=100), 2),
        (Host(delay=2, waiting=0, pages=50, pages_per_day=100), 0),
        (Host(delay=2, waiting=0, pages=70, pages_per_day=100), 0),
        (Host(delay=2, waiting=0, pages=70), 4),
    ],
)
def test_what_a_host_can_bear(host: Host, most: int) -> None:
    assert room(host, 10) == most


@given(st.floats(0, 1000), st.integers(0, 5), st.integers(0, 100), st.integers(0, 100))
def test_a_host_is_never_given_more_than_it_serves_until_the_next_round(
    delay: float, waiting: int, pages: int, per_day: int
) -> None:
    host = Host(delay, waiting, pages=pages, pages_per_day=per_day)
    given_ = room(host, 10)
    assert 0 <= given_ <= freshness.MOST
    assert given_ <= 1 or given_ * delay <= 10
    assert room(replace(host, barred=True), 10) == 0
    if per_day:
        assert pages + given_ <= max(pages, per_day / 2)
