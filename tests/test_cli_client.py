"""The commands that ask a running service: what they say on success and on faults, with --json and without."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from localweb import LocalWeb
from test_service import PARAGRAPHS, WIREROOM, Service, article
from waiting import until

from wireroom.cli import COMMANDS, SECTIONS, group
from wireroom.networks import local_url

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from localweb import Site

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00"
BATCH = r"[0-9a-f]{20}"

pytestmark = pytest.mark.long
"""Each command is a process of its own: together they take a minute."""


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with LocalWeb() as web:
        site = web.site()
        site.page("/boats", article(*PARAGRAPHS), etag='"one"')
        site.page("/gone", "gone", status=410)
        yield site


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    running = Service(tmp_path_factory.mktemp("client") / "data", enrich="dates")
    try:
        yield running
    finally:
        running.process.terminate()
        running.process.wait(60)


@pytest.fixture(scope="module")
def submitted(up: Service, site: Site, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Two files, a page of which one is gone, and a JPEG, handed in and waited for."""
    folder = tmp_path_factory.mktemp("files")
    (folder / "a.txt").write_text(
        f"date 2026-03-03\n\nThe boats of Lower Tarn.\n\nSources: {site.url('/boats')} {site.url('/gone')}\n"
    )
    (folder / "b.txt").write_text("Nothing but a sentence.\n")
    (folder / "photo.txt").write_bytes(JPEG)
    done = run(up, "submit", str(folder), "--wait", "--json", code=1)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def run(up: Service, *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = up.wireroom(*words)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


def alone(*words: str, cwd: Path | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
    """A command with no running service, and nothing set but these variables."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("WIREROOM_")}
    return subprocess.run(
        [*WIREROOM, *words],
        env=clean | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=cwd,
    )


def test_submit_says_what_was_taken_what_was_not_and_how_it_ended(submitted: dict[str, Any]):
    (answer,), (end,) = submitted["answers"], submitted["batches"]
    assert [item["name"] for item in answer["accepted"]] == ["a.txt", "b.txt"]
    assert [(item["name"], item["reason"]) for item in answer["rejected"]] == [("photo.txt", "not_text")]
    assert end["states"] == {"published": 3, "failed": 1}


def test_submit_in_words(up: Service, tmp_path: Path):
    (tmp_path / "one.txt").write_text("A sentence of its own.\n")
    (tmp_path / "photo.txt").write_bytes(JPEG)
    done = run(up, "submit", str(tmp_path), "--wait", code=1)
    first, second = done.stdout.splitlines()
    assert re.fullmatch(rf"batch {BATCH}: 1 document, 0 URLs", first)
    assert re.fullmatch(rf"batch {BATCH}: 1 published", second)
    assert done.stderr.startswith("not taken  photo.txt: ")
    only = run(up, "submit", str(tmp_path / "photo.txt"), code=1)
    assert only.stdout == ""
    assert "not_text" in only.stderr
    run(up, "submit", str(tmp_path / "one.txt"))


def test_submit_goes_on_where_a_file_cannot_be_read(up: Service, tmp_path: Path):
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "led-astray.txt").symlink_to(tmp_path / "nowhere")
    unread = [("led-astray.txt", "unreadable"), ("pipe.txt", "unreadable")]
    alone_told = json.loads(run(up, "submit", str(tmp_path), "--json", code=1).stdout)
    assert [answer["batch"] for answer in alone_told["answers"]] == [None]
    (tmp_path / "one.txt").write_text("The sluice of Lower Tarn stayed open.\n")
    told = json.loads(run(up, "submit", str(tmp_path), "--json", code=1).stdout)
    taken, refused = told["answers"]
    assert [item["name"] for item in taken["accepted"]] == ["one.txt"]
    assert [(item["name"], item["reason"]) for item in refused["rejected"]] == unread


def test_submit_of_nothing_is_wrong_usage(up: Service, tmp_path: Path):
    for words in ((str(tmp_path / "missing"),), (str(tmp_path),), ()):
        assert run(up, "submit", *words, code=2).stderr


def test_status_is_the_sum(up: Service, submitted: dict[str, Any]):
    assert submitted
    stats = json.loads(run(up, "status", "--json").stdout)
    first, *lines = run(up, "status").stdout.splitlines()
    assert re.fullmatch(r"\d+ accepted = \d+ published( \+ \d+ [a-z ]+){5}", first)
    numbers = [int(number) for number in re.findall(r"\d+", first)]
    assert numbers[0] == sum(numbers[1:]) == stats["accepted"]
    assert [line[:15].strip() for line in lines] == [
        "under way",
        "jobs that wait",
        "on the streams",
        "processes",
        "in Redis",
    ]
    assert "fetch 1" in lines[3]


def test_documents_are_listed_and_shown(up: Service, submitted: dict[str, Any]):
    ids = [item["id"] for item in submitted["answers"][0]["accepted"]]
    listed = json.loads(run(up, "documents", "--json").stdout)
    assert set(ids) <= {item["id"] for item in listed}
    head, *rows = run(up, "documents", "--limit", "500").stdout.splitlines()
    assert head.split()[:2] == ["id", "published"]
    assert len(rows) == len(json.loads(run(up, "documents", "--limit", "500", "--json").stdout))
    assert any("New boats for Lower Tarn" in row for row in rows)
    assert json.loads(run(up, "documents", ids[1]).stdout)["text"] == "Nothing but a sentence."
    assert [found["id"] for found in json.loads(run(up, "documents", *ids).stdout)] == ids
    assert run(up, "documents", ids[1], "--text").stdout == "Nothing but a sentence.\n"
    assert json.loads(run(up, "documents", ids[1], "--text", "--json").stdout) == "Nothing but a sentence.\n"


def test_documents_that_are_not_there(up: Service):
    assert "there is no document" in run(up, "documents", "00ff00ff00ff00ff", code=2).stderr
    assert "16 hexadecimal" in run(up, "documents", "../stats", code=2).stderr
    assert "by id" in run(up, "documents", "--text", code=2).stderr
    run(up, "documents", "--limit", "0", code=2)
    assert json.loads(run(up, "documents", "--host", "nowhere.example", "--json").stdout) == []


def test_recrawl(up: Service, site: Site, submitted: dict[str, Any]):
    page = submitted["answers"][0]["accepted"][0]["id"]
    assert run(up, "recrawl", "--document", page, "--dry-run").stdout == "2 URLs would be fetched\n"
    done = run(up, "recrawl", site.url("/boats"), "--priority", "-5")
    assert re.fullmatch(rf"batch {BATCH}: 1 URL\n", done.stdout)
    told = json.loads(run(up, "recrawl", site.url("/boats"), "--older-than", "24h", "--json").stdout)
    assert (told["matched"], told["rejected"]) == (0, [])


def test_recrawl_of_what_is_not_there(up: Service):
    assert "--older-than" in run(up, "recrawl", code=2).stderr
    assert "--older-than" in run(up, "recrawl", "--force", code=2).stderr
    unknown = run(up, "recrawl", "--host", "nowhere.example", code=1)
    assert unknown.stderr == "not taken  nowhere.example: no URL of this host is known (unknown)\n"
    assert "invalid_url" in run(up, "recrawl", "http://[::1", code=2).stderr
    assert "is no age" in run(up, "recrawl", "--older-than", "3x", code=2).stderr


def test_dead_letters_are_listed_and_tried_again(up: Service, site: Site, submitted: dict[str, Any]):
    assert submitted
    found = json.loads(run(up, "dead", "list", "--json").stdout)["dead"]
    letter = next(item for item in found if item["url"] == site.url("/gone") and not item["retried"])
    row = next(line for line in run(up, "dead", "list").stdout.splitlines() if line.startswith(letter["id"]))
    assert row.split()[1:5] == ["fetch", "http_410", "1", site.url("/gone")]
    done = run(up, "dead", "retry", letter["id"])
    assert re.fullmatch(rf"batch {BATCH}: 1 dead letter tried again\n", done.stdout)
    until(lambda: json.loads(run(up, "dead", "list", "--json").stdout)["dead"][0]["id"] != letter["id"])
    told = json.loads(run(up, "dead", "retry", "--all", "--json").stdout)
    assert letter["id"] not in told["retried"]
    assert len(told["retried"]) == 1


def test_dead_letters_that_are_not_there(up: Service):
    assert "no such dead letter" in run(up, "dead", "retry", "1-1", code=2).stderr
    assert "--all" in run(up, "dead", "retry", code=2).stderr
    assert "--all" in run(up, "dead", "retry", "1-1", "--all", code=2).stderr


def test_doctor_finds_nothing(up: Service, submitted: dict[str, Any]):
    assert submitted
    until(lambda: not any(json.loads(run(up, "status", "--json").stdout)["waiting"].values()))
    assert run(up, "doctor").stdout == "sound\n"
    assert json.loads(run(up, "doctor", "--json", "--no-repair").stdout) == []


def test_tail_shows_what_there_is(up: Service, submitted: dict[str, Any]):
    ids = [item["id"] for item in submitted["answers"][0]["accepted"]]
    lines = run(up, "tail", "--since", "0", "--no-follow").stdout.splitlines()
    assert all(re.match(r"\d+-\d+  document\.\w+  [0-9a-f]{16}  ", line) for line in lines)
    events = run(up, "tail", "--since", "0", "--no-follow", "--json", "--type", "document.created").stdout
    assert set(ids) <= {json.loads(line)["subject"] for line in events.splitlines()}
    assert "since" in run(up, "tail", "--since", "bogus", code=2).stderr
    assert "document.created" in run(up, "tail", "--type", "bogus", code=2).stderr


def test_ctrl_c_ends_tail_with_130_and_no_traceback(up: Service, submitted: dict[str, Any]):
    assert submitted
    tail = subprocess.Popen(
        [sys.executable, "-u", "-m", "wireroom", "tail", "--since", "0", "--data", str(up.data)],
        env=up.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert tail.stdout is not None
    assert "document.created" in tail.stdout.readline()
    tail.send_signal(signal.SIGINT)
    _, told = tail.communicate(timeout=30)
    assert (tail.returncode, told.strip()) == (130, "interrupted")


@pytest.mark.parametrize("command", ["status", "tail", "dead retry --all"])
def test_no_service_where_one_is_said_to_be(command: str, tmp_path: Path):
    done = alone(*command.split(), "--data", str(tmp_path))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"wireroom: no service runs in {tmp_path}: start one with")


def test_no_service_anywhere(tmp_path: Path):
    done = alone("status", "--api", "http://127.0.0.1:1", cwd=tmp_path)
    assert done.returncode == 1
    assert "no service answers at http://127.0.0.1:1: start one with `wireroom up`" in done.stderr
    assert alone("status", "--api", "nonsense", cwd=tmp_path).returncode == 1
    silent = alone("doctor", cwd=tmp_path, WIREROOM_REDIS_URL="redis://127.0.0.1:1")
    assert silent.returncode == 1
    assert "127.0.0.1:1" in silent.stderr
    assert "Traceback" not in silent.stderr


@contextmanager
def guarded(up: Service) -> Iterator[str]:
    """A second API on the same Redis, with a token."""
    variables = {
        "WIREROOM_REDIS_URL": up.info["redis_url"],
        "WIREROOM_API_TOKEN": "right",
        "WIREROOM_PORT": "0",
    }
    api = subprocess.Popen(
        [*WIREROOM, "api"],
        env=up.environment | variables,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert api.stderr is not None
    assert api.stdout is not None
    try:
        line = next(line for line in iter(api.stderr.readline, "") if "ready" in line)
        yield re.search(r"http://[\d.:]+", line)[0]  # type: ignore[index]
    finally:
        api.terminate()
        api.communicate(timeout=30)


def test_a_token_is_asked_for_and_taken(up: Service):
    with guarded(up) as url:
        for variables in ({}, {"WIREROOM_API_TOKEN": "wrong"}):
            done = alone("status", "--api", url, **variables)
            assert (done.returncode, done.stdout) == (1, "")
            assert done.stderr == "wireroom: the service asks for its token: set WIREROOM_API_TOKEN to it\n"
        assert alone("status", "--api", url, WIREROOM_API_TOKEN="right").returncode == 0


def test_up_says_where_it_is_and_how_it_is_stopped(up: Service):
    line = next(line for line in up.log().splitlines() if "Ctrl-C" in line)
    assert f"api={up.info['api_url']}" in line
    assert f"data={up.data}" in line


def test_help_names_every_command_and_imports_none(tmp_path: Path):
    told = alone("--help", cwd=tmp_path).stdout
    for title, commands in SECTIONS.items():
        assert f"{title}:\n" in told
        for name in commands:
            assert re.search(rf"^  {name} ", told, re.MULTILINE)
    code = "import sys, wireroom.cli\ntry: wireroom.cli.group(['--help'])\nexcept SystemExit: pass\n"
    code += (
        "assert not [m for m in sys.modules if m.startswith(('wireroom.cli.', 'wireroom.world', 'aiohttp'))]"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, timeout=60)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        group.main([name, "--help"], prog_name="wireroom")
    told = capsys.readouterr().out
    assert told.startswith(f"Usage: wireroom {name} ")
    for line in re.findall(r"^  (-.*)$", told, re.MULTILINE):
        assert re.search(r"\S {2,}\S|^\S{24,}|\]$", line), f"no word about it: {line}"


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),
        ("::", "http://[::1]:80"),
        ("[::1]", "http://[::1]:80"),
        ("localhost", "http://localhost:80"),
    ],
)
def test_where_a_client_finds_what_listens(host: str, url: str):
    assert local_url(host, 80) == url
