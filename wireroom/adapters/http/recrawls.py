"""Re-crawls over HTTP: the selected URLs go through the same door as a document's."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from wireroom.adapters.http.bodies import RecrawlIn, RecrawlOut, body_of
from wireroom.adapters.http.idempotency import batch_of
from wireroom.adapters.http.problems import ProblemError, nothing_accepted
from wireroom.adapters.http.replies import reply
from wireroom.adapters.http.routes import Answer, Route
from wireroom.adapters.http.shared import world
from wireroom.adapters.recrawls import Recrawls, Selection
from wireroom.ages import seconds
from wireroom.errors import Reason

if TYPE_CHECKING:
    from aiohttp import web

    from wireroom.world import World


async def post(request: web.Request) -> web.Response:
    """Crawl again."""
    body = await body_of(request, RecrawlIn)
    selection = Selection(
        urls=tuple(body.urls),
        hosts=tuple(body.hosts),
        documents=tuple(body.documents),
        stories=tuple(body.stories),
        older_than=None if body.older_than is None else seconds(body.older_than),
        all=body.all,
        force=body.force,
        priority=body.priority,
    )
    if selection.empty:
        detail = "nothing is selected: name urls, hosts, documents, stories, older_than or all"
        raise ProblemError("invalid_value", detail, errors=[{"pointer": "#", "detail": detail}])
    answer = await asyncio.to_thread(
        _begin, world(request), selection, None if body.dry_run else batch_of(request)
    )
    if not answer["matched"] and any(found["reason"] == Reason.INVALID_URL for found in answer["rejected"]):
        raise nothing_accepted(answer["rejected"], "URL", batch=None, matched=0)
    headers = {"Location": f"/v1/batches/{answer['batch']}"} if answer["batch"] else None
    return reply(answer, 202, headers)


def _begin(world_: World, selection: Selection, batch: str | None) -> dict[str, Any]:
    chosen = Recrawls(world_.client, world_.keys, world_.store, world_.sameness_index).choose(selection)
    invalid = any(found["reason"] == Reason.INVALID_URL for found in chosen.rejected)
    begun = bool(batch and (chosen.crawls or not invalid))
    if batch and begun:
        world_.ledger.open_batch(batch, "re-crawl by HTTP")
        world_.ledger.accept(batch, [], chosen.crawls, once=True)
    return {
        "batch": batch if begun else None,
        "matched": len(chosen.crawls),
        "rejected": list(chosen.rejected),
        "dry_run": batch is None,
    }


ROUTES: Final = (
    Route(
        "POST",
        "/v1/recrawls",
        post,
        "Crawl URLs again: by address, host, document, story, age, or all.",
        "recrawls",
        {202: Answer("How many URLs it will be, and the batch that tells how they fare.", RecrawlOut)},
        body=RecrawlIn,
        problems=("invalid_request", "too_large", "unsupported_type", "invalid_value", "nothing_accepted"),
    ),
)
