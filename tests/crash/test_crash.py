"""Real processes are killed, frozen and stopped with work under way; what comes of it is the same as without."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from localweb import LocalWeb
from press import REDIS, SERVICES, Edition, Havoc, Press, page
from waiting import until

from wireroom.document import document_id
from wireroom.events import Stream
from wireroom.records import Listing

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.long, pytest.mark.timeout(400)]

SEED = int(os.environ.get("CHAOS_SEED", "20310504"))
WITHOUT_MODEL = tuple(service for service in SERVICES if service != "work-entities")


@pytest.fixture(scope="module")
def edition() -> Iterator[Edition]:
    with LocalWeb() as web:
        yield Edition.make(web, documents=12, pages=2)


@pytest.fixture(scope="module")
def undisturbed(edition: Edition, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    with Press(tmp_path_factory.mktemp("quiet") / "data") as press:
        press.take_in(edition.listings)
        press.wait(edition.units)
        press.check()
        outcome = press.outcome()
        assert press.stop() == 0
        return outcome


def test_whatever_dies_or_freezes_the_outcome_is_the_same(
    edition: Edition, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    with Press(tmp_path / "data") as press:
        havoc = Havoc(press, SEED)
        blows = [(service, how) for service in WITHOUT_MODEL for how in (signal.SIGKILL, signal.SIGSTOP)]
        blows += [(REDIS, signal.SIGKILL), (REDIS, signal.SIGSTOP)]
        havoc.pick.shuffle(blows)
        waves = list(edition.listings)
        for number, (service, how) in enumerate(blows):
            press.take_in(waves[number : number + 1])
            until(lambda: press.pids(service), 30)  # noqa: B023 - asked at once
            havoc.strike(service, how)
            havoc.rest(1.5)
        havoc.all_thawed()
        press.wait(edition.units)
        assert len(havoc.done) >= len(blows)
        press.check()
        assert press.outcome() == undisturbed
        assert press.stop() == 0


def test_killed_all_at_once_it_goes_on_where_it_stopped(
    edition: Edition, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    with Press(tmp_path / "data") as press:
        press.take_in(edition.listings)
        until(lambda: press.world.ledger.stats()["published"] >= 3, 60)
        for service in (REDIS, *WITHOUT_MODEL):
            press.signal(service, signal.SIGKILL)
        press.process.kill()
        press.process.wait()
    with Press(tmp_path / "data") as press:
        press.wait(edition.units)
        press.check()
        assert press.outcome() == undisturbed


def test_each_service_is_restarted_under_load_and_hands_back_what_it_held(
    edition: Edition, tmp_path: Path
) -> None:
    with Press(tmp_path / "data", lease="30", work_tries="3", batch_size="32") as press:
        for number, service in enumerate(WITHOUT_MODEL):
            until(lambda: all(press.world.alive(name) for name in WITHOUT_MODEL), 60)
            (pid,) = press.pids(service)
            press.take_in(edition.listings[number :: len(WITHOUT_MODEL)])
            assert press.open_units()
            press.signal(service, signal.SIGTERM)
            begun = time.monotonic()
            until(lambda: pid not in press.pids(service), 20)  # noqa: B023 - asked at once
            assert time.monotonic() - begun < 15
        press.wait(edition.units)
        press.check()
        ends = re.findall(r"ended, will be started again.*?code=(-?\d+)", plain(press.last_words(200_000)))
        assert ends == ["0"] * len(WITHOUT_MODEL)
        assert "taken back" not in press.last_words(200_000)
        assert press.stop() == 0


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def heavy(number: int) -> str:
    """A page just under what is refused before the parse: it takes many seconds."""
    line = "<p>The ferry {} ran aground off <a href='/{}'>Larne Vale</a> on Monday and nobody was hurt.</p>"
    return f"<html><title>{number}</title><body><article>{''.join(line.format(i, i) for i in range(19_000))}</article></body></html>"


def test_pages_that_hang_are_given_up_and_their_neighbours_are_published(tmp_path: Path) -> None:
    with LocalWeb() as web:
        site, other = web.site(), web.site()
        good = [other.page(f"/{i}", page(i)) for i in range(6)]
        bad = [site.page("/heavy", heavy(1))]
        text = (
            "date 2031-05-04\n\nA poisoned well.\n\nSources: " + " ".join([*good[:3], *bad, *good[3:]]) + "\n"
        )
        with Press(tmp_path / "data", extract_timeout="4", work_tries="2") as press:
            press.take_in([Listing("well.txt", document_id(text), text, "dated", (*good, *bad))])
            press.wait(8)
            press.check()
            stats = press.world.ledger.stats()
            assert (stats["published"], stats["failed"]) == (7, 1)
            (letter,) = (event["data"] for event in press.events(Stream.DEAD))
            assert (letter["stage"], letter["reason"], letter["url"]) == (
                "normalize",
                "extraction_timeout",
                bad[0],
            )


def test_a_page_whose_worker_is_killed_each_time_is_given_up(tmp_path: Path) -> None:
    """Whoever works on it dies: as with a page that takes all of a machine's memory."""
    with LocalWeb() as web:
        poison = web.site().page("/heavy", heavy(2))
        good = [web.site().page(f"/{i}", page(i)) for i in range(4)]
        with Press(tmp_path / "data", extract_timeout="60", work_tries="2") as press:
            press.take_in([], [poison, *good])
            world = press.world
            until(lambda: held(press).get(poison) == "1", 60)
            press.signal("work-normalize", signal.SIGKILL)
            # Those that were in its batch are tried alone too, and go on.
            until(lambda: held(press) == {poison: "2"}, 60)
            press.signal("work-normalize", signal.SIGKILL)
            press.wait(5)
            press.check()
            (letter,) = (event["data"] for event in press.events(Stream.DEAD))
            assert (letter["url"], letter["reason"], letter["tries"]) == (poison, "worker_died", 2)
            assert world.ledger.stats()["published"] == 4


def held(press: Press) -> dict[str, str]:
    """The pages that are being normalized, and how often each was tried."""
    units = [press.world.ledger.unit(uid) for uid in press.open_units()]
    return {u["url"]: u["normalize.tries"] for u in units if u.get("normalize.status") == "leased"}
