"""Capitals that stand for governments, and what tells its kind by its own words. People and events are invented."""

from __future__ import annotations

import pytest

from wireroom.entities import Span, join
from wireroom.gazetteer import lookup
from wireroom.governments import country_of
from wireroom.kinds import told
from wireroom.tables import rows


def marked(text: str) -> dict[str, list[str]]:
    """Country → the words that are marked as its government."""
    found: dict[str, list[str]] = {}
    for entity in join(text, ()):
        if entity.stands_for is not None and entity.stands_for.how == "government":
            found[entity.stands_for.name] = [text[start:end] for start, end in entity.stands_for.mentions]
    return found


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("Moscow said it had won.", "Russia"),
        ("On Monday Berlin has agreed to pay.", "Germany"),
        ("Kiev may try again.", "Ukraine"),
        ("The report accused Beijing of theft.", "China"),
        ("They held talks with Tehran for a week.", "Iran"),
        ("Seoul's ambassador left.", "South Korea"),
        ("The Kremlin was silent.", "Russia"),
        ("Brussels wants new rules.", "European Union"),
    ],
)
def test_capitals_that_act_are_marked(text: str, country: str):
    assert list(marked(text)) == [country]


@pytest.mark.parametrize(
    "text",
    [
        "He died in Moscow on Monday.",
        "MOSCOW (AP) — Grain rose.",
        "Trains from Berlin were late.",
        "Seoul's mayor left.",
        "A man was seen near the Kremlin.",
        "The road to Tehran is closed.",
    ],
)
def test_towns_are_not(text: str):
    assert marked(text) == {}


def test_two_capitals_share_what_is_said_of_them():
    assert marked("Paris and Berlin agreed. Crowds in Paris cheered.") == {
        "France": ["Paris"],
        "Germany": ["Berlin"],
    }


def test_a_mark_merges_nothing():
    text = "Moscow said that Russia and Russian grain were safe."
    assert {(e.name, e.type, e.stands_for.how if e.stands_for else None) for e in join(text, ())} == {
        ("Moscow", "place", "government"),
        ("Russia", "place", None),
        ("Russian", "other", "people"),
    }


def test_the_tables_know_every_seat_and_its_country():
    assert [
        name for name, country, _ in rows("seats", 3) if lookup(name) is None or lookup(country) is None
    ] == []
    oslo = lookup("Oslo")
    assert oslo is not None
    assert (country_of(oslo) or oslo).name == "Norway"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Hurricane Odette", "other"),
        ("Sundal Film Festival", "other"),
        ("Observatory for Human Rights", "organisation"),
        ("Delmar Foods Inc.", "organisation"),
        ("Fulton County", "place"),
        ("Lake Vyrn", "place"),
        ("Vadim Horak", "person"),
        ("J.P. Morell", "person"),
        ("Petra Savings Bank", "organisation"),
        ("Harbour Lights", None),
        ("Oslo", None),
    ],
)
def test_names_that_tell_their_kind(name: str, kind: str | None):
    assert told(name) == kind


def test_what_a_person_is_called_may_end_like_a_place():
    assert told("Larry Lake", "person") is None


def joined(text: str, *marks: tuple[str, str]) -> dict[str, tuple[str, int]]:
    spans, at = [], 0
    for word, label in marks:
        start = text.index(word, at)
        at = start + len(word)
        spans.append(Span(start, at, label, word))
    return {entity.name: (entity.type, entity.count) for entity in join(text, spans)}


@pytest.mark.parametrize(
    ("text", "marks", "wanted"),
    [
        (
            "Harlow Motors Corp. bought a mill. Harlow shares fell.",
            [("Harlow Motors Corp.", "ORG")],
            {"Harlow Motors Corp.": ("organisation", 2)},
        ),
        (
            "Martin and Carla Bexley left. Bexley drove.",
            [("Martin and Carla Bexley", "PERSON")],
            {"Martin Bexley": ("person", 1), "Carla Bexley": ("person", 1), "Bexley": ("person", 1)},
        ),
        (
            "The Chicago Bulls won. The Bulls led all night.",
            [("Chicago", "GPE")],
            {"Chicago Bulls": ("organisation", 2)},
        ),
        (
            "Jack Pell was born in Pell. He left.",
            [("Jack Pell", "PERSON"), ("Pell.", "GPE")],
            {"Jack Pell": ("person", 1), "Pell": ("place", 1)},
        ),
        ("See www.oslo.example/Moscow and mail oslo@paris.example.", [("Moscow", "GPE")], {}),
        (
            "Two men from Gary, Ind., fled.",
            [("Gary", "PERSON")],
            {"Gary": ("place", 1), "Indiana": ("place", 1)},
        ),
        (
            "Hurricane Odette turned. Odette may weaken.",
            [("Hurricane Odette", "PERSON"), ("Odette", "PERSON")],
            {"Hurricane Odette": ("other", 2)},
        ),
        (
            "Run out: S. Cambell; U.S. Senators left.",
            [],
            {"S. Cambell": ("person", 1), "United States": ("place", 1)},
        ),
        ("They play in group A. Cambell does not.", [], {}),
        ("The Anglo-French rescue failed.", [], {"Anglo-French": ("other", 1)}),
        ("He follows #Moscow and @London.", [("Moscow", "GPE"), ("London", "GPE")], {}),
    ],
)
def test_what_is_joined_in_a_text(
    text: str, marks: list[tuple[str, str]], wanted: dict[str, tuple[str, int]]
):
    assert joined(text, *marks) == wanted
