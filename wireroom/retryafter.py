"""How long a site asks us to wait. Pure: takes the header and the time, tells no time of its own."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST = 86400.0
"""Most seconds a site's wish is honoured for; a longer one is cut to this."""

_SECONDS = re.compile(r"\d{1,18}(?:\.\d{0,18})?")


def parse(value: str | None, now: datetime) -> float | None:
    """Seconds to wait by a ``Retry-After`` header, in either of its forms (RFC 9110, 10.2.3).

    Args:
        value: the header; None when there was none.
        now: the time the date form is counted from, aware. The answer's own ``Date`` is best: it takes the site's
            clock out of the sum.

    Returns:
        Whole seconds from 0 to `LONGEST`, or None when the header is missing or means nothing.
    """
    text = (value or "").strip()
    if _SECONDS.fullmatch(text):
        return min(float(math.ceil(float(text))), LONGEST)
    moment = parse_date(text)
    if moment is None:
        return None
    return min(max(float(math.ceil((moment - now).total_seconds())), 0.0), LONGEST)


def parse_date(value: str | None) -> datetime | None:
    """An HTTP date in any of its three forms (RFC 9110, 5.6.7), aware, or None when it is no date."""
    try:
        moment = parsedate_to_datetime(value or "")
    except (ValueError, OverflowError, IndexError, TypeError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
