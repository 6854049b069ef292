"""Connecting to Redis, and finding out whether it is there and fit for the work. Knows redis; knows no key.

What to ask and how to judge the answers is written once, as a generator of steps (`_until_fit`); two short drivers
take the steps, one blocking, one in an event loop.

Values come as bytes. RESP2 on purpose: equal reply shapes on every server, and no push messages that nobody reads.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import redis
import redis.asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import ExponentialWithJitterBackoff, NoBackoff
from redis.exceptions import AuthorizationError
from redis.retry import Retry

from wireroom.adapters.fitness import Capabilities, capable, fit
from wireroom.errors import SettingsError, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from wireroom.settings import Settings

T = TypeVar("T")

SOCKET_TIMEOUT = 30.0
"""Seconds without a reply after which a connection is given up."""
LONGEST_BLOCK = 20.0
"""Seconds a blocking command (``XREADGROUP … BLOCK``) may wait at most: well under `SOCKET_TIMEOUT`."""
_CONNECT_TIMEOUT = 5.0
_RETRIES = 8
"""Tries after a lost connection; with the backoff below about 6 s, longer than a restart of the server takes."""
_PAUSE_FIRST, _PAUSE_MOST = 0.1, 1.0
_SAY_EVERY = 10.0
TROUBLE: tuple[type[Exception], ...] = (
    redis.ConnectionError,
    redis.TimeoutError,
    redis.exceptions.OutOfMemoryError,
    redis.exceptions.ReadOnlyError,
)
"""What a call raises, its own tries used up, when Redis is gone, loading, full or a replica: wait, and try again."""

_Steps: TypeAlias = "Generator[tuple[str, ...] | float, Any, T]"
"""Yields a command to send (and gets the reply or the error), or seconds to wait."""


def _worth_another_try(error: Exception) -> bool:
    # redis-py counts a wrong password as a connection error and would try it again.
    return not isinstance(error, (redis.AuthenticationError, AuthorizationError))


class _PatientRetry(Retry):
    """redis-py's retry, but a refused password is final."""

    def call_with_retry(  # the signature is redis-py's
        self,
        do: Callable[[], T],
        fail: Callable[..., Any],
        is_retryable: Callable[[Exception], bool] | None = None,
        with_failure_count: bool = False,  # noqa: FBT001, FBT002
    ) -> T:
        def retryable(error: Exception) -> bool:
            return _worth_another_try(error) and (is_retryable is None or is_retryable(error))

        return super().call_with_retry(do, fail, retryable, with_failure_count)


class _PatientAsyncRetry(AsyncRetry):
    """The same for the asyncio client."""

    async def call_with_retry(  # the signature is redis-py's
        self,
        do: Callable[[], Any],
        fail: Callable[..., Any],
        is_retryable: Callable[[Exception], bool] | None = None,
        with_failure_count: bool = False,  # noqa: FBT001, FBT002
    ) -> Any:
        def retryable(error: Exception) -> bool:
            return _worth_another_try(error) and (is_retryable is None or is_retryable(error))

        return await super().call_with_retry(do, fail, retryable, with_failure_count)


def _options(settings: Settings) -> dict[str, Any]:
    password = settings.redis_password.get_secret_value() if settings.redis_password else None
    return {
        "password": password,  # one in the URL wins
        "protocol": 2,
        "socket_timeout": SOCKET_TIMEOUT,
        "socket_connect_timeout": _CONNECT_TIMEOUT,
        "health_check_interval": 30,
    }


def _wrong_url(_: ValueError) -> SettingsError:
    # The error's own text may hold a piece of the password.
    return SettingsError(
        "redis_url", "is no address of a Redis: use redis://:password@host:6379/0 or unix://…"
    )


def connect(settings: Settings, *, retries: int = _RETRIES) -> redis.Redis:
    """A client with a pool of its own. Connects at the first command, not here.

    A command whose connection breaks is sent again, so one that was done may be done twice: every step that matters
    must bear that.

    Args:
        settings: `redis_url` and `redis_password` are read.
        retries: times a command is sent again after its connection broke or timed out.

    Raises:
        SettingsError: the URL cannot be read.
    """
    backoff = ExponentialWithJitterBackoff(base=0.05, cap=2.0)
    try:
        return redis.Redis.from_url(
            settings.redis_url, retry=_PatientRetry(backoff, retries), **_options(settings)
        )
    except ValueError as error:
        raise _wrong_url(error) from None


def connect_async(settings: Settings, *, retries: int = _RETRIES) -> redis.asyncio.Redis:
    """`connect` for an event loop. May be called before the loop runs.

    Raises:
        SettingsError: the URL cannot be read.
    """
    backoff = ExponentialWithJitterBackoff(base=0.05, cap=2.0)
    try:
        return redis.asyncio.Redis.from_url(
            settings.redis_url, retry=_PatientAsyncRetry(backoff, retries), **_options(settings)
        )
    except ValueError as error:
        raise _wrong_url(error) from None


def wait_ready(
    client: redis.Redis, say: Callable[[str], None], deadline: float | None = None
) -> Capabilities:
    """Wait until Redis answers and is fit for the work.

    Args:
        client: from `connect`.
        say: is told, for a person, what is waited for: at once and every 10 s, and when it is over; also what could
            not be checked.
        deadline: seconds to wait at most; None waits for ever.

    Returns:
        What this server can do beyond what is required.

    Raises:
        StoreUnavailable: not there within ``deadline``.
        StoreError: waiting would not help: the password is refused, the server evicts keys, is a cluster or too old.
    """
    with _probe(client) as probe:
        return _drive(_until_fit(say, deadline), probe)


async def wait_ready_async(
    client: redis.asyncio.Redis, say: Callable[[str], None], deadline: float | None = None
) -> Capabilities:
    """`wait_ready` for an event loop."""
    async with _async_probe(client) as probe:
        return await _drive_async(_until_fit(say, deadline), probe)


def capabilities(client: redis.Redis) -> Capabilities:
    """What this server can do beyond what is required, by ``COMMAND INFO``: versions do not tell (Valkey says 7.2.4).

    Raises:
        StoreUnavailable: Redis does not answer.
    """
    return _drive(capable(), client)


async def capabilities_async(client: redis.asyncio.Redis) -> Capabilities:
    """`capabilities` for an event loop."""
    return await _drive_async(capable(), client)


def _until_fit(say: Callable[[str], None], patience: float | None) -> _Steps[Capabilities]:
    started, said, pause = time.monotonic(), -_SAY_EVERY, _PAUSE_FIRST
    waited = False
    while True:
        try:
            found = yield from fit(say)
        except StoreUnavailable as trouble:
            elapsed = time.monotonic() - started
            if patience is not None and elapsed + pause > patience:
                raise StoreUnavailable(f"gave up after {elapsed:.0f} s: {trouble}") from trouble
            if elapsed - said >= _SAY_EVERY:
                say(f"waiting for Redis: {trouble}")
                said, waited = elapsed, True
        else:
            if waited:
                say("Redis is ready")
            return found
        yield pause
        pause = min(2 * pause, _PAUSE_MOST)


def _drive(steps: _Steps[T], client: redis.Redis) -> T:
    answer: Any = None
    while True:
        try:
            step = steps.send(answer)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        answer = None
        if isinstance(step, float):
            time.sleep(step)
            continue
        try:
            answer = client.execute_command(*step)  # type: ignore[no-untyped-call]
        except (redis.RedisError, OSError) as error:
            answer = error


async def _drive_async(steps: _Steps[T], client: redis.asyncio.Redis) -> T:
    answer: Any = None
    while True:
        try:
            step = steps.send(answer)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        answer = None
        if isinstance(step, float):
            await asyncio.sleep(step)
            continue
        try:
            answer = await client.execute_command(*step)  # type: ignore[no-untyped-call]
        except (redis.RedisError, OSError) as error:
            answer = error


def _probe(client: redis.Redis) -> redis.Redis:
    """A client of the same server that tries once, so that what is wrong is known at once."""
    pool = client.connection_pool
    options = {**pool.connection_kwargs, "retry": Retry(NoBackoff(), 0), "socket_timeout": _CONNECT_TIMEOUT}
    probe = redis.Redis(
        connection_pool=redis.ConnectionPool(connection_class=pool.connection_class, **options)
    )
    probe.auto_close_connection_pool = True
    return probe


def _async_probe(client: redis.asyncio.Redis) -> redis.asyncio.Redis:
    pool = client.connection_pool
    options = {
        **pool.connection_kwargs,
        "retry": AsyncRetry(NoBackoff(), 0),
        "socket_timeout": _CONNECT_TIMEOUT,
    }
    return redis.asyncio.Redis.from_pool(
        redis.asyncio.ConnectionPool(connection_class=pool.connection_class, **options)
    )
