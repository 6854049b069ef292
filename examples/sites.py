"""What the sample news sites serve: their pages, read once from the folders beside ``pages/sites.toml``.

Pure apart from that reading: no socket is known here (`newsroom.py` has them).
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

ADDRESS = "127.0.0.1"  # the one loopback address that every system has
BASE_PORT = 18080
CHARSET = re.compile(rb"""<meta[^>]+charset=["']?([\w-]+)""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Page:
    """One file as it is served."""

    body: bytes
    content_type: str
    etag: str
    modified: datetime


@dataclass(frozen=True, slots=True)
class Site:
    """One site: what it answers under which path."""

    name: str
    port: int
    pages: dict[str, Page]
    redirects: dict[str, str]

    @property
    def url(self) -> str:
        """Where its front page is."""
        return f"http://{ADDRESS}:{self.port}/"


@dataclass(frozen=True, slots=True)
class Newsroom:
    """All sites, and the port where nobody answers."""

    sites: tuple[Site, ...]
    silent: int
    shift: int
    """How far its ports are from those that the documents name."""


def move(body: bytes, shift: int) -> bytes:
    """The same text with every address of a sample site moved by ``shift`` ports."""
    return re.sub(
        rb"(127\.0\.0\.1:)(1808\d)",
        lambda found: found[1] + str(int(found[2]) + shift).encode(),
        body,
    )


def read_newsroom(folder: Path, base_port: int) -> Newsroom:
    """Read ``sites.toml`` and every page beside it.

    Args:
        folder: where ``sites.toml`` is.
        base_port: the first site listens one above it.
    """
    table = tomllib.loads((folder / "sites.toml").read_text(encoding="utf-8"))
    shift = base_port - BASE_PORT
    sites = tuple(_read_site(folder, entry, shift) for entry in table["site"])
    return Newsroom(sites, table["silent"] + shift, shift)


def _read_site(folder: Path, entry: dict[str, Any], shift: int) -> Site:
    root = folder / entry["folder"]
    changed: dict[str, datetime] = entry.get("modified", {})
    pages = {}
    for file in sorted(path for path in root.rglob("*") if path.is_file()):
        path = "/" + file.relative_to(root).as_posix().removesuffix("index.html")
        modified = changed.get(path) or datetime.fromtimestamp(int(file.stat().st_mtime), UTC)
        pages[path] = _read_page(file, modified, shift)
    return Site(entry["name"], entry["port"] + shift, pages, entry.get("redirects", {}))


def _read_page(file: Path, modified: datetime, shift: int) -> Page:
    body = move(file.read_bytes(), shift)
    found = CHARSET.search(body[:1024])
    charset = found[1].decode("ascii").lower() if found else "utf-8"
    kind = "text/html" if file.suffix == ".html" else "text/plain"
    return Page(body, f"{kind}; charset={charset}", f'"{hashlib.sha256(body).hexdigest()[:16]}"', modified)


def is_unchanged(page: Page, if_none_match: str | None, if_modified_since: str | None) -> bool:
    """Whether a conditional request already has this page; the tag wins over the date (RFC 9110, 13.2.2)."""
    if if_none_match is not None:
        known = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
        return page.etag in known or "*" in known
    if if_modified_since is None:
        return False
    try:
        since = parsedate_to_datetime(if_modified_since)
    except ValueError:
        return False
    # A date with the zone "-0000" comes back without one.
    return page.modified <= (since if since.tzinfo else since.replace(tzinfo=UTC))
