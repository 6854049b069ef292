"""Chaos for as long as one likes: random kills and freezes of every service and the server, checked after each round.

    python tests/crash/chaos.py --minutes 10            a random seed, printed
    python tests/crash/chaos.py --minutes 10 --seed 7   the same blows in the same order again
    python tests/crash/chaos.py --minutes 10 --models   with the entity model, which takes longer to start

Each round takes an edition of documents in, wave by wave, and strikes between the waves; when it has ended, the outcome
must be that of an edition that nobody disturbed. Exit code 1, with the seed and the round, when it is not.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

from localweb import LocalWeb  # noqa: E402 - found by the line above
from press import REDIS, SERVICES, Edition, Havoc, Press  # noqa: E402 - the same

BLOWS = (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM)


def one_round(folder: Path, edition: Edition, seed: int, services: list[str], enrich: str) -> list[str]:
    """One edition under blows; what was struck.

    Raises:
        AssertionError: the outcome is not what it should be.
    """
    with Press(folder / "quiet", enrich=enrich) as quiet:
        quiet.take_in(edition.listings)
        quiet.wait(edition.units, 600)
        quiet.check()
        expected = quiet.outcome()
        assert quiet.stop() == 0
    with Press(folder / "struck", enrich=enrich) as press:
        havoc = Havoc(press, seed)
        for listing in edition.listings:
            press.take_in([listing])
            for _ in range(havoc.pick.randint(0, 3)):
                service, how = havoc.pick.choice(services), havoc.pick.choice(BLOWS)
                if (service, how) != (REDIS, signal.SIGTERM):
                    havoc.strike(service, how)
                havoc.rest(2.0)
        havoc.all_thawed()
        press.wait(edition.units, 600)
        press.check()
        outcome = press.outcome()
        assert outcome == expected, {key: (outcome[key], expected[key]) for key in expected}
        assert press.stop() == 0
        return havoc.done


def main() -> int:
    """Rounds until the time is over."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--documents", type=int, default=12)
    parser.add_argument("--models", action="store_true")
    options = parser.parse_args()
    seed = random.SystemRandom().randrange(2**32) if options.seed is None else options.seed
    services = [name for name in (*SERVICES, REDIS) if options.models or name != "work-entities"]
    enrich = "dates,sameness,entities" if options.models else "dates,sameness"
    print(f"seed {seed}", flush=True)  # noqa: T201 - what it is for
    end, number = time.monotonic() + options.minutes * 60, 0
    while time.monotonic() < end:
        with LocalWeb() as web, tempfile.TemporaryDirectory(prefix="chaos-") as folder:
            edition = Edition.make(web, documents=options.documents, pages=3)
            begun = time.monotonic()
            try:
                struck = one_round(Path(folder), edition, seed + number, services, enrich)
            except AssertionError as error:
                print(f"seed {seed + number}: {error}", file=sys.stderr)  # noqa: T201
                return 1
        seconds = time.monotonic() - begun
        told = f"round {number}: {edition.units} units, {len(struck)} blows, {seconds:.0f} s: the same"
        print(told, flush=True)  # noqa: T201
        number += 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
