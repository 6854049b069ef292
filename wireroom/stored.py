"""A published document back as a draft, so that any enricher, of ours or of a user's, can be run over it again. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from wireroom.draft import Draft

if TYPE_CHECKING:
    from collections.abc import Mapping

_SAME = (
    *("id", "layout", "origin", "url", "canonical_url", "sources", "title", "author", "site", "description"),
    *("language", "warnings"),
)


def draft_of(data: Mapping[str, Any], file: str) -> Draft:
    """The draft of a stored revision: what every enricher takes, whatever the earlier ones came to.

    Its warnings hold those of the enrichers too, and among its candidates is what the dates enricher read in the text; both
    are found again and told once.

    Args:
        data: of the document's event.
        file: its text in the file format, kept beside the data.
    """
    values: dict[str, Any] = {name: data[name] for name in _SAME}
    values["paragraphs"] = data["text"].split("\n") if data["text"] else []
    values["candidates"] = data["dates"]["candidates"]
    values["file"] = file if data["origin"]["kind"] == "file" else None
    return Draft.from_json(orjson.dumps(values))
