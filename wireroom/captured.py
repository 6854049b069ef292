"""From an archive's capture to a draft: the page it was, under its own address, and said to be an archive's. Pure.

Law: nothing of the archive itself is in the document but where it came from (``origin.via``) and when it was captured.
Nothing in it is worth a conditional request of the live page.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from wireroom import archive
from wireroom.dates import DateCandidate, candidate
from wireroom.datestamps import Precision, Stamp
from wireroom.draft import Draft, Origin, from_page
from wireroom.extract import Page, extract

if TYPE_CHECKING:
    from wireroom.normalizing import PageInput

WORTH: Final = 0.1
"""Worth of a capture's time as a day of publication: too little to be chosen."""


def draft_of_capture(item: PageInput, body: bytes) -> Draft:
    """Make a draft of a capture.

    Args:
        item: the capture, as the ledger keeps it; its ``url`` is the page's own.
        body: its bytes.

    Raises:
        WorkError: as `wireroom.normalizing.draft`.
    """
    response, told = item.response, item.response["archive"]
    captured_at = datetime.fromisoformat(told["captured_at"])
    page = Page(
        body=archive.plain(body),
        url=item.url,
        content_type=response["content_type"],
        last_modified=response["last_modified"],
        fetched_at=datetime.fromisoformat(response["fetched_at"]),
        captured_at=captured_at,
        x_robots_tag=response["x_robots_tag"],
        asked=(item.url,),
        robots=item.robots,
    )
    origin = Origin(
        archive.KIND,
        listed_by=tuple(response["listed_by"]),
        fetched_at=response["fetched_at"],
        status=told["status"],
        via=(*(hop["url"] for hop in response["redirects"]), told["via"]),
        captured_at=told["captured_at"],
    )
    article = extract(page, mode=item.mode)
    dated = replace(article, candidates=(*article.candidates, _witness(captured_at)))
    return from_page(dated, origin, url=item.url, final_url=item.url, layout=item.layout)


def _witness(captured_at: datetime) -> DateCandidate:
    """The capture's time: the page is older, which is all that it says."""
    value = captured_at.astimezone(UTC).isoformat(timespec="seconds")
    return candidate(Stamp(value, Precision.SECOND, timezone_known=True), archive.EVIDENCE, WORTH)
