# ruff: noqa: RUF001 - typographic marks are what texts hold
"""What a tagger marked in a text, and how its edges are repaired. Pure: values in, values out.

The edges of a mark, in this order:

1. A mark is cut at line ends, slashes, brackets and 'via': a photo credit is several names.
2. Quotes, commas and other marks at its edges go; the full stop of an abbreviation (U.S., Inc.) stays.
3. A leading article goes, unless it belongs to the name (The Hague); so do leading and trailing small words, but
   for the particles of a surname (von, de, al-).
4. The possessive goes (Moscow's, the Emirates'), unless the name is written so (McDonald's).
5. A person's titles go: 'Russian President', 'Mr', 'Sen.'.
6. What has no letter, is an address, a credit word or a title alone is dropped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wireroom import names
from wireroom.gazetteer import Type, lookup
from wireroom.tables import words

if TYPE_CHECKING:
    from collections.abc import Iterator

_TYPES: dict[str, Type] = {
    "PERSON": "person",
    "PER": "person",
    "ORG": "organisation",
    "GPE": "place",
    "LOC": "place",
    "FAC": "place",
    "NORP": "other",
    "EVENT": "other",
    "PRODUCT": "other",
    "WORK_OF_ART": "other",
    "LAW": "other",
    "LANGUAGE": "other",
    "MISC": "other",
}
"""Labels of OntoNotes and CoNLL models; the ones left out (dates, amounts) are no entities."""

LABELS: dict[Type, str] = {"place": "GPE", "organisation": "ORG", "other": "NORP", "person": "PERSON"}
"""The label for each kind of entity."""

MAX_NAME = 120
"""Code points in the longest name: longer marks are a tagger's mistake."""

_CUT = re.compile(
    r"\s+\d{2,3}\s+(?=[A-Z])|(?<=[a-zß-ÿ]{3})(?<!Corp)(?<!Bros)(?<!Prof)(?<!Capt)(?<!Univ)(?<!Dept)(?<!Mass)(?<!Minn)(?<!Tenn)(?<!Conn)(?<!Wash)(?<!Mich)(?<!Okla)(?<!Ariz)(?<!Calif)(?<!Supt)(?<!Messrs)(?<!Cmdr)\.\s+(?=[A-Z])|\s+on\s+(?=[A-Z][\w ]{1,30} (?:Street|Avenue|Road|Lane|River|Island|Square)\b)|\s*[\n\r\t\u2028\u2029|;•·<>\[\](){}]+\s*|\s+/\s*|\s*/\s+|\s+via\s+|\s+[-–—]+\s+|\s*—\s*| {3,}"
)
_AND = re.compile(r"(?<!\s)\s{1,8}(?:and|&)\s{1,8}")
_NUMBERED = re.compile(r"\d+[-.)]\s?(?=[^\W\d_])")
_QUOTE = re.compile('[“”"„«»]')
_CUT_OR_QUOTE = re.compile(f"{_CUT.pattern}|{_QUOTE.pattern}")
_FULL_NAME = re.compile(r"[A-ZÀ-Þ][\w'’-]+(?: [A-ZÀ-Þ][\w.'’-]*){1,2}")
_LEFT = " \u00a0\"'“”‘’«»„‚`´.,:!?*_-–—/\\#~=+%$€£&…@^\ufffd\u200b\u200e\u200f\ufeff"
_RIGHT = _LEFT
_ABBREVIATION = re.compile(
    r"(?:^|\s)(?:(?:\w\.)+\w?|Inc|Corp|Co|Ltd|Jr|Sr|Bros|St|D\.C|Ill|Calif|Mass|Conn|Fla|Pa|Va|Ga|Md|Ore|Wis|Minn|Mich|Ariz|Colo|Tenn|Ala)$"
)
_ARTICLE = re.compile(r"(?:the|an?)\s+(?=\S)", re.IGNORECASE)
_POSSESSIVE = re.compile(r"(?:['’]s|(?<=s)['’])$", re.IGNORECASE)
_ADDRESS = re.compile(r"https?:|www\.|@|\.(?:com|org|net|co)\b", re.IGNORECASE)
_ADDRESSES = re.compile(
    r"[^\s<>()\[\]]{0,200}?(?:https?://|www\.|(?<=[\w.])@(?=[\w-]))[^\s<>()\[\]]{1,2000}", re.IGNORECASE
)
_OWN_POSSESSIVE = words("own_possessive")
_OWN_ARTICLE = frozenset({"the hague", "the gambia", "the bahamas"})
_NO_NAME = words("no_name")


@dataclass(frozen=True, slots=True)
class Span:
    """A mark in a text.

    Attributes:
        start: first code point.
        end: one behind the last.
        label: the tagger's label (``PERSON``, ``GPE``, ``ORG``, …).
        text: what stands there: ``document[start:end]``.
    """

    start: int
    end: int
    label: str
    text: str

    @property
    def type(self) -> Type | None:
        """The kind of entity, or None for labels that are none (dates, amounts)."""
        return _TYPES.get(self.label)

    def cut(self, start: int, end: int, label: str | None = None) -> Span:
        """The part of this mark between two offsets of its own text."""
        return Span(self.start + start, self.start + end, label or self.label, self.text[start:end])


def addresses(text: str) -> tuple[tuple[int, int], ...]:
    """Where web and mail addresses stand, (start, end) in order: what they hold is no name."""
    if "@" not in text and "www." not in text.lower() and "://" not in text:
        return ()
    return tuple(match.span() for match in _ADDRESSES.finditer(text))


def clean(span: Span, *, english: bool = True) -> Iterator[Span]:
    """The names inside a mark, their edges repaired; nothing when it holds none.

    Args:
        span: the mark.
        english: whether words without a capital at its edges are none of the name; 'Banque centrale' stays whole.
    """
    if span.type is None or not span.text:
        return
    for piece in _pieces(span):
        repaired = _edges(piece, english=english)
        if repaired is not None and _is_name(repaired):
            yield repaired


def _pieces(span: Span) -> Iterator[Span]:
    unpaired = len(_QUOTE.findall(span.text)) % 2 == 1
    cuts = list((_CUT_OR_QUOTE if unpaired else _CUT).finditer(span.text))
    if span.label in ("PERSON", "PER"):
        cuts = sorted([*cuts, *_AND.finditer(span.text)], key=lambda m: m.start())
    ends = [(m.start(), m.end(), "/" in m[0]) for m in cuts]
    at, behind_slash = 0, False
    for start, end, slash in [*ends, (len(span.text), len(span.text), False)]:
        if start > at:
            named = (
                behind_slash
                and _FULL_NAME.fullmatch(span.text, at, start)
                and lookup(span.text[at:start]) is None
            )
            yield span.cut(at, start, "PERSON" if named else None)
        at, behind_slash = end, slash


def _strip(span: Span) -> Span:
    text = span.text
    start = len(text) - len(text.lstrip(_LEFT))
    numbered = _NUMBERED.match(text, start)
    start = numbered.end() if numbered is not None else start
    body = text.rstrip(_RIGHT)
    end = len(body)
    if text[end : end + 1] == "." and _ABBREVIATION.search(body):
        end += 1
    return span.cut(start, max(end, start))


def _without_article(span: Span) -> Span:
    match = _ARTICLE.match(span.text)
    if match and span.label == "WORK_OF_ART" and lookup(span.text[match.end() :]) is None:
        return span
    if match and names.fold(span.text) not in _OWN_ARTICLE:
        return span.cut(match.end(), len(span.text))
    return span


def _without_possessive(span: Span) -> Span:
    last = names.fold(span.text).replace(" '", "'").rsplit(" ", 1)[-1]
    match = _POSSESSIVE.search(span.text)
    if match and last not in _OWN_POSSESSIVE and lookup(span.text) is None:
        return span.cut(0, match.start())
    return span


def _without_small_words(span: Span) -> Span:
    """Leading and trailing words without a capital, digit or particle go: 'Kiev may', 'eastern Ukraine'."""
    words = list(re.finditer(r"\S+", span.text))
    start, end = 0, len(words)
    while (
        start < end
        and _is_small(words[start][0])
        and not (start + 1 < end and names.is_particle(words[start][0]))
    ):
        start += 1
    while end > start and _is_small(words[end - 1][0]):
        end -= 1
    if start == end:
        return span.cut(0, 0)
    return span.cut(words[start].start(), words[end - 1].end())


def _is_small(word: str) -> bool:
    letters = [c for c in word if c.isalpha()]
    return bool(letters) and all(c.islower() for c in letters) and not names.is_particle(word) | ("-" in word)


def _edges(span: Span, *, english: bool) -> Span | None:
    length = -1
    while span.text and len(span.text) != length:
        length = len(span.text)
        span = _without_possessive(_without_article(_strip(span)))
        span = _without_small_words(span) if english else span
    if span.label in ("PERSON", "PER") and span.text:
        name = names.without_titles(span.text)
        span = _strip(span.cut(len(span.text) - len(name), len(span.text)))
    return span if span.text else None


def _is_name(span: Span) -> bool:
    text = span.text
    if len(text) > MAX_NAME or (len(text) < 2 and text.isascii()):  # noqa: PLR2004
        return False
    if not any(c.isalpha() for c in text) or _ADDRESS.search(text):
        return False
    return any(names.word(w) not in _NO_NAME for w in text.split()) or lookup(text) is not None
