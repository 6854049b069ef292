"""Articles with the names in them labelled: how the files of ``data/`` are read. Pure but for reading them.

An article begins with a line ``# what is hard in it``. A name is written ``{text|types:key}``: types are the letters of
person, organisation, place and x for other, several where people would differ; mentions of one key in one article are one
thing. A ``!`` behind the key: the name stands for a government. Titles, articles and possessives are outside.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_NAME: Final = re.compile(r"\{([^{}|]+)\|([plox]+):([a-z0-9]+)(!?)\}")
_TYPES: Final = {"p": "person", "o": "organisation", "l": "place", "x": "other"}


@dataclass(frozen=True, slots=True)
class Named:
    """A labelled mention.

    Attributes:
        start: first code point.
        end: one behind the last.
        key: what is named.
        types: the types that are right.
        governs: whether it stands for a government.
    """

    start: int
    end: int
    key: str
    types: tuple[str, ...]
    governs: bool


@dataclass(frozen=True, slots=True)
class Article:
    """An article.

    Attributes:
        title: what is hard in it.
        text: without the labels.
        named: the mentions in order.
    """

    title: str
    text: str
    named: tuple[Named, ...]


def articles(file: str) -> list[Article]:
    """The articles of a file."""
    text = (Path(__file__).parent / "data" / f"{file}.txt").read_text(encoding="utf-8")
    parts = re.split(r"^# (.*)\n", text, flags=re.MULTILINE)[1:]
    return [_read(title, body.strip()) for title, body in zip(parts[::2], parts[1::2], strict=True)]


def _read(title: str, body: str) -> Article:
    plain, named, at = "", [], 0
    for match in _NAME.finditer(body):
        plain += body[at : match.start()]
        start = len(plain)
        plain += match[1]
        named.append(
            Named(start, len(plain), match[3], tuple(_TYPES[letter] for letter in match[2]), bool(match[4]))
        )
        at = match.end()
    return Article(title, plain + body[at:], tuple(named))
