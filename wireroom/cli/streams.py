"""The commands that read the store of a running service itself: tail, doctor and rebuild."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING, Any

import click
import orjson

from wireroom.cli.asking import DATA, JSON, counted, printable, show
from wireroom.events import Stream
from wireroom.world import load_settings, running_world

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path

HEARD = 0.2
"""Seconds after which a cancellation that was not heard is repeated."""


@click.command("tail")
@click.option(
    "--stream",
    "streams",
    multiple=True,
    type=click.Choice([s.value for s in Stream]),
    help="Which stream; may be repeated. Else documents.",
)
@click.option(
    "--since",
    help="Begin at a position, a time (2026-03-04T05:06:07Z), an age (24h), or 0: with all that is kept. Else now.",
)
@click.option(
    "--type",
    "types",
    multiple=True,
    metavar="TYPE",
    help="Only entries of this type, such as document.updated; may be repeated.",
)
@click.option("--follow/--no-follow", default=True, show_default=True, help="Go on with what comes.")
@JSON
@DATA
@click.pass_obj
def tail_command(
    config: Path | None,
    streams: tuple[str, ...],
    since: str | None,
    types: tuple[str, ...],
    data: Path | None,
    *,
    follow: bool,
    as_json: bool,
) -> None:
    """Show the streams' entries as they come. Ctrl-C ends it."""
    world = running_world(load_settings(config, os.environ), data, os.environ)
    chosen = streams or (Stream.DOCUMENTS.value,)

    async def read() -> None:
        async for event in world.tail(chosen, since=since, follow=follow, types=types or None):
            if as_json:
                click.echo(orjson.dumps({**event.fields(), "data": event.data, "position": event.position}))
            else:
                line = f"{event.position}  {event.type}  {event.subject}  {_gist(event.data)}"
                click.echo(printable(line))

    asyncio.run(until_interrupted(read))


async def until_interrupted(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a coroutine function until it ends, or until Ctrl-C.

    A cancellation may be lost in redis-py (Python 3.11, see `wireroom.adapters.tail`): it is repeated until it is heard.

    Raises:
        KeyboardInterrupt: it was Ctrl-C.
    """
    interrupted = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, interrupted.set)
    working, waiting = asyncio.create_task(work()), asyncio.create_task(interrupted.wait())
    await asyncio.wait({working, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if working.done():
        return working.result()
    while not working.done():
        working.cancel()
        await asyncio.wait({working}, timeout=HEARD)
    raise KeyboardInterrupt


def _gist(data: Any) -> str:
    what = data.get("title") or data.get("url") or data.get("name") or data.get("text") or ""
    reason = f"  ({data['reason']})" if data.get("reason") else ""
    return " ".join(str(what).split())[:80] + reason


@click.command("doctor")
@click.option("--repair/--no-repair", default=True, show_default=True, help="Mend what can be mended.")
@JSON
@DATA
@click.pass_obj
def doctor_command(config: Path | None, data: Path | None, *, repair: bool, as_json: bool) -> None:
    """Check that the ledger is sound, and mend it. Exit code 1 says that something is left to mend."""
    world = running_world(load_settings(config, os.environ), data, os.environ)
    findings = world.examine(repair=repair)
    if as_json:
        show(findings)
    else:
        for finding in findings:
            done = "mended" if finding.repaired else "found"
            click.echo(f"{done}: {finding.code} {finding.subject}: {finding.detail}")
        click.echo("sound" if not findings else counted(len(findings), "finding"))
    raise SystemExit(1 if any(not finding.repaired for finding in findings) else 0)


@click.command("rebuild")
@JSON
@DATA
@click.pass_obj
def rebuild_command(config: Path | None, data: Path | None, *, as_json: bool) -> None:
    """Make the indexes of copies, stories and names anew from the documents that are kept.

    For after it was lost, or when another version finds other stories. The service may run meanwhile. Nothing is published:
    what the documents say of their copies and stories stays until their next revision.
    """
    world = running_world(load_settings(config, os.environ), data, os.environ)
    rebuilt = world.rebuild()
    if as_json:
        show(rebuilt)
        return
    known = f"{counted(rebuilt.documents, 'document')}, {rebuilt.stories} {'story' if rebuilt.stories == 1 else 'stories'}"
    click.echo(f"rebuilt from {known}; {rebuilt.moved} now in another story than published")
