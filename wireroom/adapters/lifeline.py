"""A child process that does not outlive its parent, whatever ends the parent. Knows processes, nothing of Wireroom.

Linux only (``prctl(2)``, PR_SET_PDEATHSIG). Elsewhere a parent that is killed leaves its children; they are
found and ended at the next start.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from signal import Signals

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
# PyDLL keeps the interpreter's lock: between fork and exec nobody else could hand it back.
_libc = ctypes.PyDLL(None) if sys.platform == "linux" else None


def die_with_parent(signal: Signals) -> Callable[[], None] | None:
    """What to run between fork and exec, as ``preexec_fn``, so that the child gets ``signal`` when its parent dies.

    The kernel watches the parent *thread* (prctl(2)): a child started from a helper thread would die with that
    thread. Hence only the main thread may ask.

    Args:
        signal: what the kernel sends to the child.

    Returns:
        The function, or None where the system has no such thing.

    Raises:
        RuntimeError: not called from the main thread.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError(
            "children are started from the main thread: the kernel ties them to the starting thread"
        )
    if _libc is None:
        return None
    prctl, parent = _libc.prctl, os.getpid()

    def bind() -> None:
        prctl(_PR_SET_PDEATHSIG, int(signal), 0, 0, 0)
        if os.getppid() != parent:  # it died before the line above
            os._exit(1)

    return bind


def alive(pid: int) -> bool:
    """Whether a process with this id exists and is no zombie (where ``/proc`` tells)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's, but there
        return True
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:  # noqa: PTH123 - hot in polling
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return sys.platform != "linux"


def follow_parent(signal: Signals) -> None:
    """Make this process get ``signal`` when the thread that started it ends; for one that is running already."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, int(signal), 0, 0, 0)
