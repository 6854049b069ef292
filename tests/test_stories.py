"""Which documents tell the same story."""

from __future__ import annotations

import itertools
import math
import random
from collections import Counter
from pathlib import Path

import pytest
from news_samples import BRIDGE, CHEESE, COMET, STORIES, UNRELATED

from wireroom.capitals import name_words, names
from wireroom.document import parse
from wireroom.sameness import read, words_of
from wireroom.stories import (
    MAX_MEMBERS,
    MAX_STORY_TERMS,
    THRESHOLD,
    WINDOW,
    Decision,
    Member,
    Story,
    begin,
    decide,
    join,
    leave,
    story_id,
)
from wireroom.terms import MAX_TERMS, NOTHING, Counts, Vector, count, heaviest, similarity, stem, vector

DOCUMENTS = Path(__file__).parents[2] / "shared" / "documents"
DAY = 738_000


def _counted(text: str) -> Counts:
    reading = read(text)
    return count(reading.words, (), name_words(reading.cased, reading.words, text))


class Desk:
    """Stories in memory, as the index keeps them."""

    def __init__(self) -> None:
        self.frequencies: Counter[str] = Counter()
        self.documents = 0
        self.stories: dict[str, Story] = {}

    def take(self, text: str, day: int = DAY) -> Decision:
        counts = _counted(text)
        self.documents += 1
        self.frequencies.update(counts.full.keys())
        weights = vector(counts, [self.frequencies[term] for term in counts.full], self.documents)
        member = Member(f"{self.documents:016x}", None, day, self.documents, weights)
        decision = decide(member, self.stories.values(), story_id(member.id))
        for gone in decision.merged:
            del self.stories[gone]
        self.stories[decision.story.id] = decision.story
        return decision


def weights(text: str) -> Vector:
    counts = _counted(text)
    return vector(counts, [0] * len(counts.full), 0)


def test_plurals_count_for_their_singular_and_function_words_for_nothing():
    assert [stem(word) for word in ["cities", "anchors", "glass", "crisis", "bus", "news", "gas"]] == [
        "city",
        "anchor",
        "glass",
        "crisis",
        "bus",
        "new",
        "gas",
    ]
    assert [stem(word) for word in ["the", "und", "который", "2021", "x", "y" * 60]] == [""] * 6
    assert stem("häuser") == "häuser"


def test_a_vector_has_length_one_in_text_and_lead():
    found = weights(BRIDGE[0])
    assert math.isclose(sum(full**2 for full, _, _ in found.values()), 1)
    assert math.isclose(sum(lead**2 for _, lead, _ in found.values()), 1)
    assert math.isclose(similarity(found, found), 1)
    assert {"anchor", "bridge", "harkonsen"} == set(heaviest(found, 3))


def test_a_text_of_few_terms_has_no_vector():
    assert count(words_of("Read more here")) == NOTHING
    assert weights("12 13 14 15 16 17 18 19 20") == {}


@pytest.mark.parametrize(
    "text",
    [
        "Subscribe to continue reading this article and support our newsroom with a monthly plan that you can cancel any time.",
        "Already a subscriber? Log in here to go on reading. Not a subscriber yet? Choose a plan and start your free trial now.",
        "We use cookies to improve your experience. By browsing this site you agree to our use of cookies and our privacy policy.",
    ],
)
def test_what_a_site_puts_in_place_of_a_text_belongs_to_no_story(text: str):
    title = "Ferry to Grenholm island sails again after winter storms broke the Velmund pier"
    assert count(words_of(text), words_of(title)) == NOTHING
    assert count(words_of(text + " " + BRIDGE[0])) != NOTHING
    assert count(words_of(title), words_of(title)) != NOTHING


def test_short_news_of_subscribers_is_a_text():
    text = "Readers who subscribe to the Grenholm Herald by month pay more from May: owner Ruth Alder blames paper, ink and lorries."
    assert count(words_of(text)) != NOTHING


def test_terms_are_bounded():
    words = [f"w{at}x" for at in range(10_000)]
    assert len(count(words).full) == MAX_TERMS


def test_a_word_of_all_documents_weighs_little():
    counts = count(words_of(BRIDGE[0]))
    frequencies = [990 if term == "velmund" else 1 for term in counts.full]
    learned = vector(counts, frequencies, 1000)
    assert learned["velmund"][0] < learned["harkonsen"][0] / 3


@pytest.mark.parametrize("seed", range(12))
def test_stories_come_out_whole_in_any_order(seed: int):
    texts = [(number, text) for number, story in enumerate(STORIES) for text in story]
    random.Random(seed).shuffle(texts)
    desk = Desk()
    for _, text in texts:
        desk.take(text)
    found: dict[str, set[int]] = {}
    for at, (number, _) in enumerate(texts, start=1):
        (story,) = [story for story in desk.stories.values() if f"{at:016x}" in story.members]
        found.setdefault(story.id, set()).add(number)
    assert sorted(found.values(), key=min) == [{number} for number in range(len(STORIES))]


def test_unrelated_texts_stay_apart_in_an_empty_store():
    desk = Desk()
    decisions = [desk.take(text) for text in (*UNRELATED, BRIDGE[0], CHEESE[0], COMET[0])]
    assert all(decision.began for decision in decisions)


FIRE = (
    "Three people died when a fire tore through a hostel in {0} before dawn. Firefighters needed six hours to put out the "
    "flames, and neighbours jumped from windows while smoke filled the stairs. Fire chief {1} said the alarm had failed. "
    "The owner of the building, {2}, could not be reached. Investigators believe that a faulty boiler caused the blaze."
)


def test_fires_in_two_towns_are_two_stories():
    desk = Desk()
    assert desk.take(FIRE.format("Velmund", "Tilde Harkonsen", "Osric Penhale")).began
    assert desk.take(FIRE.format("Sellick", "Amara Okonjo", "Lucan Wray")).began
    assert not desk.take(FIRE.format("Velmund", "Harkonsen", "Osric Penhale")).began


def test_texts_without_capitals_are_joined_by_their_words():
    desk = Desk()
    desk.take(BRIDGE[0].lower())
    assert not desk.take(BRIDGE[1].lower()).began


def test_words_are_names_by_their_capitals():
    text = "Members met Anna Berg. Voters in Oslo cheered. Oslo waits, and so do voters of the old Berg."
    reading = read(text)
    assert name_words(reading.cased, reading.words, text) == {"members": 0.5, "anna": 1, "berg": 1, "oslo": 1}
    shouted = read(text.upper())
    assert name_words(shouted.cased, shouted.words, text.upper()) == {}


def test_days_between_cool_a_story():
    desk = Desk()
    desk.take(CHEESE[0], DAY)
    later = desk.take(CHEESE[1], DAY + 2).similarity
    desk = Desk()
    desk.take(CHEESE[0], DAY)
    at_once = desk.take(CHEESE[1], DAY).similarity
    assert later is not None
    assert at_once is not None
    assert later < at_once


def test_a_decision_says_why():
    desk = Desk()
    desk.take(CHEESE[0], DAY)
    decision = desk.take(CHEESE[1], DAY + 2)
    assert not decision.began
    assert decision.days == 2
    assert decision.similarity is not None
    assert THRESHOLD <= decision.similarity <= 1
    assert {"penhale", "tolsk"} <= set(decision.terms)
    assert decision.story.size == 2
    assert decision.story.id == story_id(f"{1:016x}")


def test_a_document_outside_the_window_begins_anew():
    desk = Desk()
    desk.take(BRIDGE[0], DAY)
    assert not desk.take(BRIDGE[1], DAY + WINDOW).began
    assert desk.take(BRIDGE[2], DAY + 2 * WINDOW + 1).began
    assert desk.take(BRIDGE[3], DAY - WINDOW - 1).began


def test_a_story_that_goes_on_for_a_week_stays_one():
    desk = Desk()
    for day in range(8):
        desk.take(BRIDGE[day % len(BRIDGE)], DAY + day)
    (story,) = desk.stories.values()
    assert (story.first_day, story.last_day, story.size) == (DAY, DAY + 7, 8)
    assert story.weight < 5


def test_a_document_that_belongs_to_two_stories_makes_them_one():
    one = begin("a" * 16, Member("1" * 16, "one", DAY, 1, weights(BRIDGE[0])))
    two = begin("b" * 16, Member("2" * 16, "two", DAY, 2, weights(BRIDGE[1])))
    member = Member("3" * 16, None, DAY, 3, weights(BRIDGE[2]))
    decision = decide(member, [two, one], "c" * 16)
    assert decision.merged == ("b" * 16,)
    assert decision.story.id == "a" * 16
    assert decision.story.title == "one"
    assert set(decision.story.members) == {"1" * 16, "2" * 16, "3" * 16}
    assert decision.story.size == 3


def test_leaving_undoes_joining():
    one = begin("a" * 16, Member("1" * 16, "one", DAY, 1, weights(BRIDGE[0])))
    member = Member("2" * 16, None, DAY, 2, weights(BRIDGE[1]))
    left = leave(join(one, begin("a" * 16, member)), member)
    assert left is not None
    assert left.members == one.members
    assert math.isclose(left.weight, one.weight)
    assert math.isclose(similarity(left.total, one.total), 1, rel_tol=0.05)
    assert leave(one, Member("1" * 16, "one", DAY, 1, weights(BRIDGE[0]))) is None


def test_a_story_joined_twice_by_one_document_counts_it_once():
    one = begin("a" * 16, Member("1" * 16, "one", DAY, 1, weights(BRIDGE[0])))
    assert join(one, one).size == 1


def test_an_earlier_text_keeps_a_document_in_its_story_unless_it_says_something_else():
    story = begin("a" * 16, Member("1" * 16, None, DAY, 1, weights(BRIDGE[0])))
    other = Member("2" * 16, None, DAY, 2, weights(CHEESE[0]))
    assert decide(other, [story], "b" * 16, before=story.id).began
    assert not decide(other, [story], "b" * 16, same=story.id).began


def test_stories_are_bounded():
    story = begin("a" * 16, Member("1" * 16, None, DAY, 1, weights(BRIDGE[0])))
    for at in range(MAX_MEMBERS + 10):
        text = " ".join(f"w{at}x{number}" for number in range(60))
        story = join(story, begin("a" * 16, Member(f"{at:016x}", None, DAY, at, weights(text))))
    assert story.size == MAX_MEMBERS + 11
    assert len(story.members) == MAX_MEMBERS
    assert len(story.total) <= MAX_STORY_TERMS


def test_names_are_runs_of_capitals_that_hold_a_term():
    terms = ("harkonsen", "velmund", "bridge", "orsa", "anchor")
    assert "Tilde Harkonsen" in names(BRIDGE[0], terms)
    assert "Orsa" in names(BRIDGE[0], terms)
    assert names("Anchors hold. Anchors rust.", ("anchor",)) in ([], ["Anchors"])
    assert names("", terms) == []
    text = "Norwegian President Ada Holm spoke; the Premier League paused. Then Norwegian President Ada Holm left. The Premier League met."
    assert names(text, ("holm", "league")) == ["Ada Holm", "Premier League"]


@pytest.mark.skipif(not DOCUMENTS.is_dir(), reason="the five sample documents are not here")
def test_the_sample_documents_are_one_story_in_any_order():
    documents = [parse(path.read_text(encoding="utf-8")) for path in sorted(DOCUMENTS.glob("*.txt"))]
    texts = [(document.text, document.date.toordinal() if document.date else DAY) for document in documents]
    for order in itertools.permutations(texts):
        desk = Desk()
        for text, day in order:
            desk.take(text, day)
        assert len(desk.stories) == 1
        for text in (BRIDGE[0], CHEESE[0], *UNRELATED):
            assert desk.take(text, texts[0][1]).began
