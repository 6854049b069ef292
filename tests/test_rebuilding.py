"""The index of copies and stories is made anew from the documents that are kept."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from news_samples import BRIDGE, CHEESE
from workshop import enricher, listing, make_world, normalize, take_in

from wireroom.adapters import stages
from wireroom.adapters.work import work_on
from wireroom.records import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wireroom.draft import Draft
    from wireroom.world import World


def dated(drafts: Sequence[Draft]) -> Iterator[dict[str, Any]]:
    return map(stages.find_dates, drafts)


def publish(world: World, *texts: str) -> list[str]:
    """Publish texts as documents of one day; their ids."""
    listings = [listing(f"n{at}", f"date 2026-05-04\n\n{text}\n") for at, text in enumerate(texts)]
    before = world.ledger.stats()["published"]
    uids = take_in(world, *listings, batch=f"b{before}")
    normalize(world, *uids)
    work_on(world.ledger, enricher(world, dated), uids, lambda: False)
    work_on(world.ledger, stages.work(world, Stage.SAMENESS), uids, lambda: False)
    assert world.ledger.stats()["published"] == before + len(texts)
    return [one.id for one in listings]


def sameness(world: World) -> dict[str, tuple[str | None, list[str]]]:
    """By story as the index has it: its title and members."""
    return {one["id"]: (one["title"], one["members"]) for one in world.sameness_index.stories()[0]}


def test_a_lost_index_comes_back_by_one_command(redis_url: str):
    world = make_world(redis_url, enrich=("dates", "sameness"))
    publish(world, *BRIDGE, *CHEESE, BRIDGE[0] + " Nobody was hurt.")
    before = sameness(world)
    assert len(before) == 2
    world.sameness_index.forget()
    assert sameness(world) == {}
    done = subprocess.run(
        [sys.executable, "-m", "wireroom", "rebuild", "--json"],
        env=os.environ | {"WIREROOM_REDIS_URL": redis_url},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"documents": 8, "stories": 2, "moved": 0}
    assert sameness(world) == before
    # What comes afterwards finds what was there before.
    (late,) = publish(world, CHEESE[0] + " Say nothing more.")
    kept = world.store.revision(late)
    assert kept is not None
    assert kept["data"]["sameness"]["story"]["size"] == len(CHEESE) + 1
