"""The commands that ask a running service: submit, recrawl, tail, status, dead, documents, doctor."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from wireroom.events import Stream
from wireroom.world import api_client, document_files, load_settings, read_files, running_world

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from wireroom.adapters.apiclient import ApiClient

JSON = click.option("--json", "as_json", is_flag=True, help="As JSON.")
API = click.option(
    "--api", metavar="URL", help="The service's API; else the local `wireroom up` is found by itself."
)
DATA = click.option(
    "--data",
    type=click.Path(path_type=Path),
    envvar="WIREROOM_DATA",
    help="Data folder of the local service.",
)
T = TypeVar("T")
POLL = 0.3
"""Seconds between two looks at a batch that is waited for."""


def ask(
    config: Path | None,
    api: str | None,
    data: Path | None,
    question: Callable[[ApiClient], Coroutine[Any, Any, T]],
) -> T:
    """Put a question to the service."""

    async def put() -> T:
        async with api_client(load_settings(config, os.environ).settings, api, data, os.environ) as client:
            return await question(client)

    return asyncio.run(put())


def show(value: Any) -> None:
    """A JSON value, indented, to stdout."""
    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2))


def table(columns: list[str], rows: list[list[object]]) -> None:
    """Rows of plain text."""
    shown = Table(box=None, pad_edge=False, header_style="dim")
    for column in columns:
        shown.add_column(column, overflow="fold")
    for row in rows:
        shown.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    Console().print(shown)


@click.command("submit")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--wait", is_flag=True, help="Wait until everything has ended.")
@JSON
@API
@DATA
@click.pass_obj
def submit_command(
    config: Path | None,
    paths: tuple[Path, ...],
    api: str | None,
    data: Path | None,
    *,
    wait: bool,
    as_json: bool,
) -> None:
    """Hand document files to the service. Exit code 1 says that something was not taken, or given up."""
    files = read_files(document_files(paths))

    async def question(client: ApiClient) -> tuple[list[Any], list[Any]]:
        answers = await client.submit(files)
        batches = [answer["batch"] for answer in answers if answer.get("batch")]
        return answers, [await _ended(client, batch) for batch in batches] if wait else []

    answers, ends = ask(config, api, data, question)
    rejected = [item for answer in answers for item in answer.get("rejected", ())]
    if as_json:
        show({"answers": answers, "batches": ends})
    else:
        for answer in answers:
            urls = sum(len(item["urls"]) for item in answer.get("accepted", ()))
            click.echo(
                f"batch {answer.get('batch')}: {len(answer.get('accepted', ()))} documents, {urls} URLs"
            )
        for item in rejected:
            click.echo(f"not taken  {item['name']}: {item['detail']} ({item['reason']})", err=True)
        for end in ends:
            click.echo(", ".join(f"{count} {state}" for state, count in end["states"].items()))
    raise SystemExit(1 if rejected or any(end["states"].get("failed") for end in ends) else 0)


async def _ended(client: ApiClient, batch: str) -> Any:
    while True:
        state = await client.get(f"/v1/batches/{batch}")
        if state["done"]:
            return state
        await asyncio.sleep(POLL)


@click.command("recrawl")
@click.argument("urls", nargs=-1)
@click.option("--host", "hosts", multiple=True, help="Every known URL of this host.")
@click.option("--document", "documents", multiple=True, help="The URLs of this document.")
@click.option("--story", "stories", multiple=True, help="The URLs of this story's documents.")
@click.option("--older-than", metavar="AGE", help="Only what was fetched longer ago: 24h, 30m, 7d.")
@click.option("--all", "everything", is_flag=True, help="Every known URL.")
@click.option("--force", is_flag=True, help="Also what is fresh, without conditional headers.")
@click.option("--dry-run", is_flag=True, help="Only say how many would be fetched.")
@click.option("--priority", type=int, default=0, help="Higher goes first within its host.")
@JSON
@API
@DATA
@click.pass_obj
def recrawl_command(
    config: Path | None, /, api: str | None, data: Path | None, *, as_json: bool, **selected: Any
) -> None:
    """Fetch URLs again."""
    body = {name: list(value) if isinstance(value, tuple) else value for name, value in selected.items()}
    body["all"] = body.pop("everything")
    answer = ask(
        config,
        api,
        data,
        lambda client: client.post("/v1/recrawls", {k: v for k, v in body.items() if v is not None}),
    )
    if as_json:
        show(answer)
    else:
        click.echo(
            f"batch {answer['batch']}: {answer['matched']} URLs"
            if answer["batch"]
            else f"{answer['matched']} URLs"
        )
        for item in answer.get("rejected", ()):
            click.echo(f"not taken  {item['detail']} ({item['reason']})", err=True)
    raise SystemExit(1 if answer.get("rejected") else 0)


@click.command("status")
@JSON
@API
@DATA
@click.pass_obj
def status_command(config: Path | None, api: str | None, data: Path | None, *, as_json: bool) -> None:
    """Show where everything stands."""
    stats = ask(config, api, data, lambda client: client.get("/v1/stats"))
    if as_json:
        show(stats)
        return
    ended = [[name, stats[name]] for name in ("published", "unchanged", "refused", "failed", "cancelled")]
    waiting = [[f"waiting: {state}", count] for state, count in stats["waiting"].items()]
    table(["", "units"], [["accepted", stats["accepted"]], *ended, *waiting])


@click.command("documents")
@click.argument("ids", nargs=-1)
@click.option("--limit", type=int, default=20, show_default=True)
@click.option("--host")
@click.option("--language")
@click.option("--story")
@click.option("--entity")
@click.option("--text", is_flag=True, help="The documents in the file format.")
@JSON
@API
@DATA
@click.pass_obj
def documents_command(
    config: Path | None,
    /,
    ids: tuple[str, ...],
    api: str | None,
    data: Path | None,
    *,
    text: bool,
    as_json: bool,
    **filters: Any,
) -> None:
    """List documents, newest first; or show those of IDS."""

    async def question(client: ApiClient) -> list[Any]:
        if not ids:
            listed: list[Any] = (await client.get("/v1/documents", **filters))["documents"]
            return listed
        get = client.text if text else client.get
        return [await get(f"/v1/documents/{did}") for did in ids]

    found = ask(config, api, data, question)
    if ids and text:
        for document in found:
            click.echo(document, nl=False)
    elif ids or as_json:
        show(found[0] if len(found) == 1 and ids else found)
    else:
        rows = [
            [d["id"], d["revision"], d["published"], d["language"], d["title"] or d["url"]] for d in found
        ]
        table(["id", "revision", "published", "language", "title"], rows)


@click.group("dead")
def dead_command() -> None:
    """What was given up: list it, try it again."""


@dead_command.command("list")
@click.option("--limit", type=int, default=50, show_default=True)
@JSON
@API
@DATA
@click.pass_obj
def dead_list(config: Path | None, api: str | None, data: Path | None, *, limit: int, as_json: bool) -> None:
    """List dead letters, newest first."""
    answer = ask(config, api, data, lambda client: client.get("/v1/dead", limit=limit))
    if as_json:
        show(answer)
        return
    rows = [
        [d["id"], d["stage"], d["reason"], d["tries"], d["url"] or d["name"], d["detail"]]
        for d in answer["dead"]
    ]
    table(["id", "stage", "reason", "tries", "what", "detail"], rows)


@dead_command.command("retry")
@click.argument("ids", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every dead letter.")
@JSON
@API
@DATA
@click.pass_obj
def dead_retry(
    config: Path | None,
    ids: tuple[str, ...],
    api: str | None,
    data: Path | None,
    *,
    everything: bool,
    as_json: bool,
) -> None:
    """Try dead letters again."""
    if not ids and not everything:
        raise click.UsageError("name dead letters by id, or say --all")
    body: dict[str, Any] = {"all": True} if everything else {"ids": list(ids)}
    answer = ask(config, api, data, lambda client: client.post("/v1/dead/retry", body))
    show(answer) if as_json else click.echo(orjson.dumps(answer))


@click.command("tail")
@click.option(
    "--stream",
    "streams",
    multiple=True,
    type=click.Choice([s.value for s in Stream]),
    help="Which; repeatable.",
)
@click.option("--since", help="A position, a time (2026-03-04T05:06:07Z) or 0 for all that is kept.")
@click.option("--type", "types", multiple=True, help="Only these types of entries.")
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
    """Show the streams' entries as they come."""
    world = running_world(load_settings(config, os.environ), data, os.environ)
    chosen = streams or (Stream.DOCUMENTS.value,)

    async def read() -> None:
        async for event in world.tail(chosen, since=since, follow=follow, types=types or None):
            if as_json:
                click.echo(orjson.dumps({**event.fields(), "data": event.data, "position": event.position}))
            else:
                click.echo(f"{event.position}  {event.type}  {event.subject}  {_gist(event.data)}")

    asyncio.run(read())


def _gist(data: Any) -> str:
    what = data.get("title") or data.get("url") or data.get("name") or data.get("text") or ""
    reason = f"  ({data['reason']})" if data.get("reason") else ""
    return " ".join(str(what).split())[:80] + reason


@click.command("doctor")
@click.option("--repair/--no-repair", default=True, help="Mend what can be mended.")
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
        click.echo("sound" if not findings else f"{len(findings)} findings")
    raise SystemExit(1 if any(not finding.repaired for finding in findings) else 0)
