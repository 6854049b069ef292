"""A news document and its file format, both ways. Pure: text in, values out, and back.

Two laws hold, and `tests/test_document_laws.py` hunts for texts that break them:

1. ``render(parse(text)) == text`` for every text, to the character (and so to the byte, as `decode` keeps the BOM).
2. For every fetched document ``d`` and every layout, ``parse(render(d, layout))`` has the same date, URL and
   paragraphs; in ``titled`` also the same title.

The format itself is described in ``docs/format.md``.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from wireroom import footer, layouts, urls
from wireroom.errors import DocumentError, Reason
from wireroom.layouts import INVALID_DATE, Layout

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

INVALID_URL: Final = "invalid_url"
"""Warning: the header or the footer holds an address that cannot be fetched; `Document.broken_urls` names it."""

_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_NO_TEXT: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]+")
"""What a fetched paragraph cannot hold: controls and line ends, a BOM (it would read as the file's), and halves of
characters (no UTF-8 file can hold them)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One news document, from a file or from a page.

    Attributes:
        layout: how its file is laid out.
        title: one line; None when unknown or blank.
        date: day of publication as the document states it; None when unknown.
        url: the header's address, else the footer's first; as written. None when no address can be fetched.
        sources: the header's address and the footer's, as written, in order, without repeats; all pass `urls.check`.
        paragraphs: the body; none is blank, none holds a line end.
        warnings: codes: ``invalid_date``, ``invalid_url``.
        broken_urls: what means to be an address and cannot be fetched, as written.
        name: the file's name, when the caller gave one.
        raw: the text it was parsed from; None for a fetched document. Not part of equality.
    """

    layout: Layout
    title: str | None = None
    date: dt.date | None = None
    url: str | None = None
    sources: tuple[str, ...] = ()
    paragraphs: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    broken_urls: tuple[str, ...] = ()
    name: str | None = field(default=None, compare=False)
    raw: str | None = field(default=None, compare=False, repr=False)

    @property
    def text(self) -> str:
        """The paragraphs, one a line. Offsets in events count code points of this."""
        return "\n".join(self.paragraphs)

    @classmethod
    def fetched(
        cls,
        *,
        url: str,
        paragraphs: Iterable[str],
        title: str | None = None,
        date: dt.date | None = None,
        layout: Layout = Layout.TITLED,
    ) -> Document:
        """A document made from a page.

        Paragraphs and title are tidied: each becomes one line without control characters, empty ones go. The address
        becomes its checked form.

        Raises:
            UrlError: the address cannot be fetched.
        """
        href = urls.check(url)
        return cls(
            layout=Layout(layout),
            title=_tidy(title or "") or None,
            date=date,
            url=href,
            sources=(href,),
            paragraphs=tuple(filter(None, map(_tidy, paragraphs))),
        )


def decode(data: bytes, name: str, limit: int) -> str:
    """The text of a document file, its BOM kept, so that encoding it gives the same bytes.

    Args:
        data: the whole file.
        name: the file's name, for the error.
        limit: most bytes taken.

    Raises:
        DocumentError: ``too_large``, ``empty`` (or blank) or ``not_text`` (NUL bytes, invalid UTF-8).
    """
    if len(data) > limit:
        raise DocumentError(
            name, Reason.TOO_LARGE, f"holds {len(data):,} bytes, more than the {limit:,} allowed"
        )
    if data.startswith(_UTF16):
        raise DocumentError(name, Reason.NOT_TEXT, "looks like UTF-16; save it as UTF-8")
    nul = data.find(b"\0")
    if nul >= 0:
        raise DocumentError(name, Reason.NOT_TEXT, f"is no text: byte {nul:,} is NUL")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        detail = f"is no UTF-8 text: byte {error.start:,} is 0x{data[error.start]:02x} ({error.reason})"
        raise DocumentError(name, Reason.NOT_TEXT, detail) from None
    if not text.strip(layouts.BOM).strip():
        raise DocumentError(name, Reason.EMPTY, "is empty" if not data else "holds nothing but blanks")
    return text


def parse(text: str, *, name: str | None = None) -> Document:
    """Read a document. Every text is one: what has no header is `plain`."""
    parts = layouts.split(text)
    header = () if parts.address is None else (parts.address,)
    found = footer.addresses((*header, *footer.candidates("\n".join(parts.footer))))
    warned = ((INVALID_DATE, parts.invalid_date), (INVALID_URL, bool(found.broken)))
    return Document(
        layout=parts.layout,
        title=parts.title,
        date=parts.date,
        url=found.good[0] if found.good else None,
        sources=found.good,
        paragraphs=parts.paragraphs,
        warnings=tuple(code for code, is_so in warned if is_so),
        broken_urls=found.broken,
        name=name,
        raw=text,
    )


def render(document: Document, layout: Layout | str | None = None) -> str:
    """Write a document.

    In its own layout a parsed document is its raw text. Otherwise the fields are written: a known date is kept before
    the layout asked for (`plain` gets a dated header), and `titled` without a URL falls back to `dated`.

    Args:
        document: what to write.
        layout: how; None for the document's own.

    Raises:
        ValueError: no such layout.
    """
    wanted = document.layout if layout is None else Layout(layout)
    if document.raw is not None and wanted is document.layout:
        return document.raw
    if wanted is Layout.TITLED and document.url is not None:
        text = _render_titled(document, document.url)
    else:
        text = _render_blocks(document, wanted)
    # A reader takes the first BOM for the file's: one that belongs to the text needs another before it.
    return layouts.BOM + text if text.startswith(layouts.BOM) else text


def document_id(text: str | bytes) -> str:
    """The id of a file document: 16 hexadecimal digits, the beginning of the SHA-256 of its text's bytes."""
    # "surrogatepass": an id for every str, though `decode` makes none with halves of characters.
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    return hashlib.sha256(data).hexdigest()[:16]


def web_document_id(canonical_url: str) -> str:
    """The id of a web document: 16 hexadecimal digits, from its canonical URL.

    Raises:
        UrlError: as `urls.check`.
    """
    return urls.url_key(canonical_url)


def _render_titled(document: Document, url: str) -> str:
    body = layouts.write_titled(document.title, document.date, url, document.paragraphs)
    # A last paragraph that reads like a footer stays body text when a real footer stands behind it.
    ambiguous = footer.start(document.paragraphs) < len(document.paragraphs)
    if ambiguous or document.sources[1:]:
        return f"{body}\n{footer.write(document.sources)}\n"
    return body


def _render_blocks(document: Document, wanted: Layout) -> str:
    paragraphs = document.paragraphs
    # A first paragraph that reads like a header stays body text behind a real one.
    headed = wanted is not Layout.PLAIN or document.date or layouts.is_dated("".join(paragraphs[:1]))
    body = layouts.write_dated(document.date, paragraphs) if headed else layouts.write_plain(paragraphs)
    return body + (footer.write(document.sources) + "\n\n" if document.sources else "")


def _tidy(text: str) -> str:
    return _NO_TEXT.sub(" ", text).strip()
