from datetime import UTC, datetime

import pytest

from wireroom import retryafter

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 7 ", 7.0),
        ("0", 0.0),
        ("1.2", 2.0),
        ("86401", 86400.0),
        ("99999999999999999999", None),
        ("-5", None),
        ("soon", None),
        ("", None),
        (None, None),
        ("Sun, 01 Mar 2026 12:01:30 GMT", 90.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("Fri, 01 Mar 2030 12:00:00 GMT", 86400.0),
        ("Sunday, 01-Mar-26 12:00:10 GMT", 10.0),
        ("Sun Mar  1 12:00:10 2026", 10.0),
        ("Sun, 99 Mar 2026 12:01:30 GMT", None),
        ("Sun, 01 Mar 99999999 12:01:30 GMT", None),
    ],
)
def test_both_forms_are_read_and_bounded(value: str | None, seconds: float | None):
    assert retryafter.parse(value, NOW) == seconds
