"""``wireroom sources``: which feeds and sitemaps are asked, what each answered last; ask one now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from wireroom.cli.asking import API, DATA, JSON, ask, counted, show, table
from wireroom.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from wireroom.adapters.apiclient import ApiClient


@click.command("sources")
@click.argument("source", required=False)
@click.option("--ask", "now", is_flag=True, help="Ask SOURCE, or all, at the next turn of its host.")
@JSON
@API
@DATA
@click.pass_obj
def sources_command(
    config: Path | None,
    /,
    source: str | None,
    api: str | None,
    data: Path | None,
    *,
    now: bool,
    as_json: bool,
) -> None:
    """List the feeds and sitemaps of the settings. Or show SOURCE: its name, address or id."""

    async def question(client: ApiClient) -> list[Any]:
        found: list[Any] = (await client.get("/v1/sources"))["sources"]
        if source is not None:
            found = [one for one in found if source in (one["name"], one["url"], one["id"])]
            if not found:
                raise UsageError(f"no source is called {source!r}; `wireroom sources` lists them")
        if now:
            found = [await client.post(f"/v1/sources/{one['id']}/ask", {}) for one in found]
        return found

    found = ask(config, api, data, question)
    if as_json:
        show(found if source is None else found[0])
    elif source is not None:
        _one(found[0])
    else:
        _table(found)


def _table(found: list[Any]) -> None:
    columns = ["source", "state", "why", "asked", "next", "items", "new", "all new"]
    rows = [
        [
            one["name"],
            one["state"],
            one["waits"] or one["reason"] or "",
            one["asked"],
            one["next"],
            one["items"],
            one["new"],
            one["new_total"],
        ]
        for one in found
    ]
    if rows:
        table(columns, rows)
    else:
        click.echo("no sources: name feeds or sitemaps under [sources] in the settings", err=True)


def _one(one: Mapping[str, Any]) -> None:
    why = f"{one['reason']}: {one['detail']}" if one["reason"] else one["detail"] or ""
    rows: list[list[object]] = [
        ["source", one["name"]],
        ["address", one["url"]],
        ["state", f"{one['state']}  {why}".rstrip()],
        ["what it is", " ".join(filter(None, (one["format"], one["title"])))],
        ["asked", f"{one['asked']}, {counted(one['looks'], 'time')} in all" if one["asked"] else "never"],
        ["answered", one["answered"] or "never"],
        ["next", f"{one['next'] or 'now'}  {one['waits'] or ''}".rstrip()],
        ["every", f"{one['interval']:g} s, unless it asks for more time"],
    ]
    if one["items"] is not None:
        more = f", {one['skipped']} more without an address" if one["skipped"] else ""
        rows += [
            ["items", f"{one['items']}{more}{', and more than are looked at' if one['cut'] else ''}"],
            ["new", f"{one['new']}, {one['new_total']} in all"],
            ["changed", f"{one['again']}, {one['again_total']} in all"],
        ]
    if one["failures"]:
        rows.append(["failures in a row", f"{one['failures']}, since {one['failing_since']}"])
    if one["final_url"] not in (None, one["url"]):
        rows.append(["led to", one["final_url"]])
    table(["", ""], rows)
