"""The API is killed while clients send: whoever sends again with the same key has sent once."""

from __future__ import annotations

import json
import random
import signal
import sys
import threading
import urllib.error
import urllib.request
import zlib
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from press import Press, story
from soundness import check_sound
from waiting import until

from wireroom.events import Stream

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]

SENDERS = 4
EACH = 10
KILLS = 3


def test_what_is_sent_again_to_a_killed_api_is_taken_in_once(tmp_path: Path) -> None:
    with Press(tmp_path / "data", enrich="dates") as press:
        api = json.loads((press.data / "service.json").read_text())["api_url"]
        sent, struck = threading.Semaphore(0), 0
        pick = random.Random(7)

        def send(sender: int) -> list[dict[str, Any]]:
            answers = []
            for n in range(EACH):
                sent.release()
                answers.append(until(partial(post, api, f"{sender}-{n}"), 90))
            return [answer for answer in answers if answer]

        with ThreadPoolExecutor(SENDERS) as pool:
            senders = [pool.submit(send, number) for number in range(SENDERS)]
            for _ in range(KILLS):
                for _ in range(pick.randint(2, 6)):
                    sent.acquire(timeout=60)
                until(lambda: press.pids("api"), 30)
                struck += len(press.signal("api", signal.SIGKILL))
            answers = [answer for sender in senders for answer in sender.result(200)]
        assert struck >= KILLS
        documents = SENDERS * EACH * 2
        press.wait(documents)
        assert len({answer["batch"] for answer in answers}) == SENDERS * EACH
        assert press.world.ledger.stats()["accepted"] == documents
        assert len(press.events(Stream.DOCUMENTS)) == documents
        check_sound(press.world)
        assert press.stop() == 0


def post(api: str, key: str) -> dict[str, Any] | None:
    """What two documents are answered with; None where they have to be sent again."""
    number = zlib.crc32(key.encode()) % 10**6
    texts = ["\n\n".join([f"date 2031-04-01\n\nNote {key} {n}.", *story(number + n)]) for n in range(2)]
    body = {"documents": [{"name": f"{key}-{n}.txt", "text": text} for n, text in enumerate(texts)]}
    headers = {"Content-Type": "application/json", "Idempotency-Key": key}
    request = urllib.request.Request(f"{api}/v1/documents", json.dumps(body).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert answer.status == 202
            told: dict[str, Any] = json.load(answer)
            return told
    except urllib.error.HTTPError as error:
        if error.code not in {409, 429, 503}:
            raise
    except OSError:
        pass  # it is dead, or not there yet
    return None
