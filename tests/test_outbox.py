"""The output folder: numbers, updates, restarts, two writers, kills."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from waiting import until

from wireroom.adapters.outbox import Outbox
from wireroom.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


def did(number: int) -> str:
    return f"{number:016x}"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_files_are_numbered_in_the_order_they_come(tmp_path: Path):
    outbox = Outbox(tmp_path / "out")
    assert [outbox.write(did(n), "text\n").name for n in (7, 5)] == [f"000_{did(7)}.txt", f"001_{did(5)}.txt"]
    assert names(tmp_path / "out") == [f"000_{did(7)}.txt", f"001_{did(5)}.txt"]


@pytest.mark.parametrize("text", ["", "a\r\nb\n\rc", "\ufeffdate 2026-03-04\n\n日本語\n", "x" * 1_000_000])
def test_text_is_written_to_the_byte(tmp_path: Path, text: str):
    assert Outbox(tmp_path).write(did(1), text).read_bytes() == text.encode()


def test_an_update_keeps_its_file(tmp_path: Path):
    outbox = Outbox(tmp_path)
    first = outbox.write(did(1), "old and longer")
    outbox.write(did(2), "other")
    assert outbox.write(did(1), "new") == first
    assert first.read_text() == "new"
    assert len(names(tmp_path)) == 2


def test_the_same_text_again_changes_nothing(tmp_path: Path):
    outbox = Outbox(tmp_path)
    path = outbox.write(did(1), "text")
    before = path.stat()
    assert Outbox(tmp_path).write(did(1), "text") == outbox.write(did(1), "text") == path
    after = path.stat()
    assert (before.st_mtime_ns, before.st_ino) == (after.st_mtime_ns, after.st_ino)


def test_numbers_go_on_after_a_restart_and_beyond_999(tmp_path: Path):
    (tmp_path / f"999_{did(1)}.txt").write_text("a")
    (tmp_path / "notes.txt").write_text("not ours")
    (tmp_path / f"5000_{did(9)}.txt.bak").write_text("not ours")
    outbox = Outbox(tmp_path)
    assert outbox.write(did(2), "b").name == f"1000_{did(2)}.txt"
    assert Outbox(tmp_path).write(did(3), "c").name == f"1001_{did(3)}.txt"
    assert Outbox(tmp_path).write(did(1), "d").name == f"999_{did(1)}.txt"


def test_a_file_that_was_taken_away_is_written_again(tmp_path: Path):
    outbox = Outbox(tmp_path)
    outbox.write(did(1), "a")
    outbox.write(did(2), "b").unlink()
    assert outbox.write(did(2), "b").read_text() == "b"
    assert len(names(tmp_path)) == 2


WRITER = """
import sys
from pathlib import Path
from wireroom.adapters.outbox import Outbox
outbox = Outbox(Path(sys.argv[1]))
for n in range(int(sys.argv[2]), int(sys.argv[3])):
    outbox.write(f"{n:016x}", f"text {n}")
"""


def writer(folder: Path, start: int, stop: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", WRITER, str(folder), str(start), str(stop)])


def test_processes_that_share_a_folder_give_no_number_and_no_document_twice(tmp_path: Path):
    writers = [writer(tmp_path, 0, 150), writer(tmp_path, 100, 250), writer(tmp_path, 200, 300)]
    assert [process.wait(60) for process in writers] == [0, 0, 0]
    numbers = [name.partition("_")[0] for name in names(tmp_path)]
    ids = {name.partition("_")[2] for name in names(tmp_path)}
    assert numbers == [f"{n:03d}" for n in range(300)]
    assert len(ids) == 300


def test_a_killed_writer_leaves_whole_files_and_no_obstacle(tmp_path: Path):
    process = writer(tmp_path, 0, 100_000)
    until(lambda: len(names(tmp_path)) > 20)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    (tmp_path / ".wireroom.part").write_text("half of a")
    whole = Outbox(tmp_path).write("f" * 16, "new")
    assert whole.read_text() == "new"
    for path in tmp_path.iterdir():
        assert path.read_text() in {"new", f"text {int(path.stem.partition('_')[2], 16)}"}


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path):
    (tmp_path / "file").write_text("a file")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(UsageError, match="file"):
            Outbox(folder).open()
        with pytest.raises(UsageError, match="file"):
            Outbox(folder).write(did(1), "text")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_of_somebody_else_is_named(tmp_path: Path):
    tmp_path.chmod(0o500)
    with pytest.raises(UsageError, match="Permission denied"):
        Outbox(tmp_path).open()
    tmp_path.chmod(0o700)


def test_opening_leaves_nothing_behind(tmp_path: Path):
    Outbox(tmp_path / "a" / "b").open()
    assert names(tmp_path / "a" / "b") == []


@pytest.mark.parametrize("wrong", ["", "../../etc/passwd", "0" * 15, "G" * 16, "0" * 16 + "\n"])
def test_only_ids_become_names(tmp_path: Path, wrong: str):
    with pytest.raises(ValueError, match="no document id"):
        Outbox(tmp_path).write(wrong, "text")
