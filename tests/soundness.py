"""What must hold after every test that moved work: the ledger is sound, and its sums agree."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from wireroom.adapters.doctor import examine

if TYPE_CHECKING:
    from wireroom.world import World


def check_sound(world: World) -> None:
    """The doctor finds nothing, and what was accepted is the sum of the states."""
    found = [finding for finding in examine(world, repair=False) if finding.code != "no_worker"]
    assert found == []
    states = Counter(world.ledger.unit(uid)["state"] for uid in all_units(world))
    stats = world.ledger.stats()
    counted = {**stats["waiting"], **{k: n for k, n in stats.items() if k not in ("waiting", "accepted")}}
    assert {state: n for state, n in counted.items() if n} == dict(states)
    assert stats["accepted"] == sum(states.values())


def all_units(world: World) -> list[str]:
    """The ids of all units that have a record."""
    prefix = world.keys.unit("")
    return sorted(key.decode().removeprefix(prefix) for key in world.redis.scan_iter(match=prefix + "*"))
