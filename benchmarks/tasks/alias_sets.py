"""Invented news of a month whose people and bodies are known: who is meant by each name, in every document.

Law: the answer is made with the text, from who was chosen to be named; nothing of the program is asked. Countries and
capitals are real, all people and bodies are invented.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a text: code points, the type as taggers write it, and who is meant."""

    start: int
    end: int
    label: str
    who: str


@dataclass(frozen=True, slots=True)
class Article:
    """A document with the names in it."""

    title: str
    text: str
    mentions: tuple[Mention, ...]
    story: str


@dataclass(frozen=True, slots=True)
class Thing:
    """Somebody or something with a name.

    Attributes:
        who: the answer.
        label: PERSON or ORG.
        full: its full spellings, the usual one first.
        short: what it is called after that.
        office: what stands before the full name.
    """

    who: str
    label: str
    full: tuple[str, ...]
    short: tuple[str, ...]
    office: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A storyline: where it happens, who and what is in it, and what it is about."""

    name: str
    country: str
    people_of: str
    capital: str
    people: tuple[Thing, ...]
    bodies: tuple[Thing, ...]
    thing: str
    strangers: tuple[Thing, ...] = field(default=())
    """People who are called by the surname alone wherever they come."""


def _person(full: str, short: str, office: str = "", who: str = "") -> Thing:
    fulls = tuple(full.split("|"))
    return Thing(who or fulls[0], "PERSON", fulls, tuple(short.split("|")), office)


def _body(full: str, short: str, who: str = "") -> Thing:
    return Thing(
        who or full.split("|", maxsplit=1)[0], "ORG", tuple(full.split("|")), tuple(short.split("|"))
    )


LINES: Final = (
    Line("harbour", "Norway", "Norwegian", "Oslo",
         (_person("Anton Velder", "Velder", "Transport Minister"), _person("Ida Brask", "Brask", "Mayor"),
          _person("Nils Haugland", "Haugland")),
         (_body("Northern Grain Council", "NGC"),), "harbour"),
    Line("bridge", "Canada", "Canadian", "Ottawa",
         (_person("Clara Velder", "Velder", "Senator"), _person("Luc Tremain", "Tremain"),
          _person("Joseph Tarrow|Joe Tarrow", "Tarrow", "Governor")),
         (_body("Harrow Lines|Harrow Lines Inc.", "Harrow Lines"),), "bridge"),
    Line("glass", "Portugal", "Portuguese", "Lisbon",
         (_person("Rui Penhasco", "Penhasco", "Finance Minister"), _person("Marta Sequim", "Sequim")),
         (_body("National Glass Company", "NGC"), _body("Sequim Brothers", "Sequim Brothers")), "glassworks",
         (_person("Velder", "Velder", who="Velder the goalkeeper"),)),
    Line("summit", "Ukraine", "Ukrainian", "Kyiv",
         (_person("Dmytro Halenskyy|Dmytro Halensky|Dmytro Halenskiy", "Halenskyy|Halensky|Halenskiy", "President"),
          _person("Oksana Ridko", "Ridko", "Foreign Minister")),
         (_body("Danube Energy Forum", "DEF"),), "pipeline"),
    Line("rail", "China", "Chinese", "Beijing",
         (_person("Qin Haoran", "Qin|Haoran", "President"), _person("Zhao Linfei", "Zhao|Linfei")),
         (_body("Eastern Rail Authority", "ERA"),), "railway"),
    Line("dam", "Brazil", "Brazilian", "Brasilia",
         (_person("Maria T. Ortega|Maria Ortega", "Ortega", "Environment Minister"),
          _person("Paulo de Sarmento", "de Sarmento|Sarmento")),
         (_body("River Basin Trust", "RBT"),), "dam"),
    Line("trial", "Germany", "German", "Berlin",
         (_person("Helen Marlow", "Marlow"), _person("Peter Marlow", "Marlow"),
          _person("Thomas Brandt", "Brandt", "Judge")),
         (_body("Brandt Motors", "Brandt Motors"),), "trial"),
    Line("islands", "Japan", "Japanese", "Tokyo",
         (_person("Hana Morisaki", "Morisaki", "Prime Minister"), _person("Kenji Aldo", "Aldo")),
         (_body("Pacific Salvage Office", "PSO"),), "ferry"),
    Line("opera", "Austria", "Austrian", "Vienna",
         (_person("Pavel Dvořan|Pavel Dvoran", "Dvořan|Dvoran", "Director"), _person("Greta Sonnleit", "Sonnleit"),
          _person("Ursel van der Hoven", "van der Hoven")),
         (_body("Prater Song Orchestra", "PSO"),), "opera house"),
    Line("smiths", "Australia", "Australian", "Canberra",
         (_person("Dale Smith", "Smith", "Treasurer"), _person("Jean-Marc Roussel|Jean Marc Roussel", "Roussel")),
         (_body("Coral Bank Union", "CBU"),), "reef"),
    Line("smithy", "Ireland", "Irish", "Dublin",
         (_person("Aoife Smith", "Smith", "Justice Minister"), _person("Conor Tully", "Tully")),
         (_body("Liffey Books", "Liffey Books"),), "library"),
    Line("mine", "Chile", "Chilean", "Santiago",
         (_person("Robert Quiroz|Bob Quiroz", "Quiroz", "Mining Minister"), _person("Elena Marchetti", "Marchetti")),
         (_body("Copper Workers Front", "CWF"),), "mine",
         (_person("Tremain", "Tremain", who="Tremain the drill maker"),)),
    Line("vineyard", "Italy", "Italian", "Rome",
         (_person("Carlo Marchetti", "Marchetti", "Agriculture Minister"), _person("Lidia Ferrante", "Ferrante")),
         (_body("Hill Growers League", "HGL"),), "vineyard"),
)  # fmt: skip

_FIRST: Final = (
    "{D} {oP} met reporters in {K} on Monday to talk about the {T}.",
    "The {T} will cost twice as much as planned, {D} {oP} said in {K}.",
    "{oP} came back to {K} on Friday with a new plan for the {T}.",
    "Work on the {T} near {K} has stopped, {oP} told the {D} parliament.",
)
_MORE: Final = (
    "{P} said that the money would be there by spring.",
    "{oQ} called the plan a mistake and asked for a vote.",
    "“We have waited long enough,” said {Q}, who was in {C} for the talks.",
    "The {B} had warned of the delay in March.",
    "Officials of the {B} would not say who had signed the papers.",
    "{P} and {Q} did not speak to each other.",
    "A report of the {B} is expected before the end of the month.",
    "For {P} it was the third visit in a year.",
    "People in {C} have heard such promises before.",
    "{Q} left without taking questions.",
    "Asked about {P}, a clerk shook her head.",
)
_ALONE: Final = (
    "{P} spoke again about the {T} on Tuesday.",
    "Nobody in {K} expects {P} to give in.",
    "“It can be done,” {P} said of the {T}.",
    "The {T} stays closed, whatever {P} may say.",
)
_TITLES: Final = (
    "Talks on the {T} go on",
    "No end in sight at the {T}",
    "A third plan for the {T}",
    "Doubts in {K}",
)


class _Writer:
    """One article: names are written in full at first, unless it is one that uses short forms only."""

    def __init__(self, line: Line, rng: random.Random, *, brief: bool) -> None:
        self.line, self.rng, self.brief = line, rng, brief
        self.text = ""
        self.mentions: list[Mention] = []
        self.named: set[str] = set()
        self.spelling: dict[str, int] = {}
        pool = [*line.people]
        rng.shuffle(pool)
        self.people = pool[:2]
        if brief and line.strangers and rng.random() < 0.5:
            self.people[0] = line.strangers[0]
        self.body = rng.choice(line.bodies)

    def write(self, template: str) -> None:
        """Append a sentence."""
        at = 0
        while (begin := template.find("{", at)) >= 0:
            end = template.index("}", begin)
            self.text += template[at:begin]
            self._slot(template[begin + 1 : end])
            at = end + 1
        self.text += template[at:] + self.rng.choice((" ", " ", "\n"))

    def _slot(self, slot: str) -> None:
        line = self.line
        if slot == "T":
            self.text += line.thing
        elif slot in "DKC":
            name, label = {
                "D": (line.people_of, "NORP"),
                "K": (line.capital, "GPE"),
                "C": (line.country, "GPE"),
            }[slot]
            self._name(name, label, name)
        elif slot == "B":
            self._thing(self.body, office=False)
        else:
            self._thing(self.people["PQ".index(slot[-1])], office=slot[0] == "o")

    def _thing(self, thing: Thing, *, office: bool) -> None:
        first = thing.who not in self.named
        self.named.add(thing.who)
        which = self.spelling.setdefault(thing.who, self.rng.randrange(3))
        if self.brief or not first:
            self._name(thing.short[which % len(thing.short)], thing.label, thing.who)
            return
        if office and thing.office:
            self.text += f"{thing.office} "
        self._name(thing.full[which % len(thing.full)], thing.label, thing.who)
        if thing.label == "ORG" and thing.short[0].isupper():
            self.text += " ("
            self._name(thing.short[0], thing.label, thing.who)
            self.text += ")"

    def _name(self, name: str, label: str, who: str) -> None:
        self.mentions.append(Mention(len(self.text), len(self.text) + len(name), label, who))
        self.text += name


def articles(seed: int = 1, number: int = 20) -> list[Article]:
    """So many articles of each storyline, mixed; a third of them use surnames and acronyms alone."""
    rng = random.Random(seed)
    found = [article for line in LINES for article in _told(line, rng, number)]
    rng.shuffle(found)
    return found


def _told(line: Line, rng: random.Random, number: int) -> Iterator[Article]:
    for at in range(number):
        writer = _Writer(line, rng, brief=at % 3 == 2)
        # A family stands in one article, so that its surname alone may be either of them.
        if line.name == "trial" and not writer.brief and at % 2:
            writer.people = list(line.people[:2])
        if writer.brief:
            for template in [*rng.sample(_ALONE, 2), *rng.sample(_MORE, 3)]:
                writer.write(template)
        else:
            writer.write(rng.choice(_FIRST))
            for template in rng.sample(_MORE, 6):
                writer.write(template)
        title = rng.choice(_TITLES).format(T=line.thing, K=line.capital)
        yield Article(title, writer.text.strip(), tuple(writer.mentions), line.name)
