"""Edited copies of invented articles, and texts that only look like copies."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tasks.events import BACKGROUND, EVENTS, THINGS
from tasks.grammar import Names, expand
from tasks.story_sets import Country

if TYPE_CHECKING:
    from collections.abc import Callable

_SYNONYMS: Final = [
    "several",
    "notable",
    "recent",
    "further",
    "quiet",
    "local",
    "modest",
    "broad",
    "early",
    "sudden",
    "official",
    "rather",
    "nearly",
    "mostly",
]
_FUNCTION: Final = [
    "the",
    "of",
    "and",
    "to",
    "in",
    "a",
    "for",
    "that",
    "on",
    "was",
    "with",
    "as",
    "by",
    "at",
    "from",
    "it",
    "has",
    "an",
    "be",
    "are",
    "said",
    "were",
    "his",
    "which",
    "but",
]
_FRAME: Final = (
    "Sign up for our morning letter and never miss what matters. Read this article on our site with all pictures.",
    "All rights reserved. This material may not be published, broadcast, rewritten or redistributed without permission.",
    "Follow us wherever you are, and tell us what you think: our reporters read every letter that reaches the desk.",
)
_CLIMATE: Final = (
    "Tonight: {partly|mostly} {cloudy|clear}, with a low around <n1>. {North|South|West} wind {5|10|15} to {20|25} miles an hour.",
    "<weekday>: {a chance of showers|sunny|patchy fog before nine}, with a high near <n2>. Chance of precipitation is <n3> percent.",
    "<weekday2> night: rain {likely|possible}, mainly after <n4> in the evening. New rainfall amounts of less than half an inch possible.",
    "The forecast for <town> and the hills around <town2> was issued by the weather office at <n5> in the morning.",
    "A {small craft|gale|frost} warning remains in effect for the coast off <town3> until <weekday>.",
)
_OBITUARY: Final = (
    "<p1>, <n1>, of <town>, passed away peacefully on <weekday> at the <town2> hospice, surrounded by family.",
    "Born in <town3> in 19<n2>, {he|she} was the {son|daughter} of the late <p2> and <p3>.",
    "<P1> worked for <n3> years at {the <w1> works|the <w2> company}, and loved {the <w3>|gardening and the <w4>}.",
    "Survivors include a {sister|brother}, <p4>, <n4> grandchildren and many nieces and nephews.",
    "Visitation will be held from <n5> in the afternoon on <weekday2> at the chapel in <town2>. In lieu of flowers, memorial contributions may be made to the <w5> society of <town>.",
)
_STOCKS: Final = (
    "Shares of <org1> {rose|fell} <n1>.<n2> percent to <n3>.<n4> in {early|late} trading on <weekday> after the company reported quarterly results.",
    "The maker of <w1> said net income was <n5> million for the quarter, or <n6> cents a share, compared with <n2> million a year earlier.",
    "Revenue for the quarter was <n4> million. Analysts surveyed had on average expected revenue of <n1> million.",
    "<org1> shares have gained <n3> percent since the beginning of the year. In the final minutes of trading on <weekday>, shares hit <n6>.<n1>.",
)
_FIXTURE: Final = (
    "<team1> {beat|drew with|lost to} <team2> <n1>-<n2> at the <stadium> on <weekday> in front of a crowd of <n3>00.",
    "<p1> opened the scoring in minute <n4> and <p2> doubled the lead with a free kick <n5> minutes later.",
    "<p3> was sent off shortly before half time for a second bookable offence.",
    "The result leaves <team1> on <n6> points from as many games, with a trip to <town> to come next weekend.",
)
_TEMPLATES: Final = (_CLIMATE, _OBITUARY, _STOCKS, _FIXTURE)
_DAYS: Final = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


@dataclass(frozen=True, slots=True)
class Text:
    """A text of a set.

    Attributes:
        text: the text.
        kind: how it was made.
        of: number of the text it is a copy of; None where it is a copy of none.
    """

    text: str
    kind: str
    of: int | None


def article(country: Country, rng: random.Random) -> str:
    """An article of 150 to 500 words that shares no sentence with another but by chance."""
    sentences: list[str] = []
    length = rng.randint(150, 500)
    while len(" ".join(sentences).split(" ")) < length:
        kind = rng.choice([kind for kind in EVENTS if kind != "match"])
        slots = country.event("a", kind, 0).slots | {"day": rng.choice(_DAYS)}
        pool = [template for phase in EVENTS[kind] for template in phase]
        sentences += [expand(template, slots, rng) for template in rng.sample(pool, 4)]
        sentences.append(_loose(country, rng))
    return "\n".join(" ".join(sentences[at : at + 3]) for at in range(0, len(sentences), 3))


def _loose(country: Country, rng: random.Random) -> str:
    """A sentence of things in any order."""
    things = rng.sample(THINGS, rng.randint(5, 9))
    glue = rng.choices(
        ("of the", "and a", "beside", "without", "under every", "for", "that no", "against"), k=9
    )
    words = [word for pair in zip(things, glue, strict=False) for word in pair]
    return f"{country.names.first_name()} spoke of {' '.join(words[:-1])}."


def _cut(text: str, rng: random.Random, _: str) -> str:
    words = text.split(" ")
    return " ".join(words[: max(30, int(len(words) * rng.uniform(0.3, 0.8)))])


def _framed(text: str, rng: random.Random, _: str) -> str:
    return "\n".join([rng.choice(_FRAME), text, *rng.sample(_FRAME, 2)])


def _shortened(text: str, rng: random.Random, _: str) -> str:
    sentences = text.split(". ")
    return ". ".join(sentence for sentence in sentences if rng.random() < 0.6) or sentences[0]


def _reordered(text: str, rng: random.Random, _: str) -> str:
    paragraphs = text.split("\n")
    rng.shuffle(paragraphs)
    return "\n".join(paragraphs)


def _reworded(text: str, rng: random.Random, _: str) -> str:
    share = rng.uniform(0.02, 0.1)
    return " ".join(rng.choice(_SYNONYMS) if rng.random() < share else word for word in text.split(" "))


def _embedded(text: str, rng: random.Random, other: str) -> str:
    paragraphs = other.split("\n")
    half = rng.randrange(len(paragraphs))
    return "\n".join([*paragraphs[:half], text, *paragraphs[half:]])


def _mixed(text: str, rng: random.Random, other: str) -> str:
    return _framed(_reordered(_reworded(_shortened(text, rng, other), rng, other), rng, other), rng, other)


EDITS: Final[dict[str, Callable[[str, random.Random, str], str]]] = {
    "cut": _cut,
    "framed": _framed,
    "shortened": _shortened,
    "reordered": _reordered,
    "reworded": _reworded,
    "embedded": _embedded,
    "mixed": _mixed,
}


def unlike(seed: int = 1, number: int = 2000, words: int = 300) -> list[Text]:
    """Texts of so many words with the words of one language, nearly half of them function words, and nothing in common."""
    rng = random.Random(seed)
    names = Names(rng)
    vocabulary = [*THINGS, *[names.surname().lower() for _ in range(8000)]]
    weights = [1 / (rank + 20) for rank in range(len(vocabulary))]
    made = []
    for _ in range(number):
        who = [names.town() for _ in range(4)]
        chosen = rng.choices(vocabulary, weights, k=words)
        told = [rng.choice(_FUNCTION) if rng.random() < 0.45 else word for word in chosen]
        told = [rng.choice(who) if rng.random() < 0.05 else word for word in told]
        lines = [" ".join(told[at : at + 18]) for at in range(0, words, 18)]
        made.append(Text(". ".join(line[:1].upper() + line[1:] for line in lines) + ".", "unlike", None))
    return made


def copies(seed: int = 1, articles: int = 120) -> list[Text]:
    """Articles and a copy of each by each edit, in any order but the article first; and as many that are no copies."""
    country, rng = Country(seed), random.Random(seed)
    texts = [Text(article(country, rng), "article", None) for _ in range(articles)]
    edited = [
        Text(edit(one.text, rng, article(country, rng)), kind, number)
        for number, one in enumerate(texts)
        for kind, edit in EDITS.items()
    ]
    rest = edited + _templates(rng, 60) + _quotations(country, rng, 60) + _framed_others(country, rng, 60)
    rng.shuffle(rest)
    return texts + rest


def _templates(rng: random.Random, number: int) -> list[Text]:
    """Weather, obituaries, stocks, results: the same words around other facts."""
    names = Names(rng)
    made = []
    for at in range(number):
        slots = {f"n{n}": str(rng.randint(11, 99)) for n in range(1, 7)}
        slots |= {f"w{n}": thing for n, thing in enumerate(rng.sample(THINGS, 6))}
        slots |= {name: names.town() for name in ("town", "town2", "town3")}
        slots |= {
            "stadium": f"{names.town()} Park",
            "org1": f"{names.surname()} Corp",
            "team1": f"{names.town()} City",
        }
        slots |= {
            "team2": f"{names.town()} Rovers",
            "weekday": rng.choice(_DAYS),
            "weekday2": rng.choice(_DAYS),
        }
        for n in range(1, 5):
            surname = names.surname()
            slots |= {f"p{n}": f"{names.first_name()} {surname}", f"P{n}": surname}
        template = _TEMPLATES[at % len(_TEMPLATES)]
        made.append(Text(" ".join(expand(line, slots, rng) for line in template), "template", None))
    return made


def _quotations(country: Country, rng: random.Random, number: int) -> list[Text]:
    """Different articles with one long quotation in common."""
    spoken = [
        _loose(country, rng)[:-1] + ", and so will it be for as long as I have a say in it" for _ in range(6)
    ]
    return [
        Text(f'{article(country, rng)}\n"{rng.choice(spoken)}," she said.', "quotation", None)
        for _ in range(number)
    ]


def _framed_others(country: Country, rng: random.Random, number: int) -> list[Text]:
    """Different articles of one site, framed alike."""
    frame = (
        " ".join(_FRAME)
        + " "
        + " ".join(expand(line, country.slots | {"day": "Monday"}, rng) for line in BACKGROUND[:3])
    )
    return [Text(f"{article(country, rng)}\n{frame}", "frame", None) for _ in range(number)]
