"""Names as they are printed: capitalised words. Pure.

Enough to tell two events apart and to show what two documents have in common, at next to no cost; finding out who is
meant is the work of the entities.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from wireroom.names import HONORIFICS
from wireroom.terms import STEMS

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_NAMES: Final = 6
_NAMED_IN: Final = 5_000
"""Code points of a text that are searched for names."""
_LOWER: Final = "a-zß-öø-ÿα-ωа-яёіїєґ"
_CAPITALISED: Final = rf"[^\W\d_{_LOWER}]\w*"
_NAME: Final = re.compile(rf"\b{_CAPITALISED}(?: {_CAPITALISED})*")
_SENTENCE_END: Final = re.compile(r"(?:^|[.!?:\n\"“”«»])[\s\"'“”‘’«»(]*$")  # noqa: RUF001 - quotation marks


_BEGINNING: Final = re.compile(r"[.!?:;\n\"“”„«»‘(\[—–-]\s*([^\W_]+)")  # noqa: RUF001 - quotation marks
_AT_BEGINNING: Final = 0.5
_TITLED: Final = 0.5
_BEFORE_NAMES: Final = HONORIFICS - {"premier", "dame"}
"""Words that a person's name follows, but for those of leagues and churches."""


def name_words(cased: Sequence[str], words: Sequence[str], text: str) -> dict[str, float]:
    """The words of a text that are names in it, case folded, with how surely they are: 0 to 1.

    A word is no name if it stands anywhere without its capital; one that stands at beginnings of sentences only may be
    one. A text with capitals on more than half of its words (headlines, all capitals) tells nothing.

    Args:
        cased: the words of the text as they are printed.
        words: the same, case folded.
        text: the text they are from.
    """
    distinct = set(cased)
    capitalised = [word for word in distinct.difference(words) if word[0].isupper()]
    if len(capitalised) > _TITLED * len(distinct):
        return {}
    begun = Counter(_BEGINNING.findall("\n" + text))
    found: dict[str, float] = {}
    for word in capitalised:
        folded = word.casefold()
        if folded not in distinct:
            found[folded] = max(
                found.get(folded, 0.0),
                _AT_BEGINNING if word in begun and cased.count(word) <= begun[word] else 1.0,
            )
    return found


def _without_title(words: list[str]) -> list[str]:
    """The words behind a title: 'Norwegian President Ada Holm' is Ada Holm."""
    title = max((at for at, word in enumerate(words[:-1]) if word.casefold() in _BEFORE_NAMES), default=-1)
    return words[title + 1 :]


def names(text: str, terms: Sequence[str]) -> list[str]:
    """The names in a text that hold one of these terms: runs of capitalised words, the most frequent first.

    A single word at the beginning of a sentence is a name only if it is one elsewhere too.
    """
    text = text[:_NAMED_IN]
    wanted = set(terms)
    found: Counter[str] = Counter()
    for match in _NAME.finditer(text):
        words = _without_title(match.group().split(" "))
        start = match.end() - len(" ".join(words))
        begins = _SENTENCE_END.search(text, max(0, start - 4), start) is not None
        told = [STEMS[word.casefold()] in wanted for word in words]
        if len(words) > 1 and begins and not told[0]:
            words, told, begins = words[1:], told[1:], False
        if any(told) and words[0][0].isupper():
            found[" ".join(words)] += 1 if begins and len(words) == 1 else 2
    kept = [name for name, times in found.items() if times > 1]
    parts = {word for name in kept if " " in name for word in name.split()}
    kept = [name for name in kept if name not in parts]
    return sorted(kept, key=lambda name: (-found[name], name))[:MAX_NAMES]
