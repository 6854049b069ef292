"""What a body is, told from its bytes; the declared type is a hint at most.

Law: looks at the beginning only (JSON excepted), raises nothing but the refusal.
"""

from __future__ import annotations

import re
from typing import Literal

import orjson

from wireroom.errors import Reason, WorkError

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF"), (b"%!PS", "PostScript"), (b"\x89PNG", "a PNG image"), (b"GIF8", "a GIF image"),
    (b"\xff\xd8\xff", "a JPEG image"), (b"BM\x00", "a bitmap"), (b"II*\x00", "a TIFF image"), (b"MM\x00*", "a TIFF image"),
    (b"RIFF", "a media file"), (b"OggS", "a media file"), (b"ID3", "a media file"), (b"\x1aE\xdf\xa3", "a media file"),
    (b"fLaC", "a media file"), (b"PK\x03\x04", "a zip archive"), (b"PK\x05\x06", "a zip archive"), (b"Rar!", "an archive"),
    (b"7z\xbc\xaf", "an archive"), (b"\x1f\x8b", "gzip data"), (b"(\xb5/\xfd", "zstd data"), (b"BZh", "bzip2 data"),
    (b"\xfd7zXZ", "xz data"), (b"\x7fELF", "a program"), (b"MZ\x90", "a program"), (b"wOFF", "a font"), (b"wOF2", "a font"),
    (b"\xd0\xcf\x11\xe0", "an Office file"), (b"{\\rtf", "RTF"), (b"\x00\x00\x01\x00", "an icon"),
)  # fmt: skip
_TAG = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|title|meta|link|script|style|article|section|main|header|div|p|span|table|ul|"
    rb"h[1-6]|a|br|b|i|img)(?=[\s/>])",
    re.IGNORECASE,
)
_PAGE = re.compile(rb"<(?:!doctype\s+html|html)(?=[\s/>])", re.IGNORECASE)
_PLAIN = re.compile(
    r"^\s*(?:$|text/(?:plain|html|markdown|x-web-markdown)|application/(?:octet-stream|xhtml\+xml))",
    re.IGNORECASE,
)
_CONTROLS = bytes(set(range(32)) - {9, 10, 12, 13, 14, 15, 27})
"""Bytes that no text has; shifts and escapes are part of ISO-2022."""
HEAD = 65_536
"""Bytes in which a page shows that it is one."""


def kind(body: bytes, content_type: str | None) -> Literal["html", "text"]:
    """Tell what a body is.

    Args:
        body: as it came, content encodings undone.
        content_type: the HTTP header, if there was one.

    Raises:
        WorkError: EMPTY_PAGE where there is nothing, UNSUPPORTED_TYPE for what is neither a page nor plain text.
    """
    head = body[:HEAD]
    if not head.strip(b" \t\r\n\x0c\x00\xef\xbb\xbf\xff\xfe"):
        raise WorkError(Reason.EMPTY_PAGE, "the page is empty")
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    name = next((n for magic, n in _MAGIC if head.startswith(magic)), None)
    if name is None and head[4:8] == b"ftyp":
        name = "a media file"
    if name is None and not wide and len(head) - len(head.translate(None, _CONTROLS)) > len(head) // 50:
        name = "binary data"
    if name is not None:
        raise _unsupported(name)
    if wide:
        return "html"
    declared = (content_type or "").partition(";")[0].strip().lower()
    if _PAGE.search(head[:4_096]) or (declared != "text/plain" and _TAG.search(head)):
        if _is_feed(head):
            raise _unsupported("a feed")
        return "html"
    if _is_json(body):
        raise _unsupported("JSON")
    if head.lstrip().startswith(b"<?xml") or not _PLAIN.match(declared):
        raise _unsupported("XML" if head.lstrip().startswith(b"<?xml") else f"{declared[:60]!r}")
    return "text"


def _is_feed(head: bytes) -> bool:
    start = head.lstrip()[:1_024].lower()
    roots = (b"<rss", b"<feed", b"<rdf:rdf", b"<urlset", b"<sitemapindex", b"<svg")
    return not _PAGE.search(start) and any(r in start for r in roots)


def _is_json(body: bytes) -> bool:
    text = body.strip()
    if text[:1] not in {b"{", b"["} or text[-1:] not in {b"}", b"]"}:
        return False
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True


def _unsupported(name: str) -> WorkError:
    return WorkError(Reason.UNSUPPORTED_TYPE, f"not a page but {name}")
