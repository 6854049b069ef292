# ruff: noqa: RUF001 - typographic marks are what texts hold
"""How a text uses capitals: not at all, for everything, or for names. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_WORD = re.compile(r"[^\W\d_]{3,}")
_CAPITALS = re.compile(r"[A-ZÀ-ÖØ-Þ]{2,}")
_SHOUT = re.compile(r"(?<!\w)[A-ZÀ-ÖØ-Þ]+(?:[ ,:;'’&/-]+[A-ZÀ-ÖØ-Þ]+){2,}(?!\w)")
_AROUND = 60
_BEFORE_SENTENCE = '.!?:"“”«»\n—–•'


def is_lower_case(text: str) -> bool:
    """Whether a text was written without capitals: fewer than one letter in 200, and a sentence's worth of letters."""
    letters = sum(map(str.isalpha, text))
    return letters > 30 and sum(map(str.isupper, text)) * 200 < letters and text.lower() != text.upper()  # noqa: PLR2004


def is_shouted(text: str, at: int) -> bool:
    """Whether the words of the line around an offset are written in capitals: four in five of at least three."""
    start = max(text.rfind("\n", 0, at) + 1, at - _AROUND)
    end = text.find("\n", at, at + _AROUND)
    words = _WORD.findall(text, start, end if end >= 0 else at + _AROUND)
    return len(words) > 2 and sum(map(str.isupper, words)) * 5 >= len(words) * 4  # noqa: PLR2004


def starts_sentence(text: str, at: int) -> bool:
    """Whether an offset is where a sentence, a quotation or a line begins."""
    before = text[max(0, at - 8) : at].rstrip(" \u00a0\t")
    return not before or before[-1] in _BEFORE_SENTENCE


def recase(text: str, keep: Callable[[str], bool]) -> str:
    """The text with runs of words in capitals written as names are: what a tagger was trained on.

    Three or more words in capitals in a row are a headline or a shout: 'PUTIN MEETS XI IN MOSCOW' becomes 'Putin
    Meets Xi In Moscow'. Every offset stays.

    Args:
        text: any text.
        keep: says of a word whether it stays in capitals (acronyms).
    """

    def lowered(match: re.Match[str]) -> str:
        part = match[0]
        changed = part[0] + part[1:].lower()
        return part if keep(part) or len(changed) != len(part) else changed

    return _SHOUT.sub(lambda run: _CAPITALS.sub(lowered, run[0]), text)
