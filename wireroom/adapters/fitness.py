"""Whether a Redis server is fit for the work, as steps without a connection: commands out, replies in.

A step generator yields a command as a tuple and is sent the reply, or the error that came instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import redis
from redis.exceptions import AuthorizationError

from wireroom.errors import StoreError, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

T = TypeVar("T")
Asking: TypeAlias = "Generator[tuple[str, ...], Any, T]"

REQUIRED = ("FUNCTION", "FCALL", "XAUTOCLAIM")
"""Commands of Redis 7.0 that the work rests on."""
OPTIONAL = ("XACKDEL", "XDELEX", "HEXPIRE", "HSETEX", "HGETDEL", "WAITAOF")
"""Newer ones, switched on where the server has them: HEXPIRE from Redis 7.4 and Valkey 9, XACKDEL and XDELEX from
Redis 8.2 and in no Valkey (measured)."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What one server is and can do.

    Attributes:
        server: ``redis`` or ``valkey``; ``unknown`` where INFO is forbidden.
        version: its own version, not the one Valkey gives for compatibility.
        commands: those of `REQUIRED` and `OPTIONAL` it has, in capitals.
    """

    server: str
    version: str
    commands: frozenset[str]


def fit(say: Callable[[str], None]) -> Asking[Capabilities]:
    """Ask whether the server is there and fit.

    Args:
        say: is told what could not be checked.

    Raises:
        StoreUnavailable: not now: not there, loading, or a replica that may be promoted.
        StoreError: never: the password, the policy, a cluster, the age.
    """
    yield from _ask("PING")
    info = yield from _ask_if_allowed("INFO")
    if info is None:
        say("Redis forbids INFO: its eviction policy and role are not checked")
    else:
        if info.get("redis_mode") == "cluster":
            raise StoreError("Redis runs as a cluster: Wireroom's steps need all keys on one server")
        if info.get("role") == "slave":
            raise StoreUnavailable(
                "it is a read-only replica: name the primary, or wait until it is promoted"
            )
        yield from _policy(info, say)
    found = yield from capable()
    missing = [name for name in REQUIRED if name not in found.commands]
    if missing:
        raise StoreError(
            f"Redis {found.version} is too old: it has no {', '.join(missing)}. Use Redis 7.0 or newer, or Valkey"
        )
    return found


def capable() -> Asking[Capabilities]:
    """Ask what the server is and can do.

    Where ``COMMAND`` is forbidden, what is required is taken for granted and nothing else.
    """
    info = (yield from _ask_if_allowed("INFO")) or {}
    names = (*REQUIRED, *OPTIONAL)
    # One name, "COMMAND INFO": redis-py's own reading of COMMAND fails on a command that is not there.
    reply = yield from _ask_if_allowed("COMMAND INFO", *names)
    commands = (
        REQUIRED if reply is None else [name for name, entry in zip(names, reply, strict=True) if entry]
    )
    return Capabilities(
        server=str(info.get("server_name", "redis" if info else "unknown")),
        version=str(info.get("valkey_version", info.get("redis_version", "unknown"))),
        commands=frozenset(commands),
    )


def _policy(info: dict[str, Any], say: Callable[[str], None]) -> Asking[None]:
    policy = info.get("maxmemory_policy")
    if policy is None:
        pairs = yield from _ask_if_allowed("CONFIG GET", "maxmemory-policy")
        policy = next(iter(dict(pairs).values()), None) if pairs else None
    if isinstance(policy, bytes):
        policy = policy.decode()
    if policy is None:
        say("Redis does not tell its maxmemory-policy: make sure that it is noeviction")
    elif policy != "noeviction":
        raise StoreError(
            f"Redis would drop keys when its memory is full (maxmemory-policy {policy}), and with them documents "
            "and work: set maxmemory-policy to noeviction"
        )


def _ask(*command: str) -> Asking[Any]:
    """Ask one thing; an error comes as one of ours."""
    answer = yield command
    if isinstance(answer, Exception):
        raise _as_ours(answer) from answer
    return answer


def _ask_if_allowed(*command: str) -> Asking[Any]:
    """Like `_ask`, but None where the server forbids or does not know the command, as managed ones do."""
    answer = yield command
    if isinstance(answer, redis.ResponseError):
        return None
    if isinstance(answer, Exception):
        raise _as_ours(answer) from answer
    return answer


def _as_ours(error: Exception) -> StoreError:
    if isinstance(error, redis.BusyLoadingError):
        return StoreUnavailable("it is loading its data")
    if isinstance(error, (redis.AuthenticationError, AuthorizationError)):
        return _password_error(str(error))
    if isinstance(error, (redis.ConnectionError, redis.TimeoutError, OSError)):
        return StoreUnavailable(f"it does not answer ({error})")
    return StoreError(f"Redis refuses: {error}")


def _password_error(text: str) -> StoreError:
    if "without any password" in text or "no password is set" in text:
        return StoreError("Redis has no password, but one is set: take it out of redis_url or redis_password")
    if "required" in text:
        return StoreError(
            "Redis wants a password: set WIREROOM_REDIS_PASSWORD, or put it into WIREROOM_REDIS_URL"
        )
    return StoreError(
        "Redis refuses the user name or password: check WIREROOM_REDIS_PASSWORD, or the one in WIREROOM_REDIS_URL"
    )
