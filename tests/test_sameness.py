"""What two texts have in common, word for word."""

# ruff: noqa: RUF001 - typographic quotation marks and other alphabets are meant

from __future__ import annotations

import itertools
import random
import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from news_samples import BRIDGE, CHEESE, COMET, STORIES, article, edits, invented_words

from wireroom.document import parse
from wireroom.sameness import (
    GRAM,
    MAX_LENGTH,
    compare,
    digest,
    fingerprints,
    read,
    runs,
    spans_of,
    words_of,
)

DOCUMENTS = Path(__file__).parents[2] / "shared" / "documents"


def common_prints(one: str, other: str) -> int:
    return len(set(fingerprints(read(one))) & set(fingerprints(read(other))))


def test_case_blanks_and_compatibility_forms_make_no_other_text():
    assert digest("The ﬁrst  Line\n\nof it") == digest("the first line of IT ")
    assert digest("the first line") != digest("the first lines")


@pytest.mark.parametrize("text", ["", " \n\t", "\u00a0"])
def test_a_text_of_nothing_has_no_digest(text: str):
    assert digest(text) == b""


@given(st.text())
def test_each_word_has_its_place(text: str):
    words, spans = words_of(text), spans_of(text)
    assert len(words) == len(spans)
    for word, (start, end) in zip(words, spans, strict=True):
        folded = unicodedata.normalize("NFKC", text[start:end]).casefold().replace(" ", "")
        assert (
            unicodedata.normalize("NFKC", word) == unicodedata.normalize("NFKC", folded) or word == "\ufffd"
        )


@given(st.text(), st.text())
def test_any_two_texts_can_be_compared(one: str, other: str):
    found = compare(read(one), read(other))
    assert 0 <= found.similarity <= 1
    assert 0 <= found.share <= 1


def test_curly_and_straight_apostrophes_give_the_same_words():
    assert words_of("the mayor’s own ‘word’ …") == words_of("The mayor's own 'word' ...")


def test_decomposed_accents_give_the_same_words():
    text = "Une fenêtre déjà fermée à Besançon"
    assert words_of(unicodedata.normalize("NFD", text)) == words_of(text)


def test_a_shared_passage_is_named_in_both_texts():
    passage = "nobody will drive over iron that we cannot trust while the divers are still down there"
    one = f"She was firm — {passage.capitalize()}! And she left, with the whole town council behind her."
    other = f"According to a paper that was read to everyone in the hall on Monday: ‘{passage}’, which nobody believed."
    found = compare(read(one), read(other))
    ((start, end, other_start, other_end),) = found.passages
    assert one[start:end].casefold() == passage
    assert other[other_start:other_end] == passage
    assert found.linked
    assert found.share == round(16 / len(words_of(one)), 4)


def test_short_common_runs_link_nothing():
    one = f"{BRIDGE[0]} It was the first time in thirty years."
    other = f"{CHEESE[0]} It was the first time in thirty years."
    found = compare(read(one), read(other))
    assert not found.linked
    assert found.passages == ()
    assert found.share == 0


@pytest.mark.parametrize("kind", ["cut", "framed", "shortened", "reordered", "reworded"])
def test_edited_copies_are_near(kind: str):
    vocabulary = invented_words(3000, random.Random(5))
    for seed in range(40):
        text = article(250, seed, vocabulary)
        copy = edits(text, seed)[kind]
        assert compare(read(copy), read(text)).near, (kind, seed)
        assert compare(read(text), read(copy)).near, (kind, seed)
        assert common_prints(text, copy) >= 2, (kind, seed)


def test_texts_of_one_story_are_no_copies():
    for one, other in itertools.combinations(itertools.chain(*STORIES), 2):
        assert not compare(read(one), read(other)).near


FORECAST = (
    "Tonight: mostly cloudy, with a low around {}. North wind {} to {} miles an hour. {}: a chance of showers, with a high "
    "near {}. Chance of precipitation is {} percent. The forecast for {} and the hills around {} was issued by the weather "
    "office at {} in the morning. A gale warning remains in effect for the coast off {} until {}."
)


def test_reports_of_one_template_with_other_facts_are_not_near():
    one = FORECAST.format(41, 5, 15, "Friday", 58, 30, "Velmund", "Orsa", 5, "Tolsk", "Sunday")
    other = FORECAST.format(27, 10, 25, "Monday", 36, 80, "Sellick", "Marrow", 6, "Hallam", "Tuesday")
    assert not compare(read(one), read(other)).near
    assert compare(read(one), read(other)).linked
    assert compare(read(one), read(one.replace("mostly cloudy", "rather clear"))).near


def test_a_changed_number_leaves_a_near_copy():
    assert compare(read(BRIDGE[0]), read(BRIDGE[0].replace("nine thousand", "11,000"))).near


def test_different_articles_of_one_vocabulary_are_not_near():
    vocabulary = invented_words(500, random.Random(6))
    readings = [read(article(300, seed, vocabulary)) for seed in range(30)]
    assert not any(compare(one, other).linked for one, other in itertools.combinations(readings, 2))


@given(st.integers(min_value=0), st.integers(min_value=20, max_value=40))
def test_a_common_run_of_twenty_words_has_two_common_fingerprints(seed: int, length: int):
    rng = random.Random(seed)
    shared = " ".join(str(rng.randrange(10**6)) for _ in range(length))
    sides = [" ".join(str(rng.randrange(10**6, 10**7)) for _ in range(200)) for _ in range(4)]
    assert common_prints(f"{sides[0]} {shared} {sides[1]}", f"{sides[2]} {shared} {sides[3]}") >= 2


def test_a_teaser_of_forty_words_is_found_in_its_article():
    vocabulary = invented_words(3000, random.Random(7))
    for seed in range(50):
        text = article(900, seed, vocabulary)
        teaser = " ".join(text.split(" ")[300:340])
        assert common_prints(teaser, text) >= 2
        assert compare(read(teaser), read(text)).similarity == 1


def test_a_run_is_as_long_as_it_can_be():
    one, other = read("x " + " ".join("abcdefghij")), read(" ".join("abcdefghij") + " y")
    (run,) = runs(one, other)
    assert (run.start, run.other, run.length) == (1, 0, 10)


def test_texts_of_few_different_words_have_no_fingerprints():
    assert fingerprints(read("Read more here")) == ()
    assert fingerprints(read("Read more about this story here. " * 50)) == ()
    assert not read("").telling


@pytest.mark.parametrize(
    "text",
    [
        "",
        "word",
        "word " * 100_000,
        "1 2 3 4 5 6 7 8 9 10 " * 10,
        "0123456789" * 500_000,
        " ".join(str(number) for number in range(700_000)),
        "字" * 1_700_000,
        "".join(chr(0x4E00 + at % 5000) for at in range(1_700_000)),
        "ا ب " * 800_000,
        "e\u0301" * 1_700_000,
        ("the same ten words come back again and again here " * 100_000),
    ],
    ids=[
        "empty",
        "word",
        "repeated",
        "digits",
        "number",
        "numbers",
        "one-han",
        "han",
        "arabic",
        "accents",
        "phrase",
    ],
)
def test_strange_texts_take_bounded_time(text: str):
    begun = time.process_time()
    reading = read(text)
    fingerprints(reading)
    digest(text)
    found = compare(reading, read(text[: MAX_LENGTH // 2]))
    assert time.process_time() - begun < 2
    assert 0 <= found.similarity <= 1


def test_right_to_left_passages_have_their_offsets():
    passage = "قال رئيس البلدية إن الجسر القديم سيبقى مغلقا حتى ينتهي الغواصون من فحص جميع الأعمدة في النهر"
    one, other = f"اليوم {passage} كما ذكر", f"وفي خبر آخر {passage}"
    found = compare(read(one), read(other))
    assert [one[start:end] for start, end, _, _ in found.passages] == [passage]
    assert [other[start:end] for _, _, start, end in found.passages] == [passage]


def test_text_without_blanks_is_read_by_pairs_of_characters():
    passage = "市長は橋の鎖に亀裂が見つかったため当分のあいだ通行を止めると発表した"
    one, other = f"昨日の会見で{passage}。", f"速報:{passage}、住民は渡し船に並んだ。"
    found = compare(read(one), read(other))
    ((start, end, other_start, other_end),) = found.passages
    assert one[start:end] == passage == other[other_start:other_end]
    assert words_of("橋の鎖 ok") == ["橋の", "の鎖", "ok"]
    assert common_prints(one, other) >= 2


def test_similarity_is_the_same_both_ways():
    short = COMET[0][:200]
    assert compare(read(short), read(COMET[0])).similarity == compare(read(COMET[0]), read(short)).similarity
    assert compare(read(short), read(COMET[0])).share > 0.9
    assert compare(read(COMET[0]), read(short)).share < 0.6


def test_a_long_text_is_compared_up_to_its_limit():
    reading = read("abc " * MAX_LENGTH)
    assert len(reading.text) == MAX_LENGTH
    assert len(reading.grams) == len(reading.words) - GRAM + 1


@pytest.mark.skipif(not DOCUMENTS.is_dir(), reason="the five sample documents are not here")
def test_the_sample_documents_are_linked_by_their_quotations():
    readings = [
        read(parse(path.read_text(encoding="utf-8")).text) for path in sorted(DOCUMENTS.glob("*.txt"))
    ]
    linked = {
        (one, other)
        for one, other in itertools.combinations(range(len(readings)), 2)
        if compare(readings[one], readings[other]).linked
        and len(set(fingerprints(readings[one])) & set(fingerprints(readings[other]))) >= 2
    }
    assert {(0, 1), (0, 2), (0, 3), (0, 4), (1, 4), (2, 4), (3, 4)} <= linked
