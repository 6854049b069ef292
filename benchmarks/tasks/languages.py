"""Language: which one a sentence, a headline, a few words, a machine's translation or a mixed text is told to be in.

Beside it py3langid, where it is installed. Mixed texts and a few words should be told with less confidence.
"""

from __future__ import annotations

import importlib
import importlib.util
import time
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, Final

from tasks import Row
from wireroom.language import detect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KINDS: Final = ("sentence", "headline", "short", "machine", "mixed")
NOTHING: Final = (
    "",
    "12 345,67 8.9 2031",
    "https://herald.example/2031/03/04/the-news-of-today",
    "— … !",
    "a@b.example 7",
)


def rows() -> Iterator[Row]:
    """Right answers of each kind with their mean confidence; texts that tell nothing; the other library."""
    lines = (Path(__file__).parent / "data" / "languages.txt").read_text(encoding="utf-8").splitlines()
    cases = [tuple(line.split("\t")) for line in lines if not line.startswith("#")]
    detect("warm")
    for kind in KINDS:
        some = [(code, text) for code, which, text in cases if which == kind]
        begun = time.process_time()
        found = [detect(text) for _, text in some]
        speed = len(some) / (time.process_time() - begun)
        wrong = tuple(
            f"{text!r} is {code}, not {told.code} ({told.confidence})"
            for (code, text), told in zip(some, found, strict=True)
            if told.code != code
        )
        sure = mean(told.confidence for told in found)
        codes = len({code for code, _ in some})
        score = f"{len(some) - len(wrong)} of {len(some)}, confidence {sure:.2f}"
        yield Row(
            "language", f"{kind}, {codes} languages", score, speed=f"{speed:,.0f} texts/CPU s", failures=wrong
        )
    silent = sum(detect(text).code is None for text in NOTHING)
    yield Row(
        "language",
        "digits, marks, addresses",
        f"{silent} of {len(NOTHING)} null",
        "all",
        silent == len(NOTHING),
    )
    other = _other()
    if other is not None:
        right = sum(other(text) == code for code, _, text in cases)
        yield Row("language: py3langid", "all kinds", f"{right} of {len(cases)}")
    right = sum(detect(text).code == code for code, _, text in cases)
    yield Row("language", "all kinds", f"{right} of {len(cases)}")


def _other() -> Callable[[str], str] | None:
    if importlib.util.find_spec("py3langid") is None:
        return None
    library = importlib.import_module("py3langid")
    return lambda text: str(library.classify(text)[0])
