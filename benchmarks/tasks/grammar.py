"""Text from a small grammar: choices in braces, slots in angle brackets. Seeded, so that a set is the same everywhere.

``{a|b}`` is one of the choices, which may hold choices; ``<slot>`` is a value of the event that is told.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

_CHOICE: Final = re.compile(r"\{([^{}]*)\}")
_SLOT: Final = re.compile(r"<(\w+)>")

_STARTS: Final = [
    "Al",
    "Ash",
    "Bar",
    "Bel",
    "Bran",
    "Cal",
    "Car",
    "Dal",
    "Dor",
    "Ed",
    "El",
    "Far",
    "Fen",
    "Gal",
    "Gar",
    "Hal",
    "Har",
    "Hol",
    "Ing",
    "Jar",
    "Kel",
    "Kir",
    "Lan",
    "Lor",
    "Mar",
    "Mel",
    "Nor",
    "Or",
    "Pel",
    "Quen",
    "Ral",
    "Ros",
    "Sal",
    "Sel",
    "Tar",
    "Tor",
    "Ul",
    "Ven",
    "Wal",
    "Wes",
    "Yar",
    "Zan",
]
_MIDDLES: Final = ["a", "e", "i", "o", "u", "an", "en", "or", "ar", "ing", "il", "am", "es"]
_TOWN_ENDS: Final = [
    "ford",
    "ton",
    "burg",
    "wick",
    "haven",
    "mouth",
    "field",
    "dale",
    "minster",
    "stad",
    "polis",
    "grad",
    "bury",
    "port",
]
_NAME_ENDS: Final = [
    "son",
    "ez",
    "ini",
    "ova",
    "berg",
    "man",
    "sen",
    "ley",
    "er",
    "ich",
    "ano",
    "ard",
    "eau",
    "ström",
    "well",
]
_FIRST_NAMES: Final = [
    "Ada",
    "Amir",
    "Anna",
    "Boris",
    "Carla",
    "Chen",
    "Clara",
    "Daniel",
    "Dora",
    "Emil",
    "Esra",
    "Farid",
    "Greta",
    "Hugo",
    "Ines",
    "Ivan",
    "Jana",
    "Joel",
    "Karim",
    "Lena",
    "Luis",
    "Mara",
    "Milan",
    "Nadia",
    "Nils",
    "Omar",
    "Petra",
    "Rafael",
    "Rosa",
    "Samuel",
    "Sofia",
    "Tariq",
    "Tomas",
    "Ursula",
    "Viktor",
    "Wanda",
    "Yusuf",
    "Zoe",
    "Ingrid",
    "Mateo",
    "Leila",
    "Pavel",
]


def expand(template: str, slots: Mapping[str, str], rng: random.Random) -> str:
    """One text of the template."""

    def pick(match: re.Match[str]) -> str:
        return rng.choice(match.group(1).split("|"))

    text = template
    while "{" in text:
        text = _CHOICE.sub(pick, text)
    return _SLOT.sub(lambda match: slots[match.group(1)], text)


class Names:
    """Invented names, each given once.

    Args:
        rng: where they come from.
    """

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._given: set[str] = set()

    def town(self) -> str:
        """A town."""
        return self._fresh(_TOWN_ENDS)

    def surname(self) -> str:
        """A surname."""
        return self._fresh(_NAME_ENDS)

    def first_name(self) -> str:
        """A first name; these come again."""
        return self._rng.choice(_FIRST_NAMES)

    def _fresh(self, ends: list[str]) -> str:
        middle = self._rng.choice(("", *_MIDDLES))
        while (name := self._rng.choice(_STARTS) + middle + self._rng.choice(ends)) in self._given:
            middle += self._rng.choice(_MIDDLES)
        self._given.add(name)
        return name
