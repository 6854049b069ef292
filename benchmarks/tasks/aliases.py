"""One name across documents: the people and bodies of a month of news, joined by the alias index on a real server.

Beside it what surface forms alone would join, and what each document joins by itself. The index is scored apart from the
tagger: once the mentions are given, once they are the model's.
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import redis

from tasks import Row, alias_sets
from tasks.placing import server
from wireroom import entities
from wireroom.adapters.alias_index import AliasIndex
from wireroom.adapters.keys import Keys
from wireroom.adapters.steps import Step, Steps
from wireroom.adapters.tagger import Tagger
from wireroom.entities import Span
from wireroom.names import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tasks.alias_sets import Article, Mention

SEEDS: Final = (1, 2, 3)
GOAL: Final = 0.95
_JUDGED: Final = frozenset({"PERSON", "ORG"})


@dataclass(frozen=True, slots=True)
class _Joined:
    """Of each document, the name at each mention; and the CPU it took."""

    names: list[dict[tuple[int, int], str]]
    cpu: float = 0.0


def rows() -> Iterator[Row]:
    """B-cubed of names across documents; then in other orders."""
    sets = [alias_sets.articles(seed) for seed in SEEDS]
    given = [[_document(at, one, _marks(one)) for at, one in enumerate(found)] for found in sets]
    tagger = Tagger.load()
    tagged = [
        [
            _document(at, one, spans.spans)
            for at, (one, spans) in enumerate(zip(found, tagger.tag([a.text for a in found]), strict=True))
        ]
        for found in sets
    ]
    with server() as url, redis.Redis.from_url(url, protocol=2) as client:
        for mentions, documents in (("mentions given", given), ("mentions of the model", tagged)):
            what = f"{mentions}, {len(sets)} x {len(sets[0])}"
            yield _row(f"folded surface, {what}", sets, [_own(docs, surface=True) for docs in documents])
            yield _row(f"each document alone, {what}", sets, [_own(docs) for docs in documents])
            ours = [_across(client, docs) for docs in documents]
            yield _row(f"ours, {what}", sets, ours, GOAL if documents is given else None)
        scores = [_shuffled(client, sets[0], given[0], seed)[2] for seed in range(5)]
        spread = max(scores) - min(scores)
        score = f"F1 {min(scores):.3f} to {max(scores):.3f}"
        yield Row("names across", "mentions given, 5 orders", score, "spread 0.02", spread <= 0.02)


def _marks(article: Article) -> list[Span]:
    return [Span(m.start, m.end, m.label, article.text[m.start : m.end]) for m in article.mentions]


def _document(at: int, article: Article, spans: Sequence[Span]) -> dict[str, Any]:
    """An article as it is published, without its story: the index is to do without."""
    found = entities.enrich(article.text, article.title, spans)
    known = {"title": article.title, "text": article.text, "sameness": {"story": None}}
    return {"id": f"{at:016x}", "entities": found, **known}


def _names(
    document: dict[str, Any], name: Callable[[dict[str, Any], int, int], str]
) -> dict[tuple[int, int], str]:
    return {
        (start, end): name(entity, start, end)
        for entity in document["entities"]
        for start, end in entity["mentions"]
    }


def _own(documents: Sequence[dict[str, Any]], *, surface: bool = False) -> _Joined:
    if surface:
        return _Joined([_names(d, lambda _, start, end, d=d: fold(d["text"][start:end])) for d in documents])  # type: ignore[misc]
    return _Joined([_names(d, lambda entity, *_: entity["name"]) for d in documents])


def _across(client: redis.Redis, documents: Sequence[dict[str, Any]]) -> _Joined:
    """Names and publishes one document after the other."""
    client.flushall()
    index, steps = AliasIndex(client, Keys(f"quality-{os.getuid()}:"), window_days=14), Steps(client)  # type: ignore[arg-type]
    steps.load()
    found = []
    before, begun = _server_cpu(client), time.process_time()
    for document in documents:
        named = index.name(document)
        steps.commit([Step(named.conditions, named.commands)])
        found.append({**document, "entities": named.entities})
    spent = time.process_time() - begun + _server_cpu(client) - before
    return _Joined(_own(found).names, spent)


def _shuffled(
    client: redis.Redis, articles: Sequence[Article], documents: Sequence[dict[str, Any]], seed: int
) -> tuple[float, float, float]:
    order = list(range(len(articles)))
    random.Random(seed).shuffle(order)
    return _score(_pairs([articles[at] for at in order], _across(client, [documents[at] for at in order])))


def _row(
    name: str, sets: Sequence[Sequence[Article]], joined: Sequence[_Joined], goal: float | None = None
) -> Row:
    pairs = [_pairs(*one) for one in zip(sets, joined, strict=True)]
    scores = [_score(one) for one in pairs]
    precision, recall, f1 = (sum(score[at] for score in scores) / len(scores) for at in range(3))
    spent = sum(one.cpu for one in joined)
    return Row(
        "names across",
        name,
        f"P {precision:.3f} R {recall:.3f} F1 {f1:.3f}",
        f"F1 {goal}" if goal else "",
        f1 >= goal if goal else None,
        f"{sum(map(len, sets)) / spent:.0f} documents/CPU s" if spent else "",
        tuple(line for one in pairs for line in _failures(one)) if spent else (),
    )


def _pairs(articles: Sequence[Article], joined: _Joined) -> list[tuple[str, str]]:
    """The name and the answer of every mention; one that was not found is alone."""
    return [
        (_at(names, mention) or f"none {number} {mention.start}", mention.who)
        for number, (article, names) in enumerate(zip(articles, joined.names, strict=True))
        for mention in article.mentions
        if mention.label in _JUDGED
    ]


def _at(names: dict[tuple[int, int], str], mention: Mention) -> str | None:
    exact = names.get((mention.start, mention.end))
    if exact is not None:
        return exact
    return next((n for (s, e), n in names.items() if s < mention.end and mention.start < e), None)


def _score(pairs: Sequence[tuple[str, str]]) -> tuple[float, float, float]:
    """B-cubed precision, recall and F1 (Bagga and Baldwin, 1998)."""
    found, true, both = Counter(n for n, _ in pairs), Counter(w for _, w in pairs), Counter(pairs)
    precision = sum(number**2 / found[name] for (name, _), number in both.items()) / len(pairs)
    recall = sum(number**2 / true[who] for (_, who), number in both.items()) / len(pairs)
    return precision, recall, 2 * precision * recall / (precision + recall)


def _failures(pairs: Sequence[tuple[str, str]]) -> Iterator[str]:
    """What is told apart or thrown together, the worst first."""
    usual: dict[str, str] = {}
    for (name, who), _ in reversed(Counter(pairs).most_common()):
        usual[who] = name
    wrong = Counter((name, who) for name, who in pairs if usual[who] != name)
    for (name, who), number in wrong.most_common():
        yield f"{number} of {who} called {name}, not {usual[who]}"
    for name, whose in Counter(usual.values()).items():
        if whose > 1:
            yield f"{name} stands for {', '.join(sorted(who for who, n in usual.items() if n == name))}"


def _server_cpu(client: redis.Redis) -> float:
    spent = client.info("cpu")
    return float(spent["used_cpu_user"]) + float(spent["used_cpu_sys"])
