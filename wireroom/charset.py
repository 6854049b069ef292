"""From bytes to text: byte order mark, HTTP header, meta element, and a guess only when nothing else is left.

Law: every input gives a text, without lone surrogates and without an exception. What was declared is believed as long
as the bytes agree with it; labels mean what the WHATWG Encoding standard says (``iso-8859-1`` is windows-1252).
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

SAMPLE = 32_768
"""Bytes that a guess is made from."""
TOLERATED = 0.2
"""Share of the letters beyond ASCII that may be wrong before a declared encoding is disbelieved."""

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_HEADER = re.compile(r"charset\s{0,3}=\s{0,3}[\"']?\s{0,3}([\w.:-]{1,40})", re.IGNORECASE)
_META = re.compile(
    rb"<(?:meta|\?xml)[^>]{0,400}?(?:charset|encoding)\s{0,3}=\s{0,3}[\"']?\s{0,3}([\w.:-]{1,40})",
    re.IGNORECASE,
)
_LABELS = {
    "iso-8859-1": "cp1252", "iso8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252", "ascii": "cp1252",
    "us-ascii": "cp1252", "ansi": "cp1252", "windows-1252": "cp1252", "x-user-defined": "cp1252",
    "iso-8859-9": "cp1254", "latin5": "cp1254", "iso-8859-11": "cp874", "tis-620": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "big5": "big5hkscs",
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932",
    "euc-kr": "cp949", "ks_c_5601-1987": "cp949", "x-mac-cyrillic": "mac_cyrillic", "unicode": "utf-8",
}  # fmt: skip
_NO_PAGE_HAS = {
    "utf-7",
    "punycode",
    "idna",
    "unicode-escape",
    "raw-unicode-escape",
    "undefined",
    "mbcs",
    "oem",
}
_SINGLE_BYTE = re.compile(r"^(?:cp125\d|cp874|iso8859-\d+|koi8-[ru]|mac-\w+)$")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text and how it was read.

    Attributes:
        text: without a byte order mark.
        encoding: Python's name of the encoding.
        guessed: whether nothing that was declared fitted.
    """

    text: str
    encoding: str
    guessed: bool


def decode(body: bytes, content_type: str | None) -> Decoded:
    """Decode a page.

    Args:
        body: the page as it came, content encodings undone.
        content_type: the HTTP header, if there was one.
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            return _decoded(body[len(mark) :].decode(name, "replace"), name, guessed=False)
    declared = [n for n in (_known(_header(content_type)), _known(_meta(body))) if n]
    utf8 = _strictly(body, "utf-8")
    if utf8 is not None and (not declared or body.isascii() or _SINGLE_BYTE.match(declared[0])):
        # No text in a one-byte encoding is valid UTF-8 by chance.
        return _decoded(utf8, "utf-8", guessed=False)
    for name in dict.fromkeys(declared):
        text = _strictly(body, name)
        if text is not None:
            return _decoded(text, name, guessed=False)
    for name in dict.fromkeys((*declared, "utf-8")):
        text = body.decode(name, "replace")
        strange = sum(1 for c in text if c > "\x7f") or 1
        if text.count("\ufffd") <= TOLERATED * strange:
            return _decoded(text, name, guessed=name not in declared)
    return _guess(body)


def _decoded(text: str, name: str, *, guessed: bool) -> Decoded:
    clean = text.encode("utf-8", "ignore").decode(
        "utf-8"
    )  # utf-16 and some Asian codecs let lone surrogates through
    return Decoded(clean.removeprefix("\ufeff"), name, guessed)


def _header(content_type: str | None) -> str | None:
    found = _HEADER.search(content_type or "")
    return found[1] if found else None


def _meta(body: bytes) -> str | None:
    found = _META.search(body[:8_192])
    name = found[1].decode("ascii", "ignore") if found else None
    return "utf-8" if name and name.lower().startswith("utf-16") else name  # its own letters prove it is not


def _known(label: str | None) -> str | None:
    if not label:
        return None
    try:
        name = codecs.lookup(_LABELS.get(label.lower(), label)).name
        b" ".decode(name, "replace")  # refuses codecs that are no text encodings
    except (LookupError, ValueError):
        return None
    return None if name.replace("_", "-") in _NO_PAGE_HAS else name


def _strictly(body: bytes, name: str) -> str | None:
    try:
        return body.decode(name)
    except (UnicodeError, LookupError, ValueError):
        return None


def _guess(body: bytes) -> Decoded:
    try:
        from charset_normalizer import from_bytes  # noqa: PLC0415 - the fetcher reads feeds and has no guesser
    except ModuleNotFoundError:
        return _decoded(body.decode("cp1252", "replace"), "cp1252", guessed=True)
    best = from_bytes(body[:SAMPLE]).best()
    name = _known(best.encoding if best else None) or "cp1252"
    return _decoded(body.decode(name, "replace"), name, guessed=True)
