"""Names of units, batches and jobs, and the clock they are told by."""

from __future__ import annotations

import hashlib
import itertools
import secrets
import time

_count = itertools.count()


def now_ms() -> int:
    """Milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def new_id() -> str:
    """Id of a unit, batch or job: 11 hexadecimal digits of time, 3 of this process's count, 6 of chance.

    Ids sort by age, those that one process makes in one millisecond too.
    """
    return f"{now_ms():011x}{next(_count) % 4096:03x}{secrets.token_hex(3)}"


def settled_id(batch: str, what: str, number: int = 0) -> str:
    """Id of a unit, the same whenever a batch takes the same thing in; as old as the batch's own id.

    Args:
        batch: a batch's id.
        what: what is taken in, different for each of the batch.
        number: its place in the batch: ids of a batch sort by it.
    """
    told = hashlib.sha256(f"{batch}\n{what}".encode("utf-8", "surrogatepass")).hexdigest()
    return f"{batch[:11]}{number % 4096:03x}{told[:18]}"


def born_ms(uid: str) -> int:
    """When an id was made, in milliseconds since the epoch; 0 of what is none of ours."""
    try:
        return int(uid[:11], 16)
    except ValueError:
        return 0
