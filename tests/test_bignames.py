"""People whom every reader knows, where a tagger passes over them. All sentences are invented."""

from __future__ import annotations

import pytest

from wireroom.bignames import in_small_letters, with_big_names
from wireroom.entities import Span, join


def people(text: str, *marked: tuple[str, str]) -> dict[str, list[str]]:
    """Name → surfaces of the people in a text of which a tagger marked these words."""
    spans = [Span(text.index(name), text.index(name) + len(name), label, name) for name, label in marked]
    found = [entity for entity in join(text, spans) if entity.type == "person"]
    return {entity.name: sorted({text[start:end] for start, end in entity.mentions}) for entity in found}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Jinping will open the fair.", "Jinping"),
        ("They waited for President Jinping at the gate.", "Jinping"),
        ("The agency quoted XI Jinping on fish.", "XI Jinping"),
        ("MACRON OPENS A FAIR IN LYON", "Macron"),
        ("a letter that vladimir putin wrote was read out at the fair on monday.", "Vladimir Putin"),
    ],
)
def test_one_whom_the_tagger_passed_over_is_found(text: str, name: str):
    assert list(people(text)) == [name]


def test_a_surname_in_small_letters_is_the_person_named_before():
    text = "joe biden came to the fair and spoke of fish. biden left at noon, nobody held a trump card."
    assert people(text) == {"Joe Biden": ["biden", "joe biden"]}
    assert [mention.text for mention in in_small_letters(text)] == ["joe biden", "biden"]


def test_a_clause_in_capitals_is_not_one_person():
    text = "BIDEN WARNS PUTIN OVER FISH"
    assert people(text, ("BIDEN WARNS PUTIN", "PERSON")) == {"Biden": ["BIDEN"], "Putin": ["PUTIN"]}


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("Hunter Biden came.", ("Hunter Biden", "PERSON")),
        ("They met on Putin Square.", ("Putin Square", "FAC")),
        ("The Macron Foundation paid.", ("Macron Foundation", "ORG")),
    ],
)
def test_a_mark_of_the_tagger_stays(text: str, marked: tuple[str, str]):
    start = text.index(marked[0])
    span = Span(start, start + len(marked[0]), marked[1], marked[0])
    assert with_big_names(text, [span]) == (span,)


@pytest.mark.parametrize(
    "text", ["They met on Putin Square.", "Ada Macron sang.", "Putin-era mills", "a word on jinping"]
)
def test_part_of_a_longer_name_is_not_looked_for(text: str):
    assert with_big_names(text, []) == ()


def test_initials_stay_in_capitals():
    assert list(people("Old films of JFK were shown.", ("JFK", "PERSON"))) == ["JFK"]
