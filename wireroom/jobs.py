"""What a job finds when it runs: the world of its worker process. Workers' modules are thin; this is what they call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Desk:
    """The work of the queue that this process serves. Set once, when the worker starts."""

    stage: ClassVar[str | None] = None
    """The queue's name, which the module that all users' enrichers share does not know."""

    run: ClassVar[Callable[[str, Sequence[str]], Any] | None] = None


def run(stage: str | None, uids: Sequence[str]) -> None:
    """Do one job; of this process's queue, where the job names none.

    Raises:
        RuntimeError: this process was not started as a worker of Wireroom.
    """
    stage = stage or Desk.stage
    if Desk.run is None or stage is None:
        msg = f"jobs of the {stage} queue run in a worker started by: wireroom work {stage}"
        raise RuntimeError(msg)
    Desk.run(stage, uids)
