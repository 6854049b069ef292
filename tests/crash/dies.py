"""Runs a command of Wireroom and kills itself at a numbered point of the path: an atomic step, just before or after it.

    python dies.py before 3 fetch
    python dies.py after 1 work normalize

Only steps that change something are counted: looks at an empty frontier are not.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
from typing import TYPE_CHECKING, Any

from wireroom.adapters.steps import Steps
from wireroom.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable

WHEN, NUMBER = sys.argv[1], int(sys.argv[2])
STEPS = itertools.count(1)


def counted(method: Callable[..., Any]) -> Callable[..., Any]:
    """A step that may be the last thing this process does."""

    def step(self: Steps, first: Any, *rest: Any) -> Any:
        if first in {"lease_crawls", "renew"}:
            return method(self, first, *rest)
        number = next(STEPS)
        if (WHEN, number) == ("before", NUMBER):
            os.kill(os.getpid(), signal.SIGKILL)
        result = method(self, first, *rest)
        if (WHEN, number) == ("after", NUMBER):
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return step


class Mortal(Steps):
    """The steps of a process that dies at one of them."""

    call = counted(Steps.call)
    _transaction = counted(Steps._transaction)  # noqa: SLF001 - what a commit of several steps is sent by


if __name__ == "__main__":
    import wireroom.adapters.ledger

    wireroom.adapters.ledger.Steps = Mortal  # type: ignore[misc]
    sys.argv[1:] = sys.argv[3:]
    main()
