"""What two texts have in common, word for word. Pure: texts in, numbers and offsets out.

Three questions, from the cheapest to the dearest:

* the same text? One hash of the normal form (NFKC, case folded, white space as one blank).
* could they share a passage? Fingerprints: hashes of word 5-grams, of which one in eight is kept by its value, and the
  smallest of any eight neighbours that have none (winnowing: Schleimer, Wilkerson, Aiken, SIGMOD 2003). A common run of
  12 words has at least one common fingerprint and one of 20 words at least two, always; sampling alone only makes it
  likely. Short texts keep every hash, so that a teaser is found in the long text it was cut from.
* which words? Common runs in both texts. The similarity of a pair is the part of the words of either text, the larger
  one of the two parts, that stands in common runs of five words or more: containment either way. With every tenth word
  changed it is still about 0.8, where the containment of the 5-grams themselves would be 0.59. But where few of
  the numbers and names stand in them, the similarity is 1.5 times their part: weather reports, match reports, notices
  of one template say other things in the same words.

Scripts that write no blanks between words (Han, kana, Thai, Lao, Khmer, Burmese) are read as overlapping pairs of
characters: such a pair counts as a word wherever words are counted here.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from operator import add, sub
from typing import TYPE_CHECKING, Final

from xxhash import xxh3_64_intdigest, xxh3_128_digest

from wireroom.capitals import name_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_LENGTH: Final = 200_000
"""Code points of a text that are compared; what stands behind them counts for exact copies only."""
GRAM: Final = 5
"""Words in one hashed run, and in the shortest run that counts for the similarity."""
WINDOW: Final = 8
"""Neighbouring hashes of which at least one is kept."""
_SAMPLED: Final = 7
"""Bits that are zero in the hashes that are always kept."""
SHORT: Final = 120
"""Texts up to so many words keep every hash."""
MIN_DISTINCT: Final = 10
"""Texts of fewer different words are compared for exact copies only: 'Read more here' says nothing."""
NEAR: Final = 0.5
"""Similarity from which two texts are near copies."""
FACTS: Final = 1.5
"""How many times the part of its numbers and names that are shared the similarity is at most."""
MIN_FACTS: Final = 5
"""Numbers and names below which a text is compared by its words alone."""
PASSAGE: Final = 12
"""Words in the shortest shared passage that is named."""
LONG_PASSAGE: Final = 15
"""One passage of so many words links two texts however long they are: the length of a quoted sentence."""
MIN_SHARE: Final = 0.05
"""Part of either text in shared passages from which two texts are linked."""

# Combining marks are not \w in Python; without them Hindi, Arabic with vowels and decomposed accents fall apart.
_MARKS = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff"
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\uff66-\uff9d\U00020000-\U0003fffd"
)
_UNSPACED_RUN = re.compile(f"[{_UNSPACED}]+")
_SPECIAL = re.compile(f"[{_UNSPACED}{_MARKS}]")
_PLAIN_WORD = re.compile(r"[^\W_]+")
_WORD = re.compile(f"[{_UNSPACED}]+|(?:[^\\W_{_UNSPACED}]|[{_MARKS}])+")


def digest(text: str) -> bytes:
    """16 bytes that are equal for texts of one normal form; empty for a text of nothing but white space."""
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    normal = " ".join(plain.casefold().split())
    return xxh3_128_digest(normal.encode("utf-8", "surrogatepass")) if normal else b""


@dataclass(frozen=True)
class Reading:
    """A text made ready for comparison.

    Attributes:
        text: the part of the text that is compared: its first `MAX_LENGTH` code points.
        cased: its words in order, as they are printed.
        words: the same, normalised (NFKC, case folded).
        grams: the hash of the `GRAM` words that begin at each word; shorter than `words` by ``GRAM - 1``.
    """

    text: str
    cased: tuple[str, ...]
    words: tuple[str, ...]
    grams: tuple[int, ...]

    @cached_property
    def last(self) -> dict[int, int]:
        """The last place of each hash."""
        return dict(zip(self.grams, range(len(self.grams)), strict=True))

    @cached_property
    def first(self) -> dict[int, int]:
        """The first place of each hash."""
        if len(self.last) == len(self.grams):
            return self.last
        return dict(zip(reversed(self.grams), reversed(range(len(self.grams))), strict=True))

    @cached_property
    def spans(self) -> list[tuple[int, int]]:
        """Where each word stands: start and end in code points."""
        return spans_of(self.text)

    @cached_property
    def facts(self) -> list[int]:
        """How many of the words before each place are numbers or names; one more than there are words."""
        names = {word for word, sure in name_words(self.cased, self.words, self.text).items() if sure == 1}
        known = {word: word in names or word[0].isdigit() for word in set(self.words)}
        return list(accumulate(map(known.__getitem__, self.words), initial=0))

    @cached_property
    def telling(self) -> bool:
        """Whether there are enough different words to compare anything but exact copies."""
        return len(self.grams) > 0 and len(set(self.words[: MIN_DISTINCT * 100])) >= MIN_DISTINCT


def read(text: str) -> Reading:
    """Splits a text into words and hashes its word 5-grams."""
    text = text[:MAX_LENGTH]
    cased = _cased(text)
    words = _normal(cased)
    raw = " ".join(words).encode("utf-8", "surrogatepass")
    starts = list(accumulate(map((1).__add__, map(len, raw.split(b" "))), initial=0))
    # Slices of one string, made by map: three times as fast as joining five words at each place.
    grams = map(raw.__getitem__, map(slice, starts, map((-1).__add__, starts[GRAM:])))
    return Reading(text, tuple(cased), tuple(words), tuple(map(xxh3_64_intdigest, grams)))


def words_of(text: str) -> list[str]:
    """The normalised words of a text, in order."""
    return _normal(_cased(text))


def _cased(text: str) -> list[str]:
    if text.isascii() or not _SPECIAL.search(text):
        return _PLAIN_WORD.findall(text)
    return [text[start:end] for start, end in _spans(text)]


def _normal(cased: list[str]) -> list[str]:
    """The words case folded and in their compatibility form; as many as there were."""
    if not cased:
        return []
    joined = " ".join(cased)
    if joined.isascii():
        return joined.lower().split(" ")
    if unicodedata.is_normalized("NFKC", joined):
        return joined.casefold().split(" ")
    return list(map(_fold, cased))


def spans_of(text: str) -> list[tuple[int, int]]:
    """Where each of the words of `words_of` stands: start and end in code points."""
    if _SPECIAL.search(text):
        return list(_spans(text))
    lengths = list(map(len, _PLAIN_WORD.findall(text)))
    # From the lengths of the words and of what stands between: a third of the time of asking each match.
    ends = list(accumulate(map(add, map(len, _PLAIN_WORD.split(text)), lengths)))
    return list(zip(map(sub, ends, lengths), ends, strict=True))


def _spans(text: str) -> Iterator[tuple[int, int]]:
    for match in _WORD.finditer(text):
        start, end = match.span()
        if end - start > 1 and _UNSPACED_RUN.match(text, start):
            yield from ((at, at + 2) for at in range(start, end - 1))
        else:
            yield start, end


def _fold(word: str) -> str:
    if word.isascii():
        return word.lower()
    # A compatibility form may hold blanks; a word must not. A word must not vanish either: offsets would shift.
    return unicodedata.normalize("NFKC", word).casefold().replace(" ", "") or "\ufffd"


def fingerprints(reading: Reading) -> tuple[int, ...]:
    """The hashes to look a text up by, sorted; none for a text that is not `telling`."""
    grams = reading.grams
    if not reading.telling:
        return ()
    if len(reading.words) <= SHORT:
        return tuple(sorted(set(grams)))
    chosen = [at for at, gram in enumerate(grams) if not gram & _SAMPLED]
    kept = {grams[at] for at in chosen}
    for before, after in zip([-1, *chosen], [*chosen, len(grams)], strict=True):
        if after - before > WINDOW:
            kept.update(_smallest(grams[before + 1 : after]))
    return tuple(sorted(kept))


def _smallest(grams: Sequence[int]) -> Iterator[int]:
    """The smallest of each `WINDOW` neighbours."""
    at, low = -1, 0
    for end in range(WINDOW, len(grams) + 1):
        last = grams[end - 1]
        if at < end - WINDOW:  # the smallest so far has left the window
            window = grams[end - WINDOW : end]
            low = min(window)
            at = end - WINDOW + window.index(low)
            yield low
        elif last < low:
            at, low = end - 1, last
            yield low


@dataclass(frozen=True, slots=True)
class Run:
    """A run of equal words, as long as can be: ``this[start:start+length] == other[other:other+length]``."""

    start: int
    other: int
    length: int


@dataclass(frozen=True, slots=True)
class Overlap:
    """What two texts share.

    Attributes:
        similarity: part of the words of one text in common runs of `GRAM` or more, the larger of both ways; 0 to 1.
        share: part of this text's words that stand in `passages`; 0 to 1.
        passages: start and end in this text, start and end in the other, in code points, in this text's order.
        near: whether the two are near copies.
        linked: whether the two share enough to be named together.
    """

    similarity: float
    share: float
    passages: tuple[tuple[int, int, int, int], ...]
    near: bool
    linked: bool


NOTHING_SHARED: Final = Overlap(0.0, 0.0, (), near=False, linked=False)
"""What two texts share that share no more than turns of speech; the similarity is not worth being looked at."""


def runs(this: Reading, other: Reading) -> tuple[Run, ...]:
    """Common runs of `GRAM` words or more in this text's order; they do not overlap in this text.

    Every word of this text is passed once: the time is linear even for one word repeated a hundred thousand times.
    """
    found: list[Run] = []
    end = 0
    first, last = other.first, other.last
    for start in [at for at, gram in enumerate(this.grams) if gram in first]:
        if start < end:
            continue
        gram = this.grams[start]
        run = _extend(this.words, other.words, start, first[gram])
        if last[gram] != first[gram]:
            second = _extend(this.words, other.words, start, last[gram])
            run = second if second.length > run.length else run
        found.append(run)
        end = start + run.length
    return tuple(found)


def _extend(this: tuple[str, ...], other: tuple[str, ...], start: int, at: int) -> Run:
    most = min(len(this) - start, len(other) - at)
    length = GRAM
    while length < most and this[start + length] == other[at + length]:
        length += 1
    return Run(start, at, length)


def compare(this: Reading, other: Reading) -> Overlap:
    """What two texts share: see `Overlap`. Passages are runs of `PASSAGE` words or more, of near copies all runs."""
    grams = len(this.first.keys() & other.first.keys())
    least = min(len(this.words), len(other.words))
    if grams <= PASSAGE - GRAM and grams * GRAM < NEAR * least:
        return NOTHING_SHARED
    common = runs(this, other)
    similarity = max(
        _part(this, [(run.start, run.start + run.length) for run in common]),
        _part(other, sorted([(run.other, run.other + run.length) for run in common])),
    )
    near = similarity >= NEAR
    shown = common if near else tuple(run for run in common if run.length >= PASSAGE)
    words = sum(run.length for run in shown)
    share = words / max(1, len(this.words))
    linked = near or (
        bool(shown)
        and (
            max(run.length for run in shown) >= LONG_PASSAGE
            or max(share, words / max(1, len(other.words))) >= MIN_SHARE
        )
    )
    passages = _offsets(this, other, shown) if linked else ()
    return Overlap(round(similarity, 4), round(share, 4) if linked else 0.0, passages, near, linked)


def _part(reading: Reading, spans: list[tuple[int, int]]) -> float:
    """The part of a text's words that stand in these spans, in order of their start; a word in two of them counts once."""
    covered: list[tuple[int, int]] = []
    end = 0
    for start, stop in spans:
        if stop > end:
            covered.append((max(start, end), stop))
            end = stop
    part = sum([stop - start for start, stop in covered]) / max(1, len(reading.words))
    if part < NEAR or reading.facts[-1] < MIN_FACTS:
        return part
    facts = sum([reading.facts[stop] - reading.facts[start] for start, stop in covered])
    return min(part, FACTS * facts / reading.facts[-1])


def _offsets(this: Reading, other: Reading, shown: tuple[Run, ...]) -> tuple[tuple[int, int, int, int], ...]:
    here, there = this.spans, other.spans
    return tuple(
        (
            here[run.start][0],
            here[run.start + run.length - 1][1],
            there[run.other][0],
            there[run.other + run.length - 1][1],
        )
        for run in shown
    )
