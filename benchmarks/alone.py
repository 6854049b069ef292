"""What is measured alone, each in a process of its own: trafilatura, the pure functions, the fetcher. Prints JSON.

python benchmarks/alone.py WHAT FOLDER [--pages N] [--part K/N] [--redis URL]
"""

# ruff: noqa: PLC0415 - each measurement imports what it measures and no more

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

WARM = 3
"""Pages done before the clock runs."""
ROUNDS = 4
"""Times the fetchers get every page."""


@dataclass
class Clock:
    """CPU and wall seconds by name."""

    cpu: dict[str, float] = field(default_factory=dict)
    pages: int = 0
    wall: float = 0.0

    def time(self, name: str, function: Callable[[], Any]) -> Any:
        """Call a function and count its CPU, threads included."""
        begun = time.process_time()
        result = function()
        self.cpu[name] = self.cpu.get(name, 0.0) + time.process_time() - begun
        return result


def library(folder: Path, count: int, part: str) -> list[tuple[str, str]]:
    """URL and HTML of the first pages, of these every n-th."""
    urls = json.loads((folder / "index.json").read_text())["pages"]
    number, of = (int(value) for value in part.split("/"))
    chosen = [(url, (folder / f"{n:05}.html").read_text()) for n, url in enumerate(urls[:count])]
    return chosen[number::of]


def run_trafilatura(pages: list[tuple[str, str]], *, fast: bool) -> Clock:
    """The bare loop: text and metadata, as trafilatura alone gives them."""
    import trafilatura

    def one(url: str, html: str) -> object:
        return trafilatura.bare_extraction(html, url=url, fast=fast, with_metadata=True)

    clock = Clock()
    for url, html in pages[:WARM]:
        one(url, html)
    begun = time.perf_counter()
    for url, html in pages:
        clock.time("trafilatura", lambda url=url, html=html: one(url, html))  # type: ignore[misc]
    clock.pages, clock.wall = len(pages), time.perf_counter() - begun
    return clock


def run_functions(pages: list[tuple[str, str]], redis_url: str, *, entities: bool = True) -> Clock:
    """Extraction and the enrichers as plain calls: what is left when everything around them is taken away."""
    bench = Functions(redis_url, entities=entities)
    for number, (url, html) in enumerate(pages[:WARM]):
        bench.page(url + f"?warm{number}", html.encode(), Clock())
    clock = Clock()
    begun = time.perf_counter()
    for url, html in pages:
        bench.page(url, html.encode(), clock)
    clock.pages, clock.wall = len(pages), time.perf_counter() - begun
    return clock


class Functions:
    """The pure functions, loaded."""

    def __init__(self, redis_url: str, *, entities: bool) -> None:
        from wireroom import extract, settings, world
        from wireroom.adapters.tagger import Tagger

        self._extract = extract
        extract.warm()
        self._world = world.World(settings.Settings(redis_url=redis_url))
        self._tagger = Tagger.load() if entities else None

    def page(self, url: str, body: bytes, clock: Clock) -> None:
        """One page through all of them."""
        from wireroom import dates, draft
        from wireroom import entities as naming
        from wireroom.placement import Item

        now = datetime.now(UTC)
        page = self._extract.Page(body, url, "text/html; charset=utf-8", None, now)
        clock.time("extract fast", lambda: self._extract.extract(page, mode="fast"))
        article = clock.time("extract best", lambda: self._extract.extract(page))
        made = clock.time(
            "draft",
            lambda: draft.from_page(article, draft.Origin("web"), url=url, final_url=url, layout="titled"),
        )
        clock.time(
            "dates",
            lambda: dates.enrich(made.text, made.candidates, fetched_at=now, language=made.language.code),
        )
        if self._tagger is not None:
            text, of_title = clock.time("tagger", lambda: self._tagger.tag([made.text, made.title or ""]))  # type: ignore[union-attr]
            clock.time("names", lambda: naming.enrich(made.text, made.title, text.spans, of_title.spans))
        day = dates.choose(made.candidates, not_after=now).published
        published = datetime.fromisoformat(day.value).date() if day and len(day.value) >= 10 else None
        item = Item(made.id, made.text, made.title, published, now, made.language.code, made.url)
        clock.time("place", lambda: self._world.sameness_index.place(item))


async def run_fetch(urls: list[str], *, own: bool) -> Clock:
    """Wireroom's fetcher, or a bare aiohttp loop, over the same pages: 32 at a time."""
    import aiohttp

    from wireroom.settings import Settings
    from wireroom.world import World

    clock = Clock(pages=len(urls) * ROUNDS)
    async with (
        World(Settings(fetch_allow_private="127.0.0.0/8")).fetcher() as fetcher,
        aiohttp.ClientSession() as session,
    ):

        async def bare(url: str) -> int:
            async with session.get(url) as answer:
                return len(await answer.read())

        async def guarded(url: str) -> int:
            return len((await fetcher.fetch(url)).body)

        one = guarded if own else bare
        await _all(one, urls[:64])  # connections are open, modules loaded
        begun, cpu = time.perf_counter(), time.process_time()
        await _all(one, urls * ROUNDS)
        clock.wall, clock.cpu["fetch"] = time.perf_counter() - begun, time.process_time() - cpu
    return clock


async def _all(one: Callable[[str], Any], urls: list[str]) -> None:
    left = iter(urls)

    async def work() -> None:
        for url in left:
            await one(url)

    async with asyncio.TaskGroup() as group:
        for _ in range(32):
            group.create_task(work())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pages", type=int, default=60)
    parser.add_argument("--part", default="0/1")
    parser.add_argument("--redis", default="")
    given = parser.parse_args()
    pages = library(given.folder, given.pages, given.part)
    match given.what:
        case "trafilatura" | "trafilatura-fast":
            clock = run_trafilatura(pages, fast=given.what.endswith("fast"))
        case "functions":
            clock = run_functions(pages, given.redis)
        case "fetch" | "aiohttp":
            clock = asyncio.run(run_fetch([url for url, _ in pages], own=given.what == "fetch"))
        case _:
            sys.exit(f"{given.what}: there is no such measurement")
    print(json.dumps({"cpu": clock.cpu, "pages": clock.pages, "wall": clock.wall}))


if __name__ == "__main__":
    main()
