"""Pages for people: the status page, and the one that shows the contracts.

Each is whole in itself, from files beside this one: nothing comes from elsewhere, and the policy sent along allows
exactly these scripts and styles.

They hold no data. With a token set, a browser gets them along with the 401 and they ask for the token.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Final

from aiohttp import web

from wireroom.adapters.http.openapi import asyncapi
from wireroom.adapters.http.replies import reply
from wireroom.adapters.http.routes import Answer, Route
from wireroom.adapters.http.shared import shared

if TYPE_CHECKING:
    from collections.abc import Mapping

_FILES: Final = resources.files(__package__)
NAMES: Final = {"/": "status", "/docs": "docs"}
"""The name of each page's files, by path."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page.

    Attributes:
        body: all of it.
        policy: what a browser may load and run for it.
    """

    body: str
    policy: str

    def response(self, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
        """The page as an answer."""
        all_headers = {**(headers or {}), "Content-Security-Policy": self.policy}
        return web.Response(text=self.body, status=status, content_type="text/html", headers=all_headers)


def pages() -> dict[str, Page]:
    """Every page, by path."""
    return {path: _page(name) for path, name in NAMES.items()}


def _page(name: str) -> Page:
    style, script = _read("page.css"), _read("page.js") + _read(f"{name}.js")
    body = _read(f"{name}.html").replace("/*style*/", style).replace("/*script*/", script)
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return Page(body, policy)


def _read(name: str) -> str:
    return _FILES.joinpath(name).read_text("utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


async def show(request: web.Request) -> web.Response:
    """A page."""
    return shared(request).pages[request.path].response()


async def show_asyncapi(request: web.Request) -> web.Response:
    """The streams' contract."""
    world = shared(request).world
    return reply(asyncapi(world.keys, world.streams.source))


_OBJECT: Final = {"type": "object"}

ROUTES: Final = (
    Route(
        "GET", "/", show, "Show the status page.", "pages", {200: Answer("The page.", types=("text/html",))}
    ),
    Route(
        "GET", "/docs", show, "Show the contracts.", "pages", {200: Answer("The page.", types=("text/html",))}
    ),
    Route(
        "GET",
        "/asyncapi.json",
        show_asyncapi,
        "Give the contract of the streams.",
        "pages",
        {200: Answer("AsyncAPI 3.0.", schema=_OBJECT)},
    ),
)
