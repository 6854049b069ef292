"""Sources in the whole service: real processes, a feed that grows, a fetcher that is killed while it asks."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

import pytest
from localweb import LocalWeb
from test_run import wireroom
from test_service import PARAGRAPHS, Service, article
from waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from localweb import Site

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]


@pytest.fixture
def site() -> Iterator[Site]:
    with LocalWeb() as web:
        yield web.site()


def feed(*paths: str) -> str:
    items = "".join(f"<item><link>{path}?utm_source=rss</link></item>" for path in paths)
    return f"<rss version='2.0'><channel><title>Tarn</title>{items}</channel></rss>"


def of(running: Service) -> dict[str, Any]:
    (one,) = running.get("/v1/sources")["sources"]
    return dict(one)


def ask(running: Service) -> None:
    running.post(f"/v1/sources/{of(running)['id']}/ask", {})


def published(running: Service) -> list[str]:
    return sorted(str(one["url"]) for one in running.get("/v1/documents")["documents"])


def test_what_a_feed_names_is_published_and_a_killed_fetcher_is_followed(site: Site, tmp_path: Path):
    for n, path in enumerate(("/a", "/b", "/c")):
        site.page(path, article(*(f"{text} Part {n}." for text in PARAGRAPHS)))
    site.page("/rss", feed("/a"), etag='"1"')
    named = f"{site.url('/rss')} name=tarn interval=1d"
    running = Service(tmp_path / "data", enrich="dates", WIREROOM_SOURCES_FEEDS=named)
    try:
        until(lambda: published(running) == [site.url("/a")], 60)
        assert (of(running)["state"], of(running)["new_total"]) == ("fine", 1)

        ask(running)
        until(lambda: of(running)["status"] == 304, 30)
        site.page("/rss", feed("/b", "/a"), etag='"2"')
        told = running.wireroom("sources", "tarn", "--ask").stdout
        assert "2 times" in told
        until(lambda: published(running) == [site.url("/a"), site.url("/b")], 60)

        site.page("/rss", feed("/c", "/b", "/a"), delay=2)
        seen = len(site.hits("/rss"))
        ask(running)
        until(lambda: len(site.hits("/rss")) > seen, 30)
        os.kill(running.info["processes"]["fetch"][0], signal.SIGKILL)
        until(lambda: site.url("/c") in published(running), 60)
        assert len(site.hits("/c")) == 1
        until(lambda: of(running)["state"] == "fine", 30)
        stats = running.get("/v1/stats")
        assert (stats["accepted"], stats["published"]) == (3, 3)
        assert running.wireroom("sources", "nowhere").returncode == 2
    finally:
        running.stop()


def test_a_run_asks_no_source(site: Site, tmp_path: Path):
    site.page("/rss", feed("/a"))
    (tmp_path / "a.txt").write_text("date 2026-03-03\n\nThe boats of Lower Tarn.\n")
    done = wireroom(
        "run", str(tmp_path / "a.txt"), WIREROOM_SOURCES_FEEDS=site.url("/rss"), WIREROOM_ENRICH="dates"
    )
    assert done.returncode == 0, done.stderr
    assert site.log == []
