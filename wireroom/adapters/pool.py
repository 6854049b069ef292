"""Work in a process that can be killed from outside: by the clock, by its memory, without harm to the rest."""

from __future__ import annotations

import multiprocessing
import resource
import signal
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as Overdue
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pebble import ProcessExpired, ProcessPool

from wireroom.adapters.lifeline import follow_parent
from wireroom.errors import Reason, WorkError
from wireroom.failure import Failure, WorkInterrupted, stack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Reasons:
    """The codes a pool gives for what its function does not explain itself."""

    timeout: Reason
    error: Reason


EXTRACTION = Reasons(Reason.EXTRACTION_TIMEOUT, Reason.EXTRACTION_ERROR)
ENRICHMENT = Reasons(Reason.ENRICHMENT_TIMEOUT, Reason.ENRICHMENT_ERROR)


class Pool(Generic[Item, Result]):
    """One resident process that applies one function to items, one after the other."""

    def __init__(
        self, function: Callable[[Item], Result], reasons: Reasons, *, timeout: float, memory: int
    ) -> None:
        self._function = function
        self._reasons = reasons
        self._timeout = timeout
        self._memory = memory
        self._pool = self._process()
        self._futures: list[Future[Any]] = []
        self._interrupted = False

    def _process(self) -> ProcessPool:
        return ProcessPool(
            max_workers=1,
            initializer=_begin,
            initargs=(self._memory,),
            context=multiprocessing.get_context("spawn"),
        )

    def map(self, items: Sequence[Item]) -> Iterator[Result | Failure]:
        """The result for each item, or why there is none, in order. One that fails stops no other.

        Raises:
            WorkInterrupted: `interrupt` was called.
        """
        if not self._pool.active:  # it could not start a process, say: that may pass
            self._pool = self._process()
        futures = self._futures = [
            self._pool.schedule(
                _attempt, args=(self._function, self._reasons.error, item), timeout=self._timeout
            )
            for item in items
        ]
        for future in futures:
            try:
                if self._interrupted:
                    raise WorkInterrupted
                yield future.result()
            except CancelledError:
                raise WorkInterrupted from None
            except Overdue:
                yield Failure(self._reasons.timeout, f"took longer than {self._timeout:g} s and was killed")
            except ProcessExpired as error:
                yield Failure(
                    Reason.WORKER_DIED, f"its process ended with exit code {error.exitcode}", again=True
                )

    def interrupt(self) -> None:
        """End `map` now, from another thread: the item under way is killed, those behind it are not begun."""
        self._interrupted = True
        for future in self._futures:
            future.cancel()

    def close(self) -> None:
        """Kill the process."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()


def _begin(memory: int) -> None:
    follow_parent(signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))


def _attempt(function: Callable[[Any], Any], reason: Reason, item: Any) -> Any:
    """Runs in the other process: an error comes back as a value, whatever it is made of."""
    try:
        return function(item)
    except WorkError as error:
        return Failure(error.reason, error.detail, again=error.temporary, stack=stack(error))
    except MemoryError as error:
        return Failure(reason, "needed more memory than one document may take", stack=stack(error))
    except Exception as error:  # noqa: BLE001 - a fault in a library ends this item, not its neighbours
        return Failure(reason, f"{type(error).__name__}: {error}"[:500], stack=stack(error))
