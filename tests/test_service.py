"""The whole service from one command, as a person runs it: real processes, a local web, HTTP from outside."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
import redis
from localweb import LocalWeb
from waiting import until

from wireroom.adapters.embedded import EmbeddedServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WIREROOM = [sys.executable, "-m", "wireroom"]
PARAGRAPHS = [
    "The ferry company of Lower Tarn said on Monday that its two old boats would be replaced before the winter.",
    "Passengers had complained for years about cold cabins, late departures and engines that failed in a swell.",
    "The new boats run on batteries and carry eighty people each, the company said in a statement to the council.",
    "Councillor Agnes Birtwell called the decision overdue and asked for a timetable that workers can rely on.",
    "The first boat is being built in a yard at Port Sorrel and is to be delivered in the middle of October.",
]


def article(*paragraphs: str, day: str = "2026-03-02") -> str:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    meta = f'<meta property="article:published_time" content="{day}T08:30:00+01:00">'
    return f"<html lang=en><head><title>New boats for Lower Tarn</title>{meta}</head><body><article><h1>New boats for Lower Tarn</h1>{body}</article></body></html>"


class Service:
    """A running `wireroom up`."""

    def __init__(self, data: Path, *words: str, enrich: str = "dates,sameness", **more: str) -> None:
        self.data = data
        clean = {name: value for name, value in os.environ.items() if not name.startswith("WIREROOM_")}
        self.environment = clean | {
            "WIREROOM_FETCH_ALLOW_PRIVATE": "127.0.0.0/8",
            "WIREROOM_FETCH_DELAY": "0",
            "WIREROOM_FETCH_CONTACT": "desk@tarn.example",
            "WIREROOM_ENRICH": enrich,
            "WIREROOM_LEASE": "4",
            **more,
        }
        log = (data.parent / "log.txt").open("ab")
        self.process = subprocess.Popen(
            [*WIREROOM, "up", "--data", str(data), "--port", "0", *words],
            env=self.environment,
            stdout=log,
            stderr=log,
        )
        log.close()
        try:
            until(lambda: self.process.poll() is not None or self.ready(), 120)
        except AssertionError:
            self.stop(signal.SIGKILL)
            raise
        assert self.process.poll() is None, self.log()

    def log(self) -> str:
        return (self.data.parent / "log.txt").read_text()

    def ready(self) -> bool:
        try:
            return bool(self.get("/readyz")["status"] == "ready")
        except (OSError, ValueError, KeyError):
            return False

    @property
    def info(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads((self.data / "service.json").read_text())
        return loaded

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(self.info["api_url"] + path, timeout=10) as answer:
            return json.load(answer)

    def post(self, path: str, body: object, kind: str = "application/json") -> Any:
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        request = urllib.request.Request(self.info["api_url"] + path, data, {"Content-Type": kind})
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert answer.status == 202
            return json.load(answer)

    def ended(self, batch: str) -> dict[str, int]:
        state = until(lambda: (s := self.get(f"/v1/batches/{batch}"))["done"] and s, 60)
        return dict(state["states"])

    def wireroom(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [*WIREROOM, *words, "--data", str(self.data)]
        return subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=60, check=False
        )

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)


@contextmanager
def service(data: Path, *words: str) -> Iterator[Service]:
    running = Service(data, *words)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.process.terminate()
            running.process.wait(60)


@pytest.fixture
def web() -> Iterator[LocalWeb]:
    with LocalWeb() as local:
        yield local


def test_a_document_its_page_and_a_recrawl_that_finds_a_new_revision(tmp_path: Path, web: LocalWeb) -> None:
    site = web.site()
    url = site.page("/boats", article(*PARAGRAPHS), etag='"one"')
    with service(tmp_path / "data") as up:
        text = f"date 2026-03-03\n\nThe boats of Lower Tarn are to be replaced.\n\nSources: {url}\n"
        taken = up.post("/v1/documents?name=tarn.txt", text, "text/plain")
        assert taken["accepted"] == [{"name": "tarn.txt", "id": taken["accepted"][0]["id"], "urls": [url]}]
        assert up.ended(taken["batch"]) == {"published": 2}

        again = up.post("/v1/recrawls", {"urls": [url]})
        assert again["matched"] == 1
        assert up.ended(again["batch"]) == {"unchanged": 1}
        assert site.hits("/boats")[-1].headers["If-None-Match"] == '"one"'

        added = "The old boats will be sold, and one of them is to become a museum at the pier of Upper Tarn."
        site.page("/boats", article(*PARAGRAPHS, added), etag='"two"')
        third = up.post("/v1/recrawls", {"hosts": [f"{site.ip}:{site.port}"]})
        assert up.ended(third["batch"]) == {"published": 1}

        (page,) = [d for d in up.get("/v1/documents")["documents"] if d["revision"] == 2]
        data = up.get(f"/v1/documents/{page['id']}")
        assert (data["revision"], data["previous_revision"]) == (2, 1)
        assert data["changes"]["paragraphs"] == [{"op": "added", "before": None, "after": added}]
        assert data["dates"]["published"]["value"] == "2026-03-02T08:30:00+01:00"
        assert data["origin"]["listed_by"] == [taken["accepted"][0]["id"]]

        site.page("/boats", "gone", status=410)
        fourth = up.post("/v1/recrawls", {"urls": [url]})
        assert up.ended(fourth["batch"]) == {"failed": 1}
        site.page("/boats", article(*PARAGRAPHS, added), etag='"two"')
        fifth = up.post("/v1/recrawls", {"urls": [url]})
        assert up.ended(fifth["batch"]) == {"published": 1}
        assert up.get(f"/v1/documents/{page['id']}")["revision"] == 3

        stats = up.get("/v1/stats")
        ended = [stats[name] for name in ("published", "unchanged", "refused", "failed", "cancelled")]
        assert stats["accepted"] == sum(ended) + sum(stats["waiting"].values()) == 6

        with redis.Redis.from_url(up.info["redis_url"]) as plain:
            plain.xgroup_create("wireroom:documents", "desk", "0")
            ((_, entries),) = plain.xreadgroup("desk", "me", {"wireroom:documents": ">"})
            kinds = [fields[b"type"] for _, fields in entries]
            assert [kind.decode() for kind in kinds] == [
                "document.created",
                "document.created",
                "document.updated",
                "document.gone",
                "document.updated",
            ]

        tail = up.wireroom("tail", "--since", "0", "--no-follow", "--json")
        assert [json.loads(line)["type"] for line in tail.stdout.splitlines()] == [
            kind.decode() for kind in kinds
        ]
        assert up.stop(signal.SIGINT) == 0, up.log()
    assert "Traceback" not in up.log()
    assert not (tmp_path / "data" / "service.json").exists()


@pytest.mark.long
def test_new_files_of_a_watched_folder_are_taken_whole(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    with service(tmp_path / "data", "--watch", str(inbox)) as up, (inbox / "half.txt").open("w") as half:
        half.write("date 2026-03-04\n\nThe first half of a sentence ")
        half.flush()
        (inbox / "whole.txt").write_text("date 2026-03-04\n\nA file that was written in one go.\n")
        until(lambda: up.get("/v1/stats")["published"] == 1, 30)
        half.write("and the second half of it.\n")
        half.close()
        until(lambda: up.get("/v1/stats")["published"] == 2, 30)
        names = {up.get(f"/v1/documents/{d['id']}")["text"] for d in up.get("/v1/documents")["documents"]}
        assert names == {
            "A file that was written in one go.",
            "The first half of a sentence and the second half of it.",
        }


@pytest.mark.long
def test_a_second_start_goes_on_where_a_killed_one_stopped(tmp_path: Path, web: LocalWeb) -> None:
    site = web.site()
    url = site.page("/slow", article(*PARAGRAPHS), delay=3.0)
    with service(tmp_path / "data") as up:
        taken = up.post("/v1/recrawls", {"urls": [url]})
        until(lambda: site.hits("/slow"), 20)
        up.stop(signal.SIGKILL)
    with service(tmp_path / "data") as up:
        assert up.ended(taken["batch"]) == {"published": 1}


@pytest.mark.long
def test_one_data_folder_has_one_owner_and_a_port_one_listener(tmp_path: Path) -> None:
    with service(tmp_path / "data") as up:
        second = subprocess.run(
            [*WIREROOM, "up", "--data", str(tmp_path / "data"), "--port", "0"],
            env=up.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert second.returncode == 1
        assert str(up.process.pid) in second.stderr
        port = up.info["api_url"].rpartition(":")[2]
        third = subprocess.run(
            [*WIREROOM, "up", "--data", str(tmp_path / "other"), "--port", port],
            env=up.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert third.returncode == 1
        assert f"127.0.0.1:{port}" in third.stderr
        assert "Traceback" not in second.stderr + third.stderr
        assert up.get("/healthz")


@pytest.mark.parametrize("words", [("up", "--port", "0", "--host", "0.0.0.0"), ("api",)])
def test_without_a_token_only_this_machine_is_served_and_that_is_said_at_once(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("WIREROOM_")}
    wanted = {"WIREROOM_HOST": "0.0.0.0", "WIREROOM_REDIS_URL": "redis://127.0.0.1:1/0"}
    done = subprocess.run(
        [*WIREROOM, *words],
        env=clean | wanted,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 2
    assert "set WIREROOM_API_TOKEN" in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_place_for_documents_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no folder")
    done = subprocess.run(
        [*WIREROOM, "up", "--port", "0"],
        env=os.environ | {"WIREROOM_OUT": "notes.txt"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 2
    assert "out: notes.txt is no folder" in done.stderr


@pytest.mark.parametrize("words", [("fetch",), ("work", "dates")])
def test_a_process_that_waits_for_redis_says_so_and_leaves_when_told(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    log = tmp_path / "log"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("WIREROOM_")}
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            [*WIREROOM, *words], env={**clean, "WIREROOM_REDIS_URL": "redis://127.0.0.1:1/0"}, stderr=stderr
        )
    until(lambda: "127.0.0.1:1" in log.read_text(), 30)
    process.terminate()
    assert process.wait(30) == 0
    assert "Traceback" not in log.read_text()


def test_the_health_of_a_process_without_redis_is_one_line() -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("WIREROOM_")}
    done = subprocess.run(
        [*WIREROOM, "health", "fetch"],
        env=clean | {"WIREROOM_REDIS_URL": "redis://127.0.0.1:1/0"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "127.0.0.1:1" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_wrong_password_is_said_at_once(tmp_path: Path) -> None:
    with EmbeddedServer(tmp_path / "redis") as server:
        address = server.endpoint.url.rpartition("@")[2]
        clean = {name: value for name, value in os.environ.items() if not name.startswith("WIREROOM_")}
        done = subprocess.run(
            [*WIREROOM, "schedule"],
            env={**clean, "WIREROOM_REDIS_URL": f"redis://:wrong@{address}"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 1
    assert "password" in done.stderr
    assert "Traceback" not in done.stderr
