"""A draft: one document after normalizing and before enriching, whatever it was made from. Pure.

A file's draft holds what the file says; a page's what was extracted. From here on the two take the same way.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import orjson

from wireroom import urls
from wireroom.dates import DateCandidate, Precision, header_candidate
from wireroom.document import Document, parse, render, web_document_id
from wireroom.language import Language, detect
from wireroom.layouts import Layout

if TYPE_CHECKING:
    from datetime import datetime

    from wireroom.extract import Article


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a document comes from.

    Attributes:
        kind: ``file``, ``web`` or ``archive``.
        name: the file's name, for a file.
        listed_by: ids of the documents that list its URL.
        fetched_at: when it was fetched, RFC 3339.
        status: HTTP status of the answer.
        etag: the answer's ETag, for the next conditional request.
        last_modified: the answer's Last-Modified, as it was sent.
        via: the addresses it was redirected over; of an archive's document, the capture's address last.
        captured_at: when the archive captured it, RFC 3339; None for what is no capture.
    """

    kind: str
    name: str | None = None
    listed_by: tuple[str, ...] = ()
    fetched_at: str | None = None
    status: int | None = None
    etag: str | None = None
    last_modified: str | None = None
    via: tuple[str, ...] = ()
    captured_at: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What the enrichers work on.

    Attributes:
        id: the document's id.
        layout: the layout its file is written in.
        origin: where it comes from.
        url: its address.
        canonical_url: the address its identity is made from.
        sources: source URLs.
        title, author, site, description: one line each, None when unknown.
        paragraphs: the text.
        language: of the text.
        candidates: publication dates it could have, with their evidence.
        warnings: codes.
        file: its file's text where it was a file, None where the file is still to be written.
        extraction: which extractor and which of its settings made the text, None for a file.
    """

    id: str
    layout: str
    origin: Origin
    url: str | None
    canonical_url: str | None
    sources: tuple[str, ...]
    title: str | None
    author: str | None
    site: str | None
    description: str | None
    paragraphs: tuple[str, ...]
    language: Language
    candidates: tuple[DateCandidate, ...]
    warnings: tuple[str, ...]
    file: str | None = None
    extraction: str | None = None

    @property
    def text(self) -> str:
        """The paragraphs, one a line. Every offset counts code points of this."""
        return "\n".join(self.paragraphs)

    @property
    def digest(self) -> str:
        """Changes when anything changes that a new revision or a new enrichment could come from."""
        telling = [self.title, self.author, self.text, self._witnesses]
        if self.origin.kind == "archive":
            telling.append("archive")  # the live page is another thing, should it return with the same text
        return hashlib.sha256(orjson.dumps(telling)).hexdigest()[:16]

    @property
    def _witnesses(self) -> list[str]:
        """What the page says of its publication; not what the server or an archive says of the file."""
        return [
            c.value
            for c in self.candidates
            if c.kind == "published" and not c.evidence.startswith(("http:", "archive_"))
        ]

    def to_json(self) -> bytes:
        """The draft as it is handed on."""
        return orjson.dumps(self)

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        """Read a draft back."""
        values: dict[str, Any] = orjson.loads(data)
        for name in ("sources", "paragraphs", "warnings"):
            values[name] = tuple(values[name])
        origin = values["origin"]
        values["origin"] = Origin(
            **origin | {"listed_by": tuple(origin["listed_by"]), "via": tuple(origin["via"])}
        )
        values["language"] = Language(**values["language"])
        values["candidates"] = tuple(
            DateCandidate(**candidate | {"precision": Precision(candidate["precision"])})
            for candidate in values["candidates"]
        )
        return cls(**values)


def from_file(text: str, name: str, document_id: str) -> Draft:
    """The draft of a document file."""
    document = parse(text, name=name)
    return Draft(
        id=document_id,
        layout=document.layout.value,
        origin=Origin("file", name=name),
        url=document.url,
        canonical_url=urls.canonical(document.url) if document.url else None,
        sources=document.sources,
        title=document.title,
        author=None,
        site=None,
        description=None,
        paragraphs=document.paragraphs,
        language=detect(document.text),
        candidates=(header_candidate(document.date),) if document.date else (),
        warnings=document.warnings,
        file=text,
    )


def from_page(article: Article, origin: Origin, *, url: str, final_url: str, layout: str) -> Draft:
    """The draft of a fetched page.

    Args:
        article: what was extracted.
        origin: where it comes from.
        url: the address that was asked for.
        final_url: the address that answered.
        layout: of the document that listed the URL.
    """
    canonical = urls.canonical(article.canonical_url or final_url)
    return Draft(
        id=web_document_id(canonical),
        layout=layout,
        origin=origin,
        url=final_url,
        canonical_url=canonical,
        sources=(final_url,) if final_url == url else (final_url, url),
        title=article.title,
        author=article.author,
        site=article.site,
        description=article.description,
        paragraphs=article.paragraphs,
        language=detect("\n".join(article.paragraphs)),
        candidates=article.candidates,
        warnings=article.warnings,
        extraction=article.version,
    )


def file_text(draft: Draft, published: datetime | None) -> str:
    """The document in the file format: as it came, or written in its layout with its date of publication."""
    if draft.file is not None:
        return draft.file
    document = Document.fetched(
        title=draft.title,
        date=published.date() if published else None,
        url=draft.url or "",
        paragraphs=draft.paragraphs,
    )
    return render(document, Layout(draft.layout))
