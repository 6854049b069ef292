"""What a job finds when it runs: the world of its worker process. Workers' modules are thin; this is what they call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from wireroom.records import Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Desk:
    """The work of the queue that this process serves. Set once, when the worker starts."""

    run: ClassVar[Callable[[Stage, Sequence[str]], Any] | None] = None


def run(stage: Stage, uids: Sequence[str]) -> None:
    """Do one job.

    Raises:
        RuntimeError: this process was not started as a worker of Wireroom.
    """
    if Desk.run is None:
        msg = f"jobs of the {stage} queue run in a worker started by: wireroom work {stage}"
        raise RuntimeError(msg)
    Desk.run(stage, uids)
