"""Text that can be shown, stored and rendered: single lines without anything that acts on a terminal or a reader.

Law: pure and total. What is taken out: control characters, bidirectional overrides and isolates, lone surrogates,
non-characters, the byte order mark and the soft hyphen. What separates lines becomes one blank.
"""

from __future__ import annotations

import re

_ACTING = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u200b\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]")  # fmt: skip
_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]{1,8})|([0-9]{1,9}));?")
_XML_INVALID = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_ASCII_CONTROLS, _C1, _LAST = range(32), range(0x80, 0xA0), 0x10FFFF
_WHITE = {9, 10, 12, 13}
_LINE = re.compile("[\x85\u2028\u2029]")  # lines to Python, blanks to HTML
_ODD = re.compile(f"[{_LINE.pattern[1:-1]}{_XML_INVALID.pattern[1:-1]}]")
_BREAK = re.compile(r"\n[ \t\r]*\n")


def one_line(text: str | None) -> str:
    """A text as one line: acting characters out, every run of white space a blank, none at the ends."""
    return " ".join(_ACTING.sub("", text).split()) if text else ""


def without_controls(html: str) -> str:
    """A page without the characters, and the references to characters, that no XML tree can hold.

    One ``&#27;`` made trafilatura 2.3.1 lose the whole article. References to 128 to 159 mean windows-1252, as the HTML
    standard has it (13.2.5.80).
    """
    if _ODD.search(html):
        html = _LINE.sub(" ", _XML_INVALID.sub("", html))
    return _REFERENCE.sub(_referred, html) if "&#" in html else html


def paragraphs_of(text: str) -> tuple[str, ...]:
    """The paragraphs of a plain text: blocks between blank lines, or its lines where there are no blank ones."""
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    blocks = _BREAK.split(unified) if _BREAK.search(unified.strip()) else unified.split("\n")
    return tuple(filter(None, map(one_line, blocks)))


def _referred(found: re.Match[str]) -> str:
    number = int(found[1], 16) if found[1] else int(found[2])
    if number in _C1:
        return bytes([number]).decode("cp1252", "ignore")
    if number in {0x2028, 0x2029}:
        return " "
    if number > _LAST or 0xD800 <= number <= 0xDFFF or number in {0x7F, 0xFFFE, 0xFFFF}:  # noqa: PLR2004 - surrogates
        return ""
    return "" if number in _ASCII_CONTROLS and number not in _WHITE else found[0]
