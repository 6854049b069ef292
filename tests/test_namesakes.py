"""Towns that bear the name of a known city. All sentences are invented."""

from __future__ import annotations

import pytest

from wireroom.entities import join, tag_by_rules


def wikidata(text: str) -> dict[str, str | None]:
    return {entity.name: entity.wikidata for entity in join(text, tag_by_rules(text))}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("The mill in Paris, Texas, burned down. Police in Paris said nobody was hurt.", "Paris"),
        ("A potato fair opened in Moscow, Idaho.", "Moscow"),
        ("Trams return to London, Ontario, next spring.", "London"),
        ("ST. PETERSBURG, Fla. (AP) — A pier opened on Monday in St. Petersburg.", "St. Petersburg"),
        ("The bakers of Athens, Georgia, went on strike.", "Athens"),
    ],
)
def test_a_namesake_has_no_identifier_anywhere_in_its_text(text: str, name: str):
    found = wikidata(text)
    assert name in found
    assert found[name] is None


def test_a_namesake_stands_for_no_government():
    text = "The fair in Moscow, Idaho, was long. Moscow said it would return."
    found = {entity.name: entity for entity in join(text, tag_by_rules(text))}
    assert found["Moscow"].count == 2
    assert found["Moscow"].stands_for is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Snow fell in Chicago, Illinois, on Sunday.", "Chicago"),
        ("Snow fell in Toronto, Ontario, on Sunday.", "Toronto"),
        ("They flew to London, California and Tokyo.", "London"),
        ("They asked Moscow, Georgia and Armenia.", "Moscow"),
        ("They met in Tbilisi, Georgia.", "Tbilisi"),
        ("Wine from France, California or Chile sold well.", "France"),
        ("They met in Paris, France.", "Paris"),
        ("They met in Paris. Texas was far away.", "Paris"),
    ],
)
def test_the_known_city_keeps_its_identifier(text: str, name: str):
    assert wikidata(text)[name] is not None
