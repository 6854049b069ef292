"""From what came in to a draft: one function for a file, one for a page. Pure, and made to run in another process."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import zstandard

from wireroom.captured import draft_of_capture
from wireroom.dates import DateCandidate, Precision, candidate
from wireroom.datestamps import Stamp
from wireroom.draft import Draft, Origin, from_file, from_page
from wireroom.extract import Page, extract
from wireroom.robotsmeta import Policy

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class FileInput:
    """A document file, as the ledger keeps it.

    Attributes:
        body: the text as UTF-8, zstd.
        name: the file's name.
        document: the document's id.
    """

    body: bytes
    name: str
    document: str


@dataclass(frozen=True, slots=True)
class PageInput:
    """A fetched page, as the ledger keeps it.

    Attributes:
        body: the page's decoded bytes, zstd.
        response: what the fetcher tells of the answer.
        url: the address asked for.
        layout: of the document that listed the URL.
        mode: how the text is extracted.
        robots: who we are to the site, and which of its directives refuse the page.
    """

    body: bytes
    response: Mapping[str, Any]
    url: str
    layout: str
    mode: Literal["best", "fast"]
    robots: Policy = field(default_factory=Policy)


def draft(item: FileInput | PageInput) -> Draft:
    """Make a draft.

    Raises:
        WorkError: the page has no text, is of no type that has one, is no article, may not be taken, or its
            extraction failed.
    """
    body = zstandard.decompress(item.body)
    if isinstance(item, FileInput):
        return from_file(body.decode(), item.name, item.document)
    made = (draft_of_capture if "archive" in item.response else _draft_of_page)(item, body)
    if found := _told(item.response.get("feed")):
        made = replace(made, candidates=(*made.candidates, found))
    if item.response.get("unverified"):
        return replace(made, warnings=(*made.warnings, "certificate_not_verified"))
    return made


def _told(feed: Mapping[str, Any] | None) -> DateCandidate | None:
    """When the page was published as the feed says that named it: a witness among the others."""
    if not feed:
        return None
    value, precision, timezone_known = feed["published"]
    return candidate(Stamp(value, Precision(precision), timezone_known), "feed")


def _draft_of_page(item: PageInput, body: bytes) -> Draft:
    response = item.response
    page = Page(
        body=body,
        url=response["final_url"],
        content_type=response["content_type"],
        last_modified=response["last_modified"],
        fetched_at=datetime.fromisoformat(response["fetched_at"]),
        x_robots_tag=response.get("x_robots_tag"),
        canonical=tuple(response.get("canonical", ())),
        asked=(item.url, *(hop["url"] for hop in response["redirects"])),
        robots=item.robots,
    )
    origin = Origin(
        "web",
        listed_by=tuple(response["listed_by"]),
        fetched_at=response["fetched_at"],
        status=response["status"],
        etag=response["etag"],
        last_modified=response["last_modified"],
        via=tuple(hop["url"] for hop in response["redirects"]),
    )
    article = extract(page, mode=item.mode)
    return from_page(article, origin, url=item.url, final_url=page.url, layout=item.layout)
