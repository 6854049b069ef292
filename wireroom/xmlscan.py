"""Feeds and sitemaps as XML that may be broken: read in one pass, with nothing expanded and nothing fetched. Pure.

Law: linear in the length of the text, whatever stands in it; no input raises. There is no document type here: an entity
that a document declares stays as it is written, so there is nothing to expand and nothing outside to read.

Why not a library's parser: what breaks most often in feeds is a bare ampersand in a link. libxml2 with ``recover``
makes ``?a=1=2=3`` of ``?a=1&b=2&copy=3`` (lxml 6.1.3, measured): another page. Here it stays what it is.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from html.entities import html5
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_TOKENS: Final = 1_000_000
"""Tags and texts after which the reading ends: 50,000 addresses of a sitemap have a third of it."""
LONGEST_FIELD: Final = 20_000
"""Characters of one field that are kept: an address has 8,192 at most."""

_NAME = re.compile(r"</?([A-Za-z_][^\s/>\"'=<]{0,60})")
# Quotes count as XML counts them; possessive, so one pass over a tag.
_TAG = re.compile(r"(?:[^>\"']++|\"[^\"]*+\"|'[^']*+')*+>")
_ATTRIBUTE = re.compile(r"([A-Za-z_][^\s=/>\"'<]{0,60}+)\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'>]++))")
_ENTITY = re.compile(r"&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([A-Za-z][A-Za-z0-9]{1,31}));")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_LAST: Final = 0x10FFFF
"""The last code point there is."""
_DOCTYPE_END = re.compile(r"\]\s*>")

_SPACES: Final = {
    "http://www.w3.org/2005/Atom": "atom",
    "http://purl.org/atom/ns#": "atom",
    "http://purl.org/rss/1.0/": "",
    "http://my.netscape.com/rdf/simple/0.9/": "",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://purl.org/rss/1.0/modules/syndication/": "sy",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://www.sitemaps.org/schemas/sitemap/0.9": "",
    "http://www.google.com/schemas/sitemap/0.84": "",
    "http://www.google.com/schemas/sitemap-news/0.9": "news",
}
"""What a namespace is called here, whatever prefix a document has for it."""


@dataclass(frozen=True, slots=True)
class Field:
    """One element that holds text.

    Attributes:
        name: in lower case but for what follows a known namespace's prefix: ``link``, ``dc:date``, ``atom:link``.
        attributes: as they are written, references decoded.
        text: what stands in it and in what it holds, references decoded, without blanks around it.
    """

    name: str
    attributes: dict[str, str]
    text: str


@dataclass(slots=True)
class Record:
    """One item, entry or address: its fields, in order."""

    attributes: dict[str, str] = field(default_factory=dict)
    fields: list[Field] = field(default_factory=list)

    def all(self, *names: str) -> Iterator[Field]:
        """Fields of the first of these names that there is, then of the others."""
        for name in names:
            yield from (found for found in self.fields if found.name == name)

    def text(self, *names: str) -> str:
        """The text of the first of these names that has one; else empty."""
        return next((found.text for found in self.all(*names) if found.text), "")


@dataclass(slots=True)
class Document:
    """What was read.

    Attributes:
        root: name of the outermost element; empty where there is none.
        head: what the document says of itself.
        records: items, entries or addresses.
        cut: there was more than was to be read.
    """

    root: str = ""
    head: Record = field(default_factory=Record)
    records: list[Record] = field(default_factory=list)
    cut: bool = False


def decoded(text: str) -> str:
    """Text with its character references decoded, once; what is no reference stays."""
    return _ENTITY.sub(_character, text) if "&" in text else text


def _character(found: re.Match[str]) -> str:
    if found[3]:
        return html5.get(f"{found[3]};", found[0])
    code = int(found[1]) if found[1] else int(found[2], 16)
    return chr(code) if 0 < code <= _LAST else "\ufffd"


def attributes(text: str) -> dict[str, str]:
    """The attributes of a tag by name; the first of each counts."""
    found: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(text[:LONGEST_FIELD]):
        found.setdefault(name, decoded(double or single or bare)[:LONGEST_FIELD])
    return found


@dataclass(frozen=True, slots=True)
class _Token:
    """One piece: the start (+), the whole (0) or the end (-) of an element, or text (empty name)."""

    name: str
    way: str
    text: str


def _tokens(text: str) -> Iterator[_Token]:
    at, size = 0, len(text)
    while at < size:
        begin = text.find("<", at)
        if begin < 0:
            begin = size
        if begin > at:
            yield _Token("", "", decoded(text[at:begin]))
        if begin == size:
            return
        if text.startswith("<![CDATA[", begin):
            end = text.find("]]>", begin)
            yield _Token("", "", text[begin + 9 : end if end >= 0 else size])
            at = end + 3 if end >= 0 else size
        elif text[begin + 1 : begin + 2] in {"!", "?"}:
            at = _past(text, begin)
        else:
            token, at = _tag(text, begin)
            yield token


def _past(text: str, begin: int) -> int:
    """Where a comment, an instruction or a document type ends; the text's end if it does not."""
    if text.startswith("<!--", begin):
        end = text.find("-->", begin + 4)
        return end + 3 if end >= 0 else len(text)
    end = text.find(">", begin)
    if end >= 0 and text[begin + 1] == "!" and "[" in text[begin:end]:
        subset = _DOCTYPE_END.search(text, begin)
        end = subset.end() - 1 if subset else -1
    return end + 1 if end >= 0 else len(text)


def _tag(text: str, begin: int) -> tuple[_Token, int]:
    """The tag that begins here, or the sign alone as text where none does."""
    name = _NAME.match(text, begin)
    # No attribute holds a <, so no tag reaches past the next one.
    after = text.find("<", begin + 1)
    after = len(text) if after < 0 else after
    if name is None:
        return _Token("", "", "<"), begin + 1
    whole = _TAG.match(text, name.end(), after)
    end = whole.end() - 1 if whole else text.find(">", name.end(), after)
    if end < 0:
        return _Token("", "", "<"), begin + 1
    inner = text[name.end() : end]
    if text[begin + 1] == "/":
        return _Token(name[1], "-", ""), end + 1
    return _Token(name[1], "0" if inner.endswith("/") else "+", inner), end + 1


class _Reader:
    """Puts tokens together: which element is open, which record, which field."""

    def __init__(self, shape: Shape, most: int) -> None:
        self.document = Document()
        self._shape = shape
        self._most = most
        self._open: list[str] = []
        self._counts: Counter[str] = Counter()
        self._spaces = {short: short for short in _SPACES.values() if short} | {"a10": "atom"}
        self._record: Record | None = None
        self._depth = 0
        self._field: tuple[int, Field, list[str]] | None = None

    def read(self, text: str) -> Document:
        """Everything, or as much as is to be read."""
        for number, token in enumerate(_tokens(text)):
            if number >= MOST_TOKENS or self._full(token):
                self.document.cut = True
                break
            if not token.name:
                if self._field is not None:
                    self._field[2].append(token.text)
            elif token.way == "-":
                self._close(self._named(token.name))
            else:
                self._start(token)
        return self.document

    def _full(self, token: _Token) -> bool:
        """Whether one more record begins than is to be read."""
        return (
            len(self.document.records) >= self._most
            and token.way in {"+", "0"}
            and self._named(token.name) in self._shape.records
        )

    def _named(self, name: str) -> str:
        prefix, colon, local = name.partition(":")
        if not colon:
            return name.lower()
        short = self._spaces.get(prefix, prefix.lower())
        return f"{short}:{local.lower()}" if short else local.lower()

    def _start(self, token: _Token) -> None:
        if "xmlns:" in token.text:
            for key, value in attributes(token.text).items():
                if key.startswith("xmlns:") and value.strip() in _SPACES:
                    self._spaces[key[6:]] = _SPACES[value.strip()]
        name = self._named(token.name)
        if not self.document.root:
            self.document.root = name
        if name in self._shape.records:
            if self._record is not None:
                self._close_to(self._depth)  # the one before it was never closed
            self._record, self._depth = Record(attributes(token.text)), len(self._open)
        elif name in self._shape.fields:
            self._begin_field(name, token.text)
        elif name in self._shape.heads and self._record is None:
            self.document.head.attributes |= {
                key: value
                for key, value in attributes(token.text).items()
                if key not in self.document.head.attributes
            }
        self._open.append(name)
        self._counts[name] += 1
        if token.way == "0":
            self._close(name)

    def _begin_field(self, name: str, text: str) -> None:
        if self._field is not None:
            depth, field_, _ = self._field
            if field_.name not in self._shape.texts or name not in self._shape.breaks:
                return  # a part of the field that is open
            self._close_to(depth)  # the field before it was never closed
        holder = self._open[-1] if self._open else ""
        if self._record is None:
            right = holder in self._shape.heads
        else:
            right = len(self._open) == self._depth + 1 or holder in self._shape.holders
        if right:
            self._field = (len(self._open), Field(name, attributes(text), ""), [])

    def _close(self, name: str) -> None:
        if self._counts[name] <= 0:
            return  # never opened
        at = len(self._open) - 1
        while self._open[at] != name:
            at -= 1
        self._close_to(at)

    def _close_to(self, depth: int) -> None:
        """End every element that was opened at this depth or below."""
        if self._field is not None and self._field[0] >= depth:
            _, found, parts = self._field
            whole = _CONTROLS.sub("", "".join(parts)).strip()[:LONGEST_FIELD]
            target = self._record or self.document.head
            target.fields.append(Field(found.name, found.attributes, whole))
            self._field = None
        if self._record is not None and self._depth >= depth:
            self.document.records.append(self._record)
            self._record = None
        while len(self._open) > depth:
            self._counts[self._open.pop()] -= 1


@dataclass(frozen=True, slots=True)
class Shape:
    """What is looked for. Names as in `Field`.

    Attributes:
        heads: elements whose fields speak of the whole document, the root among them.
        records: elements that are records.
        fields: elements whose text is wanted.
        texts: those of them that hold text alone: another field within means that the end was forgotten.
        breaks: fields that show it.
        holders: elements within a record that hold fields of it.
    """

    heads: frozenset[str]
    records: frozenset[str]
    fields: frozenset[str]
    texts: frozenset[str] = frozenset()
    breaks: frozenset[str] = frozenset()
    holders: frozenset[str] = frozenset()


def root(text: str) -> str:
    """The name of the outermost element, in lower case without a prefix; empty where there is none."""
    for number, token in enumerate(_tokens(text)):
        if token.name:
            return token.name.rpartition(":")[2].lower()
        if number > 1000:  # noqa: PLR2004 - comments and blanks before the root
            break
    return ""


def read(text: str, shape: Shape, most: int) -> Document:
    """Read a document.

    Args:
        text: decoded; need not be well-formed.
        shape: what is looked for.
        most: records after which the reading ends.
    """
    return _Reader(shape, most).read(text)


def tags(text: str) -> Iterator[tuple[str, str]]:
    """The name in lower case and the attributes as written of each tag that opens an element."""
    for number, token in enumerate(_tokens(text)):
        if number >= MOST_TOKENS:
            return
        if token.name and token.way != "-":
            yield token.name.lower(), token.text
