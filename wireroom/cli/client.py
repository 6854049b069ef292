"""The commands that ask a running service's API: submit, recrawl, status, documents, dead."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import click

from wireroom.cli.asking import API, DATA, JSON, ask, counted, show, table, tell_rejected
from wireroom.world import document_files, read_files

if TYPE_CHECKING:
    from wireroom.adapters.apiclient import ApiClient

ENDED = ("published", "unchanged", "refused", "failed", "cancelled")
POLL = 0.3
"""Seconds between two looks at a batch that is waited for."""


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
    """Hand document files, or folders of them, to the service.

    Exit code 1 says that something was not taken, or with --wait that something was given up.
    """
    files, unread = read_files(document_files(paths))

    async def question(client: ApiClient) -> tuple[list[Any], list[Any]]:
        answers = await client.submit(files)
        batches = [answer["batch"] for answer in answers if answer.get("batch")]
        return answers, [await _ended(client, batch) for batch in batches] if wait else []

    answers, ends = ask(config, api, data, question)
    if unread:
        told = [{"name": item.name, "reason": item.reason, "detail": item.detail} for item in unread]
        answers = [*answers, {"batch": None, "accepted": [], "rejected": told}]
    rejected = [item for answer in answers for item in answer.get("rejected", ())]
    failed = sum(end["states"].get("failed", 0) for end in ends)
    if as_json:
        show({"answers": answers, "batches": ends})
    else:
        _tell_submitted(answers, rejected, ends)
        if failed:
            click.echo("what failed and why: wireroom dead list", err=True)
    raise SystemExit(1 if rejected or failed else 0)


def _tell_submitted(answers: list[Any], rejected: list[Any], ends: list[Any]) -> None:
    for answer in answers:
        if answer.get("batch"):
            taken = answer["accepted"]
            urls = sum(len(item["urls"]) for item in taken)
            click.echo(f"batch {answer['batch']}: {counted(len(taken), 'document')}, {counted(urls, 'URL')}")
    tell_rejected(rejected)
    for end in ends:
        click.echo(f"batch {end['batch']}: {_states(end['states'])}")


def _states(states: dict[str, int]) -> str:
    return ", ".join(f"{count} {state}" for state, count in states.items()) or "nothing in it"


async def _ended(client: ApiClient, batch: str) -> Any:
    while True:
        state = await client.get(f"/v1/batches/{batch}")
        if state["done"]:
            return state
        await asyncio.sleep(POLL)


@click.command("recrawl")
@click.argument("urls", nargs=-1, metavar="[URL]...")
@click.option("--host", "hosts", multiple=True, help="Every known URL of this host.")
@click.option("--document", "documents", multiple=True, help="The URLs of this document.")
@click.option("--story", "stories", multiple=True, help="The URLs of this story's documents.")
@click.option("--older-than", metavar="AGE", help="Only what was fetched longer ago: 24h, 30m, 7d.")
@click.option("--all", "everything", is_flag=True, help="Every known URL.")
@click.option("--force", is_flag=True, help="Also what is fresh, without conditional headers.")
@click.option("--dry-run", is_flag=True, help="Only say how many would be fetched.")
@click.option(
    "--priority",
    type=click.IntRange(-100, 100),
    default=0,
    help="-100 to 100; higher goes first within its host.",
)
@JSON
@API
@DATA
@click.pass_obj
def recrawl_command(
    config: Path | None, /, api: str | None, data: Path | None, *, as_json: bool, **selected: Any
) -> None:
    """Fetch URLs again: those named, those selected by options, or both.

    Exit code 1 says that something which was named cannot be fetched.
    """
    body = {name: list(value) if isinstance(value, tuple) else value for name, value in selected.items()}
    body["all"] = body.pop("everything")
    if not any(body[name] for name in ("urls", "hosts", "documents", "stories", "older_than", "all")):
        msg = "name URLs, or say which with --host, --document, --story, --older-than or --all"
        raise click.UsageError(msg)
    answer = ask(
        config,
        api,
        data,
        lambda client: client.post("/v1/recrawls", {k: v for k, v in body.items() if v is not None}),
    )
    if as_json:
        show(answer)
    else:
        matched = counted(answer["matched"], "URL")
        batch = f"batch {answer['batch']}: {matched}"
        click.echo(batch if answer["batch"] else f"{matched} would be fetched")
        tell_rejected(answer["rejected"])
    raise SystemExit(1 if answer["rejected"] else 0)


@click.command("status")
@JSON
@API
@DATA
@click.pass_obj
def status_command(config: Path | None, api: str | None, data: Path | None, *, as_json: bool) -> None:
    """Show where everything stands: the sum, what is under way, queues, streams and processes."""
    stats = ask(config, api, data, lambda client: client.get("/v1/stats"))
    if as_json:
        show(stats)
        return
    ended = " + ".join(f"{stats[name]} {name}" for name in ENDED)
    click.echo(f"{stats['accepted']} accepted = {ended} + {sum(stats['waiting'].values())} under way")
    rows = [
        ["under way", *_pairs(stats["waiting"])],
        ["jobs that wait", *_pairs(stats["queues"])],
        ["on the streams", *_pairs(stats["streams"])],
        ["processes", *(_pairs(stats["processes"]) or ["none gave a sign of life in the last 20 s"])],
    ]
    for name, *parts in rows:
        click.echo(f"{name:15} {', '.join(parts)}")
    memory, budget = stats["memory"]["used"], stats["memory"]["budget"]
    used = "unknown" if memory is None else f"{memory / 1e6:.0f} MB"
    limit = f" of {budget / 1e6:.0f} MB" if budget else ""
    click.echo(f"{'in Redis':15} {counted(stats['documents'], 'document')}, {used}{limit}")


def _pairs(counts: dict[str, int]) -> list[str]:
    return [f"{name} {count}" for name, count in counts.items()]


@click.command("documents")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option(
    "--limit", type=click.IntRange(1, 500), default=20, show_default=True, help="Most documents listed."
)
@click.option("--host", metavar="NAME", help="Only of this host.")
@click.option("--language", metavar="CODE", help="Only in this language: en, de …")
@click.option("--story", metavar="ID", help="Only of this story.")
@click.option("--entity", metavar="NAME", help="Only those that name this person, organisation or place.")
@click.option("--text", is_flag=True, help="With IDs: the documents in the file format.")
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
    """List documents, newest first; or show those with these IDs, as JSON."""
    if text and not ids:
        raise click.UsageError("name the documents whose text is wanted, by id")

    async def question(client: ApiClient) -> list[Any]:
        if not ids:
            listed: list[Any] = (await client.get("/v1/documents", **filters))["documents"]
            return listed
        get = client.text if text else client.get
        return [await get(f"/v1/documents/{quote(did, safe='')}") for did in ids]

    found = ask(config, api, data, question)
    if text and not as_json:
        for document in found:
            click.echo(document, nl=False)
    elif ids or as_json:
        show(found[0] if len(ids) == 1 else found)
    else:
        columns = ["id", "published", "language", "revision", "title", "names"]
        table(columns, [_row(item) for item in found])


def _row(item: dict[str, Any]) -> list[object]:
    published = (item["published"] or "")[:10]
    names = ", ".join(item["names"][:3])
    return [item["id"], published, item["language"], item["revision"], item["title"] or item["url"], names]


@click.group("dead")
def dead_command() -> None:
    """What was given up, and why: list it, try it again."""


@dead_command.command("list")
@click.option(
    "--limit", type=click.IntRange(1, 500), default=50, show_default=True, help="Most letters listed."
)
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
    if not answer["dead"]:
        click.echo("nothing was given up")
        return
    rows = [_letter(item) for item in answer["dead"]]
    table(["id", "stage", "reason", "tries", "what", "detail"], rows)


def _letter(item: dict[str, Any]) -> list[object]:
    what = item["url"] or item["name"] or item["document"] or item["unit"]
    detail = f"(tried again) {item['detail'] or ''}" if item["retried"] else item["detail"]
    return [item["id"], item["stage"], item["reason"], item["tries"], what, detail]


@dead_command.command("retry")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--all", "everything", is_flag=True, help="Every one that was not tried again yet.")
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
    """Try dead letters again, by the ids that `wireroom dead list` shows.

    Exit code 1 says that one cannot be tried again.
    """
    if bool(ids) == everything:
        raise click.UsageError("name dead letters by id, or say --all")
    body: dict[str, Any] = {"all": True} if everything else {"ids": list(ids)}
    answer = ask(config, api, data, lambda client: client.post("/v1/dead/retry", body))
    if as_json:
        show(answer)
    else:
        tried = counted(len(answer["retried"]), "dead letter")
        click.echo(
            f"batch {answer['batch']}: {tried} tried again" if answer["batch"] else "nothing to try again"
        )
        tell_rejected(answer["rejected"])
    raise SystemExit(1 if answer["rejected"] else 0)
