"""Running children: started again when they end, stopped whole, and never left behind."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from waiting import until, until_async

from wireroom.adapters.lifeline import alive
from wireroom.adapters.supervisor import Backoff, Child, Exit, Supervisor
from wireroom.errors import WireroomError

if TYPE_CHECKING:
    from pathlib import Path

QUICK = Backoff(first=0.01, most=0.05)


def sh(name: str, script: str, replicas: int = 1, **env: str) -> Child:
    return Child(name, ("/bin/sh", "-c", script), env, replicas)


def read(path: Path) -> str:
    return path.read_text() if path.exists() else ""


async def test_runs_every_replica_and_stops_them_all():
    started: list[tuple[str, int]] = []
    supervisor = Supervisor(
        [sh("a", "exec sleep 60"), sh("b", "exec sleep 60", replicas=2)],
        on_start=lambda name, pid: started.append((name, pid)),
    )
    await supervisor.start()
    pids = supervisor.pids()
    assert {name: len(group) for name, group in pids.items()} == {"a": 1, "b": 2}
    assert [name for name, _ in started] == ["a", "b", "b"]
    everyone = [pid for group in pids.values() for pid in group]
    assert sorted(pid for _, pid in started) == sorted(everyone)
    assert all(alive(pid) for pid in everyone)
    await supervisor.stop(10)
    assert not any(alive(pid) for pid in everyone)
    assert supervisor.pids() == {"a": [], "b": []}


async def test_children_get_their_own_variables_over_ours(tmp_path: Path):
    out = tmp_path / "out"
    supervisor = Supervisor([sh("a", 'echo "$WORD $HOME" > "$OUT"; exec sleep 60', WORD="yes", OUT=str(out))])
    await supervisor.start()
    await until_async(lambda: read(out).endswith("\n"))
    await supervisor.stop(10)
    assert read(out) == f"yes {os.environ['HOME']}\n"


async def test_a_child_that_ends_is_started_again_later_each_time():
    ends: list[Exit] = []
    supervisor = Supervisor([sh("a", "exit 3")], on_exit=ends.append, backoff=QUICK)
    await supervisor.start()
    await until_async(lambda: len(ends) >= 5)
    await supervisor.stop(10)
    assert {end.code for end in ends} == {3}
    assert [end.failures for end in ends[:5]] == [1, 2, 3, 4, 5]
    assert [end.restart_in for end in ends[:5]] == [0.01, 0.02, 0.04, 0.05, 0.05]
    assert len({end.pid for end in ends}) == len(ends)


async def test_a_healthy_life_ends_the_counting():
    ends: list[Exit] = []
    supervisor = Supervisor(
        [sh("a", "exit 0")], on_exit=ends.append, backoff=Backoff(first=0.01, healthy=0.0)
    )
    await supervisor.start()
    await until_async(lambda: len(ends) >= 3)
    await supervisor.stop(10)
    assert [end.failures for end in ends[:3]] == [1, 1, 1]


def test_the_wait_between_lives_doubles_to_half_a_minute():
    assert [Backoff().delay(n) for n in (1, 2, 3, 7, 8, 10_000)] == [0.5, 1.0, 2.0, 30.0, 30.0, 30.0]


async def test_a_killed_child_is_replaced_alone():
    ends: list[Exit] = []
    supervisor = Supervisor(
        [sh("a", "exec sleep 60"), sh("b", "exec sleep 60")], on_exit=ends.append, backoff=QUICK
    )
    await supervisor.start()
    before = supervisor.pids()
    os.kill(before["b"][0], signal.SIGKILL)
    await until_async(lambda: supervisor.pids()["b"] not in ([], before["b"]))
    assert supervisor.pids()["a"] == before["a"]
    await supervisor.stop(10)
    assert [(end.name, end.code) for end in ends] == [("b", -signal.SIGKILL)]


async def test_a_failing_callback_does_not_leave_a_child_alone():
    calls: list[int] = []

    def fail(end: Exit) -> None:
        calls.append(end.failures)
        raise ValueError("a mistake of the caller")

    supervisor = Supervisor([sh("a", "exit 1")], on_exit=fail, backoff=QUICK)
    await supervisor.start()
    await until_async(lambda: len(calls) >= 2)
    await supervisor.stop(10)


async def test_a_child_that_does_not_stop_is_killed_with_all_it_started(tmp_path: Path):
    pid_file = tmp_path / "pid"
    script = f'trap "" TERM; sleep 60 & echo $! > {pid_file}; wait; while :; do sleep 1; done'
    supervisor = Supervisor([sh("a", script)])
    await supervisor.start()
    await until_async(lambda: read(pid_file).endswith("\n"))
    pid, grandchild = supervisor.pids()["a"][0], int(read(pid_file))
    await supervisor.stop(0.1)
    assert not alive(pid)
    await until_async(lambda: not alive(grandchild))


async def test_what_a_dead_child_left_behind_is_killed(tmp_path: Path):
    pid_file = tmp_path / "pid"
    ends: list[Exit] = []
    supervisor = Supervisor(
        [sh("a", f"sleep 60 & echo $! > {pid_file}; exit 1")], on_exit=ends.append, backoff=Backoff(first=60)
    )
    await supervisor.start()
    await until_async(lambda: ends)
    await until_async(lambda: not alive(int(read(pid_file))))
    await supervisor.stop(10)  # the wait for the next life does not hold it up
    assert len(ends) == 1


async def test_a_second_stop_cuts_the_grace_short(tmp_path: Path):
    ready = tmp_path / "ready"
    supervisor = Supervisor([sh("a", f'trap "" TERM; echo > {ready}; while :; do sleep 1; done')])
    await supervisor.start()
    await until_async(ready.exists)
    patient = asyncio.create_task(supervisor.stop(60))
    await supervisor.stop(0)
    async with asyncio.timeout(10):
        await patient
    assert supervisor.pids() == {"a": []}


async def test_a_program_that_is_not_there_stops_the_start():
    supervisor = Supervisor([sh("a", "exec sleep 60"), Child("b", ("/no/such/program",))])
    with pytest.raises(WireroomError, match=r"cannot start b: /no/such/program"):
        await supervisor.start()
    assert supervisor.pids() == {"a": [], "b": []}


SUPERVISED = """
import asyncio, os, signal, sys
from wireroom.adapters.supervisor import Child, Supervisor

async def main():
    supervisor = Supervisor([Child("a", ("/bin/sh", "-c", sys.argv[1]), replicas=2)])
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, stop.set)
    await supervisor.start()
    print(*supervisor.pids()["a"], flush=True)
    await stop.wait()
    await supervisor.stop(10)

asyncio.run(main())
"""


def supervised(script: str) -> tuple[subprocess.Popen[str], list[int]]:
    """A supervisor in a process group of its own, with two children of the script: it, and their pids."""
    process = subprocess.Popen(
        [sys.executable, "-c", SUPERVISED, script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )
    assert process.stdout is not None
    return process, [int(pid) for pid in process.stdout.readline().split()]


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's help is Linux's")
def test_children_die_with_a_killed_supervisor():
    process, pids = supervised('trap "" TERM INT HUP; while :; do sleep 1; done')
    assert len(pids) == 2
    assert all(alive(pid) for pid in pids)
    process.kill()
    process.communicate()
    until(lambda: not any(alive(pid) for pid in pids))


def test_ctrl_c_reaches_the_supervisor_only_which_then_stops_the_children(tmp_path: Path):
    out, ready = tmp_path / "out", tmp_path / "ready"
    process, _ = supervised(
        f'trap "echo int >> {out}; exit" INT; trap "echo term >> {out}; exit" TERM; echo >> {ready}; '
        "while :; do sleep 0.05; done"
    )
    until(lambda: read(ready) == "\n\n")
    os.killpg(process.pid, signal.SIGINT)  # as the terminal does
    process.communicate()
    assert process.returncode == 0
    assert read(out) == "term\nterm\n"


def test_what_children_write_goes_to_standard_error_as_it_is(tmp_path: Path):
    ready = tmp_path / "ready"
    process, pids = supervised(f"echo out; echo err >&2; echo >> {ready}; exec sleep 60")
    until(lambda: read(ready) == "\n\n")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    assert out == ""  # the line of pids was read before: nothing of the children's
    assert sorted(err.split()) == ["err", "err", "out", "out"]
    assert not any(alive(pid) for pid in pids)
