"""Near copies: which of a set's texts are found to be copies of each other, and at what cost."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from tasks import Row
from tasks.copy_sets import EDITS, copies
from tasks.placing import place, server
from wireroom.placement import Item

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tasks.copy_sets import Text

SEEDS: Final = (1, 2, 3)
_BEGIN: Final = datetime(2026, 3, 2, 6, tzinfo=UTC)


def rows() -> Iterator[Row]:
    """Found, missed and wrong pairs of text and edited text; each kind of edit; speed of all that the stage does."""
    right = wrong = documents = 0
    missed: Counter[str] = Counter()
    failures: list[str] = []
    cpu: list[float] = []
    with server() as url:
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


def _items(texts: Sequence[Text]) -> list[Item]:
    return [
        Item(f"{at:016x}", text.text, None, _BEGIN.date(), _BEGIN + timedelta(seconds=at))
        for at, text in enumerate(texts)
    ]
