"""One name across documents, the rules alone: an index that is a dictionary, people and bodies that are invented."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireroom import aliases
from wireroom.aliasforms import compatible, full_form, names_of
from wireroom.context import context_of, pack, shared, unpack
from wireroom.namesearch import listed_by, sought

P, O, L, X = "person", "organisation", "place", "other"  # noqa: E741 - the types, in a row


def document(*names: tuple[str, str] | tuple[str, str, list[str]], **more: Any) -> dict[str, Any]:
    """A document whose text is its names and their short forms."""
    entities, text = [], ""
    for name, kind, *forms in names:
        mentions = []
        for form in [name, *(forms[0] if forms else [])]:
            mentions.append([len(text), len(text) + len(form)])
            text += f"{form}. "
        entities.append(
            {"name": name, "type": kind, "count": len(mentions), "mentions": mentions, "wikidata": None}
        )
    return {
        "id": "0" * 16,
        "title": None,
        "text": text,
        "entities": entities,
        "sameness": {"story": None},
    } | more


@dataclass
class Index:
    """What the store's index does, in a dictionary."""

    spelt: dict[str, dict[str, str]] = field(default_factory=dict)
    seen: dict[str, list[aliases.Seen]] = field(default_factory=dict)

    def name(self, *names: Any, **more: Any) -> list[str]:
        return [entity["name"] for entity in self.entities(*names, **more)]

    def entities(self, *names: Any, **more: Any) -> list[dict[str, Any]]:
        data = document(*names, **more)
        asked = aliases.ask(data)
        known = {
            key: aliases.Known(self.spelt.get(key, {}), self.seen.get(key, []) if documents else ())
            for key, documents in asked.wanted.items()
        }
        verdicts = aliases.resolve(asked, known)
        seen, spelt = aliases.told(verdicts)
        for key, shown in seen.items():
            self.seen.setdefault(key, []).append(aliases.Seen(tuple(shown), asked.told))
        for key, forms in spelt.items():
            self.spelt.setdefault(key, {}).update(forms)
        return aliases.apply(data["entities"], verdicts)


@pytest.fixture
def index() -> Index:
    """An index that has read two documents about Viktor Sedov of Norway, and one about the grain council."""
    index = Index()
    index.name(("Viktor Sedov", P), ("Norway", L), ("Oslo", L))
    index.name(("Viktor Sedov", P), ("Norwegian", X), ("Bergen", L))
    index.name(("Northern Grain Council", O, ["NGC"]), ("Norway", L), ("Oslo", L))
    return index


def test_a_surname_alone_becomes_the_full_name_of_other_documents(index: Index):
    found = index.entities(("Sedov", P), ("Norwegian", X))[0]
    assert (found["name"], found["joined"]) == (
        "Viktor Sedov",
        {"from": "Sedov", "type": P, "by": "index", "documents": 2},
    )


def test_a_name_that_is_not_joined_says_so(index: Index):
    assert [entity["joined"] for entity in index.entities(("Ida Brask", P), ("Norway", L))] == [None, None]


def test_who_comes_first_keeps_the_surname():
    index = Index()
    assert index.name(("Sedov", P), ("Norway", L)) == ["Sedov", "Norway"]
    index.name(("Viktor Sedov", P), ("Norway", L), ("Oslo", L))
    assert index.name(("Sedov", P), ("Norway", L), ("Oslo", L))[0] == "Viktor Sedov"


def test_where_nothing_is_in_common_the_surname_stays(index: Index):
    assert index.name(("Sedov", P), ("Chile", L))[0] == "Sedov"


def test_a_text_that_names_nothing_else_takes_the_only_full_name(index: Index):
    assert index.name(("Sedov", P)) == ["Viktor Sedov"]
    index.name(("Clara Sedov", P), ("Chile", L))
    assert index.name(("Sedov", P)) == ["Sedov"]


def test_one_document_is_enough_only_with_more_in_common():
    index = Index()
    index.name(("Ida Brask", P), ("Norway", L), ("Oslo", L))
    assert index.name(("Brask", P), ("Norway", L))[0] == "Brask"
    assert index.name(("Brask", P), ("Norway", L), ("Oslo", L))[0] == "Ida Brask"


def test_two_politicians_of_one_surname_in_two_countries():
    index = Index()
    for _ in range(3):
        index.name(("Anton Velder", P), ("Norway", L), ("Oslo", L))
        index.name(("Clara Velder", P), ("Canada", L), ("Ottawa", L))
    assert index.name(("Velder", P), ("Norwegian", X))[0] == "Anton Velder"
    assert index.name(("Velder", P), ("Ottawa", L), ("Canadian", X))[0] == "Clara Velder"
    assert index.name(("Velder", P), ("Canada", L), ("Norway", L))[0] == "Velder"
    assert index.name(("Velder", P), ("Portugal", L))[0] == "Velder"


def test_a_name_that_most_documents_hold_wins_over_a_relative():
    index = Index()
    for _ in range(10):
        index.name(("Anton Velder", P), ("Norway", L))
    index.name(("Anton Velder", P), ("Inga Velder", P), ("Norway", L))
    assert index.name(("Velder", P), ("Norway", L))[0] == "Anton Velder"


def test_a_family_in_one_document_is_never_joined(index: Index):
    for _ in range(5):
        index.name(("Helen Marlow", P), ("Norway", L), ("Oslo", L))
    found = index.name(("Helen Marlow", P), ("Peter Marlow", P), ("Marlow", P), ("Norway", L), ("Oslo", L))
    assert found == ["Helen Marlow", "Peter Marlow", "Marlow", "Norway", "Oslo"]
    assert index.name(("Peter Marlow", P), ("Norway", L)) == ["Peter Marlow", "Norway"]


def test_a_surname_that_many_bear_takes_twice_as_much():
    index = Index()
    for _ in range(3):
        index.name(("Dale Smith", P), ("Norway", L), ("Oslo", L))
    assert index.name(("Smith", P), ("Norway", L))[0] == "Smith"
    assert index.name(("Smith", P), ("Norway", L), ("Oslo", L))[0] == "Dale Smith"


def test_the_same_story_tells_who_is_meant():
    index = Index()
    story = {"sameness": {"story": {"id": "00112233aabbccdd"}}}
    index.name(("Dale Smith", P), **story)
    assert index.name(("Smith", P), **story) == ["Dale Smith"]


def test_who_was_joined_by_the_index_is_no_evidence():
    index = Index()
    index.name(("Ida Brask", P), ("Norway", L), ("Oslo", L))
    index.name(("Brask", P), ("Norway", L), ("Oslo", L), ("Chile", L))
    assert index.name(("Brask", P), ("Chile", L))[0] == "Brask"


@pytest.mark.parametrize(
    ("first", "other"),
    [
        ("Volodymyr Halensky", "Volodymyr Halenskyy"),
        ("Volodymyr Halensky", "Volodymyr Halenskiy"),
        ("Joe Tarrow", "Joseph Tarrow"),
        ("Maria Ortega", "Maria T. Ortega"),
        ("Pavel Dvořan", "Pavel Dvoran"),
        ("Jean-Marc Roussel", "Jean Marc Roussel"),
        ("Qin Hao-ran", "Qin Haoran"),
        ("Bashir al-Tarik", "Bashir Tarik"),
    ],
)
def test_spellings_of_one_name_are_one(first: str, other: str):
    for one, two in ((first, other), (other, first)):
        index = Index()
        index.name((one, P), ("Norway", L))
        found = index.entities((two, P), ("Chile", L))[0]
        assert found["name"] == one
        assert found["joined"] == {"from": two, "type": P, "by": "spelling", "documents": None}
        assert index.name((one, P)) == [one]


@pytest.mark.parametrize(
    ("first", "other"),
    [
        ("Helen Marlow", "Peter Marlow"),
        ("John A. Tarrow", "John B. Tarrow"),
        ("Donald Marlow", "Donald Marlow Jr."),
        ("Olav V", "Olav VI"),
        ("Ida Brask", "Ida Brandt"),
    ],
)
def test_two_full_names_are_never_joined(first: str, other: str):
    for one, two in ((first, other), (other, first)):
        index = Index()
        for _ in range(3):
            index.name((one, P), ("Norway", L), ("Oslo", L))
        assert index.name((two, P), ("Norway", L), ("Oslo", L))[0] == two


def test_a_spelling_between_two_people_joins_neither():
    index = Index()
    index.name(("John A. Tarrow", P), ("Norway", L))
    index.name(("John B. Tarrow", P), ("Norway", L))
    assert index.name(("John Tarrow", P), ("Norway", L))[0] == "John Tarrow"


def test_people_of_one_document_stay_two_whatever_others_spell():
    index = Index()
    index.name(("John Tarrow", P), ("Norway", L))
    found = index.name(("John A. Tarrow", P), ("John B. Tarrow", P), ("Norway", L))
    assert found == ["John A. Tarrow", "John B. Tarrow", "Norway"]


def test_the_two_halves_of_an_east_asian_name_are_one_person():
    index = Index()
    for _ in range(2):
        index.name(("Qin Haoran", P), ("China", L))
    assert index.name(("Haoran", P), ("China", L))[0] == "Qin Haoran"
    found = index.entities(("Haoran", P), ("Qin", P), ("China", L))
    assert [(e["name"], e["count"]) for e in found] == [("Qin Haoran", 2), ("China", 1)]
    assert found[0]["mentions"] == sorted(found[0]["mentions"])


def test_two_bodies_that_a_document_shows_by_one_name_stay_two(index: Index):
    found = index.entities(("Foreign Ministry", O), ("Foreign Ministry", O), ("Norway", L))
    assert [entity["count"] for entity in found] == [1, 1, 1]


def test_a_given_name_alone_takes_as_much_as_a_common_surname():
    index = Index()
    for _ in range(3):
        index.name(("Boris Halden", P, ["Boris"]), ("Norway", L), ("Oslo", L))
    assert index.name(("Boris", P), ("Norway", L))[0] == "Boris"
    assert index.name(("Boris", P), ("Norway", L), ("Oslo", L))[0] == "Boris Halden"


def test_an_initial_takes_who_it_fits():
    index = Index()
    for _ in range(2):
        index.name(("Mark Waller", P), ("Norway", L))
        index.name(("Steve Waller", P), ("Norway", L))
    assert index.name(("M. Waller", P), ("Norway", L))[0] == "Mark Waller"
    assert index.name(("S. Waller", P), ("Norway", L))[0] == "Steve Waller"
    assert index.name(("K. Waller", P), ("Norway", L))[0] == "K. Waller"
    assert index.name(("Mark Waller", P), ("S. Waller", P), ("Norway", L))[1] == "Steve Waller"
    assert index.name(("Mark Waller", P), ("M. Waller", P), ("Norway", L))[1] == "M. Waller"


def test_a_surname_with_its_particles():
    index = Index()
    for _ in range(2):
        index.name(("Ursel van der Hoven", P), ("Austria", L))
    for short in ("van der Hoven", "der Hoven", "Hoven"):
        assert index.name((short, P), ("Austria", L))[0] == "Ursel van der Hoven"
    assert index.name(("Van Morren", P), ("Austria", L))[0] == "Van Morren"


def test_an_acronym_that_some_document_explains(index: Index):
    assert index.name(("NGC", O), ("Norway", L), ("Oslo", L))[0] == "Northern Grain Council"
    assert index.name(("NGC", O), ("Portugal", L), ("Lisbon", L))[0] == "NGC"


def test_an_acronym_with_two_meanings():
    index = Index()
    for _ in range(2):
        index.name(("Northern Grain Council", O, ["NGC"]), ("Norway", L), ("Oslo", L))
        index.name(("National Glass Company", O, ["NGC"]), ("Portugal", L), ("Lisbon", L))
    assert index.name(("NGC", O), ("Lisbon", L))[0] == "National Glass Company"
    assert index.name(("NGC", O), ("Norwegian", X))[0] == "Northern Grain Council"
    assert index.name(("NGC", O), ("Norway", L), ("Portugal", L))[0] == "NGC"


def test_a_general_word_is_joined_only_within_a_story():
    index = Index()
    story = {"sameness": {"story": {"id": "00112233aabbccdd"}}}
    for _ in range(4):
        index.name(("Northern Grain Council", O, ["Council"]), ("Norway", L), ("Oslo", L), **story)
    assert index.name(("Council", O), ("Norway", L), ("Oslo", L))[0] == "Council"
    assert index.name(("Council", O), **story) == ["Northern Grain Council"]


@pytest.mark.parametrize("kind", [O, X])
def test_a_surname_that_is_taken_for_something_else(index: Index, kind: str):
    found = index.entities(("Sedov", kind), ("Norway", L), ("Oslo", L))[0]
    assert (found["name"], found["type"]) == ("Viktor Sedov", P)
    assert found["joined"] == {"from": "Sedov", "type": kind, "by": "index", "documents": 2}
    again = document(("Sedov", kind)) | {"entities": [found]}
    assert aliases.told(aliases.published(aliases.ask(again), [found])) == ({}, {})
    assert aliases.apply([found], ()) == [
        again["entities"][0] | {"name": "Sedov", "type": kind, "joined": None}
    ]
    assert index.name(("Sedov", kind), ("Norway", L))[0] == "Sedov"
    assert index.name(("Viktor Sedov", P), ("Sedov", kind), ("Norway", L), ("Oslo", L))[1] == "Sedov"
    assert index.entities(("SEDOV", kind), ("Norway", L), ("Oslo", L))[0]["type"] == kind
    assert index.entities(("Sedov", L), ("Norway", L), ("Oslo", L))[0]["type"] == L
    index.name(("Sedov Mining", O, ["Sedov"]), ("Norway", L), ("Oslo", L))
    assert index.name(("Sedov", O), ("Norway", L), ("Oslo", L))[0] == "Sedov Mining"


def test_legal_forms_are_one_body_and_tables_know_the_rest():
    index = Index()
    index.name(("Harrow Lines", O))
    assert index.name(("Harrow Lines Inc.", O), ("World Health Organization", O)) == [
        "Harrow Lines",
        "World Health Organization",
    ]
    assert names_of(document(("World Health Organization", O), ("France", L), ("French", X))) == ()


def test_well_known_people_need_no_document():
    index = Index()
    assert index.name(("Putin", P)) == ["Vladimir Putin"]
    assert index.name(("Putin", P), ("Russian", X))[0] == "Vladimir Putin"
    assert index.name(("Volodymyr Zelenskyy", P)) == ["Volodymyr Zelensky"]
    assert index.entities(("Jinping", P), ("China", L))[0]["joined"] == {
        "from": "Jinping",
        "type": P,
        "by": "table",
        "documents": None,
    }
    assert index.name(("Putin", P), ("Chile", L), ("Santiago", L))[0] == "Vladimir Putin"
    assert index.name(("Blair", P), ("Chile", L), ("Santiago", L))[0] == "Blair"
    assert index.name(("Blair", P), ("British", X), ("Santiago", L))[0] == "Tony Blair"
    for _ in range(4):
        index.name(("Igor Putin", P), ("Chile", L), ("Santiago", L))
    assert index.name(("Putin", P), ("Chile", L), ("Santiago", L))[0] == "Igor Putin"
    assert index.name(("Igor Halden", P), ("Putin", P))[1] == "Vladimir Putin"


def test_the_names_a_document_alone_shows_come_back(index: Index):
    first = index.entities(("Sedov", P), ("Norway", L))
    again = document(("Sedov", P), ("Norway", L)) | {"entities": first}
    assert [name.name for name in names_of(again)] == ["Sedov"]
    verdicts = aliases.published(aliases.ask(again), first)
    assert [(v.name.name, v.shown, v.by) for v in verdicts] == [("Sedov", "Viktor Sedov", "index")]
    assert aliases.told(verdicts) == ({}, {})


def test_order_within_the_index_changes_nothing():
    full = [
        [("Anton Velder", P), ("Norway", L), ("Oslo", L)],
        [("Anton Velder", P), ("Norway", L), ("Bergen", L)],
        [("Clara Velder", P), ("Canada", L), ("Ottawa", L)],
        [("Clara Velder", P), ("Chile", L), ("Ottawa", L)],
    ]
    for order in itertools.permutations(full):
        index = Index()
        for one in order:
            index.name(*one)
        assert index.name(("Velder", P), ("Oslo", L))[0] == "Anton Velder"
        assert index.name(("Velder", P), ("Ottawa", L))[0] == "Clara Velder"


_WORDS = st.sampled_from(
    ["Anton", "Clara", "Jo", "Velder", "Marlow", "Qin", "Haoran", "de", "A.", "Jr.", "II", "-", "O'Neil"]
)
_NAMES = st.lists(_WORDS, min_size=1, max_size=4).map(" ".join)


@given(st.lists(st.lists(st.tuples(_NAMES, st.sampled_from([P, O])), min_size=1, max_size=5), max_size=8))
def test_no_two_entities_of_a_document_get_one_name_but_halves_of_it(documents: list[list[tuple[str, str]]]):
    index = Index()
    for names in documents:
        own = list(dict.fromkeys(names))
        found = index.entities(*own)
        shown = [(entity["type"], entity["name"]) for entity in found]
        assert len(shown) == len(set(shown)), "names that differed are one now"
        full = [name for name, kind in own if kind == P and " " in name]
        if len(found) < len(own):
            assert sum(entity["count"] for entity in found) == len(own)
        assert len(found) >= len(full)


@given(st.text(max_size=30), st.sampled_from([P, O, L, X]))
def test_any_name_is_taken(name: str, kind: str):
    if name.strip():
        assert len(Index().entities((name, kind))) == 1
        assert listed_by(document((name, kind))["entities"][0], name) is not None
        sought(name)


def test_context_is_kept_in_codes():
    one = document(
        ("Ida Brask", P), ("NATO", O), ("Reuters", O), ("Harrow Lines", O), ("Norwegian", X), ("Asian", X)
    )
    context = context_of(one)
    assert sorted(code[0] for code in context) == ["l", "o", "p", "w"]
    assert unpack(pack(context)) == context
    assert shared(context, context_of(document(("Norway", L), ("Peter Brask", P)))) == 6
    assert unpack("") == frozenset()


def test_spellings_are_compatible_both_ways():
    rng = random.Random(1)
    names = [
        "Joe R. Tarrow",
        "Joseph Tarrow",
        "J. Tarrow",
        "Joe Tarrow Jr.",
        "Tarrow",
        "Jane Tarrow",
        "Qin Haoran",
        "Haoran Qin",
    ]
    for _ in range(200):
        one, two = full_form(rng.choice(names)), full_form(rng.choice(names))
        assert compatible(one, two) == compatible(two, one)
    assert not compatible("", "joe tarrow")


@pytest.mark.parametrize(
    ("asked", "entity"),
    [
        ("Sedov", ("Viktor Sedov", P)),
        ("viktor sedov", ("Viktor Sedov", P)),
        ("President Viktor Sedov", ("Viktor Sedov", P)),
        ("Xi", ("Xi Haoran", P)),
        ("HALENSKIY", ("Volodymyr Halenskyy", P)),
        ("dvoran", ("Pavel Dvořan", P)),
        ("NGC", ("Northern Grain Council", O)),
        ("N.G.C.", ("Northern Grain Council", O)),
        ("the Northern Grain Council", ("Northern Grain Council", O)),
        ("WHO", ("World Health Organization", O)),
        ("U.S.", ("United States", L)),
        ("kiev", ("Kyiv", L)),
        ("Larne Vale", ("Larne Vale", L)),
    ],
)
def test_whichever_form_is_asked_for_finds_the_document(asked: str, entity: tuple[str, str]):
    data = document(entity)
    assert sought(asked) in listed_by(data["entities"][0], data["text"])


def test_what_was_joined_is_listed_by_both_names():
    joined = {"from": "Sedov", "type": P, "by": "index", "documents": 2}
    entity = {"name": "Viktor Sedov", "type": P, "mentions": [[0, 5]], "joined": joined}
    assert {"sedov", "viktor sedov"} <= set(listed_by(entity, "Sedov."))
