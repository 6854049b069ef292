"""The compose stack, tried for real: built, started, fed over HTTP, read, hurt, scaled, stopped and started again.

One stack for all tests here, in the order they stand in; each looks only at what it sent in itself. Two to four
minutes after the build.
"""

from __future__ import annotations

import json
import os
import random
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from stack import ROOT, NoEngineError, Stack, engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1500, func_only=False), pytest.mark.xdist_group("stack")]

WORKERS = ("work-normalize", "work-dates", "work-sameness", "work-entities")
PROCESSES = ("api", "fetch", *WORKERS, "schedule", "deliver")
ENDED = ("published", "unchanged", "refused", "failed", "cancelled")
HOST = "newsroom"
SITES = [f"{HOST}:{port}" for port in range(18081, 18085)]
FAULTS = {
    "/2026/04/14/live-bridge-updates.html": "http_404",
    "/members/opinion/we-saw-the-view.html": "robots_denied",
    "/weather/fog-in-a-jar": "connect_error",
}
KILL_MAIN = """
import os, pathlib, signal
children = pathlib.Path("/proc/1/task/1/children").read_text().split()
os.kill(int(children[0]), signal.SIGKILL)
"""


def until(condition: Callable[[], Any], seconds: float = 120) -> Any:
    """Ask until the answer is true; each question takes Docker a good part of a second."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"not within {seconds:g} s; last: {answer!r}"
        time.sleep(0.2)
    return answer


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The running stack, with nothing in it; taken down with its volumes whatever happens."""
    try:
        engine()
    except NoEngineError as error:
        pytest.skip(f"the compose stack is NOT tested: {error}")
    number = os.getpid()
    stack = Stack(f"wireroom-test-{number}", f"10.{200 + number % 50}.{number // 50 % 256}.0/24")
    inbox = tmp_path_factory.mktemp("inbox")
    inbox.chmod(0o755)
    stack.inbox = str(inbox)
    try:
        stack.compose("build", seconds=1200)
        stack.up()
        yield stack
    finally:
        stack.compose("--profile", "*", "down", "--volumes", "--remove-orphans", "--timeout", "20")


def finished(stack: Stack) -> dict[str, Any] | None:
    """The numbers of /v1/stats once nothing waits any more."""
    stats: dict[str, Any] = stack.ask("/v1/stats")[1]
    return None if any(stats["waiting"].values()) else stats


def assert_accounted(stats: dict[str, Any]) -> None:
    assert stats["accepted"] == sum(stats[name] for name in ENDED)


def samples() -> list[dict[str, str]]:
    """The sample documents, with the addresses that the sites have inside the stack."""
    files = sorted((ROOT / "examples" / "documents").glob("*.txt"))
    return [
        {"name": file.name, "text": file.read_bytes().decode().replace("127.0.0.1", HOST)} for file in files
    ]


def invented(count: int, seed: int) -> list[dict[str, str]]:
    """Documents without addresses that take the entities worker some time."""
    rng = random.Random(seed)
    people = (
        "Ines Varga",
        "Tomas Okonjo",
        "Ruth Halloran",
        "Pavel Brandt",
        "Amara Sissoko",
        "Joan Whitfield",
    )
    places = ("Norway", "Kenya", "Lisbon", "Chile", "Osaka", "Ghana", "Tallinn", "Quebec")
    deeds = ("opened a school in", "sold a mill in", "mapped a cave in", "lost a wager in", "planted oaks in")

    def sentence() -> str:
        return f"{rng.choice(people)} {rng.choice(deeds)} {rng.choice(places)}, entry {rng.randrange(10**9)} says."

    return [
        {
            "name": f"log_{n}.txt",
            "text": f"date 2026-04-1{n % 10}\n\n" + " ".join(sentence() for _ in range(40)),
        }
        for n in range(count)
    ]


def test_every_process_is_healthy_unprivileged_and_cannot_write_its_image(stack: Stack):
    found = {box["Config"]["Labels"]["com.docker.compose.service"]: box for box in stack.containers()}
    assert set(found) == {*PROCESSES, "redis", HOST}
    for service in (*PROCESSES, "redis"):
        box, host = found[service], found[service]["HostConfig"]
        assert box["State"]["Health"]["Status"] == "healthy", service
        assert box["Config"]["User"] not in {"", "0", "root"}, service
        assert host["ReadonlyRootfs"], service
        assert host["CapDrop"] == ["ALL"], service
        assert not host["CapAdd"], service
        assert "no-new-privileges:true" in host["SecurityOpt"], service
        assert host["Memory"] > 0, service
        assert host["NanoCpus"] > 0, service
        assert host["PidsLimit"] > 0, service
        assert host["RestartPolicy"]["Name"] == "unless-stopped", service
    for service in (*PROCESSES, "redis"):
        script = 'test "$(id -u)" != 0 && ! touch /probe 2>/dev/null && ! touch /etc/probe 2>/dev/null'
        stack.compose("exec", "-T", service, "sh", "-c", script)


def test_only_the_api_is_published_and_only_on_this_machine(stack: Stack):
    bound = {
        box["Config"]["Labels"]["com.docker.compose.service"]: box["NetworkSettings"]["Ports"]
        for box in stack.containers()
        if any(box["NetworkSettings"]["Ports"].values())
    }
    assert list(bound) == ["api"]
    assert [binding["HostIp"] for binding in bound["api"]["8600/tcp"]] == ["127.0.0.1"]
    (box,) = stack.containers("redis")
    assert list(box["NetworkSettings"]["Networks"]) == [f"{stack.project}_store"]
    (network,) = json.loads(stack.docker("network", "inspect", f"{stack.project}_store"))
    assert network["Internal"]


def test_neither_redis_nor_the_api_serves_a_stranger(stack: Stack):
    assert "NOAUTH" in stack.compose("exec", "-T", "redis", "redis-cli", "PING")
    assert stack.ask("/v1/stats", token="guessed")[0] == 401
    assert stack.ask("/v1/stats", token="")[0] == 401
    assert stack.ask("/readyz", token="")[0] == 200


def test_what_leaves_the_streams_has_a_folder_that_only_the_scheduler_writes(stack: Stack):
    stack.compose("exec", "-T", "schedule", "sh", "-c", "touch /segments/probe && rm /segments/probe")
    for service in ("api", "deliver"):
        script = "test -x /segments && ! touch /segments/probe 2>/dev/null"
        stack.compose("exec", "-T", service, "sh", "-c", script)


def test_a_secret_is_given_or_made_and_is_where_it_is_needed_only(stack: Stack):
    assert secret(stack, "api", "api/token") == stack.token
    made = secret(stack, "redis", "redis/password")
    assert re.fullmatch("[0-9a-f]{64}", made)
    assert {secret(stack, service, "redis/password") for service in PROCESSES} == {made}
    script = "! cat /run/wireroom/api/token 2>/dev/null"
    for service in {*PROCESSES, "redis"} - {"api"}:
        assert stack.compose("exec", "-T", service, "sh", "-c", script) == ""
    for box in stack.containers():
        assert made not in json.dumps(box)
        assert stack.token not in json.dumps(box)


def secret(stack: Stack, service: str, name: str) -> str:
    """A secret as the container of a service reads it."""
    return stack.compose("exec", "-T", service, "cat", f"/run/wireroom/{name}")


def test_redis_keeps_what_it_acknowledged_and_drops_nothing(stack: Stack):
    assert stack.redis("CONFIG", "GET", "appendonly") == {"appendonly": "yes"}
    assert stack.redis("CONFIG", "GET", "maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    assert stack.redis("CONFIG", "GET", "maxmemory") == {"maxmemory": str(1024**3)}


def test_the_sample_documents_go_all_the_way(stack: Stack):
    stack.redis("XGROUP", "CREATE", "wireroom:documents", "desk", "0", "MKSTREAM")
    stack.redis("XGROUP", "CREATE", "wireroom:fetches", "desk", "0", "MKSTREAM")
    documents = samples()
    status, answer = stack.ask("/v1/documents", {"documents": documents})
    assert status == 202
    assert answer["rejected"] == []
    sent = {accepted["id"] for accepted in answer["accepted"]}
    assert len(sent) == len(documents)
    stats = until(lambda: finished(stack))
    assert_accounted(stats)

    entries = stack.read("documents", "desk")
    assert sent <= {entry["subject"] for entry in entries}
    assert {entry["specversion"] for entry in entries} == {"1.0"}
    fetches = stack.read("fetches", "desk")
    succeeded = [entry for entry in fetches if entry["type"] == "fetch.succeeded"]
    assert len(entries) == len(sent) + len(succeeded)
    assert reasons(fetches) == FAULTS
    assert stack.ask(f"/v1/batches/{answer['batch']}")[1]["done"]


def reasons(fetches: list[dict[str, Any]]) -> dict[str, str]:
    """Why addresses were given up, by path."""
    ended = [json.loads(entry["data"]) for entry in fetches]
    return {urlsplit(data["url"]).path: data["reason"] for data in ended if data["reason"]}


def test_what_is_published_is_delivered_as_files(stack: Stack):
    published = stack.ask("/v1/stats")[1]["published"]
    until(lambda: len(delivered(stack)) >= published, 30)
    assert all(name.endswith(".txt") for name in delivered(stack))


def delivered(stack: Stack) -> list[str]:
    """The files in the volume of documents."""
    return stack.compose("exec", "-T", "deliver", "ls", "/documents").split()


def test_an_internal_address_is_refused_though_the_fetcher_could_reach_it(stack: Stack):
    before = stack.ask("/v1/stats")[1]
    text = "date 2026-04-20\n\nA note about a store.\n\nSource: http://redis:6379/\n"
    status, _ = stack.ask("/v1/documents", {"documents": [{"name": "inside.txt", "text": text}]})
    assert status == 202
    stats = until(lambda: finished(stack))
    assert stats["refused"] == before["refused"] + 1
    assert reasons(stack.read("fetches", "desk")) == {"/": "blocked_address"}


def test_a_file_that_appears_in_the_watched_folder_is_taken(stack: Stack):
    before = stack.ask("/v1/stats")[1]
    stack.up("watch")
    file = Path(stack.inbox) / "memo.txt"
    file.write_text("date 2026-04-21\n\nThe harbour office closes at noon on Friday.\n", encoding="utf-8")
    file.chmod(0o644)
    until(lambda: stack.ask("/v1/stats")[1]["published"] == before["published"] + 1)
    stack.compose("stop", "watch")
    assert_accounted(until(lambda: finished(stack)))


def test_a_recrawl_of_unchanged_pages_publishes_nothing_new(stack: Stack):
    before = stack.ask("/v1/stats")[1]
    stack.read("documents", "desk")
    status, answer = stack.ask("/v1/recrawls", {"hosts": SITES})
    assert status == 202
    assert answer["matched"] > 0
    stats = until(lambda: finished(stack))
    assert_accounted(stats)
    assert stats["accepted"] == before["accepted"] + answer["matched"]
    assert stats["unchanged"] > before["unchanged"]
    assert stats["published"] == before["published"]
    assert stack.read("documents", "desk") == []


def test_a_killed_worker_is_replaced_and_its_work_is_done(stack: Stack):
    documents = invented(150, seed=1)
    status, answer = stack.ask("/v1/documents", {"documents": documents})
    assert status == 202
    until(lambda: stack.ask("/v1/stats")[1]["waiting"]["enriching"])
    # Detached: a command inside may be killed with its container and is then said to have failed.
    stack.compose("exec", "--detach", "work-entities", "python", "-c", KILL_MAIN)
    until(lambda: runs_again(stack, "work-entities"), 60)
    assert stack.ask("/v1/stats")[1]["waiting"]["enriching"] > 0  # all the rest is the replacement's
    stats = until(lambda: finished(stack), 240)
    assert_accounted(stats)
    assert stack.ask(f"/v1/batches/{answer['batch']}")[1]["states"]["published"] == len(documents)
    entries = stack.read("documents", "desk")
    assert len({entry["subject"] for entry in entries}) == len(documents)
    assert {json.loads(entry["data"])["enrichment"]["entities"]["status"] for entry in entries} == {"done"}


def runs_again(stack: Stack, service: str) -> bool:
    """Whether Docker started a service's only container anew, once."""
    (box,) = stack.containers(service)
    return box["RestartCount"] == 1 and box["State"]["Status"] == "running" and not box["State"]["ExitCode"]


def test_fetchers_and_workers_scale(stack: Stack):
    several = {"fetch": 3, "work-entities": 2, "work-normalize": 2}
    scale = [word for service, count in several.items() for word in ("--scale", f"{service}={count}")]
    stack.up("--no-recreate", *scale)
    for service, count in several.items():
        states = [box["State"]["Health"]["Status"] for box in stack.containers(service)]
        assert states == ["healthy"] * count, service
    documents = invented(60, seed=2)
    before = stack.ask("/v1/stats")[1]
    status, _ = stack.ask("/v1/recrawls", {"hosts": SITES, "force": True})
    assert status == 202
    status, _ = stack.ask("/v1/documents", {"documents": documents})
    assert status == 202
    stats = until(lambda: finished(stack))
    assert_accounted(stats)
    assert stats["published"] >= before["published"] + len(documents)


def documented(name: str) -> str:
    """A block of commands of the page for operators."""
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    (block,) = re.findall(rf"<!-- stack: {name} -->\n```sh\n(.*?)```", text, re.DOTALL)
    return block


def test_the_stream_is_read_and_the_token_changed_as_the_documentation_says(stack: Stack):
    assert "document.created" in stack.shell(documented("read"))
    stack.shell(documented("token"))
    given, stack.token = stack.token, secret(stack, "api", "api/token")
    until(lambda: stack.containers("api")[0]["State"]["Health"]["Status"] == "healthy", 60)
    assert stack.ask("/v1/stats")[0] == 200
    assert stack.ask("/v1/stats", token=given)[0] == 401


def test_a_second_start_goes_on_where_the_first_stopped_and_a_backup_brings_all_back(
    stack: Stack, tmp_path: Path
):
    stats, password = kept(stack.ask("/v1/stats")[1]), secret(stack, "redis", "redis/password")
    stack.compose("down", "--timeout", "30")
    assert stack.containers() == []
    stack.up()
    assert secret(stack, "redis", "redis/password") == password
    assert kept(stack.ask("/v1/stats")[1]) == stats
    file = tmp_path / "wireroom.rdb"
    stack.shell(documented("backup").replace("wireroom.rdb", str(file)))
    stack.compose("--profile", "*", "down", "--volumes", "--timeout", "30")
    stack.shell(documented("restore").replace("wireroom.rdb", str(file)))
    stack.up()
    assert secret(stack, "redis", "redis/password") != password
    assert kept(stack.ask("/v1/stats")[1]) == stats


def kept(stats: dict[str, Any]) -> dict[str, Any]:
    """The numbers that are the same whenever one looks at a stack that rests."""
    return {name: stats[name] for name in ("accepted", *ENDED, "waiting", "documents", "streams")}
