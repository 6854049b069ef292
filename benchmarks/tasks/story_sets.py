"""Invented news whose stories are known: sets that are hard in the ways that real ones are."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from tasks.events import BACKGROUND, EVENTS, QUOTES, THINGS
from tasks.grammar import Names, expand

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FIRST_DAY: Final = date(2026, 3, 2)
_WEEKDAYS: Final = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_OUTLETS: Final = 12


@dataclass(frozen=True, slots=True)
class Told:
    """One article.

    Attributes:
        text: its text.
        title: its title, if it has one.
        day: the day it was published.
        story: the event it tells; what a stage should find out.
    """

    text: str
    title: str | None
    day: date
    story: str

    def seen(self, number: int) -> datetime:
        """When it came in, as the so-manieth of its set."""
        return datetime(self.day.year, self.day.month, self.day.day, 6, tzinfo=UTC) + timedelta(
            seconds=number
        )


class Country:
    """A country with its president, parties, teams and commission.

    Args:
        seed: another seed is another country.
    """

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.names = Names(self.rng)
        town, name = self.names.town, self.names.surname
        self.slots = {
            "country": town()[:-2] + "ia",
            "president": name(),
            "party1": f"{self.rng.choice(('Civic', 'People', 'Freedom', 'Labour'))} {self.rng.choice(('Party', 'Union'))}",
            "party2": f"{self.rng.choice(('Green', 'National', 'Liberal'))} {self.rng.choice(('Alliance', 'Front'))}",
            "commission": "Electoral Commission",
        }
        self.teams = [
            f"{town()} {self.rng.choice(('United', 'Rovers', 'Athletic', 'City'))}" for _ in range(6)
        ]
        self.stars = {team: [(self.names.first_name(), name()) for _ in range(4)] for team in self.teams}

    def event(self, label: str, kind: str, day: int, **more: str) -> Event:
        """Something that happens here."""
        rng, names = self.rng, self.names
        slots = {
            "town": names.town(),
            "town2": names.town(),
            "region": f"{rng.choice(('North', 'Upper', 'Lower', 'East'))} {names.town()}",
            "river": names.surname(),
            "stadium": f"{names.town()} Arena",
            "org1": f"{names.surname()} {rng.choice(('Group', 'Industries', 'Holdings', 'Lines'))}",
            "org2": f"{names.surname()} {rng.choice(('Works', 'Systems', 'Brothers'))}",
            "score": f"{rng.randint(1, 4)}-{rng.randint(0, 1)}",
            **{f"n{at}": str(rng.randint(3, 90)) for at in range(1, 7)},
            **dict(zip([f"w{at}" for at in range(1, 7)], rng.sample(THINGS, 6), strict=True)),
        }
        for at in range(1, 5):
            surname = names.surname()
            slots |= {f"p{at}": f"{names.first_name()} {surname}", f"P{at}": surname}
        return Event(label, kind, day, self.slots | slots | more)

    def match(self, label: str, day: int, home: str, away: str) -> Event:
        """A match of two teams, told with their players."""
        people = [*self.rng.sample(self.stars[home], 2), *self.rng.sample(self.stars[away], 2)]
        slots = {f"p{at}": f"{first} {last}" for at, (first, last) in enumerate(people, start=1)}
        slots |= {f"P{at}": last for at, (_, last) in enumerate(people, start=1)}
        return self.event(label, "match", day, team1=home, team2=away, **slots)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens.

    Attributes:
        label: what its story is called.
        kind: one of `tasks.events.EVENTS`.
        day: the day it happens, counted from the first of the set.
        slots: its names, numbers and things.
    """

    label: str
    kind: str
    day: int
    slots: dict[str, str]

    def told(self, rng: random.Random, after: int = 0) -> Told:
        """An article about it, so many days after."""
        when = FIRST_DAY + timedelta(days=self.day + after)
        slots = self.slots | {"day": _WEEKDAYS[(FIRST_DAY + timedelta(days=self.day)).weekday()]}
        news, next_, end = EVENTS[self.kind]
        if after == 0:
            pool = [*news[:1], *rng.sample(news[1:], rng.randint(2, len(news) - 1))]
        elif after < 3:
            pool = [*rng.sample(next_, rng.randint(1, len(next_))), *rng.sample(news, rng.randint(2, 4))]
        else:
            later = [*end, *next_]
            pool = [*rng.sample(later, rng.randint(2, len(later))), *rng.sample(news, rng.randint(1, 3))]
        pool += rng.sample(QUOTES, rng.randint(1, 3)) + rng.sample(BACKGROUND, rng.randint(0, 3))
        sentences = [expand(template, slots, rng) for template in pool]
        lead, rest = sentences[0], sentences[1:]
        rng.shuffle(rest)
        title = _title(lead, rng) if rng.random() < 0.7 else None
        if rng.random() < 0.3:
            lead = f"{slots['town'].upper()} — {lead}"
        breaks = [rng.choice((" ", "\n")) for _ in rest]
        text = lead + "".join(gap + sentence for gap, sentence in zip(breaks, rest, strict=True))
        return Told(text, title, when, self.label)


def _title(lead: str, rng: random.Random) -> str:
    words = lead.rstrip(".").split(" ")
    return " ".join(words[: rng.randint(5, 9)])


def _in_order(told: Sequence[Told], rng: random.Random) -> list[Told]:
    """By day, and in any order within."""
    mixed = list(told)
    rng.shuffle(mixed)
    return sorted(mixed, key=lambda one: one.day)


def political(seed: int = 1) -> list[Told]:
    """Some 300 articles of one country, thirty stories of politics in ten days."""
    country, rng = Country(seed), random.Random(seed)
    kinds = ("bill", "election", "trial", "strike", "bill")
    told = []
    for number in range(30):
        event = country.event(f"p{number}", kinds[number % len(kinds)], rng.randrange(9))
        told += [event.told(rng, rng.choice((0, 0, 0, 1))) for _ in range(rng.randint(4, 16))]
    return _in_order(told, rng)


def hard(seed: int = 2) -> list[Told]:
    """Some 1,400 articles of three countries: two hundred stories from one article to sixty, many of one kind."""
    countries, rng = [Country(seed * 10 + at) for at in range(3)], random.Random(seed)
    told: list[Told] = []
    for number in range(200):
        country = rng.choice(countries)
        kind = rng.choice([kind for kind in EVENTS if kind != "match"])
        event = country.event(f"h{number}", kind, rng.randrange(12))
        size = min(60, max(1, int(rng.paretovariate(0.9))))
        lasts = rng.choice((0, 0, 1, 2, 4, 6)) if size > 3 else 0
        told += [event.told(rng, round(lasts * at / size)) for at in range(size)]
    for country in countries:
        told += _matchdays(country, rng, 5)
        told += _two_elections(country, rng, 8)
    return _in_order(told, rng)


def week(seed: int) -> list[Told]:
    """A story that goes on for a week, told anew each day, beside six others of a day."""
    country, rng = Country(seed), random.Random(seed)
    kind = rng.choice(
        ("election", "fire", "flood", "trial", "merger", "strike", "bill", "crash", "discovery")
    )
    event = country.event("week", kind, 0)
    told = [event.told(rng, day) for day in range(8) for _ in range(3)]
    return _in_order(told + _others(country, rng), rng)


def two_elections(seed: int) -> list[Told]:
    """Two elections of one country in one week, beside six other stories."""
    country, rng = Country(seed), random.Random(seed)
    return _in_order(_two_elections(country, rng, 8) + _others(country, rng), rng)


def two_towns(seed: int) -> list[Told]:
    """The same kind of event in two towns on one day, beside six other stories."""
    country, rng = Country(seed), random.Random(seed)
    kind = rng.choice(("fire", "flood", "strike", "crash", "discovery", "trial"))
    told: list[Told] = []
    for label in ("here", "there"):
        event = country.event(label, kind, 1)
        told += [event.told(rng, rng.choice((0, 0, 1))) for _ in range(7)]
    return _in_order(told + _others(country, rng), rng)


def matchdays(seed: int) -> list[Told]:
    """Two rounds of a league, three days apart: six matches, five articles each."""
    country, rng = Country(seed), random.Random(seed)
    return _in_order(_matchdays(country, rng, 5), rng)


def _matchdays(country: Country, rng: random.Random, size: int) -> Iterator[Told]:
    a, b, c, d, e, f = country.teams
    for day, round_ in ((1, ((a, b), (c, d), (e, f))), (4, ((c, a), (b, e), (f, d)))):
        for home, away in round_:
            event = country.match(f"{home} {away} {day}", day, home, away)
            yield from [event.told(rng, rng.choice((0, 0, 0, 1))) for _ in range(size)]


def _two_elections(country: Country, rng: random.Random, size: int) -> list[Told]:
    told: list[Told] = []
    for label, day in ((f"{country.slots['country']} first", 1), (f"{country.slots['country']} second", 3)):
        event = country.event(label, "election", day)
        told += [event.told(rng, rng.choice((0, 0, 1, 2))) for _ in range(size)]
    return told


def _others(country: Country, rng: random.Random) -> list[Told]:
    told: list[Told] = []
    for number in range(6):
        event = country.event(
            f"other{number}", rng.choice([kind for kind in EVENTS if kind != "match"]), rng.randrange(5)
        )
        told += [event.told(rng) for _ in range(rng.randint(1, 5))]
    return told
