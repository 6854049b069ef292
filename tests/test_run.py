"""The whole job once, as a person types it: real processes, the sample newsroom, the embedded server."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from waiting import until

from wireroom.document import parse, render

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared" / "documents"
WIREROOM = [sys.executable, "-m", "wireroom"]
LOCAL = {
    "WIREROOM_FETCH_ALLOW_PRIVATE": "127.0.0.0/8",
    "WIREROOM_FETCH_DELAY": "0.05",
    "WIREROOM_FETCH_RETRY_DELAY": "0.2",
}


def environment(**more: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("WIREROOM_")}
    return {**clean, **LOCAL, **more}


def wireroom(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*WIREROOM, *words], env=environment(**more), capture_output=True, text=True, timeout=110, check=False
    )


@dataclass(frozen=True)
class Ran:
    """One run over the sample newsroom, with what it left."""

    done: subprocess.CompletedProcess[str]
    given: Path
    out: Path

    @property
    def events(self) -> list[dict]:
        return [json.loads(line) for line in self.done.stdout.splitlines()]

    def of(self, kind: str) -> list[dict]:
        return [event["data"] for event in self.events if event["type"] == kind]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    folder = tmp_path_factory.mktemp("newsroom")
    given, out = folder / "documents", folder / "out"
    newsroom = [
        sys.executable,
        str(ROOT / "examples/newsroom.py"),
        "--base-port",
        "0",
        "--documents",
        str(given),
    ]
    command = [*newsroom, "--", *WIREROOM, "run", str(given), "--out", str(out), "--json"]
    done = subprocess.run(
        command, env=environment(), capture_output=True, text=True, timeout=110, check=False
    )
    return Ran(done, given, out)


def test_everything_that_was_accepted_has_ended(ran: Ran) -> None:
    assert ran.done.returncode == 1, ran.done.stderr  # the dead link and the dead host were given up
    assert len(ran.of("document.created")) == 23
    assert "26 accepted = 23 published + 0 unchanged + 1 refused + 2 failed + 0 cancelled" in ran.done.stderr


def test_whoever_names_no_contact_is_told(ran: Ran) -> None:
    assert "set WIREROOM_FETCH_CONTACT" in ran.done.stderr


def test_each_event_is_there_once_with_the_fields_of_the_contract(ran: Ran) -> None:
    ids = Counter((event["source"], event["id"]) for event in ran.events)
    assert set(ids.values()) == {1}
    for event in ran.events:
        names = ["specversion", "id", "source", "type", "subject", "time", "datacontenttype", "data"]
        assert list(event) == names
        assert event["specversion"] == "1.0"
        assert event["datacontenttype"] == "application/json"
        assert event["time"].endswith("Z")


DOCUMENT = [
    "id",
    "revision",
    "previous_revision",
    "layout",
    "origin",
    "url",
    "canonical_url",
    "sources",
    "title",
    "author",
    "site",
    "description",
    "text",
    "language",
    "dates",
    "sameness",
    "entities",
    "changes",
    "enrichment",
    "warnings",
]


def test_each_document_has_every_field_in_order(ran: Ran) -> None:
    for data in ran.of("document.created"):
        assert list(data) == DOCUMENT
        assert set(data["dates"]) == {"published", "modified", "candidates", "mentions", "conflict"}
        assert set(data["sameness"]) == {"exact_of", "near", "shares", "story"}
        assert [status["status"] for status in data["enrichment"].values()] == ["done"] * 3
        for mention in data["dates"]["mentions"]:
            assert data["text"][mention["start"] : mention["end"]] == mention["text"]
        for entity in data["entities"]:
            assert entity["count"] == len(entity["mentions"])


def test_a_file_is_published_to_the_byte_and_a_page_in_its_listers_layout(ran: Ran) -> None:
    written = {path.stem.split("_")[1]: path.read_bytes() for path in ran.out.iterdir()}
    assert len(written) == 23
    given = {path.name: path.read_bytes() for path in ran.given.iterdir()}
    listers = {}
    for data in ran.of("document.created"):
        if data["origin"]["kind"] == "file":
            assert written[data["id"]] == given[data["origin"]["name"]]
            listers[data["id"]] = data["layout"]
    for data in ran.of("document.created"):
        if data["origin"]["kind"] == "web":
            document = parse(written[data["id"]].decode())
            assert data["layout"] in {listers[lister] for lister in data["origin"]["listed_by"]}
            assert document.url == data["url"]
            assert document.text == data["text"]
            assert render(document).encode() == written[data["id"]]
            assert document.date is not None
            assert data["dates"]["published"]["value"].startswith(document.date.isoformat())


def test_output_files_are_numbered_without_gaps(ran: Ran) -> None:
    assert sorted(path.name[:3] for path in ran.out.iterdir()) == [f"{n:03}" for n in range(23)]


def test_what_could_not_be_fetched_says_why(ran: Ran) -> None:
    failed = {data["reason"]: data for data in ran.of("fetch.failed")}
    assert set(failed) == {"http_404", "connect_error"}
    assert failed["connect_error"]["tries"] == 3
    assert [data["reason"] for data in ran.of("fetch.refused")] == ["robots_denied"]
    assert {data["reason"] for data in ran.of("dead.letter")} == {"http_404", "connect_error"}


def test_a_redirect_is_followed_and_told(ran: Ran) -> None:
    (moved,) = [data for data in ran.of("fetch.succeeded") if data["redirects"]]
    assert moved["redirects"][0]["status"] == 301
    assert moved["final_url"] != moved["url"]


def test_two_stories_and_their_copies_are_found(ran: Ran) -> None:
    stories = Counter(
        data["sameness"]["story"]["id"] for data in ran.of("document.created") if data["sameness"]["story"]
    )
    assert [count for _, count in stories.most_common(2)] == [11, 8]
    by_name = {data["origin"]["name"]: data for data in ran.of("document.created")}
    copy, wire = by_name["001_bridge_closed_short.txt"], by_name["000_bridge_closed.txt"]
    assert wire["id"] in {near["id"] for near in copy["sameness"]["near"]}
    (share,) = [share for share in copy["sameness"]["shares"] if share["id"] == wire["id"]]
    for start, end, other_start, other_end in share["passages"]:
        assert copy["text"][start:end].split() == wire["text"][other_start:other_end].split()


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    folder = tmp_path / "hostile"
    folder.mkdir()
    (folder / "a_photo.txt").write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01 not a text")
    (folder / "b_empty.txt").write_bytes(b"")
    (folder / "c_many.txt").write_text(
        "Too many.\n\nSources: " + " ".join(f"http://127.0.0.1:1/{n}" for n in range(10_000))
    )
    (folder / "d_broken.txt").write_text(
        "One address is broken.\n\nSources: http://[::1 http://nowhere.invalid/a"
    )
    (folder / "e_good.txt").write_text(
        "date 2026-03-04\n\nA good neighbour is published whatever stands beside it.\n"
    )
    os.mkfifo(folder / "f_pipe.txt")
    (folder / "g_large.txt").write_bytes(b"a" * (2 * 1024 * 1024))
    return folder


def test_bad_input_is_told_and_costs_no_neighbour_its_place(hostile: Path, tmp_path: Path) -> None:
    done = wireroom(
        "run",
        str(hostile),
        "--out",
        str(tmp_path / "out"),
        WIREROOM_MAX_DOCUMENT="1000000",
        WIREROOM_ENRICH="dates",
    )
    assert done.returncode == 1
    for name, reason in (
        ("a_photo.txt", "not_text"),
        ("b_empty.txt", "empty"),
        ("c_many.txt", "too_many_urls"),
        ("d_broken.txt", "invalid_url"),
        ("f_pipe.txt", "unreadable"),
        ("g_large.txt", "too_large"),
    ):
        assert any(name in line and reason in line for line in done.stderr.splitlines()), (name, done.stderr)
    assert "http://[::1" in done.stderr
    assert "nowhere.invalid" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(list((tmp_path / "out").iterdir())) == 2


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("run",), "Missing argument"),
        (("run", "no/such/folder"), "there is no such file or folder"),
        (("frobnicate",), "No such command"),
        (("--config", "no/such.toml", "config"), "no/such.toml"),
    ],
)
def test_wrong_usage_is_one_clear_line_and_exit_2(words: tuple[str, ...], says: str) -> None:
    done = wireroom(*words)
    assert done.returncode == 2, done
    assert says in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [("WIREROOM_FETCH_DELAY", "soon"), ("WIREROOM_ENRICH", "dates,colour"), ("WIREROOM_FETHC_DELAY", "1")],
)
def test_wrong_settings_name_the_key(name: str, value: str) -> None:
    done = wireroom("config", **{name: value})
    assert done.returncode == 2
    assert name in done.stderr


def test_ctrl_c_stops_cleanly_with_130_and_leaves_no_process(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("One document.\n\nSources: http://127.0.0.1:9/never")
    process = subprocess.Popen(
        [*WIREROOM, "run", str(tmp_path), "--json"],
        env=environment(WIREROOM_ENRICH="dates", WIREROOM_FETCH_RETRY_DELAY="600"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert "document.created" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130, stderr
    until(lambda: not _alive_in_group(process.pid), 10)


def _alive_in_group(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.skipif(not SHARED.is_dir(), reason="the real documents are not here")
def test_the_five_real_documents(tmp_path: Path) -> None:
    done = wireroom("run", str(SHARED), "--out", str(tmp_path / "out"), "--json")
    assert done.returncode == 1, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    documents = [event["data"] for event in events if event["type"] == "document.created"]
    days = ["2021-12-15", "2021-12-16", "2021-12-15", "2021-12-16", "2021-12-16"]
    by_name = sorted(documents, key=lambda data: data["origin"]["name"])
    assert [data["dates"]["published"]["value"] for data in by_name] == days
    assert len({data["sameness"]["story"]["id"] for data in documents}) == 1
    assert sum(1 for data in documents if data["sameness"]["shares"]) == 4  # all but the first to arrive
    assert len([event for event in events if event["type"] == "fetch.failed"]) == 2
    written = sorted(path.read_bytes() for path in (tmp_path / "out").iterdir())
    assert written == sorted(path.read_bytes() for path in SHARED.iterdir())
