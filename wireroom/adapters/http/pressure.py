"""Whether Redis is there and has room: asked at most once a second, however many requests want to know."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import redis

from wireroom.adapters.connection import TROUBLE

if TYPE_CHECKING:
    from redis.asyncio import Redis

FULL: Final = 0.9
"""Part of the memory budget from which nothing more is taken in."""
KEPT: Final = 1.0
"""Seconds an answer is good for."""
_GONE: Final[tuple[type[Exception], ...]] = (*TROUBLE, OSError, TimeoutError)
PATIENCE: Final = 3.0
"""Seconds Redis has to answer."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How Redis stands.

    Attributes:
        reachable: it answers.
        detail: what is wrong, where it does not.
        used: bytes of memory in use; None where it does not tell.
        budget: bytes it may use; 0 where there is no limit.
    """

    reachable: bool
    detail: str = ""
    used: int | None = None
    budget: int = 0

    @property
    def full(self) -> bool:
        """No more should be taken in."""
        return bool(self.budget and self.used is not None and self.used > FULL * self.budget)


class Pressure:
    """Looks at Redis.

    Args:
        client: a client that gives up soon.
        budget: bytes it may use; 0 takes the server's ``maxmemory``.
    """

    def __init__(self, client: Redis, budget: int) -> None:
        self._client = client
        self._budget = budget
        self._lock = asyncio.Lock()
        self._known: Standing | None = None
        self._at = 0.0

    async def standing(self) -> Standing:
        """How Redis stands now, or did within the last second."""
        async with self._lock:
            if self._known is None or time.monotonic() - self._at > KEPT:
                self._known = await self._look()
                self._at = time.monotonic()
            return self._known

    async def _look(self) -> Standing:
        try:
            async with asyncio.timeout(PATIENCE):
                info: dict[str, Any] = await self._client.info("memory")
        except redis.exceptions.NoPermissionError:
            return Standing(reachable=True)  # it is there, and does not tell
        except redis.AuthenticationError:
            return Standing(reachable=False, detail="Redis refuses the password")
        except _GONE as error:
            return Standing(reachable=False, detail=f"Redis does not answer ({type(error).__name__})")
        budget = self._budget or int(info.get("maxmemory", 0))
        used = info.get("used_memory")
        return Standing(reachable=True, used=None if used is None else int(used), budget=budget)
