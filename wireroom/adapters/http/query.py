"""Query parameters, read and checked. A wrong one is a problem that names it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from wireroom.adapters.http.problems import ProblemError, invalid_parameter
from wireroom.adapters.http.routes import Parameter

if TYPE_CHECKING:
    from aiohttp import web

LIMIT: Final = 50
MOST: Final = 500
_ID: Final = re.compile("[0-9a-f]{16}")

PAGING: Final = (
    Parameter(
        "limit",
        "Most items of one page.",
        {"type": "integer", "minimum": 1, "maximum": MOST, "default": LIMIT},
    ),
    Parameter("cursor", "Where the page begins: `cursor` of the page before."),
)


def number(
    request: web.Request, name: str, default: int | None, *, least: int = 1, most: int = 2**31
) -> int | None:
    """A whole number."""
    given = request.query.get(name)
    if not given:
        return default
    if not re.fullmatch("[0-9]{1,10}", given) or not least <= int(given) <= most:
        raise invalid_parameter(name, f"{given[:40]!r} is no whole number from {least} to {most}")
    return int(given)


def limit(request: web.Request) -> int:
    """How many items a page has at most."""
    return number(request, "limit", LIMIT, most=MOST) or LIMIT


def moment(request: web.Request, name: str) -> int | None:
    """A time in milliseconds since 1970; without a zone it is UTC, without a time of day the day's beginning."""
    given = request.query.get(name)
    if not given:
        return None
    try:
        # A plus sign of a zone that was not percent-encoded arrives as a blank.
        found = datetime.fromisoformat(re.sub(r" (?=\d\d:?\d\d$)", "+", given))
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        return max(0, int(found.timestamp() * 1000))
    except (ValueError, OverflowError):
        raise invalid_parameter(
            name, f"{given[:40]!r} is no date or time such as 2026-03-04T05:06:07Z"
        ) from None


def words(request: web.Request, name: str) -> list[str]:
    """Values of a parameter that may be repeated, or hold several with commas between them."""
    return [
        word.strip() for given in request.query.getall(name, []) for word in given.split(",") if word.strip()
    ]


def document_id(request: web.Request) -> str:
    """The id in the path.

    Raises:
        ProblemError: 404: no document has such an id.
    """
    did = request.match_info["id"]
    if not _ID.fullmatch(did):
        raise ProblemError("not_found", f"{did[:40]!r} is no id: 16 hexadecimal digits in lower case are one")
    return did
