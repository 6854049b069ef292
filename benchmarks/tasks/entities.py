"""Entities: who is named where in invented articles, beside what the model alone marks and what names alone would join.

Law: the answers stand in the files of ``data/``, written by hand from the text alone; nothing is learned from them.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from tasks import Row
from tasks.named import Article, articles
from wireroom import entities
from wireroom.adapters.tagger import Tagger
from wireroom.names import fold

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping, Sequence

    from wireroom.entities import Entity, Span

    Place = tuple[int, int]
    Groups = Mapping[Place, Hashable]

GOAL: Final = 0.98
SETS: Final = ("named_one", "named_two", "named_three", "named_four", "named_five")


def rows() -> Iterator[Row]:
    """One name for one thing in a document; mentions with their types; governments; speed."""
    found = [article for name in SETS for article in articles(name)]
    tagger = Tagger.load()
    texts = [article.text for article in found]
    tagger.tag(texts[:4])
    begun = time.process_time()
    marks = [tagged.spans for tagged in tagger.tag(texts)]
    tagging = time.process_time() - begun
    begun = time.process_time()
    ours = [entities.join(text, spans) for text, spans in zip(texts, marks, strict=True)]
    joining = time.process_time() - begun
    words = sum(len(text.split()) for text in texts)
    what = f"{len(found)} articles, {sum(len(article.named) for article in found)} mentions"
    plain = [_plain(spans) for spans in marks]
    yield _joined("surface form, mentions given", what, found, [_surfaces(article) for article in found])
    yield _joined(
        "surface form, mentions of the model",
        what,
        found,
        [_folded(article, spans) for article, spans in zip(found, plain, strict=True)],
    )
    yield _joined(
        "ours",
        what,
        found,
        [_grouped(given) for given in ours],
        GOAL,
        f"{words / (tagging + joining):,.0f} words/CPU s; {words / joining:,.0f} the rules alone",
    )
    yield _typed("the model alone", what, found, plain)
    yield _typed(
        "ours",
        what,
        found,
        [{place: entity.type for entity in given for place in entity.mentions} for given in ours],
        failures=True,
    )
    yield _governing(found, ours)


def _governing(found: Sequence[Article], ours: Sequence[Sequence[Entity]]) -> Row:
    """Capitals and seats that stand for a government, marked as such."""
    right = wanted = offered = 0
    wrong = []
    for article, given in zip(found, ours, strict=True):
        labels = {(name.start, name.end) for name in article.named if name.governs}
        marks = {
            place
            for entity in given
            if entity.stands_for is not None and entity.stands_for.how == "government"
            for place in entity.stands_for.mentions
        }
        right += len(labels & marks)
        wanted += len(labels)
        offered += len(marks)
        wrong += [f"{article.title}: missed {article.text[s : e + 20]!r}" for s, e in labels - marks]
        wrong += [
            f"{article.title}: not in {article.text[max(0, s - 20) : e + 20]!r}" for s, e in marks - labels
        ]
    score = f"P {right / max(1, offered):.4f} R {right / max(1, wanted):.4f}"
    return Row("capitals as governments", f"{wanted} mentions", score, failures=tuple(wrong))


def _plain(spans: Sequence[Span]) -> dict[Place, str]:
    """What the model marked, its labels as our types; nothing repaired."""
    return {(span.start, span.end): span.type for span in spans if span.type is not None}


def _folded(article: Article, marks: Mapping[Place, str]) -> Groups:
    return {(start, end): fold(article.text[start:end]) for start, end in marks}


def _surfaces(article: Article) -> Groups:
    return {(name.start, name.end): fold(article.text[name.start : name.end]) for name in article.named}


def _grouped(given: Sequence[Entity]) -> Groups:
    return {place: number for number, entity in enumerate(given) for place in entity.mentions}


def _joined(
    how: str,
    what: str,
    found: Sequence[Article],
    groups: Sequence[Groups],
    goal: float | None = None,
    speed: str = "",
) -> Row:
    """B-cubed over the labelled mentions: what overlaps one is its answer; one that was not seen stands alone."""
    precision = recall = 0.0
    total = 0
    failures = []
    for article, given in zip(found, groups, strict=True):
        answers = [
            _overlapping(given, name.start, name.end) or (number,)
            for number, name in enumerate(article.named)
        ]
        keys = [name.key for name in article.named]
        for at, (key, answer) in enumerate(zip(keys, answers, strict=True)):
            same_key = {n for n, other in enumerate(keys) if other == key}
            same_answer = {n for n, other in enumerate(answers) if other == answer}
            precision += len(same_key & same_answer) / len(same_answer)
            recall += len(same_key & same_answer) / len(same_key)
            total += 1
            if goal and same_key != same_answer:
                name = article.named[at]
                failures.append(
                    f"{article.title}: {article.text[name.start : name.end]!r} ({key}) {_against(article, same_key, same_answer)}"
                )
    precision, recall = precision / total, recall / total
    f1 = 2 * precision * recall / (precision + recall)
    return Row(
        f"one name: {how}",
        what,
        f"B3 P {precision:.4f} R {recall:.4f} F1 {f1:.4f}",
        f"F1 {goal}" if goal else "",
        f1 >= goal if goal else None,
        speed,
        tuple(failures),
    )


def _overlapping(given: Groups, start: int, end: int) -> tuple[Hashable] | None:
    exact = given.get((start, end))
    if exact is not None:
        return ("group", exact)
    near = [(min(end, e) - max(start, s), group) for (s, e), group in given.items() if s < end and e > start]
    return ("group", max(near, key=lambda pair: pair[0])[1]) if near else None


def _against(article: Article, wanted: set[int], given: set[int]) -> str:
    said = [article.text[name.start : name.end] for name in article.named]
    return "; ".join(
        f"{word} {', '.join(sorted({said[n] for n in numbers}))}"
        for word, numbers in (("without", wanted - given), ("with", given - wanted))
        if numbers
    )


def _typed(
    how: str,
    what: str,
    found: Sequence[Article],
    given: Sequence[Mapping[Place, str]],
    *,
    failures: bool = False,
) -> Row:
    """Mentions with exact offsets and an accepted type."""
    right = wanted = offered = 0
    wrong = []
    for article, marks in zip(found, given, strict=True):
        labels = {(name.start, name.end): name.types for name in article.named}
        hit = {place for place, kind in marks.items() if kind in labels.get(place, ())}
        right += len(hit)
        wanted += len(labels)
        offered += len(marks)
        wrong += [
            f"{article.title}: missed {article.text[s:e]!r} ({', '.join(labels[s, e])})"
            for s, e in labels.keys() - hit
        ]
        wrong += [
            f"{article.title}: {article.text[s:e]!r} is no {marks[s, e]}" for s, e in marks.keys() - hit
        ]
    precision, recall = right / offered, right / wanted
    return Row(
        f"typed mentions: {how}",
        what,
        f"P {precision:.4f} R {recall:.4f} F1 {2 * precision * recall / (precision + recall):.4f}",
        failures=tuple(wrong) if failures else (),
    )
