"""What was set last, up to a budget: a mapping that forgets. Pure."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

K = TypeVar("K")
V = TypeVar("V")


class Memory(OrderedDict[K, V]):
    """A mapping of bounded size that forgets what was set longest ago.

    Args:
        budget: what the values may weigh together.
        weigh: the weight of a value; each weighs 1 without it.
    """

    def __init__(self, budget: int, weigh: Callable[[V], int] = lambda _: 1) -> None:
        super().__init__()
        self._budget = budget
        self._weigh = weigh
        self._weight = 0

    def __setitem__(self, key: K, value: V) -> None:
        """Keeps a value as the newest."""
        if key in self:
            del self[key]
        super().__setitem__(key, value)
        self._weight += self._weigh(value)
        while self._weight > self._budget:
            del self[next(iter(self))]

    def __delitem__(self, key: K) -> None:
        """Forgets a value."""
        self._weight -= self._weigh(self[key])
        super().__delitem__(key)

    def clear(self) -> None:
        """Forgets everything."""
        super().clear()
        self._weight = 0
