"""Work in a process that can be killed: by the clock, by its memory, by its own fault. Its neighbours go on."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from wireroom.adapters.pool import EXTRACTION, Pool
from wireroom.errors import Reason, WorkError
from wireroom.failure import Failure

if TYPE_CHECKING:
    from collections.abc import Iterator

MEMORY = 512 * 1024 * 1024


def work(item: str) -> str:
    """What the other process does with an item."""
    match item:
        case "hog":
            return str(len(bytearray(4 * MEMORY)))
        case "hang":
            while True:
                signal.pause()
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "fault":
            raise LookupError(item)
        case "refuse":
            raise WorkError(Reason.NO_TEXT, "nothing to read")
    return item.upper()


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool[str, str]]:
    made: Pool[str, str] = Pool(work, EXTRACTION, timeout=5, memory=MEMORY)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("item", "reason", "says"),
    [
        ("hog", Reason.EXTRACTION_ERROR, "memory"),
        ("hang", Reason.EXTRACTION_TIMEOUT, "killed"),
        ("die", Reason.WORKER_DIED, "exit code"),
        ("fault", Reason.EXTRACTION_ERROR, "LookupError"),
        ("refuse", Reason.NO_TEXT, "nothing to read"),
    ],
)
def test_one_that_fails_says_why_and_stops_no_other(
    pool: Pool[str, str], item: str, reason: Reason, says: str
) -> None:
    before, failure, after = pool.map(["a", item, "b"])
    assert (before, after) == ("A", "B")
    assert isinstance(failure, Failure)
    assert failure.reason is reason
    assert says in failure.detail
