"""The data folder: one owner at a time, and how clients find its service."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import orjson
import pytest

from wireroom.adapters.datafolder import DataFolder, Service, find_service, read_service
from wireroom.errors import DataFolderLocked, UsageError

if TYPE_CHECKING:
    from pathlib import Path

HOLDER = """
import pathlib, sys
from wireroom.adapters.datafolder import DataFolder, Service
folder = DataFolder(pathlib.Path(sys.argv[1]))
folder.lock()
import os
folder.write_service(Service("http://127.0.0.1:1", "redis://127.0.0.1:2", {"up": (os.getpid(),), "api": (1,)}))
print("locked", flush=True)
sys.stdin.read()
"""


def service(*pids: int) -> Service:
    return Service("http://127.0.0.1:8600", "redis://:pw@127.0.0.1:6379/0", {"up": pids}, "token")


def dead_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def hold(folder: Path) -> subprocess.Popen[str]:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "locked\n"
    return holder


def test_a_second_owner_is_told_who_holds_it(tmp_path: Path):
    holder = hold(tmp_path)
    with pytest.raises(DataFolderLocked, match=rf"process {holder.pid}\b"):
        DataFolder(tmp_path).lock()
    holder.communicate()


def test_a_killed_owner_lets_go_of_it_and_leaves_no_service_behind(tmp_path: Path):
    holder = hold(tmp_path)
    found = find_service({"WIREROOM_DATA": str(tmp_path)})
    assert found is not None
    assert found.processes["up"] == (holder.pid,)
    holder.kill()
    holder.communicate()
    assert read_service(tmp_path) is not None  # the file is still there …
    assert find_service({"WIREROOM_DATA": str(tmp_path)}) is None  # … but speaks of the dead
    with DataFolder(tmp_path):
        assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"


def test_the_service_is_written_for_the_owner_only_and_read_back(tmp_path: Path):
    with DataFolder(tmp_path / "new" / "data") as folder:
        folder.write_service(service(os.getpid()))
        path = folder.path / "service.json"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
        assert orjson.loads(path.read_bytes()) == {
            "api_url": "http://127.0.0.1:8600",
            "redis_url": "redis://:pw@127.0.0.1:6379/0",
            "processes": {"up": [os.getpid()]},
            "token_file": "token",
        }
        assert find_service({}, folder.path) == service(os.getpid())
        assert sorted(entry.name for entry in folder.path.iterdir()) == ["lock", "service.json"]
    assert not path.exists()  # a clean stop leaves nothing to find


def test_the_folder_is_looked_for_where_it_is_by_default(tmp_path: Path):
    code = "from wireroom.adapters.datafolder import find_service; found = find_service({}); print(found and found.api_url)"
    with DataFolder(tmp_path / "data") as folder:
        folder.write_service(service(os.getpid()))
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
        )
    assert done.stdout.strip() == "http://127.0.0.1:8600"


def test_only_the_owner_writes_where_the_service_is(tmp_path: Path):
    with pytest.raises(RuntimeError, match="lock"):
        DataFolder(tmp_path).write_service(service(1))


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"api_url": "x"}', '{"api_url": 1, "redis_url": 2, "processes": 3}']
)
def test_a_broken_record_is_no_service(tmp_path: Path, text: str):
    (tmp_path / "service.json").write_text(text)
    assert read_service(tmp_path) is None


def test_a_service_of_the_dead_is_not_found(tmp_path: Path):
    with DataFolder(tmp_path) as folder:
        folder.write_service(service(dead_process()))
        assert find_service({}, tmp_path) is None


def test_a_folder_that_is_a_file_is_an_error(tmp_path: Path):
    (tmp_path / "data").write_text("a file")
    with pytest.raises(UsageError, match="data"):
        DataFolder(tmp_path / "data").lock()
