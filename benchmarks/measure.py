"""What processes cost, read from ``/proc``: CPU of whole trees, dead children included, and memory. Linux only."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

TICK = 1 / os.sysconf("SC_CLK_TCK")
"""Seconds of one unit in ``/proc/PID/stat``. The kernel counts exactly and rounds only what it shows."""
PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Usage:
    """What a tree of processes has taken.

    Attributes:
        cpu: seconds, user and system, of the living and of the dead that were waited for.
        processes: how many live.
        pss: bytes of memory, shared pages counted in proportion.
        peak: bytes, the sum of each living process's largest resident size so far.
    """

    cpu: float
    processes: int
    pss: int
    peak: int


def children() -> dict[int, list[int]]:
    """Process ids by parent."""
    found: dict[int, list[int]] = {}
    for entry in PROC.iterdir():
        if entry.name.isdecimal():
            fields = _stat(int(entry.name))
            if fields:
                found.setdefault(int(fields[1]), []).append(int(entry.name))
    return found


def tree(pid: int, known: dict[int, list[int]]) -> list[int]:
    """A process and everything under it."""
    return [pid, *(below for child in known.get(pid, ()) for below in tree(child, known))]


def usage(pids: list[int]) -> Usage:
    """What these processes have taken."""
    cpu, count, pss, peak = 0.0, 0, 0, 0
    for pid in pids:
        fields = _stat(pid)
        if not fields:
            continue
        # utime, stime, and those of the children that were waited for: proc(5), fields 14 to 17.
        cpu += sum(int(value) for value in fields[11:15]) * TICK
        count += 1
        pss += _kilobytes(PROC / str(pid) / "smaps_rollup", "Pss:")
        peak += _kilobytes(PROC / str(pid) / "status", "VmHWM:")
    return Usage(cpu, count, pss, peak)


def busy() -> float:
    """Seconds that all cores together have worked since the machine started."""
    values = [int(value) for value in (PROC / "stat").read_text().split("\n", 1)[0].split()[1:9]]
    user, nice, system, _idle, _wait, irq, softirq, _steal = values
    return (user + nice + system + irq + softirq) * TICK


def _stat(pid: int) -> list[str]:
    """The fields of ``/proc/PID/stat`` from the state on; none when it is gone."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _kilobytes(path: Path, name: str) -> int:
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(name)), 0)
