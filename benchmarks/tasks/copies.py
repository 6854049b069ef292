"""Near copies: which of a set's texts are found to be copies of each other, and at what cost."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from zlib import crc32

from tasks import Row
from tasks.copy_sets import EDITS, copies, unlike
from tasks.placing import place, server
from wireroom.placement import Item

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tasks.copy_sets import Text

_WORD: Final = re.compile(r"\w+")
SEEDS: Final = (1, 2, 3)
_BEGIN: Final = datetime(2026, 3, 2, 6, tzinfo=UTC)


def rows() -> Iterator[Row]:
    """Found, missed and wrong pairs of text and edited text; each kind of edit; speed of all that the stage does."""
    right = wrong = documents = 0
    missed: Counter[str] = Counter()
    failures: list[str] = []
    cpu: list[float] = []
    with server() as url:
        yield from speed_rows(url)
        for seed in SEEDS:
            texts = copies(seed)
            placed = min([place(url, _items(texts)) for _ in range(2)], key=lambda found: found.cpu)
            documents, cpu = len(texts), [*cpu, placed.cpu]
            near = {
                frozenset((at, int(other["id"], 16)))
                for at in range(len(texts))
                for other in placed.answers[f"{at:016x}"]["near"]
            }
            family = [text.of if text.of is not None else at for at, text in enumerate(texts)]
            for at, text in enumerate(texts):
                if text.of is not None:
                    found = frozenset((at, text.of)) in near
                    right += found
                    missed[text.kind] += not found
            for pair in near:
                one, other = sorted(pair)
                if family[one] != family[other]:
                    wrong += 1
                    failures.append(
                        f"not a copy: {texts[one].kind} {one} and {texts[other].kind} {other} of set {seed}"
                    )
    pairs = right + sum(missed.values())
    precision, recall = right / (right + wrong), right / pairs
    f1 = 2 * precision * recall / (precision + recall)
    failures += [
        f"missed: {number} of {pairs // len(EDITS)} {kind}" for kind, number in missed.items() if number
    ]
    yield Row(
        "near copies",
        f"edits of {pairs // len(EDITS)} articles, {documents * len(SEEDS)} texts",
        f"P {precision:.4f} R {recall:.4f} F1 {f1:.4f}",
        "P 0.995 F1 0.97",
        precision >= 0.995 and f1 >= 0.97,
        f"{documents / min(cpu):.0f}/CPU s, stories included",
        tuple(failures),
    )


def speed_rows(url: str) -> Iterator[Row]:
    """What a document costs that is like no other, most of a day's news; and the same without the stories."""
    texts = unlike()
    whole = min(place(url, _items(texts)).cpu for _ in range(3))
    near = min(place(url, _items(_numbered(texts))).cpu for _ in range(3))
    for what, cpu, goal in (
        ("all of it", whole, None),
        ("copies", near, 1000),
        ("stories", whole - near, 500),
    ):
        speed = len(texts) / cpu
        yield Row(
            "sameness",
            f"{len(texts)} texts of 300 words: {what}",
            "",
            f"{goal}/CPU s" if goal else "",
            speed >= goal if goal else None,
            f"{speed:.0f}/CPU s",
        )


def _numbered(texts: Sequence[Text]) -> list[Text]:
    """The same texts with a number for each word: they have copies, but no terms and so no stories."""
    return [
        replace(text, text=_WORD.sub(lambda word: str(crc32(word[0].encode())), text.text)) for text in texts
    ]


def _items(texts: Sequence[Text]) -> list[Item]:
    return [
        Item(f"{at:016x}", text.text, None, _BEGIN.date(), _BEGIN + timedelta(seconds=at))
        for at, text in enumerate(texts)
    ]
