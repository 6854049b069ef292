"""Documents over HTTP: files in; what was made of them, in JSON and in the file format; lists, revisions, differences."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from aiohttp import web

from wireroom.adapters.http import query
from wireroom.adapters.http.bodies import DocumentsIn, DocumentsOut
from wireroom.adapters.http.idempotency import batch_of
from wireroom.adapters.http.problems import ProblemError, invalid_parameter, nothing_accepted
from wireroom.adapters.http.replies import moment, reply
from wireroom.adapters.http.routes import Answer, Parameter, Route
from wireroom.adapters.http.schemas import ChangesData, DocumentData
from wireroom.adapters.http.shared import world
from wireroom.adapters.http.uploads import files_of
from wireroom.adapters.listing import Listing, read_cursor, write_cursor
from wireroom.assembly import changes
from wireroom.errors import UrlError
from wireroom.intake import check_files
from wireroom.namesearch import sought
from wireroom.urls import check

if TYPE_CHECKING:
    from wireroom.adapters.http.uploads import File
    from wireroom.intake import Checked
    from wireroom.world import World

FILTERS: Final = ("host", "language", "story", "entity")


async def post(request: web.Request) -> web.Response:
    """Take document files in."""
    files = await files_of(request)
    checked, batch = await asyncio.to_thread(_take_in, world(request), files, batch_of(request))
    answer = checked.answer(batch)
    if not checked.listings:
        raise nothing_accepted(answer["rejected"], "document", batch=None, accepted=[])
    return reply(answer, 202, {"Location": f"/v1/batches/{batch}"})


def _take_in(world_: World, files: list[File], batch: str) -> tuple[Checked, str]:
    settings = world_.settings
    checked = check_files(files, max_bytes=settings.max_document, max_urls=settings.max_urls)
    return checked, world_.take_in(checked, "documents by HTTP", batch) if checked.listings else ""


async def index(request: web.Request) -> web.Response:
    """List documents, newest first."""
    filters = {name: _filter(name, request.query[name]) for name in FILTERS if request.query.get(name)}
    given = request.query.get("cursor")
    try:
        after = read_cursor(given) if given else None
    except ValueError as error:
        raise invalid_parameter("cursor", str(error)) from None
    listing = Listing(world(request).client, world(request).keys)
    page = await asyncio.to_thread(
        listing.page,
        filters,
        limit=query.limit(request),
        since=query.moment(request, "since"),
        until=query.moment(request, "until"),
        after=after,
    )
    items = [item | {"updated": moment(item["updated"])} for item in page.items]
    return reply({"documents": items, "cursor": write_cursor(page.after) if page.after else None})


def _filter(name: str, value: str) -> str:
    if name == "entity":
        return sought(value)
    folded = value.strip().casefold()
    if name != "host":
        return folded
    with contextlib.suppress(UrlError, ValueError):
        # Documents are listed by the host's name alone, in the spelling of a checked address.
        return urlsplit(check(f"http://{folded}/")).hostname or folded
    return folded


async def show(request: web.Request) -> web.Response:
    """Show one document, or one of its revisions."""
    did = query.document_id(request)
    kept = await _revision(request, did, query.number(request, "revision", None))
    headers = {"Vary": "Accept"}
    if not prefers_text(request.headers.get("Accept", "")):
        return reply(kept["data"], headers=headers)
    headers["Content-Disposition"] = f'inline; filename="{did}.txt"'
    body = kept["file"].encode()
    return web.Response(body=body, content_type="text/plain", charset="utf-8", headers=headers)


async def revisions(request: web.Request) -> web.Response:
    """List the revisions of a document that are kept."""
    did = query.document_id(request)
    store = world(request).store

    def read() -> list[dict[str, Any]]:
        kept = [store.revision(did, number) for number in store.revisions(did)]
        return [_told(found["data"]) for found in kept if found is not None]

    found = await asyncio.to_thread(read)
    if not found:
        raise _unknown(did)
    return reply({"id": did, "revisions": found})


def _told(data: dict[str, Any]) -> dict[str, Any]:
    published = data["dates"]["published"]
    return {
        "revision": data["revision"],
        "title": data["title"],
        "published": published and published["value"],
        "fetched_at": data["origin"]["fetched_at"],
        "changed": None if data["changes"] is None else _what(data["changes"]),
    }


def _what(changed: dict[str, Any]) -> list[str]:
    return [name for name in ("title", "published", "paragraphs") if changed[name]]


async def diff(request: web.Request) -> web.Response:
    """Say what changed between two revisions."""
    did = query.document_id(request)
    newest = await _revision(request, did, None)
    to = query.number(request, "to", newest["data"]["revision"]) or 1
    since = query.number(request, "from", max(to - 1, 1)) or 1
    after, before = await _revision(request, did, to), await _revision(request, did, since)
    changed = await asyncio.to_thread(changes, before["data"], after["data"])
    return reply({"id": did, "from": since, "to": to, "changes": changed})


async def _revision(request: web.Request, did: str, number: int | None) -> dict[str, Any]:
    kept = await asyncio.to_thread(world(request).store.revision, did, number)
    if kept is None:
        raise _unknown(did, number)
    return kept


def _unknown(did: str, number: int | None = None) -> ProblemError:
    what = f"document {did}" if number is None else f"revision {number} of document {did}"
    return ProblemError("not_found", f"there is no {what} here; it may be one that is kept no longer")


def prefers_text(accept: str) -> bool:
    """Whether a client would rather have text than JSON (RFC 9110, 12.5.1); what names neither gets JSON."""
    weights = {"text": -1.0, "json": -1.0}
    for part in accept.split(","):
        kind, _, parameters = part.strip().lower().partition(";")
        weight = _weight(parameters)
        if kind.strip() in {"text/plain", "text/*"}:
            weights["text"] = max(weights["text"], weight)
        elif kind.strip() in {"application/json", "application/*", "*/*"}:
            weights["json"] = max(weights["json"], weight)
    return weights["text"] > 0 and weights["text"] >= weights["json"]


def _weight(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.strip().partition("=")
        if name == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


_ID = Parameter(
    "id", "16 hexadecimal digits.", {"type": "string", "pattern": "^[0-9a-f]{16}$"}, "path", required=True
)
_NUMBER: Final = {"type": "integer", "minimum": 1}
_NULLABLE: Final = {"type": ["string", "null"]}
SUMMARY: Final = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "revision": _NUMBER,
        **dict.fromkeys(("title", "url", "published", "language", "story"), _NULLABLE),
        "names": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Those it names most, at most 5.",
        },
        "updated": {"type": "string", "format": "date-time"},
    },
}
_PAGE: Final = {
    "type": "object",
    "properties": {"documents": {"type": "array", "items": SUMMARY}, "cursor": _NULLABLE},
}
_REVISIONS: Final = {
    "type": "object",
    "properties": {"id": {"type": "string"}, "revisions": {"type": "array", "items": {"type": "object"}}},
}
_FORM: Final = {"type": "object", "additionalProperties": {"type": "string", "format": "binary"}}

ROUTES: Final = (
    Route(
        "POST",
        "/v1/documents",
        post,
        "Take document files in; one that cannot be taken keeps no other from being taken.",
        "documents",
        {202: Answer("What was taken and what was not.", DocumentsOut)},
        (Parameter("name", "File name of a text/plain body."),),
        DocumentsIn,
        {"text/plain": {"type": "string"}, "multipart/form-data": _FORM},
        ("invalid_request", "too_large", "unsupported_type", "invalid_value", "nothing_accepted"),
    ),
    Route(
        "GET",
        "/v1/documents",
        index,
        "List documents, those that came or changed last first.",
        "documents",
        {200: Answer("A page of summaries.", schema=_PAGE)},
        (
            *query.PAGING,
            Parameter("host", "Only of this host."),
            Parameter("language", "Only in this language, as ISO 639-1."),
            Parameter("story", "Only of the story with this id."),
            Parameter("entity", "Only those that name this person, organisation or place, in any form."),
            Parameter("since", "Only what came or changed then or later, RFC 3339."),
            Parameter("until", "Only what came or changed before then, RFC 3339."),
        ),
        problems=("invalid_value",),
    ),
    Route(
        "GET",
        "/v1/documents/{id}",
        show,
        "Show one document: its data as in the event, or with Accept: text/plain its file.",
        "documents",
        {200: Answer("The document.", DocumentData, types=("text/plain",))},
        (_ID, Parameter("revision", "An earlier revision.", _NUMBER)),
        problems=("not_found", "invalid_value"),
    ),
    Route(
        "GET",
        "/v1/documents/{id}/revisions",
        revisions,
        "List the revisions of a document that are kept, the first one first.",
        "documents",
        {200: Answer("The revisions.", schema=_REVISIONS)},
        (_ID,),
        problems=("not_found",),
    ),
    Route(
        "GET",
        "/v1/documents/{id}/diff",
        diff,
        "Say what changed between two revisions: by default the newest and the one before it.",
        "documents",
        {200: Answer("The changes.", ChangesData)},
        (
            _ID,
            Parameter("from", "The earlier revision.", _NUMBER),
            Parameter("to", "The later one.", _NUMBER),
        ),
        problems=("not_found", "invalid_value"),
    ),
)
