"""How a host is treated, as plain values: delays, rests, and where a host stands."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from wireroom import manners
from wireroom.errors import FetchError, Reason
from wireroom.manners import Delay, DelayFrom, Facts, Health, Patience, Standing

NOW = 1_000_000.0
PATIENT = Patience(retry_delay=15.0, tries=3, seconds=3600.0)


def error(reason: Reason = Reason.HTTP_STATUS, **how: Any) -> FetchError:
    return FetchError(reason, "as the test says", temporary=True, **how)


def rests(count: int, problem: FetchError, *, chance: float = 0.0, gap: float = 0.0) -> list[float]:
    """The rests after so many failures, each that long after the rest before."""
    health, now, found = Health(), NOW, []
    for _ in range(count):
        rest = manners.rest(health, problem, now, PATIENT, chance=chance)
        assert rest is not None
        found.append(rest.seconds)
        health, now = rest.health, now + rest.seconds + gap
    return found


@pytest.mark.parametrize(
    ("asked", "by_hand", "delay"),
    [
        (None, None, Delay(2, DelayFrom.SETTING)),
        (1, None, Delay(2, DelayFrom.SETTING)),
        (5, None, Delay(5, DelayFrom.ROBOTS)),
        (86400, None, Delay(300, DelayFrom.ROBOTS)),
        (None, 0.5, Delay(0.5, DelayFrom.HAND)),
        (5, 0.5, Delay(5, DelayFrom.ROBOTS)),
        (5, 5, Delay(5, DelayFrom.HAND)),
        (5, 900, Delay(900, DelayFrom.HAND)),
        (86400, 0, Delay(300, DelayFrom.ROBOTS)),
    ],
)
def test_the_delay_in_force(asked: float | None, by_hand: float | None, delay: Delay) -> None:
    assert manners.delay(2, asked=asked, most=300, by_hand=by_hand) == delay


@pytest.mark.parametrize("status", [429, 503])
def test_rests_double_up_to_a_day(status: int) -> None:
    found = rests(13, error(status=status))
    assert found == [min(60 * 2.0**n, 86400) for n in range(13)]
    assert rests(13, error(status=status), gap=1799) == found


def test_rests_begin_anew_after_half_an_hour_of_quiet() -> None:
    assert rests(4, error(status=429), gap=1801) == [60, 60, 60, 60]


def test_jitter_adds_a_tenth_at_most_and_does_not_add_up() -> None:
    assert rests(3, error(status=503), chance=1.0) == pytest.approx([66, 132, 264])
    assert max(rests(13, error(status=503), chance=1.0)) == 86400


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_host_that_says_how_long_is_believed_up_to_a_day(status: int) -> None:
    assert rests(3, error(status=status, retry_after=7.0), chance=1.0) == [7, 7, 7]
    assert rests(1, error(status=status, retry_after=1e9)) == [86400]


def test_what_it_says_does_not_count_for_the_doubling() -> None:
    told = manners.rest(Health(), error(status=429, retry_after=5.0), NOW, PATIENT, chance=0)
    assert told is not None
    after = manners.rest(told.health, error(status=429), NOW + 5, PATIENT, chance=0)
    assert after is not None
    assert (after.seconds, after.health.failures) == (60, 2)


@pytest.mark.parametrize(
    "reason", [Reason.CONNECT_ERROR, Reason.DNS_ERROR, Reason.TIMEOUT, Reason.PROTOCOL_ERROR]
)
def test_a_host_that_does_not_answer_rests_from_the_fifth_time_on(reason: Reason) -> None:
    expected = [0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert rests(13, error(reason)) == expected


def test_a_host_whose_robots_txt_cannot_be_had_rests_at_once() -> None:
    assert rests(4, error(Reason.ROBOTS_UNREACHABLE)) == [15, 30, 60, 120]
    assert rests(2, error(Reason.ROBOTS_UNREACHABLE, retry_after=90.0)) == [90, 90]


@pytest.mark.parametrize(
    "problem",
    [
        FetchError(Reason.HTTP_STATUS, "", status=404),
        FetchError(Reason.HTTP_STATUS, "", status=500, temporary=True),
        FetchError(Reason.HTTP_STATUS, "", status=404, retry_after=60.0),
        FetchError(Reason.TOO_LARGE, "", status=200),
        FetchError(Reason.PROTOCOL_ERROR, "", status=200, temporary=True),
        FetchError(Reason.DNS_ERROR, "no such name"),
        FetchError(Reason.TLS_ERROR, ""),
        FetchError(Reason.CERTIFICATE_INVALID, ""),
        FetchError(Reason.BLOCKED_ADDRESS, ""),
        FetchError(Reason.ROBOTS_DENIED, ""),
    ],
)
def test_what_a_page_fails_at_is_not_held_against_its_host(problem: FetchError) -> None:
    assert manners.rest(Health(failures=4, since=NOW), problem, NOW, PATIENT, chance=0) is None


def test_patience_ends_after_its_time_and_the_tries_of_a_page() -> None:
    def given_up(failures: int, since: float) -> bool:
        rest = manners.rest(Health(failures, since), error(Reason.TIMEOUT), NOW, PATIENT, chance=0)
        assert rest is not None
        return rest.given_up

    assert not given_up(0, 0)
    assert not given_up(1, NOW - 7200)
    assert given_up(2, NOW - 3601)
    assert not given_up(9, NOW - 3600)


IDLE = Facts(
    queued=0, delayed=0, in_flight=False, paused=False, next=0, rests_until=0, pages=0, pages_per_day=0
)


@pytest.mark.parametrize(
    ("changes", "standing"),
    [
        ({}, Standing.IDLE),
        ({"next": NOW + 1, "rests_until": NOW + 1}, Standing.IDLE),
        ({"paused": True}, Standing.PAUSED),
        ({"queued": 1}, Standing.READY),
        ({"queued": 1, "next": NOW + 1}, Standing.DELAYED),
        ({"queued": 1, "next": NOW + 9, "rests_until": NOW + 9}, Standing.RESTING),
        ({"delayed": 1, "rests_until": NOW + 9}, Standing.RESTING),
        ({"delayed": 1}, Standing.RETRYING),
        ({"queued": 1, "pages": 3, "pages_per_day": 3}, Standing.FULL),
        ({"queued": 1, "pages": 3}, Standing.READY),
        ({"queued": 1, "paused": True, "rests_until": NOW + 9}, Standing.PAUSED),
        ({"in_flight": True, "paused": True, "queued": 1}, Standing.FETCHING),
    ],
)
def test_where_a_host_stands(changes: dict[str, Any], standing: Standing) -> None:
    assert manners.standing(replace(IDLE, **changes), NOW) is standing
