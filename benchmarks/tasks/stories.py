"""Stories: which texts tell the same one, whatever the order within a day and however many workers there are."""

from __future__ import annotations

import random
from collections import Counter
from statistics import mean
from typing import TYPE_CHECKING, Final

from tasks import Row, story_sets
from tasks.placing import place, server
from wireroom.placement import Item

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tasks.placing import Placed
    from tasks.story_sets import Told

SETS: Final = (
    ("politics of one country", story_sets.political, (1, 2, 3), 0.98),
    ("many kinds, hard", story_sets.hard, (2, 3), 0.92),
    ("a story of a week", story_sets.week, range(10), 0.98),
    ("two elections, one week", story_sets.two_elections, range(10), 0.98),
    ("one kind, two towns", story_sets.two_towns, range(10), 0.98),
    ("two matchdays", story_sets.matchdays, range(10), None),
)


def rows() -> Iterator[Row]:
    """B-cubed scores of each set; then the hard one in other orders and by several workers."""
    with server() as url:
        for name, make, seeds, goal in SETS:
            yield _row(url, name, [make(seed) for seed in seeds], goal)
        hard = story_sets.hard(2)
        shuffled = [_score(hard_, place(url, _items(hard_)))[2] for hard_ in _orders(hard, 4)]
        spread = max(shuffled) - min(shuffled)
        score = f"F1 {min(shuffled):.3f} to {max(shuffled):.3f}"
        yield Row("stories", "hard, 4 orders within a day", score, "spread 0.02", spread <= 0.02)
        for workers in (1, 2, 4):
            placed = place(url, _items(hard), workers)
            *_, f1 = _score(hard, placed)
            speed = f"{len(hard) / placed.cpu:.0f}/CPU s"
            yield Row("stories", f"hard, {workers} workers", f"F1 {f1:.3f}", speed=speed)


def _row(url: str, name: str, sets: Sequence[Sequence[Told]], goal: float | None) -> Row:
    placed = [place(url, _items(told)) for told in sets]
    scores = [_score(*one) for one in zip(sets, placed, strict=True)]
    precision, recall, f1 = (mean(score[at] for score in scores) for at in range(3))
    failures = [line for one in zip(sets, placed, strict=True) for line in _failures(*one)]
    speed = max(len(told) / one.cpu for told, one in zip(sets, placed, strict=True))
    return Row(
        "stories",
        f"{name}, {len(sets)} x {len(sets[0])}",
        f"P {precision:.3f} R {recall:.3f} F1 {f1:.3f}",
        f"F1 {goal}" if goal else "",
        f1 >= goal if goal else None,
        f"{speed:.0f}/CPU s",
        tuple(failures),
    )


def _items(told: Sequence[Told]) -> list[Item]:
    return [Item(f"{at:016x}", one.text, one.title, one.day, one.seen(at)) for at, one in enumerate(told)]


def _orders(told: Sequence[Told], number: int) -> Iterator[list[Told]]:
    for seed in range(number):
        mixed = list(told)
        random.Random(seed).shuffle(mixed)
        yield sorted(mixed, key=lambda one: one.day)


def _pairs(told: Sequence[Told], placed: Placed) -> list[tuple[str, str]]:
    """The found and the true story of each document; one that is in none is alone."""
    return [(placed.stories.get(f"{at:016x}", f"none {at}"), one.story) for at, one in enumerate(told)]


def _score(told: Sequence[Told], placed: Placed) -> tuple[float, float, float]:
    """B-cubed precision, recall and F1 (Bagga and Baldwin, 1998)."""
    pairs = _pairs(told, placed)
    found = Counter(story for story, _ in pairs)
    true = Counter(story for _, story in pairs)
    both = Counter(pairs)
    precision = sum(number**2 / found[story] for (story, _), number in both.items()) / len(pairs)
    recall = sum(number**2 / true[story] for (_, story), number in both.items()) / len(pairs)
    return precision, recall, 2 * precision * recall / (precision + recall)


def _failures(told: Sequence[Told], placed: Placed) -> Iterator[str]:
    by_found: dict[str, Counter[str]] = {}
    by_true: dict[str, Counter[str]] = {}
    for story, true in _pairs(told, placed):
        by_found.setdefault(story, Counter())[true] += 1
        by_true.setdefault(true, Counter())[story] += 1
    for counted in by_found.values():
        if len(counted) > 1:
            yield "one story of " + ", ".join(f"{number} of {true}" for true, number in counted.most_common())
    for true, counted in by_true.items():
        if len(counted) > 1:
            yield f"{true} in pieces of " + ", ".join(str(number) for _, number in counted.most_common())
