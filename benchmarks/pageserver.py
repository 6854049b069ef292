"""Serves the invented pages on loopback, in a process of its own.

python benchmarks/pageserver.py FOLDER --pages 120        until SIGTERM; FOLDER gets the pages and index.json
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import signal
from pathlib import Path

import pages
from aiohttp import web

SITES = 32
"""Hosts the pages are spread over, each a port: politeness is counted by host, and one host alone would be the limit."""


class Shelf:
    """Pages ready to be sent, as they are and compressed."""

    def __init__(self) -> None:
        self._pages: dict[tuple[str, str], tuple[bytes, bytes]] = {}

    def put(self, base: str, page: pages.Made) -> None:
        """Take a page in."""
        body = page.html.encode()
        self._pages[base, page.path] = body, gzip.compress(body, 6)

    async def answer(self, request: web.BaseRequest) -> web.Response:
        """Send a page, compressed where the client takes it; 404 for the rest, robots.txt among it."""
        found = self._pages.get((f"http://{request.host}", request.path))
        if found is None:
            return web.Response(status=404)
        headers = {"Content-Type": "text/html; charset=utf-8"}
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            return web.Response(body=found[1], headers=headers | {"Content-Encoding": "gzip"})
        return web.Response(body=found[0], headers=headers)


async def serve(folder: Path, count: int, seed: int) -> None:
    """Serve until SIGTERM; say on one line when ready."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    shelf = Shelf()
    runner = web.ServerRunner(web.Server(shelf.answer))
    await runner.setup()
    sites = [web.TCPSite(runner, "127.0.0.1", 0) for _ in range(SITES)]
    for site in sites:
        await site.start()
    bases = tuple(f"http://127.0.0.1:{address[1]}" for address in runner.addresses)
    urls = {"pages": _shelve(shelf, pages.make(seed, count, bases), bases, folder)}
    urls["briefs"] = _shelve(shelf, pages.briefs(seed, bases), bases, None)
    (folder / "index.json").write_text(json.dumps(urls))
    print("ready", flush=True)
    await stop.wait()
    await runner.cleanup()


def _shelve(shelf: Shelf, made: list[pages.Made], bases: tuple[str, ...], folder: Path | None) -> list[str]:
    urls = []
    for number, one in enumerate(made):
        base = bases[number % len(bases)]
        shelf.put(base, one)
        urls.append(base + one.path)
        if folder is not None:
            (folder / f"{number:05}.html").write_text(one.html)
    return urls


def main() -> None:
    parser = argparse.ArgumentParser(description="Serve invented news pages on loopback ports.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pages", type=int, default=120)
    parser.add_argument("--seed", type=int, default=pages.SEED)
    given = parser.parse_args()
    asyncio.run(serve(given.folder, given.pages, given.seed))


if __name__ == "__main__":
    main()
