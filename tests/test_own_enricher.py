"""The example of docs/enrichers.md, built, installed and run as a user would; and one that gives trouble beside it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
from plugins import EXAMPLE, install, install_example
from test_service import Service
from waiting import until

from wireroom.draft import from_file
from wireroom.enricher import EnrichInput, checked_result

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import ModuleType

EASY = "The cat sat on the mat. The dog ran to the gate. It was hot."
HARD = (
    "Notwithstanding considerable parliamentary opposition, the administration's constitutional amendments "
    "were ultimately promulgated."
)
PLAIN = (
    "date 2026-05-04\n\nThe ferry {name} left Larne Vale at noon. Nobody was late, and the sea was calm.\n"
)
WORDS = {"good": "sail", "raise": "raise", "hang": "hang", "crash": "crash"}


@pytest.fixture
def example() -> Iterator[ModuleType]:
    """The example's module, from where it stands."""
    sys.path.insert(0, str(EXAMPLE))
    import wireroom_readability  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415

    yield wireroom_readability
    sys.path.remove(str(EXAMPLE))
    del sys.modules["wireroom_readability"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the example and with what gives trouble."""
    target = tmp_path_factory.mktemp("site")
    install_example(target, tmp_path_factory.mktemp("scratch"))
    install(target, {"troubled": "trouble:Troubled"})
    return target


def given(text: str, language: str | None = "en") -> EnrichInput:
    document = EnrichInput.of(from_file(text, "one.txt", "0" * 16))
    names = {name: getattr(document, name) for name in EnrichInput.__slots__}
    return EnrichInput(**names | {"text": text, "language": language})


def test_the_example_counts_words_and_sentences_and_judges_english(example: ModuleType) -> None:
    enrich = example.Readability().enrich
    assert enrich(given(EASY)) == {"words": 15, "sentences": 3, "minutes": 0.06, "reading_ease": 117.2}
    assert enrich(given(HARD))["reading_ease"] < 0
    assert enrich(given(EASY, "de"))["reading_ease"] is None
    assert enrich(given("")) == {"words": 0, "sentences": 0, "minutes": 0.0, "reading_ease": None}


@pytest.mark.parametrize(
    "text", ["1 2 3 …", "מזג האוויר נאה היום.", "word " * 100_000, "a'" * 50_000, "?!" * 50_000]
)
def test_the_example_takes_any_text(example: ModuleType, text: str) -> None:
    assert checked_result(example.Readability().enrich(given(text)))["words"] >= 0


@pytest.mark.long
@pytest.mark.timeout(240)
def test_the_example_is_built_installed_and_run(site: Path, tmp_path: Path) -> None:
    for name in ("Anna", "Bela"):
        (tmp_path / f"{name}.txt").write_text(PLAIN.format(name=name))
    done = run(site, tmp_path, "readability,dates")
    assert done.returncode == 0, done.stderr
    documents = documents_of(done)
    assert len(documents) == 2
    for data in documents.values():
        told = data["enrichment"]["readability"]
        assert (told["status"], told["version"], told["error"]) == ("done", "1.0", None)
        assert told["result"]["words"] == len(data["text"].replace(",", "").split())
        assert told["result"]["sentences"] == 2
        assert [data["enrichment"][name]["status"] for name in ("dates", "sameness", "entities")] == [
            "done", "off", "off",
        ]  # fmt: skip


@pytest.mark.long
@pytest.mark.timeout(240)
def test_one_that_fails_hangs_or_dies_stops_neither_the_others_nor_any_document(
    site: Path, tmp_path: Path
) -> None:
    for name, word in WORDS.items():
        (tmp_path / f"{name}.txt").write_text(PLAIN.format(name=name) + f"\nPlease, please {word} now.\n")
    done = run(site, tmp_path, "dates,readability,troubled", WIREROOM_ENRICH_TIMEOUT="4")
    assert done.returncode == 0, done.stderr
    documents = documents_of(done)
    errors = {name: data["enrichment"]["troubled"]["error"] for name, data in documents.items()}
    assert errors.pop("good.txt") is None
    assert {name: error.partition(":")[0] for name, error in errors.items()} == {
        "raise.txt": "enrichment_error", "hang.txt": "enrichment_timeout", "crash.txt": "worker_died",
    }  # fmt: skip
    for data in documents.values():
        assert {data["enrichment"][name]["status"] for name in ("dates", "readability")} == {"done"}


@pytest.mark.long
@pytest.mark.timeout(240)
def test_a_service_shows_its_queue_and_loses_nothing_when_it_is_switched_off(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(site))
    up = Service(tmp_path / "data", enrich="dates,troubled")
    try:
        assert up.get("/v1/stats")["queues"] == dict.fromkeys(
            ("normalize", "dates", "sameness", "entities", "troubled"), 0
        )
        until(lambda: up.get("/v1/stats")["processes"].get("work-troubled") == 1, 60)
        with urllib.request.urlopen(up.info["api_url"] + "/metrics", timeout=10) as answer:
            assert 'rq_jobs{queue="wireroom:troubled",status="queued"}' in answer.read().decode()
        taken = up.post(
            "/v1/documents", PLAIN.format(name="Cora") + "\nPlease, please hang now.\n", "text/plain"
        )
        until(lambda: up.get("/v1/stats")["waiting"]["enriching"] == 1, 60)
        assert up.stop(signal.SIGKILL) == -signal.SIGKILL
        up = Service(tmp_path / "data", enrich="dates")
        assert up.ended(taken["batch"]) == {"published": 1}
        told = up.get(f"/v1/documents/{taken['accepted'][0]['id']}")["enrichment"]
        assert told["troubled"]["error"].startswith("enricher_off")
        assert told["dates"]["status"] == "done"
        assert "troubled" not in up.get("/v1/stats")["queues"]
        assert up.wireroom("doctor").returncode == 0
    finally:
        if up.process.poll() is None:
            up.stop()


def run(site: Path, documents: Path, enrich: str, **more: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("WIREROOM_")}
    environ = clean | {"PYTHONPATH": str(site), "WIREROOM_ENRICH": enrich, **more}
    command = [sys.executable, "-m", "wireroom", "run", str(documents), "--json"]
    return subprocess.run(
        command, env=environ, cwd=documents, capture_output=True, text=True, timeout=230, check=False
    )


def documents_of(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, Any]]:
    """The data of the documents by the name of their file; every line of the output is an event."""
    events = [json.loads(line) for line in done.stdout.splitlines()]
    return {e["data"]["origin"]["name"]: e["data"] for e in events if e["type"] == "document.created"}
