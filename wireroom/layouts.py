"""The three layouts a document file can have, told apart by their first lines. Pure: text in, parts out.

Only LF, CR LF and CR end a line. Other characters that Python calls line ends (form feed, U+0085, U+2028 …) are
ordinary characters: they come from pages, and a paragraph that holds one is still one paragraph.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from wireroom import footer

if TYPE_CHECKING:
    from collections.abc import Sequence

BOM: Final = "\ufeff"
WRAP: Final = 120
"""Nobody wraps text wider than this many characters: a longer line, its addresses not counted, is a paragraph."""

INVALID_DATE: Final = "invalid_date"
"""Warning: a date stands where the header has one, and the calendar has no such day."""

_DATED: Final = re.compile(r"\s*date[^\S\n]+([0-9]{4}-[0-9]{2}-[0-9]{2})(?!\S)")
_DIGITS: Final = re.compile(r"[0-9]{8}")
_URL: Final = re.compile(r"https?://\S+", re.IGNORECASE)
_UNKNOWN: Final = "00000000"
_ENDS: Final = frozenset(".!?…。！？")  # noqa: RUF001 - full-width marks are meant
_QUOTES: Final = "\"'”’»)]"  # noqa: RUF001 - typographic quotes are meant


class Layout(StrEnum):
    """How a document file is laid out."""

    DATED = "dated"
    TITLED = "titled"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Parts:
    """A text, taken apart.

    Attributes:
        layout: what its first lines say.
        title: first line of a titled text; None when it is blank, and in the other layouts.
        date: the header's date; None when it is unknown or no calendar date.
        address: third line of a titled text, as written; not checked.
        paragraphs: the body.
        footer: the lines of the footer.
        invalid_date: the header's date is no calendar date.
    """

    layout: Layout
    title: str | None
    date: dt.date | None
    address: str | None
    paragraphs: tuple[str, ...]
    footer: tuple[str, ...]
    invalid_date: bool = False


def split(text: str) -> Parts:
    """Take any text apart."""
    lines = text.removeprefix(BOM).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return _titled(lines) or _dated_or_plain("\n".join(lines))


def is_dated(text: str) -> bool:
    """Whether the text begins like a dated header, with a calendar date or not."""
    return _DATED.match(text) is not None


def write_titled(title: str | None, date: dt.date | None, address: str, paragraphs: Sequence[str]) -> str:
    """The titled layout without a footer. An unknown date is written ``00000000``."""
    day = f"{date.year:04d}{date.month:02d}{date.day:02d}" if date else _UNKNOWN
    return "".join(f"{line}\n" for line in (title or "", day, address, *paragraphs))


def write_dated(date: dt.date | None, paragraphs: Sequence[str]) -> str:
    """The dated layout without a footer, as it is found in the wild. An unknown date is written ``0000-00-00``."""
    day = f"{date.year:04d}-{date.month:02d}-{date.day:02d}" if date else "0000-00-00"
    return f" date {day} \n\n\n\n" + write_plain(paragraphs)


def write_plain(paragraphs: Sequence[str]) -> str:
    """The plain layout without a footer: paragraphs with a blank line behind each."""
    return "".join(f"{paragraph}\n\n" for paragraph in paragraphs)


def _titled(lines: list[str]) -> Parts | None:
    head = [line.strip() for line in lines[:3]]
    if len(head) < 3 or not _DIGITS.fullmatch(head[1]) or not _URL.fullmatch(head[2]):  # noqa: PLR2004
        return None
    date, valid = _calendar(head[1])
    body, tail = _titled_body(lines[3:])
    return Parts(
        Layout.TITLED,
        title=head[0] or None,
        date=date,
        address=head[2],
        paragraphs=body if valid else (head[1], *body),
        footer=tail,
        invalid_date=not valid,
    )


def _titled_body(lines: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """One paragraph a line. A block of its own can be the footer; else the last lines can."""
    block = _last_block(lines)
    at = block if block and footer.begins(lines[block:]) else footer.start(lines)
    return tuple(filter(None, map(str.strip, lines[:at]))), tuple(lines[at:])


def _last_block(lines: list[str]) -> int:
    """Where the last block begins that has a blank line before it; 0 when there is none."""
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    while end and lines[end - 1].strip():
        end -= 1
    return end


def _dated_or_plain(text: str) -> Parts:
    header = _DATED.match(text)
    date, valid = _calendar(header[1].replace("-", "")) if header else (None, False)
    layout = Layout.DATED if valid else Layout.PLAIN
    rest = text[header.end() :] if header and valid else text
    blocks = _blocks(rest.split("\n"))
    tail: list[str] = []
    if blocks and footer.begins(blocks[-1]):
        tail = blocks.pop()
    if len(blocks) == 1:
        lines = blocks[0]
        at = len(lines) if tail else footer.start(lines)
        body, tail = _one_block(lines[:at]), tail or lines[at:]
    else:
        body = [" ".join(block) for block in blocks]
    return Parts(
        layout, None, date, None, tuple(body), tuple(tail), invalid_date=header is not None and not valid
    )


def _blocks(lines: list[str]) -> list[list[str]]:
    """Lines without the blanks around them, in groups as blank lines divide them."""
    blocks: list[list[str]] = [[]]
    for line in map(str.strip, lines):
        if line:
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block]


def _one_block(lines: list[str]) -> list[str]:
    """The paragraphs of a body that has no blank line: its lines, or one, when they are wrapped."""
    wide = any(len(_URL.sub("", line)) > WRAP for line in lines)
    whole = wide or all(line.rstrip(_QUOTES)[-1:] in _ENDS for line in lines)
    return lines if whole else [" ".join(lines)]


def _calendar(digits: str) -> tuple[dt.date | None, bool]:
    """The date that eight digits name, and whether they are right: a day of the calendar, or all noughts (unknown)."""
    if digits == _UNKNOWN:
        return None, True
    try:
        return dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:])), True
    except ValueError:
        return None, False
