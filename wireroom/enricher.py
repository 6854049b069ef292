"""What an enricher of yours is given and what it gives back. Pure: values in, values out.

An installed package offers one under the entry point group ``wireroom.enrichers``; the entry point's name is the name of
the enricher and of its queue, and stands in the setting ``enrich`` to switch it on. docs/enrichers.md tells the whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol, Self, TypeAlias

import orjson

from wireroom.errors import Reason, WorkError

if TYPE_CHECKING:
    from wireroom.draft import Draft

GROUP: Final = "wireroom.enrichers"
"""The entry point group that enrichers are found in."""
MAX_RESULT: Final = 65_536
"""Most bytes of JSON one result may have: it goes with the document on the stream, in each revision and in every answer."""
_MAX_VERSION: Final = 100

JSON: TypeAlias = "bool | int | float | str | Sequence[JSON] | Mapping[str, JSON] | None"
"""What JSON can say. Not-a-number and the infinities become null."""


@dataclass(frozen=True, slots=True)
class EnrichInput:
    """One document as an enricher sees it: after normalizing. Fields may be added; none will go.

    The built-in enrichers work on the same document at the same time: what they find is not here.

    Attributes:
        id: the document's id, 16 hexadecimal digits.
        kind: ``file``, ``web`` or ``archive``.
        url: its address; None for a file that names none.
        canonical_url: the address without trackers and fragment.
        sources: source URLs.
        title, author, site, description: one line each, None when unknown.
        text: the paragraphs, one a line; offsets count its code points.
        language: of the text, ISO 639-1 where there is one (``en``); None when unknown.
        fetched_at: when it was fetched, RFC 3339; None for a file.
        warnings: codes (docs/reasons.md).
    """

    id: str
    kind: str
    url: str | None
    canonical_url: str | None
    sources: tuple[str, ...]
    title: str | None
    author: str | None
    site: str | None
    description: str | None
    text: str
    language: str | None
    fetched_at: str | None
    warnings: tuple[str, ...]

    @classmethod
    def of(cls, draft: Draft) -> Self:
        """What an enricher sees of a draft."""
        return cls(
            id=draft.id,
            kind=draft.origin.kind,
            url=draft.url,
            canonical_url=draft.canonical_url,
            sources=draft.sources,
            title=draft.title,
            author=draft.author,
            site=draft.site,
            description=draft.description,
            text=draft.text,
            language=draft.language.code,
            fetched_at=draft.origin.fetched_at,
            warnings=draft.warnings,
        )


class Enricher(Protocol):
    """What an entry point names: a class like this, a function that makes one, or one that is made already.

    It may also have ``load()``, which is called once in each process before the first document: models belong there.
    """

    @property
    def version(self) -> str:
        """Stands beside every result. A new one for whatever changes results."""
        ...

    def enrich(self, document: EnrichInput) -> Mapping[str, JSON]:
        """What is found in one document. Whatever it raises makes this result a failed one, and nothing else."""
        ...


def version_of(enricher: Enricher) -> str:
    """An enricher's version.

    Raises:
        WorkError: it has none that is a text of 1 to 100 characters.
    """
    version: object = getattr(enricher, "version", None)
    if not isinstance(version, str) or not 0 < len(version) <= _MAX_VERSION:
        raise WorkError(Reason.ENRICHMENT_ERROR, f"its version is {version!r:.100}, not a text like '1'")
    return version


def checked_result(found: object) -> dict[str, Any]:
    """A result as it goes into the document.

    Raises:
        WorkError: it is no mapping, JSON cannot say it, or it is longer than `MAX_RESULT`.
    """
    if not isinstance(found, Mapping):
        raise WorkError(Reason.ENRICHMENT_ERROR, f"its result is a {type(found).__name__}, not a mapping")
    try:
        written = orjson.dumps(dict(found))
    except (TypeError, ValueError) as error:  # orjson.JSONEncodeError is a TypeError
        raise WorkError(Reason.ENRICHMENT_ERROR, f"its result is no JSON: {error}"[:500]) from error
    if len(written) > MAX_RESULT:
        detail = f"its result has {len(written)} bytes as JSON; at most {MAX_RESULT} are taken"
        raise WorkError(Reason.ENRICHMENT_ERROR, detail)
    plain: dict[str, Any] = orjson.loads(written)
    return plain
