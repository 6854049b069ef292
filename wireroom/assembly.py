"""From a draft and what the enrichers found to the data of a document event, as the contract names it. Pure."""

from __future__ import annotations

import difflib
import hashlib
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson

from wireroom.settings import ENRICHERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wireroom.draft import Draft

NO_DATES: Mapping[str, Any] = {
    "published": None,
    "modified": None,
    "candidates": [],
    "mentions": [],
    "conflict": False,
}
NO_SAMENESS: Mapping[str, Any] = {"exact_of": None, "near": [], "shares": [], "story": None}
NOT_RUN: Mapping[str, Any] = {"status": "off", "version": None, "seconds": None, "error": None}
"""What ``enrichment`` says of an enricher that the settings switch off."""


def assemble(
    draft: Draft, results: Mapping[str, Mapping[str, Any]], previous: Mapping[str, Any] | None
) -> dict[str, Any]:
    """The data of a document's next revision.

    Args:
        draft: the normalized document.
        results: by enricher, ``{"data": …, "enrichment": {status, version, seconds, error}}``. What a user's enricher found
            stands under ``enrichment`` as its ``result``.
        previous: the data of the last revision, if there is one.

    Returns:
        Every field of the contract, in its order; unknown values are None.
    """
    found = {name: results.get(name, {}).get("data") for name in ENRICHERS}
    data: dict[str, Any] = {
        "id": draft.id,
        "revision": 1 if previous is None else previous["revision"] + 1,
        "previous_revision": None if previous is None else previous["revision"],
        "layout": draft.layout,
        "origin": asdict(draft.origin),
        "url": draft.url,
        "canonical_url": draft.canonical_url,
        "sources": list(draft.sources),
        "title": draft.title,
        "author": draft.author,
        "site": draft.site,
        "description": draft.description,
        "text": draft.text,
        "language": asdict(draft.language),
        # What the places say is known without the enricher: a later version of it can start from there.
        "dates": found["dates"] or dict(NO_DATES) | {"candidates": [asdict(c) for c in draft.candidates]},
        "sameness": found["sameness"] or dict(NO_SAMENESS),
        "entities": (found["entities"] or {}).get("entities", []),
        "changes": None,
        "enrichment": _enrichment(results),
        "warnings": sorted({*draft.warnings, *(found["entities"] or {}).get("warnings", [])}),
    }
    if previous is not None:
        data["changes"] = changes(previous, data)
    return data


def _enrichment(results: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """How each enricher fared: ours always, users' where they were switched on when the document came in."""
    told = {name: results.get(name, {}).get("enrichment", dict(NOT_RUN)) for name in ENRICHERS}
    users = sorted(set(results) - set(ENRICHERS))
    return told | {name: results[name]["enrichment"] | {"result": results[name]["data"]} for name in users}


def content(data: Mapping[str, Any]) -> str:
    """Hash of what makes a revision: text, title and date of publication, and whether an archive gave it."""
    published = data["dates"]["published"]
    telling = [data["text"], data["title"], published and published["value"]]
    if data["origin"]["kind"] == "archive":
        telling.append("archive")
    return hashlib.sha256(orjson.dumps(telling)).hexdigest()[:16]


def published_at(data: Mapping[str, Any]) -> datetime | None:
    """The date of publication to the day, for the file format; None when it is unknown or coarser than a day."""
    published = data["dates"]["published"]
    if published is None or published["precision"] in {"month", "year"}:
        return None
    return datetime.fromisoformat(published["value"])


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """What a revision changed.

    Returns:
        ``title`` and ``published`` as ``{before, after}`` or None where they are the same, ``paragraphs`` as a list of
        ``{op: added|removed|changed, before, after}``.
    """
    return {
        "title": _changed(before["title"], after["title"]),
        "published": _changed(before["dates"]["published"], after["dates"]["published"], "value"),
        "paragraphs": list(_paragraphs(before["text"].split("\n"), after["text"].split("\n"))),
    }


def _changed(before: Any, after: Any, field: str | None = None) -> dict[str, Any] | None:
    if field is not None:
        before, after = before and before[field], after and after[field]
    return None if before == after else {"before": before, "after": after}


def _paragraphs(before: Sequence[str], after: Sequence[str]) -> Iterator[dict[str, str | None]]:
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for op, i1, i2, j1, j2 in matcher.get_opcodes():
        if op == "equal":
            continue
        old, new = before[i1:i2], after[j1:j2]
        for i in range(max(len(old), len(new))):
            gone = old[i] if i < len(old) else None
            come = new[i] if i < len(new) else None
            kind = (
                "changed" if gone is not None and come is not None else "removed" if come is None else "added"
            )
            yield {"op": kind, "before": gone, "after": come}
