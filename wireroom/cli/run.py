"""``wireroom run``: the whole job once, with nothing else running."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson
import structlog

from wireroom.cli.report import Report
from wireroom.events import Event, Stream, Type
from wireroom.world import (
    World,
    check_document_files,
    document_files,
    load_settings,
    machine,
    set_up_logs,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wireroom.adapters.outbox import Outbox
    from wireroom.intake import Checked
    from wireroom.settings import Settings

log = structlog.get_logger()

RETRY_DELAY = 2.0
"""Seconds before the second try of a fetch, unless the settings say otherwise: somebody waits for the end."""
PATIENCE = 30.0
"""Seconds a host may be down before its waiting URLs are given up, unless the settings say otherwise: likewise."""
LOOK = 0.1
"""Seconds between two looks at where everything stands."""
SERVICES = (("schedule",), ("fetch",))
NO_SOURCES = {"WIREROOM_SOURCES_FEEDS": "", "WIREROOM_SOURCES_SITEMAPS": ""}
"""A run ends; feeds and sitemaps do not."""


@dataclass(slots=True)
class Result:
    """What a run came to.

    Attributes:
        events: every event, in the order of its stream.
        stats: units by state.
        interrupted: Ctrl-C was pressed.
    """

    events: list[Event] = field(default_factory=list)
    stats: dict[str, Any] = field(default_factory=dict)
    interrupted: bool = False


@click.command("run")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Write the documents there.")
@click.option("--json", "as_json", is_flag=True, help="Write every event as a line of JSON to stdout.")
@click.pass_obj
def run_command(config: Path | None, paths: tuple[Path, ...], out: Path | None, *, as_json: bool) -> None:
    """Take the documents of PATHS, fetch what they list, enrich everything, and end.

    Progress goes to stderr. Exit code 1 says that something was given up; what and why stands in the summary.
    """
    loaded = load_settings(config, os.environ)
    settings = loaded.settings
    set_up_logs(settings.model_copy(update={"log_level": _quieter(settings.log_level)}), "run")
    # One job, once: nothing is looked at again, or a long one would never end.
    environ = {"WIREROOM_LOG_LEVEL": _quieter(settings.log_level), "WIREROOM_RECRAWL": "false"}
    if loaded.origins["fetch_retry_delay"] == "default":
        environ["WIREROOM_FETCH_RETRY_DELAY"] = str(RETRY_DELAY)
    if loaded.origins["fetch_patience"] == "default":
        environ["WIREROOM_FETCH_PATIENCE"] = str(PATIENCE)
    environ |= NO_SOURCES
    checked = check_document_files(document_files(paths), settings)
    if not settings.fetch_contact and any(listing.urls for listing in checked.listings):
        click.echo("no contact is set: site owners cannot reach you; set WIREROOM_FETCH_CONTACT", err=True)
    report = Report(summary_to_stderr=as_json)
    report.taken(checked)
    with tempfile.TemporaryDirectory(prefix="wireroom-", ignore_cleanup_errors=True) as folder:
        run = Run(settings, checked, report, out, as_json=as_json)
        result = asyncio.run(run.go(Path(folder) / "data", config, environ))
    report.summary(checked, result.events, result.stats, out)
    if result.interrupted:
        raise SystemExit(130)
    given_up = result.stats.get("failed", 0) or any(r for r in checked.rejections)
    raise SystemExit(1 if given_up else 0)


def _quieter(level: str) -> str:
    return "error" if level == "info" else level


class Run:
    """One run: a machine of its own, one batch, until everything has ended."""

    def __init__(
        self, settings: Settings, checked: Checked, report: Report, out: Path | None, *, as_json: bool
    ) -> None:
        self._settings = settings
        self._checked = checked
        self._report = report
        self._out = out
        self._as_json = as_json
        self._result = Result()
        self._read: dict[Stream, str] = dict.fromkeys(Stream, "0-0")
        self._outbox: Outbox | None = None

    async def go(self, folder: Path, config: Path | None, environ: dict[str, str]) -> Result:
        """Do it."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        async with machine(folder, self._settings, SERVICES, config, environ) as redis_url:
            world = World(self._settings.model_copy(update={"redis_url": redis_url, "redis_password": None}))
            world.wait_ready(log.warning)
            if self._out is not None:
                self._outbox = world.outbox(self._out)
            batch = world.take_in(self._checked, "wireroom run")
            await self._follow(world, batch, stop)
        return self._result

    async def _follow(self, world: World, batch: str, stop: asyncio.Event) -> None:
        del batch  # everything in this server is ours
        while not stop.is_set():
            stats = world.ledger.stats()
            for event in self._new(world):
                self._show(world, event)
            self._result.stats = stats
            self._report.progress(stats)
            if not any(stats["waiting"].values()):
                break
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK):
                    await stop.wait()
        self._report.progress_done()
        self._result.interrupted = stop.is_set()

    def _new(self, world: World) -> Iterator[Event]:
        for stream in Stream:
            while entries := world.streams.read(stream, self._read[stream]):
                for position, event in entries:
                    self._read[stream] = position
                    yield event

    def _show(self, world: World, event: Event) -> None:
        self._result.events.append(event)
        if self._as_json:
            click.echo(orjson.dumps({**event.fields(), "data": event.data}))
        if self._outbox is not None and event.type in {Type.DOCUMENT_CREATED, Type.DOCUMENT_UPDATED}:
            kept = world.store.revision(event.data["id"], event.data["revision"])
            if kept is not None:
                self._outbox.write(event.data["id"], kept["file"])
        self._report.event(event)
